"""Faults around the data in the code: what chooses, what is changed at random, what stays unused."""

from collections.abc import Iterator, Sequence

from reportgen.code.knowledge.images import transform_names
from reportgen.code.knowledge.modules import modules_of
from reportgen.code.trace import (
    Altered,
    Backward,
    Batched,
    Chosen,
    Fitted,
    Normalized,
    Scheduled,
    Trace,
)
from reportgen.code.values import Dataset, Items, Layer, Loader, Schedule, Tensor, Value
from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding
from reportgen.grading.findings.coded_measures import Found, find_measures
from reportgen.grading.findings.trained import Trained

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
_FLIPS = frozenset({"RandomHorizontalFlip", "RandomVerticalFlip", "horizontal_flip", "vertical_flip", "RandomFlip"})
_FOREIGN = (
    (0.485, "ImageNet"),
    (0.4914, "CIFAR-10"),
    (0.5071, "CIFAR-100"),
    (0.2860, "Fashion-MNIST"),
    (0.4377, "SVHN"),
)


def check_data(
    trained: Sequence[Trained], trace: Trace, file: str, stepped: frozenset[int] = frozenset()
) -> Iterator[Finding]:
    """Look for faults around the data, of all networks together; ``stepped`` are lines of schedules with a step."""
    owners = {id(one.model): one.experiment.id for one in trained if one.experiment}
    for found in (
        *_choices(trace),
        *_unused_layers(trace),
        *_augmentations(trace),
        *_schedules(trace, stepped),
        *_statistics(trace),
        *find_measures(trained, trace),
    ):
        yield Finding(
            check=found.check,
            kind=found.kind,
            experiment=owners.get(id(found.model)),
            file=file,
            place=Place(line=found.line or None),
            reason=found.reason,
        )


def _choices(trace: Trace) -> Iterator[Found]:
    seen: set[int] = set()
    training = {loop.line for event in trace.events if isinstance(event, Backward | Fitted) for loop in event.loops}
    for event in trace.events:
        if isinstance(event, Chosen) and event.what == "stop" and event.loops and event.loops[-1].line not in training:
            continue
        if isinstance(event, Chosen) and "test" in event.origins and "validation" not in event.origins:
            what = "training is stopped" if event.what == "stop" else "the weights that are kept are chosen"
            found = Found("test-set-chooses", f"{what} by numbers of the test set", event.line, event.model)
        elif isinstance(event, Scheduled) and event.stepped and event.origins == {"test"}:
            found = Found("test-set-chooses", "the learning rate is chosen by numbers of the test set", event.line)
        elif isinstance(event, Fitted) and event.chooses and event.validation == {"test"}:
            names = " and ".join(event.chooses)
            found = Found(
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


def _unused_layers(trace: Trace) -> Iterator[Found]:
    """Layers of a functional model whose output leads nowhere."""
    models = [network for network in trace.networks if isinstance(network, Layer) and network.type == "keras.Model"]
    outputs = [output for model in models for output in _each(model.settings.get("outputs"))]
    if not all(isinstance(output, Tensor) for output in outputs):
        return  # what leads to an output that can't be followed isn't known
    inside = {id(layer) for output in outputs if isinstance(output, Tensor) for layer in output.passed}
    for layer in trace.applied if models else ():
        if layer.type in {"Dropout", "BatchNorm2d", "Conv2d", "Linear"} and id(layer) not in inside:
            yield Found("unused-layer", f"{layer.type} is applied, and what it gives is not used", layer.line)
            return
    held = {id(part) for network in trace.networks for part in modules_of(network)}
    for layer in trace.made:
        if layer.type in {"Dropout", "BatchNorm2d", "Conv2d", "Linear"} and not layer.used and id(layer) not in held:
            yield Found("unused-layer", f"{layer.type} is made and never used", layer.line)
            return


def _augmentations(trace: Trace) -> Iterator[Found]:
    seen: set[tuple[str, int]] = set()
    for event in trace.events:
        if isinstance(event, Batched):
            names = event.transforms
            split = event.split
        elif isinstance(event, Fitted):
            names = tuple((name, event.line) for name in event.augmented)
            split = "train"
        elif isinstance(event, Altered):
            names, split = ((f"Random{event.name}", event.line),), next(iter(event.origins), "")
        else:
            continue
        for name, line in names:
            if split == "test" and (name.startswith("Random") or name in _ALTERING) and ("test", line) not in seen:
                seen.add(("test", line))
                yield Found("test-set-augmented", f"the test images are changed at random by {name}", line)
            if (name in _FLIPS or "flip" in name) and ("flip", line) not in seen:
                seen.add(("flip", line))
                yield Found(
                    "mirrored-digits", f"{name} mirrors digits: a mirrored digit is another sign, or none", line
                )


def _schedules(trace: Trace, known: frozenset[int]) -> Iterator[Found]:
    schedules = [event.schedule for event in trace.events if isinstance(event, Scheduled)]
    stepped = set(known) | {one.line for one in schedules if isinstance(one, Schedule) and one.stepped}
    for event in trace.events:
        if isinstance(event, Scheduled) and not event.stepped:
            schedule = event.schedule
            if isinstance(schedule, Schedule) and schedule.line not in stepped:
                stepped.add(schedule.line)
                yield Found(
                    "unused-schedule",
                    f"{schedule.name} is built and never stepped: the rate stays as it is",
                    event.line,
                )


def _statistics(trace: Trace) -> Iterator[Found]:
    seen: set[int] = set()
    for event in trace.events:
        if isinstance(event, Normalized) and event.statistics == {"test"} and event.line not in seen:
            seen.add(event.line)
            yield Found("foreign-statistics", "images are normalized with statistics of the test set", event.line)
    for line, (mean, origins) in trace.normalizations.items():
        if origins == {"test"}:
            yield Found("foreign-statistics", "images are normalized with statistics of the test set", line)
        for value, name in _FOREIGN:
            if mean is not None and abs(mean - value) < 5e-4:
                yield Found("foreign-statistics", f"images are normalized with the statistics of {name}", line)


def augmentations(loaders: Sequence[Loader]) -> list[str]:
    """Names of the random changes to the images of loaders."""
    names: list[str] = []
    for loader in loaders:
        transform = loader.dataset.transform if isinstance(loader.dataset, Dataset) else None
        names += [name for name, _ in transform_names(transform) if name.startswith("Random") or name in _ALTERING]
    return names
