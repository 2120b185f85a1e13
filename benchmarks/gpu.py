"""Three trainings on one GPU: the step as a CUDA graph against the same step run eagerly, in turns.

Exits with a word and code 1 where there is no CUDA device. Needs MNIST in $REPORTGEN_DATA_DIR.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import torch

from reportgen.assignment.bundled import load_spec
from reportgen.assignment.datasets import MNIST
from reportgen.assignment.plan import Options, resolve
from reportgen.training import images as data
from reportgen.training import loop
from reportgen.training.engines import cuda_graph
from reportgen.training.loop import Trained, experiment_seed


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=None, help="instead of the assignment's")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("there is no CUDA device here: nothing was measured")
    folder = data.find(MNIST, Path(os.environ["REPORTGEN_DATA_DIR"]))
    assert folder is not None
    images = data.load(MNIST, folder)
    plan = resolve(load_spec("csl7590-a1"), "M23CSE023", Options(epochs=asked.epochs))
    original = cuda_graph.train_epoch

    def all_three(*, graph: bool) -> tuple[float, list[Trained]]:
        def epoch(*args: Any, **settings: Any) -> tuple[float, float]:
            return original(*args, **{**settings, "graph": graph})

        cuda_graph.train_epoch = epoch
        torch.cuda.synchronize()
        start = time.perf_counter()
        trained = [
            loop.train(
                experiment, images, experiment_seed(0, experiment.id), device="cuda", engine=cuda_graph.CudaGraph()
            )
            for experiment in plan.experiments
        ]
        torch.cuda.synchronize()
        return time.perf_counter() - start, trained

    seconds: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(asked.rounds):
        for graphed in (True, False):
            taken, trained = all_three(graph=graphed)
            seconds[graphed].append(taken)
            accuracies = ", ".join(f"{outcome.history[-1].test_accuracy:.2%}" for outcome in trained)
            print(f"{'graph' if graphed else 'eager'}: {taken:.1f} s; test accuracy {accuracies}", flush=True)
    ratios = sorted(eager / graph for eager, graph in zip(seconds[False], seconds[True], strict=True))
    graph, eager = (statistics.median(seconds[which]) for which in (True, False))
    print(
        f"{torch.cuda.get_device_name(0)}: graph {graph:.1f} s, eager {eager:.1f} s, "
        f"{statistics.median(ratios):.1f}× ({ratios[0]:.1f}…{ratios[-1]:.1f})"
    )


if __name__ == "__main__":
    main()
