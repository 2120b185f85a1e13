"""Scores from predictions, written out in plain Python: a witness that shares no code with the computing half."""

import math
from collections.abc import Sequence
from fractions import Fraction

from reportgen.results.schema import ClassScore, Comparison, ExperimentResult, Score
from reportgen.results.statistics import wilson


def score(truth: Sequence[int], predictions: Sequence[int], classes: Sequence[str]) -> Score:
    """Score predicted classes against true ones."""
    size = len(classes)
    matrix = [[0] * size for _ in range(size)]
    for true, predicted in zip(truth, predictions, strict=True):
        matrix[true][predicted] += 1
    correct, total = sum(matrix[index][index] for index in range(size)), len(truth)
    scores = []
    for index, name in enumerate(classes):
        hits, actual = matrix[index][index], sum(matrix[index])
        predicted = sum(row[index] for row in matrix)
        scores.append(
            ClassScore(
                name=name,
                precision=hits / predicted if predicted else 0.0,
                recall=hits / actual if actual else 0.0,
                f1=2 * hits / (predicted + actual) if predicted + actual else 0.0,
                support=actual,
            )
        )
    return Score(
        correct=correct,
        total=total,
        accuracy=correct / total,
        interval=wilson(correct, total),
        confusion=tuple(map(tuple, matrix)),
        classes=tuple(scores),
    )


def compare(truth: Sequence[int], predictions: Sequence[int], baseline: ExperimentResult) -> Comparison:
    """McNemar's exact test (two-sided binomial) against a baseline on the same images."""
    only_this = only_baseline = 0
    for true, own, other in zip(truth, predictions, baseline.predictions, strict=True):
        only_this += own == true != other
        only_baseline += other == true != own
    discordant = only_this + only_baseline
    tail = sum(math.comb(discordant, k) for k in range(min(only_this, only_baseline) + 1))
    p_value = min(Fraction(1), Fraction(2 * tail, 2**discordant)) if only_this != only_baseline else Fraction(1)
    return Comparison(baseline=baseline.id, only_this=only_this, only_baseline=only_baseline, p_value=float(p_value))
