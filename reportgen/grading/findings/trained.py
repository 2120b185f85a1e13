"""The networks that a program trains, each matched with an experiment of the assignment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportgen.assignment.spec import Assignment, Experiment
from reportgen.code.trace import Trace
from reportgen.grading.findings.network_parts import asked_parts, coded_parts, likeness
from reportgen.inspection.trainings import Training, find_trainings

DIGITS = 10


@dataclass
class Trained(Training):
    """One network that a program makes, with the experiment that it belongs to."""

    experiment: Experiment | None = None


def find_trained(trace: Trace, assignment: Assignment) -> list[Trained]:
    """The networks of a program in the order of their training, matched with the experiments."""
    found = [Trained(**vars(one)) for one in find_trainings(trace)]
    trained = [one for one in found if one.backward or one.fits]
    chosen = trained or [one for one in found if one.steps]
    match(chosen, assignment)
    return chosen


def match(trained: Sequence[Trained], assignment: Assignment) -> None:
    """Match networks with experiments: by the classes of their labels, else by their outputs; plain ones first."""
    experiments = assignment.experiments
    for one in trained:
        one.experiment = None
    keys = {id(one): _classes(one, assignment) for one in trained}
    for classes in dict.fromkeys(keys.values()):
        own = [one for one in trained if keys[id(one)] == classes]
        asked = [experiment for experiment in experiments if classes_of(experiment) == classes]
        plain = [experiment for experiment in asked if experiment.baseline is None]
        free = [experiment for experiment in asked if experiment.baseline is not None]
        for _, one, experiment in sorted(_fits(own, plain, free, assignment), key=lambda fit: fit[0]):
            if one.experiment is None and not any(other.experiment is experiment for other in own):
                one.experiment = experiment
        for one in own:
            if one.experiment is None:
                one.experiment = free[0] if free else None


def _fits(
    trained: Sequence[Trained], plain: Sequence[Experiment], free: Sequence[Experiment], assignment: Assignment
) -> Iterator[tuple[tuple[bool, float, int, int, int], Trained, Experiment]]:
    """How well each network fits each plain experiment, the best least.

    Networks without techniques against overfitting come first; one that is more like that of an experiment with
    techniques is left to it.
    """

    def fit(one: Trained, experiment: Experiment) -> float:
        wanted = asked_parts(assignment.networks[experiment.network].layers, classes_of(experiment))
        return likeness(wanted, coded_parts(one.steps))

    for place, experiment in enumerate(plain):
        for at, one in enumerate(trained):
            own = fit(one, experiment) if len(plain) > 1 else 1.0
            if one.techniques and any(fit(one, other) > own for other in free):
                continue
            yield (one.techniques > 0, -round(own, 6), one.techniques, at, place), one, experiment


def classes_of(experiment: Experiment) -> int:
    """How many classes an experiment has."""
    return len(experiment.groups) if experiment.groups is not None else DIGITS


def _classes(one: Trained, assignment: Assignment) -> int | None:
    """The number of classes of the experiment that a network belongs to, most likely."""
    counts = {classes_of(experiment) for experiment in assignment.experiments}
    mapping = one.mapping
    if mapping is not None and None not in mapping:
        distinct = len(set(mapping))
        if distinct in counts:
            return distinct
        grouped = {count for count in counts if count != DIGITS}
        if distinct != DIGITS and len(grouped) == 1:
            return grouped.pop()
    if one.outputs in counts:
        return one.outputs
    return None
