"""Dictionaries, attributes, copies, and partial functions of a program on the abstract machine."""

import ast
from itertools import pairwise

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.containers import key_of
from reportgen.code.host import Host, origins_of, plain, whole
from reportgen.code.operations import binary
from reportgen.code.registration import copied, is_module
from reportgen.code.values import (
    Dataset,
    Instance,
    Items,
    Known,
    Layer,
    Library,
    Native,
    PerDigit,
    Table,
    Unknown,
    Value,
)

_MOST = 300
_LARGEST = 2**64


@registry.library(
    "dict",
    "collections.defaultdict",
    "collections.Counter",
    "types.SimpleNamespace",
    "argparse.Namespace",
    *("omegaconf.OmegaConf.create", "omegaconf.OmegaConf.to_container", "omegaconf.DictConfig", "easydict.EasyDict"),
    *("box.Box", "munch.munchify", "munch.Munch", "addict.Dict", "ml_collections.ConfigDict"),
)
def _dict(host: Host, given: Arguments) -> Value:
    if given.path.endswith("defaultdict"):
        made = host.call(given.first(), [], {}, given.node) if given.args else None
        return Table({}, made if isinstance(made, Known) else None)
    entries: dict[object, Value] = {}
    first = given.args[0] if given.args else None
    if isinstance(first, Table):
        entries |= first.entries
    elif isinstance(first, Items):
        for item in first.items:
            parts = host.elements(item, given.node)[0]
            key = key_of(parts[0]) if len(parts) == 2 else None
            if key is not None:
                entries[key[0]] = parts[1]
    return Table(entries | dict(given.kwargs.items()))


@registry.library("dict.fromkeys")
def _from_keys(host: Host, given: Arguments) -> Value:
    keys = [key_of(item) for item in host.elements(given.first(), given.node)[0]]
    value = given.args[1] if len(given.args) > 1 else Known(None)
    return Table({key[0]: value for key in keys if key is not None})


@registry.library("collections.namedtuple")
def _named_tuple(host: Host, given: Arguments) -> Value:
    fields = plain(given.get("field_names", 1), "")
    names = fields.replace(",", " ").split() if isinstance(fields, str) else [str(field) for field in fields or ()]

    def make(args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        named: dict[object, Value] = dict(zip(names, args, strict=False))
        return Table(named | dict(kwargs.items()))

    return Native("namedtuple", make)


@registry.library("getattr")
def _getattr(host: Host, given: Arguments) -> Value:
    name = given.value("", 1)
    if isinstance(name, str):
        return host.attribute(given.args[0], name, given.node)
    return Unknown("")


@registry.library("hasattr")
def _hasattr(host: Host, given: Arguments) -> Value:
    target, name = given.first(), given.value("", 1)
    if isinstance(target, Instance) and not target.is_module and isinstance(name, str):
        return Known(name in target.attributes or target.cls.find(name) is not None)
    if isinstance(target, Layer) and target.weights and name in target.weights:
        return Known(True)
    return Unknown("")


@registry.library("importlib.import_module", "__import__")
def _import_module(host: Host, given: Arguments) -> Value:
    name = given.value("name", 0, "")
    if name == "__main__":
        return Table(dict(host.globals.names.items()))
    return Library(registry.full_name(name)) if isinstance(name, str) and name else Unknown("")


@registry.library("setattr")
def _setattr(host: Host, given: Arguments) -> Value:
    target = given.first()
    name = given.value("", 1)
    if isinstance(name, str) and len(given.args) > 2:
        host.set_attribute(target, name, given.args[2], given.node)
    elif isinstance(target, Layer | Instance) and is_module(target):
        host.lose_module(target, given.node, "an attribute is set whose name can't be told")
    return Known(None)


@registry.library("delattr")
def _delattr(host: Host, given: Arguments) -> Value:
    target, name = given.first(), given.value("", 1)
    if isinstance(name, str):
        host.delete_attribute(target, name, given.node)
    elif isinstance(target, Layer | Instance) and is_module(target):
        host.lose_module(target, given.node, "an attribute is deleted whose name can't be told")
    return Known(None)


@registry.library("exec", "eval", "compile")
def _executed(host: Host, given: Arguments) -> Value:
    if given.path == "exec":
        host.open_world(given.node, "exec runs code that is not followed")
    return Unknown("what a text of code gives")


@registry.library("print", "display", "IPython.display.display", "exit", "quit", "sys.exit", "os.makedirs", "time.time")
def _nothing(host: Host, given: Arguments) -> Value:
    for text, value in pairwise(given.args):
        if isinstance(text, Known) and isinstance(text.value, str):
            host.name_measure(text.value, value, given.node)
    return Known(None) if given.path == "print" else Unknown("")


@registry.library("input")
def _outside(host: Host, given: Arguments) -> Value:
    return Unknown("what stands outside of the program")


@registry.library("copy.deepcopy", "copy.copy")
def _copied(host: Host, given: Arguments) -> Value:
    value = given.first()
    if given.path == "copy.deepcopy" and isinstance(value, Layer | Instance | Items | Table):
        return copied(value)
    if isinstance(value, PerDigit):
        return PerDigit(list(value.values), value.scalar, value.one_hot, origins=value.origins)
    if isinstance(value, Items):
        return Items(list(value.items), value.kind, value.many, value.literal, origins=value.origins)
    if isinstance(value, Dataset):
        labels = value.labels
        if isinstance(labels, PerDigit):
            labels = PerDigit(list(labels.values), labels.scalar, labels.one_hot, origins=labels.origins)
        return Dataset(
            value.split,
            value.transform,
            labels,
            value.size,
            value.root,
            value.items,
            value.line,
            value.name,
            value.shape,
        )
    return value


@registry.library("functools.reduce")
def _reduced(host: Host, given: Arguments) -> Value:
    function, items = given.args[0], host.elements(given.args[1], given.node)[0] if len(given.args) > 1 else []
    total = given.args[2] if len(given.args) > 2 else Unknown("")
    for item in items[:_MOST]:
        total = host.call(function, [total, item], {}, given.node)
    return total


@registry.library("dataclasses.replace", "copy.replace")
def _replaced(host: Host, given: Arguments) -> Value:
    value = given.first()
    if isinstance(value, Instance):
        return Instance(value.cls, {**value.attributes, **given.kwargs}, line=value.line)
    return value


@registry.library("functools.partial")
def _partial(host: Host, given: Arguments) -> Value:
    function, *first = given.args
    bound = dict(given.kwargs)
    return Native("partial", lambda args, kwargs, node: host.call(function, [*first, *args], {**bound, **kwargs}, node))


@registry.library("type", "id", "callable", "divmod", "pow", "vars", "dir", "hash", "chr", "ord", "repr", "format")
def _whatever(host: Host, given: Arguments) -> Value:
    if given.path == "type" and isinstance(given.first(), Instance):
        value = given.first()
        assert isinstance(value, Instance)
        return value.cls
    if given.path == "type" and isinstance(given.first(), Layer):
        return registry.call("class of a layer", host, given)
    if given.path == "vars" and given.args:
        value = given.first()
        own = value.attributes if isinstance(value, Instance) and not value.is_module else None
        return Table(dict(own.items())) if own is not None else value if isinstance(value, Table) else Unknown("")
    if given.path in {"divmod", "pow"} and len(given.args) > 1:
        one, other = given.args[:2]
        if given.path == "pow" and len(given.args) > 2:
            return _remainder(given)
        if given.path == "pow":
            return binary(host, ast.Pow(), one, other, given.node)
        return Items(
            [binary(host, ast.FloorDiv(), one, other, given.node), binary(host, ast.Mod(), one, other, given.node)],
            "tuple",
        )
    return Unknown("", origins=origins_of(*given.all))


def _remainder(given: Arguments) -> Value:
    """Of a power: ``pow`` with three arguments."""
    known = [number for value in given.args if (number := whole(value)) is not None and abs(number) < _LARGEST]
    try:
        return Known(pow(*known[:3])) if len(known) == len(given.args) == 3 else Unknown("")
    except ValueError:  # the modulus is zero, or there is no inverse
        return Unknown("")


@registry.library("staticmethod", "classmethod", "property", "dataclasses.dataclass", "object", "super")
def _class_words(host: Host, given: Arguments) -> Value:
    return given.first() if given.args else Unknown("")


@registry.library("dataclasses.field")
def _field(host: Host, given: Arguments) -> Value:
    if "default" in given.kwargs:
        return given.kwargs["default"]
    factory = given.kwargs.get("default_factory")
    return host.call(factory, [], {}, given.node) if factory is not None else Known(None)
