"""Whether a loss fits the outputs that it judges: their activation, their number, the form of the labels."""

from collections.abc import Iterator

from reportgen.code.trace import Fitted
from reportgen.code.values import Known, PerDigit
from reportgen.inspection.outputs import LINEAR, Judged, judged_outputs
from reportgen.inspection.remarks import FindingKind, Remark
from reportgen.inspection.trainings import Training

_ONE_OF_MANY = frozenset({"CategoricalCrossentropy", "SparseCategoricalCrossentropy", "CrossEntropyLoss", "NLLLoss"})
_KERAS_ONE_OF_MANY = frozenset({"CategoricalCrossentropy", "SparseCategoricalCrossentropy"})
_TWO = frozenset({"BinaryCrossentropy", "BCELoss"})
_LOGITS = frozenset({"CrossEntropyLoss", "BCEWithLogitsLoss"})
"""Losses of torch that take logits."""
_NUMBERS = frozenset(
    {"MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Huber"}
    | {"LogCosh", "Poisson", "MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"}
)
"""Losses of numbers that are predicted."""
_CALLED = {"Softmax": "softmax", "LogSoftmax": "log-softmax", "Sigmoid": "sigmoid", "Tanh": "tanh", "ReLU": "ReLU"}
_IN_UNIT = frozenset({"Sigmoid", "Softmax"})
"""Activations whose outputs are probabilities."""
_BOUNDS = {"Sigmoid": "between 0 and 1", "Tanh": "between −1 and 1", "ReLU": "of 0 and more"}


def find_losses(one: Training) -> Iterator[Remark]:
    """Remark where a loss and the outputs that it judges do not fit."""
    for judged in judged_outputs(one):
        found = _misfit(judged)
        if found is not None:
            kind, reason, usual = found
            yield Remark("loss-and-outputs", reason, judged.last_line, one.model, kind, usual)
    yield from _labels(one)


_Found = tuple[FindingKind, str, str]


def _misfit(judged: Judged) -> _Found | None:
    loss, last = judged.loss, judged.last
    if last == "Softmax" and judged.width == 1:
        reason = f"softmax over a single output gives 1 whatever the input is, and {loss} learns nothing"
        return FindingKind.FAULT, reason, "sigmoid for two classes, no activation for a number, else an output a class"
    if judged.width == 1 and loss in _ONE_OF_MANY:
        reason = f"{loss} chooses among as many classes as there are outputs, and there is one output"
        return FindingKind.FAULT, reason, "an output for each class; or one output, sigmoid and binary cross-entropy"
    if not last:
        return None
    if judged.logits or loss in _LOGITS:
        return _of_logits(judged)
    return _of_numbers(judged) if loss in _NUMBERS else _of_probabilities(judged)


def _of_probabilities(judged: Judged) -> _Found | None:
    loss, last = judged.loss, judged.last
    if loss in _KERAS_ONE_OF_MANY and last != "Softmax":
        return _of_classes(judged)
    if loss == "NLLLoss" and last != "LogSoftmax":
        reason = f"NLLLoss takes log-probabilities and gets what {_said(last)} gives"
        return FindingKind.FAULT, reason, "log-softmax before it, or CrossEntropyLoss on the outputs as they are"
    if loss in _TWO and last not in _IN_UNIT:
        reason = f"{loss} takes probabilities, and {_said(last)} stands before it: the outputs can be any number"
        reason = reason if last != "ReLU" else f"{loss} takes probabilities, and ReLU gives 0 and all numbers above"
        return FindingKind.FAULT, reason, "sigmoid on the outputs, or a loss that takes logits"
    if loss in _TWO and last == "Softmax" and (judged.width or 0) > 1:
        reason = f"{loss} judges each output by itself, and softmax makes them one choice among {judged.width} classes"
        return FindingKind.NOTE, reason, "categorical cross-entropy; or sigmoid where several classes can be right"
    return None


def _said(last: str) -> str:
    return "no activation" if last == LINEAR else _CALLED.get(last, last)


def _of_logits(judged: Judged) -> _Found | None:
    """A loss that applies softmax or sigmoid itself; softmax before it is a check of its own."""
    last, loss = judged.last, judged.loss
    if last == "Sigmoid" or (last == "Softmax" and loss == "BCEWithLogitsLoss"):
        reason = f"{loss} takes logits and applies its own function to them; here it gets the outputs of {_said(last)}"
        return FindingKind.FAULT, reason, f"no {_said(last)} before this loss"
    if last in {"Tanh", "ReLU"}:
        reason = f"{loss} takes logits, which may be any number; after {_said(last)} they are numbers {_BOUNDS[last]}"
        return FindingKind.NOTE, reason, "no activation on the outputs"
    return None


def _of_classes(judged: Judged) -> _Found | None:
    loss, last = judged.loss, judged.last
    reason = f"{loss} takes the probabilities of classes that exclude each other; {_said(last)}"
    if last == "Sigmoid":
        reason += " judges each output by itself, and they don't sum to 1"
        return FindingKind.FAULT, reason, "softmax on the outputs; or sigmoid with binary cross-entropy"
    reason = reason.replace("; no activation", "; without an activation the outputs")
    reason += " are none" if last == LINEAR else " gives none"
    return FindingKind.FAULT, reason, "softmax on the outputs, or from_logits=True and no activation"


def _of_numbers(judged: Judged) -> _Found | None:
    loss, last = judged.loss, judged.last
    if last in {"Softmax", "LogSoftmax"}:
        reason = f"{_said(last)} makes the outputs shares of one whole, and {loss} is a loss of numbers"
        return FindingKind.NOTE, reason, "cross-entropy for classes; no activation for numbers"
    if last == "ReLU":
        reason = f"ReLU on the outputs: no number below 0 can be predicted, and an output at 0 learns nothing by {loss}"
        return FindingKind.NOTE, reason, "no activation on the outputs of a regression"
    if last in {"Sigmoid", "Tanh"} and judged.width == 1:
        reason = f"{_said(last)} gives numbers {_BOUNDS[last]} only, and {loss} hardly moves it where it is near them"
        return FindingKind.NOTE, reason, "no activation for numbers; for two classes sigmoid and binary cross-entropy"
    return None


def _labels(one: Training) -> Iterator[Remark]:
    """Labels that are one-hot where numbers are asked, or the other way round; more classes than outputs."""
    events: list[tuple[str, PerDigit | None, int]] = [
        *((event.criterion.name, event.target, event.line) for event in one.losses),
        *((_name(one, fit), fit.target, fit.line) for fit in one.fits),
    ]
    seen: set[tuple[str, str]] = set()
    for loss, target, line in events:
        found = _label_form(loss, target) or _label_count(loss, target, _width(one))
        if found is not None and (loss, found[0]) not in seen:
            seen.add((loss, found[0]))
            yield Remark("labels", found[0], line, one.model, FindingKind.FAULT, found[1])


def _name(one: Training, fit: Fitted) -> str:
    return next((judged.loss for judged in judged_outputs(one)), fit.loss)


def _width(one: Training) -> int | None:
    widths = {found.width for found in judged_outputs(one)}
    return widths.pop() if len(widths) == 1 else None


def _label_form(loss: str, target: PerDigit | None) -> tuple[str, str] | None:
    if target is None:
        return None
    whole = all(isinstance(value, Known) and isinstance(value.value, int) for value in target.values)
    if loss == "SparseCategoricalCrossentropy" and target.one_hot:
        return f"{loss} takes labels as numbers and gets one-hot rows", "CategoricalCrossentropy, or labels as numbers"
    if loss == "CategoricalCrossentropy" and not target.one_hot and whole:
        return f"{loss} takes one-hot rows and gets labels as numbers", "SparseCategoricalCrossentropy, or one-hot rows"
    return None


def _label_count(loss: str, target: PerDigit | None, width: int | None) -> tuple[str, str] | None:
    if target is None or width is None:
        return None
    classes = {value.value for value in target.values if isinstance(value, Known) and isinstance(value.value, int)}
    known = all(isinstance(value, Known) and isinstance(value.value, int) for value in target.values)
    if not known or not classes:
        return None
    if loss in _ONE_OF_MANY and 1 < width <= max(classes):
        return f"the labels go up to {max(classes)}, and there are {width} outputs", "an output for each class"
    if loss in {"BinaryCrossentropy", "BCELoss", "BCEWithLogitsLoss"} and width == 1 and len(classes) > 2:
        reason = f"there are {len(classes)} classes, and one output can tell two apart"
        return reason, f"{len(classes)} outputs with softmax, and categorical cross-entropy"
    return None
