"""Whatever a document holds, judging it ends with a ledger that keeps its own rules."""

from hypothesis import given
from hypothesis import strategies as st

from tests.judged import broken, ledger


@given(st.text(max_size=400))
def test_arbitrary_text_never_crashes(text: str) -> None:
    ledger(text)


PIECES = st.sampled_from(
    [
        "Experiment 1",
        "Experiment 2",
        "# ",
        "\n",
        "\n\n",
        "- ",
        "Convolution Layer 2",
        "Trainable parameters",
        "Total",
        "= ",
        ": ",
        " + ",
        " * ",
        "16",
        "5",
        "3,208",
        "(",
        ")",
        "97.31 %",
        "accuracy",
        "Epoch 1/2",
        "Confusion matrix",
        " 1 ",
        " 2 ",
        "---",
        "980 0 1",
        "{0, 6}",
        "Batch size",
        "23%3",
        "fc_x",
        "²",
        "/0",
        "≈",
        "floor(",
        "⌈",
        "Conv2d-1 [-1, 4, 2]",
    ]
)


@given(st.lists(PIECES, max_size=40))
def test_scraps_of_reports_never_crash(pieces: list[str]) -> None:
    assert not broken(ledger("".join(pieces)))
