"""Losses, optimizers and schedules of ``torch``; weights kept and restored."""

from types import MappingProxyType

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, origins_of, plain
from reportgen.code.trace import Backward, Chosen, GradientsReset, LossComputed, Scheduled, Stepped
from reportgen.code.values import (
    Context,
    Criterion,
    Instance,
    Items,
    Known,
    Layer,
    Native,
    Optimizer,
    Parameters,
    PerDigit,
    Schedule,
    State,
    Table,
    Tensor,
    Unit,
    Unknown,
    Value,
    Weight,
    only,
)

_FUNCTIONS = MappingProxyType(
    {
        "cross_entropy": "CrossEntropyLoss",
        "nll_loss": "NLLLoss",
        "mse_loss": "MSELoss",
        "binary_cross_entropy": "BCELoss",
        "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
        "l1_loss": "L1Loss",
    }
)
_TAIL = 4
"""How many of the last operations on the outputs are kept with a loss."""


@registry.library("criterion")
def make_criterion(host: Host, given: Arguments) -> Value:
    """Make a loss function."""
    reduction = given.value("reduction", None, "mean")
    return Criterion(given.path.rpartition(".")[2], str(reduction), given.line)


@registry.library("call:Criterion")
def _loss(host: Host, given: Arguments) -> Value:
    criterion, *values = given.args
    assert isinstance(criterion, Criterion)
    if criterion.name.endswith("Crossentropy"):
        values = values[::-1]  # Keras has the labels first
    outputs = values[0] if values else given.kwargs.get("input", Unknown(""))
    labels = values[1] if len(values) > 1 else given.kwargs.get("target", Unknown(""))
    return computed(host, criterion, outputs, labels, given)


@registry.library("attribute:Criterion")
def _criterion_attribute(host: Host, given: Arguments) -> Value:
    criterion = given.args[0]
    return Native("to", lambda args, kwargs, node: criterion)


@registry.library(*(f"torch.nn.functional.{name}" for name in _FUNCTIONS))
def _function(host: Host, given: Arguments) -> Value:
    reduction = str(given.value("reduction", None, "mean"))
    criterion = Criterion(_FUNCTIONS[given.path.rpartition(".")[2]], reduction, given.line)
    outputs, labels = given.get("input", 0) or Unknown(""), given.get("target", 1) or Unknown("")
    return computed(host, criterion, outputs, labels, given)


def computed(host: Host, criterion: Criterion, outputs: Value, labels: Value, given: Arguments) -> Value:
    """Enter a loss, and give it."""
    origins = origins_of(outputs, labels)
    target = labels if isinstance(labels, PerDigit) else None
    tensor = outputs if isinstance(outputs, Tensor) else Tensor(lost="the outputs can't be followed")
    host.emit(
        LossComputed,
        given.node,
        criterion=criterion,
        model=tensor.model if isinstance(tensor.model, Instance | Layer) else None,
        origins=origins,
        last_steps=tensor.steps[-_TAIL:],
        target=target,
        gradients=not host.without_gradients,
        lost=tensor.lost,
        shape=tensor.shape,
    )
    unit = Unit("summed-loss" if criterion.reduction == "sum" else "loss", only(origins))
    return Tensor((), (), "loss", tensor.model, unit, target, origins=origins)


@registry.library("torch.compile", "torch.jit.script")
def _compiled(host: Host, given: Arguments) -> Value:
    return given.first()


@registry.library("backward", "torch.autograd.backward")
def _backward(host: Host, given: Arguments) -> Value:
    loss = given.first()
    model = loss.model if isinstance(loss, Tensor) and isinstance(loss.model, Instance | Layer) else None
    target = loss.target if isinstance(loss, Tensor) else None
    host.emit(Backward, given.node, model=model, origins=loss.origins, target=target)
    return Known(None)


@registry.library("torch.optim.")
def _optimizer(host: Host, given: Arguments) -> Value:
    name = given.path.rpartition(".")[2]
    parameters = given.get("params", 0) or Unknown("")
    rate = given.get("lr", 1)
    settings = {key: value for key, value in given.kwargs.items() if key not in {"params", "lr"}}
    if rate is not None:
        settings["lr"] = rate
    made = Optimizer(name, settings, owners(parameters), given.line, weights_in(parameters))
    host.trace.optimizers.append(made)
    return made


def weights_in(parameters: Value) -> list[Weight] | None:
    """The parameters of networks that an optimizer is given; None where they can't be told."""
    match parameters:
        case Parameters():
            return [parameters.weight] if parameters.weight is not None else None
        case Tensor():
            return [parameters.weight] if parameters.weight is not None else []
        case Items() | Table():
            inner = (
                parameters.items if isinstance(parameters, Items) else [parameters.entries.get("params", Unknown(""))]
            )
            found = [weights_in(item) for item in inner]
            unsure = None in found or (isinstance(parameters, Items) and parameters.many)
            return None if unsure else [weight for part in found for weight in part or ()]
    return None


def owners(parameters: Value) -> list[Value]:
    """The networks whose parameters these are."""
    match parameters:
        case Parameters():
            return [parameters.model]
        case Items():
            found = [owner for item in parameters.items for owner in owners(item)]
        case Table():
            found = [owner for item in parameters.entries.values() for owner in owners(item)]
        case _:
            return []
    unique: list[Value] = []
    for owner in found:
        if not any(owner is other for other in unique):
            unique.append(owner)
    return unique


@registry.library("attribute:Optimizer")
def _optimizer_attribute(host: Host, given: Arguments) -> Value:
    value, name = given.args[0], plain(given.args[1])
    assert isinstance(value, Optimizer)

    def call(args: list[Value], kwargs: dict[str, Value], node: object) -> Value:
        match name:
            case "step" | "apply_gradients":
                host.emit(Stepped, given.node, optimizer=value)
            case "zero_grad":
                host.emit(GradientsReset, given.node, models=tuple(value.models))
        return Known(None)

    if name == "param_groups":
        return Items([Table({"lr": value.settings.get("lr", Unknown(""))})])
    return Native(str(name), call)


@registry.library("gradients-reset")
def _reset(host: Host, given: Arguments) -> Value:
    host.emit(GradientsReset, given.node, models=(given.first(),))
    return Known(None)


@registry.library("torch.optim.lr_scheduler.")
def _schedule(host: Host, given: Arguments) -> Value:
    optimizer = given.get("optimizer", 0)
    for inner in host.elements(given.get("schedulers", 1) or Items([]), given.node)[0]:
        if isinstance(inner, Schedule):
            inner.stepped = True  # by the one that it is given to
    made = Schedule(given.path.rpartition(".")[2], optimizer, given.line)
    host.emit(Scheduled, given.node, schedule=made, stepped=False, origins=frozenset())
    return made


@registry.library("attribute:Schedule")
def _schedule_attribute(host: Host, given: Arguments) -> Value:
    value, name = given.args[0], plain(given.args[1])
    assert isinstance(value, Schedule)

    def call(args: list[Value], kwargs: dict[str, Value], node: object) -> Value:
        if name == "step":
            value.stepped = True
            measure = args[0] if args else kwargs.get("metrics")
            origins = measure.origins if measure is not None and value.name == "ReduceLROnPlateau" else frozenset()
            host.emit(Scheduled, given.node, schedule=value, stepped=True, origins=origins)
        return Items([Unknown("")]) if name == "get_last_lr" else Known(None)

    return Native(str(name), call)


@registry.library("torch.amp.GradScaler")
def _scaler(host: Host, given: Arguments) -> Value:
    def step(args: list[Value], kwargs: dict[str, Value], node: object) -> Value:
        if args and isinstance(args[0], Optimizer):
            host.emit(Stepped, given.node, optimizer=args[0])
        return Known(None)

    same = Native("scale", lambda args, kwargs, node: args[0] if args else Unknown(""))
    nothing = Native("update", lambda args, kwargs, node: Known(None))
    return Table({"scale": same, "step": Native("step", step), "update": nothing, "unscale_": nothing})


@registry.library("torch.amp.autocast", "torch.autocast")
def _autocast(host: Host, given: Arguments) -> Value:
    return Context("autocast")


@registry.library("torch.save")
def _save(host: Host, given: Arguments) -> Value:
    value = given.first()
    state = state_of(value)
    if state is None and isinstance(value, Instance | Layer):
        state = State(value)
    measured = frozenset[str]().union(*host.conditions) if host.conditions else frozenset()
    if state is not None:
        state.chosen_by = state.chosen_by or measured
        host.saved[given.value("f", 1, "?")] = state
    return Known(None)


@registry.library("torch.load")
def _load(host: Host, given: Arguments) -> Value:
    return host.saved.get(given.value("f", 0, "?"), Unknown("weights from a file"))


def state_of(value: Value | None) -> State | None:
    """The weights in a value: alone, in a dictionary, or copied one by one."""
    if isinstance(value, State):
        return value
    if isinstance(value, Table):
        return next((entry for entry in value.entries.values() if isinstance(entry, State)), None)
    return None


@registry.library("restored")
def _restored(host: Host, given: Arguments) -> Value:
    state = state_of(given.args[1])
    if state is not None and state.chosen_by:
        host.emit(Chosen, given.node, what="restore", origins=state.chosen_by, model=given.args[0])
    return Known(None)


@registry.library("attribute:State")
def _state_attribute(host: Host, given: Arguments) -> Value:
    value, name = given.args[0], plain(given.args[1])
    if name == "items":
        return Native("items", lambda args, kwargs, node: Items([Items([Known("weight"), value], "tuple")]))
    return Native(str(name), lambda args, kwargs, node: value)
