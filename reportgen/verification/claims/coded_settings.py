"""Settings of a report held against the code beside it: epochs, batch size, learning rate, dropout, seed, runs.

A setting that the code has under any name is verified. One that it has nowhere is refuted only where the code can
have no other value than those written in it, the document gives one value, and two signs tell what it is about.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from reportgen.verification import vocabulary
from reportgen.verification.claims.numerals import Numeral
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Modality, Statement
from reportgen.verification.facts.code import Code, Coded
from reportgen.verification.ledger import Quantity, Rule, Source, Witness

if TYPE_CHECKING:
    from reportgen.code.named_values import NamedValue

_BEFORE = re.compile(
    r"[\s`'\"*_]*(?:\((?:default|initial(?:ly)?)?[:\s]*)?(?:=|==|:|→|\bof\b|\bis\b|\bwas\b|\bat\b|\bto\b|\bset\s+(?:to|at)\b|"
    r"\bused\b|\bvalue\b)?[\s`'\"*_(]*(?:\bset\s+(?:to|at)\b|\bdefault[:\s]+)?\s*",
    re.I,
)
"""Between the word of a setting and its value: ``batch size (default: 64)``."""
_AFTER = re.compile(r"[\s*`-]*(?:(?:full|independent|different|training|train|total|random)[\s-]+)?", re.I)
"""Between a value and its word: ``5 independent runs``."""
_LOOSE = re.compile(
    r"(?:[<>≤≥~≈±–-]|\b(?:up\s+to|about|around|at\s+least|at\s+most|approx\w*|first|last|every|after|per|by|than|within|until|"
    r"warm\w*|additional|more|another|of|or|and|to|vs|from|between|only|early|best|each|additionally))[\s*]*$",
    re.I,
)
"""Before a value that is a bound, a part or one of several."""
_TIMES = re.compile(r"\s*(?:[-–/×x*+]\s*\d|(?:or|and|to|vs\.?|,|bis|à|/)\s*\d|\+|more\b|later\b|each\b|per\b)", re.I)
_TRAINED = re.compile(r"train|fit|ran\b|run\b|use|learn|averag|mean|trainier|entra[iî]n|entren|allen", re.I)
_SETUP = re.compile(
    r"hyper[\s-]*param|setting|configuration|set-?up|training\s+(?:detail|param|proc)|implementation", re.I
)
_KEY = re.compile(r"[\w.]*\Z")
_DEFAULT = re.compile(r"default|standard|voreinst|défaut|predetermin", re.I)
_LABEL = re.compile(
    r"[\W_]*(?:no\.?|num(?:ber)?|nb|max(?:imum)?|total|initial|of|random|training|default|value|rate|the|#)?[\W_]*",
    re.I,
)
"""What may stand beside the name of a setting in a cell that names nothing else."""
_WHOLE = frozenset({"epochs", "batch-size", "seed", "runs", "patience"})
_COMMAND = re.compile(r"^\s*(?:\$|!|%|python|pip|conda|git|cd|docker)\b|\s--?\w+[ =]", re.I)
_QUANTITIES = {"learning-rate": Quantity.LEARNING_RATE, "runs": Quantity.RUNS, "seed": Quantity.SEED}
_NEAR = 3
"""Blocks before and after in which other settings stand beside one."""


@dataclass(frozen=True)
class _Said:
    """One number that a document gives for a setting."""

    entry: str
    numeral: Numeral
    value: Fraction
    word: str
    """The words that name the setting, as printed, with the name that they are a part of."""
    witness: Witness
    firm: bool
    """It stands as the setting's one value, in a form that is used for nothing else."""
    modality: Modality
    sentence: str


def read_coded_settings(page: Page, code: Code) -> Iterator[Statement]:
    """Yield the settings that a document states, held against the code beside it."""
    said = [one for at in range(len(page.blocks)) for one in _in_block(page, at) if _can_be(one)]
    fitting = {id(one.numeral): code.setting(one.entry).of(one.value) for one in said}
    for one in said:
        coded = code.setting(one.entry)
        fact = fitting[id(one.numeral)]
        keyed = code.keyed(one.word) if "." in one.word and _DEFAULT.search(one.sentence) else ()
        if keyed:
            # the document names the key of the file, so no other value of that kind is meant
            right = next((value for value in keyed if value.value == one.value), None)
            witnesses = frozenset({one.witness, Witness.NAME})
            yield _statement(one, right or keyed[0], right is not None, witnesses, None, () if right else keyed)
        elif fact is not None:
            yield _statement(one, fact, True, frozenset({one.witness}), None)
        elif one.firm and coded.own and one.value > 0 and one.value not in code.numbers:
            doubt = _doubt(one, said, coded)
            witnesses = _witnesses(page, one, said, fitting, code)
            yield _statement(one, coded.own[0], False, witnesses, doubt, coded.own)


def _in_block(page: Page, at: int) -> Iterator[_Said]:
    block = page.blocks[at]
    numerals = [one for one in page.stream.of(at) if one.number.is_quantity and one.value >= 0]
    if not numerals or block.kind == "picture":
        return
    if at in page.cells:
        yield from _in_row(page, at, numerals)
        return
    for numeral in numerals:
        sentence = page.sentence(at, numeral.start)
        if _COMMAND.search(sentence.text):
            continue
        start, end = numeral.start - sentence.start, numeral.end - sentence.start
        before, after = sentence.text[:start], sentence.text[end:]
        words = vocabulary.find("setting", sentence.text)
        held = [word for word in words if word.end <= start and _BEFORE.fullmatch(before[word.end :])]
        unit = [word for word in words if word.start >= end and _AFTER.fullmatch(sentence.text[end : word.start])]
        bound = _LOOSE.search(before.rstrip("`'\"* ") if not held else "") or _TIMES.match(after)
        if held and words and sentence.text[held[-1].start : held[-1].end].lower() == "epoch":
            continue  # a line of a log
        if held:
            word, firm = held[-1], not bound
        elif unit and not re.match(r"\s*[=:]", sentence.text[unit[0].end :]):
            word = unit[0]
            firm = not bound and bool(_TRAINED.search(before)) and not _TIMES.match(sentence.text[word.end :])
        else:
            continue
        yield _Said(
            word.id,
            numeral,
            _value(numeral),
            f"{_key(sentence.text[: word.start])}{sentence.text[word.start : word.end]}",
            Witness.CLAUSE,
            firm,
            sentence.modality,
            sentence.text,
        )


def _in_row(page: Page, at: int, numerals: Sequence[Numeral]) -> Iterator[_Said]:
    """A value beside the name of its setting, or below it."""
    grid, row = page.cells[at]
    for numeral in numerals:
        column = next(
            (i for i, cell in enumerate(grid.cells[row]) if cell is not None and cell.start == numeral.start), None
        )
        if column is None:
            continue
        label = grid.row_head(row) if column else ""
        head = grid.head[column] if column < len(grid.head) else ""
        text = grid.rows[row][column] if column < len(grid.rows[row]) else ""
        alone = text.strip(" `*%") == numeral.text
        for words, witness in ((label, Witness.ROW), (head, Witness.COLUMN)):
            found = vocabulary.find("setting", words)
            if (
                len(found) == 1
                and _LABEL.fullmatch(words[: found[0].start])
                and _LABEL.fullmatch(words[found[0].end :])
            ):
                # a column of epochs or of learning rates is a table of results of several trainings
                firm = alone and witness is Witness.ROW and grid.width == 2
                word = words[found[0].start : found[0].end]
                modality = page.sentence(at, numeral.start).modality
                yield _Said(found[0].id, numeral, _value(numeral), word, witness, firm, modality, text)
                break


def _can_be(one: _Said) -> bool:
    """Tell whether a number can be a value of its setting: a number of epochs is whole, a part that is dropped no."""
    if one.entry in _WHOLE:
        return one.numeral.is_whole and not one.numeral.percent
    return one.value < 1 if one.entry != "learning-rate" else not one.numeral.percent


def _value(numeral: Numeral) -> Fraction:
    return numeral.value / 100 if numeral.percent else numeral.value


def _key(before: str) -> str:
    """What a name that a setting's word ends begins with: ``training.max_`` of ``training.max_epochs``."""
    found = _KEY.search(before)
    return found[0] if found else ""


def _doubt(one: _Said, said: Iterable[_Said], coded: Coded) -> str | None:
    """What keeps a value that the code doesn't have from being wrong; None where nothing does."""
    if coded.open:
        return f"all of the code: {coded.open}"
    if coded.default and not _DEFAULT.search(one.sentence):
        return "the command that it was run with: the code gives only defaults"
    if any(other.entry == one.entry and other.value != one.value for other in said):
        return "which of the settings of that name it is about"
    return None


def _witnesses(
    page: Page, one: _Said, said: Iterable[_Said], fitting: "dict[int, NamedValue | None]", code: Code
) -> frozenset[Witness]:
    found = {one.witness}
    if "_" in one.word and one.word in code.names:
        found.add(Witness.NAME)
    heading = page.contexts[one.numeral.at].heading
    if _SETUP.search(heading):
        found.add(Witness.SECTION)
    beside = {
        other.entry
        for other in said
        if other.entry != one.entry
        and fitting[id(other.numeral)] is not None
        and abs(other.numeral.at - one.numeral.at) <= _NEAR
        and page.contexts[other.numeral.at].heading == heading
    }
    if beside:
        found.add(Witness.SIBLINGS)
    return frozenset(found)


def _statement(
    one: _Said,
    fact: "NamedValue",
    fits: bool,
    witnesses: frozenset[Witness],
    doubt: str | None,
    several: "Sequence[NamedValue]" = (),
) -> Statement:
    numeral = one.numeral
    values = sorted({value.value for value in (*several, fact) if isinstance(value.value, Fraction)})
    where = f"{fact.file}:{fact.line}"
    expected = ", ".join(_shown(value) for value in values[:6]) + (", …" if len(values) > 6 else "")
    how = f"the code says {fact.name} = {_shown(fact.value)} (code: {where})"
    if len(values) > 1:
        how = f"the code has {expected} (first in code: {where})"
    return Statement(
        numeral.block,
        numeral.start,
        numeral.end,
        _QUANTITIES.get(one.entry) or Quantity(one.entry),
        Rule.CODE,
        how,
        fits,
        expected=expected,
        source=Source.CODE,
        where=where,
        witnesses=witnesses,
        modality=one.modality,
        decide=doubt,
    )


def _shown(value: Fraction | str | None) -> str:
    if not isinstance(value, Fraction):
        return str(value)
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.12g}"
