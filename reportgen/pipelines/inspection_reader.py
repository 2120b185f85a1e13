"""The process that reads programs, bounded and on its own: see `reportgen.sandbox.serve`."""

from pathlib import Path
from typing import Any

from reportgen.code.source import asked_names, read_program, read_source
from reportgen.errors import UnreadableError
from reportgen.grading.intake.archives import Entry
from reportgen.inspection.reading import inspect_program
from reportgen.sandbox.serve import serve


def packed(entry: Entry) -> list[Any]:
    """A file as part of a request to this process."""
    return [entry.name, str(entry.location), list(entry.members), entry.size]


def _unpacked(packed: list[Any]) -> Entry:
    name, location, members, size = packed
    return Entry(name, Path(location), tuple(members), size)


def _answer(request: dict[str, Any], nothing: None) -> dict[str, Any]:
    if "imports" in request:
        entry = _unpacked(request["imports"])
        source = read_source(entry.read(), entry.name)
        return {"names": sorted(asked_names(source))}
    program = read_program({entry.name: entry.read() for entry in map(_unpacked, request["program"])})
    if not program.sources:
        raise UnreadableError("; ".join(program.problems))
    return {"inspection": inspect_program(program).model_dump(mode="json")}


if __name__ == "__main__":
    serve(lambda setup: None, _answer)
