"""The manual calculator: shapes, parameters, buffers and multiply-accumulates of a network, in plain integers.

Formulas: output sizes and counts as in the ``torch.nn`` documentation of each layer. A MAC is one
multiply-accumulate of a convolution or linear weight, bias excluded, for a batch of 1.
"""

from collections.abc import Sequence
from math import prod

from pydantic import BaseModel, ConfigDict, Field

from reportgen.assignment.layers import (
    AdaptiveAvgPool2d,
    AnyLayer,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
)

Shape = tuple[int, ...]


class LayerError(ValueError):
    """A layer that can't stand where it stands: ``index`` of the layer and what is wrong."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index


class LayerCount(BaseModel):
    """The counts of one layer, batch dimension left out of the shapes."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str = Field(description="name of the layer in the report")
    type: str = Field(description="type of the layer, as in torch.nn")
    input_shape: Shape = Field(description="(C, H, W) or (features,)")
    output_shape: Shape = Field(description="(C, H, W) or (features,)")
    trainable: int = Field(description="elements of parameters with requires_grad")
    non_trainable: int = Field(description="elements of frozen parameters")
    buffers: int = Field(description="elements of state that is no parameter")
    keras_non_trainable: int = Field(description="what Keras calls non-trainable: frozen + moving statistics")
    macs: int = Field(description="multiply-accumulates for one image, bias excluded")
    derivation: str = Field(description="the count worked out with real numbers; empty where there is none")

    @property
    def parameters(self) -> int:
        """Elements of all parameters, trained or frozen."""
        return self.trainable + self.non_trainable


class NetworkCount(BaseModel):
    """The counts of a network, layer by layer."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    layers: tuple[LayerCount, ...]

    @property
    def trainable(self) -> int:
        """Elements of parameters with requires_grad."""
        return sum(layer.trainable for layer in self.layers)

    @property
    def non_trainable(self) -> int:
        """Elements of frozen parameters."""
        return sum(layer.non_trainable for layer in self.layers)

    @property
    def buffers(self) -> int:
        """Elements of state that is no parameter."""
        return sum(layer.buffers for layer in self.layers)

    @property
    def keras_non_trainable(self) -> int:
        """What Keras calls non-trainable: frozen parameters and moving statistics."""
        return sum(layer.keras_non_trainable for layer in self.layers)

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one image, bias excluded."""
        return sum(layer.macs for layer in self.layers)

    @property
    def total_derivation(self) -> str:
        """The sum of the layers' trainable counts, worked out."""
        terms = [f"{layer.trainable:,}" for layer in self.layers if layer.trainable]
        return f"{' + '.join(terms)} = {self.trainable:,}" if len(terms) > 1 else f"{self.trainable:,}"


def count(layers: Sequence[AnyLayer], input_shape: Shape) -> NetworkCount:
    """Count a network whose input is one image of ``input_shape`` (C, H, W).

    Raises:
        LayerError: a layer can't take its input, or its output would be empty.
    """
    counts = []
    shape = input_shape
    for index, layer in enumerate(layers):
        try:
            counted = _count_layer(layer, shape, layer.name or f"{layer.type} {index + 1}")
        except ValueError as error:
            raise LayerError(index, str(error)) from None
        counts.append(counted)
        shape = counted.output_shape
    return NetworkCount(layers=tuple(counts))


def complete(layers: Sequence[AnyLayer], input_shape: Shape) -> tuple[AnyLayer, ...]:
    """Fill in what follows from the layer before: input sizes, pooling strides, names.

    Raises:
        LayerError: as in `count`.
    """
    counts = count(layers, input_shape).layers
    return tuple(_complete_layer(layer, counted) for layer, counted in zip(layers, counts, strict=True))


def receptive_fields(layers: Sequence[AnyLayer]) -> tuple[int, ...]:
    """How many pixels of the image, along its height, one value behind each layer depends on.

    r += (k − 1)·d·j and j *= s for each layer with a window, from r = j = 1 (Araujo, Norris and Sim: Computing
    receptive fields of convolutional neural networks, Distill 2019, equations 2 and 4). Other layers change neither.
    """
    field, jump, fields = 1, 1, []
    for layer in layers:
        if isinstance(layer, Conv2d | MaxPool2d | AvgPool2d):
            dilation = 1 if isinstance(layer, AvgPool2d) else layer.dilation[0]
            field += (layer.kernel_size[0] - 1) * dilation * jump
            jump *= (layer.stride or layer.kernel_size)[0]
        fields.append(field)
    return tuple(fields)


def _complete_layer(layer: AnyLayer, counted: LayerCount) -> AnyLayer:
    update: dict[str, object] = {"name": counted.name}
    match layer:
        case Conv2d():
            update["in_channels"] = counted.input_shape[0]
        case Linear():
            update["in_features"] = counted.input_shape[-1]
        case BatchNorm2d():
            update["num_features"] = counted.input_shape[0]
        case MaxPool2d() | AvgPool2d():
            update["stride"] = layer.stride or layer.kernel_size
    return layer.model_copy(update=update)


def _count_layer(layer: AnyLayer, shape: Shape, name: str) -> LayerCount:
    output, parameters, buffers, macs, derivation = shape, 0, 0, 0, ""
    frozen = False
    match layer:
        case Conv2d():
            channels, _, _ = _image(layer, shape)
            _agree("in_channels", layer.in_channels, channels)
            output = _conv_output(layer, shape)
            height, width = layer.kernel_size
            weights = channels // layer.groups * height * width * layer.out_channels
            parameters = weights + layer.out_channels * layer.bias
            macs = weights * output[1] * output[2]
            inputs = f"({channels}/{layer.groups})" if layer.groups > 1 else str(channels)
            derivation = _with_bias(
                f"{inputs}·{height}·{width}·{layer.out_channels}", layer.out_channels * layer.bias, parameters
            )
            frozen = layer.frozen
        case Linear():
            features = shape[-1]
            _agree("in_features", layer.in_features, features)
            if not isinstance(layer.out_features, int):
                raise ValueError('out_features = "classes" needs an experiment that says how many classes')
            output = (*shape[:-1], layer.out_features)
            weights = features * layer.out_features
            parameters = weights + layer.out_features * layer.bias
            macs = weights * prod(shape[:-1])
            derivation = _with_bias(f"{features}·{layer.out_features}", layer.out_features * layer.bias, parameters)
            frozen = layer.frozen
        case BatchNorm2d():
            channels, _, _ = _image(layer, shape)
            if layer.affine or layer.track_running_stats:
                _agree("num_features", layer.num_features, channels)
            if not layer.track_running_stats and prod(shape[1:]) == 1:
                raise ValueError(
                    f"without running statistics it needs more than one value a channel, got the shape {_show(shape)}"
                )
            parameters = 2 * channels * layer.affine
            buffers = (2 * channels + 1) * layer.track_running_stats
            derivation = f"2·{channels} = {parameters:,}" if parameters else ""
            frozen = layer.frozen
        case MaxPool2d():
            output = _pool_output(layer, shape, layer.dilation)
        case AvgPool2d():
            output = _pool_output(layer, shape, (1, 1))
        case AdaptiveAvgPool2d():
            channels, _, _ = _image(layer, shape)
            output = (channels, *layer.output_size)
        case Flatten():
            output = (prod(shape),)
    kept = parameters * frozen
    return LayerCount(
        name=name,
        type=layer.type,
        input_shape=shape,
        output_shape=output,
        trainable=parameters - kept,
        non_trainable=kept,
        buffers=buffers,
        # num_batches_tracked has no counterpart in Keras
        keras_non_trainable=kept + max(0, buffers - 1),
        macs=macs,
        derivation=derivation,
    )


def _image(layer: AnyLayer, shape: Shape) -> Shape:
    if len(shape) != 3:
        raise ValueError(f"{layer.type} needs an image (C, H, W), got the shape {_show(shape)}")
    return shape


def _agree(key: str, said: int | None, got: int) -> None:
    if said is not None and said != got:
        raise ValueError(f"{key} = {said}, but the layer before gives {got}")


def _conv_output(layer: Conv2d, shape: Shape) -> Shape:
    channels, *sizes = shape
    for key, number in (("in_channels", channels), ("out_channels", layer.out_channels)):
        if number % layer.groups:
            raise ValueError(f"{key} = {number} is not divisible by groups = {layer.groups}")
    if layer.padding == "same":
        if layer.stride != (1, 1):
            raise ValueError(f'padding "same" needs stride 1, got {layer.stride[0]}×{layer.stride[1]}')
        return (layer.out_channels, *sizes)
    padding = (0, 0) if layer.padding == "valid" else layer.padding
    outputs = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(sizes, layer.kernel_size, layer.stride, padding, layer.dilation, strict=True)
    ]
    return _not_empty(shape, layer.out_channels, outputs)


def _pool_output(layer: MaxPool2d | AvgPool2d, shape: Shape, dilation: tuple[int, int]) -> Shape:
    channels, *sizes = _image(layer, shape)
    outputs = []
    for n, k, s, p, d in zip(
        sizes, layer.kernel_size, layer.stride or layer.kernel_size, layer.padding, dilation, strict=True
    ):
        if 2 * p > k:
            raise ValueError(f"padding {p} is more than half of the window {k}")
        span = n + 2 * p - d * (k - 1) - 1
        output = (-(-span // s) if layer.ceil_mode else span // s) + 1
        if layer.ceil_mode and (output - 1) * s >= n + p:
            output -= 1  # the last window must start inside the input or its left padding
        outputs.append(output)
    return _not_empty(shape, channels, outputs)


def _not_empty(shape: Shape, channels: int, outputs: list[int]) -> Shape:
    if min(outputs) < 1:
        raise ValueError(
            f"the output would be empty: {_show(shape)} in gives {max(outputs[0], 0)}×{max(outputs[1], 0)}; "
            "make the kernel smaller or the padding larger"
        )
    return (channels, *outputs)


def _with_bias(product: str, bias: int, total: int) -> str:
    return f"({product}) + {bias} = {total:,}" if bias else f"{product} = {total:,}"


def _show(shape: Shape) -> str:
    return "×".join(str(size) for size in shape)
