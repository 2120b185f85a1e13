"""Reading results.json: refused where its parts do not fit together, so that no report could be made of them."""

import base64
import json
import math
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from reportgen.assignment.counting import LayerError
from reportgen.assignment.plan import PlannedExperiment
from reportgen.errors import ResultsError
from reportgen.results.schema import SCHEMA_VERSION, ExperimentResult, Mistaken, Results, Sample


def load(path: Path) -> Results:
    """Read a results.json.

    Raises:
        ResultsError: it can't be read, isn't valid, or doesn't hold together.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ResultsError(
            f"cannot read {path}: {error.strerror}. Name the folder that `reportgen build` wrote."
        ) from error
    return parse(content, str(path))


def parse(content: bytes, source: str) -> Results:
    """Parse the content of a results.json; ``source`` names it in messages.

    Raises:
        ResultsError: it isn't valid, or doesn't hold together.
    """
    try:
        raw = json.loads(content)
    except RecursionError:
        raise ResultsError(f"{source} is not valid: it is nested too deeply") from None
    except ValueError as error:
        raise ResultsError(f"{source} is not JSON: {error}") from None
    version = raw.get("schema_version") if isinstance(raw, dict) else None
    if version != SCHEMA_VERSION:
        raise ResultsError(
            f"{source} has schema version {version!r}; this reportgen reads {SCHEMA_VERSION}. "
            "Build it again with `reportgen build`."
        )
    try:
        results = Results.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ResultsError(
            f"{source} is not valid: {where}: {first['msg']} ({error.error_count()} mistakes in all)"
        ) from None
    if results.plan.digest != results.plan_digest:
        raise ResultsError(f"{source}: the plan was altered: its digest is not the one stored")
    ids = [experiment.id for experiment in results.plan.experiments]
    if [e.id for e in results.experiments] != ids or [e.id for e in results.assignment.experiments] != ids:
        raise ResultsError(f"{source}: the assignment, the plan and the experiments do not name the same experiments")
    if (mistake := next(incoherences(results), None)) is not None:
        raise ResultsError(f"{source} is not valid: {mistake}")
    return results


def incoherences(results: Results) -> Iterator[str]:
    """Every part that does not fit the others, in words that name it. Experiments are in the plan's order."""
    labels = {len(planned.label_to_class) for planned in results.plan.experiments}
    if labels != {len(results.data.train_counts)} or labels != {len(results.data.test_counts)}:
        yield "data: there is not one count for each label"
    for _, planned, result in results.parts():
        for mistake in _of_one(planned, result, results.plan.input_shape):
            yield f"{result.id}: {mistake}"
    yield from _of_images(results)


def _of_one(planned: PlannedExperiment, result: ExperimentResult, input_shape: tuple[int, int, int]) -> Iterator[str]:
    epochs = [record.epoch for record in result.history]
    if not epochs or epochs != list(range(1, len(epochs) + 1)):
        yield "the epochs are not numbered from 1"
    if result.chosen_epoch not in epochs:
        yield f"the chosen epoch {result.chosen_epoch} is none of the history"
    if result.train_total < 1:
        yield "it was trained on no images"
    try:
        expected = [(layer.name, layer.output_shape) for layer in planned.count(input_shape).layers]
    except LayerError as error:
        yield f"the plan's layer {error.index + 1} can't stand there: {error}"
    else:
        if [(layer.name, layer.output_shape) for layer in result.count.layers] != expected:
            yield "the layers counted are not those of the plan"
    classes = len(planned.classes)
    if {len(result.score.classes), len(result.score.confusion), *map(len, result.score.confusion)} != {classes}:
        yield f"the scores are not of {classes} classes"
    if result.score.total < 1:
        yield "it was tested on no images"
    if (result.comparison.baseline if result.comparison else None) != planned.baseline:
        yield "it is not compared with the plan's baseline"
    shown: list[Mistaken | Sample] = [*result.mistaken, *result.samples]
    for entry in shown:
        if not all(0 <= number < classes for number in (entry.true, entry.predicted)):
            yield f"image {entry.index} is of no class"


def _of_images(results: Results) -> Iterator[str]:
    size = math.prod(results.plan.input_shape)
    pixels = {f"images.{index}": stored for index, stored in results.images.items()}
    for result in results.experiments:
        pixels |= {f"{result.id}: mistaken image {entry.index}": entry.pixels for entry in result.mistaken}
        for sample in result.samples:
            if sample.index not in results.images:
                yield f"{result.id}: sample {sample.index} has no image"
    for where, stored in pixels.items():
        if len(base64.b64decode(stored)) != size:
            yield f"{where} does not hold {size} pixels"
