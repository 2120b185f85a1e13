"""Parts of a network that know their own gradient, on a CPU.

A part is called with what the part before it gave, and keeps what its ``backward`` needs. ``backward`` takes the
gradient of what the part gave, writes those of its parameters into their ``grad``, and gives that of what it took, or
None where nobody wants it. Memory is used again in the next call, which must have been preceded by the ``backward``.
Nothing here is recorded by autograd.

Those of ``image_stages.py`` take and give planes; any part takes a tensor (N, C, H, W) instead.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from reportgen.training.engines.vectorized.batch_rows import Planes

Images = Planes | Tensor


class Unit(ABC):
    """A part of a network; ``training`` as in ``nn.Module``."""

    def __init__(self) -> None:
        self.training = True
        self.margins = [0, 0]
        """Columns of zeros between rows: of what it takes and what it gives, and of the gradients of both."""
        self.overwrites = False
        """The part before it needs no more what it gave, so that the gradient may be written over it."""
        self._rooms: dict[Any, Planes] = {}

    keeps = False
    """``backward`` needs what ``forward`` gave."""

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

    def _before(self, taken: Planes) -> Planes:
        """Room for the gradient of what was taken."""
        return taken if self.overwrites else self._room("before", taken.shape, self.margins[0])

    def _planes(self, name: str, images: Images, margin: int = 0, *, like: tuple[int, ...] | None = None) -> Planes:
        """Images as planes with a margin, and rows of the shape ``like``; copied where they are not."""
        if isinstance(images, Planes) and images.lead >= margin * images.count and like in (None, images.rows.shape):
            return images
        tensor = as_tensor(images)
        room = self._room(name, tuple(tensor.shape), margin)
        room.tensor.copy_(tensor)
        return room


def as_tensor(images: Images) -> Tensor:
    """Images as (N, C, H, W) where they are planes; the same memory."""
    return images.tensor if isinstance(images, Planes) else images


def _as_torch_has_it(images: Images) -> Tensor:
    """Images as a tensor whose layers are fast in torch."""
    return images.tensor.contiguous(memory_format=torch.channels_last) if isinstance(images, Planes) else images


def numbers_of(tensor: Tensor | None) -> Any:
    """The memory of a tensor as an array."""
    return None if tensor is None else tensor.detach().numpy()


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
            given: Tensor = self.layer(_as_torch_has_it(images))
            return given
        with torch.enable_grad():
            self._taken = _as_torch_has_it(images).detach().requires_grad_()
            self._given = self.layer(self._taken)
        return self._given.detach()

    def backward(self, gradient: Images, *, wanted: bool) -> Tensor | None:
        """Ask autograd."""
        for parameter in self.layer.parameters():
            if parameter.grad is not None:
                parameter.grad.zero_()
        torch.autograd.backward([self._given], [_as_torch_has_it(gradient)])
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
