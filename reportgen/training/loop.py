"""Training one network: a fold over epochs. Each takes a snapshot and gives the next; nothing else is carried on."""

from __future__ import annotations

import copy
import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from reportgen.assignment.plan import PlannedExperiment, PlannedTraining
from reportgen.errors import TrainingError
from reportgen.results.schema import EpochRecord
from reportgen.training.batches import Labelled, Sets, shuffle, split
from reportgen.training.engines.engine import Engine, Epoch, Network
from reportgen.training.engines.plain import PLAIN
from reportgen.training.images import Images
from reportgen.training.modules import build_model, logits_of
from reportgen.training.optimizers import build_optimizer, gather, learning_rates

_EVALUATION_BATCH = 40
"""Images whose intermediate results still fit into a processor's cache."""


@dataclass(frozen=True)
class Evaluation:
    """A network on a set of images."""

    loss: float
    """Mean cross-entropy, nats."""
    correct: int
    total: int
    logits: Tensor
    """(N, K)"""

    @property
    def accuracy(self) -> float:
        """correct / total"""
        return self.correct / self.total


@dataclass(frozen=True)
class Snapshot:
    """A training between two epochs: all that the next epoch needs beside the plan, the images and the seed.

    Each epoch seeds the generator anew and the learning rate follows from the step, so neither has a state to keep.
    """

    history: tuple[EpochRecord, ...]
    state: dict[str, Tensor]
    """Weights and buffers, as ``build_model`` names them."""
    optimizer: dict[str, Any]
    """``state_dict`` of the optimizer."""
    best_epoch: int
    """Whose weights are kept, counted from 1."""
    best_state: dict[str, Tensor]
    threads: int
    """Of the epochs so far: other numbers of threads round otherwise."""


@dataclass(frozen=True)
class Trained:
    """A trained network and what happened on the way."""

    history: tuple[EpochRecord, ...]
    chosen_epoch: int
    stopped_early: bool
    steps: int
    state: dict[str, Tensor]
    """Weights and buffers of the chosen epoch, as ``build_model`` names them."""
    train_correct: int
    train_total: int
    test_loss: float
    probabilities: NDArray[np.float32]
    """(M, K): of each class for each test image, by the chosen weights."""
    threads: int


def experiment_seed(seed: int, experiment_id: str) -> int:
    """Seed of one experiment: the plan's seed and the id, hashed, so that experiments differ."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{experiment_id}".encode()).digest()[:4]) >> 1


def train(
    experiment: PlannedExperiment,
    images: Images,
    seed: int,
    *,
    device: str = "cpu",
    engine: Engine = PLAIN,
    on_epoch: Callable[[EpochRecord], None] = lambda _: None,
) -> Trained:
    """Train an experiment's network and evaluate the weights it keeps.

    The loss takes logits; softmax is applied where the network predicts. The test set is evaluated after each
    epoch for the curves and chooses nothing.

    Raises:
        TrainingError: a loss is not a finite number.
    """
    sets = split(experiment, images, seed).to(device)
    snapshot = None
    while snapshot is None or not is_complete(experiment.training, snapshot):
        snapshot = advance(experiment, sets, seed, snapshot, engine=engine)
        on_epoch(snapshot.history[-1])
    return conclude(experiment, sets, snapshot, engine=engine)


def is_complete(training: PlannedTraining, snapshot: Snapshot) -> bool:
    """All epochs are done, or early stopping says so."""
    done = len(snapshot.history)
    stopping = training.early_stopping
    return done == training.epochs or (stopping is not None and done - snapshot.best_epoch >= stopping.patience)


def advance(
    experiment: PlannedExperiment,
    sets: Sets,
    seed: int,
    snapshot: Snapshot | None,
    on_part: Callable[[float], None] = lambda _: None,
    *,
    engine: Engine = PLAIN,
) -> Snapshot:
    """Train for one epoch more, on the device that holds the sets; the first where there is no ``snapshot``.

    ``on_part`` is told now and then which part of the epoch is done, 0…1.

    Raises:
        TrainingError: a loss is not a finite number.
    """
    start = time.perf_counter()
    training = experiment.training
    epoch = 1 if snapshot is None else len(snapshot.history) + 1
    device = sets.training.images.device
    torch.manual_seed(seed)
    model = build_model(experiment.layers).to(device).to(memory_format=torch.channels_last)
    optimizer = build_optimizer(gather(model), training)
    if snapshot is not None:
        model.load_state_dict(snapshot.state)
        optimizer.load_state_dict(copy.deepcopy(snapshot.optimizer))
    network = _network(engine, experiment, model, sets)
    steps = math.ceil(len(sets.training) / training.batch_size)
    rates = learning_rates(training, steps)[(epoch - 1) * steps : epoch * steps]

    torch.manual_seed(seed + epoch)
    shuffled = shuffle(sets.training, training)
    train_loss, train_accuracy = network.train_epoch(
        Epoch(optimizer, shuffled, training.batch_size, rates, sets.prepare, seed + epoch), on_part
    )
    test = evaluate(network, sets.test, sets.prepare)
    validation = evaluate(network, sets.validation, sets.prepare) if len(sets.validation) else None
    losses = {"training": train_loss, "validation": validation.loss if validation else 0.0, "test": test.loss}
    for name, loss in losses.items():
        if not math.isfinite(loss):
            raise TrainingError(
                f"{experiment.id} diverged in epoch {epoch}: the {name} loss is {loss}. "
                "Lower the learning rate in the assignment."
            )
    record = EpochRecord(
        epoch=epoch,
        learning_rate=rates[-1],
        train_loss=train_loss,
        train_accuracy=train_accuracy,
        validation_loss=validation.loss if validation else None,
        validation_accuracy=validation.accuracy if validation else None,
        test_loss=test.loss,
        test_accuracy=test.accuracy,
        seconds=round(time.perf_counter() - start, 2),
    )
    state = {name: value.detach().clone().cpu() for name, value in model.state_dict().items()}
    better = snapshot is None or not _worse(record, snapshot.history[snapshot.best_epoch - 1])
    return Snapshot(
        history=(*(snapshot.history if snapshot else ()), record),
        state=state,
        optimizer=_on_cpu(optimizer.state_dict()),
        best_epoch=epoch if snapshot is None or better else snapshot.best_epoch,
        best_state=state if snapshot is None or better else snapshot.best_state,
        threads=torch.get_num_threads(),
    )


def conclude(experiment: PlannedExperiment, sets: Sets, snapshot: Snapshot, *, engine: Engine = PLAIN) -> Trained:
    """Evaluate the weights that a complete training keeps."""
    device = sets.training.images.device
    model = build_model(experiment.layers).to(device).to(memory_format=torch.channels_last)
    model.load_state_dict(snapshot.best_state)
    network = _network(engine, experiment, model, sets)
    train_set, test_set = (evaluate(network, part, sets.prepare) for part in (sets.training, sets.test))
    epochs = len(snapshot.history)
    return Trained(
        history=snapshot.history,
        chosen_epoch=snapshot.best_epoch,
        stopped_early=epochs < experiment.training.epochs,
        steps=epochs * math.ceil(len(sets.training) / experiment.training.batch_size),
        state={name: value.contiguous() for name, value in snapshot.best_state.items()},
        train_correct=train_set.correct,
        train_total=train_set.total,
        test_loss=test_set.loss,
        probabilities=test_set.logits.softmax(1).cpu().numpy(),
        threads=snapshot.threads,
    )


def _network(engine: Engine, experiment: PlannedExperiment, model: nn.Sequential, sets: Sets) -> Network:
    """What the loss takes of an experiment's network, as an engine computes it."""
    _, channels, height, width = sets.training.images.shape
    layers = experiment.count((channels, height, width)).layers
    logits_model = logits_of(model)
    return engine.network(logits_model, [layer.output_shape for layer in layers[: len(logits_model)]])


def evaluate(network: Network, chosen: Labelled, prepare: Callable[[Tensor], Tensor]) -> Evaluation:
    """Loss and correct predictions of a network on a set, in evaluation mode."""
    logits = torch.cat([network.logits(prepare(part)) for part in chosen.images.split(_EVALUATION_BATCH)])
    return Evaluation(
        loss=cross_entropy(logits, chosen.labels).item(),
        correct=int((logits.argmax(1) == chosen.labels).sum()),
        total=len(chosen),
        logits=logits,
    )


def _on_cpu(state: Any) -> Any:
    """Nested state with its tensors in main memory."""
    if isinstance(state, dict):
        return {key: _on_cpu(value) for key, value in state.items()}
    if isinstance(state, list):
        return [_on_cpu(value) for value in state]
    return state.cpu() if isinstance(state, Tensor) else state


def _worse(record: EpochRecord, best: EpochRecord) -> bool:
    """Without a validation set the last epoch is kept."""
    if record.validation_loss is None or best.validation_loss is None:
        return False
    return record.validation_loss >= best.validation_loss
