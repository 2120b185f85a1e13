"""Layers and models of Keras: types and settings in the terms of ``torch.nn``, sizes channels last as in Keras."""

import ast
from dataclasses import replace
from types import MappingProxyType

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, origins_of, plain
from reportgen.code.knowledge.functional import FIRST, SPATIAL, last_to_second, second_to_last
from reportgen.code.knowledge.keras_signatures import name_today, today
from reportgen.code.knowledge.keras_weights import NAMES, WEIGHTED, WEIGHTLESS, normalization
from reportgen.code.knowledge.weights import Given, NotKnown
from reportgen.code.registration import Module, is_keras
from reportgen.code.shapes import broadcast, concatenated, viewed
from reportgen.code.values import (
    Function,
    Instance,
    Items,
    Known,
    Layer,
    Native,
    Shape,
    Step,
    Tensor,
    Unknown,
    Value,
    Weight,
)

_ACTIVATIONS = MappingProxyType(
    {
        "relu": "ReLU",
        "softmax": "Softmax",
        "log_softmax": "LogSoftmax",
        "tanh": "Tanh",
        "sigmoid": "Sigmoid",
        "elu": "ELU",
        "gelu": "GELU",
        "leaky_relu": "LeakyReLU",
        "swish": "SiLU",
        "silu": "SiLU",
        "selu": "SELU",
    }
)
_MERGES = frozenset(["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot"])
_MODES = MappingProxyType(
    {"sum": "Add", "mul": "Multiply", "concat": "Concatenate", "ave": "Average", "max": "Maximum", "dot": "Dot"}
)
"""What ``merge`` of Keras 1 does."""
_ENTRY = "*entry"
"""Where a sequential model keeps the shape that it is built for."""


@registry.library("keras.layers.")
def _layer(host: Host, given: Arguments) -> Value:
    name = name_today(given.path.rpartition(".")[2])
    given, doubt = today(given, name, host.keras_version)
    if name in {"Input", "InputSpec"}:
        return _input(host, given)
    if name.startswith("Random") or name == "CenterCrop":
        return Layer("Identity", {"augments": Known(name)}, given.line, keras=name)
    if name == "Activation":
        kind = activation_of(given.first())
        return Layer(kind or "Identity", {"activation": given.first()}, given.line, keras=name)
    if name == "merge":  # of Keras 1
        kind = _MODES.get(str(plain(given.get("mode", 1), "sum")), "")
        return _merged(host, kind, given.first(), {"axis": given.get("concat_axis") or Known(-1)}, given)
    if name in {"add", "concatenate", "multiply", "average", "maximum", "subtract"}:
        return _merged(host, name.title(), given.first(), given.kwargs, given)
    if name in {"Bidirectional", "TimeDistributed"}:
        inner = given.first()
        children = [inner, copied_layer(inner)] if name == "Bidirectional" else [inner]
        return Layer(f"keras.{name}", dict(given.kwargs), given.line, list(children), keras=name)
    if name in _MERGES or name in {"Reshape", "Permute", "RepeatVector", "Lambda", "Normalization"}:
        settings = dict(given.kwargs) | ({"first": given.first()} if given.args else {})
        weights: dict[str, Weight] | None = None if name == "Normalization" else {}
        return Layer(f"keras.{name}", settings, given.line, keras=name, weights=weights)
    order = (WEIGHTED[name][1] if name in WEIGHTED else WEIGHTLESS[name][1] if name in WEIGHTLESS else "").split()
    own = dict(zip(order, given.args, strict=False)) | given.kwargs
    if name not in WEIGHTED and name not in WEIGHTLESS:
        host.lose(given.node, f"keras.layers.{name} is not followed")
        return Layer(name, own, given.line, keras=name, weights=None)
    kind = (WEIGHTED.get(name) or WEIGHTLESS[name])[0]
    settings = own | {NAMES[key]: value for key, value in own.items() if key in NAMES}
    if "Pool" in kind and "Global" not in kind:
        settings.setdefault("kernel_size", Known(2))
        settings.setdefault("pool_size", Known(2))
    if kind.startswith("ZeroPad"):
        settings["padding"] = _sides(settings.get("padding", Known(1)), int(kind[-2]))
    layer = Layer(kind, settings, given.line, keras=name, weights=None if name in WEIGHTED else {})
    layer.lost = f"line {given.line}: {doubt}" if doubt else ""
    if SPATIAL.fullmatch(kind):
        _order_sides(host, layer, own)
    host.trace.made.append(layer)
    after = activation_of(own.get("activation")) if kind not in {"LSTM", "GRU", "RNN"} else ""
    made = Layer("keras.Pair", {}, given.line, [layer, Layer(after, {}, given.line)]) if after else layer
    for one in (layer, made):
        one.settings |= {key: own[key] for key in ("trainable", "name") if key in own}
        if "input_shape" in own or "input_dim" in own or "batch_input_shape" in own:
            one.settings[_ENTRY] = own.get("input_shape") or own.get("input_dim") or own["batch_input_shape"]
    return made


def _order_sides(host: Host, layer: Layer, own: dict[str, Value]) -> None:
    """Notice where the channels stand: as the layer says, else as the program says for all of them."""
    said = own.get("data_format")
    said = host.image_order if said is None or plain(said, "") in {None, "default"} else said
    order = "channels_last" if said is None else order_of(said)
    entry = plain(own.get("input_shape"), ())
    sizes = entry if isinstance(entry, tuple) and len(entry) == 3 else ()
    if order is None:
        layer.lost = layer.lost or f"line {layer.line}: data_format can't be told"
    elif said is None and host.keras_version == 1 and sizes and sizes[0] in {1, 3} and sizes[-1] not in {1, 3}:
        layer.lost = layer.lost or f"line {layer.line}: the order of the sizes hangs on a setting of Keras 1"
    layer.settings["data_format"] = Known(order)


def order_of(value: Value) -> str | None:
    """A ``data_format``, as Keras 1 wrote it too; None where it can't be told."""
    known = plain(value, "")
    return {"th": FIRST, "tf": "channels_last"}.get(known, known if known in {FIRST, "channels_last"} else None)


@registry.library("keras.backend.set_image_data_format", "keras.backend.set_image_dim_ordering")
def _set_image_order(host: Host, given: Arguments) -> Value:
    host.image_order = given.first() if not host.conditions else Unknown("")
    return Known(None)


@registry.library("keras.backend.image_data_format", "keras.backend.image_dim_ordering")
def _image_order(host: Host, given: Arguments) -> Value:
    order = order_of(host.image_order) if host.image_order is not None else "channels_last"
    if given.path.endswith("ordering"):
        order = {FIRST: "th", "channels_last": "tf"}.get(order or "")
    return Known(order) if order else Unknown("")


def copied_layer(value: Value) -> Value:
    """Another layer with the same settings, not built yet."""
    if not isinstance(value, Layer):
        return value
    children = [copied_layer(child) for child in value.children]
    weights: dict[str, Weight] | None = {} if value.weights == {} else None
    return Layer(value.type, dict(value.settings), value.line, children, keras=value.keras, weights=weights)


def _sides(padding: Value, count: int) -> Value:
    """Keras' padding (rows, columns) as torch has it: left, right, top, bottom."""
    sides = plain(padding)
    if isinstance(sides, int):
        return padding
    pairs = [(side, side) if isinstance(side, int) else side for side in sides] if isinstance(sides, tuple) else []
    if count == 1 and len(pairs) == 2:
        pairs = [(pairs[0][0], pairs[1][0])]
    if len(pairs) != count or not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
        return Unknown("")
    return Items([Known(side) for pair in reversed(pairs) for side in pair], "tuple")


def activation_of(value: Value | None) -> str:
    """The layer that an activation is; empty where there is none."""
    name = plain(value)
    if name is None and value is not None:
        name = getattr(value, "path", "").rpartition(".")[2]
    return _ACTIVATIONS.get(str(name), "")


def build(layer: Layer, shape: Shape | None) -> None:
    """Make the tensors of a layer for its first input (batch, …, channels)."""
    rule = normalization if layer.keras == "Normalization" else WEIGHTED.get(layer.keras, ("", "", None))[2]
    if layer.weights is not None or rule is None or shape is None:
        return
    settings = {key: plain(value, "?") for key, value in layer.settings.items()}
    sizes = second_to_last(shape) if _is_turned(layer) else shape
    try:
        made = list(rule(Given(settings), sizes or shape))
    except NotKnown:
        return
    trained = plain(layer.settings.get("trainable"), True) is not False
    layer.weights = {name: Weight(sizes, trained and not state, state) for name, sizes, state in made}


@registry.library("apply:keras")
def applied_layer(host: Host, given: Arguments) -> Value:
    """What a layer of Keras that torch does not have makes of its input; no tensor for all others."""
    layer, value = given.args
    assert isinstance(layer, Layer)
    found = _applied_layer(host, layer, value, given.node)
    return Known(None) if found is None else found


def _applied_layer(host: Host, layer: Layer, value: Value, node: ast.AST) -> Value | None:
    name, shape = layer.keras, value.shape if isinstance(value, Tensor) else None
    if name in _MERGES:
        return _merged(host, name, value, layer.settings, Arguments([value], {}, node))
    if not isinstance(value, Tensor) or not layer.type.startswith("keras."):
        build(layer, shape)
        out = _shape(layer, shape)
        if isinstance(value, Tensor) and out is not None:
            passed = tuple(dict.fromkeys((*value.passed, layer)))
            steps = (*value.steps, Step(layer.type, (), layer.line, layer, out))
            lost = value.lost or f"keras.layers.{name}"
            return replace(value, shape=out, steps=steps, passed=passed, lost=lost, role="activations")
        return None
    passed = tuple(dict.fromkeys((*value.passed, layer)))
    out = None
    match name:
        case "Reshape":
            target = plain(layer.settings.get("target_shape") or layer.settings.get("first"))
            if isinstance(target, tuple) and all(isinstance(size, int) for size in target):
                out = (None, *target) if -1 not in target else viewed(shape, [-1, *target]) if shape is None else None
                if -1 in target and shape is not None and None not in shape[1:]:
                    inner = viewed(shape[1:], list(target))
                    out = (None, *inner) if inner is not None else None
        case "Permute":
            order = plain(layer.settings.get("dims") or layer.settings.get("first"))
            if shape and isinstance(order, tuple) and sorted(order) == list(range(1, len(shape))):
                out = (shape[0], *(shape[at] for at in order))
        case "RepeatVector":
            times = plain(layer.settings.get("n") or layer.settings.get("first"))
            out = (shape[0], times, *shape[1:]) if shape and isinstance(times, int) else None
        case "Normalization":
            build(layer, shape)
            out = shape
        case "Lambda":
            function = layer.settings.get("function") or layer.settings.get("first")
            result = host.call(function, [value], {}, node) if function is not None else Unknown("")
            out = result.shape if isinstance(result, Tensor) else None
        case "Bidirectional":
            ways = [host.call(child, [value], {}, node) for child in layer.children]
            inner = next((way.shape for way in ways if isinstance(way, Tensor)), None)
            mode = plain(layer.settings.get("merge_mode"), "concat")
            if inner:
                out = (*inner[:-1], None if inner[-1] is None else inner[-1] * (2 if mode == "concat" else 1))
        case "TimeDistributed":
            short = (
                replace(value, shape=(shape[0], *shape[2:])) if shape and len(shape) > 2 else replace(value, shape=None)
            )
            result = host.call(layer.children[0], [short], {}, node)
            if isinstance(result, Tensor) and result.shape and shape:
                out = (result.shape[0], shape[1], *result.shape[1:])
        case _:
            return None
    kept = name in {"Normalization", "Reshape"}
    return replace(
        value,
        shape=out,
        steps=value.steps if kept else (*value.steps, Step(name, (), layer.line, layer, out)),
        passed=passed,
        role="activations",
        lost=value.lost if kept else value.lost or f"keras.layers.{name}",
    )


def _is_turned(layer: Layer) -> bool:
    """Tell whether a layer over images has the channels first."""
    return plain(layer.settings.get("data_format")) == FIRST and SPATIAL.fullmatch(layer.type) is not None


def _shape(layer: Layer, shape: Shape | None) -> Shape | None:
    """Sizes after a layer whose argument names or rules are Keras' own; None where those of torch hold."""
    if _is_turned(layer) and shape is not None:
        found = _shape_last(layer, second_to_last(shape))
        return last_to_second(found)
    return _shape_last(layer, shape)


def _shape_last(layer: Layer, shape: Shape | None) -> Shape | None:
    settings = {key: plain(value, "?") for key, value in layer.settings.items()}
    if shape is None:
        return None
    if layer.keras in {"LSTM", "GRU", "SimpleRNN"}:
        units = settings.get("units")
        many = settings.get("return_sequences", False)
        if not isinstance(units, int) or not isinstance(many, bool) or settings.get("return_state"):
            return None
        return (*shape[:-1], units) if many else (shape[0], units)
    if layer.keras.startswith("DepthwiseConv") and "out_channels" not in layer.settings:
        times = settings.get("depth_multiplier", 1)
        if isinstance(times, int) and shape[-1] is not None:
            layer.settings["out_channels"] = Known(shape[-1] * times)
    if layer.keras.startswith("UpSampling"):
        size = settings.get("size", 2)
        sides = (size,) * (len(shape) - 2) if isinstance(size, int) else size
        if isinstance(sides, tuple) and len(sides) == len(shape) - 2:
            middle = (None if side is None else side * by for side, by in zip(shape[1:-1], sides, strict=True))
            return (shape[0], *middle, shape[-1])
    if layer.keras == "MultiHeadAttention":
        return shape
    return None


def _merged(host: Host, name: str, value: Value, settings: dict[str, Value], given: Arguments) -> Value:
    """Several ways into one: a sum, a product, side by side."""
    tensors = [item for item in value.items if isinstance(item, Tensor)] if isinstance(value, Items) else []
    if not tensors or not isinstance(value, Items) or len(tensors) != len(value.items):
        return Unknown("", origins=value.origins)
    shapes = [one.shape for one in tensors]
    axis = plain(settings.get("axis") or settings.get("first"), -1)
    shape = concatenated(shapes, axis if isinstance(axis, int) else -1) if name == "Concatenate" else shapes[0]
    if name != "Concatenate":
        for other in shapes[1:]:
            shape = broadcast(shape, other)
    longest = max(tensors, key=lambda one: len(one.steps))
    passed = tuple(dict.fromkeys(layer for one in tensors for layer in one.passed))
    lost = longest.lost or "two ways through the network join"
    after = None if name == "Dot" else shape
    steps = (*longest.steps, Step(name, (), given.line, None, after))
    return replace(longest, shape=after, steps=steps, passed=passed, lost=lost, origins=origins_of(*tensors))


@registry.library("keras.Input")
def _input(host: Host, given: Arguments) -> Value:
    batch = plain(given.get("batch_shape"))
    shape = plain(given.get("shape", 0))
    if isinstance(batch, tuple):
        shape = batch[1:]
    return Tensor(_entry_shape(shape), (), "images")


def _entry_shape(shape: object) -> Shape | None:
    shape = (shape,) if isinstance(shape, int) else shape
    if not isinstance(shape, tuple) or not all(size is None or isinstance(size, int) for size in shape):
        return None
    return (None, *shape)


def declared_shape(model: Module) -> Shape | None:
    """The input shape that a model of Keras is declared with; None where there is none."""
    if not isinstance(model, Layer) or not model.type.startswith("keras."):
        return None
    for child in model.children[:1] if model.type == "keras.Sequential" else ():
        if isinstance(child, Tensor):
            return child.shape
        if isinstance(child, Layer):
            entry = child.settings.get(_ENTRY) or child.settings.get("shape")
            return _entry_shape(plain(entry)) if entry is not None else declared_shape(child)
    inputs = model.settings.get("inputs")
    return inputs.shape if isinstance(inputs, Tensor) else None


def build_model(host: Host, model: Layer, node: ast.AST, shape: Shape | None = None) -> None:
    """Build the layers of a sequential model that says what its input is."""
    value: Value = Tensor(shape or declared_shape(model), (), "images")
    if not isinstance(value, Tensor) or value.shape is None:
        return
    host.applying.append(model)
    try:
        for child in model.children:
            if isinstance(child, Layer | Instance):
                value = host.call(child, [value], {}, node)
    finally:
        host.applying.pop()


def build_own(host: Host, model: Module, args: list[Value], node: ast.AST) -> None:
    """Call ``build`` of a class of the submission before it is first applied."""
    if not isinstance(model, Instance) or not is_keras(model) or "*is built" in model.attributes:
        return
    model.attributes["*is built"] = Known(True)
    found = model.cls.find("build")
    shape = args[1].shape if len(args) > 1 and isinstance(args[1], Tensor) else None
    if found and isinstance(found[0], Function):
        sizes: Value = Items([Known(size) for size in shape], "tuple") if shape is not None else Unknown("a shape")
        host.call(host.attribute(model, "build", node), [sizes], {}, node)


@registry.library("keras.Sequential", "keras.models.Sequential")
def _sequential(host: Host, given: Arguments) -> Value:
    first = given.args[0] if given.args else given.kwargs.get("layers")
    layers = host.elements(first, given.node) if first is not None and not isinstance(first, Known) else ([], False)
    made = Layer("keras.Sequential", {}, given.line, list(layers[0]))
    made.names = [str(at) for at in range(len(made.children))]
    if layers[1] or "*" in given.kwargs:
        made.lost = f"line {given.line}: how many layers it has can't be told"
    host.enter_network(made)
    build_model(host, made, given.node)
    return made


@registry.library("keras.Model", "keras.models.Model")
def _model(host: Host, given: Arguments) -> Value:
    inputs = given.get("input") or given.get("inputs", 0)  # as in Keras 1
    outputs = given.get("output") or given.get("outputs", 1)
    every = outputs.items if isinstance(outputs, Items) and outputs.items else [outputs or Unknown("")]
    several = Items(list(every)) if len(every) > 1 else every[0]
    made = Layer("keras.Model", {"outputs": several, "inputs": inputs or Unknown("")}, given.line)
    ways = [one for one in every if isinstance(one, Tensor)]
    made.children = list(dict.fromkeys(layer for way in ways for layer in way.passed))
    made.names = [str(at) for at in range(len(made.children))]
    if len(ways) != len(every):
        made.lost = f"line {given.line}: what gives the outputs can't be told"
    host.enter_network(made)
    return made


@registry.library(
    "keras.activations.", "tensorflow.nn.", "keras.ops.relu", "keras.ops.softmax", "keras.activations.relu"
)
def _activation(host: Host, given: Arguments) -> Value:
    kind = _ACTIVATIONS.get(given.path.rpartition(".")[2])
    if kind is None:
        return Unknown("", origins=given.first().origins)
    return host.call(Layer(kind, {}, given.line), [given.first()], {}, given.node)


def augments(model: Layer) -> list[str]:
    """The augmentations that are layers of a model."""
    return [
        str(plain(child.settings["augments"]))
        for child in model.children
        if isinstance(child, Layer) and "augments" in child.settings
    ]


def own_weight(host: Host, model: Instance) -> Value:
    """``add_weight`` of a layer of the submission."""

    def add(args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        given = Arguments(args, kwargs, node)
        shape = plain(given.get("shape", 0 if args and isinstance(args[0], Items) else 1))
        shape = (shape,) if isinstance(shape, int) else shape
        known = shape if isinstance(shape, tuple) and all(isinstance(size, int) for size in shape) else None
        trained = given.value("trainable", None, True)
        weight = Weight(known, trained if isinstance(trained, bool) else None, trained is False)
        made = Tensor(known, (), "weights", weight=weight)
        model.attributes[f"*weight {len(model.attributes)}"] = made
        return made

    return Native("add_weight", add)


def applied(host: Host, model: Value, images: Value, node: ast.AST) -> Value:
    """Apply a model to images."""
    declared = declared_shape(model) if isinstance(model, Layer | Instance) else None
    shape = images.shape if isinstance(images, Tensor) else None
    return host.call(model, [Tensor(declared or shape, (), "images", origins=images.origins)], {}, node)
