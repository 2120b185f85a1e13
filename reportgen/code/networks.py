"""The networks of a program, counted from what is registered."""

from dataclasses import dataclass

from reportgen.code.knowledge.weights import elements
from reportgen.code.registration import Module, named_weights, walk, why_lost
from reportgen.code.values import Instance, Layer


@dataclass(frozen=True)
class NamedTensor:
    """One tensor of a network."""

    name: str
    type: str
    """The type of the layer that has it."""
    line: int
    shape: tuple[int, ...]
    trainable: bool | None
    """None where a condition that is not known decides."""
    buffer: bool
    counts_batches: bool

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return elements(self.shape)


@dataclass(frozen=True)
class Network:
    """A network as Python would build it: its tensors, each once."""

    name: str
    line: int
    tensors: tuple[NamedTensor, ...]
    lost: str
    """Why it can't be counted; empty where it can."""

    @property
    def parameters(self) -> int | None:
        """Elements of all parameters, trained or frozen; None where they can't be told."""
        return None if self.lost else sum(one.size for one in self.tensors if not one.buffer)

    @property
    def trainable(self) -> int | None:
        """Elements of the parameters that require gradients; None where they can't be told."""
        own = [one for one in self.tensors if not one.buffer]
        if self.lost or any(one.trainable is None for one in own):
            return None
        return sum(one.size for one in own if one.trainable)

    @property
    def buffers(self) -> int | None:
        """Elements of state that is no parameter; None where they can't be told."""
        return None if self.lost else sum(one.size for one in self.tensors if one.buffer)


def name_of(module: Module) -> str:
    """What a network is called: its class."""
    return module.cls.name if isinstance(module, Instance) else module.type.rpartition(".")[2]


def count(module: Module, opened: str = "") -> Network:
    """Count a network from its registered tree.

    Args:
        module: the network.
        opened: what the program does that no network is safe from; empty for nothing.
    """
    lost = opened or why_lost(module)
    for name, value in walk(module):
        if isinstance(value, Layer) and value.weights is None and not lost:
            lost = f"line {value.line}: the sizes of {name or value.type} ({value.type}) can't be told"
    found = []
    for name, weight, owner in named_weights(module):
        if weight.shape is None:
            lost = lost or f"the size of {name} can't be told"
            continue
        kind = name_of(owner)
        found.append(
            NamedTensor(name, kind, owner.line, weight.shape, weight.trainable, weight.buffer, weight.steps_only)
        )
    return Network(name_of(module), module.line, tuple(found), lost)
