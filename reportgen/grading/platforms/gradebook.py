"""The class in one CSV table: a row a student, a column a criterion."""

from collections.abc import Iterator, Sequence

from reportgen.assignment.spec import Assignment
from reportgen.grading.marks.marks import CriterionMark, Marks, Outcome
from reportgen.grading.platforms.sheets import Sheet, neutral, write_sheet

_UNREADABLE = "could not be read"


def gradebook(marks: Sequence[Marks], assignment: Assignment) -> bytes:
    """Write the marks of a class as CSV, in UTF-8 with a byte-order mark so that Excel reads the names right.

    Points that a person has to decide are shown as a range (``3–5``), and such a student has no total. Cells that a
    spreadsheet could take for a formula start with an apostrophe.
    """
    ids = [criterion.id for criterion in assignment.rubric]
    head = ("roll", "name", *ids, "least", "most", "total", "needs a person", "problems")
    rows = tuple(tuple(neutral(cell) for cell in _row(one, ids)) for one in marks)
    return write_sheet(Sheet(head, rows, bom=True))


def show_points(points: float) -> str:
    """``7.5``, and ``7`` for a whole number."""
    return f"{round(points, 4):g}"


def show_range(least: float, most: float) -> str:
    """``5``, or ``3–5`` where a person has to decide."""
    return show_points(least) if least == most else f"{show_points(least)}–{show_points(most)}"


def total(marks: Marks) -> str:
    """The sum where everything is decided; else empty."""
    if not marks.criteria or marks.least != marks.most:
        return ""
    return show_points(marks.least)


def _row(marks: Marks, ids: Sequence[str]) -> Iterator[str]:
    by_id = {criterion.id: criterion for criterion in marks.criteria}
    yield marks.roll or marks.id
    yield marks.name
    for one in ids:
        yield _points(by_id.get(one))
    yield show_points(marks.least) if by_id else ""
    yield show_points(marks.most) if by_id else ""
    yield total(marks)
    undecided = [one.id for one in marks.criteria if one.outcome is Outcome.UNDECIDED]
    yield ", ".join(undecided) if marks.readable or by_id else _UNREADABLE
    yield "; ".join(marks.problems)


def _points(criterion: CriterionMark | None) -> str:
    return "" if criterion is None else show_range(criterion.least, criterion.most)
