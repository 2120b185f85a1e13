"""A class that is graded in this process."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reportgen.assignment.spec import Assignment
from reportgen.grading.marks.policy import Overrides
from reportgen.pipelines.grade import Graded, grade
from tests.coded import ASSIGNMENT, ROLL, SECOND, SUBMISSION

CODE = SUBMISSION + SECOND
ROLLS = (ROLL, "M23CSE029", "M23CSE031")
Asked = list[dict[str, Any]]


def nobody(rolls: Sequence[str]) -> Overrides:
    """No decisions of people."""
    return {}


def silent(done: int, count: int, name: str) -> None:
    """Shows no progress."""


def run(folder: Path, cache: Path | None, assignment: Assignment = ASSIGNMENT, **more: Any) -> Graded:
    return grade(folder, assignment, cache, more.pop("overrides", nobody), more.pop("progress", silent), **more)


def names(asked: Asked) -> list[str]:
    return sorted(message["id"] for message in asked if "files" in message)


def changed(**criteria: float) -> Assignment:
    """The assignment with other points."""
    rubric = tuple(
        one.model_copy(update={"points": criteria.get(one.id.replace("-", "_"), one.points)})
        for one in ASSIGNMENT.rubric
    )
    return ASSIGNMENT.model_copy(update={"rubric": rubric})
