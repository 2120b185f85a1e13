"""The words of each figure: its caption and the text for readers who can't see it. No drawing."""

from dataclasses import dataclass

from reportgen.observations import best_epoch, largest_confusions
from reportgen.results import ExperimentResult, Results
from reportgen.wording import integer, listing, loss, percent


@dataclass(frozen=True)
class Words:
    """What is said of one figure."""

    alt: str
    """What it shows, for a reader who can't see it."""
    caption: str
    """The finding."""


def describe(results: Results) -> dict[str, Words]:
    """Say what every figure of a report shows, in the order of the report.

    Keys are ``<experiment>-curves``, ``<experiment>-confusion`` and, where there are errors,
    ``<experiment>-mistaken``.
    """
    words = {}
    for asked, _, result in results.parts():
        words[f"{asked.id}-curves"] = _curves(asked.short_title, result)
        words[f"{asked.id}-confusion"] = _confusion(asked.short_title, result)
        if result.mistaken:
            words[f"{asked.id}-mistaken"] = _mistaken(asked.short_title, result)
    return words


def _curves(title: str, result: ExperimentResult) -> Words:
    best, last, first = best_epoch(result), result.history[-1], result.history[0]
    caption = (
        f"{title}: accuracy and loss per epoch. Test accuracy goes from {percent(first.test_accuracy)} after epoch 1 "
        f"to {percent(last.test_accuracy)} after epoch {last.epoch}"
        + (f"; it is highest in epoch {best.epoch}." if best.epoch != last.epoch else ", its highest.")
        + (
            f" The mark is epoch {result.chosen_epoch}, whose weights were kept."
            if last.validation_loss is not None
            else ""
        )
    )
    alt = (
        f"Two line charts over {len(result.history)} epochs. Accuracy: training ends at "
        f"{percent(last.train_accuracy)}, test at {percent(last.test_accuracy)}. Loss: training ends at "
        f"{loss(last.train_loss)}, test at {loss(last.test_loss)}."
    )
    return Words(alt, caption)


def _confusion(title: str, result: ExperimentResult) -> Words:
    names = [entry.name for entry in result.score.classes]
    number = len(names)
    score = result.score
    confusions = largest_confusions(result)
    worst_said = listing([f"{names[true]} taken for {names[said]} ({images})" for true, said, images in confusions])
    finding = f" Most frequent confusions: {worst_said}." if confusions else " There is no error."
    caption = (
        f"{title}: confusion matrix of the {integer(score.total)} test images. {integer(score.correct)} lie on the "
        f"diagonal. Errors are shaded by their share of the true class."
    )
    alt = (
        f"Confusion matrix with {number} classes; {integer(score.correct)} of {integer(score.total)} test images are "
        f"on the diagonal ({percent(score.accuracy)}).{finding}"
    )
    return Words(alt, caption)


def _mistaken(title: str, result: ExperimentResult) -> Words:
    shown = result.mistaken
    names = [entry.name.split(" {")[0] for entry in result.score.classes]
    errors = result.score.total - result.score.correct
    errors_shown = (
        f"the {len(shown)} most confident of {errors} errors" if errors > len(shown) else f"all {errors} errors"
    )
    caption = f"{title}: {errors_shown} on the test set: true class → predicted class, and the probability given to it."
    alt = f"Misclassified test images, {errors_shown}: " + "; ".join(
        f"{names[entry.true]} taken for {names[entry.predicted]} at {percent(entry.probability, 1)}" for entry in shown
    )
    return Words(alt, caption)
