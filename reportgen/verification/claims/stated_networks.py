"""What a stated network proves: its total, its layers' shapes, counts and receptive fields, how many layers it has."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from reportgen.assignment.counting import Shape
from reportgen.documents.blocks import Block
from reportgen.verification import vocabulary
from reportgen.verification.claims.about import about
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Modality, Statement
from reportgen.verification.facts.networks import Form, Said, StatedNetwork, totals_of
from reportgen.verification.facts.store import Facts
from reportgen.verification.facts.subject import CARDINALS
from reportgen.verification.ledger import Quantity, Rule, Scope, Source, Witness

_TELLING = 1000
"""A total from which on it is no chance that a document gives it."""
_SIBLINGS = 3
"""Networks that must be right in the same layout before one that isn't is wrong."""
_COUNTED = re.compile(r"param|weights|パラメータ|参数", re.I)
_STRONG = frozenset({Form.CODE, Form.SUMMARY})
_TABLED = re.compile(r"[^\W\d_]")


def read_networks(page: Page, facts: Facts) -> Iterator[Statement]:
    """Yield what the networks of a document prove of its numbers."""
    for network in facts.networks:
        yield from _sizes(page, network, facts)
        if network.form is not Form.SUMMARY:
            yield from _said_of_layers(network)
    yield from _totals_beside(page, facts)
    yield from _numbers_of_layers(page, facts)
    yield from _layer_counts(page, facts)


def is_confirmed(network: StatedNetwork, page: Page, facts: Facts) -> bool:
    """Tell whether the document says elsewhere what a network's layers come to: a total, or the same in code."""
    if any(total >= _TELLING and total in page.stream.whole for total in network.totals):
        return True
    others = (other for other in facts.networks if other is not network and other.form is not network.form)
    return any(total >= _TELLING for other in others for total in other.totals & network.totals)


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


@dataclass(frozen=True)
class _Beside:
    network: StatedNetwork
    value: int
    block: Block
    start: int
    end: int


def _totals_beside(page: Page, facts: Facts) -> Iterator[Statement]:
    """Tables that give a network in one row and its total in another, one table a network: all right but one."""
    pairs = [pair for network in facts.networks if (pair := _beside(page, network)) is not None]
    fitting = [pair for pair in pairs if pair.value in pair.network.totals]
    for pair in pairs:
        if pair.value in pair.network.totals or len(fitting) < _SIBLINGS:
            continue
        habits = [
            habit
            for habit in pair.network.habits
            if all(other.value in totals_of(other.network.habits[habit][-1]) for other in fitting)
        ]
        totals = {total for habit in habits for total in totals_of(pair.network.habits[habit][-1])}
        kinds = {layer.kind for other in fitting for layer in other.network.layers}
        if not totals or not {"Conv2d", "Linear"} <= kinds:
            continue
        shown = " or ".join(f"{total:,}" for total in sorted(totals))
        yield Statement(
            pair.block,
            pair.start,
            pair.end,
            Quantity.TOTAL_PARAMETERS,
            Rule.STATED_NETWORK,
            f"the layers beside it have {shown}, counted as the {len(fitting)} other networks are",
            False,
            inside=True,
            expected=shown,
            source=Source.DOCUMENT_NETWORK,
            witnesses=frozenset({Witness.ROW, Witness.SIBLINGS}),
        )


def _beside(page: Page, network: StatedNetwork) -> _Beside | None:
    """The number of parameters that stands alone in another row of the table in which a chain of layers stands."""
    at = next((at for at in page.cells if page.blocks[at] is network.block), None)
    if at is None or not network.whole or network.form is not Form.CHAIN:
        return None
    grid, _ = page.cells[at]
    rows = [row for row in range(len(grid.rows)) if _COUNTED.search(grid.row_head(row))]
    if len(rows) != 1 or len(grid.rows[rows[0]]) != 2:
        return None
    cell = grid.cells[rows[0]][1]
    if cell is None or cell.number.decimals or cell.rounded or cell.unit or cell.value < _TELLING:
        return None
    return _Beside(network, int(cell.value), grid.blocks[rows[0]], cell.start, cell.end)


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


def _layer_counts(page: Page, facts: Facts) -> Iterator[Statement]:
    """``three convolutional layers``, where the document states one network, whose layers all were read."""
    networks = [one for one in facts.networks if one.form is not Form.SIZES and all(layer.kind for layer in one.layers)]
    if not networks:
        return
    for at, block in enumerate(page.blocks):
        if block.kind == "picture" or any(id(block) in network.blocks for network in networks):
            continue
        found = [_counted_kind(match) for match in _LAYER_COUNT.finditer(block.text)]
        asked = [(match, number, {_layers(one, kind) for one in networks}) for match, kind, number in found]
        single = [(match, number, counts.pop()) for match, number, counts in asked if len(counts) == 1]
        right = sum(number == count for _, number, count in single)
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
