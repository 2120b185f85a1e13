import pytest

from reportgen.verification.ledger import Quantity, Verdict
from tests.judged import ledger, said


@pytest.mark.parametrize(
    ("text", "otherwise"),
    [
        ("Batch size: 20", None),
        ("batch_size=20 epochs=10", None),
        ("The evaluation batch size is 1000, the batch size 20.", None),
        ("Batch size: 32", "batch-size"),
        ("BATCH_SIZE = 16", "batch-size"),
        ("Trained for 10 epochs with Adam.", None),
        ("Epochs: 7", "epochs"),
        ("We trained for 5 epochs.", "epochs"),
        ("Optimizer: Adam", None),
        ("Group 4: Adam Example, Bela Sample", None),
        ("Optimizer: SGD", "optimizer"),
        ("Loss function: cross-entropy", None),
    ],
)
def test_what_is_said_of_the_training(text: str, otherwise: str | None) -> None:
    assert said(text, "deviates") == ({otherwise} if otherwise else set())
    assert said(text, "contradicted") == set()


def test_a_setting_deviates_once() -> None:
    found = ledger("Batch size: 32\n\nThe batch size was 32.").deviating
    assert [(claim.quantity, claim.found, claim.expected) for claim in found] == [(Quantity.BATCH_SIZE, "32", "20")]


def test_without_a_roll_number_no_batch_size_is_judged() -> None:
    found = ledger("# Experiment 1: 10-Class Classification\n\nBatch size: 32", roll="report")
    assert [c.verdict for c in found.claims if c.quantity is Quantity.BATCH_SIZE] == [Verdict.UNVERIFIABLE]


def test_a_wrong_remainder_is_wrong_arithmetic() -> None:
    assert said("A = 23: 23 mod 2 = 1, 23 mod 3 = 2.", "contradicted") == set()
    assert [claim.found for claim in ledger("23 mod 3 = 1").contradicted] == ["1"]
