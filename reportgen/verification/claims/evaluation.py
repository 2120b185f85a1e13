"""Exact values of parsed expressions, and the bounds that the rounding of printed decimals leaves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from reportgen.documents.numbers import Number
from reportgen.documents.tokens import Token
from reportgen.verification.claims.arithmetic import WORDS, UndecidedError

MAX_BITS = 4096
"""Bits of a value that is still computed."""
MAX_EXPONENT = 512


@dataclass(frozen=True)
class Value:
    """What an expression is worth, and the bounds that the rounding of its printed decimals leaves."""

    exact: Fraction
    low: Fraction
    high: Fraction


def evaluate(postfix: Sequence[Token]) -> Value:
    """Evaluate exactly what `parse` returned.

    Raises:
        UndecidedError: it holds a word, divides by zero, or outgrows `MAX_BITS`.
    """
    stack: list[Value] = []
    for token in postfix:
        if token.kind in WORDS:
            raise UndecidedError(f"{token.text} has no value")
        if token.kind == "number":
            assert token.number is not None
            stack.append(_leaf(token.number))
        elif token.kind == "function":
            top = stack.pop()
            stack.append(Value(*(_call(token.sign, bound) for bound in (top.exact, top.low, top.high))))
        elif token.sign == "neg":
            top = stack.pop()
            stack.append(Value(-top.exact, -top.high, -top.low))
        elif token.sign == "percent":
            top = stack.pop()
            stack.append(Value(top.exact / 100, top.low / 100, top.high / 100))
        else:
            right, left = stack.pop(), stack.pop()
            stack.append(_combine(token.sign, left, right))
        _bound(stack[-1].exact)
    return stack[-1]


def _call(name: str, value: Fraction) -> Fraction:
    if name == "sqrt":
        if value < 0 or value.denominator.bit_length() + value.numerator.bit_length() > 256:
            raise UndecidedError("a root that is no number")
        root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
        if root * root != value:
            raise UndecidedError("a root that is no fraction")
        return root
    if name == "round":
        return Fraction(round(value))
    return Fraction(math.floor(value) if name == "floor" else math.ceil(value))


def _leaf(number: Number) -> Value:
    return Value(number.value, number.value - number.rounding, number.value + number.rounding)


def _combine(sign: str, left: Value, right: Value) -> Value:
    if sign == "+":
        return Value(left.exact + right.exact, left.low + right.low, left.high + right.high)
    if sign == "-":
        return Value(left.exact - right.exact, left.low - right.high, left.high - right.low)
    exact = _apply(sign, left.exact, right.exact)
    if left.low == left.high and right.low == right.high:
        return Value(exact, exact, exact)
    if sign in {"/", "//", "mod"} and right.low <= 0 <= right.high:
        raise UndecidedError("a divisor that may be zero")
    corners = [_apply(sign, a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
    return Value(exact, min(exact, *corners), max(exact, *corners))


def _apply(sign: str, left: Fraction, right: Fraction) -> Fraction:
    if sign == "*":
        return left * right
    if sign == "^":
        if right.denominator != 1:
            raise UndecidedError("a root")
        if abs(right) > MAX_EXPONENT or abs(right) * max(_bits(left), 1) > MAX_BITS:
            raise UndecidedError("a power too large to compute")
        if left == 0 and right < 0:
            raise UndecidedError("a division by zero")
        return Fraction(left ** int(right))
    if right == 0:
        raise UndecidedError("a division by zero")
    if sign == "//":
        return Fraction(left // right)
    return left / right if sign == "/" else left % right


def _bits(value: Fraction) -> int:
    return value.numerator.bit_length() + value.denominator.bit_length()


def _bound(value: Fraction) -> None:
    if _bits(value) > MAX_BITS:
        raise UndecidedError("a value too large to compute")


def is_rounding(printed: Number, value: Fraction, *, about: bool = False) -> bool:
    """Tell whether ``printed`` is a valid rounding of ``value`` at the places printed.

    With ``about`` (after ≈) the last place may be cut off instead, and zeros at the end may be rounding.
    """
    distance = abs(printed.value - value)
    if distance <= printed.rounding:
        return True
    if not about:
        return False
    step = 2 * printed.rounding
    if not step:
        step = Fraction(1)
        while printed.value and printed.value % (step * 10) == 0:
            step *= 10
    return distance < step
