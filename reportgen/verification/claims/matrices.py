"""Confusion matrices: their size, the sums of their rows, and the scores per class that follow from them."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from reportgen.documents.blocks import Block
from reportgen.verification.claims.outline import Context
from reportgen.verification.facts.subject import Part, Subject
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict

_BRACKETED = re.compile(r"\[\s*(\d+(?:[\s,]+\d+)+)\s*\]")
_CELL = re.compile(
    r"(?<![\w.,])(?:(\d{1,3}(?:[,\u2009\u202f\u00a0]\d{3})+|\d+(?:\.\d+)?)(?![\w])|(?:--?|–|—|−|\.|·|∙)(?![\w.\d-]))"
)
_MAX_ROW = 2000
"""Characters of a row that is still read."""
_MAX_CELLS = 40
_MAX_BESIDE = 4
"""Sums and scores that may stand after a row."""
_OTHER_SET = re.compile(r"train|valid", re.I)


@dataclass(frozen=True)
class Matrix:
    """A confusion matrix as printed, row: true class, column: predicted class."""

    rows: tuple[tuple[int, ...], ...]
    blocks: tuple[Block, ...]
    context: Context
    totals: tuple[int | None, ...]
    """Sum that the document prints beside each row."""

    @property
    def trace(self) -> int:
        """How many stand on the diagonal."""
        return sum(row[index] for index, row in enumerate(self.rows))

    def scores(self) -> dict[str, tuple[Fraction, ...]]:
        """Precision, recall and F1 of each class; none where a class is never predicted or never there."""
        entries = [
            (row[index], sum(other[index] for other in self.rows), sum(row)) for index, row in enumerate(self.rows)
        ]
        if not all(predicted and actual for _, predicted, actual in entries):
            return {}
        return {
            "precision": tuple(Fraction(hits, predicted) for hits, predicted, _ in entries),
            "recall": tuple(Fraction(hits, actual) for hits, _, actual in entries),
            "F1": tuple(Fraction(2 * hits, predicted + actual) for hits, predicted, actual in entries),
        }

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(map(sum, self.rows))


@dataclass(frozen=True)
class _NumberRow:
    block: Block
    context: Context
    numbers: tuple[Fraction, ...]


def find_matrices(placed: Sequence[tuple[Block, Context]], subject: Subject) -> list[Matrix]:
    """Find the square blocks of whole numbers with a heavy diagonal that have the size of some experiment's classes.

    Labels before the rows, and sums or scores after them, are left out; a dash or a dot alone is a zero.
    """
    rows = [row for block, context in placed for row in _number_rows(block, context)]
    candidates = []
    for size in {part.classes for part in subject.parts}:
        known = {part.test_counts for part in subject.parts if part.classes == size}
        for index in range(len(rows) - size + 1):
            if square := _square(rows[index : index + size], known):
                agreement, heavy = _agreement(square, known), _heavy(square.rows)
                if 2 * agreement >= size or 3 * heavy >= 2 * size:
                    candidates.append((agreement, heavy, -index, square))
    found: list[Matrix] = []
    taken: set[int] = set()
    # the best first: a window that begins with the head of a table looks like a matrix too
    for *_, index, square in sorted(candidates, key=lambda entry: entry[:3], reverse=True):
        window = range(-index, -index + len(square.rows))
        if not taken.intersection(window):
            taken.update(window)
            found.append(square)
    order = {id(block): index for index, (block, _) in enumerate(placed)}
    return sorted(found, key=lambda matrix: order[id(matrix.blocks[0])])


def _number_rows(block: Block, context: Context) -> Iterator[_NumberRow]:
    if block.kind == "picture" or len(block.text) > _MAX_ROW:
        return
    pieces = [match[1] for match in _BRACKETED.finditer(block.text)]
    if len(pieces) < 2 or len({len(_CELL.findall(piece)) for piece in pieces}) != 1:
        pieces = [block.text]
    for piece in pieces:
        numbers = tuple(
            Fraction(re.sub(r"[^\d.]", "", match[0])) if match[1] else Fraction(0)
            for match in _CELL.finditer(re.sub(r"\{[^{}]*\}", " ", piece))
        )
        if len(numbers) > 1:
            yield _NumberRow(block, context, numbers[:_MAX_CELLS])


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
        cells = [row.numbers[len(row.numbers) - after - size : len(row.numbers) - after] for row in rows]
        found.append(_matrix(rows, cells, [row.numbers[len(row.numbers) - after :] for row in rows]))
    for before in range(shortest - size + 1):
        cells = [row.numbers[before : before + size] for row in rows]
        found.append(_matrix(rows, cells, [row.numbers[before + size :] for row in rows]))
    whole = [matrix for matrix in found if matrix]
    return max(whole, key=lambda matrix: _agreement(matrix, known), default=None)


def _heavy(square: Sequence[Sequence[int]]) -> int:
    """How many rows have more than half of their images on the diagonal."""
    return sum(2 * row[index] > sum(row) for index, row in enumerate(square))


def _agreement(matrix: Matrix, known: Collection[tuple[int, ...]]) -> int:
    """How many rows, or columns, have the known size of their class."""
    columns = tuple(map(sum, zip(*matrix.rows, strict=True)))
    found = [
        sum(own == size for own, size in zip(sums, sizes, strict=True))
        for sums in (_sums(matrix), columns)
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
    totals = tuple(sums) if 2 * summed > size else (None,) * size
    return Matrix(square, tuple(row.block for row in rows), rows[0].context, totals)


def oriented(matrix: Matrix, subject: Subject) -> Matrix:
    """Turn a matrix whose columns are the true classes, by the known sizes of the classes."""
    known = {part.test_counts for part in subject.parts}
    turned = tuple(zip(*matrix.rows, strict=True))
    if _sums(matrix) not in known and tuple(map(sum, turned)) in known:
        return replace(matrix, rows=turned)
    return matrix


def check_matrix(matrix: Matrix, subject: Subject, findings: Findings) -> Part | None:
    """Judge one matrix; return the experiment that it belongs to where its rows are right."""
    size = len(matrix.rows)
    part = next((part for part in subject.parts if part.classes == size and not part.free), None)
    if part is None or (findings.own and findings.other_data):
        return None
    if _OTHER_SET.search(matrix.context.heading) and not _agreement(matrix, {part.test_counts}):
        return None
    _check_printed_totals(matrix, findings)
    sums, known = _sums(matrix), part.test_counts
    wrong = [index for index in range(size) if sums[index] != known[index]]
    columns = tuple(map(sum, zip(*matrix.rows, strict=True)))
    text = f"a {size}×{size} confusion matrix with {matrix.total:,} images"
    rule = f"test images of each class of {subject.dataset.title}: {', '.join(f'{n:,}' for n in known)}"
    if not wrong or columns == known:
        findings.add(
            "confusion-matrix",
            Verdict.VERIFIED,
            matrix.blocks[0],
            text,
            rule,
            experiment=part.id,
            expected=", ".join(map(str, known)),
            found=", ".join(map(str, sums if not wrong else columns)),
        )
        return part
    if len(wrong) > size / 2 and matrix.total != sum(known):
        findings.add(
            "confusion-matrix",
            Verdict.UNVERIFIABLE,
            matrix.blocks[0],
            text,
            rule,
            experiment=part.id,
            expected=f"{sum(known):,} images",
            found=f"{matrix.total:,} images",
            decide="which images it was made of: it is not the whole test set",
        )
        return None
    for index in wrong:
        findings.add(
            "confusion-matrix",
            Verdict.CONTRADICTED,
            matrix.blocks[index],
            " ".join(map(str, matrix.rows[index])),
            f"row of {part.planned.classes[index]}: the test set has {known[index]:,} images of it",
            expected=f"{known[index]:,}",
            found=f"{sums[index]:,}",
            experiment=part.id,
        )
    return None


def check_repeated(found: Sequence[Matrix], subject: Subject, findings: Findings) -> None:
    """Find one experiment's matrix that stands for another's too."""
    parts = [part for part in subject.parts if not part.free]
    sizes = {
        len(matrix.rows)
        for matrix in found
        if 2 * _agreement(matrix, {part.test_counts for part in parts if part.classes == len(matrix.rows)})
        >= len(matrix.rows)
    }
    for part in parts:
        if part.classes in sizes:
            continue
        for index, matrix in enumerate(found):
            again = any(other.rows == matrix.rows for other in found[:index])
            if again or (matrix.context.part == part.id and not matrix.context.labelled):
                wrong = found[0] if again and parts.index(part) == 0 else matrix
                findings.add(
                    "confusion-matrix",
                    Verdict.CONTRADICTED,
                    wrong.blocks[0],
                    f"a {len(matrix.rows)}×{len(matrix.rows)} confusion matrix under {part.asked.short_title}",
                    f"{part.asked.short_title} has {part.classes} classes, and none of that size is there",
                    expected=f"{part.classes}×{part.classes}",
                    found=f"{len(matrix.rows)}×{len(matrix.rows)}",
                    experiment=part.id,
                )
                break


def _sums(matrix: Matrix) -> tuple[int, ...]:
    return tuple(map(sum, matrix.rows))


def _check_printed_totals(matrix: Matrix, findings: Findings) -> None:
    for row, block, printed in zip(matrix.rows, matrix.blocks, matrix.totals, strict=True):
        if printed is not None and printed != sum(row):
            findings.add(
                "table-total",
                Verdict.CONTRADICTED,
                block,
                " ".join(map(str, row)) + f" | {printed}",
                "the sum of its row",
                expected=sum(row),
                found=printed,
            )
