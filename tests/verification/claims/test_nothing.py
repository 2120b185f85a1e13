"""Numbers that claim nothing are told so, and those beside them that do are not."""

import pytest

from reportgen.verification.ledger import Rule, Verdict
from tests.judged import ledger

LISTING = "\n\n".join(f"{at} weights{at} = solve(inputs, {at * 7});" for at in range(1, 15))
PROSE = "\n\n".join(f"{at} networks reach {at * 6}.5 % accuracy" for at in range(1, 15))


def silent(text: str) -> list[str]:
    return [claim.found for claim in ledger(text).of(Verdict.NO_CLAIM)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("see the answer#%E3%83%87%E3%83%BC%E3%82%BF of a friend", 1),
        ("the label is [0, 0, 1, 0] for a coat", 4),
        ("Student number: 404303202", 1),
        ("\\definecolor{ink}{rgb}{0.2,0.4,0.6} in black", 3),
        ("Results ........ 12 3.1 Training", 2),
        ("100 200 300 400 500", 5),
        ("0 1 0 -1", 4),
        ("10/10 [=====] - 13s 2ms/step", 2),
        ("assets/loss-batch-16-epochs-20", 2),
    ],
)
def test_numbers_that_claim_nothing(text: str, numbers: int) -> None:
    assert len(silent(f"# Notes\n\n{text}\n")) >= numbers
    assert not [c for c in ledger(f"# Notes\n\n{text}\n").claims if c.verdict is Verdict.NOT_UNDERSTOOD]


@pytest.mark.parametrize(
    "text",
    [
        "The accuracies are 85%15 and 20%.",
        "We asked 1234 students",
        "The loss fell ... 12 epochs later",
        "96.31 97.52 98.33",
        "The batch size is 13s or so",
    ],
)
def test_numbers_that_may_claim_something(text: str) -> None:
    assert silent(f"# Notes\n\n{text}\n") == []


def test_a_listing_is_code_and_a_numbered_list_of_sentences_is_not() -> None:
    assert len(silent(LISTING)) >= 28
    assert not [found for found in silent(PROSE) if found.endswith("%")]


def test_epochs_that_count_up_are_a_log() -> None:
    text = "\n\n".join(f"Epoch {at}. Training loss = 0.{90 - at}." for at in (20, 40, 60))
    rules = [claim.rule for claim in ledger(text).claims if claim.found in {"20", "40", "60"}]
    assert rules == [Rule.LOG] * 3
    told = ledger("The best epoch is epoch 20. It stopped at epoch 37.")
    assert Rule.LOG not in {claim.rule for claim in told.claims}
