"""Processes that read strangers' files: started when needed, bounded, started again when they fail."""

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportgen.errors import ReportgenError
from reportgen.files import PACKAGE

OUT_OF_MEMORY = "out of memory"
"""What a reading process answers as its error where its memory did not suffice."""
READY = "ready "
"""What a reading process says first; a list of the bounds that its system doesn't give follows."""
_START_SECONDS = 60
_END_SECONDS = 10
_TIMED_OUT = -getattr(signal, "SIGPROF", 0)
"""What a process returns whose processor time was used up; see `confinement.bound_time`."""
_PATIENCE = 6
"""Seconds by the clock for each second of processor time: a busy machine is no fault of a document."""
_KEPT = (
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT", "HOME"),
    *("TMPDIR", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH"),
)
"""Variables without which Python may not find itself, its libraries or what a user installed, and a printer of pages
no place for its files; no other is handed on."""


@dataclass(frozen=True)
class Limits:
    """What one document may use."""

    seconds: float = 10
    """Of processor time; by the clock, `_PATIENCE` times as many."""
    mebibytes: int = 1024


class UnansweredError(Exception):
    """A reading process gave no answer: it took too long, or too much memory."""


def _spawn(module: str, limits: Limits) -> "subprocess.Popen[str]":
    root = str(PACKAGE.parent)
    # a relative path could lead into the folder that the documents stand in
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    paths = [root, *(path for path in inherited if Path(path).is_absolute())]
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return subprocess.Popen(
        # -P: never import from the folder that the documents stand in
        [sys.executable, "-P", "-m", module, str(limits.mebibytes * 2**20)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env={
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            **single,
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONSAFEPATH": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
            "PYDANTIC_DISABLE_PLUGINS": "1",  # looking for them costs 20 ms, and none has business here
        },
    )


_early: "dict[tuple[str, int], subprocess.Popen[str]]" = {}
"""Processes that nobody has asked yet, by what they run and how much memory they may use."""


def start_early(module: str, limits: Limits) -> None:
    """Start what the first `ReadingProcess` of this kind will be, and don't wait; unused, it ends with this process."""
    process = _early[module, limits.mebibytes] = _spawn(module, limits)
    atexit.register(process.communicate)
    atexit.register(process.kill)  # before it is waited for: the last that is registered comes first


class ReadingProcess:
    """A process that answers requests, a JSON document on a line each.

    Args:
        module: what it runs; calls `reportgen.sandbox.serve.serve`.
        setup: gives the first message, which says what all requests are about; asked when the process is ready.
        limits: what one request may use.
    """

    def __init__(self, module: str, setup: Callable[[], dict[str, Any]], limits: Limits) -> None:
        self._module = module
        self._setup = setup
        self._limits = limits
        self._process: subprocess.Popen[str] | None = None
        self._ready = False
        self._used = False
        self._missing: tuple[str, ...] = ()

    def launch(self) -> None:
        """Start the process and don't wait: it loads what it needs while this one goes on."""
        if self._process is None:
            early = _early.pop((self._module, self._limits.mebibytes), None)
            self._process, self._ready, self._used = early or _spawn(self._module, self._limits), False, False

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a request and wait for its answer: what was asked for, or an error with its exit code.

        Raises:
            UnansweredError: none came within the limits.
            ReportgenError: the process did not start.
        """
        fresh = not self._used
        try:
            return self._try(message)
        except UnansweredError:
            if fresh:
                raise
            return self._try(message)  # what an earlier document left behind is not this one's fault

    def missing_bounds(self) -> tuple[str, ...]:
        """Start it and return, in words, the bounds that this system doesn't give.

        Raises:
            ReportgenError: the process did not start.
        """
        self._start()
        return self._missing

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process, self._ready, self._used = None, False, False

    def _start(self) -> subprocess.Popen[str]:
        self.launch()
        assert self._process is not None
        if not self._ready:
            said = self._within(_START_SECONDS, self._process)[0]
            if not said.startswith(READY) or not said.endswith("\n"):
                self.close()
                raise ReportgenError("the reading process did not start. Is reportgen installed whole?")
            self._missing = tuple(json.loads(said.removeprefix(READY)))
            self._send({"seconds": self._limits.seconds, "setup": self._setup()})
            self._ready = True
        return self._process

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()

    @staticmethod
    def _within(seconds: float, process: subprocess.Popen[str]) -> tuple[str, bool]:
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

    def _try(self, message: dict[str, Any]) -> dict[str, Any]:
        process = self._start()
        self._used = True
        self._send(message)
        line, late = self._within(self._limits.seconds * _PATIENCE, process)
        answer: dict[str, Any] = json.loads(line) if line.endswith("\n") else {}
        if answer and answer.get("error") != OUT_OF_MEMORY:
            return answer
        used_up = not answer and not late and _ended_by(process) == _TIMED_OUT
        self.close()
        if late:
            raise UnansweredError(f"no answer came within {self._limits.seconds * _PATIENCE:g} s by the clock")
        if used_up:
            raise UnansweredError(f"it took longer than {self._limits.seconds:g} s")
        if answer.get("error") == OUT_OF_MEMORY:
            raise UnansweredError(f"it needs more than {self._limits.mebibytes:,} MiB of memory")
        reason = f"the reading process ended, most likely for want of memory ({self._limits.mebibytes:,} MiB)"
        raise UnansweredError(reason)


def _ended_by(process: "subprocess.Popen[str]") -> int | None:
    """What a process that closed its pipe returns; None where it goes on all the same."""
    try:
        return process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        return None
