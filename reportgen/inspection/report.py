"""What is told of a program, as data: its networks, how each is trained, and what a careful reader remarks."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from reportgen.sarif import Result
from reportgen.sarif import sarif as write_sarif

SCHEMA_VERSION = 1
Sizes = tuple[int | None, ...]


class Level(StrEnum):
    """How much a remark weighs."""

    FAULT = "fault"
    NOTE = "note"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Spot(_Model):
    """Where something stands in the code."""

    file: str = Field(description="name of the file, with its folders")
    cell: int | None = Field(None, description="cell of a notebook, counted from 1 over all its cells; null in a file")
    line: int | None = Field(None, description="line of the file or the cell, counted from 1; null where none is known")

    def __str__(self) -> str:
        where = [f"cell {self.cell}"] if self.cell is not None else []
        where += [f"line {self.line}"] if self.line is not None else []
        return ", ".join([self.file, *where])


class LayerReport(_Model):
    """One layer on the way of the data, or one that is registered and not on it."""

    name: str = Field(description="as registered; empty of what is only a function")
    type: str = Field(description="as its library calls it: Conv2d, Linear, Dense, ReLU, …")
    spot: Spot
    settings: str = Field("", description="what it is made with, as far as that tells it from others")
    output: Sizes | None = Field(None, description="sizes of what it gives, the batch null; null where unknown")
    parameters: int | None = Field(None, description="elements of its parameters; null where they can't be told")
    working: str = Field("", description="how the count follows: the sizes of its tensors multiplied and added")
    shared: bool = Field(False, description="its parameters are counted where it stands first")
    applied: bool = Field(True, description="it is on the way of the data, as far as that can be told")


class OptimizerReport(_Model):
    """An optimizer that steps a network."""

    name: str
    spot: Spot
    settings: dict[str, str] = Field(default_factory=dict, description="arguments that are known, as written in Python")
    holds: int | None = Field(None, description="elements of the network's parameters that it holds; null if unknown")


class LossReport(_Model):
    """A loss that a network is trained by."""

    name: str
    spot: Spot
    logits: bool | None = Field(None, description="it takes logits; null where that is not known")


class TrainingReport(_Model):
    """How a network is trained and measured."""

    optimizers: tuple[OptimizerReport, ...] = ()
    losses: tuple[LossReport, ...] = ()
    trained_on: tuple[str, ...] = Field((), description="sets whose images reach it: train, validation, test")
    measured_on: tuple[str, ...] = ()
    epochs: int | None = Field(None, description="passes over the training set; null where not known")
    batch_sizes: tuple[int | None, ...] = ()
    evaluation_mode: bool | None = Field(
        None, description="it is in evaluation mode wherever it is measured; null where it is not measured"
    )
    augmentations: tuple[str, ...] = ()
    chooses: tuple[str, ...] = Field((), description="callbacks that choose by the validation set")


class NetworkReport(_Model):
    """One network: what is registered, what it makes of its input, how it is trained."""

    name: str
    spot: Spot
    layers: tuple[LayerReport, ...] = ()
    input: Sizes | None = None
    output: Sizes | None = None
    parameters: int | None = Field(None, description="elements of all parameters; null where they can't be told")
    trainable: int | None = None
    buffers: int | None = None
    working: str = Field("", description="the layers' counts added")
    lost: str | None = Field(None, description="why the network can't be followed to its end; null where it can")
    made: bool = Field(True, description="a line of the program makes it")
    training: TrainingReport | None = Field(None, description="null where no training of it was found")


class RemarkReport(_Model):
    """What a careful reader remarks."""

    rule: str = Field(description="name of the check")
    level: Level
    spot: Spot
    text: str = Field(description="the line as written")
    network: str | None = Field(None, description="name of the network; null where it is about the whole program")
    reason: str = Field(description="what stands there and why it matters")
    usual: str | None = Field(None, description="what would be usual")


class Inspection(_Model):
    """All that is told of one program."""

    schema_version: int = SCHEMA_VERSION
    source: str = Field(description="the file that starts the program")
    files: tuple[str, ...] = Field(description="all files of it that were read")
    networks: tuple[NetworkReport, ...] = ()
    remarks: tuple[RemarkReport, ...] = ()
    problems: tuple[str, ...] = Field((), description="what was not read or not followed, and why")

    @property
    def faults(self) -> tuple[RemarkReport, ...]:
        """The remarks that weigh most."""
        return tuple(remark for remark in self.remarks if remark.level is Level.FAULT)

    @property
    def summary(self) -> str:
        """One line: how many networks, faults and notes."""
        counts = (
            (len(self.networks), "network"),
            (len(self.faults), "fault"),
            (len(self.remarks) - len(self.faults), "note"),
        )
        return ", ".join(f"{number} {name}{'' if number == 1 else 's'}" for number, name in counts)


class Uninspected(_Model):
    """A file or program that could not be read."""

    source: str
    error: str = Field(description="why, and what to do")


def json_schema() -> dict[str, object]:
    """JSON Schema of what ``inspect --json`` prints: an inspection for each program, else why there is none."""
    return TypeAdapter(list[Inspection | Uninspected]).json_schema(mode="serialization")


def sarif(inspections: Sequence[Inspection]) -> dict[str, Any]:
    """Write remarks as SARIF 2.1.0: faults are warnings, since no assignment says that they are errors."""
    remarks = [remark for one in inspections for remark in one.remarks]
    results = [
        Result(
            remark.rule,
            "warning" if remark.level is Level.FAULT else "note",
            "fail" if remark.level is Level.FAULT else "review",
            f"{remark.reason}; usual: {remark.usual}" if remark.usual else remark.reason,
            remark.spot.file,
            remark.spot.line if remark.spot.cell is None else None,
            str(remark.spot) if remark.spot.cell is not None else "",
        )
        for remark in remarks
    ]
    return write_sarif("reportgen inspect", sorted({remark.rule for remark in remarks}), results)
