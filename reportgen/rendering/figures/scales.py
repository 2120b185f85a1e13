"""Axes: where a value stands and which values are labelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Literal

_MANTISSAS = (1, 2, 5)
_MOST_TICKS = 7


@dataclass(frozen=True)
class Scale:
    """An axis from ``low`` to ``high``, in the unit of its values, with round numbers at its ends."""

    low: float
    high: float
    ticks: tuple[float, ...]
    kind: Literal["linear", "log"]

    def part(self, value: float) -> float:
        """Where a value stands: 0 at the low end, 1 at the high end; what lies outside stands at the end."""
        kept = min(max(value, self.low), self.high)
        if self.kind == "linear":
            return (kept - self.low) / (self.high - self.low)
        return (log10(kept) - log10(self.low)) / (log10(self.high) - log10(self.low))


def linear(values: Sequence[float], most: int = 6) -> Scale:
    """A scale with even steps of 1, 2 or 5 times a power of ten around all values."""
    low, high = min(values), max(values)
    if high - low < 1e-9 * max(abs(high), 1.0):
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    exponent = floor(log10((high - low) / most))
    step = next(
        size
        for size in (mantissa * 10.0**power for power in (exponent, exponent + 1) for mantissa in _MANTISSAS)
        if ceil(high / size - 1e-9) - floor(low / size + 1e-9) < most
    )
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    ticks = tuple(_rounded(number * step) for number in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks, "linear")


def logarithmic(values: Sequence[float]) -> Scale:
    """A logarithmic scale around all values, which are positive: from one of 1, 2, 5, 10, … to another."""
    low, high = min(values), max(values)
    exponents = range(floor(log10(low)) - 1, floor(log10(high)) + 2)
    steps = [_rounded(mantissa * 10.0**exponent) for exponent in exponents for mantissa in _MANTISSAS]
    first = max(step for step in steps if step <= low * (1 + 1e-9))
    last = min(step for step in steps if step >= high * (1 - 1e-9) and step > first)
    ticks = [step for step in steps if first <= step <= last]
    if len(ticks) > _MOST_TICKS:
        ticks = [step for step in ticks if f"{step:e}".startswith("1.0")]
    return Scale(first, last, tuple(ticks), "log")


def _rounded(value: float) -> float:
    """Without what binary arithmetic adds."""
    return float(f"{value:.12g}")
