"""Expressions of submitted Python on the abstract machine."""

import ast
from abc import abstractmethod
from dataclasses import replace
from typing import Any

from reportgen.code.host import Host, Splits, origins_of, plain, same, slice_of, whole
from reportgen.code.operations import binary, comparable, compare, truth, unary
from reportgen.code.registration import is_module
from reportgen.code.trace import Loop
from reportgen.code.values import (
    DIGITS,
    Dataset,
    Function,
    Items,
    Known,
    Layer,
    Library,
    PerDigit,
    Scope,
    State,
    Table,
    Tensor,
    Unknown,
    Value,
)

_MANY = 400
"""Items of a sequence that are looked at one by one."""


class Expressions(Host):
    """A machine that evaluates expressions."""

    @abstractmethod
    def subscript(self, value: Value, key: Value, node: ast.AST) -> Value:
        """An item of a value."""

    @abstractmethod
    def builtin(self, name: str, scope: Scope) -> Value | None:
        """What a name stands for that the program does not define."""

    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        """Evaluate an expression."""
        return self.narrow(self.raw(node, scope))

    def raw(self, node: ast.expr, scope: Scope) -> Value:
        """Evaluate an expression; labels stay those of all digits."""
        self.spend()
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            return self.lose(node, f"{type(node).__name__} is not followed")
        value: Value = method(node, scope)
        return value

    def _constant(self, node: ast.Constant, scope: Scope) -> Value:
        return Known(node.value, literal=True)

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        found = scope.find(node.id) or self.builtin(node.id, scope)
        return found if found is not None else self.lose(node, f"{node.id} is not defined before this line")

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        return self.attribute(self.raw(node.value, scope), node.attr, node)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        value = self.raw(node.value, scope)
        if isinstance(value, Items) and isinstance(node.slice, ast.Slice):
            key = self._slice(node.slice, scope)
            cut = slice_of(key)
            if value.unordered or (cut is None and any(isinstance(item, Layer) for item in value.items)):
                some = Unknown("one of several layers", layer=True, among=tuple(value.items))
                return Items([some], value.kind, many=True, origins=value.origins)
            if cut is not None and not value.many and value.times in {None, len(value.items)}:
                return Items(value.items[cut], value.kind, literal=value.literal)
            if cut is None and all(isinstance(part, Known) for part in key.items):
                return Unknown("a slice that Python refuses", origins=value.origins)
            start = whole(key.items[0]) or 0
            return Items(value.items[:1], value.kind, many=True, start=max(0, start), origins=value.origins)
        return self.subscript(value, self.evaluate(node.slice, scope), node)

    def _slice(self, node: ast.Slice, scope: Scope) -> Items:
        parts = [
            Known(None) if part is None else self.evaluate(part, scope) for part in (node.lower, node.upper, node.step)
        ]
        return Items(parts, "slice")

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Value:
        return self._sequence(node.elts, "tuple", scope)

    def _list(self, node: ast.List, scope: Scope) -> Value:
        return self._sequence(node.elts, "list", scope)

    def _set(self, node: ast.Set, scope: Scope) -> Value:
        return self._sequence(node.elts, "set", scope)

    def _sequence(self, nodes: list[ast.expr], kind: str, scope: Scope) -> Value:
        items: list[Value] = []
        many = False
        for node in nodes:
            if isinstance(node, ast.Starred):
                found, several = self.elements(self.evaluate(node.value, scope), node)
                many |= several
                items += found
            else:
                items.append(self.evaluate(node, scope))
        if kind == "set":
            items = distinct(items)
        literal = bool(items) and all(isinstance(item, Known | Items) and item.literal for item in items)
        return Items(items, kind, many, literal, origins=origins_of(*items[:50]))

    def _dict(self, node: ast.Dict, scope: Scope) -> Value:
        entries: dict[object, Value] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            found = self.evaluate(value, scope)
            if key is None:
                entries.update(found.entries if isinstance(found, Table) else {})
                continue
            name = comparable(self.evaluate(key, scope))
            entries[_hashable(name[0]) if name else object()] = found
        return Table(entries)

    def _starred(self, node: ast.Starred, scope: Scope) -> Value:
        return self.evaluate(node.value, scope)

    def _binop(self, node: ast.BinOp, scope: Scope) -> Value:
        return binary(self, node.op, self.evaluate(node.left, scope), self.evaluate(node.right, scope), node)

    def _unaryop(self, node: ast.UnaryOp, scope: Scope) -> Value:
        return unary(self, node.op, self.evaluate(node.operand, scope))

    def _boolop(self, node: ast.BoolOp, scope: Scope) -> Value:
        wanted = isinstance(node.op, ast.Or)
        value: Value = Known(not wanted)
        unsure: list[Value] = []
        for operand in node.values:
            value = self.evaluate(operand, scope)
            known = truth(self, value)
            if known is None:
                unsure.append(value)
            elif known is wanted:
                return Unknown("", origins=origins_of(*unsure, value)) if unsure else value
        return Unknown("", origins=origins_of(*unsure)) if unsure else value

    def _compare(self, node: ast.Compare, scope: Scope) -> Value:
        left = self.evaluate(node.left, scope)
        result: Value = Known(True)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.evaluate(right_node, scope)
            found = compare(self, op, left, right)
            if len(node.ops) == 1:
                return found
            known = truth(self, found)
            if known is False:
                return Known(False)
            result = found if known is None else result
            left = right
        return result

    def _ifexp(self, node: ast.IfExp, scope: Scope) -> Value:
        test = self.evaluate(node.test, scope)
        try:
            known = truth(self, test)
        except Splits:
            return self.for_each_digit(lambda: self.evaluate(node, scope), test)
        if known is not None:
            return self.evaluate(node.body if known else node.orelse, scope)
        one, other = self.evaluate(node.body, scope), self.evaluate(node.orelse, scope)
        return joined(one, other)

    def _namedexpr(self, node: ast.NamedExpr, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        scope.bind(node.target.id, value)
        return value

    def _joinedstr(self, node: ast.JoinedStr, scope: Scope) -> Value:
        parts: list[str] = []
        origins: list[Value] = []
        for part in node.values:
            value = self.evaluate(part.value if isinstance(part, ast.FormattedValue) else part, scope)
            if isinstance(part, ast.FormattedValue) and parts:
                self.name_measure(str(parts[-1]), value, node)
            origins.append(value)
            parts.append(str(plain(value, "…")))
        return Known("".join(parts)[:1000], origins=origins_of(*origins))

    def _await(self, node: ast.Await, scope: Scope) -> Value:
        return self.evaluate(node.value, scope)

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Value:
        return self.make_function(node, scope)

    def make_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope) -> Function:
        """A function of the program, its defaults evaluated."""
        defaults = [self.evaluate(default, scope) for default in node.args.defaults]
        keywords = {
            arg.arg: self.evaluate(default, scope)
            for arg, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            if default is not None
        }
        return Function(node, scope, defaults, keywords)

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        function = self.raw(node.func, scope)
        args: list[Value] = []
        unsure = False
        for argument in node.args:
            value = self.evaluate(argument, scope)
            if isinstance(argument, ast.Starred):
                items, many = self.elements(value, node)
                args += items
                unsure |= many and not isinstance(value, Layer)
            else:
                args.append(value)
        kwargs: dict[str, Value] = {"*": Unknown("a list whose length is not known")} if unsure else {}
        for keyword in node.keywords:
            value = self.evaluate(keyword.value, scope)
            if keyword.arg is not None:
                kwargs[keyword.arg] = value
            elif isinstance(value, Table):
                kwargs |= {name: entry for name, entry in value.entries.items() if isinstance(name, str)}
            else:
                kwargs["**"] = value
        return self.call(function, args, kwargs, node)

    def _listcomp(self, node: ast.ListComp, scope: Scope) -> Value:
        return self._comprehension(node, node.elt, "list", scope)

    def _setcomp(self, node: ast.SetComp, scope: Scope) -> Value:
        return self._comprehension(node, node.elt, "set", scope)

    def _generatorexp(self, node: ast.GeneratorExp, scope: Scope) -> Value:
        return self._comprehension(node, node.elt, "list", scope)

    def _comprehension(self, node: Any, element: ast.expr, kind: str, scope: Scope) -> Value:
        try:
            found: list[Value] = []
            inner = Scope({}, scope)
            many = self._generate(node.generators, inner, lambda: found.append(self.evaluate(element, inner)))
        except Splits:
            return self.for_each_digit(lambda: self._comprehension(node, element, kind, scope))
        literal = len(found) > 2 and all(isinstance(item, Known) and item.literal for item in found)
        return Items(found[:1] if many and len(found) > 1 and not _parts(found) else found, kind, many, literal)

    def _dictcomp(self, node: ast.DictComp, scope: Scope) -> Value:
        entries: dict[object, Value] = {}
        inner = Scope({}, scope)

        def add() -> None:
            key, value = comparable(self.evaluate(node.key, inner)), self.evaluate(node.value, inner)
            entries[_hashable(key[0]) if key else object()] = value

        self._generate(node.generators, inner, add)
        return Table(entries)

    def _generate(self, generators: list[ast.comprehension], scope: Scope, add: Any) -> bool:
        """Go through the loops of a comprehension; True where one item stands for many."""
        if not generators:
            add()
            return False
        first, *rest = generators
        value = self.raw(first.iter, scope)
        items, many = self.elements(value, first.iter)
        before = len(self.trace.events)
        with self.looping(self.loop_over(value, first.iter, None if many else len(items))):
            many |= self._generate_each(first, items, rest, scope, add)
            if many and len(items) == 1 and len(self.trace.events) > before:
                self._generate_each(first, items, rest, scope, add)  # the second round may differ from the first
        return many

    @abstractmethod
    def loop_over(self, value: Value, node: ast.AST, times: int | None) -> Loop:
        """The loop through a value."""

    def _generate_each(
        self, first: ast.comprehension, items: list[Value], rest: list[ast.comprehension], scope: Scope, add: Any
    ) -> bool:
        many = False
        for item in items[:_MANY]:
            self.assign(first.target, self.narrow(item), scope)
            tests = [truth(self, self.evaluate(test, scope)) for test in first.ifs]
            if False in tests:
                continue
            many |= None in tests
            many |= self._generate(rest, scope, add)
        return many

    @abstractmethod
    def assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Assign a value to a target."""

    def for_each_digit(self, work: Any, *by: Value) -> Value:
        """Evaluate something for every digit and join the results.

        Raises:
            Splits: one digit is looked at already.
        """
        if self.digit is not None:
            raise Splits
        values: list[Value] = []
        for digit in range(DIGITS):
            with self.looking_at(digit):
                values.append(work())
        if same(values) or all(value is values[0] for value in values):
            return values[0]
        return PerDigit(values, scalar=True, origins=origins_of(*values, *by))


def distinct(items: list[Value]) -> list[Value]:
    """The items of a set: what is known to be equal stands once."""
    found: dict[object, Value] = {}
    for item in items:
        known = comparable(item)
        found.setdefault(("known", _hashable(known[0])) if known else object(), item)
    return list(found.values())


def joined(one: Value, other: Value) -> Value:
    """What a value is where either of two is possible."""
    if one is other or same([one, other]):
        return one
    for value, beside in ((one, other), (other, one)):
        if isinstance(beside, Known) and beside.value is None and not isinstance(value, Known):
            return Unknown("it depends on a condition", layer=True) if is_module(value) else value
        if isinstance(value, Tensor) and value.steps and isinstance(beside, Unknown):
            return replace(value, shape=None, lost=value.lost or "what it is depends on a condition that is not known")
        if isinstance(value, Tensor | PerDigit | Dataset) and isinstance(beside, Unknown):
            return value
    if isinstance(one, Table) and isinstance(other, Table) and one.entries.keys() == other.entries.keys():
        either = {key: joined(entry, other.entries[key]) for key, entry in one.entries.items()}
        return Table(either, one.default or other.default)
    unit = getattr(one, "unit", None) or getattr(other, "unit", None)
    if is_module(one) or is_module(other):
        return Unknown("it depends on a condition that is not known", layer=True, origins=origins_of(one, other))
    if isinstance(one, State) and isinstance(other, State):
        one.chosen_by |= other.chosen_by
        return one
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        longer = one if len(one.steps) >= len(other.steps) else other
        if one.shape == other.shape and one.steps == other.steps:
            return longer
        lost = longer.lost or ("one of two ways, by a condition that is not known" if one.steps != other.steps else "")
        return replace(longer, shape=one.shape if one.shape == other.shape else None, lost=lost)
    if isinstance(one, Library) and isinstance(other, Library):
        return one
    return Unknown("it depends on a condition that is not known", unit, origins=origins_of(one, other))


def _hashable(value: object) -> object:
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value


def _parts(items: list[Value]) -> bool:
    return len({type(item) for item in items}) > 1
