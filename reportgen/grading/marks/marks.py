"""Marks: what a rubric and a person's decisions make of a dossier."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from reportgen.grading.dossiers import Finding


class Outcome(StrEnum):
    """What became of a check or a criterion."""

    MET = "met"
    PARTLY = "partly met"
    NOT_MET = "not met"
    UNDECIDED = "for a person to decide"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Decision(_Model):
    """What became of one check of a criterion."""

    check: str
    outcome: Outcome
    findings: tuple[Finding, ...] = Field((), description="the evidence, faults first")


class Override(_Model):
    """A person's decision on one criterion of one student."""

    points: float
    comment: str = ""


class CriterionMark(_Model):
    """The points for one criterion, as a range where a person has to decide."""

    id: str
    part: str
    text: str
    points: float = Field(description="the most that the criterion gives")
    least: float = Field(description="points given whatever a person decides")
    most: float = Field(description="points given if a person decides everything for the student")
    outcome: Outcome
    decisions: tuple[Decision, ...] = ()
    override: Override | None = None


class Marks(_Model):
    """The marks of one submission."""

    id: str
    roll: str | None
    name: str = ""
    readable: bool = Field(description="false where nothing could be read; such a submission has no marks")
    criteria: tuple[CriterionMark, ...] = ()
    notes: tuple[Finding, ...] = Field((), description="findings that the rubric gives no points for")
    problems: tuple[str, ...] = ()

    @property
    def least(self) -> float:
        """The sum of what is given whatever a person decides."""
        return sum(criterion.least for criterion in self.criteria)

    @property
    def most(self) -> float:
        """The sum of what is given if everything is decided for the student."""
        return sum(criterion.most for criterion in self.criteria)
