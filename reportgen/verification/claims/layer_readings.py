"""What the numbers of a phrase make of a layer: every plausible layer, the likeliest first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reportgen.assignment.layers import (
    AdaptiveAvgPool2d,
    AnyLayer,
    BatchNorm2d,
    Dropout,
    Flatten,
    ReLU,
    Softmax,
)
from reportgen.verification.facts.networks import KERNELS, convolutions, linear, windows

_PLAIN: dict[str, AnyLayer] = {"ReLU": ReLU(), "Softmax": Softmax(), "Flatten": Flatten(), "Dropout": Dropout(p=0.5)}
_LARGEST_KERNEL = 11


@dataclass(frozen=True)
class LayerNumbers:
    """The numbers of a phrase by what they are."""

    roles: dict[str, tuple[int, ...]]
    loose: tuple[tuple[int, ...], ...]
    """Without a word for what they are: one, or a group of several."""


def readings_of(  # noqa: PLR0911 (one return a type of layer)
    kind: str, numbers: LayerNumbers, text: str, *, torch: bool
) -> tuple[AnyLayer, ...]:
    """All that a layer of this type may be by its numbers and words; nothing where they fit none.

    Raises:
        ValidationError: a size that no layer can have.
    """
    roles = numbers.roles
    if "padding" in roles and len(roles["padding"]) > 2:
        return ()
    match kind:
        case "Conv2d":
            return tuple(_convolutions(numbers, text, torch=torch))
        case "Linear":
            sizes = _flat(numbers)
            out = (*roles.get("units", ()), *roles.get("channels", ()), *roles.get("classes", ()))
            given = roles.get("from", sizes[:1] if len(sizes) == 2 and not out else ())
            out = out or sizes[-1:]
            if len(sizes) > 2 or len(out) != 1 or not 0 < out[0] < 10**6:
                return ()
            inputs = given[0] if given else None
            return tuple(one for one in linear(out[0], inputs) if one.bias in _biases(text))
        case "MaxPool2d" | "AvgPool2d" | "Pool2d":
            kernel = (*roles.get("kernel-size", ()), *(group[0] for group in numbers.loose))[:1]
            stride = (*roles.get("stride", ()), *([numbers.loose[1][0]] if len(numbers.loose) > 1 else ()))[:1]
            pads = roles.get("padding", (0,))[:1] if "padding" in roles else (0, 1)
            if any(not 0 < size <= _LARGEST_KERNEL for size in (*kernel, *stride)):
                return ()
            strides: tuple[int | None, ...] = stride or (None, 2)
            return windows(kind, kernel or (2, 3), strides, pads)
        case "GlobalAvgPool2d":
            return (AdaptiveAvgPool2d(output_size=(1, 1)),)
        case "BatchNorm2d":
            return (BatchNorm2d(),)
        case _:
            return (_PLAIN[kind],) if kind in _PLAIN else ()


def _flat(numbers: LayerNumbers) -> tuple[int, ...]:
    return tuple(value for group in numbers.loose for value in group)


def _convolutions(numbers: LayerNumbers, text: str, *, torch: bool) -> Iterator[AnyLayer]:
    roles, loose = dict(numbers.roles), list(numbers.loose)
    kernel = roles.get("kernel-size", ())
    for group in list(loose):
        if len(group) > 1 and not kernel and max(group[:2]) <= _LARGEST_KERNEL:
            kernel = group[:2]
            loose.remove(group)
            loose += [(value,) for value in group[2:]]  # "3 * 3 * 32", "3 * 3 * 32 * 64"
    sizes = [value for group in loose for value in group]
    out = (*roles.get("channels", ()), *roles.get("units", ()))[:1]
    given = roles.get("from", ())
    ways: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = []
    if out or not sizes:
        ways = [(given, out, kernel or tuple(sizes[:1]))]
    elif kernel:
        ways = [(tuple(sizes[:-1][-1:]), (sizes[-1],), kernel)] if len(sizes) <= 2 else []
    elif len(sizes) == 1:
        ways = [((), (sizes[0],), ())]
    elif len(sizes) == 2:
        both: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = [
            ((sizes[0],), (sizes[1],), ()),
            ((), (sizes[0],), (sizes[1],)),
        ]
        ways = both[:1] if torch else [way for way in both if not way[2] or way[2][0] <= _LARGEST_KERNEL]
    elif torch and len(sizes) <= 5:
        ways = [((sizes[0],), (sizes[1],), (sizes[2],))]
        roles |= {name: (value,) for name, value in zip(("stride", "padding"), sizes[3:], strict=False)}
    elif len(sizes) == 3:
        ways = [((sizes[0],), (sizes[1],), (sizes[2],))]
    stride = (roles.get("stride", (1,)) * 2)[:2]
    if any(not 0 < value <= _LARGEST_KERNEL for value in stride):
        return
    paddings = _paddings(roles, text, torch=torch)
    biases = _biases(text)
    for came, went, window in ways:
        if len(went) != 1 or not 0 < went[0] < 10**5 or any(not 0 < size <= _LARGEST_KERNEL for size in window):
            continue
        kernels = ((window[0], window[-1]),) if window else tuple((size, size) for size in KERNELS)
        settings = convolutions(went[0], kernels, (stride[0], stride[1]), paddings, came[0] if came else None)
        yield from (one for one in settings if one.bias in biases)


def _biases(text: str) -> tuple[bool, ...]:
    said = re.search(r"(?P<no>(?:no|without)(?:\s+a)?\s+bias)|bias\s*=\s*(?P<value>true|false)", text, re.I)
    if said is None:
        return (True, False)
    return (said["no"] is None and said["value"].lower() == "true",)


def _paddings(roles: dict[str, tuple[int, ...]], text: str, *, torch: bool) -> tuple[object, ...]:
    if "padding" in roles:
        return ((roles["padding"] * 2)[:2],)
    if re.search(r"\bsame\b", text, re.I):
        return ("same",)
    if re.search(r"\bvalid\b|no\s+padding", text, re.I) or torch:
        return ((0, 0),)
    return ((0, 0), "same")
