"""Data sets, loaders and transformations of ``torchvision`` and ``torch.utils.data``."""

import ast
from dataclasses import replace
from types import MappingProxyType

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, origins_of, plain, whole
from reportgen.code.knowledge.tensors import labels_mapped, mirrors
from reportgen.code.trace import Altered, Batched
from reportgen.code.values import (
    DIGITS,
    Dataset,
    Function,
    Instance,
    Items,
    Known,
    Library,
    Loader,
    Native,
    PerDigit,
    Shape,
    Tensor,
    Transform,
    Unit,
    Unknown,
    Value,
    only,
)

_SIZES = MappingProxyType({"train": 60_000, "test": 10_000})
SIZES = MappingProxyType(
    {
        **dict.fromkeys(("mnist", "fashion_mnist", "fashionmnist", "kmnist", "qmnist", "emnist"), (1, 28, 28)),
        **dict.fromkeys(("cifar10", "cifar100", "svhn"), (3, 32, 32)),
        "usps": (1, 16, 16),
    }
)
"""Sizes of the images of a data set, channels first, by its name in ``torchvision`` and Keras."""
_TEN_LABELS = frozenset({"MNIST", "FashionMNIST", "KMNIST", "QMNIST", "USPS", "CIFAR10", "SVHN"})
_WITH_TRAIN = (_TEN_LABELS | {"CIFAR100"}) - {"SVHN"}
"""Data sets of torchvision whose argument ``train`` says which set they are."""
_SAME_SIZE = frozenset(
    [
        *("ToTensor", "ToImage", "PILToTensor", "ToPILImage", "ToDtype", "ConvertImageDtype", "Normalize"),
        *(
            "RandomRotation",
            "RandomAffine",
            "RandomHorizontalFlip",
            "RandomVerticalFlip",
            "ColorJitter",
            "RandomErasing",
        ),
        *("RandomPerspective", "GaussianBlur", "RandomInvert", "RandomAutocontrast", "RandomEqualize", "GaussianNoise"),
        *("ElasticTransform", "RandAugment", "AutoAugment", "TrivialAugmentWide", "AugMix", "RandomAdjustSharpness"),
        *(
            "RandomPosterize",
            "RandomSolarize",
            "ToImageTensor",
            "ConvertDtype",
            "ToPureTensor",
            "RandomPhotometricDistort",
        ),
    ]
)


def image_shape(host: Host, dataset: Dataset, node: ast.AST) -> Shape | None:
    """The sizes of an image of a data set after its transformations; None where they can't be told."""
    shape: Shape | None = SIZES.get(dataset.name)
    transform = dataset.transform
    if transform is None or (isinstance(transform, Known) and transform.value is None):
        return shape
    if isinstance(transform, Transform):
        return transformed_shape(host, transform, shape, node)
    if isinstance(transform, Function | Instance | Native):
        result = host.call(transform, [Tensor(shape, (), "images")], {}, node)
        return result.shape if isinstance(result, Tensor) else None
    return None


def transformed_shape(host: Host, transform: Transform, shape: Shape | None, node: ast.AST) -> Shape | None:
    """The sizes of an image (channels, height, width) after transformations."""
    for name, settings, _ in transform.steps:
        if name not in _SAME_SIZE:
            shape = _after(host, name, settings, shape, node)
    return shape


def _after(host: Host, name: str, settings: dict[str, Value], shape: Shape | None, node: ast.AST) -> Shape | None:
    first = settings.get("0") or settings.get("size") or settings.get("padding") or settings.get("lambd")
    size = plain(first)
    if name == "Lambda" and first is not None:
        result = host.call(first, [Tensor(shape, (), "images")], {}, node)
        return result.shape if isinstance(result, Tensor) else None
    if name == "Grayscale":
        channels = plain(settings.get("0") or settings.get("num_output_channels"), 1)
        return (channels, *shape[-2:]) if shape and isinstance(channels, int) else None
    if shape is None or len(shape) != 3 or not isinstance(size, int | tuple):
        return None
    if name == "Pad":
        around = (size,) * 2 if isinstance(size, int) else size
        left, top, right, bottom = (*around, *around)[:4] if len(around) in {2, 4} else (None,) * 4
        sides = (shape[1], shape[2], left, top, right, bottom)
        if all(isinstance(side, int) for side in sides):
            return (shape[0], sum((shape[1], top, bottom)), sum((shape[2], left, right)))
        return None
    if name in {"Resize", "CenterCrop", "RandomCrop", "RandomResizedCrop", "FiveCrop"} and name != "FiveCrop":
        if name == "Resize" and isinstance(size, int) and shape[1] != shape[2]:
            return None  # the shorter side gets this size
        sides = (size, size) if isinstance(size, int) else size * 2 if len(size) == 1 else size
        return (shape[0], *sides) if len(sides) == 2 and all(isinstance(side, int) for side in sides) else None
    return None


def digits(split: str, *, scalar: bool = False) -> PerDigit:
    """The labels of a set as it comes: each digit its own."""
    origins = frozenset({split}) if split else frozenset()
    return PerDigit([Known(digit) for digit in range(DIGITS)], scalar, origins=origins)


def _split_of(name: str, given: Arguments) -> str:
    """The set that a data set of torchvision is; empty where its arguments don't tell: a folder may be any."""
    if name in _WITH_TRAIN:
        return "train" if given.value("train", 1, True) is not False else "test"
    named = given.value("split", 1, "")
    return named if named in _SIZES else "validation" if named in {"val", "valid"} else ""


@registry.library("torchvision.datasets.")
def _dataset(host: Host, given: Arguments) -> Value:
    name = given.path.rpartition(".")[2]
    if name == "EMNIST":
        return host.lose(given.node, "another data set")
    split = _split_of(name, given)
    labels: Value = digits(split) if name in _TEN_LABELS else Unknown(f"the labels of {name}")
    target = given.get("target_transform", 3 if name == "MNIST" else None)
    if target is not None and not (isinstance(target, Known) and target.value is None):
        labels = labels_mapped(host, target, digits(split, scalar=True), given.node)
        if isinstance(labels, PerDigit):
            labels = PerDigit(labels.values, origins=labels.origins)
    made = Dataset(split, given.get("transform", 2), labels, _SIZES.get(split), line=given.line, name=name.lower())
    made.shape = image_shape(host, made, given.node)
    return made


@registry.library("attribute:Dataset")
def _dataset_attribute(host: Host, given: Arguments) -> Value:
    value, name = given.args[0], plain(given.args[1])
    assert isinstance(value, Dataset)
    if name in {"targets", "labels", "train_labels", "test_labels"}:
        if value.labels is None:
            value.labels = digits(value.split)
        return value.labels
    if name in {"data", "train_data", "test_data", "images"}:
        shape = SIZES.get(value.name)
        sizes = None if shape is None else (None, *shape[1:], *([shape[0]] if shape[0] > 1 else []))
        return Tensor(sizes, (), "images", origins=frozenset({value.split}))
    if name == "dataset":
        return value.root or value
    if name in {"transform", "transforms"}:
        return value.transform or Known(None)
    if name == "classes":
        return Items([Known(f"{digit}") for digit in range(DIGITS)])
    if name == "__len__":
        return Native("__len__", lambda args, kwargs, node: Known(value.size, Unit("images", value.split)))
    if name == "indices":
        return Items([Unknown("an index")], many=True)
    return Native(
        str(name),
        lambda args, kwargs, node: registry.call("chained", host, Arguments([value, Known(name), *args], kwargs, node)),
    )


@registry.library("torch.utils.data.random_split", "sklearn.model_selection.train_test_split")
def _split(host: Host, given: Arguments) -> Value:
    if given.path.startswith("sklearn"):
        return _split_arrays(given)
    dataset = given.get("dataset", 0)
    lengths = host.elements(given.get("lengths", 1) or Items([]), given.node)[0]
    if not isinstance(dataset, Dataset):
        return Items([dataset or Unknown("") for _ in lengths], "tuple")
    sizes = [plain(length) for length in lengths]
    known = [
        size if isinstance(size, int) else round(size * (dataset.size or 0)) if isinstance(size, float) else None
        for size in sizes
    ]
    largest = max(range(len(known)), key=lambda at: known[at] or 0) if known else 0
    parts: list[Value] = []
    for at, size in enumerate(known):
        split = dataset.split if at == largest or dataset.split != "train" else "validation"
        parts.append(_part(dataset, split, size, given.line))
    return Items(parts, "tuple")


def _split_arrays(given: Arguments) -> Value:
    parts: list[Value] = []
    for value in given.args:
        split = "validation" if value.origins == {"train"} else ""
        for origin in (value.origins, frozenset({split}) if split else value.origins):
            match value:
                case Tensor():
                    parts.append(Tensor(value.shape, value.steps, value.role, origins=origin))
                case PerDigit():
                    parts.append(PerDigit(list(value.values), value.scalar, value.one_hot, origins=origin))
                case _:
                    parts.append(value)
    return Items(parts, "tuple")


def _part(dataset: Dataset, split: str, size: int | None, line: int) -> Dataset:
    labels = dataset.labels
    if isinstance(labels, PerDigit):
        labels = PerDigit(labels.values, labels.scalar, labels.one_hot, origins=frozenset({split}))
    return Dataset(split, dataset.transform, labels, size, dataset, dataset.items, line, dataset.name, dataset.shape)


@registry.library("torch.utils.data.Subset")
def _subset(host: Host, given: Arguments) -> Value:
    dataset, indices = given.get("dataset", 0), given.get("indices", 1)
    if not isinstance(dataset, Dataset):
        return dataset or Unknown("")
    size = None
    start = None
    if isinstance(indices, Items) and not indices.many:
        size = indices.times or len(indices.items)
        start = whole(indices.items[0]) if indices.items else None
    elif isinstance(indices, Items):
        start = indices.start
    split = "validation" if dataset.split == "train" and start is not None and start > 0 else dataset.split
    return _part(dataset, split, size, given.line)


@registry.library("torch.randperm", "numpy.random.permutation")
def _permuted(host: Host, given: Arguments) -> Value:
    return Items([Unknown("an index")], many=True, times=whole(given.first()))


@registry.library("sklearn.utils.gen_batches")
def _slices(host: Host, given: Arguments) -> Value:
    return Items([Unknown("a slice")], many=True, stride=whole(given.get("batch_size", 1)))


@registry.library("torch.utils.data.SubsetRandomSampler", "torch.utils.data.SequentialSampler")
def _sampler(host: Host, given: Arguments) -> Value:
    return given.first()


@registry.library("numpy.load")
def _archive(host: Host, given: Arguments) -> Value:
    return Library("numpy.archive")


@registry.library("item:numpy.archive")
def _archived(host: Host, given: Arguments) -> Value:
    name = str(plain(given.args[1], "")).lower()
    split = "train" if "train" in name else "test" if "test" in name else ""
    if not split:
        return Unknown("what a file holds")
    return (
        digits(split)
        if name.startswith(("y", "label", "t_"))
        else Tensor(None, (), "images", origins=frozenset({split}))
    )


@registry.library("torch.utils.data.TensorDataset")
def _tensors(host: Host, given: Arguments) -> Value:
    images, labels = (*given.args, Unknown(""), Unknown(""))[:2]
    origins = origins_of(images, labels)
    split = only(origins)
    shape = images.shape[1:] if isinstance(images, Tensor) and images.shape else None
    item = Items(
        [
            Tensor(shape, (), "images", origins=images.origins),
            PerDigit(list(labels.values), True, labels.one_hot, origins=labels.origins)
            if isinstance(labels, PerDigit)
            else labels,
        ],
        "tuple",
    )
    made = Dataset(split, None, labels, _SIZES.get(split), items=item, line=given.line)
    made.origins = origins
    return made


@registry.library("torch.utils.data.ConcatDataset")
def _joined(host: Host, given: Arguments) -> Value:
    items = host.elements(given.first(), given.node)[0]
    return items[0] if items else Unknown("")


def _shuffled(given: Arguments) -> bool | None:
    drawn = given.get("shuffle", 2)
    if {"sampler", "batch_sampler", "**"} & set(given.kwargs):
        return None
    known = plain(drawn)
    return False if drawn is None else known if isinstance(known, bool) else None


@registry.library("torch.utils.data.DataLoader")
def _loader(host: Host, given: Arguments) -> Value:
    dataset = given.get("dataset", 0) or Unknown("")
    size = given.get("batch_size", 1) or Known(1)
    if "batch_sampler" in given.kwargs:
        size = Unknown("a sampler's")
    if isinstance(dataset, Instance):
        dataset = _own_dataset(host, dataset, given)
    sampler = given.kwargs.get("sampler")
    if isinstance(dataset, Dataset) and isinstance(sampler, Items) and sampler.start and dataset.split == "train":
        dataset = _part(dataset, "validation", None, given.line)
    loader = Loader(dataset, size, given.line, _shuffled(given), origins=dataset.origins)
    if isinstance(dataset, Dataset):
        labels = dataset.labels if isinstance(dataset.labels, PerDigit) else None
        host.emit(
            Batched,
            given.node,
            split=dataset.split,
            batch_size=whole(size),
            transforms=transform_names(dataset.transform),
            target=labels,
            shape=dataset.shape,
        )
    return loader


def _own_dataset(host: Host, value: Instance, given: Arguments) -> Value:
    """A data set of a class of the submission, by its first item."""
    items, _ = host.elements(value, given.node)
    item = items[0] if items else Unknown("")
    inside = [inner for inner in value.attributes.values() if isinstance(inner, Dataset)]
    origins = item.origins | origins_of(*(item.items if isinstance(item, Items) else ()))
    splits = frozenset(inner.split for inner in inside) or origins
    split = only(splits)
    labels = item.items[1] if isinstance(item, Items) and len(item.items) > 1 else None
    transform = inside[0].transform if inside else None
    own = next((inner for inner in value.attributes.values() if isinstance(inner, Transform)), None)
    size = inside[0].size if inside else _SIZES.get(split)
    made = Dataset(split, own or transform, labels, size, inside[0] if inside else None, item, given.line)
    made.origins = splits
    return made


@registry.library("attribute:Loader")
def _loader_attribute(host: Host, given: Arguments) -> Value:
    value, name = given.args[0], plain(given.args[1])
    assert isinstance(value, Loader)
    if name == "dataset":
        return value.dataset
    if name == "batch_size":
        return value.batch_size
    if name == "sampler":
        return value.dataset
    if name == "map":
        return Native(name, lambda args, kwargs, node: _batches_mapped(host, value, args, node))
    if name in {"prefetch", "cache", "shuffle", "repeat"}:
        return Native(name, lambda args, kwargs, node: value)  # of tf.data
    return Native(str(name), lambda args, kwargs, node: Known(None))


_CHANNELS = frozenset({1, 3, 4})
_ALTERING = frozenset(
    ["hflip", "vflip", "rotate", "affine", "perspective", "resized_crop", "adjust_brightness", "elastic"]
)


def _batches_mapped(host: Host, loader: Loader, args: list[Value], node: ast.AST) -> Value:
    """Batches of ``tf.data`` after a function: it may change the images or the labels."""
    items, _ = host.elements(loader, node)
    parts = host.elements(items[0], node)[0] if items else []
    result = host.call(args[0], parts, {}, node) if args else Unknown("")
    if isinstance(loader.dataset, Dataset) and isinstance(result, Items) and len(result.items) > 1:
        labels = result.items[1]
        if isinstance(labels, PerDigit):
            loader.dataset.labels = labels
    return loader


@registry.library("torch.flip", "torch.fliplr", "torch.rot90", "numpy.flip", "numpy.fliplr", "numpy.rot90")
def _mirrored(host: Host, given: Arguments) -> Value:
    value, name = given.first(), given.path.rpartition(".")[2]
    along = [argument for argument in (given.get("dims", 1) or given.get("axis", 1),) if argument is not None]
    if isinstance(value, Tensor) and (mirrors(value, along) or (name == "fliplr" and value.role == "images")):
        host.emit(Altered, given.node, name=given.path.rpartition(".")[2], origins=value.origins)
    return value


@registry.library("torchvision.transforms.")
def _transform(host: Host, given: Arguments) -> Value:
    name = given.path.rpartition(".")[2]
    if name in {"Compose", "RandomApply", "RandomOrder", "RandomChoice"}:
        steps = [step for item in host.elements(given.first(), given.node)[0] for step in steps_of(item)]
        return Transform(tuple(steps))
    if name in {"functional", "InterpolationMode"} or "functional." in given.path:
        value = next((argument for argument in given.all if isinstance(argument, Tensor)), None)
        if value is not None and name in _ALTERING and value.origins:
            host.emit(Altered, given.node, name=name, origins=value.origins)
        return value or Unknown("")
    if name == "Normalize":
        mean = given.get("mean", 0) or Unknown("")
        first = host.elements(mean, given.node)[0][0] if isinstance(mean, Items) and mean.items else mean
        number = plain(first)
        host.trace.normalizations[given.line] = (number if isinstance(number, float) else None, origins_of(mean, first))
    settings = {f"{at}": value for at, value in enumerate(given.args)} | given.kwargs
    return Transform(((name, settings, given.line),))


def _channels_first(shape: Shape) -> Shape | None:
    """An image as ``ToTensor`` turns it; None where it can't be told where its channels stand."""
    if len(shape) == 2:
        return (1, *shape)
    if len(shape) != 3 or shape[0] in _CHANNELS:  # as it stands in a data set of torchvision
        return shape
    return (shape[2], *shape[:2]) if shape[2] in _CHANNELS else None


def steps_of(value: Value | None) -> tuple[tuple[str, dict[str, Value], int], ...]:
    """The single transformations of a transformation."""
    return value.steps if isinstance(value, Transform) else ()


def transform_names(value: Value | None) -> tuple[tuple[str, int], ...]:
    """Names of the single transformations, with their lines."""
    return tuple((name, line) for name, _, line in steps_of(value))


@registry.library("call:Transform")
def _transformed(host: Host, given: Arguments) -> Value:
    transform, value = given.args[0], given.args[1] if len(given.args) > 1 else Unknown("")
    for name, settings, _ in steps_of(transform):
        function = settings.get("0") or settings.get("lambd")
        if name == "Lambda" and function is not None:
            changed = host.call(function, [value], {}, given.node)
            value = value if isinstance(value, Tensor) and not isinstance(changed, Tensor) else changed
        elif isinstance(value, Tensor) and name not in _SAME_SIZE:
            value = replace(value, shape=_after(host, name, settings, value.shape, given.node))
        elif isinstance(value, Tensor) and name == "ToTensor" and value.shape:
            value = replace(value, shape=_channels_first(value.shape))
    return value


@registry.library("PIL.Image.fromarray", "PIL.Image.open")
def _picture(host: Host, given: Arguments) -> Value:
    return given.first()
