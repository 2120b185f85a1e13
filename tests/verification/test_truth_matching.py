"""An accusation counts as right only where place, number and reason agree with what a reader found."""

from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.truth_matching import Mistake, matching, near, numerals, places
from reportgen.documents.blocks import Place

SUM = Mistake(0, "line 40 (also 72)", "the sum is 562", "562", "563", True, "report", "yes")


def accusation(place: Place, found: str, expected: str | None = None) -> Any:
    return SimpleNamespace(place=place, text=f"the sum is {found}", found=found, expected=expected)


@pytest.mark.parametrize(
    ("where", "known"),
    [
        ("line 50 (also 21)", [("line", 50, 50), ("line", 21, 21)]),
        ("lines 20-29", [("line", 20, 29)]),
        ("line 51, 52", [("line", 51, 51), ("line", 52, 52)]),
        ("p9 Tab. 5", [("page", 9, 9)]),
        ("cell 40", [("cell", 40, 40)]),
        ("model.py:17", []),
    ],
)
def test_places_are_read_from_notes(where: str, known: list[tuple[str, int, int]]) -> None:
    assert list(places(where)) == known


def test_place_number_and_reason_have_to_agree() -> None:
    assert matching([SUM], accusation(Place(line=40), "562", "563")) == SUM
    assert matching([SUM], accusation(Place(line=72), "562", None)) == SUM
    assert matching([SUM], accusation(Place(line=90), "562", "563")) is None
    assert matching([SUM], accusation(Place(line=40), "563", "562")) is None
    assert matching([SUM], accusation(Place(line=40), "562", "10,000")) is None


def test_words_match_where_there_is_no_number() -> None:
    twice = Mistake(1, "line 3", "nearly twice the size", "nearly twice", "3.96 times", True, "report", "hard")
    said = SimpleNamespace(place=Place(line=3), text="Nearly twice the parameters", found="twice", expected="3.96")
    assert matching([twice], said) == twice
    other = SimpleNamespace(place=Place(line=3), text="the optimizer was SGD", found="sgd", expected="adam")
    assert matching([twice], other) is None


def test_mistakes_in_code_are_not_found_in_the_report() -> None:
    code = Mistake(2, "model.py:17", "no dropout", "", "", True, "code", "")
    assert matching([code], accusation(Place(line=17), "562")) is None


def test_a_block_begins_before_the_line_that_a_reader_notes() -> None:
    assert near("line 50", Place(line=45))
    assert not near("line 50", Place(line=55))


def test_thousands_marks_make_no_difference() -> None:
    assert numerals("11,070 of 0.9786 and 3") == ["11070", "0.9786", "3"]
