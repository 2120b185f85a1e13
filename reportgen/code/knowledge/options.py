"""Options of a program (``argparse``), with the defaults that they have where nothing is given."""

import ast
from types import MappingProxyType

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, plain
from reportgen.code.values import Call, Function, Items, Known, Native, Table, Unknown, Value

_FLAGS = MappingProxyType({"store_true": False, "store_false": True})
"""Actions of options that need no value, with what they are where they are not given."""


@registry.library("argparse.ArgumentParser")
def _parser(host: Host, given: Arguments) -> Value:
    return _Parser().value(host)


def _both(host: Host, one: Value, other: Value) -> Call:
    """Call one function after the other, each with the same arguments."""

    def call(args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        host.call(one, args, kwargs, node)
        return host.call(other, args, kwargs, node)

    return call


class _Parser:
    """The options of a program, with their defaults."""

    def __init__(self) -> None:
        self.options = Table({})

    def value(self, host: Host) -> Value:
        add = Native("add_argument", lambda args, kwargs, node: self._add(args, kwargs))
        parse = Native("parse_args", lambda args, kwargs, node: self.options)
        known = Native("parse_known_args", lambda args, kwargs, node: Items([self.options, Items([])], "tuple"))
        group: Native = Native("group", lambda args, kwargs, node: self.value(host))
        defaults = Native("set_defaults", lambda args, kwargs, node: self._set_defaults(host, kwargs))
        return Table(
            {
                "add_argument": add,
                "parse_args": parse,
                "parse_known_args": known,
                "add_argument_group": group,
                "add_subparsers": group,
                "add_parser": group,
                "add_mutually_exclusive_group": group,
                "set_defaults": defaults,
            }
        )

    def _set_defaults(self, host: Host, kwargs: dict[str, Value]) -> Value:
        """What a sub-command sets; of several that set the same function, all are called."""
        for name, value in kwargs.items():
            before = self.options.entries.get(name)
            if isinstance(value, Function) and isinstance(before, Native | Function):
                self.options.entries[name] = Native(name, _both(host, before, value))
            else:
                self.options.entries[name] = value
        return Known(None)

    def _add(self, args: list[Value], kwargs: dict[str, Value]) -> Value:
        names = [str(plain(argument)) for argument in args]
        first = next((name for name in names if name.startswith("--")), names[0] if names else "")
        name = plain(kwargs.get("dest")) or first.lstrip("-").replace("-", "_")
        flag = _FLAGS.get(str(plain(kwargs.get("action"))))
        none = Unknown(f"what is given for the option {name}") if flag is None else Known(flag)
        self.options.entries[name] = kwargs.get("default", self.options.entries.get(name, none))
        return Known(None)
