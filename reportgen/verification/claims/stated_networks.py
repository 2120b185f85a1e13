"""What a stated network proves: its total, its layers' shapes, counts and receptive fields, how many layers it has."""

import re
from collections.abc import Iterator
from math import prod

from reportgen.assignment.counting import Shape
from reportgen.verification import vocabulary
from reportgen.verification.claims.about import about
from reportgen.verification.claims.numerals import Numeral
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Modality, Statement
from reportgen.verification.facts.networks import TELLING, Form, Said, StatedNetwork
from reportgen.verification.facts.store import Facts
from reportgen.verification.facts.subject import CARDINALS
from reportgen.verification.ledger import Quantity, Rule, Scope, Source, Witness

_SIBLINGS = 3
"""Networks that must be right in the same layout before one that isn't is wrong."""
_STRONG = frozenset({Form.CODE, Form.SUMMARY})


def read_networks(page: Page, facts: Facts) -> Iterator[Statement]:
    """Yield what the networks of a document prove of its numbers."""
    for network in facts.networks:
        yield from _sizes(page, network, facts)
        if network.form is not Form.SUMMARY:
            yield from _said_of_layers(network)
    yield from _numbers_of_layers(page, facts)
    yield from _layer_counts(page, facts)


def is_confirmed(network: StatedNetwork, page: Page, facts: Facts) -> bool:
    """Tell whether the document says elsewhere what a network's layers come to: a total, or the same in code."""
    return any(
        total >= TELLING and (total in page.stream.whole or facts.forms.get(total, set()) - {network.form})
        for total in network.totals
    )


def _sizes(page: Page, network: StatedNetwork, facts: Facts) -> Iterator[Statement]:
    """The sizes in a network that is confirmed: they are what its total hangs on."""
    if network.form in _STRONG or not is_confirmed(network, page, facts):
        return
    for layer in network.layers:
        kinds = {"Conv2d", "Linear", "MaxPool2d", "AvgPool2d"}
        inside = page.numerals(page.index[id(layer.block)], layer.start, layer.end) if layer.kind in kinds else ()
        for numeral in (one for one in inside if one.number.is_quantity):
            yield Statement(
                numeral.block,
                numeral.start,
                numeral.end,
                Quantity.UNKNOWN,
                Rule.STATED_NETWORK,
                "with the layers beside it, it makes a total that the document gives",
                True,
                source=Source.DOCUMENT_NETWORK,
                scope=Scope(network=network.name or None),
            )


def is_shape(said: tuple[int, ...], shape: Shape) -> bool:
    """Tell whether printed sizes are a shape: in either order of channels, without them, with a batch, or flattened."""
    if len(said) == 4:
        said = said[1:]
    orders = {shape, shape[1:], (*shape[1:], *shape[:1])} if len(shape) == 3 else {shape}
    return said in orders or said == (prod(shape),)


def _said_of_layers(network: StatedNetwork) -> Iterator[Statement]:
    """The shapes and the numbers of parameters that a list or table gives for each layer."""
    judged: list[tuple[Said, Quantity, bool | None, str]] = []
    before: Said | None = None
    for at, layer in enumerate(network.layers):
        if layer.shape is not None:
            said = layer.shape.value
            usual = {state.shape for state in network.usual[at] if is_shape(said, state.shape)}
            states = network.any[at]
            shapes = {state.shape for state in states or ()}
            refuted = states is not None and bool(layer.readings) and not any(is_shape(said, one) for one in shapes)
            fits = True if usual else (False if refuted else None)
            judged.append(
                (layer.shape, Quantity.SHAPE, fits, _shown(usual or {one.shape for one in network.usual[at]}))
            )
            before = layer.shape
        if layer.count is not None and network.whole:
            counts = network.each[at]
            shown = ", ".join(f"{count:,}" for count in sorted(counts)[:3])
            judged.append(
                (layer.count, Quantity.LAYER_PARAMETERS, True if layer.count.value[0] in counts else None, shown)
            )
    wrong = [entry for entry in judged if entry[2] is False]
    right = sum(entry[2] is True for entry in judged)
    for place, quantity, fits, shown in judged:
        sure = len(wrong) == 1 and right >= _SIBLINGS and before is not place
        yield Statement(
            place.block,
            place.start,
            place.end,
            quantity,
            Rule.STATED_NETWORK,
            f"the layers before it give {shown}" if shown else "the layers before it are not all known",
            fits,
            inside=True,
            expected=shown or None,
            source=Source.DOCUMENT_NETWORK,
            scope=Scope(network=network.name or None),
            witnesses=frozenset({Witness.ROW, Witness.SIBLINGS}),
            decide=None if fits or (fits is False and sure) else "the layers' settings",
        )


def _shown(shapes: set[Shape]) -> str:
    return " or ".join("×".join(map(str, shape)) for shape in sorted(shapes)[:3])


_ROLES = {
    Quantity.UNITS: ("Linear", "out_features"),
    Quantity.CHANNELS: ("Conv2d", "out_channels"),
    Quantity.KERNEL_SIZE: ("", "kernel_size"),
    Quantity.STRIDE: ("", "stride"),
    Quantity.DROPOUT_RATE: ("Dropout", "p"),
}


def _numbers_of_layers(page: Page, facts: Facts) -> Iterator[Statement]:
    """Sizes that are said of a layer, and that a layer of code, of a summary or of a confirmed network has."""
    strong = [one for one in facts.networks if one.form in _STRONG or is_confirmed(one, page, facts)]
    if not strong:
        return
    known: dict[Quantity, set[float]] = {quantity: set() for quantity in _ROLES}
    fields: set[int] = set()
    for network in strong:
        fields |= network.fields[-1] if network.fields and len(network.fields[-1]) == 1 else set()
        for layer in network.layers:
            # a size that a summary leaves open, or a phrase does, is none that is known
            only = layer.readings if len({str(one) for one in layer.readings}) == 1 else layer.readings[:0]
            for quantity, (kind, setting) in _ROLES.items():
                for reading in only or (layer.readings[:1] if setting.startswith("out_") else ()):
                    value = getattr(reading, setting, None) if kind in {"", reading.type} else None
                    known[quantity] |= set(value) if isinstance(value, tuple) else {value} if value else set()
    for numeral in page.stream.numerals:
        told = about(page, numeral)
        quantity = told.quantity
        listed = numeral.at in page.cells and len(page.stream.of(numeral.at)) > len(page.blocks[numeral.at].cells)
        if not numeral.number.is_quantity or told.modality is not Modality.ASSERTED or listed:
            continue  # a list in a cell holds what was tried
        if quantity in {Quantity.CHANNELS, Quantity.LAYERS} and _is_window(numeral):
            quantity = Quantity.KERNEL_SIZE  # "3x3 filters"
        value = float(numeral.value) / (100 if numeral.percent else 1)
        if quantity is Quantity.RECEPTIVE_FIELD:
            found = numeral.is_whole and int(numeral.value) in fields
        else:
            found = quantity in known and value in known[quantity]
        if found:
            yield Statement(
                numeral.block,
                numeral.start,
                numeral.end,
                quantity,
                Rule.STATED_NETWORK,
                "a layer of the network that the document states has it",
                True,
                expected=numeral.text,
                source=Source.DOCUMENT_NETWORK,
                witnesses=frozenset({Witness.CLAUSE}),
            )


def _is_window(numeral: Numeral) -> bool:
    """Tell whether a number is a side of ``3x3`` and not of an image."""
    near = numeral.block.text[max(0, numeral.start - 6) : numeral.end + 6]
    return any(match[1] == match[2] == numeral.text for match in _SQUARE.finditer(near))


_SQUARE = re.compile(r"(?<!\d)(\d{1,2})\s?[x×*]\s?(\d{1,2})(?!\d)")
_NUMBER = rf"(?P<n>\d{{1,2}}|{'|'.join(CARDINALS)})"
_COUNTED_KINDS = ("Conv2d", "Linear", "MaxPool2d", "BatchNorm2d", "Dropout", "Hidden")


def _layer_count_pattern() -> re.Pattern[str]:
    words = vocabulary.layers()
    kinds = "|".join(rf"(?P<{kind}>{words[kind]})" for kind in _COUNTED_KINDS)
    return re.compile(
        rf"(?<![\w.,-]){_NUMBER}[\s-]+(?:layers?\s+of\s+|[a-z]+\s+)?(?:{kinds})(?![\s-]*(?:\d|with|\())[\s-]*(?:neural\s+)?layers?\b(?!\s*\d)",
        re.I,
    )


_LAYER_COUNT = _layer_count_pattern()
_VAGUE = re.compile(
    r"\b(?:each|per|every|block|more|additional|extra|another|first|last|other|next|least|between|or)\b", re.I
)


_NUMBERED = re.compile(
    r"\b(?:model|network|net|cnn|mlp|architecture|version|variant|experiment|configuration)\s*[#-]?\s*(?:\d|[A-E])\b|"
    r"\b(?:lenet|alexnet|vgg|resnet|mobilenet|inception|baseline|deeper|improved|modified|second|other|alternative)\b"
    r"(?=[\w\s-]{0,12}(?:model|network|net\b|cnn|mlp|architecture)|-?\d|\s*$)",
    re.I,
)
"""Names of networks: a document with two of them is about several."""


def _layer_counts(page: Page, facts: Facts) -> Iterator[Statement]:
    """``three convolutional layers``, where the document states one network, whose layers all were read."""
    networks = [one for one in facts.networks if one.form is not Form.SIZES and all(layer.kind for layer in one.layers)]
    if not networks:
        return
    several = len({match[0].lower() for match in _NUMBERED.finditer(page.text)}) > 1
    stating = {one for network in networks for one in network.blocks}
    numbers = {kind: {_layers(one, kind) for one in networks} for kind in _COUNTED_KINDS}
    for at, block in enumerate(page.blocks):
        if block.kind == "picture" or id(block) in stating:
            continue
        found = [_counted_kind(match) for match in _LAYER_COUNT.finditer(block.text)]
        asked = [(match, number, set(numbers[kind])) for match, kind, number in found]
        single = [(match, number, counts.pop()) for match, number, counts in asked if len(counts) == 1]
        right = 0 if several else sum(number == count for _, number, count in single)
        for match, number, count in single:
            sentence = page.sentence(at, match.start())
            near = block.text[max(0, match.start() - 25) : match.end() + 15]
            vague = bool(_VAGUE.search(near)) or not count
            yield Statement(
                block,
                match.start("n"),
                match.end("n"),
                Quantity.LAYERS,
                Rule.STATED_NETWORK,
                f"the network at {networks[0].block.place} has {count}",
                number == count if number == count or (not vague and right) else None,
                expected=f"{count}",
                source=Source.DOCUMENT_NETWORK,
                witnesses=frozenset({Witness.CLAUSE, Witness.SIBLINGS}) if right else frozenset({Witness.CLAUSE}),
                modality=Modality.UNCLEAR if vague else sentence.modality,
                decide=None if number == count or (not vague and right) else "which network it is about",
                whole=not match["n"].isdecimal(),
                text=match[0],
            )


def _counted_kind(match: re.Match[str]) -> tuple[re.Match[str], str, int]:
    kind = next(kind for kind in _COUNTED_KINDS if match[kind])
    number = match["n"].lower()
    return match, kind, int(number) if number.isdecimal() else CARDINALS.index(number) + 1


def _layers(network: StatedNetwork, kind: str) -> int:
    return network.of("Linear") - 1 if kind == "Hidden" else network.of(kind)
