"""Chains of ``=`` in running text: where each side starts and ends, and what it says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reportgen.documents.tokens import Token, tokenize
from reportgen.verification.claims.arithmetic import WORDS, UndecidedError, parse, starts_operand, terms

MAX_TOKENS = 4000
"""Tokens of one block that are searched."""
MAX_SIDE = 300
"""Tokens of one side of an equation."""
_MAX_WORDS = 6
_GLUE = frozenset({"of", "by", "times", "plus", "minus", "and", "with", "per", "each", "from", "over", "to"})
_UNITS = re.compile(
    r"(?:parameter|param|weight|bias|biase|image|pixel|neuron|unit|feature|channel|filter|value)s?|trainable", re.I
)


@dataclass(frozen=True)
class Side:
    """One side of an equation, or an expression that stands alone."""

    text: str
    start: int
    end: int
    tokens: tuple[Token, ...]
    postfix: tuple[Token, ...]
    after: str
    """The relation before this side; empty for the first."""
    doubtful: bool
    """It may be cut out of a longer phrase, so that it proves a rightness but no fault."""

    @property
    def symbols(self) -> tuple[str, ...]:
        """Names without a value, in the order in which they stand."""
        return tuple(dict.fromkeys(token.text for token in self.postfix if token.kind in WORDS))

    @property
    def is_number(self) -> bool:
        """It is one printed number, perhaps with a sign or a percent sign."""
        numbers = [token for token in self.postfix if token.kind == "number"]
        return len(numbers) == 1 and all(
            token.kind == "number" or token.sign in {"neg", "percent"} for token in self.postfix
        )

    @property
    def has_number(self) -> bool:
        """It holds a printed number."""
        return any(token.kind == "number" for token in self.postfix)

    @property
    def is_label(self) -> bool:
        """It is only words."""
        return len(self.postfix) == 1 and self.postfix[0].kind in WORDS


@dataclass(frozen=True)
class Equation:
    """Two sides or more with ``=`` or ``≈`` between them; ``label`` is the text before them in the sentence."""

    text: str
    start: int
    end: int
    label: str
    sides: tuple[Side, ...]


def find_equations(text: str, *, joined: bool = True) -> list[Equation]:
    """Find the chains of ``=`` in one block of text, in the order in which they stand.

    With ``joined``, plain spaces may group digits (``3 208``).
    """
    if not any(sign in text for sign in "=≈≃≅"):
        return []
    tokens = terms(text, limit=MAX_TOKENS)
    relations = [index for index, token in enumerate(tokens) if token.kind == "relation"]
    equations: list[Equation] = []
    done, over = -1, 0
    for position, relation in enumerate(relations):
        if relation <= done:
            continue
        left = _left_side(text, tokens, max(over, _boundary(tokens, relation)), relation, joined)
        sides = [left] if left else []
        at = relation
        for following in relations[position:]:
            if following != at:
                break
            right, stop = _right_side(text, tokens, following, joined)
            if right is None:
                break
            sides.append(right)
            done, over = following, stop
            at = stop
        if len(sides) > (1 if left else 0):
            start, end = sides[0].start, sides[-1].end
            boundary = _boundary(tokens, relation)
            label = text[tokens[boundary].start : start] if boundary < len(tokens) else ""
            equations.append(Equation(text[start:end].strip(), start, end, label.strip(), tuple(sides)))
    return equations


def _boundary(tokens: Sequence[Token], relation: int) -> int:
    """Index of the first token of the clause that ends at ``relation``."""
    index = relation
    while index > 0 and relation - index < MAX_SIDE:
        before = tokens[index - 1]
        if before.kind == "relation" or (before.kind == "other" and before.text not in {'"', "'", "`", "{", "}", "#"}):
            break
        index -= 1
    return index


def _left_side(text: str, tokens: Sequence[Token], first: int, relation: int, joined: bool) -> Side | None:
    fallback: Side | None = None
    for start in range(first, relation):
        scanned, stop, doubtful = _scan(tokens, start, joined)
        if stop == relation and scanned:
            doubtful = doubtful or _is_cut(tokens, first, start)
            side = _side(text, tokens, scanned, "", doubtful)
            if side is not None and not doubtful:
                return side
            fallback = fallback or side
    return fallback


def _is_cut(tokens: Sequence[Token], first: int, start: int) -> bool:
    """Tell whether a side that begins at ``start`` leaves a part of its phrase behind."""
    if start == first:
        return tokens[start].sign == "+"  # the rest of a sum that began on another line
    before = tokens[start - 1]
    if before.kind == "number":  # a factor, ``2 (16 + 8)``, or the number of a name, ``Layer 1 (49·16)``
        return True
    glued = before.text.lower() in _GLUE and any(token.kind == "number" for token in tokens[first:start])
    return before.kind == "operator" or glued


def _right_side(text: str, tokens: Sequence[Token], relation: int, joined: bool) -> tuple[Side | None, int]:
    scanned, stop, doubtful = _scan(tokens, relation + 1, joined)
    if not scanned:
        return None, stop
    return _side(text, tokens, scanned, tokens[relation].text, doubtful), stop


def _side(text: str, tokens: Sequence[Token], scanned: Sequence[Token], after: str, doubtful: bool) -> Side | None:
    try:
        postfix = parse(scanned)
    except UndecidedError:
        return None
    start, end = scanned[0].start, scanned[-1].end
    return Side(text[start:end].strip(), start, end, tuple(scanned), tuple(postfix), after, doubtful)


def _scan(  # noqa: PLR0912, PLR0915 (one branch a kind of token, as in a lexer)
    tokens: Sequence[Token], index: int, joined: bool
) -> tuple[list[Token], int, bool]:
    """Read the longest expression that starts at ``index``.

    Units and comments are left out (``16 filters × 49``, ``800 (bias included)``); words that stand as an operand
    become one symbol.

    Returns:
        Its tokens, the index after it and what belongs to it, and whether it is doubtful.
    """
    found: list[Token] = []
    depth = 0
    operand = False
    doubtful = False
    good, good_index = 0, index
    limit = min(len(tokens), index + MAX_SIDE)
    while index < limit:
        token = tokens[index]
        if not operand:
            if token.kind == "number":
                token, taken = _joined(tokens, index) if joined else (token, 1)
                found.append(token)
                index += taken
                operand = True
            elif token.kind in {"open", "function"} or (token.kind == "operator" and token.sign in {"+", "-"}):
                depth += token.kind == "open"
                found.append(token)
                index += 1
            elif token.kind in WORDS:
                symbol, index = _symbol(tokens, index)
                if symbol is None:
                    break
                found.append(symbol)
                operand = True
            else:
                break
        elif token.kind == "operator":
            found.append(token)
            index += 1
            operand = token.sign == "%" and not starts_operand(tokens, index)
        elif token.kind == "close" and depth:
            depth -= 1
            found.append(token)
            index += 1
        elif token.kind == "open":
            touching = tokens[index - 1].end == token.start
            if touching or (tokens[index - 1].kind == "close" and _is_sum(tokens, index)):
                doubtful = doubtful or tokens[index - 1].kind != "close"
                found.append(token)
                depth += 1
                operand = False
                index += 1
            else:
                skipped = _after_bracket(tokens, index)
                if skipped is None or any(inner.kind == "relation" for inner in tokens[index:skipped]):
                    break
                doubtful = doubtful or _is_sum(tokens, index)
                index = skipped
        elif token.kind in WORDS:
            after = _after_words(tokens, index)
            if after is None:
                break
            index = after
        else:
            doubtful = doubtful or token.kind == "number"
            break
        if operand and not depth:
            good, good_index = len(found), index
    if good < len(found) and any(token.kind == "number" or token.kind in WORDS for token in found[good:]):
        doubtful = True
    return found[:good], good_index, doubtful


def _joined(tokens: Sequence[Token], index: int) -> tuple[Token, int]:
    """Join a number that is grouped by plain spaces (``3 208``) where nothing else makes sense."""
    token, taken = tokens[index], 1
    text = token.text
    if not (token.number and text.isdigit() and len(text) <= 3):
        return token, 1
    while (
        index + taken < len(tokens)
        and tokens[index + taken].kind == "number"
        and len(tokens[index + taken].text) == 3
        and tokens[index + taken].text.isdigit()
        and tokens[index + taken].start == tokens[index + taken - 1].end + 1
    ):
        text += tokens[index + taken].text
        taken += 1
    if taken == 1:
        return token, 1
    joined = tokenize(text)[0]
    return Token(joined.kind, text, token.start, tokens[index + taken - 1].end, joined.number), taken


def _symbol(tokens: Sequence[Token], index: int) -> tuple[Token | None, int]:
    """Read the words of one operand (``calculated input size``), with a comment in brackets after it."""
    first = index
    while index < len(tokens) and tokens[index].kind in WORDS:
        index += 1
    if index - first > _MAX_WORDS:
        return None, first
    last = tokens[index - 1]
    if index < len(tokens) and tokens[index].kind == "number":
        return None, first
    words = " ".join(token.text for token in tokens[first:index])
    if index < len(tokens) and tokens[index].kind == "open":
        after = _after_bracket(tokens, index)
        if _is_sum(tokens, index) or after is None:
            return None, first
        index = after
    return Token("word", words, tokens[first].start, last.end), index


def _after_words(tokens: Sequence[Token], index: int) -> int | None:
    """Skip a unit after a number; None where the words go on to something else than an operator."""
    first = index
    while index < len(tokens) and tokens[index].kind in WORDS:
        index += 1
    if index - first > 3 or index == len(tokens):
        return None
    if tokens[index].sign == "-" and tokens[index].start == tokens[index - 1].end:
        return None  # a name: ``rule-2``
    units = all(_UNITS.fullmatch(token.text) for token in tokens[first:index])
    if tokens[index].sign == "%" and not units:
        return None
    follows = tokens[index].kind in {"operator", "close"} or (units and tokens[index].kind == "relation")
    return index if follows and not any(token.text.lower() in _GLUE for token in tokens[first:index]) else None


def _after_bracket(tokens: Sequence[Token], index: int) -> int | None:
    """Index after the bracket that opens at ``index``; None where it never closes."""
    depth = 0
    for position in range(index, min(len(tokens), index + MAX_SIDE)):
        depth += (tokens[position].kind == "open") - (tokens[position].kind == "close")
        if depth == 0:
            return position + 1
    return None


def _is_sum(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether the bracket that opens at ``index`` holds an expression with numbers rather than a comment."""
    end = _after_bracket(tokens, index)
    inside = tokens[index + 1 : end - 1] if end else ()
    kinds = {token.kind for token in inside}
    return {"operator", "number"} <= kinds and "other" not in kinds
