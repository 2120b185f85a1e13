"""Moodle: the teacher's downloaded grading worksheet, filled with marks and feedback."""

from collections.abc import Sequence
from dataclasses import replace

from reportgen.assignment.spec import Assignment
from reportgen.errors import UnreadableError, UsageError
from reportgen.grading.marks.marks import Marks
from reportgen.grading.platforms.gradebook import show_range, total
from reportgen.grading.platforms.matching import Filled, fill
from reportgen.grading.platforms.sheets import neutral, read_sheet

_GRADE = "Grade"
_MAXIMUM = "Maximum Grade"
_COMMENTS = "Feedback comments"
_KEYS = ("ID number", "Username", "Email address", "Full name", "Identifier")
"""Columns that may hold the roll number, the surest first."""


def fill_moodle(content: bytes, name: str, marks: Sequence[Marks], assignment: Assignment) -> Filled:
    """Fill the grades, and empty feedback comments, of a worksheet that Moodle exported; all else stays as it is.

    Where points are for a person to decide the grade stays as it was.

    Args:
        content: the downloaded CSV.
        name: its file name, for messages.
        marks: of the class.
        assignment: says what a roll number looks like, and how many marks there are.

    Raises:
        UnreadableError: it is no grading worksheet of Moodle.
        UsageError: its maximum grade is not the assignment's marks.
    """
    sheet = read_sheet(content, name)
    if _GRADE not in sheet.head or ("Full name" not in sheet.head and "Identifier" not in sheet.head):
        raise UnreadableError(
            f"{name} is no grading worksheet of Moodle: it needs the columns Grade and Full name or Identifier. "
            "Download the worksheet of the assignment anew."
        )
    if _MAXIMUM in sheet.head:
        at = sheet.head.index(_MAXIMUM)
        for row in sheet.rows:
            _check_maximum(row[at] if at < len(row) else "", name, assignment)
    keys = [sheet.head.index(key) for key in _KEYS if key in sheet.head]
    filled = fill(sheet, keys, sheet.head.index(_GRADE), marks, assignment, total)
    if _COMMENTS not in sheet.head:
        return filled
    graded = read_sheet(filled.content, name)
    commented = fill(graded, keys, sheet.head.index(_COMMENTS), marks, assignment, _comment, only_empty=True)
    return replace(filled, content=commented.content)


def _check_maximum(cell: str, name: str, assignment: Assignment) -> None:
    try:
        maximum = float(cell.replace(",", "."))
    except ValueError:
        return
    if maximum != assignment.marks:
        raise UsageError(
            f"{name} has a maximum grade of {maximum:g}, but {assignment.id} has {assignment.marks:g} marks. "
            "Change the maximum in Moodle, and download the worksheet anew."
        )


def _comment(marks: Marks) -> str:
    """The points of each criterion, once all are decided."""
    if not total(marks):
        return ""
    lines = (
        f"{one.text} {show_range(one.least, one.most)} of {one.points:g}"
        + (f" ({one.override.comment})" if one.override and one.override.comment else "")
        for one in marks.criteria
    )
    return neutral("; ".join(lines))
