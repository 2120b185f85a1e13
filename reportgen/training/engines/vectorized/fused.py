"""A network that computes the same function on a CPU in less time: same parameters, same gradients, fewer passes.

Four things pay (see ``benchmarks/README.md``). Convolutions with few channels run along the rows of all images of a
batch. Max-pooling of 2×2 windows at every position and the ReLU behind it are one pass, not five. Batch normalization
and the ReLU behind it are three, not six. And each part calls its gradient itself, in memory that it uses again at
every step.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from reportgen.training.engines.engine import Stepwise
from reportgen.training.engines.vectorized import loops
from reportgen.training.engines.vectorized.image_stages import (
    Average,
    Convolution,
    FlattenedDense,
    Maximum,
    NormalizedReLU,
    PooledConvolution,
    Rectified,
    SlidingMaximum,
)
from reportgen.training.engines.vectorized.stages import (
    Dense,
    Differentiated,
    Dropped,
    Flattened,
    Images,
    Unit,
    as_tensor,
)


class QuickNetwork(Stepwise):
    """Parts in the order of the data; the last gives logits (N, K)."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.units = units

    @torch.no_grad()
    def logits(self, images: Tensor) -> Tensor:
        """Predict: (N, C, H, W), scaled and in channels_last order, to logits (N, K)."""
        return self._forward(images, training=False)

    @torch.no_grad()
    def step(self, images: Tensor, labels: Tensor) -> Tensor:
        """Fill the ``grad`` of every trained parameter with the gradient of the mean cross-entropy; the logits."""
        logits = self._forward(images, training=True)
        gradient = torch.empty_like(logits)
        loops.cross_entropy_gradient(logits.numpy(), labels.numpy(), gradient.numpy())
        slope: Images = gradient
        for number in reversed(range(len(self.units))):
            found = self.units[number].backward(slope, wanted=number > 0)
            if found is None:
                break
            slope = found
        return logits

    def _forward(self, images: Tensor, *, training: bool) -> Tensor:
        given: Images = images
        for unit in self.units:
            unit.training = training
            given = unit.forward(given)
        return as_tensor(given)


def quicken(model: nn.Sequential, shapes: Sequence[tuple[int, ...]]) -> QuickNetwork:
    """The same network over the same parameters and buffers.

    ``shapes``: what each layer of ``model`` gives, the batch left out. Parameters that are trained have a ``grad``.
    """
    units: list[Unit] = []
    layers = list(zip(model, shapes, strict=True))
    flat = False
    while layers:
        layer, shape = layers.pop(0)
        if isinstance(layer, nn.Flatten) and not flat and layers and isinstance(layers[0][0], nn.Linear):
            dense = layers.pop(0)[0]
            assert isinstance(dense, nn.Linear)
            units.append(FlattenedDense(dense))
            flat = True
            continue
        pools = bool(layers) and _is_simple(layer) and _slides(layers[0][0])
        last = layers.pop(0)[0] if pools else layer
        rectify = bool(layers) and isinstance(layers[0][0], nn.ReLU) and _takes_relu(last)
        if rectify:
            layers.pop(0)
        flat = len(shape) == 1
        units.append(_build(layer, flat=flat, pools=pools, rectify=rectify))
    for before, after in itertools.pairwise(units):
        before.margins[1] = after.margins[0] = max(before.margins[1], after.margins[0])
        after.overwrites = not before.keeps
    return QuickNetwork(units)


def _build(layer: nn.Module, *, flat: bool, pools: bool, rectify: bool) -> Unit:
    unit: Unit
    match layer:
        case nn.MaxPool2d() if _slides(layer):
            unit = SlidingMaximum(rectify=rectify)
        case nn.MaxPool2d() if _halves(layer):
            unit = Maximum()
        case nn.ReLU() if not flat:
            unit = Rectified()
        case nn.AvgPool2d() if _averages(layer):
            unit = Average(rectify=rectify)
        case nn.BatchNorm2d() if rectify:
            unit = NormalizedReLU(layer)
        case nn.Conv2d() if pools:
            unit = PooledConvolution(layer, rectify=rectify)
        case nn.Conv2d() if _is_simple(layer):
            unit = Convolution(layer)
        case nn.Flatten():
            unit = Flattened()
        case nn.Dropout():
            unit = Dropped(layer.p)
        case nn.Linear() if flat:
            unit = Dense(layer)
        case _:
            unit = Differentiated(layer)
    return unit


def _takes_relu(layer: nn.Module) -> bool:
    return _slides(layer) or _averages(layer) or _normalizes(layer)


def _slides(layer: nn.Module) -> bool:
    """Maxima of 2×2 windows at every position."""
    pair = {"kernel_size": 2, "stride": 1, "padding": 0, "dilation": 1}
    return isinstance(layer, nn.MaxPool2d) and not layer.ceil_mode and _has(layer, pair)


def _halves(layer: nn.MaxPool2d) -> bool:
    """Maxima of 2×2 windows side by side."""
    return not layer.ceil_mode and _has(layer, {"kernel_size": 2, "stride": 2, "padding": 0, "dilation": 1})


def _averages(layer: nn.Module) -> bool:
    """Means of 2×2 windows side by side."""
    pair = {"kernel_size": 2, "stride": 2, "padding": 0}
    return isinstance(layer, nn.AvgPool2d) and not layer.ceil_mode and _has(layer, pair)


def _normalizes(layer: nn.Module) -> bool:
    return isinstance(layer, nn.BatchNorm2d) and layer.affine and layer.track_running_stats


def _has(layer: nn.Module, sizes: dict[str, int]) -> bool:
    return all(getattr(layer, name) in (size, (size, size)) for name, size in sizes.items())


def _is_simple(layer: nn.Module) -> bool:
    """A convolution that goes over every pixel."""
    return (
        isinstance(layer, nn.Conv2d)
        and (layer.groups, layer.stride, layer.dilation) == (1, (1, 1), (1, 1))
        and not isinstance(layer.padding, str)
        and all(padding < size for padding, size in zip(layer.padding, layer.kernel_size, strict=True))
    )
