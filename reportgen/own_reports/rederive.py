"""Results worked out again from what can't be derived: counts from the plan, scores from the predictions."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reportgen.assignment.counting import LayerCount
from reportgen.assignment.datasets import DATASETS
from reportgen.assignment.plan import Options, Plan, asked, model_digest, resolve
from reportgen.assignment.spec import Assignment
from reportgen.errors import ReportgenError
from reportgen.files import digest
from reportgen.own_reports.second_scores import compare, score
from reportgen.results.schema import CrossCheck, ExperimentResult, Mistaken, Results, Sample

_EXACT = 1e-12
_IDX_LABELS = (2049).to_bytes(4, "big")
"""Magic number of a file of labels in the IDX format."""


@dataclass(frozen=True)
class Discrepancy:
    """A number of results.json that is not what follows from the others."""

    path: str
    stored: str
    derived: str
    rule: str


def rederive(results: Results, assignment: Assignment) -> tuple[Results, list[Discrepancy]]:
    """Work out again what can be: return the results as they should be, and where the stored ones differ.

    Args:
        results: what the report carries.
        assignment: what the report is held against; compared where it has the same id.
    """
    found = list(_plan_discrepancies(results, assignment))
    found.extend(_data_discrepancies(results))
    labels = results.data.test_labels
    derived = []
    for index, ((_, planned, stored), plan) in enumerate(zip(results.parts(), results.plan.experiments, strict=True)):
        path = f"experiments[{index}]"
        truth = [plan.label_to_class[label] for label in labels if 0 <= label < len(plan.label_to_class)]
        own = stored
        if len(truth) == len(stored.predictions) == len(labels) and _in_range(stored.predictions, len(plan.classes)):
            own = own.model_copy(update={"score": _kept(stored.score, score(truth, stored.predictions, plan.classes))})
            for name in ("mistaken", "samples"):
                found.extend(_shown_discrepancies(name, getattr(stored, name), stored, truth, path))
            baseline = next((e for e in results.experiments if e.id == planned.baseline), None)
            if baseline is not None and stored.comparison is not None and len(baseline.predictions) == len(truth):
                compared = compare(truth, stored.predictions, baseline)
                own = own.model_copy(update={"comparison": _kept(stored.comparison, compared)})
        else:
            found.append(
                Discrepancy(
                    f"{path}.predictions",
                    f"{len(stored.predictions)}",
                    f"{len(labels)}",
                    "one class of the plan for each test label",
                )
            )
        own = own.model_copy(update={"count": planned.count(results.plan.input_shape)})
        found.extend(_differences(f"{path}.score", stored.score, own.score, "the stored predictions and labels"))
        found.extend(
            _differences(f"{path}.comparison", stored.comparison, own.comparison, "the stored predictions and labels")
        )
        found.extend(_differences(f"{path}.count", stored.count, own.count, "the layers of the plan"))
        found.extend(_crosscheck_discrepancies(stored.crosscheck, own, f"{path}.crosscheck"))
        found.extend(_history_discrepancies(stored, own, results, index))
        derived.append(own)
    return results.model_copy(update={"experiments": tuple(derived)}), found


def _in_range(numbers: Sequence[int], classes: int) -> bool:
    return all(0 <= number < classes for number in numbers)


def _kept(stored: Any, derived: Any) -> Any:
    """Keep the stored numbers where they differ from the derived ones by no more than the last bits."""
    return derived if any(True for _ in _differences("", stored, derived, "")) else stored


def _plan_discrepancies(results: Results, assignment: Assignment) -> Iterator[Discrepancy]:
    stored = results.plan
    carried, current = asked(results.assignment), asked(assignment)
    if carried.id == current.id and carried != current:
        yield from _differences("assignment", carried, current, f"the assignment {assignment.id}")
    if results.student.roll != stored.roll:
        yield Discrepancy("student.roll", results.student.roll, stored.roll, "the plan's roll number")
    if model_digest(carried) != stored.spec_digest:
        yield Discrepancy("plan.spec_digest", stored.spec_digest, model_digest(carried), "the assignment's digest")
    candidates = []
    for epochs in (None, *sorted({experiment.training.epochs for experiment in stored.experiments})):
        try:
            candidates.append(
                resolve(
                    results.assignment, stored.roll, Options(preview=stored.preview, seed=stored.seed, epochs=epochs)
                )
            )
        except (ReportgenError, ValueError) as error:
            yield Discrepancy("plan.roll", stored.roll, "", str(error))
            return
    if stored not in candidates:
        nearest = min(candidates, key=lambda plan: len(list(_differences("plan", stored, plan, ""))))
        yield from _differences("plan", stored, nearest, "the assignment, resolved for the roll number")


def _data_discrepancies(results: Results) -> Iterator[Discrepancy]:
    dataset, data = DATASETS[results.plan.dataset], results.data
    counted = tuple(data.test_labels.count(label) for label in range(len(dataset.labels)))
    if counted != data.test_counts:
        yield from _differences("data.test_counts", data.test_counts, counted, "the stored labels")
    if results.plan.preview:
        return
    published = {"train_counts": dataset.label_counts["train"], "test_counts": dataset.label_counts["test"]}
    for name, counts in published.items():
        yield from _differences(f"data.{name}", getattr(data, name), counts, f"{dataset.title} as published")
    file = dataset.files["test"][1]
    if all(0 <= label < 256 for label in data.test_labels):
        content = _IDX_LABELS + len(data.test_labels).to_bytes(4, "big") + bytes(data.test_labels)
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != file.md5:
            yield Discrepancy("data.test_labels", "other labels", file.name, f"{dataset.title}'s published MD5")
        elif data.digests.get(file.name) not in {None, digest(content)}:
            yield Discrepancy(
                f"data.digests.{file.name}", data.digests[file.name], digest(content), "the labels' own digest"
            )


def _shown_discrepancies(
    name: str, shown: Sequence[Mistaken | Sample], stored: ExperimentResult, truth: Sequence[int], path: str
) -> Iterator[Discrepancy]:
    """Hold the images that a report shows against the labels and the predictions."""
    for index, entry in enumerate(shown):
        if not 0 <= entry.index < len(truth):
            yield Discrepancy(f"{path}.{name}[{index}].index", str(entry.index), f"below {len(truth)}", "a test image")
            continue
        for key, own in (("true", truth[entry.index]), ("predicted", stored.predictions[entry.index])):
            if getattr(entry, key) != own:
                yield Discrepancy(
                    f"{path}.{name}[{index}].{key}",
                    str(getattr(entry, key)),
                    str(own),
                    "the stored predictions and labels",
                )


def _crosscheck_discrepancies(check: CrossCheck, own: ExperimentResult, path: str) -> Iterator[Discrepancy]:
    rows = [*zip(check.layers, own.count.layers, strict=False)]
    if len(check.layers) != len(own.count.layers):
        yield Discrepancy(
            f"{path}.layers", str(len(check.layers)), str(len(own.count.layers)), "the layers of the plan"
        )
    for index, (layer, counted) in enumerate(rows):
        expected = {
            "name": counted.name,
            "trainable": (counted.trainable,) * 3,
            "non_trainable": (counted.non_trainable,) * 3,
            "buffers": (counted.buffers,) * 2,
            "mult_adds": (_mult_adds(counted),) * 2,
            "output_shape": (counted.output_shape,) * 2,
        }
        for key, value in expected.items():
            yield from _differences(f"{path}.layers[{index}].{key}", getattr(layer, key), value, "the manual count")
    total = check.total
    for key, value in (
        ("trainable", (own.count.trainable,) * 3),
        ("non_trainable", (own.count.non_trainable,) * 3),
        ("buffers", (own.count.buffers,) * 2),
        ("mult_adds", (sum(map(_mult_adds, own.count.layers)),) * 2),
    ):
        yield from _differences(f"{path}.total.{key}", getattr(total, key), value, "the manual count")


def _mult_adds(layer: LayerCount) -> int:
    """Mult-adds by torchinfo's rule for one image: bias counted in, everything but convolutions by parameters."""
    return layer.parameters * (math.prod(layer.output_shape[1:]) if layer.type == "Conv2d" else 1)


def _history_discrepancies(
    stored: ExperimentResult, own: ExperimentResult, results: Results, index: int
) -> Iterator[Discrepancy]:
    plan: Plan = results.plan
    training, path = plan.experiments[index].training, f"experiments[{index}]"
    epochs = tuple(record.epoch for record in stored.history)
    yield from _differences(f"{path}.history.epoch", epochs, tuple(range(1, len(epochs) + 1)), "epochs count up from 1")
    if len(epochs) != training.epochs and not stored.stopped_early:
        yield Discrepancy(
            f"{path}.history",
            f"{len(epochs)} epochs",
            f"{training.epochs} epochs",
            "the plan, as it did not stop early",
        )
    chosen = next((record for record in stored.history if record.epoch == stored.chosen_epoch), None)
    if chosen is None:
        yield Discrepancy(f"{path}.chosen_epoch", str(stored.chosen_epoch), "an epoch of the history", "the history")
    else:
        if abs(chosen.test_accuracy - own.score.accuracy) > 1e-9:
            yield Discrepancy(
                f"{path}.history[{stored.chosen_epoch - 1}].test_accuracy",
                f"{chosen.test_accuracy}",
                f"{own.score.accuracy}",
                "the kept weights' predictions",
            )
        losses = {
            record.epoch: record.validation_loss for record in stored.history if record.validation_loss is not None
        }
        best = min(losses, key=lambda epoch: losses[epoch]) if losses else len(epochs)
        if best != stored.chosen_epoch:
            yield Discrepancy(
                f"{path}.chosen_epoch",
                str(stored.chosen_epoch),
                str(best),
                "the epoch with the lowest validation loss, else the last",
            )
    for at, record in enumerate(stored.history):
        whole = record.test_accuracy * own.score.total
        if abs(whole - round(whole)) > 1e-6:
            yield Discrepancy(
                f"{path}.history[{at}].test_accuracy",
                f"{record.test_accuracy}",
                f"{round(whole) / own.score.total}",
                f"a whole number of {own.score.total:,} images",
            )
    images = sum(results.data.train_counts) - training.validation_size
    yield from _differences(
        f"{path}.train_total", stored.train_total, images, "the training images less those for validation"
    )
    steps = len(epochs) * -(-images // training.batch_size)
    yield from _differences(f"{path}.steps", stored.steps, steps, "epochs × batches")


def _differences(path: str, stored: Any, derived: Any, rule: str) -> Iterator[Discrepancy]:
    """Compare two values of models, mappings, sequences and numbers; yield each leaf that differs."""
    if hasattr(stored, "model_dump") and hasattr(derived, "model_dump"):
        stored, derived = stored.model_dump(), derived.model_dump()
    if isinstance(stored, Mapping) and isinstance(derived, Mapping):
        for key in dict.fromkeys([*stored, *derived]):
            yield from _differences(f"{path}.{key}", stored.get(key), derived.get(key), rule)
    elif isinstance(stored, list | tuple) and isinstance(derived, list | tuple) and len(stored) == len(derived):
        for index, (one, other) in enumerate(zip(stored, derived, strict=True)):
            yield from _differences(f"{path}[{index}]", one, other, rule)
    elif isinstance(stored, float) and isinstance(derived, float):
        if not math.isclose(stored, derived, rel_tol=_EXACT, abs_tol=_EXACT):
            yield Discrepancy(path, repr(stored), repr(derived), rule)
    elif stored != derived:
        yield Discrepancy(path, str(stored), str(derived), rule)
