"""What the numbers say, in sentences computed from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from reportgen.assignment.layers import double_softmax_floor, rests_on_double_softmax_floor
from reportgen.rendering.wording import counted, integer, listing, loss, p_value, percent, points
from reportgen.results.schema import ClassScore, Comparison, EpochRecord, ExperimentResult, Results, Score
from reportgen.results.statistics import SIGNIFICANT, at_chance, commonest, compared, defined

_RISEN = 0.1
"""A test loss this share above its lowest, while the training loss fell, is told as overfitting.
A judgement, not a test: results hold no spread of the losses that could tell a rise from an epoch's chance."""
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


def hardest_classes(score: Score) -> list[ClassScore]:
    """The classes with the lowest F1, more than one where they tie; a class whose F1 is 0/0 is none of them."""
    scored = [entry for index, entry in enumerate(score.classes) if defined(score, index)[2]]
    lowest = min(entry.f1 for entry in scored)
    return [entry for entry in scored if entry.f1 == lowest]


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


def verdict(result: ExperimentResult, baseline: ExperimentResult, title: str, changed: str) -> str:
    """Whether an experiment beats its baseline; says so plainly if it does not.

    ``title`` names the baseline, and ``changed`` what the experiment has beyond it: "the techniques".

    Raises:
        ValueError: the experiment is compared with nothing.
    """
    difference, low, high = compared(result, baseline)
    comparison = result.comparison
    assert comparison is not None  # else `compared` has raised
    only_this, only_baseline = comparison.only_this, comparison.only_baseline
    verb = "is" if only_this == 1 else "are"
    other_verb = "is" if only_baseline == 1 else "are"
    said = (
        f"Against {title} on the same {integer(result.score.total)} test images, {counted(only_this, 'image')} {verb} "
        f"right here and wrong there, and {only_baseline} {other_verb} wrong here and right there: "
    )
    if not only_this and not only_baseline:
        return said + f"both are right on the same images, and {changed} changed nothing that the test set shows."
    said += (
        f"{points(difference)} percentage points (95 % interval {points(low)} to {points(high)}; "
        f"McNemar's exact test: {p_value(comparison.p_value)}). "
    )
    level = f"at the {SIGNIFICANT:.0%} level".replace("%", " %")
    if difference == 0:
        said += "The two accuracies are equal."
    elif not is_significant(comparison):
        said += f"The difference is not significant {level}: one cannot say whether {changed} helped."
    elif difference > 0:
        said += f"The accuracy rises, significantly {level}: {changed} helped."
    else:
        said += f"The accuracy falls, significantly {level}: {changed} did harm."
    return said + " This compares one run each; it does not tell how much another seed would change."


def _accuracy(result: ExperimentResult) -> str:
    score = result.score
    low, high = score.interval
    return (
        f"{integer(score.correct)} of {integer(score.total)} test images are classified correctly: "
        f"{percent(score.accuracy)} (95 % Wilson interval {percent(low)} to {percent(high)})."
    ) + (
        f" That is not surely more than {percent(commonest(score))}, what always answering the commonest class gives: "
        "the network has not learned to tell the classes apart."
        if at_chance(score)
        else ""
    )


def _course(result: ExperimentResult) -> str:
    best, first, last = best_epoch(result), result.history[0], result.history[-1]
    kept = f"epoch {result.chosen_epoch}"
    reason = "the epoch with the lowest validation loss" if last.validation_loss is not None else "the last one"
    stopped = f" Training stopped early, after epoch {last.epoch}." if result.stopped_early else ""
    highest = [record.epoch for record in result.history if record.test_accuracy == best.test_accuracy]
    epochs = f"epoch{'s' * (len(highest) > 1)} {listing([str(epoch) for epoch in highest])}"
    if highest == [result.chosen_epoch]:
        kept_one = f", whose weights were kept as {reason}."
    elif result.chosen_epoch in highest:
        kept_one = f"; the weights of {kept} were kept, {reason}."
    else:
        kept_one = f", but the weights of {kept} were kept, {reason}: the test set chooses nothing."
    same = f"Test accuracy was highest in {epochs} ({percent(best.test_accuracy)}){kept_one}"
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
    risen = _risen_loss(result)
    if difference > (high - low) / 2:
        said += (
            "That is more than the uncertainty of the test accuracy, so the network fits its training images better "
            "than new ones: it overfits a little."
            if difference < 0.02
            else "That is more than the uncertainty of the test accuracy: the network overfits."
        )
        return f"{said} {risen}".rstrip()
    if at_chance(result.score):
        return said + "Of a network that has not learned, this says nothing about overfitting."
    said += "That is within the uncertainty of the test accuracy"
    return (
        f"{said}, but the losses tell of overfitting. {risen}" if risen else f"{said}: there is no sign of overfitting."
    )


def _risen_loss(result: ExperimentResult) -> str:
    """How the test loss rose up to the kept epoch while the training loss fell; empty where it did not."""
    kept = next(record for record in result.history if record.epoch == result.chosen_epoch)
    lowest = min(result.history[: result.history.index(kept) + 1], key=lambda record: record.test_loss)
    if kept.test_loss <= (1 + _RISEN) * lowest.test_loss or kept.train_loss >= lowest.train_loss:
        return ""
    return (
        f"From epoch {lowest.epoch} to epoch {kept.epoch} the test loss rose from {loss(lowest.test_loss)} to "
        f"{loss(kept.test_loss)}, while the training loss fell from {loss(lowest.train_loss)} "
        f"to {loss(kept.train_loss)}."
    )


def _confusions(result: ExperimentResult) -> list[str]:
    cells = largest_confusions(result)
    if not cells:
        return ["No test image is confused."]
    frequent = frequent_confusions(result)
    said = name_confusions(result, frequent)
    confusions = "confusion is" if len(frequent) == 1 else "confusions are"
    return [
        f"The most frequent {confusions} {said}."
        if frequent
        else f"No confusion stands out: none has more than {counted(cells[0][2], 'image')}.",
        _recalls([entry for entry in result.score.classes if entry.support]),
    ]


def _recalls(classes: Sequence[ClassScore]) -> str:
    low, high = min(entry.recall for entry in classes), max(entry.recall for entry in classes)
    if low == high:
        return f"Every class is found equally often (recall {percent(low)})."
    weakest = [entry.name for entry in classes if entry.recall == low]
    strongest = [entry.name for entry in classes if entry.recall == high]
    several = "classes found least often are" if len(weakest) > 1 else "class found least often is"
    ones = "those" if len(strongest) > 1 else "the one"
    return (
        f"The {several} {listing(weakest)} (recall {percent(low)}), "
        f"{ones} found most often {listing(strongest)} ({percent(high)})."
    )
