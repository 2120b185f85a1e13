"""What the code beside a report says: named settings, networks with their counts, techniques, printed outputs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from reportgen.code.configuration import SUFFIXES, Configuration, read_configuration
from reportgen.code.named_values import NamedValue, from_outside, named_values, numbers_of
from reportgen.code.networks import count
from reportgen.code.program import follow, networks_of
from reportgen.code.source import Program, read_program
from reportgen.code.values import Instance, Layer
from reportgen.errors import UnreadableError
from reportgen.verification import vocabulary
from reportgen.verification.facts.printed import Printed, read_printed

CODE = (".py", ".ipynb")
READ = (*CODE, *sorted(SUFFIXES))
"""Endings of the names of files that are read beside a report."""
_ADDED = frozenset({
    "n", "nb", "num", "number", "no", "max", "total", "train", "training", "of", "the", "default", "init", "initial",
    "base", "p", "rate", "value", "size", "prob", "random", "early", "stopping",
})  # fmt: skip
"""Words in the name of a setting that make it no other setting; ``warmup_epochs`` is another one."""


_RECORDS = re.compile(
    r"(?:^|/)(?:\w*results?\w*|outputs?|runs?|logs?|wandb|mlruns|checkpoints?|history|[^/]*(?<!\d)20\d{6}(?!\d)[^/]*)/",
    re.I,
)
"""Folders of what a program wrote when it ran, the settings of that run among it."""


def is_record(value: NamedValue) -> bool:
    """Tell whether a value stands in the record of an earlier run, which later ones need not have used."""
    return value.configured and bool(_RECORDS.search(value.file))


@dataclass(frozen=True)
class CodedNetwork:
    """A network that the program builds."""

    name: str
    file: str
    line: int
    parameters: int | None
    trainable: int | None
    totals: frozenset[int]
    """Ways to give its size: all parameters, those that are trained, and with the state that Keras counts, too."""
    layers: frozenset[int]
    """Parameters of its layers: weights and biases together."""

    @property
    def counted(self) -> bool:
        """Its parameters can be told."""
        return self.parameters is not None


@dataclass(frozen=True)
class Coded:
    """The values of one setting in the whole program."""

    values: tuple[NamedValue, ...]
    own: tuple[NamedValue, ...]
    """Those of the setting itself, and of no relative of it: ``epochs``, not ``warmup_epochs``."""
    open: str
    """Why the program may run with a value that isn't among them; empty where it can't."""
    default: bool
    """Some hold only where the command line gives no other."""

    def of(self, value: Fraction) -> NamedValue | None:
        """Where the program has this value under the setting's own name; records of earlier runs prove nothing."""
        return next((one for one in self.own if one.value == value and not is_record(one)), None)


@dataclass(frozen=True)
class Code:
    """All that is known of the code beside a document."""

    program: Program
    configurations: tuple[Configuration, ...]
    values: tuple[NamedValue, ...]
    networks: tuple[CodedNetwork, ...]
    lost: str
    """Why the program wasn't followed wholly; empty where it was."""
    problems: tuple[str, ...]
    """Files that can't be read, and why."""
    printed: Printed

    @cached_property
    def numbers(self) -> frozenset[Fraction]:
        """Every number that is written anywhere in it."""
        return numbers_of(self.program, self.values)

    @cached_property
    def text(self) -> str:
        """The code in small letters, without its comments' lines."""
        lines = (line for source in self.program.sources for line in source.lines)
        return "\n".join(line for line in lines if not line.lstrip().startswith("#")).lower()

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the program's values as people may copy them: whole, and their last part."""
        return frozenset(name for one in self.values for name in (one.name, one.name.rpartition(".")[2]))

    def keyed(self, key: str) -> tuple[NamedValue, ...]:
        """The numbers that the program's configuration files have under a key, with all that it belongs to."""
        return tuple(
            one
            for one in self.values
            if one.configured and one.name == key and isinstance(one.value, Fraction) and not is_record(one)
        )

    def setting(self, entry: str) -> Coded:
        """The values of one setting of the vocabulary."""
        if entry not in self._settings:
            self._settings[entry] = self._collect(entry)
        return self._settings[entry]

    @cached_property
    def _settings(self) -> dict[str, Coded]:
        return {}

    def _collect(self, entry: str) -> Coded:
        known = next(one for one in vocabulary.entries()["setting"] if one["id"] == entry)
        names = [frozenset(str(name).split()) for name in known["names"]]
        calls = set(known.get("calls", ()))
        values = [
            one
            for one in self.values
            # steps_per_epoch is no number of epochs
            if one.name in calls or ("per" not in one.words and any(name <= one.words for name in names))
        ]
        numbered = [one for one in values if isinstance(one.value, Fraction)]
        own = [
            one
            for one in numbered
            if one.name in calls or any(name <= one.words and one.words - name <= _ADDED for name in names)
        ]
        default = any(one.default and not one.configured for one in numbered)
        return Coded(tuple(numbered), tuple(own), self._open(values), default)

    def _open(self, values: list[NamedValue]) -> str:
        if self.problems:
            return "not all of its files can be read"
        if from_outside(self.program):
            return "the program takes values from outside"
        fixed = {one.name.rpartition(".")[2] for one in values if isinstance(one.value, Fraction) and not one.default}
        given = {one.name.rpartition(".")[2] for one in values if isinstance(one.value, Fraction)}
        for one in values:
            if one.value is None:
                root, _, last = one.of.rpartition(".")
                if not one.of or last not in (fixed if root else given):
                    return f"the value of {one.name} ({one.file}, line {one.line}) can't be told"
        return ""


def read_code(files: Mapping[str, bytes], unread: Sequence[str] = ()) -> Code:
    """Read the code and the configurations beside a report, and follow the program. Runs none of it.

    Args:
        files: content by path, folders with "/"; those of no known ending are left out.
        unread: what was not read, and why.
    """
    problems: list[str] = list(unread)
    configurations: list[Configuration] = []
    for name, content in files.items():
        if name.lower().endswith(tuple(SUFFIXES)):
            try:
                configurations.append(read_configuration(content, name))
            except UnreadableError as error:
                problems.append(str(error))
    program = read_program({name: content for name, content in files.items() if name.lower().endswith(CODE)})
    problems += program.problems
    values = named_values(program, configurations)
    networks: tuple[CodedNetwork, ...] = ()
    lost = "there is no code"
    if program.sources:
        trace = follow(program)
        networks = tuple(_counted(program, network, trace.opened) for network in networks_of(trace))
        lost = trace.stopped or trace.opened or (program.problems[0] if program.problems else "")
    return Code(program, tuple(configurations), values, networks, lost, tuple(problems), read_printed(files))


def _counted(program: Program, network: Instance | Layer, opened: str) -> CodedNetwork:
    counted = count(network, opened)
    layers: dict[tuple[str, int], int] = {}
    for tensor in counted.tensors:
        if not tensor.buffer:
            layer = tensor.name.rpartition(".")[0], tensor.line
            layers[layer] = layers.get(layer, 0) + tensor.size
    place, line = program.place(counted.line)
    state = sum(one.size for one in counted.tensors if one.buffer and not one.counts_batches)
    with_state = None if counted.parameters is None else counted.parameters + state
    totals = {total for total in (counted.parameters, counted.trainable, with_state) if total is not None}
    return CodedNetwork(
        counted.name,
        place.name,
        line,
        counted.parameters,
        counted.trainable,
        frozenset(totals),
        frozenset(layers.values()),
    )
