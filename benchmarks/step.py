"""What one optimizer step costs on one thread: the plain step of torch, torch.compile, and ours, in turns.

All three: images in channels_last order, fused Adam, batch 20. torch.compile needs a C++ compiler; where there is none
its line is left out. Prints milliseconds of the fastest quarter of the steps, and the parts of our step.
"""

import shutil
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from reportgen.assignment.bundled import load_spec
from reportgen.assignment.plan import Options, PlannedExperiment, resolve
from reportgen.training.engines.vectorized.fused import QuickNetwork, quicken
from reportgen.training.modules import build_model, logits_of
from reportgen.training.optimizers import build_optimizer, gather, take_step

BATCH, STEPS, ROUNDS = 20, 40, 5


def plain(
    experiment: PlannedExperiment, images: torch.Tensor, labels: torch.Tensor, *, compiled: bool
) -> Callable[[], None]:
    model = build_model(experiment.layers).to(memory_format=torch.channels_last)
    logits_model: Any = logits_of(model)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    if compiled:
        logits_model = torch.compile(logits_model)

    def step() -> None:
        loss = cross_entropy(logits_model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def quick(
    experiment: PlannedExperiment, images: torch.Tensor, labels: torch.Tensor
) -> tuple[QuickNetwork, Callable[[], None]]:
    model = build_model(experiment.layers).to(memory_format=torch.channels_last)
    optimizer = build_optimizer(gather(model), experiment.training)
    logits_model = logits_of(model)
    shapes = [layer.output_shape for layer in experiment.count((1, 28, 28)).layers]
    network = quicken(logits_model, shapes[: len(logits_model)])

    def step() -> None:
        network.step(images, labels)
        take_step(optimizer, experiment.training.optimizer.learning_rate)

    return network, step


def parts(network: QuickNetwork, step: Callable[[], None]) -> dict[str, float]:
    """Milliseconds of each part of a step, forward and backward."""
    spent: dict[str, float] = defaultdict(float)

    def timed(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **settings: Any) -> Any:
            start = time.perf_counter()
            try:
                return original(*args, **settings)
            finally:
                spent[name] += time.perf_counter() - start

        return run

    for number, unit in enumerate(network.units, start=1):
        for which in ("forward", "backward"):
            setattr(unit, which, timed(f"{number} {type(unit).__name__} {which}", getattr(unit, which)))
    for _ in range(STEPS * ROUNDS):
        step()
    return {name: seconds / STEPS / ROUNDS * 1e3 for name, seconds in spent.items()}


def main() -> None:
    torch.set_num_threads(1)
    images = torch.randn(BATCH, 1, 28, 28).to(memory_format=torch.channels_last)
    print(f"{torch.backends.cpu.get_cpu_capability()}, torch {torch.__version__}")
    for experiment in resolve(load_spec("csl7590-a1"), "M23CSE023", Options()).experiments[::2]:
        labels = torch.arange(BATCH) % len(experiment.classes)
        network, ours = quick(experiment, images, labels)
        steps = {"torch": plain(experiment, images, labels, compiled=False)}
        if shutil.which("g++"):
            steps["torch.compile"] = plain(experiment, images, labels, compiled=True)
        steps["ours"] = ours
        taken: dict[str, list[float]] = defaultdict(list)
        for _ in range(ROUNDS):
            for name, step in steps.items():
                for number in range(STEPS + 5):
                    start = time.perf_counter()
                    step()
                    if number >= 5:
                        taken[name].append(time.perf_counter() - start)
        said = ", ".join(f"{name} {sorted(times)[len(times) // 4] * 1e3:.2f} ms" for name, times in taken.items())
        print(f"{experiment.id}: {said}")
        for name, milliseconds in parts(network, ours).items():
            print(f"    {name:<32}{milliseconds:6.3f}")


if __name__ == "__main__":
    main()
