"""The plain engine: the layers as torch computes them, differentiated by autograd. It needs nothing but torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from reportgen.training.engines.engine import Engine, EngineName, Stepwise


class PlainNetwork(Stepwise):
    """A model as it stands, on any device."""

    def __init__(self, logits_model: nn.Module) -> None:
        self.logits_model = logits_model
        self._slopes = [parameter.grad for parameter in logits_model.parameters() if parameter.grad is not None]

    @torch.no_grad()
    def logits(self, images: Tensor) -> Tensor:
        """Predict: (N, C, H, W), scaled, to logits (N, K)."""
        self.logits_model.eval()
        found: Tensor = self.logits_model(images)
        return found

    def step(self, images: Tensor, labels: Tensor) -> Tensor:
        """Fill the ``grad`` of every trained parameter with the gradient of the mean cross-entropy; the logits."""
        self.logits_model.train()
        for slope in self._slopes:  # kept, not replaced: they are views of the vector that the optimizer has
            slope.zero_()
        found: Tensor = self.logits_model(images)
        cross_entropy(found, labels).backward()
        return found.detach()


@dataclass(frozen=True)
class Plain:
    """torch, eager."""

    name: EngineName = "plain"
    libraries: tuple[str, ...] = ()

    def network(self, logits_model: nn.Sequential, shapes: Sequence[tuple[int, ...]]) -> PlainNetwork:
        """The model as it stands."""
        return PlainNetwork(logits_model)


PLAIN: Engine = Plain()
"""The engine that is everywhere."""
