"""Parts of a network that take and give planes; what a part is, is in ``stages.py``."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reportgen.training.engines.vectorized import convolution, loops
from reportgen.training.engines.vectorized.batch_rows import Planes
from reportgen.training.engines.vectorized.stages import Images, Unit, as_tensor, numbers_of


class Convolution(Unit):
    """A convolution with stride 1, neither dilated nor in groups, its padding smaller than its kernel."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        assert not isinstance(conv.padding, str)
        height, width = conv.kernel_size
        self.padding = conv.padding
        self.back_padding = height - 1 - conv.padding[0], width - 1 - conv.padding[1]
        self._weight, self._slope = numbers_of(conv.weight), numbers_of(conv.weight.grad)
        self._no_bias = np.zeros(max(conv.in_channels, conv.out_channels), np.float32)
        self._bias = self._no_bias if conv.bias is None else numbers_of(conv.bias)
        self._bias_slope = None if conv.bias is None else numbers_of(conv.bias.grad)
        self.margins = [self.padding[1], self.back_padding[1]]
        self._turned = self._weight.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
        self._shape = functools.cache(self._find_shape)

    def forward(self, images: Images) -> Planes:
        """(N, C, H, W) to (N, C', H', W')."""
        self._taken = taken = self._planes("taken", images, self.margins[0])
        given = self._room("given", self._shape(taken.shape), self.margins[1])
        _convolve(taken, given, self._weight, self._bias, self.padding)
        return given

    def backward(self, gradient: Images, *, wanted: bool) -> Planes | None:
        """Of images, weights and bias. The images' is a convolution too, with the kernels turned round."""
        slopes, taken = self._planes("gradient", gradient, self.back_padding[1] if wanted else 0), self._taken
        if self._slope is not None:
            rows = taken.rows, taken.lead, slopes.rows, slopes.lead
            shape = self._weight.shape
            self._slope[:] = convolution.correlate(*rows, shape, slopes.count, slopes.used, *self.padding)
        if self._bias_slope is not None:
            loops.total(slopes.rows, slopes.lead, slopes.used, self._bias_slope)
        if not wanted:
            return None
        before = self._before(taken)
        _convolve(slopes, before, self._turned, self._no_bias, self.back_padding)
        return before

    def _find_shape(self, taken: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """What the convolution gives of images of a shape, (N, C', H', W')."""
        (count, _, *sizes), (channels, _, *kernel) = taken, self._weight.shape
        height, width = (size + 2 * pad - part + 1 for size, pad, part in zip(sizes, self.padding, kernel, strict=True))
        return count, channels, height, width


class _Choices(dict[Any, NDArray[np.uint8]]):
    """For each shape of rows of planes one byte beside each number, the same at each use."""

    def __missing__(self, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
        size = math.prod(shape)
        self[shape] = np.zeros(size + shape[2], np.uint8)[:size].reshape(shape)
        return self[shape]


class PooledConvolution(Convolution):
    """A convolution, then maxima over 2×2 windows at every position, then ReLU if ``rectify``."""

    def __init__(self, conv: nn.Conv2d, *, rectify: bool) -> None:
        super().__init__(conv)
        self.rectify = rectify
        self.margins[1] = 1
        self._choices = _Choices()

    def forward(self, images: Images) -> Planes:
        """Keep where each maximum stands."""
        self._taken = taken = self._planes("taken", images, self.margins[0])
        count, channels, height, width = self._shape(taken.shape)
        given = self._room("given", (count, channels, height - 1, width - 1), self.margins[1])
        self._choice = self._choices[given.rows.shape]
        weights = convolution.pack(self._weight, self._bias)
        rows = taken.rows, taken.lead, self._weight.shape, weights, given.rows, given.lead
        convolution.convolve_and_pool(*rows, self._choice, count, given.used, *self.padding, self.rectify)
        return given

    def backward(self, gradient: Images, *, wanted: bool) -> Planes | None:
        """Bring each gradient back to where its maximum stood, then as any convolution."""
        given = self._planes("pooled", gradient, self.margins[1], like=self._choice.shape)
        slopes = self._room("slopes", self._shape(self._taken.shape), self.back_padding[1])
        rows = given.rows, given.lead, self._choice, slopes.rows, slopes.lead
        loops.unpool(*rows, given.count, given.used)
        return super().backward(slopes, wanted=wanted)


def _convolve(source: Planes, out: Planes, weight: Any, bias: Any, padding: tuple[int, ...]) -> None:
    rows = source.rows, source.lead, weight.shape, convolution.pack(weight, bias), out.rows, out.lead
    convolution.convolve(*rows, source.count, out.used, *padding)


class SlidingMaximum(Unit):
    """Maximum over 2×2 windows at every position, and ReLU if ``rectify``. (N, C, H, W) to (N, C, H−1, W−1)."""

    def __init__(self, *, rectify: bool) -> None:
        super().__init__()
        self.rectify = rectify
        self.margins[1] = 1
        self._choices = _Choices()

    def forward(self, images: Images) -> Planes:
        """Keep where each maximum stands."""
        taken = self._planes("taken", images)
        self._taken = taken
        count, channels, height, width = taken.shape
        given = self._room("given", (count, channels, height - 1, width - 1), self.margins[1])
        self._choice = self._choices[given.rows.shape]
        rows = taken.rows, taken.lead, given.rows, given.lead
        loops.pool(*rows, self._choice, count, given.used, self.rectify)
        return given

    def backward(self, gradient: Images, *, wanted: bool) -> Planes:
        """Bring each gradient back to where its maximum stood."""
        slopes = self._planes("gradient", gradient, self.margins[1], like=self._choice.shape)
        before = self._before(self._taken)
        rows = slopes.rows, slopes.lead, self._choice, before.rows, before.lead
        loops.unpool(*rows, slopes.count, slopes.used)
        return before


class Maximum(Unit):
    """Maximum over 2×2 windows side by side. (N, C, H, W) to (N, C, H/2, W/2), rounded down."""

    def __init__(self) -> None:
        super().__init__()
        self._choices = _Choices()

    def forward(self, images: Images) -> Planes:
        """Keep where each maximum stands."""
        taken = self._planes("taken", images)
        count, channels, height, width = self._shape = taken.shape
        given = self._room("given", (count, channels, height // 2, width // 2), self.margins[1])
        self._choice = self._choices[given.rows.shape]
        rows = taken.rows, taken.lead, given.rows, given.lead
        loops.pool_apart(*rows, self._choice, count, given.width)
        return given

    def backward(self, gradient: Images, *, wanted: bool) -> Planes:
        """Bring each gradient back to where its maximum stood."""
        slopes = self._planes("gradient", gradient, self.margins[1], like=self._choice.shape)
        before = self._room("before", self._shape, self.margins[0])
        rows = slopes.rows, slopes.lead, self._choice, before.rows, before.lead
        loops.unpool_apart(*rows, slopes.count, slopes.width)
        return before


class Rectified(Unit):
    """ReLU."""

    keeps = True

    def forward(self, images: Images) -> Planes:
        """Keep what it gives."""
        taken = self._planes("taken", images)
        given = self._given = self._room("given", taken.shape, max(self.margins))
        loops.rectify(taken.rows, taken.lead, given.rows, given.lead, taken.used)
        return given

    def backward(self, gradient: Images, *, wanted: bool) -> Planes:
        """Where it was cut off, nothing."""
        slopes, given = self._planes("gradient", gradient), self._given
        loops.unrectify(slopes.rows, slopes.lead, given.rows, given.lead, given.used)
        return given


class Average(Unit):
    """Mean of 2×2 windows side by side, and ReLU if ``rectify``. (N, C, H, W) to (N, C, H/2, W/2), rounded down."""

    keeps = True

    def __init__(self, *, rectify: bool) -> None:
        super().__init__()
        self.rectify = rectify

    def forward(self, images: Images) -> Planes:
        """Keep what it gives."""
        taken = self._planes("taken", images)
        count, channels, height, width = self._shape = taken.shape
        given = self._given = self._room("given", (count, channels, height // 2, width // 2), self.margins[1])
        rows = taken.rows, taken.lead, given.rows, given.lead
        loops.average(*rows, count, given.width, self.rectify)
        return given

    def backward(self, gradient: Images, *, wanted: bool) -> Planes:
        """A quarter to each pixel."""
        slopes, given = self._planes("gradient", gradient), self._given
        before = self._room("before", self._shape, self.margins[0])
        rows = slopes.rows, slopes.lead, given.rows, given.lead, before.rows, before.lead
        loops.spread(*rows, given.count, given.width, self.rectify)
        return before


class NormalizedReLU(Unit):
    """Batch normalization with running statistics, then ReLU. (N, C, H, W) to the same."""

    keeps = True

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        self.norm = norm
        self._scale = [numbers_of(tensor) for tensor in (norm.weight, norm.bias, norm.running_mean, norm.running_var)]
        self._batches = numbers_of(norm.num_batches_tracked)
        slopes = (norm.weight.grad, norm.bias.grad)
        self._slopes = [
            np.empty(norm.num_features, np.float32) if grad is None else numbers_of(grad) for grad in slopes
        ]

    def forward(self, images: Images) -> Planes:
        """While training by the statistics of the batch, else by the running ones."""
        norm = self.norm
        taken = self._taken = self._planes("taken", images)
        given = self._given = self._room("given", taken.shape, self.margins[1])
        share = (norm.momentum or 0.0) if self.training else 0.0
        rows = taken.rows, taken.lead, given.rows, given.lead
        self._statistics = loops.normalize(*rows, *self._scale, norm.eps, share, taken.used, self.training)
        if self.training and self._batches is not None:
            self._batches += 1
        return given

    def backward(self, gradient: Images, *, wanted: bool) -> Planes:
        """The statistics of the batch have their part in it."""
        slopes, given, taken = self._planes("gradient", gradient), self._given, self._taken
        before = self._before(taken)
        if before is not taken:
            before.tensor.copy_(taken.tensor)
        rows = slopes.rows, slopes.lead, given.rows, given.lead, before.rows, before.lead
        loops.unscale(*rows, self._scale[0], *self._statistics, taken.used, *self._slopes)
        return before


class FlattenedDense(Unit):
    """Flattening and a fully connected layer. (N, C, H, W) to (N, features).

    Planes are the transpose of flattened images, so nothing is rearranged: only the room between rows is left out.
    Every operation of torch costs 10 µs or more here, where loops have just emptied the caches, so there are few.
    """

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self._weight = layer.weight.detach()
        self._turned = self._weight.t()
        self._bias = torch.zeros(layer.out_features) if layer.bias is None else layer.bias.detach()
        self._slope = layer.weight.grad
        self._bias_slope = None if layer.bias is None else numbers_of(layer.bias.grad)
        self._flat: dict[tuple[int, ...], tuple[NDArray[np.float32], Tensor]] = {}

    def forward(self, images: Images) -> Tensor:
        """Keep the images without the room between their rows."""
        taken = self._taken = self._planes("taken", images)
        rows, features = self._features(taken)
        rows[:] = taken.rows[:, :, taken.lead : taken.lead + taken.used]
        return torch.addmm(self._bias, features, self._turned)

    def backward(self, gradient: Images, *, wanted: bool) -> Planes | None:
        """Three products."""
        slopes, taken = as_tensor(gradient), self._taken
        rows, features = self._features(taken)
        if self._slope is not None:
            torch.mm(slopes.t(), features, out=self._slope)
        if self._bias_slope is not None:
            np.sum(slopes.numpy(), 0, out=self._bias_slope)
        if not wanted:
            return None
        before = self._room("before", taken.shape, self.margins[0])
        torch.mm(slopes, self._weight, out=features)
        before.rows[:, :, before.lead : before.lead + before.used] = rows
        return before

    def _features(self, planes: Planes) -> tuple[NDArray[np.float32], Tensor]:
        """Room for the pixels of planes, (C, H, W·N), and the same as (N, C·H·W); the same at each call."""
        shape = *planes.rows.shape[:2], planes.used
        if shape not in self._flat:
            rows = np.empty(shape, np.float32)
            self._flat[shape] = rows, torch.from_numpy(rows).view(-1, planes.count).t()
        return self._flat[shape]
