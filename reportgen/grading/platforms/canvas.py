"""Canvas: the teacher's downloaded gradebook, filled with marks."""

from collections.abc import Sequence

from reportgen.assignment.spec import Assignment
from reportgen.errors import UnreadableError, UsageError
from reportgen.grading.marks.marks import Marks
from reportgen.grading.platforms.gradebook import total
from reportgen.grading.platforms.matching import Filled, fill
from reportgen.grading.platforms.sheets import read_sheet

_KEYS = ("SIS Login ID", "SIS User ID", "ID", "Student")
"""Columns that may hold the roll number, the surest first."""


def fill_canvas(content: bytes, name: str, column: str, marks: Sequence[Marks], assignment: Assignment) -> Filled:
    """Fill one assignment's column of a gradebook that Canvas exported; all else stays as it is.

    Where points are for a person to decide the cell stays as it was.

    Args:
        content: the downloaded CSV.
        name: its file name, for messages.
        column: head of the assignment's column, or the part before its number in brackets.
        marks: of the class.
        assignment: says what a roll number looks like, and how many marks there are.

    Raises:
        UnreadableError: it is no gradebook of Canvas.
        UsageError: there is no such column, there are several, or its points possible are not the assignment's marks.
    """
    sheet = read_sheet(content, name)
    if "Student" not in sheet.head:
        raise UnreadableError(f"{name} is no gradebook of Canvas: it has no column Student. Export it anew.")
    found = [at for at, head in enumerate(sheet.head) if column in {head, head.rpartition(" (")[0]}]
    if len(found) != 1:
        what = "no column" if not found else f"{len(found)} columns"
        raise UsageError(f"{name} has {what} {column!r}. Name one of: {', '.join(sheet.head)}.")
    at = found[0]
    for row in sheet.rows:
        if row and row[0].strip() == "Points Possible":
            _check_possible(row[at] if at < len(row) else "", name, sheet.head[at], assignment)
    keys = [sheet.head.index(key) for key in _KEYS if key in sheet.head]
    return fill(sheet, keys, at, marks, assignment, total)


def _check_possible(cell: str, name: str, column: str, assignment: Assignment) -> None:
    """Points of an assignment with other marks would be read as another share."""
    try:
        possible = float(cell)
    except ValueError:
        return
    if possible != assignment.marks:
        raise UsageError(
            f"{name} gives {possible:g} points for {column!r}, but {assignment.id} has {assignment.marks:g} marks. "
            "Change the points in Canvas, or choose another column."
        )
