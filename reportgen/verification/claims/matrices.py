"""Confusion matrices printed as numbers, and the scores that follow from them whichever way round they stand."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from reportgen.documents.blocks import Block
from reportgen.verification.claims.outline import Context

_BRACKETED = re.compile(r"\[\s*(\d+(?:[\s,]+\d+)+)\s*\]")
_CELL = re.compile(
    r"(?<![\w.,])(?:(?P<n>\d+(?:[.,\u2009\u202f\u00a0]\d+)*)(?P<unit>\s?%)?|(?:--?|–|—|−|\.|·|∙))(?![\w.]|-\d)"
)
_COUNT = re.compile(r"\d+|\d{1,3}(?:[,\u2009\u202f\u00a0]\d{3})+")
_BETWEEN = re.compile(r"[\s,;|&\[\]]*")
_SUMMARY = re.compile(r"None\s*,|[\[(]\s*-1\s*,")
_SIDES = re.compile(
    r"pred|actual|true|false|positi|negati|vorherges|tats[äa]chlich|r[ée]el|真|预测|予測|실제|예측", re.I
)
_MAX_ROW = 2000
"""Characters of a row that is still read."""
_MAX_CELLS = 40
_MAX_BESIDE = 4
"""Sums and scores that may stand after a row."""
_MAX_WORDS = 8
"""Words beside the cells of a row: its label. A paragraph has more."""
_SMALL = 4
"""Below so many classes the rows must be told to be a matrix by more than the name nearby: four numbers in two lines
are soon found."""
_LARGE = 8
"""From so many classes on a few rows may have a stray number behind them, a tick of the bar of colours."""


@dataclass(frozen=True)
class Matrix:
    """A confusion matrix as printed, row: true class, column: predicted class."""

    rows: tuple[tuple[int, ...], ...]
    blocks: tuple[Block, ...]
    at: int
    """Index of the block in which it begins."""
    context: Context
    totals: tuple[int | None, ...]
    """Sum that the document prints beside each row."""

    @property
    def trace(self) -> int:
        """How many stand on the diagonal."""
        return sum(row[index] for index, row in enumerate(self.rows))

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(map(sum, self.rows))

    @property
    def share(self) -> Fraction:
        """The accuracy that it gives."""
        return Fraction(self.trace, self.total)

    @property
    def sums(self) -> tuple[int, ...]:
        """The sums of its rows."""
        return tuple(map(sum, self.rows))

    @property
    def column_sums(self) -> tuple[int, ...]:
        """The sums of its columns."""
        return tuple(map(sum, zip(*self.rows, strict=True)))

    def scores(self) -> tuple[Fraction, ...]:
        """Precision, recall and F1 of each class, both ways round, and their means; empty classes give none."""
        found: list[Fraction] = []
        for index, (given, other) in enumerate(zip(self.sums, self.column_sums, strict=True)):
            hits = self.rows[index][index]
            found += [Fraction(hits, size) for size in (given, other) if size]
            found += [Fraction(2 * hits, given + other)] if given + other else []
        if all(self.sums) and all(self.column_sums):
            size = len(self.rows)
            for sums in (self.sums, self.column_sums):
                each = [Fraction(self.rows[index][index], sums[index]) for index in range(size)]
                found.append(sum(each, Fraction(0)) / size)
            halves = [
                Fraction(2 * self.rows[index][index], self.sums[index] + self.column_sums[index])
                for index in range(size)
            ]
            found.append(sum(halves, Fraction(0)) / size)
        return tuple(found)


@dataclass(frozen=True)
class _NumberRow:
    at: int
    block: Block
    context: Context
    cells: tuple[int | None, ...]
    """Its counts; None for a number that is none, a share or a score."""
    label: str
    """The words beside them."""


def find_matrices(
    blocks: Sequence[Block], contexts: Sequence[Context], known: Collection[tuple[int, ...]]
) -> list[Matrix]:
    """Find the square blocks of whole numbers with a heavy diagonal, each whole or not at all.

    A row is a run of counts with a label beside it, and what else stands in it must be explained: a number before them
    is the row's own, those after them are its sum and scores. A dash or a dot alone is a zero.

    Args:
        blocks: of the document.
        contexts: of the blocks.
        known: images of each class of known data sets, which tell which way round a matrix stands.
    """
    rows = [
        row
        for at, (block, context) in enumerate(zip(blocks, contexts, strict=True))
        for row in _number_rows(at, block, context)
    ]
    sizes = {len(counts) for counts in known} | {size for row in rows if 2 <= (size := len(row.cells)) <= _MAX_CELLS}
    # a number before the counts, and sums and scores after them
    sizes |= {size - beside for size in sizes for beside in range(1, _MAX_BESIDE + 2) if size - beside >= 2}
    candidates = []
    for size in sizes:
        own = {counts for counts in known if len(counts) == size}
        for index in range(len(rows) - size + 1):
            ends = len(rows[index].cells), len(rows[index + size - 1].cells)
            if min(ends) < size or max(ends) > size + 1 + _MAX_BESIDE:
                continue
            window = rows[index : index + size]
            if window[-1].at - window[0].at > 2 * size or (size < _SMALL and not _is_labelled(window, blocks)):
                continue
            if square := _square(window, own):
                agreement, heavy = _agreement(square, own), _heavy(square.rows)
                if 2 * agreement >= size or 3 * heavy >= 2 * size:
                    candidates.append((agreement, heavy, -index, square))
    found: list[Matrix] = []
    taken: set[int] = set()
    # the best first: a window that begins with the head of a table looks like a matrix too
    for *_, index, square in sorted(candidates, key=lambda entry: entry[:3], reverse=True):
        span = range(-index, -index + len(square.rows))
        if not taken.intersection(span):
            taken.update(span)
            found.append(_oriented(square, known))
    return sorted(found, key=lambda matrix: matrix.at)


def _number_rows(at: int, block: Block, context: Context) -> Iterator[_NumberRow]:
    if block.kind == "picture" or len(block.text) > _MAX_ROW or _SUMMARY.search(block.text):
        return
    pieces = [match[1] for match in _BRACKETED.finditer(block.text)]
    if len(pieces) < 2 or len({len(_CELL.findall(piece)) for piece in pieces}) != 1:
        pieces = block.text.split("\n")
    for piece in pieces:
        text = re.sub(r"\{[^{}]*\}", " ", piece)
        run = max(_runs(text), key=len, default=[])
        if len(run) > 1:
            label = text[: run[0].start()] + " " + text[run[-1].end() :]
            if len(re.findall(r"[^\W\d_]+", label)) <= _MAX_WORDS:
                yield _NumberRow(at, block, context, tuple(map(_count, run[:_MAX_CELLS])), label)


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """The numbers of a line that follow one another with nothing between them."""
    run: list[re.Match[str]] = []
    for match in _CELL.finditer(text):
        if run and not _BETWEEN.fullmatch(text, run[-1].end(), match.start()):
            yield run
            run = []
        run.append(match)
    yield run


def _count(match: re.Match[str]) -> int | None:
    if match["n"] is None:
        return 0
    return int(re.sub(r"\D", "", match["n"])) if _COUNT.fullmatch(match["n"]) and not match["unit"] else None


def _is_labelled(rows: Sequence[_NumberRow], blocks: Sequence[Block]) -> bool:
    """Tell a small matrix by its brackets, or by rows and columns that are named alike or by their sides."""
    if any(later.at - earlier.at > 1 for earlier, later in pairwise(rows)):
        return False
    labels = [set(re.findall(r"[^\W\d_]{2,}", row.label.lower())) for row in rows]
    first = rows[0].block
    if not any(labels):
        return all("[" in row.block.text for row in rows) or (first.kind == "row" and not first.level)
    head = " ".join(block.text for block in blocks[max(0, rows[0].at - 2) : rows[0].at] if block.kind == "row")
    columns = set(re.findall(r"[^\W\d_]{2,}", head.lower()))
    return all(own & columns or _SIDES.search(row.label) for own, row in zip(labels, rows, strict=True))


def _square(rows: Sequence[_NumberRow], known: Collection[tuple[int, ...]]) -> Matrix | None:
    """Cut a matrix out of as many rows as it has, where all that stands beside it is explained.

    Of several the one is taken that agrees best with the known sizes of the classes.
    """
    size = len(rows)
    shortest, longest = (bound(len(row.cells) for row in rows) for bound in (min, max))
    if shortest < size or longest > size + 1 + _MAX_BESIDE:
        return None
    if longest != shortest and (size < _LARGE or 3 * sum(len(row.cells) > shortest for row in rows) > size):
        return None
    found = []
    for before in range(min(shortest - size, 1) + 1):
        labels = [row.cells[0] for row in rows]
        if before and any(a is None or b is None or b - a != 1 for a, b in pairwise(labels)):
            continue
        if not _may_be_heavy(rows, before):
            continue
        cells = [row.cells[before : before + size] for row in rows]
        found.append(_matrix(rows, cells, [row.cells[before + size : shortest] for row in rows]))
    whole = [matrix for matrix in found if matrix]
    return max(whole, key=lambda matrix: _agreement(matrix, known), default=None)


def _may_be_heavy(rows: Sequence[_NumberRow], before: int) -> bool:
    """Tell, as early as can be, that half of the rows have no heavy diagonal: nearly all windows of a log have none."""
    size, light = len(rows), 0
    for index, row in enumerate(rows):
        cell = row.cells[before + index]
        if cell is None:
            return False
        light += 2 * cell <= sum(filter(None, row.cells[before : before + size]))
        if 2 * light > size:
            return False
    return True


def _heavy(square: Sequence[Sequence[int]]) -> int:
    """How many rows have more than half of their images on the diagonal."""
    return sum(2 * row[index] > sum(row) for index, row in enumerate(square))


def _agreement(matrix: Matrix, known: Collection[tuple[int, ...]]) -> int:
    """How many rows, or columns, have the known size of their class."""
    found = [
        sum(own == size for own, size in zip(sums, sizes, strict=True))
        for sums in (matrix.sums, matrix.column_sums)
        for sizes in known
    ]
    return max(found, default=0)


def _matrix(
    rows: Sequence[_NumberRow], cells: Sequence[Sequence[int | None]], rest: Sequence[Sequence[int | None]]
) -> Matrix | None:
    square = tuple(tuple(cell for cell in row if cell is not None) for row in cells)
    size = len(square)
    if any(len(row) != size for row in square) or all(b - a == 1 for a, b in pairwise(square[0])):
        return None  # the first row counts up: it is the head of the columns
    if 2 * _heavy(square) < size or sum(map(sum, square)) < 10 * size * size:
        return None
    sums = [next((number for number in row if number is not None and number > 1), None) for row in rest]
    summed = 2 * sum(printed == sum(row) for printed, row in zip(sums, square, strict=True)) > size
    if not summed and any(number is not None and number > 1 for row in rest for number in row):
        return None  # it is cut out of something wider
    totals = tuple(sums) if summed else (None,) * size
    return Matrix(square, tuple(row.block for row in rows), rows[0].at, rows[0].context, totals)


def _oriented(matrix: Matrix, known: Collection[tuple[int, ...]]) -> Matrix:
    """Turn a matrix whose columns are the true classes, by the known sizes of the classes."""
    if matrix.sums not in known and matrix.column_sums in known:
        return replace(matrix, rows=tuple(zip(*matrix.rows, strict=True)))
    return matrix
