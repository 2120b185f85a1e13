"""What people decided stays decided: nothing that a later run does or is given takes it away by itself."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.assignment.bundled import load_spec
from reportgen.errors import UnreadableError
from reportgen.grading.marks.decisions import Decided, in_force, newly_decided, read_decisions, write_decisions
from reportgen.grading.marks.marks import Override

CSL = load_spec("csl7590-a1")
MOMENT = datetime(2024, 2, 1, 9, 30, tzinfo=UTC)
KEYS = [(roll, criterion.id) for roll in ("M23CSE023", "b, c") for criterion in CSL.rubric]
overrides = st.builds(Override, points=st.integers(0, 4).map(lambda number: number / 4), comment=st.text(max_size=5))


@given(st.lists(st.dictionaries(st.sampled_from(KEYS), st.none() | overrides)))
def test_the_last_on_each_holds_and_all_are_kept(runs: list[dict[tuple[str, str], Override | None]]) -> None:
    kept: list[Decided] = []
    wanted: dict[tuple[str, str], Override] = {}
    for given_now in runs:
        before = list(kept)
        kept = read_decisions(write_decisions([*kept, *newly_decided(kept, given_now, "rao", MOMENT)]))
        assert kept[: len(before)] == before
        wanted = {**wanted, **{key: one for key, one in given_now.items() if one}}
        wanted = {key: one for key, one in wanted.items() if given_now.get(key, one)}
        assert in_force(kept, CSL) == wanted
        assert newly_decided(kept, given_now, "rao", MOMENT) == []


def test_who_decided_and_when() -> None:
    (one,) = newly_decided([], {KEYS[0]: Override(points=1)}, "rao", MOMENT)
    assert (one.by, one.at, one.points) == ("rao", MOMENT, 1)
    assert newly_decided([], {KEYS[0]: None}, "rao", MOMENT) == []


@pytest.mark.parametrize(
    "line", ['{"roll": "a"', "{}", "7", '{"roll":"a","criterion":"b","points":-1,"by":"c","at":"2024-02-01"}']
)
def test_a_damaged_line_is_told(line: str) -> None:
    good = write_decisions(newly_decided([], {KEYS[0]: Override(points=1)}, "rao", MOMENT))
    with pytest.raises(UnreadableError, match="line 2 is damaged"):
        read_decisions(good + line.encode() + b"\n")


def test_a_rubric_that_changed() -> None:
    key = ("M23CSE023", CSL.rubric[0].id)
    kept = newly_decided([], {key: Override(points=CSL.rubric[0].points)}, "rao", MOMENT)
    gone = CSL.model_copy(update={"rubric": CSL.rubric[1:]})
    assert in_force(kept, gone) == {}
    less = CSL.model_copy(update={"rubric": (CSL.rubric[0].model_copy(update={"points": 0.5}), *CSL.rubric[1:])})
    with pytest.raises(UnreadableError, match=r"rao decided .* which gives 0.5 at most by now"):
        in_force(kept, less)
