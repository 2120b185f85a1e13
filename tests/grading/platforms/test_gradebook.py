import csv
import io

import pytest

from reportgen.assignment.bundled import load_spec
from reportgen.grading.marks.marks import CriterionMark, Marks, Outcome, Override
from reportgen.grading.platforms.gradebook import gradebook, show_points, show_range, total

CSL = load_spec("csl7590-a1")


def mark(key: str, least: float, most: float, override: Override | None = None) -> CriterionMark:
    outcome = Outcome.UNDECIDED if least != most else Outcome.PARTLY
    return CriterionMark(
        id=key, part="report", text="x", points=most, least=least, most=most, outcome=outcome, override=override
    )


def rows(*marks: Marks) -> list[dict[str, str]]:
    content = gradebook(marks, CSL)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_student_is_a_row_and_a_criterion_a_column() -> None:
    criteria = (mark("exp1-network", 7.5, 7.5), mark("exp1-curves", 3, 5))
    (row,) = rows(Marks(id="M23CSE023", roll="M23CSE023", name="Asha", readable=True, criteria=criteria))
    assert list(row) == [
        *("roll", "name", *[one.id for one in CSL.rubric]),
        *("least", "most", "total", "needs a person", "problems"),
    ]
    assert (row["exp1-network"], row["exp1-curves"], row["exp2-curves"]) == ("7.5", "3–5", "")
    assert (row["least"], row["most"], row["total"], row["needs a person"]) == ("10.5", "12.5", "", "exp1-curves")


def test_a_decided_student_has_a_total() -> None:
    marks = Marks(
        id="a", roll=None, readable=True, criteria=(mark("exp1-network", 0.1, 0.1), mark("exp1-curves", 0.2, 0.2))
    )
    (row,) = rows(marks)
    assert (row["roll"], row["total"], row["needs a person"]) == ("a", "0.3", "")
    assert total(marks) == "0.3"


def test_a_submission_that_could_not_be_read_is_no_zero() -> None:
    (row,) = rows(Marks(id="a", roll=None, readable=False, problems=("r.pdf: encrypted", "c.py: damaged")))
    assert (row["least"], row["most"], row["total"]) == ("", "", "")
    assert row["needs a person"] == "could not be read"
    assert row["problems"] == "r.pdf: encrypted; c.py: damaged"


def test_names_can_be_anything_and_start_no_formula() -> None:
    names = ["=HYPERLINK(1)", "Rao,\nAsha", '"Ben"', "@x", "-1"]
    found = rows(*(Marks(id=name, roll=None, name=name, readable=True) for name in names))
    assert [row["name"] for row in found] == ["'=HYPERLINK(1)", "Rao,\nAsha", '"Ben"', "'@x", "'-1"]
    assert found[0]["roll"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("points", "text"), [(7.0, "7"), (7.25, "7.25"), (0.0, "0"), (0.1 + 0.2, "0.3"), (100.0, "100")]
)
def test_points_are_shown_short(points: float, text: str) -> None:
    assert show_points(points) == text
    assert show_range(points, points) == text
    assert show_range(0, 200) == "0–200"
