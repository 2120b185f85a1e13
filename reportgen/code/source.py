"""Submitted code as a syntax tree: Python files and notebooks, within bounds; magics are named and left out."""

import ast
import re
import threading
import tokenize
import warnings
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import BytesIO

from reportgen.code.configuration import SUFFIXES, Plain, read_configuration
from reportgen.code.module_names import dotted_name, package_of, spellings
from reportgen.code.notebook_cells import code_cells
from reportgen.errors import UnreadableError

MAX_CHARACTERS = 1_000_000
MAX_NODES = 60_000
MAX_DEPTH = 90
_ONE_AT_A_TIME = threading.Lock()
"""Python's parser counts its depth for all threads together (CPython issue 106905)."""
_LINES = re.compile(r"\r\n|\r|\n")
_MOST_MAGICS = 300
_SHELL = r"(?:pip3?|conda|apt(?:-get)?|wget|git|unzip|cd|ls|mkdir|rm)\s+[\w\-./]"
"""Commands of a shell that a notebook takes without a mark."""
_MAGIC = re.compile(rf"^(\s*)(?:(?:[%!?]|{_SHELL}|[A-Za-z_][\w, ]*=\s*[%!])\s*\S.*|[A-Za-z_][\w.]*\?{{1,2}}\s*)$")


@dataclass(frozen=True)
class Program:
    """All code files of a submission together. Lines are numbered through: `place` gives file and line."""

    started: tuple["Source", ...]
    """The files that nobody imports, the one that starts things first."""
    modules: Mapping[str, "Source"]
    """The files that another one imports, by their dotted names."""
    problems: tuple[str, ...] = ()
    """Files that can't be read, and why."""
    starts: tuple[tuple[int, "Source"], ...] = ()
    """Where the lines of each file start."""
    configurations: Mapping[str, Plain] = field(default_factory=dict)
    """What the files of settings beside the code hold, by their names."""

    @property
    def sources(self) -> tuple["Source", ...]:
        """All files."""
        return (*self.started, *self.modules.values())

    def place(self, line: int) -> tuple["Source", int]:
        """The file and the line in it of a line of the program."""
        start, source = self.starts[bisect_left(self.starts, max(line, 1), key=lambda pair: pair[0]) - 1]
        return source, line - start

    def words(self, text: str) -> str:
        """A text with the lines of the program as lines of their files."""

        def told(found: re.Match[str]) -> str:
            source, line = self.place(int(found[1]))
            return f"line {line}" if len(self.starts) == 1 else f"line {line} of {source.name}"

        return re.sub(r"\bline (\d+)", told, text)


@dataclass(frozen=True)
class Source:
    """One file of code."""

    name: str
    tree: ast.Module
    lines: tuple[str, ...]
    magics: tuple[tuple[int, str], ...] = ()
    """Notebook commands that are not Python, with their lines; the tree is without them."""
    notebook: bool = False
    """The file holds a notebook, whatever it is called."""
    path: str = ""
    """The file's name with its folders."""
    cells: tuple[tuple[int, int], ...] = ()
    """Of a notebook: the number of each code cell among all cells, from 1, and how many lines stand before it."""

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All of the tree, level by level."""
        return tuple(ast.walk(self.tree))

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty where there is none."""
        return self.lines[number - 1].strip() if 0 < number <= len(self.lines) else ""

    def within(self, number: int) -> tuple[int | None, int]:
        """The cell of a line and its number there; of a file without cells, None and its number."""
        before = [cell for cell in self.cells if cell[1] < number]
        return (before[-1][0], number - before[-1][1]) if before else (None, number)


def read_source(content: bytes, name: str) -> Source:
    """Parse a Python file or a notebook's code cells.

    Raises:
        UnreadableError: no valid Python, or more of it than is read; says where.
    """
    cells = code_cells(content)
    text = _decoded(content, name) if cells is None else "\n".join(cell for _, cell in cells)
    if len(text) > MAX_CHARACTERS:
        raise UnreadableError(f"{name}: {len(text):,} characters of code; at most {MAX_CHARACTERS:,} are read")
    lines = _LINES.split(text)
    tree, magics = _parse(lines, name)
    starts, before = [], 0
    for number, cell in cells or ():
        starts.append((number, before))
        before += len(_LINES.split(cell))
    return Source(name, tree, tuple(lines), magics, cells is not None, name, tuple(starts))


def one_file(source: Source) -> Program:
    """A program of one file."""
    return Program((source,), {}, (), ((0, source),))


def read_program(files: Mapping[str, bytes]) -> Program:
    """Read the files of a submission as one program; one that can't be read is a problem of it.

    Args:
        files: content by path, folders with "/".
    """
    sources: list[tuple[str, Source]] = []
    problems: list[str] = []
    configurations: dict[str, Plain] = {}
    for name, content in files.items():
        try:
            if name.lower().endswith(tuple(SUFFIXES)):
                configurations[name] = read_configuration(content, name).data
                continue
            sources.append((name, replace(read_source(content, name.rpartition("/")[2]), path=name)))
        except UnreadableError as error:
            problems.append(str(error))
    dotted = {name: dotted_name(name) for name, _ in sources}
    imports = {name: _imports(source, name, set(dotted.values())) for name, source in sources}
    asked = {target for targets in imports.values() for target in targets}
    modules = {dotted[name]: source for name, source in sources if dotted[name] in asked}
    started = [(name, source) for name, source in sources if dotted[name] not in asked]
    if not started and modules:
        first = next(iter(modules))
        started = [(first, modules.pop(first))]
    started.sort(key=lambda pair: (imports[pair[0]].isdisjoint(modules), not _starts(pair[1].tree)))
    main: list[Source] = []
    read: list[set[str]] = []
    for _, source in started:
        dumped = {ast.dump(node) for node in source.tree.body} if len(started) > 1 else set()
        if not any(_alike(dumped, other) for other in read):
            main.append(source)
            read.append(dumped)
    starts: list[tuple[int, Source]] = []
    line = 0
    for source in (*main, *modules.values()):
        _move(source, line)
        starts.append((line, source))
        line += len(source.lines)
    return Program(tuple(main), modules, tuple(problems), tuple(starts), configurations)


def asked_names(source: Source, name: str = "") -> set[str]:
    """The dotted names that a file imports; of ``from a import b`` both ``a`` and ``a.b``."""
    above = package_of(name).split(".")
    found: set[str] = set()
    for node in source.nodes:
        paths: list[str] = []
        if isinstance(node, ast.Import):
            paths = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = node.module or ""
            if node.level:
                package = ".".join([*above[: len(above) + 1 - node.level], package]).strip(".")
            paths = [package, *(f"{package}.{alias.name}".strip(".") for alias in node.names)]
        found |= set(filter(None, paths))
    return found


def _imports(source: Source, name: str, names: set[str]) -> set[str]:
    """The files that a file imports."""
    asked = {each for path in asked_names(source, name) for each in spellings(path)}
    own = dotted_name(name)
    return {other for other in names if other != own and any(f".{other}".endswith(f".{path}") for path in asked)}


def _move(source: Source, lines: int) -> None:
    """Let the lines of a tree count from further down."""
    for node in source.nodes if lines else ():
        if isinstance(node, ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.keyword | ast.alias | ast.pattern):
            node.lineno += lines
            node.end_lineno = (node.end_lineno or node.lineno) + lines


def _starts(tree: ast.Module) -> bool:
    """Tell whether a file does something when it is started."""
    return any(isinstance(node, ast.For | ast.While | ast.If | ast.With | ast.Expr) for node in tree.body)


def _alike(first: set[str], second: set[str]) -> bool:
    """Tell by their statements whether two files are one twice, as a notebook and its export are."""
    return len(first & second) >= 0.7 * max(1, min(len(first), len(second)))


def _decoded(content: bytes, name: str) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
        return content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        pass
    for encoding in ("utf-16", "cp1252"):
        if encoding != "utf-16" or content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise UnreadableError(f"{name}: neither UTF-8 nor the encoding that it declares")


def _parse(lines: list[str], name: str) -> tuple[ast.Module, tuple[tuple[int, str], ...]]:
    """Parse; where that fails, take out the first line of magic up to there, and try again."""
    magics: list[tuple[int, str]] = []
    kept = list(lines)
    while True:
        try:
            return _checked(_tree("\n".join(kept)), name), tuple(magics)
        except SyntaxError as error:
            at = _magic_line(kept, error.lineno or len(kept))
            if at is None or len(magics) >= _MOST_MAGICS:
                where = f"line {error.lineno}: {(error.text or '').strip()[:80]}" if error.lineno else "somewhere"
                raise UnreadableError(f"{name}: not valid Python ({error.msg}) at {where}") from None
        magics.append((at + 1, kept[at].strip()))
        instead = f"{kept[at][: len(kept[at]) - len(kept[at].lstrip())]}pass"
        goes_on = True
        while goes_on and at < len(kept):
            goes_on = kept[at].rstrip().endswith("\\")
            kept[at], instead = instead, ""
            at += 1


def _magic_line(lines: list[str], last: int) -> int | None:
    """The place of the magic that an error in line ``last`` comes from: there, or the nearest before."""
    inside = _string_lines(lines)
    for at in range(min(last, len(lines)) - 1, -1, -1):
        if _MAGIC.match(lines[at]) and at + 1 not in inside:
            return at
    return None


def _tree(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape is the submission's, and changes nothing
        try:
            with _ONE_AT_A_TIME:
                return ast.parse(text)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error) or "nested too deep") from None


def _checked(tree: ast.Module, name: str) -> ast.Module:
    nodes, level, depth = 0, list(ast.iter_child_nodes(tree)), 0
    while level:
        nodes += len(level)
        depth += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            what = f"more than {MAX_NODES:,} elements" if nodes > MAX_NODES else f"nested deeper than {MAX_DEPTH}"
            raise UnreadableError(f"{name}: the code has {what}; such code is not followed")
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return tree


def _string_lines(lines: list[str]) -> set[int]:
    """Lines inside of strings of several lines, as far as the tokens can be told."""
    inside: set[int] = set()
    try:
        for token in tokenize.generate_tokens(iter([f"{line}\n" for line in lines]).__next__):
            if token.type == tokenize.STRING:
                inside.update(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError, StopIteration):
        pass
    return inside
