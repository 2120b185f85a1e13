"""Operators on the machine's values: numbers where they are known, units and origins where they are not."""

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from reportgen.code.host import Host, Splits, origins_of
from reportgen.code.shapes import broadcast
from reportgen.code.trace import Divided, MadeInForward, Normalized
from reportgen.code.values import (
    DIGITS,
    Instance,
    Items,
    Known,
    Layer,
    Library,
    Loader,
    Location,
    Parameters,
    PerDigit,
    Table,
    Tensor,
    Unit,
    Unknown,
    Value,
)

_BINARY: MappingProxyType[type[ast.operator], Callable[[Any, Any], Any]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
        ast.Mod: operator.mod,
        ast.Pow: operator.pow,
        ast.BitOr: operator.or_,
        ast.BitAnd: operator.and_,
        ast.BitXor: operator.xor,
        ast.LShift: operator.lshift,
        ast.RShift: operator.rshift,
    }
)
_COMPARISONS: MappingProxyType[type[ast.cmpop], Callable[[Any, Any], Any]] = MappingProxyType(
    {
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
        ast.Is: operator.eq,
        ast.IsNot: operator.ne,
        ast.In: lambda a, b: a in b,
        ast.NotIn: lambda a, b: a not in b,
    }
)
_LARGEST = 10**15
_LONGEST = 20_000
_LONGEST_LIST = 2000
_DEEPEST = 8
_MEASURES = {"hits", "loss", "summed-loss", "summed-means", "share", "summed-shares"}
_SIZES = MappingProxyType({10_000: "test", 60_000: "train"})


def binary(host: Host, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
    """Apply a binary operator."""
    if isinstance(left, PerDigit) or isinstance(right, PerDigit):
        return _per_digit(host, op, left, right, node)
    left, right = _as_tensor(left), _as_tensor(right)
    if isinstance(left, Layer):
        return _layers(host, op, left, right, node)
    unit = _unit(host, op, left, right, node)
    if isinstance(left, Known) and isinstance(right, Known):
        literal = left.literal and right.literal
        try:
            return Known(
                _compute(op, left.value, right.value), unit, origins=left.origins | right.origins, literal=literal
            )
        except (TypeError, ValueError, ArithmeticError):
            return Unknown("a sum that can't be worked out", unit, origins=origins_of(left, right))
    if isinstance(op, ast.Mod) and isinstance(left, Known) and isinstance(left.value, str) and isinstance(right, Items):
        known = comparable(right)
        if known is not None and isinstance(known[0], tuple) and not re.search(r"[*]|\d{4}", left.value):
            try:
                return Known((left.value % known[0])[:_LONGEST])
            except (TypeError, ValueError):
                return Unknown("", origins=origins_of(left, right))
    if isinstance(left, Items) and isinstance(right, Items) and isinstance(op, ast.Add):
        many = left.many or right.many or len(left.items) + len(right.items) > _LONGEST_LIST
        return Items(
            [*left.items, *right.items][:_LONGEST_LIST],
            left.kind,
            many,
            left.literal and right.literal,
            origins=left.origins | right.origins,
        )
    if isinstance(left, Items) and isinstance(right, Known) and isinstance(op, ast.Mult):
        times = right.value if isinstance(right.value, int) else 1
        if left.many or len(left.items) * times > _LONGEST_LIST:
            return Items(left.items[:1], left.kind, many=True)
        return Items(left.items * times, left.kind)
    if isinstance(op, ast.Div) and isinstance(right, Known) and isinstance(right.value, str):
        return Location(right.value)  # only a path is divided by a text
    if isinstance(left, Table) and isinstance(right, Table) and isinstance(op, ast.BitOr):
        return Table({**left.entries, **right.entries})
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return _tensors(host, op, left, right, unit, node)
    return Unknown("", unit, origins=origins_of(left, right))


def _as_tensor(value: Value) -> Value:
    """One parameter of a network as the tensor that it is."""
    if isinstance(value, Parameters) and value.weight is not None:
        return Tensor(value.weight.shape, (), "weights", origins=value.origins)
    return value


def _layers(host: Host, op: ast.operator, left: Layer, right: Value, node: ast.AST) -> Value:
    """A container of torch and the layers of another one, or its own several times: the same layers, not copies."""
    times = right.value if isinstance(op, ast.Mult) and isinstance(right, Known) else None
    if isinstance(op, ast.Add) and isinstance(right, Layer | Items):
        children, many = host.elements(right, node)
        children = [*left.children, *children]
    elif isinstance(times, int) and 0 < times <= _LONGEST_LIST:
        children, many = left.children * times, False
    else:
        return Unknown("", layer=True)
    names = [str(at) for at in range(len(children))]
    made = Layer(left.type, {}, getattr(node, "lineno", 0), children, names)
    made.lost = left.lost or (right.lost if isinstance(right, Layer) else "") or ("its layers can't be told" * many)
    if made.type == "Sequential":
        host.enter_network(made)
    return made


def _compute(op: ast.operator, left: Any, right: Any) -> object:
    for side in (left, right):
        if isinstance(side, int | float) and abs(side) > _LARGEST:
            raise ValueError("too large")
        if isinstance(side, str | bytes) and len(side) > _LONGEST:
            raise ValueError("too long")
    if isinstance(op, ast.Pow) and (not -64 <= right <= 64):
        raise ValueError("too large")
    if isinstance(op, ast.LShift) and not 0 <= right <= 40:
        raise ValueError("too large")
    if isinstance(op, ast.Mult) and (isinstance(left, str | bytes) or isinstance(right, str | bytes)):
        length = len(left) * right if isinstance(left, str | bytes) else len(right) * left
        if length > _LONGEST:
            raise ValueError("too long")
    if isinstance(op, ast.Mod) and isinstance(left, str | bytes):
        if isinstance(left, bytes) or re.search(r"[*]|\d{4}", left):
            raise ValueError("a format that is not followed")
        return left % right
    return _BINARY[type(op)](left, right) if type(op) in _BINARY else None


def _per_digit(host: Host, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
    """Work a label out for every digit."""
    origins = left.origins | right.origins
    if not all(isinstance(side, PerDigit | Known) for side in (left, right)):
        return Unknown("", origins=origins)
    scalar = all(isinstance(side, Known) or (isinstance(side, PerDigit) and side.scalar) for side in (left, right))
    values = [binary(host, op, _at(left, digit), _at(right, digit), node) for digit in range(DIGITS)]
    return PerDigit(values, scalar, origins=origins)


def _at(value: Value, digit: int) -> Value:
    return value.values[digit] if isinstance(value, PerDigit) else value


def _unit_of(value: Value) -> Unit | None:
    unit = getattr(value, "unit", None)
    if unit is None and isinstance(value, Known) and type(value.value) is int and value.value in _SIZES:
        return Unit("images", _SIZES[value.value])
    return unit if isinstance(unit, Unit) else None


def _is_zero(value: Value) -> bool:
    return isinstance(value, Known) and value.value == 0 and value.unit is None


def _unit(host: Host, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Unit | None:
    """What the result counts or measures."""
    one, other = _unit_of(left), _unit_of(right)
    match op:
        case ast.Add():
            for unit, beside in ((one, right), (other, left)):
                if unit and (_is_zero(beside) or _unit_of(beside)):
                    return unit.summed
            return None
        case ast.Mult():
            for measure, count in ((one, other), (other, one)):
                if measure and measure.what == "loss" and count and count.what == "images":
                    return Unit("summed-loss", measure.of)
            beside = right if one else left
            return (one or other) if (one is None or other is None) and _is_percent(beside) else None
        case ast.Div():
            if one and other and one.what in _MEASURES and other.what in {"images", "batches"}:
                host.emit(Divided, node, numerator=one, denominator=other)
                return Unit("share" if one.what in {"hits", "share", "summed-shares"} else "mean-loss", one.of)
            return one if other is None and _is_percent(right) else None
        case ast.Sub() | ast.FloorDiv():
            return one if op.__class__ is ast.Sub and other is None else None
    return None


def _is_percent(value: Value) -> bool:
    """Tell whether a factor changes no more than the unit: percent instead of parts of 1."""
    return isinstance(value, Known) and value.value in (100, 0.01, 1)


def _tensors(host: Host, op: ast.operator, left: Value, right: Value, unit: Unit | None, node: ast.AST) -> Value:
    origins = origins_of(left, right)
    sides = [side for side in (left, right) if isinstance(side, Tensor)]
    main = max(sides, key=lambda side: len(side.steps))
    if len(sides) == 2 and host.applying and any(side.role == "made" and side.device == "cpu" for side in sides):
        host.emit(MadeInForward, node, model=host.applying[0], text="an operation")
    if len(sides) == 2:
        for data, statistic in ((sides[0], sides[1]), (sides[1], sides[0])):
            if statistic.role == "statistic" and data.role == "images" and isinstance(op, ast.Sub):
                host.emit(Normalized, node, data=data.origins, statistics=statistic.origins)
        roles = {side.role for side in sides}
        if roles <= {"images", "statistic"} and "images" in roles:
            data = next(side for side in sides if side.role == "images")
            return Tensor(data.shape, data.steps, "images", origins=data.origins)
        both = all(side.steps for side in sides)
        lost = "two ways through the network join" if both and "loss" not in roles else ""
        role = "loss" if "loss" in roles else main.role
        if role == "loss" and unit is None:  # a sum over images, and another term that is added to it
            unit = next((side.unit for side in sides if side.unit and side.unit.what == "summed-loss"), None)
        return Tensor(
            broadcast(left.shape, right.shape) if isinstance(left, Tensor) and isinstance(right, Tensor) else None,
            main.steps,
            role,
            main.model or sides[0].model or sides[1].model,
            unit,
            main.target or sides[0].target or sides[1].target,
            lost=main.lost or lost,
            origins=origins,
            passed=tuple(dict.fromkeys((*sides[0].passed, *sides[1].passed))),
        )
    constant = right if main is left else left
    if main.role == "images" and isinstance(op, ast.Sub) and isinstance(constant, Known):
        number = constant.value
        if isinstance(number, float):
            host.trace.normalizations.setdefault(getattr(node, "lineno", 0), (number, constant.origins))
    if main.role == "loss":
        return Tensor((), main.steps, "loss", main.model, unit, main.target, main.device, main.lost, origins=origins)
    if main.role in {"hits", "share"} or unit is not None:
        return Unknown("", unit or main.unit, origins=origins)
    return replace(main, unit=unit, origins=origins, weight=None)


def compare(host: Host, op: ast.cmpop, left: Value, right: Value) -> Value:
    """Compare two values."""
    if isinstance(left, PerDigit) and (isinstance(right, Known | Items | PerDigit | Table)):
        values = [compare(host, op, _at(left, digit), _at(right, digit)) for digit in range(DIGITS)]
        return PerDigit(values, left.scalar, origins=origins_of(left, right))
    if isinstance(right, PerDigit) and isinstance(left, Known):
        values = [compare(host, op, left, right.values[digit]) for digit in range(DIGITS)]
        return PerDigit(values, right.scalar, origins=right.origins)
    if isinstance(op, ast.Eq | ast.NotEq) and (isinstance(left, Tensor) or isinstance(right, Tensor)):
        return matches(left, right)
    if isinstance(op, ast.Is | ast.IsNot) and isinstance(right, Known) and right.value is None:
        if isinstance(left, Unknown):
            return Unknown("", origins=left.origins)
        none = isinstance(left, Known) and left.value is None
        return Known(none if isinstance(op, ast.Is) else not none)
    if isinstance(left, Library) and left.path.startswith(_CLASSES):
        known = _same_class(left, right)
        if known is not None:
            return Known(known is not isinstance(op, ast.NotEq | ast.IsNot | ast.NotIn))
    one, other = comparable(left), comparable(right)
    if one is not None and other is not None:
        try:
            return Known(bool(_COMPARISONS[type(op)](one[0], other[0])), origins=origins_of(left, right))
        except TypeError:
            pass
    return Unknown("", origins=origins_of(left, right))


_CLASSES = ("torch.nn.", "keras.layers.")


def _same_class(left: Library, right: Value) -> bool | None:
    """Tell whether a class of layers is another one, or one of several; None where that can't be told."""
    every = right.items if isinstance(right, Items) and not right.many else [right]
    names = [one.path for one in every if isinstance(one, Library) and one.path.startswith(_CLASSES)]
    own = left.path.rpartition(".")[2]
    return any(own == name.rpartition(".")[2] for name in names) if len(names) == len(every) else None


def matches(left: Value, right: Value) -> Tensor:
    """Where predictions are the labels."""
    sides = [side for side in (left, right) if isinstance(side, Tensor)]
    model = next((side.model for side in sides if side.model is not None), None)
    return Tensor(None, (), "matches", model, origins=origins_of(left, right))


def comparable(value: Value, depth: int = 0) -> tuple[object] | None:
    """The Python value of what is known, in a tuple of one; None where it is not known, or nested deep."""
    if isinstance(value, Known):
        return (value.value,)
    if isinstance(value, Items) and not value.many and depth < _DEEPEST:
        found = [comparable(item, depth + 1) for item in value.items]
        if all(entry is not None for entry in found):
            plain = [entry[0] for entry in found if entry is not None]
            return (tuple(plain) if value.kind == "tuple" else plain,)
    if isinstance(value, Table) and value.default is None:
        return (list(value.entries),)
    return None


def truth(host: Host, value: Value) -> bool | None:
    """Tell whether a value is true; None where that is not known.

    Raises:
        Splits: it depends on the digit.
    """
    value = host.narrow(value)
    match value:
        case PerDigit():
            known = [truth(host, item) for item in value.values]
            if len(set(known)) == 1:
                return known[0]
            if value.scalar:
                raise Splits
            return None
        case Known():
            return bool(value.value)
        case Items():
            return True if value.many else bool(value.items)
        case Table():
            return bool(value.entries) or None
        case Unknown() | Tensor():
            return None
        case Instance() | Layer() | Loader():
            return True
    return True


def unary(host: Host, op: ast.unaryop, value: Value) -> Value:
    """Apply a unary operator."""
    if isinstance(value, PerDigit):
        return PerDigit([unary(host, op, item) for item in value.values], value.scalar, origins=value.origins)
    if isinstance(op, ast.Not):
        known = truth(host, value)
        return Unknown("", origins=value.origins) if known is None else Known(not known)
    if isinstance(value, Known) and isinstance(value.value, int | float):
        if isinstance(op, ast.USub | ast.UAdd):
            number = -value.value if isinstance(op, ast.USub) else +value.value
            return Known(number, value.unit, literal=value.literal)
        if isinstance(value.value, bool):
            return Known(not value.value)
        if isinstance(value.value, int):
            return Known(~value.value)
    return value if isinstance(value, Tensor) else Unknown("", origins=value.origins)
