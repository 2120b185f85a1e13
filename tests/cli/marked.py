"""A class of two, marked by the command line."""

from pathlib import Path

from typer.testing import Result

from reportgen.files import WORK_FOLDER
from reportgen.pipelines import grade as grading
from tests.cli import run
from tests.coded import SECOND, SUBMISSION

CODE = SUBMISSION + SECOND
OTHER = "M23CSE029"
FILES = {"class.html", "gradebook.csv", "grades.json", "overrides-template.csv"}
BROKEN = "def broken(:\n"


def grade(*arguments: str | Path) -> Result:
    return run("grade", *map(str, arguments))


def written(path: Path) -> set[str]:
    """The files below a folder, without the lock and what is kept for the next run."""
    found = {str(one.relative_to(path)) for one in path.rglob("*") if one.is_file()}
    return {name for name in found if not name.startswith((grading.CACHE, WORK_FOLDER))}


def said(result: Result) -> str:
    """All that was said, as one line."""
    return " ".join(result.output.split())
