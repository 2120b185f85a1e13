"""Names of handed-in files: what kind of file one stands for, and whose roll number it carries."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from reportgen.assignment.plan import fits
from reportgen.assignment.spec import Assignment

KINDS = {
    ".py": "python",
    ".ipynb": "notebook",
    ".pdf": "pdf",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".tex": "text",
    ".html": "html",
    ".htm": "html",
}
"""What is read, by the file name's ending."""
CANVAS = re.compile(r"(?P<student>[^_/]+)(?:_LATE)?_(?P<user>\d{2,})_(?P<submission>\d{2,})_(?P<rest>.+)", re.I)
AGAIN = re.compile(r"(?:-(?P<dash>\d{1,2})|\s{0,3}\((?P<brackets>\d{1,2})\))$")
"""What Canvas (``-1``) and browsers (``(1)``) add to the name of a file that was handed in again."""


def kind_of(name: str) -> str:
    """What kind of file a name stands for: python, notebook, pdf, markdown, text, html or other."""
    return KINDS.get(PurePosixPath(name.lower()).suffix, "other")


def submitted_name(name: str, assignment: Assignment) -> str:
    """A file's name as the student gave it: without what an export adds before it, or after it on a second try."""
    base = PurePosixPath(name).name
    match = CANVAS.fullmatch(base)
    path = PurePosixPath(match["rest"] if match else base)
    again = AGAIN.search(path.stem)
    stem = path.stem[: again.start()] if again else path.stem
    # a student's own exp-1 and exp-2 are two files, not two tries
    added = again and (match or again["brackets"] or fitting(stem, assignment))
    return f"{stem if added else path.stem}{path.suffix}"


def fitting(text: str, assignment: Assignment) -> str | None:
    """The roll number that a text is but for the case of its letters."""
    return next((one for one in (text, text.upper(), text.lower()) if fits(assignment.roll, one)), None)


def named_roll(path: str, parts: Sequence[str], pattern: re.Pattern[str], assignment: Assignment) -> str | None:
    """The roll number in a file's own name, else in that of the innermost folder that has one."""
    for name in (PurePosixPath(submitted_name(path, assignment)).stem, *reversed(parts)):
        whole = fitting(name, assignment)
        found = [spelled for match in pattern.finditer(name) if (spelled := fitting(match[0], assignment))]
        if whole or found:
            return whole or found[-1]
    return None
