"""Words for one layer become what the layer may be, and nothing that the words don't say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.assignment.layers import Conv2d, Linear, MaxPool2d
from reportgen.verification.claims.layer_phrases import read_phrase


@pytest.mark.parametrize(
    "text",
    [
        "Conv2D(32, 3x3, same padding)",
        "Conv2D(32, (3, 3), activation='relu', padding='same')",
        "conv layer, 32 filters of size 3x3, same padding",
        "Convolution 1: 3 * 3 * 32, same",
        "Conv1: 32 filters, kernel size 3, padding: same",
    ],
)
def test_a_convolution_is_read(text: str) -> None:
    phrase = read_phrase(text)
    assert phrase is not None
    assert phrase.readings == tuple(
        Conv2d(out_channels=32, kernel_size=(3, 3), padding="same", bias=bias) for bias in (True, False)
    )


def test_torch_gives_its_arguments_in_order() -> None:
    phrase = read_phrase("self.c = nn.Conv2d(1, 8, 5, 2, 1, bias=False)")
    assert phrase is not None
    (layer,) = phrase.readings
    assert layer == Conv2d(in_channels=1, out_channels=8, kernel_size=(5, 5), stride=(2, 2), padding=(1, 1), bias=False)


@pytest.mark.parametrize("text", ["Dense(128, ReLU)", "FC 128", "fully connected layer with 128 units", "Hidden: 128"])
def test_a_fully_connected_layer_is_read(text: str) -> None:
    phrase = read_phrase(text)
    assert phrase is not None
    assert phrase.readings[0] == Linear(out_features=128)


@pytest.mark.parametrize("text", ["3x Dense(64)", "Dense(64) x3", "Dense(64, ReLU) (x3)", "3 × Dense 64"])
def test_a_layer_that_is_repeated_is_counted_as_often(text: str) -> None:
    phrase = read_phrase(text)
    assert phrase is not None
    assert (phrase.times, phrase.readings[0]) == (3, Linear(out_features=64))


def test_how_often_is_not_left_out() -> None:
    phrase = read_phrase("Dense(64) x12 in a row")
    assert phrase is not None
    assert not phrase.read


def test_pooling_is_two_by_two_where_nothing_says_it() -> None:
    phrase = read_phrase("MaxPooling")
    assert phrase is not None
    assert phrase.readings[0] == MaxPool2d(kernel_size=(2, 2))


def test_a_kernel_that_nobody_says_is_open() -> None:
    phrase = read_phrase("Conv2D(32)")
    assert phrase is not None
    assert {one.kernel_size for one in phrase.readings if isinstance(one, Conv2d)} >= {(3, 3), (5, 5)}


@pytest.mark.parametrize("text", ["LSTM(64)", "4 conv blocks of 64", "Conv1D(32, 3)", "separable conv 32"])
def test_what_can_not_be_counted_has_no_reading(text: str) -> None:
    phrase = read_phrase(text)
    assert phrase is not None
    assert not phrase.readings
    assert not phrase.read


@pytest.mark.parametrize("text", ["", "the weather was fine", "batch size 32", "we trained for 10 epochs"])
def test_other_words_are_no_layer(text: str) -> None:
    assert read_phrase(text) is None


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_a_linear_layer_has_the_sizes_that_are_printed(inputs: int, outputs: int) -> None:
    phrase = read_phrase(f"nn.Linear({inputs}, {outputs})")
    assert phrase is not None
    assert phrase.readings == tuple(
        Linear(in_features=inputs, out_features=outputs, bias=bias) for bias in (True, False)
    )


@given(st.text("Conv2dDenseLinearMaxPool()[]x*→->=,:.%0123456789 ", max_size=60))
def test_no_words_break_it(text: str) -> None:
    phrase = read_phrase(text)
    assert phrase is None or phrase.end >= phrase.start
