"""Training one network: the loop reads in the order of the data, prints nothing, and is seeded anew each epoch."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LRScheduler, OneCycleLR, StepLR
from torchvision.transforms import InterpolationMode, v2

from reportgen.data import Images, group
from reportgen.errors import TrainingError
from reportgen.model import build_model, logits_of
from reportgen.plan import PlannedExperiment, PlannedTraining
from reportgen.results import EpochRecord

_EVALUATION_BATCH = 1000
_STEPS_BETWEEN_NEWS = 100


@dataclass(frozen=True)
class Labelled:
    """Images with their classes."""

    images: Tensor
    """(N, C, H, W), bytes."""
    labels: Tensor
    """(N,), classes."""

    def __len__(self) -> int:
        return len(self.labels)

    def pick(self, chosen: Tensor) -> Labelled:
        """The images at the positions ``chosen`` (M,)."""
        return Labelled(self.images[chosen], self.labels[chosen])


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


def experiment_seed(seed: int, experiment_id: str) -> int:
    """Seed of one experiment: the plan's seed and the id, hashed, so that experiments differ."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{experiment_id}".encode()).digest()[:4]) >> 1


def normalize(images: Tensor, mean: float, std: float) -> Tensor:
    """Scale bytes 0…255 to 0…1 and standardize; (N, C, H, W) in channels_last memory order."""
    scaled = (images.float() / 255 - mean) / std
    return scaled.contiguous(memory_format=torch.channels_last)


def build_optimizer(model: nn.Module, training: PlannedTraining) -> Optimizer:
    """The optimizer over the parameters that are trained."""
    settings = training.optimizer.model_dump(exclude={"name", "learning_rate"})
    kinds: dict[str, type[Optimizer]] = {"adam": Adam, "adamw": AdamW, "sgd": SGD}
    optimizer: Callable[..., Optimizer] = kinds[training.optimizer.name]
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return optimizer(parameters, lr=training.optimizer.learning_rate, fused=True, **settings)


def build_schedule(optimizer: Optimizer, training: PlannedTraining, steps_per_epoch: int) -> LRScheduler:
    """The learning-rate schedule, advanced after each step; it starts at the optimizer's own rate.

    Raises:
        TrainingError: there are too few steps for it.
    """
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
        case "constant":
            return ConstantLR(optimizer, factor=1.0)


def train(
    experiment: PlannedExperiment,
    images: Images,
    seed: int,
    *,
    timed: bool = True,
    on_epoch: Callable[[EpochRecord], None] = lambda _: None,
    on_step: Callable[[float], None] = lambda _: None,
) -> Trained:
    """Train an experiment's network and evaluate the weights it keeps.

    The loss takes logits; softmax is applied where the network predicts. The test set is evaluated after each
    epoch for the curves and chooses nothing. ``on_step`` is told now and then how many epochs are done.

    Raises:
        TrainingError: a loss is not a finite number.
    """
    training = experiment.training
    training_set, validation_set, test_set = split(experiment, images, seed)
    prepare = partial(normalize, mean=images.mean, std=images.std)
    torch.manual_seed(seed)
    model = build_model(experiment.layers).to(memory_format=torch.channels_last)
    logits_model = logits_of(model)
    optimizer = build_optimizer(model, training)
    steps_per_epoch = math.ceil(len(training_set) / training.batch_size)
    schedule = build_schedule(optimizer, training, steps_per_epoch)

    history: list[EpochRecord] = []
    best: EpochRecord | None = None
    state: dict[str, Tensor] = {}
    for epoch in range(1, training.epochs + 1):
        start = time.perf_counter()
        torch.manual_seed(seed + epoch)
        shuffled = shuffle(training_set, training)
        train_loss, train_accuracy, learning_rate = train_epoch(
            logits_model, optimizer, schedule, shuffled, prepare, _offset(on_step, epoch - 1)
        )
        test = evaluate(logits_model, test_set, prepare)
        validation = evaluate(logits_model, validation_set, prepare) if len(validation_set) else None
        losses = {"training": train_loss, "validation": validation.loss if validation else 0.0, "test": test.loss}
        for name, loss in losses.items():
            if not math.isfinite(loss):
                raise TrainingError(
                    f"{experiment.id} diverged in epoch {epoch}: the {name} loss is {loss}. "
                    "Lower the learning rate in the assignment."
                )
        record = EpochRecord(
            epoch=epoch,
            learning_rate=learning_rate,
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            validation_loss=validation.loss if validation else None,
            validation_accuracy=validation.accuracy if validation else None,
            test_loss=test.loss,
            test_accuracy=test.accuracy,
            seconds=round(time.perf_counter() - start, 2) if timed else None,
        )
        history.append(record)
        on_epoch(record)
        if best is None or not _worse(record, best):
            best = record
            state = {name: value.clone() for name, value in model.state_dict().items()}
        elif training.early_stopping is not None and epoch - best.epoch >= training.early_stopping.patience:
            break
    assert best is not None

    model.load_state_dict(state)
    final_train = evaluate(logits_model, training_set, prepare)
    final_test = evaluate(logits_model, test_set, prepare)
    return Trained(
        history=tuple(history),
        chosen_epoch=best.epoch,
        stopped_early=len(history) < training.epochs,
        steps=len(history) * steps_per_epoch,
        state={name: value.contiguous() for name, value in state.items()},
        train_correct=final_train.correct,
        train_total=len(training_set),
        test_loss=final_test.loss,
        probabilities=final_test.logits.softmax(1).numpy(),
    )


def split(experiment: PlannedExperiment, images: Images, seed: int) -> tuple[Labelled, Labelled, Labelled]:
    """Training, validation and test set of an experiment; validation images are drawn from the training set."""
    labels, test_labels = (
        torch.from_numpy(group(numbers, experiment.label_to_class))
        for numbers in (images.train_labels, images.test_labels)
    )
    everything = Labelled(torch.tensor(images.train_images), labels)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    kept_aside = experiment.training.validation_size
    return (
        everything.pick(order[kept_aside:]),
        everything.pick(order[:kept_aside]),
        Labelled(torch.tensor(images.test_images), test_labels),
    )


def shuffle(training_set: Labelled, training: PlannedTraining) -> list[Labelled]:
    """Batches of one epoch in a new order, augmented; the last may be smaller. Draws from the global generator."""
    batches = torch.randperm(len(training_set)).split(training.batch_size)
    for affine in training.augmentation:
        transform = v2.RandomAffine(
            affine.degrees,
            translate=(affine.translate, affine.translate),
            scale=affine.scale,
            interpolation=InterpolationMode.BILINEAR,
        )
        groups = torch.randperm(len(training_set)).split(affine.images_per_draw)
        augmented = torch.empty_like(training_set.images)
        for chosen in groups:
            augmented[chosen] = transform(training_set.images[chosen])
        training_set = Labelled(augmented, training_set.labels)
    return [training_set.pick(batch) for batch in batches]


def train_epoch(
    logits_model: nn.Module,
    optimizer: Optimizer,
    schedule: LRScheduler,
    batches: Sequence[Labelled],
    prepare: Callable[[Tensor], Tensor],
    on_part: Callable[[float], None] = lambda _: None,
) -> tuple[float, float, float]:
    """One pass over the training set; mean loss (nats) and accuracy of the pass, learning rate of its last step.

    ``on_part`` is told now and then which part of the pass is done, 0…1.
    """
    logits_model.train()
    learning_rate = 0.0
    loss_sum, correct = torch.zeros(()), torch.zeros((), dtype=torch.int64)
    for number, batch in enumerate(batches):
        if number % _STEPS_BETWEEN_NEWS == 0:
            on_part(number / len(batches))
        logits = logits_model(prepare(batch.images))
        loss = cross_entropy(logits, batch.labels)
        optimizer.zero_grad()
        loss.backward()
        learning_rate = float(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
        loss_sum += loss.detach() * len(batch)
        correct += (logits.argmax(1) == batch.labels).sum()
    total = sum(len(batch) for batch in batches)
    return loss_sum.item() / total, correct.item() / total, learning_rate


@torch.inference_mode()
def evaluate(logits_model: nn.Module, chosen: Labelled, prepare: Callable[[Tensor], Tensor]) -> Evaluation:
    """Loss and correct predictions of a network on a set, in evaluation mode."""
    logits_model.eval()
    logits = torch.cat([logits_model(prepare(part)) for part in chosen.images.split(_EVALUATION_BATCH)])
    return Evaluation(
        loss=cross_entropy(logits, chosen.labels).item(),
        correct=int((logits.argmax(1) == chosen.labels).sum()),
        total=len(chosen),
        logits=logits,
    )


def _offset(on_step: Callable[[float], None], done: int) -> Callable[[float], None]:
    return lambda part: on_step(done + part)


def _worse(record: EpochRecord, best: EpochRecord) -> bool:
    """Without a validation set the last epoch is kept."""
    if record.validation_loss is None or best.validation_loss is None:
        return False
    return record.validation_loss >= best.validation_loss
