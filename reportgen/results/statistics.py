"""How sure a comparison is: intervals of differences, chance, and what counts as significant."""

import math

from reportgen.results.schema import ExperimentResult, Score

SIGNIFICANT = 0.05
"""Level below which a p-value counts as significant: what the 95 % intervals of the same report leave outside."""
_Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


def wilson(correct: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of ``correct`` out of ``total``, both ends 0…1.

    Wilson, Probable inference, J. Am. Stat. Assoc. 22 (1927), 209-212.
    """
    share, squared = correct / total, _Z * _Z
    middle = (share + squared / (2 * total)) / (1 + squared / total)
    half = _Z / (1 + squared / total) * math.sqrt(share * (1 - share) / total + squared / (4 * total * total))
    return (0.0 if correct == 0 else middle - half, 1.0 if correct == total else middle + half)


def paired_difference(both: int, only_this: int, only_other: int, neither: int) -> tuple[float, float, float]:
    """The difference of two accuracies on the same images, and its 95 % interval, as shares from −1 to 1.

    Newcombe, Improved confidence intervals for the difference between binomial proportions based on paired data,
    Statistics in Medicine 17 (1998), 2635-2650, method 10: Wilson's intervals, joined by the correlation of the pairs.

    Args:
        both: images that both classify rightly.
        only_this: images that only this one does.
        only_other: images that only the other one does.
        neither: images that both classify wrongly.

    Raises:
        ValueError: there is no image, or a number is negative.
    """
    total = both + only_this + only_other + neither
    if total == 0 or min(both, only_this, only_other, neither) < 0:
        raise ValueError(f"no table of paired images: {both}, {only_this}, {only_other}, {neither}")
    this, other = both + only_this, both + only_other
    (low, high), (other_low, other_high) = wilson(this, total), wilson(other, total)
    below, above = this / total - low, high - this / total
    other_below, other_above = other / total - other_low, other_high - other / total
    margins = this * (total - this) * other * (total - other)
    product = both * neither - only_this * only_other
    # The continuity correction of method 10: a positive correlation is lessened, and not beyond 0.
    corrected = max(product - total / 2, 0.0) if product > 0 else float(product)
    correlation = corrected / math.sqrt(margins) if margins else 0.0
    difference = (only_this - only_other) / total
    return (
        difference,
        difference - _joined(below, other_above, correlation),
        difference + _joined(above, other_below, correlation),
    )


def _joined(one: float, two: float, correlation: float) -> float:
    # Rounding may leave a tiny negative number where the two are equal and the correlation is 1.
    return math.sqrt(max(one * one - 2 * correlation * one * two + two * two, 0.0))


def compared(result: ExperimentResult, baseline: ExperimentResult) -> tuple[float, float, float]:
    """`paired_difference` of an experiment and the baseline that it is compared with.

    Raises:
        ValueError: the experiment has no comparison, or the comparison doesn't belong to the two scores.
    """
    if result.comparison is None:
        raise ValueError(f"{result.id} is compared with nothing")
    only_this, only_baseline = result.comparison.only_this, result.comparison.only_baseline
    both = result.score.correct - only_this
    return paired_difference(both, only_this, only_baseline, result.score.total - both - only_this - only_baseline)


def commonest(score: Score) -> float:
    """The accuracy (0…1) of always answering the commonest class of the test set."""
    return max(entry.support for entry in score.classes) / score.total


def at_chance(score: Score) -> bool:
    """Whether an accuracy is not surely above that of always answering the commonest class."""
    return score.interval[0] <= commonest(score)


def defined(score: Score, index: int) -> tuple[bool, bool, bool]:
    """Whether precision, recall and F1 of a class (by its index) are numbers at all, and not 0/0."""
    predicted, actual = sum(row[index] for row in score.confusion) > 0, score.classes[index].support > 0
    return predicted, actual, predicted or actual
