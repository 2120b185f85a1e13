"""A network as a row of layers, whoever wrote it: as an assignment asks for it, as a program applies it."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from reportgen.assignment.layers import AnyLayer, AvgPool2d, Conv2d, Linear, MaxPool2d
from reportgen.code.shapes import pair, same_padding
from reportgen.code.values import Step

_IGNORED = frozenset({"Flatten", "Identity", "Softmax", "LogSoftmax", "Dropout", "Dropout2d", "Softmax2d"})
_POOLS = frozenset({"MaxPool2d", "AvgPool2d"})
TITLES = {
    "out_channels": "filters",
    "kernel_size": "kernel",
    "stride": "stride",
    "padding": "zero padding",
    "out_features": "outputs",
}


@dataclass(frozen=True)
class Part:
    """One layer, whoever wrote it: its type and what can differ."""

    type: str
    settings: tuple[tuple[str, object], ...]
    line: int = 0

    def __str__(self) -> str:
        told = ", ".join(f"{TITLES[name]} {shown(value)}" for name, value in self.settings)
        return f"{self.type}({told})" if told else self.type


def shown(value: object) -> str:
    """A setting as a reader has it."""
    if isinstance(value, tuple):
        return "×".join(str(part) for part in value) if value[0] != value[1] else str(value[0])
    return "unknown" if value is None else str(value)


def asked_parts(layers: Sequence[AnyLayer], classes: int) -> list[Part]:
    """The layers that an assignment asks for, in their usual order."""
    found = []
    for layer in layers:
        match layer:
            case Conv2d():
                padding = same_padding(layer.kernel_size) if layer.padding == "same" else layer.padding
                padding = (0, 0) if padding == "valid" else padding
                settings = (
                    ("out_channels", layer.out_channels),
                    ("kernel_size", layer.kernel_size),
                    ("stride", layer.stride),
                    ("padding", padding),
                )
                found.append(Part("Conv2d", settings))
            case MaxPool2d() | AvgPool2d():
                stride = layer.stride or layer.kernel_size
                found.append(
                    Part(
                        layer.type, (("kernel_size", layer.kernel_size), ("stride", stride), ("padding", layer.padding))
                    )
                )
            case Linear():
                out = classes if layer.out_features == "classes" else layer.out_features
                found.append(Part("Linear", (("out_features", out),)))
            case _ if layer.type not in _IGNORED:
                found.append(Part(layer.type, ()))
    return _ordered(found)


def coded_parts(steps: Sequence[Step]) -> list[Part]:
    """The layers that a program applies, in their usual order; explicit padding is its convolution's."""
    found: list[Part] = []
    padded: tuple[int, int] | None = None
    for step in steps:
        if step.type == "ZeroPad2d":
            sides = step.setting("padding")
            sides = (sides,) * 4 if isinstance(sides, int) else sides
            even = isinstance(sides, tuple) and len(sides) == 4 and sides[0] == sides[1] and sides[2] == sides[3]
            padded = (sides[2], sides[0]) if even and isinstance(sides, tuple) else None
            continue
        if step.type in _IGNORED:
            continue
        found.append(_coded(step, padded))
        padded = None
    return _ordered(found)


def _coded(step: Step, padded: tuple[int, int] | None) -> Part:
    kernel = pair(step.setting("kernel_size"))
    match step.type:
        case "Conv2d":
            given = step.setting("padding")
            padding = (
                same_padding(kernel) if given == "same" and kernel else pair(0 if given in {None, "valid"} else given)
            )
            if padded is not None and padding is not None:
                padding = (padding[0] + padded[0], padding[1] + padded[1])
            settings: tuple[tuple[str, object], ...] = (
                ("out_channels", _number(step.setting("out_channels"))),
                ("kernel_size", kernel),
                ("stride", pair(step.setting("stride"), 1)),
                ("padding", padding),
            )
        case "MaxPool2d" | "AvgPool2d":
            given = step.setting("stride")
            stride = kernel if given is None else pair(given)
            given = step.setting("padding")
            even = given == "same" and stride == (1, 1)
            padding = None if even else pair(0 if given in {None, "valid", "same"} else given)
            settings = (("kernel_size", kernel), ("stride", stride), ("padding", padding))
        case "Linear":
            settings = (("out_features", _number(step.setting("out_features"))),)
        case _:
            settings = ()
    return Part(step.type, settings, step.line)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _ordered(parts: Sequence[Part]) -> list[Part]:
    """Pooling before ReLU: with max-pooling the order changes nothing, and the assignment leaves it open."""
    found = list(parts)
    for at in range(len(found) - 1):
        if found[at].type == "ReLU" and found[at + 1].type in _POOLS:
            found[at], found[at + 1] = found[at + 1], found[at]
    return found


def likeness(asked: Sequence[Part], coded: Sequence[Part]) -> float:
    """How alike two networks are, 0…1: their types in order, then their settings."""
    if not asked or not coded:
        return 0.0
    types = SequenceMatcher(None, [part.type for part in asked], [part.type for part in coded], autojunk=False).ratio()
    equal = SequenceMatcher(None, [str(part) for part in asked], [str(part) for part in coded], autojunk=False).ratio()
    return (types + equal) / 2
