from hypothesis import given
from hypothesis import strategies as st

from reportgen.grading.marks.marks import CriterionMark, Outcome
from reportgen.grading.marks.points import Points, add_up

QUARTERS = st.integers(0, 400).map(lambda quarters: quarters / 4)


def criterion(least: float, most: float, points: float) -> CriterionMark:
    return CriterionMark(
        id="one", part="report", text="one", points=points, least=least, most=most, outcome=Outcome.PARTLY
    )


@given(st.lists(st.tuples(QUARTERS, QUARTERS, QUARTERS).map(sorted), max_size=8))
def test_points_add_up_exactly_and_keep_their_order(parts: list[list[float]]) -> None:
    whole = add_up([criterion(*part) for part in parts])
    assert [whole.least, whole.most, whole.whole] == [sum(part[at] for part in parts) for at in range(3)]
    assert whole.least <= whole.middle <= whole.most
    assert 0 <= whole.least_share <= whole.most_share <= 100
    assert bool(whole.open) == (whole.most > whole.least)


def test_points_are_shown_as_a_range_only_where_they_are_one() -> None:
    decided, undecided = Points(7.5, 7.5, 10), Points(3, 5.25, 8)
    assert [decided.range, decided.of, decided.open] == ["7.5", "10", ""]
    assert [undecided.range, undecided.of, undecided.open, undecided.middle] == ["3–5.25", "8", "2.25", 4.125]


def test_of_nothing_the_share_is_nothing() -> None:
    assert [Points(0, 0, 0).least_share, Points(0, 0, 0).most_share] == [0, 0]
