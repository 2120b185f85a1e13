"""The networks that a program trains, and on what; each matched with an experiment of the assignment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reportgen.assignment.spec import Assignment, Experiment
from reportgen.code.knowledge.modules import share
from reportgen.code.trace import Backward, Event, Fitted, Forward, LossComputed, Network, Stepped, Trace
from reportgen.code.values import Known, Loader, Optimizer, Origins, PerDigit, Shape, Step

DIGITS = 10
_NO_CLASS = -1
"""The class of a digit that the program gives none."""
_TECHNIQUES = frozenset({"Dropout", "Dropout2d", "BatchNorm2d", "BatchNorm1d"})


@dataclass
class Trained:
    """One network that a program makes, with what is known of its training."""

    model: Network
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

    @property
    def outputs(self) -> int | None:
        """How many classes it tells apart."""
        return self.output_shape[-1] if self.output_shape else None

    @property
    def techniques(self) -> int:
        """How many layers against overfitting it has."""
        return sum(step.type in _TECHNIQUES for step in self.steps)


def find_trained(trace: Trace, assignment: Assignment) -> list[Trained]:
    """The networks of a program in the order of their training, matched with the experiments."""
    found: list[Trained] = []
    for network in _networks(trace):
        found.append(_trained(trace, network))
    trained = [one for one in found if one.backward or one.fits]
    chosen = trained or [one for one in found if one.steps]
    match(chosen, assignment)
    return chosen


def _networks(trace: Trace) -> list[Network]:
    """The networks that are applied, in the order in which they are first trained, else applied."""
    order: list[Network] = []
    for kind in ((Backward, Fitted), (Forward,)):
        for event in trace.events:
            model = getattr(event, "model", None)
            if isinstance(event, kind) and model is not None and not any(model is one for one in order):
                order.append(model)
    return order


def _trained(trace: Trace, model: Network) -> Trained:
    own = [event for event in trace.events if getattr(event, "model", None) is model]
    learned: list[Backward | Fitted] = [event for event in own if isinstance(event, Backward | Fitted)]
    forwards = [event for event in own if isinstance(event, Forward)]
    backward = tuple(event for event in own if isinstance(event, Backward))
    fits = tuple(event for event in own if isinstance(event, Fitted))
    training = list(_training(trace.events, model))
    best = max(forwards, key=lambda event: (not event.lost, event in training, len(event.steps)), default=None)
    return Trained(
        model,
        model.line,
        best.steps if best else (),
        best.lost if best else "it is never applied",
        best.input_shape if best else None,
        best.output_shape if best else None,
        frozenset().union(*(event.origins for event in learned)),
        _mapping([event.target for event in learned]),
        tuple(_batch_sizes(backward, fits)),
        _epochs(backward, fits),
        tuple(_optimizers(trace.events, model, fits)),
        tuple(event for event in own if isinstance(event, LossComputed) and event.gradients),
        fits,
        training,
        [event for event in forwards if event not in training],
        backward,
        tuple(_loaders(backward)),
    )


def _training(events: Sequence[Event], model: Network) -> Iterator[Forward]:
    """The applications whose gradients are used: the last before each backward pass."""
    last: Forward | None = None
    for event in events:
        if isinstance(event, Forward) and event.model is model:
            last = event
        elif isinstance(event, Backward) and event.model is model and last is not None:
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


def _batch_sizes(backward: Sequence[Backward], fits: Sequence[Fitted]) -> Iterator[int | None]:
    seen = set()
    for size in (
        *(fit.batch_size for fit in fits),
        *(_size(loader) for loader in _loaders(backward)),
        *_cut((*backward, *fits)),
    ):
        if size not in seen:
            seen.add(size)
            yield size


def _cut(backward: Sequence[Event]) -> Iterator[int | None]:
    """Sizes of batches that are cut by hand: the step of the range that is gone through."""
    for event in backward:
        yield from [loop.stride for loop in event.loops if loop.stride is not None][-1:]


def _size(loader: Loader) -> int | None:
    size = loader.batch_size
    return size.value if isinstance(size, Known) and isinstance(size.value, int) else None


def _loaders(backward: Sequence[Backward]) -> list[Loader]:
    found: list[Loader] = []
    for event in backward:
        loaders = [loop.loader for loop in event.loops if loop.loader is not None]
        if loaders and not any(loaders[-1] is other for other in found):
            found.append(loaders[-1])
    return found


def _epochs(backward: Sequence[Backward], fits: Sequence[Fitted]) -> int | None:
    """Passes over the training set: the rounds of the loop around that over the batches."""
    counts: list[int | None] = [fit.epochs for fit in fits if fit.epochs is not None]
    by_loop: dict[int, int | None] = {}
    for event in (*backward, *(fit for fit in fits if fit.epochs is None)):
        over = [at for at, loop in enumerate(event.loops) if loop.loader is not None or loop.stride is not None]
        outer = event.loops[: over[-1]] if over else event.loops[:-1]
        counted = [loop for loop in outer if not loop.listed]
        if counted:
            by_loop[counted[-1].line] = counted[-1].times
        else:
            by_loop[-1] = 1 if over else None
    counts += by_loop.values()
    if not counts or None in counts:
        return None
    return sum(count for count in counts if count is not None)


def _optimizers(events: Sequence[Event], model: Network, fits: Sequence[Fitted]) -> Iterator[tuple[str, int]]:
    seen: list[object] = []
    last: Network | None = None
    for event in events:
        if isinstance(event, Backward):
            last = event.model
        if isinstance(event, Stepped) and _steps(event.optimizer, model, last) and event.optimizer not in seen:
            seen.append(event.optimizer)
            yield event.optimizer.name, event.optimizer.line
    for fit in fits:
        if fit.optimizer:
            yield fit.optimizer, fit.line


def _steps(optimizer: Optimizer, model: Network, last: Network | None) -> bool:
    if not optimizer.models:
        return last is model
    return any(share(owner, model) for owner in optimizer.models)


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
        ranked = sorted(own, key=lambda one: one.techniques)
        for experiment, one in zip(plain, ranked, strict=False):
            one.experiment = experiment
        rest = [one for one in own if one.experiment is None]
        for one in rest:
            one.experiment = free[0] if free else None


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
