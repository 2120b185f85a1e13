"""What a loss is given: the last layers of a network, its activation, and how many outputs there are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportgen.code.host import plain
from reportgen.code.knowledge.keras import activation_of
from reportgen.code.knowledge.keras_training import LOSSES
from reportgen.code.registration import is_keras, why_lost
from reportgen.code.values import Criterion, Items, Layer, Library, Shape, Step, Value
from reportgen.inspection.trainings import Training

LINEAR = "none"
"""The activation of outputs that no activation changes."""
_LAYERS = frozenset({"Linear"})
_PASSIVE = frozenset({"Dropout", "Dropout1d", "Dropout2d", "Flatten", "Identity"})
"""What may stand between the last weights and the loss and is no activation."""
_SQUASHING = frozenset({"Softmax", "LogSoftmax", "Sigmoid", "Tanh", "ReLU", "LogSigmoid"})
_FOLLOWED = ("keras.layers.", "nn.", "two ways through the network join")
"""Reasons for which a network's shape is lost, and each of its layers is still a step."""
FUNCTIONS = {
    **LOSSES,
    **{"binary_crossentropy": "BinaryCrossentropy", "bce": "BinaryCrossentropy"},
    **{"mse": "MeanSquaredError", "mean_squared_error": "MeanSquaredError"},
    **{"mae": "MeanAbsoluteError", "mean_absolute_error": "MeanAbsoluteError"},
    **{"mape": "MeanAbsolutePercentageError", "mean_absolute_percentage_error": "MeanAbsolutePercentageError"},
    **{"msle": "MeanSquaredLogarithmicError", "mean_squared_logarithmic_error": "MeanSquaredLogarithmicError"},
    **{"huber": "Huber", "huber_loss": "Huber", "logcosh": "LogCosh", "log_cosh": "LogCosh", "poisson": "Poisson"},
}
"""Losses of Keras by the names of their functions."""


@dataclass(frozen=True)
class Judged:
    """Outputs of a network and the loss that judges them."""

    loss: str
    """Name of its class, in torch or Keras."""
    logits: bool
    """Of a loss of Keras: it takes logits."""
    line: int
    last: str
    """The activation of the outputs as in torch.nn, `LINEAR` for none; empty where it can't be told."""
    width: int | None
    """How many outputs there are; None where that can't be told."""
    last_line: int


def judged_outputs(one: Training) -> Iterator[Judged]:
    """Each pair of outputs and loss that a network is trained by, once."""
    seen: set[tuple[str, bool, str, int | None]] = set()
    for found in (*_computed(one), *_compiled(one)):
        key = (found.loss, found.logits, found.last, found.width)
        if key not in seen:
            seen.add(key)
            yield found


def _computed(one: Training) -> Iterator[Judged]:
    """The losses of a loop of the program's own."""
    for event in one.losses if not one.structure_lost else ():
        criterion = event.criterion
        steps = event.last_steps
        # of pictures and sequences torch has the classes in the second place
        shape = event.shape if is_keras(one.model) or (event.shape and len(event.shape) < 3) else None
        last, width, line = _end(steps, sure=not event.lost, shape=shape)
        yield Judged(criterion.name, criterion.reduction == "logits", event.line, last, width, line or event.line)


def _compiled(one: Training) -> Iterator[Judged]:
    """The losses that a model of Keras is compiled with."""
    settings = one.model.settings if isinstance(one.model, Layer) else one.model.attributes
    value = settings.get("compiled loss")
    line = plain(settings.get("compiled at"))
    name, logits = loss_name(value)
    if not name or not isinstance(line, int):
        return
    tail = _tail(one.model) if isinstance(one.model, Layer) and one.model.type == "keras.Sequential" else []
    if one.structure_lost and not why_lost(one.model):
        return  # the program may change any network
    if tail:
        last, width, at = _end(tail, sure=not one.model.lost, shape=None)
    elif one.structure_lost:
        return
    else:
        last, width, at = _end(one.steps, sure=is_followed(one), shape=one.output_shape)
    yield Judged(name, logits, line, last, width, at or line)


def _tail(model: Layer) -> list[Step]:
    """The last layers of a sequential model, from the last one with weights on; whatever stands before them."""
    steps: list[Step] = []
    for child in reversed(model.children):
        if not isinstance(child, Layer) or child.type == "keras.Model":
            break
        own = _tail(child) if child.children else [_as_step(child)]
        steps = [*own, *steps]
        if any(step.type in _LAYERS for step in own):
            return steps
    return []


def _as_step(layer: Layer) -> Step:
    settings = tuple((name, plain(value)) for name, value in layer.settings.items())
    return Step(layer.type, settings, layer.line, layer)


def is_followed(one: Training) -> bool:
    """Whether each layer on the way of the data is one of a network's steps, though sizes may be unknown."""
    return bool(one.steps) and (not one.lost or (isinstance(one.model, Layer) and one.lost.startswith(_FOLLOWED)))


def called(step: Step) -> str:
    """What a step is called in the library that it is of: Dense in Keras, Linear in torch."""
    return (step.layer.keras if step.layer is not None else "") or step.type


def plainly_linear(step: Step) -> bool:
    """Whether a step has no activation of its own that can't be told."""
    return not _unknown_activation(step)


def loss_name(value: Value | None) -> tuple[str, bool]:
    """The class of a loss of Keras, made or written, and whether it takes logits; empty where it can't be told."""
    if isinstance(value, Items) and len(value.items) == 1 and not value.many:
        value = value.items[0]
    if isinstance(value, Criterion):
        return value.name, value.reduction == "logits"
    name = value.path.rpartition(".")[2] if isinstance(value, Library) else plain(value)
    return (FUNCTIONS.get(name, name), False) if isinstance(name, str) else ("", False)


def _end(steps: Sequence[Step], *, sure: bool, shape: Shape | None) -> tuple[str, int | None, int]:
    """The last activation, the number of outputs and the line of the last activation or layer."""
    width = shape[-1] if shape else None
    for step in reversed(steps):
        if step.type == "Identity" and _unknown_activation(step):
            return "", width, step.line
        if step.type in _PASSIVE:
            continue
        if width is None and step.type in _LAYERS:
            wide = step.setting("out_features")
            width = wide if isinstance(wide, int) else None
        if step.type in _LAYERS:
            plainly = sure and not _unknown_activation(step)
            return (LINEAR if plainly else ""), width, step.line
        if step.type in _SQUASHING:
            before = next((one for one in reversed(steps[: steps.index(step)]) if one.type in _LAYERS), None)
            wide = before.setting("out_features") if before is not None else None
            return (step.type if sure else ""), width if width is not None else _whole(wide), step.line
        return (step.type if sure and step.type.endswith(("LU", "plus", "sign", "Hardtanh")) else ""), width, step.line
    return "", width, 0


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _unknown_activation(step: Step) -> bool:
    """A layer of Keras is given an activation that isn't followed."""
    if step.layer is None or (not step.layer.keras and step.type != "Identity"):
        return False
    given = step.layer.settings.get("activation")
    return given is not None and plain(given, "?") not in {None, "linear"} and not _named(given)


def _named(value: Value) -> bool:
    """The activation is one that stands as a step of its own."""
    return bool(activation_of(value))
