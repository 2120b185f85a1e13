"""The layers that a network may have, as data: one frozen model a layer type, named as in ``torch.nn``.

Sizes that follow from the layer before (``in_channels``, ``in_features``, ``num_features``) may be left out
of a spec; a plan has them all.
"""

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

CLASSES = "classes"


def _as_pair(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, value)
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(f"needs a whole number or a pair [height, width], got {value!r}")
    return value


def _word_or_number(value: Any) -> str:
    return "word" if isinstance(value, str) else "number"


_Positive = Annotated[int, Field(ge=1)]
_NotNegative = Annotated[int, Field(ge=0)]
Pair = Annotated[tuple[_Positive, _Positive], BeforeValidator(_as_pair)]
PaddingPair = Annotated[tuple[_NotNegative, _NotNegative], BeforeValidator(_as_pair)]


class Layer(BaseModel):
    """What all layers share."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

    name: str = Field("", description="name in the report; made from the type where empty", max_length=80)


class Conv2d(Layer):
    """2-D convolution. (C, H, W) to (out_channels, H', W')."""

    type: Literal["Conv2d"] = "Conv2d"
    in_channels: int | None = Field(None, ge=1, description="channels in; follows from the layer before")
    out_channels: int = Field(ge=1, description="channels out")
    kernel_size: Pair = Field(description="kernel height and width, pixels")
    stride: Pair = Field((1, 1), description="stride, pixels")
    padding: Annotated[
        Annotated[PaddingPair, Tag("number")] | Annotated[Literal["same", "valid"], Tag("word")],
        Discriminator(_word_or_number),
    ] = Field((0, 0), description='zero padding on each side, pixels, or "same"')
    dilation: Pair = Field((1, 1), description="spacing of the kernel's elements, pixels")
    groups: int = Field(1, ge=1, description="groups of channels that do not mix")
    bias: bool = Field(True, description="adds one bias a channel")
    frozen: bool = Field(False, description="parameters are not trained")


class Linear(Layer):
    """Fully connected layer over the last dimension. (…, in_features) to (…, out_features)."""

    type: Literal["Linear"] = "Linear"
    in_features: int | None = Field(None, ge=1, description="features in; follows from the layer before")
    out_features: Annotated[
        Annotated[_Positive, Tag("number")] | Annotated[Literal["classes"], Tag("word")],
        Discriminator(_word_or_number),
    ] = Field(description='features out, or "classes" for the experiment\'s number of classes')
    bias: bool = Field(True, description="adds one bias a feature")
    frozen: bool = Field(False, description="parameters are not trained")


class BatchNorm2d(Layer):
    """Batch normalization over the channels of (C, H, W)."""

    type: Literal["BatchNorm2d"] = "BatchNorm2d"
    num_features: int | None = Field(None, ge=1, description="channels; follows from the layer before")
    eps: float = Field(1e-5, gt=0, description="added to the variance")
    momentum: float = Field(0.1, ge=0, le=1, description="weight of the newest batch in the running statistics")
    affine: bool = Field(True, description="learns a scale and a shift a channel")
    track_running_stats: bool = Field(True, description="keeps a running mean and variance (buffers)")
    frozen: bool = Field(False, description="parameters are not trained")


class _Pool2d(Layer):
    kernel_size: Pair = Field(description="window height and width, pixels")
    stride: Pair | None = Field(None, description="stride, pixels; the window's size where left out")
    padding: PaddingPair = Field((0, 0), description="padding on each side, pixels")
    ceil_mode: bool = Field(False, description="round output sizes up instead of down")


class MaxPool2d(_Pool2d):
    """Maximum over windows. (C, H, W) to (C, H', W')."""

    type: Literal["MaxPool2d"] = "MaxPool2d"
    dilation: Pair = Field((1, 1), description="spacing of the window's elements, pixels")


class AvgPool2d(_Pool2d):
    """Mean over windows, padding counted in. (C, H, W) to (C, H', W')."""

    type: Literal["AvgPool2d"] = "AvgPool2d"


class AdaptiveAvgPool2d(Layer):
    """Mean over as many windows as the output has positions. (C, H, W) to (C, *output_size)."""

    type: Literal["AdaptiveAvgPool2d"] = "AdaptiveAvgPool2d"
    output_size: Pair = Field(description="output height and width, pixels")


class ReLU(Layer):
    """max(0, x), element by element."""

    type: Literal["ReLU"] = "ReLU"


class Dropout(Layer):
    """Sets elements to zero with probability p while training."""

    type: Literal["Dropout"] = "Dropout"
    p: float = Field(ge=0, lt=1, description="probability that an element is dropped")


class Flatten(Layer):
    """(C, H, W) to (C·H·W,)."""

    type: Literal["Flatten"] = "Flatten"


class Softmax(Layer):
    """Softmax over the classes; applied where the network predicts, never before the loss."""

    type: Literal["Softmax"] = "Softmax"


def double_softmax_floor(classes: int) -> float:
    """The least cross-entropy, nats, of a loss that takes probabilities for logits: ln(1 + (K − 1)/e) of K classes."""
    return math.log(1 + (classes - 1) / math.e)


def rests_on_double_softmax_floor(loss: float, accuracy: float, classes: int) -> bool:
    """Whether a cross-entropy (nats) ends within 0.1 above that floor while the accuracy (0…1) is over 90 %."""
    floor = double_softmax_floor(classes)
    return floor <= loss <= floor + 0.1 and accuracy > 0.9


AnyLayer = Annotated[
    Conv2d | Linear | BatchNorm2d | MaxPool2d | AvgPool2d | AdaptiveAvgPool2d | ReLU | Dropout | Flatten | Softmax,
    Field(discriminator="type"),
]
