"""Numbers of parameters held against the networks that the code builds.

A total is refuted by the one network of a program that was followed wholly, or by the one that a notebook builds in the
section that gives the total.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate
from pathlib import PurePath

from reportgen.verification.claims.about import About, about
from reportgen.verification.claims.numerals import Numeral
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.facts.code import Code, CodedNetwork
from reportgen.verification.ledger import Quantity, Rule, Source, Witness

_COUNTED = frozenset({
    Quantity.LAYER_PARAMETERS, Quantity.TOTAL_PARAMETERS, Quantity.NON_TRAINABLE_PARAMETERS, Quantity.UNKNOWN,
})  # fmt: skip
_LEAST = 100
"""Numbers below this one are too common to be recognised by their value."""
_WORDS = (
    r"(?:total|number|of|trainable|learnable|model|network|param\w*|count|size|the|this|has|have|with|in|all|it|weights|"
    r"par[aàá]m\w*|nombre|número|numero|totale?|#|参数量?|パラメータ数?)"
)
_LABEL = re.compile(rf"(?:[\W\d_]*{_WORDS})*[\W_]*", re.I)
"""All that stands beside a total of the network that the document is about: another network would be named."""
_PARAMETERS = re.compile(r"par[aàá]m|weights|参数|パラメータ|매개변수", re.I)
_BOUND = re.compile(r"(?:<|≤|⩽)\s*(?:=\s*)?$")
_AT_LEAST = re.compile(r"(?:>|≥|⩾)\s*(?:=\s*)?$")
_ABOUT = re.compile(r"(?:[~≈∼]|\b(?:about|around|approx\w*|roughly|circa|ca\.?|nearly|almost|some)\s*)\s*$", re.I)
_ROUGH = Fraction(1, 4)
"""Part of a count by which a number that calls itself rough may miss it."""


def read_coded_counts(page: Page, code: Code) -> Iterator[Statement]:
    """Yield the numbers of parameters of a document, held against the networks of the code beside it."""
    if not code.networks:
        return
    outputs = {cell.place.cell for cell in page.document.code if cell.place.cell is not None}
    totals: dict[int, list[CodedNetwork]] = {}
    layers: dict[int, list[CodedNetwork]] = {}
    for network in code.networks:
        for total in network.totals:
            totals.setdefault(total, []).append(network)
        for count in network.layers:
            layers.setdefault(count, []).append(network)
    for at, block in enumerate(page.blocks):
        for numeral in page.stream.of(at):
            if numeral.percent or not numeral.number.is_quantity or numeral.value < _LEAST:
                continue
            told = about(page, numeral)
            if told.quantity not in _COUNTED or not _spoken(page, numeral):
                continue
            value = int(numeral.value)
            for found, quantity in ((totals, Quantity.TOTAL_PARAMETERS), (layers, Quantity.LAYER_PARAMETERS)):
                if numeral.is_whole and value in found:
                    yield _statement(numeral, quantity, found[value][0], True, told, f"{value:,}")
                    break
            else:
                if block.place.cell not in outputs and _alone(page, numeral):
                    yield from _total(page, numeral, told, code)


def _spoken(page: Page, numeral: Numeral) -> bool:
    """Tell whether the words around a number are about parameters."""
    words = page.sentence(numeral.at, numeral.start).text
    if numeral.at in page.cells:
        words = f"{words} {' '.join(page.cells[numeral.at][0].head)}"
    return bool(_PARAMETERS.search(words))


def _alone(page: Page, numeral: Numeral) -> bool:
    """Tell whether a number stands as the total of the network, with no word about anything else."""
    sentence = page.sentence(numeral.at, numeral.start)
    if numeral.at in page.cells and page.cells[numeral.at][0].width != 2:
        return False
    before = sentence.text[: numeral.start - sentence.start]
    after = sentence.text[numeral.end - sentence.start :]
    before = _ABOUT.sub("", before)
    return bool(_LABEL.fullmatch(before) and _LABEL.fullmatch(after) and not after.lstrip().startswith("+"))


def _total(page: Page, numeral: Numeral, told: About, code: Code) -> Iterator[Statement]:
    network, witness = _only(code), Witness.ONLY
    built = _in_section(page, numeral.at, code)
    if built is not None:
        network, witness = built, Witness.SECTION
    if network is None or network.parameters is None:
        return
    sentence = page.sentence(numeral.at, numeral.start)
    before = sentence.text[: numeral.start - sentence.start].rstrip("`*( ")
    if any(_fits(numeral, total, before) for total in network.totals):
        yield _statement(numeral, Quantity.TOTAL_PARAMETERS, network, True, told, f"{network.parameters:,}")
        return
    witnesses = told.witnesses | {Witness.CLAUSE, witness}
    yield _statement(numeral, Quantity.TOTAL_PARAMETERS, network, False, told, f"{network.parameters:,}", witnesses)


def _fits(numeral: Numeral, count: int, before: str) -> bool:
    """Tell whether a printed total can stand for a count: a bound, a rough number or a rounded one."""
    if _BOUND.search(before):
        return count <= numeral.value
    if _AT_LEAST.search(before):
        return count >= numeral.value
    # a print may be cut off and not rounded, so a whole unit of its last digit is its own
    slack = max(numeral.half * 2 if numeral.half > 1 else numeral.half, count * _ROUGH if _ABOUT.search(before) else 0)
    return any(abs(count - value) <= slack for value in (numeral.value, *numeral.number.also))


def _only(code: Code) -> CodedNetwork | None:
    """The network of a program that was followed wholly and has no other."""
    real = [network for network in code.networks if network.parameters != 0]
    totals = {(network.parameters, network.trainable) for network in real}
    if code.lost or code.problems or len(totals) != 1 or not real[0].counted:
        return None
    return real[0]


def _in_section(page: Page, at: int, code: Code) -> CodedNetwork | None:
    """The one network that a notebook builds between the heading above a block and the next one."""
    heads = [index for index, block in enumerate(page.blocks) if block.kind == "heading"]
    before = bisect_right(heads, at)
    first = page.blocks[heads[before - 1]].place.cell if before else None
    last = page.blocks[heads[before]].place.cell if before < len(heads) else None
    if first is None:
        return None
    own = PurePath(page.document.source).name
    cells = [cell for cell in page.document.code if cell.place.line is None]  # no code that its Markdown shows
    starts = list(accumulate((cell.source.count("\n") + 1 for cell in cells), initial=0))
    found = []
    for network in code.networks:
        index = bisect_right(starts, network.line - 1) - 1
        cell = cells[index].place.cell if 0 <= index < len(cells) else None
        inside = cell is not None and first <= cell < (math.inf if last is None else last)
        if network.file == own and inside:
            found.append(network)
    return found[0] if len(found) == 1 and found[0].counted else None


def _statement(
    numeral: Numeral,
    quantity: Quantity,
    network: CodedNetwork,
    fits: bool,
    told: About,
    expected: str,
    witnesses: frozenset[Witness] | None = None,
) -> Statement:
    where = f"{network.file}:{network.line}"
    own = f"the network {network.name} that the code builds has {network.parameters or 0:,} parameters"
    part = f"a layer of {network.name} that the code builds has {expected} parameters"
    return Statement(
        numeral.block,
        numeral.start,
        numeral.end,
        quantity,
        Rule.CODE,
        f"{part if quantity is Quantity.LAYER_PARAMETERS else own} (code: {where})",
        fits,
        expected=expected,
        source=Source.CODE,
        where=where,
        scope=told.scope,
        witnesses=told.witnesses if witnesses is None else witnesses,
        modality=told.modality,
    )
