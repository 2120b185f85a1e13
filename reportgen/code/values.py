"""What the abstract machine computes with: Python's values as far as they are known, and what stands for the rest."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count

DIGITS = 10
Origins = frozenset[str]
"""Sets of images that a value depends on: train, validation, test."""
NOWHERE: Origins = frozenset()
_SERIAL = count()


def moment() -> int:
    """The next moment in the order in which values are made and doubts begin."""
    return next(_SERIAL)


def only(origins: Origins) -> str:
    """The one set of images that a value depends on; empty where there is none, or several."""
    return next(iter(origins)) if len(origins) == 1 else ""


@dataclass(frozen=True)
class Unit:
    """What a number counts or measures."""

    what: str
    """images, batches, hits, loss, summed-loss (over images), summed-means (of batches), share, summed-shares."""
    of: str = ""
    """The set: train, validation or test; empty where it is not known."""

    @property
    def summed(self) -> "Unit":
        """Of the sum of such numbers."""
        return Unit({"loss": "summed-means", "share": "summed-shares"}.get(self.what, self.what), self.of)


@dataclass(eq=False)
class Value:
    """A value of the abstract machine."""

    origins: Origins = field(default=NOWHERE, kw_only=True)
    born: int = field(default_factory=moment, init=False, repr=False)
    """When it was made: what is done to it is certain but for the doubts that began later."""


@dataclass(eq=False)
class Known(Value):
    """A number, a string, a truth value or None."""

    value: object
    unit: Unit | None = None
    literal: bool = field(default=False, kw_only=True)
    """Written in the source and not computed from data."""


@dataclass(eq=False)
class Unknown(Value):
    """Something that the machine can't follow; a number, perhaps, with a unit."""

    why: str = ""
    unit: Unit | None = None
    layer: bool = False
    """It may be a layer: one of several that a condition chooses."""
    among: tuple[Value, ...] = ()
    """What it is one of, where that is known."""


@dataclass(eq=False)
class PerDigit(Value):
    """A label, or an array of labels, as a function of the digit that an image shows."""

    values: list[Value]
    scalar: bool = False
    """One label and not an array of them."""
    one_hot: bool = False


@dataclass(eq=False)
class Items(Value):
    """A list, tuple or set; with ``many`` its only item stands for any number of such."""

    items: list[Value]
    kind: str = "list"
    many: bool = False
    literal: bool = False
    by_digit: dict[int, list[Value]] = field(default_factory=dict)
    """What was appended while one digit was looked at."""
    times: int | None = None
    """How many there are, where that is known and they are not all here."""
    start: int = 0
    """Of a part of a sequence: where it starts."""
    stride: int | None = None
    """Of a range: its step, where it is more than one."""
    over: Value | None = None
    """What they are gone through of: the loader behind an enumeration."""
    unordered: bool = False
    """All are here, and in which order they stand can't be told."""


@dataclass(eq=False)
class Table(Value):
    """A dictionary, by the Python value of its keys."""

    entries: dict[object, Value]
    default: Value | None = None


@dataclass(eq=False)
class Library(Value):
    """A name of a library, in full: ``torch.nn.Conv2d``."""

    path: str


@dataclass(eq=False)
class File(Value):
    """A module of the submission, with its names."""

    name: str
    scope: "Scope"


@dataclass(eq=False)
class Scope:
    """Names and what they stand for."""

    names: dict[str, Value]
    parent: "Scope | None" = None
    outer: set[str] = field(default_factory=set)
    """Names that belong to the parent: global, nonlocal."""

    def find(self, name: str) -> Value | None:
        """Look a name up, outwards."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    @property
    def root(self) -> "Scope":
        """The names of the module."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def bind(self, name: str, value: Value) -> None:
        """Give a name a value."""
        scope: Scope = self
        if name in self.outer:
            scope = self.parent or self
            while name not in scope.names and scope.parent is not None:
                scope = scope.parent
        scope.names[name] = value


@dataclass(eq=False)
class Function(Value):
    """A function or lambda of the submission."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    defaults: list[Value]
    keyword_defaults: dict[str, Value]
    owner: "Class | None" = None
    without_gradients: bool = False
    kind: str = "function"
    """function, static, class or property."""

    @cached_property
    def text(self) -> str:
        """Its code, without comments."""
        return ast.unparse(self.node)


Call = Callable[[list[Value], dict[str, Value], ast.AST], Value]


@dataclass(eq=False)
class Native(Value):
    """A function of a library, or a method of a value of ours."""

    name: str
    call: Call


@dataclass(eq=False)
class Bound(Value):
    """A method with its instance."""

    instance: Value
    function: Function


@dataclass(eq=False)
class Generated(Value):
    """What a function decorated with ``contextmanager`` gives."""

    function: "Function"
    args: list[Value]
    kwargs: dict[str, Value]


@dataclass(eq=False)
class Super(Value):
    """What ``super()`` gives in a method."""

    instance: Value
    cls: "Class"


@dataclass(eq=False)
class Class(Value):
    """A class of the submission."""

    name: str
    bases: list[Value]
    members: dict[str, Value]
    line: int
    dataclass: bool = False

    @cached_property
    def order(self) -> "list[Class | Library]":
        """The class and its bases in the order in which Python looks a member up (C3), as far as they are known."""
        known = [base for base in self.bases if isinstance(base, Class | Library)]
        rows = [base.order if isinstance(base, Class) else [base] for base in known]
        todo = [list(row) for row in (*rows, known)]
        found: list[Class | Library] = [self]
        while todo := [row for row in todo if row]:
            behind = {_identity(base) for row in todo for base in row[1:]}
            heads = [row[0] for row in todo]
            chosen = next((head for head in heads if _identity(head) not in behind), heads[0])
            found.append(chosen)
            todo = [[base for base in row if _identity(base) != _identity(chosen)] for row in todo]
        return found

    def find(self, name: str) -> "tuple[Value, Class] | None":
        """Look a member up, base classes after the class itself."""
        for base in self.order:
            if isinstance(base, Class) and name in base.members:
                return base.members[name], base
        return None

    def text(self) -> str:
        """The code of its methods, those of its base classes too."""
        own = [member.text for member in self.members.values() if isinstance(member, Function)]
        return "\n".join([*own, *(base.text() for base in self.bases if isinstance(base, Class))])

    def library_bases(self) -> set[str]:
        """Names of the library classes that it derives from."""
        found: set[str] = set()
        for base in self.bases:
            found |= (
                {base.path} if isinstance(base, Library) else base.library_bases() if isinstance(base, Class) else set()
            )
        return found


def _identity(base: Class | Library) -> object:
    return base.path if isinstance(base, Library) else id(base)


@dataclass(eq=False)
class Instance(Value):
    """An object of a class of the submission."""

    cls: Class
    attributes: dict[str, Value] = field(default_factory=dict)
    training: bool = True
    """Of a module: in training mode."""
    device: str = "cpu"
    line: int = 0
    lost: str = ""
    """What was done to it that is not followed, with its line; nothing that hangs on it is sure then."""

    @property
    def is_module(self) -> bool:
        """It is a network of torch, Lightning or Keras."""
        return any(
            path.rpartition(".")[2] in {"Module", "LightningModule", "Model", "Sequential"}
            or path.startswith(("torch.nn.", "keras.layers.", "torchvision.models."))
            for path in self.cls.library_bases()
        )


@dataclass(eq=False)
class Layer(Value):
    """A module of ``torch.nn``, or a layer of Keras."""

    type: str
    settings: dict[str, Value]
    line: int
    children: list[Value] = field(default_factory=list)
    """Of containers: what they hold, in order."""
    names: list[str] = field(default_factory=list)
    training: bool = True
    used: bool = False
    device: str = "cpu"
    weights: "dict[str, Weight] | None" = field(default_factory=dict)
    """Its own tensors by name, buffers too; None where a size is not known (yet)."""
    keras: str = ""
    """Its name in Keras: sizes are channels last, weights are made when it is first applied."""
    lost: str = ""
    """As of an instance."""


@dataclass(eq=False)
class Weight(Value):
    """One tensor of a layer: a parameter, or a buffer."""

    shape: tuple[int, ...] | None
    trainable: bool | None = True
    """It requires gradients; None where a condition that is not known decides."""
    buffer: bool = False
    steps_only: bool = False
    """A buffer that only counts batches (``num_batches_tracked``), which Keras does not have."""


@dataclass(frozen=True)
class Step:
    """One operation on the way of a tensor."""

    type: str
    """As the layer in ``torch.nn``: Conv2d, MaxPool2d, ReLU, Flatten, …"""
    settings: tuple[tuple[str, object], ...]
    line: int
    layer: Layer | None = None
    shape: "Shape | None" = None
    """Of what it gives; None where that can't be told."""

    def setting(self, name: str) -> object:
        """A setting; None where it is not known."""
        return dict(self.settings).get(name)


Shape = tuple[int | None, ...]


@dataclass(eq=False)
class Tensor(Value):
    """A tensor or array of numbers."""

    shape: Shape | None = None
    """None stands for a size that is not known: the batch's."""
    steps: tuple[Step, ...] = ()
    """What became of the network's input on its way here."""
    role: str = ""
    """images, logits, predictions, matches, loss, share, hits, …"""
    model: Value | None = None
    """The network whose output it is, or comes from."""
    unit: Unit | None = None
    target: "PerDigit | None" = None
    device: str = ""
    """Empty where it follows the data; cpu where it was made without a device."""
    lost: str = ""
    """Why the way from the network's input to here can't be told; empty where it can."""
    passed: "tuple[Layer | Instance, ...]" = ()
    """All layers on the ways to here, each once, also where ways join."""
    weight: "Weight | None" = None
    """The parameter or buffer that it is."""


@dataclass(eq=False)
class Transform(Value):
    """A transformation of images, or several in a row: (name, settings, line)."""

    steps: tuple[tuple[str, dict[str, Value], int], ...]


@dataclass(eq=False)
class Dataset(Value):
    """Images with labels."""

    split: str
    """train, validation or test."""
    transform: Value | None = None
    labels: Value | None = None
    size: int | None = None
    root: "Dataset | None" = None
    """The data set that it is a part of."""
    items: Value | None = None
    """Of a data set that the submission defines: its items."""
    line: int = 0
    name: str = "mnist"
    shape: "Shape | None" = None
    """The sizes of an image after the transformations; None where they can't be told."""


@dataclass(eq=False)
class Loader(Value):
    """Batches of a data set."""

    dataset: Value
    batch_size: Value
    line: int
    shuffle: bool | None = None
    """Its batches are drawn at random; None where that is not known."""


@dataclass(eq=False)
class Criterion(Value):
    """A loss function."""

    name: str
    reduction: str = "mean"
    line: int = 0


@dataclass(eq=False)
class Optimizer(Value):
    """An optimizer with its networks."""

    name: str
    settings: dict[str, Value]
    models: list[Value]
    line: int
    weights: "list[Weight] | None" = None
    """The tensors that it holds; None where they can't be told."""


@dataclass(eq=False)
class Schedule(Value):
    """A learning-rate schedule."""

    name: str
    optimizer: Value | None
    line: int
    stepped: bool = False


@dataclass(eq=False)
class Location(Value):
    """A path in the file system: of its parts the last ones, as far as they are known."""

    end: str


@dataclass(eq=False)
class Opened(Value):
    """A configuration beside the code that the program opened, or the text of it: what a parser makes of it."""

    data: Value


@dataclass(eq=False)
class Parameters(Value):
    """The parameters of a network, or one of them."""

    model: Value
    weight: Weight | None = None
    name: str = ""


@dataclass(eq=False)
class State(Value):
    """The weights of a network, as ``state_dict`` gives them."""

    model: Value
    chosen_by: Origins = NOWHERE


@dataclass(eq=False)
class Context(Value):
    """What a ``with`` statement enters."""

    name: str
