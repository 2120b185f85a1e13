"""Sizes of data sets: verified where the words say that it is the set's own part, and not by the number alone."""

import pytest

from tests.judged import ledger


def verified(text: str) -> list[str]:
    found = ledger(f"# CIFAR-10\n\n{text}\n").verified
    return [claim.found for claim in found if claim.number and int(float(claim.number.value)) >= 1000]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("We train on the 50,000 training images and test on 10,000 test images.", ["50,000", "10,000"]),
        ("CIFAR-10 has 60,000 images, 6,000 per class.", ["60,000", "6,000"]),
        ("The test set has 1,000 images of each class.", ["1,000"]),
    ],
)
def test_a_part_of_the_data_set(text: str, numbers: list[str]) -> None:
    assert verified(text) == numbers


@pytest.mark.parametrize(
    "text",
    [
        "Our subset: 5000 training images, 1000 validation images, 1000 test images.",
        "We keep 10,000 images for validation.",
        "It has 40,000 labelled and 10,000 unlabelled images.",
        "The data are drawn by make_moons(n_samples=1000).",
    ],
)
def test_a_split_of_ones_own(text: str) -> None:
    assert verified(text) == []
