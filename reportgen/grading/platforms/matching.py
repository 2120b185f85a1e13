"""Rows of a learning platform's table and students, matched by roll number."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from reportgen.assignment.spec import Assignment
from reportgen.grading.marks.marks import Marks
from reportgen.grading.platforms.sheets import Sheet, put, write_sheet


@dataclass(frozen=True)
class Filled:
    """A platform's table with marks in it."""

    content: bytes
    """The table, as it was written, with the cells that were filled."""
    filled: tuple[str, ...]
    """Roll numbers whose cell was filled."""
    undecided: tuple[str, ...]
    """Roll numbers whose row was found and left as it was: points are for a person to decide, or nothing was read."""
    unmatched: tuple[str, ...]
    """Roll numbers or ids of submissions that no row, or more than one row, of the table is about."""


def fill(
    sheet: Sheet,
    keys: Sequence[int],
    column: int,
    marks: Sequence[Marks],
    assignment: Assignment,
    show: Callable[[Marks], str],
    *,
    only_empty: bool = False,
) -> Filled:
    """Write into one column of a table what each student's marks show; an empty text leaves the cell as it was.

    Args:
        sheet: the table.
        keys: columns that may hold the roll number, the surest first.
        column: that is filled.
        marks: of the class.
        assignment: says what a roll number looks like.
        show: what to write.
        only_empty: leave cells that hold something.
    """
    rows = _rows_of_rolls(sheet, keys, assignment)
    table = list(sheet.rows)
    filled, undecided, unmatched = [], [], []
    for one in marks:
        found = rows.get((one.roll or "").lower(), [])
        if one.roll is None or len(found) != 1:
            unmatched.append(one.roll or one.id)
            continue
        row, cell = found[0], show(one)
        if not cell:
            undecided.append(one.roll)
            continue
        if not (only_empty and column < len(table[row]) and table[row][column].strip()):
            table[row] = put(table[row], column, cell)
        filled.append(one.roll)
    return Filled(write_sheet(replace(sheet, rows=tuple(table))), tuple(filled), tuple(undecided), tuple(unmatched))


def _rows_of_rolls(sheet: Sheet, keys: Sequence[int], assignment: Assignment) -> dict[str, list[int]]:
    """Rows by the roll number that they hold: in the surest column that holds one."""
    pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{assignment.roll.pattern})(?![A-Za-z0-9])", re.ASCII | re.IGNORECASE)
    found: dict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(sheet.rows):
        for key in keys:
            match = pattern.search(row[key]) if key < len(row) else None
            if match:
                found[match[0].lower()].append(at)
                break
    return found
