"""Filling the downloaded sheets of Canvas and Moodle."""

import csv
import io

import pytest

from reportgen.assignment.bundled import load_spec
from reportgen.errors import UnreadableError, UsageError
from reportgen.grading.marks.marks import CriterionMark, Marks, Outcome, Override
from reportgen.grading.platforms.canvas import fill_canvas
from reportgen.grading.platforms.matching import Filled
from reportgen.grading.platforms.moodle import fill_moodle

CSL = load_spec("csl7590-a1")
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Assignment 1 (4321),Final Score
,,,,,Manual Posting,
    Points Possible,,,,,100.00,(read only)
"Rao, Asha",11,s1,m23cse023@uni.example,A,,50
"Ben M23CSE024",12,s2,ben,A,1,40
"José M23CSE026",13,s3,jose,A,,
"Student, Test",14,,abc,A,,
"Twin M23CSE027",15,,t1,A,,
"Twin M23CSE027",16,,t2,A,,
"""
MOODLE = """\
Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,Feedback comments
Participant 1,Asha Rao,M23CSE023,a@uni.example,Submitted,,"100,00",Yes,
Participant 2,Ben M23CSE024,,b@uni.example,Submitted,,"100,00",Yes,well done
Participant 3,Cem,,m23cse025@uni.example,Submitted,5,"100,00",Yes,
"""


def decided(roll: str | None, points: float, most: float | None = None, comment: str = "") -> Marks:
    most = points if most is None else most
    criterion = CriterionMark(
        id="all",
        part="report",
        text="All of it.",
        points=100,
        least=points,
        most=most,
        outcome=Outcome.PARTLY if points == most else Outcome.UNDECIDED,
        override=Override(points=points, comment=comment) if comment else None,
    )
    return Marks(id=roll or "x", roll=roll, readable=True, criteria=(criterion,))


CLASS = [
    decided("M23CSE023", 87.5),
    decided("M23CSE024", 30, 50),
    decided("M23CSE025", 60, comment="=after talking"),
    decided("M23CSE026", 91),
    decided("M23CSE027", 70),
    decided(None, 10),
    Marks(id="M23CSE028", roll="M23CSE028", readable=False),
]


def table(filled: Filled, encoding: str = "utf-8") -> list[list[str]]:
    return list(csv.reader(io.StringIO(filled.content.decode(encoding), newline="")))


def canvas(text: str = CANVAS, column: str = "Assignment 1", encoding: str = "utf-8") -> Filled:
    return fill_canvas(text.encode(encoding), "grades.csv", column, CLASS, CSL)


def test_canvas_gets_totals_in_one_column_and_keeps_the_rest() -> None:
    filled = canvas()
    before, after = list(csv.reader(io.StringIO(CANVAS, newline=""))), table(filled)
    changed = {
        (row, column)
        for row, cells in enumerate(before)
        for column, cell in enumerate(cells)
        if after[row][column] != cell
    }
    assert {at: after[at[0]][at[1]] for at in changed} == {(3, 5): "87.5", (5, 5): "91"}
    assert [len(row) for row in after] == [len(row) for row in before]


def test_canvas_says_who_was_filled_who_not_and_who_is_unknown() -> None:
    filled = canvas()
    assert filled.filled == ("M23CSE023", "M23CSE026")
    assert filled.undecided == ("M23CSE024",)
    assert filled.unmatched == ("M23CSE025", "M23CSE027", "x", "M23CSE028")


def test_canvas_keeps_the_encoding() -> None:
    filled = canvas(encoding="utf-8-sig")
    assert filled.content.startswith(b"\xef\xbb\xbf")
    assert "José" in canvas(encoding="cp1252").content.decode("cp1252")
    assert table(canvas(column="Assignment 1 (4321)"))[3][5] == "87.5"


@pytest.mark.parametrize(
    ("text", "column", "error", "word"),
    [
        (CANVAS, "Quiz", UsageError, "no column"),
        (CANVAS.replace("Final Score", "Assignment 1 (99)"), "Assignment 1", UsageError, "2 columns"),
        (CANVAS.replace("100.00", "50.00"), "Assignment 1", UsageError, "50 points"),
        (MOODLE, "Grade", UnreadableError, "no gradebook of Canvas"),
    ],
)
def test_canvas_refuses_other_sheets(text: str, column: str, error: type[Exception], word: str) -> None:
    with pytest.raises(error, match=word):
        canvas(text, column)


def test_canvas_needs_no_points_possible() -> None:
    lines = CANVAS.replace("100.00,(read only)", "").splitlines(keepends=True)
    assert canvas("".join(lines)).filled == ("M23CSE023", "M23CSE026")


def test_moodle_gets_grades_and_comments_where_there_are_none() -> None:
    filled = fill_moodle(MOODLE.encode(), "grades.csv", CLASS, CSL)
    rows = table(filled)
    assert [row[5] for row in rows[1:]] == ["87.5", "", "60"]
    assert [row[8] for row in rows[1:]] == [
        "All of it. 87.5 of 100",
        "well done",
        "All of it. 60 of 100 (=after talking)",
    ]
    assert filled.filled == ("M23CSE023", "M23CSE025")
    assert filled.undecided == ("M23CSE024",)


def test_moodle_keeps_comments_of_the_teacher() -> None:
    text = MOODLE.replace('"100,00",Yes,\nParticipant 2', '"100,00",Yes,mine\nParticipant 2')
    assert table(fill_moodle(text.encode(), "grades.csv", CLASS, CSL))[1][8] == "mine"


def test_a_moodle_sheet_without_comments_or_maximum_gets_grades_alone() -> None:
    text = "Identifier,ID number,Grade\nParticipant 1,M23CSE023,\nParticipant 4,,\n"
    assert table(fill_moodle(text.encode(), "grades.csv", CLASS, CSL))[1] == ["Participant 1", "M23CSE023", "87.5"]


@pytest.mark.parametrize(
    ("text", "error", "word"),
    [
        (MOODLE.replace("100,00", "10.0"), UsageError, "maximum grade of 10"),
        (CANVAS, UnreadableError, "no grading worksheet"),
        (MOODLE.replace(",Grade,", ",Mark,"), UnreadableError, "no grading worksheet"),
    ],
)
def test_moodle_refuses_other_sheets(text: str, error: type[Exception], word: str) -> None:
    with pytest.raises(error, match=word):
        fill_moodle(text.encode(), "grades.csv", CLASS, CSL)


def test_a_maximum_that_is_no_number_is_let_be() -> None:
    text = MOODLE.replace('"100,00"', "Good")
    assert table(fill_moodle(text.encode(), "grades.csv", CLASS, CSL))[1][5] == "87.5"
