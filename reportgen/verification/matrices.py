"""Confusion matrices: their size, the sums of their rows, and the scores per class that follow from them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reportgen.verification.documents import Block
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict
from reportgen.verification.outline import Context
from reportgen.verification.subject import Part, Subject
from reportgen.verification.tables import Row, Table, decimal, whole_number

_BRACKETED = re.compile(r"\[\s*(\d+(?:[\s,]+\d+)+)\s*\]")
_INTEGERS = re.compile(
    r"[|\s]*(?:[^\W\d][^\d|]*?(?:class|digit)?\s*(?:\{[^}]*\})?\s*[|:]?\s+)?((?:\d[\d,]*[\s|]+)+\d[\d,]*)[|\s]*\Z", re.I
)
_MEASURES = {"precision": r"precision", "recall": r"recall", "f1": r"\bf[\s-]?1", "support": r"support|images"}
_OTHER_SET = re.compile(r"train|valid", re.I)
_AVERAGE = re.compile(r"avg|average|mean|macro|micro|weighted|accuracy|total|overall", re.I)


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

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(map(sum, self.rows))


@dataclass(frozen=True)
class _NumberRow:
    block: Block
    context: Context
    numbers: tuple[int, ...]


def find_matrices(placed: Sequence[tuple[Block, Context]], subject: Subject) -> list[Matrix]:
    """Find the square blocks of whole numbers that have the size of some experiment's classes."""
    sizes = sorted({part.classes for part in subject.parts}, reverse=True)
    found: list[Matrix] = []
    run: list[_NumberRow] = []
    for block, context in (*placed, (None, None)):
        rows = list(_number_rows(block, context)) if block and context else []
        if rows and (not run or run[-1].context.part == rows[0].context.part):
            run.extend(rows)
        else:
            found.extend(_squares(run, sizes))
            run = rows
    return found


def _number_rows(block: Block, context: Context) -> Iterator[_NumberRow]:
    bracketed = _BRACKETED.findall(block.text)
    if bracketed:
        for piece in bracketed:
            yield _NumberRow(block, context, tuple(int(number) for number in re.findall(r"\d+", piece)[:100]))
        return
    if block.kind == "row":
        cells = list(block.cells)
        if any(re.fullmatch(r"\d+(?:\s+\d+)+", cell) for cell in cells):
            cells = " ".join(cells).split()
        if len(cells) > 1 and whole_number(cells[0]) is None:
            cells = cells[1:]
        numbers = [whole_number(cell) for cell in cells]
        if len(numbers) > 1 and all(number is not None and number >= 0 for number in numbers):
            yield _NumberRow(block, context, tuple(number for number in numbers if number is not None))
        return
    match = _INTEGERS.match(block.text) if block.kind in {"text", "item"} and len(block.text) < 2000 else None
    if match:
        yield _NumberRow(
            block,
            context,
            tuple(int(piece.replace(",", "")) for piece in re.split(r"[\s|]+", match[1].strip()) if piece),
        )


def _squares(found: Sequence[_NumberRow], sizes: Sequence[int]) -> Iterator[Matrix]:
    """Cut square matrices out of a run of number rows; labels and totals beside the rows are taken off."""
    run = [row for row in found if row.numbers not in {tuple(range(n, n + len(row.numbers))) for n in (0, 1)}]
    index = 0
    while index < len(run):
        taken = next((square for size in sizes if (square := _square(run[index:], size))), None)
        if taken:
            yield taken
            index += len(taken.rows)
        else:
            index += 1


def _square(run: Sequence[_NumberRow], size: int) -> Matrix | None:
    rows = run[:size]
    if len(rows) < size or sum(max(row.numbers, default=0) for row in rows) < 10 * size:
        return None
    lengths = {len(row.numbers) for row in rows}
    if len(lengths) != 1:
        return None
    length = lengths.pop()
    first = [row.numbers[0] for row in rows]
    labelled = first in (list(range(size)), list(range(1, size + 1))) and length > size
    start = int(labelled)
    if length - start not in {size, size + 1}:
        return None
    totals = tuple(row.numbers[start + size] if length - start > size else None for row in rows)
    square = tuple(row.numbers[start : start + size] for row in rows)
    return Matrix(square, tuple(row.block for row in rows), rows[0].context, totals)


def check_matrix(matrix: Matrix, subject: Subject, findings: Findings) -> Part | None:
    """Judge one matrix; return the experiment that it belongs to where its rows are right."""
    own = subject.part(matrix.context.part)
    size = len(matrix.rows)
    if own is not None and own.classes != size:
        other = next(
            (part for part in subject.parts if part.classes == size and _sums(matrix) == part.test_counts), None
        )
        findings.add(
            "confusion-matrix",
            Verdict.CONTRADICTED,
            matrix.blocks[0],
            f"a {size}×{size} confusion matrix under {own.asked.short_title}",
            f"{own.asked.short_title} has {own.classes} classes"
            + (f"; the rows are {other.asked.short_title}'s" if other else ""),
            expected=f"{own.classes}×{own.classes}",
            found=f"{size}×{size}",
            experiment=own.id,
        )
        return None
    part = own or next((part for part in subject.parts if part.classes == size), None)
    if part is None or (findings.own and findings.other_data) or _OTHER_SET.search(matrix.context.heading):
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
        return part if own is not None or sum(other.classes == size for other in subject.parts) == 1 else None
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


def check_class_scores(table: Table, matrices: dict[str, Matrix], subject: Subject, findings: Findings) -> None:
    """Hold precision, recall, F1 and support of each class against the matrix and the test set."""
    columns = {name: table.column(pattern) for name, pattern in _MEASURES.items()}
    if columns["precision"] is None or columns["recall"] is None:
        return
    rows = [row for row in table.rows if row.cells and not _AVERAGE.search(row.cells[0])]
    part = subject.part(table.context.part) or next((part for part in subject.parts if part.classes == len(rows)), None)
    if part is None or len(rows) != part.classes:
        return
    matrix = matrices.get(part.id)
    sized = columns["support"] is not None and _is_test_set(table, rows, columns["support"], part)
    for index, row in enumerate(rows):
        answers = _scores(matrix, index) if matrix else {}
        if sized:
            answers["support"] = Fraction(part.test_counts[index])
        for name, column in columns.items():
            cell = table.cell(row, column) if column is not None else ""
            number = decimal(cell)
            if number is None:
                continue
            where = f"{row.cells[0]}, {name}: {cell}"
            if name in answers:
                answer = answers[name]
                shown = answer * 100 if name != "support" and (number.value > 1 or "%" in cell) else answer
                fits = abs(number.value - shown) <= Fraction(1, 10**number.decimals) / 2
                findings.add(
                    "class-score",
                    Verdict.VERIFIED if fits else Verdict.CONTRADICTED,
                    row.block,
                    where,
                    "the known size of the test set" if name == "support" else "the printed confusion matrix",
                    expected=f"{float(shown):.{max(number.decimals, 0)}f}",
                    found=cell,
                    experiment=part.id,
                )
            elif name == "f1":
                _check_f1(
                    table,
                    row.cells[0],
                    [table.cell(row, at) for at in (columns["precision"], columns["recall"]) if at is not None],
                    cell,
                    row.block,
                    part,
                    findings,
                )


def _is_test_set(table: Table, rows: Sequence[Row], column: int, part: Part) -> bool:
    """Tell whether most of the class sizes are the test set's, so that the others are slips."""
    sizes = [whole_number(table.cell(row, column)) for row in rows]
    right = sum(size == known for size, known in zip(sizes, part.test_counts, strict=True))
    return right * 2 >= len(rows)


def _scores(matrix: Matrix, index: int) -> dict[str, Fraction]:
    hits = matrix.rows[index][index]
    predicted = sum(row[index] for row in matrix.rows)
    actual = sum(matrix.rows[index])
    return {
        "precision": Fraction(hits, predicted) if predicted else Fraction(0),
        "recall": Fraction(hits, actual) if actual else Fraction(0),
        "f1": Fraction(2 * hits, predicted + actual) if predicted + actual else Fraction(0),
    }


def _check_f1(
    table: Table, label: str, inputs: Sequence[str], cell: str, block: Block, part: Part, findings: Findings
) -> None:
    """Hold F1 against the printed precision and recall, which are rounded themselves."""
    numbers = [decimal(piece) for piece in (*inputs, cell)]
    if any(number is None or not number.value for number in numbers):
        return
    shares = [(number.value, Fraction(1, 10**number.decimals) / 2) for number in numbers if number]
    (precision, half_p), (recall, half_r), (f1, half_f) = shares
    low = _harmonic(precision - half_p, recall - half_r) - half_f
    high = _harmonic(precision + half_p, recall + half_r) + half_f
    findings.add(
        "class-score",
        Verdict.VERIFIED if low <= f1 <= high else Verdict.CONTRADICTED,
        block,
        f"{label}, F1: {cell}",
        "the harmonic mean of the printed precision and recall",
        expected=f"{float(_harmonic(precision, recall)):.4f}",
        found=cell,
        experiment=part.id,
    )


def _harmonic(one: Fraction, other: Fraction) -> Fraction:
    return 2 * one * other / (one + other) if one + other > 0 else Fraction(0)
