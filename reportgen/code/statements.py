"""Statements of submitted Python on the abstract machine: branches, loops, contexts, ends."""

import ast
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress

from reportgen.code.definitions import Definitions
from reportgen.code.expressions import joined
from reportgen.code.host import Splits, origins_of, plain, same, whole
from reportgen.code.module_names import LIBRARIES
from reportgen.code.operations import truth
from reportgen.code.registration import is_module
from reportgen.code.trace import Backward, Chosen, Fitted, Loop
from reportgen.code.values import (
    DIGITS,
    NOWHERE,
    Class,
    Context,
    Dataset,
    File,
    Function,
    Generated,
    Instance,
    Items,
    Known,
    Library,
    Loader,
    Origins,
    PerDigit,
    Scope,
    Unknown,
    Value,
    moment,
)

_MANY = 300
_UNKNOWN = object()
_ENOUGH = 2
"""Rounds of a loop that trains or measures: the second may differ from the first, the third no more."""
_FEW = 12
"""Experiments that one loop may go through."""
_JUMPS = frozenset({"continue", "break"})
_LEAVES = (ast.Return, ast.Break, ast.Continue, ast.Yield)


_RAISING = (ast.Call, ast.Subscript, ast.Attribute, ast.Import, ast.ImportFrom, ast.Assert, ast.BinOp, ast.With)
_OF_IMPORTS = frozenset({"ImportError", "ModuleNotFoundError"})


class Leaves(Exception):  # noqa: N818 (control flow)
    """A statement that leaves its surroundings: break, continue or return, with the value returned."""

    def __init__(self, how: str, value: Value | None = None) -> None:
        self.how = how
        self.value = value


class Statements(Definitions):
    """A machine that runs statements."""

    files: Mapping[str, Sequence[ast.stmt]]
    """The modules of the program that are not started, by their dotted names."""

    @abstractmethod
    def enter(self, context: Generated, body: Callable[[], None]) -> None:
        """Run the body of a ``with`` statement where a function of the program yields."""

    def run(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Run statements in a scope.

        Raises:
            Leaves: a statement left the body.
        """
        for statement in body:
            self.spend()
            method = getattr(self, f"_{type(statement).__name__.lower()}", None)
            if method is not None:
                method(statement, scope)

    def _return(self, node: ast.Return, scope: Scope) -> None:
        value = self.raw(node.value, scope) if node.value is not None else Known(None)
        raise Leaves("return", value)

    def _break(self, node: ast.Break, scope: Scope) -> None:
        self._leave("break", node)

    def _continue(self, node: ast.Continue, scope: Scope) -> None:
        self._leave("continue", node)

    def _leave(self, how: str, node: ast.stmt) -> None:
        if how == "break" and self.conditions:
            measured = frozenset().union(*self.conditions)
            if measured:
                self.emit(Chosen, node, what="stop", origins=measured)
        raise Leaves(how)

    def _if(self, node: ast.If, scope: Scope) -> None:
        if is_main(node.test):
            started = "*module" not in scope.root.names
            self.run(node.body if started else node.orelse, scope)
            return
        test = self.evaluate(node.test, scope)
        try:
            known = truth(self, test)
        except Splits:
            if self.digit is not None or any(isinstance(inner, _LEAVES) for inner in ast.walk(node)):
                raise
            self._split(node, scope)
            return
        if known is not None:
            self.run(node.body if known else node.orelse, scope)
            return
        self._either([node.body, node.orelse], test, scope)

    def _split(self, node: ast.If, scope: Scope) -> None:
        """Run a statement for every digit, and join what it assigns."""
        before = dict(scope.names)
        after = []
        for digit in range(DIGITS):
            scope.names = dict(before)
            with self.looking_at(digit):
                self._if(node, scope)
            after.append(scope.names)
        scope.names = before
        for name in {name for names in after for name in names}:
            values = [names.get(name, before.get(name)) for names in after]
            found = [value for value in values if value is not None]
            if all(value is found[0] for value in found) or same(found):
                scope.names[name] = found[0]
            else:
                by_digit = [value or Unknown("") for value in values]
                scope.names[name] = PerDigit(by_digit, scalar=True, origins=origins_of(*found))

    def _either(self, bodies: Sequence[Sequence[ast.stmt]], test: Value, scope: Scope) -> None:
        """Run all branches of a condition that is not known."""
        before = dict(scope.names)
        ends: list[dict[str, Value] | None] = []
        returned: list[Value] = []
        left_by: list[str] = []
        met = moment()
        for way, body in enumerate(bodies):
            scope.names = dict(before)
            try:
                with self.under(test, (met, way)):
                    self.run(body, scope)
            except Leaves as left:
                if left.how == "return" and left.value is not None:
                    returned.append(left.value)
                    self.returns[-1:] = [[*self.returns[-1], left.value]] if self.returns else []
                elif left.how in {"continue", "break"} and self.jumps:
                    self.jumps[-1].setdefault(left.how, []).append(scope.names)
                if left.how != "raise":  # a program that goes on has not raised
                    left_by.append(left.how)
                ends.append(None)
            else:
                ends.append(scope.names)
        for how in left_by:
            self.doubt(how, (met, len(bodies)))
        scope.names = before
        open_ends = [names for names in ends if names is not None]
        if not open_ends:
            raise Leaves("return" if returned else "continue", joined(*returned) if len(returned) == 2 else None)
        self._join(scope, open_ends, before, test.origins)

    @staticmethod
    def _join(scope: Scope, ends: list[dict[str, Value]], before: dict[str, Value], origins: Origins = NOWHERE) -> None:
        """Give the names of a scope what they are at any of several ends."""
        for name in {name for names in ends for name in names}:
            found = [names[name] for names in ends if name in names]
            value = found[0]
            for other in found[1:]:
                value = joined(value, other)
            if isinstance(value, Unknown) and value is not before.get(name):
                value.origins |= origins
            scope.names[name] = value

    def _land(self, how: str, scope: Scope) -> None:
        """Join what was so at the jumps of a loop with what is so where they lead."""
        self.doubts = [doubt for doubt in self.doubts if (doubt.how, doubt.depth) != (how, len(self.jumps))]
        ends = self.jumps[-1].pop(how, [])
        if ends:
            self._join(scope, [*ends, scope.names], dict(scope.names))

    def _for(self, node: ast.For, scope: Scope) -> None:
        value = self.raw(node.iter, scope)
        items, many = self.elements(value, node.iter)
        loop = self.loop_over(value, node, None if many else len(items))
        if loop.loader is not None and "*yielded" in scope.names:
            scope.names["*over"] = loop.loader
        rounds = items[:1] * _ENOUGH if many else items
        broken = trained = False
        before_loop = dict(scope.names)
        with self._landing(scope):
            uncounted = many or len(rounds) > _MANY
            for number, item in enumerate(rounds[:_MANY]):
                before = len(self.trace.events)
                with self.looping(loop), self.doubting("loop") if uncounted else nullcontext():
                    if self._round(node, item, scope):
                        broken = True
                        break
                trained = any(isinstance(event, Backward | Fitted) for event in self.trace.events[before:])
                if trained and number + 1 >= _ENOUGH and not (loop.listed and len(items) <= _FEW):
                    break
            if many and not broken:
                self._blur(node, before_loop, scope)
        if not broken:
            self.run(node.orelse, scope)

    _asyncfor = _for

    @contextmanager
    def _landing(self, scope: Scope) -> Iterator[None]:
        """Go through a loop; where a condition that is not known leaves it, names are what they are at any end."""
        self.jumps.append({})
        try:
            yield
            self._land("break", scope)
        finally:
            depth = len(self.jumps)
            self.doubts = [doubt for doubt in self.doubts if doubt.how not in _JUMPS or doubt.depth < depth]
            self.jumps.pop()

    def loop_over(self, value: Value, node: ast.AST, times: int | None) -> Loop:
        """The loop through a value."""
        count = value.times if isinstance(value, Items) else None
        listed = isinstance(value, Items) and not value.many and not _is_counted(value)
        return Loop(getattr(node, "lineno", 0), count or times, *loaded(value), stride_of(value), listed)

    def _round(self, node: ast.For, item: Value, scope: Scope) -> bool:
        """Run the body of a loop once; True where it breaks."""

        def once() -> bool:
            self.assign(node.target, item, scope)
            try:
                self.run(node.body, scope)
            except Leaves as left:
                if left.how in {"return", "raise"}:
                    raise
                return left.how == "break" and not self.conditions
            finally:
                self._land("continue", scope)
            return False

        try:
            return once()
        except Splits:
            if self.digit is not None:
                raise
            for digit in range(DIGITS):
                with self.looking_at(digit):
                    once()
            return False

    def _while(self, node: ast.While, scope: Scope) -> None:
        loop = Loop(node.lineno, self._counted(node, scope))
        before_loop = dict(scope.names)
        with self._landing(scope):
            for number in range(_MANY):
                known = truth(self, self.evaluate(node.test, scope))
                if known is False:
                    return
                before = len(self.trace.events)
                with self.looping(loop), self.doubting("loop") if known is None else nullcontext():
                    try:
                        self.run(node.body, scope)
                    except Leaves as left:
                        if left.how in {"return", "raise"}:
                            raise
                        if left.how == "break":
                            return
                    finally:
                        self._land("continue", scope)
                trained = any(isinstance(event, Backward | Fitted) for event in self.trace.events[before:])
                if (known is None or trained) and number + 1 >= _ENOUGH:
                    break
            self._blur(node, before_loop, scope)

    def _counted(self, node: ast.While, scope: Scope) -> int | None:
        """How often a loop runs whose condition bounds a counter that its body adds to."""
        test = node.test
        if not (isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and len(test.ops) == 1):
            return None
        first, last = whole(scope.find(test.left.id)), whole(self.evaluate(test.comparators[0], scope))
        name = test.left.id
        steps = [
            whole(self.evaluate(inner.value, scope))
            for inner in node.body
            if isinstance(inner, ast.AugAssign) and isinstance(inner.op, ast.Add) and ast.unparse(inner.target) == name
        ]
        if first is None or last is None or len(steps) != 1 or not steps[0]:
            return None
        return max(0, -((first - last - isinstance(test.ops[0], ast.LtE)) // steps[0]))

    @staticmethod
    def _blur(node: ast.AST, before: dict[str, Value], scope: Scope) -> None:
        """Forget the numbers that a loop counts, where it runs more often than it was followed."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                value = scope.names.get(inner.id)
                if isinstance(value, Known) and value is not before.get(inner.id) and not isinstance(value.value, bool):
                    scope.names[inner.id] = Unknown(
                        "after an unknown number of rounds", value.unit, origins=value.origins
                    )

    def _with(self, node: ast.With, scope: Scope) -> None:
        entered = [self.evaluate(item.context_expr, scope) for item in node.items]
        for item, value in zip(node.items, entered, strict=True):
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value, scope)
        generated = [value for value in entered if isinstance(value, Generated)]
        if generated:
            self.enter(generated[0], lambda: self.run(node.body, scope))
            return
        quiet = sum(isinstance(value, Context) and value.name == "no_grad" for value in entered)
        self.without_gradients += quiet
        try:
            self.run(node.body, scope)
        finally:
            self.without_gradients -= quiet

    _asyncwith = _with

    def _try(self, node: ast.Try, scope: Scope) -> None:
        """Run the body; where it raises for sure, the handlers instead, else what they change is one of two ways."""
        try:
            self.run(node.body, scope)
        except Leaves as left:
            if left.how != "raise" or not node.handlers:
                self.run(node.finalbody, scope)
                raise
            self.run(node.handlers[0].body, scope)
            self.run(node.finalbody, scope)
            return
        self._handlers(node, scope)
        self.run(node.orelse, scope)
        self.run(node.finalbody, scope)

    _trystar = _try

    def _handlers(self, node: ast.Try, scope: Scope) -> None:
        """Run what an exception would lead to: another way, on which nothing is measured or trained.

        Names are what the body gives them, but networks and sizes are either's; where the body imports what is not
        known to be there, all that is no name of a library or function of it is.
        """
        after, events = scope.names, len(self.trace.events)
        ends: list[dict[str, Value]] = []
        imports = [inner for inner in node.body if isinstance(inner, ast.Import | ast.ImportFrom)]
        missing = not all(self._is_there(inner) for inner in imports)
        raises = any(isinstance(inner, _RAISING) for statement in node.body for inner in ast.walk(statement))
        for handler in node.handlers if raises else ():
            if handler.type is not None and not missing and ast.unparse(handler.type) in _OF_IMPORTS:
                continue
            scope.names = dict(after)
            if handler.name:
                scope.names[handler.name] = Unknown("an exception")
            with suppress(Leaves), self.under(Unknown("whether it raises")):
                self.run(handler.body, scope)
                ends.append(scope.names)
        del self.trace.events[events:]
        scope.names = after
        for name, value in ((name, value) for end in ends for name, value in end.items()):
            own = after.setdefault(name, value)
            either = is_module(own) or is_module(value) or (_is_size(own) and _is_size(value))
            if own is not value and (either or (missing and not isinstance(own, Library | Function | Class | File))):
                after[name] = joined(own, value)

    def _is_there(self, node: ast.Import | ast.ImportFrom) -> bool:
        """Tell whether what is imported is sure to be installed: what is followed, and what comes with Python."""
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        roots = {name.partition(".")[0] for name in names}
        own = isinstance(node, ast.ImportFrom) and node.level > 0
        return own or roots <= LIBRARIES | {name.partition(".")[0] for name in self.files}

    def _raise(self, node: ast.Raise, scope: Scope) -> None:
        raise Leaves("raise", Unknown("an exception"))

    def _match(self, node: ast.Match, scope: Scope) -> None:
        subject = self.evaluate(node.subject, scope)
        if isinstance(subject, PerDigit):
            raise Splits
        possible: list[Sequence[ast.stmt]] = []
        for case in node.cases:
            fits = self._fits(case.pattern, subject, scope)
            if fits is not False and case.guard is not None:
                guard = truth(self, self.evaluate(case.guard, scope))
                fits = False if guard is False else fits if guard else None
            if fits is not False:
                possible.append(case.body)
            if fits:
                break
        else:
            possible.append([])
        if len(possible) == 1:
            self.run(possible[0], scope)
        else:
            self._either(possible, subject, scope)

    def _fits(self, pattern: ast.pattern, value: Value, scope: Scope) -> bool | None:
        """Tell whether a value is of a pattern; None where that is not known."""
        match pattern:
            case ast.MatchValue(value=wanted):
                asked, given = plain(self.evaluate(wanted, scope), _UNKNOWN), plain(value, _UNKNOWN)
                return None if _UNKNOWN in (asked, given) else bool(asked == given)
            case ast.MatchSingleton(value=constant):
                given = plain(value, _UNKNOWN)
                return None if given is _UNKNOWN and isinstance(value, Unknown) else given is constant
            case ast.MatchOr(patterns=patterns):
                each = [self._fits(inner, value, scope) for inner in patterns]
                return True if True in each else None if None in each else False
            case ast.MatchAs(pattern=inner, name=name):
                fits = True if inner is None else self._fits(inner, value, scope)
                if fits is not False and name is not None:
                    scope.bind(name, value)
                return fits
        for name in [inner.name for inner in ast.walk(pattern) if isinstance(inner, ast.MatchAs | ast.MatchStar)]:
            if name is not None:
                scope.bind(name, Unknown("a part of what is matched"))
        return None


def _is_size(value: Value) -> bool:
    return isinstance(value, Known) and isinstance(value.value, int | float) and not isinstance(value.value, bool)


def is_main(test: ast.expr) -> bool:
    """Tell whether a condition asks if its file is the one that is started."""
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _is_counted(value: Items) -> bool:
    """Tell whether items are numbers in a row, or numbered: epochs, and no list of things."""
    if value.times is not None:
        return True
    if isinstance(value.over, Items):
        return _is_counted(value.over)
    numbers = [plain(item) for item in value.items]
    first = numbers[0] if numbers else None
    return isinstance(first, int) and numbers in (
        [*range(first, first + len(numbers))],
        [*range(first, first - len(numbers), -1)],
    )


def stride_of(value: Value) -> int | None:
    """The step of the range that is gone through."""
    return value.stride if isinstance(value, Items) else None


def loaded(value: Value) -> tuple[str, Loader | None]:
    """The set whose batches a value gives, and its loader; empty where it gives none."""
    inner = value.over if isinstance(value, Items) else value
    if isinstance(inner, Instance):
        inner = next((held for held in inner.attributes.values() if isinstance(held, Loader)), inner)
    if not isinstance(inner, Loader):
        return "", None
    split = inner.dataset.split if isinstance(inner.dataset, Dataset) else next(iter(sorted(inner.dataset.origins)), "")
    return split, inner
