"""What an extractor hands to the judge: what a span says, and whether what it is held against allows it."""

from dataclasses import dataclass, field
from enum import StrEnum

from reportgen.documents.blocks import Block
from reportgen.verification.ledger import Quantity, Rule, Scope, Source, Witness


class Modality(StrEnum):
    """In which way something is said. Only what is asserted can be wrong."""

    ASSERTED = "asserted"
    HYPOTHETICAL = "hypothetical"
    RULE = "rule quoted"
    EARLIER = "earlier trial"
    OTHERS = "of others"
    COMPARED = "compared"
    NEGATED = "negated"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Statement:
    """One reading of one span, held against one fact. It says nothing about the verdict: that is the judge's."""

    block: Block
    start: int
    end: int
    """The characters of the block that the statement decides."""
    quantity: Quantity
    rule: Rule
    how: str
    fits: bool | None = None
    """Some admissible reading agrees with the fact; None where there is nothing to hold it against."""
    inside: bool = False
    """The span proves or refutes itself: what it is held against stands in the same sentence, equation or table."""
    expected: str | None = None
    source: Source | None = None
    where: str | None = None
    """Of code: file and line of what it is held against."""
    scope: Scope = field(default_factory=Scope)
    witnesses: frozenset[Witness] = frozenset()
    """Independent signs of what it is about."""
    modality: Modality = Modality.ASSERTED
    decide: str | None = None
    """What leaves a doubt about the reading; with it nothing is wrong for sure."""
    deviates: bool = False
    """It agrees with nothing but itself, and the assignment asks for something else."""
    whole: bool = False
    """It is one claim without a number; the numbers in its span are parts of it."""
    nothing: bool = False
    """The span claims nothing."""
    text: str = ""
    """The words to show; the sentence around the span where empty."""
