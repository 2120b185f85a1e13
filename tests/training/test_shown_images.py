import base64
from collections import Counter

import numpy as np
import pytest

from reportgen.training.shown_images import choose, encode, most_confident, pictures

GENERATOR = np.random.default_rng(3)


def answers(cells: dict[tuple[int, int], int], classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Labels (N,) and probabilities (N, K) with as many images in each cell, in no order."""
    pairs = [cell for cell, images in cells.items() for _ in range(images)]
    GENERATOR.shuffle(pairs)
    probabilities = np.zeros((len(pairs), classes), np.float32)
    for row, (_, predicted) in enumerate(pairs):
        sure = GENERATOR.uniform(0.5, 1)
        probabilities[row] = (1 - sure) / (classes - 1)
        probabilities[row, predicted] = sure
    return np.array([true for true, _ in pairs]), probabilities


def test_every_cell_gets_some_images_and_errors_come_most_confident_first() -> None:
    labels, probabilities = answers({(0, 0): 9, (1, 1): 2, (0, 2): 12, (2, 1): 1})
    chosen = choose(labels, probabilities, 1)
    assert Counter((sample.true, sample.predicted) for sample in chosen) == {
        (0, 0): 3,
        (0, 2): 8,
        (1, 1): 2,
        (2, 1): 1,
    }
    assert [(s.true, s.predicted) for s in chosen] == sorted((s.true, s.predicted) for s in chosen)
    assert len({sample.index for sample in chosen}) == len(chosen)
    for sample in chosen:
        assert labels[sample.index] == sample.true
        assert probabilities[sample.index].argmax() == sample.predicted
        assert sample.probability == pytest.approx(probabilities[sample.index].max())
    wrong = [sample.probability for sample in chosen if (sample.true, sample.predicted) == (0, 2)]
    everyone = sorted(probabilities[(labels == 0) & (probabilities.argmax(1) == 2)].max(1), reverse=True)
    assert wrong == pytest.approx(everyone[:8])
    right = np.flatnonzero((labels == 0) & (probabilities.argmax(1) == 0))
    assert [sample.index for sample in chosen if sample.true == sample.predicted == 0] == right[:3].tolist()


def test_a_small_budget_is_shared_in_proportion_to_the_errors() -> None:
    labels, probabilities = answers({(0, 1): 30, (1, 0): 10, (2, 0): 2})
    chosen = choose(labels, probabilities, image_bytes=100, budget=400)
    assert Counter((sample.true, sample.predicted) for sample in chosen) == {(0, 1): 3, (1, 0): 1}


def test_the_most_confident_errors_come_highest_first() -> None:
    labels, probabilities = answers({(0, 0): 5, (0, 1): 20, (2, 1): 3})
    images = GENERATOR.integers(0, 256, (len(labels), 3, 2, 2), np.uint8)
    found = most_confident(labels, probabilities, images)
    wrong = probabilities[labels != probabilities.argmax(1)].max(1)
    assert [entry.probability for entry in found] == pytest.approx(sorted(wrong, reverse=True)[:12])
    assert all(base64.b64decode(entry.pixels) == images[entry.index].tobytes() for entry in found)


def test_each_picture_is_kept_once() -> None:
    labels, probabilities = answers({(0, 0): 4, (1, 0): 4})
    images = GENERATOR.integers(0, 256, (8, 1, 2, 2), np.uint8)
    chosen = choose(labels, probabilities, 4)
    kept = pictures([*chosen, *chosen], images)
    assert list(kept) == sorted({sample.index for sample in chosen})
    assert all(pixels == encode(images[index]) for index, pixels in kept.items())
