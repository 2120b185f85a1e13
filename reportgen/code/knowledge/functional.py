"""What layers and functions do to a tensor on its way through a network."""

import re
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, origins_of
from reportgen.code.knowledge.weights import WEIGHTED, WEIGHTLESS
from reportgen.code.shapes import flattened, sides, unflattened, windowed
from reportgen.code.values import Known, Layer, PerDigit, Shape, Step, Tensor, Unknown, Value

Settings = dict[str, Any]
Rule = Callable[[Shape | None, Settings], Shape | None]


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _padding(settings: Settings, count: int, kernel: tuple[int, ...] | None, dilation: tuple[int, ...] | None) -> Any:
    padding = settings.get("padding", 0)
    if padding == "valid":
        return (0,) * count
    if padding == "same":
        return "same"
    return sides(padding, count)


def _window(count: int, *, channels: str = "") -> Rule:
    """A convolution or pooling over ``count`` sides."""

    def rule(shape: Shape | None, settings: Settings) -> Shape | None:
        kernel = sides(settings.get("kernel_size"), count)
        given = settings.get("stride", 1 if channels else None)
        stride = kernel if given is None and not channels else sides(given, count)
        dilation = sides(settings.get("dilation", 1), count)
        out = _number(settings.get(channels)) if channels else None
        if shape is None or len(shape) not in {count + 1, count + 2} or kernel is None or stride is None:
            return None
        if channels:
            shape = (*shape[: -count - 1], out, *shape[-count:])
        padding = _padding(settings, count, kernel, dilation)
        if padding == "same" and min(stride) < 1:
            return None
        if padding == "same":
            spans = zip(shape[-count:], stride, strict=True)
            return (*shape[:-count], *(None if size is None or step < 1 else -(-size // step) for size, step in spans))
        ceil = settings.get("ceil_mode", False)
        if padding is None or dilation is None or not isinstance(ceil, bool):
            return None
        return windowed(shape, kernel, stride, padding, ceil=ceil, dilation=dilation)

    return rule


def _transposed(count: int) -> Rule:
    """(size − 1)·stride − 2·padding + dilation·(kernel − 1) + output padding + 1."""

    def rule(shape: Shape | None, settings: Settings) -> Shape | None:
        kernel, out = sides(settings.get("kernel_size"), count), _number(settings.get("out_channels"))
        stride, dilation = sides(settings.get("stride", 1), count), sides(settings.get("dilation", 1), count)
        more = sides(settings.get("output_padding", 0), count)
        padding = _padding(settings, count, kernel, dilation)
        if (
            shape is None
            or len(shape) not in {count + 1, count + 2}
            or None in (kernel, stride, dilation, more, padding)
        ):
            return None
        assert kernel is not None
        assert stride is not None
        assert dilation is not None
        assert more is not None
        found: list[int | None] = []
        for at, size in enumerate(shape[-count:]):
            if size is None:
                found.append(None)
            elif padding == "same":
                found.append(size * stride[at])
            elif settings.get("keras_valid"):
                found.append((size - 1) * stride[at] + max(kernel[at], stride[at]))
            else:
                span = dilation[at] * (kernel[at] - 1) + more[at] + 1
                found.append((size - 1) * stride[at] - 2 * padding[at] + span)
        return (*shape[: -count - 1], out, *found)

    return rule


def _adaptive(count: int) -> Rule:
    def rule(shape: Shape | None, settings: Settings) -> Shape | None:
        wanted = settings.get("output_size")
        if shape is None or len(shape) <= count:
            return None
        if isinstance(wanted, tuple) and len(wanted) == count:
            pairs = zip(wanted, shape[-count:], strict=True)
            return (*shape[:-count], *(size if want is None else _number(want) for want, size in pairs))
        size = sides(wanted, count)
        return (*shape[:-count], *size) if size else None

    return rule


def _global(count: int) -> Rule:
    return lambda shape, settings: shape[:-count] if shape and len(shape) > count else None


def _linear(shape: Shape | None, settings: Settings) -> Shape | None:
    out = _number(settings.get("out_features"))
    return (*shape[:-1], out) if shape else None


def _flatten(shape: Shape | None, settings: Settings) -> Shape | None:
    start, end = settings.get("start_dim", 1), settings.get("end_dim", -1)
    return flattened(shape, start, end) if isinstance(start, int) and isinstance(end, int) else None


def _unflatten(shape: Shape | None, settings: Settings) -> Shape | None:
    dim, sizes = settings.get("dim"), settings.get("unflattened_size")
    known = isinstance(sizes, tuple) and all(isinstance(size, int) for size in sizes)
    return unflattened(shape, dim, sizes) if isinstance(dim, int) and known and isinstance(sizes, tuple) else None


def _padded(count: int) -> Rule:
    """Zeros or copies around the last sides: left, right, top, bottom, …"""

    def rule(shape: Shape | None, settings: Settings) -> Shape | None:
        padding = settings.get("padding")
        around = (padding,) * (2 * count) if _number(padding) is not None else padding
        if not shape or not isinstance(around, tuple) or len(around) != 2 * count or count > len(shape):
            return None
        if not all(_number(side) is not None for side in around):
            return None
        found = list(shape)
        for at in range(len(around) // 2):
            size = found[-1 - at]
            found[-1 - at] = None if size is None else size + around[2 * at] + around[2 * at + 1]
        return tuple(found)

    return rule


def _embedded(shape: Shape | None, settings: Settings) -> Shape | None:
    return (*shape, _number(settings.get("embedding_dim"))) if shape is not None else None


def _unchanged(shape: Shape | None, settings: Settings) -> Shape | None:
    return shape


def _upsampled(shape: Shape | None, settings: Settings) -> Shape | None:
    factor, size = settings.get("scale_factor"), settings.get("size")
    if shape is None or len(shape) < 3:
        return None
    count = len(shape) - 2
    wanted, times = sides(size, count), sides(factor, count)
    if wanted is not None:
        return (*shape[:2], *wanted)
    if times is None or size is not None:
        return None
    return (*shape[:2], *(None if side is None else side * by for side, by in zip(shape[2:], times, strict=True)))


_SAME_SIZE = re.compile(
    r".*(?:Norm\d?d?|Dropout\d?d?)|(?:Leaky|P|R)?ReLU6?|[CSG]?ELU|SiLU|Mish|Tanh|(?:Log)?Sigmoid|(?:Log)?Softmax|Softmax2d|Softmin"
    r"|Softplus|Softsign|(?:Soft|Hard|Tanh)shrink|Hard(?:tanh|swish|sigmoid)|Threshold|Identity|ChannelShuffle"
)
STEPS: MappingProxyType[str, Rule] = MappingProxyType(
    {
        **{f"Conv{n}d": _window(n, channels="out_channels") for n in (1, 2, 3)},
        **{f"ConvTranspose{n}d": _transposed(n) for n in (1, 2, 3)},
        **{f"{kind}Pool{n}d": _window(n) for kind in ("Max", "Avg") for n in (1, 2, 3)},
        **{f"Adaptive{kind}Pool{n}d": _adaptive(n) for kind in ("Max", "Avg") for n in (1, 2, 3)},
        **{f"Global{kind}Pool{n}d": _global(n) for kind in ("Max", "Avg") for n in (1, 2, 3)},
        **{
            f"{kind}Pad{n}d": _padded(n)
            for kind in ("Zero", "Reflection", "Replication", "Circular", "Constant")
            for n in (1, 2, 3)
        },
        "Linear": _linear,
        "Flatten": _flatten,
        "Unflatten": _unflatten,
        "Embedding": _embedded,
        "Upsample": _upsampled,
        "UpsamplingNearest2d": _upsampled,
        "UpsamplingBilinear2d": _upsampled,
        **dict.fromkeys((kind for kind in (*WEIGHTED, *WEIGHTLESS) if _SAME_SIZE.fullmatch(kind)), _unchanged),
        **dict.fromkeys(("TransformerEncoderLayer", "Dropout"), _unchanged),
    }
)
"""The layers that are followed, with what they do to a shape (batch, C, H, W)."""
FIRST = "channels_first"
"""The ``data_format`` of Keras that is that of torch."""
SPATIAL = re.compile(r"(?:Conv|ConvTranspose|\w*Pool|\w*Pad)\dd|Upsampl\w+")


def last_to_second(shape: Shape | None) -> Shape | None:
    """Channels last to channels first."""
    return shape if shape is None or len(shape) < 3 else (shape[0], shape[-1], *shape[1:-1])


def second_to_last(shape: Shape | None) -> Shape | None:
    """Channels first to channels last."""
    return shape if shape is None or len(shape) < 3 else (shape[0], *shape[2:], shape[1])


def stepped(value: Tensor, kind: str, settings: Settings, line: int, layer: Layer | None = None) -> Tensor:
    """A tensor after one operation."""
    sided = layer is not None and bool(layer.keras) and SPATIAL.fullmatch(kind) is not None
    turned = sided and settings.get("data_format") != FIRST
    before = last_to_second(value.shape) if turned else value.shape
    if (convolution := re.fullmatch(r"Conv(?:Transpose)?(\d)d", kind)) and before:
        count = int(convolution[1])
        settings = {**settings, "given_channels": before[-count - 1] if len(before) > count else None}
    if kind == "Linear" and before:
        settings = {**settings, "given_features": before[-1]}
    if kind == "Dropout" and "training" not in settings:
        settings = {**settings, "active": layer.training if layer is not None else True}
    if kind.startswith("BatchNorm") and layer is not None:
        settings = {**settings, "active": layer.training}
    shape = STEPS[kind](before, settings)
    after = second_to_last(shape) if turned else shape
    step = Step(kind, tuple(sorted(settings.items(), key=lambda item: item[0])), line, layer, after)
    role = value.role if value.role != "images" or kind in {"Identity"} else "activations"
    passed = value.passed if layer is None or layer in value.passed else (*value.passed, layer)
    return replace(
        value,
        shape=after,
        steps=(*value.steps, step),
        role=role,
        unit=None,
        passed=passed,
        weight=None,
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
    padding = given.value("pad", 1)
    count = len(padding) // 2 if isinstance(padding, tuple) else 2
    return stepped(value, f"ZeroPad{count if count in {1, 2, 3} else 2}d", {"padding": padding}, given.line)


def is_function(name: str) -> bool:
    """Tell whether a method of a tensor does what a layer does."""
    return name in _FUNCTIONS
