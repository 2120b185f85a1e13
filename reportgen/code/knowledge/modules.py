"""The layers of ``torch.nn``: how they are made, what they do to a tensor, their methods."""

import ast
import re
from dataclasses import replace
from math import prod

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, origins_of, plain, slice_of, whole
from reportgen.code.knowledge.functional import STEPS, stepped
from reportgen.code.knowledge.weights import BUFFERS, LAZY, NotKnown, signature, tensors
from reportgen.code.registration import HELD, copied, is_keras, is_module, named_weights, parts, walk, why_lost
from reportgen.code.trace import Altered, Counted, Network
from reportgen.code.values import (
    Instance,
    Items,
    Known,
    Layer,
    Library,
    Native,
    Parameters,
    State,
    Step,
    Table,
    Tensor,
    Unknown,
    Value,
    Weight,
)

_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"})
_MANY_PARTS = 3000
"""Parts of one network that are looked at."""
_INNER = (("linear|out_proj", "Linear"), ("norm", "LayerNorm"), (".*_attn", "MultiheadAttention"))
"""Layers inside of others, by the beginnings of their names."""
_READING = ("torch.nn.init.", "torch.nn.utils.clip_grad", "torch.nn.utils.rnn.", "torch.nn.utils.parameters_to")
_HOOKS = re.compile(r"register_\w*hook")
_CHANGING = frozenset(
    ["__setattr__", "__delattr__", "__setitem__", "__delitem__", "__setstate__", "set_submodule", "_apply"]
)
"""Methods of a module that change what it consists of, and are not followed further."""
_CRITERIA = frozenset(
    [
        "CrossEntropyLoss",
        "NLLLoss",
        "MSELoss",
        "BCELoss",
        "BCEWithLogitsLoss",
        "L1Loss",
        "MultiMarginLoss",
        "KLDivLoss",
        "SmoothL1Loss",
        "HuberLoss",
    ]
)


@registry.library("torch.nn.")
def make_layer(host: Host, given: Arguments) -> Value:
    """Make a layer, a container or a loss."""
    name = given.path.rpartition(".")[2]
    if name in _CRITERIA:
        return registry.call("criterion", host, given)
    if name in _CONTAINERS:
        return _make_container(host, name, given)
    if name in {"Parameter", "parameter.Parameter", "Buffer"}:
        return _parameter(given, buffer=name == "Buffer")
    if name == "DataParallel" or given.path.endswith("DistributedDataParallel"):
        return given.first()
    if name in {"TransformerEncoder", "TransformerDecoder"}:
        return _stack(host, name, given)
    if name[:1].islower():
        for value in given.all:
            if isinstance(value, Layer | Instance) and is_module(value) and not given.path.startswith(_READING):
                host.lose_module(value, given.node, f"{given.path} may change it, and is not followed")
        return given.first() if is_module(given.first()) else Unknown(given.path, origins=origins_of(*given.all))
    names = signature(name)
    settings: dict[str, Value] = dict(zip(names or (), given.args, strict=False)) | given.kwargs
    unsure = [key for key in ("*", "**") if key in settings]
    if unsure:
        settings = {**dict.fromkeys(names or (), Unknown("")), **settings}
        for key in unsure:
            settings.pop(key)
    layer = Layer(name, settings, given.line)
    if names is not None and len(given.args) > len(names):
        layer.lost = f"line {given.line}: nn.{name} takes fewer arguments"
    fill_weights(layer)
    if names is None:
        host.lose(given.node, f"nn.{name} is not followed")
    return layer


def fill_weights(layer: Layer, **learned: int) -> None:
    """Make the tensors of a layer of torch; ``learned`` is what a lazy one takes from its first input."""
    settings = {key: plain(value, "?") for key, value in layer.settings.items()} | learned
    if layer.type in LAZY and LAZY[layer.type] not in settings:
        layer.weights = None
        return
    try:
        shapes = tensors(layer.type, settings)
    except NotKnown:
        layer.weights = None
        return
    if not layer.weights and not layer.children:
        _nest(layer, shapes)


def _nest(layer: Layer, shapes: dict[str, tuple[int, ...]]) -> None:
    """Give a layer its tensors; those with a dotted name belong to layers inside of it."""
    layer.weights = {name: _weight(name, shape) for name, shape in shapes.items() if "." not in name}
    for inner in dict.fromkeys(name.partition(".")[0] for name in shapes if "." in name):
        kind = next((kind for ends, kind in _INNER if re.match(ends, inner)), "Module")
        own = {name.removeprefix(f"{inner}."): shape for name, shape in shapes.items() if name.startswith(f"{inner}.")}
        layer.children.append(child := Layer(kind, {}, layer.line))
        layer.names.append(inner)
        _nest(child, own)


def _weight(name: str, shape: tuple[int, ...]) -> Weight:
    buffer = name in BUFFERS
    return Weight(shape, not buffer, buffer, name == "num_batches_tracked")


def _parameter(given: Arguments, *, buffer: bool = False) -> Value:
    shape = sizes_of(given.first())
    needs = given.value("requires_grad", 1, True)
    weight = Weight(shape, not buffer and needs if isinstance(needs, bool) else None, buffer)
    return Tensor(shape, (), "weights", weight=weight)


def sizes_of(value: Value) -> tuple[int, ...] | None:
    """The sizes of a tensor, a list of numbers or a number, where all are known."""
    if isinstance(value, Known) and isinstance(value.value, int | float):
        return ()
    if isinstance(value, Items) and not value.many:
        inner = sizes_of(value.items[0]) if value.items else ()
        return None if inner is None else (len(value.items), *inner)
    shape = value.shape if isinstance(value, Tensor) else None
    known = tuple(size for size in shape or () if size is not None)
    return None if shape is None or len(known) != len(shape) else known


def _stack(host: Host, name: str, given: Arguments) -> Layer:
    """Copies of one layer on each other, and a norm."""
    inner, times, norm = (
        given.get(key, at) for at, key in enumerate((f"{name[11:].lower()}_layer", "num_layers", "norm"))
    )
    count, children = whole(times), []
    copies = Layer("ModuleList", {}, given.line, [copied(inner) for _ in range(count or 0)] if inner else [])
    children = [copies, *([norm] if norm is not None and is_module(norm) else [])]
    layer = Layer(name, {}, given.line, list(children), ["layers", "norm"][: len(children)])
    if inner is None or count is None:
        layer.lost = f"line {given.line}: the layers of nn.{name} can't be told"
    return layer


def _make_container(host: Host, name: str, given: Arguments) -> Layer:
    children: list[Value] = []
    names: list[str] = []
    lost = "its layers can't be told" if {"*", "**"} & set(given.kwargs) else ""
    for argument in given.args:
        if isinstance(argument, Table):
            children += argument.entries.values()
            names += [key if isinstance(key, str) else f"{at}" for at, key in enumerate(argument.entries)]
            lost = lost or ("its layers can't be told" if argument.default is not None else "")
        elif isinstance(argument, Items):
            children += argument.items
            lost = lost or ("how many layers it has can't be told" if argument.many else "")
        else:
            children.append(argument)
    made = [_parameter(Arguments([child], {}, given.node)) if _is_bare(name, child) else child for child in children]
    layer = Layer(name, {}, given.line, made, names or [str(at) for at in range(len(made))])
    layer.lost = f"line {given.line}: {lost}" if lost else ""
    if name == "Sequential":
        host.enter_network(layer)
    return layer


def _is_bare(container: str, child: Value) -> bool:
    return container.startswith("Parameter") and isinstance(child, Tensor) and child.weight is None


@registry.library("collections.OrderedDict")
def _ordered(host: Host, given: Arguments) -> Value:
    first = given.args[0] if given.args else Table({})
    entries: dict[object, Value] = dict(first.entries) if isinstance(first, Table) else {}
    if isinstance(first, Items):
        pairs = [item.items for item in first.items if isinstance(item, Items) and len(item.items) == 2]
        entries = {plain(key, object()): value for key, value in pairs}
    unsure = isinstance(first, Items) and first.many
    return Table(entries | dict(given.kwargs.items()), Unknown("one of many") if unsure else None)


def apply_layer(host: Host, layer: Layer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """Apply a layer to a tensor."""
    layer.used = True
    value = args[0] if args else Unknown("")
    if layer.type in {"Sequential", "keras.Sequential", "keras.Pair"}:
        for child in layer.children:
            if not isinstance(child, Tensor):  # Keras' Input among the layers
                value = host.call(child, [value], {}, node)
        return value
    if layer.type == "keras.Model":
        return apply_functional(layer, value)
    if not isinstance(value, Tensor) and not (layer.keras and isinstance(value, Items)):
        value = Tensor(
            None, (), lost=f"line {getattr(node, 'lineno', 0)}: the input can't be followed", origins=origins_of(*args)
        )
    if "augments" in layer.settings:
        if layer.training and value.origins:
            host.emit(Altered, layer.line, name=str(plain(layer.settings["augments"])), origins=value.origins)
        return value
    if not host.applying:
        host.trace.applied.append(layer)
    if layer.keras:
        made = registry.call("apply:keras", host, Arguments([layer, value], {}, node))
        if isinstance(made, Tensor):
            return made
    if not isinstance(value, Tensor):
        return Unknown("", origins=origins_of(*args))
    if layer.type.startswith("torchvision."):
        return registry.call("apply:torchvision", host, Arguments([layer, value], {}, node))
    if layer.type in {"TransformerEncoder", "TransformerDecoder"}:
        return replace(value, lost=value.lost or f"nn.{layer.type}", weight=None)
    settings = {name: plain(setting, "?") for name, setting in layer.settings.items()}
    kind = layer.type.removeprefix("Lazy")
    if layer.type in LAZY and layer.weights is None and value.shape:
        at = -1 if kind == "Linear" else 1
        size = value.shape[at] if len(value.shape) > 1 else None
        if size is not None:
            fill_weights(layer, **{LAZY[layer.type]: size})
    if kind not in STEPS:
        host.lose(node, f"nn.{layer.type} is not followed")
        passed = (*value.passed, layer)
        lost = value.lost or f"nn.{layer.type}"
        steps = (*value.steps, Step(kind, (), layer.line, layer))
        return replace(value, shape=None, steps=steps, lost=lost, passed=passed, unit=None, target=None, weight=None)
    return stepped(value, kind, settings, layer.line, layer)


def apply_functional(layer: Layer, value: Value) -> Value:
    """Apply a model whose way from input to output is known."""
    outputs = layer.settings.get("outputs")
    before = value.passed if isinstance(value, Tensor) else ()
    ways = []
    for output in outputs.items if isinstance(outputs, Items) else [outputs]:
        if not isinstance(output, Tensor):
            return Unknown("", origins=value.origins)
        for inner in output.passed:
            if isinstance(inner, Layer):
                inner.used = True
        passed = tuple(dict.fromkeys((*before, *output.passed)))
        made = Tensor(output.shape, output.steps, "logits", lost=output.lost, origins=value.origins, passed=passed)
        ways.append(made)
    return ways[0] if len(ways) == 1 else Items(list(ways))


def modules_of(model: Value) -> list[Network]:
    """A network and all that it is made of, each once."""
    found: list[Value] = []
    seen: set[int] = set()
    todo = [model]
    while todo and len(seen) < _MANY_PARTS:
        value = todo.pop(0)
        if id(value) in seen or not isinstance(value, Layer | Instance | Items | Table):
            continue
        seen.add(id(value))
        found.append(value)
        match value:
            case Layer():
                todo += value.children
            case Instance():
                todo += value.attributes.values()
            case Items():
                todo += value.items[:100]
            case Table():
                todo += value.entries.values()
    return [value for value in found if isinstance(value, Layer | Instance)]


def share(one: Value, other: Value) -> bool:
    """Tell whether two networks have a layer in common."""
    parts = {id(part) for part in modules_of(one)}
    return any(id(part) in parts for part in modules_of(other))


def set_mode(model: Value, *, training: bool) -> None:
    """Put a network and all that it is made of into training or evaluation mode."""
    for module in modules_of(model):
        module.training = training


def set_trainable(module: Value, new: Value, *, surely: bool = True) -> None:
    """Freeze or release the parameters of a module and of all below it."""
    wanted = plain(new) if surely else None
    for _, weight, _ in named_weights(module) if isinstance(module, Layer | Instance) else ():
        if not weight.buffer:
            weight.trainable = wanted if isinstance(wanted, bool) else None


def set_module_attribute(host: Host, layer: Layer, name: str, new: Value, node: ast.AST) -> None:
    """Set an attribute of a layer."""
    if name == "trainable":
        set_trainable(layer, new, surely=not host.unsure(layer, rounds=False))
    elif name == "requires_grad":
        return  # of a module it is an attribute like any other, and freezes nothing
    elif name == "training":
        layer.training = bool(plain(new, True))
    elif layer.weights is not None and name in layer.weights:
        if isinstance(new, Tensor) and new.weight is not None:
            layer.weights[name] = new.weight
        elif isinstance(new, Known) and new.value is None:
            del layer.weights[name]
        else:
            host.lose_module(layer, node, f"its {name} is set")
    elif is_module(new) or (isinstance(new, Tensor) and new.weight is not None):
        change_children(host, layer, node, name, new)
    elif name in layer.names and isinstance(new, Known) and new.value is None:
        change_children(host, layer, node, name, None)
    elif name in layer.names:
        host.lose_module(layer, node, f"what its {name} becomes can't be told")
    else:
        layer.settings[name] = new  # its tensors are made already, whatever is said of its sizes


def change_children(host: Host, layer: Layer, node: ast.AST, key: Value | str | None, new: Value | None) -> None:
    """Set, or without ``new`` remove, one module of a container."""
    if host.unsure(layer):
        host.lose_module(layer, node, "it is changed under a condition that is not known")
        return
    name = key if isinstance(key, str) else plain(key)
    at = (
        layer.names.index(name)
        if isinstance(name, str) and name in layer.names
        else whole(key)
        if key and not isinstance(key, str)
        else None
    )
    if isinstance(name, str) and at is None and new is not None:
        layer.names.append(name)
        layer.children.append(new)
    elif new is None and not isinstance(key, str) and (cut := slice_of(key)) is not None:
        del layer.children[cut]
        del layer.names[cut]
    elif at is None or not -len(layer.children) <= at < len(layer.children) or isinstance(new, Unknown):
        host.lose_module(
            layer, node, f"a layer of it is {'set' if new is not None else 'removed'}, and which can't be told"
        )
    elif new is None:
        del layer.children[at]
        del layer.names[at]
    else:
        layer.children[at] = new
    if layer.type != "ModuleDict" and all(name.isdigit() for name in layer.names):
        layer.names[:] = [str(place) for place in range(len(layer.children))]


def module_attribute(host: Host, value: Layer | Instance, name: str, node: ast.AST, key: Value | None = None) -> Value:
    """A method or attribute of a network or layer."""
    if name == "[]":
        return _child(host, value, key, node)
    if isinstance(value, Layer):
        if name in value.names:
            return value.children[value.names.index(name)]
        if value.weights is not None and name in value.weights:
            weight = value.weights[name]
            return Tensor(weight.shape, (), "weights", weight=weight)
        if name in {"weight", "bias"} and name not in value.settings:
            return Known(None) if value.weights is not None and name == "bias" else Tensor(None, (), "weights")
        if name == "bias" and value.weights is not None:
            return Known(None)
        if name in value.settings:
            return value.settings[name]
        extra = registry.handler(f"attribute:{value.type}")
        if extra is not None:
            return extra(host, Arguments([value, Known(name)], {}, node))
        names = signature(value.type) or ()
        if name in names and value.children == []:
            return Unknown(f"the default of {name}")
    if isinstance(value, Instance) and not value.is_module:
        base = sorted(value.cls.library_bases())
        return Unknown(f"{value.cls.name}.{name}" if not base else "", origins=value.origins)
    if name == "training":
        return Known(value.training)
    if name == "__class__" and isinstance(value, Layer):
        return host.call(Library("type"), [value], {}, node)
    if name in {"_modules", "__dict__", "_parameters"}:
        host.lose_module(value, node, f"its {name} is used")
        return Unknown("")
    if is_keras(value):
        extra = registry.handler("attribute:keras.Model")
        if extra is not None:
            return extra(host, Arguments([value, Known(name)], {}, node))
    return Native(name, lambda args, kwargs, at: _method(host, value, name, args, kwargs, at))


def _child(host: Host, value: Layer | Instance, key: Value | None, node: ast.AST) -> Value:
    if isinstance(value, Instance):
        held = value.attributes.get(HELD)
        return _child(host, held, key, node) if isinstance(held, Layer) else Unknown("")
    if (cut := slice_of(key)) is not None:
        picked = range(len(value.children))[cut]
        made = Layer(value.type, {}, value.line, [value.children[at] for at in picked], lost=value.lost)
        made.names = [
            value.names[at] if not value.names[at].isdigit() else str(place) for place, at in enumerate(picked)
        ]
        if value.type == "Sequential" and not host.applying:
            host.enter_network(made)
        return made
    name, at = plain(key), whole(key)
    if isinstance(name, str) and name in value.names:
        return value.children[value.names.index(name)]
    if at is not None and -len(value.children) <= at < len(value.children):
        return value.children[at]
    return Unknown("one of the layers", layer=True, among=tuple(value.children))


def _method(
    host: Host, value: Layer | Instance, name: str, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    first = args[0] if args else next(iter(kwargs.values()), Unknown(""))
    match name:
        case "train" | "eval":
            mode = name == "train" and plain(args[0] if args else kwargs.get("mode"), True) is not False
            set_mode(value, training=bool(mode))
        case "to" | "cuda" | "cpu":
            value.device = "cpu" if name == "cpu" else "device"
        case "parameters" | "named_parameters" | "buffers" | "named_buffers":
            return _tensors(host, value, name)
        case "children" | "modules" | "named_children" | "named_modules":
            return _modules(value, name)
        case "get_submodule":
            found = dict(walk(value)).get(str(plain(first)))
            return found if found is not None else Unknown("", layer=True)
        case "state_dict":
            return State(value)
        case "load_state_dict":
            if args and isinstance(args[0], State | Table):
                registry.call("restored", host, Arguments([value, args[0]], {}, node))
        case "zero_grad":
            registry.call("gradients-reset", host, Arguments([value], {}, node))
        case "append" | "add_module" | "extend" | "insert" | "register_module" | "pop" | "update":
            return _add(host, value, name, args, kwargs, node)
        case "apply":
            for _, inner in reversed(list(walk(value))):
                if is_module(inner):
                    host.call(first, [inner], {}, node)
        case "requires_grad_":
            set_trainable(
                value, args[0] if args else kwargs.get("requires_grad", Known(True)), surely=not host.conditions
            )
        case "forward" | "__call__":
            return host.apply(value, args, kwargs, node)
        case "register_buffer" | "register_parameter":
            _register(host, value, name, args, kwargs, node)
        case "log" if len(args) > 1:
            host.logged[str(plain(args[0]))] = args[1].origins
            return Known(None)
        case "log_dict" if args and isinstance(args[0], Table):
            host.logged |= {str(key): entry.origins for key, entry in args[0].entries.items()}
            return Known(None)
        case "save_hyperparameters" | "print":
            return Known(None)
        case "keys" | "values" | "items" if isinstance(value, Layer):
            pairs = zip(value.names, value.children, strict=False)
            every: dict[str, list[Value]] = {
                "keys": [Known(each) for each in value.names],
                "values": list(value.children),
                "items": [Items([Known(key), child], "tuple") for key, child in pairs],
            }
            return Items(every[name])
        case "half" | "float" | "double" | "share_memory" | "train_mode" | "bfloat16" | "type" | "compile":
            return value
        case "__init__":
            return Known(None)
        case "__setitem__" | "__delitem__" if isinstance(value, Layer) and args:
            change_children(host, value, node, args[0], args[1] if len(args) > 1 else None)
        case "__setattr__" if isinstance(plain(first), str) and len(args) > 1:
            host.set_attribute(value, plain(first), args[1], node)
        case "__delattr__" if isinstance(plain(first), str):
            host.delete_attribute(value, plain(first), node)
        case _ if _HOOKS.fullmatch(name):
            host.give_away(value, node, f"{name} is not followed")
        case _ if name in _CHANGING:
            host.lose_module(value, node, f"{name} is not followed")
        case _:
            return Unknown("", origins=origins_of(*args))
    return value


def _modules(value: Layer | Instance, name: str) -> Value:
    if name.endswith("children"):
        found = [(key, item) for key, item in parts(value) if is_module(item)]
    else:
        found = [(key, item) for key, item in walk(value) if is_module(item)]
    lost = bool(why_lost(value))
    if name.startswith("named"):
        return Items([Items([Known(key), item], "tuple") for key, item in found], many=lost and len(found) == 1)
    return Items([item for _, item in found])


def _tensors(host: Host, value: Layer | Instance, name: str) -> Value:
    """The parameters of a network one by one; where its layers can't be told, one that stands for all."""
    buffers = name.endswith("buffers")
    unsure = why_lost(value) or any(isinstance(part, Layer) and part.weights is None for _, part in walk(value))
    if unsure:
        one = Parameters(value)
        return Items([Items([Unknown("a name"), one], "tuple")], many=True) if name.startswith("named") else one
    found = [Parameters(value, weight, full) for full, weight, _ in named_weights(value) if weight.buffer is buffers]
    if name.startswith("named"):
        return Items([Items([Known(one.name), one], "tuple") for one in found])
    return Items(list(found))


def _register(
    host: Host, value: Layer | Instance, name: str, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> None:
    given = Arguments(args, kwargs, node)
    key, tensor = plain(given.get("name", 0)), given.get("param" if name.endswith("parameter") else "tensor", 1)
    if not isinstance(key, str) or tensor is None:
        host.lose_module(value, node, f"what {name} registers can't be told")
    elif not (isinstance(tensor, Known) and tensor.value is None):
        made = (
            tensor
            if isinstance(tensor, Tensor) and tensor.weight
            else _parameter(Arguments([tensor], {}, node), buffer=name.endswith("buffer"))
        )
        host.set_attribute(value, key, made, node)


def _add(
    host: Host, value: Layer | Instance, name: str, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """Change what a container holds."""
    given = Arguments(args, kwargs, node)
    if isinstance(value, Instance):
        held = value.attributes.get(HELD)
        if isinstance(held, Layer) and name not in {"add_module", "register_module"}:
            return _add(host, held, name, args, kwargs, node)
    if name in {"add_module", "register_module"}:
        key, module = plain(given.get("name", 0)), given.get("module", 1)
        if not isinstance(key, str) or module is None:
            host.lose_module(value, node, "the name of a module that is added can't be told")
        elif isinstance(value, Layer):
            change_children(host, value, node, key, module)
        else:
            host.set_attribute(value, key, module, node)
        return Known(None)
    if not isinstance(value, Layer):
        return Unknown("")
    if host.unsure(value):
        host.lose_module(value, node, "it is changed under a condition that is not known")
        return value
    first = given.first()
    if name == "append":
        value.children.append(first)
    elif name in {"extend", "update"}:
        if isinstance(first, Table):
            for key, child in first.entries.items():
                change_children(host, value, node, str(key), child)
        else:
            items, many = host.elements(first, node)
            value.children += items
            if many:
                host.lose_module(value, node, "how many layers are added can't be told")
    elif name == "insert" and len(args) > 1 and (at := whole(args[0])) is not None:
        value.children.insert(at, args[1])
    elif name == "pop":
        taken = _child(host, value, first if given.all else Known(-1), node)
        change_children(host, value, node, first if given.all else Known(-1), None)
        return taken
    else:
        host.lose_module(value, node, f"{name} can't be followed")
    if value.type != "ModuleDict":
        renamed = all(each.isdigit() for each in value.names)
        own = [] if renamed else value.names[: len(value.children)]
        value.names[:] = [*own, *(str(at) for at in range(len(own), len(value.children)))]
    return value


@registry.library("attribute:Parameters")
def _parameters_attribute(host: Host, given: Arguments) -> Value:
    value, name = given.args[0], plain(given.args[1])
    assert isinstance(value, Parameters)
    shape = value.weight.shape if value.weight else None
    if name in {"numel", "nelement", "size", "shape"}:
        model = value.model if isinstance(value.model, Layer | Instance) else None
        host.emit(Counted, given.node, model=model, how=str(name))
        sizes = (
            Items([Known(size) for size in shape], "tuple") if shape is not None else Unknown("the size of a parameter")
        )
        if name == "shape":
            return sizes
        count: Value = Known(prod(shape)) if shape is not None else Unknown("a number of parameters")
        return Native("numel", lambda args, kwargs, node: sizes if name == "size" and not args else count)
    if name in {"grad", "data"}:
        return value
    if name in {"zero_", "fill_"}:
        return Native(name, lambda args, kwargs, node: _zeroed(host, value, node))
    if name == "requires_grad_":
        return Native(name, lambda args, kwargs, node: _required(host, value, args[0] if args else Known(True)))
    if name == "requires_grad":
        return Known(value.weight.trainable) if value.weight and value.weight.trainable is not None else Known(True)
    if name in {"dim", "ndimension", "ndim"} and shape is not None:
        return Known(len(shape)) if name == "ndim" else Native(name, lambda args, kwargs, node: Known(len(shape)))
    return Unknown("")


def _required(host: Host, value: Parameters, new: Value) -> Value:
    host.set_attribute(value, "requires_grad", new, ast.Pass())
    return value


def require(host: Host, value: Parameters, new: Value) -> None:
    """Freeze or release one parameter, or all that it stands for."""
    wanted = plain(new) if not host.unsure(value.model, rounds=False) else None
    if value.weight is not None:
        value.weight.trainable = wanted if isinstance(wanted, bool) else None
    else:
        set_trainable(value.model, new, surely=not host.unsure(value.model, rounds=False))


def _zeroed(host: Host, value: Parameters, node: ast.AST) -> Value:
    return registry.call("gradients-reset", host, Arguments([value.model], {}, node))


@registry.library(
    "torchinfo.summary", "torchsummary.summary", "torchsummaryX.summary", "ptflops.get_model_complexity_info"
)
def _summary(host: Host, given: Arguments) -> Value:
    model = given.first()
    host.emit(Counted, given.node, model=model if isinstance(model, Layer | Instance) else None, how="summary")
    return Unknown("a summary")
