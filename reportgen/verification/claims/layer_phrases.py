"""One layer in words: ``Conv2D(32, 3x3, ReLU)``, ``3*3*32 conv layer with same padding``, ``nn.Linear(784, 128)``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from pydantic import ValidationError

from reportgen.assignment.layers import (
    AdaptiveAvgPool2d,
    AnyLayer,
    BatchNorm2d,
    Dropout,
    Flatten,
    Linear,
    ReLU,
    Softmax,
)
from reportgen.verification import vocabulary
from reportgen.verification.facts.networks import KERNELS, convolutions, windows

_NUMBER = re.compile(
    r"(?P<pair>(?<![^\W_])\d+(?:\s*[x×*]\s*\d+){1,3}(?![\w.]))|(?P<tuple>(?<![\w)])[(\[]\s*\d+\s*,\s*\d+\s*[)\]])|"
    r"(?P<arrow>(?<![\w.])\d+\s*(?:→|-+>)\s*\d+(?![\w.]))|(?P<n>(?<![\w.])\d{1,3}(?:,\d{3})+(?!\d)|(?<![\w.])\d+(?:\.\d+)?%?)"
)
_SHAPE = re.compile(
    r"(?:out(?:put)?s?(?:[\s_]*(?:shape|size|dim\w*|feature\s*maps?))?|shape)\s*[:=-]{1,2}\s*"
    r"(?P<sizes>[(\[]?\s*(?:(?:None|-1|batch)\s*,\s*)?\d+(?:\s*[x×*,]\s*\d+){0,2}(?!\s*[+\w/]|\s*[x×*]\s*\d)\s*,?\s*[)\]]?)",
    re.I,
)
_COUNT = re.compile(
    r"(?:#\s*)?param(?:eter)?s?\.?\s*[:=#]\s*(?P<sum>[^;\n=]*=\s*)?(?P<n>\d{1,3}(?:,\d{3})+|\d+)(?![\d.]|\s*[*x×+])|"
    r"(?P<m>\d{1,3}(?:,\d{3})+|\d+)\s*(?:trainable\s+)?param(?:eter)?s?\b",
    re.I,
)
_ORDINAL = re.compile(
    r"(?<=[a-z]{2})[_-]?\d{1,2}(?=\s*[:=.)]|\s*$|\s+(?:layer|with|\())|layer\s*#?\d{1,2}\s*[:.)-]?|^\s*[(\[]?\d{1,2}[.):\]]+(?=\s)",
    re.I,
)
_OUTPUT = re.compile(
    r"\W*(?:final\s+)?outputs?(?:\s+layer)?(?:\W{1,4}(?P<n>\d{1,4})\s*(?:neurons?|units?|nodes?|logits?|class(?:es)?)\b|"
    r"\s?\(\s*(?P<m>\d{1,4})\s*(?:,[^()]*)?\))",
    re.I,
)
_ASSIGNED = re.compile(r"^\s*(?:self\.)?\w+\s*=\s*(?=[\w.]+\()")
"""The name that a line of code gives to its layer."""
_TIMES = re.compile(r"(?<![\w.])(?P<n>\d)\s?[x×]\s?(?=[a-z])", re.I)
_WORD = re.compile(r"[^\W\d_]{2,}")
_GAP = re.compile(r"[\s=:(\[_-]*(?:of(?:\s+size)?\s*)?")
_PLAIN = {"ReLU": ReLU(), "Softmax": Softmax(), "Flatten": Flatten(), "Dropout": Dropout(p=0.5)}
_LARGEST_KERNEL = 11


@dataclass(frozen=True)
class Phrase:
    """What words say of one layer."""

    kind: str
    """Its type as in ``torch.nn``; "Input" for what the network is given; empty for one that can't be counted."""
    readings: tuple[AnyLayer, ...]
    start: int
    end: int
    read: bool
    """No word of it was left."""
    times: int = 1
    sizes: tuple[int, ...] = ()
    """Of an input."""
    shape: tuple[tuple[int, ...], int, int] | None = None
    """Of its output, as printed, and where that stands."""
    count: tuple[int, int, int] | None = None
    """Its parameters, and where they stand."""
    told: frozenset[str] = frozenset()
    """The settings that are said."""


@dataclass(frozen=True)
class _Numbers:
    """The numbers of a phrase by what they are."""

    roles: dict[str, tuple[int, ...]]
    loose: tuple[tuple[int, ...], ...]
    """Without a word for what they are: one, or a group of several."""


@cache
def _kinds() -> re.Pattern[str]:
    words = vocabulary.layers()
    order = sorted(words, key=lambda kind: (kind != "Other", -len(words[kind]), kind))
    body = "|".join(rf"(?P<{kind}>{words[kind]})" for kind in order)
    return re.compile(rf"(?<![^\W\d_])(?:{body})(?![^\W\d_])", re.I)


def read_phrase(text: str) -> Phrase | None:
    """Read what words say of one layer; None where they name none."""
    shape, count = read_said(text)
    masked = _ASSIGNED.sub(lambda name: " " * len(name[0]), text)
    for match in (_SHAPE.search(text), _COUNT.search(text)):
        if match is not None:
            masked = _without(masked, match.start(), match.end())
    output = _OUTPUT.match(text)
    if output is not None and int(output["n"] or output["m"]):
        size = int(output["n"] or output["m"])
        readings: tuple[AnyLayer, ...] = tuple(Linear(out_features=size, bias=bias) for bias in (True, False))
        return Phrase("Linear", readings, output.start(), output.end(), True)
    found = [(match, str(match.lastgroup)) for match in _kinds().finditer(masked)]
    if not found and (meant := _misspelt(masked)) is not None:
        masked = meant
        found = [(match, str(match.lastgroup)) for match in _kinds().finditer(masked)]
    named = [(match, kind) for match, kind in found if kind not in {"ReLU", "Softmax", "Input", "Other", "Hidden"}]
    main = next(iter(named or sorted(found, key=lambda pair: pair[1] != "Hidden")), None)
    if main is None:
        return None
    match, kind = main[0], "Linear" if main[1] == "Hidden" else main[1]
    several = len({one for _, one in named}) > 1 or len(named) > 2
    other = any(one == "Other" for _, one in found)
    times = _TIMES.search(masked, 0, match.start() + 1)
    for begin, end in [(one.start(), one.end()) for one, _ in found] + ([times.span()] if times else []):
        masked = _without(masked, begin, end)
    ordinal = re.compile(r"_?\d{1,2}(?=\s*[:=.)]|\s*$|\s+(?:layer|with|\())|-\d{1,2}(?=\s|$)").match(
        masked, match.end()
    )
    if ordinal:
        masked = _without(masked, *ordinal.span())
    masked = _ORDINAL.sub(lambda one: " " * len(one[0]), masked)
    numbers, rest = _read_numbers(masked)
    unread = any(not _is_filler(word[0]) for word in _WORD.finditer(rest))
    sizes: tuple[int, ...] = ()
    if kind == "Input":
        sizes = next((group for group in (*numbers.roles.values(), *numbers.loose) if group), shape[0] if shape else ())
        readings = ()
    else:
        torch = match[0].endswith("d") and text[match.end() : match.end() + 1] == "("
        if kind == "Linear" and shape is not None and len(shape[0]) == 1 and not (numbers.loose or numbers.roles):
            numbers = _Numbers({"units": shape[0]}, ())
        try:
            readings = () if several or other else _readings(kind, numbers, text, torch=torch)
        except ValidationError:  # a size that no layer can have
            readings = ()
    return Phrase(
        "" if other else kind,
        readings,
        match.start(),
        match.end(),
        not unread and not several and not other,
        int(times["n"]) if times else 1,
        sizes,
        shape,
        count,
        frozenset(numbers.roles) | ({"padding"} if re.search(r"\b(?:same|valid)\b", text, re.I) else frozenset()),
    )


def _misspelt(text: str) -> str | None:
    """A text that starts with the name of a layer with a letter too many or too few: ``Droput:``."""
    word = re.match(r"\W*([^\W\d_]{6,14})(?=\W)", text)
    meant = (
        get_close_matches(word[1].lower(), ("dropout", "flatten", "convolution", "pooling", "maxpooling"), 1, 0.85)
        if word
        else []
    )
    if word is None or not meant:
        return None
    return text[: word.start(1)] + meant[0] + text[word.end(1) :]


def read_said(text: str) -> tuple[tuple[tuple[int, ...], int, int] | None, tuple[int, int, int] | None]:
    """Read the shape of an output and the number of parameters that words say, each with its place."""
    said, counted = _SHAPE.search(text), _COUNT.search(text)
    shape = count = None
    if said is not None:
        shape = (tuple(map(int, re.findall(r"(?<![-\d])\d+", said["sizes"]))), said.start("sizes"), said.end("sizes"))
    if counted is not None:
        group = "n" if counted["n"] else "m"
        count = (int(counted[group].replace(",", "")), counted.start(group), counted.end(group))
    return shape, count


def _without(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


@cache
def _is_filler(word: str) -> bool:
    return any(one.start == 0 and one.end == len(word) for one in vocabulary.find("layer_word", word))


def _read_numbers(text: str) -> tuple[_Numbers, str]:
    """Give the numbers of a phrase their roles; the rest is what was not understood."""
    terms = [one for one in vocabulary.find("term", text) if one.id in _ROLES]
    rest = text
    for term in terms:
        rest = _without(rest, term.start, term.end)
    roles: dict[str, tuple[int, ...]] = {}
    loose: list[tuple[int, ...]] = []
    for match in _NUMBER.finditer(text):
        rest = _without(rest, match.start(), match.end())
        values = tuple(int(value) for value in re.findall(r"\d+", match[0].replace(",", "")) if value)
        if match["tuple"]:
            values = tuple(int(value) for value in re.findall(r"\d+", match[0]))
        if match["n"] and ("." in match[0] or "%" in match[0]):
            continue  # a rate of dropout
        role = _role(text, match, terms)
        if role == "channels" and len(values) > 1 and not match["arrow"]:
            role = "kernel-size"  # "3x3 filters"
        if match["arrow"] and role in {None, "channels", "units"}:
            roles["from"], roles["channels"] = values[:1], values[1:]
        elif role is not None and role not in roles:
            roles[role] = values
        else:
            loose.append(values)
    return _Numbers(roles, tuple(loose)), rest


_ROLES = frozenset({"kernel-size", "stride", "padding", "channels", "units", "classes", "layers", "dropout-rate"})


def _role(text: str, number: re.Match[str], terms: list[vocabulary.Found]) -> str | None:
    """The word that a number belongs to: the one before it with a sign between, else the one behind it, else before."""
    before = next((one for one in reversed(terms) if one.end <= number.start()), None)
    behind = next((one for one in terms if one.start >= number.end()), None)
    gap = text[before.end : number.start()] if before is not None else None
    joined = gap is not None and _GAP.fullmatch(gap) is not None
    if before is not None and joined and gap is not None and re.search("[=:]", gap):
        return before.id
    if behind is not None and re.fullmatch(r"[\s-]{0,2}(?:output\s+|hidden\s+)?", text[number.end() : behind.start]):
        return behind.id
    return before.id if before is not None and joined and before.id != "layers" else None


def _readings(kind: str, numbers: _Numbers, text: str, *, torch: bool) -> tuple[AnyLayer, ...]:
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
            return tuple(Linear(in_features=inputs, out_features=out[0], bias=bias) for bias in _biases(text))
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


def _flat(numbers: _Numbers) -> tuple[int, ...]:
    return tuple(value for group in numbers.loose for value in group)


def _convolutions(numbers: _Numbers, text: str, *, torch: bool) -> Iterator[AnyLayer]:
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
        both = [((sizes[0],), (sizes[1],), ()), ((), (sizes[0],), (sizes[1],))]
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
    for came, went, window in ways:
        if len(went) != 1 or not 0 < went[0] < 10**5 or any(not 0 < size <= _LARGEST_KERNEL for size in window):
            continue
        kernels = [(window[0], window[-1])] if window else [(size, size) for size in KERNELS]
        settings = convolutions(went[0], kernels, (stride[0], stride[1]), paddings, came[0] if came else None)
        yield from (one for one in settings if one.bias in _biases(text))


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
