import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.results import statistics
from reportgen.results.schema import ClassScore, Score

COUNTS = st.integers(0, 500)


def test_newcombes_own_example() -> None:
    # Newcombe (1998), table III: 36, 12, 2, 0.
    found = statistics.paired_difference(36, 12, 2, 0)
    assert found == pytest.approx((0.2, 0.0569, 0.3404), abs=5e-5)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_the_interval_holds_the_difference_and_turns_with_it(both: int, this: int, other: int, neither: int) -> None:
    if both + this + other + neither == 0:
        with pytest.raises(ValueError, match="no table"):
            statistics.paired_difference(both, this, other, neither)
        return
    difference, low, high = statistics.paired_difference(both, this, other, neither)
    assert -1 - 1e-9 <= low <= difference <= high <= 1 + 1e-9
    turned = statistics.paired_difference(both, other, this, neither)
    assert turned == pytest.approx((-difference, -high, -low), abs=1e-9)


@given(st.integers(0, 200), st.integers(1, 200))
def test_equal_classifiers_differ_by_nothing(both: int, neither: int) -> None:
    difference, low, high = statistics.paired_difference(both, 0, 0, neither)
    assert difference == 0
    assert low <= 0 <= high


def _score(interval: tuple[float, float]) -> Score:
    entries = [
        ClassScore(name=str(n), precision=0, recall=0, f1=0, support=support) for n, support in enumerate((60, 40, 0))
    ]
    matrix = ((60, 0, 0), (40, 0, 0), (0, 0, 0))
    return Score(correct=60, total=100, accuracy=0.6, interval=interval, confusion=matrix, classes=tuple(entries))


def test_chance_is_the_share_of_the_commonest_class() -> None:
    assert statistics.at_chance(_score((0.5, 0.69)))
    assert not statistics.at_chance(_score((0.61, 0.75)))


def test_nothing_over_nothing_is_no_number() -> None:
    score = _score((0.5, 0.69))
    assert [statistics.defined(score, index) for index in range(3)] == [
        (True, True, True),
        (False, True, True),
        (False, False, False),
    ]
