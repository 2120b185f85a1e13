"""Spec and roll number to plan: frozen, total, nothing left to default."""

import json
import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from reportgen.assignment.counting import NetworkCount, complete, count
from reportgen.assignment.datasets import DATASETS
from reportgen.assignment.layers import CLASSES, AnyLayer, Linear
from reportgen.assignment.spec import Assignment, BatchRule, RollRule, Training
from reportgen.errors import UsageError
from reportgen.files import digest

PREVIEW_SIZES = {"train": 1437, "test": 360}
"""Images that scikit-learn's embedded digits give the preview: 1,797, four fifths to train on."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class BatchSize(_Model):
    """A batch size and how it follows from the roll number."""

    size: int = Field(description="images a step")
    number: int = Field(description="the number that the roll number's last digits make")
    derivation: str = Field(description="the rule worked out with real numbers")
    assumption: str = Field(description="what had to be assumed because two rules fit; else empty")


class PlannedTraining(Training):
    """Training settings with the batch size filled in."""

    batch_size: int = Field(ge=1, description="images a step")


class PlannedExperiment(_Model):
    """One experiment with everything that computing it needs."""

    id: str
    network: str
    classes: tuple[str, ...] = Field(description="class names in the order of their numbers")
    label_to_class: tuple[int, ...] = Field(description="class of each label of the data set")
    grouped: bool = Field(description="classes join several labels")
    layers: tuple[AnyLayer, ...]
    training: PlannedTraining
    baseline: str | None

    def count(self, input_shape: tuple[int, int, int]) -> NetworkCount:
        """Count the experiment's network for images of ``input_shape`` (C, H, W)."""
        return count(self.layers, input_shape)


class Plan(_Model):
    """What will be computed. Two equal plans give equal numbers on one machine."""

    assignment: str
    roll: str
    dataset: str
    preview: bool = Field(description="computed on scikit-learn's embedded digits instead of the data set")
    input_shape: tuple[int, int, int] = Field(description="(C, H, W) of one image, pixels")
    seed: int
    batch: BatchSize
    experiments: tuple[PlannedExperiment, ...]
    spec_digest: str = Field(description="SHA-256 of the assignment spec without its rubric and its files")
    changed: tuple[str, ...] = Field(description="what options changed from the assignment, in words")

    @property
    def digest(self) -> str:
        """SHA-256 of the plan in canonical JSON."""
        return model_digest(self)


class Options(_Model):
    """What the user may choose about the computing."""

    preview: bool = False
    seed: int = Field(0, ge=0, lt=2**31)
    epochs: int | None = Field(None, ge=1, le=1000)


def canonical(model: BaseModel) -> bytes:
    """A model in canonical JSON: sorted keys, no white space, ASCII."""
    return json.dumps(model.model_dump(mode="json"), sort_keys=True, separators=(",", ":")).encode()


def model_digest(model: BaseModel) -> str:
    """SHA-256 of a model in canonical JSON."""
    return digest(canonical(model))


def asked(assignment: Assignment) -> Assignment:
    """The assignment without its rubric and the files to hand in, which change no training and no report."""
    return assignment.model_copy(update={"rubric": (), "submission": None})


def fits(rule: RollRule, roll: str) -> bool:
    """Tell whether a roll number matches the rule's pattern as a whole."""
    return re.fullmatch(rule.pattern, roll, re.ASCII) is not None


def check_roll(assignment: Assignment, roll: str) -> None:
    """Check a roll number against the assignment's pattern.

    Raises:
        UsageError: it does not match, or it can't be a file name.
    """
    if not fits(assignment.roll, roll) or not re.fullmatch(r"[\w.-]*\w", roll):
        raise UsageError(
            f"roll number {roll!r} does not fit {assignment.id}: "
            f"expected {assignment.roll.pattern}, for example {assignment.roll.example}"
        )


def batch_size(rule: BatchRule, roll: str) -> BatchSize:
    """Apply a batch rule to a roll number: the first rule that fits wins.

    Raises:
        UsageError: the roll number does not end in as many digits as the rule needs.
    """
    ending = roll[-rule.digits :]
    if not (ending.isascii() and ending.isdecimal() and len(ending) == rule.digits):
        raise UsageError(f"roll number {roll!r} does not end in {rule.digits} digits, which the batch size needs")
    number = int(ending)
    steps = [f"{rule.symbol} = {number}"]
    fitting = [entry for entry in rule.rules if number % entry.divisor == 0]
    for entry in rule.rules:
        steps.append(f"{number} mod {entry.divisor} = {number % entry.divisor}")
        if number % entry.divisor == 0:
            steps.append(f"so the batch size is {entry.size}")
            break
    else:
        reason = "else" if rule.rules else "so the batch size is"
        steps.append(f"{reason} {rule.otherwise}")
    size = fitting[0].size if fitting else rule.otherwise
    also = [entry for entry in fitting[1:] if entry.size != size]
    assumption = ""
    if also:
        others = " and ".join(f"by {entry.divisor} (batch size {entry.size})" for entry in also)
        assumption = (
            f"{rule.symbol} = {number} is divisible by {fitting[0].divisor} (batch size {size}) and also "
            f"{others}. The rules are taken in the order of the handout, so the batch size is {size}."
        )
    return BatchSize(size=size, number=number, derivation="; ".join(steps), assumption=assumption)


def bind_classes(layers: Sequence[AnyLayer], classes: int) -> tuple[AnyLayer, ...]:
    """Put the number of classes where a layer says ``out_features = "classes"``."""
    return tuple(
        layer.model_copy(update={"out_features": classes})
        if isinstance(layer, Linear) and layer.out_features == CLASSES
        else layer
        for layer in layers
    )


def resolve(assignment: Assignment, roll: str, options: Options) -> Plan:
    """Resolve an assignment for a roll number into a plan.

    Raises:
        UsageError: the roll number does not fit.
    """
    check_roll(assignment, roll)
    dataset = DATASETS[assignment.dataset]
    batch = batch_size(assignment.batch, roll)
    experiments = []
    changed = []
    for experiment in assignment.experiments:
        groups = experiment.groups or tuple((label,) for label in range(len(dataset.labels)))
        owner = {label: index for index, group in enumerate(groups) for label in group}
        names = experiment.class_names or tuple(
            "{" + ", ".join(dataset.labels[label] for label in group) + "}"
            if experiment.groups
            else dataset.labels[group[0]]
            for group in groups
        )
        training = experiment.training.model_dump()
        training["batch_size"] = experiment.training.batch_size or batch.size
        if options.epochs is not None and options.epochs != experiment.training.epochs:
            training["epochs"] = options.epochs
            changed.append(
                f"{experiment.short_title} trains for {options.epochs} epochs "
                f"instead of the assignment's {experiment.training.epochs}."
            )
        if options.preview and training["validation_size"]:
            share = training["validation_size"] / dataset.sizes["train"]
            training["validation_size"] = max(1, round(share * PREVIEW_SIZES["train"]))
        layers = bind_classes(assignment.networks[experiment.network].layers, len(groups))
        experiments.append(
            PlannedExperiment(
                id=experiment.id,
                network=experiment.network,
                classes=names,
                label_to_class=tuple(owner[label] for label in range(len(dataset.labels))),
                grouped=experiment.groups is not None,
                layers=complete(layers, dataset.image_shape),
                training=PlannedTraining.model_validate(training),
                baseline=experiment.baseline,
            )
        )
    return Plan(
        assignment=assignment.id,
        roll=roll,
        dataset=dataset.id,
        preview=options.preview,
        input_shape=dataset.image_shape,
        seed=options.seed,
        batch=batch,
        experiments=tuple(experiments),
        spec_digest=model_digest(asked(assignment)),
        changed=tuple(changed),
    )
