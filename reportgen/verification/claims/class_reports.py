"""Class reports: precision, recall and support of each class, and the accuracy that follows from them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from reportgen.verification.claims.grids import Cell, Grid
from reportgen.verification.claims.statements import Statement
from reportgen.verification.ledger import Quantity, Rule, Source, Witness


def read_class_report(grid: Grid) -> Iterator[Statement]:
    """A class report: its accuracy is the mean of the recalls, weighted with the support."""
    heads = [head.lower().strip() for head in grid.head]
    columns = {
        name: index
        for index, head in enumerate(heads)
        for name in ("precision", "recall", "f1", "support")
        if name in head
    }
    if not {"recall", "support"} <= columns.keys():
        return
    classes: list[tuple[Cell, Cell]] = []
    for row, cells in zip(grid.rows, grid.cells, strict=True):
        if re.search(r"accura|avg|average|total|mean", row[0] if row else "", re.I) or len(row) != len(grid.head):
            break
        recall, support = cells[columns["recall"]], cells[columns["support"]]
        if recall is None or support is None or recall.number.decimals == 0:
            return
        classes.append((recall, support))
    total = sum((support.value for _, support in classes), Fraction(0))
    if len(classes) < 2 or not total:
        return
    scale = 100 if any(recall.value > 1 for recall, _ in classes) else 1
    mean = sum((recall.value * support.value for recall, support in classes), Fraction(0)) / total
    margin = max(recall.number.rounding for recall, _ in classes)
    low, high = (mean - margin) / scale, (mean + margin) / scale
    if "f1" in columns and "precision" in columns:
        for index in range(len(classes)):
            yield from _harmonic(grid, index, columns)
    for index in range(len(classes), len(grid.rows)):
        yield from _report_line(grid, index, columns, low, high, total)


def _report_line(
    grid: Grid, index: int, columns: dict[str, int], low: Fraction, high: Fraction, total: Fraction
) -> Iterator[Statement]:
    name = grid.rows[index][0] if grid.rows[index] else ""
    block = grid.blocks[index]
    cells = [cell for cell in grid.cells[index] if cell is not None]
    base = Statement(
        block,
        0,
        0,
        Quantity.ACCURACY,
        Rule.CLASS_REPORT,
        "",
        inside=True,
        source=Source.DOCUMENT_TABLE,
        witnesses=frozenset({Witness.ROW, Witness.COLUMN, Witness.SIBLINGS}),
        text=block.text[:200],
    )
    if re.search(r"accura", name, re.I):
        for cell in cells:
            if cell.number.decimals:
                half = cell.number.rounding
                value = cell.value / 100 if cell.value > 1 else cell.value
                half = half / 100 if cell.value > 1 else half
                fits = low - half <= value <= high + half
                yield replace(
                    base,
                    start=cell.start,
                    end=cell.end,
                    fits=fits,
                    how=f"the recalls times the support give {float(low):.2%} to {float(high):.2%}",
                    expected=f"{float((low + high) / 2):.1%}",
                )
    for cell in cells:
        if not cell.number.decimals and cell.value >= 10:
            yield replace(
                base,
                start=cell.start,
                end=cell.end,
                quantity=Quantity.SUPPORT,
                fits=True if cell.value == total else None,
                how=f"the supports add up to {int(total):,}",
                decide=None if cell.value == total else "the rows",
            )


def _harmonic(grid: Grid, index: int, columns: dict[str, int]) -> Iterator[Statement]:
    """The F1 of one class: the harmonic mean of its precision and its recall, 2pr/(p + r), which grows with both."""
    cells = grid.cells[index]
    precision, recall, own = (cells[columns[name]] for name in ("precision", "recall", "f1"))
    if precision is None or recall is None or own is None or not own.number.decimals:
        return
    low, high = (_mean(*(cell.value + sign * cell.number.rounding for cell in (precision, recall))) for sign in (-1, 1))
    fits = low - own.number.rounding <= own.value <= high + own.number.rounding
    yield Statement(
        grid.blocks[index],
        own.start,
        own.end,
        Quantity.F1,
        Rule.CLASS_REPORT,
        f"precision and recall of its row give {float(low):.4f} to {float(high):.4f}",
        fits,
        inside=True,
        expected=f"{float((low + high) / 2):.4f}",
        source=Source.DOCUMENT_TABLE,
        witnesses=frozenset({Witness.ROW, Witness.COLUMN}),
        text=grid.blocks[index].text[:200],
    )


def _mean(precision: Fraction, recall: Fraction) -> Fraction:
    total = max(precision, Fraction(0)) + max(recall, Fraction(0))
    return 2 * max(precision, Fraction(0)) * max(recall, Fraction(0)) / total if total else Fraction(0)
