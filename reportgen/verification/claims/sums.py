"""Equations: exact arithmetic over every way of reading them, and symbols that were never given a value."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from reportgen.documents.blocks import Block
from reportgen.documents.numbers import Number
from reportgen.verification.claims.arithmetic import UndecidedError
from reportgen.verification.claims.equations import Equation, Side, find_equations
from reportgen.verification.claims.evaluation import Value, evaluate, is_rounding
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.ledger import Quantity, Rule, Scope, Source, Witness

_EQUAL = re.compile(r"(?<!=)={1,2}(?!=)|[≈≃≅]")
"""A sign of equality, not a ruled line or a bar of progress."""
_AMBIGUOUS = re.compile(r"\d[.,]\d{3}(?!\d)|\d,\d")
"""A mark between digits that may part thousands or decimals."""
_SEPARATORS = re.compile(r"(?<=\d)[.,](?=\d)")
_SWAPPED = str.maketrans(".,", ",.")
_HUNDREDTHS = re.compile(r"accura|percent|%|error|recall|precision|f1|rate", re.I)
_OPEN_END = re.compile(r"[-+*/×·÷=≈^(,]\s*\Z")
_OPEN_START = re.compile(r"\s*(?:[+*/×·÷=≈^)](?!\s*[^\W\d])|[-−]\s*\d)")
_COUNTED = re.compile(r"param|trainable|weights", re.I)
_RANGE = re.compile(r"\d+[-–]\d+|\d[\d,.]*/\d[\d,.]*|\d+(?:[x×]\d+)+|\d+\s*[×x]\s*\d+")
_MAX_TEXT = 20_000
"""Characters of one piece that are searched for equations."""


@dataclass(frozen=True)
class _Outcome:
    equation: Equation
    holds: bool
    wrong: Side | None = None
    expected: str = ""
    doubt: str | None = None


def read_sums(page: Page) -> Iterator[Statement]:
    """Yield what every chain of ``=`` proves of its numbers."""
    for at, block in enumerate(page.blocks):
        if block.kind == "picture" or not _EQUAL.search(block.text):
            continue
        for start, piece in _pieces(block.text):
            text = piece[:_MAX_TEXT]
            if not _EQUAL.search(text):
                continue
            equations = find_equations(text)
            for outcome in _outcomes(text, equations):
                yield from _statements(outcome, start, block)
            yield from _symbols(equations, start, block, page, at)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Part a block into lines, but keep together what an operator joins."""
    start = 0
    for match in re.finditer(r"\n", text):
        before, after = text[start : match.start()], text[match.end() : match.end() + 20]
        if _OPEN_END.search(before) or _OPEN_START.match(after):
            continue
        yield start, before
        start = match.end()
    yield start, text[start:]


def _outcomes(text: str, equations: Sequence[Equation]) -> Iterator[_Outcome]:
    plain = [outcome for equation in equations if (outcome := _judge(equation, text))]
    if all(outcome.holds for outcome in plain) and not _AMBIGUOUS.search(text):
        yield from plain
        return
    others = []
    swapped = _SEPARATORS.sub(lambda match: match[0].translate(_SWAPPED), text)
    for variant, joined in ((text, False), (swapped, True)):
        others += [
            outcome
            for equation in find_equations(variant, joined=joined)
            if (outcome := _judge(equation, variant)) and outcome.holds
        ]
    for outcome in plain:
        instead = [other for other in others if _overlap(outcome.equation, other.equation)]
        yield instead[0] if instead and not outcome.holds else outcome
    for other in others:
        if not any(_overlap(outcome.equation, other.equation) for outcome in plain):
            yield other


def _overlap(one: Equation, other: Equation) -> bool:
    return one.start < other.end and other.start < one.end


def _judge(equation: Equation, text: str) -> _Outcome | None:
    """Judge one chain; None where it has nothing to compute. Sides with symbols are left out."""
    sides = [side for side in equation.sides if not side.symbols]
    if len(sides) > 1 and _is_ordinal(sides[0]) and not sides[1].is_number:
        sides = sides[1:]
    if len(sides) < 2 or not any(len([t for t in side.postfix if t.kind == "number"]) > 1 for side in sides):
        return None
    try:
        values = [evaluate(side.postfix) for side in sides]
    except UndecidedError as error:
        return _Outcome(equation, False, sides[-1], "", f"a smaller expression: {error}")
    kept = [index for index in range(len(sides)) if not _runs_on(sides, values, index)]
    sides, values = [sides[index] for index in kept], [values[index] for index in kept]
    if len(sides) < 2:
        return None
    wrong = next(
        (
            index
            for index in range(1, len(sides))
            if not _fits(sides[index], values[index], values[0], text)
            and not _fits(sides[index], values[index], values[index - 1], text)
        ),
        None,
    )
    if wrong is None and re.match(r"[.,]\d", text[sides[-1].end :]):
        return None  # a number that is read in part only
    if wrong is None:
        return _Outcome(equation, True, None, show(values[0].exact))
    doubt = _doubt(sides, values, wrong, text)
    expected = values[0]
    agreed = all(value.exact == values[1].exact for value in values[1:])
    if sides[0].is_number and not sides[wrong].is_number and agreed:
        wrong, expected = 0, values[1]  # a count, then its working: it is the count that the working refutes
    if not sides[wrong].is_number:
        doubt = "which of the numbers of a side is wrong"
    return _Outcome(equation, False, sides[wrong], show(expected.exact), doubt)


def _runs_on(sides: list[Side], values: list[Value], index: int) -> bool:
    """Tell whether a product is only a step, whose result the next side begins with and goes on from.

    Many write ``30,120 = 250 · 120 = 30,000 + 120``: each number of it is right, the second sign of equality is not.
    """
    if sides[index].is_number or index + 1 == len(sides) or sides[index + 1].is_number:
        return False
    first = next((token.number for token in sides[index + 1].tokens if token.kind == "number"), None)
    return first is not None and first.value == values[index].exact


def _doubt(  # noqa: PLR0911 (one return a doubt)
    sides: list[Side], values: list[Value], wrong: int, text: str
) -> str | None:
    """Say what else than a slip may make a chain fail; None where nothing does."""
    if any(side.doubtful for side in sides):
        return "where the sum starts and ends: it stands inside a phrase"
    if values[0].low < values[0].high or values[wrong].low < values[wrong].high:
        margin = (values[wrong].high - values[wrong].low) / 2
        if values[0].low - margin <= values[wrong].exact <= values[0].high + margin:
            return "the numbers before they were rounded"
    number = _printed(sides[wrong])
    if number is not None and abs(number.value - abs(values[0].exact)) < 2 * number.rounding:
        return "whether the last place was rounded or cut off"
    divided = number is not None and number.decimals > 0
    if not divided and any(_RANGE.fullmatch(side.text.strip("() ")) for side in sides):
        return "whether it is a sum or a range, a size or a part of something"
    first, last = sides[0].start, sides[-1].end
    if re.search(r"\d,\d(?!\d\d(?!\d))|\d\.\d{3}(?!\d)", text[max(0, first - 3) : last + 4]):
        return "whether commas and points part decimals, thousands or the items of a list"
    if re.match(r"\s*[-+*/×·^]|\s*\d|[^\W\d]|[,.]\d|\s*…|\s*\.\.", text[last:]):
        return "how the sum goes on"
    return None


def _is_ordinal(side: Side) -> bool:
    """Tell whether a side may be the number of a name or a list: ``Class 1 = …``."""
    number = _printed(side)
    return number is not None and not number.decimals and number.value <= 20


def _printed(side: Side) -> Number | None:
    numbers = [token.number for token in side.tokens if token.kind == "number"]
    return numbers[0] if side.is_number and numbers else None


def _fits(side: Side, own: Value, value: Value, text: str) -> bool:
    """Tell whether a side is a valid rounding of a value: as it stands, in hundredths, or as a whole quotient."""
    if own.exact == value.exact:
        return True
    number = _printed(side)
    if number is None:
        return False
    about = side.after in {"≈", "≃", "≅", "~="}
    percent = any(token.sign == "percent" for token in side.postfix)
    sign = -1 if any(token.sign == "neg" for token in side.postfix) else 1
    readings = [value.exact * sign]
    if percent:
        readings = [value.exact * sign * 100, value.exact * sign]
    elif _HUNDREDTHS.search(text):
        readings.append(value.exact * sign * 100)
    if value.exact.denominator != 1 and not number.decimals and abs(value.exact) >= 1:
        # batches, windows and steps are counted whole
        readings += [Fraction(floor(value.exact)), Fraction(ceil(value.exact))]
    return any(is_rounding(number, reading, about=about) for reading in readings)


def show(value: Fraction) -> str:
    """Show an exact value: whole numbers with their thousands marked, others to ten digits."""
    if value.denominator == 1:
        return f"{value.numerator:,}" if abs(value) < 10**60 else f"an integer of {len(str(value.numerator))} digits"
    return f"{float(value):.10g}"


def _statements(outcome: _Outcome, offset: int, block: Block) -> Iterator[Statement]:
    equation = outcome.equation
    start, end = equation.start + offset, equation.end + offset
    side = outcome.wrong or equation.sides[-1]
    text = block.text[start:end]
    yield Statement(
        block,
        start,
        end,
        Quantity.ARITHMETIC,
        Rule.ARITHMETIC,
        "exact arithmetic" if outcome.holds else "one number of it is wrong",
        True if outcome.holds else None,
        decide=None if outcome.holds else "which of its numbers is wrong",
        source=Source.ARITHMETIC,
        witnesses=frozenset({Witness.SPAN}),
        text=text,
    )
    yield Statement(
        block,
        side.start + offset,
        side.end + offset,
        Quantity.UNKNOWN,
        Rule.ARITHMETIC,
        "exact arithmetic",
        outcome.holds,
        inside=True,
        expected=outcome.expected,
        source=Source.ARITHMETIC,
        witnesses=frozenset({Witness.SPAN}),
        decide=outcome.doubt,
        text=text,
    )


def _symbols(equations: Sequence[Equation], offset: int, block: Block, page: Page, at: int) -> Iterator[Statement]:
    """Name the symbols of a count that was never worked out."""
    context = page.contexts[at]
    for equation in equations:
        sides = [side for side in equation.sides if not side.is_label]
        label = f"{equation.label} {equation.sides[0].text if equation.sides[0].is_label else ''}"
        open_side = next((side for side in sides if side.symbols), None)
        if open_side is None or not _COUNTED.search(label) or any(not side.symbols for side in sides):
            continue
        if not open_side.has_number or len(open_side.tokens) < 3:
            continue
        total = bool(re.search(r"total", label, re.I))
        part = page.subject.part(context.part)
        index = part.layer(context.layer) if part is not None and context.layer is not None and not total else None
        expected = None
        if part is not None and total:
            expected = part.count.total_derivation
        elif part is not None and index is not None:
            expected = part.count.layers[index].derivation
        names = ", ".join(open_side.symbols)
        yield Statement(
            block,
            equation.start + offset,
            equation.end + offset,
            Quantity.TOTAL_PARAMETERS if total else Quantity.LAYER_PARAMETERS,
            Rule.NO_VALUE,
            f"never worked out: {names} has no value" + (f"; by the assignment {expected}" if expected else ""),
            expected=expected,
            source=Source.ASSIGNMENT if expected else None,
            scope=Scope(experiment=context.part, layer=index),
            decide=f"the value of {names}",
            whole=True,
            text=equation.text,
        )
