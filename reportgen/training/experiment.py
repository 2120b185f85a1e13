"""Plan to results: the experiments of a plan, side by side on the cores that there are."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from safetensors.torch import save

from reportgen import __version__
from reportgen.assignment.datasets import DATASETS
from reportgen.assignment.plan import Plan, PlannedExperiment
from reportgen.assignment.spec import Assignment
from reportgen.errors import UsageError
from reportgen.files import digest
from reportgen.results.schema import (
    SCHEMA_VERSION,
    CrossCheck,
    DataUsed,
    Environment,
    ExperimentResult,
    Results,
    Student,
)
from reportgen.training import shown_images
from reportgen.training.checkpoints import keep_only, open_checkpoints
from reportgen.training.crosscheck import crosscheck, demand_agreement
from reportgen.training.engines.engine import Engine
from reportgen.training.engines.plain import PLAIN
from reportgen.training.images import Images, group, label_counts
from reportgen.training.loop import Trained, experiment_seed
from reportgen.training.modules import build_model
from reportgen.training.schedule import Job, OnEpoch, OnStep, Tell, train_all
from reportgen.training.scores import compare, score


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
    folder: Path | None = None,
    fresh: bool = False,
    device: str = "cpu",
    engine: Engine = PLAIN,
    timed: bool = True,
    on_epoch: OnEpoch = lambda *_: None,
    on_step: OnStep = lambda *_: None,
    tell: Tell = lambda *_: None,
) -> Computed:
    """Cross-check, train and score every experiment of a plan.

    Each epoch is saved in ``folder``, if one is given, and what was saved there before is gone on with, or used where
    it is complete; ``fresh`` forgets it. ``on_epoch`` is called with an experiment's id and its newest epoch,
    ``on_step`` with the id and how many epochs are done, ``tell`` with what the user should know of saved work.

    Raises:
        CountMismatchError: the counts disagree; nothing was trained.
        TrainingError: a training diverged.
        OutputError: a checkpoint can't be written.
    """
    checks = check_counts(plan)
    jobs = _open_jobs(plan, images, folder, fresh=fresh, device=device, engine=engine, tell=tell)
    cores = usable_cores()
    threads = max(1, cores // len(jobs))
    train_all(
        jobs,
        images,
        side_by_side=cores,
        threads=threads,
        device=device,
        engine=engine,
        on_epoch=on_epoch,
        on_step=on_step,
        tell=tell,
    )
    if folder is not None:
        keep_only(folder, [job.checkpoints for job in jobs if job.checkpoints is not None])
    outcomes = {job.experiment.id: job.outcome for job in jobs if job.outcome is not None}
    trained = outcomes if timed else {key: _without_times(outcome) for key, outcome in outcomes.items()}
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
        environment=describe_environment(max(outcome.threads for outcome in trained.values()), device, engine),
        experiments=experiments,
        images=shown_images.pictures(
            (sample for result in experiments for sample in result.samples), images.test_images
        ),
    )
    return Computed(results, weights)


def choose_device(asked: Literal["auto", "cpu", "cuda"]) -> str:
    """The device to train on; ``auto`` is a GPU where there is one.

    Raises:
        UsageError: a GPU was asked for and there is none that torch can use.
    """
    there = torch.cuda.is_available()
    if asked == "cuda" and not there:
        raise UsageError(
            "--device cuda: torch finds no CUDA device here. Look at `nvidia-smi`, install a torch for your driver, "
            "or leave --device out to train on the CPU."
        )
    return "cuda" if there and asked != "cpu" else "cpu"


def describe_environment(threads: int, device: str, engine: Engine) -> Environment:
    """The machine and the versions in use."""
    libraries = ("torch", "torchvision", "torchinfo", "scikit-learn", "scipy", "numpy", "matplotlib", "weasyprint")
    return Environment(
        python=platform.python_version(),
        versions={library: version(library) for library in libraries},
        system=f"{platform.system()} {platform.release()}",
        processor=platform.machine(),
        cores=usable_cores(),
        threads=threads,
        device="cpu" if device == "cpu" else torch.cuda.get_device_name(0),
        engine=engine.name,
    )


def _open_jobs(
    plan: Plan, images: Images, folder: Path | None, *, fresh: bool, device: str, engine: Engine, tell: Tell
) -> list[Job]:
    """The trainings of a plan, each with what was saved of it."""
    jobs = []
    for experiment in plan.experiments:
        seed = experiment_seed(plan.seed, experiment.id)
        job = Job(experiment, seed)
        jobs.append(job)
        if folder is None:
            continue
        job.checkpoints = open_checkpoints(folder, experiment, seed, images, device, engine)
        if fresh:
            job.checkpoints.clear()
            continue
        saved = job.checkpoints.load(lambda text: tell("warning", text))
        job.snapshot, job.epochs, job.outcome = saved.snapshot, saved.epochs, saved.outcome
        if job.outcome is not None:
            tell("note", f"{experiment.id} is trained already; --fresh would train it again")
        elif job.epochs:
            tell("note", f"{experiment.id} goes on after epoch {job.epochs} of {experiment.training.epochs}")
    return jobs


def _without_times(trained: Trained) -> Trained:
    return replace(trained, history=tuple(record.model_copy(update={"seconds": None}) for record in trained.history))


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
        mistaken=shown_images.most_confident(labels, trained.probabilities, images.test_images),
        samples=shown_images.choose(labels, trained.probabilities, images.test_images[0].nbytes),
        comparison=comparison,
        weights=name,
        weights_digest=digest(weights[name]),
    )
