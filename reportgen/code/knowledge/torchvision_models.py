"""The classifiers of ``torchvision.models`` by name, layer by layer, as ``torchvision.json`` beside this has them.

``benchmarks/published_networks.py`` writes that file from torchvision itself. A network is made of ordinary layers, so
that what a program does to it (a new head, frozen parts, a slice of its children) counts as on any other.
"""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, plain
from reportgen.code.knowledge.modules import fill_weights
from reportgen.code.registration import walk
from reportgen.code.values import Items, Known, Layer, Library, Tensor, Unknown, Value, Weight

FORM = "torchvision."
"""How the types of what is made of layers begin."""
_NEUTRAL = frozenset(
    [
        *("progress", "init_weights", "dropout", "drop_rate", "transform_input", "zero_init_residual"),
        *("replace_stride_with_dilation", "memory_efficient", "stochastic_depth_prob", "attention_dropout"),
        *("pretrained", "weights", "num_classes", "aux_logits"),
    ]
)
"""Arguments that no tensor follows from, or that are read here."""
_AUXILIARY_KEPT = MappingProxyType({"googlenet": False, "inception_v3": True})
"""Whether auxiliary heads stay if weights are asked for and nothing else is said; without weights they do."""
_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})
_PART_OF = "*part of"
"""Where a layer keeps whose part it was made as: what its head is given is known while the others are in place."""


@cache
def _table() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(__file__).with_name("torchvision.json").read_text(encoding="utf-8"))
    return found


@registry.library("torchvision.models.")
def _by_function(host: Host, given: Arguments) -> Value:
    package, _, name = given.path.rpartition(".")
    if "_Weights" in package or not name.islower():
        return Unknown(given.path)
    return _published(host, name, given)


@registry.library("torchvision.models.quantization.", "torchvision.models.video.")
def _other_networks(host: Host, given: Arguments) -> Value:
    return host.lose(given.node, f"{given.path} is not followed")


@registry.library("torchvision.models.get_model")
def _by_name(host: Host, given: Arguments) -> Value:
    named = {key: value for key, value in given.kwargs.items() if key != "name"}
    return _published(host, str(plain(given.get("name", 0))).lower(), replace(given, args=given.args[1:], kwargs=named))


@registry.library("torch.hub.load")
def _from_hub(host: Host, given: Arguments) -> Value:
    where, name = plain(given.get("repo_or_dir", 0)), plain(given.get("model", 1))
    if not str(where).startswith("pytorch/vision"):
        return host.lose(given.node, "what torch.hub.load gives can't be told")
    loading = {"repo_or_dir", "model", "source", "trust_repo", "force_reload", "verbose", "skip_validation"}
    named = {key: value for key, value in given.kwargs.items() if key not in loading}
    return _published(host, str(name), replace(given, args=given.args[2:], kwargs=named))


@registry.library("item:torchvision.models.__dict__")
def _by_key(host: Host, given: Arguments) -> Value:
    name = plain(given.args[1])
    return Library(f"torchvision.models.{name}") if isinstance(name, str) else Unknown("one of torchvision's networks")


def _published(host: Host, name: str, given: Arguments) -> Value:
    about = _table()["networks"].get(name)
    if about is None:
        return host.lose(given.node, f"{given.path} of {name!r} is not followed")
    classes = given.kwargs.get("num_classes", Known(1000))
    made = _part(about["root"], classes, given.line)
    made.type = f"{FORM}{name}"
    made.settings |= {key: _value(value) for key, value in about["attributes"].items()}
    for child in made.children:
        assert isinstance(child, Layer)
        child.settings[_PART_OF] = Known(name)
    for argument in given.kwargs:
        if argument not in _NEUTRAL:
            made.lost = made.lost or f"line {given.line}: what {argument} changes in {name} can't be told"
    named = [given.kwargs[key] for key in ("weights", "pretrained") if key in given.kwargs]
    weights = [value for value in (*given.args[:1], *named) if plain(value, True) not in {None, False}]
    others = about.get("other sizes", [])
    if others and any(_name_of_weights(value) in {"", *others} for value in weights):
        made.lost = made.lost or f"line {given.line}: these weights of {name} may be of other sizes"
    if "auxiliary" in about:
        kept = given.kwargs.get("aux_logits", Known(_AUXILIARY_KEPT[name] or not weights))
        if not isinstance(plain(kept), bool):
            made.lost = made.lost or f"line {given.line}: whether {name} has auxiliary heads can't be told"
        elif not plain(kept):
            stay = [at for at, key in enumerate(made.names) if key not in about["auxiliary"]]
            made.children, made.names = [made.children[at] for at in stay], [made.names[at] for at in stay]
    host.enter_network(made)
    return made


def _name_of_weights(value: Value) -> str:
    """The name of published weights; that of the first ones for ``pretrained=True``, nothing where it isn't known."""
    if plain(value) is True:
        return "IMAGENET1K_V1"
    found = value.path if isinstance(value, Library) else value.why if isinstance(value, Unknown) else plain(value, "")
    return str(found).rpartition(".")[2]


def _part(place: int, classes: Value, line: int) -> Layer:
    kind, content, *own = _table()["parts"][place]
    if not own:
        settings = {key: classes if value == "num_classes" else _value(value) for key, value in content.items()}
        fill_weights(layer := Layer(kind, settings, line))
        return layer
    children: list[Value] = [_part(child, classes, line) for child in content.values()]
    layer = Layer(kind if kind in _CONTAINERS else f"{FORM}{kind}", {}, line, children, list(content))
    layer.weights = {name: Weight(tuple(shape), not buffer, buffer) for name, (shape, buffer) in own[0].items()}
    return layer


def _value(setting: Any) -> Value:
    return Items([_value(item) for item in setting], "tuple") if isinstance(setting, list) else Known(setting)


@registry.library("apply:torchvision")
def _applied(host: Host, given: Arguments) -> Value:
    """What a network, or a part that is made of layers, gives: all of it is used; only its head is followed."""
    layer, value = given.args
    assert isinstance(layer, Layer)
    assert isinstance(value, Tensor)
    for _, inner in walk(layer):
        if isinstance(inner, Layer):
            inner.used = True
    passed = tuple(dict.fromkeys((*value.passed, layer)))
    name = layer.type.removeprefix(FORM)
    lost = value.lost or layer.type
    inside = replace(value, shape=None, passed=passed, lost=lost, unit=None, target=None, weight=None)
    about = _table()["networks"].get(name)
    if about is None or about["head"] not in layer.names:
        return inside
    whole = all(
        plain(child.settings.get(_PART_OF)) == name
        for key, child in zip(layer.names, layer.children, strict=True)
        if isinstance(child, Layer) and key != about["head"]
    )
    entry = replace(inside, shape=(value.shape[0] if value.shape else None, *about["enters"]) if whole else None)
    result = host.call(layer.children[layer.names.index(about["head"])], [entry], {}, given.node)
    shape = result.shape[:2] if isinstance(result, Tensor) and result.shape else None
    logits = replace(inside, shape=shape)
    heads = [key for key in about.get("auxiliary", []) if key in layer.names]
    if heads and layer.training:
        return Items([logits, *(replace(inside, shape=None) for _ in heads)], "tuple")
    return logits
