"""Attributes and items of the machine's values: instances, classes, data sets that a class derives from."""

import ast
from abc import abstractmethod

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.containers import (
    container_delete,
    container_item,
    container_method,
    container_set,
    items_of,
    reshaped,
)
from reportgen.code.expressions import joined
from reportgen.code.host import origins_of, plain
from reportgen.code.knowledge.images import digits, image_shape
from reportgen.code.knowledge.modules import (
    change_children,
    module_attribute,
    require,
    set_module_attribute,
    set_trainable,
    sizes_of,
)
from reportgen.code.knowledge.tensors import labels_mapped, tensor_attribute, tensor_item
from reportgen.code.registration import HELD, is_keras, is_module
from reportgen.code.statements import Statements
from reportgen.code.trace import GradientsReset
from reportgen.code.values import (
    Bound,
    Class,
    Dataset,
    File,
    Function,
    Instance,
    Items,
    Known,
    Layer,
    Library,
    Loader,
    Native,
    Parameters,
    PerDigit,
    State,
    Super,
    Table,
    Tensor,
    Unknown,
    Value,
)


class Instances(Statements):
    """A machine that reads and sets attributes and items."""

    @abstractmethod
    def call_function(self, function: Function, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """Call a function of the program."""

    def attribute(self, value: Value, name: str, node: ast.AST) -> Value:
        """An attribute of a value."""
        match value:
            case Library() if name == "__name__":
                return Known(value.path.rpartition(".")[2])
            case Library():
                path = registry.full_name(f"{value.path}.{name}")
                return registry.constant(path) or Library(path)
            case File():
                found_name = value.scope.find(name)
                return found_name or self.imported(f"{value.name}.{name}", self.globals)
            case Instance():
                return self._instance_attribute(value, name, node)
            case Class():
                found = value.find(name)
                if found:
                    member = found[0]
                    return Bound(value, member) if isinstance(member, Function) and member.kind == "class" else member
                return Known(value.name) if name in {"__name__", "__qualname__"} else Unknown("")
            case Super():
                return self._inherited(value, name, node)
            case Layer():
                return module_attribute(self, value, name, node)
            case Tensor() | PerDigit():
                return tensor_attribute(self, value, name, node)
            case Items() | Table() | Known():
                return container_method(self, value, name, node)
        if isinstance(value, Unknown) and value.among and name == "requires_grad_":
            return Native(name, lambda args, kwargs, at: self._freeze_one(value, args[0] if args else Known(True)))
        if isinstance(value, Unknown) and name == "reshape":
            return Native(name, lambda args, kwargs, at: reshaped(value, args))
        if isinstance(value, Unknown) and value.unit is not None:
            return Native(name, lambda args, kwargs, at: Unknown("", value.unit, origins=origins_of(value, *args)))
        handler = registry.handler(f"attribute:{type(value).__name__}")
        if handler is not None:
            return handler(self, Arguments([value, Known(name)], {}, node))
        return Unknown("", origins=value.origins)

    @staticmethod
    def _freeze_one(value: Unknown, new: Value) -> Value:
        for module in value.among:
            set_trainable(module, new, surely=False)
        return value

    def _instance_attribute(self, value: Instance, name: str, node: ast.AST) -> Value:
        if name in value.attributes:
            return value.attributes[name]
        if name == "forward" and value.is_module and not any(value is model for model in self.applying):
            return Native(name, lambda args, kwargs, at: self.apply(value, args, kwargs, at))
        found = value.cls.find(name)
        if found:
            member = found[0]
            if not isinstance(member, Function):
                return member
            if member.kind == "property":
                return self.call_function(member, [value], {})
            return Bound(value, member)
        if name == "__class__":
            return value.cls
        own = value.cls.find("__getattr__")
        if own and isinstance(own[0], Function) and name not in _METHODS and not name.startswith("__"):
            given = self.call_function(own[0], [value, Known(name)], {})
            if not isinstance(given, Unknown):
                return given
        if HELD in value.attributes:
            return self.attribute(value.attributes[HELD], name, node)
        return module_attribute(self, value, name, node)

    def _inherited(self, value: Super, name: str, node: ast.AST) -> Value:
        """A member by ``super()``: of the class that comes next for the instance, which may be no base of this one."""
        instance = value.instance
        own = instance.cls if isinstance(instance, Instance) else instance if isinstance(instance, Class) else value.cls
        order = own.order if any(base is value.cls for base in own.order) else value.cls.order
        at = next(place for place, base in enumerate(order) if base is value.cls)
        library: Library | None = None
        for base in order[at + 1 :]:
            if isinstance(base, Class) and name in base.members:
                member = base.members[name]
                return Bound(instance, member) if isinstance(member, Function) else member
            if isinstance(base, Library) and not base.path.startswith(_EMPTY):
                library = base  # a library's class does not call what comes after it
                break
        if not isinstance(instance, Instance):
            return Native(name, lambda args, kwargs, node: Known(None))
        if name == "__init__":
            return Native(name, lambda args, kwargs, at: self._made_by(library, instance, Arguments(args, kwargs, at)))
        held = instance.attributes.get(HELD)
        if held is not None:
            if name == "__getitem__":
                return Native(name, lambda args, kwargs, at: self.elements(held, at)[0][0])
            if name in {"forward", "call", "__call__"}:
                return Native(name, lambda args, kwargs, at: self.call(held, args, kwargs, at))
            return self.attribute(held, name, node)
        found = instance.cls.find("forward") or instance.cls.find("call")
        if name == "__call__" and instance.is_module and found and isinstance(found[0], Function):
            return Bound(instance, found[0])
        if name == "__setattr__":
            return Native(name, lambda args, kwargs, at: self._set_plainly(instance, args, at))
        if instance.is_module and name not in {"forward", "call", "build"}:
            return module_attribute(self, instance, name, node)
        return Native(name, lambda args, kwargs, node: Known(None))

    def _made_by(self, library: Library | None, instance: Instance, given: Arguments) -> Value:
        """What ``__init__`` of a library's class makes of an instance."""
        functional = len(given.args) > 1 or {"inputs", "outputs"} <= set(given.kwargs)
        held = held_base(library) or (library if functional and is_keras(instance) else None)
        if held is not None:
            return self._hold(instance, self.call(held, given.args, given.kwargs, given.node))
        return Known(None)

    def _set_plainly(self, instance: Instance, args: list[Value], node: ast.AST) -> Value:
        name = plain(args[0]) if len(args) == 2 else None
        if isinstance(name, str):
            self._set_member(instance, name, args[1], node)
        else:
            self.lose_module(instance, node, "an attribute is set whose name can't be told")
        return Known(None)

    def _hold(self, instance: Instance, value: Value) -> Value:
        """Keep what a base class of a library makes: it is the instance itself, and no network of its own."""
        instance.attributes[HELD] = value
        self.trace.networks = [network for network in self.trace.networks if network is not value]
        return Known(None)

    def set_attribute(self, value: Value, name: str, new: Value, node: ast.AST) -> None:
        """Set an attribute of a value."""
        if isinstance(value, Instance):
            own = value.cls.find("__setattr__") if name != "*is built" else None
            if own and isinstance(own[0], Function):
                self.call_function(own[0], [value, Known(name), new], {})
            else:
                self._set_member(value, name, new, node)
        elif isinstance(value, Unknown) and value.among:
            for module in value.among:
                if name == "trainable" and is_module(module):
                    set_trainable(module, new, surely=False)
                elif isinstance(module, Layer | Instance):
                    self.lose_module(
                        module, node, f"{name} is set of one of several layers, and of which can't be told"
                    )
        elif isinstance(value, Table):
            value.entries[name] = new
        elif isinstance(value, Parameters) and name == "requires_grad":
            require(self, value, new)
        elif isinstance(value, Tensor | Parameters) and name == "data" and value.weight is not None:
            sizes = new.shape if isinstance(new, Tensor) else sizes_of(new) or _size_of(new)
            known = sizes is not None and None not in sizes and not self.unsure(value.weight, rounds=False)
            if sizes != value.weight.shape:
                value.weight.shape = tuple(size for size in sizes or () if size is not None) if known else None
        elif isinstance(value, Tensor) and name == "requires_grad" and value.weight is not None:
            require(self, Parameters(Unknown(""), value.weight), new)
        elif isinstance(value, Library) and value.path.split(".")[0] in {"torch", "keras", "torchvision"}:
            if value.path.startswith(("torch.nn", "keras.layers", "keras.models", "torchvision.models")):
                self.open_world(node, f"{value.path}.{name} is replaced")
        elif isinstance(value, Parameters) and name == "grad":
            self.emit(GradientsReset, node, models=(value.model,))
        elif isinstance(value, Class):
            before = value.members.get(name)
            unsure = self.unsure(value, rounds=False)
            value.members[name] = joined(before, new) if unsure and before is not None else new
        elif isinstance(value, Layer):
            set_module_attribute(self, value, name, new, node)
        elif isinstance(value, Dataset):
            if name in {"targets", "labels", "train_labels", "test_labels"}:
                value.labels = new
            elif name in {"transform", "transforms"}:
                value.transform = new
                value.shape = image_shape(self, value, node)
            elif name == "target_transform":
                value.labels = labels_mapped(self, new, digits(value.split, scalar=True), node)
                if isinstance(value.labels, PerDigit):
                    value.labels.scalar = False

    def _set_member(self, value: Instance, name: str, new: Value, node: ast.AST) -> None:
        before = value.attributes.get(name)
        if value.is_module and self.unsure(value) and before is not new and (_registers(new) or _registers(before)):
            self.lose_module(value, node, f"whether {name} is set hangs on a condition that is not known")
        if name == "trainable" and is_keras(value):
            set_trainable(value, new, surely=not self.unsure(value, rounds=False))
        if self.unsure(value, rounds=False) and before is not None and before is not new:
            new = joined(before, new)
            if isinstance(new, Unknown):
                new.origins |= frozenset().union(*self.conditions)
        value.attributes[name] = new

    def subscript(self, value: Value, key: Value, node: ast.AST) -> Value:
        """An item of a value."""
        match value:
            case Items() | Table() | Known():
                return self._container_item(value, key)
            case Tensor() | PerDigit():
                return tensor_item(value, key)
            case Instance():
                found = value.cls.find("__getitem__")
                if found and isinstance(found[0], Function):
                    return self.call_function(found[0], [value, key], {})
                return module_attribute(self, value, "[]", node, key)
            case Layer():
                return module_attribute(self, value, "[]", node, key)
            case State():
                return value
            case Library():
                return self._library_item(value, key, node)
            case Dataset() | Loader():
                items, _ = self.elements(value, node)
                return items[0] if items else Unknown("")
        return Unknown("", origins=origins_of(value, key))

    def _library_item(self, value: Library, key: Value, node: ast.AST) -> Value:
        found = registry.handler(f"item:{value.path}")
        return found(self, Arguments([value, key], {}, node)) if found else value

    def _container_item(self, value: Value, key: Value) -> Value:
        if isinstance(key, PerDigit):
            values = [container_item(value, item) for item in key.values]
            return PerDigit(values, key.scalar, origins=origins_of(value, key))
        return container_item(value, key)

    def set_item(self, value: Value, key: Value, new: Value, node: ast.AST) -> None:
        """Set an item of a value."""
        if isinstance(value, PerDigit):
            _set_label(self, value, key, new)
        elif isinstance(value, Instance):
            found = value.cls.find("__setitem__")
            if found and isinstance(found[0], Function):
                self.call_function(found[0], [value, key, new], {})
            elif value.is_module:
                held = value.attributes.get(HELD)
                if isinstance(held, Layer):
                    change_children(self, held, node, key, new)
                else:
                    self.lose_module(value, node, "an item of it is set")
        elif isinstance(value, Layer):
            change_children(self, value, node, key, new)
        elif isinstance(value, Tensor):
            _fill(value, key, new)
        else:
            container_set(value, key, joined(self._container_item(value, key), new) if self.unsure(value) else new)

    def delete(self, value: Value, key: Value, node: ast.AST) -> None:
        """Delete an item or, by its name, an attribute of a value."""
        match value:
            case Instance() if isinstance(value.attributes.get(HELD), Layer):
                self.delete(value.attributes[HELD], key, node)
            case Layer():
                change_children(self, value, node, key, None)
            case Items() | Table():
                container_delete(value, key, surely=not self.unsure(value))

    def delete_attribute(self, value: Value, name: str, node: ast.AST) -> None:
        """Delete an attribute of a value."""
        if isinstance(value, Instance):
            gone = value.attributes.get(name)
            if _registers(gone) and self.unsure(value):
                self.lose_module(value, node, f"{name} is deleted under a condition that is not known")
            value.attributes.pop(name, None)
        elif isinstance(value, Layer):
            change_children(self, value, node, name, None)

    def elements(self, value: Value, node: ast.AST) -> tuple[list[Value], bool]:
        """The items of a value that can be iterated; True beside them where one stands for many."""
        if isinstance(value, Instance):
            for name in ("__iter__", "__getitem__"):
                found = value.cls.find(name)
                if found and isinstance(found[0], Function):
                    index: list[Value] = [Unknown("an index")] if name == "__getitem__" else []
                    result = self.call_function(found[0], [value, *index], {})
                    return self.elements(result, node) if name == "__iter__" else ([result], True)
            if HELD in value.attributes:
                return items_of(self, value.attributes[HELD], node)
            return module_items(value)
        return items_of(self, value, node)


def _size_of(value: Value) -> tuple[int, ...] | None:
    return value.weight.shape if isinstance(value, Parameters) and value.weight is not None else None


def _registers(value: Value | None) -> bool:
    """Tell whether a network registers what is set on it."""
    return is_module(value) or (isinstance(value, Tensor) and value.weight is not None)


_METHODS = frozenset(
    [
        *("train", "eval", "to", "cuda", "cpu", "parameters", "named_parameters", "buffers", "named_buffers", "apply"),
        *("children", "modules", "named_children", "named_modules", "state_dict", "load_state_dict", "zero_grad"),
        *("requires_grad_", "training", "forward", "add_module", "register_module", "register_buffer", "half", "float"),
    ]
)
"""Members of every network, which are found before ``__getattr__`` of its class is asked."""
_OPEN = frozenset({"torch.nn.Module", "keras.layers.Layer", "keras.Model", "keras.models.Model"})


_EMPTY = ("object", "abc.", "typing.", "Generic", "Protocol", "enum.")
"""Classes of libraries that make nothing of an instance, by the beginnings of their names."""


def held_base(cls: Class | Library | None) -> Library | None:
    """The data set or the layer of a library that a class derives from, and that makes what an instance holds."""
    bases = {cls.path} if isinstance(cls, Library) else cls.library_bases() if cls is not None else set()
    paths = [
        path
        for path in sorted(bases - _OPEN)
        if path.startswith(("torchvision.datasets.", "torch.nn.", "keras.layers.", "keras.Seq", "keras.models.Seq"))
        and not path.startswith(("torch.nn.functional", "torch.nn.init"))
    ]
    return Library(paths[0]) if paths else None


def module_items(value: Instance) -> tuple[list[Value], bool]:
    """What an object of a container class holds."""
    return list(value.attributes.values()), False


def _fill(value: Tensor, key: Value, new: Value) -> None:
    """Set an item of a tensor; one that is counted up by labels and predictions is a confusion matrix."""
    value.origins |= origins_of(key, new)
    keys = key.items if isinstance(key, Items) else []
    if value.role == "made" and len(keys) == 2 and origins_of(*keys):
        value.role = "confusion"


def _set_label(machine: Instances, value: PerDigit, key: Value, new: Value) -> None:
    """Change labels where a condition on them holds, or those of the digit that is looked at."""
    for digit in range(len(value.values)):
        given = new.values[digit] if isinstance(new, PerDigit) else new
        if machine.digit is not None:
            if machine.digit == digit:
                value.values[digit] = machine.narrow(given)
        elif isinstance(key, PerDigit):
            chosen = key.values[digit]
            if isinstance(chosen, Known):
                if chosen.value is True:
                    value.values[digit] = given
            else:
                value.values[digit] = joined(value.values[digit], given)
        elif isinstance(new, PerDigit):
            value.values[digit] = given
        else:
            value.values[digit] = joined(value.values[digit], given)
