"""The process that reads strangers' documents: bounded memory, answers on one pipe, prints nothing else.

Started as ``python -P -m reportgen.verification.worker BYTES``; each line in is a request, each line out an answer.
"""

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from reportgen.errors import ReportgenError
from reportgen.results import Results
from reportgen.spec import Assignment
from reportgen.verification.findings import Findings
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Ledger
from reportgen.verification.own import carried_results
from reportgen.verification.reading import SUFFIXES, parse_document, read_bytes

OUT_OF_MEMORY = "out of memory"


def examine(path: Path, source: str, assignment: Assignment, roll: str | None) -> tuple[Ledger, Results | None]:
    """Read one document and judge it, in this process and without limits.

    Returns:
        The ledger, and the results that the document carries where it is a report of ours.

    Raises:
        UnreadableError: it can't be read.
        UsageError: the roll number does not fit the assignment.
    """
    content = read_bytes(path)
    document = parse_document(content, source, SUFFIXES.get(Path(source).suffix.lower()))
    return judge(document, assignment, roll, content), carried_results(document, Findings())


def main() -> None:
    """Answer requests until the pipe closes."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    _limit_memory(int(sys.argv[1]))
    answers.write("ready\n")
    answers.flush()
    assignment: Assignment | None = None
    for line in sys.stdin:
        request = json.loads(line)
        if "assignment" in request:
            assignment = Assignment.model_validate(request["assignment"])
            continue
        assert assignment is not None
        answers.write(json.dumps(_answer(request, assignment)) + "\n")
        answers.flush()


def _answer(request: dict[str, Any], assignment: Assignment) -> dict[str, Any]:
    try:
        ledger, carried = examine(Path(request["path"]), request["source"], assignment, request["roll"])
        return {
            "ledger": ledger.model_dump(mode="json"),
            "carried": carried.model_dump(mode="json") if carried is not None and request["carried"] else None,
        }
    except ReportgenError as error:
        return {"error": str(error), "code": error.exit_code}
    except MemoryError:
        return {"error": OUT_OF_MEMORY}
    except RecursionError:
        return {"error": "it is nested too deeply", "code": 3}


def _limit_memory(size: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
