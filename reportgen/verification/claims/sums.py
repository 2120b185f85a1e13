"""Claims of the form ``expression = number``: each judged as arithmetic, then as what its label says it counts."""

import re
from dataclasses import replace
from fractions import Fraction

from reportgen.assignment.layers import Conv2d, Linear
from reportgen.verification.claims.arithmetic import Number, UndecidedError, Value, evaluate, is_rounding
from reportgen.verification.claims.counts import expected_value, judge_count, quantity_of
from reportgen.verification.claims.equations import Equation, Side
from reportgen.verification.claims.network import Stated
from reportgen.verification.claims.outline import Passage, parts_of
from reportgen.verification.facts.subject import Part, Quantity, Subject
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict

_COUNTED = re.compile(r"param|trainable|weights|total|count|conv|layer|connected|\bfc\b|dense|linear", re.I)
_SIZED = re.compile(
    r"(?:kernel|filter|stride|padding|channel|size|shape|epoch|accura|loss|batch|class|rate|image|feature|precision|"
    r"recall|f1|output|input|seed|split|height|width|mac|flop)\w*\s*\Z",
    re.I,
)
_HUNDREDTHS = re.compile(r"accura|percent|%|error|recall|precision|f1|rate", re.I)


def check_equation(equation: Equation, passage: Passage, subject: Subject, stated: Stated, findings: Findings) -> None:
    """Judge one chain of ``=``."""
    sides = [side for side in equation.sides if not side.is_label]
    if len(sides) > 1 and _is_ordinal(sides[0]) and not sides[1].is_number:
        sides = sides[1:]
    labels = [side.text for side in equation.sides if side.is_label]
    label = labels[0] if labels else equation.label
    quantity = _quantity(equation, passage, subject, label)
    if any(side.symbols for side in sides):
        _check_symbols(equation, sides, passage, quantity, stated, findings)
        return
    arithmetic = _chain(sides, passage) if len(sides) > 1 else None
    if arithmetic is not None and arithmetic[0] is not Verdict.VERIFIED:
        verdict, expected, found, reason = arithmetic
        findings.add(
            "arithmetic",
            verdict,
            passage.block,
            equation.text,
            "exact arithmetic",
            expected=expected,
            found=found,
            decide=reason,
            experiment=passage.context.part,
        )
        return
    last = sides[-1] if sides else None
    number = _printed(last) if last else None
    if quantity and quantity.kind == "non-trainable" and not arithmetic:
        return  # judged by its words
    if quantity and number and last and (arithmetic or last.is_number):
        before = len(findings.claims)
        longest = max(sides, key=lambda side: len(side.tokens))
        judge_count(quantity, number, passage, equation.text, stated, findings, longest if arithmetic else None)
        if len(findings.claims) > before:
            if arithmetic:
                claim = findings.claims[-1]
                findings.claims[-1] = claim.model_copy(update={"rule": f"the sum is right; {claim.rule}"})
            return
    if arithmetic is not None:
        findings.add(
            "arithmetic",
            Verdict.VERIFIED,
            passage.block,
            equation.text,
            "exact arithmetic",
            expected=arithmetic[1],
            found=arithmetic[2],
            experiment=passage.context.part,
        )


def _is_ordinal(side: Side) -> bool:
    """Tell whether a side may be the number of a name or a list: ``Class 1 = …``."""
    number = _printed(side)
    return number is not None and not number.decimals and number.value <= 20


def _quantity(  # noqa: PLR0911 (one return a form of equation)
    equation: Equation, passage: Passage, subject: Subject, label: str
) -> Quantity | None:
    """Find what number of parameters an equation gives; None where it gives something else."""
    start = equation.sides[0].end if equation.sides[0].is_label else equation.start
    before = passage.text[:start]
    clause = label or before
    if _SIZED.search(clause.rstrip(" :(=")) and not re.search(r"param|trainable", clause, re.I):
        return None
    quantity = quantity_of(passage, subject, start, clause)
    part = subject.part(parts_of(passage, subject, start)[0][0])
    if part is not None and _adds_layers(equation, part):
        sure = quantity is not None and quantity.sure and quantity.kind == "total"
        own = passage.context.part == part.id or sure
        return Quantity("total", None, (part,), own)
    if quantity is None:
        return None
    if re.search(r"param|trainable|weights|total", clause, re.I):
        return quantity
    signs = {token.text for side in equation.sides for token in side.tokens if token.kind == "operator"}
    said = f"{passage.context.heading} {passage.context.section} {passage.text}"
    if quantity.kind == "layer":
        worded = "+" in signs or re.search(r"param|trainable", said, re.I)
        if "*" not in signs or not (worded or _has_weights(equation, quantity)):
            return None
        return replace(quantity, sure=parts_of(passage, subject, start)[1]) if "+" in signs else quantity
    return quantity if _COUNTED.search(clause) and signs & {"*", "+"} else None


def _has_weights(equation: Equation, quantity: Quantity) -> bool:
    """Tell whether an equation multiplies just the sizes of a layer's weights: its count without the bias."""
    for part in quantity.parts[:1]:
        index = part.layer(quantity.mention) if quantity.mention else None
        layer = part.planned.layers[index] if index is not None else None
        sizes: list[int] = []
        if isinstance(layer, Conv2d):
            sizes = [layer.in_channels or 0, *layer.kernel_size, layer.out_channels]
        elif isinstance(layer, Linear):
            sizes = [layer.in_features or 0, part.classes]
        for side in equation.sides:
            factors = [token.number.value for token in side.tokens if token.number is not None]
            if len(factors) > 1 and sorted(factors) == sorted(sizes):
                return True
    return False


def _adds_layers(equation: Equation, part: Part) -> bool:
    """Tell whether an equation adds up numbers of which two or more are counts of layers."""
    counts = {layer.trainable for layer in part.count.layers if layer.trainable}
    for side in equation.sides:
        signs = {token.text for token in side.tokens if token.kind == "operator"}
        terms = [token.number.value for token in side.tokens if token.number is not None]
        if signs == {"+"} and len(terms) > 2 and len([term for term in terms if term in counts]) > 1:
            return True
    return False


def _printed(side: Side) -> Number | None:
    numbers = [token.number for token in side.tokens if token.kind == "number"]
    return numbers[0] if side.is_number and numbers and not _negative(side) else None


def _negative(side: Side) -> bool:
    return any(token.text == "neg" for token in side.postfix)


def _check_symbols(
    equation: Equation,
    sides: list[Side],
    passage: Passage,
    quantity: Quantity | None,
    stated: Stated,
    findings: Findings,
) -> None:
    """Name the symbols of a count that was never worked out; judge the number where there is one after all."""
    number = _printed(sides[-1]) if len(sides) > 1 else None
    if quantity is None:
        return
    if number is not None:
        judge_count(quantity, number, passage, equation.text, stated, findings)
        return
    open_side = next((side for side in sides if side.symbols), None)
    if open_side is None or not open_side.has_number or len(open_side.tokens) < 3:
        return
    bound = expected_value(quantity)
    names = ", ".join(open_side.symbols)
    findings.add(
        "symbol",
        Verdict.UNVERIFIABLE,
        passage.block,
        equation.text,
        f"never worked out: {names} has no value" + (f"; {bound[2]}" if bound else ""),
        expected=f"{bound[1]:,} by the spec" if bound else None,
        found="no number",
        decide=f"the value of {names}",
        experiment=bound[0].id if bound else None,
    )


def _chain(sides: list[Side], passage: Passage) -> tuple[Verdict, str, str, str | None] | None:
    """Judge a chain of sides without symbols: verdict, expected, found, what would decide it."""
    if not any(_is_expression(side) for side in sides[:-1]) and not _is_expression(sides[-1]):
        return None
    try:
        if _holds(sides, passage, dots_group=False) or _holds(sides, passage, dots_group=True):
            return Verdict.VERIFIED, _show(evaluate(sides[0].postfix).exact), sides[-1].text, None
        values = [evaluate(side.postfix) for side in sides]
    except UndecidedError as error:
        return Verdict.UNVERIFIABLE, "", "", f"a smaller expression: {error}"
    wrong = next(
        (
            index
            for index in range(1, len(sides))
            if not _fits(sides[index], values[index], values[0], passage)
            and not _fits(sides[index], values[index], values[index - 1], passage)
        ),
        len(sides) - 1,
    )
    expected, found = _show(values[0].exact), sides[wrong].text
    if any(side.doubtful for side in sides):
        return Verdict.UNVERIFIABLE, expected, found, "where the sum starts and ends: it stands inside a phrase"
    if _within(values[wrong], values[0]):
        return Verdict.UNVERIFIABLE, expected, found, "the numbers before they were rounded"
    return Verdict.CONTRADICTED, expected, found, None


def _is_expression(side: Side) -> bool:
    return len([token for token in side.postfix if token.kind == "number"]) > 1


def _holds(sides: list[Side], passage: Passage, *, dots_group: bool) -> bool:
    values = [evaluate(side.postfix, dots_group=dots_group) for side in sides]
    return all(
        _fits(sides[index], values[index], values[0], passage, dots_group=dots_group)
        or _fits(sides[index], values[index], values[index - 1], passage, dots_group=dots_group)
        for index in range(1, len(sides))
    )


def _fits(side: Side, own: Value, value: Value, passage: Passage, *, dots_group: bool = False) -> bool:
    """Tell whether a side is a valid rounding of a value: as it stands, or in hundredths."""
    if own.exact == value.exact:
        return True
    number = next((token.number for token in side.tokens if token.kind == "number"), None)
    if number is None or not side.is_number or dots_group:
        return False
    about = side.after in {"≈", "≃", "≅", "~="}
    percent = any(token.text == "percent" for token in side.postfix)
    sign = -1 if _negative(side) else 1
    readings = [value.exact * sign]
    if percent or _HUNDREDTHS.search(passage.text):
        readings.append(value.exact * sign * 100)
    if percent:
        readings = [readings[1], readings[0]]
    return any(is_rounding(number, reading, about=about) for reading in readings)


def _within(found: Value, value: Value) -> bool:
    """Tell whether the rounding of printed inputs explains a difference."""
    margin = (found.high - found.low) / 2
    return value.low < value.high and value.low - margin <= found.exact <= value.high + margin


def _show(value: Fraction) -> str:
    if value.denominator == 1:
        return f"{value.numerator:,}" if abs(value) < 10**60 else f"an integer of {len(str(value.numerator))} digits"
    return f"{float(value):.10g}"
