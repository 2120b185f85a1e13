"""What the parts of the abstract machine share: its state, and what each may ask of the others."""

import ast
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from reportgen.code.configuration import Plain
from reportgen.code.networks import count
from reportgen.code.registration import Module, walk
from reportgen.code.trace import Event, Loop, Misnamed, Network, Trace
from reportgen.code.values import NOWHERE, Items, Known, Origins, PerDigit, Scope, State, Unit, Unknown, Value, moment

MAX_STEPS = 150_000
MAX_CALLS = 45
MAX_NETWORKS = 2000
_DEEPEST = 8
_MEASURES = frozenset({"hits", "loss", "mean-loss", "summed-loss", "summed-means", "share", "summed-shares"})
_TEST = re.compile(r"(?:(?<![a-z])|_)test|(?:^|_)te(?:_|$)", re.I)
_TRAIN = re.compile(r"train|valid", re.I)
E_ = TypeVar("E_", bound=Event)


class Stopped(Exception):  # noqa: N818 (an end, and no error)
    """The program went over what is followed."""


class Splits(Exception):  # noqa: N818 (control flow)
    """What happens next depends on the digit that an image shows."""


@dataclass(frozen=True, eq=False)
class Doubt:
    """Why what a program does next may not happen, or more often than it is followed."""

    since: int
    """The moment from which on it is doubtful."""
    how: str
    """if: under a condition; continue, break, return: one may have been taken before; loop: rounds are not counted."""
    depth: int
    """Of the loop that is left: how many are around it."""
    arm: tuple[int, int] | None = None
    """The condition, by the moment in which it was met, and which of its ways is gone; None without a condition."""


class Host(ABC):
    """State of the machine."""

    def __init__(self, configurations: Mapping[str, Plain] | None = None) -> None:
        self.trace = Trace()
        self.configurations = configurations or {}
        """What the configuration files beside the code hold, by their names."""
        self.globals = Scope({})
        self.loops: tuple[Loop, ...] = ()
        self.digit: int | None = None
        """The digit that is looked at alone; None for all of them together."""
        self.conditions: list[Origins] = []
        """Conditions around the current statement that are not known: what they depend on."""
        self.doubts: list[Doubt] = []
        self.without_gradients = 0
        self.applying: list[Network] = []
        """Networks whose forward method runs."""
        self.making: list[Value] = []
        """Objects whose ``__init__`` runs."""
        self.logged: dict[str, Origins] = {}
        """Sets that the numbers of a log are of, by name."""
        self.returns: list[list[Value]] = []
        """For each call that runs: what it returns under conditions that are not known."""
        self.jumps: list[dict[str, list[dict[str, Value]]]] = []
        """For each loop that runs: the names at each ``continue`` and ``break`` under a condition that is not known."""
        self.saved: dict[object, State] = {}
        """Weights that were saved, by file."""
        self.keras_version: int | None = None
        """1, or 2 for all later ones; None where the program may be written for either."""
        self.image_order: Value | None = None
        """The ``data_format`` of Keras' layers that are told none; None where the program leaves it as it is."""
        self.steps = 0
        self.depth = 0

    @abstractmethod
    def call(self, function: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        """Call something."""

    @abstractmethod
    def attribute(self, value: Value, name: str, node: ast.AST) -> Value:
        """An attribute of a value."""

    @abstractmethod
    def elements(self, value: Value, node: ast.AST) -> tuple[list[Value], bool]:
        """The items of a value that can be iterated; True beside them where one stands for many."""

    @abstractmethod
    def apply(self, model: Network, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        """Apply a network."""

    def name_measure(self, name: str, value: Value, node: ast.AST) -> None:
        """Notice a number that is called one of the test set, and of which set it is."""
        unit = getattr(value, "unit", None)
        if not isinstance(unit, Unit) or not unit.of or unit.what not in _MEASURES:
            return
        if _TEST.search(name) and not _TRAIN.search(name):
            self.emit(Misnamed, node, text=name[:60], of=unit.of)

    def spend(self) -> None:
        """Count one step.

        Raises:
            Stopped: there were too many.
        """
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Stopped("the program is longer than what is followed")

    def emit(self, kind: type[E_], node: ast.AST | int, **fields: Any) -> None:
        """Enter an event."""
        line = node if isinstance(node, int) else getattr(node, "lineno", 0)
        arms = tuple(doubt.arm for doubt in self.doubts if doubt.arm is not None)
        event = kind(line=line, loops=self.loops, conditional=bool(self.conditions), arms=arms, **fields)
        self.trace.enter(event)

    @abstractmethod
    def set_attribute(self, value: Value, name: str, new: Value, node: ast.AST) -> None:
        """Set an attribute of a value."""

    @abstractmethod
    def delete_attribute(self, value: Value, name: str, node: ast.AST) -> None:
        """Delete an attribute of a value."""

    def enter_network(self, network: Network) -> None:
        """Remember a network that the program makes.

        Raises:
            Stopped: there are too many.
        """
        if len(self.trace.networks) >= MAX_NETWORKS:
            raise Stopped("the program makes more networks than are followed")
        self.trace.networks.append(network)

    def lose(self, node: ast.AST, why: str, *values: Value) -> Unknown:
        """Give up on a value, and say where."""
        line = getattr(node, "lineno", 0)
        self.trace.lost.setdefault(line, why)
        return Unknown(why, origins=origins_of(*values))

    def lose_module(self, module: Module, node: ast.AST, why: str) -> None:
        """Give up on the layers of a network: what is done to it is not modelled."""
        line = getattr(node, "lineno", 0)
        module.lost = module.lost or f"line {line}: {why}"

    def give_away(self, module: Module, node: ast.AST, why: str) -> None:
        """Give up on a network that is whole, and that something not modelled gets: as it was made it stays known."""
        holders = [one for one in self.trace.networks if one is not module and any(p is module for _, p in walk(one))]
        for one in (module, *holders):
            if not any(one is half for half in self.making):
                self.trace.as_made.setdefault(id(one), count(one, self.trace.opened))
        self.lose_module(module, node, why)

    def open_world(self, node: ast.AST, why: str) -> None:
        """Give up on the layers of all networks."""
        self.trace.opened = self.trace.opened or f"line {getattr(node, 'lineno', 0)}: {why}"

    def narrow(self, value: Value) -> Value:
        """A label for the digit that is looked at alone."""
        if isinstance(value, PerDigit) and self.digit is not None and not value.one_hot:
            return value.values[self.digit]
        return value

    @contextmanager
    def looping(self, loop: Loop) -> Iterator[None]:
        """Be inside of a loop."""
        before = self.loops
        self.loops = (*before, loop)
        try:
            yield
        finally:
            self.loops = before

    @contextmanager
    def under(self, condition: Value, arm: tuple[int, int] | None = None) -> Iterator[None]:
        """Be behind a condition that is not known, on one of its ways."""
        self.conditions.append(condition.origins)
        try:
            with self.doubting("if", arm):
                yield
        finally:
            self.conditions.pop()

    def doubt(self, how: str, arm: tuple[int, int] | None = None) -> Doubt:
        """Begin to doubt what happens next."""
        self.doubts.append(begun := Doubt(moment(), how, len(self.jumps), arm))
        return begun

    @contextmanager
    def doubting(self, how: str, arm: tuple[int, int] | None = None) -> Iterator[None]:
        """Doubt what happens in a body."""
        begun = self.doubt(how, arm)
        try:
            yield
        finally:
            self.doubts = [other for other in self.doubts if other is not begun]

    def unsure(self, value: Value, *, rounds: bool = True) -> bool:
        """Tell whether it is doubtful that what is done to a value now happens, and as often as it is followed.

        What was made behind the same condition is there only where the condition holds: nothing is doubtful then.

        Args:
            value: what is changed.
            rounds: whether it matters how often it happens.
        """
        return any(doubt.since > value.born and (rounds or doubt.how != "loop") for doubt in self.doubts)

    @contextmanager
    def looking_at(self, digit: int) -> Iterator[None]:
        """Look at one digit alone."""
        before, self.digit = self.digit, digit
        try:
            yield
        finally:
            self.digit = before


def origins_of(*values: Value | None) -> Origins:
    """The sets that any of these values depends on."""
    found = NOWHERE
    for value in values:
        if value is not None:
            found |= value.origins
            for item in value.items[:50] if isinstance(value, Items) else ():
                found |= item.origins
    return found


def plain(value: Value | None, default: Any = None) -> Any:
    """The Python value of what is known, lists and tuples too; the default where it is not."""
    if value is None:
        return default
    if isinstance(value, Known):
        return value.value
    found = _plain(value, 0)
    return default if found is None else found[0]


def _plain(value: Value, depth: int) -> tuple[Any] | None:
    if isinstance(value, Known):
        return (value.value,)
    if not isinstance(value, Items) or value.many or depth > _DEEPEST:
        return None
    found = [_plain(item, depth + 1) for item in value.items]
    return (tuple(entry[0] for entry in found if entry is not None),) if None not in found else None


def same(values: Sequence[Value]) -> bool:
    """Tell whether values are known and equal."""
    return all(isinstance(value, Known) for value in values) and len({repr(plain(value)) for value in values}) == 1


def slice_of(key: Value | None) -> slice | None:
    """The slice that a key is; None where a bound is not known, or none that Python takes."""
    if not isinstance(key, Items) or key.kind != "slice":
        return None
    bounds = [plain(part, "?") for part in key.items]
    if not all(bound is None or isinstance(bound, int) for bound in bounds) or bounds[2] == 0:
        return None
    return slice(*bounds)


def whole(value: Value | None) -> int | None:
    """A known whole number."""
    found = plain(value)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    if isinstance(found, float) and not math.isfinite(found):
        return None
    return int(found) if found == int(found) else None
