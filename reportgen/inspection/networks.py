"""A network as a reader tells of it: its layers, sizes and counts with their working, and its training."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportgen.code.host import plain
from reportgen.code.networks import Network, count
from reportgen.code.registration import Module, named_weights, walk
from reportgen.code.source import Program
from reportgen.code.trace import Trace
from reportgen.code.values import Layer, Optimizer, Step, Weight
from reportgen.inspection.data import augmentations
from reportgen.inspection.optimizing import stepping
from reportgen.inspection.outputs import called, judged_outputs
from reportgen.inspection.practice import measured_on
from reportgen.inspection.report import LayerReport, LossReport, NetworkReport, OptimizerReport, Spot, TrainingReport
from reportgen.inspection.trainings import Training

_SHOWN = ("kernel_size", "stride", "padding", "dilation", "groups", "p", "num_heads", "negative_slope")
_DEFAULTS = {"stride": (1, (1, 1)), "padding": (0, (0, 0), "valid"), "dilation": (1, (1, 1)), "groups": (1,)}
_INNER = frozenset({"Sequential", "ModuleList", "ModuleDict", "keras.Sequential", "keras.Model", "keras.Pair"})
_MOST_LAYERS = 400
"""Layers of one network that are listed."""


@dataclass(frozen=True)
class Placed:
    """The lines of a program as places in its files."""

    program: Program

    def spot(self, line: int) -> tuple[Spot, str]:
        """The place of a line of the program, 0 for none; and the line as written."""
        source, within = self.program.place(line)
        cell, number = source.within(within)
        spot = Spot(file=source.path or source.name, cell=cell, line=number if line else None)
        return spot, source.line(within) if line else ""


def network_report(model: Module, one: Training | None, trace: Trace, placed: Placed) -> NetworkReport:
    """Tell of one network; ``one`` is what is known of it where it is applied."""
    counted = one.network if one is not None else count(model, trace.opened)
    before = trace.as_made.get(id(model))
    given = before is not None and not before.lost and bool(counted.lost)
    reason = f"counted as it is made; {counted.lost}" if given else ""
    counted = before if before is not None and given else counted
    layers = tuple(_layers(model, one, placed))[:_MOST_LAYERS]
    counts = [layer.parameters for layer in layers if layer.parameters and not layer.shared]
    whole = counted.parameters is not None and sum(counts) == counted.parameters and len(counts) > 1
    lost = reason or counted.lost or (one.lost if one is not None else "")
    return NetworkReport(
        name=counted.name,
        spot=placed.spot(counted.line)[0],
        layers=layers,
        input=one.input_shape if one is not None else None,
        output=one.output_shape if one is not None else None,
        parameters=counted.parameters,
        trainable=counted.trainable,
        buffers=counted.buffers,
        working=" + ".join(f"{number:,}" for number in counts) + f" = {sum(counts):,}" if whole else "",
        lost=placed.program.words(lost) or None,
        made=not any(model is other for other in trace.unused),
        training=_training(one, counted, trace, placed) if one is not None and (one.backward or one.fits) else None,
    )


def _layers(model: Module, one: Training | None, placed: Placed) -> Iterator[LayerReport]:
    """The layers on the way of the data in their order, then those that are registered besides."""
    names = {id(value): name for name, value in walk(model)}
    told: set[int] = set()
    for step in one.steps if one is not None else ():
        layer = step.layer
        own = _tensors(layer) if layer is not None else []
        shared = layer is not None and id(layer) in told and bool(own)
        told.add(id(layer))
        unsure = layer is not None and layer.weights is None
        yield LayerReport(
            name=names.get(id(layer), "") if layer is not None else "",
            type=called(step),
            spot=placed.spot(step.line)[0],
            settings=_settings(step),
            output=step.shape,
            parameters=None if unsure else sum(_size(weight) for weight in own),
            working=_working(own),
            shared=shared,
        )
    # an untrained way through the network says nothing of what is applied
    known = one is not None and bool(one.steps)
    for name, value in walk(model):
        if not isinstance(value, Layer) or id(value) in told or value.type in _INNER:
            continue
        if known and not value.weights and value.weights is not None:
            continue
        own = _tensors(value, nested=False)
        yield LayerReport(
            name=name,
            type=value.keras or value.type,
            spot=placed.spot(value.line)[0],
            settings=_settings(Step(value.type, tuple((key, plain(s)) for key, s in value.settings.items()), 0)),
            parameters=None if value.weights is None else sum(_size(weight) for weight in own),
            working=_working(own),
            applied=not known,
        )


def _tensors(layer: Layer, *, nested: bool = True) -> list[Weight]:
    inner = (
        named_weights(layer) if nested else ((name, weight, layer) for name, weight in (layer.weights or {}).items())
    )
    return [weight for _, weight, _ in inner if not weight.buffer and weight.shape is not None]


def _size(weight: Weight) -> int:
    size = 1
    for side in weight.shape or ():
        size *= side
    return size


def _working(weights: Sequence[Weight]) -> str:
    """The sizes of tensors multiplied, and added: ``6·1·5·5 + 6 = 156``."""
    if not weights:
        return ""
    parts = ["·".join(str(side) for side in weight.shape or ()) or "1" for weight in weights]
    return f"{' + '.join(parts)} = {sum(_size(weight) for weight in weights):,}"


def _settings(step: Step) -> str:
    shown = []
    for name in _SHOWN:
        value = step.setting(name)
        if value is None or value == "?" or value in _DEFAULTS.get(name, ()):
            continue
        text = "×".join(str(part) for part in value) if isinstance(value, tuple) else str(value)
        shown.append(text if name == "kernel_size" else f"{name} {text}")
    return ", ".join(shown)


def _training(one: Training, counted: Network, trace: Trace, placed: Placed) -> TrainingReport:
    made = stepping(one, trace)
    measured = [event for event in one.other if event.origins & {"test", "validation"}]
    evaluated = all(not event.training for event in measured) if measured else None
    validated = {split for fit in one.fits for split in fit.validation}
    optimizers = [_stepped(optimizer, one, placed) for optimizer in made]
    optimizers += [
        OptimizerReport(
            name=fit.optimizer,
            spot=placed.spot(fit.line)[0],
            settings={name: repr(value) for name, value in fit.optimizer_settings if value is not None},
            holds=counted.trainable,
        )
        for fit in one.fits
        if fit.optimizer
    ]
    losses = [
        LossReport(name=found.loss, spot=placed.spot(found.line)[0], logits=found.logits or None)
        for found in judged_outputs(one)
    ]
    changed = dict.fromkeys((*augmentations(one.loaders), *(name for fit in one.fits for name in fit.augmented)))
    return TrainingReport(
        optimizers=tuple(optimizers),
        losses=tuple(losses),
        trained_on=tuple(sorted(one.origins)),
        measured_on=tuple(sorted(measured_on(one.other) | validated)),
        epochs=one.epochs,
        batch_sizes=one.batch_sizes,
        evaluation_mode=evaluated,
        augmentations=tuple(changed),
        chooses=tuple(dict.fromkeys(name for fit in one.fits for name in fit.chooses)),
    )


def _stepped(optimizer: Optimizer, one: Training, placed: Placed) -> OptimizerReport:
    own = {id(weight) for _, weight, _ in named_weights(one.model) if not weight.buffer}
    held = None if optimizer.weights is None else [weight for weight in optimizer.weights if id(weight) in own]
    known = {name: plain(value) for name, value in optimizer.settings.items()}
    return OptimizerReport(
        name=optimizer.name,
        spot=placed.spot(optimizer.line)[0],
        settings={name: repr(value) for name, value in known.items() if value is not None},
        holds=None if held is None or one.network.lost else sum(_size(weight) for weight in held),
    )
