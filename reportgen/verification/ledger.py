"""The ledger of a document: its claims, each with a verdict and its evidence."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from reportgen.documents.blocks import Place

SCHEMA_VERSION = 1


class Verdict(StrEnum):
    """What is known of a claim. What can't be decided is no fault."""

    CONTRADICTED = "contradicted"
    UNVERIFIABLE = "unverifiable"
    VERIFIED = "verified"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Claim(_Model):
    """Something that the document says, and what became of it."""

    kind: str = Field(description="what the claim is about: arithmetic, layer-count, total, batch-size, …")
    verdict: Verdict
    place: Place
    text: str = Field(description="as printed")
    rule: str = Field(description="what it was held against, in words")
    expected: str | None = Field(None, description="what the rule gives")
    found: str | None = Field(None, description="what the document says")
    decide: str | None = Field(None, description="of an unverifiable claim: what would decide it")
    experiment: str | None = Field(None, description="id of the experiment that it is about")
    deviation: bool = Field(False, description="right in itself, but not what the assignment asks for")


class Missing(_Model):
    """Something that the assignment asks for and the document does not give."""

    what: str
    experiment: str | None = Field(None, description="id of the experiment that it is missing from")
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
    assignment: str = Field(description="id of the assignment")
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
    def unverifiable(self) -> tuple[Claim, ...]:
        """The claims that can't be decided."""
        return self.of(Verdict.UNVERIFIABLE)

    @property
    def summary(self) -> str:
        """One line: how many claims of each verdict, how many parts missing."""
        deviations = sum(claim.deviation for claim in self.claims)
        return (
            f"{len(self.contradicted)} contradicted, {len(self.verified)} verified, "
            f"{len(self.unverifiable)} unverifiable, {len(self.missing)} missing"
            + (f", {deviations} deviating from the assignment" if deviations else "")
        )

    def exit_code(self, *, strict: bool = False) -> int:
        """1 when something is contradicted, or with ``strict`` unverifiable, missing or unread; else 0."""
        failed = bool(self.contradicted)
        if strict:
            failed = failed or bool(self.unverifiable or self.missing or self.problems)
        return int(failed)
