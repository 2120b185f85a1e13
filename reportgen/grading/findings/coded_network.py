"""The network in the code, held against the assignment's layer by layer, and counted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from reportgen.assignment.layers import AnyLayer, AvgPool2d, Conv2d, Linear, MaxPool2d
from reportgen.assignment.spec import Assignment
from reportgen.code.shapes import pair, same_padding
from reportgen.code.values import Step
from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.trained import Trained, classes_of

_IGNORED = frozenset({"Flatten", "Identity", "Softmax", "LogSoftmax", "Dropout", "Dropout2d", "Softmax2d"})
_IMAGE = (1, 28, 28)
_POOLS = frozenset({"MaxPool2d", "AvgPool2d"})
_TITLES = {
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
        shown = ", ".join(f"{_TITLES[name]} {_shown(value)}" for name, value in self.settings)
        return f"{self.type}({shown})" if shown else self.type


def _shown(value: object) -> str:
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


def check_network(one: Trained, assignment: Assignment, file: str) -> Iterator[Finding]:
    """Hold a network against that of its experiment."""
    experiment = one.experiment
    if experiment is None:
        return

    def finding(
        kind: FindingKind, reason: str, line: int, expected: str | None = None, found: str | None = None
    ) -> Finding:
        return Finding(
            check="network",
            kind=kind,
            experiment=experiment.id,
            file=file,
            place=Place(line=line or one.line or None),
            reason=reason,
            expected=expected,
            found=found,
        )

    if one.lost or not one.steps:
        yield finding(
            FindingKind.UNDECIDED, f"the network can't be followed: {one.lost or 'it has no layers'}", one.line
        )
        return
    if experiment.baseline is not None:
        return
    asked = asked_parts(assignment.networks[experiment.network].layers, classes_of(experiment))
    coded = coded_parts(one.steps)
    differences = list(compare(asked, coded))
    for line, reason, expected, found, sure in differences:
        yield finding(FindingKind.FAULT if sure else FindingKind.UNDECIDED, reason, line, expected, found)
    image = one.input_shape is not None and one.input_shape[1:] == _IMAGE
    for line, reason in impossible(one.steps) if image else ():
        yield finding(FindingKind.FAULT, reason, line)
    dropped = [step for step in one.steps if step.type.startswith("Dropout") and step.setting("p") not in {0, None}]
    if dropped and not differences:
        reason = "the network is the assignment's, but for dropout, which the assignment asks for in the bonus only"
        yield finding(FindingKind.NOTE, reason, dropped[0].line)
    if not differences:
        yield finding(FindingKind.MET, "every layer of the network in the code is the assignment's", one.line)


def compare(asked: Sequence[Part], coded: Sequence[Part]) -> Iterator[tuple[int, str, str, str, bool]]:
    """Yield each difference: line, reason, expected, found, and whether it is sure."""
    matcher = SequenceMatcher(None, [part.type for part in asked], [part.type for part in coded], autojunk=False)
    last = 0
    for tag, start, end, first, stop in matcher.get_opcodes():
        if tag == "equal":
            for one, other in zip(asked[start:end], coded[first:stop], strict=True):
                last = other.line or last
                yield from _settings(one, other)
            continue
        here = coded[first].line if first < len(coded) else last
        expected = ", ".join(str(part) for part in asked[start:end]) or "nothing there"
        found = ", ".join(str(part) for part in coded[first:stop]) or "nothing there"
        what = {"delete": "a layer is missing", "insert": "a layer more than asked"}.get(
            tag, "another layer than asked"
        )
        yield here, what, expected, found, True


def _settings(asked: Part, coded: Part) -> Iterator[tuple[int, str, str, str, bool]]:
    values = dict(coded.settings)
    for name, wanted in asked.settings:
        value = values.get(name)
        if value != wanted:
            title = f"{_TITLES[name]} of {asked.type}"
            if value is None:
                yield coded.line, f"{title} can't be told from the code", _shown(wanted), "unknown", False
            else:
                yield coded.line, f"another {title} than asked", _shown(wanted), _shown(value), True


def impossible(steps: Sequence[Step]) -> Iterator[tuple[int, str]]:
    """Yield the layers that can't take their input: such a program stops with an error."""
    for step in steps:
        for given, made in (("given_channels", "in_channels"), ("given_features", "in_features")):
            actual, declared = step.setting(given), step.setting(made)
            if isinstance(actual, int) and isinstance(declared, int) and actual != declared:
                yield (
                    step.line,
                    f"{step.type} is made for {declared} inputs and gets {actual}: the program would stop here",
                )
