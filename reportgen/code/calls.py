"""Calls on the abstract machine: functions, classes, instances, and what is left to the libraries."""

import ast
import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.configuration import Plain
from reportgen.code.expressions import joined
from reportgen.code.host import MAX_CALLS, Splits, Stopped, origins_of, plain
from reportgen.code.instances import Instances, held_base
from reportgen.code.knowledge.keras import build_own, declared_shape
from reportgen.code.knowledge.modules import apply_layer, modules_of, set_mode
from reportgen.code.module_names import spellings
from reportgen.code.registration import HELD, is_keras, is_module
from reportgen.code.statements import Leaves
from reportgen.code.trace import Forward, Network
from reportgen.code.values import (
    Bound,
    Class,
    File,
    Function,
    Generated,
    Instance,
    Items,
    Known,
    Layer,
    Library,
    Native,
    Schedule,
    Scope,
    Super,
    Table,
    Tensor,
    Unknown,
    Value,
)

_NETWORKS = ("Sequential", "keras.Sequential", "keras.Model", "torchvision.")
"""Layers that are networks, by the beginnings of their types."""
HARMLESS = (
    *("torch.save", "torch.onnx", "torch.jit", "torch.compile", "torch.utils", "torch.cuda", "torch.distributed"),
    *("wandb", "mlflow", "torchviz", "torchinfo", "torchsummary", "torchsummaryX", "thop", "ptflops", "fvcore"),
    *("hiddenlayer", "netron", "tensorboard", "print", "sys", "os", "logging", "accelerate", "pickle", "joblib"),
    *("torch.nn.init", "torch.nn.utils.clip_grad", "keras.utils", "visualkeras", "torchmetrics", "captum", "shap"),
    *("sklearn.metrics", "matplotlib", "lightning", "ignite", "gc", "inspect", "torch.optim.swa_utils", "tensorflow"),
    *("clip_grad", "numpy"),
)
"""Functions, by the beginnings of their names, that read a network and leave its layers alone."""
_BUILTINS = MappingProxyType({"__name__": "__main__", "__file__": "submission.py"})


class Machine(Instances):
    """The abstract machine."""

    def builtin(self, name: str, scope: Scope) -> Value | None:
        """What a name stands for that the program does not define."""
        if name == "__name__" and "*module" in scope.root.names:
            return scope.root.names["*module"]
        if name in _BUILTINS:
            return Known(_BUILTINS[name])
        if registry.knows(name):
            return Library(name)
        stars = scope.root.names.get("*")
        if isinstance(stars, Items):
            for module in stars.items:
                if isinstance(module, Library) and registry.knows(f"{module.path}.{name}"):
                    return Library(registry.full_name(f"{module.path}.{name}"))
        return None

    def __init__(
        self,
        files: Mapping[str, Sequence[ast.stmt]] | None = None,
        configurations: Mapping[str, Plain] | None = None,
        packages: Collection[str] = (),
    ) -> None:
        super().__init__(configurations)
        self.files = files or {}
        """The modules of the program that are not started, by their dotted names."""
        self.packages = packages
        """Those of them that are the ``__init__`` of a folder."""
        self.loaded: dict[str, File] = {}
        self._generators: dict[ast.AST, bool] = {}

    def module(self, path: str, scope: Scope) -> File | None:
        """A module of the program, run when it is first imported; None where there is none of that name."""
        name = _found(path, scope, self.files)
        if name is None:
            return None
        if name not in self.loaded:
            package = name if name in self.packages else name.rpartition(".")[0]
            made = self.loaded[name] = File(name, Scope({"*module": Known(name), "*package": Known(package)}))
            loops, self.loops = self.loops, ()
            try:
                self.run_file(self.files[name], made.scope)
            finally:
                self.loops = loops
        return self.loaded[name]

    def run_file(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Run a file statement by statement; one that can't be followed does not end it.

        Raises:
            Stopped: the program went over what is followed.
        """
        for statement in body:
            try:
                self.run([statement], scope)
            except (Leaves, Splits):
                continue
            except Stopped:
                raise
            except RecursionError:
                raise Stopped("the program is nested too deep") from None
            except Exception as error:  # a bug of the machine: what it can't follow is no fault of the program
                self.trace.lost[statement.lineno] = f"{type(error).__name__} while it was followed"

    def imported(self, path: str, scope: Scope) -> Value:
        """What an import gives: a module, or a name of one."""
        own = self.module(path, scope)
        if own is not None:
            return own
        package, _, name = path.rpartition(".")
        holder = self.module(package, scope) if package else None
        if holder is not None:
            return holder.scope.find(name) or Unknown(f"{path} is not defined")
        return registry.constant(registry.full_name(path)) or Library(registry.full_name(path))

    def call(self, function: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        """Call something: a function, a class, an instance, a layer, a name of a library."""
        self.spend()
        if self.depth > MAX_CALLS:
            return self.lose(node, "calls are nested too deep", *args)
        self.depth += 1
        try:
            result = self._call_any(function, args, kwargs, node)
        finally:
            self.depth -= 1
        if self.applying and not isinstance(function, Function | Bound | Class):
            ways = _passed(*args, *kwargs.values())
            self.trace.escaped |= ways - _passed(result) if ways else ways
        return result

    def _call_any(self, function: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        match function:
            case Function(kind="context"):
                return Generated(function, args, kwargs)
            case Function():
                return self.call_function(function, args, kwargs)
            case Bound():
                first: list[Value] = [] if function.function.kind == "static" else [function.instance]
                return self.call_function(function.function, [*first, *args], kwargs)
            case Class():
                return self._construct(function, args, kwargs, node)
            case Native():
                return function.call(args, kwargs, node)
            case Library():
                handler = registry.handler(function.path)
                if handler is not None:
                    return handler(self, Arguments(args, kwargs, node))
                origins = origins_of(*args, *kwargs.values())
                self._given_away(function.path, args, kwargs, node)
                if function.path.split(".")[0] in registry.FOLLOWED:
                    return self.lose(node, f"{function.path} is not followed", *args, *kwargs.values())
                return Unknown(function.path, origins=origins)
            case Instance():
                if function.is_module:
                    return self.apply(function, args, kwargs, node)
                found = function.cls.find("__call__")
                if found and isinstance(found[0], Function):
                    return self.call_function(found[0], [function, *args], kwargs)
            case Layer():
                return self.apply(function, args, kwargs, node)
        handler = registry.handler(f"call:{type(function).__name__}")
        if handler is not None:
            return handler(self, Arguments([function, *args], kwargs, node))
        if not isinstance(function, Unknown) or not function.why.startswith(HARMLESS):
            self._given_away("a function that is not known", args, kwargs, node)
        return Unknown("", origins=origins_of(function, *args, *kwargs.values()))

    def _given_away(self, path: str, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> None:
        """Lose the networks that are given to a function which is not modelled."""
        for value in (*args, *kwargs.values()):
            if isinstance(value, Schedule):
                value.stepped = True  # it may be
        if path.startswith(HARMLESS):
            return
        for value in (*args, *kwargs.values()):
            if isinstance(value, Instance | Layer) and is_module(value):
                self.give_away(value, node, f"{path} may change it, and is not followed")

    def call_function(self, function: Function, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """Call a function of the program."""
        scope = Scope(_bound_arguments(function, args, kwargs), function.scope)
        if function.owner is not None:
            scope.names["__class__"] = function.owner
            scope.names["*self"] = args[0] if args else Unknown("")
        self.without_gradients += function.without_gradients
        conditions, self.conditions = self.conditions, list(self.conditions)
        doubts, self.doubts = self.doubts, list(self.doubts)
        try:
            return self._body(function, scope)
        except Splits:
            if self.digit is not None:
                raise
            again = dict(_bound_arguments(function, args, kwargs))

            def once() -> Value:
                narrowed = {name: self.narrow(value) for name, value in again.items()}
                return self._body(function, Scope(narrowed, function.scope))

            return self.for_each_digit(once, *args)
        finally:
            self.conditions = conditions
            self.doubts = doubts
            self.without_gradients -= function.without_gradients

    def _yields(self, node: ast.AST) -> bool:
        if node not in self._generators:
            self._generators[node] = _yields(node)
        return self._generators[node]

    def _body(self, function: Function, scope: Scope) -> Value:
        node = function.node
        if isinstance(node, ast.Lambda):
            return self.raw(node.body, scope)
        if self._yields(node):
            found: list[Value] = []
            scope.names["*yielded"] = Items(found)
            with contextlib.suppress(Leaves):
                self.run(node.body, scope)
            unsure = scope.names["*yielded"]
            many = len(found) == 1 or (isinstance(unsure, Items) and unsure.many)
            return Items(found, "list", many=many, over=scope.names.get("*over"))
        value: Value = Known(None)
        self.returns.append([])
        try:
            self.run(node.body, scope)
        except Leaves as left:
            if left.how == "raise" and not self.conditions and self.returns and not self.returns[-1]:
                raise
            value = left.value if left.how != "continue" and left.value is not None else value
        finally:
            pending = self.returns.pop()
        for other in pending:
            value = joined(other, value)
        return value

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            cls, args = scope.find("__class__"), scope.find("*self")
            if isinstance(cls, Class) and args is not None:
                return Super(args, cls)
        return super()._call(node, scope)

    def enter(self, context: Generated, body: Callable[[], None]) -> None:
        """Run the body of a ``with`` statement where a function of the program yields."""
        scope = Scope(_bound_arguments(context.function, context.args, context.kwargs), context.function.scope)
        scope.names["*body"] = Native("body", lambda args, kwargs, node: _done(body))
        node = context.function.node
        if not isinstance(node, ast.Lambda):
            self.run(node.body, scope)

    def _yield(self, node: ast.Yield, scope: Scope) -> Value:
        within = scope.names.get("*body")
        if isinstance(within, Native):
            return within.call([], {}, node)
        value = self.evaluate(node.value, scope) if node.value is not None else Known(None)
        found = scope.find("*yielded")
        if isinstance(found, Items):
            found.items.append(value)
            found.many |= self.unsure(found)
        return Known(None)

    def _yieldfrom(self, node: ast.YieldFrom, scope: Scope) -> Value:
        found = scope.find("*yielded")
        if isinstance(found, Items):
            items, many = self.elements(self.evaluate(node.value, scope), node)
            found.items += items
            found.many |= many or self.unsure(found)
        return Known(None)

    def _construct(self, cls: Class, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        made = Instance(cls, line=getattr(node, "lineno", cls.line))
        if made.is_module:
            self.enter_network(made)
            if cls.find("__new__"):
                self.lose_module(made, node, f"{cls.name}.__new__ may make something else, and is not followed")
        base = held_base(cls)
        if base is not None and cls.find("__init__") is None:
            self._hold(made, self.call(base, args, kwargs, node))
        found = cls.find("__init__")
        if found and isinstance(found[0], Function):
            self.making.append(made)
            try:
                self.call_function(found[0], [made, *args], kwargs)
            finally:
                self.making.pop()
        elif cls.dataclass or "NamedTuple" in str(cls.library_bases()):
            for name, value in cls.members.items():
                if isinstance(value, Items):
                    made.attributes[name] = Items(list(value.items), value.kind)
                elif isinstance(value, Table):
                    made.attributes[name] = Table(dict(value.entries), value.default)
            fields = [name.lstrip(":") for name, value in cls.members.items() if not isinstance(value, Function)]
            made.attributes |= dict(zip(fields, args, strict=False)) | kwargs
        return made

    def apply(self, model: Network, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        """Apply a network or a layer to a tensor."""
        given = args[0] if args else next(iter(kwargs.values()), Unknown(""))
        outermost = not self.applying and (isinstance(model, Instance) or model.type.startswith(_NETWORKS))
        entry = given
        if outermost:
            known = given if isinstance(given, Tensor) else Tensor(None)
            shape = declared_shape(model) or known.shape
            entry = Tensor(shape, (), "images", device=known.device, origins=given.origins)
        if "training" in kwargs and is_keras(model):
            set_mode(model, training=plain(kwargs["training"]) is True)
        inside = self.applying or outermost
        if inside:
            self.applying.append(model)
        try:
            result = self._forward(model, [entry, *args[1:]], kwargs, node)
        finally:
            if inside:
                self.applying.pop()
        if outermost:
            result = self._applied(model, given, result, node)
        return result

    def _forward(self, model: Network, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        if isinstance(model, Layer):
            return apply_layer(self, model, args, kwargs, node)
        found = model.cls.find("__call__") or model.cls.find("forward") or model.cls.find("call")
        if HELD in model.attributes and (found is None or not isinstance(found[0], Function)):
            return self.call(model.attributes[HELD], args, kwargs, node)
        build_own(self, model, args, node)
        if found is None or not isinstance(found[0], Function):
            return self.lose(node, f"{model.cls.name} has no forward method", *args)
        return self.call_function(found[0], [model, *args], kwargs)

    def _applied(self, model: Network, given: Value, result: Value, node: ast.AST) -> Value:
        """Enter that a network was applied to images."""
        outputs = result.items if isinstance(result, Items) and result.items and not result.many else [result]
        ways = [layer for one in outputs if isinstance(one, Tensor) for layer in one.passed]
        passed = frozenset(id(part) for layer in ways for part in modules_of(layer))
        sure = all(isinstance(one, Tensor) for one in outputs)
        result = outputs[0]
        if not isinstance(result, Tensor):
            result = Tensor(
                None, (), "logits", lost="what the network returns can't be followed", origins=given.origins
            )
        shape = declared_shape(model) or (given.shape if isinstance(given, Tensor) else None)
        entered = given.items if isinstance(given, Items) and given.items else [given]
        before = dict.fromkeys(layer for one in entered if isinstance(one, Tensor) for layer in one.passed)
        self.emit(
            Forward,
            node,
            model=model,
            origins=given.origins,
            training=model.training,
            gradients=not self.without_gradients,
            steps=result.steps,
            lost=result.lost,
            input_shape=shape,
            output_shape=result.shape,
            passed=passed if sure else None,
        )
        if isinstance(given, Items) and any(not isinstance(one, Tensor) for one in entered):
            # the layers before what isn't followed would be missing from a model that is made of this one
            return Unknown("", origins=given.origins)
        made: list[Value] = [
            replace(
                one,
                role="logits",
                model=model,
                passed=(*before, model),
                origins=given.origins | one.origins,
                unit=None,
                target=None,
                device="",
                weight=None,
            )
            if isinstance(one, Tensor)
            else one
            for one in (result, *outputs[1:])
        ]
        return made[0] if len(made) == 1 else Items(made, "tuple")


def _passed(*values: Value) -> set[int]:
    """Identities of the layers that are on the ways to these values, or to what they hold."""
    found: set[int] = set()
    for value in values:
        if isinstance(value, Tensor):
            found |= {id(layer) for layer in value.passed}
        elif isinstance(value, Items | Table):
            found |= _passed(*(value.items if isinstance(value, Items) else value.entries.values()))
    return found


def _found(path: str, scope: Scope, files: Mapping[str, object]) -> str | None:
    """The module that a name stands for: as it is, beside the module that asks, or the only one that ends so."""
    asking = scope.root.names.get("*module")
    beside = str(plain(asking, "")).rpartition(".")[0]
    for name in (path, f"{beside}.{path}" if beside else path):
        if name in files:
            return name
    for each in spellings(path):
        ends = [name for name in files if f".{name}".endswith(f".{each}")]
        if ends:
            return ends[0] if len(ends) == 1 else None
    return None


def _done(body: Callable[[], None]) -> Value:
    body()
    return Known(None)


def _bound_arguments(function: Function, args: list[Value], kwargs: dict[str, Value]) -> dict[str, Value]:
    spec = function.node.args
    names = [arg.arg for arg in (*spec.posonlyargs, *spec.args)]
    found: dict[str, Value] = dict(zip(names[len(names) - len(function.defaults) :], function.defaults, strict=True))
    found |= function.keyword_defaults
    found |= dict(zip(names, args, strict=False))
    known = {*names, *(arg.arg for arg in spec.kwonlyargs)}
    many = "*" in kwargs  # how many there are can't be told
    if many and spec.vararg is None:
        args, kwargs = args[:1], {**dict.fromkeys(names[1:], Unknown("")), **kwargs}
    found |= {name: value for name, value in kwargs.items() if name in known}
    if spec.vararg is not None:
        found[spec.vararg.arg] = Items(args[len(names) :], "tuple", many)
    if spec.kwarg is not None:
        found[spec.kwarg.arg] = Table(
            {name: value for name, value in kwargs.items() if name not in known and name not in {"*", "**"}}
        )
    if "**" in kwargs:  # what is passed on can't be told: it may be any of the others
        given = {*names[: len(args)], *kwargs}
        found |= {name: Unknown("") for name in known - given}
    for name in known - set(found):
        found[name] = Unknown(f"the argument {name} is not given")
    return found


def _yields(node: ast.AST) -> bool:
    todo: list[ast.AST] = list(ast.iter_child_nodes(node))
    while todo:
        current = todo.pop()
        if isinstance(current, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            todo += ast.iter_child_nodes(current)
    return False
