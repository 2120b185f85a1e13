"""Configuration files beside code (YAML, JSON, TOML, ini) as plain data, with the line of each value. Nothing runs."""

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time

import yaml

from reportgen.errors import UnreadableError

Scalar = str | int | float | bool | None
Plain = Scalar | list["Plain"] | dict[Scalar, "Plain"]
"""What a configuration holds; dates and times are their text."""
Path = tuple[Scalar, ...]
"""Keys and, from 0, places in lists on the way to a value."""

MAX_CHARACTERS = 1_000_000
MAX_VALUES = 20_000
"""Values of one file, each alias of YAML counted as often as it is used: nine aliases can stand for a billion."""
MAX_DEPTH = 40
_MERGED = "tag:yaml.org,2002:merge"
_PLAIN = frozenset({"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
_KEY = re.compile(r"""\s*(?P<key>(?:[\w.\-]|\s*"[^"\n]*"|\s*'[^'\n]*')+)\s*=""")
_HEADER = re.compile(r"\s*(?P<open>\[{1,2})(?P<key>[^\[\]]+)\]{1,2}\s*(?:#.*)?$")
_ENTRY = re.compile(r"(?P<key>[^=:\s\[#;][^=:]*?)\s*[=:]")
_JSON = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(frozen=True)
class Setting:
    """One value of a configuration that is no list or table."""

    path: Path
    value: Scalar
    line: int
    """Counted from 1."""

    @property
    def name(self) -> str:
        """Its path as people write it: ``optimizers.pso.n_iterations``."""
        return ".".join(str(step) for step in self.path)


@dataclass(frozen=True)
class Configuration:
    """One file: its data, and where each of its values stands."""

    name: str
    data: Plain
    lines: Mapping[Path, int]
    """Of each value, lists and tables too; a value that the file does not place has the line of what holds it."""

    @property
    def settings(self) -> Iterator[Setting]:
        """The values that are no lists or tables, in the order of the file."""
        for path, value in _values((), self.data):
            if path and not isinstance(value, dict | list):
                yield Setting(path, value, self.line(path))

    def line(self, path: Path) -> int:
        """The line of a value, counted from 1."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_configuration(content: bytes, name: str) -> Configuration:
    """Read a configuration file, of the format that its name ends in: one of `SUFFIXES`.

    Raises:
        UnreadableError: not of its kind, tagged as something else than plain data, or over the bounds; says where.
    """
    kind = name.rpartition(".")[2].lower()
    if kind not in _READERS:
        raise UnreadableError(f"{name}: no configuration file; {', '.join('.' + one for one in _READERS)} are read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError(f"{name}: not UTF-8") from None
    if len(text) > MAX_CHARACTERS:
        raise UnreadableError(f"{name}: {len(text):,} characters; at most {MAX_CHARACTERS:,} are read")
    try:
        data, lines = _READERS[kind](text)
        _bounded(data)
    except (yaml.YAMLError, configparser.Error, ValueError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        reason = "nested too deep" if deep else " ".join(str(error).split())[:200]
        raise UnreadableError(f"{name}: {reason}") from None
    return Configuration(name, data, lines)


def _bounded(data: Plain) -> None:
    for count, (path, _) in enumerate(_values((), data)):
        if count >= MAX_VALUES or len(path) > MAX_DEPTH:
            raise ValueError(_over(len(path)))


def _over(depth: int) -> str:
    return f"nested deeper than {MAX_DEPTH}" if depth > MAX_DEPTH else f"more than {MAX_VALUES:,} values"


def _values(path: Path, value: Plain) -> Iterator[tuple[Path, Plain]]:
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _values((*path, key), inner)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _values((*path, at), inner)


class _Yaml:
    """One YAML file: its nodes made into plain data, each alias anew and counted."""

    def __init__(self, loader: yaml.SafeLoader) -> None:
        self.loader = loader
        self.lines: dict[Path, int] = {}
        self.count = 0

    def plain(self, node: yaml.Node, path: Path) -> Plain:
        """The data of a node."""
        self.count += 1
        if self.count > MAX_VALUES or len(path) > MAX_DEPTH:
            raise ValueError(_over(len(path)))
        self.lines[path] = node.start_mark.line + 1
        if not isinstance(node, yaml.ScalarNode) and node.tag not in _PLAIN:
            raise ValueError(f"line {node.start_mark.line + 1}: {node.tag} is no plain data")
        if isinstance(node, yaml.MappingNode):
            return self._table(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(inner, (*path, at)) for at, inner in enumerate(node.value)]
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> Scalar:
        value = self.loader.construct_object(node)
        return value if value is None or isinstance(value, str | int | float | bool) else str(node.value)

    def _table(self, node: yaml.MappingNode, path: Path) -> dict[Scalar, Plain]:
        own: dict[Scalar, Plain] = {}
        merged: dict[Scalar, Plain] = {}
        for key, value in node.value:
            if key.tag == _MERGED:
                for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    table = self.plain(source, path)
                    merged = {**table, **merged} if isinstance(table, dict) else merged
            elif isinstance(key, yaml.ScalarNode):
                name = self._scalar(key)
                own[name] = self.plain(value, (*path, name))
        return {**merged, **own}


def _yaml(text: str) -> tuple[Plain, dict[Path, int]]:
    loader = yaml.SafeLoader(text)
    reader = _Yaml(loader)
    documents: list[Plain] = []
    while loader.check_node():
        node = loader.get_node()
        assert node is not None  # check_node said so
        documents.append(reader.plain(node, () if not documents else (len(documents),)))
    return (documents[0] if len(documents) == 1 else documents or None), reader.lines


def _json(text: str) -> tuple[Plain, dict[Path, int]]:
    data: Plain = json.loads(text)
    lines: dict[Path, int] = {}
    path: list[Scalar] = []
    line, at, named = 1, 0, False
    for token in _JSON.finditer(text):
        line, at = line + text.count("\n", at, token.start()), token.start()
        sign = token[0]
        if sign in "}]":
            path.pop()
        elif sign == ",":
            path[-1] = path[-1] + 1 if isinstance(path[-1], int) else None
            named = False
        elif sign == ":":
            named = True
        elif path and path[-1] is None and not named:
            path[-1] = json.loads(sign)
        else:
            lines[tuple(path)] = line
            named = False
            if sign in "{[":
                path.append(None if sign == "{" else 0)
    return data, lines


def _toml(text: str) -> tuple[Plain, dict[Path, int]]:
    data = _dated(tomllib.loads(text))
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        header, entry = _HEADER.match(line), _KEY.match(line)
        if header is not None:
            table = _toml_path(header["key"])
            if header["open"] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            lines.setdefault(table, number)
        elif entry is not None:
            path = (*table, *_toml_path(entry["key"]))
            if _holds(data, path):  # a line of a longer string may look like a key
                lines.setdefault(path, number)
    return data, lines


def _dated(value: object) -> Plain:
    if isinstance(value, dict):
        return {key: _dated(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_dated(inner) for inner in value]
    if isinstance(value, date | time):
        return value.isoformat()
    assert value is None or isinstance(value, str | int | float | bool)
    return value


def _toml_path(key: str) -> Path:
    try:
        inner: object = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        return (None,)
    path: list[Scalar] = []
    while isinstance(inner, dict):
        name, inner = next(iter(inner.items()))
        path.append(name)
    return tuple(path)


def _holds(value: Plain, path: Path) -> bool:
    for step in path:
        entries: dict[Scalar, Plain] = {}
        if isinstance(value, dict):
            entries = value
        elif isinstance(value, list):
            entries.update(enumerate(value))
        if step not in entries:
            return False
        value = entries[step]
    return True


def _ini(text: str) -> tuple[Plain, dict[Path, int]]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as it is written
    parser.read_string(text)
    data: dict[Scalar, Plain] = {}
    for name in (*parser.sections(), *([parser.default_section] if parser.defaults() else [])):
        table: dict[Scalar, Plain] = {}
        table.update(parser[name])
        data[name] = table
    lines: dict[Path, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        entry = _ENTRY.match(line)
        if line.startswith("[") and "]" in line:
            section = line[1 : line.index("]")]
            lines.setdefault((section,), number)
        elif entry is not None:
            lines[(section, entry["key"].strip())] = number
    return data, lines


_READERS: dict[str, Callable[[str], tuple[Plain, dict[Path, int]]]] = {
    "yaml": _yaml,
    "yml": _yaml,
    "json": _json,
    "toml": _toml,
    "ini": _ini,
    "cfg": _ini,
}
SUFFIXES = frozenset(f".{kind}" for kind in _READERS)
"""Endings of the names of files that are read as configurations."""
