"""A document made ready for the extractors: its blocks in their contexts, its numbers, its tables, its sentences."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from reportgen.documents.blocks import Block, Document
from reportgen.verification import vocabulary
from reportgen.verification.claims.grids import Grid, gather
from reportgen.verification.claims.numerals import Numeral, Stream, read_numerals
from reportgen.verification.claims.outline import Context, outline
from reportgen.verification.claims.statements import Modality
from reportgen.verification.facts.subject import Subject
from reportgen.verification.vocabulary import Found

_STOP = re.compile(r"[.;!?](?=\s|$)|[。；！？．]|\n|\s[•·|]\s")
_ABBREVIATED = re.compile(
    r"\b(?:e\.g|i\.e|cf|vs|approx|resp|al|fig|tab|eq|no|nr|ca|z\.B|bzw|incl|max|min|avg|dim)\.$", re.I
)

MOST_GRIDS = 100
"""Tables that one sentence is held against."""


@dataclass(frozen=True)
class Sentence:
    """A piece of a block that one claim fits in, with the vocabulary's words in it."""

    at: int
    """Index of the block."""
    start: int
    end: int
    text: str

    @cached_property
    def terms(self) -> tuple[Found, ...]:
        """What its numbers may be about."""
        return vocabulary.find("term", self.text)

    @cached_property
    def starts(self) -> list[int]:
        """Where its terms start."""
        return [found.start for found in self.terms]

    @cached_property
    def split_starts(self) -> list[int]:
        """Where its words for images start."""
        return [found.start for found in self.splits]

    @cached_property
    def splits(self) -> tuple[Found, ...]:
        """Which images it speaks of."""
        return vocabulary.find("split", self.text)

    @cached_property
    def modality(self) -> Modality:
        """In which way it speaks; the first sign that it is more or less than an assertion."""
        found = vocabulary.find("modality", self.text)
        return Modality(found[0].id) if found else Modality.ASSERTED


@dataclass(frozen=True)
class Page:
    """All that extractors read of one document."""

    document: Document
    subject: Subject
    contexts: tuple[Context, ...]
    """Of each block."""
    stream: Stream
    grids: tuple[Grid, ...]

    @cached_property
    def told(self) -> dict[tuple[int, int], object]:
        """What is known of numbers that were asked about before, by block and first character."""
        return {}

    @property
    def blocks(self) -> Sequence[Block]:
        """The blocks in reading order."""
        return self.document.blocks

    @cached_property
    def index(self) -> dict[int, int]:
        """The index of each block, by its id."""
        return {id(block): at for at, block in enumerate(self.blocks)}

    @cached_property
    def sentences(self) -> tuple[tuple[Sentence, ...], ...]:
        """The sentences of each block."""
        return tuple(tuple(_split(at, block.text)) for at, block in enumerate(self.blocks))

    def sentence(self, at: int, position: int) -> Sentence:
        """The sentence of block ``at`` in which a character stands."""
        own = self.sentences[at]
        return own[max(bisect_right(self._starts[at], position) - 1, 0)]

    @cached_property
    def _starts(self) -> tuple[list[int], ...]:
        return tuple([sentence.start for sentence in own] for own in self.sentences)

    def numerals(self, at: int, start: int = 0, end: int | None = None) -> list[Numeral]:
        """The numbers of block ``at`` between two of its characters."""
        own = self.stream.of(at)
        first = bisect_left(own, start, key=lambda numeral: numeral.start)
        last = len(own) if end is None else bisect_right(own, end, key=lambda numeral: numeral.end)
        return list(own[first:last])

    @cached_property
    def cells(self) -> dict[int, tuple[Grid, int]]:
        """Grid and row of each block that is a row of a table."""
        return {at: (grid, row) for grid in self.grids for row, at in enumerate(grid.at)}

    @cached_property
    def _outside_tables(self) -> list[int]:
        return [0, *accumulate(block.kind != "row" for block in self.blocks)]

    def between(self, first: int, last: int) -> int:
        """How many blocks that are no rows of tables stand from block ``first`` up to block ``last``, without it."""
        return self._outside_tables[max(first, last)] - self._outside_tables[first]

    @cached_property
    def _grid_starts(self) -> list[int]:
        return [grid.at[0] for grid in self.grids]

    def grids_around(self, at: int) -> Sequence[Grid]:
        """The tables nearest to a block, at most a hundred, in their order."""
        middle = bisect_left(self._grid_starts, at)
        first = max(0, min(middle - MOST_GRIDS // 2, len(self.grids) - MOST_GRIDS))
        return self.grids[first : first + MOST_GRIDS]

    @cached_property
    def text(self) -> str:
        """All text, a block a line."""
        return self.document.text


def read_page(document: Document, subject: Subject) -> Page:
    """Make a document ready for the extractors."""
    contexts = tuple(context for _, context in outline(document, subject))
    return Page(document, subject, contexts, read_numerals(document), tuple(gather(document.blocks)))


def _split(at: int, text: str) -> Iterator[Sentence]:
    start = 0
    for match in _STOP.finditer(text):
        if match[0] == "." and _ABBREVIATED.search(text[max(0, match.start() - 8) : match.end()]):
            continue
        yield Sentence(at, start, match.end(), text[start : match.end()])
        start = match.end()
    if start < len(text) or not text:
        yield Sentence(at, start, len(text), text[start:])
