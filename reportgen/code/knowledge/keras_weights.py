"""The tensors of Keras' layers, from their arguments and the input that they are built for (channels last).

Shapes as in the sources of Keras 3: each layer's ``build``.
"""

from collections.abc import Callable, Iterator
from types import MappingProxyType

from reportgen.code.knowledge.weights import Given, NotKnown

Shape = tuple[int | None, ...]
Named = Iterator[tuple[str, tuple[int, ...], bool]]
"""Name, sizes, and whether it is state that is not trained."""
Rule = Callable[[Given, Shape], Named]


def _last(shape: Shape) -> int:
    if len(shape) < 2 or shape[-1] is None:
        raise NotKnown("the size of the input")
    return shape[-1]


def _dense(given: Given, shape: Shape) -> Named:
    units = given.number("units")
    yield "kernel", (_last(shape), units), False
    if given.flag("use_bias"):
        yield "bias", (units,), False


def _convolution(sides: int, kind: str = "") -> Rule:
    def rule(given: Given, shape: Shape) -> Named:
        into, kernel, groups = _last(shape), given.sizes("kernel_size", sides), given.number("groups", 1)
        if kind == "depthwise":
            out = into * given.number("depth_multiplier", 1)
            yield "kernel", (*kernel, into, given.number("depth_multiplier", 1)), False
        elif kind == "separable":
            out, times = given.number("filters"), given.number("depth_multiplier", 1)
            yield "depthwise_kernel", (*kernel, into, times), False
            yield "pointwise_kernel", (*(1,) * sides, into * times, out), False
        else:
            out = given.number("filters")
            yield "kernel", (*kernel, out, into) if kind == "transposed" else (*kernel, into // groups, out), False
        if given.flag("use_bias"):
            yield "bias", (out,), False

    return rule


def _batch_norm(given: Given, shape: Shape) -> Named:
    features = _axis(given, shape)
    for name, asked in (("gamma", "scale"), ("beta", "center")):
        if given.flag(asked):
            yield name, (features,), False
    yield "moving_mean", (features,), True
    yield "moving_variance", (features,), True


def normalization(given: Given, shape: Shape) -> Named:
    """What ``Normalization`` learns by ``adapt``: nothing where it is given."""
    if given.settings.get("mean") is None:
        features = _axis(given, shape)
        yield "mean", (features,), True
        yield "variance", (features,), True
        yield "count", (), True


def _norm(given: Given, shape: Shape) -> Named:
    for name, asked in (("gamma", "scale"), ("beta", "center")):
        if given.flag(asked):
            yield name, (_axis(given, shape),), False


def _axis(given: Given, shape: Shape) -> int:
    axis = given.settings.get("axis", -1)
    if not isinstance(axis, int) or not -len(shape) <= axis < len(shape) or (size := shape[axis]) is None:
        raise NotKnown("axis")
    return size


def _embedding(given: Given, shape: Shape) -> Named:
    yield "embeddings", (given.number("input_dim"), given.number("output_dim")), False


def _recurrent(gates: int) -> Rule:
    def rule(given: Given, shape: Shape) -> Named:
        units = given.number("units")
        yield "kernel", (_last(shape), gates * units), False
        yield "recurrent_kernel", (units, gates * units), False
        if given.flag("use_bias"):
            doubled = gates == 3 and given.flag("reset_after")
            yield "bias", (2, gates * units) if doubled else (gates * units,), False

    return rule


def _attention(given: Given, shape: Shape) -> Named:
    size, heads, keys = _last(shape), given.number("num_heads"), given.number("key_dim")
    values = given.optional("value_dim") or keys
    if given.settings.get("output_shape") is not None:
        raise NotKnown("output_shape")
    for name, each in (("query", keys), ("key", keys), ("value", values)):
        yield f"{name}_kernel", (size, heads, each), False
        if given.flag("use_bias"):
            yield f"{name}_bias", (heads, each), False
    yield "output_kernel", (heads, values, size), False
    if given.flag("use_bias"):
        yield "output_bias", (size,), False


def _prelu(given: Given, shape: Shape) -> Named:
    shared = given.settings.get("shared_axes") or ()
    sizes = [1 if at in shared else size for at, size in enumerate(shape[1:], 1)]
    known = tuple(size for size in sizes if size is not None)
    if len(known) != len(sizes):
        raise NotKnown("the size of the input")
    yield "alpha", known, False


_CONV = "filters kernel_size strides padding data_format dilation_rate groups activation use_bias"
_DEPTHWISE = "kernel_size strides padding depth_multiplier data_format dilation_rate activation use_bias"
_SEPARABLE = "filters kernel_size strides padding data_format dilation_rate depth_multiplier activation use_bias"
_TRANSPOSED = "filters kernel_size strides padding output_padding data_format dilation_rate activation use_bias"
WEIGHTED: MappingProxyType[str, tuple[str, str, Rule]] = MappingProxyType(
    {
        "Dense": ("Linear", "units activation use_bias", _dense),
        **{f"Conv{n}D": (f"Conv{n}d", _CONV, _convolution(n)) for n in (1, 2, 3)},
        **{f"Conv{n}DTranspose": (f"ConvTranspose{n}d", _TRANSPOSED, _convolution(n, "transposed")) for n in (1, 2, 3)},
        **{f"DepthwiseConv{n}D": (f"Conv{n}d", _DEPTHWISE, _convolution(n, "depthwise")) for n in (1, 2)},
        **{f"SeparableConv{n}D": (f"Conv{n}d", _SEPARABLE, _convolution(n, "separable")) for n in (1, 2)},
        "BatchNormalization": ("BatchNorm2d", "axis momentum epsilon center scale", _batch_norm),
        "LayerNormalization": ("LayerNorm", "axis epsilon center scale", _norm),
        "GroupNormalization": ("GroupNorm", "groups axis epsilon center scale", _norm),
        "Embedding": ("Embedding", "input_dim output_dim", _embedding),
        "SimpleRNN": ("RNN", "units activation use_bias", _recurrent(1)),
        "LSTM": ("LSTM", "units activation recurrent_activation use_bias", _recurrent(4)),
        "GRU": ("GRU", "units activation recurrent_activation use_bias", _recurrent(3)),
        "MultiHeadAttention": ("MultiheadAttention", "num_heads key_dim value_dim dropout use_bias", _attention),
        "PReLU": ("PReLU", "", _prelu),
    }
)
"""Layers with tensors: their type in torch, the order of their arguments, and their tensors."""
_POOL = "pool_size strides padding"
WEIGHTLESS: MappingProxyType[str, tuple[str, str]] = MappingProxyType(
    {
        **{f"MaxPool{ing}{n}D": (f"MaxPool{n}d", _POOL) for n in (1, 2, 3) for ing in ("", "ing")},
        **{f"AveragePooling{n}D": (f"AvgPool{n}d", _POOL) for n in (1, 2, 3)},
        **{f"AvgPool{n}D": (f"AvgPool{n}d", _POOL) for n in (1, 2, 3)},
        **{
            f"Global{k}Pool{ing}{n}D": (f"Global{t}Pool{n}d", "")
            for k, t in (("Average", "Avg"), ("Avg", "Avg"), ("Max", "Max"))
            for n in (1, 2, 3)
            for ing in ("", "ing")
        },
        **{f"ZeroPadding{n}D": (f"ZeroPad{n}d", "padding") for n in (1, 2, 3)},
        **{f"SpatialDropout{n}D": (f"Dropout{n}d", "rate") for n in (1, 2, 3)},
        **{f"UpSampling{n}D": ("Upsample", "size") for n in (1, 2, 3)},
        **dict.fromkeys(("Dropout", "GaussianDropout", "AlphaDropout"), ("Dropout", "rate")),
        "Flatten": ("Flatten", ""),
        "ReLU": ("ReLU", ""),
        "LeakyReLU": ("LeakyReLU", ""),
        "ELU": ("ELU", ""),
        "Softmax": ("Softmax", ""),
        **dict.fromkeys(
            ("Identity", "Rescaling", "InputLayer", "GaussianNoise", "ActivityRegularization", "Masking"),
            ("Identity", ""),
        ),
    }
)
"""Layers without tensors: their type in torch, and the order of their arguments."""
NAMES = MappingProxyType(
    {
        **{"filters": "out_channels", "strides": "stride", "dilation_rate": "dilation", "units": "out_features"},
        **{"pool_size": "kernel_size", "rate": "p", "output_dim": "embedding_dim", "use_bias": "bias"},
    }
)
"""What torch calls an argument."""
