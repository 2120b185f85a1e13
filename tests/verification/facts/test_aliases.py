import pytest

from reportgen.documents.blocks import Block, Place
from reportgen.verification.facts.aliases import learn_names
from reportgen.verification.facts.subject import make_subject
from tests.judged import ASSIGNMENT


def named(text: str, said: str) -> list[str]:
    """Experiments that ``said`` names in a document with this text."""
    blocks = [Block("text", line, Place(line=at)) for at, line in enumerate(text.split("\n"), 1)]
    return [part for _, part in learn_names(blocks, make_subject(ASSIGNMENT, "M23CSE023")).named_parts(said)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Part A has ten classes.\nPart B has four classes.", ("Part A", "part B")),
        ("Task 1: 11,070 parameters\nTask 2: 7,008 parameters", ("Task 1", "Task 2")),
        ("net10 and net4 are trained. net10 is larger than net4.", ("net10", "net4")),
        ("", ("the ten-way problem", "the four-way problem")),
        ("", ("the digit problem", "the coarse problem")),
    ],
)
def test_names_are_learnt(text: str, said: tuple[str, str]) -> None:
    assert [named(text, name) for name in said] == [["experiment-1"], ["experiment-2"]]


@pytest.mark.parametrize("text", ["Part A describes the data.\nPart B describes the model.", "Step 1\nStep 2"])
def test_other_numbered_names_are_none(text: str) -> None:
    assert named(text, "Part A, Part B, Step 1 and Step 2") == []
