"""Lists, tuples, dictionaries and strings of the abstract machine."""

import ast
import re
from collections.abc import Sequence

from reportgen.code.host import Host, origins_of, plain, same, slice_of
from reportgen.code.operations import comparable
from reportgen.code.values import (
    DIGITS,
    Dataset,
    Instance,
    Items,
    Known,
    Layer,
    Loader,
    Native,
    Parameters,
    PerDigit,
    Table,
    Tensor,
    Unit,
    Unknown,
    Value,
)

_LONGEST = 400
"""Items of a list that are kept."""
_CHANGES = frozenset({"extend", "update", "insert", "pop", "reverse", "clear"})
_AS_IT_IS = frozenset(
    [
        "tolist",
        "to",
        "cpu",
        "cuda",
        "numpy",
        "long",
        "float",
        "double",
        "int",
        "clone",
        "detach",
        "contiguous",
        "astype",
        "requires_grad_",
        "squeeze",
        "type",
        "half",
    ]
)
_STRINGS = frozenset(
    [
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "split",
        "startswith",
        "endswith",
        "replace",
        "isdigit",
        "title",
        "capitalize",
        "join",
        "zfill",
        "rsplit",
        "removeprefix",
        "removesuffix",
        "isalpha",
        "isnumeric",
        "find",
        "index",
        "count",
        "partition",
        "rpartition",
        "splitlines",
    ]
)


def key_of(value: Value) -> tuple[object] | None:
    """A value as the key of a dictionary, in a tuple of one; None where it is not known."""
    found = comparable(value)
    if found is None:
        return None
    try:
        hash(found[0])
    except TypeError:
        return (repr(found[0]),)
    return found


def container_item(value: Value, key: Value) -> Value:
    """An item of a list, a dictionary or a string."""
    found = key_of(key)
    match value:
        case Items():
            if value.by_digit:
                return _merged(value)
            if value.unordered:
                return Unknown("one of several layers", layer=True, among=tuple(value.items))
            at = found[0] if found else None
            short = value.times is not None and value.times > len(value.items)
            if short and not (isinstance(at, int) and 0 <= at < len(value.items)):
                return Unknown("")
            if isinstance(at, int) and not value.many and -len(value.items) <= at < len(value.items):
                return value.items[at]
            if value.items and (value.many or same(value.items)):
                return value.items[0]
        case Table():
            if found and found[0] in value.entries:
                return value.entries[found[0]]
            if value.default is not None and found:
                return value.default
            if found and _is_plain(value):
                return Known(None)  # the program would stop here
        case Known(value=str() as text):
            at = found[0] if found else None
            if isinstance(at, int) and -len(text) <= at < len(text):
                return Known(text[at], literal=value.literal)
            cut = slice_of(key)
            if cut is not None:
                return Known(text[cut], literal=value.literal)
    inner = list(value.entries.values()) if isinstance(value, Table) else getattr(value, "items", [])
    units = {item.unit for item in inner if isinstance(item, Known | Unknown)}
    unit = units.pop() if len(units) == 1 else None
    return Unknown("", unit, origins=origins_of(value, key, *inner[:50]))


def _is_plain(table: Table) -> bool:
    """Tell whether all keys of a dictionary are known."""
    return bool(table.entries) and all(isinstance(key, int | float | str | bool) for key in table.entries)


def container_set(value: Value, key: Value, new: Value) -> None:
    """Set an item of a list or a dictionary."""
    if isinstance(value, Table):
        found = key_of(key)
        value.entries[found[0] if found else object()] = new
        if found is None:
            value.entries.update(dict.fromkeys(value.entries, Unknown("", origins=new.origins)))
    elif isinstance(value, Items):
        known = comparable(key)
        at = known[0] if known else None
        if isinstance(at, list | tuple) and not value.many:
            for index in at:
                container_set(value, Known(index), new)
        elif isinstance(at, int) and not value.many and -len(value.items) <= at < len(value.items):
            value.items[at] = new
        else:
            value.many = True
            value.items[:1] = [new if isinstance(new, Tensor) else Unknown("", origins=new.origins)]


def _blurred(value: Items | Table) -> None:
    """Forget what a list or a dictionary holds: whether it was changed can't be told."""
    if isinstance(value, Items):
        value.many = True
    else:
        value.default = Unknown("whether it was changed hangs on a condition")
        value.entries.update(dict.fromkeys(value.entries, value.default))


def container_delete(value: Items | Table, key: Value, *, surely: bool = True) -> None:
    """Delete an item of a list or a dictionary."""
    if not surely:
        _blurred(value)
        return
    found = key_of(key)
    if isinstance(value, Table):
        if found:
            value.entries.pop(found[0], None)
    elif isinstance(key, Items) and key.kind == "slice":
        cut = slice_of(key)
        value.many |= cut is None
        if cut is not None and not value.many:
            del value.items[cut]
    elif found and isinstance(found[0], int) and not value.many and -len(value.items) <= found[0] < len(value.items):
        del value.items[found[0]]
    else:
        value.many = True


def container_method(host: Host, value: Value, name: str, node: ast.AST) -> Value:
    """A method of a list, a dictionary, a string or a number."""
    match value:
        case Items(kind="tuple") if name in {"values", "indices"} and len(value.items) == 2:
            return value.items[name == "indices"]  # what max gives along a dimension
        case Items():
            return Native(name, lambda args, kwargs, at: _list_method(host, value, name, args))
        case Table():
            if name in value.entries:
                return value.entries[name]  # of a namespace
            return Native(name, lambda args, kwargs, at: _table_method(host, value, name, args, kwargs, at))
        case Known():
            return Native(name, lambda args, kwargs, at: _known_method(host, value, name, args, at))
    return Unknown("")


def _list_method(host: Host, value: Items, name: str, args: list[Value]) -> Value:
    first = args[0] if args else Known(None)
    if name in _CHANGES and host.unsure(value):
        _blurred(value)
    if name in {"append", "add", "appendleft"}:
        value.literal = False
        if host.digit is not None:
            value.by_digit.setdefault(host.digit, []).append(first)
        elif len(value.items) < _LONGEST:
            value.items.append(first)
        else:
            value.many = True
        # of what is measured in a loop that is not counted, only the first rounds are followed
        measured = not isinstance(first, Layer | Instance) and bool(host.loops and host.loops[-1].times is None)
        value.many |= host.unsure(value) or measured
        value.origins |= first.origins
    elif name in {"extend", "update", "insert"}:
        value.literal = value.literal and not value.items
        new = first if name != "insert" else Items(args[1:])
        more = list(new.items) if isinstance(new, Items) else [Unknown("", origins=new.origins)]
        at = plain(first) if name == "insert" else None
        place = at if isinstance(at, int) else len(value.items)
        value.items[place:place] = more[:_LONGEST]
        value.many |= not isinstance(new, Items) or new.many or len(value.items) > _LONGEST
        del value.items[_LONGEST:]
    elif name == "split" and value.many:
        return _split(value, first)
    elif name in _AS_IT_IS:
        return value
    elif name == "reshape":
        return reshaped(value, args)
    elif name == "copy":
        return Items(list(value.items), value.kind, value.many, value.literal)
    elif name == "pop":
        at = plain(first, -1) if args else -1
        known = isinstance(at, int) and not value.many and -len(value.items) <= at < len(value.items)
        return value.items.pop(at) if known else container_item(value, first)
    elif name == "reverse":
        value.items.reverse()
    elif name in {"sort", "remove", "discard", "rotate"}:
        value.many |= len(value.items) > 1  # what stands where is not followed further
    elif name in {"index", "count"}:
        found, sought = comparable(value), comparable(first)
        if found and sought and isinstance(found[0], list | tuple) and sought[0] in found[0]:
            return Known(getattr(found[0], name)(sought[0]))
        if isinstance(first, PerDigit):
            return PerDigit([_list_method(host, value, name, [item]) for item in first.values], first.scalar)
        return Unknown("", origins=origins_of(value, *args))
    elif name == "clear":
        value.items.clear()
    return Known(None)


def reshaped(value: Value, args: list[Value]) -> Value:
    """What is known of an array that nothing else is known of: the sizes that it gets."""
    sizes = plain(args[0] if len(args) == 1 else Items(list(args), "tuple"))
    if not isinstance(sizes, tuple) or len(sizes) < 2 or not all(isinstance(size, int) for size in sizes[1:]):
        return Unknown("", origins=value.origins)
    known = min(sizes[1:]) > 0 and max(sizes[1:]) > 1  # a column holds labels, as a rule
    first = sizes[0] if isinstance(sizes[0], int) and sizes[0] > 0 else None
    return Tensor((first, *sizes[1:]), (), "images", origins=value.origins) if known else Unknown("")


def _split(value: Items, sizes: Value) -> Value:
    """Parts of a permutation: of the sizes that are listed, or of one size each."""
    listed = plain(sizes)
    if isinstance(listed, tuple) and all(isinstance(size, int) for size in listed):
        starts = [sum(listed[:at]) for at in range(len(listed))]
        return Items([Items(value.items[:1], many=True, start=start) for start in starts], "tuple")
    part = Items(value.items[:1], many=True)
    return Items([part], many=True, stride=listed if isinstance(listed, int) else None)


def _table_method(
    host: Host, value: Table, name: str, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    if name in {"pop", "popitem", "clear", "setdefault"} and host.unsure(value):
        _blurred(value)
        return Unknown("whether it was changed hangs on a condition", layer=True)
    more = isinstance(value.default, Unknown)  # than the entries that are known
    match name:
        case "__getitem__" if args:
            return _table_method(host, value, "get", args, kwargs, node)
        case "get" | "setdefault" | "pop":
            if isinstance(args[0], PerDigit):
                each = [_table_method(host, value, name, [item, *args[1:]], {}, node) for item in args[0].values]
                return PerDigit(each, args[0].scalar, origins=args[0].origins)
            found = key_of(args[0])
            if found and found[0] in value.entries:
                return value.entries.pop(found[0]) if name == "pop" else value.entries[found[0]]
            other = args[1] if len(args) > 1 else Known(None)
            if found is None or not all(
                isinstance(key, int | float | str | bool | tuple | None) for key in value.entries
            ):
                return Unknown("", origins=origins_of(*args, *value.entries.values()))
            if name == "setdefault" and found:
                value.entries[found[0]] = other
            return other
        case "items":
            return Items([Items([_as_value(key), item], "tuple") for key, item in value.entries.items()], many=more)
        case "keys":
            return Items([_as_value(key) for key in value.entries], many=more)
        case "values":
            return Items(list(value.entries.values()), many=more)
        case "clear":
            value.entries.clear()
            return Known(None)
        case "copy":
            return Table(dict(value.entries), value.default)
        case "update":
            if host.unsure(value):
                _blurred(value)
            elif args and isinstance(args[0], Table):
                value.entries.update(args[0].entries)
            elif args:  # any of its entries may be another one now
                value.default = Unknown("what it was updated with")
                value.entries.update(dict.fromkeys(value.entries, value.default))
            if not host.unsure(value):
                value.entries.update(kwargs)
            return Known(None)
    return Unknown("", origins=origins_of(*args))


def _as_value(key: object) -> Value:
    if isinstance(key, tuple):
        return Items([_as_value(part) for part in key], "tuple", literal=True)
    return Known(key, literal=True) if isinstance(key, int | float | str | bool | None) else Unknown("")


def _known_method(host: Host, value: Known, name: str, args: list[Value], node: ast.AST) -> Value:
    if name in {"item", "tolist", "numpy", "cpu", "detach", "squeeze", "float", "long", "int"}:
        return value
    if isinstance(value.value, str):
        if name == "join" and args and isinstance(args[0], Items):
            parts = [plain(item, "…") for item in args[0].items]
            return Known(value.value.join(str(part) for part in parts)[:1000])
        if name == "format":
            given = [plain(arg, host) for arg in args]
            if host in given or re.search(r"\d{4}|[.\[]", value.value):
                return Unknown("", origins=origins_of(*args))
            try:
                return Known(value.value.format(*given)[:1000])
            except (ValueError, IndexError, KeyError):
                return Unknown("")
        known = [plain(arg, host) for arg in args]
        sizes = [len(part) if isinstance(part, str) else part for part in known if isinstance(part, str | int)]
        short = len(value.value) * max([1, *sizes]) < 1_000_000 and all(size < 10_000 for size in sizes)
        if name in _STRINGS and host not in known and short:
            try:
                found = getattr(value.value, name)(*known)
                host.steps += len(found) if isinstance(found, list | tuple | str) else 0
                return _wrapped(found, literal=value.literal)
            except (TypeError, ValueError):
                return Unknown("")
    return Unknown("", value.unit, origins=origins_of(value, *args))


def _wrapped(found: object, *, literal: bool) -> Value:
    if isinstance(found, list | tuple):
        kind = "list" if isinstance(found, list) else "tuple"
        return Items([Known(part, literal=literal) for part in found], kind, literal=literal)
    return Known(found, literal=literal)


def items_of(host: Host, value: Value, node: ast.AST) -> tuple[list[Value], bool]:
    """The items of what can be iterated; True beside them where one stands for many."""
    match value:
        case Items():
            if value.by_digit:
                return [_merged(value)], True
            if value.times is not None and value.times > len(value.items):
                return [Unknown("one of many")], True
            return list(value.items), value.many
        case Table():
            return [_as_value(key) for key in value.entries], isinstance(value.default, Unknown)
        case Known(value=str() as text):
            return [Known(character, literal=value.literal) for character in text[:200]], False
        case PerDigit():
            return [PerDigit(list(value.values), scalar=True, origins=value.origins)], True
        case Dataset():
            return [sample(host, value, node, batch=False)], True
        case Loader():
            return [_batch(host, value, node)], True
        case Layer():
            return list(value.children), False
        case Parameters():
            return [value], True
        case Tensor():
            if value.shape and value.shape[0] is not None and value.shape[0] <= 16:
                inner = Tensor(value.shape[1:], value.steps, value.role, value.model, origins=value.origins)
                return [inner] * value.shape[0], False
            shape = value.shape[1:] if value.shape else None
            return [Tensor(shape, value.steps, value.role, value.model, origins=value.origins)], True
    return [Unknown("", origins=value.origins)], True


def _batch(host: Host, loader: Loader, node: ast.AST) -> Value:
    if isinstance(loader.dataset, Dataset):
        return sample(host, loader.dataset, node, batch=True)
    items, _ = host.elements(loader.dataset, node)
    item = items[0] if items else Unknown("")
    return _stacked(item, loader.dataset.origins)


def _stacked(item: Value, origins: frozenset[str]) -> Value:
    """One item of a data set as a batch of such."""
    match item:
        case Items():
            return Items([_stacked(part, origins) for part in item.items], "tuple", origins=item.origins | origins)
        case Tensor():
            shape = (None, *item.shape) if item.shape else None
            return Tensor(shape, item.steps, item.role, origins=item.origins | origins)
        case PerDigit():
            return PerDigit(item.values, origins=item.origins | origins, one_hot=item.one_hot)
    return Unknown("", origins=item.origins | origins)


def sample(host: Host, dataset: Dataset, node: ast.AST, *, batch: bool) -> Value:
    """An image with its label, or a batch of them."""
    origins = frozenset({dataset.split}) if dataset.split else dataset.origins
    if dataset.items is not None:
        item = dataset.items
        return _stacked(item, origins) if batch else item
    one = dataset.shape
    shape = None if one is None else (None, *one) if batch else one
    images = Tensor(shape, (), "images", origins=origins, unit=Unit("images", dataset.split))
    labels = dataset.labels
    if isinstance(labels, PerDigit):
        labels = PerDigit(list(labels.values), not batch, labels.one_hot, origins=labels.origins | origins)
    return Items([images, labels if labels is not None else Unknown("", origins=origins)], "tuple", origins=origins)


def _merged(value: Items) -> Value:
    """What was appended digit by digit, as one item."""
    last: list[Value] = [
        value.by_digit[digit][-1] if value.by_digit.get(digit) else Known(None) for digit in range(DIGITS)
    ]
    return merged(last)


def merged(values: Sequence[Value]) -> Value:
    """One value a digit as one value."""
    present = [item for item in values if not (isinstance(item, Known) and item.value is None)]
    if present and all(isinstance(item, Items) for item in present):
        first = present[0]
        assert isinstance(first, Items)
        columns = [
            merged(
                [item.items[at] if isinstance(item, Items) and at < len(item.items) else Known(None) for item in values]
            )
            for at in range(len(first.items))
        ]
        return Items(columns, first.kind)
    if present and all(isinstance(item, Tensor) for item in present):
        return present[0]
    if same(list(values)):
        return values[0]
    return PerDigit(list(values), scalar=True, origins=origins_of(*present))
