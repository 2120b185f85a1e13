"""Whether the parts of a results.json fit together, so that a report can be made from them. Says nothing of truth."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reportgen.counting import LayerError

if TYPE_CHECKING:
    from reportgen.plan import PlannedExperiment
    from reportgen.results import ExperimentResult, Mistaken, Results, Sample


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
