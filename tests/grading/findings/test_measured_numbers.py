import random

from hypothesis import given
from hypothesis import strategies as st

from reportgen.documents.reading import parse_document
from reportgen.grading.dossiers import Dossier
from reportgen.grading.findings.measured_numbers import measured_numbers, shared_numbers


def _dossier(name: str, numbers: list[str]) -> Dossier:
    return Dossier(id=name, numbers=tuple(numbers))


def _run(seed: int, count: int = 40) -> list[str]:
    draw = random.Random(seed)
    return list(dict.fromkeys(f"{draw.uniform(0.02, 0.6):.4f}" for _ in range(count)))


def test_measurements_have_three_decimals_or_more_and_count_once() -> None:
    text = b"Loss 0.1234, then 0.0567, again 0.1234. Accuracy 98.12 %, rate 0.001, roll 23."
    assert measured_numbers(parse_document(text, "a.md", "markdown")) == ("0.1234", "0.0567", "0.001")


def test_a_copied_run_is_found_and_honest_runs_are_not() -> None:
    copied = [*_run(1)[:25], *_run(9)[:10]]
    pairs = shared_numbers(
        [_dossier("a", _run(1)), _dossier("b", copied), _dossier("c", _run(2)), _dossier("d", _run(3))]
    )
    assert [(pair.one, pair.other) for pair in pairs] == [("a", "b")]
    assert pairs[0].numbers == tuple(number for number in _run(1) if number in copied)


def test_what_the_whole_class_has_pairs_nobody() -> None:
    handout = _run(5, 20)
    assert shared_numbers([_dossier(str(seed), [*handout, *_run(seed)]) for seed in range(10, 30)]) == ()


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_two_honest_runs_are_no_pair(one: int, other: int) -> None:
    if one != other:
        assert shared_numbers([_dossier("a", _run(one)), _dossier("b", _run(other))]) == ()


def test_few_numbers_are_no_evidence() -> None:
    assert shared_numbers([_dossier("a", _run(1)[:5]), _dossier("b", _run(1)[:5])]) == ()
