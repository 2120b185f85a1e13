"""The folder in which a user keeps what can be had again: downloaded data sets, machine code."""

import tempfile
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """The folder, which need not be there yet: $XDG_CACHE_HOME/reportgen, say.

    Raises:
        OSError: the user has no home, as one whom a container made up has none.
    """
    try:
        place = platformdirs.user_cache_path("reportgen")
    except RuntimeError as error:
        raise OSError("there is no home folder") from error
    if not place.is_absolute():  # older platformdirs give "~/.cache", which must not become a folder "~" here
        raise OSError("there is no home folder")
    return place


def prepare(folder: Path) -> None:
    """Make a folder of the cache, and prove that it can be written.

    Raises:
        OSError: it can't be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass
