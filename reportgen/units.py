"""Parts of a network that know their own gradient, for images in channels_last order on a CPU.

A part is called with what the part before it gave, and keeps what its ``backward`` needs. ``backward`` takes the
gradient of what the part gave, writes those of its parameters into their ``grad``, and gives that of what it took, or
None where nobody wants it. Memory is used again in the next call, which must have been preceded by the ``backward``.
Nothing here is recorded by autograd.

Rows of images may have spare columns at their right end, which make widths even. They hold zeros where a convolution
or a gradient reads them, and are not read elsewhere.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, linear

from reportgen import kernels

_differentiate_convolution = torch.ops.aten.convolution_backward.default


class Unit(ABC):
    """A part of a network; ``training`` as in ``nn.Module``."""

    def __init__(self) -> None:
        self.training = True
        self._rooms: dict[Any, Tensor] = {}

    @abstractmethod
    def forward(self, images: Tensor) -> Tensor:
        """Compute the part."""

    @abstractmethod
    def backward(self, gradient: Tensor, *, wanted: bool) -> Tensor | None:
        """Compute the gradients; that of what ``forward`` took is only wanted where ``wanted``."""

    def _room(self, name: str, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """Memory for images (N, C, H, W), the same at each call."""
        room = self._rooms.get((name, shape))
        if room is None:
            room = self._rooms[name, shape] = torch.empty(shape, dtype=dtype, memory_format=torch.channels_last)
        return room


class Differentiated(Unit):
    """Any layer, differentiated by autograd."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self._given: Tensor

    def forward(self, images: Tensor) -> Tensor:
        """Compute the layer."""
        self.layer.train(self.training)
        if not self.training:
            given: Tensor = self.layer(images)
            return given
        with torch.enable_grad():
            self._taken = images.detach().requires_grad_()
            self._given = self.layer(self._taken)
        return self._given.detach()

    def backward(self, gradient: Tensor, *, wanted: bool) -> Tensor | None:
        """Ask autograd."""
        for parameter in self.layer.parameters():
            if parameter.grad is not None:
                parameter.grad.zero_()
        torch.autograd.backward([self._given], [gradient])
        return self._taken.grad


class Flattened(Unit):
    """(N, C, H, W) to (N, C·H·W) in the order of torch."""

    def forward(self, images: Tensor) -> Tensor:
        """Copy."""
        self._shape = images.shape
        return images.flatten(1)

    def backward(self, gradient: Tensor, *, wanted: bool) -> Tensor | None:
        """Copy back."""
        return gradient.view(self._shape).contiguous(memory_format=torch.channels_last)


class Dropped(Unit):
    """Dropout with torch's own draws."""

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, images: Tensor) -> Tensor:
        """While training zero at random and scale the rest up."""
        if not self.training:
            return images
        given: Tensor
        given, self._kept = torch.native_dropout(images, self.probability, True)
        return given

    def backward(self, gradient: Tensor, *, wanted: bool) -> Tensor | None:
        """The same elements, scaled alike."""
        before: Tensor = torch.ops.aten.native_dropout_backward.default(
            gradient, self._kept, 1 / (1 - self.probability)
        )
        return before


class Dense(Unit):
    """A fully connected layer over (N, features)."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, images: Tensor) -> Tensor:
        """(N, in_features) to (N, out_features)."""
        self._taken = images
        return linear(images, self.layer.weight, self.layer.bias)

    def backward(self, gradient: Tensor, *, wanted: bool) -> Tensor | None:
        """Three products."""
        weight, bias = self.layer.weight, self.layer.bias
        if weight.grad is not None:
            torch.mm(gradient.t(), self._taken, out=weight.grad)
        if bias is not None and bias.grad is not None:
            torch.sum(gradient, 0, out=bias.grad)
        return torch.mm(gradient, weight) if wanted else None


class Convolution(Unit):
    """A convolution; ``phases`` neighbouring pixels of a row are computed as if they were further channels.

    With ``exchanged`` roles the weights' gradient is that of a convolution from output to input. Both fill the lanes
    of vector registers where there are few output channels; they ask for stride 1, no dilation and no groups.
    """

    def __init__(self, conv: nn.Conv2d, *, phases: int = 1, exchanged: bool = False) -> None:
        super().__init__()
        assert not isinstance(conv.padding, str)
        self.conv, self.phases, self.exchanged = conv, phases, exchanged
        height, width = conv.kernel_size
        self._padding = conv.padding
        self._back_padding = (height - 1 - conv.padding[0], width - 1 - conv.padding[1])
        wide = (phases * conv.out_channels, conv.in_channels // conv.groups, height, width + phases - 1)
        self._widened = torch.zeros(wide).contiguous(memory_format=torch.channels_last)
        self._bias = torch.zeros(phases, conv.out_channels)

    def forward(self, images: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C', H', W')."""
        self._taken = images
        conv = self.conv
        if self.phases == 1:
            return conv2d(images, conv.weight, conv.bias, conv.stride, self._padding, conv.dilation, conv.groups)
        channels, width = conv.out_channels, conv.kernel_size[1]
        for phase in range(self.phases):
            part = slice(phase * channels, (phase + 1) * channels)
            self._widened[part, :, :, phase : phase + width] = conv.weight
        if conv.bias is not None:
            self._bias.copy_(conv.bias)
        given = conv2d(images, self._widened, self._bias.view(-1), (1, self.phases), self._padding)
        # in memory the channels of neighbouring pixels follow each other, as pixels of a row do
        count, _, height, groups = given.shape
        return given.permute(0, 2, 3, 1).reshape(count, height, groups * self.phases, channels).permute(0, 3, 1, 2)

    def backward(self, gradient: Tensor, *, wanted: bool) -> Tensor | None:
        """Of images, weights and bias."""
        conv, weight = self.conv, self.conv.weight
        trained = weight.grad is not None
        rest = (None, conv.stride, self._padding, conv.dilation, False, (0, 0), conv.groups)
        for_images, for_weight = None, None
        if wanted or (trained and not self.exchanged):
            mask = (wanted, trained and not self.exchanged, False)
            for_images, for_weight, _ = _differentiate_convolution(gradient, self._taken, weight, *rest, mask)
        if trained and self.exchanged:
            back = (None, (1, 1), self._back_padding, (1, 1), False, (0, 0), 1)
            turned = weight.transpose(0, 1)
            _, found, _ = _differentiate_convolution(self._taken, gradient, turned, *back, (False, True, False))
            for_weight = found.transpose(0, 1).flip(2, 3)
        if weight.grad is not None and for_weight is not None:
            weight.grad.copy_(for_weight)
        if conv.bias is not None and conv.bias.grad is not None:
            torch.sum(gradient, (0, 2, 3), out=conv.bias.grad)
        return for_images


class SlidingMaximum(Unit):
    """Maximum over 2×2 windows at every position, and ReLU if ``rectify``. (N, C, H, W) to (N, C, H−1, width+spare)."""

    def __init__(self, width: int, spare: int, *, rectify: bool) -> None:
        super().__init__()
        self.width, self.spare, self.rectify = width, spare, rectify

    def forward(self, images: Tensor) -> Tensor:
        """Keep where each maximum stands."""
        count, channels, height, _ = self._shape = images.shape
        given = self._room("given", count, channels, height - 1, self.width + self.spare)
        choice = self._room("choice", count, channels, height - 1, self.width, dtype=torch.uint8)
        self._choice = _rows(choice)
        kernels.pool(_rows(images), _rows(given), self._choice, channels, self.rectify)
        return given

    def backward(self, gradient: Tensor, *, wanted: bool) -> Tensor | None:
        """Bring each gradient back to where its maximum stood."""
        before = self._room("before", *self._shape)
        kernels.unpool(_rows(gradient), self._choice, _rows(before), self._shape[1])
        return before


class Average(Unit):
    """Mean of 2×2 windows side by side, and ReLU if ``rectify``. (N, C, H, W) to (N, C, H/2, W/2), rounded down."""

    def __init__(self, *, rectify: bool) -> None:
        super().__init__()
        self.rectify = rectify

    def forward(self, images: Tensor) -> Tensor:
        """Keep what it gives."""
        count, channels, height, width = self._shape = images.shape
        self._given = self._room("given", count, channels, height // 2, width // 2)
        kernels.average(_rows(images), _rows(self._given), channels, self.rectify)
        return self._given

    def backward(self, gradient: Tensor, *, wanted: bool) -> Tensor | None:
        """A quarter to each pixel."""
        before = self._room("before", *self._shape)
        kernels.spread(_rows(gradient), _rows(self._given), _rows(before), self._shape[1], self.rectify)
        return before


class NormalizedReLU(Unit):
    """Batch normalization with running statistics, then ReLU. (N, C, H, W) to (N, C, H, width+spare)."""

    def __init__(self, norm: nn.BatchNorm2d, width: int, spare: int) -> None:
        super().__init__()
        self.norm, self.width, self.spare = norm, width, spare

    def forward(self, images: Tensor) -> Tensor:
        """While training by the statistics of the batch, else by the running ones."""
        norm = self.norm
        count, channels, height, _ = images.shape
        self._taken = images
        self._given = self._room("given", count, channels, height, self.width + self.spare)
        weight, bias, mean, variance = (
            _numbers(tensor) for tensor in (norm.weight, norm.bias, norm.running_mean, norm.running_var)
        )
        share = (norm.momentum or 0.0) if self.training else 0.0
        self._statistics = kernels.normalize(
            _rows(images), _rows(self._given), weight, bias, mean, variance, norm.eps, share, self.width, self.training
        )
        if self.training and norm.num_batches_tracked is not None:
            norm.num_batches_tracked += 1
        return self._given

    def backward(self, gradient: Tensor, *, wanted: bool) -> Tensor | None:
        """The statistics of the batch have their part in it."""
        before = self._room("before", *self._taken.shape)
        rows = (_rows(tensor) for tensor in (gradient, self._given, self._taken, before))
        found = kernels.unscale(*rows, _numbers(self.norm.weight), *self._statistics, self.width)
        for parameter, numbers in zip((self.norm.weight, self.norm.bias), found, strict=True):
            if parameter.grad is not None:
                parameter.grad.copy_(torch.from_numpy(numbers))
        return before


def _numbers(tensor: Tensor | None) -> Any:
    """The memory of a vector as an array."""
    assert tensor is not None
    return tensor.detach().numpy()


def _rows(images: Tensor) -> Any:
    """The memory of (N, C, H, W) as an array (N, H, W·C)."""
    there = images.permute(0, 2, 3, 1)
    count, height, width, channels = there.shape
    return there.contiguous().view(count, height, width * channels).numpy()
