"""The three standard streams of a command, whatever the shell has done to them.

A closed one becomes the null device: else the next file that is opened takes its number, and whatever is printed. A
reader that left (``| head``) ends nothing: the rest goes nowhere, and the command still ends with its own exit code. A
full disk is told as such, at once or at the end, where Python would print a traceback and exit with 120.
"""

import io
import os
import sys
from typing import Any, TextIO

from reportgen.errors import OutputError

_ERROR = 2


def take_streams() -> None:
    """Put streams into `sys` that behave as this module says; what they can't write raises `OutputError`."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115, no path, and it stays open
    sys.stdout = _text(1, sys.stdout)
    sys.stderr = _text(2, sys.stderr)


def _text(descriptor: int, replaced: TextIO | None) -> TextIO:
    raw = _Output(descriptor, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=replaced.encoding if replaced is not None else "utf-8",
        errors="backslashreplace",  # a name of a file that is no text, or a terminal without Unicode
        line_buffering=descriptor == _ERROR or raw.isatty(),
    )


class _Output(io.FileIO):
    """A descriptor that is written; after a failure what is left goes nowhere."""

    def write(self, content: Any, /) -> int:
        """Write some bytes.

        Raises:
            OutputError: standard output can't be written, other than for want of a reader.
        """
        try:
            return super().write(content)
        except OSError as error:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            # of what standard error can't take nobody can be told
            if self.fileno() == _ERROR or isinstance(error, BrokenPipeError):
                return len(memoryview(content))
            raise OutputError(
                f"cannot write to standard output: {error.strerror or error}. Free some space, or send it elsewhere."
            ) from None
