"""Parts of a network that know their own gradient, on a CPU.

A part is called with what the part before it gave, and keeps what its ``backward`` needs. ``backward`` takes the
gradient of what the part gave, writes those of its parameters into their ``grad``, and gives that of what it took, or
None where nobody wants it. Memory is used again in the next call, which must have been preceded by the ``backward``.
Nothing here is recorded by autograd.

Most parts take and give planes; any takes a tensor (N, C, H, W) instead, and copies it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import linear

from reportgen import convolutions, kernels
from reportgen.planes import Planes

Images = Planes | Tensor


class Unit(ABC):
    """A part of a network; ``training`` as in ``nn.Module``."""

    def __init__(self) -> None:
        self.training = True
        self.margin = 0
        """Columns of zeros that the next part wants between rows."""
        self.back_margin = 0
        """Those that the part before it wants in the gradient."""
        self._rooms: dict[Any, Planes] = {}

    @abstractmethod
    def forward(self, images: Images) -> Images:
        """Compute the part."""

    @abstractmethod
    def backward(self, gradient: Images, *, wanted: bool) -> Images | None:
        """Compute the gradients; that of what ``forward`` took is only wanted where ``wanted``."""

    def _room(self, name: str, shape: tuple[int, ...], margin: int = 0) -> Planes:
        """Planes of images (N, C, H, W), the same at each call."""
        room = self._rooms.get((name, shape))
        if room is None:
            room = self._rooms[name, shape] = Planes.zeros(shape, margin)
        return room

    def _planes(self, name: str, images: Images, margin: int = 0) -> Planes:
        """Images as planes with a margin, copied where they have it not."""
        if isinstance(images, Planes) and images.lead >= margin * images.count:
            return images
        tensor = as_tensor(images)
        room = self._room(name, tuple(tensor.shape), margin)
        room.tensor.copy_(tensor)
        return room


def as_tensor(images: Images) -> Tensor:
    """Images as (N, C, H, W) where they are planes; the same memory."""
    return images.tensor if isinstance(images, Planes) else images


class Differentiated(Unit):
    """Any layer, differentiated by autograd."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self._given: Tensor

    def forward(self, images: Images) -> Tensor:
        """Compute the layer."""
        self.layer.train(self.training)
        if not self.training:
            given: Tensor = self.layer(as_tensor(images))
            return given
        with torch.enable_grad():
            self._taken = as_tensor(images).detach().requires_grad_()
            self._given = self.layer(self._taken)
        return self._given.detach()

    def backward(self, gradient: Images, *, wanted: bool) -> Tensor | None:
        """Ask autograd."""
        for parameter in self.layer.parameters():
            if parameter.grad is not None:
                parameter.grad.zero_()
        torch.autograd.backward([self._given], [as_tensor(gradient)])
        return self._taken.grad


class Flattened(Unit):
    """(N, C, H, W) to (N, C·H·W) in the order of torch."""

    def forward(self, images: Images) -> Tensor:
        """Copy."""
        tensor = as_tensor(images)
        self._shape = tensor.shape
        return tensor.flatten(1)

    def backward(self, gradient: Images, *, wanted: bool) -> Tensor | None:
        """Back to the same shape."""
        return as_tensor(gradient).reshape(self._shape)


class Dropped(Unit):
    """Dropout with torch's own draws."""

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, images: Images) -> Tensor:
        """While training zero at random and scale the rest up."""
        tensor = as_tensor(images)
        if not self.training:
            return tensor
        given: Tensor
        given, self._kept = torch.native_dropout(tensor.contiguous(), self.probability, True)
        return given

    def backward(self, gradient: Images, *, wanted: bool) -> Tensor | None:
        """The same elements, scaled alike."""
        before: Tensor = torch.ops.aten.native_dropout_backward.default(
            as_tensor(gradient), self._kept, 1 / (1 - self.probability)
        )
        return before


class Dense(Unit):
    """A fully connected layer over (N, features)."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, images: Images) -> Tensor:
        """(N, in_features) to (N, out_features)."""
        self._taken = as_tensor(images)
        return linear(self._taken, self.layer.weight, self.layer.bias)

    def backward(self, gradient: Images, *, wanted: bool) -> Tensor | None:
        """Three products."""
        gradient, weight, bias = as_tensor(gradient), self.layer.weight, self.layer.bias
        if weight.grad is not None:
            torch.mm(gradient.t(), self._taken, out=weight.grad)
        if bias is not None and bias.grad is not None:
            torch.sum(gradient, 0, out=bias.grad)
        return torch.mm(gradient, weight) if wanted else None


class Convolution(Unit):
    """A convolution with stride 1, neither dilated nor in groups, its padding smaller than its kernel."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        assert not isinstance(conv.padding, str)
        height, width = conv.kernel_size
        self.padding = conv.padding
        self.back_padding = height - 1 - conv.padding[0], width - 1 - conv.padding[1]
        self._weight, self._slope = _numbers(conv.weight), _numbers(conv.weight.grad)
        self._bias, self._bias_slope = _numbers(conv.bias), None if conv.bias is None else _numbers(conv.bias.grad)
        self._no_bias = np.zeros(max(conv.in_channels, conv.out_channels), np.float32)
        self._turned = self._weight.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]

    def forward(self, images: Images) -> Planes:
        """(N, C, H, W) to (N, C', H', W')."""
        self._taken = self._planes("taken", images, self.padding[1])
        bias = self._no_bias if self._bias is None else self._bias
        return self._convolve("given", self._taken, self._weight, bias, self.padding)

    def backward(self, gradient: Images, *, wanted: bool) -> Planes | None:
        """Of images, weights and bias. The images' is a convolution too, with the kernels turned round."""
        slopes, taken = self._planes("gradient", gradient, self.back_padding[1] if wanted else 0), self._taken
        if self._slope is not None:
            rows = taken.rows, taken.lead, slopes.rows, slopes.lead
            convolutions.correlate(*rows, self._slope, slopes.count, slopes.used, *self.padding)
        if self._bias_slope is not None:
            kernels.total(slopes.rows, slopes.lead, slopes.used, self._bias_slope)
        return self._convolve("before", slopes, self._turned, self._no_bias, self.back_padding) if wanted else None

    def _convolve(self, name: str, source: Planes, weight: Any, bias: Any, padding: tuple[int, ...]) -> Planes:
        channels, _, height, width = weight.shape
        wide = source.width + 2 * padding[1] - width + 1
        given = self._room(name, (source.count, channels, source.rows.shape[1] + 2 * padding[0] - height + 1, wide))
        rows = source.rows, source.lead, weight, bias, given.rows, given.lead
        convolutions.convolve(*rows, source.count, given.used, *padding)
        return given


class SlidingMaximum(Unit):
    """Maximum over 2×2 windows at every position, and ReLU if ``rectify``. (N, C, H, W) to (N, C, H−1, W−1)."""

    def __init__(self, *, rectify: bool) -> None:
        super().__init__()
        self.rectify = rectify
        self._choices: dict[Any, NDArray[np.uint8]] = {}

    def forward(self, images: Images) -> Planes:
        """Keep where each maximum stands."""
        taken = self._planes("taken", images)
        count, channels, height, width = self._shape = taken.shape
        given = self._room("given", (count, channels, height - 1, width - 1), self.margin)
        shape = channels, height - 1, given.used
        if shape not in self._choices:
            self._choices[shape] = np.empty(shape, np.uint8)
        self._choice = self._choices[shape]
        rows = taken.rows, taken.lead, given.rows, given.lead
        kernels.pool(*rows, self._choice, count, self.rectify)
        return given

    def backward(self, gradient: Images, *, wanted: bool) -> Planes:
        """Bring each gradient back to where its maximum stood."""
        slopes, before = self._planes("gradient", gradient), self._room("before", self._shape, self.back_margin)
        kernels.unpool(slopes.rows, slopes.lead, self._choice, before.rows, before.lead, before.count)
        return before


class Average(Unit):
    """Mean of 2×2 windows side by side, and ReLU if ``rectify``. (N, C, H, W) to (N, C, H/2, W/2), rounded down."""

    def __init__(self, *, rectify: bool) -> None:
        super().__init__()
        self.rectify = rectify

    def forward(self, images: Images) -> Planes:
        """Keep what it gives."""
        taken = self._planes("taken", images)
        count, channels, height, width = self._shape = taken.shape
        given = self._given = self._room("given", (count, channels, height // 2, width // 2), self.margin)
        rows = taken.rows, taken.lead, given.rows, given.lead
        kernels.average(*rows, count, given.width, self.rectify)
        return given

    def backward(self, gradient: Images, *, wanted: bool) -> Planes:
        """A quarter to each pixel."""
        slopes, given = self._planes("gradient", gradient), self._given
        before = self._room("before", self._shape, self.back_margin)
        rows = slopes.rows, slopes.lead, given.rows, given.lead, before.rows, before.lead
        kernels.spread(*rows, given.count, given.width, self.rectify)
        return before


class NormalizedReLU(Unit):
    """Batch normalization with running statistics, then ReLU. (N, C, H, W) to the same."""

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        self.norm = norm
        self._scale = [_numbers(tensor) for tensor in (norm.weight, norm.bias, norm.running_mean, norm.running_var)]
        slopes = (norm.weight.grad, norm.bias.grad)
        self._slopes = [np.empty(norm.num_features, np.float32) if grad is None else _numbers(grad) for grad in slopes]

    def forward(self, images: Images) -> Planes:
        """While training by the statistics of the batch, else by the running ones."""
        norm = self.norm
        taken = self._taken = self._planes("taken", images)
        given = self._given = self._room("given", taken.shape, self.margin)
        share = (norm.momentum or 0.0) if self.training else 0.0
        rows = taken.rows, taken.lead, given.rows, given.lead
        self._statistics = kernels.normalize(*rows, *self._scale, norm.eps, share, taken.used, self.training)
        if self.training and norm.num_batches_tracked is not None:
            norm.num_batches_tracked += 1
        return given

    def backward(self, gradient: Images, *, wanted: bool) -> Planes:
        """The statistics of the batch have their part in it."""
        slopes, given, taken = self._planes("gradient", gradient), self._given, self._taken
        before = self._room("before", taken.shape, self.back_margin)
        rows = (slopes.rows, slopes.lead, given.rows, given.lead, taken.rows, taken.lead, before.rows, before.lead)
        kernels.unscale(*rows, self._scale[0], *self._statistics, taken.used, *self._slopes)
        return before


def _numbers(tensor: Tensor | None) -> Any:
    """The memory of a tensor as an array."""
    return None if tensor is None else tensor.detach().numpy()
