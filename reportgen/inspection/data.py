"""Faults around the data in a program: what chooses, what is changed at random, what stays unused."""

import ast
from collections.abc import Iterator, Sequence

from reportgen.code.knowledge.images import transform_names
from reportgen.code.knowledge.modules import modules_of
from reportgen.code.source import Program
from reportgen.code.trace import Altered, Backward, Batched, Chosen, Fitted, Normalized, Scheduled, Trace
from reportgen.code.values import Dataset, Items, Layer, Loader, Schedule, Tensor, Value
from reportgen.inspection.remarks import Remark

_ALTERING = frozenset(
    [
        "ColorJitter",
        "GaussianBlur",
        "ElasticTransform",
        "RandAugment",
        "AutoAugment",
        "TrivialAugmentWide",
        "AugMix",
        "GaussianNoise",
        "rotation_range",
        "width_shift_range",
        "height_shift_range",
        "zoom_range",
        "shear_range",
        "horizontal_flip",
        "vertical_flip",
    ]
)


def find_data(trace: Trace, program: Program) -> Iterator[Remark]:
    """Look for faults around the data, of all networks together."""
    stepped = frozenset[int]().union(*(_stepped_lines(source.tree) for source in program.sources))
    yield from _choices(trace)
    yield from _unused_layers(trace)
    yield from _augmented_tests(trace)
    yield from _schedules(trace, stepped)
    yield from _statistics(trace)


def _choices(trace: Trace) -> Iterator[Remark]:
    seen: set[int] = set()
    training = {loop.line for event in trace.events if isinstance(event, Backward | Fitted) for loop in event.loops}
    for event in trace.events:
        if isinstance(event, Chosen) and event.what == "stop" and event.loops and event.loops[-1].line not in training:
            continue
        if isinstance(event, Chosen) and "test" in event.origins and "validation" not in event.origins:
            what = "training is stopped" if event.what == "stop" else "the weights that are kept are chosen"
            found = Remark("test-set-chooses", f"{what} by numbers of the test set", event.line, event.model)
        elif isinstance(event, Scheduled) and event.stepped and event.origins == {"test"}:
            found = Remark("test-set-chooses", "the learning rate is chosen by numbers of the test set", event.line)
        elif isinstance(event, Fitted) and event.chooses and event.validation == {"test"}:
            names = " and ".join(event.chooses)
            found = Remark(
                "test-set-chooses",
                f"{names} chooses by the test set, given as validation data",
                event.line,
                event.model,
            )
        else:
            continue
        if event.line not in seen:
            seen.add(event.line)
            yield found


def _each(value: Value | None) -> list[Value | None]:
    return list(value.items) if isinstance(value, Items) else [value]


def _unused_layers(trace: Trace) -> Iterator[Remark]:
    """Layers of a functional model whose output leads nowhere."""
    models = [network for network in trace.networks if isinstance(network, Layer) and network.type == "keras.Model"]
    outputs = [output for model in models for output in _each(model.settings.get("outputs"))]
    if not all(isinstance(output, Tensor) for output in outputs):
        return  # what leads to an output that can't be followed isn't known
    inside = {id(layer) for output in outputs if isinstance(output, Tensor) for layer in output.passed}
    for layer in trace.applied if models else ():
        if layer.type in {"Dropout", "BatchNorm2d", "Conv2d", "Linear"} and id(layer) not in inside:
            yield Remark("unused-layer", f"{layer.type} is applied, and what it gives is not used", layer.line)
            return
    held = {id(part) for network in trace.networks for part in modules_of(network)}
    for layer in trace.made:
        if layer.type in {"Dropout", "BatchNorm2d", "Conv2d", "Linear"} and not layer.used and id(layer) not in held:
            yield Remark("unused-layer", f"{layer.type} is made and never used", layer.line)
            return


def random_changes(trace: Trace) -> Iterator[tuple[str, int, str]]:
    """Each random change of images, with its line and the set that it is applied to; empty where it is not known."""
    for event in trace.events:
        if isinstance(event, Batched):
            yield from ((name, line, event.split) for name, line in event.transforms)
        elif isinstance(event, Fitted):
            yield from ((name, event.line, "train") for name in event.augmented)
        elif isinstance(event, Altered):
            yield f"Random{event.name}", event.line, next(iter(event.origins), "")


def _augmented_tests(trace: Trace) -> Iterator[Remark]:
    seen: set[int] = set()
    for name, line, split in random_changes(trace):
        if split == "test" and (name.startswith("Random") or name in _ALTERING) and line not in seen:
            seen.add(line)
            yield Remark("test-set-augmented", f"the test images are changed at random by {name}", line)


def _schedules(trace: Trace, known: frozenset[int]) -> Iterator[Remark]:
    made = [event.schedule for event in trace.events if isinstance(event, Scheduled)]
    schedules = [one for one in made if isinstance(one, Schedule)]
    moved = {id(one.optimizer) for one in schedules if one.stepped and one.optimizer is not None}
    # also one in whose place another one is stepped
    stepped = set(known) | {one.line for one in schedules if one.stepped or id(one.optimizer) in moved}
    for event in trace.events:
        if isinstance(event, Scheduled) and not event.stepped:
            schedule = event.schedule
            if isinstance(schedule, Schedule) and schedule.line not in stepped:
                stepped.add(schedule.line)
                yield Remark(
                    "unused-schedule",
                    f"{schedule.name} is built and never stepped: the rate stays as it is",
                    event.line,
                )


def _stepped_lines(tree: ast.Module) -> frozenset[int]:
    """Lines that give a value to a name whose ``step`` is called somewhere, in a branch never taken perhaps."""
    stepped = {
        ast.unparse(node.func.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "step"
    }
    return frozenset(
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any(ast.unparse(target) in stepped for target in node.targets)
    )


def _statistics(trace: Trace) -> Iterator[Remark]:
    seen: set[int] = set()
    for event in trace.events:
        if isinstance(event, Normalized) and event.statistics == {"test"} and event.line not in seen:
            seen.add(event.line)
            yield Remark("foreign-statistics", "images are normalized with statistics of the test set", event.line)
    for line, (_, origins) in trace.normalizations.items():
        if origins == {"test"}:
            yield Remark("foreign-statistics", "images are normalized with statistics of the test set", line)


def augmentations(loaders: Sequence[Loader]) -> list[str]:
    """Names of the random changes to the images of loaders."""
    names: list[str] = []
    for loader in loaders:
        transform = loader.dataset.transform if isinstance(loader.dataset, Dataset) else None
        names += [name for name, _ in transform_names(transform) if name.startswith("Random") or name in _ALTERING]
    return names
