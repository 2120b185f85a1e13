"""How weights are changed: by which optimizer, how fast, from batches in which order, measured by what."""

import ast
from collections.abc import Iterator

from reportgen.code.host import plain
from reportgen.code.knowledge.modules import share
from reportgen.code.source import Program
from reportgen.code.trace import Backward, Fitted, Forward, LossComputed, Stepped, Trace
from reportgen.code.values import Dataset, Items, Layer, Optimizer
from reportgen.inspection.outputs import judged_outputs
from reportgen.inspection.remarks import FindingKind, Remark
from reportgen.inspection.trainings import Training

_ADAPTIVE = frozenset({"adam", "adamw", "nadam", "adamax", "rmsprop", "radam", "amsgrad"})
_USUAL = {True: (1e-6, 0.1), False: (1e-5, 1.0)}
"""Least and largest usual learning rate of adaptive optimizers, and of SGD: two decades around what is taught."""
_REGRESSION = frozenset({"MeanSquaredError", "MeanAbsoluteError", "MeanSquaredLogarithmicError", "Huber", "LogCosh"})
_STEPS = frozenset({"step", "minimize", "apply_gradients"})
_TRAINS = _STEPS | {"fit", "fit_generator", "train", "train_on_batch", "train_step", "cross_val_score"}
_LOADS = frozenset({"load_weights", "load_model", "set_weights", "load_state_dict", "from_pretrained"})


def called_names(program: Program) -> frozenset[str]:
    """Names of all methods and functions that a program calls, also in branches that are never taken."""
    nodes = [node.func for source in program.sources for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    named = [node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in nodes]
    return frozenset(named)


def find_optimizing(one: Training, trace: Trace) -> Iterator[Remark]:
    """Remark how one network's weights are changed."""
    yield from _rates(one, trace)
    yield from _order(one)
    yield from _metrics(one)
    yield from _tested(one)


def find_missing_steps(trainings: list[Training], trace: Trace, program: Program) -> Iterator[Remark]:
    """Remark a step that a training can't do without and that stands nowhere in the program."""
    if trace.stopped:
        return
    called = called_names(program)
    backward = [event for event in trace.events if isinstance(event, Backward)]
    stepped = [event for event in trace.events if isinstance(event, Stepped)]
    if backward and trace.optimizers and not stepped and not called & _STEPS:
        made = trace.optimizers[0]
        reason = f"{made.name} is made and never steps: gradients are computed and no weight changes"
        yield Remark("optimizer-step", reason, made.line, backward[0].model, usual="optimizer.step() after backward()")
    lost = [event for event in trace.events if isinstance(event, LossComputed) and event.gradients]
    if stepped and lost and not backward and not called & {"backward", "grad"}:
        reason = "the optimizer steps, and no gradient is ever computed"
        yield Remark("optimizer-step", reason, stepped[0].line, lost[0].model, usual="loss.backward() before the step")
    yield from _other_network(trainings, trace)
    measured = [event for event in trace.events if isinstance(event, Forward) and not event.gradients]
    compiled = next((one for one in trainings if isinstance(one.model, Layer) and _at(one) is not None), None)
    if compiled is not None and measured and not backward and not called & (_LOADS | _TRAINS):
        reason = "the network is compiled and measured, and never trained"
        line = next((event.line for event in measured if event.model is compiled.model), _at(compiled) or 0)
        yield Remark("never-trained", reason, line, compiled.model, FindingKind.NOTE, "fit before evaluate")


def _at(one: Training) -> int | None:
    found = plain(one.model.settings.get("compiled at")) if isinstance(one.model, Layer) else None
    return found if isinstance(found, int) else None


def _other_network(trainings: list[Training], trace: Trace) -> Iterator[Remark]:
    """A loss of one network, and an optimizer that holds only another one, which no loss is of."""
    learned = [event.model for event in trace.events if isinstance(event, Backward)]
    for one in trainings:
        own = [event for event in trace.events if isinstance(event, Backward) and event.model is one.model]
        if one.backward or not own or one.network.lost or not one.network.trainable:
            continue
        steps = {id(event.optimizer): event.optimizer for event in trace.events if isinstance(event, Stepped)}
        held = [owner for optimizer in steps.values() for owner in optimizer.models]
        unlearned = all(not any(model is not None and share(owner, model) for model in learned) for owner in held)
        if held and unlearned and all(optimizer.weights for optimizer in steps.values()):
            optimizer = next(iter(steps.values()))
            reason = f"{optimizer.name} holds the parameters of another network than the one whose loss is computed"
            yield Remark("optimizer-step", reason, optimizer.line, one.model, usual="its own parameters")


def stepping(one: Training, trace: Trace) -> list[Optimizer]:
    """The optimizers of a loop of the program's own that step a network."""
    lines = {line for _, line in one.optimizers}
    found = {id(event.optimizer): event.optimizer for event in trace.events if isinstance(event, Stepped)}
    return [optimizer for optimizer in found.values() if optimizer.line in lines]


def _rates(one: Training, trace: Trace) -> Iterator[Remark]:
    rates = [(made.name, plain(made.settings.get("lr")), made.line) for made in stepping(one, trace)]
    rates += [(fit.optimizer, dict(fit.optimizer_settings).get("lr"), fit.line) for fit in one.fits]
    seen: set[tuple[str, float]] = set()
    for name, rate, line in rates:
        if not isinstance(rate, int | float) or isinstance(rate, bool) or (name, rate) in seen:
            continue
        seen.add((name, rate))
        adaptive = name.lower() in _ADAPTIVE
        if not adaptive and name.lower() != "sgd":
            continue
        least, most = _USUAL[adaptive]
        if rate < least or rate >= most:
            much = "large" if rate >= most else "small"
            usual = "0.0001 to 0.01" if adaptive else "0.001 to 0.1"
            reason = f"the learning rate {rate:g} is very {much} for {name}"
            yield Remark("learning-rate", reason, line, one.model, FindingKind.NOTE, usual)


def _order(one: Training) -> Iterator[Remark]:
    """Batches of the training set in one and the same order."""
    for loader in one.loaders:
        dataset = loader.dataset
        if loader.shuffle is False and isinstance(dataset, Dataset) and dataset.split == "train":
            reason = "the training images come in the same order in every epoch: DataLoader shuffles only when told to"
            yield Remark("shuffle", reason, loader.line, one.model, FindingKind.NOTE, "shuffle=True")


def _metrics(one: Training) -> Iterator[Remark]:
    """Accuracy of numbers, which counts those that are exactly equal."""
    settings = one.model.settings if isinstance(one.model, Layer) else one.model.attributes
    value = settings.get("compiled metrics")
    names = [plain(item) for item in value.items] if isinstance(value, Items) else [plain(value)]
    judged = list(judged_outputs(one)) if one.fits or names else []
    for found in judged:
        plainly = found.width == 1 and found.last in {"none", "ReLU", "Tanh"}
        if found.loss in _REGRESSION and plainly and {"accuracy", "acc"} & {name for name in names if name}:
            reason = f"accuracy counts numbers that are exactly equal, and the network predicts numbers by {found.loss}"
            yield Remark("metric", reason, found.line, one.model, FindingKind.NOTE, "mean absolute error")
            return


def _tested(one: Training) -> Iterator[Remark]:
    """Batches of the test set that weights are changed by."""
    learned: list[Backward | Fitted] = [*one.backward, *one.fits]
    sure = any("test" in event.origins and not event.conditional for event in learned)
    for loader in one.loaders:
        if sure and isinstance(loader.dataset, Dataset) and loader.dataset.split == "test":
            yield Remark("data-split", "the network is trained on test images", loader.line, one.model)
            return
