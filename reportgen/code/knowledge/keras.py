"""Layers and models of Keras, in the terms of ``torch.nn``: sizes channels first, names of ``torch``."""

import ast
from types import MappingProxyType

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, plain
from reportgen.code.values import Items, Known, Layer, Shape, Tensor, Unknown, Value

_NAMES = MappingProxyType(
    {
        "Conv2D": (
            "Conv2d",
            {"filters": "out_channels", "kernel_size": "kernel_size", "strides": "stride", "padding": "padding"},
        ),
        "Convolution2D": (
            "Conv2d",
            {"filters": "out_channels", "kernel_size": "kernel_size", "strides": "stride", "padding": "padding"},
        ),
        "MaxPooling2D": ("MaxPool2d", {"pool_size": "kernel_size", "strides": "stride", "padding": "padding"}),
        "MaxPool2D": ("MaxPool2d", {"pool_size": "kernel_size", "strides": "stride", "padding": "padding"}),
        "AveragePooling2D": ("AvgPool2d", {"pool_size": "kernel_size", "strides": "stride", "padding": "padding"}),
        "AvgPool2D": ("AvgPool2d", {"pool_size": "kernel_size", "strides": "stride", "padding": "padding"}),
        "GlobalAveragePooling2D": ("GlobalAvgPool2d", {}),
        "Dense": ("Linear", {"units": "out_features"}),
        "Dropout": ("Dropout", {"rate": "p"}),
        "SpatialDropout2D": ("Dropout2d", {"rate": "p"}),
        "BatchNormalization": ("BatchNorm2d", {}),
        "Flatten": ("Flatten", {}),
        "ReLU": ("ReLU", {}),
        "LeakyReLU": ("LeakyReLU", {}),
        "Softmax": ("Softmax", {}),
        "ZeroPadding2D": ("ZeroPad2d", {"padding": "padding"}),
        "Identity": ("Identity", {}),
        "Rescaling": ("Identity", {}),
        "Normalization": ("Identity", {}),
        "Reshape": ("Identity", {}),
        "InputLayer": ("Identity", {}),
    }
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
IMAGE: Shape = (None, 1, 28, 28)


@registry.library("keras.layers.")
def _layer(host: Host, given: Arguments) -> Value:
    name = given.path.rpartition(".")[2]
    if name in {"Input", "InputSpec"}:
        return _input(host, given)
    if name.startswith("Random"):
        return Layer("Identity", {"augments": Known(name)}, given.line)
    if name == "Activation":
        kind = activation_of(given.first())
        return Layer(kind, {}, given.line) if kind else Layer("Identity", {}, given.line)
    if name not in _NAMES:
        host.lose(given.node, f"keras.layers.{name} is not followed")
        return Layer(name, {}, given.line)
    kind, names = _NAMES[name]
    order = list(names)
    settings = {names[order[at]]: value for at, value in enumerate(given.args) if at < len(order)}
    settings |= {names[key]: value for key, value in given.kwargs.items() if key in names}
    if kind in {"MaxPool2d", "AvgPool2d"}:
        settings.setdefault("kernel_size", Known(2))
    if "use_bias" in given.kwargs:
        settings["bias"] = given.kwargs["use_bias"]
    if kind == "ZeroPad2d":
        settings["padding"] = _sides(settings.get("padding", Known(1)))
    layer = Layer(kind, settings, given.line)
    host.trace.made.append(layer)
    after = activation_of(given.kwargs.get("activation"))
    if after:
        return Layer("keras.Pair", {}, given.line, [layer, Layer(after, {}, given.line)])
    return layer


def _sides(padding: Value) -> Value:
    """Keras' padding (rows, columns) as torch has it: left, right, top, bottom."""
    sides = plain(padding)
    if isinstance(sides, tuple) and len(sides) == 2 and all(isinstance(side, int) for side in sides):
        return Items([Known(sides[1]), Known(sides[1]), Known(sides[0]), Known(sides[0])], "tuple")
    if isinstance(sides, tuple) and len(sides) == 2 and all(isinstance(side, tuple) for side in sides):
        return Items([Known(side) for side in (*sides[1], *sides[0])], "tuple")
    return padding


def activation_of(value: Value | None) -> str:
    """The layer that an activation is; empty where there is none."""
    name = plain(value)
    if name is None and value is not None:
        name = getattr(value, "path", "").rpartition(".")[2]
    return _ACTIVATIONS.get(str(name), "")


@registry.library("keras.Input")
def _input(host: Host, given: Arguments) -> Value:
    shape = plain(given.get("shape", 0))
    sizes: Shape = IMAGE
    if isinstance(shape, tuple) and len(shape) == 3:
        sizes = (None, shape[2], shape[0], shape[1])
    elif isinstance(shape, tuple) and len(shape) < 3:
        sizes = (None, *shape) if len(shape) == 1 else (None, 1, *shape)
    return Tensor(sizes, (), "images")


@registry.library("keras.Sequential", "keras.models.Sequential")
def _sequential(host: Host, given: Arguments) -> Value:
    layers = host.elements(given.first(), given.node)[0] if given.all and isinstance(given.first(), Items) else []
    made = Layer("keras.Sequential", {}, given.line, list(layers))
    host.enter_network(made)
    return made


@registry.library("keras.Model", "keras.models.Model")
def _model(host: Host, given: Arguments) -> Value:
    outputs = given.get("outputs", 1)
    if isinstance(outputs, Items) and outputs.items:
        outputs = outputs.items[0]
    made = Layer("keras.Model", {"outputs": outputs or Unknown("")}, given.line)
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


def applied(host: Host, model: Value, images: Value, node: ast.AST) -> Value:
    """Apply a model to images, whatever the order of their dimensions."""
    shaped = Tensor(IMAGE, (), "images", origins=images.origins)
    return host.call(model, [shaped], {}, node)
