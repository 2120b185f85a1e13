"""What a column proves of a comparison: places in its order, ratios of two rows, ranges. Pure, and generous."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from reportgen.verification.claims.relations import Column

Bounds = tuple[float, float]
"""A ratio may be so many times what is said: at least, at most."""
PLAIN: Bounds = (0.8, 1.25)
"""``twice`` without another word: 1.6 to 2.5."""
PRINTED: Bounds = (0.9, 1.1)
"""A ratio that is printed with its digits."""
_TREND = Fraction(3, 2)
"""By which factor a pair must go the other way, in both quantities, to break a trend."""
_OUTSIDE = Fraction(5, 4)
"""By which factor a value must lie outside of a range that is said."""


def more_is_meant(pole: str, column: Column) -> bool | None:
    """Which end of a column a superlative means: the great one, the small one, or unknown."""
    if pole in {"most", "least"}:
        return pole == "most"
    if column.better is None:
        return None
    return (pole == "best") == (column.better == "more")


def places(column: Column, row: int, *, most: bool) -> tuple[int, int] | None:
    """The best and the worst place that a row may have in the order of a column, from 1; None without a value.

    Rows that print the same value share their places. Rows without a plain number may stand anywhere.
    """
    own = column.value(row)
    if own is None:
        return None
    values = [column.value(other) for other in range(len(column.names)) if other != row]
    before = sum(value is not None and (value > own if most else value < own) for value in values)
    beside = sum(value is None or value == own for value in values)
    return before + 1, before + 1 + beside


def ratio_fits(ratio: Fraction, said: Fraction, bounds: Bounds) -> bool:
    """Tell whether a ratio is what a sentence says, in the sense of its words."""
    return bounds[0] * float(said) <= float(ratio) <= bounds[1] * float(said)


def range_fits(values: Sequence[Fraction], low: Fraction, high: Fraction) -> bool:
    """Tell whether a column lies within a range that is said, however it was rounded."""
    return min(values) * _OUTSIDE >= low and max(values) <= high * _OUTSIDE


def trend_break(
    one: Sequence[Fraction | None], other: Sequence[Fraction | None], *, same: bool
) -> tuple[int, int] | None:
    """The first two rows of which the one is clearly more in one quantity and clearly less in the other.

    ``same`` is false where more of the one should go with less of the other.
    """
    rows = [(a, b, at) for at, (a, b) in enumerate(zip(one, other, strict=True)) if a and b and a > 0 and b > 0]
    for (a, b, first), (c, d, second) in combinations(sorted(rows), 2):
        ratio = d / b if same else b / d
        if c >= a * _TREND and ratio * _TREND <= 1:
            return first, second
    return None


def order_break(one: Sequence[Fraction | None], other: Sequence[Fraction | None]) -> tuple[int, int] | None:
    """Two rows that stand the other way round in the second column."""
    for first, second in combinations(range(len(one)), 2):
        a, b, c, d = one[first], one[second], other[first], other[second]
        if None not in (a, b, c, d) and (a - b) * (c - d) < 0:  # type: ignore[operator]
            return first, second
    return None
