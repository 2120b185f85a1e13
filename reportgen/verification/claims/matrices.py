"""Confusion matrices printed as numbers, and the scores that follow from them whichever way round they stand."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from reportgen.documents.blocks import Block
from reportgen.verification.claims.outline import Context

_BRACKETED = re.compile(r"\[\s*(\d+(?:[\s,]+\d+)+)\s*\]")
_CELL = re.compile(
    r"(?<![\w.,])(?:(\d{1,3}(?:[,\u2009\u202f\u00a0]\d{3})+|\d+(?:\.\d+)?)(?![\w])|(?:--?|–|—|−|\.|·|∙)(?![\w.\d-]))"
)
_RUN = re.compile(rf"(?<!\()(?<!\(\s){_CELL.pattern}(?:[\s|,;&\[\]]*{_CELL.pattern})+")
"""Cells with nothing between them, not the arguments of a call: of ``80 epochs, batch 32`` no row of counts is made."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_SUMMARY = re.compile(r"None\s*,|[\[(]\s*-1\s*,")
_MAX_ROW = 2000
"""Characters of a row that is still read."""
_MAX_CELLS = 40
_MAX_LABEL = 5
"""Words beside a row's cells that still name it: ``true class 3 (three)``; a sentence has more."""
_MAX_BESIDE = 4
"""Sums and scores that may stand after a row."""


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
    numbers: tuple[Fraction, ...]


def find_matrices(
    blocks: Sequence[Block], contexts: Sequence[Context], known: Collection[tuple[int, ...]]
) -> list[Matrix]:
    """Find the square blocks of whole numbers with a heavy diagonal.

    Labels before the rows, and sums or scores after them, are left out; a dash or a dot alone is a zero.

    Args:
        blocks: of the document.
        contexts: of the blocks.
        known: images of each class of known data sets, which tell the size and which way round a matrix stands.
    """
    rows = [
        row
        for at, (block, context) in enumerate(zip(blocks, contexts, strict=True))
        for row in _number_rows(at, block, context)
    ]
    sizes = {len(counts) for counts in known} | set(_run_lengths(rows))
    candidates = []
    for size in sizes:
        own = {counts for counts in known if len(counts) == size}
        for index in range(len(rows) - size + 1):
            if rows[index + size - 1].at - rows[index].at > 2 * size:
                continue
            if square := _square(rows[index : index + size], own):
                agreement, heavy = _agreement(square, own), _heavy(square.rows)
                if 2 * agreement >= size or 3 * heavy >= 2 * size:
                    candidates.append((agreement, heavy, -index, square))
    found: list[Matrix] = []
    taken: set[int] = set()
    # the best first: a window that begins with the head of a table looks like a matrix too
    for *_, index, square in sorted(candidates, key=lambda entry: entry[:3], reverse=True):
        window = range(-index, -index + len(square.rows))
        if not taken.intersection(window):
            taken.update(window)
            found.append(_oriented(square, known))
    return sorted(found, key=lambda matrix: matrix.at)


def _run_lengths(rows: Sequence[_NumberRow]) -> Iterator[int]:
    """Sizes of the runs of rows that have as many numbers as there are rows, a label or a sum left out."""
    run: list[_NumberRow] = []
    for row in (*rows, None):
        if row and run and len(row.numbers) == len(run[-1].numbers) and row.at - run[-1].at <= 1:
            run.append(row)
            continue
        if 2 <= len(run) <= 26:
            yield len(run)
        run = [row] if row else []


def _number_rows(at: int, block: Block, context: Context) -> Iterator[_NumberRow]:
    if block.kind == "picture" or len(block.text) > _MAX_ROW or _SUMMARY.search(block.text):
        return
    pieces = [match[1] for match in _BRACKETED.finditer(block.text)]
    if len(pieces) < 2 or len({len(_CELL.findall(piece)) for piece in pieces}) != 1:
        pieces = block.text.split("\n")
    for piece in pieces:
        runs = [match[0] for match in _RUN.finditer(re.sub(r"\{[^{}]*\}", " ", piece))]
        if not runs or len(_WORD.findall(piece)) > _MAX_LABEL:
            continue
        numbers = tuple(
            Fraction(re.sub(r"[^\d.]", "", match[0])) if match[1] else Fraction(0)
            for match in _CELL.finditer(max(runs, key=len))
        )
        yield _NumberRow(at, block, context, numbers[:_MAX_CELLS])


def _square(rows: Sequence[_NumberRow], known: Collection[tuple[int, ...]]) -> Matrix | None:
    """Cut a matrix out of as many rows as it has, aligned at their right or their left ends.

    Of several the one is taken that agrees best with the known sizes of the classes.
    """
    size = len(rows)
    shortest = min(len(row.numbers) for row in rows)
    longest = max(len(row.numbers) for row in rows)
    if shortest < size or longest > size + _MAX_BESIDE + 3:
        return None
    found = []
    for after in range(min(shortest - size, _MAX_BESIDE) + 1):
        if longest - after - size > 1:
            continue
        cells = [row.numbers[len(row.numbers) - after - size : len(row.numbers) - after] for row in rows]
        found.append(_matrix(rows, cells, [row.numbers[len(row.numbers) - after :] for row in rows]))
    # a number may name the row; of more, a part of a larger table would be cut out
    for before in range(min(shortest - size, 1) + 1):
        if longest - before - size > _MAX_BESIDE:
            continue
        cells = [row.numbers[before : before + size] for row in rows]
        found.append(_matrix(rows, cells, [row.numbers[before + size :] for row in rows]))
    whole = [matrix for matrix in found if matrix]
    return max(whole, key=lambda matrix: (_agreement(matrix, known), _heavy(matrix.rows)), default=None)


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
    rows: Sequence[_NumberRow], cells: Sequence[Sequence[Fraction]], rest: Sequence[Sequence[Fraction]]
) -> Matrix | None:
    if any(cell.denominator != 1 for row in cells for cell in row):
        return None
    square = tuple(tuple(int(cell) for cell in row) for row in cells)
    size = len(square)
    if 2 * _heavy(square) < size or sum(map(sum, square)) < 10 * size * size:
        return None
    sums = [next((int(number) for number in row if number > 1 and number.denominator == 1), None) for row in rest]
    summed = sum(printed == sum(row) for printed, row in zip(sums, square, strict=True))
    if 2 * summed <= size and 2 * sum(number is not None for number in sums) > size:
        return None  # counts that are no sum: further columns, of which this is a part
    totals = tuple(sums) if 2 * summed > size else (None,) * size
    return Matrix(square, tuple(row.block for row in rows), rows[0].at, rows[0].context, totals)


def _oriented(matrix: Matrix, known: Collection[tuple[int, ...]]) -> Matrix:
    """Turn a matrix whose columns are the true classes, by the known sizes of the classes."""
    if matrix.sums not in known and matrix.column_sums in known:
        return replace(matrix, rows=tuple(zip(*matrix.rows, strict=True)))
    return matrix
