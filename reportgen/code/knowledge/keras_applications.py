"""The networks of ``keras.applications`` by name, layer by layer, as ``keras_applications.json`` beside this has them.

``benchmarks/keras_networks.py`` writes that file from Keras itself.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, plain, whole
from reportgen.code.knowledge.keras_weights import WEIGHTED, WEIGHTLESS
from reportgen.code.values import Known, Layer, Shape, Tensor, Unknown, Value, Weight

_NEUTRAL = frozenset({"weights", "name", "classifier_activation", "dropout", "include_preprocessing"})
"""Arguments that no tensor follows from."""


@cache
def _table() -> dict[str, Any]:
    text = Path(__file__).with_name("keras_applications.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@registry.library("keras.applications.")
def _published(host: Host, given: Arguments) -> Value:
    """A network by its name."""
    name = given.path.rpartition(".")[2]
    about = _table()["networks"].get(name)
    if about is None:
        return Unknown(given.path, origins=given.first().origins)
    values = dict(zip(about["arguments"], given.args, strict=False)) | given.kwargs
    top = plain(values.get("include_top", Known(True)))
    entry = _entry(values, about, whole_network=top is not False)
    sizes = _sizes(values, about, entry)
    children: list[Value] = [
        _layer(_table()["parts"][place], sizes, given.line)
        for place in about["layers"]
        if top is not False or not _table()["parts"][place][3]
    ]
    shape = _output(about, entry, values) if top is False else (None, whole(values.get("classes", Known(1000))))
    layers = tuple(child for child in children if isinstance(child, Layer))
    before = given_tensor.passed if isinstance(given_tensor := values.get("input_tensor"), Tensor) else ()
    inputs = given_tensor if isinstance(given_tensor, Tensor) else Tensor(entry, (), "images")
    outputs = Tensor(shape, (), "logits", passed=(*before, *layers), lost=f"keras.applications.{name}")
    made = Layer("keras.Model", {"inputs": inputs, "outputs": outputs}, given.line, [*before, *children])
    made.names = [str(at) for at in range(len(made.children))]
    why = _unsure(values, about, top)
    made.lost = f"line {given.line}: what {why} changes in {name} can't be told" if why else ""
    host.enter_network(made)
    return made


def _unsure(values: dict[str, Value], about: dict[str, Any], top: object) -> str:
    """An argument whose value may change the layers in a way that is not known; empty where there is none."""
    if not isinstance(top, bool | int):
        return "include_top"
    arguments = about["arguments"]
    for name, value in values.items():
        read = name in {"input_shape", "input_tensor", "include_top", "classes", "pooling"}
        if not read and name not in _NEUTRAL and (name not in arguments or plain(value, "?") != arguments[name]):
            return name
    return ""


def _entry(values: dict[str, Value], about: dict[str, Any], *, whole_network: bool) -> Shape | None:
    """The sizes of the input, the batch first; None where they are not known."""
    tensor, shape = values.get("input_tensor"), values.get("input_shape")
    if isinstance(tensor, Tensor):
        return tensor.shape
    if shape is not None and plain(shape, "?") is not None:
        sizes = plain(shape)
        return (None, *sizes) if isinstance(sizes, tuple) and len(sizes) == 3 else None
    side = about["side"] if whole_network else None
    return (None, side, side, 3) if tensor is None or plain(tensor, "?") is None else None


def _sizes(values: dict[str, Value], about: dict[str, Any], entry: Shape | None) -> dict[str, int | None]:
    """What the words in place of sizes stand for."""
    channels = entry[-1] if entry else None
    rows, columns, deep = (_output(about, entry, {}) or (None, None, None, None))[1:]
    flat = rows * columns * deep if rows is not None and columns is not None and deep is not None else None
    return {"classes": whole(values.get("classes", Known(1000))), "channels": channels, "flat": flat}


def _output(about: dict[str, Any], entry: Shape | None, values: dict[str, Value]) -> Shape | None:
    """The sizes of the last map, or of what is pooled from it."""
    add, by, deep = about["last map"]
    pooling = plain(values.get("pooling", Known(None)), "?")
    if pooling in {"avg", "max"}:
        return (None, deep)
    if entry is None or len(entry) != 4 or pooling is not None:
        return None
    return (None, *(None if side is None else (side + add) // by for side in entry[1:3]), deep)


def _layer(part: list[Any], sizes: dict[str, int | None], line: int) -> Layer:
    name, kind, tensors, _ = part
    known = (WEIGHTED.get(kind) or WEIGHTLESS.get(kind) or (f"keras.{kind}",))[0]
    layer = Layer(known, {"name": Known(name)}, line, keras=kind, used=True)
    layer.weights = {}
    for tensor, shape, trained in tensors:
        own = tuple(sizes[size] if isinstance(size, str) else size for size in shape)
        told = tuple(size for size in own if size is not None)
        layer.weights[tensor] = Weight(told if len(told) == len(own) else None, trained, not trained)
    return layer
