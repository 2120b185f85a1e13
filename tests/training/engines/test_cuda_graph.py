"""The step of the GPU. What needs CUDA is skipped where there is none; the step itself runs anywhere."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from reportgen.assignment.layers import AnyLayer, BatchNorm2d, Dropout
from reportgen.training import loop
from reportgen.training.batches import Labelled, normalize
from reportgen.training.engines import cuda_graph
from reportgen.training.engines.engine import Epoch
from reportgen.training.engines.plain import PLAIN, PlainNetwork
from reportgen.training.images import Images
from reportgen.training.modules import build_model
from reportgen.training.optimizers import build_optimizer, gather
from tests.tiny import RICH, planned

STEADY: tuple[AnyLayer, ...] = tuple(layer for layer in RICH if not isinstance(layer, Dropout | BatchNorm2d))
"""Without normalization too: the bias before it has a gradient of nothing but rounding, which Adam makes large."""
NORMALIZED: tuple[AnyLayer, ...] = tuple(layer for layer in RICH if not isinstance(layer, Dropout))
RATES = [0.01, 0.02, 0.005, 0.03]

on_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")


def prepare(images: Tensor) -> Tensor:
    return normalize(images, 0.2, 0.3)


def begin(
    images: Images, device: str, layers: tuple[AnyLayer, ...], optimizer: dict[str, Any]
) -> tuple[nn.Sequential, torch.optim.Optimizer, Labelled]:
    experiment = planned(layers, optimizer=optimizer)
    torch.manual_seed(1)
    model = build_model(experiment.layers).to(device).to(memory_format=torch.channels_last)
    shuffled = Labelled(torch.tensor(images.train_images).to(device), torch.tensor(images.train_labels).to(device))
    return model, build_optimizer(gather(model), experiment.training), shuffled


CASES: list[tuple[tuple[AnyLayer, ...], dict[str, Any]]] = [
    (STEADY, {"name": "adam", "learning_rate": 0.01}),
    (STEADY, {"name": "adamw", "learning_rate": 0.01, "weight_decay": 0.1}),
    (NORMALIZED, {"name": "sgd", "learning_rate": 0.01, "momentum": 0.9, "nesterov": True}),
]
cases = pytest.mark.parametrize(("layers", "optimizer"), CASES, ids=["adam", "adamw", "sgd"])


@cases
def test_the_step_is_that_of_the_cpu(tiny: Images, layers: tuple[AnyLayer, ...], optimizer: dict[str, Any]) -> None:
    ours, ours_optimizer, shuffled = begin(tiny, "cpu", layers, optimizer)
    theirs, theirs_optimizer, _ = begin(tiny, "cpu", layers, optimizer)
    found = cuda_graph.train_epoch(ours[:-1], Epoch(ours_optimizer, shuffled, 40, RATES, prepare, 7), graph=False)
    network = PlainNetwork(theirs[:-1])
    expected = network.train_epoch(Epoch(theirs_optimizer, shuffled, 40, RATES, prepare, 7))
    assert found == pytest.approx(expected, abs=1e-5)
    for left, right in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
        assert torch.allclose(left, right, atol=1e-5)
    assert isinstance(ours_optimizer.param_groups[0]["lr"], float)
    images = prepare(shuffled.images)
    assert torch.allclose(PlainNetwork(ours[:-1]).logits(images), network.logits(images), atol=1e-4)


@on_cuda
@cases
def test_the_graph_gives_the_numbers_of_the_eager_steps(
    tiny: Images, layers: tuple[AnyLayer, ...], optimizer: dict[str, Any]
) -> None:
    outcomes = []
    for graph in (True, False):
        model, built, shuffled = begin(tiny, "cuda", layers, optimizer)
        passes = [
            cuda_graph.train_epoch(model[:-1], Epoch(built, shuffled, 40, RATES, prepare, seed), graph=graph)
            for seed in (7, 8)
        ]
        outcomes.append((passes, {name: value.cpu() for name, value in model.state_dict().items()}))
    (graphed, left), (eager, right) = outcomes
    for one, other in zip(graphed, eager, strict=True):
        assert one == pytest.approx(other, abs=1e-3)
    assert all(torch.allclose(value, right[name], atol=1e-3) for name, value in left.items())


@on_cuda
def test_the_same_seed_draws_the_same_in_a_graph(tiny: Images) -> None:
    states = []
    for _ in range(2):
        model, built, shuffled = begin(tiny, "cuda", RICH, CASES[0][1])
        cuda_graph.train_epoch(model[:-1], Epoch(built, shuffled, 40, RATES, prepare, 7), graph=True)
        states.append(model.state_dict())
    assert all(torch.allclose(value, states[1][name], atol=1e-5) for name, value in states[0].items())


@on_cuda
def test_training_on_the_device_learns_what_training_on_the_cpu_learns(tiny: Images) -> None:
    experiment = planned(STEADY, epochs=3)
    left, right = (
        loop.train(experiment, tiny, 5, device=device, engine=engine)
        for device, engine in (("cuda", cuda_graph.CudaGraph()), ("cpu", PLAIN))
    )
    assert [record.train_loss for record in left.history] == pytest.approx(
        [record.train_loss for record in right.history], abs=1e-2
    )
    assert all(value.device.type == "cpu" for value in left.state.values())
