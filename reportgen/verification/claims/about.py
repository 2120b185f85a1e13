"""What a number is about: the nearest words of its clause, the heads of its row and column, its section."""

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

from reportgen.verification import vocabulary
from reportgen.verification.claims.numerals import Numeral
from reportgen.verification.claims.page import Page, Sentence
from reportgen.verification.claims.statements import Modality
from reportgen.verification.ledger import Quantity, Scope, Witness

_REACH = 90
"""Characters before a number in which the word that it belongs to stands."""
_UNIT_REACH = 24
"""Characters after it."""
_BREAK = re.compile(r"[,;:|()\[\]=]|\d")
_UNITS = frozenset({
    "data-size", "epochs", "classes", "layers", "units", "channels", "layer-parameters", "total-parameters", "time",
    "size-in-memory", "image-size", "steps", "accuracy", "runs", "batch-size", "non-trainable-parameters",
})  # fmt: skip
"""What is usually said after its number: ``10 epochs``, ``97 % accuracy``."""
_MEMBERS = frozenset({"units", "classes", "channels", "layers", "runs", "data-size"})
"""Quantities that count what may also be numbered: ``neuron 10`` is one of them."""
_EPOCH_INDEX = re.compile(r"(?:epoch|época)\W{0,4}\Z", re.I)


@dataclass(frozen=True)
class About:
    """The likeliest reading of one number, with its witnesses."""

    quantity: Quantity
    scope: Scope
    witnesses: frozenset[Witness]
    modality: Modality


def about(page: Page, numeral: Numeral) -> About:
    """Tell what a number is about; `Quantity.UNKNOWN` where no word says it."""
    key = numeral.at, numeral.start
    told = page.told.get(key)
    if not isinstance(told, About):
        told = page.told[key] = _about(page, numeral)
    return told


def _about(page: Page, numeral: Numeral) -> About:
    sentence = page.sentence(numeral.at, numeral.start)
    witnesses: set[Witness] = set()
    quantity: str | None = None
    words = sentence.text
    if numeral.at in page.cells:
        quantity, words = _in_table(page, numeral, witnesses)
    if quantity is None:
        found = _in_clause(sentence, numeral)
        if found is not None:
            quantity = found
            witnesses.add(Witness.CLAUSE)
    heading = page.contexts[numeral.at].heading
    if heading and quantity and quantity in {found.id for found in vocabulary.find("term", heading)}:
        witnesses.add(Witness.SECTION)
    split = _split(sentence, numeral, words)
    if split is None and heading:
        split = _only_split(heading)
    if quantity == "epochs" and _EPOCH_INDEX.search(sentence.text[: numeral.start - sentence.start]):
        quantity = "epoch"
    scope = _scope(page.contexts[numeral.at].part, split)
    return About(Quantity(quantity) if quantity else Quantity.UNKNOWN, scope, frozenset(witnesses), sentence.modality)


@lru_cache(maxsize=256)
def _scope(part: str | None, split: str | None) -> Scope:
    return Scope(experiment=part, split=split)


@lru_cache(maxsize=4096)
def _only_split(text: str) -> str | None:
    found = {one.id for one in vocabulary.find("split", text)}
    return found.pop() if len(found) == 1 else None


def _in_clause(sentence: Sentence, numeral: Numeral) -> str | None:
    at = numeral.start - sentence.start
    end = numeral.end - sentence.start
    behind = bisect_left(sentence.starts, end)
    if behind < len(sentence.terms):
        found = sentence.terms[behind]
        gap = sentence.text[end : found.start]
        reach = 1 if found.id in {"time", "size-in-memory"} else _UNIT_REACH
        named = sentence.text[found.end : found.end + 2].strip()[:1] in {"=", ":"}  # ``batch_size=20 epochs=10``
        if len(gap) <= reach and found.id in _UNITS and not named and not _BREAK.search(gap):
            return found.id
    before = vocabulary.nearest(sentence.terms, sentence.starts, at, at - _REACH)
    if before is not None and before.id in _MEMBERS and vocabulary.is_one_of_several(sentence.text, before.start, end):
        return Quantity.NAME.value
    return before.id if before is not None else None


def _in_table(page: Page, numeral: Numeral, witnesses: set[Witness]) -> tuple[str | None, str]:
    """Read the head of a cell's column, then of its row."""
    grid, row = page.cells[numeral.at]
    column = next(
        (
            index
            for index, cell in enumerate(grid.cells[row])
            if cell is not None and cell.start <= numeral.start < max(cell.end, cell.start + 1)
        ),
        None,
    )
    if column is None:
        return None, ""
    head = grid.head[column] if column < len(grid.head) else ""
    label = grid.row_head(row) if column else ""
    by_column, by_row = vocabulary.find("term", head), vocabulary.find("term", label)
    if by_column:
        witnesses.add(Witness.COLUMN)
        if by_row and by_row[0].id == by_column[0].id:
            witnesses.add(Witness.ROW)
        return by_column[0].id, f"{label} {head}"
    if by_row:
        witnesses.add(Witness.ROW)
        return by_row[0].id, f"{label} {head}"
    return None, f"{label} {head}"


def _split(sentence: Sentence, numeral: Numeral, words: str) -> str | None:
    if words is not sentence.text:
        return _only_split(words)
    found = vocabulary.nearest(sentence.splits, sentence.split_starts, numeral.start - sentence.start, 0)
    if found is not None:
        return found.id
    ids = {one.id for one in sentence.splits}
    return ids.pop() if len(ids) == 1 else None
