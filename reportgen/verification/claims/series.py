"""Series: lines of a document that are written alike, as logs, tables of epochs and tables of classes are."""

import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

from reportgen.documents.blocks import Block
from reportgen.verification.claims.numerals import Numeral, Stream

_REACH = 12
"""Blocks before and after a line among which its like are looked for."""
_LEAST = 3
"""How many others must be like a line."""
_HALF = Fraction(1, 20_000)
_MANY = 6
"""Decimal numbers of one line that make it a series by itself."""


_IMPROVED = re.compile(
    r"\bbonus\b|regulari[sz]|drop[\s-]?out|batch[\s-]*norm|augment|early[\s-]stop|extra\s+credit|tried\s+to\s+beat",
    re.I,
)
_FOLLOWING = 4
"""Blocks after a word of the improved network that are about it too, up to the next heading."""


def about_improved(blocks: Sequence[Block]) -> set[int]:
    """Blocks, by id, that are about a network which techniques against overfitting improve."""
    found: set[int] = set()
    left = 0
    titled = False
    for block in blocks:
        said = bool(_IMPROVED.search(block.text))
        if block.kind == "heading":
            titled, left = said, 0
        elif said:
            left = _FOLLOWING
        if titled or said or (left and block.kind != "row"):
            found.add(id(block))
        left = max(0, left - 1)
    return found


class Series:
    """The lines of a document that belong to series, and their numbers."""

    def __init__(self, blocks: Sequence[Block], stream: Stream) -> None:
        masked = [_mask(block) if stream.of(at) else "" for at, block in enumerate(blocks)]
        self._ids: set[int] = set()
        self._at: set[int] = set()
        for at, block in enumerate(blocks):
            decimals = sum(numeral.number.decimals > 0 for numeral in stream.of(at))
            near = Counter(masked[max(0, at - _REACH) : at + _REACH + 1])
            words = len(re.findall(r"[^\W\d_]{2,}", block.text))
            if decimals >= max(_MANY, words) or (masked[at] and decimals and near[masked[at]] > _LEAST):
                self._ids.add(id(block))
                self._at.add(at)
        self._stream = stream
        self._masked = masked

    def holds(self, block: Block) -> bool:
        """Tell whether a block belongs to a series."""
        return id(block) in self._ids

    @cached_property
    def numerals(self) -> list[Numeral]:
        """Decimal numbers inside of series."""
        return [n for n in self._stream.numerals if n.at in self._at and n.number.decimals]

    @cached_property
    def outside(self) -> list[Numeral]:
        """Decimal numbers outside of series."""
        return [n for n in self._stream.numerals if n.at not in self._at and n.number.decimals]

    @cached_property
    def _shares(self) -> list[Fraction]:
        found = {n.value / 100 if n.value > 1 or n.percent else n.value for n in self.numerals if n.value <= 100}
        return sorted(share for share in found if share > Fraction(1, 2))

    def has(self, share: Fraction, half: Fraction) -> bool:
        """Tell whether some number of a series is this share, to the decimals that are less."""
        return any(abs(other - share) <= half for other in self._shares)

    @cached_property
    def columns(self) -> list[tuple[Fraction, ...]]:
        """The accuracies of each column, and of each line that is a series by itself, as parts of 1."""
        found: list[tuple[Fraction, ...]] = []
        runs: dict[tuple[str, int], list[int]] = {}
        last: dict[tuple[str, int], int] = {}
        for at in sorted(self._at):
            own = self._stream.of(at)
            key = (self._masked[at], len(own))
            if key in runs and (at - last[key] > _REACH or _restarts(self._stream, runs[key][-1], at)):
                found += _columns([self._stream.of(row) for row in runs.pop(key)])
            runs.setdefault(key, []).append(at)
            last[key] = at
            found += _stretches(own)
        for rows in runs.values():
            found += _columns([self._stream.of(row) for row in rows])
        return found

    def best(self, final: Fraction) -> Fraction | None:
        """The highest accuracy of the series that ends with ``final``; None where there is none."""
        return max((max(column) for column in self.columns if abs(column[-1] - final) <= _HALF), default=None)

    def reaches(self, share: Fraction) -> bool:
        """Tell whether the series have an accuracy within a point of this one."""
        return any(abs(other - share) <= Fraction(1, 100) for other in self._shares)


def _restarts(stream: Stream, before: int, at: int) -> bool:
    """Tell whether the first number of a line is no longer larger than that of the line before: another table."""
    one, other = stream.of(before)[0], stream.of(at)[0]
    return one.is_whole and other.is_whole and other.value <= one.value


def _columns(rows: Sequence[Sequence[Numeral]]) -> list[tuple[Fraction, ...]]:
    if len(rows) <= _LEAST:
        return []
    return [column for column in (_shares(cells) for cells in zip(*rows, strict=True)) if column]


def _stretches(numerals: Sequence[Numeral]) -> list[tuple[Fraction, ...]]:
    """The runs of accuracies in one line."""
    found: list[tuple[Fraction, ...]] = []
    start = 0
    for end in range(len(numerals) + 1):
        if end == len(numerals) or not _shares(numerals[end : end + 1]):
            if end - start > _LEAST:
                found.append(_shares(numerals[start:end]))
            start = end + 1
    return found


def _shares(cells: Sequence[Numeral]) -> tuple[Fraction, ...]:
    """Numbers as parts of 1; empty where one of them can't be an accuracy."""
    shares = tuple(n.value / 100 if n.value > 1 or n.percent else n.value for n in cells)
    fine = all(n.number.decimals and Fraction(1, 2) < share <= 1 for n, share in zip(cells, shares, strict=True))
    return shares if fine else ()


def _mask(block: Block) -> str:
    return re.sub(r"[\W_]+", " ", re.sub(r"\d[\d.,]*", "0", block.text)).strip()
