"""Averages of numbers that stand beside them: a list in the same sentence, or the runs of a table's row."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby, pairwise

from reportgen.documents.blocks import Block
from reportgen.documents.numbers import Number
from reportgen.verification.claims.grids import Grid
from reportgen.verification.claims.page import Page, Sentence
from reportgen.verification.claims.statements import Statement
from reportgen.verification.ledger import Quantity, Rule, Source, Witness

_LEAST = 3
"""Numbers of a list, at least, of which an average is checked."""
_REACH = 50
"""Characters before a number in which it is told to be an average."""
_JOINED = re.compile(r"\s*%?\s*(?:[,;、]|,?\s(?:and|&|und|et|y|e|i)\s|和)\s*")
_AVERAGE = re.compile(
    r"(?:average|mean|avg\.?|mittelwert|durchschnitt|moyenne|promedio|media|平均(?:値|值)?)(?:\s(?:value|accuracy|score|loss))?"
    r"\s?(?:of|is|was|being|von|ist|de|=|:|≈|为|は)?\s?(?:about\s)?\Z",
    re.I,
)
_OTHER = re.compile(
    r"weight|moving|running|geometric|harmonic|median|trim|exclud|without|except|other|rest|last|best|overall|total|macro|"
    r"micro|standard|deviation|±|gewichtet|ohne|sauf|sans|salvo|加权",
    re.I,
)
_RUN = re.compile(r"\W*(?:run|seed|fold|trial|lauf|essai|回)\W{0,3}\d{1,3}\W*", re.I)
_MEAN = re.compile(r"\W*(?:mean|average|avg\.?|mittelwert|moyenne|promedio|平均)\W*", re.I)


def read_averages(page: Page) -> Iterator[Statement]:
    """Yield the averages whose numbers are printed beside them."""
    for at, block in enumerate(page.blocks):
        if block.kind not in {"row", "picture"} and len(page.stream.of(at)) > _LEAST:
            for sentence in page.sentences[at]:
                yield from _in_sentence(page, sentence)
    for grid in page.grids:
        yield from _in_rows(grid)


def _in_sentence(page: Page, sentence: Sentence) -> Iterator[Statement]:
    numerals = page.numerals(sentence.at, sentence.start, sentence.end)
    text = page.blocks[sentence.at].text
    joined = [bool(_JOINED.fullmatch(text[a.end : b.start])) for a, b in pairwise(numerals)]
    lists: list[range] = []
    first = 0
    for tied, own in groupby(joined):
        size = len(list(own))
        if tied and size + 1 >= _LEAST:
            lists.append(range(first, first + size + 1))
        first += size
    if len(lists) != 1:
        return
    said = [
        numeral
        for index, numeral in enumerate(numerals)
        if index not in lists[0] and _AVERAGE.search(text, max(sentence.start, numeral.start - _REACH), numeral.start)
    ]
    if len(said) != 1 or _OTHER.search(sentence.text):
        return
    numbers = [numerals[index].number for index in lists[0]]
    mean = said[0]
    if len({number.decimals for number in numbers}) == 1 and all(number.is_quantity for number in numbers):
        yield from _statement(mean.block, (mean.start, mean.end), mean.number, numbers, sentence.text.strip())


def _in_rows(grid: Grid) -> Iterator[Statement]:
    runs = [index for index, head in enumerate(grid.head) if _RUN.fullmatch(head)]
    means = [index for index, head in enumerate(grid.head) if _MEAN.fullmatch(head)]
    if len(runs) < _LEAST or len(means) != 1 or not grid.regular:
        return
    for block, cells in zip(grid.blocks, grid.cells, strict=True):
        own, mean = [cells[index] for index in runs], cells[means[0]]
        if mean is not None and not mean.unit.strip("%") and all(cell is not None for cell in own):
            numbers = [cell.number for cell in own if cell is not None]
            yield from _statement(block, (mean.start, mean.end), mean.number, numbers)


def _statement(
    block: Block, place: tuple[int, int], mean: Number, numbers: Sequence[Number], text: str = ""
) -> Iterator[Statement]:
    """Hold a mean against its numbers, whose rounding and whose last place cut off are allowed.

    What fits the median, or the mean without one or both ends, may be meant so: it is no slip for sure.
    """
    if any(number.negative or not number.decimals for number in (mean, *numbers)):
        return
    values = sorted(number.value for number in numbers)
    margin = max(number.half for number in numbers) + 2 * mean.half
    exact = _mean(values)
    middle = _mean(values[(len(values) - 1) // 2 : len(values) // 2 + 1])
    trimmed = [_mean(values[:index] + values[index + 1 :]) for index in range(len(values))]
    others = [middle, *trimmed, _mean(values[1:-1])]
    for scale in (Fraction(1), Fraction(100), Fraction(1, 100)):
        if abs(mean.value - exact * scale) <= margin * (scale if scale > 1 else 1):
            fits, doubt = True, None
            break
    else:
        fits = False
        doubt = (
            "which of the numbers it is the mean of" if any(abs(mean.value - one) <= margin for one in others) else None
        )
        if not values[0] <= mean.value <= values[-1]:
            doubt = "whether it is the mean of these numbers"
    yield Statement(
        block,
        *place,
        Quantity.UNKNOWN,
        Rule.ARITHMETIC,
        f"the mean of the {len(numbers)} numbers beside it is {float(exact):.6g}",
        fits,
        inside=True,
        expected=f"{float(exact):.6g}",
        source=Source.ARITHMETIC,
        witnesses=frozenset({Witness.SPAN}),
        decide=doubt,
        text=text,
    )


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)
