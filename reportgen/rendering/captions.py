"""The words of each figure: its caption and the text for readers who can't see it. No drawing."""

from dataclasses import dataclass

from reportgen.rendering.figures import confused
from reportgen.rendering.figures.accuracies import same_task
from reportgen.rendering.observations import (
    best_epoch,
    frequent_confusions,
    largest_confusions,
    name_confusions,
    references,
)
from reportgen.rendering.wording import counted, integer, loss, percent, probability, shape
from reportgen.results.schema import ExperimentResult, Results


@dataclass(frozen=True)
class Words:
    """What is said of one figure."""

    alt: str
    """What it shows, for a reader who can't see it."""
    caption: str
    """The finding."""


def describe(results: Results) -> dict[str, Words]:
    """Say what every figure of a report shows, in the order of the report.

    Keys are ``<experiment>-network``, ``<experiment>-accuracies`` where it is compared with another,
    ``<experiment>-curves``, ``<experiment>-confusion`` and, where images of errors are kept, ``<experiment>-confused``.
    """
    words = {}
    for asked, planned, result in results.parts():
        title = asked.short_title
        words[f"{asked.id}-network"] = _network(title, result, results, len(planned.classes))
        if result.comparison:
            words[f"{asked.id}-accuracies"] = _accuracies(title, result, results)
        words[f"{asked.id}-curves"] = _curves(title, result)
        words[f"{asked.id}-confusion"] = _confusion(title, result)
        if confused.errors(result):
            words[f"{asked.id}-confused"] = _confused(title, result)
    return words


def _network(title: str, result: ExperimentResult, results: Results, classes: int) -> Words:
    layers, total = result.count.layers, result.count.trainable
    largest = max(layers, key=lambda layer: layer.trainable)
    where = (
        f" {percent(largest.trainable / total, 0)} of its {integer(total)} trainable parameters are in {largest.name}."
        if total
        else " It has no trainable parameters."
    )
    caption = (
        f"{title}: the network, from {shape(results.plan.input_shape)} pixels to {classes} classes.{where} "
        "A block is what a layer puts out, larger with its pixels and deeper with its channels; blue ones have "
        "parameters. The dashed square is the window of the next layer."
    )
    chain = "; ".join(
        f"{layer.name}: {shape(layer.output_shape)}"
        + (f", {counted(layer.parameters, 'parameter')}" if layer.parameters else "")
        for layer in layers
    )
    pixels = shape(results.plan.input_shape)
    return Words(f"Chain of {counted(len(layers), 'layer')} and their outputs. Input: {pixels}; {chain}.", caption)


def _accuracies(title: str, result: ExperimentResult, results: Results) -> Words:
    titles = {asked.id: asked.short_title for asked, _, _ in results.parts()}
    assert result.comparison is not None
    baseline = results.experiment(result.comparison.baseline)
    one, other = result.score.interval, baseline.score.interval
    apart = one[0] > other[1] or other[0] > one[1]
    caption = (
        f"{title} classifies {percent(result.score.accuracy)} of the test images correctly, {titles[baseline.id]} "
        f"{percent(baseline.score.accuracy)}. The bars are 95 % Wilson intervals; "
        + ("the two do not overlap." if apart else "the two overlap, and the paired test decides.")
    )
    rows = [
        f"{titles[row.id]} {percent(row.score.accuracy)}, {percent(row.score.interval[0])} to "
        f"{percent(row.score.interval[1])}"
        for row in same_task(results, result)
    ]
    return Words(f"Test accuracies and their 95 % intervals: {'; '.join(rows)}.", caption)


def _curves(title: str, result: ExperimentResult) -> Words:
    best, last, first = best_epoch(result), result.history[-1], result.history[0]
    caption = (
        f"{title}: accuracy and loss per epoch. Test accuracy goes from {percent(first.test_accuracy)} after epoch 1 "
        f"to {percent(last.test_accuracy)} after epoch {last.epoch}"
        + (f"; it is highest in epoch {best.epoch}." if best.epoch != last.epoch else ", its highest.")
        + f" The mark is epoch {result.chosen_epoch}, whose weights were kept."
        + "".join(f" {_reference(reference.name, reference.loss)}" for reference in references(result))
    )
    alt = (
        f"Two line charts over {counted(len(result.history), 'epoch')}. Accuracy: training ends at "
        f"{percent(last.train_accuracy)}, test at {percent(last.test_accuracy)}. Loss: training ends at "
        f"{loss(last.train_loss)}, test at {loss(last.test_loss)}. "
        f"The weights of epoch {result.chosen_epoch} were kept."
    )
    return Words(alt, caption)


def _reference(name: str, value: float) -> str:
    if name == "chance":
        return "Chance is what answering always with the most common class would score."
    return f"The training loss ends just above {loss(value)}, below which softmax applied twice lets no loss fall."


def _confusion(title: str, result: ExperimentResult) -> Words:
    score = result.score
    outlined = frequent_confusions(result)
    frequent = name_confusions(result, outlined)
    confusions = ("confusion", "is") if len(outlined) == 1 else ("confusions", "are")
    most = max((images for _, _, images in largest_confusions(result)), default=0)
    finding = (
        f"The most frequent {confusions[0]}, outlined, {confusions[1]} {frequent}."
        if frequent
        else f"No confusion stands out: none has more than {counted(most, 'image')}."
        if most
        else "There is no error."
    )
    caption = (
        f"{title}: {integer(score.correct)} of {integer(score.total)} test images lie on the diagonal of the "
        f"confusion matrix. {finding} Beneath a count stands its share of the true class, by which errors are shaded."
    )
    alt = (
        f"Confusion matrix with {len(score.classes)} classes; {integer(score.correct)} of {integer(score.total)} "
        f"test images are on the diagonal ({percent(score.accuracy)}). " + finding.replace(", outlined,", "")
    )
    return Words(alt, caption)


def _confused(title: str, result: ExperimentResult) -> Words:
    names, shown, others = confused.short_names(result), confused.pairs(result), confused.others(result)
    errors = result.score.total - result.score.correct
    inside = sum(images for _, _, images, _ in shown)
    what = f"the {counted(len(shown), 'most frequent confusion')} (true class → predicted class)"
    finding = (
        f"{what} {'make' if len(shown) > 1 else 'makes'} {integer(inside)} of {counted(errors, 'error')}"
        + (", followed by the most confident of the others." if others else ".")
        if shown
        else f"these are {'all' if len(others) == errors else f'the {len(others)} most confident of'} "
        f"{counted(errors, 'error')} (true class → predicted class)."
    )
    caption = (
        f"{title}: {finding} Beneath each test image stands the probability that the network gives to its wrong answer."
    )
    rows = [
        f"{names[true]} taken for {names[said]}, {counted(images, 'image')}, at "
        + ", ".join(probability(entry.probability) for entry in some)
        for true, said, images, some in shown
    ]
    rows += [
        f"{names[entry.true]} taken for {names[entry.predicted]} at {probability(entry.probability)}"
        for entry in others
    ]
    return Words(f"Misclassified test images: {'; '.join(rows)}.", caption)
