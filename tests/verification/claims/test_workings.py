import pytest

from reportgen.assignment.bundled import load_spec
from reportgen.documents.blocks import Block, Place
from reportgen.verification.claims.numerals import read_numerals
from reportgen.verification.claims.workings import find_workings, formulas, groups, results
from reportgen.verification.facts.subject import make_subject

SUBJECT = make_subject(load_spec("csl7590-a1"), "M23CSE023")


def blocks(*lines: str) -> list[Block]:
    return [Block("text", line, Place(line=at)) for at, line in enumerate(lines, 1)]


@pytest.mark.parametrize(
    ("text", "factors", "bias"),
    [
        ("(16*5*5*8) + 8 = 3,208", (16, 5, 5, 8), 8),
        ("16 × 5 × 5 × 8 plus 8", (16, 5, 5, 8), 8),
        ("16·5·5·8 and 8 biases → 3208", (16, 5, 5, 8), 8),
        ("weight 676*4 bias 4 -> 2708", (676, 4), 4),
        ("16·5²·8 + 8", (16, 5, 5, 8), 8),
        ("5*5*8 = 200", (5, 5, 8), None),
        ("3x3 and 4 filters", (3, 3), None),
    ],
)
def test_a_working_is_read_in_any_notation(text: str, factors: tuple[int, ...], bias: int | None) -> None:
    (found,) = find_workings(blocks(text))
    assert (found.factors, found.bias) == (factors, bias)


def test_the_assignment_s_own_workings() -> None:
    asked = [formula for formula in formulas(SUBJECT) if not formula.part.free]
    assert [formula.value for formula in asked] == [800, 3208, 292, 6770, 800, 3208, 292, 2708]


def test_a_result_is_found_where_its_likes_have_theirs() -> None:
    lines = blocks("800 <= 1*7*7*16 + 16", "3209 <= 16*5*5*8 + 8", "292 <= 8*3*3*4 + 4", "6770 <= 676*10 + 10")
    (group,) = groups(find_workings(lines), formulas(SUBJECT))
    found = results(group, read_numerals(lines))
    assert [result.claimed.text if result.claimed else None for result in found] == ["800", "3209", "292", "6770"]


def test_each_run_through_the_network_is_a_group() -> None:
    run = ["1*7*7*16 + 16", "16*5*5*8 + 8", "8*3*3*4 + 4"]
    found = groups(find_workings(blocks(*run, "676*10 + 10", *run, "676*4 + 4")), formulas(SUBJECT))
    assert [len(group) for group in found] == [4, 4]
