"""Configuration files beside the code: a program that opens and parses one gets its data."""

import ast
from pathlib import PurePosixPath

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.configuration import Plain
from reportgen.code.host import Host, origins_of, plain
from reportgen.code.values import Items, Known, Location, Native, Opened, Table, Unknown, Value

_PARSERS = (
    *("yaml.safe_load", "yaml.load", "yaml.full_load", "yaml.unsafe_load", "json.load", "json.loads", "toml.load"),
    *("toml.loads", "tomllib.load", "tomllib.loads", "tomli.load", "omegaconf.OmegaConf.load"),
)
_SAME_PLACE = frozenset({"resolve", "absolute", "expanduser", "as_posix"})


def _value(data: Plain, name: str) -> Value:
    if isinstance(data, dict):
        return Table({key: _value(inner, name) for key, inner in data.items()})
    return Items([_value(inner, name) for inner in data]) if isinstance(data, list) else Known(data)


def _end(path: Value) -> str:
    """What is known of a path, from its end; empty for nothing."""
    found = path.end if isinstance(path, Location) else plain(path)
    return str(PurePosixPath(found.replace("\\", "/"))) if isinstance(found, str) and found else ""


@registry.library("open", "io.open", "codecs.open")
def opened(host: Host, given: Arguments) -> Value:
    """A file that the program opens: with its data, where it is the only configuration of that name."""
    end = PurePosixPath(_end(given.first()))
    parts = [part for part in end.parts if part not in {".", "..", "/"}]
    same = [name for name in host.configurations if PurePosixPath(name).name == end.name]
    closer = [name for name in same if len(parts) <= len(PurePosixPath(name).parts) and
              list(PurePosixPath(name).parts[-len(parts) :]) == parts]  # fmt: skip
    found = closer if len(closer) == 1 else same
    mode = given.value("mode", 1, "r")
    if len(found) == 1 and isinstance(mode, str) and "r" in mode:
        return Opened(_value(host.configurations[found[0]], found[0]))
    return Unknown("what stands outside of the program")


@registry.library(*_PARSERS)
def _parsed(host: Host, given: Arguments) -> Value:
    source = given.first()
    if isinstance(source, Known | Location):  # a parser that opens the file itself; a text is not followed
        source = opened(host, Arguments([source], {}, given.node))
    return source.data if isinstance(source, Opened) else Unknown("what a file holds", origins=origins_of(*given.all))


@registry.library("attribute:Opened")
def _opened_attribute(host: Host, given: Arguments) -> Value:
    value, name = given.args[0], str(plain(given.args[1]))
    return Native(name, lambda args, kwargs, node: value if name == "read" else Unknown(""))


@registry.library("os.path.join", "pathlib.Path", "pathlib.PurePath")
def _path(host: Host, given: Arguments) -> Value:
    if not given.args:
        return Unknown("a path")
    known = [plain(part) if not isinstance(part, Location) else None for part in given.args]
    if all(isinstance(part, str) for part in known):
        return Location("/".join(map(str, known)))
    last = _end(given.args[-1])
    return Location(last) if last else Unknown("a path")


@registry.library("attribute:Location")
def _path_attribute(host: Host, given: Arguments) -> Value:
    path, name = given.args[0], str(plain(given.args[1]))

    def call(args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        if name in {"open", "read_text", "read_bytes"}:
            return opened(host, Arguments([path], {}, node))
        if name == "joinpath" and args:
            return _path(host, Arguments([path, *args], {}, node))
        return path if name in _SAME_PLACE else Unknown("")

    return Native(name, call)
