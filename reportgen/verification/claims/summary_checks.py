"""What a summary proves: each row by its shapes, the totals by the rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.claims.summaries import Row, Summary, Total
from reportgen.verification.ledger import Quantity, Rule, Scope, Source, Witness

_WEIGHTLESS = re.compile(
    r"(?:max|average|avg|global\w*|adaptive\w*)?_?pool|flatten|drop_?out|\brelu|activation|softmax|reshape|input|"
    r"zero_?padding|identity|sigmoid|tanh|leaky|add\b|concat",
    re.I,
)
_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}


def read_summaries(page: Page, found: Sequence[Summary]) -> Iterator[Statement]:
    """Yield what each summary proves of its rows and its totals."""
    for summary in found:
        wrong = False
        before: Row | None = None
        for index, row in enumerate(summary.rows):
            statement = _judge_row(row, before, summary, index)
            if statement is not None:
                wrong = wrong or statement.fits is False
                yield statement
            yield _shape_statement(row, before, summary)
            before = row
        yield from _judge_totals(summary, wrong)


def _judge_row(row: Row, before: Row | None, summary: Summary, index: int) -> Statement | None:
    if row.count is None:
        return None
    admitted, how, certain = _admits(row, before, channels_last=summary.channels_last)
    base = Statement(
        row.block,
        row.start,
        row.end,
        Quantity.LAYER_PARAMETERS,
        Rule.SUMMARY_ROW,
        how,
        source=Source.DOCUMENT_NETWORK,
        scope=Scope(layer=index),
        witnesses=frozenset({Witness.ROW, Witness.COLUMN, Witness.SPAN}),
        inside=True,
        text=row.block.text[:200],
    )
    if admitted is None:
        return replace(base, fits=None, decide="the layer's settings")
    return replace(base, fits=admitted, expected=None if admitted else how, decide=None if certain else "its settings")


def _admits(  # noqa: PLR0911, PLR0912 (one return a type of layer)
    row: Row, before: Row | None, *, channels_last: bool
) -> tuple[bool | None, str, bool]:
    """Tell whether some settings give a row its count, in words how, and whether a refusal is certain."""
    count, kind = row.count or 0, row.kind.lower()
    if not row.shape:
        return None, "its shape is not known", False
    channels = row.shape[-1] if channels_last or len(row.shape) < 3 else row.shape[0]
    if re.search(r"conv", kind) and not re.search(r"transpose|depthwise|separable|1d|3d|lstm", kind):
        if len(row.shape) != 3:
            return None, "it is no 2-D convolution", False
        if count % channels:
            return False, f"a convolution with {channels} outputs has a multiple of {channels} parameters", True
        each = count // channels
        inputs = 0
        if before is not None and len(before.shape) == 3:
            inputs = before.shape[-1] if channels_last else before.shape[0]
        for bias, given, high in product((1, 0), (inputs,) if inputs else (1, 3), range(1, 16)):
            if each - bias == given * high * high:
                return True, f"({given}·{high}·{high} + {bias})·{channels} = {count:,}", True
        return None, "no square kernel over the row before gives it; it may have groups or another input", False
    if re.search(r"dense|linear|fc\b", kind):
        if count % channels:
            return False, f"a layer with {channels} outputs has a multiple of {channels} parameters", True
        each = count // channels
        features = _features(before)
        if features and each in {features, features + 1}:
            return True, f"({features} + {each - features})·{channels} = {count:,}", True
        return None, "its input is not the row before", False
    if "norm" in kind:
        if count % channels == 0 and count // channels in {0, 1, 2, 3, 4}:
            return True, f"{count // channels}·{channels} = {count:,}", True
        return None, "its settings are not known", False
    if _WEIGHTLESS.search(kind) and "prelu" not in kind:
        if count == 0:
            return True, "it has no parameters", True
        return None, "its settings are not known", False
    return None, "its settings are not known", False


def _features(before: Row | None) -> int | None:
    if before is None or not before.shape:
        return None
    return before.shape[-1] if len(before.shape) == 1 else prod(before.shape)


def _shape_statement(  # noqa: PLR0911 (one return a type of layer)
    row: Row, before: Row | None, summary: Summary
) -> Statement:
    """A shape that layers without settings can't give: flattening, activations, dropout and normalization."""
    kind = row.kind.lower()
    text = row.block.text
    start, end = row.shape_at
    base = Statement(
        row.block,
        start,
        end,
        Quantity.SHAPE,
        Rule.SHAPE_CHAIN,
        "the shape of a layer's output",
        source=Source.DOCUMENT_NETWORK,
        witnesses=frozenset({Witness.ROW, Witness.COLUMN, Witness.SPAN}),
        inside=True,
        decide="the layer's settings",
        text=text[:200],
    )
    if before is None or not before.shape or not row.shape:
        return base
    if "flatten" in kind:
        same = prod(before.shape) == prod(row.shape)
        return replace(
            base, fits=same or None, how=f"{'·'.join(map(str, before.shape))} = {prod(before.shape):,}", decide=None
        )
    if re.search(r"relu|activation|drop_?out|norm|softmax|identity", kind) and row.shape == before.shape:
        return replace(base, fits=True, how="the shape of the layer before", decide=None)
    if len(row.shape) == len(before.shape) == 3:
        sizes, given = (row.shape[:2], before.shape[:2]) if summary.channels_last else (row.shape[1:], before.shape[1:])
        if "pool" in kind and all(
            new in {old // 2, (old + 1) // 2, old - 1} for new, old in zip(sizes, given, strict=True)
        ):
            return replace(base, fits=True, how="what pooling makes of the layer before", decide=None)
        if "conv" in kind and all(0 <= old - new <= 14 for new, old in zip(sizes, given, strict=True)):
            return replace(base, fits=True, how="what a kernel leaves of the layer before", decide=None)
    if re.search(r"dense|linear", kind) and row.count and row.count % row.shape[-1] == 0:
        return replace(base, fits=True, how="as many outputs as its parameters allow", decide=None)
    return base


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
