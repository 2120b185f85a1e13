"""Which mistake, found by a careful reader, an accusation names: by its place and by its number or its words.

A reader notes a mistake with its place (``line 50 (also 21)``, ``cell 40``, ``p9 Tab. 5``), the words around it, and
what is wrong in them. A ledger gives the place where a block begins, and what it took for the number. Both have to
agree: a place alone would let every accusation in a bad paragraph count as right. Mistakes in code stand in another
file.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from reportgen.documents.blocks import Place

NUMERAL = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*|(?<=[A-Za-z_(\[])\d+(?:[.,]\d+)*")
"""A run of digits with the marks inside it. One pattern for all, so that shares stay comparable."""
_PLACES = re.compile(
    r"(?P<unit>lines?|cells?|pages?|p)\s*(?P<numbers>\d+(?:\s*[-–]\s*\d+)?(?:\s*,\s*\d+(?:\s*[-–]\s*\d+)?)*)", re.I
)
_ALSO = re.compile(r"\(also\s+(?P<numbers>\d+(?:\s*[-–]\s*\d+)?(?:\s*,\s*\d+(?:\s*[-–]\s*\d+)?)*)")
_SLACK = {"line": (12, 2), "cell": (0, 1), "page": (0, 0)}
"""How far before and after the reader's place an accusation may stand: a block has the place of its first line, and
readers count a notebook's cells from 0."""


class Accusation(Protocol):
    """What is contradicted: a `Claim`, of either version of the ledger."""

    @property
    def place(self) -> Place: ...
    @property
    def text(self) -> str: ...
    @property
    def found(self) -> str | None: ...
    @property
    def expected(self) -> str | None: ...


@dataclass(frozen=True)
class Mistake:
    """One mistake that a reader found."""

    index: int
    where: str
    text: str
    value: str
    right: str
    sure: bool
    side: str
    """``report``, or ``code`` where the code beside the report is wrong."""
    program: str
    """Whether a program can settle it: ``yes``, ``hard`` or ``no``; empty of code."""


def mistakes(truth: dict[str, Any]) -> tuple[Mistake, ...]:
    """The mistakes of one document's truth."""
    return tuple(
        Mistake(
            index,
            entry["where"],
            entry["text"],
            entry["value"],
            entry["right"],
            bool(entry["sure"]),
            entry["side"],
            entry.get("program", ""),
        )
        for index, entry in enumerate(truth["wrong"])
    )


def numerals(text: str) -> list[str]:
    """The numerals of a text, without thousands marks: ``11,070`` and ``11070`` are one."""
    return [re.sub(r"[.,](?=\d{3}(?!\d))", "", match[0]) for match in NUMERAL.finditer(text)]


def places(where: str) -> Iterator[tuple[str, int, int]]:
    """What a reader's note says of the place: unit (line, cell or page), first and last number."""
    unit = ""
    for match in _PLACES.finditer(where):
        unit = {"p": "page", "l": "line", "c": "cell"}[match["unit"][0].lower()]
        yield from ((unit, first, last) for first, last in _ranges(match["numbers"]))
    also = _ALSO.search(where)
    if also and unit:
        yield from ((unit, first, last) for first, last in _ranges(also["numbers"]))


def _ranges(numbers: str) -> Iterator[tuple[int, int]]:
    for part in re.split(r"\s*,\s*", numbers):
        ends = [int(end) for end in re.findall(r"\d+", part)]
        yield ends[0], ends[-1]


def near(where: str, spot: Place) -> bool:
    """Tell whether a place of the ledger can be the one that a reader noted; true where no number can be compared."""
    known = [(getattr(spot, unit), unit, first, last) for unit, first, last in places(where)]
    comparable = [(at, unit, first, last) for at, unit, first, last in known if at is not None]
    if not comparable:
        return True
    return any(first - _SLACK[unit][0] <= at <= last + _SLACK[unit][1] for at, unit, first, last in comparable)


def same_words(mistake: Mistake, accusation: Accusation) -> bool:
    """Tell whether an accusation is about the wrong number or words of a mistake, and holds them against what is right.

    What was accused for another reason is not found: "50,000 training images" may be wrong in a report because 45,000
    were used, but to hold MNIST's 60,000 against it is no merit.
    """
    wrong, right = set(numerals(mistake.value)), set(numerals(mistake.right))
    expected = set(numerals(accusation.expected or ""))
    if right and expected and not right & expected:
        return False
    if wrong:
        return bool(wrong & set(numerals(accusation.found or accusation.text)))
    return bool(mistake.value) and mistake.value.casefold() in accusation.text.casefold()


def matching(found: Sequence[Mistake], accusation: Accusation) -> Mistake | None:
    """The mistake that an accusation names; a sure one before one that can be argued."""
    fitting = [mistake for mistake in neighbours(found, accusation) if same_words(mistake, accusation)]
    return min(fitting, key=lambda mistake: (not mistake.sure, mistake.index), default=None)


def neighbours(found: Sequence[Mistake], accusation: Accusation) -> list[Mistake]:
    """The mistakes in whose place an accusation stands: what a person looks at where none matches."""
    return [mistake for mistake in found if mistake.side == "report" and near(mistake.where, accusation.place)]
