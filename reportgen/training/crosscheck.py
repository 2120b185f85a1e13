"""The manual count against torchinfo, and both against what torch holds.

torchinfo is a witness, not the judge: it is given a copy on the ``meta`` device, because it flips train/eval
flags, draws random numbers and moves the model. The reference is the number of elements of the unique parameters.
"""

import copy

import torch
import torchinfo
from torch import nn

from reportgen.assignment.counting import LayerCount, NetworkCount, Shape
from reportgen.errors import CountMismatchError
from reportgen.results.schema import CheckedLayer, CrossCheck


def crosscheck(model: nn.Sequential, counted: NetworkCount, input_shape: Shape) -> CrossCheck:
    """Count ``model`` with torchinfo and torch and set the counts beside the manual ones.

    The model, its train/eval flags and torch's random state are left as they are.

    Raises:
        CountMismatchError: the sources do not even see the same number of layers.
    """
    witness = copy.deepcopy(model).to("meta")
    with torch.random.fork_rng(devices=[]):
        summary = torchinfo.summary(
            witness, input_size=(1, *input_shape), device="meta", mode="eval", depth=1, verbose=0
        )
    seen = [info for info in summary.summary_list if info.depth == 1]
    if not len(counted.layers) == len(seen) == len(model):
        raise CountMismatchError(
            f"the numbers of layers disagree: manual {len(counted.layers)}, torchinfo {len(seen)}, torch {len(model)}"
        )
    layers = tuple(
        CheckedLayer(
            name=manual.name,
            trainable=(manual.trainable, info.trainable_params, _elements(module, trained=True)),
            non_trainable=(
                manual.non_trainable,
                info.num_params - info.trainable_params,
                _elements(module, trained=False),
            ),
            buffers=(manual.buffers, sum(buffer.numel() for buffer in module.buffers())),
            mult_adds=(torchinfo_mult_adds(manual), info.macs),
            output_shape=(manual.output_shape, tuple(info.output_size[1:])),
        )
        for manual, info, module in zip(counted.layers, seen, model, strict=True)
    )
    total = CheckedLayer(
        name="Total",
        trainable=(counted.trainable, summary.trainable_params, _elements(model, trained=True)),
        non_trainable=(
            counted.non_trainable,
            summary.total_params - summary.trainable_params,
            _elements(model, trained=False),
        ),
        buffers=(counted.buffers, sum(buffer.numel() for buffer in model.buffers())),
        mult_adds=(sum(torchinfo_mult_adds(layer) for layer in counted.layers), summary.total_mult_adds),
        output_shape=(counted.layers[-1].output_shape, tuple(seen[-1].output_size[1:])),
    )
    return CrossCheck(layers=layers, total=total)


def demand_agreement(check: CrossCheck, experiment: str) -> None:
    """Stop where the sources disagree.

    Raises:
        CountMismatchError: names each layer, each source and what it says.
    """
    found = [line for layer in (*check.layers, check.total) for line in _disagreements(layer)]
    if found:
        raise CountMismatchError("\n  ".join([f"{experiment}: the counts disagree", *found]))


def torchinfo_mult_adds(layer: LayerCount) -> int:
    """Mult-adds by torchinfo's rule for a batch of 1: bias counted in, linear and normalization by parameters."""
    height_width = layer.output_shape[1:] if layer.type == "Conv2d" else ()
    positions = 1
    for size in height_width:
        positions *= size
    return layer.parameters * positions


def _elements(module: nn.Module, *, trained: bool) -> int:
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad is trained)


def _disagreements(layer: CheckedLayer) -> list[str]:
    three, two = ("manual", "torchinfo", "torch"), ("manual", "torchinfo")
    said: list[tuple[str, tuple[str, ...], tuple[object, ...]]] = [
        ("trainable parameters", three, layer.trainable),
        ("non-trainable parameters", three, layer.non_trainable),
        ("buffers", ("manual", "torch"), layer.buffers),
        ("mult-adds", two, layer.mult_adds),
        ("output shape", two, layer.output_shape),
    ]
    return [
        f"{layer.name}: {what}: "
        + ", ".join(f"{source} {value}" for source, value in zip(sources, values, strict=True))
        for what, sources, values in said
        if len(set(values)) > 1
    ]
