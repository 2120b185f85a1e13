"""Attributes and items of the machine's values: instances, classes, data sets that a class derives from."""

import ast
from abc import abstractmethod

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.containers import container_item, container_method, container_set, items_of
from reportgen.code.expressions import joined
from reportgen.code.host import origins_of
from reportgen.code.knowledge.images import digits
from reportgen.code.knowledge.modules import module_attribute, modules_of, set_module_attribute
from reportgen.code.knowledge.tensors import labels_mapped, tensor_attribute, tensor_item
from reportgen.code.statements import Statements
from reportgen.code.trace import GradientsReset
from reportgen.code.values import (
    Bound,
    Class,
    Dataset,
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

HELD = "*dataset"
"""Where an instance keeps the data set that it derives from."""


class Instances(Statements):
    """A machine that reads and sets attributes and items."""

    @abstractmethod
    def call_function(self, function: Function, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """Call a function of the program."""

    def attribute(self, value: Value, name: str, node: ast.AST) -> Value:
        """An attribute of a value."""
        match value:
            case Library():
                path = registry.full_name(f"{value.path}.{name}")
                return registry.constant(path) or Library(path)
            case Instance():
                return self._instance_attribute(value, name, node)
            case Class():
                found = value.find(name)
                if found:
                    member = found[0]
                    return Bound(value, member) if isinstance(member, Function) and member.kind == "class" else member
                return Known(value.name) if name == "__name__" else Unknown("")
            case Super():
                return self._inherited(value, name, node)
            case Layer():
                return module_attribute(self, value, name, node)
            case Tensor() | PerDigit():
                return tensor_attribute(self, value, name, node)
            case Items() | Table() | Known():
                return container_method(self, value, name, node)
        if isinstance(value, Unknown) and value.unit is not None:
            return Native(name, lambda args, kwargs, at: Unknown("", value.unit, origins=origins_of(value, *args)))
        handler = registry.handler(f"attribute:{type(value).__name__}")
        if handler is not None:
            return handler(self, Arguments([value, Known(name)], {}, node))
        return Unknown("", origins=value.origins)

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
        if HELD in value.attributes:
            return self.attribute(value.attributes[HELD], name, node)
        return module_attribute(self, value, name, node)

    def _inherited(self, value: Super, name: str, node: ast.AST) -> Value:
        for base in value.cls.bases:
            found = base.find(name) if isinstance(base, Class) else None
            if found and isinstance(found[0], Function):
                return Bound(value.instance, found[0])
        library, instance = dataset_base(value.cls), value.instance
        if name == "__init__" and isinstance(instance, Instance) and "torch.nn.Sequential" in value.cls.library_bases():
            return Native(
                name,
                lambda args, kwargs, at: self._hold(
                    instance, self.call(Library("torch.nn.Sequential"), args, kwargs, at)
                ),
            )
        if library is not None and isinstance(instance, Instance):
            if name == "__init__":
                return Native(name, lambda args, kwargs, at: self._hold(instance, self.call(library, args, kwargs, at)))
            held = instance.attributes.get(HELD)
            if held is not None and name == "__getitem__":
                return Native(name, lambda args, kwargs, at: self.elements(held, at)[0][0])
            if held is not None:
                return self.attribute(held, name, node)
        return Native(name, lambda args, kwargs, node: Known(None))

    @staticmethod
    def _hold(instance: Instance, value: Value) -> Value:
        instance.attributes[HELD] = value
        return Known(None)

    def set_attribute(self, value: Value, name: str, new: Value, node: ast.AST) -> None:
        """Set an attribute of a value."""
        if isinstance(value, Instance):
            before = value.attributes.get(name)
            if self.conditions and before is not None and before is not new:
                new = joined(before, new)
                if isinstance(new, Unknown):
                    new.origins |= frozenset().union(*self.conditions)
            value.attributes[name] = new
        elif isinstance(value, Table):
            value.entries[name] = new
        elif isinstance(value, Parameters) and name == "requires_grad":
            for part in modules_of(value.model):
                if isinstance(part, Layer):
                    part.frozen = not (isinstance(new, Known) and new.value is True)
        elif isinstance(value, Parameters) and name == "grad":
            self.emit(GradientsReset, node, models=(value.model,))
        elif isinstance(value, Class):
            before = value.members.get(name)
            value.members[name] = joined(before, new) if self.conditions and before is not None else new
        elif isinstance(value, Layer):
            set_module_attribute(value, name, new)
        elif isinstance(value, Dataset):
            if name in {"targets", "labels", "train_labels", "test_labels"}:
                value.labels = new
            elif name in {"transform", "transforms"}:
                value.transform = new
            elif name == "target_transform":
                value.labels = labels_mapped(self, new, digits(value.split, scalar=True), node)
                if isinstance(value.labels, PerDigit):
                    value.labels.scalar = False

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
        elif isinstance(value, Tensor):
            _fill(value, key, new)
        else:
            container_set(value, key, joined(self._container_item(value, key), new) if self.conditions else new)

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


def dataset_base(cls: Class) -> Library | None:
    """The data set of torchvision that a class derives from."""
    paths = [path for path in cls.library_bases() if path.startswith("torchvision.datasets.")]
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
