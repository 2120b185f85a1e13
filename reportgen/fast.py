"""A network that computes the same function on a CPU in less time: same parameters, same gradients, fewer passes.

Four things pay (see ``benchmarks/README.md``). Max-pooling of 2×2 windows at every position and the ReLU behind it are
one pass, not five. Batch normalization and the ReLU behind it are three, not six. A convolution with fewer output
channels than a vector register has lanes leaves lanes idle: forward it computes several neighbouring pixels as if they
were further channels, backward it exchanges the roles of its input and its output. And each part calls its gradient
itself, in memory that it uses again at every step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from reportgen import kernels
from reportgen.units import (
    Average,
    Convolution,
    Dense,
    Differentiated,
    Dropped,
    Flattened,
    NormalizedReLU,
    SlidingMaximum,
    Unit,
)

_LANES = 16
"""Numbers in an AVX-512 register. In registers of eight, convolutions leave few idle."""


class QuickNetwork:
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
        kernels.cross_entropy_gradient(logits.numpy(), labels.numpy(), gradient.numpy())
        for number in reversed(range(len(self.units))):
            found = self.units[number].backward(gradient, wanted=number > 0)
            if found is None:
                break
            gradient = found
        return logits

    def _forward(self, images: Tensor, *, training: bool) -> Tensor:
        for unit in self.units:
            unit.training = training
            images = unit.forward(images)
        return images


@dataclass
class _Part:
    """Layers that become one unit."""

    layers: list[nn.Module]
    shape: tuple[int, ...]
    """What it gives, batch and spare columns left out."""
    spare: int = 0
    """Spare columns that it gives."""
    phases: int = 1
    """Neighbouring pixels that a convolution computes at once."""


def quicken(model: nn.Sequential, shapes: Sequence[tuple[int, ...]]) -> QuickNetwork:
    """The same network over the same parameters and buffers.

    ``shapes``: what each layer of ``model`` gives, the batch left out. Parameters that are trained have a ``grad``.
    """
    parts: list[_Part] = []
    for layer, shape in zip(model, shapes, strict=True):
        joined = parts[-1].layers if parts else []
        fuses = len(joined) == 1 and any(kind(joined[0]) for kind in (_slides, _averages, _normalizes))
        if isinstance(layer, nn.ReLU) and fuses:
            joined.append(layer)
        else:
            parts.append(_Part([layer], shape))
    for number, part in enumerate(parts):
        first = part.layers[0]
        if not (isinstance(first, nn.Conv2d) and _is_narrow(first)):
            continue
        neighbours = [*parts[max(number - 1, 0) : number], *parts[number + 1 : number + 2]]
        roomy = len(neighbours) == 2 and all(_has_room(neighbour) for neighbour in neighbours)
        for phases in (4, 2):
            spare = -part.shape[-1] % phases
            if phases * first.out_channels <= _LANES and (spare == 0 or roomy):
                part.phases, part.spare = phases, spare
                if spare:
                    neighbours[0].spare = spare
                break
    return QuickNetwork([_build(part) for part in parts])


def _build(part: _Part) -> Unit:
    first, rectify = part.layers[0], len(part.layers) == 2
    unit: Unit
    match first:
        case nn.MaxPool2d() if _slides(first):
            unit = SlidingMaximum(part.shape[-1], part.spare, rectify=rectify)
        case nn.AvgPool2d() if _averages(first):
            unit = Average(rectify=rectify)
        case nn.BatchNorm2d() if rectify:
            unit = NormalizedReLU(first, part.shape[-1], part.spare)
        case nn.Conv2d() if not isinstance(first.padding, str):
            unit = Convolution(first, phases=part.phases, exchanged=_is_narrow(first))
        case nn.Flatten():
            unit = Flattened()
        case nn.Dropout():
            unit = Dropped(first.p)
        case nn.Linear() if len(part.shape) == 1:
            unit = Dense(first)
        case _:
            unit = Differentiated(first)
    return unit


def _has_room(part: _Part) -> bool:
    """Copes with spare columns."""
    return _slides(part.layers[0]) or (_normalizes(part.layers[0]) and len(part.layers) == 2)


def _slides(layer: nn.Module) -> bool:
    """Maxima of 2×2 windows at every position."""
    pair = {"kernel_size": 2, "stride": 1, "padding": 0, "dilation": 1}
    return isinstance(layer, nn.MaxPool2d) and not layer.ceil_mode and _has(layer, pair)


def _averages(layer: nn.Module) -> bool:
    """Means of 2×2 windows side by side."""
    pair = {"kernel_size": 2, "stride": 2, "padding": 0}
    return isinstance(layer, nn.AvgPool2d) and not layer.ceil_mode and _has(layer, pair)


def _normalizes(layer: nn.Module) -> bool:
    return isinstance(layer, nn.BatchNorm2d) and layer.affine and layer.track_running_stats


def _has(layer: nn.Module, sizes: dict[str, int]) -> bool:
    return all(getattr(layer, name) in (size, (size, size)) for name, size in sizes.items())


def _is_narrow(layer: nn.Module) -> bool:
    return (
        isinstance(layer, nn.Conv2d)
        and torch.backends.cpu.get_cpu_capability() == "AVX512"
        and layer.out_channels < min(_LANES, layer.in_channels)
        and (layer.groups, layer.stride, layer.dilation) == (1, (1, 1), (1, 1))
        and not isinstance(layer.padding, str)
        and all(padding < size for padding, size in zip(layer.padding, layer.kernel_size, strict=True))
    )
