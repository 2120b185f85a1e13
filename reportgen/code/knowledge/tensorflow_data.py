"""Data sets of ``tf.data`` and ``tensorflow_datasets``: images with labels, channels last, one by one or in batches."""

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, plain
from reportgen.code.knowledge.images import SIZES, digits
from reportgen.code.values import (
    Dataset,
    Items,
    Known,
    Loader,
    PerDigit,
    Table,
    Tensor,
    Unknown,
    Value,
    only,
)


@registry.library("tensorflow.data.Dataset.from_tensor_slices")
def _slices(host: Host, given: Arguments) -> Value:
    parts = host.elements(given.first(), given.node)[0] if isinstance(given.first(), Items) else [given.first()]
    images, labels = (*parts, Unknown(""), Unknown(""))[:2]
    shape = images.shape[1:] if isinstance(images, Tensor) and images.shape else None
    return Dataset(only(images.origins), None, labels, line=given.line, origins=images.origins, shape=shape)


@registry.library("tensorflow_datasets.load")
def _load(host: Host, given: Arguments) -> Value:
    """The sets of a known collection, and what is told of it where that is asked for."""
    name = str(plain(given.get("name", 0), "")).partition(":")[0].removesuffix("_cropped").replace("_", "")
    sizes = SIZES.get(name)
    split = given.get("split", 1)
    parts = split.items if isinstance(split, Items) else [split]
    supervised = given.value("as_supervised", None, False) is True
    sets: list[Value] = [
        _set_of(str(plain(part, "")), name, given) if sizes is not None and supervised else Unknown("a data set")
        for part in parts
    ]
    found = Items(sets, "tuple") if isinstance(split, Items) else sets[0]
    if given.value("with_info", None, False) is not True:
        return found
    classes = Unknown("") if sizes is None or name == "emnist" else Known(100 if name.endswith("100") else 10)
    label: Value = Table({"num_classes": classes})
    image: Value = Unknown("") if sizes is None else Table({"shape": _shape_of(name)})
    return Items([found, Table({"features": Table({"label": label, "image": image})}, Unknown(""))], "tuple")


def _shape_of(name: str) -> Value:
    channels, *sides = SIZES[name]
    return Items([Known(size) for size in (*sides, channels)], "tuple")


def _set_of(said: str, name: str, given: Arguments) -> Value:
    channels, *sides = SIZES[name]
    later = said.partition("[")[2].rstrip("]").partition(":")[0]  # of train[80%:] the last part is set aside
    split = "validation" if said.startswith("train") and later else said.partition("[")[0]
    split = split if split in {"train", "validation", "test"} else ""
    labels: Value = digits(split) if not name.endswith("100") else Unknown("labels of other than ten classes")
    origins = frozenset({split}) if split else frozenset()
    return Dataset(split, None, labels, line=given.line, name=name, shape=(*sides, channels), origins=origins)


@registry.library("chained")
def _chained(host: Host, given: Arguments) -> Value:
    """A method of ``tf.data`` that gives another data set: the data set, the name, then the arguments."""
    dataset, name = given.args[0], plain(given.args[1])
    rest = Arguments(given.args[2:], given.kwargs, given.node)
    if not isinstance(dataset, Dataset):
        return dataset
    if name == "batch":
        return Loader(dataset, rest.get("batch_size", 0) or Unknown(""), given.line, origins=dataset.origins)
    if name == "map" and rest.all:
        image = Tensor(dataset.shape, (), "images", origins=dataset.origins)
        result = host.call(rest.first(), [image, dataset.labels or Unknown("")], {}, given.node)
        parts = result.items if isinstance(result, Items) and len(result.items) > 1 else [result, Unknown("")]
        shape = parts[0].shape if isinstance(parts[0], Tensor) else None
        labels = parts[1] if isinstance(parts[1], PerDigit) else dataset.labels
        return Dataset(dataset.split, None, labels, line=given.line, origins=dataset.origins, shape=shape)
    return dataset


@registry.library("tensorflow.image.resize", "tensorflow.image.resize_with_pad")
def _resized(host: Host, given: Arguments) -> Value:
    value, sizes = given.first(), plain(given.get("size", 1))
    if given.path.endswith("pad") and len(given.args) > 2:
        sizes = (plain(given.args[1]), plain(given.args[2]))
    if not isinstance(value, Tensor):
        return Unknown("", origins=value.origins)
    known = isinstance(sizes, tuple) and len(sizes) == 2 and all(isinstance(size, int) for size in sizes)
    shape = (*value.shape[:-3], *sizes, value.shape[-1]) if known and value.shape and len(value.shape) > 2 else None
    return Tensor(shape, (), "images", origins=value.origins)
