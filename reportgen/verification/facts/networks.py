"""Networks that a document states: their layers under every plausible reading, counted by the one calculator."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import product

from reportgen.assignment.counting import LayerCount, LayerError, Shape, count, receptive_fields
from reportgen.assignment.layers import (
    AdaptiveAvgPool2d,
    AnyLayer,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
)
from reportgen.documents.blocks import Block

KERNELS = (3, 5, 2, 1, 4, 7, 11)
"""Sizes that a kernel may have which nobody says, the usual one first."""
TELLING = 1000
"""A total from which on it is no chance that a document gives it."""
_STATES = 60_000
"""Ways of counting that are followed; a network with more is counted in none."""
_LANES = 500
"""Ways of choosing windows whose receptive fields are worked out."""


class Form(StrEnum):
    """How a document states a network."""

    CODE = "code"
    SUMMARY = "summary"
    TABLE = "table"
    LIST = "list"
    CHAIN = "chain"
    SIZES = "sizes"


@dataclass(frozen=True)
class Said:
    """Numbers that a document says of one layer, and where."""

    value: tuple[int, ...]
    block: Block
    start: int
    end: int


@dataclass(frozen=True)
class StatedLayer:
    """One layer, as far as it is told."""

    kind: str
    """Its type, as in ``torch.nn``."""
    readings: tuple[AnyLayer, ...]
    """What it may be, the likeliest first; what is left out may be anything usual."""
    block: Block
    start: int
    end: int
    """Where it is stated."""
    shape: Said | None = None
    """Of its output: (C, H, W), (features,), or (H, W) where no channels are said."""
    count: Said | None = None
    line: int | None = None
    """Of code, counted from 1 in its block of code."""


@dataclass(frozen=True)
class State:
    """One way of counting a network, up to one of its layers."""

    shape: Shape
    trainable: int
    kept: int
    """Moving statistics, which Keras counts as parameters that are not trained."""


@dataclass(frozen=True)
class StatedNetwork:
    """One network, as a document states it in one place."""

    form: Form
    layers: tuple[StatedLayer, ...]
    inputs: tuple[Shape, ...]
    """What it may be given, (C, H, W) or (features,); several where nothing says it."""
    whole: bool = True
    """All of it was read: no words were left, and every layer can be counted."""
    name: str = ""
    trainable: int | None = None
    """Of code: counted from what is registered."""
    exact: bool = False
    """Each setting is known: it is code, or a summary of such."""

    @property
    def block(self) -> Block:
        """Where it begins."""
        return self.layers[0].block

    @property
    def blocks(self) -> set[int]:
        """The blocks that it stands in, by their ids."""
        return {id(layer.block) for layer in self.layers}

    def of(self, kind: str) -> int:
        """How many layers of a type it has."""
        return sum(layer.kind == kind for layer in self.layers)

    @cached_property
    def habits(self) -> dict[tuple[int, bool, bool], tuple[tuple[State, ...], ...]]:
        """Behind each layer, what it gives by one habit for all that isn't said: kernel, "same" padding, biases."""
        found = {}
        for habit in product((3, 5), (False, True), (True, False)):
            states = {State(shape, 0, 0) for shape in self.inputs}
            behind = []
            for layer in self.layers:
                states = _after(states, _chosen(layer.readings, *habit)[:1])
                behind.append(tuple(states))
            found[habit] = tuple(behind)
        return found

    @cached_property
    def usual(self) -> tuple[frozenset[State], ...]:
        """Behind each layer, what one of the habits gives."""
        return tuple(
            frozenset(state for behind in self.habits.values() for state in behind[at])
            for at in range(len(self.layers))
        )

    @cached_property
    def each(self) -> tuple[frozenset[int], ...]:
        """How many parameters each layer has by one of the habits."""
        before = (frozenset(State(shape, 0, 0) for shape in self.inputs), *self.usual)
        return tuple(
            frozenset(
                one.trainable
                for shape in {state.shape for state in states}
                for reading in layer.readings
                for one in counts_of(reading, shape)
            )
            for states, layer in zip(before, self.layers, strict=False)
        )

    @cached_property
    def any(self) -> tuple[frozenset[State] | None, ...]:
        """Behind each layer, what any reading gives; None from where on it is not known."""
        states: frozenset[State] | None = frozenset(State(shape, 0, 0) for shape in self.inputs)
        found: list[frozenset[State] | None] = []
        for layer in self.layers:
            if states is not None:
                states = frozenset(_after(states, layer.readings, loose=True)) if len(states) <= _STATES else None
                states = states or None
            found.append(states)
        return tuple(found)

    @cached_property
    def totals(self) -> frozenset[int]:
        """The totals that the usual readings give; none of a network that was read in part."""
        if self.trainable is not None:
            return frozenset({self.trainable})
        return totals_of(self.usual[-1]) if self.whole else frozenset()

    @cached_property
    def fields(self) -> tuple[frozenset[int], ...]:
        """The receptive fields that each layer may have, pixels."""
        ways: set[tuple[AnyLayer, ...]] = {()}
        found = []
        for layer in self.layers:
            windows = [one for one in layer.readings if isinstance(one, Conv2d | MaxPool2d | AvgPool2d)]
            if windows:
                ways = {(*way, window) for way in ways for window in windows}
            if len(ways) > _LANES:
                return ()
            found.append(frozenset((receptive_fields(way) or (1,))[-1] for way in ways))
        return tuple(found)


_SHAPED = frozenset({"Conv2d", "Linear", "BatchNorm2d", "MaxPool2d", "AvgPool2d"})


def sharpened(network: StatedNetwork, coded: Iterable[StatedNetwork]) -> StatedNetwork:
    """A summary with the settings of the code that has the same layers, in each of which the summary allows them."""
    own = [at for at, layer in enumerate(network.layers) if layer.kind in _SHAPED]
    for other in coded:
        theirs = [layer for layer in other.layers if layer.kind in _SHAPED]
        if other.whole and [network.layers[at].kind for at in own] == [layer.kind for layer in theirs]:
            pairs = dict(zip(own, theirs, strict=True))
            behind = other.usual
            shapes = [{state.shape for state in behind[other.layers.index(layer)]} for layer in theirs]
            said = [network.layers[at].shape for at in own]
            if all(one is None or one.value in some for one, some in zip(said, shapes, strict=True)):
                layers = tuple(
                    replace(layer, readings=pairs[at].readings) if at in pairs else layer
                    for at, layer in enumerate(network.layers)
                )
                return replace(network, layers=layers, exact=True)
    return network


def totals_of(states: Iterable[State]) -> frozenset[int]:
    """The totals of some ways of counting, with and without what Keras does not train."""
    return frozenset(total for one in states for total in (one.trainable, one.trainable + one.kept) if total)


def _chosen(readings: Sequence[AnyLayer], kernel: int, same: bool, biased: bool) -> list[AnyLayer]:
    """Readings in the order in which a habit prefers them."""

    def strange(layer: AnyLayer) -> tuple[bool, bool, bool]:
        if isinstance(layer, Conv2d):
            return (layer.kernel_size[0] != kernel, (layer.padding == "same") != same, layer.bias != biased)
        return (False, False, isinstance(layer, Linear) and layer.bias != biased)

    return sorted(readings, key=strange)


def _after(states: Iterable[State], readings: Sequence[AnyLayer], *, loose: bool = False) -> set[State]:
    """What each of some states may become through a layer."""
    by_shape: dict[Shape, set[tuple[int, int]]] = {}
    for state in states:
        by_shape.setdefault(state.shape, set()).add((state.trainable, state.kept))
    found: dict[Shape, set[tuple[int, int]]] = {}
    for shape, sums in by_shape.items():
        ways = {
            (counted.output_shape, counted.trainable, max(0, counted.buffers - 1))
            for layer in readings
            for counted in counts_of(layer, shape, loose=loose)
        }
        for after, trained, kept in ways:
            found.setdefault(after, set()).update((one + trained, other + kept) for one, other in sums)
    return {State(shape, *pair) for shape, sums in found.items() for pair in sums}


@lru_cache(maxsize=20_000)
def counts_of(layer: AnyLayer, shape: Shape, *, loose: bool = False) -> tuple[LayerCount, ...]:
    """Count one layer on a shape; a fully connected layer flattens what it is given, as documents leave that out.

    Args:
        loose: also as if an image were averaged before a fully connected layer.
    """
    before: list[tuple[AnyLayer, ...]] = [()]
    if isinstance(layer, Linear) and len(shape) == 3:
        averaged: tuple[AnyLayer, ...] = (AdaptiveAvgPool2d(output_size=(1, 1)), Flatten())
        before = [(Flatten(),), averaged] if loose else [(Flatten(),)]
    if isinstance(layer, BatchNorm2d) and len(shape) == 1:
        shape, flat = (*shape, 1, 1), shape
        made = _counted([layer], shape)
        return tuple(one.model_copy(update={"output_shape": flat}) for one in made)
    return tuple(one for some in before for one in _counted([*some, layer], shape))


def _counted(layers: Sequence[AnyLayer], shape: Shape) -> tuple[LayerCount, ...]:
    try:
        return (count(layers, shape).layers[-1],)
    except LayerError:
        return ()


@lru_cache(maxsize=4096)
def linear(outputs: int, inputs: int | None = None) -> tuple[Linear, ...]:
    """The fully connected layers of a size, with a bias first."""
    return tuple(Linear(in_features=inputs, out_features=outputs, bias=bias) for bias in (True, False))


@lru_cache(maxsize=4096)
def convolutions(
    outputs: int,
    kernels: tuple[tuple[int, int], ...],
    stride: tuple[int, int],
    paddings: tuple[object, ...],
    inputs: int | None,
) -> tuple[Conv2d, ...]:
    """All convolutions with some settings, with a bias first."""
    return tuple(
        Conv2d(in_channels=inputs, out_channels=outputs, kernel_size=kernel, stride=stride, padding=padding, bias=bias)
        for bias in (True, False)
        for kernel in kernels
        for padding in paddings
        if padding != "same" or stride == (1, 1)
    )


@lru_cache(maxsize=4096)
def windows(
    kind: str, kernels: tuple[int, ...], strides: tuple[int | None, ...], paddings: tuple[int, ...]
) -> tuple[AnyLayer, ...]:
    """All poolings with some settings."""
    made = MaxPool2d if kind == "MaxPool2d" else AvgPool2d
    return tuple(
        made(
            kernel_size=(kernel, kernel), stride=(stride, stride) if stride else None, padding=(pad, pad), ceil_mode=up
        )
        for up in (False, True)
        for kernel, stride, pad in product(kernels, strides, paddings)
        if 2 * pad <= kernel
    )
