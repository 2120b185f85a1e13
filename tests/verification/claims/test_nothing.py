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


def test_the_counters_of_a_log_claim_nothing() -> None:
    text = "\n\n".join(f"Epoch {at}. Training loss = 0.{90 - at}." for at in (20, 40, 60))
    claims = [claim for claim in ledger(text).claims if claim.found in {"20", "40", "60"}]
    assert [(claim.rule, claim.verdict) for claim in claims] == [(Rule.LOG, Verdict.NO_CLAIM)] * 3
    told = ledger("The best epoch is epoch 20. It stopped at epoch 37.")
    assert Rule.LOG not in {claim.rule for claim in told.claims}


@pytest.mark.parametrize(
    "line", ["Epoch [3/10]", "938/938 ━━━━ 5s", "60/60 - 2s - loss: 0.41", "Step [100/938]", "[640/6000 (11%)]"]
)
def test_counters_of_epochs_and_steps(line: str) -> None:
    claims = ledger(f"{line}\n").claims
    assert Rule.LOG in {claim.rule for claim in claims}
    assert not [claim for claim in claims if claim.verdict is Verdict.VERIFIED]


@pytest.mark.parametrize(
    "text", ["| method | seeds that converge |\n|---|---|\n| ours | 0/2 |\n", "It converged for 0/2"]
)
def test_two_of_the_seeds_are_no_step(text: str) -> None:
    assert not {Rule.LOG, Rule.PART_OF_WHOLE} & {claim.rule for claim in ledger(text).claims}


def test_the_digit_of_a_name_is_no_value() -> None:
    text = "Confusion matrix:\n\n[[910 90]\n [0 1000]]\n\n{}\n"
    for line in (
        "Top-1 accuracy",
        "F1 accuracy",
        "precision recall f1-score",
        "Accuracy of M1",
        "Accuracy of ResNet-1k",
    ):
        found = ledger(text.format(line))
        assert not [claim for claim in found.verified if claim.number and claim.number.value == "1"]
    assert [claim.found for claim in ledger(text.format("The accuracy is 0.955.")).verified] == ["0.955"]


def test_the_number_of_a_neuron_is_no_number_of_neurons() -> None:
    text = "# MNIST\n\n{}\n"
    for line in ("Neuron 4, 8, 10 answer to edges", "The activation of neuron 10", "Outputs of class 10 and 12"):
        assert not [claim for claim in ledger(text.format(line)).verified if claim.found == "10"]
        assert "10" in silent(text.format(line))
    for line in ("The output layer has 10 neurons", "Number of classes: 10", "Neurons: 10"):
        assert "10" in [claim.found for claim in ledger(text.format(line)).verified]
