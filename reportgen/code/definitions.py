"""Definitions and assignments of submitted Python on the abstract machine."""

import ast
from abc import abstractmethod
from collections.abc import Sequence

from reportgen.code.expressions import Expressions
from reportgen.code.host import plain
from reportgen.code.knowledge.training import state_of
from reportgen.code.operations import binary
from reportgen.code.values import (
    Bound,
    Class,
    Context,
    File,
    Function,
    Items,
    Known,
    Layer,
    Library,
    Native,
    Scope,
    Unknown,
    Value,
)


class Definitions(Expressions):
    """A machine that defines and assigns."""

    @abstractmethod
    def run(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Run statements in a scope."""

    @abstractmethod
    def set_item(self, value: Value, key: Value, new: Value, node: ast.AST) -> None:
        """Set an item of a value."""

    @abstractmethod
    def delete(self, value: Value, key: Value, node: ast.AST) -> None:
        """Delete an item of a value."""

    @abstractmethod
    def imported(self, path: str, scope: Scope) -> Value:
        """What an import gives."""

    def _expr(self, node: ast.Expr, scope: Scope) -> None:
        self.evaluate(node.value, scope)

    def _import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            path = alias.name if alias.asname else alias.name.split(".")[0]
            whole = self.imported(alias.name, scope)
            if isinstance(whole, File) and not alias.asname and "." in alias.name:
                self._bind_dotted(alias.name, whole, scope)
            else:
                scope.bind(alias.asname or path, whole if path == alias.name else self.imported(path, scope))

    @staticmethod
    def _bind_dotted(name: str, whole: File, scope: Scope) -> None:
        """``import a.b.c``: a, with b, with c."""
        *packages, last = name.split(".")
        for at, package in enumerate(packages):
            held = scope.names.get(package)
            if not isinstance(held, File):
                held = File(".".join(packages[: at + 1]), Scope({}))
            scope.names[package] = held
            scope = held.scope
        scope.names[last] = whole

    def _importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        base = node.module or ""
        if node.level:
            package = str(plain(scope.root.names.get("*package"), ""))
            parts = package.split(".") if package else []
            parts = parts[: len(parts) + 1 - node.level]
            base = ".".join([*parts, *([node.module] if node.module else [])])
        for alias in node.names:
            whole = self.imported(base, scope) if base else None
            if isinstance(whole, File) and alias.name in whole.scope.names:
                scope.bind(alias.asname or alias.name, whole.scope.names[alias.name])  # before a file of that name
            elif isinstance(whole, File) and alias.name == "*":
                scope.names |= {name: value for name, value in whole.scope.names.items() if name != "*module"}
            elif alias.name == "*":
                scope.names.setdefault("*", Items([], "list"))
                stars = scope.names["*"]
                if isinstance(stars, Items):
                    stars.items.append(Library(node.module or ""))
            else:
                path = f"{base}.{alias.name}" if base else alias.name
                scope.bind(alias.asname or alias.name, self.imported(path, scope))

    def _functiondef(self, node: ast.FunctionDef, scope: Scope) -> None:
        function = self.make_function(node, scope)
        value: Value = function
        for decorator in reversed(node.decorator_list):
            found = self.evaluate(decorator, scope)
            if isinstance(found, Function | Native | Bound | Class) or _wraps(found):
                made = self.call(found, [value], {}, decorator)
                value = value if isinstance(made, Unknown | Known) else made
            else:
                self._decorate(function, found)
        scope.bind(node.name, value)

    _asyncfunctiondef = _functiondef

    @staticmethod
    def _decorate(function: Function, decorator: Value) -> None:
        match decorator:
            case Library(path="staticmethod"):
                function.kind = "static"
            case Library(path="classmethod"):
                function.kind = "class"
            case Library(path="property" | "functools.cached_property"):
                function.kind = "property"
            case Library(path="contextlib.contextmanager"):
                function.kind = "context"
            case Context(name="no_grad") | Library(path="torch.no_grad" | "torch.inference_mode"):
                function.without_gradients = True

    def _classdef(self, node: ast.ClassDef, scope: Scope) -> None:
        inner = Scope({}, scope)
        self.run(node.body, inner)
        data = any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)
        bases = [self.evaluate(base, scope) for base in node.bases]
        made = Class(node.name, bases, inner.names, node.lineno, data)
        if any(path.startswith("enum.") for path in made.library_bases()):
            values = [name for name, value in inner.names.items() if not isinstance(value, Function)]
            inner.names |= {name: Known(f"{node.name}.{name}", literal=True) for name in values}
        for member in inner.names.values():
            if isinstance(member, Function):
                member.owner = made
                member.scope = scope  # names of the class's body are no names of its methods
        value: Value = made
        for decorator in reversed(node.decorator_list):
            found = self.evaluate(decorator, scope)
            if isinstance(found, Function | Native | Bound | Class):
                value = self.call(found, [value], {}, decorator)
        scope.bind(node.name, value)

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.raw(node.value, scope)
        for target in node.targets:
            self.assign(target, value, scope)

    def _annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.assign(node.target, self.raw(node.value, scope), scope)
        elif isinstance(node.target, ast.Name):
            scope.names.setdefault(f":{node.target.id}", Known(None))  # a field of a dataclass without a default

    def _augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        before, more = self.evaluate(_as_load(node.target), scope), self.evaluate(node.value, scope)
        grows = isinstance(before, Layer) or (isinstance(before, Items) and before.kind == "list")
        if isinstance(node.op, ast.Add) and grows and isinstance(more, Items | Layer | Unknown):
            self.call(self.attribute(before, "extend", node), [more], {}, node)  # every name of the list sees it
            value = before
        else:
            value = binary(self, node.op, before, more, node)
        self.assign(node.target, value, scope)

    def assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Assign a value to a name, an attribute, an item or several of them."""
        match target:
            case ast.Name():
                self._keep(value)
                self.name_measure(target.id, value, target)
                scope.bind(target.id, self.narrow(value))
            case ast.Attribute():
                self._keep(value)
                self.set_attribute(self.raw(target.value, scope), target.attr, value, target)
            case ast.Subscript():
                base, key = self.raw(target.value, scope), self.evaluate(target.slice, scope)
                self.set_item(base, key, value, target)
            case ast.Starred():
                self.assign(target.value, value, scope)
            case ast.Tuple() | ast.List():
                self._unpack(target.elts, value, scope)

    def _keep(self, value: Value) -> None:
        """Notice weights that are kept under a condition on measured numbers."""
        state = state_of(value)
        if state is not None and self.conditions:
            state.chosen_by = state.chosen_by or frozenset().union(*self.conditions)

    def _unpack(self, targets: Sequence[ast.expr], value: Value, scope: Scope) -> None:
        items, many = self.elements(value, targets[0])
        starred = next((at for at, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
        if many and items:
            items = items[:1] * len(targets)
        elif starred is not None and len(items) >= len(targets) - 1:
            after = len(targets) - starred - 1
            end = len(items) - after
            items = [*items[:starred], Items(items[starred:end]), *items[end:]]
        if len(items) != len(targets):
            items = [Unknown("", origins=value.origins)] * len(targets)
        for target, item in zip(targets, items, strict=True):
            self.assign(target, item, scope)

    def _global(self, node: ast.Global, scope: Scope) -> None:
        scope.outer.update(node.names)

    def _nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        scope.outer.update(node.names)

    def _delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            match target:
                case ast.Name():
                    scope.names.pop(target.id, None)
                case ast.Attribute():
                    self.delete_attribute(self.raw(target.value, scope), target.attr, target)
                case ast.Subscript():
                    self.delete(self.raw(target.value, scope), self.evaluate(target.slice, scope), target)


def _wraps(value: Value) -> bool:
    return isinstance(value, Library) and value.path == "numpy.vectorize"


def _as_load(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name():
            return ast.copy_location(ast.Name(target.id, ast.Load()), target)
        case ast.Attribute():
            return ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target)
        case ast.Subscript():
            return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
    return target
