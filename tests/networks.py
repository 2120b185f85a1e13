"""Random networks for hypothesis, and what torch itself says of a network, one layer after the other."""

from collections.abc import Sequence
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor, nn

from reportgen.assignment.counting import LayerError, Shape, count
from reportgen.assignment.layers import (
    AdaptiveAvgPool2d,
    AnyLayer,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
)

Network = tuple[Shape, tuple[AnyLayer, ...]]

_rarely = st.integers(0, 9).map(lambda number: number == 0)


def _pairs(low: int, high: int) -> st.SearchStrategy[tuple[int, int]]:
    same = st.integers(low, high).map(lambda number: (number, number))
    return st.one_of(same, st.tuples(st.integers(low, high), st.integers(low, high)))


@st.composite
def _claims(draw: st.DrawFn, truth: int) -> int | None:
    """An input size as a spec may give it: mostly left out, sometimes right, rarely wrong."""
    if draw(_rarely):
        return draw(st.integers(1, 2 * truth + 1))
    return draw(st.sampled_from([None, None, truth]))


@st.composite
def _convolutions(draw: st.DrawFn, shape: Shape) -> AnyLayer:
    divisors = [number for number in range(1, shape[0] + 1) if shape[0] % number == 0]
    groups = draw(st.integers(1, 6)) if draw(_rarely) else draw(st.sampled_from([1, *divisors]))
    out_channels = draw(st.integers(1, 8))
    return Conv2d(
        in_channels=draw(_claims(shape[0])),
        out_channels=out_channels if draw(_rarely) else groups * -(-out_channels // groups),
        kernel_size=draw(_pairs(1, 5)),
        stride=draw(st.one_of(st.just((1, 1)), _pairs(1, 3))),
        padding=draw(st.one_of(_pairs(0, 3), _pairs(2, 3), st.sampled_from(["same", "valid"]))),
        dilation=draw(st.one_of(st.just((1, 1)), _pairs(1, 3))),
        groups=groups,
        bias=draw(st.booleans()),
        frozen=draw(st.booleans()),
    )


@st.composite
def _poolings(draw: st.DrawFn) -> AnyLayer:
    kernel = draw(_pairs(1, 4))
    padding = tuple(draw(st.integers(0, size // 2 + draw(_rarely))) for size in kernel)
    settings: dict[str, Any] = {
        "kernel_size": kernel,
        "stride": draw(st.one_of(st.none(), _pairs(1, 4))),
        "padding": padding,
        "ceil_mode": draw(st.booleans()),
    }
    if draw(st.booleans()):
        return AvgPool2d(**settings)
    return MaxPool2d(**settings, dilation=draw(st.one_of(st.just((1, 1)), _pairs(1, 3))))


@st.composite
def _layers(draw: st.DrawFn, shape: Shape) -> AnyLayer:
    flags = st.booleans()
    normalization = st.builds(
        BatchNorm2d, num_features=_claims(shape[0]), affine=flags, track_running_stats=flags, frozen=flags
    )
    for_images: list[st.SearchStrategy[AnyLayer]] = [
        *[_convolutions(shape)] * 3,
        *[_poolings()] * 2,
        normalization,
        st.builds(AdaptiveAvgPool2d, output_size=_pairs(1, 5)),
    ]
    for_all: list[st.SearchStrategy[AnyLayer]] = [
        st.builds(Linear, in_features=_claims(shape[-1]), out_features=st.integers(1, 12), bias=flags, frozen=flags),
        st.builds(Dropout, p=st.floats(0, 0.9)),
        *[st.just(layer) for layer in (ReLU(), Flatten(), Softmax())],
    ]
    fitting = (len(shape) == 3) != draw(_rarely)
    return draw(draw(st.sampled_from([*for_images, *for_all] if fitting else for_all)))


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """An input shape and layers of all ten types; about half of the networks can't be built."""
    start = (draw(st.integers(1, 6)), draw(st.integers(1, 16)), draw(st.integers(1, 16)))
    shape: Shape = start
    layers: list[AnyLayer] = []
    for _ in range(draw(st.integers(2, 7))):
        layers.append(draw(_layers(shape)))
        try:
            shape = count(layers, start).layers[-1].output_shape
        except LayerError:
            break
    return start, tuple(layers)


def torch_says(layers: Sequence[AnyLayer], input_shape: Shape, device: str) -> tuple[list[Shape], int | None]:
    """The shape after each layer, and the index of the layer that torch can't build or run; None if it runs all.

    A network must take one image and two, and keep them apart: AdaptiveAvgPool2d(1) takes a flat input too, but
    then averages over the batch.
    """
    batches = [torch.zeros(number, *input_shape, device=device) for number in (1, 2)]
    shapes: list[Shape] = []
    for index, layer in enumerate(layers):
        try:
            with torch.no_grad():
                module = _build(layer, batches[0]).to(device).eval()
                batches = [module(batch) for batch in batches]
        except (RuntimeError, ValueError, IndexError):
            return shapes, index
        if len(batches[1]) != 2:
            return shapes, index
        shapes.append(tuple(batches[0].shape[1:]))
    return shapes, None


def _build(layer: AnyLayer, batch: Tensor) -> nn.Module:
    settings = layer.model_dump(exclude={"name", "type", "frozen"})
    for key, dimension in (("in_channels", 1), ("num_features", 1), ("in_features", -1)):
        if key in settings and settings[key] is None:
            settings[key] = batch.shape[dimension]
    if isinstance(layer, Softmax):
        settings["dim"] = 1
    module: nn.Module = getattr(nn, layer.type)(**settings)
    return module
