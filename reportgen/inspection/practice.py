"""Faults of practice in the code: what makes a training or a measurement other than it seems."""

from collections.abc import Iterator, Sequence

from reportgen.assignment.layers import double_softmax_floor
from reportgen.code.knowledge.modules import modules_of, share
from reportgen.code.registration import HELD
from reportgen.code.trace import Backward, Forward, GradientsReset, MadeInForward, Stepped, Trace
from reportgen.code.values import Instance, Layer, Optimizer, Step
from reportgen.inspection.remarks import FindingKind, Remark
from reportgen.inspection.trainings import Training

_UNUSED = frozenset(
    {"Conv2d", "Linear", "BatchNorm2d", "BatchNorm1d", "Dropout", "Dropout2d", "MaxPool2d", "AvgPool2d"}
)

_WEIGHTY = frozenset({"Conv2d", "Linear", "BatchNorm2d", "BatchNorm1d", "Dropout", "Dropout2d"})


def find_practice(one: Training, trace: Trace) -> Iterator[Remark]:
    """Look for faults of practice in the training and the measuring of one network."""
    for found in (
        _softmax(one),
        _evaluation(one),
        _training(one),
        _gradients(one, trace),
        *_unused(one, trace),
        _device(one, trace),
    ):
        if found is not None:
            check, kind, reason, line = found
            yield Remark(check, reason, line, one.model, kind)


_Found = tuple[str, FindingKind, str, int]


def _softmax(one: Training) -> _Found | None:
    if one.structure_lost:
        return None
    for event in one.losses:
        if event.criterion.name == "CrossEntropyLoss" and event.last_steps and event.last_steps[-1].type == "Softmax":
            reason = (
                "softmax stands before the cross-entropy loss, which applies log-softmax itself: softmax is applied "
                "twice, and the loss can't fall "
            )
            classes = one.outputs
            floor = f"below ln(1+{classes - 1}/e) = {double_softmax_floor(classes):.4f}" if classes else "to 0"
            reason += floor
            return "softmax-before-loss", FindingKind.FAULT, reason, event.last_steps[-1].line
        if event.criterion.reduction == "logits" and event.last_steps and event.last_steps[-1].type == "Softmax":
            return "softmax-before-loss", FindingKind.FAULT, "the loss takes logits and gets probabilities", event.line
    for fit in one.fits:
        last = one.steps[-1].type if one.steps else ""
        if fit.from_logits and last == "Softmax":
            return "softmax-before-loss", FindingKind.FAULT, "the loss takes logits and gets probabilities", fit.line
    clean = [event for event in one.losses if event.last_steps]
    if clean and clean[0].criterion.name == "CrossEntropyLoss":
        return "softmax-before-loss", FindingKind.MET, "the loss takes logits", clean[0].line
    return None


def _changes(steps: Sequence[Step]) -> list[Step]:
    """The layers that work otherwise in training than in evaluation, and are on."""
    return [
        step for step in steps if step.type.startswith(("Dropout", "BatchNorm")) and step.setting("active") is not False
    ]


def _evaluation(one: Training) -> _Found | None:
    if one.structure_lost:
        return None
    measured = [event for event in one.other if event.origins & {"test", "validation"}]
    for event in measured:
        on = _changes(event.steps)
        if on and (event.training or any(step.type.startswith("Dropout") and step.layer is None for step in on)):
            names = " and ".join(sorted({step.type for step in on}))
            reason = f"{names} work as in training while the network is measured: model.eval() is missing"
            if not event.training:
                reason = f"{names} stay on while the network is measured: training=self.training is missing"
            return "evaluation-mode", FindingKind.FAULT, reason, event.line
    if any(event.training for event in measured):
        event = next(event for event in measured if event.training)
        reason = "model.eval() is not called before measuring; without dropout and batch normalization nothing changes"
        return "evaluation-mode", FindingKind.NOTE, reason, event.line
    if measured:
        return (
            "evaluation-mode",
            FindingKind.MET,
            "the network is in evaluation mode when it is measured",
            measured[0].line,
        )
    return None


def _training(one: Training) -> _Found | None:
    wrong = [event for event in one.training if not event.training]
    if wrong:
        layers = [step for step in wrong[0].steps if step.type.startswith(("Dropout", "BatchNorm"))]
        after = "after the first epoch " if one.training and one.training[0].training else ""
        names = " and ".join(sorted({step.type for step in layers}))
        if layers:
            reason = f"the network is trained in evaluation mode {after}: {names} do nothing there".replace(" :", ":")
            return "training-mode", FindingKind.FAULT, reason, wrong[0].line
        reason = f"the network is trained in evaluation mode {after}; without dropout and batch norm nothing changes"
        return "training-mode", FindingKind.NOTE, reason.replace(" ;", ";"), wrong[0].line
    if one.training:
        return (
            "training-mode",
            FindingKind.MET,
            "the network is in training mode when it is trained",
            one.training[0].line,
        )
    return None


def _gradients(one: Training, trace: Trace) -> _Found | None:
    """A step, then gradients again and another step, with no reset between them.

    Only steps of an optimizer that holds the network count: what another one leaves behind may be reset in time, as
    that of a discriminator is whose gradients only pass through. Of a condition that is not known, as mixed precision
    is, only the first way that trains is looked at: the others are gone in its place, not after it.
    """
    stepped = seen = False
    line = again = 0
    gone: dict[int, int] = {}
    for event in trace.events:
        if isinstance(event, Backward | Stepped) and any(gone.setdefault(*arm) != arm[1] for arm in event.arms):
            continue
        if isinstance(event, Backward) and event.model is one.model:
            again = event.line if stepped and seen else again
            seen, line = True, event.line
        elif isinstance(event, Stepped) and seen and _holds(event.optimizer, one):
            if again:
                reason = "gradients are not reset between two steps: each step adds those of all batches before it"
                return "gradients-reset", FindingKind.FAULT, reason, again
            stepped = True
        elif isinstance(event, GradientsReset) and (
            not event.models or any(share(owner, one.model) for owner in event.models)
        ):
            seen = stepped = False
            again = 0
    return ("gradients-reset", FindingKind.MET, "gradients are reset before each step", line) if line else None


def _holds(optimizer: Optimizer, one: Training) -> bool:
    return not optimizer.models or any(share(owner, one.model) for owner in optimizer.models)


def _unused(one: Training, trace: Trace) -> list[_Found]:
    if one.lost or not one.steps:
        return []
    found: list[_Found] = []
    layers = [part for network in trace.networks for part in modules_of(network) if isinstance(part, Layer)]
    # A class that inherits the layers of its base may leave them to it: only one that no network uses is a slip.
    used = {(layer.line, layer.type) for layer in layers if layer.used}
    # a class that derives from a layer of the library may use its tensors by themselves
    held = {
        id(part.attributes[HELD])
        for part in modules_of(one.model)
        if isinstance(part, Instance) and HELD in part.attributes
    }
    for module in modules_of(one.model):
        if not isinstance(module, Layer) or module.type not in _UNUSED or (module.line, module.type) in used:
            continue
        if id(module) in held:
            continue
        if not module.used and not _in_container(one, module):
            reason = f"{module.type} is built and never used in the way of the data"
            found.append(("unused-layer", FindingKind.FAULT, reason, module.line))
    ways = [event.passed for event in (*one.training, *one.other)]
    inside = frozenset[int]().union(*(way for way in ways if way is not None))
    for module in modules_of(one.model):
        if (
            isinstance(module, Layer)
            and module.type in _WEIGHTY
            and module.used
            and None not in ways
            and id(module) not in inside | trace.escaped
        ):
            reason = f"{module.type} is applied, and what it gives is not used"
            found.append(("unused-layer", FindingKind.FAULT, reason, module.line))
    return found or [("unused-layer", FindingKind.MET, "every layer that is built is used", one.line)]


def _in_container(one: Training, layer: Layer) -> bool:
    """Containers that were never followed say nothing of their layers."""
    return any(
        isinstance(other, Layer) and other.type == "ModuleDict" and any(child is layer for child in other.children)
        for other in modules_of(one.model)
    )


def _device(one: Training, trace: Trace) -> _Found | None:
    for event in trace.events:
        if isinstance(event, MadeInForward) and event.model is one.model:
            reason = (
                "a tensor that is made on the processor inside of forward meets the data, which may be on a GPU: "
                "give it device=x.device"
            )
            return "device-in-forward", FindingKind.FAULT, reason, event.line
    return None


def measured_on(events: Sequence[Forward]) -> frozenset[str]:
    """The sets that a network is applied to."""
    return frozenset().union(*(event.origins for event in events)) if events else frozenset()
