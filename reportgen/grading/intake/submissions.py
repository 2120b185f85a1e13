"""A class's submissions in an exported folder or archive: which files are whose."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from reportgen.assignment.plan import fits
from reportgen.assignment.spec import Assignment
from reportgen.grading.intake.archives import Entry, Leftover, walk

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
_MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?$")
_CANVAS = re.compile(r"(?P<student>[^_/]+)(?:_LATE)?_(?P<user>\d{2,})_(?P<submission>\d{2,})_(?P<rest>.+)", re.I)
_AGAIN = re.compile(r"(?:-(?P<dash>\d{1,2})|\s{0,3}\((?P<brackets>\d{1,2})\))$")
"""What Canvas (``-1``) and browsers (``(1)``) add to the name of a file that was handed in again."""


@dataclass(frozen=True)
class Submission:
    """One student's files."""

    id: str
    """The roll number, or the files' common name where no roll number was found."""
    roll: str | None
    files: tuple[Entry, ...]
    """Those that can be read, by name; none where a student handed in nothing that can."""
    extra: tuple[Leftover, ...] = ()
    """Those of other kinds, and those that can't be read, that came with them or carry the roll number."""


@dataclass(frozen=True)
class Found:
    """What a folder or an archive holds."""

    submissions: tuple[Submission, ...]
    """By id."""
    leftovers: tuple[Leftover, ...]
    """Every file that belongs to no submission or is not read, with the reason."""


@dataclass(frozen=True)
class _Item:
    entry: Entry
    parts: tuple[str, ...]
    """Names of its folders."""
    roll: str | None
    kind: str | None
    """None for a kind that is not read."""
    name: str
    """As submitted."""

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem.strip().lower()

    @property
    def tries(self) -> int:
        """How often it was handed in before, by its name."""
        stem = PurePosixPath(self.entry.base).stem
        match = _AGAIN.search(stem) if PurePosixPath(self.name).stem != stem else None
        return int(match["dash"] or match["brackets"]) if match else 0


def kind_of(name: str) -> str:
    """What kind of file a name stands for: python, notebook, pdf, markdown, text, html or other."""
    return KINDS.get(PurePosixPath(name.lower()).suffix, "other")


def submitted_name(name: str, assignment: Assignment) -> str:
    """A file's name as the student gave it: without what an export adds before it, or after it on a second try."""
    base = PurePosixPath(name).name
    match = _CANVAS.fullmatch(base)
    path = PurePosixPath(match["rest"] if match else base)
    again = _AGAIN.search(path.stem)
    stem = path.stem[: again.start()] if again else path.stem
    # a student's own exp-1 and exp-2 are two files, not two tries
    added = again and (match or again["brackets"] or _fitting(stem, assignment))
    return f"{stem if added else path.stem}{path.suffix}"


def _fitting(text: str, assignment: Assignment) -> str | None:
    """The roll number that a text is but for the case of its letters."""
    return next((one for one in (text, text.upper(), text.lower()) if fits(assignment.roll, one)), None)


def find_submissions(path: Path, assignment: Assignment, text: Callable[[Entry], str]) -> Found:
    """Find whose the files of a folder or a zip archive are, by their names, else by their text.

    Args:
        path: what a classroom exported.
        assignment: says what a roll number looks like.
        text: gives what a file says (the first pages of a PDF, comments and strings of code); asked only where names
            do not tell. It must not raise: what can't be read has no text.

    Raises:
        UnreadableError: there is no such folder, or it is neither a folder nor a zip archive.
    """
    return _find(path, assignment, text, one=False)


def find_submission(path: Path, assignment: Assignment, text: Callable[[Entry], str]) -> Found:
    """Take all files of a folder or a zip archive for one student's; else as `find_submissions`."""
    return _find(path, assignment, text, one=True)


def _find(path: Path, assignment: Assignment, text: Callable[[Entry], str], *, one: bool) -> Found:
    pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{assignment.roll.pattern})(?!\d)", re.ASCII | re.IGNORECASE)
    items: list[_Item] = []
    leftovers: list[Leftover] = []
    for found in walk(path):
        if isinstance(found, Leftover):
            leftovers.append(found)
            continue
        parts = PurePosixPath(found.name).parts[:-1]
        kind = kind_of(found.name)
        roll, name = _named(found.name, parts, pattern, assignment), submitted_name(found.name, assignment)
        items.append(_Item(found, parts, roll, None if kind == "other" else kind, name))
    if one:
        rolls_found = {item.roll for item in items} - {None} or _told(items, pattern, assignment, text)
        roll = rolls_found.pop() if len(rolls_found) == 1 else None
        single: list[Submission] = []
        _add(roll or path.stem, roll, items, single, leftovers, [one for one in leftovers if one.problem])
        return Found(tuple(single), tuple(leftovers))
    rolls: dict[str, list[_Item]] = defaultdict(list)
    unknown: list[tuple[str, list[_Item]]] = []
    for name, unit in _units(items, 0):
        own = {item.roll for item in unit} - {None} or _told(unit, pattern, assignment, text)
        roll = own.pop() if len(own) == 1 else None
        for item in unit:
            if item.roll or roll:
                rolls[item.roll or roll or ""].append(item)
        rest = [item for item in unit if not item.roll and not roll]
        if rest:
            unknown.append((name, rest))
    broken: dict[str, list[Leftover]] = defaultdict(list)
    for leftover in leftovers:
        owner = leftover.problem and _named(leftover.name, PurePosixPath(leftover.name).parts[:-1], pattern, assignment)
        if owner:
            broken[owner].append(leftover)
            rolls.setdefault(owner, [])
    submissions: list[Submission] = []
    used = set(rolls)
    for roll, group in rolls.items():
        _add(roll, roll, group, submissions, leftovers, broken[roll])
    for name, group in unknown:
        _add(_unused(name, used), None, group, submissions, leftovers)
    return Found(tuple(sorted(submissions, key=lambda one: one.id)), tuple(leftovers))


def _named(path: str, parts: Sequence[str], pattern: re.Pattern[str], assignment: Assignment) -> str | None:
    """The roll number in a file's own name, else in that of the innermost folder that has one."""
    for name in (PurePosixPath(submitted_name(path, assignment)).stem, *reversed(parts)):
        whole = _fitting(name, assignment)
        found = [spelled for match in pattern.finditer(name) if (spelled := _fitting(match[0], assignment))]
        if whole or found:
            return whole or found[-1]
    return None


def _told(
    unit: Sequence[_Item], pattern: re.Pattern[str], assignment: Assignment, text: Callable[[Entry], str]
) -> set[str | None]:
    """The only roll number that the first telling file gives; nothing where files name several."""
    for item in sorted(unit, key=lambda item: item.kind != "pdf"):
        if item.kind is None:
            continue
        found = {_fitting(match[0], assignment) for match in pattern.finditer(text(item.entry))} - {None}
        if len(found) == 1:
            return found
    return set()


def _units(items: Sequence[_Item], depth: int) -> Iterator[tuple[str, list[_Item]]]:
    """Part files into those that belong to one student: by folder, by the prefix of an export, else by their stem."""
    folders: dict[str, list[_Item]] = defaultdict(list)
    loose: dict[str, list[_Item]] = defaultdict(list)
    for item in items:
        if len(item.parts) > depth:
            folders[item.parts[depth]].append(item)
        else:
            match = _CANVAS.fullmatch(item.entry.base)
            loose[f"{match['student']}_{match['user']}" if match else item.stem].append(item)
    for name, inside in folders.items():
        deeper = any(_MOODLE.fullmatch(part) for item in inside for part in item.parts[depth + 1 :])
        rolls = {item.roll for item in inside} - {None}
        if not deeper and (_MOODLE.fullmatch(name) or (len(rolls) <= 1 and _pairs(inside) <= 1)):
            match = _MOODLE.fullmatch(name)
            yield (match["name"] if match else name), inside
        else:
            yield from _units(inside, depth + 1)
    yield from loose.items()


def _pairs(items: Iterable[_Item]) -> int:
    """How many names in one folder have several kinds of files, as a report and its code."""
    kinds: dict[tuple[tuple[str, ...], str], set[str]] = defaultdict(set)
    for item in items:
        if item.kind:
            kinds[item.parts, item.stem].add(item.kind)
    return sum(len(found) > 1 for found in kinds.values())


def _unused(name: str, used: set[str]) -> str:
    number = 1
    unique = name
    while unique in used:
        number += 1
        unique = f"{name} ({number})"
    used.add(unique)
    return unique


def _add(
    name: str,
    roll: str | None,
    items: Sequence[_Item],
    submissions: list[Submission],
    leftovers: list[Leftover],
    broken: Sequence[Leftover] = (),
) -> None:
    """Enter a student's files; earlier versions and other kinds of files become leftovers."""
    extra = [Leftover(item.entry.name, "this kind of file is not read", True) for item in items if item.kind is None]
    latest: dict[tuple[tuple[str, ...], str], _Item] = {}
    kept: list[_Item] = []
    for item in sorted((item for item in items if item.kind), key=lambda item: item.tries):
        key = (item.parts, item.name.lower())
        earlier = latest.get(key)
        if earlier and earlier.tries < item.tries:
            kept.remove(earlier)
            leftovers.append(Leftover(earlier.entry.name, f"an earlier version of {item.entry.base}"))
        latest[key] = item
        kept.append(item)
    files = tuple(sorted((item.entry for item in kept), key=lambda entry: entry.name))
    zips = [one for one in leftovers if _holds(one.name, items)]
    leftovers.extend(extra)
    if files or (roll and (extra or broken)):
        submissions.append(Submission(name, roll, files, (*extra, *zips, *broken)))


def _holds(name: str, items: Sequence[_Item]) -> bool:
    """Tell whether a leftover is the archive that a student's files stand in."""
    return name.lower().endswith(".zip") and any(item.entry.name.startswith(f"{name[:-4]}/") for item in items)
