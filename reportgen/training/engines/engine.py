"""What an engine is: it makes of a torch model a network that trains for an epoch and predicts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer

from reportgen.training.batches import Labelled
from reportgen.training.optimizers import take_step

EngineName = Literal["plain", "fast", "cuda_graph"]
OnPart = Callable[[float], None]
_STEPS_AT_ONCE = 100
"""Steps whose images are scaled together and whose predictions are counted together."""


@dataclass(frozen=True)
class Epoch:
    """One pass over the training set. The batches are taken in order; the last may be smaller."""

    optimizer: Optimizer
    """Over one vector, as ``build_optimizer`` makes it of what ``gather`` gives."""
    shuffled: Labelled
    batch_size: int
    rates: Sequence[float]
    """The learning rate of each step."""
    prepare: Callable[[Tensor], Tensor]
    """Bytes (N, C, H, W) to what the network takes."""
    seed: int
    """That the generator was given before the images were shuffled."""


class Network(Protocol):
    """A model as an engine computes it, over the model's own parameters and buffers."""

    def logits(self, images: Tensor) -> Tensor:
        """Predict: (N, C, H, W), scaled and in channels_last order, to logits (N, K)."""
        ...

    def train_epoch(self, epoch: Epoch, on_part: OnPart) -> tuple[float, float]:
        """Train for an epoch; mean loss (nats) and accuracy of the pass itself.

        ``on_part`` is told now and then which part of the pass is done, 0…1.
        """
        ...


class Engine(Protocol):
    """A way to train and to predict. It is handed on to worker processes, so it can be pickled."""

    @property
    def name(self) -> EngineName:
        """As it stands in results.json."""
        ...

    @property
    def libraries(self) -> tuple[str, ...]:
        """Distributions whose versions the numbers depend on, torch left out."""
        ...

    def network(self, logits_model: nn.Sequential, shapes: Sequence[tuple[int, ...]]) -> Network:
        """The network of a model without its softmax, whose trained parameters were gathered.

        ``shapes``: what each layer of the model gives, the batch left out.
        """
        ...


class Stepwise(ABC):
    """A network that is trained by one step after the other, each of which the host waits for."""

    @abstractmethod
    def logits(self, images: Tensor) -> Tensor:
        """Predict: (N, C, H, W), scaled and in channels_last order, to logits (N, K)."""

    @abstractmethod
    def step(self, images: Tensor, labels: Tensor) -> Tensor:
        """Fill the ``grad`` of every trained parameter with the gradient of the mean cross-entropy; the logits."""

    def train_epoch(self, epoch: Epoch, on_part: OnPart = lambda _: None) -> tuple[float, float]:
        """Train for an epoch; mean loss (nats) and accuracy of the pass itself, as ``Network`` has it."""
        loss_sum, correct = 0.0, 0
        remaining, shuffled = iter(epoch.rates), epoch.shuffled
        for start in range(0, len(shuffled), _STEPS_AT_ONCE * epoch.batch_size):
            on_part(start / len(shuffled))
            part = slice(start, start + _STEPS_AT_ONCE * epoch.batch_size)
            images, labels = epoch.prepare(shuffled.images[part]), shuffled.labels[part]
            said = []
            for batch, truth in zip(images.split(epoch.batch_size), labels.split(epoch.batch_size), strict=True):
                said.append(self.step(batch, truth))
                take_step(epoch.optimizer, next(remaining))
            logits = torch.cat(said)
            loss_sum += cross_entropy(logits, labels, reduction="sum").item()
            correct += int((logits.argmax(1) == labels).sum())
        return loss_sum / len(shuffled), correct / len(shuffled)
