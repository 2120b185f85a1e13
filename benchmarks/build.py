"""Where the time of a whole build goes, how much memory it takes, and how both grow.

Runs the bundled assignment on MNIST as `reportgen build` does (--epochs N trains shorter), then small builds on the
embedded digits with more epochs, experiments and cores. The share of the sgemm peak is that of the whole training
phase, from the first worker's start to the last evaluation. Needs MNIST in $REPORTGEN_DATA_DIR.
"""

import argparse
import functools
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from joblib.externals.loky import ProcessPoolExecutor
from train import floating_point_operations, sgemm_of_all

from reportgen.assignment.bundled import load_spec
from reportgen.assignment.plan import Options, resolve
from reportgen.assignment.spec import Assignment
from reportgen.pipelines import build
from reportgen.rendering import page, report
from reportgen.results.schema import Results, Student
from reportgen.training import experiment
from reportgen.training.images import Choice

PHASES = {
    "data": (build, "find_images"),
    "train": (experiment, "train_all"),
    "check and score": (experiment, "run"),
    "draw": (report, "draw"),
    "HTML": (page, "render_html"),
    "PDF": (report, "html_to_pdf"),
    "write": (build, "write_files"),
}


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """Seconds of each phase; the inner one's are not counted twice."""
    spent: dict[str, float] = defaultdict(float)

    def timed(phase: str, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        start, inner = time.perf_counter(), sum(spent.values())
        try:
            return original(*args, **kwargs)
        finally:
            spent[phase] += time.perf_counter() - start - (sum(spent.values()) - inner)

    patches = [
        patch.object(module, name, functools.partial(timed, phase, getattr(module, name)))
        for phase, (module, name) in PHASES.items()
    ]
    for each in patches:
        each.start()
    try:
        yield spent
    finally:
        for each in patches:
            each.stop()


def make(spec: Assignment, dataset: Choice, epochs: int | None, folder: Path) -> tuple[Results, dict[str, float]]:
    student = Student(roll="M23CSE023", name="Asha Rao", date="25 January 2024", colab="https://colab.example/a")
    order = build.Order(
        assignment=spec,
        student=student,
        folder=folder,
        dataset=dataset,
        data_dir=None,
        options=Options(epochs=epochs),
        templates=None,
        device="cpu",
        engine="auto",
        fresh=False,
    )
    with watched() as spent:
        start = time.perf_counter()
        built = build.build(build.prepare(order), datetime.now(UTC), timed=True)
        spent["whole"] = time.perf_counter() - start
    return built.results, spent


def import_seconds() -> float:
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", "import reportgen.cli.app, reportgen.pipelines.build, reportgen.cli.tables"], check=True
    )
    return time.perf_counter() - start


def peak_memory() -> str:
    own, workers = (
        resource.getrusage(who).ru_maxrss / 2**20 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return f"{own:.1f} GiB here, {workers:.1f} GiB in the largest worker"


def peak(cores: int) -> float:
    """Floating-point operations a second of large products on all cores."""
    with ProcessPoolExecutor(cores) as executor:
        return sgemm_of_all(executor, cores)


def operations(spec: Assignment, results: Results) -> int:
    """Of all epochs and of the passes that measure the weights that are kept."""
    planned = resolve(spec, "M23CSE023", Options()).experiments
    done = 0
    for asked, entry in zip(planned, results.experiments, strict=True):
        kept_aside, tested = asked.training.validation_size, len(entry.predictions)
        epoch = {"trained_on": entry.train_total, "measured_on": tested + kept_aside}
        done += len(entry.history) * floating_point_operations(asked, **epoch)
        done += floating_point_operations(asked, trained_on=0, measured_on=entry.train_total + tested)
    return done


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=None, help="instead of the assignment's")
    parser.add_argument("--out", type=Path, default=None, help="folder that keeps the MNIST build")
    asked = parser.parse_args()
    spec = load_spec("csl7590-a1")
    cores = experiment.usable_cores()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.out or Path(scratch) / "mnist"
        load_before = os.getloadavg()[0]
        peaks = [peak(cores)]
        results, spent = make(spec, "mnist", asked.epochs, folder)
        peaks.append(peak(cores))
        epochs = sum(len(entry.history) for entry in results.experiments)
        print(f"MNIST, {epochs} epochs, {cores} cores, load {load_before:.1f} before, {os.getloadavg()[0]:.1f} after")
        importing = import_seconds()
        rest = importing + spent["whole"] - spent["train"]
        print(f"{'import':<16}{importing:8.1f} s")
        for phase in (*PHASES, "whole"):
            print(f"{phase:<16}{spent[phase]:8.1f} s")
        print(f"all but training {rest:.1f} s; peak memory {peak_memory()}")
        share = operations(spec, results) / spent["train"] / statistics.mean(peaks)
        print(
            f"training: {share:.0%} of the sgemm peak ({' and '.join(f'{peak / 1e9:.0f}' for peak in peaks)} GFLOP/s)"
        )
        for entry in results.experiments:
            print(f"{entry.id}: {entry.score.accuracy:.2%} of the test set, {entry.steps} steps")
        _, again = make(spec, "mnist", asked.epochs, folder)
        print(f"a second build: {again['whole']:.1f} s, of which training {again['train']:.1f} s\n")

        print("embedded digits      whole   train   (s)")
        for number, epochs_asked, used in ((1, 2, 1), (1, 4, 1), (1, 8, 1), (2, 4, 1), (3, 4, 1), (3, 4, cores)):
            affinity = os.sched_getaffinity(0)
            os.sched_setaffinity(0, set(sorted(affinity)[:used]))
            small = spec.model_copy(update={"experiments": spec.experiments[:number]})
            _, spent = make(small, "digits", epochs_asked, Path(scratch) / f"{number}-{epochs_asked}-{used}")
            os.sched_setaffinity(0, affinity)
            print(
                f"{number} experiments, {epochs_asked} epochs, {used} core{'s' * (used > 1)}"
                f"{spent['whole']:8.1f}{spent['train']:8.1f}"
            )


if __name__ == "__main__":
    main()
