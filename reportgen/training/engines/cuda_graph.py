"""Training on a CUDA device: the images stay there, a step is one graph, and no step waits for the host.

A step takes its images, its learning rate and its place in the epoch from tensors on the device and moves the place on
itself, so that all steps of an epoch are the same graph, launched over and over.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer

from reportgen.training.batches import Labelled
from reportgen.training.engines.engine import EngineName, Epoch, OnPart
from reportgen.training.engines.plain import PlainNetwork

_WARM_UP = 3
"""Steps before the capture, in which libraries choose their algorithms and the optimizer makes its state."""


class GraphNetwork(PlainNetwork):
    """A model on a CUDA device; its steps are launched as one graph."""

    def train_epoch(self, epoch: Epoch, on_part: OnPart = lambda _: None) -> tuple[float, float]:
        """Train for an epoch; ``on_part`` hears nothing, since no step waits for the host."""
        return train_epoch(self.logits_model, epoch, graph=True)


@dataclass(frozen=True)
class CudaGraph:
    """A GPU's engine."""

    name: EngineName = "cuda_graph"
    libraries: tuple[str, ...] = ()

    def network(self, logits_model: nn.Sequential, shapes: Sequence[tuple[int, ...]]) -> GraphNetwork:
        """The model as it stands, on its device."""
        return GraphNetwork(logits_model)


class _Step:
    """One optimizer step over the next images, and all that it reads and writes."""

    def __init__(
        self,
        logits_model: nn.Module,
        optimizer: Optimizer,
        shuffled: Labelled,
        rates: Sequence[float],
        prepare: Callable[[Tensor], Tensor],
    ) -> None:
        device = shuffled.images.device
        self.logits_model, self.optimizer, self.shuffled, self.prepare = logits_model, optimizer, shuffled, prepare
        self.rates = torch.tensor(rates, device=device)
        self.rate = torch.zeros((), device=device)
        self.number = torch.zeros(1, dtype=torch.int64, device=device)
        self.start = torch.zeros(1, dtype=torch.int64, device=device)
        self.loss_sum = torch.zeros((), dtype=torch.float64, device=device)
        self.correct = torch.zeros((), dtype=torch.int64, device=device)
        (self.vector,) = optimizer.param_groups[0]["params"]
        optimizer.param_groups[0]["lr"] = self.rate

    def take(self, count: int) -> None:
        """Train on the next ``count`` images."""
        chosen = self.start + torch.arange(count, device=self.start.device)
        images, labels = self.shuffled.images.index_select(0, chosen), self.shuffled.labels.index_select(0, chosen)
        logits = self.logits_model(self.prepare(images))
        loss = cross_entropy(logits, labels)
        self.vector.grad.zero_()
        loss.backward()
        self.rate.copy_(self.rates.index_select(0, self.number)[0])
        self.optimizer.step()
        self.loss_sum += loss.detach() * count
        self.correct += (logits.detach().argmax(1) == labels).sum()
        self.start += count
        self.number += 1

    def own(self) -> list[Tensor]:
        """What a step changes, the optimizer's state left out."""
        counters = [self.rate, self.number, self.start, self.loss_sum, self.correct]
        return [self.vector, *counters, *self.logits_model.buffers()]

    def state(self) -> list[Tensor]:
        """The optimizer's state; none before the first step."""
        return [value for entry in self.optimizer.state.values() for value in entry.values() if torch.is_tensor(value)]


def train_epoch(logits_model: nn.Module, epoch: Epoch, *, graph: bool) -> tuple[float, float]:
    """One pass over the training set; mean loss (nats) and accuracy of the pass itself.

    The epoch's optimizer can be captured, its images are on the device. With ``graph`` the steps are captured once and
    launched; without each is run as it stands.
    """
    logits_model.train()
    optimizer, shuffled, batch_size = epoch.optimizer, epoch.shuffled, epoch.batch_size
    step = _Step(logits_model, optimizer, shuffled, epoch.rates, epoch.prepare)
    whole = len(shuffled) // batch_size
    launch = _capture(step, batch_size) if graph and whole else functools.partial(step.take, batch_size)
    torch.manual_seed(epoch.seed)
    for _ in range(whole):
        launch()
    if len(shuffled) % batch_size:
        step.take(len(shuffled) % batch_size)
    optimizer.param_groups[0]["lr"] = epoch.rates[-1]
    return step.loss_sum.item() / len(shuffled), step.correct.item() / len(shuffled)


def _capture(step: _Step, batch_size: int) -> Callable[[], None]:
    """Capture a step as a graph; nothing that a step changes is changed."""
    own, state = ([tensor.detach().clone() for tensor in tensors] for tensors in (step.own(), step.state()))
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(_WARM_UP):
            step.take(batch_size)
    torch.cuda.current_stream().wait_stream(side)
    captured = torch.cuda.CUDAGraph()
    with torch.cuda.graph(captured):
        step.take(batch_size)
    for tensor, value in zip(step.own(), own, strict=True):
        tensor.detach().copy_(value)
    for number, tensor in enumerate(step.state()):
        # a state that the first steps made was zero to begin with
        tensor.copy_(state[number]) if state else tensor.zero_()
    replay: Callable[[], None] = captured.replay
    return replay
