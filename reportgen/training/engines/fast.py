"""The fast engine, as the others see it; numba is loaded when the engine is first used, and not before.

It is used where it proves itself: it loads, it compiles, and one step of it on a network with every stage gives the
gradients of autograd. That runs in a process of its own, since machine code that is wrong may end the process that runs
it. That it passed is kept beside the machine code, so that it is asked once for each version of the code, of the
libraries and of the processor. That it failed is not kept: a full disk may be the reason, and it is emptied.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from reportgen.training.engines.engine import EngineName, Stepwise

_PASSED = "passed"
_PATIENCE = 600
"""Seconds for the self-test. It takes some ten to compile, and several times that on a busy machine."""


class UnfitError(Exception):
    """The fast engine can't be used here; the message says why, and is part of a sentence."""


@dataclass(frozen=True)
class Fast:
    """Loops along the rows of a whole batch, compiled for this processor."""

    machine_code: Path
    """Folder in which it is kept; the processes of a build share it."""
    name: EngineName = "fast"
    libraries: tuple[str, ...] = ("numba", "llvmlite")

    def network(self, logits_model: nn.Sequential, shapes: Sequence[tuple[int, ...]]) -> Stepwise:
        """The same function over the same parameters."""
        from reportgen.training.engines.vectorized import machine_code

        machine_code.keep_in(self.machine_code)
        from reportgen.training.engines.vectorized.fused import quicken

        return quicken(logits_model, shapes)


def prove() -> Fast:
    """The fast engine, proved to work here.

    Raises:
        UnfitError: it does not load, does not compile, or does not give the gradients of autograd.
    """
    try:
        from reportgen.training.engines.vectorized import machine_code

        folder = machine_code.folder()
        from reportgen.training.engines.vectorized import fused  # noqa: F401
    except Exception as error:  # numba that doesn't fit NumPy or Python says so in errors of many kinds
        raise UnfitError(f"the fast engine can't be loaded ({_one_line(error)})") from error
    passed = folder / _PASSED
    if not passed.exists():
        _test(folder)
        with contextlib.suppress(OSError):
            passed.touch()
    return Fast(folder)


def _test(folder: Path) -> None:
    """Run the self-test.

    Raises:
        UnfitError: it failed.
    """
    code = "import sys; from reportgen.training.engines import self_test; self_test.run(sys.argv[1])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.curdir for path in sys.path)}
    command = [sys.executable, "-P", "-c", code, str(folder)]  # -P: what lies in the current folder is not imported
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise UnfitError(f"the fast engine's self-test can't be run ({_one_line(error)})") from error
    if done.returncode < 0:
        raise UnfitError(f"the fast engine's self-test was ended by {signal.Signals(-done.returncode).name}")
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise UnfitError(f"the fast engine fails its self-test ({said[-1]})")


def _one_line(error: Exception) -> str:
    """An error's first line, with its kind."""
    return f"{type(error).__name__}: {error}".splitlines()[0]
