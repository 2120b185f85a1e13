"""Verifying files: each in a process of its own kind, with bounds on time and memory."""

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reportgen.assignment import DEFAULT_ASSIGNMENT
from reportgen.errors import ReportgenError, UnreadableError, UsageError
from reportgen.sandbox import process
from reportgen.sandbox.process import Limits, ReadingProcess, UnansweredError

if TYPE_CHECKING:  # loaded while the first reading process starts: they take as long as it does
    from reportgen.assignment.spec import Assignment
    from reportgen.documents.blocks import Block
    from reportgen.results.schema import Results
    from reportgen.verification.ledger import Ledger

NO_ASSIGNMENT = "none"
"""Instead of an assignment: the document is held against nothing but itself and the data sets."""

_READER = "reportgen.pipelines.document_reader"
_WITH_CODE = 60
"""Seconds for a document with code: a program of 165 files, 5.5 MB, takes 3 s; 400 files of up to 16 MB are read."""


@dataclass(frozen=True)
class Request:
    """One document: where its bytes are, and what to call it."""

    path: Path
    source: str
    carried: bool = False
    """Return the results that it carries, too."""
    text: bool = False
    """Return its blocks, too."""
    code: tuple[Path, ...] = ()
    """Files, folders and zip archives with the code beside it."""


@dataclass(frozen=True)
class Outcome:
    """What became of one document: a ledger, or the error that says why there is none."""

    source: str
    ledger: "Ledger | None"
    error: ReportgenError | None
    carried: "Results | None" = None
    """The results that a report of ours carries, where they were asked for."""
    blocks: "tuple[Block, ...]" = ()
    """Its blocks, where they were asked for: kind, place and text."""


def start_early() -> None:
    """Start the first reading process of `verify_all` now, before what it will be asked is known."""
    process.start_early(_READER, Limits())


def verify(
    path: str | os.PathLike[str],
    assignment: "str | Assignment" = DEFAULT_ASSIGNMENT,
    roll: str | None = None,
    limits: Limits | None = None,
    code: Sequence[str | os.PathLike[str]] = (),
) -> "Ledger":
    """Read a document, find its claims and judge each. Runs no code of the document.

    Args:
        path: PDF, Markdown, text, HTML or notebook.
        assignment: id of a bundled assignment, path of a TOML file, the assignment itself, or "none".
        roll: the roll number; taken from the file name or the text where left out.
        limits: time and memory; 10 s and 1 GiB where left out, with code 60 s.
        code: files, folders and zip archives with the code that the document is held against. None of it runs.

    Raises:
        UsageError: no such assignment, or the roll number does not fit it.
        UnreadableError: the document or the code can't be read, or went over the limits.
    """
    request = Request(Path(path), os.fspath(path), code=tuple(Path(one) for one in code))
    outcome = next(verify_all([request], assignment, roll, limits))
    if outcome.error is not None:
        raise outcome.error
    assert outcome.ledger is not None
    return outcome.ledger


def verify_all(
    requests: Sequence[Request],
    assignment: "str | Assignment" = DEFAULT_ASSIGNMENT,
    roll: str | None = None,
    limits: Limits | None = None,
    jobs: int | None = None,
) -> Iterator[Outcome]:
    """Verify documents side by side; yield what became of each, in their order. One bad file stops no other.

    Raises:
        UsageError: no such assignment, or the roll number does not fit it.
        SpecError: the assignment has mistakes.
    """
    setup: dict[str, Any] = {}
    limits = limits or (Limits(_WITH_CODE) if any(request.code for request in requests) else Limits())
    started = [_Worker(setup, limits)]
    try:
        if requests:
            started[0].process.launch()
        # what is loaded and read here is loaded beside the process, not before it
        setup["assignment"] = _checked(assignment, roll)
        idle = [started[0]]
        local = threading.local()

        def run(request: Request) -> Outcome:
            if not hasattr(local, "worker"):
                try:
                    local.worker = idle.pop()
                except IndexError:
                    local.worker = _Worker(setup, limits)
                    started.append(local.worker)
            worker: _Worker = local.worker
            return worker.examine(request, roll)

        with ThreadPoolExecutor(max(1, min(jobs or os.cpu_count() or 1, len(requests)))) as pool:
            yield from pool.map(run, requests)
    finally:
        for worker in started:
            worker.process.close()


def _checked(assignment: "str | Assignment", roll: str | None) -> str | dict[str, Any] | None:
    """What the reading process is told: a bundled assignment's id, which it reads itself, or a whole assignment."""
    from reportgen.assignment.bundled import bundled_ids, load_spec
    from reportgen.verification import ledger  # noqa: F401, needed when the answer comes

    if isinstance(assignment, str) and roll is None and assignment in bundled_ids():
        return assignment
    named = load_spec(assignment) if isinstance(assignment, str) and assignment != NO_ASSIGNMENT else assignment
    spec = None if isinstance(named, str) else named
    if roll is not None:
        from reportgen.assignment.plan import check_roll

        if spec is None:
            raise UsageError("a roll number says something only with an assignment; name one with --assignment")
        check_roll(spec, roll)
    return spec.model_dump(mode="json") if spec is not None else None


class _Worker:
    """A reading process, asked for ledgers; ``setup`` may be filled until the first one."""

    def __init__(self, setup: dict[str, Any], limits: Limits) -> None:
        self.process = ReadingProcess(_READER, lambda: setup, limits)

    def examine(self, request: Request, roll: str | None) -> Outcome:
        message: dict[str, Any] = {
            "path": str(request.path),
            "source": request.source,
            "roll": roll,
            "carried": request.carried,
        }
        message |= {"text": request.text, "code": [str(path) for path in request.code]}
        try:
            answer = self.process.ask(message)
        except UnansweredError as error:
            reason = f"cannot read {request.source}: {error}. Give a smaller file."
            return Outcome(request.source, None, UnreadableError(reason))
        if "ledger" in answer:
            from reportgen.documents.blocks import Block, Place
            from reportgen.verification.ledger import Ledger

            ledger = Ledger.model_validate(answer["ledger"])
            blocks = tuple(Block(kind, text, Place(**place)) for kind, place, text in answer["blocks"] or ())
            return Outcome(request.source, ledger, None, _carried(answer["carried"]), blocks)
        kinds = {kind.exit_code: kind for kind in (UsageError, UnreadableError, ReportgenError)}
        kind = kinds.get(answer["code"], UnreadableError)
        return Outcome(request.source, None, kind(answer["error"]))


def _carried(answered: dict[str, Any] | None) -> "Results | None":
    if answered is None:
        return None
    from reportgen.results.schema import Results

    return Results.model_validate(answered)
