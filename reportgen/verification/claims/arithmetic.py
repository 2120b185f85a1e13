"""Expressions as documents print them: tokens made ready, and a parser without recursion.

Products are written ``* × · ⋅ x``, quotients ``/ ÷``, remainders ``% mod``, whole quotients ``//``, powers ``^ ** ²``,
``floor(…) int(…) ceil(…) round(…) sqrt(…)`` and their brackets ``⌊…⌋ ⌈…⌉``; a percent sign that no number follows
means hundredths.
"""

from collections.abc import Iterator, Sequence

from reportgen.documents.numbers import PLAIN, NumberStyle
from reportgen.documents.tokens import Token, tokenize

_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2, "mod": 2, "neg": 3, "^": 4}
_FUNCTIONS = {
    **dict.fromkeys(("floor", "math.floor", "np.floor", "int", "trunc", "math.trunc"), "floor"),
    **dict.fromkeys(("ceil", "math.ceil", "np.ceil", "ceiling"), "ceil"),
    **dict.fromkeys(("round",), "round"),
    **dict.fromkeys(("sqrt", "math.sqrt", "np.sqrt"), "sqrt"),
}
_BRACKETS = {"⌊": "floor", "⌈": "ceil"}
_EQUALS = frozenset("=≈≃≅") | {"==", ":=", "~="}
WORDS = frozenset({"word", "name"})
"""Kinds of tokens that stand for a value without giving it."""


class UndecidedError(ValueError):
    """An expression that can't be evaluated: too large, a division by zero, a symbol without a value."""


def terms(text: str, style: NumberStyle = PLAIN, limit: int | None = None) -> list[Token]:
    """Split text into the tokens of expressions, the first ``limit`` of them.

    A power becomes its sign and its exponent, a number with a word at once behind it (``10-class``, ``1st``) a word;
    functions get the kind "function". Relations that claim no equality (``<``, ``≡``) get the kind "other".
    """
    return list(_terms(tokenize(text, style)[:limit]))


def _terms(tokens: Sequence[Token]) -> Iterator[Token]:
    at = 0
    while at < len(tokens):
        token = tokens[at]
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        at += 1
        if token.number is not None and token.number.kind in {"compound", "ordinal"} and following is not None:
            if following.kind in WORDS and following.start == token.end:
                at += 1
                token = Token("word", token.text + following.text, token.start, following.end)
            yield token
        elif token.kind == "power" and token.number is not None:
            yield Token("operator", token.text, token.start, token.start, sign="^")
            yield token._replace(kind="number", sign="")
        elif token.text == "mod":
            yield token._replace(kind="operator", sign="%")
        elif token.kind == "name" and following is not None and following.kind == "open":
            name = _FUNCTIONS.get(token.text.lower())
            yield token._replace(kind="function", sign=name) if name else token
        elif token.kind == "relation" and token.text not in _EQUALS:
            yield token._replace(kind="other")
        else:
            yield token


def _operator(sign: str, place: Token) -> Token:
    return Token("operator", sign, place.start, place.end, sign=sign)


def parse(tokens: Sequence[Token]) -> list[Token]:  # noqa: PLR0912 (one branch a kind of token)
    """Put the tokens of one expression into postfix order; "neg" is the sign of an operand.

    Raises:
        UndecidedError: they are no expression.
    """
    output: list[Token] = []
    stack: list[Token] = []
    operand = False
    for index, token in enumerate(tokens):
        if token.kind == "number" or token.kind in WORDS:
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
                _push(Token("operator", "*", token.start, token.start, sign="*"), stack, output)
            if token.text in _BRACKETS:
                stack.append(token._replace(kind="function", sign=_BRACKETS[token.text]))
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
            if token.sign == "-":
                stack.append(_operator("neg", token))
            elif token.sign != "+":
                raise UndecidedError("a missing operand")
        elif token.kind == "operator":
            if token.sign == "%" and not starts_operand(tokens, index + 1):
                output.append(_operator("percent", token))
                continue
            _push(token if token.sign != "%" else _operator("mod", token), stack, output)
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
    mine = _PRECEDENCE[operator.sign]
    while stack and stack[-1].kind == "operator":
        top = _PRECEDENCE[stack[-1].sign]
        if top < mine or (operator.sign == "^" and top == mine):
            break
        output.append(stack.pop())
    stack.append(operator)


def starts_operand(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether an operand starts at ``index``."""
    return index < len(tokens) and (tokens[index].kind in {"number", "open", "function"} or tokens[index].kind in WORDS)
