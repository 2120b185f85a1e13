"""A plan's optimizer and learning rates in torch."""

import functools
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, OneCycleLR, StepLR

from reportgen.assignment.plan import PlannedTraining
from reportgen.errors import TrainingError

_KERNELS: dict[type, str] = {Adam: "_fused_adam_", AdamW: "_fused_adamw_"}
_KERNEL_ARGUMENTS = (
    *("self", "grads", "exp_avgs", "exp_avg_sqs", "max_exp_avg_sqs", "state_steps", "lr", "beta1", "beta2"),
    *("weight_decay", "eps", "amsgrad", "maximize", "grad_scale", "found_inf"),
)
"""Of the kernels of Adam and AdamW as of torch 2.15."""


def gather(model: nn.Module) -> Tensor:
    """One vector behind all parameters that are trained, and one behind their gradients: a step is then one pass.

    The parameters keep their shapes and strides; from here on they are views.
    """
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    vector = torch.empty(sum(parameter.numel() for parameter in trained), device=trained[0].device)
    vector.grad = torch.zeros_like(vector)
    start = 0
    for parameter in trained:
        view = vector.as_strided(parameter.shape, parameter.stride(), start)
        view.copy_(parameter.detach())
        parameter.data = view
        parameter.grad = vector.grad.as_strided(parameter.shape, parameter.stride(), start)
        start += parameter.numel()
    return vector


def build_optimizer(vector: Tensor, training: PlannedTraining) -> Optimizer:
    """The planned optimizer over a vector of parameters."""
    settings = training.optimizer.model_dump(exclude={"name", "learning_rate"})
    kinds: dict[str, type[Optimizer]] = {"adam": Adam, "adamw": AdamW, "sgd": SGD}
    optimizer: Callable[..., Optimizer] = kinds[training.optimizer.name]
    if vector.is_cuda and training.optimizer.name != "sgd":
        settings["capturable"] = True  # keeps the count of steps on the device
    return optimizer([vector], lr=training.optimizer.learning_rate, fused=True, **settings)


@torch.no_grad()
def take_step(optimizer: Optimizer, rate: float) -> None:
    """The step of an optimizer that ``build_optimizer`` made, at a learning rate.

    On a CPU Adam's kernel is called as torch calls it, from the state that torch begins with, but without the Python
    around it, which takes three times as long (and at its first call imports a compiler). The kernel is no part of
    torch's public interface: where it isn't as it was, the optimizer itself takes the step, to the same bits.
    """
    group = optimizer.param_groups[0]
    group["lr"] = rate
    (vector,) = group["params"]
    name = _KERNELS.get(type(optimizer))
    kernel = None if vector.is_cuda or name is None else _kernel(name)
    if kernel is None:
        optimizer.step()
        return
    state = optimizer.state[vector]
    if not state:
        state.update(step=torch.zeros(()), exp_avg=torch.zeros_like(vector), exp_avg_sq=torch.zeros_like(vector))
    state["step"] += 1
    kernel(
        *([vector], [vector.grad], [state["exp_avg"]], [state["exp_avg_sq"]], [], [state["step"]]),
        lr=rate,
        beta1=group["betas"][0],
        beta2=group["betas"][1],
        weight_decay=group["weight_decay"],
        eps=group["eps"],
        amsgrad=False,
        maximize=False,
    )


@functools.cache
def _kernel(name: str) -> Callable[..., object] | None:
    """The kernel of that name; none where torch has none, or one with other arguments than we know."""
    try:
        kernel: Callable[..., object] = getattr(torch.ops.aten, name).default
        arguments = tuple(argument.name for argument in kernel._schema.arguments)  # type: ignore[attr-defined]
    except AttributeError:
        return None
    return kernel if arguments == _KERNEL_ARGUMENTS else None


@functools.lru_cache(maxsize=8)
def learning_rates(training: PlannedTraining, steps_per_epoch: int) -> tuple[float, ...]:
    """The learning rate of every step of a training, as torch's own schedule gives it.

    Raises:
        TrainingError: there are too few steps for the schedule.
    """
    total = training.epochs * steps_per_epoch
    if training.schedule.name == "constant":
        return (training.optimizer.learning_rate,) * total
    stand_in = SGD([nn.Parameter(torch.zeros(()))], lr=training.optimizer.learning_rate)
    schedule = _build_schedule(stand_in, training, steps_per_epoch)
    rates = []
    for _ in range(total):
        rates.append(float(stand_in.param_groups[0]["lr"]))
        stand_in.step()
        schedule.step()
    return tuple(rates)


def _build_schedule(optimizer: Optimizer, training: PlannedTraining, steps_per_epoch: int) -> LRScheduler:
    """The schedule, to be advanced after each step; it starts at the optimizer's own rate."""
    total = training.epochs * steps_per_epoch
    match training.schedule.name:
        case "step":
            return StepLR(optimizer, training.schedule.epochs * steps_per_epoch, training.schedule.factor)
        case "cosine":
            return CosineAnnealingLR(optimizer, total)
        case "one-cycle":
            if training.schedule.warmup_fraction * total <= 1:
                raise TrainingError(
                    f"the one-cycle schedule has no step to warm up in: {total} steps in all, of which "
                    f"{training.schedule.warmup_fraction:g} warm up. Train for more epochs."
                )
            return OneCycleLR(
                optimizer,
                training.schedule.max_learning_rate,
                total_steps=total,
                pct_start=training.schedule.warmup_fraction,
                div_factor=training.schedule.max_learning_rate / training.optimizer.learning_rate,
                cycle_momentum=False,
            )
    raise AssertionError(training.schedule.name)
