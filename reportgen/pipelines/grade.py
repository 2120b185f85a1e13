"""Marking a class: read every submission once, mark by the rubric, write the gradebook and the pages."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reportgen.assignment.spec import Assignment
from reportgen.errors import PdfError, ReportgenError
from reportgen.files import code_digest, digest, write_files
from reportgen.grading.dossiers import SCHEMA_VERSION, Dossier
from reportgen.grading.intake.archives import Entry
from reportgen.grading.intake.submissions import Found, Submission, find_submission, find_submissions
from reportgen.grading.marks.marks import Marks
from reportgen.grading.marks.policy import Overrides, mark
from reportgen.grading.reading import Reading
from reportgen.pipelines.submission_reader import packed, packed_entry
from reportgen.sandbox.pool import ReadingPool
from reportgen.sandbox.process import Limits, UnansweredError

CACHE = ".dossiers"
"""Folder below the output where what was read is kept."""
_LIMITS = Limits(seconds=60, mebibytes=1536)
_WORKER = "reportgen.pipelines.submission_reader"
_PRINTER = "reportgen.pipelines.page_printer"
Progress = Callable[[int, int, str], None]
"""Told after each submission: how many are read, of how many, and which."""


@dataclass(frozen=True)
class Graded:
    """A class, read and marked."""

    assignment: Assignment
    found: Found
    readings: tuple[Reading, ...]
    marks: tuple[Marks, ...]

    @property
    def dossiers(self) -> tuple[Dossier, ...]:
        """What was read, a dossier a submission."""
        return tuple(reading.dossier for reading in self.readings)


def grade(
    path: Path,
    assignment: Assignment,
    cache: Path | None,
    overrides: Callable[[Sequence[str]], Overrides],
    progress: Progress,
    *,
    one: bool = False,
) -> Graded:
    """Reading the submissions of a folder or zip archive and mark them.

    Args:
        path: what a classroom exported; with ``one``, a single student's.
        assignment: what the submissions answer, with its rubric.
        cache: folder where what was read is kept, so that unchanged submissions are not read twice.
        overrides: gives the decisions of people, when it is told the rolls and ids that there are.
        progress: told after each submission.

    Raises:
        UnreadableError: there is no such folder or archive, or the overrides have mistakes.
        OutputError: what was read can't be kept.
    """
    with _readers(assignment) as readers:
        found = _find(path, assignment, readers, one=one)
        decided = overrides([submission.roll or submission.id for submission in found.submissions])
        context = _context(assignment)

        def read(submission: Submission) -> Reading:
            return _read(submission, readers, cache, _key(submission, context))

        readings = []
        for done, reading in enumerate(readers.map(read, found.submissions), 1):
            readings.append(reading)
            progress(done, len(found.submissions), reading.dossier.id)
    marks = tuple(mark(reading.dossier, assignment, decided) for reading in readings)
    return Graded(assignment, found, tuple(readings), marks)


def print_pages(pages: Mapping[str, str], moment: datetime) -> dict[str, bytes]:
    """Turn feedback pages into PDFs, side by side; both by name.

    Raises:
        PdfError: one can't be made; says which.
    """
    with ReadingPool(_PRINTER, dict, _LIMITS) as printers:

        def make(name: str) -> bytes:
            try:
                answer = printers.ask({"page": pages[name], "moment": moment.isoformat()})
            except UnansweredError as error:
                raise PdfError(f"cannot print the feedback of {name}: {error}") from None
            if "error" in answer:
                raise PdfError(f"cannot print the feedback of {name}: {answer['error']}")
            return base64.b64decode(answer["pdf"])

        return dict(zip(pages, printers.map(make, list(pages)), strict=True))


def _readers(assignment: Assignment) -> ReadingPool:
    return ReadingPool(_WORKER, lambda: {"assignment": assignment.model_dump(mode="json")}, _LIMITS)


def _find(path: Path, assignment: Assignment, readers: ReadingPool, *, one: bool) -> Found:
    def text(entry: Entry) -> str:
        try:
            return str(readers.ask({"text": packed_entry(entry)}).get("text", ""))
        except UnansweredError:
            return ""

    return (find_submission if one else find_submissions)(path, assignment, text)


def _read(submission: Submission, readers: ReadingPool, cache: Path | None, key: str | None) -> Reading:
    """Reading one submission; one that can't be read stops no other, and is no fault of the student."""
    kept = _kept(cache, key)
    if kept is not None:
        return kept
    try:
        answer = readers.ask(packed(submission))
        problem = str(answer.get("error", ""))
    except UnansweredError as error:
        answer, problem = {}, str(error)
    if "dossier" not in answer:
        extra = [f"{one.name}: {one.reason}" for one in submission.extra]
        problems = (f"it could not be read: {problem}", *extra)
        return Reading(Dossier(id=submission.id, roll=submission.roll, problems=problems), {})
    if cache is not None and key is not None:
        write_files(cache, {f"{key}.json": json.dumps(answer).encode()})
    return _unpacked(answer)


def _unpacked(answer: dict[str, Any]) -> Reading:
    crops = {name: base64.b64decode(content) for name, content in answer["crops"].items()}
    return Reading(Dossier.model_validate(answer["dossier"]), crops)


def _context(assignment: Assignment) -> str:
    """What a reading depends on beside the files: the assignment without its rubric, and reportgen itself."""
    asked = assignment.model_dump(mode="json", exclude={"rubric"})
    return digest(json.dumps([SCHEMA_VERSION, asked, code_digest()], sort_keys=True).encode())


def _key(submission: Submission, context: str) -> str | None:
    """The name under which a reading is kept; None where a file can't be read."""
    try:
        files = [[entry.name, digest(entry.read())] for entry in submission.files]
    except ReportgenError:
        return None
    extra = [[one.name, one.reason] for one in submission.extra]
    return digest(json.dumps([context, submission.id, submission.roll, files, extra]).encode())


def _kept(cache: Path | None, key: str | None) -> Reading | None:
    if cache is None or key is None:
        return None
    try:
        return _unpacked(json.loads((cache / f"{key}.json").read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # a damaged one is read anew
