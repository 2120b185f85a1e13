"""Where this package lies, digests, and atomic writes: a file is either the old one or the whole new one."""

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from reportgen.errors import BusyError, OutputError

PACKAGE = Path(__file__).resolve().parent
"""The only place that knows where reportgen lies on disk: what comes with it is found from here."""
WORK_FOLDER = ".reportgen"
"""Inside an output folder: the lock and what is kept of trainings."""
_BESIDE = ".reportgen-writing-"
"""A user's own folders may begin with `.reportgen-`: one named .reportgen-notes was once swept away."""


def digest(content: bytes) -> str:
    """Return the SHA-256 of ``content`` as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def bundled_templates() -> Path:
    """Folder with the bundled templates: inside the package in a wheel, beside it in a checkout."""
    return next(folder for folder in (PACKAGE / "templates", PACKAGE.parent / "templates") if folder.is_dir())


def code_digest(room: str = "") -> str:
    """Digest of every Python file below a folder of this package, names included; ``room``: "training", say."""
    lines = [
        f"{path.relative_to(PACKAGE).as_posix()} {digest(path.read_bytes())}"
        for path in sorted((PACKAGE / room).rglob("*.py"))
    ]
    return digest("\n".join(lines).encode())


def prepare_folder(folder: Path) -> None:
    """Make ``folder`` and prove that a file can be written into it.

    Raises:
        OutputError: the folder can't be made, is a file, or can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(_explain(folder, error)) from error


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that goes at the end, in $TMPDIR or where else the system keeps such things.

    Raises:
        OutputError: none can be made.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix="reportgen-", ignore_cleanup_errors=True)
    except OSError as error:
        raise OutputError(
            f"cannot make a temporary folder: {error.strerror or error}. Set TMPDIR to a folder that can be written."
        ) from error
    with made as folder:
        yield Path(folder)


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep other processes that call this out of ``folder``. A process that dies lets go, however it dies.

    Raises:
        BusyError: another process holds the folder.
        OutputError: the folder can't be written.
    """
    from filelock import FileLock, Timeout  # not for the commands that hold nothing

    prepare_folder(folder / WORK_FOLDER)
    lock = FileLock(folder / WORK_FOLDER / "lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise BusyError(
            f"another reportgen works in {folder}. Wait until it is done, or choose another folder with --out DIR."
        ) from None
    except OSError as error:
        raise OutputError(_explain(folder, error)) from error
    try:
        for leftover in folder.glob(f"{_BESIDE}*"):  # of a process that was killed while it wrote
            shutil.rmtree(leftover, ignore_errors=True)
        yield
    finally:
        lock.release()


def write_file(path: Path, content: bytes) -> None:
    """Write one file, through to the disk: after a crash it is the old one or the whole new one.

    Raises:
        OutputError: it could not be written; what stood there still stands.
    """
    part = path.with_name(f"{path.name}.part")
    _refuse_special(path)
    try:
        try:
            _write_through(part, content)
            part.replace(path)
            _sync_folder(path.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(_explain(path.parent, error)) from error


def write_files(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write ``contents`` (relative path → bytes) into ``folder``, all beside first, then each renamed.

    The order of ``contents`` is the order of the renames, so what comes last marks the set as complete.

    Raises:
        OutputError: something could not be written (no permission, full disk, a name that leads out of ``folder``);
            what stood there still stands.
    """
    for name in contents:
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise OutputError(f"{name} would be written outside {folder}")
    prepare_folder(folder)
    for name in contents:
        _refuse_special(folder / name)
    try:
        beside = Path(tempfile.mkdtemp(prefix=_BESIDE, dir=folder))
        try:
            for name, content in contents.items():
                _write_through(beside / name, content)
            return _swap_in(beside, folder, list(contents))
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise OutputError(_explain(folder, error)) from error


def _refuse_special(path: Path) -> None:
    """Refuse to put a file in the place of a device, a pipe, a folder or a link, which renaming would replace."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode):
        kind = "a link; name the file that it leads to" if stat.S_ISLNK(mode) else "no regular file"
        raise OutputError(f"cannot write {path}: it is {kind}. Nothing was changed.")


def _write_through(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Let a rename outlast a loss of power; not every system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _swap_in(beside: Path, folder: Path, names: list[str]) -> list[Path]:
    """Rename each file into place; where that fails or is interrupted, put the old ones back."""
    targets = [folder / name for name in names]
    kept = {target: beside / f"{name}.old" for target, name in zip(targets, names, strict=True) if target.is_file()}
    for target, old in kept.items():
        shutil.copy2(target, old)
    done: list[Path] = []
    try:
        for target, name in zip(targets, names, strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            (beside / name).replace(target)
            done.append(target)
    except BaseException:
        for target in done:
            if target in kept:
                kept[target].replace(target)
            else:
                target.unlink()
        raise
    return targets


def _explain(folder: Path, error: OSError) -> str:
    return (
        f"cannot write into {folder}: {error.strerror or error}. Nothing there was changed. "
        "Free some space or choose another folder with --out DIR."
    )
