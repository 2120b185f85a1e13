"""Verifying files: each in a process of its own kind, with bounds on time and memory."""

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from reportgen.assignment.bundled import DEFAULT_ASSIGNMENT, load_spec
from reportgen.assignment.plan import check_roll
from reportgen.assignment.spec import Assignment
from reportgen.documents.blocks import Block, Place
from reportgen.errors import ReportgenError, UnreadableError, UsageError
from reportgen.results.schema import Results
from reportgen.sandbox.process import Limits, ReadingProcess, UnansweredError
from reportgen.verification.ledger import Ledger

NO_ASSIGNMENT = "none"
"""Instead of an assignment: the document is held against nothing but itself and the data sets."""


@dataclass(frozen=True)
class Request:
    """One document: where its bytes are, and what to call it."""

    path: Path
    source: str
    carried: bool = False
    """Return the results that it carries, too."""
    text: bool = False
    """Return its blocks, too."""


@dataclass(frozen=True)
class Outcome:
    """What became of one document: a ledger, or the error that says why there is none."""

    source: str
    ledger: Ledger | None
    error: ReportgenError | None
    carried: Results | None = None
    """The results that a report of ours carries, where they were asked for."""
    blocks: tuple[Block, ...] = ()
    """Its blocks, where they were asked for: kind, place and text."""


def verify(
    path: str | os.PathLike[str],
    assignment: str | Assignment = DEFAULT_ASSIGNMENT,
    roll: str | None = None,
    limits: Limits | None = None,
) -> Ledger:
    """Read a document, find its claims and judge each. Runs no code of the document.

    Args:
        path: PDF, Markdown, text, HTML or notebook.
        assignment: id of a bundled assignment, path of a TOML file, the assignment itself, or "none".
        roll: the roll number; taken from the file name or the text where left out.
        limits: time and memory; 10 s and 1 GiB where left out.

    Raises:
        UsageError: no such assignment, or the roll number does not fit it.
        UnreadableError: the document can't be read, or went over the limits.
    """
    request = Request(Path(path), os.fspath(path))
    outcome = next(verify_all([request], assignment, roll, limits))
    if outcome.error is not None:
        raise outcome.error
    assert outcome.ledger is not None
    return outcome.ledger


def verify_all(
    requests: Sequence[Request],
    assignment: str | Assignment = DEFAULT_ASSIGNMENT,
    roll: str | None = None,
    limits: Limits | None = None,
    jobs: int | None = None,
) -> Iterator[Outcome]:
    """Verify documents side by side; yield what became of each, in their order. One bad file stops no other.

    Raises:
        UsageError: no such assignment, or the roll number does not fit it.
        SpecError: the assignment has mistakes.
    """
    spec: Assignment | None = None
    if assignment != NO_ASSIGNMENT:
        spec = load_spec(assignment) if isinstance(assignment, str) else assignment
    if roll is not None:
        if spec is None:
            raise UsageError("a roll number says something only with an assignment; name one with --assignment")
        check_roll(spec, roll)
    workers = max(1, min(jobs or os.cpu_count() or 1, len(requests)))
    local = threading.local()
    started: list[_Worker] = []

    def run(request: Request) -> Outcome:
        if not hasattr(local, "worker"):
            local.worker = _Worker(spec, limits or Limits())
            started.append(local.worker)
        worker: _Worker = local.worker
        return worker.examine(request, roll)

    with ThreadPoolExecutor(workers) as pool:
        try:
            yield from pool.map(run, requests)
        finally:
            for worker in started:
                worker.close()


class _Worker:
    """A reading process, asked for ledgers."""

    def __init__(self, assignment: Assignment | None, limits: Limits) -> None:
        setup = {"assignment": assignment.model_dump(mode="json") if assignment else None}
        self._process = ReadingProcess("reportgen.pipelines.document_reader", setup, limits)

    def examine(self, request: Request, roll: str | None) -> Outcome:
        message = {"path": str(request.path), "source": request.source, "roll": roll, "carried": request.carried}
        message["text"] = request.text
        try:
            answer = self._process.ask(message)
        except UnansweredError as error:
            reason = f"cannot read {request.source}: {error}. Give a smaller file."
            return Outcome(request.source, None, UnreadableError(reason))
        if "ledger" in answer:
            carried = Results.model_validate(answer["carried"]) if answer["carried"] else None
            blocks = tuple(Block(kind, text, Place(**place)) for kind, place, text in answer["blocks"] or ())
            return Outcome(request.source, Ledger.model_validate(answer["ledger"]), None, carried, blocks)
        kinds = {kind.exit_code: kind for kind in (UsageError, UnreadableError, ReportgenError)}
        kind = kinds.get(answer["code"], UnreadableError)
        return Outcome(request.source, None, kind(answer["error"]))

    def close(self) -> None:
        self._process.close()
