"""What a program would do, as a list of events in their order."""

from dataclasses import dataclass, field

from reportgen.code.networks import Network as Count
from reportgen.code.networks import count
from reportgen.code.values import (
    Criterion,
    Instance,
    Layer,
    Loader,
    Optimizer,
    Origins,
    PerDigit,
    Shape,
    Step,
    Unit,
    Value,
)

Network = Instance | Layer
"""A network: an object of a class of modules, or a container of layers."""


@dataclass(frozen=True)
class Loop:
    """A loop around an event: over epochs, batches or something else."""

    line: int
    times: int | None
    """How often it runs; None where that is not known."""
    over: str = ""
    """The set whose batches it runs over; empty for other loops."""
    loader: Loader | None = None
    stride: int | None = None
    """The step of the range that it goes through: the size of a batch, where batches are cut by hand."""
    listed: bool = False
    """It goes through things that are listed one by one, as phases are; epochs are counted."""


@dataclass(frozen=True)
class Event:
    """Something that the program would do."""

    line: int
    loops: tuple[Loop, ...] = field(kw_only=True, default=())
    conditional: bool = field(kw_only=True, default=False)
    """It stands behind a condition that is not known."""
    arms: tuple[tuple[int, int], ...] = field(kw_only=True, default=())
    """Conditions that are not known, each with the way that leads here: of two ways of one only one is gone."""


@dataclass(frozen=True)
class Forward(Event):
    """A network is applied to images."""

    model: Network
    origins: Origins
    training: bool
    gradients: bool
    steps: tuple[Step, ...]
    lost: str
    input_shape: Shape | None
    output_shape: Shape | None
    passed: frozenset[int] | None
    """Identities of all layers on the ways to all that the network returns; None where they can't be told."""


@dataclass(frozen=True)
class LossComputed(Event):
    """A loss is taken of outputs and labels."""

    criterion: Criterion
    model: Network | None
    origins: Origins
    last_steps: tuple[Step, ...]
    """The last operations on the outputs."""
    target: PerDigit | None
    gradients: bool
    lost: str
    """Why the way from the network's input to the outputs can't be told; empty where it can."""
    shape: Shape | None
    """Of the outputs."""


@dataclass(frozen=True)
class Backward(Event):
    """Gradients are computed."""

    model: Network | None
    origins: Origins
    target: PerDigit | None


@dataclass(frozen=True)
class Stepped(Event):
    """An optimizer changes weights."""

    optimizer: Optimizer


@dataclass(frozen=True)
class GradientsReset(Event):
    """Gradients are set to zero; without networks, of which is not known."""

    models: tuple[Value, ...]


@dataclass(frozen=True)
class Scheduled(Event):
    """A learning-rate schedule is made or stepped."""

    schedule: Value
    stepped: bool
    origins: Origins
    """Of the number that it is stepped by."""


@dataclass(frozen=True)
class Divided(Event):
    """A measured number is divided by a count."""

    numerator: Unit
    denominator: Unit


@dataclass(frozen=True)
class Confused(Event):
    """A confusion matrix or a report of classes is made."""

    name: str
    origins: Origins
    model: Network | None


@dataclass(frozen=True)
class Counted(Event):
    """A network's parameters are counted or printed."""

    model: Network | None
    how: str


@dataclass(frozen=True)
class Plotted(Event):
    """A curve is drawn."""

    literal: bool
    """All of its values are written in the source."""
    length: int
    label: str


@dataclass(frozen=True)
class Chosen(Event):
    """Something is kept or stopped by a condition on measured numbers."""

    what: str
    """stop, keep or restore."""
    origins: Origins
    model: Value | None = None


@dataclass(frozen=True)
class Fitted(Event):
    """A network is trained by one call of a library: Keras, Lightning."""

    model: Network
    origins: Origins
    target: PerDigit | None
    batch_size: int | None
    epochs: int | None
    validation: Origins
    optimizer: str
    optimizer_settings: tuple[tuple[str, object], ...]
    loss: str
    from_logits: bool
    chooses: tuple[str, ...]
    """Callbacks that choose by the validation set."""
    augmented: tuple[str, ...]


@dataclass(frozen=True)
class Batched(Event):
    """A loader is made, or its batches are gone through."""

    split: str
    batch_size: int | None
    transforms: tuple[tuple[str, int], ...]
    """Names of the transformations, with their lines."""
    target: PerDigit | None
    shape: Shape | None = None
    """The sizes of one image; None where they can't be told."""


@dataclass(frozen=True)
class MadeInForward(Event):
    """A tensor is made on the processor while a network is applied."""

    model: Network
    text: str


@dataclass(frozen=True)
class Misnamed(Event):
    """A number of a set of images is called one of the test set."""

    text: str
    of: str
    """The set that it is of."""


@dataclass(frozen=True)
class Altered(Event):
    """Images are changed at random, or mirrored, by a function or a layer."""

    name: str
    origins: Origins


@dataclass(frozen=True)
class Normalized(Event):
    """Images are normalized with statistics of a set of images."""

    data: Origins
    statistics: Origins


@dataclass
class Trace:
    """All that was learned of a program."""

    events: list[Event] = field(default_factory=list)
    networks: list[Network] = field(default_factory=list)
    """Networks, in the order in which they are made."""
    unused: list[Network] = field(default_factory=list)
    """Networks of classes that no line of the program makes: each was built once to be counted."""
    made: list[Layer] = field(default_factory=list)
    """Layers of Keras, in the order in which they are made."""
    escaped: set[int] = field(default_factory=set)
    """Identities of layers whose results went into something that is not followed, which may use them."""
    applied: list[Layer] = field(default_factory=list)
    """Layers that are applied outside of networks, as Keras' functional models are built."""
    normalizations: dict[int, tuple[float | None, Origins]] = field(default_factory=dict)
    """The means that images are normalized with, by line, and the sets that they are of."""
    lost: dict[int, str] = field(default_factory=dict)
    """What could not be followed, by line."""
    counts: dict[int, Count] = field(default_factory=dict)
    """What is registered on a network when it is first trained, by its identity."""
    as_made: dict[int, Count] = field(default_factory=dict)
    """What was registered on a network when something that is not followed got it, by its identity."""
    optimizers: list[Optimizer] = field(default_factory=list)
    """Optimizers of torch, in the order in which they are made."""
    unapplied: list[Network] = field(default_factory=list)
    """Networks that no line applies: each was applied once to learn of its sizes, which are guessed."""
    opened: str = ""
    """What the program does that no network is safe from: exec, a patched library; empty for nothing."""
    stopped: str = ""
    """Why the program was not followed to its end; empty where it was."""

    def enter(self, event: Event) -> None:
        """Enter an event; with the first training of a network what it consists of then."""
        self.events.append(event)
        model = getattr(event, "model", None)
        if isinstance(event, Backward | Fitted) and model is not None and id(model) not in self.counts:
            self.counts[id(model)] = count(model)
