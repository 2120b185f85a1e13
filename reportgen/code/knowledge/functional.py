"""What layers and functions do to a tensor on its way through a network."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, origins_of
from reportgen.code.shapes import flattened, pair, same_padding, windowed
from reportgen.code.values import Known, Layer, PerDigit, Shape, Step, Tensor, Unknown, Value

Settings = dict[str, Any]


def _same_or_pair(settings: Settings, kernel: tuple[int, int] | None) -> tuple[int, int] | None:
    padding = settings.get("padding", 0)
    if isinstance(padding, str):
        if padding == "valid":
            return 0, 0
        return same_padding(kernel) if padding == "same" and kernel else None
    return pair(padding)


def _convolution(shape: Shape | None, settings: Settings) -> Shape | None:
    kernel = pair(settings.get("kernel_size"))
    out = settings.get("out_channels")
    stride = pair(settings.get("stride", 1))
    if settings.get("padding") == "same" and shape is not None and kernel is not None and stride == (1, 1):
        return (*shape[:-3], out, *shape[-2:]) if isinstance(out, int) else None
    padding = _same_or_pair(settings, kernel)
    dilation = settings.get("dilation", 1)
    if not isinstance(out, int) and shape is not None and len(shape) > 2:
        shape = (*shape[:-3], None, *shape[-2:])
    return windowed(
        shape,
        kernel,
        stride,
        padding,
        out if isinstance(out, int) else None,
        dilation=dilation if isinstance(dilation, int) else 1,
    )


def _pooling(shape: Shape | None, settings: Settings) -> Shape | None:
    kernel = pair(settings.get("kernel_size"))
    stride = settings.get("stride")
    ceil = settings.get("ceil_mode") is True
    steps = kernel if stride is None else pair(stride)
    if settings.get("padding") == "same" and shape is not None and steps is not None:
        sizes = [None if size is None else -(-size // step) for size, step in zip(shape[-2:], steps, strict=True)]
        return (*shape[:-2], *sizes)
    return windowed(shape, kernel, steps, _same_or_pair(settings, kernel), ceil=ceil)


def _adaptive(shape: Shape | None, settings: Settings) -> Shape | None:
    size = pair(settings.get("output_size"))
    return (*shape[:-2], *size) if shape and size else None


def _linear(shape: Shape | None, settings: Settings) -> Shape | None:
    out = settings.get("out_features")
    out = out if isinstance(out, int) and not isinstance(out, bool) else None
    return (*shape[:-1], out) if shape else (None, out)


def _flatten(shape: Shape | None, settings: Settings) -> Shape | None:
    start, end = settings.get("start_dim", 1), settings.get("end_dim", -1)
    return flattened(shape, start, end) if isinstance(start, int) and isinstance(end, int) else None


def _padded(shape: Shape | None, settings: Settings) -> Shape | None:
    padding = settings.get("padding")
    sides = (padding,) * 4 if isinstance(padding, int) else padding
    if not shape or not isinstance(sides, tuple) or len(sides) != 4 or None in shape[-2:]:
        return None
    height, width = shape[-2:]
    assert height is not None
    assert width is not None
    return (*shape[:-2], height + sides[2] + sides[3], width + sides[0] + sides[1])


def _unchanged(shape: Shape | None, settings: Settings) -> Shape | None:
    return shape


STEPS: MappingProxyType[str, Callable[[Shape | None, Settings], Shape | None]] = MappingProxyType(
    {
        "Conv2d": _convolution,
        "MaxPool2d": _pooling,
        "AvgPool2d": _pooling,
        "AdaptiveAvgPool2d": _adaptive,
        "AdaptiveMaxPool2d": _adaptive,
        "GlobalAvgPool2d": lambda shape, settings: shape[:-2] if shape else None,
        "Linear": _linear,
        "Flatten": _flatten,
        "ZeroPad2d": _padded,
        **dict.fromkeys(
            (
                *(
                    "ReLU",
                    "LeakyReLU",
                    "GELU",
                    "ELU",
                    "Tanh",
                    "Sigmoid",
                    "SiLU",
                    "ReLU6",
                    "SELU",
                    "Softplus",
                    "Hardswish",
                ),
                *("Mish", "PReLU", "CELU", "Softmax", "LogSoftmax", "Softmax2d"),
                *("Dropout", "Dropout2d", "AlphaDropout", "BatchNorm2d", "BatchNorm1d", "LayerNorm", "GroupNorm"),
                *("Identity", "InstanceNorm2d"),
            ),
            _unchanged,
        ),
    }
)
"""The layers that are followed, with what they do to a shape (batch, C, H, W)."""


def stepped(value: Tensor, kind: str, settings: Settings, line: int, layer: Layer | None = None) -> Tensor:
    """A tensor after one operation."""
    if kind == "Conv2d" and value.shape and value.shape[-3:-2] != (None,):
        settings = {**settings, "given_channels": value.shape[-3] if len(value.shape) > 2 else None}
    if kind == "Linear" and value.shape:
        settings = {**settings, "given_features": value.shape[-1]}
    if kind == "Dropout" and "training" not in settings:
        settings = {**settings, "active": layer.training if layer is not None else True}
    if kind.startswith("BatchNorm") and layer is not None:
        settings = {**settings, "active": layer.training}
    shape = STEPS[kind](value.shape, settings)
    step = Step(kind, tuple(sorted(settings.items(), key=lambda item: item[0])), line, layer)
    role = value.role if value.role != "images" or kind in {"Identity"} else "activations"
    return Tensor(
        shape,
        (*value.steps, step),
        role,
        value.model,
        None,
        value.target,
        value.device,
        value.lost,
        origins=value.origins,
    )


_FUNCTIONS = MappingProxyType(
    {
        "relu": ("ReLU", ()),
        "relu_": ("ReLU", ()),
        "leaky_relu": ("LeakyReLU", ("negative_slope",)),
        "gelu": ("GELU", ()),
        "elu": ("ELU", ()),
        "silu": ("SiLU", ()),
        "tanh": ("Tanh", ()),
        "sigmoid": ("Sigmoid", ()),
        "max_pool2d": ("MaxPool2d", ("kernel_size", "stride", "padding", "dilation", "ceil_mode")),
        "avg_pool2d": ("AvgPool2d", ("kernel_size", "stride", "padding", "ceil_mode")),
        "adaptive_avg_pool2d": ("AdaptiveAvgPool2d", ("output_size",)),
        "softmax": ("Softmax", ("dim",)),
        "log_softmax": ("LogSoftmax", ("dim",)),
        "dropout": ("Dropout", ("p", "training")),
        "dropout2d": ("Dropout2d", ("p", "training")),
        "flatten": ("Flatten", ("start_dim", "end_dim")),
    }
)


def function_step(host: Host, value: Tensor, name: str, given: Arguments) -> Value:
    """Apply a function of ``torch`` or a method of a tensor that does what a layer does."""
    kind, names = _FUNCTIONS[name]
    settings: Settings = {
        key: found
        for at, key in enumerate(names, 1)
        if (found := given.value(key, at, "?")) != "?" or given.get(key, at)
    }
    if name == "flatten":
        settings = {"start_dim": given.value("start_dim", 1, 0), "end_dim": given.value("end_dim", 2, -1)}
    if name.startswith("dropout") and "training" in settings:
        settings["active"] = settings["training"] is not False
    return stepped(value, kind, settings, given.line)


@registry.library(*(f"torch.nn.functional.{name}" for name in _FUNCTIONS), *(f"torch.{name}" for name in _FUNCTIONS))
def _function(host: Host, given: Arguments) -> Value:
    value = given.get("input", 0) or given.first()
    name = given.path.rpartition(".")[2]
    if not isinstance(value, Tensor):
        if isinstance(value, PerDigit) and name == "flatten":
            return value
        return Unknown("", origins=origins_of(*given.all))
    return function_step(host, value, name, given)


@registry.library("torch.nn.functional.conv2d", "torch.nn.functional.linear")
def _weighted(host: Host, given: Arguments) -> Value:
    """A layer whose weights the program keeps itself: (out, in, height, width) or (out, in)."""
    value, weight = given.get("input", 0), given.get("weight", 1)
    if not isinstance(value, Tensor):
        return Unknown("", origins=origins_of(*given.all))
    shape = weight.shape if isinstance(weight, Tensor) else None
    bias = given.get("bias", 2)
    settings: Settings = {"bias": not (bias is None or (isinstance(bias, Known) and bias.value is None))}
    if given.path.endswith("linear"):
        if shape is None or len(shape) != 2:
            return Tensor(None, value.steps, value.role, value.model, lost="F.linear", origins=value.origins)
        return stepped(value, "Linear", {**settings, "in_features": shape[1], "out_features": shape[0]}, given.line)
    if shape is None or len(shape) != 4:
        return Tensor(None, value.steps, value.role, value.model, lost="F.conv2d", origins=value.origins)
    settings |= {"in_channels": shape[1], "out_channels": shape[0], "kernel_size": shape[2:]}
    settings |= {"stride": given.value("stride", 3, 1), "padding": given.value("padding", 4, 0)}
    return stepped(value, "Conv2d", settings, given.line)


@registry.library("torch.nn.functional.pad")
def _pad(host: Host, given: Arguments) -> Value:
    value = given.first()
    if not isinstance(value, Tensor):
        return Unknown("", origins=value.origins)
    return stepped(value, "ZeroPad2d", {"padding": given.value("pad", 1)}, given.line)


def is_function(name: str) -> bool:
    """Tell whether a method of a tensor does what a layer does."""
    return name in _FUNCTIONS
