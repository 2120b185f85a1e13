"""Scores of predictions: scikit-learn and scipy do the arithmetic. Nothing is printed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reportgen.results.schema import ClassScore, Comparison, Score


def score(labels: NDArray[np.int64], predictions: NDArray[np.int64], classes: Sequence[str]) -> Score:
    """Score predicted classes (N,) against true ones (N,).

    The interval is Wilson's (1927) at 95 %. Precision is 0 for a class that was never predicted.
    """
    from scipy.stats import binomtest
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    numbers = np.arange(len(classes))
    matrix = confusion_matrix(labels, predictions, labels=numbers)
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predictions, labels=numbers, zero_division=0.0
    )
    correct, total = int(np.trace(matrix)), len(labels)
    interval = binomtest(correct, total).proportion_ci(0.95, method="wilson")
    return Score(
        correct=correct,
        total=total,
        accuracy=correct / total,
        interval=(float(interval.low), float(interval.high)),
        confusion=tuple(tuple(int(cell) for cell in row) for row in matrix),
        classes=tuple(
            ClassScore(
                name=name,
                precision=float(precision[index]),
                recall=float(recall[index]),
                f1=float(f1[index]),
                support=int(support[index]),
            )
            for index, name in enumerate(classes)
        ),
    )


def compare(
    labels: NDArray[np.int64], predictions: NDArray[np.int64], baseline_predictions: NDArray[np.int64], baseline: str
) -> Comparison:
    """Compare two classifiers on the same images by McNemar's exact test (two-sided binomial)."""
    from scipy.stats import binomtest

    right, baseline_right = predictions == labels, baseline_predictions == labels
    only_this = int(np.sum(right & ~baseline_right))
    only_baseline = int(np.sum(~right & baseline_right))
    discordant = only_this + only_baseline
    p_value = float(binomtest(only_this, discordant, 0.5).pvalue) if discordant else 1.0
    return Comparison(baseline=baseline, only_this=only_this, only_baseline=only_baseline, p_value=p_value)
