"""The ledger of a document: every number that a reader sees, each with one verdict and what it rests on."""

from collections import Counter
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from reportgen.documents.blocks import Place
from reportgen.errors import UnreadableError
from reportgen.verification.quantities import Quantity

__all__ = [
    "DECIDED", "SCHEMA_VERSION", "Claim", "Fact", "Item", "Ledger", "Missing", "Note", "Number", "Quantity", "Rule",
    "Scope", "Source", "Unread", "Verdict", "Witness",
]  # fmt: skip
SCHEMA_VERSION = 2


class Verdict(StrEnum):
    """What is known of a claim. What can't be decided is no fault."""

    CONTRADICTED = "contradicted"
    DEVIATES = "deviates"
    UNVERIFIABLE = "unverifiable"
    VERIFIED = "verified"
    NOT_UNDERSTOOD = "not-understood"
    NO_CLAIM = "no-claim"


DECIDED = frozenset({Verdict.CONTRADICTED, Verdict.DEVIATES, Verdict.VERIFIED, Verdict.NO_CLAIM})
"""The verdicts that settle a number."""


class Rule(StrEnum):
    """How a verdict was reached."""

    ARITHMETIC = "arithmetic"
    TABLE_TOTAL = "table-total"
    SUMMARY_ROW = "summary-row"
    SUMMARY_TOTAL = "summary-total"
    MATRIX = "matrix"
    CLASS_REPORT = "class-report"
    PART_OF_WHOLE = "part-of-whole"
    STATED_NETWORK = "stated-network"
    SHAPE_CHAIN = "shape-chain"
    LOSS_FLOOR = "loss-floor"
    LOG = "log"
    TABLE = "table"
    COMPARISON = "comparison"
    REPEATED = "repeated"
    DATA_SET = "data-set"
    CODE = "code"
    ASSIGNMENT = "assignment"
    GROUPS = "groups"
    OWN_RESULTS = "own-results"
    OWN_TEXT = "own-text"
    OWN_WEIGHTS = "own-weights"
    NO_CLAIM = "no-claim"
    NO_VALUE = "no-value"
    NO_REFERENT = "no-referent"
    NO_TEXT = "no-text"
    SEVERAL = "several"


class Source(StrEnum):
    """Where a fact comes from."""

    ARITHMETIC = "arithmetic"
    DOCUMENT_NETWORK = "document-network"
    DOCUMENT_MATRIX = "document-matrix"
    DOCUMENT_TABLE = "document-table"
    CODE = "code"
    DATA_SET = "data-set"
    ASSIGNMENT = "assignment"
    RESULTS = "results"


class Witness(StrEnum):
    """What tells what a number is about."""

    CLAUSE = "clause"
    ROW = "row"
    COLUMN = "column"
    CAPTION = "caption"
    SECTION = "section"
    SIBLINGS = "siblings"
    NAME = "name"
    ONLY = "only"
    SPAN = "span"


class Item(StrEnum):
    """What an assignment may ask a report for."""

    EXPERIMENT = "experiment"
    TOTAL_PARAMETERS = "total-parameters"
    ACCURACY = "accuracy"
    CONFUSION_MATRIX = "confusion-matrix"
    CURVES = "curves"
    RESULT = "result"
    LINK = "link"
    ASSUMPTIONS = "assumptions"
    REFERENCES = "references"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Scope(_Model):
    """What a number belongs to; null where nothing says it."""

    experiment: str | None = Field(None, description="id of the assignment's experiment")
    network: str | None = Field(None, description="name of a network that the document states")
    layer: int | None = Field(None, description="index of the layer in its network, from 0")
    split: str | None = Field(None, description="train, validation or test")
    epoch: int | None = Field(None, description="counted from 1")
    of_class: int | None = Field(None, description="index of the class, from 0")


class Number(_Model):
    """A number as printed and as read."""

    printed: str
    value: str = Field(description="exact value, as a decimal or a fraction of whole numbers")
    half_unit: str = Field("0", description="half a unit of its last printed place")


class Fact(_Model):
    """What is so, and where that comes from."""

    value: str
    source: Source
    where: str | None = Field(None, description="of code: file and line, with a colon between")


class Claim(_Model):
    """Something that the document says, and what became of it."""

    quantity: Quantity
    verdict: Verdict
    rule: Rule
    place: Place
    text: str = Field(description="the words around it, as printed")
    span: tuple[int, int, int] | None = Field(
        None, description="index of the block, first and last character in it; null where it stands in none"
    )
    scope: Scope = Scope()
    number: Number | None = Field(None, description="null where the claim has no number")
    fact: Fact | None = Field(None, description="what it was held against")
    witnesses: tuple[Witness, ...] = Field((), description="what tells what it is about")
    how: str = Field("", description="how the verdict follows, for people")
    decide: str | None = Field(None, description="of an undecided claim: what would decide it")

    @property
    def experiment(self) -> str | None:
        """Id of the experiment that it is about."""
        return self.scope.experiment

    @property
    def expected(self) -> str | None:
        """What it was held against."""
        return self.fact.value if self.fact else None

    @property
    def found(self) -> str:
        """The number as printed, else the words."""
        return self.number.printed if self.number else self.text


class Missing(_Model):
    """Something that the assignment asks for and that was not found."""

    item: Item
    experiment: str | None = Field(None, description="id of the experiment that it is missing from")
    what: str = Field(description="in words")
    place: Place = Field(description="where the document comes nearest to it")
    evidence: str = Field(description="what stands there instead; how it was looked for")


class Note(_Model):
    """Something worth knowing that is no verdict."""

    text: str
    place: Place
    experiment: str | None = None


class Unread(_Model):
    """A document that could not be read."""

    source: str = Field(description="file name, or standard input")
    error: str = Field(description="why, and what to do")


class Ledger(_Model):
    """All that is known of one document."""

    schema_version: int = SCHEMA_VERSION
    source: str = Field(description="file name, or standard input")
    kind: str = Field(description="pdf, markdown, text, html or notebook")
    digest: str = Field(description="SHA-256 of the document's bytes")
    assignment: str | None = Field(description="id of the assignment; null where it was held against none")
    answers: bool = Field(True, description="something of the assignment was recognised in the document")
    roll: str | None = Field(None, description="roll number; null where none was found")
    claims: tuple[Claim, ...] = Field(description="in the order of the document")
    missing: tuple[Missing, ...] = ()
    notes: tuple[Note, ...] = ()
    problems: tuple[str, ...] = Field((), description="what was left unread, and why")

    def of(self, verdict: Verdict) -> tuple[Claim, ...]:
        """Return the claims with this verdict, in the order of the document."""
        return tuple(claim for claim in self.claims if claim.verdict == verdict)

    @property
    def contradicted(self) -> tuple[Claim, ...]:
        """The claims that are wrong."""
        return self.of(Verdict.CONTRADICTED)

    @property
    def verified(self) -> tuple[Claim, ...]:
        """The claims that are proved."""
        return self.of(Verdict.VERIFIED)

    @property
    def deviating(self) -> tuple[Claim, ...]:
        """The claims that are true as far as can be told, but not what the assignment asks for."""
        return self.of(Verdict.DEVIATES)

    @property
    def unverifiable(self) -> tuple[Claim, ...]:
        """The claims that can't be decided."""
        return self.of(Verdict.UNVERIFIABLE)

    @property
    def share_decided(self) -> float | None:
        """Part of the printed numbers that has a verdict or claims nothing; None of a document without numbers."""
        numbers = [claim for claim in self.claims if claim.number is not None]
        return sum(claim.verdict in DECIDED for claim in numbers) / len(numbers) if numbers else None

    @property
    def summary(self) -> str:
        """One line: how many claims of each verdict, how many parts missing, the share of the numbers decided."""
        counts = Counter(claim.verdict for claim in self.claims)
        parts = [f"{counts[verdict]} {verdict.value.replace('-', ' ')}" for verdict in Verdict]
        decided = self.share_decided
        share = f"; {decided:.0%} of the numbers decided" if decided is not None else ""
        return f"{', '.join(parts)}, {len(self.missing)} not found{share}"

    def exit_code(self, *, strict: bool = False) -> int:
        """3 without text, 1 when something is contradicted, or with ``strict`` open, not found or unread; else 0."""
        if any(claim.rule is Rule.NO_TEXT for claim in self.claims):
            return UnreadableError.exit_code
        failed = bool(self.contradicted)
        if strict:
            failed = failed or bool(self.unverifiable or self.missing or self.problems)
        return int(failed)
