"""What ``torch`` and ``numpy`` make out of numbers, lists and labels."""

import math
from dataclasses import replace
from types import MappingProxyType

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.containers import container_item
from reportgen.code.host import Host, origins_of, plain, whole
from reportgen.code.knowledge.tensors import labels_mapped, reduced
from reportgen.code.operations import comparable, matches, truth
from reportgen.code.shapes import concatenated
from reportgen.code.trace import MadeInForward
from reportgen.code.values import (
    DIGITS,
    Context,
    Items,
    Known,
    Library,
    Native,
    PerDigit,
    Shape,
    Tensor,
    Unknown,
    Value,
)

_MAKERS = ("zeros", "ones", "rand", "randn", "empty", "full", "normal")


@registry.library(*(f"torch.{name}" for name in _MAKERS), "torch.random.randn")
def _made(host: Host, given: Arguments) -> Value:
    sizes = given.get("size") or (given.args[0] if len(given.args) == 1 else None)
    if isinstance(sizes, Items):
        wanted = [whole(size) for size in sizes.items]
    else:
        wanted = [whole(size) for size in ([sizes] if sizes is not None else given.args)]
    shape: Shape = tuple(wanted)
    device = given.kwargs.get("device")
    name = given.path.rpartition(".")[2]
    if len(shape) == 1 and not host.applying and name in {"zeros", "ones", "empty", "full"}:
        labels = _as_labels(sizes if sizes is not None else given.args[0], name, given)
        if labels is not None:
            return labels
    inside = device is None and bool(host.applying) and host.applying[0].device != "cpu" and not _dummy(shape)
    return Tensor(shape, (), "made", device="cpu" if inside else "")


def _as_labels(size: Value, name: str, given: Arguments) -> Value | None:
    """A short vector as a list; one as long as the labels as labels."""
    fill = given.get("fill_value", 1) if name == "full" else Known({"zeros": 0, "ones": 1}.get(name))
    size = size.items[0] if isinstance(size, Items) and size.items else size
    count = whole(size)
    if count is not None and 0 < count <= 64:
        return Items([fill or Unknown("")] * count)
    if isinstance(size, Unknown) and size.why == "the number of labels":
        return PerDigit([fill or Unknown("")] * DIGITS, origins=size.origins)
    return None


def _dummy(shape: Shape) -> bool:
    """Tell whether a tensor is a stand-in for an image, that only measures sizes."""
    return len(shape) > 2


@registry.library(
    *(f"{library}.{name}_like" for library in ("torch", "numpy") for name in ("zeros", "ones", "empty", "full")),
    *("torch.rand_like", "torch.randn_like"),
)
def _like(host: Host, given: Arguments) -> Value:
    value = given.first()
    if isinstance(value, PerDigit):
        fill = (
            given.get("fill_value", 1) if "full" in given.path else Known(0) if "zeros" in given.path else Unknown("")
        )
        return PerDigit([fill or Unknown("")] * len(value.values), value.scalar, origins=value.origins)
    return Tensor(value.shape if isinstance(value, Tensor) else None, (), "made", origins=value.origins)


@registry.library(
    *("torch.tensor", "torch.as_tensor", "torch.from_numpy", "torch.LongTensor", "torch.FloatTensor", "torch.Tensor"),
    *("numpy.array", "numpy.asarray", "numpy.copy", "torch.clone", "numpy.ascontiguousarray", "torch.asarray"),
)
def _array(host: Host, given: Arguments) -> Value:
    value = given.first()
    if isinstance(value, PerDigit | Tensor):
        return (
            PerDigit(list(value.values), value.scalar, value.one_hot, origins=value.origins)
            if isinstance(value, PerDigit)
            else value
        )
    if isinstance(value, Items) and (value.many or value.by_digit):
        items, _ = host.elements(value, given.node)
        if items and isinstance(items[0], PerDigit):
            return PerDigit(list(items[0].values), origins=items[0].origins | value.origins)
        if items and isinstance(items[0], Tensor):
            return items[0]
    return value


@registry.library(
    "torch.stack",
    "torch.cat",
    "torch.concat",
    "torch.concatenate",
    "torch.vstack",
    "numpy.concatenate",
    "numpy.stack",
    "numpy.vstack",
    "numpy.hstack",
)
def _stacked(host: Host, given: Arguments) -> Value:
    items, _ = host.elements(given.first(), given.node)
    found = [item for item in items if isinstance(item, Tensor | PerDigit)]
    if not found:
        return Unknown("", origins=origins_of(*items))
    first = found[0]
    if isinstance(first, PerDigit):
        return PerDigit(list(first.values), origins=origins_of(*found))
    if host.applying and any(
        isinstance(item, Tensor) and item.role == "made" and item.device == "cpu" for item in found
    ):
        host.emit(MadeInForward, given.node, model=host.applying[0], text=given.path)
    joins = len(found) > 1 and any(isinstance(item, Tensor) and item.steps for item in found)
    lost = "two ways through the network join" if joins else first.lost
    tensors = [item for item in found if isinstance(item, Tensor)]
    longest = max(tensors, key=lambda one: len(one.steps))
    along = plain(given.get("dim", 1) or given.get("axis", 1), 0 if len(given.args) < 2 else None)
    shape = None
    if given.path.endswith((".cat", ".concat", ".concatenate")) and len(found) == len(items) and isinstance(along, int):
        shape = concatenated([one.shape for one in tensors], along)
    passed = tuple(dict.fromkeys(layer for one in tensors for layer in one.passed))
    return replace(longest, shape=shape, lost=lost, unit=None, weight=None, passed=passed, origins=origins_of(*found))


@registry.library(
    "torch.max", "torch.argmax", "torch.topk", "torch.min", "numpy.argmax", "keras.ops.argmax", "tensorflow.argmax"
)
def _arg_max(host: Host, given: Arguments) -> Value:
    return _as_method(host, given)


@registry.library(
    "torch.sum", "torch.mean", "numpy.sum", "numpy.mean", "torch.std", "numpy.std", "torch.var", "numpy.average"
)
def _reduce(host: Host, given: Arguments) -> Value:
    value, name = given.first(), given.path.rpartition(".")[2]
    if isinstance(value, Tensor) and given.get("dim", 1) is None and given.get("axis", 1) is None:
        return reduced(value, name)
    if isinstance(value, Items) and name == "mean":
        units = {item.unit for item in value.items if isinstance(item, Known | Unknown) and item.unit}
        return Unknown("", units.pop() if len(units) == 1 else None, origins=origins_of(value, *value.items[:50]))
    return _as_method(host, given) if isinstance(value, Tensor) else Unknown("", origins=origins_of(*given.all))


@registry.library("torch.eq", "numpy.equal", "torch.ne")
def _equal(host: Host, given: Arguments) -> Value:
    return matches(given.args[0], given.args[1]) if len(given.args) > 1 else Unknown("")


@registry.library(
    *("torch.reshape", "torch.unsqueeze", "torch.squeeze", "torch.permute", "numpy.expand_dims", "numpy.squeeze"),
    *("torch.exp", "numpy.reshape", "torch.numel", "torch.transpose", "torch.round"),
)
def _same_as_method(host: Host, given: Arguments) -> Value:
    return _as_method(host, given, {"expand_dims": "unsqueeze"})


def _as_method(host: Host, given: Arguments, names: dict[str, str] | None = None) -> Value:
    """A function of a library that is a method of tensors, too."""
    value, name = given.first(), given.path.rpartition(".")[2]
    if not isinstance(value, Tensor | PerDigit):
        return Unknown("", origins=origins_of(*given.all))
    kwargs = {"dim" if key == "axis" else key: item for key, item in given.kwargs.items() if item is not value}
    method = host.attribute(value, (names or {}).get(name, name), given.node)
    rest = given.args[1:] if given.args else []
    if name == "expand_dims" and "dim" in kwargs:
        rest, kwargs = [kwargs["dim"]], {}
    return host.call(method, rest, kwargs, given.node)


@registry.library("torch.where", "numpy.where")
def _where(host: Host, given: Arguments) -> Value:
    if len(given.args) < 3:
        return given.first()
    condition, one, other = given.args[:3]
    if not isinstance(condition, PerDigit):
        return Unknown("", origins=origins_of(*given.args))
    values: list[Value] = []
    for digit, test in enumerate(condition.values):
        known = truth(host, test)
        chosen = one if known else other
        inner = chosen.values[digit] if isinstance(chosen, PerDigit) else chosen
        values.append(Unknown("") if known is None else inner)
    return PerDigit(values, condition.scalar, origins=origins_of(*given.args))


@registry.library("numpy.select")
def _select(host: Host, given: Arguments) -> Value:
    conditions, choices = (host.elements(argument, given.node)[0] for argument in given.args[:2])
    default = given.get("default", 2) or Known(0)
    if not conditions or not all(isinstance(condition, PerDigit) for condition in conditions):
        return Unknown("", origins=origins_of(*given.args))
    values: list[Value] = []
    for digit in range(DIGITS):
        pairs = zip(conditions, choices, strict=False)
        chosen = (c for test, c in pairs if isinstance(test, PerDigit) and truth(host, test.values[digit]))
        value = next(chosen, default)
        values.append(value.values[digit] if isinstance(value, PerDigit) else value)
    return PerDigit(values, origins=origins_of(*conditions))


@registry.library("numpy.take", "tensorflow.gather", "torch.take", "torch.index_select")
def _gathered(host: Host, given: Arguments) -> Value:
    table, keys = (*given.args, Unknown(""), Unknown(""))[:2]
    if isinstance(keys, PerDigit):
        return PerDigit([container_item(table, key) for key in keys.values], keys.scalar, origins=keys.origins)
    return Unknown("", origins=origins_of(*given.all))


@registry.library(
    "tensorflow.cast", "tensorflow.constant", "tensorflow.convert_to_tensor", "tensorflow.identity", "keras.ops.cast"
)
def _as_it_is(host: Host, given: Arguments) -> Value:
    return given.first()


@registry.library("numpy.isin", "torch.isin", "numpy.in1d")
def _is_in(host: Host, given: Arguments) -> Value:
    labels, among = given.args[0], comparable(given.args[1]) if len(given.args) > 1 else None
    if not isinstance(labels, PerDigit) or among is None or not isinstance(among[0], list | tuple):
        return Unknown("", origins=origins_of(*given.args))
    wanted = among[0]
    values: list[Value] = [Known(plain(item, object()) in wanted) for item in labels.values]
    return PerDigit(values, labels.scalar, origins=labels.origins)


@registry.library("torch.logical_or", "numpy.logical_or", "torch.logical_and", "numpy.logical_and")
def _logical(host: Host, given: Arguments) -> Value:
    one, other = (*given.args, Unknown(""), Unknown(""))[:2]
    if not (isinstance(one, PerDigit) and isinstance(other, PerDigit)):
        return Unknown("", origins=origins_of(*given.args))
    combine = any if given.path.endswith("or") else all
    pairs = zip(one.values, other.values, strict=True)
    return PerDigit(
        [Known(combine(bool(plain(item)) for item in pair)) for pair in pairs], one.scalar, origins=one.origins
    )


@registry.library("numpy.vectorize", "numpy.frompyfunc", "torch.vmap")
def _vectorized(host: Host, given: Arguments) -> Value:
    function = given.first()

    def call(args: list[Value], kwargs: dict[str, Value], node: object) -> Value:
        if args and isinstance(args[0], PerDigit):
            return labels_mapped(host, function, args[0], given.node)
        return host.call(function, args, kwargs, given.node)

    return Native("vectorized", call)


@registry.library("numpy.add.at")
def _added_at(host: Host, given: Arguments) -> Value:
    target, keys = (*given.args, Unknown(""), Unknown(""))[:2]
    if isinstance(target, Tensor):
        target.origins |= origins_of(keys, *host.elements(keys, given.node)[0])
        target.role = "confusion"
    return Known(None)


@registry.library("torch.bincount", "numpy.bincount")
def _counted(host: Host, given: Arguments) -> Value:
    return Tensor(None, (), "confusion", origins=origins_of(*given.args))


@registry.library("numpy.trace", "torch.trace", "torch.diag", "numpy.diag")
def _traced(host: Host, given: Arguments) -> Value:
    value = given.first()
    if isinstance(value, Tensor):
        return host.call(host.attribute(value, given.path.rpartition(".")[2], given.node), [], {}, given.node)
    return Unknown("", origins=value.origins)


@registry.library("torch.autograd.Variable")
def _variable(host: Host, given: Arguments) -> Value:
    return given.first()


@registry.library("numpy.arange", "torch.arange", "numpy.linspace")
def _arange(host: Host, given: Arguments) -> Value:
    bounds = [whole(argument) for argument in given.args[:3]]
    if given.path.endswith("arange") and bounds and None not in bounds:
        known = [bound for bound in bounds if bound is not None]
        if len(known) < 3 or known[2] != 0:
            numbers = range(*known)
            return Items([Known(number) for number in numbers[:1000]], "list", many=len(numbers) > 1000)
    return Unknown("")


@registry.library("numpy.prod", "math.prod", "torch.prod")
def _product(host: Host, given: Arguments) -> Value:
    known = [whole(item) for item in host.elements(given.first(), given.node)[0]]
    return Known(math.prod(size for size in known if size is not None)) if None not in known else Unknown("")


_MATH = MappingProxyType(
    {
        "floor": math.floor,
        "ceil": math.ceil,
        "sqrt": math.sqrt,
        "log": math.log,
        "exp": math.exp,
        "log2": math.log2,
        "fabs": math.fabs,
    }
)


@registry.library(*(f"math.{name}" for name in _MATH), *(f"numpy.{name}" for name in ("floor", "ceil", "sqrt", "log")))
def _math(host: Host, given: Arguments) -> Value:
    value = plain(given.first())
    if isinstance(value, int | float):
        try:
            return Known(_MATH[given.path.rpartition(".")[2]](value))
        except (ValueError, OverflowError):
            pass
    return Unknown("", origins=origins_of(*given.all))


@registry.library("numpy.zeros", "numpy.ones", "numpy.empty", "numpy.full")
def _numpy_made(host: Host, given: Arguments) -> Value:
    sizes = given.get("shape", 0) or Unknown("")
    labels = _as_labels(sizes, given.path.rpartition(".")[2], given)
    square = isinstance(sizes, Items) and len(sizes.items) > 1
    return labels if labels is not None and not square else Tensor(None, (), "made")


@registry.library("torch.no_grad", "torch.inference_mode", "torch.set_grad_enabled", "torch.autograd.no_grad")
def _no_grad(host: Host, given: Arguments) -> Value:
    quiet = not given.path.endswith("set_grad_enabled") or plain(given.first()) is False
    return Context("no_grad" if quiet else "")


@registry.library("torch.is_grad_enabled")
def _has_gradients(host: Host, given: Arguments) -> Value:
    return Known(not host.without_gradients)


@registry.library("torch.log", "numpy.log1p")
def _log(host: Host, given: Arguments) -> Value:
    value = given.first()
    if isinstance(value, Tensor):
        return host.call(host.attribute(value, "log", given.node), [], {}, given.node)
    return Unknown("", origins=value.origins)


@registry.library("torch.device", "torch.manual_seed", "torch.cuda.is_available", "torch.backends.mps.is_available")
def _device(host: Host, given: Arguments) -> Value:
    return Library("torch.device") if given.path == "torch.device" else Unknown("")


@registry.library("torch.nn.functional.one_hot", "keras.utils.to_categorical", "numpy.eye", "torch.eye")
def _one_hot(host: Host, given: Arguments) -> Value:
    value = given.first()
    if isinstance(value, PerDigit):
        return PerDigit(list(value.values), value.scalar, one_hot=True, origins=value.origins)
    return Library("one-hot rows") if given.path.endswith("eye") else Unknown("", origins=value.origins)
