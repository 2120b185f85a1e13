"""The inside of a reading process: bounded memory, answers on one pipe, prints nothing else."""

import contextlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reportgen.assignment.spec import Assignment
from reportgen.errors import ReportgenError, UnreadableError
from reportgen.sandbox.process import OUT_OF_MEMORY


def serve(answer: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
    """Answer requests until the pipe closes; each line in is a request, each line out an answer.

    Args:
        answer: gives the answer to a request; None where there is nothing to say.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    _limit_memory(int(sys.argv[1]))
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        found = _guarded(answer, json.loads(line))
        if found is not None:
            answers.write(json.dumps(found) + "\n")
            answers.flush()


def serve_assignment(answer: Callable[[dict[str, Any], Assignment], dict[str, Any]]) -> None:
    """Answer requests about an assignment, which the first message gives, until the pipe closes."""
    assignment: Assignment | None = None

    def answer_it(request: dict[str, Any]) -> dict[str, Any] | None:
        nonlocal assignment
        if "assignment" in request:
            assignment = Assignment.model_validate(request["assignment"])
            return None
        assert assignment is not None
        return answer(request, assignment)

    serve(answer_it)


def _guarded(
    answer: Callable[[dict[str, Any]], dict[str, Any] | None], request: dict[str, Any]
) -> dict[str, Any] | None:
    try:
        return answer(request)
    except ReportgenError as error:
        return {"error": str(error), "code": error.exit_code}
    except MemoryError:
        return {"error": OUT_OF_MEMORY}
    except RecursionError:
        return {"error": "it is nested too deeply", "code": UnreadableError.exit_code}
    except Exception as error:  # never a fault of the document
        reason = f"a bug of reportgen, {type(error).__name__}: {error}"
        return {"error": reason, "code": ReportgenError.exit_code}


def _limit_memory(size: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
