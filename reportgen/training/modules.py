"""Plan to ``torch.nn``."""

from collections.abc import Sequence
from typing import Any

from torch import nn

from reportgen.assignment.layers import AnyLayer, Softmax


def build_model(layers: Sequence[AnyLayer]) -> nn.Sequential:
    """Build the network of completed layers, softmax included: (N, C, H, W) to class probabilities (N, K).

    The weights are drawn from torch's global generator.
    """
    return nn.Sequential(*(_build_layer(layer) for layer in layers))


def logits_of(model: nn.Sequential) -> nn.Sequential:
    """The part of a network that the loss takes: without the softmax at its end. The modules are shared."""
    return model[:-1] if isinstance(model[-1], nn.Softmax) else model


def _build_layer(layer: AnyLayer) -> nn.Module:
    settings: dict[str, Any] = layer.model_dump(exclude={"name", "type", "frozen"})
    if isinstance(layer, Softmax):
        settings["dim"] = 1
    module: nn.Module = getattr(nn, layer.type)(**settings)
    return module.requires_grad_(not getattr(layer, "frozen", False))
