import math

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional

from reportgen.code.knowledge.functional import STEPS
from reportgen.code.shapes import flattened, pair, product, same_padding, viewed, windowed
from reportgen.code.values import Shape

small = st.integers(1, 4)


def torch_size(image: torch.Tensor) -> Shape:
    return (None, *image.shape[1:])


@settings(max_examples=80)
@given(
    st.tuples(st.integers(1, 14), st.integers(1, 14)),
    *[st.tuples(small, small)] * 2,
    st.tuples(*[st.integers(0, 3)] * 2),
    st.integers(1, 3),
)
def test_convolutions_as_torch_has_them(
    size: tuple[int, int], kernel: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int], dilation: int
) -> None:
    found = windowed((None, 2, *size), kernel, stride, padding, 5, dilation=dilation)
    try:
        made = functional.conv2d(torch.zeros(3, 2, *size), torch.zeros(5, 2, *kernel), None, stride, padding, dilation)
    except RuntimeError:
        assert found is None
    else:
        assert found == torch_size(made)


@settings(max_examples=80)
@given(
    st.tuples(st.integers(1, 14), st.integers(1, 14)), *[st.tuples(small, small)] * 2, st.integers(0, 2), st.booleans()
)
def test_pooling_as_torch_has_it(
    size: tuple[int, int], kernel: tuple[int, int], stride: tuple[int, int], padding: int, average: bool
) -> None:
    assume(padding <= min(kernel) // 2)
    found = windowed((None, 2, *size), kernel, stride, (padding, padding))
    pool = functional.avg_pool2d if average else functional.max_pool2d
    try:
        made = pool(torch.zeros(3, 2, *size), kernel, stride, padding)
    except RuntimeError:
        assert found is None
    else:
        assert found == torch_size(made)


@given(st.integers(4, 14), st.integers(1, 4))
def test_pooling_that_rounds_up_as_torch_has_it(size: int, kernel: int) -> None:
    found = windowed((None, 2, size, size), (kernel, kernel), (kernel, kernel), (0, 0), ceil=True)
    assert found == torch_size(functional.max_pool2d(torch.zeros(3, 2, size, size), kernel, ceil_mode=True))


def test_a_window_that_starts_behind_the_image() -> None:
    found = windowed((None, 2, 5, 5), (1, 1), (3, 3), (0, 0), ceil=True)
    assert found == torch_size(functional.max_pool2d(torch.zeros(3, 2, 5, 5), 1, 3, ceil_mode=True))


@settings(max_examples=150)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_views_as_torch_has_them(sizes: list[int], data: st.DataObject) -> None:
    count = math.prod(sizes)
    divisors = [size for size in range(1, count + 1) if count % size == 0]
    wanted = [data.draw(st.sampled_from([*divisors, -1])) for _ in range(data.draw(st.integers(1, 3)))]
    try:
        made = tuple(torch.zeros(*sizes).view(*wanted).shape)
    except RuntimeError:
        if -1 in wanted:
            assert viewed(tuple(sizes), list(wanted)) is None
    else:
        assert viewed(tuple(sizes), list(wanted)) == made


def test_a_view_that_does_not_fit() -> None:
    assert viewed((2, 3), [7]) is None


@pytest.mark.parametrize(
    ("shape", "sizes", "wanted"),
    [
        ((None, 4, 13, 13), [None, 676], (None, 676)),
        ((None, 4, 13, 13), [-1, 676], (None, 676)),
        ((None, 4, 13, 13), [None, -1], (None, 676)),
        ((1, 4, 13, 13), [1, -1], (1, 676)),
        ((1, 4, 13, 13), [-1], (676,)),
        (None, [-1, 676], (None, 676)),
        ((None, 4), [-1, -1], None),
    ],
)
def test_views_of_a_batch(shape: Shape | None, sizes: list[int | None], wanted: Shape | None) -> None:
    assert viewed(shape, sizes) == wanted


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(-4, 3), st.integers(-4, 3))
def test_flattening_as_torch_has_it(sizes: list[int], start: int, end: int) -> None:
    try:
        wanted = tuple(torch.zeros(*sizes).flatten(start, end).shape)
    except (RuntimeError, IndexError):
        return
    assert flattened(tuple(sizes), start, end) == wanted


def test_an_unknown_shape_stays_unknown() -> None:
    assert flattened(None) is None
    assert flattened((None, 4, 3)) == (None, 12)
    assert flattened((None, 4, None)) == (None, None)
    assert flattened((2, 3, 4), 2, 1) is None
    assert windowed(None, (1, 1), (1, 1), (0, 0)) is None
    assert windowed((1, 28, 28), None, (1, 1), (0, 0)) is None
    assert windowed((1, None, 28), (1, 1), (1, 1), (0, 0)) is None
    assert windowed((1, 28, 28), (1, 1), (0, 1), (0, 0)) is None
    assert windowed((28, 28), (1, 1), (1, 1), (0, 0)) is None


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        (3, (3, 3)),
        (3.0, (3, 3)),
        ((1, 2), (1, 2)),
        ([1, 2], (1, 2)),
        (None, None),
        (True, None),
        ("same", None),
        ((1,), None),
        ((1, "a"), None),
        (1.5, None),
    ],
)
def test_pairs(setting: object, wanted: tuple[int, int] | None) -> None:
    assert pair(setting) == wanted
    assert pair(None, 1) == (1, 1)


@pytest.mark.parametrize("setting", [float("inf"), float("nan")])
def test_no_pairs(setting: float) -> None:
    assert pair(setting) is None


@given(st.integers(1, 4).map(lambda half: 2 * half - 1), st.integers(8, 12))
def test_the_padding_that_keeps_the_size(kernel: int, size: int) -> None:
    padding = same_padding((kernel, kernel))
    assert windowed((1, size, size), (kernel, kernel), (1, 1), padding) == (1, size, size)
    assert same_padding((kernel + 1, kernel)) is None


@given(st.lists(st.integers(0, 5), max_size=4))
def test_the_number_of_elements(sizes: list[int]) -> None:
    assert product(tuple(sizes)) == math.prod(sizes)
    assert product((*sizes, None)) is None


@pytest.mark.parametrize(
    ("kind", "settings", "wanted"),
    [
        ("Conv2d", {"out_channels": 8, "kernel_size": 5, "padding": "same"}, (None, 8, 28, 28)),
        ("Conv2d", {"out_channels": 8, "kernel_size": 4, "padding": "same"}, (None, 8, 28, 28)),
        ("Conv2d", {"out_channels": 8, "kernel_size": 5, "padding": "valid"}, (None, 8, 24, 24)),
        ("Conv2d", {"out_channels": 8, "kernel_size": 5, "padding": "?"}, None),
        ("Conv2d", {"out_channels": 8, "kernel_size": "?"}, None),
        ("MaxPool2d", {"kernel_size": 2}, (None, 16, 14, 14)),
        ("MaxPool2d", {"kernel_size": 3, "ceil_mode": True}, (None, 16, 10, 10)),
        ("AvgPool2d", {"kernel_size": 2, "stride": 1}, (None, 16, 27, 27)),
        ("AvgPool2d", {"kernel_size": 2, "stride": 3, "padding": "same"}, (None, 16, 10, 10)),
        ("AdaptiveAvgPool2d", {"output_size": 1}, (None, 16, 1, 1)),
        ("GlobalAvgPool2d", {}, (None, 16)),
        ("Flatten", {}, (None, 12_544)),
        ("ZeroPad2d", {"padding": (1, 2, 3, 4)}, (None, 16, 35, 31)),
        ("ZeroPad2d", {"padding": 1}, (None, 16, 30, 30)),
        ("ZeroPad2d", {"padding": (1, 2)}, None),
        ("ReLU", {}, (None, 16, 28, 28)),
        ("Linear", {"out_features": 5}, (None, 16, 28, 5)),
        ("Linear", {"out_features": "?"}, (None, 16, 28, None)),
        ("Conv2d", {"out_channels": "?", "kernel_size": 1}, (None, None, 28, 28)),
        ("Conv2d", {"out_channels": 8, "kernel_size": 3, "dilation": (2, 2)}, (None, 8, 24, 24)),
        ("MaxPool2d", {"kernel_size": 3, "stride": 1, "dilation": 2}, (None, 16, 24, 24)),
        ("ZeroPad2d", {"padding": (1, 1, None, None)}, None),
        ("MaxPool2d", {"kernel_size": 2, "stride": 0, "padding": "same"}, None),
    ],
)
def test_sizes_after_a_layer(kind: str, settings: dict[str, object], wanted: Shape | None) -> None:
    assert STEPS[kind]((None, 16, 28, 28), settings) == wanted


@pytest.mark.parametrize("kind", sorted(STEPS))
def test_nothing_follows_from_an_unknown_size(kind: str) -> None:
    found = STEPS[kind](None, {"kernel_size": 2, "out_channels": 3, "out_features": 3, "output_size": 1, "padding": 1})
    assert found in {None, (None, 3)}
