"""What a command prints, and how every failure of one becomes a message and a documented exit code."""

import errno
import functools
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from reportgen.cli.extras import explain_missing, require
from reportgen.errors import OutputError, ReportgenError
from reportgen.files import PACKAGE

if TYPE_CHECKING:
    from rich.console import Console

_EXIT_INTERRUPTED, _EXIT_INTERNAL = 130, 70
_REFUSED = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
"""A disk that takes no more: only writing fails so, in whichever library, and it is no bug of reportgen."""


def guarded(command: Callable[..., None], needs: str = "") -> Callable[..., None]:
    """Turn every failure of a command into one message and a documented exit code.

    Args:
        command: what is run.
        needs: the extra without which the command is not begun.
    """

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            if needs:
                require(needs)
            command(*args, **kwargs)
        except ReportgenError as error:
            complain(str(error))
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            complain("interrupted; nothing was half-written. A build goes on after its last epoch if you run it again")
            raise typer.Exit(_EXIT_INTERRUPTED) from None
        except typer.Exit:
            raise
        except Exception as error:
            missing = explain_missing(error) if isinstance(error, ModuleNotFoundError) else None
            if missing is not None:
                complain(str(missing))
                raise typer.Exit(missing.exit_code) from None
            if isinstance(error, OSError) and error.errno in _REFUSED:
                what = f" {error.filename}" if error.filename else ""
                complain(f"cannot write{what}: {error.strerror}. Free some space, or choose another folder.")
                raise typer.Exit(OutputError.exit_code) from None
            if os.environ.get("REPORTGEN_DEBUG"):
                raise
            complain(
                f"internal error ({type(error).__name__}: {error}; {_place(error)}). This is a bug of reportgen and "
                "says nothing about the input. Set REPORTGEN_DEBUG=1 to see the whole way there, if it happens again."
            )
            raise typer.Exit(_EXIT_INTERNAL) from None

    return run


def _place(error: Exception) -> str:
    """Where in this package it happened: what does not happen twice can still be reported."""
    frames = [(Path(frame.filename).resolve(), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    path, line = [frame for frame in frames if PACKAGE in frame[0].parents][-1]
    return f"{path.relative_to(PACKAGE.parent)}:{line}"


def console_of(*, quiet: bool = False) -> "Console":
    """Where a command prints what it found."""
    from rich.console import Console

    console = Console(quiet=quiet)
    # a pipe has no width of its own: don't break lines there
    return console if console.is_terminal else Console(quiet=quiet, width=max(console.width, 160))


def complain(message: str, kind: str = "error") -> None:
    """Tell something beside the output: an error, a warning or a note."""
    print(f"reportgen: {kind}: {message}", file=sys.stderr)


def print_json(value: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(value, indent=2, ensure_ascii=False))
