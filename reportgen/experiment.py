"""Plan to results: the experiments of a plan, side by side on the cores that there are."""

import base64
import multiprocessing
import os
import platform
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from safetensors.torch import save

from reportgen import __version__
from reportgen.crosscheck import crosscheck, demand_agreement
from reportgen.data import Images, group, label_counts
from reportgen.datasets import DATASETS
from reportgen.files import digest
from reportgen.metrics import compare, score
from reportgen.model import build_model
from reportgen.plan import Plan, PlannedExperiment
from reportgen.results import (
    SCHEMA_VERSION,
    CrossCheck,
    DataUsed,
    Environment,
    EpochRecord,
    ExperimentResult,
    Mistaken,
    Results,
    Student,
)
from reportgen.spec import Assignment
from reportgen.train import Trained, experiment_seed, train

OnEpoch = Callable[[str, EpochRecord], None]
OnStep = Callable[[str, float], None]
_MISTAKEN = 12
"""Misclassified images that a report shows."""


@dataclass(frozen=True)
class Computed:
    """Results and the weights that belong to them."""

    results: Results
    weights: Mapping[str, bytes]
    """Content of each safetensors file, by its name."""


def check_counts(plan: Plan) -> dict[str, CrossCheck]:
    """Cross-check the count of every experiment's network; by experiment id.

    Raises:
        CountMismatchError: the sources disagree somewhere.
    """
    checks = {}
    for experiment in plan.experiments:
        with torch.random.fork_rng(devices=[]):
            model = build_model(experiment.layers)
        check = crosscheck(model, experiment.count(plan.input_shape), plan.input_shape)
        demand_agreement(check, experiment.id)
        checks[experiment.id] = check
    return checks


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    assignment: Assignment,
    plan: Plan,
    images: Images,
    student: Student,
    *,
    timed: bool = True,
    on_epoch: OnEpoch = lambda *_: None,
    on_step: OnStep = lambda *_: None,
) -> Computed:
    """Cross-check, train and score every experiment of a plan.

    ``on_epoch`` is called from another thread with an experiment's id and its newest epoch, ``on_step`` with the
    id and how many epochs are done.

    Raises:
        CountMismatchError: the counts disagree; nothing was trained.
        TrainingError: a training diverged.
    """
    checks = check_counts(plan)
    threads = max(1, usable_cores() // len(plan.experiments))
    trained = _train_all(plan, images, threads, timed=timed, on_epoch=on_epoch, on_step=on_step)
    weights = {
        f"weights/{experiment.id}.safetensors": save(trained[experiment.id].state) for experiment in plan.experiments
    }
    dataset = DATASETS[plan.dataset]
    predictions = {key: outcome.probabilities.argmax(1).astype(np.int64) for key, outcome in trained.items()}
    experiments = tuple(
        _result(plan, experiment, images, trained[experiment.id], checks[experiment.id], predictions, weights)
        for experiment in plan.experiments
    )
    results = Results(
        schema_version=SCHEMA_VERSION,
        reportgen=__version__,
        assignment=assignment,
        plan=plan,
        plan_digest=plan.digest,
        student=student,
        data=DataUsed(
            title="scikit-learn's embedded digits" if plan.preview else dataset.title,
            source=images.source,
            digests=images.digests,
            train_counts=label_counts(images.train_labels, len(dataset.labels)),
            test_counts=label_counts(images.test_labels, len(dataset.labels)),
            mean=images.mean,
            std=images.std,
            test_labels=tuple(int(label) for label in images.test_labels),
        ),
        environment=describe_environment(threads),
        experiments=experiments,
    )
    return Computed(results, weights)


def describe_environment(threads: int) -> Environment:
    """The machine and the versions in use."""
    libraries = ("torch", "torchvision", "torchinfo", "scikit-learn", "scipy", "numpy", "matplotlib", "weasyprint")
    return Environment(
        python=platform.python_version(),
        versions={library: version(library) for library in libraries},
        system=f"{platform.system()} {platform.release()}",
        processor=platform.machine(),
        cores=usable_cores(),
        threads=threads,
        device="cpu",
    )


def _train_all(
    plan: Plan, images: Images, threads: int, *, timed: bool, on_epoch: OnEpoch, on_step: OnStep
) -> dict[str, Trained]:
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    # the longest first, so that no core is left with it at the end
    longest_first = sorted(plan.experiments, key=_work, reverse=True)
    jobs = min(len(longest_first), usable_cores())
    with multiprocessing.get_context("spawn").Manager() as manager:
        events = manager.Queue()
        listener = threading.Thread(target=_pass_on, args=(events, on_epoch, on_step), daemon=True)
        listener.start()
        try:
            parallel = Parallel(n_jobs=jobs, backend="loky", return_as="generator_unordered", mmap_mode="c")
            tasks = (
                delayed(_train_one)(experiment, images, plan.seed, threads, timed, events, os.getpid())
                for experiment in longest_first
            )
            return dict(parallel(tasks))
        except BaseException:
            get_reusable_executor().shutdown(wait=False, kill_workers=True)
            raise
        finally:
            events.put(None)
            listener.join()


def _train_one(
    experiment: PlannedExperiment, images: Images, seed: int, threads: int, timed: bool, events: Any, parent: int
) -> tuple[str, Trained]:
    if os.getpid() != parent:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends this process
    torch.set_num_threads(threads)
    outcome = train(
        experiment,
        images,
        experiment_seed(seed, experiment.id),
        timed=timed,
        on_epoch=lambda record: events.put((experiment.id, record)),
        on_step=lambda epochs: events.put((experiment.id, epochs)),
    )
    return experiment.id, outcome


def _pass_on(events: Any, on_epoch: OnEpoch, on_step: OnStep) -> None:
    while (event := events.get()) is not None:
        experiment_id, news = event
        if isinstance(news, EpochRecord):
            on_epoch(experiment_id, news)
        else:
            on_step(experiment_id, news)


def _work(experiment: PlannedExperiment) -> int:
    return experiment.training.epochs * len(experiment.layers)


def _result(
    plan: Plan,
    experiment: PlannedExperiment,
    images: Images,
    trained: Trained,
    check: CrossCheck,
    predictions: Mapping[str, np.ndarray[Any, np.dtype[np.int64]]],
    weights: Mapping[str, bytes],
) -> ExperimentResult:
    labels = group(images.test_labels, experiment.label_to_class)
    predicted = predictions[experiment.id]
    comparison = None
    if experiment.baseline is not None:
        comparison = compare(labels, predicted, predictions[experiment.baseline], experiment.baseline)
    name = f"weights/{experiment.id}.safetensors"
    return ExperimentResult(
        id=experiment.id,
        seed=experiment_seed(plan.seed, experiment.id),
        steps=trained.steps,
        history=trained.history,
        chosen_epoch=trained.chosen_epoch,
        stopped_early=trained.stopped_early,
        count=experiment.count(plan.input_shape),
        crosscheck=check,
        train_correct=trained.train_correct,
        train_total=trained.train_total,
        test_loss=trained.test_loss,
        score=score(labels, predicted, experiment.classes),
        predictions=tuple(int(label) for label in predicted),
        mistaken=_mistaken(images, labels, trained),
        comparison=comparison,
        weights=name,
        weights_digest=digest(weights[name]),
    )


def _mistaken(images: Images, labels: np.ndarray[Any, np.dtype[np.int64]], trained: Trained) -> tuple[Mistaken, ...]:
    predicted = trained.probabilities.argmax(1)
    wrong = np.flatnonzero(predicted != labels)
    confidence = trained.probabilities[wrong, predicted[wrong]]
    worst = wrong[np.argsort(-confidence, kind="stable")][:_MISTAKEN]
    return tuple(
        Mistaken(
            index=int(index),
            true=int(labels[index]),
            predicted=int(predicted[index]),
            probability=float(trained.probabilities[index, predicted[index]]),
            pixels=base64.b64encode(images.test_images[index, 0].tobytes()).decode(),
        )
        for index in worst
    )
