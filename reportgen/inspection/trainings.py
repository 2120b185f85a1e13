"""The networks that a program trains, and on what: which tensors an optimizer holds, which sets, how long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reportgen.code.networks import Network, count
from reportgen.code.registration import Module, named_weights, walk, why_lost
from reportgen.code.trace import Backward, Event, Fitted, Forward, LossComputed, Stepped, Trace
from reportgen.code.values import Known, Layer, Loader, Origins, PerDigit, Shape, Step
from reportgen.inspection.settings import batch_sizes, epochs_of, loaders_of, optimizers_of

_NO_CLASS = -1
"""The class of a digit that the program gives none."""
_TECHNIQUES = frozenset({"Dropout", "Dropout2d", "BatchNorm2d", "BatchNorm1d"})
_NOTHING = Network("", 0, (), "it was not counted")


@dataclass
class Training:
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
    network: Network = _NOTHING
    """What is registered, when it is first trained where it is."""
    totals: frozenset[int] = frozenset()
    """Its trainable parameters: when it is first trained, and at the end of the program."""
    structure_lost: bool = False
    """What its layers are can't be told: nothing that hangs on them is a fault."""
    unused: bool = False
    """No line of the program makes it."""
    unapplied: bool = False
    """No line of the program applies it: its sizes are those of images that it was not made for, perhaps."""

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


def find_trainings(trace: Trace) -> list[Training]:
    """All networks of a program that are applied, in the order in which they are first trained, else applied."""
    found: list[Training] = []
    for network in _networks(trace):
        found.append(_training_of(trace, network))
        found[-1].unused = any(network is one for one in trace.unused)
        found[-1].unapplied = any(network is one for one in trace.unapplied)
    return found


def _networks(trace: Trace) -> list[Module]:
    """The networks that are applied, in the order in which they are first trained, else applied."""
    order: list[Module] = []
    for kind in ((Backward, Fitted), (Forward,)):
        for event in trace.events:
            model = getattr(event, "model", None)
            if isinstance(event, kind) and model is not None and not any(model is one for one in order):
                order.append(model)
    return order


def _training_of(trace: Trace, model: Module) -> Training:
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
    return Training(
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
