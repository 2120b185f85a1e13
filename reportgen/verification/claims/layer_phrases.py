"""One layer in words: ``Conv2D(32, 3x3, ReLU)``, ``3*3*32 conv layer with same padding``, ``nn.Linear(784, 128)``."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from pydantic import ValidationError

from reportgen.assignment.layers import AnyLayer
from reportgen.verification import vocabulary
from reportgen.verification.claims.layer_readings import LayerNumbers, readings_of
from reportgen.verification.facts.networks import linear

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
    r"(?<=[a-z]{2})[_-]?\d{1,2}(?=\s*[:=.)]|\s*$|\s+(?:layer|with|\())|layer\s*#?\d{1,2}\s*[:.)-]?",
    re.I,
)
_OUTPUT = re.compile(
    r"\W*(?:final\s+)?outputs?(?:\s+layer)?(?:\W{1,4}(?P<n>\d{1,4})\s*(?:neurons?|units?|nodes?|logits?|class(?:es)?)\b|"
    r"\s?\(\s*(?P<m>\d{1,4})\s*(?:,[^()]*)?\))",
    re.I,
)
_ASSIGNED = re.compile(r"^\s*(?:self\.)?\w+\s*=\s*(?=[\w.]+\()")
"""The name that a line of code gives to its layer."""
_LISTED = re.compile(r"^\s*[(\[]?\d{1,2}[.):\]]+(?=\s)")
"""The number of an item."""
_TIMES = re.compile(r"(?<![\w.])(?P<n>\d)\s?[x×]\s?(?=[a-z])", re.I)
_AGAIN = re.compile(r"(?<=[\s)\]])\(?[x×*]\s?(?P<n>\d)\)?\s*$", re.I)
"""``Dense(64) x3``: as many of them."""
_WORD = re.compile(r"[^\W\d_]{2,}|(?<!\w)[x×]\s?\d")
_GAP = re.compile(r"[\s=:(\[_-]*(?:of(?:\s+size)?\s*)?")


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


@cache
def _kinds() -> re.Pattern[str]:
    words = vocabulary.layers()
    order = sorted(words, key=lambda kind: (kind != "Other", -len(words[kind]), kind))
    body = "|".join(rf"(?P<{kind}>{words[kind]})" for kind in order)
    return re.compile(rf"(?<![^\W\d_])(?:{body})(?![^\W\d_])", re.I)


def read_phrase(text: str) -> Phrase | None:
    """Read what words say of one layer; None where they name none."""
    shape, count = read_said(text)
    masked = text
    for pattern in (_ASSIGNED, _LISTED):
        masked = pattern.sub(lambda found: " " * len(found[0]), masked)
    for match in (_SHAPE.search(text), _COUNT.search(text)):
        if match is not None:
            masked = _without(masked, match.start(), match.end())
    output = _OUTPUT.match(text)
    if output is not None and int(output["n"] or output["m"]):
        size = int(output["n"] or output["m"])
        readings: tuple[AnyLayer, ...] = linear(size)
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
    times = _TIMES.search(masked, 0, match.start() + 1) or _AGAIN.search(masked, match.end())
    for begin, end in [(one.start(), one.end()) for one, _ in found] + ([times.span()] if times else []):
        masked = _without(masked, begin, end)
    ordinal = re.compile(
        r"\s?#?\d{1,2}(?=\s*[:=])|_?\d{1,2}(?=\s*[:=.)]|\s*$|\s+(?:layer|with|\())|-\d{1,2}(?=\s|$)"
    ).match(masked, match.end())
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
            numbers = LayerNumbers({"units": shape[0]}, ())
        try:
            readings = () if several or other else readings_of(kind, numbers, text, torch=torch)
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
    return f"{text[: word.start(1)]}{meant[0]}{text[word.end(1) :]}"


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


def _read_numbers(text: str) -> tuple[LayerNumbers, str]:
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
    return LayerNumbers(roles, tuple(loose)), rest


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
