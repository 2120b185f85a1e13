"""How Keras compiles, fits and evaluates models, and where its data come from."""

import ast
from types import MappingProxyType

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.containers import container_item
from reportgen.code.host import Host, origins_of, plain, whole
from reportgen.code.knowledge.images import SIZES, digits, transform_names
from reportgen.code.knowledge.keras import applied, augments, build_model, own_weight
from reportgen.code.knowledge.modules import set_mode
from reportgen.code.knowledge.training import computed
from reportgen.code.registration import is_module, parts
from reportgen.code.trace import Batched, Counted, Fitted, Scheduled
from reportgen.code.values import (
    Criterion,
    Dataset,
    Function,
    Instance,
    Items,
    Known,
    Layer,
    Loader,
    Native,
    Optimizer,
    Origins,
    Parameters,
    PerDigit,
    Schedule,
    State,
    Table,
    Tensor,
    Transform,
    Unit,
    Unknown,
    Value,
    only,
)

LOSSES = MappingProxyType(
    {
        "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
        "categorical_crossentropy": "CategoricalCrossentropy",
    }
)
"""Losses by the names of their functions."""
_CHOOSERS = frozenset({"EarlyStopping", "ReduceLROnPlateau", "ModelCheckpoint"})
_AUGMENTATIONS = frozenset(
    [
        "horizontal_flip",
        "vertical_flip",
        "rotation_range",
        "width_shift_range",
        "height_shift_range",
        "zoom_range",
        "shear_range",
    ]
)


@registry.library(*(f"keras.datasets.{name}.load_data" for name in SIZES))
def _load(host: Host, given: Arguments) -> Value:
    channels, *sides = SIZES[given.path.split(".")[2]]
    shape = (None, *sides, *([channels] if channels > 1 else []))
    ten = not given.path.split(".")[2].endswith("100")
    pairs: list[Value] = []
    for split in ("train", "test"):
        origins = frozenset({split})
        labels = digits(split) if ten else Unknown("labels of other than ten classes", origins=origins)
        pairs.append(Items([Tensor(shape, (), "images", origins=origins), labels], "tuple"))
    return Items(pairs, "tuple")


@registry.library("keras.optimizers.")
def _optimizer(host: Host, given: Arguments) -> Value:
    if ".schedules." in given.path:
        schedule = Schedule(given.path.rpartition(".")[2], None, given.line)
        host.emit(Scheduled, given.node, schedule=schedule, stepped=False, origins=frozenset())
        return schedule
    for argument in given.all:
        if isinstance(argument, Schedule):
            argument.stepped = True
    settings = {"lr" if key == "learning_rate" else key: value for key, value in given.kwargs.items()}
    if given.args:
        settings.setdefault("lr", given.args[0])
    return Optimizer(given.path.rpartition(".")[2], settings, [], given.line)


@registry.library("keras.losses.")
def _criterion(host: Host, given: Arguments) -> Value:
    name = given.path.rpartition(".")[2]
    if name.islower():
        criterion = Criterion(LOSSES.get(name, name), "mean", given.line)
        return computed(
            host, criterion, given.get("y_pred", 1) or Unknown(""), given.get("y_true", 0) or Unknown(""), given
        )
    made = Criterion(name, "mean", given.line)
    if given.value("from_logits", None, False) is True:
        made.reduction = "logits"
    return made


@registry.library("keras.callbacks.")
def _callback(host: Host, given: Arguments) -> Value:
    name = given.path.rpartition(".")[2]
    position = {"EarlyStopping": 0, "ReduceLROnPlateau": 0, "ModelCheckpoint": 1}.get(name)
    monitor = str(given.value("monitor", position, "val_loss"))
    chooses = (
        name in _CHOOSERS
        and monitor.startswith("val")
        and (name != "ModelCheckpoint" or given.value("save_best_only", None, False) is True)
    )
    entries: dict[object, Value] = {"callback": Known(name), "chooses": Known(chooses)}
    if name in {"LearningRateScheduler", "ReduceLROnPlateau"}:
        entries["schedule"] = schedule = Schedule(name, None, given.line)
        host.emit(Scheduled, given.node, schedule=schedule, stepped=False, origins=frozenset())
    return Table(entries)


@registry.library("attribute:keras.Model", "attribute:keras.Sequential")
def _method(host: Host, given: Arguments) -> Value:
    model, name = given.args[0], str(plain(given.args[1]))
    assert isinstance(model, Layer | Instance)

    def call(args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        return _called(host, model, name, Arguments(args, kwargs, node))

    if name in {
        "trainable_weights",
        "non_trainable_weights",
        "trainable_variables",
        "non_trainable_variables",
        "weights",
    }:
        host.emit(Counted, given.node, model=model, how=name)
        return Parameters(model)
    if name == "layers":
        return layers_of(model)
    if name == "add_weight" and isinstance(model, Instance):
        return own_weight(host, model)
    if name in {"input", "inputs"} and isinstance(model, Layer):
        return model.settings.get("inputs", Unknown(""))
    if name in {"output", "outputs"} and isinstance(model, Layer):
        return model.settings.get("outputs", Unknown(""))
    return Native(name, call)


def layers_of(model: Layer | Instance) -> Items:
    """The layers of a model in the order of Keras: a functional one's first are its inputs, a sequential one has none.

    Where the ways of a functional model part, or functions stand between its layers, their order can't be told.
    """
    found = [part for _, part in parts(model) if is_module(part)]
    entries = [part for part in found if isinstance(part, Layer) and part.keras == "InputLayer"]
    if not isinstance(model, Layer) or model.type != "keras.Model":
        return Items([part for part in found if not any(part is entry for entry in entries)])
    if entries and found[0] is entries[0]:  # a published network, in the order of Keras
        return Items(found)
    inputs, output = model.settings.get("inputs"), model.settings.get("outputs")
    steps = output.steps if isinstance(output, Tensor) else ()
    chain = isinstance(inputs, Tensor) and bool(steps) and all(step.layer is not None for step in steps)
    named = [part for part in found if not isinstance(part, Layer) or part.keras or part.type.startswith("keras.")]
    entry = Layer("Identity", {}, model.line, keras="InputLayer")
    return Items([entry, *named], unordered=not chain)


def _compiled(model: Layer | Instance) -> dict[str, Value]:
    return model.settings if isinstance(model, Layer) else model.attributes


def _called(host: Host, model: Layer | Instance, name: str, given: Arguments) -> Value:
    match name:
        case "add" if isinstance(model, Layer):
            if host.conditions:
                host.lose_module(model, given.node, "a layer is added under a condition that is not known")
            model.children.append(given.first())
            model.names.append(str(len(model.names)))
            build_model(host, model, given.node)
        case "pop" if isinstance(model, Layer):
            at = plain(given.first(), None) if given.all else -1
            sure = isinstance(at, int) and -len(model.children) <= at < len(model.children) and not host.conditions
            if not sure:
                host.lose_module(model, given.node, "a layer is taken away, and which can't be told")
            elif model.children:
                del model.names[-1]
                return model.children.pop(at if isinstance(at, int) else -1)
        case "build" if isinstance(model, Layer):
            sizes = plain(given.first())
            if isinstance(sizes, tuple):  # of a class of one's own Keras 3 makes no tensors here, and Keras 2 does
                build_model(host, model, given.node, sizes)
        case "compile":
            for key, place in (("optimizer", 0), ("loss", 1), ("metrics", None)):
                value = given.get(key, place)
                if value is not None:
                    _compiled(model)[f"compiled {key}"] = value
            _compiled(model)["compiled at"] = Known(given.line)
        case "fit" | "fit_generator" | "train_on_batch":
            return _fit(host, model, given, whole_set=name != "train_on_batch")
        case "evaluate" | "test_on_batch":
            images = _images(given.first())
            applied_result(host, model, images, given.node)
            unit = Unit("share", only(images.origins))
            loss = Unknown("a loss", origins=images.origins)
            return Items([loss, Unknown("an accuracy", unit, origins=images.origins)], "list")
        case "predict" | "predict_on_batch" | "__call__" | "predict_generator":
            return applied_result(host, model, _images(given.first()), given.node)
        case "summary" | "count_params":
            host.emit(Counted, given.node, model=model, how=name)
        case "get_weights":
            return State(model)
        case "set_weights":
            registry.call("restored", host, Arguments([model, given.first()], {}, given.node))
        case "get_layer" if isinstance(model, Layer):
            asked, at = plain(given.get("name", 0)), plain(given.get("index", 1))
            named = [
                child
                for child in model.children
                if isinstance(child, Layer) and asked and plain(child.settings.get("name")) == asked
            ]
            held = layers_of(model)
            if len(named) == 1:
                return named[0]
            some = Unknown("a layer", layer=True, among=tuple(held.items))
            return container_item(held, Known(at)) if isinstance(at, int) and at < len(held.items) else some
        case "call" | "forward":
            return host.apply(model, given.args, given.kwargs, given.node)
    return Unknown("", origins=origins_of(*given.all))


def applied_result(host: Host, model: Value, images: Value, node: ast.AST) -> Value:
    """What a model gives for images, in evaluation mode."""
    set_mode(model, training=False)
    host.without_gradients += 1
    try:
        return applied(host, model, images, node)
    finally:
        host.without_gradients -= 1


def _images(value: Value) -> Value:
    """The images of what is fitted or evaluated: an array, a generator, a data set."""
    if isinstance(value, Loader):
        sizes = value.dataset.shape if isinstance(value.dataset, Dataset) else None
        shape = None if sizes is None else (None, *sizes)
        return Tensor(shape, (), "images", origins=value.origins | value.dataset.origins)
    return value


def _labels(given: Arguments, images: Value) -> Value | None:
    labels = given.get("y", 1)
    if isinstance(images, Loader) and isinstance(images.dataset, Dataset):
        return images.dataset.labels
    return labels


def _fit(host: Host, model: Layer | Instance, given: Arguments, *, whole_set: bool) -> Value:
    images = given.get("x", 0) or Unknown("")
    if isinstance(images, Instance):
        images, given = _own_batches(host, images, given)
    data = _images(images)
    labels = _labels(given, images)
    batch = whole(given.get("batch_size", 2) or Known(32)) if isinstance(images, Tensor) else None
    if isinstance(images, Loader):
        batch = whole(images.batch_size)
    elif not whole_set:
        batch = None
    validation = given.get("validation_data")
    callbacks = host.elements(given.get("callbacks") or Items([]), given.node)[0]
    for item in callbacks:
        schedule = item.entries.get("schedule") if isinstance(item, Table) else None
        if isinstance(schedule, Schedule):
            schedule.stepped = True
    chooses = tuple(
        str(plain(item.entries["callback"]))
        for item in callbacks
        if isinstance(item, Table) and plain(item.entries.get("chooses")) is True
    )
    optimizer, loss = (_compiled(model).get(f"compiled {key}") for key in ("optimizer", "loss"))
    transform = images.dataset.transform if isinstance(images, Loader) and isinstance(images.dataset, Dataset) else None
    set_mode(model, training=True)
    own = isinstance(model, Instance) and model.cls.find("train_step") is not None
    if own and isinstance(labels, PerDigit):
        shape = data.shape if isinstance(data, Tensor) else None
        batch_of = Items([Tensor(shape, (), "images", origins=data.origins), labels], "tuple")
        host.call(host.attribute(model, "train_step", given.node), [batch_of], {}, given.node)
    else:
        applied(host, model, data, given.node)
    host.emit(
        Fitted,
        given.node,
        model=model,
        origins=data.origins,
        target=labels if isinstance(labels, PerDigit) else None,
        batch_size=batch,
        epochs=whole(given.get("epochs", 3) or given.get("nb_epoch") or Known(1)) if whole_set else None,
        validation=_validation(validation, given),
        optimizer=_name_of(optimizer),
        optimizer_settings=tuple(
            (key, plain(value))
            for key, value in (optimizer.settings if isinstance(optimizer, Optimizer) else {}).items()
        ),
        loss=_name_of(loss),
        from_logits=isinstance(loss, Criterion) and loss.reduction == "logits",
        chooses=chooses,
        augmented=(
            *(name for name, _ in transform_names(transform)),
            *(augments(model) if isinstance(model, Layer) else ()),
        ),
    )
    history = Table({}, Unknown("a history", origins=data.origins))
    return Table({"history": history, "epoch": Items([Unknown("")], many=True)})


def _own_batches(host: Host, images: Instance, given: Arguments) -> tuple[Value, Arguments]:
    """Batches of a class of the submission: their images and labels, and their size where an attribute has it."""
    items = host.elements(images, given.node)[0]
    parts = host.elements(items[0], given.node)[0] if items else []
    x, y = (*parts, Unknown(""), Unknown(""))[:2]
    size = images.attributes.get("batch_size", Unknown(""))
    kwargs = {**given.kwargs, "x": x, "y": y, "batch_size": size}
    return x, Arguments([], kwargs, given.node)


def _validation(validation: Value | None, given: Arguments) -> Origins:
    if validation is None:
        return frozenset({"validation"}) if given.get("validation_split") is not None else frozenset()
    if isinstance(validation, Items):
        return origins_of(*validation.items)
    return _images(validation).origins


def _name_of(value: Value | None) -> str:
    """The name of an optimizer or a loss, made or written."""
    if isinstance(value, Optimizer | Criterion):
        return value.name
    name = plain(value)
    return name if isinstance(name, str) else ""


@registry.library(
    *(f"keras.wrappers.scikit_learn.Keras{kind}" for kind in ("Classifier", "Regressor")),
    *(f"scikeras.wrappers.Keras{kind}" for kind in ("Classifier", "Regressor")),
)
def _wrapped(host: Host, given: Arguments) -> Value:
    """The network that a function makes, for scikit-learn to train."""
    build = given.get("build_fn") or given.get("model", 0)
    made = host.call(build, [], {}, given.node) if isinstance(build, Function) else build
    return Unknown("an estimator of scikit-learn", origins=made.origins if made is not None else frozenset())


@registry.library("keras.preprocessing.image.ImageDataGenerator")
def _generator(host: Host, given: Arguments) -> Value:
    changes = [
        (key, {key: value}, given.line)
        for key, value in given.kwargs.items()
        if key in _AUGMENTATIONS and plain(value, True)
    ]
    transform = Transform(tuple(changes))

    def flow(args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        inner = Arguments(args, kwargs, node)
        images, labels = inner.get("x", 0) or Unknown(""), inner.get("y", 1)
        split = only(images.origins)
        shape = images.shape[1:] if isinstance(images, Tensor) and images.shape else None
        dataset = Dataset(split, transform, labels, line=inner.line, origins=images.origins, shape=shape)
        host.emit(Batched, node, split=split, batch_size=None, transforms=transform_names(transform), target=None)
        return Loader(dataset, inner.get("batch_size", 2) or Known(32), inner.line, origins=images.origins)

    nothing = Native("fit", lambda args, kwargs, node: Known(None))
    return Table({"flow": Native("flow", flow), "fit": nothing})


@registry.library("tensorflow.GradientTape")
def _tape(host: Host, given: Arguments) -> Value:
    def gradient(args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        loss = args[0] if args else Unknown("")
        model = loss.model if isinstance(loss, Tensor) else None
        if model is not None:
            registry.call("gradients-reset", host, Arguments([model], {}, node))
        registry.call("backward", host, Arguments([loss], {}, node))
        return Unknown("gradients")

    return Table({"gradient": Native("gradient", gradient)})
