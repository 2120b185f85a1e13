"""An assignment as data: the pydantic models of its TOML file."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, field_validator

from reportgen.assignment.checks import CHECKS
from reportgen.assignment.datasets import DATASETS
from reportgen.assignment.layers import AnyLayer

_Decay = Annotated[float, Field(ge=0, lt=1)]
Text = Annotated[str, Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]


def _known_check(name: str) -> str:
    if name not in CHECKS:
        raise ValueError(f"unknown check {name!r}; known: {', '.join(CHECKS)}")
    return name


CheckName = Annotated[str, AfterValidator(_known_check), WithJsonSchema({"type": "string", "enum": list(CHECKS)})]
"""One of `reportgen.assignment.checks.CHECKS`."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


_REPEATED_GROUP = re.compile(r"(?<!\\)\)(?:[*+]|\{\d*,\d*\})")
_UNBOUNDED = re.compile(r"(?<!\\)(?:[*+]|\{\d*,\})")
"""Python's regular expressions go back and forth: a repeated group doubles the time with every letter, and each further
part without an end multiplies it by the length of the text."""


class RollRule(_Model):
    """What a roll number looks like."""

    pattern: Text = Field(description="regular expression that a whole roll number matches", max_length=200)
    example: Text = Field(description="a roll number that fits, shown in error messages")

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern, re.ASCII)
        except (re.error, ValueError, OverflowError, RecursionError) as error:
            raise ValueError(f"not a regular expression: {error}") from None
        if _REPEATED_GROUP.search(pattern) or len(_UNBOUNDED.findall(pattern)) > 2:
            raise ValueError("it repeats a group, or more than two parts without end: such patterns can take for ever")
        return pattern


class DivisorRule(_Model):
    """A batch size for the roll numbers that a divisor divides."""

    divisor: int = Field(ge=2, description="divides A")
    size: int = Field(ge=1, description="batch size, images")


class BatchRule(_Model):
    """The batch size from a roll number: the first rule that fits wins."""

    symbol: Text = Field("A", description="what the handout calls the number", max_length=10)
    digits: int = Field(3, ge=1, le=9, description="how many of the roll's last digits make the number")
    rules: tuple[DivisorRule, ...] = Field((), description="tried in this order")
    otherwise: int = Field(ge=1, description="batch size where no rule fits, images")


class Network(_Model):
    """A sequential network."""

    layers: tuple[AnyLayer, ...] = Field(min_length=1, max_length=1000, description="in the order of the data")


class Adam(_Model):
    """Adam (Kingma and Ba, 2015); with ``weight_decay`` decoupled, AdamW."""

    name: Literal["adam", "adamw"] = "adam"
    learning_rate: float = Field(1e-3, gt=0, description="step size")
    betas: tuple[_Decay, _Decay] = Field((0.9, 0.999), description="decay of the moment estimates")
    eps: float = Field(1e-8, gt=0, description="added to the root of the second moment")
    weight_decay: float = Field(0.0, ge=0, description="L2 penalty (adam) or decoupled decay (adamw)")


class SGD(_Model):
    """Stochastic gradient descent."""

    name: Literal["sgd"]
    learning_rate: float = Field(gt=0, description="step size")
    momentum: float = Field(0.0, ge=0, lt=1, description="decay of the velocity")
    nesterov: bool = Field(False, description="looks ahead along the velocity")
    weight_decay: float = Field(0.0, ge=0, description="L2 penalty")


class ConstantRate(_Model):
    """The learning rate stays as the optimizer has it."""

    name: Literal["constant"] = "constant"


class StepRate(_Model):
    """The learning rate is multiplied by ``factor`` every ``epochs`` epochs."""

    name: Literal["step"]
    epochs: int = Field(ge=1, description="epochs between two steps")
    factor: float = Field(gt=0, lt=1, description="multiplies the rate")


class CosineRate(_Model):
    """The learning rate falls to zero along half a cosine, step by step."""

    name: Literal["cosine"]


class OneCycleRate(_Model):
    """One cycle (Smith and Topin, 2018): from the optimizer's rate up to a top, then down to almost zero."""

    name: Literal["one-cycle"]
    max_learning_rate: float = Field(gt=0, description="rate at the top")
    warmup_fraction: float = Field(0.3, gt=0, lt=1, description="part of the steps on the way up")


class RandomAffine(_Model):
    """Random rotation, shift, scaling and shear, anew in each epoch (torchvision v2.RandomAffine). Never a flip."""

    name: Literal["affine"]
    degrees: float = Field(0.0, ge=0, le=180, description="largest rotation either way, degrees")
    translate: float = Field(0.0, ge=0, le=1, description="largest shift, as a part of the image's size")
    scale: tuple[float, float] = Field((1.0, 1.0), description="smallest and largest magnification")
    shear: float = Field(0.0, ge=0, lt=90, description="largest horizontal shear either way, degrees")
    images_per_draw: int = Field(
        50, ge=1, description="images that share one draw; they are spread over the epoch's batches"
    )


class EarlyStopping(_Model):
    """Stop when the validation loss has not improved for ``patience`` epochs; keep the best epoch's weights."""

    patience: int = Field(ge=1, description="epochs without improvement before training stops")


class Training(_Model):
    """How a network is trained. The loss is cross-entropy on logits."""

    epochs: int = Field(ge=1, le=1000, description="most passes over the training set")
    batch_size: int | None = Field(None, ge=1, description="images a step; by the batch rule where left out")
    optimizer: Annotated[Adam | SGD, Field(discriminator="name")] = Adam()
    schedule: Annotated[ConstantRate | StepRate | CosineRate | OneCycleRate, Field(discriminator="name")] = (
        ConstantRate()
    )
    augmentation: tuple[RandomAffine, ...] = Field((), description="applied to training batches, in this order")
    validation_size: int = Field(0, ge=0, description="training images set aside to choose the epoch")
    early_stopping: EarlyStopping | None = None


TechniqueKind = Literal[
    "dropout", "data-augmentation", "learning-rate-schedule", "batch-normalization", "early-stopping"
]


class Technique(_Model):
    """A technique that an experiment applies and the report explains."""

    kind: TechniqueKind = Field(description="must really be part of the experiment")
    title: Text = Field(description="heading in the report")
    text: Text = Field(description="what it is for here, and why so")


class Experiment(_Model):
    """One network trained on one grouping of the labels."""

    id: Id
    title: Text
    short_title: Text = Field(description="for tables and figures", max_length=30)
    network: Text = Field(description="key of the network in [networks]")
    groups: tuple[tuple[int, ...], ...] | None = Field(
        None, description="labels that make one class; each label its own class where left out"
    )
    class_names: tuple[Text, ...] | None = Field(None, description="one a class; made where left out")
    training: Training
    baseline: Id | None = Field(None, description="experiment that this one wants to beat, on the same task")
    techniques: tuple[Technique, ...] = ()
    methodology: tuple[Text, ...] = Field((), description="paragraphs on how and why")


class Criterion(_Model):
    """One line of the rubric."""

    id: Id
    part: Id = Field(description='an experiment\'s id, or "report"')
    points: float = Field(gt=0)
    text: Text = Field(description="what is asked")
    checks: tuple[CheckName, ...] = Field(
        (), description="what `reportgen grade` looks at, an equal part of the points each; a person decides where none"
    )


class SubmissionRule(_Model):
    """What is to be handed in."""

    files: tuple[Annotated[str, Field(pattern=r"^\.[a-z0-9]+$", max_length=10)], ...] = Field(
        description='endings of the files, each handed in once and named like the roll number: ".py"'
    )

    @field_validator("files")
    @classmethod
    def _some(cls, files: tuple[str, ...]) -> tuple[str, ...]:
        if not files:
            raise ValueError("needs one ending or more; leave [submission] out where any files may be handed in")
        return files


class Reference(_Model):
    """A resource used."""

    text: Text
    url: str | None = Field(None, pattern=r"^https?://")


class ReportTexts(_Model):
    """What the report says beside the numbers."""

    introduction: tuple[Text, ...] = Field((), description="paragraphs before the first experiment")
    assumptions: tuple[Text, ...] = ()
    references: tuple[Reference, ...] = ()
    asks_for_colab: bool = Field(False, description="the handout wants the link of a Colab notebook")


class Assignment(_Model):
    """An assignment: everything that a plan, a report and a rubric need."""

    id: Id
    course: Text
    title: Text
    marks: float = Field(gt=0, description="sum of the rubric's points")
    dataset: Literal["mnist"] = Field(description=f"one of: {', '.join(DATASETS)}")
    roll: RollRule
    batch: BatchRule
    networks: dict[Id, Network] = Field(min_length=1)
    experiments: tuple[Experiment, ...] = Field(min_length=1)
    report: ReportTexts = ReportTexts()
    submission: SubmissionRule | None = Field(None, description="left out where any files may be handed in")
    rubric: tuple[Criterion, ...] = ()
