"""The code beside a report: its files gathered, then read as one program."""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from reportgen.errors import UnreadableError
from reportgen.grading.intake.archives import Entry, walk
from reportgen.verification.facts.code import Code
from reportgen.verification.facts.code_reading import CODE, READ, read_code

MAX_FILES = 400
"""Files of one program that are read."""
MAX_BYTES = 16 * 2**20
"""Bytes of one file: a notebook's pictures are left out when it is read."""
_KINDS = f"{', '.join(READ[:-1])} and {READ[-1]}"


def code_beside(paths: Sequence[Path], source: str, notebook: bytes | None) -> Code | None:
    """Read the code beside a document; a notebook is its own code, too.

    Args:
        paths: files, folders and zip archives.
        source: what the document is called.
        notebook: the document's bytes where it is a notebook.

    Returns:
        None where there is neither code nor a notebook.

    Raises:
        UnreadableError: a path isn't there, or nothing that it leads to is code.
    """
    files: dict[str, bytes] = {} if notebook is None else {PurePosixPath(source).name: notebook}
    unread: list[str] = []
    for path in paths:
        entries = list(_entries(path))
        if not entries:
            raise UnreadableError(f"--code {path}: no code in it; {_KINDS} are read.")
        for entry in entries:
            if entry.size > MAX_BYTES or len(files) > MAX_FILES:
                unread.append(f"{entry.name}: not read; at most {MAX_FILES} files of {MAX_BYTES:,} bytes are")
            elif (content := entry.read()) != notebook:
                files.setdefault(entry.name, content)
    return read_code(files, unread) if files else None


def _entries(path: Path) -> Iterator[Entry]:
    if not path.exists():
        raise UnreadableError(f"--code {path}: there is no such file or folder.")
    if path.is_file() and path.suffix.lower() in READ:
        yield Entry(path.name, path.resolve(), (), path.stat().st_size)
        return
    if path.is_file() and path.suffix.lower() != ".zip":
        raise UnreadableError(f"--code {path}: no code and no zip archive; {_KINDS} are read.")
    found = [one for one in walk(path) if isinstance(one, Entry) and one.name.lower().endswith(READ)]
    # what is no code itself is looked at last: a folder of results holds more of it than is read
    yield from sorted(found, key=lambda one: not one.name.lower().endswith(CODE))
