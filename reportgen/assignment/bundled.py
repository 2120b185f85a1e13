"""The assignments that come with reportgen, and reading one from anywhere."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen.errors import SpecError, UnreadableError, UsageError
from reportgen.files import PACKAGE

if TYPE_CHECKING:  # the models are built only where one is read: a process that only names an assignment starts sooner
    from reportgen.assignment.spec import Assignment

_FOLDER = PACKAGE / "assignment"
MAX_BYTES = 2**18
"""Bytes of an assignment that are read; 200,000 layers took minutes."""


def bundled_ids() -> tuple[str, ...]:
    """Ids of the bundled assignments, in alphabetical order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def load_spec(path_or_id: str) -> "Assignment":
    """Read an assignment by the id of a bundled one or from a TOML file.

    Raises:
        UsageError: no such id and no such file.
        UnreadableError: the file can't be read.
        SpecError: the file has mistakes; all of them are listed.
    """
    return parse_spec(spec_bytes(path_or_id), path_or_id)


def load_bundled(key: str) -> "Assignment":
    """Read a bundled assignment, whose mistakes the tests have looked for."""
    from reportgen.assignment.spec import Assignment

    return Assignment.model_validate(tomllib.loads(spec_bytes(key).decode()))


def spec_bytes(path_or_id: str) -> bytes:
    """The TOML of a bundled assignment or of a file, unchecked.

    Raises:
        UsageError: no such id and no such file.
        UnreadableError: the file can't be read.
    """
    if path_or_id in bundled_ids():
        return (_FOLDER / f"{path_or_id}.toml").read_bytes()
    path = Path(path_or_id)
    if not path.exists():
        raise UsageError(
            f"no assignment {path_or_id!r}: it is neither a file nor one of the bundled assignments "
            f"({', '.join(bundled_ids())})"
        )
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableError(f"cannot read {path}: {error.strerror}") from error


def parse_spec(content: bytes, source: str) -> "Assignment":
    """Parse the TOML ``content`` of an assignment; ``source`` names it in messages.

    Raises:
        SpecError: as in `load_spec`.
    """
    if len(content) > MAX_BYTES:
        raise SpecError(source, [f"it is larger than the {MAX_BYTES:,} bytes that are read"])
    try:
        raw = tomllib.loads(content.decode())
    except RecursionError:
        raise SpecError(source, ["not TOML that can be read: it is nested too deeply"]) from None
    except UnicodeDecodeError as error:
        raise SpecError(source, [f"not UTF-8 text: {error.reason} at byte {error.start}"]) from None
    except ValueError as error:  # also a whole number of more digits than Python reads
        raise SpecError(source, [f"not TOML: {str(error).partition(';')[0]}"]) from None
    from reportgen.assignment.mistakes import find_mistakes
    from reportgen.assignment.spec import Assignment

    mistakes = find_mistakes(raw)
    if mistakes:
        raise SpecError(source, mistakes)
    return Assignment.model_validate(raw)
