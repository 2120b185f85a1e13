"""The inside of a reading process: bounded and closed off, answers on one pipe, prints nothing else."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from reportgen.errors import ReportgenError, UnreadableError
from reportgen.sandbox.confinement import bound_time, confine
from reportgen.sandbox.process import OUT_OF_MEMORY, READY

_Setup = TypeVar("_Setup")


def serve(
    prepare: Callable[[dict[str, Any]], _Setup],
    answer: Callable[[dict[str, Any], _Setup], dict[str, Any]],
    *,
    closed: bool = True,
) -> None:
    """Answer requests until the pipe closes; each line in is a request, each line out an answer.

    Args:
        prepare: reads the first message, which says what all requests are about.
        answer: gives the answer to a request, knowing what ``prepare`` gave.
        closed: no network, no programs, no writing: for whatever opens a stranger's file.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    missing = confine(int(sys.argv[1]), closed=closed)
    answers.write(f"{READY}{json.dumps(missing)}\n")
    answers.flush()
    first = json.loads(sys.stdin.readline())
    setup, seconds = prepare(first["setup"]), float(first["seconds"])
    for line in sys.stdin:
        bound_time(seconds)
        answered = json.dumps(_guarded(answer, json.loads(line), setup))
        bound_time(0)
        answers.write(answered + "\n")
        answers.flush()


def _guarded(
    answer: Callable[[dict[str, Any], _Setup], dict[str, Any]], request: dict[str, Any], setup: _Setup
) -> dict[str, Any]:
    try:
        return answer(request, setup)
    except ReportgenError as error:
        return {"error": str(error), "code": error.exit_code}
    except MemoryError:
        return {"error": OUT_OF_MEMORY}
    except RecursionError:
        return {"error": "it is nested too deeply", "code": UnreadableError.exit_code}
    except Exception as error:  # never a fault of the document
        reason = f"a bug of reportgen, {type(error).__name__}: {error}"
        return {"error": reason, "code": ReportgenError.exit_code}
