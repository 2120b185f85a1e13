"""The process that reads strangers' documents: bounded memory, answers on one pipe, prints nothing else.

Started as ``python -P -m reportgen.pipelines.document_reader BYTES``; a request a line in, an answer a line out.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reportgen.assignment.bundled import load_bundled
from reportgen.assignment.spec import Assignment
from reportgen.documents.blocks import Document
from reportgen.documents.reading import SUFFIXES, parse_document, read_bytes
from reportgen.own_reports.check import carried_results, judge_report
from reportgen.sandbox.serve import serve
from reportgen.verification.ledger import Ledger

if TYPE_CHECKING:
    from reportgen.results.schema import Results


def examine(
    path: Path, source: str, assignment: Assignment | None, roll: str | None, code: Sequence[Path] = ()
) -> "tuple[Ledger, Results | None, Document]":
    """Read one document and judge it, in this process and without limits.

    Returns:
        The ledger, the results that the document carries where it is a report of ours, and the document.

    Raises:
        UnreadableError: it can't be read, or there is no code where some was named.
        UsageError: the roll number does not fit the assignment.
    """
    content = read_bytes(path)
    document = parse_document(content, source, SUFFIXES.get(Path(source).suffix.lower()))
    beside = None
    if code or document.kind == "notebook":
        from reportgen.pipelines.code_beside import code_beside  # loads the reader of code

        beside = code_beside(code, source, content if document.kind == "notebook" else None)
    ledger = judge_report(document, assignment, roll, content, beside)
    return ledger, carried_results(document)[0], document


def _asked(setup: dict[str, Any]) -> Assignment | None:
    asked = setup["assignment"]
    if isinstance(asked, str):
        return load_bundled(asked)
    return Assignment.model_validate(asked) if asked else None


def _answer(request: dict[str, Any], assignment: Assignment | None) -> dict[str, Any]:
    ledger, carried, document = examine(
        Path(request["path"]), request["source"], assignment, request["roll"], [Path(one) for one in request["code"]]
    )
    return {
        "ledger": ledger.model_dump(mode="json"),
        "carried": carried.model_dump(mode="json") if carried is not None and request["carried"] else None,
        "blocks": [(block.kind, block.place.model_dump(), block.text) for block in document.blocks]
        if request["text"]
        else None,
    }


if __name__ == "__main__":
    serve(_asked, _answer)
