"""Every mistake of an assignment spec at once, each with its path, from the TOML file's raw content."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from reportgen.counting import LayerError, NetworkCount, Shape, count
from reportgen.datasets import DATASETS, Dataset
from reportgen.layers import BatchNorm2d, Dropout, Softmax
from reportgen.plan import bind_classes, fits
from reportgen.spec import Assignment, Criterion, Experiment, Network, RollRule, TechniqueKind

_T = TypeVar("_T")
_Path = tuple[str | int, ...]


def find_mistakes(raw: Mapping[str, Any]) -> list[str]:
    """Return every mistake of a spec as ``path: what``, in the order of their paths; empty if there is none.

    What can be judged is judged even where other parts are broken: a layer that can't take its input is
    reported beside an unknown key elsewhere.
    """
    mistakes = dict.fromkeys(_schema_mistakes(raw))
    mistakes.update(dict.fromkeys(_meaning_mistakes(raw)))
    return sorted(f"{show_path(path)}: {what}" if path else what for path, what in mistakes)


def show_path(path: Sequence[str | int]) -> str:
    """Write a path as ``experiments[1].groups[2]``."""
    return "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" if index else part for index, part in enumerate(path)
    )


def _schema_mistakes(raw: Mapping[str, Any]) -> Iterator[tuple[_Path, str]]:
    try:
        Assignment.model_validate(raw)
    except ValidationError as error:
        alternatives: dict[_Path, list[str]] = {}
        for detail in error.errors(include_url=False):
            path = _path_in(raw, detail["loc"], missing=detail["type"] == "missing")
            alternatives.setdefault(path, []).append(_say(detail))
        for path, said in alternatives.items():
            yield path, "; or ".join(dict.fromkeys(said))


def _path_in(raw: Any, location: Sequence[str | int], *, missing: bool) -> _Path:
    """Drop what pydantic adds to a location (union tags, type names) and the raw content hasn't."""
    path: list[str | int] = []
    for index, part in enumerate(location):
        if isinstance(raw, Mapping):
            inside = part in raw
        else:
            inside = isinstance(raw, list) and isinstance(part, int) and part < len(raw)
        if inside:
            raw = raw[part]
        elif not (missing and index == len(location) - 1):
            continue
        path.append(part)
    return tuple(path)


def _say(detail: Any) -> str:
    got = detail["input"]
    match detail["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "unknown key"
        case "union_tag_invalid":
            context = detail["ctx"]
            return f"unknown {context['discriminator'].strip(chr(39))} {context['tag']!r}; " + (
                f"known: {context['expected_tags'].replace(chr(39), '')}"
            )
        case "union_tag_not_found":
            return f"needs a {detail['ctx']['discriminator'].strip(chr(39))!r}"
        case "value_error":
            return str(detail["ctx"]["error"])
    text = detail["msg"][0].lower() + detail["msg"][1:]
    return text if isinstance(got, Mapping | list) else f"{text}, got {got!r}"


def _part(model: type[_T], raw: Any) -> _T | None:
    try:
        return TypeAdapter(model).validate_python(raw)
    except ValidationError:
        return None


def _meaning_mistakes(raw: Mapping[str, Any]) -> Iterator[tuple[_Path, str]]:
    yield from _roll_mistakes(raw)
    yield from _rubric_mistakes(raw)
    dataset = DATASETS.get(str(raw.get("dataset")))
    experiments = raw.get("experiments")
    networks = raw.get("networks")
    if not isinstance(experiments, list) or not isinstance(networks, Mapping):
        return
    used = set()
    for index, raw_experiment in enumerate(experiments):
        if not isinstance(raw_experiment, Mapping):
            continue
        path: _Path = ("experiments", index)
        used.add(raw_experiment.get("network"))
        if raw_experiment.get("network") not in networks:
            yield (
                (*path, "network"),
                f"no network {raw_experiment.get('network')!r} in [networks]; "
                f"there are: {', '.join(str(key) for key in networks)}",
            )
        if dataset is not None:
            yield from _experiment_mistakes(path, raw_experiment, networks, dataset)
        yield from _baseline_mistakes(path, raw_experiment, experiments[:index])
    for key in networks:
        if key not in used:
            yield ("networks", key), "no experiment uses this network"
    ids = [entry.get("id") for entry in experiments if isinstance(entry, Mapping)]
    for index, repeated in _repeated(ids):
        yield ("experiments", index, "id"), f"{repeated!r} is the id of an earlier experiment"


def _repeated(values: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    return ((index, value) for index, value in enumerate(values) if value in values[:index])


def _roll_mistakes(raw: Mapping[str, Any]) -> Iterator[tuple[_Path, str]]:
    rule = _part(RollRule, raw.get("roll"))
    if rule is None:
        return
    if not fits(rule, rule.example):
        yield ("roll", "example"), f"{rule.example!r} does not match the pattern {rule.pattern!r}"
    digits = raw["batch"].get("digits", 3) if isinstance(raw.get("batch"), Mapping) else None
    if isinstance(digits, int) and not rule.example[-digits:].isdecimal():
        yield ("roll", "example"), f"the batch rule needs {digits} digits at the end of a roll number"


def _rubric_mistakes(raw: Mapping[str, Any]) -> Iterator[tuple[_Path, str]]:
    rubric = raw.get("rubric", [])
    experiments = raw.get("experiments")
    criteria = [_part(Criterion, entry) for entry in rubric] if isinstance(rubric, list) else []
    if not criteria or not isinstance(experiments, list):
        return
    parts = [entry.get("id") for entry in experiments if isinstance(entry, Mapping)] + ["report"]
    for index, criterion in enumerate(criteria):
        if criterion is not None and criterion.part not in parts:
            allowed = ", ".join(str(part) for part in parts)
            yield ("rubric", index, "part"), f"no part {criterion.part!r}; allowed: {allowed}"
    for index, repeated in _repeated([criterion.id if criterion else None for criterion in criteria]):
        if repeated is not None:
            yield ("rubric", index, "id"), f"{repeated!r} is the id of an earlier criterion"
    points = sum(criterion.points for criterion in criteria if criterion is not None)
    marks = raw.get("marks")
    if None not in criteria and isinstance(marks, int | float) and points != marks:
        yield ("rubric",), f"the points add up to {points:g}, but marks = {marks:g}"


def _baseline_mistakes(path: _Path, raw: Mapping[str, Any], earlier: Sequence[Any]) -> Iterator[tuple[_Path, str]]:
    baseline = raw.get("baseline")
    if baseline is None:
        return
    found = next((e for e in earlier if isinstance(e, Mapping) and e.get("id") == baseline), None)
    if found is None:
        yield (*path, "baseline"), f"no experiment {baseline!r} stands before this one"
    elif found.get("groups") != raw.get("groups"):
        yield (*path, "baseline"), f"{baseline!r} has other groups: the two can't be compared"


def _experiment_mistakes(
    path: _Path, raw: Mapping[str, Any], networks: Mapping[str, Any], dataset: Dataset
) -> Iterator[tuple[_Path, str]]:
    raw_groups = raw.get("groups")
    groups = None if raw_groups is None else _part(tuple[tuple[int, ...], ...], raw_groups)
    if groups is not None:
        yield from _group_mistakes(path, groups, dataset)
    elif raw_groups is not None:
        return
    classes = len(dataset.labels) if groups is None else len(groups)
    names = raw.get("class_names")
    if isinstance(names, list) and len(names) != classes:
        yield (*path, "class_names"), f"{len(names)} names for {classes} classes"
    network = _part(Network, networks.get(str(raw.get("network"))))
    if network is not None:
        network_path: _Path = ("networks", str(raw.get("network")))
        yield from _network_mistakes(network_path, network, classes, dataset.image_shape)
    experiment = _part(Experiment, raw)
    if experiment is not None:
        yield from _training_mistakes(path, experiment, dataset)
        if network is not None:
            yield from _technique_mistakes(path, experiment, network)


def _group_mistakes(path: _Path, groups: Sequence[Sequence[int]], dataset: Dataset) -> Iterator[tuple[_Path, str]]:
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


def _network_mistakes(path: _Path, network: Network, classes: int, image_shape: Shape) -> Iterator[tuple[_Path, str]]:
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


def _training_mistakes(path: _Path, experiment: Experiment, dataset: Dataset) -> Iterator[tuple[_Path, str]]:
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
    for index, affine in enumerate(training.augmentation):
        low, high = affine.scale
        if not 0 < low <= high:
            yield (*here, "augmentation", index, "scale"), f"needs 0 < smallest ≤ largest, got [{low}, {high}]"


def _technique_mistakes(path: _Path, experiment: Experiment, network: Network) -> Iterator[tuple[_Path, str]]:
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
