"""What is known of one submission: its files and the findings in them. Marks follow from it and the rubric alone."""

from pydantic import BaseModel, ConfigDict, Field

from reportgen.documents.blocks import Place
from reportgen.inspection.remarks import FindingKind
from reportgen.verification.ledger import Ledger

__all__ = ["SCHEMA_VERSION", "Dossier", "Finding", "FindingKind", "Picture", "SubmittedFile"]
SCHEMA_VERSION = 1


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Finding(_Model):
    """One thing that a check found in a submission, with its evidence."""

    check: str = Field(description="name of the check, one of `reportgen.assignment.checks.CHECKS`")
    kind: FindingKind
    experiment: str | None = Field(None, description="id of the experiment; null where it is about the whole")
    file: str = Field("", description="name of the file, as submitted")
    place: Place = Place()
    text: str = Field("", description="as written there")
    reason: str = Field(description="what was found and why it matters, in a sentence")
    expected: str | None = Field(None, description="what would be right, and how to get it")
    found: str | None = Field(None, description="what the submission has instead")


class SubmittedFile(_Model):
    """One file of a submission."""

    name: str = Field(description="as submitted, folders left out")
    kind: str = Field(description="python, notebook, pdf, markdown, text, html or other")
    digest: str = Field(description="SHA-256 of its bytes")
    size: int = Field(ge=0, description="bytes")


class Picture(_Model):
    """A picture of a report, small enough to compare with those of other submissions."""

    file: str
    page: int = Field(ge=1)
    section: str = Field("", description="the heading that it stands under")
    experiment: str | None = None
    width: int = Field(description="pixels, margins trimmed off")
    height: int = Field(description="pixels, margins trimmed off")
    pixels: str = Field(description="SHA-256 of the trimmed pixels")
    box: tuple[float, float, float, float] = Field(
        description="left, top, right, bottom on the page, as parts of its width and height"
    )
    drawing: bool = Field(False, description="lines on a page of one colour, such as curves: its sketch tells it apart")
    sketch: str = Field("", description="of a drawing: the trimmed picture, small, a WebP in base 64")
    classes: int | None = Field(None, description="cells in a row of the confusion matrix; null where none is sure")
    cells: tuple[tuple[int, ...], ...] | None = Field(
        None, description="the numbers of the confusion matrix; null where one of them is not sure"
    )


class Dossier(_Model):
    """All that was read in one submission; no marks yet."""

    schema_version: int = SCHEMA_VERSION
    id: str = Field(description="the roll number, or the files' common name where no roll number was found")
    roll: str | None = None
    name: str = Field("", description="the student's name, where the report gives one")
    files: tuple[SubmittedFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    pictures: tuple[Picture, ...] = ()
    numbers: tuple[str, ...] = Field((), description="measurements that the report prints, three decimals or more")
    ledger: Ledger | None = Field(None, description="the claims of the report")
    problems: tuple[str, ...] = Field((), description="what could not be read, and why: never the student's fault")
