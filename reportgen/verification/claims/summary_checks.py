"""What a summary proves: each row by its shapes, the totals by the rows."""

import re
from collections.abc import Iterator
from dataclasses import replace

from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.claims.summaries import Row, Summary, Total
from reportgen.verification.claims.summary_networks import channels_first
from reportgen.verification.facts.networks import Form, StatedLayer
from reportgen.verification.facts.store import Facts
from reportgen.verification.ledger import Quantity, Rule, Scope, Source, Witness

_WEIGHTLESS = re.compile(
    r"(?:max|average|avg|global\w*|adaptive\w*)?_?pool|flatten|drop_?out|\brelu|activation|softmax|reshape|input|"
    r"zero_?padding|identity|sigmoid|tanh|leaky|add\b|concat",
    re.I,
)
_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}


def read_summaries(page: Page, facts: Facts) -> Iterator[Statement]:
    """Yield what each summary proves of its rows and its totals."""
    layers = {
        (id(layer.block), layer.start): (layer, before)
        for network in facts.networks
        if network.form is Form.SUMMARY
        for layer, before in zip(network.layers, (None, *network.layers), strict=False)
    }
    for summary in facts.summaries:
        wrong = False
        for index, row in enumerate(summary.rows):
            layer, before = layers.get((id(row.block), row.start), (None, None))
            statement = _judge_row(row, layer, summary, index)
            if statement is not None:
                wrong = wrong or statement.fits is False
                yield statement
                yield from _again(row, page, statement)
            yield _shape_statement(row, layer, before, facts)
        yield from _judge_totals(summary, wrong)


def _judge_row(row: Row, layer: StatedLayer | None, summary: Summary, index: int) -> Statement | None:
    """The parameters of a row: some settings give them, or none can."""
    if row.count is None:
        return None
    base = Statement(
        row.block,
        row.start,
        row.end,
        Quantity.LAYER_PARAMETERS,
        Rule.SUMMARY_ROW,
        "its settings are not known",
        source=Source.DOCUMENT_NETWORK,
        scope=Scope(layer=index),
        witnesses=frozenset({Witness.ROW, Witness.COLUMN, Witness.SPAN}),
        inside=True,
        text=row.block.text[:200],
        decide="the layer's settings",
    )
    if layer is not None and layer.readings:
        return replace(base, fits=True, how=f"what a {layer.kind} has from the row before to its shape", decide=None)
    if not row.count and _WEIGHTLESS.search(row.kind) and "prelu" not in row.kind.lower():
        return replace(base, fits=True, how="it has no parameters", decide=None)
    outputs = channels_first(row, summary)[0 if len(row.shape) == 3 else -1] if row.shape else 0
    if layer is not None and layer.kind in {"Conv2d", "Linear"} and outputs and row.count % outputs:
        how = f"a {layer.kind} with {outputs} outputs has a multiple of {outputs} parameters"
        return replace(base, fits=False, how=how, expected=how, decide=None)
    return base


def _again(row: Row, page: Page, counted: Statement) -> Iterator[Statement]:
    """The same count once more in its row, as those that are trained."""
    for numeral in page.numerals(row.at, row.end):
        if counted.fits and numeral.is_whole and numeral.value == row.count:
            yield replace(counted, start=numeral.start, end=numeral.end, rule=Rule.REPEATED)


def _shape_statement(row: Row, layer: StatedLayer | None, before: StatedLayer | None, facts: Facts) -> Statement:
    """The shape of a row: some settings make it of the row before, or of an image of the data set."""
    known = layer is not None and bool(layer.readings) and (before is not None or bool(facts.datasets))
    return Statement(
        row.block,
        *row.shape_at,
        Quantity.SHAPE,
        Rule.SHAPE_CHAIN,
        f"what a {layer.kind} makes of the row before" if known and layer else "the shape of a layer's output",
        True if known else None,
        source=Source.DOCUMENT_NETWORK,
        witnesses=frozenset({Witness.ROW, Witness.COLUMN, Witness.SPAN}),
        inside=True,
        decide=None if known else "the layer's settings",
        text=row.block.text[:200],
    )


def _judge_totals(summary: Summary, wrong: bool) -> Iterator[Statement]:
    total, trainable = summary.total("total"), summary.total("trainable")
    frozen, kept = summary.total("non-trainable"), summary.total("optimizer")
    extra = kept.count if kept else 0
    rows = [row for row in summary.rows if row.count is not None]
    foots = doubt = None
    if total and len(rows) > 1 and len(rows) == len(summary.rows):
        foots = total.count in {summary.sum, summary.sum + extra}
        if wrong:
            doubt = "the row that is wrong: the total may be right"
        elif not summary.whole or _branches(summary):
            doubt = "whether every layer was read, and none twice"
        how = f"its {len(rows)} rows add up to {summary.sum:,}"
        yield _total_statement(total, foots, how, f"{summary.sum:,}", doubt)
    # that nothing is frozen proves no total that its rows refute
    if total and trainable and frozen and (foots is not False or doubt):
        parts = trainable.count + frozen.count
        how = f"{trainable.count:,} + {frozen.count:,}" + (f" + {extra:,}" if extra else "") + f" = {parts + extra:,}"
        for line in (total, trainable, frozen):
            fits = total.count in {parts, parts + extra}
            unsure = None if line is total else "which of the three is wrong"
            yield _total_statement(line, fits, how, f"{parts + extra:,}", unsure)
    for line in summary.totals:
        if line.size:
            yield _size_statement(line)


def _branches(summary: Summary) -> bool:
    return any("connected" in row.block.text.lower() or "recursive" in row.block.text.lower() for row in summary.rows)


def _total_statement(line: Total, fits: bool, how: str, expected: str, doubt: str | None) -> Statement:
    quantity = Quantity.NON_TRAINABLE_PARAMETERS if line.label == "non-trainable" else Quantity.TOTAL_PARAMETERS
    return Statement(
        line.block,
        line.start,
        line.end,
        quantity,
        Rule.SUMMARY_TOTAL,
        how,
        fits,
        inside=True,
        expected=None if fits else expected,
        source=Source.DOCUMENT_NETWORK,
        witnesses=frozenset({Witness.SPAN, Witness.ROW, Witness.SIBLINGS}),
        decide=None if fits else doubt,
        text=line.block.text[:200],
    )


def _size_statement(line: Total) -> Statement:
    printed = line.size.replace(",", "")
    decimals = len(printed.partition(".")[2])
    scale = _UNITS.get(line.unit[:-1].upper(), 1)
    fits = any(abs(line.count * width / scale - float(printed)) <= 0.6 * 10**-decimals for width in (4, 2, 8))
    return Statement(
        line.block,
        line.size_start,
        line.size_start + len(line.size),
        Quantity.SIZE_IN_MEMORY,
        Rule.SUMMARY_TOTAL,
        f"{line.count:,} numbers of 4 bytes",
        True if fits else None,
        source=Source.ARITHMETIC,
        decide=None if fits else "how many bytes each has",
    )
