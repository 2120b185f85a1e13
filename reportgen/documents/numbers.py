"""Numbers as documents print them: exact values, and how exact the print is.

One print can be read in several ways (``11.070`` is eleven or eleven thousand). What a document shows elsewhere
decides: that is its `NumberStyle`. Readings that it leaves open stand in `Number.also`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple

GROUPING_SPACES = "\u00a0\u2009\u202f"
"""Spaces that stand between the thousands of a number: no-break, thin, narrow no-break."""
MAX_DIGITS = 400
"""Digits of a number that is still read."""
MAX_EXPONENT = 400
BINARY_DIGITS = 9
"""Significant digits from which on a decimal is the print of a binary number: ``0.978600025177002``."""
BINARY_TOLERANCE = Fraction(1, 10**6)
"""Part of its value by which such a print may miss; single precision keeps seven digits."""

NumberKind = Literal[
    "number",
    "percent",
    "ordinal",
    "compound",
    "range",
    "reference",
    "date",
    "time",
    "version",
    "identifier",
    "address",
]
QUANTITIES = frozenset({"number", "percent", "compound", "range"})
"""Kinds that can say how much of something there is; the others name things."""

SCALES = {"k": 10**3, "K": 10**3, "M": 10**6, "B": 10**9, "G": 10**9}
"""Letters that stand at once behind a number."""
SCALE_WORDS = {
    "thousand": 10**3,
    "million": 10**6,
    "millions": 10**6,
    "billion": 10**9,
    "tausend": 10**3,
    "millionen": 10**6,
    "milliarden": 10**9,
    "mille": 10**3,
    "millones": 10**6,
    "千": 10**3,
    "천": 10**3,
    "万": 10**4,
    "萬": 10**4,
    "만": 10**4,
    "百万": 10**6,
    "亿": 10**8,
    "億": 10**8,
    "억": 10**8,
}
"""Words behind a number that multiply it, in the languages that are read."""


@dataclass(frozen=True)
class NumberStyle:
    """How a document marks thousands and decimals, as far as it shows it."""

    decimal_comma: bool = False
    """``97,31 %`` stands in it."""
    decimal_point: bool = False
    """``97.31`` stands in it."""
    dots: bool = False
    """Dots part thousands: ``1.107.000``, ``11.070,5``."""
    spaces: bool = False
    """Plain spaces part thousands: ``11 070``."""


PLAIN = NumberStyle()


class Number(NamedTuple):
    """One printed number; ``start`` and ``end`` count characters of the text that it was found in."""

    value: Fraction
    """As printed and without its sign: of ``97.31 %`` 97.31, of ``60k`` 60,000. Of a name, a date or an address the
    last run of digits, which measures nothing."""
    half: Fraction
    """Half a unit of the last printed digit: of ``97.31`` 1/200, of ``60k`` 500, of ``7`` 1/2. Of the print of a
    binary number a millionth of its value."""
    text: str
    start: int
    end: int
    kind: NumberKind = "number"
    decimals: int = 0
    """Digits behind the decimal mark."""
    negative: bool = False
    """A minus sign that is no operator stands before it."""
    binary: bool = False
    """An unrounded float."""
    exact: bool = False
    """A power of ten (``10⁻³``), which rounds nothing; ``half`` is 0."""
    also: tuple[Fraction, ...] = ()
    """Other values that the same print may mean."""

    @property
    def is_quantity(self) -> bool:
        """It can say how much of something there is: no name, date, version, page or address."""
        return self.kind in QUANTITIES

    @property
    def is_whole(self) -> bool:
        """It is printed without decimals, scale or exponent."""
        return not self.decimals and self.half == Fraction(1, 2)

    @property
    def rounding(self) -> Fraction:
        """By how much the value may miss: `half` where the print may be rounded, 0 of a whole number."""
        return Fraction(0) if self.is_whole else self.half

    def rounds(self, value: Fraction) -> bool:
        """Tell whether the print is a valid rounding of ``value``, in its first reading."""
        return abs(self.value - value) <= self.half


_RUN = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w]|[.,]\d)(\s?%)?")
_SPACED = re.compile(r"(?<![\w.,+*/×·=^\[-])(?<![\d.,] )\d{1,3} \d{3}(?![\w%\]]|[.,]\d| ?[-+*/×·=^\]]| \d)")
_LONG = re.compile(r"(?<![\w.,])(?:\d{5,}|\d{1,3},\d{3})(?![\w.]|,\d)")


def style_of(texts: Iterable[str]) -> NumberStyle:
    """Find how a document marks thousands and decimals.

    A single print proves nothing: plain spaces group only where two numbers show it and none of five digits or more is
    printed in another way (rows of a matrix hold ``980 123 456``, too).
    """
    commas = points = dots = threes = dotted = spaced = long = 0
    for text in texts:
        for match in _RUN.finditer(text):
            run, percent = match[0].rstrip("% \t\n"), match[1]
            parts = re.split(r"[.,]", run)
            grouped = len(parts[0]) <= 3 and parts[0][0] != "0"
            last_three = len(parts[-1]) == 3 and grouped
            if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:\.\d{3})+,\d+", run):
                dots += 1
                commas += "," in run
            elif re.fullmatch(r"\d+\.\d+", run):
                dotted += last_three
                points += not last_three and (len(parts[1]) > 1 or bool(percent))
            elif re.fullmatch(r"\d+,\d+", run):
                threes += last_three
                commas += not last_three and (bool(percent) or (parts[0] == "0" and len(parts[1]) > 1))
        spaced += sum(1 for _ in _SPACED.finditer(text))
        long += sum(1 for _ in _LONG.finditer(text))
    decimal_comma = commas >= 2 or (commas == 1 and not threes)
    return NumberStyle(
        decimal_comma=decimal_comma,
        decimal_point=points > 0,
        dots=dots > 0 or (decimal_comma and dotted > 0 and not points),
        spaces=spaced >= 2 and not long,
    )


_UNMARKED = re.compile(rf"[{GROUPING_SPACES} '’_]")


def read_digits(mantissa: str, style: NumberStyle) -> tuple[str, tuple[str, ...]]:
    """Return the digits of a printed number with ``.`` as the only mark, and the other readings that it allows."""
    body = _UNMARKED.sub("", mantissa)
    comma, dot = body.rfind(","), body.rfind(".")
    if comma >= 0 and dot >= 0:
        mark = max(comma, dot)
        return re.sub(r"[.,]", "", body[:mark]) + "." + body[mark + 1 :], ()
    sign = "," if comma >= 0 else "."
    joined, pointed = body.replace(sign, ""), body.replace(",", ".")
    if body.count(sign) != 1:
        return joined, ()
    before, after = body.split(sign)
    groups = len(after) >= 3 and 1 <= len(before) <= 3 and before[0] != "0" and (len(after) == 3 or sign == ",")
    if sign == ",":
        if style.decimal_comma or not groups:
            return pointed, (joined,) if groups else ()
        return joined, () if style.decimal_point else (pointed,)
    if groups and style.dots:
        return joined, (pointed,)
    return pointed, (joined,) if groups and not style.decimal_point else ()


@lru_cache(maxsize=MAX_DIGITS)
def _half(decimals: int) -> Fraction:
    return Fraction(1, 2 * 10**decimals)


@lru_cache(maxsize=65_536)
def read_value(
    mantissa: str, exponent: int, scale: int, style: NumberStyle = PLAIN
) -> tuple[Fraction, Fraction, int, bool, tuple[Fraction, ...]] | None:
    """Read ``mantissa`` as printed, times ten to the ``exponent``, times ``scale``.

    Returns:
        Value, half a unit of the last digit, decimals, whether it is a binary number's print, other values. None where
        there are more than `MAX_DIGITS` digits, or an exponent beyond `MAX_EXPONENT`.
    """
    if len(mantissa) > MAX_DIGITS or abs(exponent) > MAX_EXPONENT:
        return None
    digits, others = (mantissa, ()) if mantissa.isdigit() else read_digits(mantissa, style)
    decimals = len(digits.partition(".")[2])
    value, half = Fraction(int(digits.replace(".", "")), 10**decimals), _half(decimals)
    factor = Fraction(1)
    if exponent or scale != 1:
        factor = Fraction(10) ** exponent * scale
        value, half = value * factor, half * factor
    binary = decimals > 0 and len(digits.replace(".", "").lstrip("0")) >= BINARY_DIGITS
    if binary:
        half = max(half, value * BINARY_TOLERANCE)
    also = tuple(Fraction(other) for other in others) if factor == 1 else ()
    return value, half, decimals, binary, also
