"""Tables of a document held against those that its notebook printed.

A row is that of a printed table where two of its telling numbers are printed in one line of it; then its other cells
are held against the printed columns of the same name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reportgen.verification import vocabulary
from reportgen.verification.claims.grids import Cell, Grid
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.facts.printed import Printed, PrintedTable
from reportgen.verification.ledger import Quantity, Rule, Source, Witness

_TELLING = 4
"""Digits of a number that is in two tables by no chance."""
_KEYS = 2
"""Telling numbers that tell a row, and rows that tell a table."""
_UNITS = 5
"""How often one number may be the other before they count as given in two units."""

_Name = tuple[str, frozenset[str]]


@dataclass(frozen=True)
class _Row:
    """A row of a document with the printed one that it repeats."""

    at: int
    printed: tuple[Fraction, ...]
    keys: frozenset[int]
    """Columns of the document's telling numbers that are printed, too."""


def read_printed_tables(page: Page, printed: Printed) -> Iterator[Statement]:
    """Yield the cells of a document's tables that its notebook printed, or printed otherwise."""
    outputs = {cell.place.cell for cell in page.document.code if cell.place.cell is not None}
    for grid in page.grids:
        if not grid.head or (grid.blocks and grid.blocks[0].place.cell in outputs):
            continue
        for table in printed.tables:
            rows = list(_rows(grid, table))
            if len(rows) >= _KEYS:
                yield from _cells(grid, table, rows, printed)
                break


def _rows(grid: Grid, table: PrintedTable) -> Iterator[_Row]:
    for at, cells in enumerate(grid.cells):
        matches = []
        for values in table.rows:
            keys = frozenset(
                column
                for column, cell in enumerate(cells)
                if cell is not None and _telling(cell) and cell.value in values
            )
            if len(keys) >= _KEYS:
                matches.append(_Row(at, values, keys))
        if len(matches) == 1:
            yield matches[0]


def _telling(cell: Cell) -> bool:
    return sum(sign.isdigit() for sign in cell.text) >= _TELLING


def _cells(grid: Grid, table: PrintedTable, rows: Sequence[_Row], printed: Printed) -> Iterator[Statement]:
    names, own = [_name(head) for head in table.head], [_name(head) for head in grid.head]
    for row in rows:
        for column, cell in enumerate(grid.cells[row.at]):
            if cell is None or column >= len(own):
                continue
            if column in row.keys:
                yield _statement(grid, row, cell, column, table, cell.value, True)
                continue
            name = own[column]
            if name is None or own.count(name) != 1 or names.count(name) != 1:
                continue
            value = row.printed[names.index(name)]
            if abs(value - cell.value) <= _slack(cell, value):
                yield _statement(grid, row, cell, column, table, value, True)
            elif not cell.rounded and cell.value not in printed.numbers and _same_unit(value, cell.value):
                yield _statement(grid, row, cell, column, table, value, False)


def _same_unit(one: Fraction, other: Fraction) -> bool:
    """Tell whether two numbers can be of one unit: seconds and minutes, parts and percent are further apart."""
    return bool(one) and bool(other) and Fraction(1, _UNITS) < one / other < _UNITS


def _slack(cell: Cell, value: Fraction) -> Fraction:
    """By how much a cell may miss what was printed: its own rounding and that of the print; whole ones are cut, too."""
    whole = Fraction(1 if value.denominator != 1 else 0)
    own = cell.number.half if cell.number.decimals else whole
    return max(own, _half(value))


def _half(value: Fraction) -> Fraction:
    """Half a unit of the last digit of a decimal; nothing of a whole number."""
    unit = Fraction(1)
    while (value / unit).denominator != 1 and unit > Fraction(1, 10**9):
        unit /= 10
    return unit / 2 if unit < 1 else Fraction(0)


def _name(head: str) -> _Name | None:
    """What a column is about: the term of its head, and the images that it is of."""
    terms = {found.id for found in vocabulary.find("term", head)}
    splits = frozenset(found.id for found in vocabulary.find("split", head))
    return (terms.pop(), splits) if len(terms) == 1 else None


def _statement(
    grid: Grid, row: _Row, cell: Cell, column: int, table: PrintedTable, value: Fraction, fits: bool
) -> Statement:
    name = _name(grid.head[column])
    shown = str(value.numerator) if value.denominator == 1 else f"{float(value):.12g}"
    return Statement(
        grid.blocks[row.at],
        cell.start,
        cell.end,
        Quantity(name[0]) if name else Quantity.UNKNOWN,
        Rule.CODE,
        f"the notebook printed {shown} in the row with the same other numbers (code: {table.where})",
        fits,
        expected=shown,
        source=Source.CODE,
        where=table.where,
        witnesses=frozenset({Witness.ROW, Witness.COLUMN, Witness.SIBLINGS}),
        text=grid.blocks[row.at].text[:200],
    )
