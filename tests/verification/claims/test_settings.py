import pytest

from tests.judged import kinds, ledger


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Batch size: 20", None),
        ("batch_size=20 epochs=10", None),
        ("Gradients are averaged over 20 images at a time.", None),
        ("Batch size 32 if A is even, 16 if it is a multiple of three, else 20.", None),
        ("The evaluation batch size is 1000, the batch size 20.", None),
        ("Batch size: 32", "batch-size"),
        ("BATCH_SIZE = 16", "batch-size"),
        ("| bs | 64 |\n|---|---|\n| lr | 0.001 |", "batch-size"),
        ("We used 32 images per batch.", "batch-size"),
        ("Trained for 10 epochs with Adam.", None),
        ("After 3 epochs it was good; in all 10 epochs were run.", None),
        ("Epochs: 7", "epochs"),
        ("We trained for 5 epochs.", "epochs"),
        ("Optimizer: Adam", None),
        ("We tried SGD instead of Adam.", None),
        ("Optimizer: SGD", "optimizer"),
        ("RMSprop with learning rate 0.001.", "optimizer"),
        ("Loss function: cross-entropy", None),
        ("Loss function: mean squared error", "loss"),
    ],
)
def test_what_is_said_of_the_training(text: str, wrong: str | None) -> None:
    assert kinds(text) == ({wrong} if wrong else set())


def test_more_epochs_are_a_deviation() -> None:
    (claim,) = (claim for claim in ledger("Trained for 15 epochs.").claims if claim.kind == "epochs")
    assert (claim.verdict, claim.deviation) == ("unverifiable", True)


def test_without_a_roll_number_no_batch_size_is_judged() -> None:
    found = ledger("Batch size: 32", roll="report")
    assert [(c.kind, c.verdict) for c in found.claims if c.kind == "batch-size"] == [("batch-size", "unverifiable")]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("A = 23: 23 mod 2 = 1, 23 mod 3 = 2.", False),
        ("23 ≡ 1 (mod 2) and 23 ≡ 2 (mod 3)", False),
        ("23 divided by 2 leaves 1 and divided by 3 leaves 2.", False),
        ("The remainders of 23 by two and by three are 1 and 2, respectively.", False),
        ("The rule: if A % 2 == 0 the batch size is 32. Here A % 2 = 1.", False),
        ("A % 2, A % 3: 1, 2", False),
        ("23 ≡ 1 (mod 2) and 23 ≡ 1 (mod 3)", True),
        ("23 divided by 2 leaves 1 and divided by 3 leaves 0.", True),
        ("The batch size follows from the roll number: A mod 3 is 1.", True),
        ("The last three digits of my roll number are A = 32.", True),
    ],
)
def test_remainders(text: str, wrong: bool) -> None:
    assert bool(kinds(text) & {"remainder", "roll-number", "arithmetic"}) == wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Non-trainable parameters: 0", False),
        ("0 non-trainable parameters in both networks", False),
        ("Non-trainable parameters of Task 1 = 0", False),
        ("There are 11,070 trainable and 0 non-trainable parameters; the 3 pooling layers have none.", False),
        ("Non-trainable params: 28", True),
        ("56 non-trainable parameters", True),
        ("10 <-- total non-trainable", True),
        ("Frozen parameters: 0 in Experiment 1 and 56 in Experiment 2", True),
    ],
)
def test_parameters_that_are_not_trained(text: str, wrong: bool) -> None:
    assert ("non-trainable" in kinds(text)) == wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("60,000 training images and 10,000 test images", False),
        ("60k train / 10k test", False),
        ("50,000 training and 10,000 validation images, and 10,000 for testing", False),
        ("class 1 has 1,938 test images of 10,000", False),
        ("50,000 training images and 10,000 test images", True),
        ("60,000 training images and 12,000 test images", True),
    ],
)
def test_sizes_of_the_data(text: str, wrong: bool) -> None:
    assert ("dataset" in kinds(f"MNIST has {text}.")) == wrong
