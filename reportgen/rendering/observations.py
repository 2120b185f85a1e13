"""What the numbers say, in sentences computed from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from reportgen.assignment.layers import double_softmax_floor, rests_on_double_softmax_floor
from reportgen.rendering.wording import counted, integer, listing, loss, p_value, percent, points
from reportgen.results.schema import Comparison, EpochRecord, ExperimentResult, Results

SIGNIFICANT = 0.01
"""Level below which a p-value counts as significant."""
_FEW = 5
"""So many cells of a confusion matrix can stand out, no more."""


@dataclass(frozen=True)
class Reference:
    """What an experiment's curves are held against, where that explains them."""

    name: str
    accuracy: float | None
    """0…1"""
    loss: float
    """Nats."""


def observe(results: Results, experiment_id: str) -> list[str]:
    """Sentences on one experiment: accuracy, course of the training, overfitting, confusions."""
    result = results.experiment(experiment_id)
    return [_accuracy(result), _course(result), _gap(result), *_confusions(result)]


def best_epoch(result: ExperimentResult) -> EpochRecord:
    """The epoch with the highest test accuracy; of equals the one whose weights were kept, else the earliest."""
    return max(
        result.history,
        key=lambda record: (record.test_accuracy, record.epoch == result.chosen_epoch, -record.epoch),
    )


def gap(result: ExperimentResult) -> float:
    """Training accuracy minus test accuracy of the kept weights, both without augmentation and dropout."""
    return result.train_accuracy - result.score.accuracy


def largest_confusions(result: ExperimentResult, number: int = 3) -> list[tuple[int, int, int]]:
    """The largest cells off the diagonal: (true class, predicted class, images), largest first."""
    cells = [
        (true, predicted, images)
        for true, row in enumerate(result.score.confusion)
        for predicted, images in enumerate(row)
        if true != predicted and images
    ]
    return sorted(cells, key=lambda cell: -cell[2])[:number]


def frequent_confusions(result: ExperimentResult) -> list[tuple[int, int, int]]:
    """The confusions that stand out: the three largest cells and their equals, but fewer rather than many equals."""
    cells = largest_confusions(result, result.score.total)
    least = cells[min(3, len(cells)) - 1][2] if cells else 0
    chosen = [cell for cell in cells if cell[2] >= least]
    return chosen if len(chosen) <= _FEW else [cell for cell in cells if cell[2] > least]


def name_confusions(result: ExperimentResult, confusions: Sequence[tuple[int, int, int]]) -> str:
    """List confusions by the names of their classes, each with its number of images."""
    names = [entry.name for entry in result.score.classes]
    return listing([f"{names[true]} taken for {names[said]} ({images})" for true, said, images in confusions])


def references(result: ExperimentResult) -> list[Reference]:
    """What explains an experiment's curves: chance where it starts near it, softmax's floor where the loss ends on it.

    Chance is always answering the commonest class with the classes' own shares as probabilities.
    """
    found = []
    shares = [entry.support / result.score.total for entry in result.score.classes if entry.support]
    lowest = min(record.test_accuracy for record in result.history)
    if lowest < 2 * max(shares) < 1.6:
        found.append(Reference("chance", max(shares), -sum(share * log(share) for share in shares)))
    last, classes = result.history[-1], len(result.score.classes)
    if rests_on_double_softmax_floor(last.train_loss, last.train_accuracy, classes):
        found.append(Reference("softmax twice", None, double_softmax_floor(classes)))
    return found


def is_significant(comparison: Comparison) -> bool:
    """Whether McNemar's test is significant at `SIGNIFICANT`."""
    return comparison.p_value < SIGNIFICANT


def verdict(result: ExperimentResult, baseline: ExperimentResult, comparison: Comparison, title: str) -> str:
    """Whether an experiment beats its baseline; says so plainly if it does not."""
    difference = result.score.accuracy - baseline.score.accuracy
    only_this, only_baseline = comparison.only_this, comparison.only_baseline
    counted = (
        f"Against {title} on the same {integer(result.score.total)} test images, {only_this} images are right here "
        f"and wrong there, and {only_baseline} are wrong here and right there "
        f"(McNemar's exact test: {p_value(comparison.p_value)}). "
    )
    if not is_significant(comparison):
        return counted + "The difference is not significant at the 1 % level: the techniques did not clearly help."
    if difference > 0:
        return counted + f"The accuracy rises by {points(difference)} percentage points, significant at the 1 % level."
    return counted + (
        f"The accuracy falls by {points(difference).lstrip('−')} percentage points, significant at the 1 % level: "
        "the techniques did harm."
    )


def _accuracy(result: ExperimentResult) -> str:
    score = result.score
    low, high = score.interval
    return (
        f"{integer(score.correct)} of {integer(score.total)} test images are classified correctly: "
        f"{percent(score.accuracy)} (95 % Wilson interval {percent(low)} to {percent(high)})."
    )


def _course(result: ExperimentResult) -> str:
    best, first, last = best_epoch(result), result.history[0], result.history[-1]
    kept = f"epoch {result.chosen_epoch}"
    reason = "the epoch with the lowest validation loss" if last.validation_loss is not None else "the last one"
    stopped = f" Training stopped early, after epoch {last.epoch}." if result.stopped_early else ""
    same = (
        f"Test accuracy was highest in {kept} ({percent(best.test_accuracy)}), whose weights were kept as {reason}."
        if best.epoch == result.chosen_epoch
        else (
            f"Test accuracy was highest in epoch {best.epoch} ({percent(best.test_accuracy)}), but the weights of "
            f"{kept} were kept, {reason}: the test set chooses nothing."
        )
    )
    return (
        f"The training loss went from {loss(first.train_loss)} in epoch 1 to {loss(last.train_loss)} "
        f"in epoch {last.epoch}. {same}{stopped}"
    )


def _gap(result: ExperimentResult) -> str:
    low, high = result.score.interval
    difference = gap(result)
    said = (
        f"The kept weights reach {percent(result.train_accuracy)} on the training images, "
        f"{points(difference)} percentage points against the test images. "
    )
    if difference > (high - low) / 2:
        return said + (
            "That is more than the uncertainty of the test accuracy, so the network fits its training images better "
            "than new ones: it overfits a little."
            if difference < 0.02
            else "That is more than the uncertainty of the test accuracy: the network overfits."
        )
    return said + "That is within the uncertainty of the test accuracy: there is no sign of overfitting."


def _confusions(result: ExperimentResult) -> list[str]:
    cells = largest_confusions(result)
    if not cells:
        return ["No test image is confused."]
    frequent = frequent_confusions(result)
    said = name_confusions(result, frequent)
    confusions = "confusion is" if len(frequent) == 1 else "confusions are"
    weakest = min(result.score.classes, key=lambda entry: entry.recall)
    strongest = max(result.score.classes, key=lambda entry: entry.recall)
    return [
        f"The most frequent {confusions} {said}."
        if frequent
        else f"No confusion stands out: none has more than {counted(cells[0][2], 'image')}.",
        f"The class found least often is {weakest.name} (recall {percent(weakest.recall)}), "
        f"the one found most often {strongest.name} ({percent(strongest.recall)}).",
    ]
