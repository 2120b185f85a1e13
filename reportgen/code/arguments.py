"""The arguments of a call to a library."""

import ast
from dataclasses import dataclass
from typing import Any

from reportgen.code.host import plain
from reportgen.code.values import Unknown, Value


@dataclass(frozen=True)
class Arguments:
    """Positional and named arguments, with the place of the call."""

    args: list[Value]
    kwargs: dict[str, Value]
    node: ast.AST
    path: str = ""
    """The name that was called, in full."""

    @property
    def line(self) -> int:
        """The line of the call."""
        return getattr(self.node, "lineno", 0)

    def get(self, name: str, at: int | None = None) -> Value | None:
        """An argument by its name, or else by its place."""
        if name in self.kwargs:
            return self.kwargs[name]
        if at is not None and at < len(self.args):
            return self.args[at]
        return Unknown("") if "**" in self.kwargs else None

    def value(self, name: str, at: int | None = None, default: Any = None) -> Any:
        """The Python value of an argument that is known; the default where it is not."""
        return plain(self.get(name, at), default)

    def first(self) -> Value:
        """The first argument, whatever its name."""
        return self.args[0] if self.args else next(iter(self.kwargs.values()), Unknown(""))

    @property
    def all(self) -> list[Value]:
        """Every argument."""
        return [*self.args, *self.kwargs.values()]
