"""A class's submissions in an exported folder or archive: which files are whose."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from reportgen.assignment.spec import Assignment
from reportgen.grading.intake.accounts import settle_owners
from reportgen.grading.intake.archives import Entry, Leftover, walk
from reportgen.grading.intake.names import AGAIN, CANVAS, fitting, kind_of, named_roll, submitted_name

_MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?$")

MAX_SUBMITTED = 200
"""Files of one student that are read; an archive of 20,000 small ones kept a class waiting for minutes."""


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
        match = AGAIN.search(stem) if PurePosixPath(self.name).stem != stem else None
        return int(match["dash"] or match["brackets"]) if match else 0


@dataclass(frozen=True)
class _Unit:
    """Files that belong to one student."""

    name: str
    items: tuple[_Item, ...]
    account: str = ""
    """Of the platform that they were exported from; empty where none is named."""


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
        roll, name = named_roll(found.name, parts, pattern, assignment), submitted_name(found.name, assignment)
        items.append(_Item(found, parts, roll, None if kind == "other" else kind, name))
    if one:
        rolls_found = {item.roll for item in items} - {None} or _told(items, pattern, assignment, text)
        roll = rolls_found.pop() if len(rolls_found) == 1 else None
        single: list[Submission] = []
        _add(roll or path.stem, roll, items, single, leftovers, [one for one in leftovers if one.problem])
        return Found(tuple(single), tuple(leftovers))
    units = list(_units(items, 0))
    claims = {unit: _claimed(unit, pattern, assignment, text) for unit in units}
    submissions: list[Submission] = []
    _enter_accounts([unit for unit in units if unit.account], claims, submissions, leftovers)
    broken: dict[str, list[Leftover]] = defaultdict(list)
    for leftover in leftovers:
        owner = leftover.problem and named_roll(
            leftover.name, PurePosixPath(leftover.name).parts[:-1], pattern, assignment
        )
        if owner and owner not in {one.roll for one in submissions}:
            broken[owner].append(leftover)
    _enter_others([unit for unit in units if not unit.account], claims, broken, submissions, leftovers)
    return Found(tuple(sorted(submissions, key=lambda one: one.id)), tuple(leftovers))


def _enter_accounts(
    units: Sequence[_Unit],
    claims: Mapping[_Unit, frozenset[str]],
    submissions: list[Submission],
    leftovers: list[Leftover],
) -> None:
    """Enter a submission for each account of a platform's export; see `settle_owners`."""
    by_account: dict[str, list[_Unit]] = defaultdict(list)
    for unit in units:
        by_account[unit.account].append(unit)
    owners = settle_owners({name: frozenset().union(*map(claims.__getitem__, own)) for name, own in by_account.items()})
    used = {roll for roll in owners.roll.values() if roll}
    for account, own in by_account.items():
        roll = owners.roll[account]
        items = [item for unit in own for item in unit.items]
        kept = [item for item in items if not (roll and item.roll and item.roll != roll)]
        aside = [
            Leftover(item.entry.name, f"it carries the roll number {item.roll}, not {roll}", problem=True)
            for item in items
            if item not in kept
        ]
        said = [Leftover(account, problem, problem=True) for problem in owners.problems.get(account, ())]
        _add(roll or _unused(own[0].name, used), roll, kept, submissions, leftovers, [*said, *aside])
        leftovers.extend(aside)


def _enter_others(
    units: Sequence[_Unit],
    claims: Mapping[_Unit, frozenset[str]],
    broken: Mapping[str, list[Leftover]],
    submissions: list[Submission],
    leftovers: list[Leftover],
) -> None:
    """Enter the submissions of files that no platform's account comes with: by roll number, else by name."""
    rolls: dict[str, list[_Item]] = defaultdict(list)
    unknown: list[tuple[str, list[_Item]]] = []
    for unit in units:
        own = claims[unit]
        roll = next(iter(own)) if len(own) == 1 else None
        for item in unit.items:
            if item.roll or roll:
                rolls[item.roll or roll or ""].append(item)
        rest = [item for item in unit.items if not item.roll and not roll]
        if rest:
            unknown.append((unit.name, rest))
    for owner in broken:
        rolls.setdefault(owner, [])
    used = {*rolls, *(one.id for one in submissions)}
    owned = {one.roll for one in submissions}
    for roll, group in rolls.items():
        if roll in owned:  # nothing supersedes what an account handed in
            leftovers.extend(Leftover(item.entry.name, f"{roll} has an account of its own", True) for item in group)
        else:
            _add(roll, roll, group, submissions, leftovers, broken.get(roll, ()))
    for name, group in unknown:
        _add(_unused(name, used), None, group, submissions, leftovers)


def _claimed(
    unit: _Unit, pattern: re.Pattern[str], assignment: Assignment, text: Callable[[Entry], str]
) -> frozenset[str]:
    """The roll numbers that the names of files give, else that their text gives."""
    named = {item.roll for item in unit.items} - {None} or _told(unit.items, pattern, assignment, text)
    return frozenset(roll for roll in named if roll is not None)


def _told(
    unit: Sequence[_Item], pattern: re.Pattern[str], assignment: Assignment, text: Callable[[Entry], str]
) -> set[str | None]:
    """The only roll number that the first telling file gives; nothing where files name several."""
    for item in sorted(unit, key=lambda item: item.kind != "pdf"):
        if item.kind is None:
            continue
        found = {fitting(match[0], assignment) for match in pattern.finditer(text(item.entry))} - {None}
        if len(found) == 1:
            return found
    return set()


def _units(items: Sequence[_Item], depth: int) -> Iterator[_Unit]:
    """Part files into those that belong to one student: by folder, by the prefix of an export, else by their stem."""
    folders: dict[str, list[_Item]] = defaultdict(list)
    loose: dict[tuple[str, bool], list[_Item]] = defaultdict(list)
    for item in items:
        if len(item.parts) > depth:
            folders[item.parts[depth]].append(item)
        else:
            match = CANVAS.fullmatch(item.entry.base)
            key = (f"{match['student']}_{match['user']}", True) if match else (item.stem, False)
            loose[key].append(item)
    for name, inside in folders.items():
        deeper = any(_MOODLE.fullmatch(part) for item in inside for part in item.parts[depth + 1 :])
        rolls = {item.roll for item in inside} - {None}
        if not deeper and (_MOODLE.fullmatch(name) or (len(rolls) <= 1 and _pairs(inside) <= 1)):
            match = _MOODLE.fullmatch(name)
            account = f"{match['name']}_{match['number']}" if match else ""
            yield _Unit(match["name"] if match else name, tuple(inside), account)
        else:
            yield from _units(inside, depth + 1)
    for (name, exported), inside in loose.items():
        yield _Unit(name, tuple(inside), name if exported else "")


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
    every = sorted((item.entry for item in kept), key=lambda entry: entry.name)
    files = tuple(every[:MAX_SUBMITTED])
    reason = f"more than {MAX_SUBMITTED} files; this one is not read"
    extra += [Leftover(entry.name, reason, problem=True) for entry in every[MAX_SUBMITTED:]]
    zips = [one for one in leftovers if _holds(one.name, items)]
    leftovers.extend(extra)
    if files or broken or (roll and extra):
        submissions.append(Submission(name, roll, files, (*extra, *zips, *broken)))


def _holds(name: str, items: Sequence[_Item]) -> bool:
    """Tell whether a leftover is the archive that a student's files stand in."""
    return name.lower().endswith(".zip") and any(item.entry.name.startswith(f"{name[:-4]}/") for item in items)
