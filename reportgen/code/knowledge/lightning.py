"""PyTorch Lightning: its trainer runs the submission's own steps."""

import ast

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, plain
from reportgen.code.knowledge.modules import set_mode
from reportgen.code.trace import Backward, Chosen, GradientsReset, Loop, Stepped
from reportgen.code.values import (
    Dataset,
    Instance,
    Items,
    Known,
    Layer,
    Loader,
    Native,
    Optimizer,
    Schedule,
    Table,
    Tensor,
    Unknown,
    Value,
)


@registry.library("lightning.callbacks.")
def _callback(host: Host, given: Arguments) -> Value:
    name = given.path.rpartition(".")[2]
    position = 0 if name == "EarlyStopping" else None
    return Table({"callback": Known(name), "monitor": Known(given.value("monitor", position, ""))})


@registry.library("lightning.Trainer", "lightning.pytorch.Trainer")
def _trainer(host: Host, given: Arguments) -> Value:
    callbacks = given.kwargs.get("callbacks")
    listed = host.elements(callbacks, given.node)[0] if isinstance(callbacks, Items) else [callbacks]
    epochs = given.value("max_epochs", None)
    times = epochs if isinstance(epochs, int) else None

    def fit(args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        fitted = _fit(host, Arguments(args, kwargs, node), times)
        _choose(host, [item for item in listed if isinstance(item, Table)], args[0] if args else Unknown(""), node)
        return fitted

    def measure(hook: str) -> Native:
        def run(args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
            inner = Arguments(args, kwargs, node)
            loaders = inner.get("dataloaders", 1) or inner.kwargs.get("datamodule")
            _measured(host, inner.first(), hook, loaders, node)
            return Items([Table({}, Unknown(""))], "list")

        return Native(hook, run)

    return Table({"fit": Native("fit", fit), "test": measure("test_step"), "validate": measure("validation_step")})


def _choose(host: Host, callbacks: list[Table], model: Value, node: ast.AST) -> None:
    """Enter what callbacks choose by: the set that the number which they watch is of."""
    for callback in callbacks:
        watched = str(plain(callback.entries.get("monitor"), ""))
        origins = host.logged.get(watched, frozenset())
        if origins and plain(callback.entries.get("callback")) == "EarlyStopping":
            host.emit(Chosen, node, what="stop", origins=origins, model=model)


def _fit(host: Host, given: Arguments, epochs: int | None) -> Value:
    model = given.first()
    if not isinstance(model, Instance):
        return host.lose(given.node, "the network that is trained can't be followed", model)
    node = given.node
    module = given.kwargs.get("datamodule")
    training = given.get("train_dataloaders", 1) or _loaders(host, model, "train_dataloader", node)
    validation = given.get("val_dataloaders", 2)
    if isinstance(module, Instance):
        _hook(host, module, "setup", [Known("fit")], node)
        training, validation = (_loaders(host, module, name, node) for name in ("train_dataloader", "val_dataloader"))
    made = _hook(host, model, "configure_optimizers", [], node)
    optimizers = _optimizers(made)
    for schedule in _schedules(made):
        schedule.stepped = True  # the trainer steps it
    with host.looping(Loop(given.line, epochs)):
        for _ in range(2):
            _epoch(host, model, training, optimizers, node)
            if validation is not None:
                _measured(host, model, "validation_step", validation, node)
    set_mode(model, training=True)
    return Known(None)


def _epoch(host: Host, model: Instance, loader: Value, optimizers: list[Optimizer], node: ast.AST) -> None:
    set_mode(model, training=True)
    batch = host.elements(loader, node)[0]
    with host.looping(
        Loop(getattr(node, "lineno", 0), None, _over(loader), loader if isinstance(loader, Loader) else None)
    ):
        loss = _hook(host, model, "training_step", [batch[0] if batch else Unknown(""), Known(0)], node)
        if isinstance(loss, Table):
            loss = loss.entries.get("loss", Unknown(""))
        target = loss.target if isinstance(loss, Tensor) else None
        network = loss.model if isinstance(loss, Tensor) and isinstance(loss.model, Instance | Layer) else model
        host.emit(GradientsReset, node, models=(network,))
        host.emit(Backward, node, model=network, origins=loss.origins, target=target)
        for optimizer in optimizers:
            host.emit(Stepped, node, optimizer=optimizer)


def _measured(host: Host, model: Value, hook: str, loader: Value | None, node: ast.AST) -> None:
    if not isinstance(model, Instance):
        return
    if loader is None:
        loader = _loaders(host, model, hook.replace("_step", "_dataloader"), node)
    batch = host.elements(loader, node)[0]
    set_mode(model, training=False)
    host.without_gradients += 1
    try:
        with host.looping(
            Loop(getattr(node, "lineno", 0), None, _over(loader), loader if isinstance(loader, Loader) else None)
        ):
            _hook(host, model, hook, [batch[0] if batch else Unknown(""), Known(0)], node)
    finally:
        host.without_gradients -= 1


def _over(loader: Value) -> str:
    return loader.dataset.split if isinstance(loader, Loader) and isinstance(loader.dataset, Dataset) else ""


def _hook(host: Host, instance: Instance, name: str, args: list[Value], node: ast.AST) -> Value:
    if instance.cls.find(name) is None:
        return Unknown(f"{instance.cls.name} has no {name}")
    return host.call(host.attribute(instance, name, node), args, {}, node)


def _loaders(host: Host, instance: Instance, name: str, node: ast.AST) -> Value:
    return _hook(host, instance, name, [], node)


def _optimizers(made: Value) -> list[Optimizer]:
    if isinstance(made, Optimizer):
        return [made]
    if isinstance(made, Items):
        return [found for item in made.items for found in _optimizers(item)]
    if isinstance(made, Table):
        return [entry for entry in made.entries.values() if isinstance(entry, Optimizer)]
    return []


def _schedules(made: Value) -> list[Schedule]:
    if isinstance(made, Schedule):
        return [made]
    inner = made.items if isinstance(made, Items) else list(made.entries.values()) if isinstance(made, Table) else []
    return [found for item in inner for found in _schedules(item)]


@registry.library("lightning.seed_everything")
def _seed(host: Host, given: Arguments) -> Value:
    return Known(plain(given.first()))
