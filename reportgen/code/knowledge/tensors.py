"""Tensors and labels: their attributes, methods and items."""

import ast
from dataclasses import replace

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, origins_of, plain, whole
from reportgen.code.knowledge.functional import function_step, is_function, stepped
from reportgen.code.operations import binary, compare, matches
from reportgen.code.shapes import product, viewed
from reportgen.code.trace import Altered
from reportgen.code.values import (
    Items,
    Known,
    Library,
    Native,
    PerDigit,
    Shape,
    Tensor,
    Unit,
    Unknown,
    Value,
    only,
)

_SAME = frozenset(
    [
        "to",
        "cpu",
        "cuda",
        "detach",
        "clone",
        "contiguous",
        "float",
        "double",
        "half",
        "long",
        "int",
        "requires_grad_",
        "numpy",
        "type",
        "astype",
        "squeeze_",
        "uniform_",
        "normal_",
        "bernoulli_",
        "random_",
        "fill_",
        "zero_",
        "copy",
        "byte",
        "bool",
        "pin_memory",
        "type_as",
        "float_",
        "uint8",
        "char",
        "short",
        "tolist",
        "ravel_",
        "retain_grad",
        "realize",
        "block_until_ready",
    ]
)
_SUMS = frozenset({"sum", "mean", "average"})
_LABEL_SHAPES = frozenset(["view", "reshape", "flatten", "squeeze", "unsqueeze", "ravel", "expand", "repeat"])
_STATISTICS = frozenset({"mean", "std", "var", "min", "max", "amax", "amin"})


def tensor_attribute(host: Host, value: Tensor | PerDigit, name: str, node: ast.AST) -> Value:
    """A method or attribute of a tensor or of labels."""
    if name in {"T", "data", "mT"}:
        return value
    if name in {"device", "dtype"}:
        return Library(f"tensor.{name}")
    if isinstance(value, PerDigit):
        if name == "shape":
            return Items([_count_of(value)], "tuple")
        return Native(name, lambda args, kwargs, at: _label_method(host, value, name, args, kwargs, at))
    if name == "shape":
        return _shape(value)
    if name == "ndim":
        return Known(len(value.shape)) if value.shape else Unknown("")
    if name == "requires_grad" and value.role in {"loss", "logits"}:
        return Known(not host.without_gradients)
    if name in {"grad", "requires_grad", "is_cuda"}:
        return Unknown("")
    return Native(name, lambda args, kwargs, at: _method(host, value, name, Arguments([value, *args], kwargs, at)))


def mirrors(value: Tensor, args: list[Value]) -> bool:
    """Tell whether images are flipped along their height or width, and not along the batch."""
    along = [
        whole(each) for argument in args for each in (argument.items if isinstance(argument, Items) else [argument])
    ]
    count = len(value.shape) if value.shape else 4
    sides = {count - 1, count - 2, -1, -2}
    return value.role == "images" and bool(value.origins) and bool(along) and all(each in sides for each in along)


def _dimension(value: Tensor, size: int | None, at: int) -> Value:
    if size is not None:
        return Known(size)
    unit = Unit("images", only(value.origins)) if at == 0 else None
    return Unknown("the size of a batch", unit, origins=value.origins)


def _shape(value: Tensor) -> Value:
    if value.shape is None:
        return Items([Unknown("", Unit("images", only(value.origins)), origins=value.origins)], "tuple", many=True)
    return Items([_dimension(value, size, at) for at, size in enumerate(value.shape)], "tuple")


def _count_of(value: PerDigit) -> Value:
    return Unknown("the number of labels", Unit("images", only(value.origins)), origins=value.origins)


def _method(host: Host, value: Tensor, name: str, given: Arguments) -> Value:
    args = given.args[1:]
    match name:
        case "requires_grad_" if value.weight is not None:
            host.set_attribute(value, "requires_grad", args[0] if args else Known(True), given.node)
            return value
        case "sum" | "mean" | "amax" | "amin" | "std" | "var" if value.steps and (along := _along(given)) is not None:
            return _reduced_along(value, along, keep=given.value("keepdim", 2, False) is True)
        case _ if name in _SAME:
            return _moved(value, name, args)
        case "new_zeros" | "new_ones" | "new_empty" | "new_full" | "new_tensor":
            return Tensor(None, (), "made", origins=frozenset())
        case "flip" | "fliplr" | "rot90" if mirrors(value, args):
            host.emit(Altered, given.node, name=name, origins=value.origins)
            return value
        case "trace" | "diag" | "diagonal" if value.role == "confusion":
            return Tensor((), (), "hits", value.model, Unit("hits", only(value.origins)), origins=value.origins)
        case "sum" if value.role == "confusion" and not args:
            return Unknown("", Unit("images", only(value.origins)), origins=value.origins)
        case "size":
            shape = _shape(value)
            return _size_at(shape, args[0]) if args and isinstance(shape, Items) else shape
        case "numel":
            size = product(value.shape) if value.shape else None
            return (
                Known(size)
                if size is not None
                else Unknown("", Unit("images", only(value.origins)), origins=value.origins)
            )
        case "dim":
            return Known(len(value.shape)) if value.shape else Unknown("")
        case "view" | "reshape":
            return _viewed(value, args, given.line)
        case "permute" | "transpose" | "swapaxes":
            return _permuted(value, name, args)
        case "unsqueeze" | "squeeze":
            return _squeezed(value, name, args)
        case "item" | "__float__":
            return _item(value)
        case "eq" | "__eq__":
            return matches(value, args[0]) if args else value
        case "backward":
            return registry.call("backward", host, given)
        case _ if is_function(name):
            return function_step(host, value, name, given)
        case "max" | "argmax" | "topk" | "round" | "min":
            return _predicted(value, name, given)
        case _ if name in _SUMS or name in _STATISTICS:
            return reduced(value, name)
        case "log" if value.steps and value.steps[-1].type == "Softmax":
            before = Tensor(value.shape, value.steps[:-1], value.role, value.model, origins=value.origins)
            return stepped(before, "LogSoftmax", {}, given.line)
        case "exp" if value.steps and value.steps[-1].type == "LogSoftmax":
            return stepped(value, "Softmax", {}, given.line)
        case "add" | "add_" | "mul" | "mul_" | "sub" | "sub_" if args and isinstance(args[0], Tensor):
            return binary(host, {"a": ast.Add, "m": ast.Mult, "s": ast.Sub}[name[0]](), value, args[0], given.node)
        case "add" | "add_" | "mul" | "mul_" | "div" | "div_" | "sub" | "sub_" | "clamp" | "abs":
            return value
    return replace(
        value,
        shape=None,
        unit=None,
        target=None,
        device="",
        weight=None,
        lost=_lost(value, name),
        origins=origins_of(*given.all),
    )


def _along(given: Arguments) -> tuple[int, ...] | None:
    """The dimensions that a statistic is taken along; None where they can't be told, or it is of all."""
    found = plain(given.get("dim", 1) or given.get("axis", 1))
    found = (found,) if isinstance(found, int) else found
    return found if isinstance(found, tuple) and all(isinstance(at, int) for at in found) else None


def _reduced_along(value: Tensor, along: tuple[int, ...], *, keep: bool) -> Tensor:
    shape: Shape | None = None
    if value.shape is not None and all(-len(value.shape) <= at < len(value.shape) for at in along):
        gone = {at % len(value.shape) for at in along}
        shape = tuple(1 if at in gone else size for at, size in enumerate(value.shape) if keep or at not in gone)
    lost = value.lost or "a mean or sum along a dimension is no layer"
    return replace(value, shape=shape, unit=None, weight=None, lost=lost)


def _lost(value: Tensor, name: str) -> str:
    return value.lost or (f"the tensor's method {name} is not followed" if value.steps else "")


def _size_at(shape: Items, at: Value) -> Value:
    index = whole(at)
    if index is not None and not shape.many and -len(shape.items) <= index < len(shape.items):
        return shape.items[index]
    return shape.items[0] if shape.many else Unknown("")


def _moved(value: Tensor, name: str, args: list[Value]) -> Tensor:
    device = value.device
    if name in {"cuda", "to", "type_as"}:
        device = "" if name != "to" or not (args and plain(args[0]) == "cpu") else "cpu"
    return replace(value, device=device)


def _viewed(value: Tensor, args: list[Value], line: int) -> Tensor:
    sizes = args[0].items if len(args) == 1 and isinstance(args[0], Items) else args
    wanted = [whole(size) for size in sizes]
    shape = viewed(value.shape, wanted)
    if value.shape and value.shape[0] is None and wanted and wanted[0] in {-1, None} and len(wanted) > 1:
        rest = product(value.shape[1:])
        others = [size for size in wanted[1:] if size != -1]
        if rest is not None and len(wanted) == 2 and wanted[1] == -1:
            shape = (None, rest)
        elif rest is not None and None not in others and wanted[0] == -1:
            asked = product(tuple(wanted[1:]))
            shape = (None, *wanted[1:]) if asked == rest else None
    kind = "Flatten" if len(wanted) == 2 and value.shape and len(value.shape) > 2 else "Identity"
    moved = stepped(value, kind, {"sizes": tuple(wanted)}, line) if value.steps else value
    lost = value.lost
    if value.shape is not None and shape is None:
        lost = lost or f"line {line}: the size after view can't be told, or does not fit"
    return replace(value, shape=shape, steps=moved.steps, unit=None, lost=lost, weight=None)


def _permuted(value: Tensor, name: str, args: list[Value]) -> Tensor:
    order = args[0].items if len(args) == 1 and isinstance(args[0], Items) else args
    at = [whole(place) for place in order]
    shape: Shape | None = None
    if value.shape is not None and None not in at:
        places = [place for place in at if place is not None]
        if name == "permute" and sorted(places) == list(range(len(value.shape))):
            shape = tuple(value.shape[place] for place in places)
        elif len(places) == 2:
            sizes = list(value.shape)
            sizes[places[0]], sizes[places[1]] = sizes[places[1]], sizes[places[0]]
            shape = tuple(sizes)
    return replace(value, shape=shape, lost=value.lost, unit=None, target=None, weight=None)


def _squeezed(value: Tensor, name: str, args: list[Value]) -> Tensor:
    at = whole(args[0]) if args else None
    shape: Shape | None = None
    if value.shape is not None:
        sizes = list(value.shape)
        if name == "unsqueeze" and at is not None:
            sizes.insert(at if at >= 0 else len(sizes) + 1 + at, 1)
        elif name == "squeeze":
            only = None if at is None else at % max(1, len(sizes))
            sizes = [size for place, size in enumerate(sizes) if size != 1 or (only is not None and place != only)]
        shape = tuple(sizes)
    return replace(value, shape=shape, unit=None, weight=None)


def _item(value: Tensor) -> Value:
    if value.role == "loss":
        return Unknown("a loss", value.unit or Unit("loss", only(value.origins)), origins=value.origins)
    return Unknown("", value.unit, origins=value.origins)


def _predicted(value: Tensor, name: str, given: Arguments) -> Value:
    along = given.get("dim", 1) or given.get("axis", 1)
    if name in {"max", "min"} and along is None:
        return reduced(value, name)
    predictions = Tensor(None, (), "predictions", value.model, origins=value.origins)
    if name in {"max", "topk", "min"}:
        return Items([Tensor(None, value.steps, "scores", value.model, origins=value.origins), predictions], "tuple")
    return predictions


def reduced(value: Tensor, name: str) -> Value:
    """A sum, mean or other statistic of all elements."""
    of = only(value.origins)
    if value.role == "matches":
        unit = Unit("hits" if name == "sum" else "share", of)
        return Tensor((), (), "hits", value.model, unit, origins=value.origins)
    if value.role == "loss":
        what = "loss" if name == "mean" else "summed-loss"
        return Tensor((), value.steps, "loss", value.model, Unit(what, of), value.target, origins=value.origins)
    if value.role == "images" and name in _STATISTICS:
        return Tensor((), (), "statistic", origins=value.origins)
    return Tensor((), value.steps, value.role, value.model, lost=_lost(value, name), origins=value.origins)


def _label_method(
    host: Host, value: PerDigit, name: str, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    match name:
        case "size" | "numel" | "__len__":
            return _count_of(value) if args or name != "size" else Items([_count_of(value)], "tuple")
        case "apply_" | "map_" | "map":
            mapped = labels_mapped(host, args[0], value, node)
            value.values = mapped.values if isinstance(mapped, PerDigit) and name == "apply_" else value.values
            return mapped
        case "item":
            return PerDigit(list(value.values), scalar=True, origins=value.origins)
        case "eq":
            return matches(value, args[0]) if args and isinstance(args[0], Tensor) else _elementwise(host, value, args)
        case "sum" | "mean" | "max" | "min" | "unique":
            return Unknown("", origins=value.origins)
        case _ if name in _LABEL_SHAPES or name in _SAME:
            copied = name in {"clone", "copy", "astype", "long", "tolist", "int"}
            return PerDigit(list(value.values), value.scalar, value.one_hot, origins=value.origins) if copied else value
    return Unknown("", origins=value.origins)


def _elementwise(host: Host, value: PerDigit, args: list[Value]) -> Value:
    return compare(host, ast.Eq(), value, args[0] if args else Unknown(""))


def labels_mapped(host: Host, function: Value, labels: PerDigit, node: ast.AST) -> Value:
    """Labels after a function is applied to each."""
    values = [host.call(function, [item], {}, node) for item in labels.values]
    return PerDigit(values, labels.scalar, origins=labels.origins)


def tensor_item(value: Tensor | PerDigit, key: Value) -> Value:
    """An item, a row or a selection of a tensor or of labels."""
    if isinstance(value, PerDigit):
        if isinstance(key, PerDigit):
            return PerDigit(_masked(value, key), value.scalar, value.one_hot, origins=value.origins)
        if isinstance(key, Items) and key.kind == "tuple":
            return value
        scalar = not (isinstance(key, Items | Tensor) or (isinstance(key, Known) and key.value is Ellipsis))
        return PerDigit(list(value.values), scalar or value.scalar, value.one_hot, origins=value.origins)
    keys = key.items if isinstance(key, Items) and key.kind == "tuple" else [key]
    if any(plain(each, 0) is None or plain(each, 0) is Ellipsis for each in keys):
        return _with_channel(value, keys)
    if isinstance(key, Items) and key.kind == "slice":
        rest = value.shape[1:] if value.shape else None
        shape = (None, *rest) if rest is not None else None
    elif (isinstance(key, Unknown) and key.why != "an index") or (isinstance(key, Items) and key.kind == "list"):
        shape = (None, *value.shape[1:]) if value.shape else None
    elif whole(key) is not None or isinstance(key, Unknown):
        shape = value.shape[1:] if value.shape else None
    else:
        shape = None
    lost = value.lost or ("an item of a tensor is not followed" if value.steps and value.role == "activations" else "")
    return replace(value, shape=shape, lost=lost, unit=None, target=None, weight=None)


def _masked(value: PerDigit, mask: PerDigit) -> list[Value]:
    """Labels where a mask is true; of a digit that it leaves out there is none. Places are no mask."""
    chosen = [plain(each) for each in mask.values]
    if not any(isinstance(each, bool) for each in chosen):
        return list(value.values)
    return [
        kept if each is True else Known(None) if each is False else Unknown("")
        for kept, each in zip(value.values, chosen, strict=True)
    ]


def _with_channel(value: Tensor, keys: list[Value]) -> Tensor:
    """``x[:, None]``, ``x[..., np.newaxis]``."""
    if value.shape is None:
        return value
    at = next((place for place, each in enumerate(keys) if plain(each, 0) is None), len(keys))
    sizes = list(value.shape)
    before = any(plain(each, 0) is Ellipsis for each in keys[:at])
    sizes.insert(len(sizes) if before else at, 1)
    return Tensor(tuple(sizes), value.steps, value.role, value.model, lost=value.lost, origins=value.origins)
