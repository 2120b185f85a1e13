"""results.json: the only bridge between computing and rendering."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from reportgen.assignment.counting import NetworkCount
from reportgen.assignment.plan import Plan, PlannedExperiment
from reportgen.assignment.spec import Assignment, Experiment

SCHEMA_VERSION = 1
FILE_NAME = "results.json"


def _split(value: Any) -> Any:
    return value.split() if isinstance(value, str) else value


Numbers = Annotated[
    tuple[int, ...],
    BeforeValidator(_split),
    PlainSerializer(lambda numbers: " ".join(map(str, numbers)), return_type=str),
]
"""Many small whole numbers; in JSON one text, separated by spaces."""

Pixels = Annotated[str, Field(pattern=r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$")]
"""Numbers from 0 to 255, one a byte, in base64."""


Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Loss = Annotated[float, Field(ge=0, le=3.4028235e38)]
"""Mean cross-entropy, nats: not negative, and computed in single precision."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Student(_Model):
    """What the cover says of the student."""

    roll: str
    name: str = Field(description="empty where not given")
    date: str = Field(description="as printed on the cover")
    colab: str = Field(pattern=r"^(?:https?://.*)?$", description="link of the Colab notebook; empty where not given")


class DataUsed(_Model):
    """The images that were used, and how we know."""

    title: str = Field(description="name of the data set")
    source: Literal["files", "download", "embedded"] = Field(description="where it came from")
    digests: dict[str, str] = Field(description="SHA-256 of each file's content, or of the embedded arrays")
    train_counts: tuple[Count, ...] = Field(description="training images of each label")
    test_counts: tuple[Count, ...] = Field(description="test images of each label")
    mean: Share = Field(description="mean of the training pixels, scaled to 0…1; subtracted")
    std: float = Field(gt=0, le=1, description="standard deviation of the training pixels, scaled to 0…1; divided by")
    test_labels: Numbers = Field(description="label of each test image, in the data set's order")


class Environment(_Model):
    """The machine and the versions that computed the numbers."""

    python: str
    versions: dict[str, str] = Field(description="of each library")
    system: str
    processor: str
    cores: int
    threads: int = Field(description="threads of each training")
    device: str
    engine: Literal["plain", "fast", "cuda_graph"] | None = Field(
        None,
        exclude_if=lambda engine: engine is None,  # so that older results keep their bytes, and a report's digest holds
        description="what computed the steps of the trainings; not told by reportgen 0.2.0 and before",
    )


class EpochRecord(_Model):
    """One epoch. Training figures are those of the training pass itself, dropout and augmentation on."""

    epoch: Count = Field(description="counted from 1")
    learning_rate: float = Field(ge=0, le=1e6, description="at the epoch's last step")
    train_loss: Loss = Field(description="mean cross-entropy, nats")
    train_accuracy: Share = Field(description="0…1")
    validation_loss: Loss | None = Field(description="mean cross-entropy, nats")
    validation_accuracy: Share | None = Field(description="0…1")
    test_loss: Loss = Field(description="mean cross-entropy, nats")
    test_accuracy: Share = Field(description="0…1")
    seconds: float | None = Field(ge=0, description="wall time; left out where SOURCE_DATE_EPOCH asks for equal bytes")


class ClassScore(_Model):
    """One class of the test set."""

    name: str
    precision: Share = Field(description="0…1; 0 where the class was never predicted")
    recall: Share = Field(description="0…1")
    f1: Share = Field(description="0…1")
    support: Count = Field(description="test images of this class")


class Score(_Model):
    """How predictions compare with the labels."""

    correct: Count
    total: Count
    accuracy: Share = Field(description="correct / total")
    interval: tuple[Share, Share] = Field(description="95 % Wilson score interval of the accuracy")
    confusion: tuple[tuple[Count, ...], ...] = Field(description="row: true class, column: predicted class")
    classes: tuple[ClassScore, ...]


class Comparison(_Model):
    """McNemar's exact test of two experiments on the same test images."""

    baseline: str = Field(description="id of the other experiment")
    only_this: Count = Field(description="test images that only this experiment gets right")
    only_baseline: Count = Field(description="test images that only the baseline gets right")
    p_value: Share = Field(description="two-sided, exact binomial")


class Mistaken(_Model):
    """A test image that was classified wrongly."""

    index: Count = Field(description="position in the test set, counted from 0")
    true: Count = Field(description="true class")
    predicted: Count = Field(description="predicted class")
    probability: Share = Field(description="of the predicted class, after softmax")
    pixels: Pixels = Field(description="the image, 8 bits a pixel, channel after channel, rows from the top, in base64")


class Sample(_Model):
    """A test image behind a cell of the confusion matrix; its pixels are in `Results.images`."""

    index: Count = Field(description="position in the test set, counted from 0")
    true: Count = Field(description="true class: the cell's row")
    predicted: Count = Field(description="predicted class: the cell's column")
    probability: Share = Field(description="of the predicted class, after softmax")


class CheckedLayer(_Model):
    """One layer, or the total, as three sources count it."""

    name: str
    trainable: tuple[int, int, int] = Field(description="manual, torchinfo, torch")
    non_trainable: tuple[int, int, int] = Field(description="manual, torchinfo, torch")
    buffers: tuple[int, int] = Field(description="manual, torch; torchinfo does not count them")
    mult_adds: tuple[int, int] = Field(description="manual by torchinfo's rule, torchinfo")
    output_shape: tuple[tuple[int, ...], tuple[int, ...]] = Field(description="manual, torchinfo")

    @property
    def agree(self) -> bool:
        """All sources say the same."""
        said = (self.trainable, self.non_trainable, self.buffers, self.mult_adds, self.output_shape)
        return all(len(set(values)) == 1 for values in said)


class CrossCheck(_Model):
    """The manual count against torchinfo and torch."""

    layers: tuple[CheckedLayer, ...]
    total: CheckedLayer

    @property
    def agree(self) -> bool:
        """All sources say the same, layer by layer and in total."""
        return self.total.agree and all(layer.agree for layer in self.layers)


class ExperimentResult(_Model):
    """All that one experiment gave."""

    id: str
    seed: int
    steps: Count = Field(description="optimizer steps taken")
    history: tuple[EpochRecord, ...]
    chosen_epoch: Count = Field(description="whose weights were kept, counted from 1")
    stopped_early: bool
    count: NetworkCount
    crosscheck: CrossCheck
    train_correct: Count = Field(description="training images classified rightly by the kept weights, no augmentation")
    train_total: Count
    test_loss: Loss = Field(description="mean cross-entropy of the kept weights, nats")
    score: Score
    predictions: Numbers = Field(description="predicted class of each test image, in the data set's order")
    mistaken: tuple[Mistaken, ...] = Field(description="the most confident errors, worst first")
    samples: tuple[Sample, ...] = Field(
        (), description="some images of each cell of the confusion matrix, row by row; errors most confident first"
    )
    comparison: Comparison | None
    weights: str = Field(description="file with the weights, beside results.json")
    weights_digest: str = Field(description="SHA-256 of that file")

    @property
    def train_accuracy(self) -> float:
        """Accuracy on the images trained on, by the kept weights."""
        return self.train_correct / self.train_total


class Results(_Model):
    """Everything that a report says."""

    schema_version: Literal[1] = Field(description="changes when an older reportgen could not read the file")
    reportgen: str = Field(description="version that computed it")
    assignment: Assignment
    plan: Plan
    plan_digest: str = Field(description="SHA-256 of the plan in canonical JSON")
    student: Student
    data: DataUsed
    environment: Environment
    experiments: tuple[ExperimentResult, ...]
    images: dict[int, Pixels] = Field(
        {},
        description="the test images of all samples by their position in the test set; "
        "8 bits a pixel, channel after channel, rows from the top, in base64",
    )

    def parts(self) -> list[tuple[Experiment, PlannedExperiment, ExperimentResult]]:
        """Each experiment as asked, as planned and as computed."""
        return list(zip(self.assignment.experiments, self.plan.experiments, self.experiments, strict=True))

    def experiment(self, experiment_id: str) -> ExperimentResult:
        """Return one experiment by its id.

        Raises:
            KeyError: there is none of that id.
        """
        for experiment in self.experiments:
            if experiment.id == experiment_id:
                return experiment
        raise KeyError(experiment_id)


def dump(results: Results) -> bytes:
    """Write results as JSON, UTF-8, the same bytes for the same results."""
    return (results.model_dump_json(indent=1) + "\n").encode()
