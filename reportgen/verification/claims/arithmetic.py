"""Arithmetic as documents print it: tokens, a parser without recursion, exact evaluation within bounds.

Numbers may be grouped (``3,208``, ``1,00,000``, ``3 208``), products written ``* × · ⋅ x``, quotients ``/ ÷``,
remainders ``% mod``, powers ``^ ** ²``; a percent sign that no number follows means hundredths.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from reportgen.documents.numbers import GROUPING_SPACES

MAX_DIGITS = 400
"""Digits of a number that is still read."""
MAX_BITS = 4096
"""Bits of a value that is still computed."""
MAX_EXPONENT = 512

TokenKind = Literal["number", "operator", "open", "close", "relation", "word", "other"]

_NUMBER = (
    rf"(?:\d{{1,3}}(?:[,{GROUPING_SPACES}'’_]\d{{3}})+(?![,'’_]?\d)(?:\.\d+)?"
    r"|\d{1,2}(?:,\d{2})+,\d{3}(?![,\d])(?:\.\d+)?"
    r"|\d{1,3}(?:,\d{3,})+(?![,\d])(?:\.\d+)?"
    r"|0,\d+(?![,\d])"
    r"|\d+(?:\.\d+)?|\.\d+)"
    r"(?:[eE][+-]?\d{1,4}(?![\w.]))?"
)
_TOKEN = re.compile(
    rf"(?P<power>[²³⁰¹⁴-⁹]+)|(?P<word>\d+(?:st|nd|rd|th|D|d)\b|\d+-[^\W\d_]\w*(?:-\w+)*|[^\W\d]\w*(?:[-'’./]?[^\W\d_]\w*)*)"
    rf"|(?P<number>{_NUMBER}(?:[kK](?![\w]))?)"
    r"|(?P<relation>==|:=|~=|[=≈≃≅≡])"
    r"|(?P<operator>\*\*|[-+*/^%×✕✖∗·⋅∙÷∕−–—])"
    r"|(?P<open>[(\[])|(?P<close>[)\]])"
    r"|(?P<other>[^\s])"
)
_SIGNS = {"×": "*", "✕": "*", "✖": "*", "∗": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "∕": "/", "**": "^"}
_SIGNS |= dict.fromkeys("−–—", "-")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_TIMES_WORD = re.compile(r"[xX]")
_TIMES_CHAIN = re.compile(r"[xX](\d+)((?:[xX]\d+)*)\Z")
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "mod": 2, "neg": 3, "^": 4}


class UndecidedError(ValueError):
    """An expression that can't be evaluated: too large, a division by zero, a symbol without a value."""


@dataclass(frozen=True)
class Number:
    """A number as printed: its value, and the unit of its last printed place (0 where it is exact)."""

    value: Fraction
    step: Fraction
    decimals: int


@dataclass(frozen=True)
class Token:
    """A piece of text; ``text`` of operators is one of ``+ - * / % ^``."""

    kind: TokenKind
    text: str
    start: int
    end: int
    number: Number | None = None


def tokenize(text: str) -> list[Token]:
    """Split text into tokens; never fails.

    A number of more than `MAX_DIGITS` digits becomes a token of kind "other".
    """
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        piece, start, end = match[0], match.start(), match.end()
        if kind == "number":
            tokens.append(_number_token(piece, start, end))
        elif kind == "power":
            tokens.append(Token("operator", "^", start, start))
            tokens.append(_number_token(piece.translate(_SUPERSCRIPTS), start, end))
        elif kind == "word":
            tokens.extend(_word_tokens(piece, start, end, tokens))
        elif kind == "operator":
            tokens.append(Token("operator", _SIGNS.get(piece, piece), start, end))
        elif kind in {"open", "close", "relation", "other"}:
            tokens.append(Token(kind, piece, start, end))  # type: ignore[arg-type]
    return tokens


def _word_tokens(piece: str, start: int, end: int, before: Sequence[Token]) -> list[Token]:
    """Read ``x`` between operands as a product: ``7x7x16`` has one number, then the word ``x7x16``."""
    operand = bool(before) and before[-1].kind in {"number", "close"}
    if operand and _TIMES_WORD.fullmatch(piece):
        return [Token("operator", "*", start, end)]
    if operand and before[-1].end == start and _TIMES_CHAIN.match(piece):
        tokens, at = [], start
        for factor in re.findall(r"\d+", piece):
            tokens.append(Token("operator", "*", at, at + 1))
            tokens.append(_number_token(factor, at + 1, at + 1 + len(factor)))
            at += 1 + len(factor)
        return tokens
    if piece == "mod":
        return [Token("operator", "%", start, end)]
    return [Token("word", piece, start, end)]


def _number_token(piece: str, start: int, end: int) -> Token:
    number = read_number(piece)
    return Token("other", piece[:20], start, end) if number is None else Token("number", piece, start, end, number)


def read_number(piece: str) -> Number | None:
    """Read one printed number; None where it is none, or longer than `MAX_DIGITS` digits."""
    scale = Fraction(1)
    plain = re.sub(rf"[{GROUPING_SPACES} '’_]", "", piece)
    plain = plain.replace(",", ".") if re.fullmatch(r"0,\d+", plain) else plain.replace(",", "")
    if plain[-1:] in {"k", "K"}:
        plain, scale = plain[:-1], Fraction(1000)
    if len(plain) > MAX_DIGITS or not re.fullmatch(r"\d*\.?\d+(?:[eE][+-]?\d{1,3})?", plain, re.ASCII):
        return None
    mantissa, _, exponent = plain.lower().partition("e")
    if exponent:
        scale *= Fraction(10) ** int(exponent)
    decimals = len(mantissa.partition(".")[2])
    rounded = decimals or exponent or scale != 1
    return Number(Fraction(mantissa) * scale, Fraction(1, 10**decimals) * scale if rounded else Fraction(0), decimals)


def parse(tokens: Sequence[Token]) -> list[Token]:  # noqa: PLR0912 (one branch a kind of token)
    """Put the tokens of one expression into postfix order; "neg" is the sign of an operand.

    Raises:
        UndecidedError: they are no expression.
    """
    output: list[Token] = []
    stack: list[Token] = []
    operand = False
    for index, token in enumerate(tokens):
        if token.kind in {"number", "word"}:
            if operand:
                raise UndecidedError("two operands without an operator")
            output.append(token)
            operand = True
        elif token.kind == "open":
            if operand:
                _push(Token("operator", "*", token.start, token.start), stack, output)
            stack.append(token)
            operand = False
        elif token.kind == "close":
            if not operand:
                raise UndecidedError("an empty bracket or a missing operand")
            while stack and stack[-1].kind != "open":
                output.append(stack.pop())
            if not stack:
                raise UndecidedError("a bracket that was never opened")
            stack.pop()
        elif token.kind == "operator" and not operand:
            if token.text == "-":
                stack.append(Token("operator", "neg", token.start, token.end))
            elif token.text != "+":
                raise UndecidedError("a missing operand")
        elif token.kind == "operator":
            if token.text == "%" and not starts_operand(tokens, index + 1):
                output.append(Token("operator", "percent", token.start, token.end))
                continue
            _push(token if token.text != "%" else Token("operator", "mod", token.start, token.end), stack, output)
            operand = False
        else:
            raise UndecidedError(f"{token.text!r} is no part of an expression")
    if not operand:
        raise UndecidedError("a missing operand")
    while stack:
        if stack[-1].kind == "open":
            raise UndecidedError("a bracket that is never closed")
        output.append(stack.pop())
    return output


def _push(operator: Token, stack: list[Token], output: list[Token]) -> None:
    mine = _PRECEDENCE[operator.text]
    while stack and stack[-1].kind == "operator":
        top = _PRECEDENCE[stack[-1].text]
        if top < mine or (operator.text == "^" and top == mine):
            break
        output.append(stack.pop())
    stack.append(operator)


def starts_operand(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether an operand starts at ``index``."""
    return index < len(tokens) and tokens[index].kind in {"number", "word", "open"}


@dataclass(frozen=True)
class Value:
    """What an expression is worth, and the bounds that the rounding of its printed decimals leaves."""

    exact: Fraction
    low: Fraction
    high: Fraction


def evaluate(postfix: Sequence[Token], *, dots_group: bool = False) -> Value:
    """Evaluate a parsed expression exactly.

    Args:
        postfix: what `parse` returned.
        dots_group: read ``3.208`` as 3208, as some countries write it.

    Raises:
        UndecidedError: it holds a word, divides by zero, or outgrows `MAX_BITS`.
    """
    stack: list[Value] = []
    for token in postfix:
        if token.kind == "word":
            raise UndecidedError(f"{token.text} has no value")
        if token.kind == "number":
            assert token.number is not None
            stack.append(_leaf(token, dots_group))
        elif token.text == "neg":
            top = stack.pop()
            stack.append(Value(-top.exact, -top.high, -top.low))
        elif token.text == "percent":
            top = stack.pop()
            stack.append(Value(top.exact / 100, top.low / 100, top.high / 100))
        else:
            right, left = stack.pop(), stack.pop()
            stack.append(_combine(token.text, left, right))
        _bound(stack[-1].exact)
    return stack[-1]


def _leaf(token: Token, dots_group: bool) -> Value:
    number = token.number
    assert number is not None
    if dots_group and re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+", token.text):
        whole = Fraction(token.text.replace(".", ""))
        return Value(whole, whole, whole)
    return Value(number.value, number.value - number.step / 2, number.value + number.step / 2)


def _combine(sign: str, left: Value, right: Value) -> Value:
    if sign == "+":
        return Value(left.exact + right.exact, left.low + right.low, left.high + right.high)
    if sign == "-":
        return Value(left.exact - right.exact, left.low - right.high, left.high - right.low)
    exact = _apply(sign, left.exact, right.exact)
    if left.low == left.high and right.low == right.high:
        return Value(exact, exact, exact)
    if sign in {"/", "mod"} and right.low <= 0 <= right.high:
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
    if distance <= printed.step / 2:
        return True
    if not about:
        return False
    step = printed.step
    if not step:
        step = Fraction(1)
        while printed.value and printed.value % (step * 10) == 0:
            step *= 10
    return distance < step
