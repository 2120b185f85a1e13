"""Sizes and receptive fields that stand beside a layer: in a comment behind its line, in a column of its table."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reportgen.assignment.counting import Shape
from reportgen.assignment.layers import AnyLayer, BatchNorm2d, Conv2d, Dropout, MaxPool2d, ReLU
from reportgen.documents.blocks import Block
from reportgen.verification.claims.layer_phrases import read_phrase
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.claims.summaries import Summary
from reportgen.verification.facts.networks import Form, StatedNetwork, counts_of
from reportgen.verification.facts.store import Facts
from reportgen.verification.ledger import Quantity, Rule, Scope, Source, Witness

_SIZES = re.compile(
    r"\bin(?:put)?(?:[\s_]*(?:size|shape))?\s*[-:=]*\s*(?P<in>(?P<i1>\d{1,3})\s*[x×*]\s*(?P<i2>\d{1,3}))(?!\s*[x×*])\D{1,24}?"
    r"\bout(?:put)?(?:[\s_]*(?:size|shape))?\s*[-:=]*\s*(?P<out>(?P<o1>\d{1,3})\s*[x×*]\s*(?P<o2>\d{1,3}))(?!\s*[x×*])",
    re.I,
)
_FIELD = re.compile(r"\b(?:rf|receptive(?:\s*field)?)\s*[-:=]*\s*(?P<n>\d{1,4})\b", re.I)
_HEADED = re.compile(r"receptive|\brf\b", re.I)
_CALL = re.compile(r"\w\([^#]*\)")
_HEAD = 4
"""Blocks before the first row of a summary in which the heads of its columns stand."""
_RIGHT = 2
"""Receptive fields of different layers that must be right before one that isn't is wrong."""


@dataclass(frozen=True)
class _Field:
    """A receptive field that is said of a layer."""

    value: int
    block: Block
    start: int
    end: int
    network: StatedNetwork
    at: int
    witness: Witness


def read_comments(page: Page, facts: Facts) -> Iterator[Statement]:
    """Yield what layers prove of what is said beside them."""
    exact = [network for network in facts.networks if network.exact and network.form is Form.CODE]
    for block in page.blocks:
        if "(" in block.text and (match := _SIZES.search(block.text)):
            yield from _sized(block, match, exact, facts)
    fields = [*_commented(exact), *_columns(page, facts)]
    right = {(id(one.network), one.value) for one in fields if _expected(one) == {one.value}}
    for one in fields:
        yield _field(one, sure=sum(network == id(one.network) for network, _ in right) >= _RIGHT)


def _sized(block: Block, match: re.Match[str], exact: Sequence[StatedNetwork], facts: Facts) -> Iterator[Statement]:
    """``nn.Conv2d(1, 8, 3, padding=1) # input 28x28, output 28x28``: a layer with what it takes and gives."""
    readings = _layers_before(block.text[: match.start()])
    given, made = (int(match["i1"]), int(match["i2"])), (int(match["o1"]), int(match["o2"]))
    outputs = {one.output_shape[1:] for layer in readings for one in counts_of(layer, (_channels(layer), *given))}
    if not outputs:
        return
    takes, gives = _around(block, exact)
    sure = bool(takes) and any(network.exact and network.form is Form.SUMMARY for network in facts.networks)
    shown = " or ".join("x".join(map(str, size)) for size in sorted(outputs)[:3])
    base = Statement(
        block,
        match.start("out"),
        match.end("out"),
        Quantity.SHAPE,
        Rule.SHAPE_CHAIN,
        f"of {match['in']} the layer makes {shown}",
        made in outputs,
        inside=True,
        expected=shown,
        source=Source.ARITHMETIC,
        witnesses=frozenset({Witness.SPAN}),
        text=block.text[:200],
    )
    if not sure:
        yield base
        if base.fits:
            yield replace(base, start=match.start("in"), end=match.end("in"))
        return
    # the document's summary of the same code tells which of the two is wrong
    for name, said, true in (("in", given, takes), ("out", made, gives)):
        shown = " or ".join("x".join(map(str, size)) for size in sorted(true))
        yield replace(
            base,
            start=match.start(name),
            end=match.end(name),
            how=f"in the code and in the summary it is {shown}",
            fits=said in true,
            inside=False,
            expected=shown,
            source=Source.DOCUMENT_NETWORK,
            witnesses=frozenset({Witness.CLAUSE, Witness.ROW}),
        )


def _layers_before(text: str) -> tuple[AnyLayer, ...]:
    """What the call in a line may be, where the line is one and all that a shape hangs on is said."""
    calls = _CALL.search(text)
    phrase = read_phrase(text) if calls else None
    if phrase is None:
        return ()
    kinds = {str(one.kernel_size) for one in phrase.readings if isinstance(one, Conv2d | MaxPool2d)}
    plain = all(isinstance(one, BatchNorm2d | ReLU | Dropout) for one in phrase.readings)
    return phrase.readings if plain or len(kinds) == 1 else ()


def _channels(layer: AnyLayer) -> int:
    return layer.in_channels or 1 if isinstance(layer, Conv2d) else 1


def _around(block: Block, exact: Sequence[StatedNetwork]) -> tuple[set[Shape], set[Shape]]:
    """Heights and widths that the layer of a line of code takes and gives; nothing where several are made there."""
    for network in exact:
        own = [at for at, layer in enumerate(network.layers) if layer.block is block]
        if len(own) == 1:
            before = network.usual[own[0] - 1] if own[0] else ()
            takes = {state.shape[1:] for state in before} if own[0] else {shape[1:] for shape in network.inputs}
            gives = {state.shape[1:] for state in network.usual[own[0]]}
            return takes, gives
    return set(), set()


def _commented(exact: Sequence[StatedNetwork]) -> Iterator[_Field]:
    for network in exact:
        for at, layer in enumerate(network.layers):
            match = _FIELD.search(layer.block.text, layer.block.text.find("#") + 1) if "#" in layer.block.text else None
            alone = sum(other.block is layer.block for other in network.layers) == 1
            if match is not None and alone and layer.line is not None:
                yield _Field(
                    int(match["n"]), layer.block, match.start("n"), match.end("n"), network, at, Witness.CLAUSE
                )


def _columns(page: Page, facts: Facts) -> Iterator[_Field]:
    """Columns of receptive fields in summaries and in tables of layers."""
    for summary in facts.summaries:
        first = summary.rows[0].at if summary.rows else 0
        network = next((one for one in facts.networks if summary.rows and one.block is summary.rows[0].block), None)
        if network is None or not any(
            _HEADED.search(block.text) for block in page.blocks[max(0, first - _HEAD) : first]
        ):
            continue
        yield from _column_of(summary, network)
    for network in facts.networks:
        at = next((at for at in page.cells if page.blocks[at] is network.block), None)
        if network.form is not Form.TABLE or at is None:
            continue
        grid = page.cells[at][0]
        column = next((index for index, head in enumerate(grid.head) if _HEADED.search(head)), None)
        if column is None:
            continue
        cells = {
            id(block): row[column] for row, block in zip(grid.cells, grid.blocks, strict=True) if len(row) > column
        }
        for index, layer in enumerate(network.layers):
            cell = cells.get(id(layer.block))
            if cell is not None and not cell.number.decimals:
                yield _Field(int(cell.value), layer.block, cell.start, cell.end, network, index, Witness.ROW)


def _column_of(summary: Summary, network: StatedNetwork) -> Iterator[_Field]:
    for at, layer in enumerate(network.layers):
        row = next((row for row in summary.rows if row.block is layer.block and row.start == layer.start), None)
        if row is not None and row.last is not None:
            digits = row.block.text[row.last[0] : row.last[1]]
            found = re.match(r"\d+", digits)
            if found:
                yield _Field(int(found[0]), row.block, row.last[0], row.last[0] + found.end(), network, at, Witness.ROW)


def _expected(one: _Field) -> frozenset[int]:
    return one.network.fields[one.at] if one.network.fields else frozenset()


def _field(one: _Field, *, sure: bool) -> Statement:
    expected = _expected(one)
    shown = " or ".join(map(str, sorted(expected)[:4]))
    fits = one.value in expected if expected else None
    return Statement(
        one.block,
        one.start,
        one.end,
        Quantity.RECEPTIVE_FIELD,
        Rule.STATED_NETWORK,
        f"kernels and strides up to here give {shown}" if shown else "not all kernels before it are known",
        True if fits and len(expected) == 1 else (False if fits is False else None),
        expected=shown or None,
        source=Source.DOCUMENT_NETWORK,
        scope=Scope(network=one.network.name or None, layer=one.at),
        witnesses=frozenset({one.witness, Witness.COLUMN, Witness.SIBLINGS} if sure else {one.witness}),
        decide=None if fits or (sure and one.network.exact) else "the layers' kernels and strides",
        text=one.block.text[:200],
    )
