"""Totals held against stated networks: beside their layers in a table, and rounded anywhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reportgen.documents.blocks import Block
from reportgen.verification.claims.about import about
from reportgen.verification.claims.numerals import Numeral
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.facts.networks import TELLING, Form, StatedNetwork, totals_of
from reportgen.verification.facts.store import Facts
from reportgen.verification.ledger import Quantity, Rule, Source, Witness

_SIBLINGS = 3
"""Networks that must be right in the same layout before one that isn't is wrong."""
_COUNTED = re.compile(r"param|weights|パラメータ|参数", re.I)


def read_totals(page: Page, facts: Facts) -> Iterator[Statement]:
    """Yield what stated networks prove of the totals that a document gives for them."""
    yield from _totals_beside(page, facts)
    yield from _rounded_totals(page, facts)


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
    if cell is None or cell.number.decimals or cell.rounded or cell.unit or cell.value < TELLING:
        return None
    return _Beside(network, int(cell.value), grid.blocks[rows[0]], cell.start, cell.end)


def _rounded_totals(page: Page, facts: Facts) -> Iterator[Statement]:
    """``~225K``: what rounds or cuts off the total of a network."""
    totals = sorted({total for network in facts.networks for total in network.totals if total >= TELLING})
    for numeral in page.stream.numerals if totals else ():
        if numeral.half < 5 or about(page, numeral).quantity not in _PARAMETERS or not numeral.number.is_quantity:
            continue
        value, unit = numeral.value, 2 * numeral.half
        cut = value >= 10 * unit  # of one digit, what was cut off would be too much
        meant = [one for one in totals if abs(one - value) <= numeral.half or (cut and 0 <= one - value < unit)]
        if meant:
            yield _rounded(numeral, min(meant, key=lambda total: abs(total - value)))


_PARAMETERS = frozenset({Quantity.LAYER_PARAMETERS, Quantity.TOTAL_PARAMETERS})


def _rounded(numeral: Numeral, total: int) -> Statement:
    return Statement(
        numeral.block,
        numeral.start,
        numeral.end,
        Quantity.TOTAL_PARAMETERS,
        Rule.STATED_NETWORK,
        f"the network has {total:,}",
        True,
        expected=f"{total:,}",
        source=Source.DOCUMENT_NETWORK,
        witnesses=frozenset({Witness.CLAUSE}),
    )
