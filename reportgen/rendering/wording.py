"""Numbers, layers and settings in words, as a report prints them."""

import re

from markupsafe import Markup

from reportgen.assignment.counting import LayerCount
from reportgen.assignment.layers import (
    AdaptiveAvgPool2d,
    AnyLayer,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Linear,
    MaxPool2d,
)
from reportgen.assignment.plan import PlannedExperiment, PlannedTraining
from reportgen.assignment.spec import TechniqueKind

_JOINED = re.compile(
    r"(?<=\d) (?=%)|(?<=[\d}]) (?=\(\d[\d,]*\))|(?<=\bp) (?=(?:=|&lt;) )|(?<=\bp =) |(?<=\bp &lt;) "
    r"|(?:(?<=\bkernel)|(?<=\bstride)|(?<=\bpadding)|(?<=\bmomentum)) (?=\d)"
)


def integer(number: int) -> str:
    """A whole number with commas: 11,070."""
    return f"{number:,}"


def counted(number: int, thing: str) -> str:
    """How many of a thing there are: 1 image, 1,000 images."""
    return f"{integer(number)} {thing}{'s' * (number != 1)}"


def short_name(name: str) -> str:
    """The name of a class without what it joins in braces."""
    return name.split(" {", maxsplit=1)[0]


def percent(share: float, decimals: int = 2) -> str:
    """A share of 1 as a percentage: 98.67 %."""
    return f"{share * 100:.{decimals}f} %"


def probability(value: float) -> str:
    """A network's probability, one decimal; never 100 %, which none is."""
    return "> 99.9 %" if value >= 0.9995 else percent(value, 1)


def in_percent(share: float) -> str:
    """A share of 1 in percent, for a column whose head has the unit: 98.67."""
    return f"{share * 100:.2f}"


def thousandths(value: float) -> str:
    """A learning rate in thousandths, for a column whose head says so: 2.7500."""
    return f"{value * 1000:.4f}"


def unbroken(text: Markup) -> Markup:
    """A text in which no line ends between a number and its percent sign, count in brackets, ``p =`` or ``stride``."""
    return Markup(_JOINED.sub("\u00a0", text))


def points(difference: float) -> str:
    """A difference of two shares in percentage points, with its sign: +0.52."""
    return f"{difference * 100:+.2f}".replace("-", "−")


def loss(value: float) -> str:
    """A loss with four decimals."""
    return f"{value:.4f}"


def rate(value: float) -> str:
    """A learning rate: three significant digits, never in exponents where it can be avoided."""
    return f"{value:.3g}" if value >= 1e-4 else power(value)


def power(value: float) -> str:
    """A small number as 3.1·10⁻⁵."""
    mantissa, exponent = f"{value:.1e}".split("e")
    superscript = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}·10{superscript}"


def p_value(value: float) -> str:
    """A p-value as ``p = 0.031``; very small ones as ``p = 3.1·10⁻⁵``."""
    if value <= 0:
        return "p < 10⁻³⁰⁰"
    return f"p = {value:.3f}" if value >= 0.001 else f"p = {power(value)}"


def shape(sizes: tuple[int, ...]) -> str:
    """A shape as 16×28×28."""
    return "×".join(f"{size:,}" for size in sizes)


def listing(items: list[str]) -> str:
    """Join items: a, b and c."""
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def _pair(sizes: tuple[int, int]) -> str:
    return f"{sizes[0]}×{sizes[1]}"


def _one(sizes: tuple[int, int]) -> str:
    return str(sizes[0]) if sizes[0] == sizes[1] else _pair(sizes)


def settings(layer: AnyLayer) -> str:
    """What sets a layer apart, in words; empty for a layer without settings."""
    words: list[str] = []
    match layer:
        case Conv2d():
            words.append(f"{layer.in_channels} → {layer.out_channels} channels, kernel {_pair(layer.kernel_size)}")
            words.append(f"stride {_one(layer.stride)}")
            padded = layer.padding if isinstance(layer.padding, str) else _one(layer.padding)
            words.append("no padding" if padded in ("0", "valid") else f"zero padding {padded}")
            words += [f"dilation {_one(layer.dilation)}"] * (layer.dilation != (1, 1))
            words += [f"{layer.groups} groups"] * (layer.groups > 1)
            words += ["no bias"] * (not layer.bias)
        case Linear():
            words.append(f"{layer.in_features} → {layer.out_features} features")
            words += ["no bias"] * (not layer.bias)
        case BatchNorm2d():
            words.append(f"{layer.num_features} channels, momentum {layer.momentum:g}")
            words += ["no scale and shift"] * (not layer.affine)
            words += ["no running statistics"] * (not layer.track_running_stats)
        case MaxPool2d() | AvgPool2d():
            words.append(f"window {_pair(layer.kernel_size)}, stride {_one(layer.stride or layer.kernel_size)}")
            words += [f"padding {_one(layer.padding)}"] * (layer.padding != (0, 0))
            words += ["sizes rounded up"] * layer.ceil_mode
            if isinstance(layer, MaxPool2d) and layer.dilation != (1, 1):
                words.append(f"dilation {_one(layer.dilation)}")
        case AdaptiveAvgPool2d():
            words.append(f"to {_pair(layer.output_size)}")
        case Dropout():
            words.append(f"p = {layer.p:g}")
    if getattr(layer, "frozen", False):
        words.append("frozen")
    return ", ".join(words)


def kind(counted: LayerCount) -> str:
    """Which count a layer's parameters belong to."""
    return "Non-trainable parameters" if counted.non_trainable else "Trainable parameters"


def activations(layers: tuple[AnyLayer, ...]) -> str:
    """The activation functions of a network."""
    words = []
    relus = sum(layer.type == "ReLU" for layer in layers)
    if relus:
        words.append(f"ReLU ({relus} times)" if relus > 1 else "ReLU")
    if layers[-1].type == "Softmax":
        words.append("softmax at the output, where the network predicts")
    return "; ".join(words) if words else "none"


def optimizer(training: PlannedTraining) -> str:
    """The optimizer with its settings."""
    chosen = training.optimizer
    title = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD"}[chosen.name]
    words = [f"learning rate {rate(chosen.learning_rate)}"]
    if chosen.name == "sgd":
        words += [f"momentum {chosen.momentum:g}"] * (chosen.momentum > 0)
        words += ["Nesterov"] * chosen.nesterov
    else:
        words.append(f"betas {chosen.betas[0]:g} and {chosen.betas[1]:g}")
    words += [f"weight decay {chosen.weight_decay:g}"] * (chosen.weight_decay > 0)
    return f"{title} ({', '.join(words)})"


def schedule(training: PlannedTraining) -> str:
    """The learning-rate schedule with its settings."""
    chosen = training.schedule
    match chosen.name:
        case "constant":
            return "constant"
        case "step":
            return f"multiplied by {chosen.factor:g} every {chosen.epochs} epochs"
        case "cosine":
            return "half a cosine, down to zero"
        case "one-cycle":
            up = percent(chosen.warmup_fraction, 0)
            start, top = rate(training.optimizer.learning_rate), rate(chosen.max_learning_rate)
            return f"one cycle: from {start} up to {top} over {up} of the steps, then down to almost zero"


def augmentation(training: PlannedTraining) -> str:
    """The augmentation with its settings."""
    said = []
    for affine in training.augmentation:
        words = [f"rotation up to ±{affine.degrees:g}°"] * (affine.degrees > 0)
        words += [f"shift up to ±{affine.translate * 100:g} % of the image's size"] * (affine.translate > 0)
        low, high = affine.scale
        words += [f"scaling by {low:g} to {high:g}"] * ((low, high) != (1.0, 1.0))
        words += [f"shear up to ±{affine.shear:g}°"] * (affine.shear > 0)
        said.append(f"{listing(words)}, drawn anew for every {affine.images_per_draw} images of each epoch; no flips")
    return "; ".join(said) or "none"


def validation(training: PlannedTraining) -> str:
    """The validation split and early stopping."""
    if training.early_stopping is None:
        return "none; the weights of the last epoch are kept"
    return (
        f"{integer(training.validation_size)} training images set aside; training stops after "
        f"{training.early_stopping.patience} epochs without a lower validation loss, "
        "and the weights of the epoch with the lowest are kept"
    )


def technique(kind_of: TechniqueKind, experiment: PlannedExperiment) -> str:
    """The settings of a technique as the plan has them."""
    training = experiment.training
    match kind_of:
        case "dropout":
            found = [layer for layer in experiment.layers if isinstance(layer, Dropout)]
            return "; ".join(f"{layer.name}: {settings(layer)}" for layer in found)
        case "batch-normalization":
            norms = [layer for layer in experiment.layers if isinstance(layer, BatchNorm2d)]
            return "; ".join(f"{layer.name}: {settings(layer)}" for layer in norms)
        case "data-augmentation":
            return augmentation(training)
        case "learning-rate-schedule":
            return schedule(training)
        case "early-stopping":
            return validation(training)
