"""Scores, recomputed by hand."""

from math import comb, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.training.scores import compare, score

LABELS = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
PREDICTED = np.array([0, 0, 0, 1, 1, 1, 0, 2, 2, 2])
NAMES = ("a", "b", "c")

_cases = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60)


def test_the_confusion_matrix_has_true_classes_in_its_rows() -> None:
    assert score(LABELS, PREDICTED, NAMES).confusion == ((3, 1, 0), (1, 2, 0), (0, 0, 3))


def test_accuracy_with_its_wilson_interval() -> None:
    scored = score(LABELS, PREDICTED, NAMES)
    assert (scored.correct, scored.total, scored.accuracy) == (8, 10, 0.8)
    assert scored.interval == pytest.approx((0.4901625, 0.9433178), abs=1e-6)


def test_precision_recall_and_f1_of_each_class() -> None:
    first, second, third = score(LABELS, PREDICTED, NAMES).classes
    assert (first.name, first.support) == ("a", 4)
    assert (first.precision, first.recall, first.f1) == (0.75, 0.75, 0.75)
    assert [second.precision, second.recall] == pytest.approx([2 / 3, 2 / 3])
    assert (third.precision, third.recall, third.f1) == (1.0, 1.0, 1.0)


def test_a_class_that_was_never_predicted_has_precision_zero_and_no_warning() -> None:
    scored = score(np.array([0, 1]), np.array([0, 0]), ("a", "b", "c"))
    assert [entry.precision for entry in scored.classes] == [0.5, 0.0, 0.0]
    assert [entry.support for entry in scored.classes] == [1, 1, 0]
    assert len(scored.confusion) == 3


@given(_cases)
def test_scores_of_any_predictions_follow_from_their_confusion_matrix(cases: list[tuple[int, int]]) -> None:
    labels, predicted = (np.array(numbers) for numbers in zip(*cases, strict=True))
    scored = score(labels, predicted, ("a", "b", "c", "d"))
    matrix = np.array(scored.confusion)
    assert all(matrix[true, guess] == cases.count((true, guess)) for true in range(4) for guess in range(4))
    assert matrix.sum(1).tolist() == [entry.support for entry in scored.classes]
    assert scored.accuracy == matrix.trace() / len(cases)
    for index, entry in enumerate(scored.classes):
        guessed, real, right = matrix[:, index].sum(), matrix[index].sum(), matrix[index, index]
        assert entry.precision == pytest.approx(right / guessed if guessed else 0)
        assert entry.recall == pytest.approx(right / real if real else 0)
        assert entry.f1 == pytest.approx(2 * right / (guessed + real) if guessed + real else 0)


@given(total=st.integers(1, 10_000), data=st.data())
def test_the_interval_is_wilsons(total: int, data: st.DataObject) -> None:
    correct = data.draw(st.integers(0, total))
    labels = np.zeros(total, np.int64)
    scored = score(labels, (np.arange(total) >= correct).astype(np.int64), ("a", "b"))
    z, p = 1.959963984540054, correct / total
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    assert scored.interval == pytest.approx((middle - half, middle + half), abs=1e-9)
    assert scored.interval[0] - 1e-9 <= scored.accuracy <= scored.interval[1] + 1e-9


def test_mcnemar_counts_only_the_images_on_which_the_two_differ() -> None:
    labels = np.zeros(100, np.int64)
    this, baseline = np.zeros(100, np.int64), np.zeros(100, np.int64)
    baseline[:10] = 1
    this[10:12] = 1
    this[50:60] = baseline[50:60] = 1
    compared = compare(labels, this, baseline, "experiment-1")
    assert (compared.baseline, compared.only_this, compared.only_baseline) == ("experiment-1", 10, 2)
    assert compared.p_value == pytest.approx(2 * (1 + 12 + 66) / 2**12)


def test_two_classifiers_that_never_differ_are_not_different() -> None:
    labels = np.array([0, 1, 1])
    compared = compare(labels, labels, labels, "x")
    assert (compared.only_this, compared.only_baseline, compared.p_value) == (0, 0, 1.0)


@given(this=st.integers(0, 40), baseline=st.integers(0, 40))
def test_mcnemars_p_value_is_the_exact_two_sided_binomial(this: int, baseline: int) -> None:
    labels = np.zeros(this + baseline + 1, np.int64)
    wrong = np.arange(this + baseline + 1)
    compared = compare(labels, (wrong < baseline) * 1, ((wrong >= baseline) & (wrong < this + baseline)) * 1, "x")
    assert (compared.only_this, compared.only_baseline) == (this, baseline)
    discordant, fewer = this + baseline, min(this, baseline)
    tail = sum(comb(discordant, k) for k in range(fewer + 1)) / 2**discordant
    assert compared.p_value == pytest.approx(min(1.0, 2 * tail))
    swapped = compare(labels, ((wrong >= baseline) & (wrong < this + baseline)) * 1, (wrong < baseline) * 1, "x")
    assert swapped.p_value == pytest.approx(compared.p_value)
