"""Verifying files: each in a process of its own kind, with bounds on time and memory."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import reportgen
from reportgen.catalog import load_spec
from reportgen.errors import ReportgenError, UnreadableError, UsageError
from reportgen.plan import check_roll
from reportgen.results import Results
from reportgen.spec import Assignment
from reportgen.verification.ledger import Ledger
from reportgen.verification.worker import OUT_OF_MEMORY

DEFAULT_ASSIGNMENT = "csl7590-a1"
_START_SECONDS = 60


@dataclass(frozen=True)
class Limits:
    """What one document may use."""

    seconds: float = 10
    mebibytes: int = 1024


@dataclass(frozen=True)
class Request:
    """One document: where its bytes are, and what to call it."""

    path: Path
    source: str
    carried: bool = False
    """Return the results that it carries, too."""


@dataclass(frozen=True)
class Outcome:
    """What became of one document: a ledger, or the error that says why there is none."""

    source: str
    ledger: Ledger | None
    error: ReportgenError | None
    carried: Results | None = None
    """The results that a report of ours carries, where they were asked for."""


def verify(
    path: str | os.PathLike[str],
    assignment: str | Assignment = DEFAULT_ASSIGNMENT,
    roll: str | None = None,
    limits: Limits | None = None,
) -> Ledger:
    """Read a document, find its claims and judge each. Runs no code of the document.

    Args:
        path: PDF, Markdown, text, HTML or notebook.
        assignment: id of a bundled assignment, path of a TOML file, or the assignment itself.
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
    spec = load_spec(assignment) if isinstance(assignment, str) else assignment
    if roll is not None:
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
    """A reading process, started when it is needed and again after it failed."""

    def __init__(self, assignment: Assignment, limits: Limits) -> None:
        self._assignment = assignment
        self._limits = limits
        self._process: subprocess.Popen[str] | None = None
        self._used = False

    def examine(self, request: Request, roll: str | None) -> Outcome:
        fresh = self._process is None or not self._used
        outcome = self._try(request, roll)
        if outcome.error is not None and self._process is None and not fresh:
            outcome = self._try(request, roll)  # what an earlier document left behind is not this one's fault
        return outcome

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> subprocess.Popen[str]:
        root = str(Path(reportgen.__file__).parent.parent)
        # a relative path could lead into the folder that the documents stand in
        inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        paths = [root, *(path for path in inherited if Path(path).is_absolute())]
        process = subprocess.Popen(
            # -P: never import from the folder that the documents stand in
            [sys.executable, "-P", "-m", "reportgen.verification.worker", str(self._limits.mebibytes * 2**20)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONSAFEPATH": "1"},
        )
        self._process, self._used = process, False
        assert process.stdout is not None
        if self._within(_START_SECONDS, process)[0] != "ready\n":
            self.close()
            raise ReportgenError("the reading process did not start. Is reportgen installed whole?")
        self._send({"assignment": self._assignment.model_dump(mode="json")})
        return process

    def _send(self, message: dict[str, object]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()

    def _within(self, seconds: float, process: subprocess.Popen[str]) -> tuple[str, bool]:
        """Read one line; kill the process when it takes too long."""
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            assert process.stdout is not None
            return process.stdout.readline(), late.is_set()
        finally:
            timer.cancel()

    def _try(self, request: Request, roll: str | None) -> Outcome:
        process = self._process or self._start()
        self._used = True
        self._send(
            {"path": str(request.path), "source": request.source, "roll": roll, "carried": request.carried}
        )
        line, late = self._within(self._limits.seconds, process)
        answer = json.loads(line) if line.endswith("\n") else {}
        if "ledger" in answer:
            carried = Results.model_validate(answer["carried"]) if answer["carried"] else None
            return Outcome(request.source, Ledger.model_validate(answer["ledger"]), None, carried)
        if "code" in answer:
            error = UsageError if answer["code"] == UsageError.exit_code else UnreadableError
            return Outcome(request.source, None, error(answer["error"]))
        self.close()
        if late:
            reason = f"it took longer than {self._limits.seconds:g} s"
        elif answer.get("error") == OUT_OF_MEMORY:
            reason = f"it needs more than {self._limits.mebibytes:,} MiB of memory"
        else:
            reason = f"the reading process ended, most likely for want of memory ({self._limits.mebibytes:,} MiB)"
        return Outcome(
            request.source, None, UnreadableError(f"cannot read {request.source}: {reason}. Give a smaller file.")
        )
