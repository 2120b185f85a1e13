"""The process that reads submissions, bounded and on its own: see `reportgen.sandbox.serve`."""

import base64
from pathlib import Path
from typing import Any

from reportgen.assignment.spec import Assignment
from reportgen.grading.intake.archives import Entry, Leftover
from reportgen.grading.intake.submissions import Submission
from reportgen.grading.reading import read_submission, told_text
from reportgen.sandbox.serve import serve


def packed_entry(entry: Entry) -> list[Any]:
    """A file as a request to this process."""
    return [entry.name, str(entry.location), list(entry.members), entry.size]


def packed(submission: Submission) -> dict[str, Any]:
    """A submission as a request to this process."""
    return {
        "id": submission.id,
        "roll": submission.roll,
        "files": [packed_entry(one) for one in submission.files],
        "extra": [[one.name, one.reason, one.problem] for one in submission.extra],
    }


def unpacked(request: dict[str, Any]) -> Submission:
    """The submission of a request."""
    files = tuple(
        Entry(name, Path(location), tuple(members), size) for name, location, members, size in request["files"]
    )
    return Submission(request["id"], request["roll"], files, tuple(Leftover(*extra) for extra in request["extra"]))


def _asked(setup: dict[str, Any]) -> Assignment:
    return Assignment.model_validate(setup["assignment"])


def _answer(request: dict[str, Any], assignment: Assignment) -> dict[str, Any]:
    if "text" in request:
        (entry,) = unpacked({"id": "", "roll": None, "files": [request["text"]], "extra": []}).files
        return {"text": told_text(entry)}
    reading = read_submission(unpacked(request), assignment)
    return {
        "dossier": reading.dossier.model_dump(mode="json"),
        "crops": {key: base64.b64encode(png).decode() for key, png in reading.crops.items()},
    }


if __name__ == "__main__":
    serve(_asked, _answer)
