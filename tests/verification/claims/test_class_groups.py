import pytest

from reportgen.assignment.bundled import load_spec
from reportgen.documents.reading import parse_document
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Claim

ASSIGNMENT = load_spec("csl7590-a1")


def groups(text: str) -> tuple[list[Claim], list[Claim]]:
    """Claims about groups that are verified, and that deviate."""
    content = text.encode()
    found = judge(parse_document(content, "M23CSE023.txt", "text"), ASSIGNMENT, None, content)
    own = [claim for claim in found.claims if claim.quantity == "class-group"]
    return [c for c in own if c.verdict == "verified"], [c for c in own if c.verdict == "deviates"]


RIGHT = [
    "classes {0, 6}, {1, 7}, {2, 3, 8, 5} and {4, 9}",
    "class 1: 0 and 6; class 2: 1 and 7; class 3: 2, 3, 8 and 5; class 4: 4 and 9",
    "1 <- 0 6\n2 <- 1 7\n3 <- 2 3 8 5\n4 <- 4 9",
    "0/6 → 1, 1/7 → 2, 2/3/8/5 → 3, 4/9 → 4",
    "{0: 1, 6: 1, 1: 2, 7: 2, 2: 3, 3: 3, 8: 3, 5: 3, 4: 4, 9: 4}",
    "digit  0 1 2 3 4 5 6 7 8 9\nclass  1 2 3 3 4 3 1 2 3 4",
]


@pytest.mark.parametrize("text", RIGHT)
def test_the_assignment_s_groups_are_verified(text: str) -> None:
    verified, contradicted = groups(text)
    assert verified
    assert contradicted == []


@pytest.mark.parametrize(
    "text",
    [
        "classes {7, 6}, {1, 0}, {2, 3, 8, 5} and {4, 9}",
        "class 1: 0 and 6; class 2: 1 and 7; class 3: 2, 3, 8 and 9; class 4: 4 and 9",
        "1 <- 0 6\n2 <- 1 4\n3 <- 2 3 8 5\n4 <- 7 9",
        "0/6 → 1, 1/2 → 2, 7/3/8/5 → 3, 4/9 → 4",
        "{0: 1, 6: 2, 1: 2, 7: 2, 2: 3, 3: 3, 8: 3, 5: 3, 4: 4, 9: 4}",
        "digit  0 1 2 3 4 5 6 7 8 9\nclass  1 2 3 3 4 3 1 2 4 4",
    ],
)
def test_a_label_in_another_class_is_found(text: str) -> None:
    assert groups(text)[1]


def test_other_digits_are_no_groups() -> None:
    assert groups("Sections 1, 2 and 3 are about kernels of 7, 5 and 3; the seeds are 0, 6 and 9.") == ([], [])
