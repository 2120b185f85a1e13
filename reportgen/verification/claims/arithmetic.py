"""Arithmetic as documents print it: tokens, a parser without recursion, exact evaluation within bounds.

Numbers may be grouped (``3,208``, ``1,00,000``, ``3 208``), products written ``* × · ⋅ x``, quotients ``/ ÷``,
remainders ``% mod``, whole quotients ``//``, powers ``^ ** ²``, ``floor(…) int(…) ceil(…) round(…) sqrt(…)`` and
their brackets ``⌊…⌋ ⌈…⌉``; a percent sign that no number follows means hundredths.
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

TokenKind = Literal["number", "operator", "open", "close", "relation", "word", "function", "other"]

_NUMBER = (
    rf"(?:\d{{1,3}}(?:[,{GROUPING_SPACES}'’_]\d{{3}})+(?![,'’_]?\d)(?:\.\d+)?"
    r"|\d{1,2}(?:,\d{2})+,\d{3}(?![,\d])(?:\.\d+)?"
    r"|\d{1,3}(?:,\d{3,})+(?![,\d])(?:\.\d+)?"
    r"|0,\d+(?![,\d])"
    r"|\d+(?:\.\d+)?|\.\d+)"
    r"(?:[eE][+-]?\d{1,4}(?![\w.]))?"
)
_TOKEN = re.compile(
    rf"(?P<power>[²³⁰¹⁴-⁹]+)|(?P<word>\d+(?:st|nd|rd|th|D|d)\b|\d+-[^\W\d_]\w*(?:-\w+)*|[^\W\d]\w*(?:[-'’./]?[^\W\d_]\w*|(?<=[^\W\d_]{{2}})-\d+[^\W\d_]?(?![\w.,]))*)"
    rf"|(?P<number>{_NUMBER}(?:[kK](?![\w]))?)"
    r"|(?P<relation>==|:=|~=|[=≈≃≅≡])"
    r"|(?P<operator>\*\*|//|[-+*/^%×✕✖∗·⋅∙÷∕−–—])"
    r"|(?P<open>[(\[⌊⌈])|(?P<close>[)\]⌋⌉])"
    r"|(?P<other>[^\s])"
)
_SIGNS = {"×": "*", "✕": "*", "✖": "*", "∗": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "∕": "/", "**": "^"}
_SIGNS |= dict.fromkeys("−–—", "-")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_TIMES_WORD = re.compile(r"[xX]")
_TIMES_CHAIN = re.compile(r"[xX](\d+)((?:[xX]\d+)*)\Z")
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2, "mod": 2, "neg": 3, "^": 4}
_FUNCTIONS = {
    **dict.fromkeys(("floor", "math.floor", "np.floor", "int", "trunc", "math.trunc"), "floor"),
    **dict.fromkeys(("ceil", "math.ceil", "np.ceil", "ceiling"), "ceil"),
    **dict.fromkeys(("round",), "round"),
    **dict.fromkeys(("sqrt", "math.sqrt", "np.sqrt"), "sqrt"),
}
_BRACKETS = {"⌊": "floor", "⌈": "ceil"}


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
    """A piece of text; ``text`` of operators is one of ``+ - * / // % ^``."""

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
    if piece.lower() in _FUNCTIONS:
        return [Token("function", _FUNCTIONS[piece.lower()], start, end)]
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
        elif token.kind == "function":
            if operand or not (index + 1 < len(tokens) and tokens[index + 1].kind == "open"):
                raise UndecidedError(f"{token.text} without its argument")
            stack.append(token)
        elif token.kind == "open":
            if operand:
                _push(Token("operator", "*", token.start, token.start), stack, output)
            if token.text in _BRACKETS:
                stack.append(Token("function", _BRACKETS[token.text], token.start, token.end))
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
            if stack and stack[-1].kind == "function":
                output.append(stack.pop())
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
        if stack[-1].kind in {"open", "function"}:
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
    return index < len(tokens) and tokens[index].kind in {"number", "word", "open", "function"}
