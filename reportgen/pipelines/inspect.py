"""Inspecting programs: files are sorted into programs, and each is read in a process of its own kind."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from reportgen.code.module_names import spellings
from reportgen.errors import ReportgenError, UnreadableError, UsageError
from reportgen.grading.intake.archives import Entry, Leftover, walk
from reportgen.grading.intake.names import kind_of
from reportgen.inspection.report import Inspection
from reportgen.pipelines.inspection_reader import packed
from reportgen.sandbox.pool import ReadingPool
from reportgen.sandbox.process import Limits, UnansweredError

_LIMITS = Limits(seconds=30, mebibytes=1536)
_WORKER = "reportgen.pipelines.inspection_reader"
_KINDS = frozenset({"python", "notebook"})
_SUFFIXES = {".py", ".ipynb", ".zip"}


@dataclass(frozen=True)
class Inspected:
    """What became of one program: an inspection, or the error that says why there is none."""

    source: str
    inspection: Inspection | None
    error: ReportgenError | None = None


@dataclass(frozen=True)
class Collected:
    """The files of code that were found, and what was left unread that somebody should look at."""

    entries: tuple[Entry, ...]
    problems: tuple[str, ...] = ()


def collect(paths: Sequence[Path]) -> Collected:
    """Find the files of code in files, folders and zip archives.

    Raises:
        UnreadableError: a path does not exist, is no program, or holds none.
    """
    entries: list[Entry] = []
    problems: list[str] = []
    for path in paths:
        if path.is_file() and kind_of(path.name) in _KINDS:
            entries.append(Entry(path.as_posix(), path.resolve(), (), path.stat().st_size))
            continue
        if path.is_file() and path.suffix.lower() not in _SUFFIXES:
            raise UnreadableError(f"{path} is no program. Give .py and .ipynb files, a folder, or a zip archive.")
        if not path.exists():
            raise UnreadableError(f"there is no {path}. Give .py and .ipynb files, a folder, or a zip archive.")
        found = list(walk(path))
        own = [one for one in found if isinstance(one, Entry) and kind_of(one.name) in _KINDS]
        if not own:
            raise UnreadableError(f"{path} holds no .py and no .ipynb file.")
        prefix = "" if path == Path() else f"{path.as_posix()}/"
        entries += [replace(one, name=f"{prefix}{one.name}") for one in own]
        problems += [f"{prefix}{one.name}: {one.reason}" for one in found if isinstance(one, Leftover) and one.problem]
    unique = {entry.name: entry for entry in entries}
    return Collected(tuple(unique.values()), tuple(problems))


def inspect_all(collected: Collected) -> Iterator[Inspected]:
    """Inspect every program of some files, side by side, in the order of the files that start them."""
    with ReadingPool(_WORKER, dict, _LIMITS) as readers:

        def imports(entry: Entry) -> frozenset[str]:
            try:
                return frozenset(readers.ask({"imports": packed(entry)}).get("names", ()))
            except UnansweredError:
                return frozenset()

        def read(program: tuple[Entry, ...]) -> Inspected:
            return _read(program, readers)

        entries = collected.entries
        asked = dict(zip((entry.name for entry in entries), readers.map(imports, entries), strict=True))
        yield from readers.map(read, programs(entries, asked))


def _read(program: tuple[Entry, ...], readers: ReadingPool) -> Inspected:
    source = program[0].name
    try:
        answer = readers.ask({"program": [packed(entry) for entry in program]})
    except UnansweredError as error:
        return Inspected(source, None, UnreadableError(f"cannot read {source}: {error}. Give a smaller file."))
    if "inspection" in answer:
        return Inspected(source, Inspection.model_validate(answer["inspection"]))
    kinds = {kind.exit_code: kind for kind in (UsageError, UnreadableError, ReportgenError)}
    return Inspected(source, None, kinds.get(answer["code"], UnreadableError)(answer["error"]))


def programs(entries: Sequence[Entry], asked: Mapping[str, frozenset[str]]) -> list[tuple[Entry, ...]]:
    """Sort files into programs: each file that no other imports, with all that it imports, itself first.

    Args:
        entries: the files.
        asked: the dotted names that each imports, by its own name.
    """
    named = {entry.name: entry for entry in entries}
    imported = {name: _imported(name, asked.get(name, frozenset()), named.keys()) for name in named}
    needed = {other for name, others in imported.items() for other in others if other != name}
    starting = [name for name in named if name not in needed]
    reached: set[str] = set()
    found: list[tuple[Entry, ...]] = []
    for name in (*starting, *named):  # files that import each other in a circle start with the first of them
        if name in reached:
            continue
        whole = _closure(name, imported)
        reached |= set(whole)
        found.append(tuple(named[each] for each in whole))
    return found


def _imported(name: str, asked: frozenset[str], names: Collection[str]) -> list[str]:
    """The files that a file imports: found in its own folder, else in the next folder outwards."""
    found: dict[str, None] = {}
    for module in sorted(asked):
        paths = [each.replace(".", "/") for each in spellings(module)]
        ends = [f"{path}{end}" for path in paths for end in (".py", "/__init__.py", ".ipynb")]
        beside = ((folder / end).as_posix() for folder in PurePosixPath(name).parents for end in ends)
        hit = next((each for each in beside if each in names), None)
        if hit is not None and hit != name:
            found[hit] = None
    return list(found)


def _closure(name: str, imported: Mapping[str, Sequence[str]]) -> list[str]:
    found: dict[str, None] = {}
    todo = [name]
    while todo:
        current = todo.pop(0)
        if current not in found:
            found[current] = None
            todo += imported[current]
    return list(found)
