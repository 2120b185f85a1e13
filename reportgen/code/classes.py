"""Of which class a value of the abstract machine is: what ``isinstance`` and ``type`` tell."""

from types import MappingProxyType

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host
from reportgen.code.knowledge.keras_signatures import name_today
from reportgen.code.registration import is_keras
from reportgen.code.values import Class, Instance, Items, Known, Layer, Library, Table, Tensor, Unknown, Value


@registry.library("isinstance")
def _isinstance(host: Host, given: Arguments) -> Value:
    if len(given.args) < 2:
        return Unknown("")
    value, wanted = given.args[:2]
    kinds = wanted.items if isinstance(wanted, Items) else [wanted]
    found = [_is_a(value, kind) for kind in kinds]
    return Known(True) if True in found else Unknown("") if None in found else Known(False)


_PLAIN = MappingProxyType(
    {"int": int, "float": float, "str": str, "bool": bool, "list": list, "tuple": tuple, "dict": dict}
)


def _is_a(value: Value, kind: Value) -> bool | None:
    if isinstance(kind, Library):
        name = kind.path.rpartition(".")[2]
        if isinstance(value, Layer):
            return _is_layer(value, kind.path, name)
        if isinstance(value, Instance) and value.is_module:
            if name == "Module" or any(path.rpartition(".")[2] == name for path in value.cls.library_bases()):
                return True
            return None if is_keras(value) else False
        if isinstance(value, Known) and name in _PLAIN:
            return isinstance(value.value, _PLAIN[name])
        if isinstance(value, Items) and name in _PLAIN:
            return value.kind == name
        if isinstance(value, Table) and name in _PLAIN:
            return name == "dict"
        return False if isinstance(value, Library | Layer | Tensor) and name in _PLAIN else None
    if isinstance(kind, Class) and isinstance(value, Instance):
        return any(base is kind for base in value.cls.order)
    return False if isinstance(kind, Class) and isinstance(value, Layer | Known) else None


_FAMILIES = MappingProxyType(
    {
        "_ConvNd": ("Conv",),
        "_ConvTransposeNd": ("ConvTranspose",),
        "_BatchNorm": ("BatchNorm", "SyncBatchNorm"),
        "_InstanceNorm": ("InstanceNorm",),
        "_NormBase": ("BatchNorm", "InstanceNorm", "SyncBatchNorm"),
        "_DropoutNd": ("Dropout", "AlphaDropout", "FeatureAlphaDropout"),
        "_MaxPoolNd": ("MaxPool",),
        "RNNBase": ("RNN", "LSTM", "GRU"),
    }
)
"""Classes that layers of torch derive from, and the beginnings of their names; not those of cells."""


def _is_layer(value: Layer, path: str, name: str) -> bool | None:
    """Tell whether a layer is of a class of a library; None where that hangs on how the library derives its own."""
    if path.startswith("keras."):
        if name in {"Layer", "Module"}:
            return True
        inner = value.children[0] if value.type == "keras.Pair" else value
        kind = inner.keras or inner.type.removeprefix("keras.") if isinstance(inner, Layer) else ""
        apart = {_short(kind), _short(name)}
        # the transposed and separable convolutions derive from the plain ones in some releases, and in others not
        derives = all("Conv" in one for one in apart) or "Model" in apart
        return True if len(apart) == 1 else None if derives or not kind else False
    if path.endswith(".Module") and value.keras:
        return None
    if name in _FAMILIES:
        return value.type.startswith(_FAMILIES[name]) and "Cell" not in value.type
    return None if name.startswith("_") else name in {value.type, "Module"}


def _short(name: str) -> str:
    return name_today(name).replace("Pooling", "Pool").replace("Average", "Avg")


@registry.library("class of a layer")
def _class_of(host: Host, given: Arguments) -> Value:
    value = given.first()
    assert isinstance(value, Layer)
    if value.keras or value.type.startswith("keras."):
        inner = value.children[0] if value.type == "keras.Pair" else value
        name = inner.keras or inner.type.removeprefix("keras.") if isinstance(inner, Layer) else ""
        return Library(f"keras.layers.{name}") if name else Unknown("a class of Keras")
    return Library(value.type if "." in value.type else f"torch.nn.{value.type}")
