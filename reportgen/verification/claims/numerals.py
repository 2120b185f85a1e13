"""The numbers that a document prints, in their order and whatever its layout: one stream."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice

from reportgen.documents.blocks import Block, Document
from reportgen.documents.numbers import Number
from reportgen.documents.tokens import numbers

MAX_NUMERALS = 60_000
"""Numbers of one document that are looked at."""


@dataclass(frozen=True)
class Numeral:
    """One printed number."""

    number: Number
    block: Block
    at: int
    """Index of the block in the document."""

    @property
    def text(self) -> str:
        """As printed, without a percent sign."""
        return self.number.text

    @property
    def start(self) -> int:
        """First character in the text of its block."""
        return self.number.start

    @property
    def end(self) -> int:
        """Behind its last character."""
        return self.number.end

    @property
    def percent(self) -> bool:
        """A percent sign follows, or the words per cent."""
        return self.number.kind == "percent"

    @property
    def value(self) -> Fraction:
        """The number's value as printed; of ``97.31 %``, 97.31."""
        return self.number.value

    @property
    def half(self) -> Fraction:
        """Half the unit of its last printed place."""
        return self.number.half

    @property
    def is_whole(self) -> bool:
        """It is a whole number of something: printed without decimals, and no name, date or address."""
        return not self.number.decimals and self.value.denominator == 1 and self.number.is_quantity


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

    @cached_property
    def _by_index(self) -> dict[int, list[Numeral]]:
        found: dict[int, list[Numeral]] = {}
        for numeral in self.numerals:
            found.setdefault(numeral.at, []).append(numeral)
        return found


def read_numerals(document: Document) -> Stream:
    """Collect the numbers of a document, those in names and addresses too."""
    return Stream(tuple(islice(_numerals(document), MAX_NUMERALS)))


def _numerals(document: Document) -> Iterator[Numeral]:
    for at, block in enumerate(document.blocks):
        for number in numbers(block.text, document.style):
            yield Numeral(number, block, at)
