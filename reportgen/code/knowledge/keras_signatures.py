"""How calls of Keras 1 read today: the order and the names of its arguments, as its last release documents them.

Keras 2.0 took both, Keras in TensorFlow and Keras 3 take the new ones alone: ``Conv2D(32, 3, 3)`` is a kernel of 3×3
there, and a kernel of 3 with a stride of 3 here. Which one a program was written for is told by its other arguments.
"""

import ast
from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from reportgen.code.arguments import Arguments
from reportgen.code.host import whole
from reportgen.code.values import Items, Known, Value

_OF_FIRST = frozenset(
    [
        *("border_mode", "nb_filter", "nb_row", "nb_col", "subsample", "dim_ordering", "nb_epoch", "filter_length"),
        *("W_regularizer", "b_regularizer", "W_constraint", "b_constraint", "pool_length", "subsample_length"),
        *("samples_per_epoch", "nb_val_samples", "nb_worker", "inner_activation", "inner_init", "dropout_W"),
    ]
)
"""Arguments that only Keras 1 has."""
_CALLS_OF_FIRST = frozenset({"set_image_dim_ordering", "image_dim_ordering"})
RENAMED = MappingProxyType(
    {
        **{"nb_filter": "filters", "border_mode": "padding", "subsample": "strides", "subsample_length": "strides"},
        **{"filter_length": "kernel_size", "pool_length": "pool_size", "stride": "strides", "bias": "use_bias"},
        **{"dim_ordering": "data_format", "p": "rate", "init": "kernel_initializer", "output_dim": "units"},
        **{"atrous_rate": "dilation_rate", "inner_activation": "recurrent_activation"},
    }
)
"""Names of arguments of layers, then and now."""
_CONVOLUTION = "kernel_initializer activation weights padding strides data_format"
_RECURRENT = "units kernel_initializer inner_init forget_bias_init activation recurrent_activation"
_ORDERS = MappingProxyType(
    {
        "Conv1D": f"filters kernel_size {_CONVOLUTION}",
        "Conv2D": f"filters nb_row nb_col {_CONVOLUTION}",
        "Conv3D": f"filters kernel_dim1 kernel_dim2 kernel_dim3 {_CONVOLUTION}",
        "SeparableConv2D": f"filters nb_row nb_col {_CONVOLUTION}".replace(" data_", " depth_multiplier data_"),
        "Conv2DTranspose": f"filters nb_row nb_col output_shape {_CONVOLUTION}",
        "Dense": "units kernel_initializer activation weights",
        "BatchNormalization": "epsilon mode axis momentum",
        "Embedding": "input_dim output_dim kernel_initializer input_length",
        "LSTM": _RECURRENT,
        "GRU": _RECURRENT.replace(" forget_bias_init", ""),
        "SimpleRNN": _RECURRENT.replace(" forget_bias_init", "").replace(" recurrent_activation", ""),
    }
)
"""The order of the arguments of layers in Keras 1, by their names today, in the words of today where there are some."""
_SIDES = ("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3")
_NAMES = (("Atrous", ""), ("Deconvolution2D", "Conv2DTranspose"), ("Convolution", "Conv"))


def version_of(nodes: Iterable[ast.AST]) -> int | None:
    """The Keras that a program is written for: 1, or 2 for all since; None where both are possible."""
    alone = False
    for node in nodes:
        if isinstance(node, ast.keyword) and node.arg in _OF_FIRST:
            return 1
        if isinstance(node, ast.Attribute | ast.alias):
            name = node.attr if isinstance(node, ast.Attribute) else node.name
            if name.rpartition(".")[2] in _CALLS_OF_FIRST:
                return 1
            alone |= isinstance(node, ast.alias) and name.partition(".")[0] == "keras"
        elif isinstance(node, ast.ImportFrom):
            alone |= (node.module or "").partition(".")[0] == "keras"
    return None if alone else 2


def name_today(name: str) -> str:
    """What a layer is called today."""
    for old, new in _NAMES:
        name = name.replace(old, new)
    return name


def today(given: Arguments, name: str, version: int | None) -> tuple[Arguments, str]:
    """The arguments of a layer as they are given today, and why they can't be told; empty where they can."""
    order = _ORDERS.get(name, "").split()
    if version == 2 or name == "Embedding":
        return given, ""
    kwargs = {RENAMED.get(key, key): value for key, value in given.kwargs.items()}
    args = given.args
    if version is None:
        several = name.startswith(("Conv2D", "SeparableConv2D")) and len(args) > 2
        unsure = several and whole(args[1]) is not None and whole(args[2]) is not None
        doubt = f"{name} with three numbers is a kernel in Keras 1 and a stride since" if unsure else ""
        return replace(given, kwargs=kwargs), doubt
    if order and not _is_new(name, args):
        kwargs = dict(zip(order, args, strict=False)) | kwargs
        args = []
    for sides in _SIDES:
        if all(side in kwargs for side in sides):
            kwargs["kernel_size"] = Items([kwargs.pop(side) for side in sides], "tuple")
    if name == "GRU":
        kwargs.setdefault("reset_after", Known(False))
    return replace(given, args=args, kwargs=kwargs), ""


def _is_new(name: str, args: list[Value]) -> bool:
    """Tell whether a convolution gets its kernel in a tuple, as no layer of Keras 1 does: Keras 2.0 takes both."""
    return name.startswith(("Conv2D", "Conv3D", "SeparableConv")) and len(args) > 1 and isinstance(args[1], Items)
