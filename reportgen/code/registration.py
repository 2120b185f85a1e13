"""The tree of modules as Python would build it: what is registered, tensor by tensor, and what is not.

In ``torch`` an attribute is registered where it is a module or a parameter; lists and dictionaries of such are not, but
as ``ModuleList`` and its kin. Keras also tracks lists and dictionaries.
"""

import re
from collections.abc import Iterator

from reportgen.code.values import Instance, Items, Layer, Parameters, Table, Tensor, Unknown, Value, Weight

HELD = "*base"
"""Where an instance keeps the data set or the layer of a library that its class derives from."""
_MANY_PARTS = 3000
"""Parts of one network that are looked at."""

_BARE = (
    *("einops.layers.torch.Rearrange", "einops.layers.torch.Reduce", "torchmetrics.classification."),
    *(f"torchmetrics.{name}" for name in ("Accuracy", "F1Score", "Precision", "Recall", "ConfusionMatrix", "AUROC")),
    *("torchmetrics.MeanMetric", "torchmetrics.MaxMetric", "torchmetrics.MetricCollection"),
)
"""Modules of other libraries without tensors that are trained, by the beginnings of their names."""

Module = Instance | Layer


def is_module(value: object) -> bool:
    """Tell whether a value is a layer or a network."""
    return isinstance(value, Layer) or (isinstance(value, Instance) and value.is_module)


def is_keras(model: Module) -> bool:
    """Tell whether a network or layer is one of Keras."""
    if isinstance(model, Layer):
        return bool(model.keras) or model.type.startswith("keras.")
    return any(path.startswith(("keras.", "tensorflow.")) for path in model.cls.library_bases())


def parts(module: Module) -> Iterator[tuple[str, Value]]:
    """What is registered on a module itself: modules, parameters and buffers by name; `Unknown` for what may be one."""
    if isinstance(module, Layer):
        names = module.names if len(module.names) == len(module.children) else map(str, range(len(module.children)))
        every = zip(names, module.children, strict=True)
        yield from ((name, value) for name, value in every if not _is_bare(value))
        return
    for name, value in module.attributes.items():
        if _is_bare(value):
            continue
        if name == HELD and isinstance(value, Layer):
            yield from parts(value)
            yield from own_tensors(value)
        elif (
            is_module(value)
            or (isinstance(value, Tensor) and value.weight is not None)
            or (isinstance(value, Unknown) and (value.layer or _is_called(module, name)))
        ):
            yield name, value
        elif is_keras(module) and isinstance(value, Items | Table):
            yield from ((f"{name}.{at}", inner) for at, inner in enumerate(_inside(value)))


def _is_bare(value: Value) -> bool:
    """Tell whether a value is a module of another library that has no tensors to train."""
    return isinstance(value, Unknown) and value.why.startswith(_BARE)


def own_tensors(layer: Layer) -> Iterator[tuple[str, Value]]:
    """The tensors of a layer itself, as values."""
    for name, weight in (layer.weights or {}).items():
        yield name, Tensor(weight.shape, (), "weights", weight=weight)


def _inside(value: Items | Table) -> list[Value]:
    found: list[Value] = []
    for item in value.items if isinstance(value, Items) else value.entries.values():
        found += _inside(item) if isinstance(item, Items | Table) else [item] if is_module(item) else []
    return found


def _is_called(module: Instance, name: str) -> bool:
    """Tell whether the class uses an attribute as it would use a layer."""
    return re.search(rf"self\.{re.escape(name)}\s*\(|\bin self\.{re.escape(name)}\b", module.cls.text()) is not None


def walk(module: Module, prefix: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Value]]:
    """A module and all that is registered below it, each once, with its full name."""
    seen = set() if seen is None else seen
    if id(module) in seen:
        return
    if len(seen) > _MANY_PARTS:
        yield prefix, Unknown(f"there are more than {_MANY_PARTS:,} parts")
        return
    seen.add(id(module))
    yield prefix, module
    for name, value in parts(module):
        full = f"{prefix}.{name}" if prefix else name
        if isinstance(value, Layer | Instance):
            yield from walk(value, full, seen)
        else:
            yield full, value


def named_weights(module: Module) -> Iterator[tuple[str, Weight, Module]]:
    """The tensors of a network by name, each once, with the module that has it."""
    seen: set[int] = set()
    owner = module
    for name, value in walk(module):
        found: list[tuple[str, Weight]] = []
        if isinstance(value, Layer | Instance):
            owner = value
            if isinstance(value, Layer):
                found = list((value.weights or {}).items())
        elif isinstance(value, Tensor) and value.weight is not None:
            found = [("", value.weight)]
        for inner, weight in found:
            if id(weight) not in seen:
                seen.add(id(weight))
                yield ".".join(filter(None, (name, inner))), weight, owner


def why_lost(module: Module) -> str:
    """Why the tree of a network can't be told; empty where it can."""
    for name, value in walk(module):
        if isinstance(value, Layer | Instance) and value.lost:
            return value.lost
        if isinstance(value, Unknown):
            return f"{name} can't be told: {value.why or 'it is not followed'}"
        if not isinstance(value, Layer | Instance | Tensor):
            return f"{name} is no layer that is followed"
    return ""


def unregistered(module: Module) -> Iterator[Layer]:
    """Layers with tensors that a network keeps in a list or dictionary, where torch does not find them."""
    inside = {id(value) for _, value in walk(module)}
    for _, value in list(walk(module)):
        if isinstance(value, Instance) and value.is_module and not is_keras(value):
            for held in value.attributes.values():
                for layer in _inside(held) if isinstance(held, Items | Table) else ():
                    for _, inner in walk(layer) if isinstance(layer, Layer | Instance) else ():
                        if isinstance(inner, Layer) and inner.weights and id(inner) not in inside:
                            inside.add(id(inner))
                            yield inner


def copied(value: Value, memo: dict[int, Value] | None = None) -> Value:
    """A deep copy of a module, its tensors too; other values as they are."""
    memo = {} if memo is None else memo
    if id(value) in memo:
        return memo[id(value)]

    def again(weight: Weight) -> Weight:
        made = memo.setdefault(id(weight), Weight(weight.shape, weight.trainable, weight.buffer, weight.steps_only))
        assert isinstance(made, Weight)
        return made

    match value:
        case Layer():
            layer = Layer(value.type, dict(value.settings), value.line, names=list(value.names), keras=value.keras)
            memo[id(value)] = layer
            layer.lost, layer.training, layer.device = value.lost, value.training, value.device
            layer.children = [copied(child, memo) for child in value.children]
            own = value.weights
            layer.weights = None if own is None else {name: again(weight) for name, weight in own.items()}
            return layer
        case Instance():
            made = Instance(value.cls, training=value.training, device=value.device, line=value.line, lost=value.lost)
            memo[id(value)] = made
            made.attributes = {name: copied(inner, memo) for name, inner in value.attributes.items()}
            return made
        case Items():
            items = Items([copied(item, memo) for item in value.items], value.kind, value.many, value.literal)
            items.times, items.start, items.stride, items.over = value.times, value.start, value.stride, value.over
            items.by_digit, items.origins = value.by_digit, value.origins
            memo[id(value)] = items
            return items
        case Table():
            return Table({key: copied(item, memo) for key, item in value.entries.items()}, value.default)
        case Tensor() if value.weight is not None:
            return Tensor(value.shape, (), value.role, weight=again(value.weight))
        case Parameters():
            return Parameters(copied(value.model, memo), again(value.weight) if value.weight else None, value.name)
    return value
