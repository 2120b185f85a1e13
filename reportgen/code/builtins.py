"""Python's own functions on the abstract machine."""

import ast
import itertools
import math
from collections.abc import Iterable

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.expressions import distinct
from reportgen.code.host import Host, origins_of, plain, whole
from reportgen.code.knowledge.tensors import reduced
from reportgen.code.operations import binary, comparable, truth
from reportgen.code.registration import is_module
from reportgen.code.values import (
    Dataset,
    Instance,
    Items,
    Known,
    Layer,
    Loader,
    PerDigit,
    Table,
    Tensor,
    Unit,
    Unknown,
    Value,
    only,
)

_MOST = 300


@registry.library("range", "tqdm.trange")
def _range(host: Host, given: Arguments) -> Value:
    bounds = [whole(argument) for argument in given.args]
    known = [bound for bound in bounds if bound is not None]
    if not bounds or len(known) != len(bounds) or known[2:] == [0]:
        counted = Unknown("", origins=origins_of(*given.args))
        return Items([counted], many=True, stride=_stride([bound or 0 for bound in bounds]))
    numbers = range(*known)
    return Items([Known(number) for number in numbers[:_MOST]], times=len(numbers), stride=_stride(known))


def _stride(bounds: list[int]) -> int | None:
    """The step of a range, where it is more than one: the size of a batch, often."""
    return bounds[2] if len(bounds) == 3 and bounds[2] > 1 else None


@registry.library("len")
def _len(host: Host, given: Arguments) -> Value:
    value = given.first()
    match value:
        case Items() if not value.many and not value.by_digit:
            return Known(value.times if value.times is not None else len(value.items))
        case Table() if all(isinstance(key, int | float | str | bool | tuple | None) for key in value.entries):
            return Known(len(value.entries))
        case Known(value=str() as text):
            return Known(len(text), literal=value.literal)
        case Dataset():
            return (
                Known(value.size, Unit("images", value.split))
                if value.size
                else Unknown("", Unit("images", value.split))
            )
        case Loader():
            of = value.dataset.split if isinstance(value.dataset, Dataset) else only(value.dataset.origins)
            unit = Unit("batches", of) if plain(value.batch_size) != 1 else None  # a batch of one is an image, too
            return Unknown("the number of batches", unit, origins=value.dataset.origins)
        case PerDigit():
            return Unknown("the number of labels", Unit("images", only(value.origins)), origins=value.origins)
        case Tensor():
            size = value.shape[0] if value.shape else None
            return (
                Known(size)
                if size is not None
                else Unknown("", Unit("images", only(value.origins)), origins=value.origins)
            )
        case Instance():
            method = host.attribute(value, "__len__", given.node)
            found = host.call(method, [], {}, given.node)
            return found if not isinstance(found, Unknown) else Unknown("", Unit("images", only(value.origins)))
        case Layer():
            return Known(len(value.children))
    return Unknown("", origins=value.origins)


@registry.library("enumerate")
def _enumerate(host: Host, given: Arguments) -> Value:
    items, many = host.elements(given.first(), given.node)
    value = given.first()
    if isinstance(value, Items) and value.unordered:
        items, many = [Unknown("one of several layers", layer=True, among=tuple(items))], True
    start = given.value("start", 1, 0)
    numbered: list[Value] = [
        Items([Unknown("a number") if many else Known(at + start if isinstance(start, int) else at), item], "tuple")
        for at, item in enumerate(items)
    ]
    return Items(numbered, many=many, over=given.first())


@registry.library("zip")
def _zip(host: Host, given: Arguments) -> Value:
    columns = [host.elements(argument, given.node) for argument in given.args]
    if not columns:
        return Items([])
    finite = [len(items) for items, many in columns if not many]
    length = min(finite) if finite else 1
    rows: list[Value] = [
        Items([items[at] if at < len(items) else items[-1] if items else Unknown("") for items, _ in columns], "tuple")
        for at in range(length)
    ]
    return Items(rows, many=not finite)


@registry.library("tqdm.tqdm", "iter", "reversed", "rich.progress.track", "tqdm", "itertools.islice")
def _same(host: Host, given: Arguments) -> Value:
    value = given.first()
    if given.path == "reversed" and isinstance(value, Items):
        return Items(list(reversed(value.items)), value.kind, value.many)
    return value


@registry.library("next")
def _next(host: Host, given: Arguments) -> Value:
    items, _ = host.elements(given.first(), given.node)
    return items[0] if items else (given.args[1] if len(given.args) > 1 else Unknown(""))


@registry.library("int", "float", "str", "bool", "round", "abs")
def _converted(host: Host, given: Arguments) -> Value:
    value = given.first()
    if not given.all:
        return Known({"int": 0, "float": 0.0, "str": "", "bool": False}.get(given.path, 0))
    if isinstance(value, Known):
        try:
            function = {"int": int, "float": float, "str": str, "bool": bool, "round": round, "abs": abs}[given.path]
            more = [plain(argument) for argument in given.args[1:]]
            text = value.value
            if isinstance(text, str) and len(text) > 1000:
                return Unknown("")
            return Known(function(text, *more), value.unit, origins=value.origins, literal=value.literal)  # type: ignore[operator]
        except (TypeError, ValueError, OverflowError):
            return Unknown("", origins=value.origins)
    if isinstance(value, PerDigit):
        each = [_converted(host, Arguments([item], {}, given.node, given.path)) for item in value.values]
        return PerDigit(each, value.scalar, origins=value.origins)
    if isinstance(value, Tensor):
        return host.call(host.attribute(value, "item", given.node), [], {}, given.node)
    return Unknown("", getattr(value, "unit", None), origins=value.origins)


@registry.library("list", "tuple", "set", "frozenset", "sorted", "collections.deque")
def _sequence(host: Host, given: Arguments) -> Value:
    kind = {"tuple": "tuple", "set": "set", "frozenset": "set"}.get(given.path, "list")
    if not given.args:
        return Items([], kind)
    value = given.first()
    if isinstance(value, PerDigit | Unknown):
        return value
    items, many = host.elements(value, given.node)
    if given.path == "sorted" and not many:
        items = _sorted(host, items, given)
    literal = isinstance(value, Items) and value.literal
    if kind == "set":
        items = distinct(items)
    return Items(items, kind, many, literal, origins=value.origins)


def _sorted(host: Host, items: list[Value], given: Arguments) -> list[Value]:
    """Items in order; items whose place is not known where what they are sorted by isn't."""
    by, down = given.get("key"), given.get("reverse") or Known(False)
    keys = items if by is None or plain(by, "?") is None else [host.call(by, [item], {}, given.node) for item in items]
    found = [comparable(key) for key in keys]
    known = [key[0] for key in found if key is not None]
    if len(known) == len(items) and isinstance(down, Known):
        try:
            order = sorted(range(len(items)), key=known.__getitem__, reverse=bool(down.value))  # type: ignore[arg-type]
            return [items[at] for at in order]
        except TypeError:
            pass
    if len(items) < 2:
        return items
    layers = any(is_module(item) for item in items)
    return [Unknown("its place in the order can't be told", layer=layers, origins=origins_of(*items)) for _ in items]


@registry.library("sum", "math.fsum")
def _sum(host: Host, given: Arguments) -> Value:
    value = given.first()
    if isinstance(value, Tensor):
        return reduced(value, "sum")
    items, many = host.elements(value, given.node)
    if many or not items:
        units = [item.unit for item in items if isinstance(item, Known | Unknown) and item.unit]
        return Unknown("", units[0].summed if units else None, origins=origins_of(value, *items)) if items else Known(0)
    total: Value = given.args[1] if len(given.args) > 1 else Known(0)
    for item in items:
        total = binary(host, ast.Add(), total, item, given.node)
    return total


@registry.library("max", "min")
def _extreme(host: Host, given: Arguments) -> Value:
    items = host.elements(given.first(), given.node)[0] if len(given.args) == 1 else given.args
    numbers = [plain(item) for item in items]
    numeric = [number for number in numbers if isinstance(number, int | float)]
    if items and len(numeric) == len(items) and "key" not in given.kwargs:
        return Known(max(numeric) if given.path == "max" else min(numeric))
    return Unknown("", origins=origins_of(*items))


@registry.library(
    *("itertools.product", "itertools.chain", "itertools.chain.from_iterable", "itertools.pairwise"),
    *("itertools.combinations", "itertools.permutations"),
)
def _combined(host: Host, given: Arguments) -> Value:
    """What ``itertools`` makes of lists that are known item by item."""
    name = given.path.removeprefix("itertools.")
    columns = given.args if name in {"product", "chain"} else given.args[:1]
    if name == "chain.from_iterable" and given.args:
        columns = host.elements(given.first(), given.node)[0]
    read = [host.elements(column, given.node) for column in columns]
    lists, several = [items for items, _ in read], any(many for _, many in read)
    times: int | None = 1
    if name in {"combinations", "permutations"}:
        said = given.get("r", 1)
        times = whole(said) if said is not None else len(lists[0]) if lists else None
    elif name == "product" and "repeat" in given.kwargs:
        times = whole(given.kwargs["repeat"])
    several |= times is None or not 0 <= times <= _MOST
    if several or "*" in given.kwargs or math.prod(max(1, len(items)) for items in lists) > _MOST:
        inner = [item for items in lists for item in items[:1]]
        return Items(inner[:1] if name.startswith("chain") else [Items(inner, "tuple")], many=True)
    if name.startswith("chain"):
        return Items([item for items in lists for item in items])
    rows: Iterable[tuple[Value, ...]] = ()
    if name == "product":
        rows = itertools.product(*lists, repeat=times or 0)
    elif name == "pairwise" and lists:
        rows = itertools.pairwise(lists[0])
    elif lists:
        rows = (itertools.combinations if name == "combinations" else itertools.permutations)(lists[0], times or 0)
    made: list[Value] = [Items(list(row), "tuple") for row in itertools.islice(rows, _MOST + 1)]
    return Items(made, many=len(made) > _MOST)


@registry.library("any", "all")
def _quantified(host: Host, given: Arguments) -> Value:
    items, many = host.elements(given.first(), given.node)
    known = [truth(host, item) for item in items]
    if None in known or many:
        return Unknown("", origins=origins_of(*items))
    return Known(any(known) if given.path == "any" else all(known))


@registry.library("map", "filter")
def _mapped(host: Host, given: Arguments) -> Value:
    items, many = host.elements(given.args[1], given.node) if len(given.args) > 1 else ([], True)
    if given.path == "map":
        return Items([host.call(given.args[0], [item], {}, given.node) for item in items[:_MOST]], many=many)
    asked = given.first()
    if not isinstance(asked, Known):
        tests = [truth(host, host.call(asked, [item], {}, given.node)) for item in items[:_MOST]]
    else:  # None: an item itself says whether it stays
        tests = [truth(host, item) for item in items[:_MOST]]
    kept = [item for item, test in zip(items, tests, strict=False) if test is not False]
    return Items(kept, many=many or None in tests)
