"""What the code beside a report says: named settings, networks with their counts, techniques, printed outputs."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from reportgen.verification import vocabulary
from reportgen.verification.facts.printed import Printed

if TYPE_CHECKING:  # most documents have no code beside them, and the reader of code takes a quarter of a cold start
    from reportgen.code.configuration import Configuration
    from reportgen.code.named_values import NamedValue
    from reportgen.code.source import Program

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


def is_record(value: "NamedValue") -> bool:
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

    values: "tuple[NamedValue, ...]"
    own: "tuple[NamedValue, ...]"
    """Those of the setting itself, and of no relative of it: ``epochs``, not ``warmup_epochs``."""
    open: str
    """Why the program may run with a value that isn't among them; empty where it can't."""
    default: bool
    """Some hold only where the command line gives no other."""

    def of(self, value: Fraction) -> "NamedValue | None":
        """Where the program has this value under the setting's own name; records of earlier runs prove nothing."""
        return next((one for one in self.own if one.value == value and not is_record(one)), None)


@dataclass(frozen=True)
class Code:
    """All that is known of the code beside a document."""

    program: "Program"
    configurations: "tuple[Configuration, ...]"
    values: "tuple[NamedValue, ...]"
    networks: tuple[CodedNetwork, ...]
    lost: str
    """Why the program wasn't followed wholly; empty where it was."""
    problems: tuple[str, ...]
    """Files that can't be read, and why."""
    printed: Printed
    numbers: frozenset[Fraction]
    """Every number that is written anywhere in it."""
    outside: bool
    """The program takes values from its command line, its surroundings or a search."""

    @cached_property
    def text(self) -> str:
        """The code in small letters, without its comments' lines."""
        lines = (line for source in self.program.sources for line in source.lines)
        return "\n".join(line for line in lines if not line.lstrip().startswith("#")).lower()

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the program's values as people may copy them: whole, and their last part."""
        return frozenset(name for one in self.values for name in (one.name, one.name.rpartition(".")[2]))

    def keyed(self, key: str) -> "tuple[NamedValue, ...]":
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
    def _words(self) -> dict[str, frozenset[str]]:
        return {one.name: one.words for one in self.values}

    @cached_property
    def _settings(self) -> dict[str, Coded]:
        return {}

    def _collect(self, entry: str) -> Coded:
        known = next(one for one in vocabulary.entries()["setting"] if one["id"] == entry)
        names = [frozenset(str(name).split()) for name in known["names"]]
        calls = set(known.get("calls", ()))
        wanted = {
            called
            for called, words in self._words.items()
            # steps_per_epoch is no number of epochs
            if called in calls or ("per" not in words and any(name <= words for name in names))
        }
        values = [one for one in self.values if one.name in wanted]
        numbered = [one for one in values if isinstance(one.value, Fraction)]
        own = [
            one
            for one in numbered
            if one.name in calls or any(name <= one.words and one.words - name <= _ADDED for name in names)
        ]
        default = any(one.default and not one.configured for one in numbered)
        return Coded(tuple(numbered), tuple(own), self._open(values), default)

    def _open(self, values: "list[NamedValue]") -> str:
        if self.problems:
            return "not all of its files can be read"
        if self.outside:
            return "the program takes values from outside"
        fixed = {one.name.rpartition(".")[2] for one in values if isinstance(one.value, Fraction) and not one.default}
        given = {one.name.rpartition(".")[2] for one in values if isinstance(one.value, Fraction)}
        for one in values:
            if one.value is None:
                root, _, last = one.of.rpartition(".")
                if not one.of or last not in (fixed if root else given):
                    return f"the value of {one.name} ({one.file}, line {one.line}) can't be told"
        return ""
