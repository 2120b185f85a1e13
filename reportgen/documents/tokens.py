"""The one tokenizer of the house: words, signs and numbers of a text, each with its place. It never fails.

Each pattern is tried once at a place and looks ahead by a bounded number of characters, so that time grows with the
length of the text.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple

from reportgen.documents.numbers import (
    GROUPING_SPACES,
    MAX_DIGITS,
    PLAIN,
    SCALE_WORDS,
    SCALES,
    Number,
    NumberKind,
    NumberStyle,
    read_value,
)

TokenKind = Literal["number", "name", "word", "operator", "power", "relation", "open", "close", "function", "other"]

_LETTER = "A-Za-z\u00aa\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0370-\u052f\u1e00-\u1fff"
"""Latin, Greek and Cyrillic letters: only these grow together with digits (``conv2d``); ``准确率97`` does not."""
_MONTH = (
    "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez|janv|févr|mars|avr|juin|juil|août|déc"
    "|ene|abr|ago|dic|enero|abril|agosto|diciembre)[a-zéûä]{0,9}\\.?"
)
_YEAR = "(?:19|20)\\d\\d"
_DATE = (
    (
        rf"{_YEAR}[-/.](?:0?[1-9]|1[0-2])[-/.](?:3[01]|[12]\d|0?[1-9])(?:[T ]\d\d:\d\d(?::\d\d)?)?(?![\d])"
        rf"|(?:3[01]|[12]\d|0?[1-9])([-/.])(?:3[01]|[12]\d|0?[1-9])\1{_YEAR}(?!\d)"
        rf"|(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|\.)?\s(?:of\s|de\s)?(?i:{_MONTH}),?\s(?:de\s)?{_YEAR}(?!\d)"
        rf"|(?i:\b{_MONTH})\s(?:(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?,?\s)?{_YEAR}(?!\d)"
        rf"|{_YEAR}\s?[年년]\s?(?:1[0-2]|[1-9])\s?[月월](?:\s?(?:3[01]|[12]?\d)\s?[日일])?"
    )
    .replace("\\1", "(?P=datemark)")
    .replace("([-/.])", "(?P<datemark>[-/.])")
)
_TIME = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?![\d:])(?:\s?[ap]\.?m\b\.?)?"
_ADDRESS = r"(?:https?://|ftp://|www\.|doi:\s?|(?i:arxiv):\s?)[^\s<>\"]{1,2000}|[\w-]{0,64}(?:%[0-9A-F]{2}[\w.-]{0,64}){3,400}|localhost:\d{1,5}|(?<![\d.])(?!\d{1,3}(?:\.\d{3}){3}(?!\d))(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"
_VERSION = (
    r"[vV]\d{1,4}(?:\.\d{1,6}){1,4}(?:[-+.]?[a-z]\w{0,15})?(?![\w])"
    r"|(?!\d{1,3}(?:\.\d{3})+(?![.\d]))\d{1,4}(?:\.\d{1,4}){2,4}(?:[-+.][a-z]\w{0,15})?(?![\w.])"
)
_NAME = (
    rf"[{_LETTER}_](?:[{_LETTER}\d_]|[-'’./@](?=[{_LETTER}]))*"
    rf"(?:(?<=[{_LETTER}\d][{_LETTER}\d])-\d{{1,5}}[kK]?(?![.,]?\d|[+*/^×·%]|[{_LETTER}]))?"
    rf"|0[xX][0-9a-fA-F]+|\d+(?![xX×]\d|[eE]\d+(?![{_LETTER}\d]))[{_LETTER}]{{1,20}}\d[{_LETTER}\d_]*|\d+[dD](?![{_LETTER}\d_])"
)
_POWER = r"(?:(?:\^|\*\*)(?:\(\s?[-−–+]?\d{1,3}\s?\)|[-−–]\d{1,3}|\d{1,3}(?![\d.^]))|[⁺⁻]?[⁰¹²³⁴-⁹]{1,3})"
_DIGIT = re.compile(r"[\d⁰¹²³⁴-⁹]")
_TIMES_TEN = re.compile(rf"\s?[×·⋅∙*xX]\s?10({_POWER})")
_CROSS = re.compile(r"\s*([xX])(?=\s*[\d(])")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_SIGNS = {"×": "*", "✕": "*", "✖": "*", "∗": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "∕": "/", "**": "^", "%": "%"}
_SIGNS |= dict.fromkeys("−–—", "-") | {"％": "%"}
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|ère|ème|º|ª|°|番目|번째)(?![A-Za-z\d])")
_PERCENT = re.compile(r"\s?[%％](?!\s?\d{1,2}(?![\d.,]))|\s(?:per ?cent|prozent|pour ?cent|por ciento)\b", re.I)
_REFERENCE = re.compile(
    r"(?:\b(?:p|pp|page|pages|seite|página|fig|figs|figure|figures|abb|abbildung|figura|table|tables|tab|tabelle|tableau"
    r"|tabla|section|sections|sec|abschnitt|sección|chapter|kapitel|chapitre|eq|eqs|equation|gleichung|appendix|listing"
    r"|algorithm|line|lines|cell|zeile|ref)\b\.?|[§№]|(?:图|圖|図|表|그림|표))\s{0,2}\(?\Z",
    re.I,
)
_PERCENT_SIGN = re.compile(r"\s?[%％]|\s(?:per ?cent|prozent|pour ?cent|por ciento)\b", re.I)
_CITED = re.compile(r"(?:[^\W\d][.,]?\s|\A)\[\Z")
_HYPHENED = re.compile(rf"-[{_LETTER}]{{2}}")
_VERSION_WORD = re.compile(
    r"\b(?:version|ver|python|tensorflow|pytorch|torch|keras|cuda|cudnn|numpy|ubuntu)\.?\s?\Z", re.I
)
_SCALE_WORD = re.compile(
    rf"\s?({'|'.join(sorted(map(re.escape, SCALE_WORDS), key=len, reverse=True))})(?![A-Za-z])", re.I
)


class Token(NamedTuple):
    """A piece of text. ``sign`` of operators is one of ``+ - * / // % ^``; names carry a number, too."""

    kind: TokenKind
    text: str
    start: int
    end: int
    number: Number | None = None
    sign: str = ""


@lru_cache(maxsize=16)
def _pattern(style: NumberStyle) -> re.Pattern[str]:
    marks = ",'’_" + GROUPING_SPACES + (" " if style.spaces else "")
    number = (
        # no number is written ``000``: the spaces before it part thousands
        r"(?<![\d.,])(?<![\d.,] )\d{1,3}(?: \d{3}){0,3} 000(?!,?\d|\.\d| \d)"
        rf"|\d{{1,3}}(?P<mark>[{marks}])\d{{3}}(?:(?P=mark)\d{{3}})*(?![,'’_]?\d)(?:\.\d+)?"
        r"|\d{1,2}(?:,\d{2})+,\d{3}(?![,\d])(?:\.\d+)?"
        r"|\d{1,3}(?:\.\d{3})+,\d+(?![.,]?\d)|\d{1,3}(?:\.\d{3}){2,}(?![.,]?\d)"
        r"|\d{1,3}(?:,\d{3,})+(?![,\d])(?:\.\d+)?"
        rf"|{'[0-9]+' if style.decimal_comma else '0'},\d+(?![,\d])"
        r"|\d+(?:\.\d+)?|\.\d+"
    )
    return re.compile(
        rf"\s*(?:(?=[\dA-Za-z])(?P<address>{_ADDRESS})"
        rf"|(?=[\dA-Za-zàâäéûü])(?<![\w.,])(?P<date>{_DATE})"
        rf"|(?=[\dvV])(?<![\w.,])(?P<version>{_VERSION})"
        rf"|(?=\d)(?:(?<![\w.,:])(?P<time>{_TIME})|(?<![\w.,^/])(?P<ten>10(?P<tens>{_POWER})))"
        rf"|(?P<name>{_NAME})"
        rf"|(?=[\d.,])(?P<number>(?P<mantissa>{number})(?:[eE](?P<exponent>[+−-]?\d{{1,4}})(?![\w.]))?"
        rf"(?P<scale>[kKMBG](?![{_LETTER}\d_]))?)"
        r"|(?P<rule>={3,})"
        rf"|(?P<operator>\*\*|//|[-+*/^%％×✕✖∗·⋅∙÷∕−–—](?!(?<=\d-)[{_LETTER}]{{2}}))|(?P<hyphened>-[{_LETTER}-]+)"
        r"|(?P<relation>==|:=|~=|[=≈≃≅≡≤≥<>])|(?P<open>[(\[{⌊⌈])|(?P<close>[)\]}⌋⌉])"
        r"|(?P<power>[⁺⁻]?[⁰¹²³⁴-⁹]+)|(?P<word>[^\W\d_]+)|(?P<other>\S))"
    )


def tokenize(text: str, style: NumberStyle = PLAIN) -> list[Token]:
    """Split text into tokens.

    A number of more digits than are read becomes a token of kind "other".
    """
    tokens: list[Token] = []
    read, at = _pattern(style).match, 0
    while match := read(text, at):
        tokens.append(_token(match, text, tokens, style))
        at = tokens[-1].end
        if tokens[-1].kind in {"number", "close"} and (cross := _CROSS.match(text, at)):
            tokens.append(Token("operator", cross[1], cross.start(1), cross.end(1), sign="*"))
            at = cross.end(1)
    return _with_ranges(tokens)


def numbers(text: str, style: NumberStyle = PLAIN) -> list[Number]:
    """Return every number of a text with its kind, those in names and addresses too."""
    if not _DIGIT.search(text):
        return []
    found = tokenize(text, style)
    return [token.number for token in found if token.number is not None and token.kind in {"number", "name"}]


def _token(match: re.Match[str], text: str, before: Sequence[Token], style: NumberStyle) -> Token:
    group = str(match.lastgroup)
    piece, (start, end) = match[group], match.span(group)
    if piece.isalpha():
        return Token("name" if group == "name" else "word", piece, start, end)
    if group == "number":
        return _number_token(match, text, before, style)
    if group in {"ten", "power"}:
        return _power_token(piece, match["tens"] or piece, start)
    if group in {"address", "date", "time", "version", "name"}:
        return Token("name", piece, start, end, _named(piece, start, group))
    return Token(_SIMPLE[group], piece, start, end, sign=_SIGNS.get(piece, piece) if group == "operator" else "")


_SIMPLE: dict[str, TokenKind] = {
    "word": "word",
    "hyphened": "word",
    "operator": "operator",
    "relation": "relation",
    "open": "open",
    "close": "close",
    "rule": "other",
    "other": "other",
}


def _number_token(match: re.Match[str], text: str, before: Sequence[Token], style: NumberStyle) -> Token:
    start, end = match.span("number")
    mantissa, exponent = match["mantissa"], int((match["exponent"] or "0").replace("−", "-"))
    scale = SCALES.get(match["scale"] or "", 1)
    follows_power = bool(before) and before[-1].sign in {"^", "/"}
    tens = None if match["exponent"] or follows_power else _TIMES_TEN.match(text, end)
    if tens and re.fullmatch(r"\d[.,]\d+", mantissa):
        exponent, end = _exponent(tens[1]), tens.end()
    elif not match["exponent"] and scale == 1 and (word := _SCALE_WORD.match(text, end)):
        scale, end = SCALE_WORDS[word[1].lower()], word.end()
    piece = text[start:end]
    found = read_value(mantissa, exponent, scale, style)
    if found is None:
        return Token("other", piece, start, end)
    value, half, decimals, binary, also = found
    kind = _kind(text, start, end, decimals)
    negative = _is_negative(before, start)
    number = Number(value, half, piece, start, end, kind, decimals, negative, binary, also=also)
    return Token("number", piece, start, end, number)


def _is_negative(before: Sequence[Token], start: int) -> bool:
    if not before or before[-1].sign != "-" or before[-1].end != start:
        return False
    if len(before) == 1:
        return True
    left = before[-2]
    apart = left.end < before[-1].start
    return left.kind in {"open", "relation", "other", "operator"} or (left.kind in {"word", "name"} and apart)


def _kind(  # noqa: PLR0911 (one return a kind)
    text: str, start: int, end: int, decimals: int
) -> NumberKind:
    before, after = text[max(0, start - 16) : start], text[end : end + 14]
    if _ORDINAL.match(after) or before.endswith(("第", "제")):
        return "ordinal"
    if (_PERCENT_SIGN if decimals else _PERCENT).match(after):
        return "percent"
    if _HYPHENED.match(after):
        return "compound"
    if after.startswith("]") and not decimals and _CITED.search(before):
        return "reference"
    last = before.rstrip()[-1:]
    if not (last.isalpha() or last in ".(§№"):
        return "number"
    if _REFERENCE.search(before):
        return "reference"
    return "version" if _VERSION_WORD.search(before) else "number"


def _exponent(power: str) -> int:
    return int(re.sub(r"[\^*()\s]", "", power).translate(_SUPERSCRIPTS).replace("−", "-").replace("–", "-"))


def _power_token(piece: str, power: str, start: int) -> Token:
    """Of ``10⁻³``, which is a number, or of ``⁻³``, which is the power of something before it."""
    exponent, end = _exponent(power), start + len(piece)
    if piece == power:
        number = Number(Fraction(exponent), Fraction(0), piece, start, end, exact=True)
        return Token("power", piece, start, end, number, "^")
    return Token(
        "number", piece, start, end, Number(Fraction(10) ** exponent, Fraction(0), piece, start, end, exact=True)
    )


def _named(piece: str, start: int, group: str) -> Number | None:
    runs = re.findall(r"\d+", piece)
    if not runs:
        return None
    kinds: dict[str, NumberKind] = {"address": "address", "date": "date", "time": "time", "version": "version"}
    value = Fraction(int(runs[-1][:MAX_DIGITS]))
    return Number(value, Fraction(1, 2), piece, start, start + len(piece), kinds.get(group, "identifier"))


def _with_ranges(tokens: list[Token]) -> list[Token]:
    """Mark both ends of ``3–5``: no sign of arithmetic stands around it, and the second is the larger."""
    for at in range(1, len(tokens) - 1):
        left, sign, right = tokens[at - 1 : at + 2]
        if sign.text in {"-", "–", "—", "~", "〜", "～"} and left.number and right.number and left.end == sign.start:
            around = [*tokens[max(0, at - 2) : at - 1], *tokens[at + 2 : at + 3]]
            plain = left.kind == right.kind == "number" and sign.end == right.start
            if plain and left.number.value < right.number.value and not any(map(_is_arithmetic, around)):
                for index, token in ((at - 1, left), (at + 1, right)):
                    if token.number and token.number.kind in {"number", "compound"}:
                        tokens[index] = token._replace(number=token.number._replace(kind="range"))
    return tokens


def _is_arithmetic(token: Token) -> bool:
    return token.kind in {"operator", "relation", "power"}
