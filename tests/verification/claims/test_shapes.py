"""Shapes: what is reshaped keeps its numbers."""

import pytest

from tests.judged import ledger


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Each row is reshaped from 785 to 28x28x1.", "785"),
        ("The maps are flattened from 16x5x5 to 410 numbers.", "410"),
        ("We reshape the vectors from (3062) to (32, 32, 3).", "3062"),
    ],
)
def test_a_vector_that_is_no_image(text: str, found: str) -> None:
    assert [claim.found for claim in ledger(text).contradicted] == [found]


@pytest.mark.parametrize(
    "text",
    [
        "Each row is reshaped from 784 to 28x28x1.",
        "The maps are flattened from 16x5x5 to 400 numbers.",
        "The data are reshaped from (60000, 28, 28) to (60000, 784).",
        "The images are reshaped from 28x28 to 32x32.",
        "The network reshapes the images from 60000 to 28, 28, 1.",
        "It would be wrong to reshape the rows from 785 to 28x28x1.",
        "The data went from 785 columns to 28x28 images after the label was split off.",
    ],
)
def test_what_keeps_its_numbers_or_may(text: str) -> None:
    assert not ledger(text).contradicted
