import pytest

from tests.judged import FOUR, TEN, kinds, ledger

MATRICES = f"{TEN}\n\n{FOUR}\n\n"


def test_an_accuracy_that_the_matrix_gives_is_verified() -> None:
    found = ledger(f"{MATRICES}Test accuracy is 97.64 % with ten classes and 97.44 % with four classes.")
    said = [claim for claim in found.claims if claim.kind == "test-accuracy"]
    assert [(claim.found, claim.verdict, claim.experiment) for claim in said] == [
        ("97.64", "verified", "experiment-1"),
        ("97.44", "verified", "experiment-2"),
    ]


@pytest.mark.parametrize("said", ["97.63 %", "97.46 %", "98.01 percent", "0.9763"])
def test_an_accuracy_that_nothing_gives_is_wrong_where_the_right_one_stands_nowhere(said: str) -> None:
    assert kinds(f"{MATRICES}The test accuracy with ten classes is {said}.") == {"test-accuracy"}


@pytest.mark.parametrize(
    "text",
    [
        "The training accuracy is 98.48 %.",
        "The validation accuracy is 97.99 %.",
        "With dropout and augmentation the accuracy rises to 98.52 %.",
        "Others report an accuracy of 99.77 % in the literature.",
        "The accuracy is above 97.50 %.",
        "The macro-averaged F1 score is 0.9699.",
        "A Wilson interval for the accuracy goes from 97.32 % to 97.92 %.",
    ],
)
def test_other_accuracies_are_not_accused(text: str) -> None:
    assert kinds(f"{MATRICES}Accuracy with ten classes: 97.64 %; with four classes: 97.44 %.\n\n{text}") == set()


def test_another_experiment_s_accuracy_is_wrong_where_the_own_stands_nowhere() -> None:
    text = f"{MATRICES}## Experiment 1\n\nTest accuracy: 97.44 %\n\n## Experiment 2\n\nTest accuracy: 97.44 %\n"
    (claim,) = ledger(text).contradicted
    assert (claim.expected, claim.found, claim.experiment) == ("97.64", "97.44", "experiment-1")


@pytest.mark.parametrize(
    ("best", "found"), [("97.64", set()), ("97.46", {"test-accuracy"})], ids=["the highest", "another epoch's"]
)
def test_the_best_epoch_is_that_of_the_table(best: str, found: set[str]) -> None:
    rows = "\n".join(f"| {at} | {value} |" for at, value in enumerate((90.11, 95.22, 97.46, 97.31, 97.64), 1))
    four = "\n".join(f"| {at} | {value} |" for at, value in enumerate((90.14, 95.27, 96.40, 97.38, 97.44), 1))
    tables = "\n\n".join(f"| Epoch | Test accuracy |\n|---|---|\n{table}" for table in (rows, four))
    assert kinds(f"{MATRICES}{tables}\n\nThe best test accuracy is {best} %.") == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("97.64 % (9,764 of 10,000)", set()),
        ("97.65 % (9,764 of 10,000)", {"accuracy"}),
        ("9764/10000 are right, which is 97.46 %", {"accuracy"}),
        ("9,764 of 11,000 images are right", {"correct-images"}),
        ("9,765 images are recognised", {"correct-images"}),
    ],
)
def test_numbers_of_right_images(text: str, found: set[str]) -> None:
    assert kinds(f"{MATRICES}{text}.") >= found
    assert bool(kinds(f"{MATRICES}{text}.")) == bool(found)
