"""Every mistake of an assignment spec at once, each with its path, from the TOML file's raw content."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reportgen.assignment.counting import LayerError, NetworkCount, Shape, count
from reportgen.assignment.datasets import DATASETS, Dataset
from reportgen.assignment.layers import BatchNorm2d, Dropout, Softmax
from reportgen.assignment.plan import batch_size, bind_classes, fits
from reportgen.assignment.schema_mistakes import MistakePath, schema_mistakes, sound_part
from reportgen.assignment.spec import (
    SGD,
    BatchRule,
    Criterion,
    Experiment,
    Network,
    OneCycleRate,
    RollRule,
    TechniqueKind,
)
from reportgen.errors import UsageError


def find_mistakes(raw: Mapping[str, Any]) -> list[str]:
    """Return every mistake of a spec as ``path: what``, in the order of their paths; empty if there is none.

    What can be judged is judged even where other parts are broken: a layer that can't take its input is
    reported beside an unknown key elsewhere.
    """
    mistakes = dict.fromkeys(schema_mistakes(raw))
    mistakes.update(dict.fromkeys(_meaning_mistakes(raw)))
    in_order = sorted(mistakes, key=lambda mistake: [(isinstance(part, str), part) for part in mistake[0]])
    return [f"{show_path(path)}: {what}" if path else what for path, what in in_order]


def show_path(path: Sequence[str | int]) -> str:
    """Write a path as ``experiments[1].groups[2]``."""
    return "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" if index else part for index, part in enumerate(path)
    )


def _meaning_mistakes(raw: Mapping[str, Any]) -> Iterator[tuple[MistakePath, str]]:
    yield from _roll_mistakes(raw)
    yield from _rubric_mistakes(raw)
    dataset = DATASETS.get(str(raw.get("dataset")))
    experiments = raw.get("experiments")
    networks = raw.get("networks")
    if not isinstance(experiments, list) or not isinstance(networks, Mapping):
        return
    used = []
    for index, raw_experiment in enumerate(experiments):
        if not isinstance(raw_experiment, Mapping):
            continue
        path: MistakePath = ("experiments", index)
        key = raw_experiment.get("network")
        used.append(key)
        if isinstance(key, str) and key not in networks:
            yield (*path, "network"), f"no network {key!r} in [networks]; there are: {', '.join(networks)}"
        if dataset is not None:
            yield from _experiment_mistakes(path, raw_experiment, networks, dataset)
        if _ids(experiments) is not None:
            yield from _baseline_mistakes(path, raw_experiment, experiments[:index])
    for key in networks:
        if experiments and key not in used:
            yield ("networks", key), "no experiment uses this network"
    for key in ("id", "short_title"):
        values = [entry.get(key) if isinstance(entry, Mapping) else None for entry in experiments]
        for index, repeated in _repeated(values):
            if repeated is not None:
                yield ("experiments", index, key), f"{repeated!r} is the {key} of an earlier experiment"


def _ids(experiments: Any) -> list[str] | None:
    """Ids of the experiments; None where they are broken, so that nothing that names one can be judged."""
    if not isinstance(experiments, list) or not all(isinstance(entry, Mapping) for entry in experiments):
        return None
    ids = [entry.get("id") for entry in experiments]
    sound = ids and all(isinstance(entry, str) for entry in ids) and len(set(ids)) == len(ids)
    return ids if sound else None


def _repeated(values: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    return ((index, value) for index, value in enumerate(values) if value in values[:index])


def _roll_mistakes(raw: Mapping[str, Any]) -> Iterator[tuple[MistakePath, str]]:
    rule = sound_part(RollRule, raw.get("roll"))
    if rule is None:
        return
    if not fits(rule, rule.example):
        yield ("roll", "example"), f"{rule.example!r} does not match the pattern {rule.pattern!r}"
    batch = sound_part(BatchRule, raw.get("batch"))
    if batch is not None:
        try:
            batch_size(batch, rule.example)
        except UsageError as error:
            yield ("roll", "example"), str(error)


def _rubric_mistakes(raw: Mapping[str, Any]) -> Iterator[tuple[MistakePath, str]]:
    rubric = raw.get("rubric", [])
    criteria = [sound_part(Criterion, entry) for entry in rubric] if isinstance(rubric, list) else []
    if not criteria:
        return
    ids = _ids(raw.get("experiments"))
    for index, criterion in enumerate(criteria):
        if ids is not None and criterion is not None and criterion.part not in [*ids, "report"]:
            yield ("rubric", index, "part"), f"no part {criterion.part!r}; allowed: {', '.join([*ids, 'report'])}"
    for index, repeated in _repeated([criterion.id if criterion else None for criterion in criteria]):
        if repeated is not None:
            yield ("rubric", index, "id"), f"{repeated!r} is the id of an earlier criterion"
    points = sum(criterion.points for criterion in criteria if criterion is not None)
    marks = raw.get("marks")
    if None not in criteria and isinstance(marks, int | float) and points != marks:
        yield ("rubric",), f"the points add up to {points:g}, but marks = {marks:g}"


def _baseline_mistakes(
    path: MistakePath, raw: Mapping[str, Any], earlier: Sequence[Any]
) -> Iterator[tuple[MistakePath, str]]:
    baseline = raw.get("baseline")
    if baseline is None:
        return
    found = next((e for e in earlier if isinstance(e, Mapping) and e.get("id") == baseline), None)
    if found is None:
        yield (*path, "baseline"), f"no experiment {baseline!r} stands before this one"
    elif found.get("groups") != raw.get("groups"):
        yield (*path, "baseline"), f"{baseline!r} has other groups: the two can't be compared"


def _experiment_mistakes(
    path: MistakePath, raw: Mapping[str, Any], networks: Mapping[str, Any], dataset: Dataset
) -> Iterator[tuple[MistakePath, str]]:
    raw_groups = raw.get("groups")
    groups = None if raw_groups is None else sound_part(tuple[tuple[int, ...], ...], raw_groups)
    if groups is not None:
        yield from _group_mistakes(path, groups, dataset)
    elif raw_groups is not None:
        return
    classes = len(dataset.labels) if groups is None else len(groups)
    names = raw.get("class_names")
    if isinstance(names, list) and len(names) != classes:
        yield (*path, "class_names"), f"{len(names)} names for {classes} classes"
    for index, repeated in _repeated(names if isinstance(names, list) else []):
        yield (*path, "class_names", index), f"{repeated!r} is the name of an earlier class"
    network = sound_part(Network, networks.get(str(raw.get("network"))))
    if network is not None:
        network_path: MistakePath = ("networks", str(raw.get("network")))
        yield from _network_mistakes(network_path, network, classes, dataset.image_shape)
    experiment = sound_part(Experiment, raw)
    if experiment is not None:
        yield from _training_mistakes(path, experiment, dataset)
        if network is not None:
            yield from _technique_mistakes(path, experiment, network)


def _group_mistakes(
    path: MistakePath, groups: Sequence[Sequence[int]], dataset: Dataset
) -> Iterator[tuple[MistakePath, str]]:
    known = range(len(dataset.labels))
    seen: dict[int, int] = {}
    for index, group in enumerate(groups):
        here = (*path, "groups", index)
        if not group:
            yield here, "is empty"
        for label in group:
            if label not in known:
                yield here, f"{label} is no label of {dataset.title}; labels are 0 to {known[-1]}"
            elif label in seen:
                where = "twice in this group" if seen[label] == index else f"also in groups[{seen[label]}]"
                yield here, f"label {label} is {where}"
            else:
                seen[label] = index
    missing = [str(label) for label in known if label not in seen]
    if missing:
        yield (*path, "groups"), f"in no group: {', '.join(missing)}"
    if len(groups) < 2:
        yield (*path, "groups"), f"a classifier needs 2 classes or more, got {len(groups)}"


def _network_mistakes(
    path: MistakePath, network: Network, classes: int, image_shape: Shape
) -> Iterator[tuple[MistakePath, str]]:
    try:
        counted: NetworkCount = count(bind_classes(network.layers, classes), image_shape)
    except LayerError as error:
        yield (*path, "layers", error.index), f"{network.layers[error.index].type}: {error}"
        return
    if counted.layers[-1].output_shape != (classes,):
        got = "×".join(str(size) for size in counted.layers[-1].output_shape)
        yield (*path, "layers"), f"the network gives {got}, but there are {classes} classes"
    if not any(layer.trainable for layer in counted.layers):
        yield (*path, "layers"), "there is nothing to train"
    for index, layer in enumerate(network.layers[:-1]):
        if isinstance(layer, Softmax):
            yield (*path, "layers", index), "Softmax must be the last layer: the loss takes logits"
    names = [counted_layer.name for counted_layer in counted.layers]
    for index, repeated in _repeated(names):
        yield (*path, "layers", index, "name"), f"{repeated!r} is the name of an earlier layer"


def _training_mistakes(
    path: MistakePath, experiment: Experiment, dataset: Dataset
) -> Iterator[tuple[MistakePath, str]]:
    training = experiment.training
    here = (*path, "training")
    if training.early_stopping is not None and not training.validation_size:
        yield (*here, "early_stopping"), "needs validation_size: the test set chooses nothing"
    if training.validation_size and training.early_stopping is None:
        yield (*here, "validation_size"), "nothing uses it without early_stopping"
    if training.validation_size > dataset.sizes["train"] // 2:
        yield (
            (*here, "validation_size"),
            f"{training.validation_size} is more than half of the {dataset.sizes['train']} training images",
        )
    if isinstance(training.optimizer, SGD) and training.optimizer.nesterov and not training.optimizer.momentum:
        yield (*here, "optimizer", "nesterov"), "needs momentum"
    schedule, start = training.schedule, training.optimizer.learning_rate
    if isinstance(schedule, OneCycleRate) and schedule.max_learning_rate <= start:
        yield (
            (*here, "schedule", "max_learning_rate"),
            f"{schedule.max_learning_rate:g} is not above the optimizer's learning_rate, {start:g}, where it starts",
        )
    for index, affine in enumerate(training.augmentation):
        low, high = affine.scale
        if not 0 < low <= high:
            yield (*here, "augmentation", index, "scale"), f"needs 0 < smallest ≤ largest, got [{low}, {high}]"


def _technique_mistakes(
    path: MistakePath, experiment: Experiment, network: Network
) -> Iterator[tuple[MistakePath, str]]:
    training = experiment.training
    applied: dict[TechniqueKind, bool] = {
        "dropout": any(isinstance(layer, Dropout) for layer in network.layers),
        "data-augmentation": bool(training.augmentation),
        "learning-rate-schedule": training.schedule.name != "constant",
        "batch-normalization": any(isinstance(layer, BatchNorm2d) for layer in network.layers),
        "early-stopping": training.early_stopping is not None,
    }
    for index, technique in enumerate(experiment.techniques):
        if not applied[technique.kind]:
            yield (*path, "techniques", index), f"{technique.kind} is claimed, but the experiment has none"
