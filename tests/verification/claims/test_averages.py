"""Averages of numbers that are printed beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.verification.ledger import Rule
from tests.judged import ledger


def wrong(text: str) -> list[str]:
    return [claim.found.rstrip("%") for claim in ledger(text).contradicted]


@pytest.mark.parametrize(
    "text",
    [
        "The accuracies of the runs were 91.2, 92.4, 93.1 and 94.9 %, on average 91.7 %.",
        "The mean was 91.7 % (91.2, 92.4, 93.1, 94.9).",
        "| Model | Run 1 | Run 2 | Run 3 | Run 4 | Mean |\n|---|---|---|---|---|---|\n"
        "| Alpha | 91.2 | 92.4 | 93.1 | 94.9 | 91.7 |\n",
    ],
)
def test_a_mean_that_its_numbers_refute(text: str) -> None:
    assert wrong(text) == ["91.7"]
    for right in ("92.9", "92.90", "93"):
        assert not wrong(text.replace("91.7", right))


@pytest.mark.parametrize(
    "text",
    [
        "The accuracies of the runs were 91.2, 92.4, 93.1 and 94.9 %, on average 92.8 %.",  # the median
        "Of 91.2, 92.4, 93.1 and 94.9 % the average without the best is 92.2 %.",
        "The accuracies were 91.2, 92.4, 93.1 and 94.9 %; their weighted average is 93.4 %.",
        "Three runs gave 91.2, 92.4 and 93.1 %. The average of all twenty is 91.9 %.",
        "The sizes 0.25, 0.5 and 0.75 were tried, and the average accuracy is 92.1 %.",
        "Runs at 91.2, 92.4 and 93.1 % beat the average of 89.5 %.",
        "| Model | Run 1 | Run 2 | Run 3 | Best |\n|---|---|---|---|---|\n| Alpha | 91.2 | 92.4 | 93.1 | 93.1 |\n",
    ],
)
def test_what_else_an_average_may_be_of(text: str) -> None:
    assert not wrong(text)


@given(st.lists(st.integers(8000, 9999), min_size=3, max_size=9))
def test_a_rounded_mean_is_right(hundredths: list[int]) -> None:
    listed = ", ".join(f"{value / 100:.2f}" for value in hundredths)
    mean = sum(hundredths) / len(hundredths) / 100
    found = ledger(f"The runs reached {listed} %, an average of {mean:.2f} %.")
    assert not found.contradicted
    assert Rule.ARITHMETIC in {claim.rule for claim in found.verified}
