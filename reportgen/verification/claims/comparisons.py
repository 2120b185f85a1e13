"""Sentences against the document's own tables: best and worst, how many times, who is better throughout."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reportgen.verification import vocabulary
from reportgen.verification.claims.grids import Grid
from reportgen.verification.claims.page import Page, Sentence
from reportgen.verification.claims.statements import Modality, Statement
from reportgen.verification.ledger import Quantity, Rule, Source, Witness

_PAIR = re.compile(
    r"\b(?P<one>best|worst|highest|lowest)\s+and\s+(?:the\s+)?(?P<two>best|worst|highest|lowest)\b(?P<what>.{0,160}?)\b(?:is|are|was|were)\s+"
    r"(?P<a>.{1,90}?)\s+and\s+(?P<b>.{1,90}?)\s*,?\s+respectively",
    re.I | re.S,
)
_SINGLE = re.compile(
    r"(?P<name>[^.;:!?\n,]{2,60}?)\s+(?:\([^()]{0,40}\)\s+)?(?:has|had|achiev\w+|reach\w+|obtain\w*|show\w*|gives?|gave|yield\w*|attain\w*)\s+(?:us\s+)?the\s+"
    r"(?P<what>(?P<most>highest|lowest|best|worst|largest|smallest)\s+[^.;:!?\n]{0,60})",
    re.I,
)
_RESTRICTED = re.compile(
    r"\b(?:among|amongst|second|third|2nd|3rd|one\s+of|except|exclud\w+|without|per|ratio|efficien\w+|trade|next|both|"
    r"than\s+any|other|so\s+far|yet|tied|almost|nearly|simple|small\w*|shallow|group|each|every|within|for\s+(?:the\s+)?\w+\s+models?)\b",
    re.I,
)
_THROUGHOUT = re.compile(
    r"\bconsistent(?:ly)?\b|\balways\b|\bin\s+(?:all|every|each)\s+(?:case|run|configuration)", re.I
)
_BETTER = re.compile(
    r"\b(?:superior|better|outperform\w*|higher|improv\w+)\b(?P<between>.{0,60}?)\b(?:compared\s+(?:to|with)|than|over|)\b",
    re.I,
)
_WORSE = re.compile(r"\b(?:outperformed\s+by|worse|inferior|lower)\b", re.I)
_LOWER_IS_BETTER = frozenset({"error-rate", "loss"})
_COMPARED = frozenset({
    "accuracy", "error-rate", "loss", "precision", "recall", "f1", "layer-parameters", "total-parameters", "time",
})  # fmt: skip
_NEAR = 40
"""Blocks between a sentence and the table that it speaks of, at most."""
_SPREAD = re.compile(r"\b(?:std|variance|deviation|var)\b", re.I)
_WORD = re.compile(r"[^\W_]+(?:\.\d+)?")
_LEAST_ROWS = 3


@dataclass(frozen=True)
class _Column:
    """A column of numbers that can be compared, with the names of its rows."""

    grid: Grid
    index: int
    term: str
    values: tuple[Fraction, ...]
    names: tuple[str, ...]

    def best(self, *, most: bool) -> set[int]:
        """The rows with the greatest value, or with the least."""
        extreme = max(self.values) if most else min(self.values)
        return {row for row, value in enumerate(self.values) if value == extreme}


def read_comparisons(page: Page) -> Iterator[Statement]:
    """Yield what the document's tables prove of its sentences."""
    columns = [column for grid in page.grids for column in _columns(grid)]
    if not columns:
        return
    for at, block in enumerate(page.blocks):
        if block.kind not in {"text", "item"}:
            continue
        for sentence in page.sentences[at]:
            if len(sentence.text) < 600:
                yield from _pairs(page, sentence, columns)
                yield from _singles(page, sentence, columns)
                yield from _throughout(page, sentence)


def _columns(grid: Grid) -> Iterator[_Column]:
    if not grid.regular or len(grid.rows) < 2:
        return
    names = tuple(row[0].strip() for row in grid.rows)
    if len(set(names)) < len(names) or not all(names):
        return
    for index in range(1, grid.width):
        cells = grid.column(index)
        terms = [found.id for found in vocabulary.find("term", grid.head[index])]
        whole = all(cell is not None and not cell.rounded for cell in cells)
        if whole and terms and terms[0] in _COMPARED:
            yield _Column(grid, index, terms[0], tuple(cell.value for cell in cells if cell), names)


def _near(page: Page, at: int, columns: Sequence[_Column], words: str) -> list[_Column]:
    """The columns about what a sentence compares, in the tables around it; one table only."""
    terms = {found.id for found in vocabulary.find("term", words)} & _COMPARED
    splits = {found.id for found in vocabulary.find("split", words)}
    found = []
    for column in columns:
        own = {one.id for one in vocabulary.find("split", column.grid.head[column.index])}
        if column.term in terms and abs(column.grid.at[0] - at) <= _NEAR and (not splits or not own or own & splits):
            found.append(column)
    nearest = min((abs(column.grid.at[0] - at) for column in found), default=0)
    return [column for column in found if abs(column.grid.at[0] - at) == nearest]


def _named_row(column: _Column, name: str) -> int | None:
    """The only row that a name fits: most of its words and numbers, and more than of any other row."""
    said = {word.lower() for word in _WORD.findall(name)}
    shares = []
    for row, label in enumerate(column.names):
        own = {word.lower() for word in _WORD.findall(label)}
        shares.append((len(own & said) / len(own) if own else 0.0, row))
    shares.sort(reverse=True)
    if len(shares) > 1 and shares[0][0] >= 0.5 and shares[0][0] > shares[1][0]:
        return shares[0][1]
    return None


def _extreme(word: str, term: str) -> bool:
    """Tell whether a superlative asks for the greatest value."""
    word = word.lower()
    if word in {"best", "worst"}:
        return (word == "best") != (term in _LOWER_IS_BETTER)
    return word in {"highest", "largest"}


def _pairs(page: Page, sentence: Sentence, columns: Sequence[_Column]) -> Iterator[Statement]:
    """``The best and the worst … are A and B, respectively.``"""
    for match in _PAIR.finditer(sentence.text):
        near = _near(page, sentence.at, columns, match["what"])
        if len(near) != 1:
            continue
        column = near[0]
        for word, name, group in ((match["one"], match["a"], "a"), (match["two"], match["b"], "b")):
            row = _named_row(column, name)
            if row is not None:
                yield _statement(page, sentence, match.start(group), match.end(group), column, row, word)


def _singles(page: Page, sentence: Sentence, columns: Sequence[_Column]) -> Iterator[Statement]:
    """``A reached the highest accuracy``, where nothing narrows down among what."""
    if _RESTRICTED.search(sentence.text) or sentence.modality not in {Modality.ASSERTED, Modality.UNCLEAR}:
        return
    for match in _SINGLE.finditer(sentence.text):
        near = _near(page, sentence.at, columns, match["what"])
        if len(near) != 1 or len(near[0].values) < _LEAST_ROWS:
            continue
        label = match["name"].strip().lower()
        rows = [
            row
            for row, name in enumerate(near[0].names)
            if re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", label)
        ]
        longest = max((len(near[0].names[row]) for row in rows), default=0)
        rows = [row for row in rows if len(near[0].names[row]) == longest]
        if len(rows) == 1 and longest >= 3:
            start, end = match.start("name"), match.end("what")
            yield _statement(page, sentence, start, end, near[0], rows[0], match["most"])


def _statement(page: Page, sentence: Sentence, start: int, end: int, column: _Column, row: int, word: str) -> Statement:
    most = _extreme(word, column.term)
    best = column.best(most=most)
    winner = min(best)
    value = column.grid.rows[row][column.index]
    head = column.grid.head[column.index]
    how = (
        f"in the column {head} {column.names[row]} has {value}; the {'greatest' if most else 'least'} is "
        f"{column.grid.rows[winner][column.index]} of {column.names[winner]}"
    )
    return Statement(
        page.blocks[sentence.at],
        sentence.start + start,
        sentence.start + end,
        Quantity.RANK,
        Rule.COMPARISON,
        how,
        row in best,
        expected=f"{column.names[winner]}: {column.grid.rows[winner][column.index]}",
        source=Source.DOCUMENT_TABLE,
        witnesses=frozenset({Witness.CLAUSE, Witness.ROW, Witness.COLUMN}),
        whole=True,
        text=sentence.text.strip(),
    )


def _throughout(page: Page, sentence: Sentence) -> Iterator[Statement]:
    """``A was consistently better than B``: in every pair of rows that differ in nothing else."""
    if not _THROUGHOUT.search(sentence.text) or not _BETTER.search(sentence.text) or _WORSE.search(sentence.text):
        return
    for grid in page.grids:
        if not grid.regular or not abs(grid.at[0] - sentence.at) <= _NEAR or len(grid.rows) < 4:
            continue
        for column in range(grid.width):
            labels = [re.sub(r"[\"'“”’]", "", row[column]).strip() for row in grid.rows]
            named = [label for label in dict.fromkeys(labels) if _position(label, sentence.text) is not None]
            if len(set(labels)) == 2 and len(named) == 2:
                named.sort(key=lambda label: _position(label, sentence.text) or 0)
                yield from _compare(page, sentence, grid, column, labels, named)
                return


def _position(label: str, text: str) -> int | None:
    if len(label) < 2 or label.isdecimal():
        return None
    match = re.search(rf"(?<!\w){re.escape(label)}(?!\w)", text, re.I)
    return match.start() if match else None


def _compare(
    page: Page, sentence: Sentence, grid: Grid, column: int, labels: Sequence[str], named: Sequence[str]
) -> Iterator[Statement]:
    metrics = [
        (index, term)
        for index, head in enumerate(grid.head)
        if not _SPREAD.search(head)
        for term in [found.id for found in vocabulary.find("term", head)][-1:]
        if term in {"accuracy", "error-rate", "loss", "f1"}
    ]
    keys = [index for index in range(grid.width) if index != column and index not in {at for at, _ in metrics}]
    if not metrics or not keys:
        return
    metric, term = metrics[0]
    values = grid.column(metric)
    by_key: dict[str, dict[str, tuple[Fraction, str]]] = {}
    for row, label in enumerate(labels):
        cell = values[row]
        if cell is None:
            return
        by_key.setdefault(grid.rows[row][keys[0]], {})[label] = (cell.value, cell.text)
    if not all(len(pair) == 2 for pair in by_key.values()):
        return
    better, worse = named
    sign = -1 if term in _LOWER_IS_BETTER else 1
    against = [key for key, pair in by_key.items() if sign * (pair[better][0] - pair[worse][0]) < 0]
    key = against[0] if against else next(iter(by_key))
    how = f"{len(against)} of {len(by_key)} pairs are the other way round" + (
        f": at {grid.head[keys[0]]} {key} {better} has {by_key[key][better][1]}, {worse} {by_key[key][worse][1]}"
        if against
        else ""
    )
    yield Statement(
        page.blocks[sentence.at],
        sentence.start,
        sentence.end,
        Quantity.RANK,
        Rule.COMPARISON,
        how,
        not against,
        expected=f"{len(by_key) - len(against)} of {len(by_key)}",
        source=Source.DOCUMENT_TABLE,
        witnesses=frozenset({Witness.CLAUSE, Witness.ROW, Witness.COLUMN}),
        whole=True,
        text=sentence.text.strip(),
    )
