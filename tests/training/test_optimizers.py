"""A plan's optimizer and learning rates."""

import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from reportgen.errors import TrainingError
from reportgen.training import optimizers
from reportgen.training.optimizers import build_optimizer, gather, learning_rates, take_step
from tests.tiny import planned


def rates(steps: int, epochs: int, **training: Any) -> tuple[float, ...]:
    """The learning rate of each step."""
    return learning_rates(
        planned(epochs=epochs, optimizer={"name": "sgd", "learning_rate": 0.5}, **training).training, steps
    )


def test_the_constant_schedule_changes_nothing() -> None:
    assert rates(4, 3) == (0.5,) * 12


def test_the_step_schedule_multiplies_at_the_ends_of_epochs() -> None:
    seen = rates(2, 5, schedule={"name": "step", "epochs": 2, "factor": 0.1})
    assert seen == pytest.approx([0.5] * 4 + [0.05] * 4 + [0.005] * 2)


def test_the_cosine_schedule_follows_half_a_cosine_to_zero() -> None:
    seen = rates(5, 4, schedule={"name": "cosine"})
    assert seen == pytest.approx([0.25 * (1 + math.cos(math.pi * step / 20)) for step in range(20)])


def test_the_one_cycle_schedule_rises_and_falls_by_cosines() -> None:
    seen = rates(10, 10, schedule={"name": "one-cycle", "max_learning_rate": 0.8, "warmup_fraction": 0.3})
    low, lowest, top = 0.5, 0.5 / 1e4, 29
    up = [0.8 + (low - 0.8) / 2 * (1 + math.cos(math.pi * step / top)) for step in range(top + 1)]
    down = [lowest + (0.8 - lowest) / 2 * (1 + math.cos(math.pi * step / 70)) for step in range(1, 71)]
    assert seen == pytest.approx(up + down)


@pytest.mark.parametrize(
    ("optimizer", "kind", "settings"),
    [
        (
            {"name": "adam", "learning_rate": 0.1, "betas": [0.8, 0.9]},
            torch.optim.Adam,
            {"lr": 0.1, "betas": (0.8, 0.9)},
        ),
        ({"name": "adamw", "weight_decay": 0.2}, torch.optim.AdamW, {"lr": 1e-3, "weight_decay": 0.2}),
        (
            {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
            torch.optim.SGD,
            {"lr": 0.1, "momentum": 0.9, "nesterov": True},
        ),
    ],
)
def test_the_optimizer_has_the_settings_of_the_plan(
    optimizer: dict[str, Any], kind: type[torch.optim.Optimizer], settings: dict[str, Any]
) -> None:
    built = build_optimizer(torch.zeros(6), planned(optimizer=optimizer).training)
    assert type(built) is kind
    assert settings.items() <= built.param_groups[0].items()


@pytest.mark.parametrize(
    "optimizer",
    [
        {"name": "adam", "betas": [0.8, 0.9], "eps": 1e-3},
        {"name": "adamw", "weight_decay": 0.2},
        {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    ],
    ids=lambda optimizer: optimizer["name"],
)
def test_a_step_is_to_the_last_bit_the_optimizers_own(optimizer: dict[str, Any]) -> None:
    vectors = [torch.linspace(-1, 1, 50) for _ in range(2)]
    mine, theirs = (build_optimizer(vector, planned(optimizer=optimizer).training) for vector in vectors)
    for step in range(4):
        for vector in vectors:
            vector.grad = torch.arange(50.0).sub(25).mul(step + 1).sin()
        rate = 0.1 / (step + 1)
        take_step(mine, rate)
        theirs.param_groups[0]["lr"] = rate
        theirs.step()
        assert torch.equal(*vectors)
    states = [built.state_dict()["state"][0] for built in (mine, theirs)]
    assert states[0].keys() == states[1].keys()
    assert all(states[1][name] is None or torch.equal(value, states[1][name]) for name, value in states[0].items())


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_without_the_private_kernel_the_steps_have_the_same_bits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = [torch.linspace(-1, 1, 50) for _ in range(2)]
    built = [build_optimizer(vector, planned(optimizer={"name": name}).training) for vector in vectors]
    own = optimizers._kernel(f"_fused_{name}_")
    assert own is not None
    for step in range(6):
        for vector, optimizer in zip(vectors, built, strict=True):
            vector.grad = torch.arange(50.0).sub(25).mul(step + 1).sin()
            kernel = own if optimizer is built[0] or step in (2, 3) else None  # a training may change over, and back
            monkeypatch.setattr(optimizers, "_kernel", lambda _, kernel=kernel: kernel)
            take_step(optimizer, 0.1 / (step + 1))
        assert torch.equal(*vectors)
    assert built[0].state_dict()["state"][0].keys() == built[1].state_dict()["state"][0].keys()


class _OtherKernel:
    """A kernel of some later torch, which takes something else."""

    class default:  # noqa: N801
        _schema = torch.ops.aten.add.Tensor._schema


@pytest.mark.parametrize("aten", [object(), SimpleNamespace(_fused_adam_=_OtherKernel)], ids=["none", "another"])
def test_a_kernel_that_is_gone_or_takes_other_arguments_is_not_used(
    aten: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert optimizers._kernel("_fused_adam_") is not None
    optimizers._kernel.cache_clear()
    monkeypatch.setattr(torch.ops, "aten", aten)
    assert optimizers._kernel("_fused_adam_") is None
    optimizers._kernel.cache_clear()


def test_a_cycle_without_a_step_to_warm_up_in_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(TrainingError, match=r"no step to warm up in: 2 steps.*Train for more epochs"):
        rates(2, 1, schedule={"name": "one-cycle", "max_learning_rate": 0.8, "warmup_fraction": 0.3})


def test_gathered_parameters_and_gradients_are_views_of_one_vector_in_their_own_order() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 5), nn.Flatten(), nn.Linear(4, 2, bias=False), nn.Linear(2, 2))
    model.to(memory_format=torch.channels_last)
    model[2].requires_grad_(False)
    before = [(parameter.clone(), parameter.stride()) for parameter in model.parameters()]
    vector = gather(model)
    assert vector.grad is not None
    assert len(vector) == 4 * 3 * 25 + 4 + 6
    for parameter, (value, stride) in zip(model.parameters(), before, strict=True):
        assert torch.equal(parameter, value)
        assert parameter.stride() == stride
    model(torch.randn(7, 3, 5, 5)).sum().backward()
    gradients = [parameter.grad for parameter in model.parameters() if parameter.requires_grad]
    assert sum(float(gradient.abs().sum()) for gradient in gradients if gradient is not None) == pytest.approx(
        float(vector.grad.abs().sum())
    )
    assert vector.grad.abs().sum() > 0
    vector.zero_()
    assert all(not parameter.any() for parameter in model.parameters() if parameter.requires_grad)
    assert torch.equal(list(model.parameters())[2], before[2][0])
