"""The decisions of people on a class, kept in a file of their own to which is only ever added.

``decisions.jsonl`` stands in the output folder, a line for each decision with who took it and when. The last on a
student and criterion holds; one without points takes those before it back. Every run reads it, whether or not it is
given decisions: a template that a run wrote anew once wiped a marker's work.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reportgen.assignment.spec import Assignment
from reportgen.errors import UnreadableError
from reportgen.grading.marks.marks import Override

FILE = "decisions.jsonl"
Key = tuple[str, str]
"""A roll number (or a submission's id), and a criterion."""


class Decided(BaseModel):
    """One decision of a person, as it was taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roll: str = Field(description="roll number, or a submission's id")
    criterion: str
    points: float | None = Field(ge=0, allow_inf_nan=False, description="null takes back what was decided before")
    comment: str = ""
    by: str = Field(description="the user's name on the machine")
    at: datetime


def read_decisions(content: bytes) -> list[Decided]:
    """Read the file, in the order in which the decisions were taken.

    Raises:
        UnreadableError: a line is damaged; nothing is left out silently.
    """
    found = []
    for number, line in enumerate(content.splitlines(), 1):
        try:
            found.append(Decided.model_validate_json(line))
        except ValidationError as error:
            what = error.errors()[0]["msg"]
            raise UnreadableError(f"{FILE}, line {number} is damaged ({what}): mend it, or remove it") from None
    return found


def write_decisions(decided: Iterable[Decided]) -> bytes:
    """The file's content, a line each."""
    return "".join(one.model_dump_json() + "\n" for one in decided).encode()


def newly_decided(
    kept: Iterable[Decided], given: Mapping[Key, Override | None], by: str, at: datetime
) -> list[Decided]:
    """The given decisions that say something else than what holds already; None takes one back."""
    held = _latest(kept)
    new = []
    for (roll, criterion), override in given.items():
        before = held.get((roll, criterion))
        points, comment = (override.points, override.comment) if override else (None, "")
        if (before.points, before.comment) != (points, comment) if before else override is not None:
            new.append(Decided(roll=roll, criterion=criterion, points=points, comment=comment, by=by, at=at))
    return new


def in_force(decided: Iterable[Decided], assignment: Assignment) -> dict[Key, Override]:
    """What holds today, by student and criterion; what is about a criterion that is gone decides nothing.

    Raises:
        UnreadableError: the rubric gives fewer points by now than somebody decided.
    """
    most = {criterion.id: criterion.points for criterion in assignment.rubric}
    found = {}
    for key, one in _latest(decided).items():
        if one.points is None or one.criterion not in most:
            continue
        if one.points > most[one.criterion]:
            raise UnreadableError(
                f"{FILE}: {one.by} decided {one.points:g} points for {one.roll} and {one.criterion}, which gives "
                f"{most[one.criterion]:g} at most by now. Decide it anew with --overrides, or write open for points."
            )
        found[key] = Override(points=one.points, comment=one.comment)
    return found


def _latest(decided: Iterable[Decided]) -> dict[Key, Decided]:
    return {(one.roll, one.criterion): one for one in decided}
