"""Faults around the data in the code: what chooses, what is augmented, what is counted, divided and plotted."""

from collections.abc import Iterator, Sequence

from reportgen.code.knowledge.images import transform_names
from reportgen.code.knowledge.modules import modules_of
from reportgen.code.trace import (
    Altered,
    Backward,
    Batched,
    Chosen,
    Confused,
    Counted,
    Divided,
    Fitted,
    Forward,
    Misnamed,
    Normalized,
    Plotted,
    Scheduled,
    Trace,
)
from reportgen.code.values import Dataset, Layer, Loader, Schedule, Tensor
from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.coded_practice import measured_on
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


_Found = tuple[str, str, int, object]


def _watched(trained: Sequence[Trained]) -> Iterator[_Found]:
    """Networks that are measured on training images only while they are trained."""
    for one in trained:
        epochs = {loop.line for event in one.backward for loop in event.loops if not loop.listed}
        during = [event for event in one.other if epochs & {loop.line for loop in event.loops}]
        if during and all(event.origins == {"train"} for event in during):
            reason = "during training the network is measured on training images only: curves of the test set are asked"
            yield "wrong-set-measured", reason, during[0].line, one.model


def check_data(
    trained: Sequence[Trained], trace: Trace, file: str, stepped: frozenset[int] = frozenset()
) -> Iterator[Finding]:
    """Look for faults around the data, of all networks together; ``stepped`` are lines of schedules with a step."""
    owners = {id(one.model): one.experiment.id for one in trained if one.experiment}

    def emit(
        check: str, reason: str, line: int, model: object = None, kind: FindingKind = FindingKind.FAULT
    ) -> Finding:
        experiment = owners.get(id(model))
        return Finding(
            check=check, kind=kind, experiment=experiment, file=file, place=Place(line=line or None), reason=reason
        )

    for check, reason, line, model in (
        *_choices(trace),
        *_misnamed(trace),
        *_unused_layers(trace),
        *_augmentations(trace),
        *_schedules(trace, stepped),
        *_statistics(trace),
        *_divisors(trace),
        *_curves(trace),
        *_counted(trained, trace),
        *_measured(trained, trace),
    ):
        yield emit(check, reason, line, model)
    for check, reason, line, model in _watched(trained):
        yield emit(check, reason, line, model, FindingKind.UNDECIDED)
    if any(isinstance(event, Plotted) and not event.literal for event in trace.events):
        first = next(event for event in trace.events if isinstance(event, Plotted))
        yield emit(
            "invented-curves", "curves are drawn from what the program measured", first.line, None, FindingKind.MET
        )


def _choices(trace: Trace) -> Iterator[_Found]:
    seen: set[int] = set()
    training = {loop.line for event in trace.events if isinstance(event, Backward | Fitted) for loop in event.loops}
    for event in trace.events:
        if isinstance(event, Chosen) and event.what == "stop" and event.loops and event.loops[-1].line not in training:
            continue
        if isinstance(event, Chosen) and "test" in event.origins and "validation" not in event.origins:
            what = "training is stopped" if event.what == "stop" else "the weights that are kept are chosen"
            found: _Found = ("test-set-chooses", f"{what} by numbers of the test set", event.line, event.model)
        elif isinstance(event, Scheduled) and event.stepped and event.origins == {"test"}:
            found = ("test-set-chooses", "the learning rate is chosen by numbers of the test set", event.line, None)
        elif isinstance(event, Fitted) and event.chooses and event.validation == {"test"}:
            names = " and ".join(event.chooses)
            found = (
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


def _misnamed(trace: Trace) -> Iterator[_Found]:
    event = next((event for event in trace.events if isinstance(event, Misnamed)), None)
    if event is not None:
        reason = f"a number of the training images is called one of the test set ({event.text.strip()})"
        yield "wrong-set-measured", reason, event.line, None


def _unused_layers(trace: Trace) -> Iterator[_Found]:
    """Layers of a functional model whose output leads nowhere."""
    models = [network for network in trace.networks if isinstance(network, Layer) and network.type == "keras.Model"]
    outputs = [model.settings.get("outputs") for model in models]
    inside = {id(step.layer) for output in outputs if isinstance(output, Tensor) for step in output.steps}
    for layer in trace.applied if models else ():
        if layer.type in {"Dropout", "BatchNorm2d", "Conv2d", "Linear"} and id(layer) not in inside:
            yield "unused-layer", f"{layer.type} is applied, and what it gives is not used", layer.line, None
            return
    held = {id(part) for network in trace.networks for part in modules_of(network)}
    for layer in trace.made:
        if layer.type in {"Dropout", "BatchNorm2d", "Conv2d", "Linear"} and not layer.used and id(layer) not in held:
            yield "unused-layer", f"{layer.type} is made and never used", layer.line, None
            return


def _augmentations(trace: Trace) -> Iterator[_Found]:
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
                yield "test-set-augmented", f"the test images are changed at random by {name}", line, None
            if (name in _FLIPS or "flip" in name) and ("flip", line) not in seen:
                seen.add(("flip", line))
                yield "mirrored-digits", f"{name} mirrors digits: a mirrored digit is another sign, or none", line, None


def _schedules(trace: Trace, known: frozenset[int]) -> Iterator[_Found]:
    schedules = [event.schedule for event in trace.events if isinstance(event, Scheduled)]
    stepped = set(known) | {one.line for one in schedules if isinstance(one, Schedule) and one.stepped}
    for event in trace.events:
        if isinstance(event, Scheduled) and not event.stepped:
            schedule = event.schedule
            if isinstance(schedule, Schedule) and schedule.line not in stepped:
                stepped.add(schedule.line)
                yield (
                    "unused-schedule",
                    f"{schedule.name} is built and never stepped: the rate stays as it is",
                    event.line,
                    None,
                )


def _statistics(trace: Trace) -> Iterator[_Found]:
    seen: set[int] = set()
    for event in trace.events:
        if isinstance(event, Normalized) and event.statistics == {"test"} and event.line not in seen:
            seen.add(event.line)
            yield "foreign-statistics", "images are normalized with statistics of the test set", event.line, None
    for line, (mean, origins) in trace.normalizations.items():
        if origins == {"test"}:
            yield "foreign-statistics", "images are normalized with statistics of the test set", line, None
        for value, name in _FOREIGN:
            if mean is not None and abs(mean - value) < 5e-4:
                yield "foreign-statistics", f"images are normalized with the statistics of {name}", line, None


def _divisors(trace: Trace) -> Iterator[_Found]:
    seen: set[int] = set()
    for event in trace.events:
        if not isinstance(event, Divided) or event.line in seen:
            continue
        top, bottom = event.numerator, event.denominator
        reason = ""
        if top.of == "validation" and bottom.of == "test":
            continue  # ten thousand images may be those set aside
        if (
            top.of
            and bottom.of
            and top.of != bottom.of
            and top.what in {"hits", "summed-loss"}
            and bottom.what == "images"
        ):
            reason = f"a sum over {top.of} images is divided by the number of {bottom.of} images"
        elif top.what in {"summed-means", "summed-shares"} and bottom.what == "images":
            reason = "a sum of batch averages is divided by the number of images, not of batches"
        elif top.what in {"hits", "summed-loss"} and bottom.what == "batches":
            reason = "a sum over images is divided by the number of batches, not of images"
        if reason:
            seen.add(event.line)
            yield "wrong-divisor", reason, event.line, None


def _curves(trace: Trace) -> Iterator[_Found]:
    literal = [event for event in trace.events if isinstance(event, Plotted) and event.literal]
    if literal:
        yield (
            "invented-curves",
            "a curve is drawn from numbers written in the source, not from measured ones",
            literal[0].line,
            None,
        )


def _counted(trained: Sequence[Trained], trace: Trace) -> Iterator[_Found]:
    """A network that is counted twice where another one is never counted."""
    counts = [event for event in trace.events if isinstance(event, Counted) and event.model is not None]
    main = [one for one in trained if one.experiment is not None and one.experiment.baseline is None]
    for one in main:
        if any(event.model is one.model for event in counts):
            continue
        for other in main:
            own = [event for event in counts if event.model is other.model]
            if other is not one and own and _around(trace, one, own):
                title = one.experiment.short_title if one.experiment else "this experiment"
                reason = f"the parameters of another network are counted a second time, those of {title} never"
                yield "wrong-model-counted", reason, own[-1].line, one.model
                break


def _around(trace: Trace, one: Trained, counts: Sequence[Counted]) -> bool:
    """Tell whether a network is counted before another one is trained, and again after it."""
    places = [at for at, event in enumerate(trace.events) if event in counts]
    training = [at for at, event in enumerate(trace.events) if event in one.backward or event in one.fits]
    return bool(places and training) and places[0] < training[0] and places[-1] > training[-1]


def _measured(trained: Sequence[Trained], trace: Trace) -> Iterator[_Found]:
    nameless = [event for event in trace.events if isinstance(event, Confused) and event.model is None]
    wrong = [event for event in nameless if event.origins == {"train"}]
    if len(wrong) > sum("test" in event.origins for event in nameless):
        yield "wrong-set-measured", f"{wrong[0].name} is made of training images", wrong[0].line, None
    for one in trained:
        confused = [event for event in trace.events if isinstance(event, Confused) and event.model is one.model]
        tested = any("test" in event.origins for event in confused)
        wrong = [event for event in confused if event.origins == {"train"}]
        if wrong and not tested:
            yield "wrong-set-measured", f"{wrong[0].name} is made of training images", wrong[0].line, one.model
            continue
        final = _after_training(one, trace)
        if final and all(event.origins == {"train"} for event in final):
            reason = "after training the network is measured on training images only"
            yield "wrong-set-measured", reason, final[-1].line, one.model
            continue
        sets = measured_on(one.other)
        if one.backward and sets == {"train"} and all(event.origins for event in one.other):
            reason = "the network is measured on training images only, never on the test set"
            yield "wrong-set-measured", reason, one.other[-1].line, one.model


def _after_training(one: Trained, trace: Trace) -> list[Forward]:
    """Where a network is applied after its last epoch, and outside of the loop over the epochs."""
    last = max((at for at, event in enumerate(trace.events) if event in one.backward), default=None)
    if last is None:
        return []
    epochs = {loop.line for event in one.backward for loop in event.loops if not loop.listed}
    return [
        event
        for event in trace.events[last + 1 :]
        if isinstance(event, Forward)
        and event.model is one.model
        and any(loop.loader is not None or loop.stride is not None for loop in event.loops)
        and not epochs & {loop.line for loop in event.loops if loop.loader is None}
    ]


def augmentations(loaders: Sequence[Loader]) -> list[str]:
    """Names of the random changes to the images of loaders."""
    names: list[str] = []
    for loader in loaders:
        transform = loader.dataset.transform if isinstance(loader.dataset, Dataset) else None
        names += [name for name, _ in transform_names(transform) if name.startswith("Random") or name in _ALTERING]
    return names
