"""The test images that a report shows: some of each cell of a confusion matrix, within a budget of bytes."""

import base64
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from reportgen.results.schema import Mistaken, Sample

_MISTAKEN = 12
"""Errors that are kept for their confidence alone."""
_RIGHT, _WRONG = 3, 8
"""Images of one cell at most, on the diagonal and off it."""
_BUDGET = 128 * 1024
"""Bytes of pixels that the errors of one experiment may take."""


def most_confident(
    labels: NDArray[np.int64], probabilities: NDArray[np.float32], images: NDArray[np.uint8]
) -> tuple[Mistaken, ...]:
    """The errors with the highest probability, highest first.

    Args:
        labels: true class of each test image, (N,).
        probabilities: of each class, (N, K).
        images: (N, C, H, W), 0…255.
    """
    predicted = probabilities.argmax(1)
    wrong = np.flatnonzero(predicted != labels)
    worst = wrong[np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")][:_MISTAKEN]
    return tuple(
        Mistaken(
            index=int(index),
            true=int(labels[index]),
            predicted=int(predicted[index]),
            probability=float(probabilities[index, predicted[index]]),
            pixels=encode(images[index]),
        )
        for index in worst
    )


def choose(
    labels: NDArray[np.int64], probabilities: NDArray[np.float32], image_bytes: int, budget: int = _BUDGET
) -> tuple[Sample, ...]:
    """Choose images of every cell of the confusion matrix, in the order of its rows.

    Errors come most confident first; the right answers are the first of the test set, so that experiments share them.
    Where the budget is too small for all, the cells get images in proportion to their errors (Sainte-Laguë).

    Args:
        labels: true class of each test image, (N,).
        probabilities: of each class, (N, K).
        image_bytes: bytes of one image.
        budget: bytes that the images of errors may take.
    """
    predicted = probabilities.argmax(1)
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index in np.argsort(-probabilities.max(1), kind="stable"):
        cells[int(labels[index]), int(predicted[index])].append(int(index))
    right = [index for cell in cells if cell[0] == cell[1] for index in sorted(cells[cell])[:_RIGHT]]
    wrong = sorted(
        ((rank + 0.5) / len(members), cell, index)
        for cell, members in cells.items()
        if cell[0] != cell[1]
        for rank, index in enumerate(members[:_WRONG])
    )
    chosen = set(right) | {index for _, _, index in wrong[: budget // image_bytes]}
    return tuple(
        Sample(index=index, true=cell[0], predicted=cell[1], probability=float(probabilities[index, cell[1]]))
        for cell in sorted(cells)
        for index in (sorted(cells[cell]) if cell[0] == cell[1] else cells[cell])
        if index in chosen
    )


def pictures(samples: Iterable[Sample], images: NDArray[np.uint8]) -> dict[int, str]:
    """The images that samples show, each once, by its position; ``images``: (N, C, H, W), 0…255."""
    return {index: encode(images[index]) for index in sorted({sample.index for sample in samples})}


def encode(image: NDArray[np.uint8]) -> str:
    """The pixels of an image (C, H, W) in base64: channel after channel, rows from the top."""
    return base64.b64encode(image.tobytes()).decode()
