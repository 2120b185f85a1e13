"""Summaries of libraries as networks: what kernels and windows the counts and shapes of the rows leave."""

import re
from collections.abc import Iterator, Sequence
from itertools import product

from reportgen.assignment.counting import Shape
from reportgen.assignment.layers import AnyLayer, BatchNorm2d, Conv2d, Dropout, Flatten, ReLU, Softmax
from reportgen.verification.claims.summaries import Row, Summary
from reportgen.verification.facts.networks import Form, Said, StatedLayer, StatedNetwork, counts_of, linear, windows

_LARGEST = 15
_PLAIN: tuple[tuple[str, AnyLayer], ...] = (
    ("flatten", Flatten()),
    ("drop", Dropout(p=0.5)),
    ("softmax", Softmax()),
    ("relu", ReLU()),
    ("activation", ReLU()),
    ("norm", BatchNorm2d()),
)


def channels_first(row: Row, summary: Summary) -> Shape:
    """The shape of a row's output as (C, H, W) or (features,)."""
    last = summary.channels_last and len(row.shape) == 3
    return (row.shape[2], *row.shape[:2]) if last else row.shape


def summary_network(summary: Summary, inputs: Sequence[Shape]) -> StatedNetwork | None:
    """The network of a summary; None where it has no two layers with weights."""
    layers: list[StatedLayer] = []
    before: Shape | None = None
    given: tuple[Shape, ...] = tuple(inputs)
    for row in summary.rows:
        if not row.shape:
            return None
        shape = channels_first(row, summary)
        if "input" in row.kind.lower():
            given, before = (shape,), shape
            continue
        # without a data set, the first kernel is told by its parameters alone
        starts = (before,) if before is not None else given or _starts(shape)
        readings = tuple(dict.fromkeys(one for start in starts for one in _readings(row, start, shape)))
        kind = readings[0].type if readings else _kind(row.kind)
        said = Said(shape, row.block, *row.shape_at)
        count = Said((row.count,), row.block, row.start, row.end) if row.count is not None else None
        layers.append(StatedLayer(kind, readings, row.block, row.start, row.end, said, count))
        before = shape
    if sum(layer.kind in {"Conv2d", "Linear"} for layer in layers) < 2:
        return None
    return StatedNetwork(Form.SUMMARY, tuple(layers), given, summary.whole and all(layer.readings for layer in layers))


def _starts(shape: Shape) -> tuple[Shape, ...]:
    if len(shape) != 3:
        return ()
    return tuple((channels, *(size + lost for size in shape[1:])) for channels in (1, 3) for lost in range(_LARGEST))


def _kind(kind: str) -> str:
    found = re.search(r"conv|dense|linear|pool", kind, re.I)
    names = {"conv": "Conv2d", "dense": "Linear", "linear": "Linear", "pool": "MaxPool2d"}
    return (
        names[found[0].lower()] if found and not re.search(r"transpose|depthwise|separable|1d|3d", kind, re.I) else ""
    )


def _readings(row: Row, before: Shape, shape: Shape) -> Iterator[AnyLayer]:
    """What a row may be so that it makes its shape of the one before, with its parameters."""
    return (
        layer
        for layer in _candidates(row, before, shape)
        for counted in counts_of(layer, before)
        if counted.output_shape == shape
        and row.count in {None, counted.trainable, counted.trainable + counted.buffers - 1}
    )


def _candidates(row: Row, before: Shape, shape: Shape) -> Iterator[AnyLayer]:
    kind = row.kind.lower()
    if _kind(kind) == "Conv2d" and len(shape) == len(before) == 3:
        for bias, kernel in product((True, False), range(1, _LARGEST + 1)):
            each = (row.count or 0) // shape[0]
            if row.count is not None and each - bias != before[0] * kernel * kernel:
                continue
            for stride, padding in product((1, 2, 3, 4), range(kernel // 2 + 1)):
                yield Conv2d(
                    out_channels=shape[0],
                    kernel_size=(kernel, kernel),
                    stride=(stride, stride),
                    padding=(padding, padding),
                    bias=bias,
                )
    elif _kind(kind) == "Linear":
        yield from linear(shape[-1])
    elif "pool" in kind and len(shape) == len(before) == 3:
        name = "AvgPool2d" if re.search("av(?:era)?g", kind) else "MaxPool2d"
        yield from windows(name, (2, 3, 4, 5), (1, 2, 3, 4), (0, 1, 2))
    else:
        yield from (layer for word, layer in _PLAIN if word in kind)
