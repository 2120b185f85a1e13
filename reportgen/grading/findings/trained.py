"""The networks that a program trains, and on what; each matched with an experiment of the assignment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reportgen.assignment.spec import Assignment, Experiment
from reportgen.code.networks import Network, count
from reportgen.code.registration import Module, named_weights, walk, why_lost
from reportgen.code.trace import Backward, Event, Fitted, Forward, LossComputed, Stepped, Trace
from reportgen.code.values import Known, Layer, Loader, Origins, PerDigit, Shape, Step
from reportgen.grading.findings.coded_settings import batch_sizes, epochs_of, loaders_of, optimizers_of
from reportgen.grading.findings.network_parts import asked_parts, coded_parts, likeness

DIGITS = 10
_NO_CLASS = -1
"""The class of a digit that the program gives none."""
_TECHNIQUES = frozenset({"Dropout", "Dropout2d", "BatchNorm2d", "BatchNorm1d"})
_NOTHING = Network("", 0, (), "it was not counted")


@dataclass
class Trained:
    """One network that a program makes, with what is known of its training."""

    model: Module
    line: int
    steps: tuple[Step, ...] = ()
    lost: str = ""
    """Why its layers can't be told; empty where they can."""
    input_shape: Shape | None = None
    output_shape: Shape | None = None
    origins: Origins = frozenset()
    """The sets that it is trained on."""
    mapping: tuple[int | None, ...] | None = None
    """The class of each digit that it is trained on; None where that is not known."""
    batch_sizes: tuple[int | None, ...] = ()
    epochs: int | None = None
    optimizers: tuple[tuple[str, int], ...] = ()
    """Names, with their lines."""
    losses: tuple[LossComputed, ...] = ()
    fits: tuple[Fitted, ...] = ()
    training: list[Forward] = field(default_factory=list)
    """Where it is applied and its gradients are used."""
    other: list[Forward] = field(default_factory=list)
    """Where it is applied otherwise."""
    backward: tuple[Backward, ...] = ()
    loaders: tuple[Loader, ...] = ()
    experiment: Experiment | None = None
    network: Network = _NOTHING
    """What is registered, when it is first trained where it is."""
    totals: frozenset[int] = frozenset()
    """Its trainable parameters: when it is first trained, and at the end of the program."""
    structure_lost: bool = False
    """What its layers are can't be told: nothing that hangs on them is a fault."""
    unused: bool = False
    """No line of the program makes it."""

    @property
    def outputs(self) -> int | None:
        """How many classes it tells apart."""
        if self.output_shape:
            return self.output_shape[-1]
        wide = [step.setting("out_features") for step in self.steps if step.type == "Linear"]
        return wide[-1] if wide and isinstance(wide[-1], int) else None

    @property
    def techniques(self) -> int:
        """How many layers against overfitting it has, used or not."""
        held = [part for _, part in walk(self.model) if isinstance(part, Layer) and part.type in _TECHNIQUES]
        return max(len(held), sum(step.type in _TECHNIQUES for step in self.steps))


def find_trained(trace: Trace, assignment: Assignment) -> list[Trained]:
    """The networks of a program in the order of their training, matched with the experiments."""
    found: list[Trained] = []
    for network in _networks(trace):
        found.append(_trained(trace, network))
        found[-1].unused = any(network is one for one in trace.unused)
    trained = [one for one in found if one.backward or one.fits]
    chosen = trained or [one for one in found if one.steps]
    match(chosen, assignment)
    return chosen


def _networks(trace: Trace) -> list[Module]:
    """The networks that are applied, in the order in which they are first trained, else applied."""
    order: list[Module] = []
    for kind in ((Backward, Fitted), (Forward,)):
        for event in trace.events:
            model = getattr(event, "model", None)
            if isinstance(event, kind) and model is not None and not any(model is one for one in order):
                order.append(model)
    return order


def _trained(trace: Trace, model: Module) -> Trained:
    own = [event for event in trace.events if getattr(event, "model", None) is model]
    backward = tuple(_learning(trace.events, model))
    fits = tuple(event for event in own if isinstance(event, Fitted))
    learned: list[Backward | Fitted] = [*backward, *fits]
    forwards = [event for event in own if isinstance(event, Forward)]
    training = list(_training(trace.events, model, backward))
    last = count(model, trace.opened)
    first = last if last.lost else trace.counts.get(id(model), last)
    structure = trace.opened or why_lost(model)
    best = max(forwards, key=lambda event: (not event.lost, event in training, len(event.steps)), default=None)
    return Trained(
        model,
        model.line,
        best.steps if best else (),
        structure or (best.lost if best else "it is never applied"),
        best.input_shape if best else None,
        best.output_shape if best else None,
        frozenset().union(*(event.origins for event in learned)),
        _mapping([event.target for event in learned]),
        tuple(batch_sizes(backward, fits)),
        epochs_of(backward, fits),
        tuple(optimizers_of(trace.events, model, fits)),
        tuple(event for event in own if isinstance(event, LossComputed) and event.gradients),
        fits,
        training,
        [event for event in forwards if event not in training],
        backward,
        tuple(loaders_of(backward)),
        network=first,
        structure_lost=bool(structure),
        totals=frozenset(total for total in (first.trainable, last.trainable) if total is not None),
    )


def _learning(events: Sequence[Event], model: Module) -> Iterator[Backward]:
    """The backward passes that change a network: the optimizer that steps next holds some of its tensors.

    One that climbs on a picture, or that holds another network, leaves it as it is. Where nothing steps, the program
    may change the weights by hand.
    """
    own = {id(weight) for _, weight, _ in named_weights(model)}
    for at, event in enumerate(events):
        if not isinstance(event, Backward) or event.model is not model:
            continue
        following = [later for later in events[at + 1 : at + 400] if isinstance(later, Stepped | Backward)]
        stepped = next((later for later in following if isinstance(later, Stepped)), None)
        held = stepped.optimizer.weights if stepped is not None else None
        if held is None or not own or any(id(weight) in own for weight in held):
            yield event


def _training(events: Sequence[Event], model: Module, learning: Sequence[Backward]) -> Iterator[Forward]:
    """The applications whose gradients are used: the last before each backward pass."""
    last: Forward | None = None
    for event in events:
        if isinstance(event, Forward) and event.model is model:
            last = event
        elif isinstance(event, Backward) and any(event is one for one in learning) and last is not None:
            yield last
            last = None
        elif isinstance(event, Fitted) and event.model is model and last is not None:
            yield last


def _mapping(targets: Sequence[PerDigit | None]) -> tuple[int | None, ...] | None:
    """The class of each digit, where all labels say the same."""
    found = set()
    for target in targets:
        if target is None:
            return None
        values = [value.value if isinstance(value, Known) else None for value in target.values]
        none = [isinstance(value, Known) and value.value is None for value in target.values]
        found.add(
            tuple(
                _NO_CLASS if nothing else int(v) if isinstance(v, int | float) and v == int(v) else None
                for v, nothing in zip(values, none, strict=True)
            )
        )
    return found.pop() if len(found) == 1 else None


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
