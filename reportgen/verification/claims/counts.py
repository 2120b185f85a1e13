"""Numbers of parameters: held against the assignment's layers, the document's summaries and the sums of its tables."""

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

from reportgen.verification.claims.about import about
from reportgen.verification.claims.grids import Grid
from reportgen.verification.claims.numerals import Numeral
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.claims.sums import show
from reportgen.verification.facts.store import CountFact, Facts
from reportgen.verification.ledger import Quantity, Rule, Scope, Source, Witness

_COUNTED = frozenset({
    Quantity.LAYER_PARAMETERS, Quantity.TOTAL_PARAMETERS, Quantity.NON_TRAINABLE_PARAMETERS, Quantity.UNKNOWN,
    Quantity.LAYERS, Quantity.KERNEL_SIZE, Quantity.CHANNELS, Quantity.UNITS, Quantity.SHAPE,
})  # fmt: skip
"""What a number that is a count of parameters may be taken for by the words next to it."""
_SAID = frozenset({Quantity.LAYER_PARAMETERS, Quantity.TOTAL_PARAMETERS, Quantity.NON_TRAINABLE_PARAMETERS})
_TOTAL = re.compile(r"\s*(?:grand\s+)?(?:totals?|sum|Σ|gesamt|summe|somme|suma|totale|合計|总计|總計|합계)\b", re.I)
_ABOUT = re.compile(r"param|trainable|weights|参数|パラメータ|매개변수", re.I)
_SUMMED = re.compile(r"param|support|images|samples|count|#|weights|number|anzahl|参数|パラメータ", re.I)
_FROZEN = re.compile(r"non[\s-]*trainable|frozen", re.I)
_LEAST = 100
"""Numbers below this one are too common to be recognised by their value."""


def read_counts(page: Page, facts: Facts) -> Iterator[Statement]:
    """Yield what is known of every number of parameters."""
    printed = {at for summary in facts.summaries for at in summary.at}
    for at, block in enumerate(page.blocks):
        numerals = page.stream.of(at)
        if not numerals or block.kind == "picture" or id(block) in printed:
            continue
        context = page.contexts[at]
        spoken = bool(_ABOUT.search(block.text) or _ABOUT.search(context.heading) or _ABOUT.search(context.section))
        headed = at in page.cells and any(_ABOUT.search(head) for head in page.cells[at][0].head)
        for numeral in numerals:
            if numeral.is_whole and not numeral.percent:
                yield from _count(page, facts, numeral, spoken=spoken or headed)
    for grid in page.grids:
        yield from _foot(grid)


def _count(page: Page, facts: Facts, numeral: Numeral, *, spoken: bool) -> Iterator[Statement]:
    told = about(page, numeral)
    value = int(numeral.value)
    if value == 0 and (told.quantity is Quantity.NON_TRAINABLE_PARAMETERS or _is_frozen(page, numeral)):
        yield from _none_frozen(page, facts, numeral)
        return
    if told.quantity not in _COUNTED or not (spoken or told.quantity in _SAID):
        return
    known = facts.counts.get(value, []) if value >= _LEAST else []
    fact = _best(known, told.scope.experiment, page.contexts[numeral.at].layer is not None)
    if fact is not None:
        yield _statement(numeral, fact, told.witnesses)
    elif told.quantity in _SAID and value >= _LEAST:
        yield Statement(
            numeral.block,
            numeral.start,
            numeral.end,
            told.quantity,
            Rule.NO_REFERENT,
            "no network that is stated, summed or asked for gives this number",
            scope=told.scope,
            witnesses=told.witnesses,
            modality=told.modality,
            decide="the network's layers or its code",
        )


def _best(known: list[CountFact], experiment: str | None, layered: bool) -> CountFact | None:
    """The fact that a number is taken for: of its own experiment where there is one."""
    own = [fact for fact in known if fact.scope.experiment == experiment]
    layers = [fact for fact in own or known if (fact.quantity is Quantity.LAYER_PARAMETERS) == layered]
    return next(iter(layers or own or known), None)


def _statement(numeral: Numeral, fact: CountFact, witnesses: frozenset[Witness]) -> Statement:
    return Statement(
        numeral.block,
        numeral.start,
        numeral.end,
        fact.quantity,
        Rule.ASSIGNMENT if fact.source is Source.ASSIGNMENT else Rule.STATED_NETWORK,
        fact.how,
        True,
        expected=f"{fact.value:,}",
        source=fact.source,
        scope=fact.scope,
        witnesses=witnesses,
    )


def _is_frozen(page: Page, numeral: Numeral) -> bool:
    before = numeral.block.text[max(0, numeral.start - 80) : numeral.start]
    return bool(_FROZEN.search(before) or (page.contexts[numeral.at].non_trainable and "=" in before))


def _none_frozen(page: Page, facts: Facts, numeral: Numeral) -> Iterator[Statement]:
    part = facts.subject.part(page.contexts[numeral.at].part)
    experiment = part.id if part is not None else None
    right = part is not None and part.count.non_trainable == 0
    yield Statement(
        numeral.block,
        numeral.start,
        numeral.end,
        Quantity.NON_TRAINABLE_PARAMETERS,
        Rule.ASSIGNMENT,
        "no layer of it is frozen" if right else "whether a layer is frozen is not stated",
        True if right else None,
        expected="0" if right else None,
        source=Source.ASSIGNMENT if right else None,
        scope=Scope(experiment=experiment),
        witnesses=frozenset({Witness.CLAUSE}),
        decide=None if right else "the code",
    )


def _foot(grid: Grid) -> Iterator[Statement]:
    """The last row of a table where it says that it is the sum of the rows above."""
    for row in range(2, len(grid.rows)):
        if not _TOTAL.match(grid.row_head(row)) or any(_TOTAL.match(grid.row_head(above)) for above in range(row)):
            continue
        for column in range(1, grid.width):
            yield from _foot_column(grid, row, column)


def _foot_column(grid: Grid, row: int, column: int) -> Iterator[Statement]:
    cells = grid.column(column)
    own, above = cells[row], cells[:row]
    if own is None or own.unit not in {"", "k", "K", "M"}:
        return
    texts = [grid.rows[index][column] if column < len(grid.rows[index]) else "" for index in range(row)]
    values = [cell.value for cell in above if cell is not None]
    unread = [text for cell, text in zip(above, texts, strict=True) if cell is None and re.search(r"\d", text)]
    if len(values) < 2:
        return
    total = sum(values, Fraction(0))
    fits = abs(total - own.value) <= sum((c.number.rounding for c in above if c), own.number.rounding)
    whole = all(cell is None or (not cell.number.decimals and not cell.rounded) for cell in (*above, own))
    head = grid.head[column] if column < len(grid.head) else ""
    doubt = None
    if unread or not grid.regular or not whole or not _SUMMED.search(head):
        doubt = "whether the rows above are all that it sums"
    elif any(sum(some, Fraction(0)) == own.value for some in combinations(values[:12], len(values) - 1)):
        doubt = "whether every row above belongs to the sum"
    yield Statement(
        grid.blocks[row],
        own.start,
        own.end,
        Quantity.SUM,
        Rule.TABLE_TOTAL,
        f"the rows above sum to {show(total)}",
        True if fits else (False if doubt is None else None),
        inside=True,
        expected=None if fits else show(total),
        source=Source.DOCUMENT_TABLE,
        witnesses=frozenset({Witness.ROW, Witness.COLUMN, Witness.SIBLINGS}),
        decide=doubt,
        text=grid.blocks[row].text[:200],
    )
    if fits:
        for index, cell in enumerate(above):
            if cell is not None:
                yield Statement(
                    grid.blocks[index],
                    cell.start,
                    cell.end,
                    Quantity.SUM,
                    Rule.TABLE_TOTAL,
                    f"with the rows beside it, it makes {own.text}",
                    True,
                    source=Source.DOCUMENT_TABLE,
                )
