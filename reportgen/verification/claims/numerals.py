"""The numbers that a document prints, in their order and whatever its layout: one stream."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from reportgen.documents.blocks import Block
from reportgen.verification.claims.arithmetic import Number, Token, tokenize

MAX_NUMERALS = 60_000
"""Numbers of one document that are looked at."""


@dataclass(frozen=True)
class Numeral:
    """One printed number."""

    number: Number
    text: str
    block: Block
    at: int
    """Index of the block in the document."""
    start: int
    end: int
    percent: bool
    """A percent sign follows, or the words per cent."""
    index: int
    """Which number of its block it is, counted from 0."""
    number_of: int
    """How many numbers its block has."""

    @property
    def value(self) -> Fraction:
        """The number's value as printed; of ``97.31 %``, 97.31."""
        return self.number.value

    @property
    def half(self) -> Fraction:
        """Half the unit of its last printed place."""
        return Fraction(1, 10**self.number.decimals) / 2

    @property
    def is_whole(self) -> bool:
        """It is printed without decimals."""
        return not self.number.decimals and self.value.denominator == 1

    def rounds(self, value: Fraction) -> bool:
        """Tell whether it is a valid rounding of ``value``."""
        return abs(self.value - value) <= self.half

    def rounds_share(self, share: Fraction) -> bool:
        """Tell whether it is a valid rounding of a part of 1, in hundredths or not."""
        if self.percent or self.value > 1:
            return self.rounds(share * 100)
        return self.rounds(share)


@dataclass(frozen=True)
class Stream:
    """All numbers of a document, in reading order."""

    numerals: tuple[Numeral, ...]

    @cached_property
    def whole(self) -> frozenset[int]:
        """The values of the whole numbers."""
        return frozenset(int(numeral.value) for numeral in self.numerals if numeral.is_whole)

    def of(self, at: int) -> Sequence[Numeral]:
        """The numbers of the block with this index."""
        return self._by_index.get(at, [])

    def following(self, at: int, blocks: int) -> list[Numeral]:
        """The numbers of the first of the next ``blocks`` blocks that has any."""
        for index in range(at + 1, at + 1 + blocks):
            if found := self._by_index.get(index):
                return found
        return []

    @cached_property
    def _by_index(self) -> dict[int, list[Numeral]]:
        found: dict[int, list[Numeral]] = {}
        for numeral in self.numerals:
            found.setdefault(numeral.at, []).append(numeral)
        return found

    def prints(self, value: int) -> bool:
        """Tell whether a whole number stands anywhere in the document."""
        return value in self.whole


def read_numerals(blocks: Iterable[Block]) -> Stream:
    """Collect the numbers of a document; digits inside words (``conv1``) are none."""
    return Stream(tuple(numeral for numeral, _ in zip(_numerals(blocks), range(MAX_NUMERALS), strict=False)))


def _numerals(blocks: Iterable[Block]) -> Iterator[Numeral]:
    for at, block in enumerate(blocks):
        tokens = tokenize(block.text)
        printed = [index for index, token in enumerate(tokens) if token.number is not None]
        for order, index in enumerate(printed):
            token = tokens[index]
            assert token.number is not None
            after = tokens[index + 1] if index + 1 < len(tokens) else None
            percent = after is not None and (
                (after.text == "%" and after.start - token.end <= 1 and not _operand(tokens, index + 2))
                or block.text[token.end : token.end + 12].lower().lstrip().startswith(("percent", "per cent"))
            )
            yield Numeral(token.number, token.text, block, at, token.start, token.end, percent, order, len(printed))


def _operand(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether a small whole number follows a percent sign at once, as in ``23%3``."""
    if index >= len(tokens):
        return False
    following = tokens[index]
    touching = following.start - tokens[index - 1].end <= 1
    return touching and following.number is not None and not following.number.decimals and following.number.value < 100
