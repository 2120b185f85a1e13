"""The layers of ``torch.nn``: how they are made, what they do to a tensor, their methods."""

import ast
from types import MappingProxyType

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, origins_of, plain, whole
from reportgen.code.knowledge.functional import STEPS, stepped
from reportgen.code.trace import Altered, Counted, Network
from reportgen.code.values import (
    Instance,
    Items,
    Known,
    Layer,
    Native,
    Parameters,
    State,
    Table,
    Tensor,
    Unknown,
    Value,
)

PARAMETERS = MappingProxyType(
    {
        "Conv2d": ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias"),
        "LazyConv2d": ("out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias"),
        "Linear": ("in_features", "out_features", "bias"),
        "LazyLinear": ("out_features", "bias"),
        "MaxPool2d": ("kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode"),
        "AvgPool2d": ("kernel_size", "stride", "padding", "ceil_mode"),
        "AdaptiveAvgPool2d": ("output_size",),
        "AdaptiveMaxPool2d": ("output_size",),
        "BatchNorm2d": ("num_features", "eps", "momentum", "affine"),
        "BatchNorm1d": ("num_features", "eps", "momentum", "affine"),
        "Dropout": ("p",),
        "Dropout2d": ("p",),
        "Softmax": ("dim",),
        "LogSoftmax": ("dim",),
        "Flatten": ("start_dim", "end_dim"),
        "ZeroPad2d": ("padding",),
        "LeakyReLU": ("negative_slope",),
        "Unflatten": ("dim", "unflattened_size"),
    }
)
_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"})
_MANY_PARTS = 3000
"""Parts of one network that are looked at."""
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
    if name == "Parameter":
        value = given.first()
        shape = value.shape if isinstance(value, Tensor) else None
        return Tensor(shape, (), "weights")
    if name == "DataParallel":
        return given.first()
    names = PARAMETERS.get(name, ())
    settings: dict[str, Value] = dict(zip(names, given.args, strict=False)) | given.kwargs
    if "**" in settings:
        settings = {**dict.fromkeys(names, Unknown("")), **settings}
        settings.pop("**")
    layer = Layer(name, settings, given.line)
    if name == "BatchNorm2d" and not given.all:
        return host.lose(given.node, "BatchNorm2d without its number of channels")
    return layer


def _make_container(host: Host, name: str, given: Arguments) -> Layer:
    children: list[Value] = []
    names: list[str] = []
    for argument in given.args:
        if isinstance(argument, Table):
            children += argument.entries.values()
            names += [str(key) for key in argument.entries]
        elif isinstance(argument, Items):
            children += argument.items
        else:
            children.append(argument)
    layer = Layer(name, {}, given.line, children, names)
    if name == "Sequential":
        host.enter_network(layer)
    return layer


@registry.library("collections.OrderedDict")
def _ordered(host: Host, given: Arguments) -> Value:
    first = given.first()
    if not isinstance(first, Items):
        return first if isinstance(first, Table) else Table({})
    pairs = [item.items for item in first.items if isinstance(item, Items) and len(item.items) == 2]
    return Table({plain(key, object()): value for key, value in pairs})


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
    if not isinstance(value, Tensor):
        value = Tensor(
            None, (), lost=f"line {getattr(node, 'lineno', 0)}: the input can't be followed", origins=origins_of(*args)
        )
    if "augments" in layer.settings:
        if layer.training and value.origins:
            host.emit(Altered, layer.line, name=str(plain(layer.settings["augments"])), origins=value.origins)
        return value
    if not host.applying:
        host.trace.applied.append(layer)
    settings = {name: plain(setting, "?") for name, setting in layer.settings.items()}
    kind = layer.type.replace("Lazy", "")
    if kind not in STEPS:
        host.lose(node, f"nn.{layer.type} is not followed")
        return Tensor(None, value.steps, value.role, value.model, lost=f"nn.{layer.type}", origins=value.origins)
    return stepped(value, kind, settings, layer.line, layer)


def apply_functional(layer: Layer, value: Value) -> Value:
    """Apply a model whose way from input to output is known."""
    output = layer.settings.get("outputs")
    if not isinstance(output, Tensor):
        return Unknown("", origins=value.origins)
    for step in output.steps:
        if step.layer is not None:
            step.layer.used = True
    return Tensor(output.shape, output.steps, "logits", lost=output.lost, origins=value.origins)


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


def set_module_attribute(layer: Layer, name: str, new: Value) -> None:
    """Set an attribute of a layer."""
    if name in {"requires_grad", "trainable"}:
        layer.frozen = plain(new) is False
    elif name == "training":
        layer.training = bool(plain(new, True))
    else:
        layer.settings[name] = new


def module_attribute(host: Host, value: Layer | Instance, name: str, node: ast.AST, key: Value | None = None) -> Value:
    """A method or attribute of a network or layer."""
    if name == "[]":
        return _child(value, key)
    if isinstance(value, Layer):
        if name in value.names:
            return value.children[value.names.index(name)]
        if name in {"weight", "bias"} and name not in value.settings:
            return Tensor(None, (), "weights", origins=frozenset())
        if name in value.settings:
            return value.settings[name]
        extra = registry.handler(f"attribute:{value.type}")
        if extra is not None:
            return extra(host, Arguments([value, Known(name)], {}, node))
    if isinstance(value, Instance) and not value.is_module:
        base = sorted(value.cls.library_bases())
        return Unknown(f"{value.cls.name}.{name}" if not base else "", origins=value.origins)
    if name == "training":
        return Known(value.training)
    if isinstance(value, Instance) and any("keras" in path for path in value.cls.library_bases()):
        extra = registry.handler("attribute:keras.Model")
        if extra is not None:
            return extra(host, Arguments([value, Known(name)], {}, node))
    return Native(name, lambda args, kwargs, at: _method(host, value, name, args, kwargs, at))


def _child(value: Layer | Instance, key: Value | None) -> Value:
    if isinstance(value, Layer) and value.children:
        name, at = plain(key), whole(key)
        if isinstance(name, str) and name in value.names:
            return value.children[value.names.index(name)]
        if at is not None and -len(value.children) <= at < len(value.children):
            return value.children[at]
        return value.children[0]
    return Unknown("")


def _method(
    host: Host, value: Layer | Instance, name: str, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    match name:
        case "train" | "eval":
            mode = name == "train" and plain(args[0] if args else kwargs.get("mode"), True) is not False
            set_mode(value, training=bool(mode))
        case "to" | "cuda" | "cpu":
            value.device = "cpu" if name == "cpu" else "device"
        case "parameters" | "named_parameters" | "trainable_variables":
            return _parameters(value, name)
        case "children" | "modules" | "named_children" | "named_modules":
            inside = modules_of(value)[1:]
            named = name.startswith("named")
            return Items([Items([Known("a name"), item], "tuple") if named else item for item in inside])
        case "state_dict":
            return State(value)
        case "load_state_dict":
            if args and isinstance(args[0], State | Table):
                registry.call("restored", host, Arguments([value, args[0]], {}, node))
        case "zero_grad":
            registry.call("gradients-reset", host, Arguments([value], {}, node))
        case "append" | "add_module" | "extend" | "insert" | "register_module":
            _add(value, name, args)
            return value
        case "apply" | "half" | "float" | "double" | "requires_grad_" | "share_memory" | "train_mode":
            if name == "requires_grad_" and args and isinstance(value, Layer):
                value.frozen = plain(args[0]) is False
        case "forward" | "__call__":
            return host.apply(value, args, kwargs, node)
        case "register_buffer" | "register_parameter":
            if isinstance(value, Instance) and len(args) > 1:
                value.attributes[str(plain(args[0]))] = args[1]
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
        case _:
            return Unknown("", origins=origins_of(*args))
    return value


def _parameters(value: Layer | Instance, name: str) -> Value:
    return (
        Items([Items([Known("a name"), Parameters(value)], "tuple")], many=True)
        if name.startswith("named")
        else Parameters(value)
    )


def _add(value: Layer | Instance, name: str, args: list[Value]) -> None:
    if isinstance(value, Instance):
        if len(args) > 1:
            value.attributes[str(plain(args[0]))] = args[1]
    elif name in {"add_module", "register_module"} and len(args) > 1:
        value.names.append(str(plain(args[0])))
        value.children.append(args[1])
    elif name == "extend" and args and isinstance(args[0], Items):
        value.children += args[0].items
    elif args:
        value.children.append(args[-1])


@registry.library("attribute:Parameters")
def _parameters_attribute(host: Host, given: Arguments) -> Value:
    value, name = given.args[0], plain(given.args[1])
    assert isinstance(value, Parameters)
    if name in {"numel", "nelement", "size", "shape"}:
        model = value.model if isinstance(value.model, Layer | Instance) else None
        host.emit(Counted, given.node, model=model, how=str(name))
        return Native("numel", lambda args, kwargs, node: Unknown("a number of parameters"))
    if name in {"grad", "data"}:
        return value
    if name in {"zero_", "fill_"}:
        return Native(name, lambda args, kwargs, node: _zeroed(host, value, node))
    return Known(True) if name == "requires_grad" else Unknown("")


def _zeroed(host: Host, value: Parameters, node: ast.AST) -> Value:
    return registry.call("gradients-reset", host, Arguments([value.model], {}, node))


@registry.library(
    "torchinfo.summary", "torchsummary.summary", "torchsummaryX.summary", "ptflops.get_model_complexity_info"
)
def _summary(host: Host, given: Arguments) -> Value:
    model = given.first()
    host.emit(Counted, given.node, model=model if isinstance(model, Layer | Instance) else None, how="summary")
    return Unknown("a summary")
