"""What a program's text gives a name to: constants, arguments, defaults, entries of tables and of configuration files.

Nothing is followed: this is every value that a name is written beside, in whichever branch. A report's setting is held
against all of them, so that what one run of several uses is enough for it.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from reportgen.code.configuration import Configuration
from reportgen.code.source import Program, Source

_ARITHMETIC: Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda a, b: Fraction(a // b),
}
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_FROM_OUTSIDE = re.compile(
    r"\bargv\b|environ\.get|environ\[[^\]]*\](?!\s*=)|getenv|\binput\(|typer\.|click\.|FLAGS|\bsweep|suggest_|fire\.Fire|HfArgumentParser|@hydra"
)
"""Values that no text of the program holds; a command line's defaults by `add_argument` are named values."""
_NO_NUMBERS = frozenset({"parameters", "named_parameters", "filter", "range", "tqdm", "zip", "print"})
_MOST = 20_000
_LARGEST = 10**12


@dataclass(frozen=True)
class NamedValue:
    """A name with a value that stands beside it."""

    name: str
    """With what it belongs to: ``optimizers.pso.n_iterations``, ``fit.epochs``, ``NB_RUN``."""
    value: Fraction | str | None
    """None where it can't be told from the text."""
    file: str
    line: int
    default: bool = False
    """It only holds where nobody gives another: a command line's or a function's default."""
    configured: bool = False
    """It stands in a configuration file."""
    of: str = ""
    """Where its value isn't known: the name that it is a copy of; empty where it is worked out, or looked up."""

    @property
    def words(self) -> frozenset[str]:
        """The words of the last part of its name, in small letters: ``batch`` and ``size``."""
        return words_of(self.name.rpartition(".")[2])


@lru_cache(maxsize=4096)
def words_of(name: str) -> frozenset[str]:
    """The words that a name is made of, in small letters."""
    return frozenset(word.lower() for word in _WORDS.findall(name))


def named_values(program: Program, configurations: Iterable[Configuration]) -> tuple[NamedValue, ...]:
    """Collect the names with their values from code and configuration files, at most 20,000."""
    found: list[NamedValue] = []
    for configuration in configurations:
        for setting in configuration.settings:
            value = _plain(setting.value)
            path = [step for step in setting.path if isinstance(step, str)]
            found.append(NamedValue(".".join(path), value, configuration.name, setting.line, configured=True))
    for source in program.sources:
        for name, node, value, default in _named(source):
            place, line = program.place(getattr(node, "lineno", 1))
            of = _copied(node) if value is None and isinstance(node, ast.expr) else ""
            found.append(NamedValue(name, value, place.name, line, default, of=of))
            if len(found) >= _MOST:
                return tuple(found)
    return tuple(found)


def from_outside(program: Program) -> bool:
    """Tell whether a program takes values from its command line, its surroundings or a search."""
    return any(_FROM_OUTSIDE.search(line) for source in program.sources for line in source.lines)


def numbers_of(program: Program, values: Iterable[NamedValue]) -> frozenset[Fraction]:
    """Every number that stands anywhere in the code or its configurations, worked out or not."""
    found = {value.value for value in values if isinstance(value.value, Fraction)}
    for source in program.sources:
        for node in source.nodes:
            if isinstance(node, ast.Constant) and (number := _number(node)) is not None:
                found.add(number)
    return frozenset(found)


Named = tuple[str, ast.AST, Fraction | str | None, bool]


def _named(source: Source) -> Iterator[Named]:
    constants = _constants(source)
    for node in source.nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                yield from _bound(target, node.value, constants)
        elif isinstance(node, ast.Call):
            yield from _called(node, constants)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _defaults(node, constants)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value, _value(value, constants), False
        elif isinstance(node, ast.For | ast.AsyncFor):
            yield from _loop(node, constants)


def _bound(target: ast.expr, value: ast.expr, constants: Mapping[str, Fraction]) -> Iterator[Named]:
    if isinstance(target, ast.Tuple | ast.List):
        items = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        if len(items) == len(target.elts):
            for one, item in zip(target.elts, items, strict=True):
                yield from _bound(one, item, constants)
        return
    name = _name(target)
    if name:
        yield name, value, _value(value, constants), False


def _called(node: ast.Call, constants: Mapping[str, Fraction]) -> Iterator[Named]:
    function = _name(node.func).rpartition(".")[2]
    if function == "add_argument":
        flags = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        default = next((keyword.value for keyword in node.keywords if keyword.arg == "default"), None)
        for flag in flags[-1:]:
            name = flag.lstrip("-").replace("-", "_")
            yield name, default or node, _value(default, constants) if default is not None else None, True
        return
    for at, arg in enumerate(node.args):
        yield f"{function}.{at}", arg, _value(arg, constants), False
    for keyword in node.keywords:
        if keyword.arg is not None:
            yield f"{function}.{keyword.arg}", keyword.value, _value(keyword.value, constants), False


def _defaults(node: ast.FunctionDef | ast.AsyncFunctionDef, constants: Mapping[str, Fraction]) -> Iterator[Named]:
    positional = [*node.args.posonlyargs, *node.args.args]
    given = zip(positional[len(positional) - len(node.args.defaults) :], node.args.defaults, strict=True)
    keyword = [(arg, value) for arg, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if value]
    for arg, value in (*given, *keyword):
        yield f"{node.name}.{arg.arg}", value, _value(value, constants), True


def _loop(node: ast.For | ast.AsyncFor, constants: Mapping[str, Fraction]) -> Iterator[Named]:
    """``for epoch in range(30)``: how often it runs, under the name that it counts."""
    call = node.iter
    while isinstance(call, ast.Call) and _name(call.func).rpartition(".")[2] in {"tqdm", "trange", "enumerate"}:
        if _name(call.func).endswith("trange"):
            break
        call = call.args[0] if call.args else node.target
    if not isinstance(call, ast.Call) or _name(call.func).rpartition(".")[2] not in {"range", "trange"}:
        return
    bounds = [_value(arg, constants) for arg in call.args]
    times: Fraction | None = None
    if len(bounds) == 1 and isinstance(bounds[0], Fraction):
        times = bounds[0]
    elif len(bounds) == 2 and isinstance(bounds[0], Fraction) and isinstance(bounds[1], Fraction):
        times = bounds[1] - bounds[0]
    name = _name(node.target)
    if name:
        yield f"for.{name}", node, times, False


def _constants(source: Source) -> dict[str, Fraction]:
    """Names that are bound once in a file, to a number."""
    bound: dict[str, list[ast.expr | None]] = {}
    for node in source.nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.setdefault(node.id, []).append(None)
        elif isinstance(node, ast.arg):
            bound.setdefault(node.arg, []).append(None)
    found: dict[str, Fraction] = {}
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            value = _value(node.value, found)
            if isinstance(value, Fraction) and len(bound.get(name, [])) == 1:
                found[name] = value
    return found


def _value(node: ast.expr, constants: Mapping[str, Fraction]) -> Fraction | str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else _number(node)
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.Call):
        # an object, as ``self.drop = nn.Dropout(0.25)`` holds, and the weights that an optimizer is given are no number
        made = _name(node.func).rpartition(".")[2]
        return made if made[:1].isupper() or made in _NO_NUMBERS else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _value(node.operand, constants)
        return -inner if isinstance(inner, Fraction) else None
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        left, right = _value(node.left, constants), _value(node.right, constants)
        if isinstance(left, Fraction) and isinstance(right, Fraction) and (right or not _divides(node.op)):
            result = _ARITHMETIC[type(node.op)](left, right)
            return result if abs(result) < _LARGEST else None
    return None


def _divides(sign: ast.operator) -> bool:
    return isinstance(sign, ast.Div | ast.FloorDiv)


def _number(node: ast.Constant) -> Fraction | None:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        return None
    return Fraction(repr(value))


def _plain(value: object) -> Fraction | str | None:
    if isinstance(value, str):
        try:  # YAML's 1e-3 is a text, and every number of an ini file
            number = float(value)
        except ValueError:
            return value
        return Fraction(repr(number)) if abs(number) < _LARGEST else value
    if isinstance(value, bool) or value is None:
        return str(value)
    assert isinstance(value, int | float)
    return Fraction(repr(value)) if abs(value) < _LARGEST else None


def _name(node: ast.expr) -> str:
    """``optim.Adam`` of such an expression, and the last key of ``cfg["lr"]``; empty of any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}".strip(".")
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return f"{_name(node.value)}.{node.slice.value}".strip(".")
    return ""


def _copied(node: ast.expr) -> str:
    """The name that an expression only hands on, through ``int(…)`` or ``config.get("epochs")`` too."""
    if isinstance(node, ast.Call):
        function = _name(node.func)
        if function in {"int", "float", "str"} and len(node.args) == 1:
            return _copied(node.args[0])
        key = node.args[0] if node.args else None
        if function.endswith(".get") and isinstance(key, ast.Constant) and isinstance(key.value, str):
            return f"{function[:-4]}.{key.value}"
    return _name(node)
