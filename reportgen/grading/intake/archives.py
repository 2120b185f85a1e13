"""Files that were handed in, in a folder or a zip archive: what may be read, and why the rest may not."""

import functools
import io
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from reportgen.errors import UnreadableError

MAX_BYTES = 64 * 2**20
"""Bytes of one file that is still read."""
MAX_FILES = 20_000
"""Files of one folder or archive that are looked at."""
MAX_TOTAL = 4 * 2**30
"""Bytes that an archive may unpack to."""
MAX_RATIO = 200
"""Times that a member of an archive may grow; a text of zeros grows 1,000 times, a report hardly at all."""
MAX_DEPTH = 30
"""Folders within folders."""
MAX_NAME = 255
"""Signs of a file's or a folder's name."""
MAX_DIRECTORY = 8 * 2**20
"""Bytes of an archive's table of contents; 20,000 files need about 3 MiB."""
_FREE = 2**20
"""Bytes up to which the ratio does not matter."""
_ENDING = 22 + 0xFFFF
"""Bytes at the end of an archive among which its last record stands."""
_JUNK = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class Entry:
    """One file, and how to get its bytes."""

    name: str
    """Path below the folder or archive, with ``/``."""
    location: Path
    """The file itself, or the archive that it stands in."""
    members: tuple[str, ...] = ()
    """Names of the members that lead to it, from the outermost archive inwards; empty for a plain file."""
    size: int = 0
    """Bytes, as the folder or the archive says."""

    @property
    def base(self) -> str:
        """Its name without folders."""
        return self.name.rpartition("/")[2]

    def read(self) -> bytes:
        """Return its bytes.

        Raises:
            UnreadableError: it is gone, damaged, encrypted or larger than `MAX_BYTES`.
        """
        try:
            if not self.members:
                with self.location.open("rb") as file:
                    return _bounded(file.read(MAX_BYTES + 1), self.name)
            status = self.location.stat()
            archive = _opened(self.location, self.members[:-1], (status.st_mtime_ns, status.st_size))
            return _unpack(archive, archive.getinfo(self.members[-1]), self.name)
        except (OSError, KeyError, ValueError, NotImplementedError, RuntimeError, EOFError, zipfile.error) as error:
            raise UnreadableError(f"cannot read {self.name!r}: {_reason(error)}.") from None


@dataclass(frozen=True)
class Leftover:
    """A file that is not read, with the reason."""

    name: str
    reason: str
    problem: bool = False
    """Somebody should look: it may hold a student's work, or a trick."""


Walked = Entry | Leftover


def walk(root: Path) -> Iterator[Walked]:
    """Yield each file of a folder or of a zip archive, and of the archives in it; writes nothing, follows no link out.

    Raises:
        UnreadableError: there is no such folder, or it is neither a folder nor a zip archive.
    """
    if root.is_dir():
        found = _walk_folder(root.resolve())
    elif root.is_file() and zipfile.is_zipfile(root):
        found = _walk_archive(Entry("", root.resolve()), "")
    elif root.exists():
        raise UnreadableError(f"{root} is neither a folder nor a zip archive. Unpack it, and give the folder.")
    else:
        raise UnreadableError(f"there is no {root}. Give the folder or the zip archive of the submissions.")
    for count, one in enumerate(found):
        if count == MAX_FILES:
            yield Leftover("…", f"there are more than {MAX_FILES:,} files; the rest was not looked at", problem=True)
            return
        # a name that is not UTF-8 comes with half signs, which nothing can print or write
        yield replace(one, name=one.name.encode("utf-8", "replace").decode()) if isinstance(one, Leftover) else one


def _walk_folder(root: Path) -> Iterator[Walked]:
    problems: list[Leftover] = []

    def failed(error: OSError) -> None:
        problems.append(Leftover(str(error.filename), f"the folder can't be read: {_reason(error)}", problem=True))

    for folder, folders, names in os.walk(root, onerror=failed):
        here = Path(folder)
        relative = here.relative_to(root).as_posix()
        prefix = "" if relative == "." else f"{relative}/"
        kept = []
        for name in sorted(folders):
            unread = _unwelcome(name) or _linked(here / name, root)
            if not unread and prefix.count("/") >= MAX_DEPTH:
                unread = Leftover("", f"it stands more than {MAX_DEPTH} folders deep", problem=True)
            if unread:
                yield Leftover(f"{prefix}{name}/", unread.reason, unread.problem)
            else:
                kept.append(name)
        folders[:] = kept
        for name in sorted(names):
            unread = _unwelcome(name) or _linked(here / name, root)
            if unread:
                yield Leftover(f"{prefix}{name}", unread.reason, unread.problem)
            else:
                yield from _plain_file(here / name, f"{prefix}{name}")
    yield from problems


def _plain_file(path: Path, name: str) -> Iterator[Walked]:
    try:
        status = path.lstat()
    except OSError as error:
        yield Leftover(name, f"it can't be read: {_reason(error)}", problem=True)
        return
    if not stat.S_ISREG(status.st_mode):
        yield Leftover(name, "it is no regular file", problem=True)
        return
    yield from _sized(Entry(name, path, (), status.st_size))


def _sized(entry: Entry) -> Iterator[Walked]:
    """Yield an entry, or the files in it where it is an archive."""
    if entry.size > MAX_BYTES:
        reason = f"it has {entry.size:,} bytes; up to {MAX_BYTES:,} are read"
        yield Leftover(entry.name, reason, problem=True)
    elif entry.name.lower().endswith(".zip") and len(entry.members) < 2:
        inside = list(_walk_archive(entry, f"{entry.name[:-4]}/"))
        if not any(one.name == entry.name for one in inside):
            yield Leftover(entry.name, "a zip archive; its files are listed one by one")
        yield from inside
    else:
        yield entry


def _walk_archive(outer: Entry, prefix: str) -> Iterator[Walked]:
    """Yield the files of an archive; all checks are made on its table of contents, before anything is unpacked."""
    try:
        # the archive that was asked for may be as large as it likes: it is not read as a whole
        source = outer.location.open("rb") if not outer.members else io.BytesIO(outer.read())
        with source:
            _check_directory(source)
            with zipfile.ZipFile(source) as archive:
                listed = archive.infolist()
    except (OSError, ValueError, NotImplementedError, UnreadableError, zipfile.error) as error:
        yield Leftover(outer.name or outer.location.name, f"not a zip archive: {_reason(error)}", problem=True)
        return
    total = 0
    seen: set[str] = set()
    for info in listed:
        inside = info.filename.replace("\\", "/")  # as old Windows programs pack them
        name = f"{prefix}{inside}"
        if inside.endswith("/"):
            continue
        unread = _tricky(info, inside) or next((u for part in inside.split("/") if (u := _unwelcome(part))), None)
        if not unread and inside in seen:
            unread = Leftover("", "a second file of that name in the archive", problem=True)
        total += info.file_size
        if not unread and total > MAX_TOTAL:
            unread = Leftover("", f"the archive unpacks to more than {MAX_TOTAL:,} bytes", problem=True)
        if unread:
            yield Leftover(name, unread.reason, unread.problem)
            continue
        seen.add(inside)
        yield from _sized(Entry(name, outer.location, (*outer.members, info.filename), info.file_size))


def _check_directory(source: BinaryIO) -> None:
    """Refuse an archive with so long a table of contents that reading it would fill the memory."""
    end = source.seek(0, io.SEEK_END)
    source.seek(max(0, end - _ENDING))
    tail = source.read(_ENDING)
    at = tail.rfind(b"PK\5\6")
    if at >= 0 and int.from_bytes(tail[at + 12 : at + 16], "little") > MAX_DIRECTORY:
        raise zipfile.BadZipFile(f"its table of contents has more than {MAX_DIRECTORY:,} bytes")
    source.seek(0)


def _unwelcome(name: str) -> Leftover | None:
    """Tell why a file or folder of this name is not read; None where it may be."""
    if any(ord(sign) < 32 or 0xD800 <= ord(sign) < 0xE000 or ord(sign) == 127 for sign in name):
        return Leftover("", "its name holds signs that can't be printed; rename it", problem=True)
    if len(name) > MAX_NAME:
        return Leftover("", f"its name has more than {MAX_NAME} signs", problem=True)
    if name == "__MACOSX":
        return Leftover("", "macOS keeps its own notes there")
    if name.startswith((".", "~$")) or name.lower() in _JUNK:
        return Leftover("", "a hidden file of the system or of a program")
    return None


def _linked(path: Path, root: Path) -> Leftover | None:
    if not path.is_symlink():
        return None
    try:
        inside = path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):
        return Leftover("", "a link that leads nowhere", problem=True)
    if inside:
        return Leftover("", "a link to what stands in the folder itself")
    return Leftover("", "a link that leads out of the folder; it was not followed", problem=True)


def _tricky(info: zipfile.ZipInfo, name: str) -> Leftover | None:
    parts = name.split("/")
    if name.startswith("/") or ":" in parts[0] or ".." in parts:
        return Leftover("", "its name leads out of the archive", problem=True)
    if len(parts) > MAX_DEPTH:
        return Leftover("", f"it stands more than {MAX_DEPTH} folders deep", problem=True)
    if stat.S_ISLNK(info.external_attr >> 16):
        return Leftover("", "a link; links in archives are not followed", problem=True)
    if info.flag_bits & 1:
        return Leftover("", "it is encrypted", problem=True)
    if info.file_size > max(_FREE, MAX_RATIO * info.compress_size):
        grown = f"{info.compress_size:,} to {info.file_size:,} bytes"
        return Leftover("", f"it grows from {grown}, which no honest file does", problem=True)
    return None


@functools.lru_cache(maxsize=8)
def _opened(location: Path, members: tuple[str, ...], stamp: tuple[int, int]) -> zipfile.ZipFile:
    """An archive, or one inside of it, read once and not for each of its files: 20,000 files took twenty minutes.

    ``stamp``: time of the last change and size; another one is another archive.
    """
    if not members:
        return zipfile.ZipFile(location)
    outer = _opened(location, members[:-1], stamp)
    return zipfile.ZipFile(io.BytesIO(_unpack(outer, outer.getinfo(members[-1]), members[-1])))


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    with archive.open(info) as member:
        return _bounded(member.read(MAX_BYTES + 1), name)


def _bounded(content: bytes, name: str) -> bytes:
    if len(content) > MAX_BYTES:
        raise UnreadableError(f"cannot read {name!r}: it has more than {MAX_BYTES:,} bytes.")
    return content


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).strip(".") or type(error).__name__
