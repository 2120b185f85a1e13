"""The tensors of the layers of ``torch.nn``, from the arguments of their constructors.

Shapes as in the "Variables" of each layer's page of the ``torch.nn`` documentation. Data, as far as may be: one
signature and one rule a layer type.
"""

from collections.abc import Callable, Iterator
from math import prod
from types import MappingProxyType
from typing import Any

Shape = tuple[int, ...]
Named = Iterator[tuple[str, Shape]]
BUFFERS = frozenset({"running_mean", "running_var", "num_batches_tracked"})


class NotKnown(Exception):  # noqa: N818 (control flow)
    """A size that a layer's tensors follow from is not known: which."""


class Given:
    """Arguments of a constructor, checked as they are read.

    Raises:
        NotKnown: by every method, where an argument is not known or no such value.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number that is not negative."""
        value = self.settings.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise NotKnown(name)
        return value

    def flag(self, name: str, default: bool = True) -> bool:
        """A truth value, by Python's rules: ``bias=None`` is ``bias=False``."""
        value = self.settings.get(name, default)
        if value is not None and not isinstance(value, bool | int):
            raise NotKnown(name)
        return bool(value)

    def optional(self, name: str) -> int | None:
        """A whole number, or None."""
        return None if self.settings.get(name) is None else self.number(name)

    def sizes(self, name: str, count: int | None = None) -> Shape:
        """A number for each of ``count`` sides, or one for all; without ``count`` as many as there are."""
        value = self.settings.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return (value,) * (count or 1)
        sizes = value if isinstance(value, tuple | list) else ()
        if not sizes or (count and len(sizes) != count) or not all(isinstance(size, int) for size in sizes):
            raise NotKnown(name)
        return tuple(sizes)


def _convolution(sides: int, *, transposed: bool = False) -> Callable[[Given], Named]:
    def rule(given: Given) -> Named:
        into, out, groups = given.number("in_channels"), given.number("out_channels"), given.number("groups", 1)
        kernel = given.sizes("kernel_size", sides)
        if not groups or into % groups or out % groups:
            raise NotKnown("groups")
        yield "weight", (into, out // groups, *kernel) if transposed else (out, into // groups, *kernel)
        if given.flag("bias"):
            yield "bias", (out,)

    return rule


def _linear(given: Given) -> Named:
    yield "weight", (given.number("out_features"), given.number("in_features"))
    if given.flag("bias"):
        yield "bias", (given.number("out_features"),)


def _bilinear(given: Given) -> Named:
    out = given.number("out_features")
    yield "weight", (out, given.number("in1_features"), given.number("in2_features"))
    if given.flag("bias"):
        yield "bias", (out,)


def _batch_norm(given: Given, *, affine: bool = True, tracked: bool = True) -> Named:
    features = given.number("num_features")
    if given.flag("affine", affine):
        yield "weight", (features,)
        yield "bias", (features,)
    if given.flag("track_running_stats", tracked):
        yield "running_mean", (features,)
        yield "running_var", (features,)
        yield "num_batches_tracked", ()


def _instance_norm(given: Given) -> Named:
    yield from _batch_norm(given, affine=False, tracked=False)


def _layer_norm(given: Given) -> Named:
    shape = given.sizes("normalized_shape")
    if given.flag("elementwise_affine"):
        yield "weight", shape
        if given.flag("bias"):
            yield "bias", shape


def _rms_norm(given: Given) -> Named:
    if given.flag("elementwise_affine"):
        yield "weight", given.sizes("normalized_shape")


def _group_norm(given: Given) -> Named:
    if given.flag("affine"):
        channels = given.number("num_channels")
        yield "weight", (channels,)
        yield "bias", (channels,)


def _embedding(given: Given) -> Named:
    yield "weight", (given.number("num_embeddings"), given.number("embedding_dim"))


def _recurrent(gates: int, *, cell: bool = False) -> Callable[[Given], Named]:
    def rule(given: Given) -> Named:
        hidden, bias = given.number("hidden_size"), given.flag("bias")
        projected = 0 if cell else given.number("proj_size", 0)
        ways = 1 if cell or not given.flag("bidirectional", False) else 2
        into = given.number("input_size")
        out = projected or hidden
        for layer in range(1 if cell else given.number("num_layers", 1)):
            for way in range(ways):
                end = "" if cell else f"_l{layer}{'_reverse' if way else ''}"
                yield f"weight_ih{end}", (gates * hidden, into)
                yield f"weight_hh{end}", (gates * hidden, out)
                if bias:
                    yield f"bias_ih{end}", (gates * hidden,)
                    yield f"bias_hh{end}", (gates * hidden,)
                if projected:
                    yield f"weight_hr{end}", (projected, hidden)
            into = out * ways

    return rule


def _attention(given: Given) -> Named:
    size, bias = given.number("embed_dim"), given.flag("bias")
    keys, values = given.optional("kdim"), given.optional("vdim")
    if keys in {None, size} and values in {None, size}:
        yield "in_proj_weight", (3 * size, size)
    else:
        yield "q_proj_weight", (size, size)
        yield "k_proj_weight", (size, size if keys is None else keys)
        yield "v_proj_weight", (size, size if values is None else values)
    if bias:
        yield "in_proj_bias", (3 * size,)
    yield "out_proj.weight", (size, size)
    if bias:
        yield "out_proj.bias", (size,)
    if given.flag("add_bias_kv", False):
        yield "bias_k", (1, 1, size)
        yield "bias_v", (1, 1, size)


def _transformer_layer(attentions: int) -> Callable[[Given], Named]:
    def rule(given: Given) -> Named:
        size, wide, bias = given.number("d_model"), given.number("dim_feedforward", 2048), given.flag("bias")
        for name in ("self_attn", "multihead_attn")[:attentions]:
            for inner, shape in _attention(Given({"embed_dim": size, "bias": bias})):
                yield f"{name}.{inner}", shape
        for name, out, into in (("linear1", wide, size), ("linear2", size, wide)):
            yield f"{name}.weight", (out, into)
            if bias:
                yield f"{name}.bias", (out,)
        for at in range(1, attentions + 2):
            yield f"norm{at}.weight", (size,)
            if bias:
                yield f"norm{at}.bias", (size,)

    return rule


def _transformer(given: Given) -> Named:
    bias = given.flag("bias")
    size = given.number("d_model", 512)
    inner = Given({"d_model": size, "dim_feedforward": given.number("dim_feedforward", 2048), "bias": bias})
    for part, attentions in (("encoder", 1), ("decoder", 2)):
        for at in range(given.number(f"num_{part}_layers", 6)):
            for name, shape in _transformer_layer(attentions)(inner):
                yield f"{part}.layers.{at}.{name}", shape
        yield f"{part}.norm.weight", (size,)
        if bias:
            yield f"{part}.norm.bias", (size,)


def _prelu(given: Given) -> Named:
    yield "weight", (given.number("num_parameters", 1),)


_CONV = "in_channels out_channels kernel_size stride padding dilation groups bias padding_mode"
_CONV_T = "in_channels out_channels kernel_size stride padding output_padding groups bias dilation padding_mode"
_NORM = "num_features eps momentum affine track_running_stats"
_RNN = "input_size hidden_size num_layers bias batch_first dropout bidirectional proj_size"
_RNN_WORDS = "input_size hidden_size num_layers nonlinearity bias batch_first dropout bidirectional"
_TRANSFORMER = "d_model nhead dim_feedforward dropout activation layer_norm_eps batch_first norm_first bias"
_POOL = "kernel_size stride padding"

WEIGHTED: MappingProxyType[str, tuple[str, Callable[[Given], Named]]] = MappingProxyType(
    {
        **{f"Conv{n}d": (_CONV, _convolution(n)) for n in (1, 2, 3)},
        **{f"ConvTranspose{n}d": (_CONV_T, _convolution(n, transposed=True)) for n in (1, 2, 3)},
        **{f"BatchNorm{n}d": (_NORM, _batch_norm) for n in (1, 2, 3)},
        **{f"InstanceNorm{n}d": (_NORM, _instance_norm) for n in (1, 2, 3)},
        "SyncBatchNorm": (_NORM, _batch_norm),
        "Linear": ("in_features out_features bias", _linear),
        "Bilinear": ("in1_features in2_features out_features bias", _bilinear),
        "LayerNorm": ("normalized_shape eps elementwise_affine bias", _layer_norm),
        "RMSNorm": ("normalized_shape eps elementwise_affine", _rms_norm),
        "GroupNorm": ("num_groups num_channels eps affine", _group_norm),
        "Embedding": ("num_embeddings embedding_dim padding_idx", _embedding),
        "EmbeddingBag": ("num_embeddings embedding_dim", _embedding),
        "RNN": (_RNN_WORDS, _recurrent(1)),
        "LSTM": (_RNN, _recurrent(4)),
        "GRU": (_RNN, _recurrent(3)),
        "RNNCell": ("input_size hidden_size bias", _recurrent(1, cell=True)),
        "LSTMCell": ("input_size hidden_size bias", _recurrent(4, cell=True)),
        "GRUCell": ("input_size hidden_size bias", _recurrent(3, cell=True)),
        "MultiheadAttention": (
            "embed_dim num_heads dropout bias add_bias_kv add_zero_attn kdim vdim batch_first",
            _attention,
        ),
        "TransformerEncoderLayer": (_TRANSFORMER, _transformer_layer(1)),
        "TransformerDecoderLayer": (_TRANSFORMER, _transformer_layer(2)),
        "Transformer": (
            "d_model nhead num_encoder_layers num_decoder_layers dim_feedforward dropout activation custom_encoder "
            "custom_decoder layer_norm_eps batch_first norm_first bias",
            _transformer,
        ),
        "PReLU": ("num_parameters init", _prelu),
    }
)
"""Layers with tensors: the order of their constructors' arguments, and their tensors by name."""
WEIGHTLESS: MappingProxyType[str, str] = MappingProxyType(
    {
        **{f"{kind}Pool{n}d": f"{_POOL} dilation return_indices ceil_mode" for kind in ("Max",) for n in (1, 2, 3)},
        **{f"AvgPool{n}d": f"{_POOL} ceil_mode count_include_pad" for n in (1, 2, 3)},
        **{f"Adaptive{kind}Pool{n}d": "output_size" for kind in ("Max", "Avg") for n in (1, 2, 3)},
        **{
            f"{kind}Pad{n}d": "padding" for kind in ("Zero", "Reflection", "Replication", "Circular") for n in (1, 2, 3)
        },
        **{f"ConstantPad{n}d": "padding value" for n in (1, 2, 3)},
        **dict.fromkeys(
            ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"), "p inplace"
        ),
        **dict.fromkeys(("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid"), "inplace"),
        **dict.fromkeys(("ELU", "CELU"), "alpha inplace"),
        **dict.fromkeys(("Softshrink", "Hardshrink"), "lambd"),
        "GELU": "approximate",
        "Softplus": "beta threshold",
        "Threshold": "threshold value inplace",
        "Hardtanh": "min_val max_val inplace",
        "RReLU": "lower upper inplace",
        "Unfold": "kernel_size dilation padding stride",
        "Fold": "output_size kernel_size dilation padding stride",
        "PixelUnshuffle": "downscale_factor",
        "PairwiseDistance": "p eps keepdim",
        "Identity": "one other",
        **dict.fromkeys(("Softmax", "LogSoftmax", "Softmin", "GLU"), "dim"),
        "Flatten": "start_dim end_dim",
        "Unflatten": "dim unflattened_size",
        "LeakyReLU": "negative_slope inplace",
        "Upsample": "size scale_factor mode",
        "UpsamplingNearest2d": "size scale_factor",
        "UpsamplingBilinear2d": "size scale_factor",
        "PixelShuffle": "upscale_factor",
        "LocalResponseNorm": "size alpha beta k",
        "CosineSimilarity": "dim eps",
        "ChannelShuffle": "groups",
        **dict.fromkeys(
            (
                *("Tanh", "Sigmoid", "LogSigmoid", "Softsign", "Tanhshrink", "Softmax2d"),
                *("LPPool1d", "LPPool2d", "MaxUnpool1d", "MaxUnpool2d", "FractionalMaxPool2d"),
            ),
            "",
        ),
    }
)
"""Layers without tensors, with the order of their arguments."""
LAZY = MappingProxyType(
    {
        **{f"Lazy{kind}{n}d": "in_channels" for kind in ("Conv", "ConvTranspose") for n in (1, 2, 3)},
        **{f"Lazy{kind}Norm{n}d": "num_features" for kind in ("Batch", "Instance") for n in (1, 2, 3)},
        "LazyLinear": "in_features",
    }
)
"""Layers that learn one argument from their first input."""


def signature(kind: str) -> tuple[str, ...] | None:
    """The order of a constructor's arguments; None for a layer that is not known."""
    plain = kind.removeprefix("Lazy") if kind in LAZY else kind
    words = WEIGHTED[plain][0] if plain in WEIGHTED else WEIGHTLESS.get(plain)
    return None if words is None else tuple(word for word in words.split() if word != LAZY.get(kind))


def tensors(kind: str, settings: dict[str, Any]) -> dict[str, Shape]:
    """The tensors of a layer of ``torch.nn`` by name.

    Raises:
        NotKnown: the layer, or an argument that a size follows from.
    """
    kind = kind.removeprefix("Lazy") if kind in LAZY else kind
    if kind in WEIGHTLESS:
        return {}
    if kind not in WEIGHTED:
        raise NotKnown(f"nn.{kind}")
    return dict(WEIGHTED[kind][1](Given(settings)))


def elements(shape: Shape) -> int:
    """How many numbers a tensor holds."""
    return prod(shape)
