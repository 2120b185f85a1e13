"""What a document is held against: the assignment, resolved for the roll number, in the words reports use."""

import re
from dataclasses import dataclass, field
from functools import cached_property

from reportgen.assignment.counting import NetworkCount
from reportgen.assignment.datasets import DATASETS, Dataset
from reportgen.assignment.plan import Options, PlannedExperiment, resolve
from reportgen.assignment.spec import Assignment, Experiment
from reportgen.verification import vocabulary

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
CARDINALS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SUFFIXES = ("st", "nd", "rd")

SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")

_ORDINAL_WORDS = {
    **{word: index for index, word in enumerate(_ORDINALS, 1)},
    **{f"{n}{_SUFFIXES[n - 1] if n <= 3 else 'th'}": n for n in range(1, 11)},
}
_ORDINAL = "|".join(_ORDINAL_WORDS)
_NUMBER = r"(?:[\s_#:.-]*(?:layer|block|no\.?|number)?[\s_#-]*(?P<number>\d{1,2})(?![\d.,]*\d)(?!\s*[*×·x+/%-]\s*\d))?"


@dataclass(frozen=True)
class LayerMention:
    """Words that name a layer: its type and which of its type, counted from 1; None where they don't say."""

    start: int
    end: int
    type: str
    number: int | None


@dataclass(frozen=True)
class Part:
    """One experiment as asked for."""

    asked: Experiment
    planned: PlannedExperiment
    count: NetworkCount
    test_counts: tuple[int, ...]
    """Test images of each class."""
    train_counts: tuple[int, ...]

    @property
    def id(self) -> str:
        """Id of the experiment."""
        return self.asked.id

    @property
    def free(self) -> bool:
        """The assignment leaves the network and the training to the student."""
        return self.asked.baseline is not None or bool(self.asked.techniques)

    @property
    def classes(self) -> int:
        """How many classes the labels make."""
        return len(self.planned.classes)

    @cached_property
    def groups(self) -> tuple[frozenset[int], ...]:
        """Labels of each class."""
        owner = self.planned.label_to_class
        return tuple(frozenset(label for label, of in enumerate(owner) if of == index) for index in range(self.classes))

    def layer(self, mention: LayerMention) -> int | None:
        """Index of the layer that words name; None where there is no such layer or they fit several."""
        same = [index for index, layer in enumerate(self.planned.layers) if layer.type == mention.type]
        if mention.number is not None and mention.number <= len(same):
            return same[mention.number - 1] if mention.number >= 1 else None
        fits_any = len(same) == 1 and (mention.number is None or mention.type == "Linear")
        return same[0] if fits_any else None


@dataclass(frozen=True)
class Subject:
    """The assignment, and the roll number where it is known."""

    assignment: Assignment | None
    roll: str | None
    dataset: Dataset | None
    parts: tuple[Part, ...]
    batch: int | None
    """Batch size by the roll number; None where that is not known."""
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Patterns of the names that a document has for an experiment, by its id."""

    def part(self, experiment: str | None) -> Part | None:
        """Return the part with this id."""
        return next((part for part in self.parts if part.id == experiment), None)

    @cached_property
    def _layer_pattern(self) -> re.Pattern[str]:
        types = {layer.type for part in self.parts for layer in part.planned.layers} | {"Conv2d", "Linear"}
        names = {layer.name: layer.type for part in self.parts for layer in part.planned.layers if layer.name}
        exact = [
            rf"(?P<exact{index}>{_flexible(name)})"
            for index, name in enumerate(self._exact_names)
            if names.get(name) is not None
        ]
        spoken = {kind: words for kind, words in vocabulary.layers().items() if kind in types}
        words = [rf"(?P<{kind}>{spoken[kind]})" for kind in sorted(spoken, key=lambda kind: (-len(spoken[kind]), kind))]
        body = "|".join((*exact, *words))
        return re.compile(rf"(?<![^\W_])(?:(?P<ordinal>{_ORDINAL})[\s-]+)?(?:{body})(?![^\W\d_]){_NUMBER}", re.I)

    @cached_property
    def _exact_names(self) -> tuple[str, ...]:
        names = {layer.name for part in self.parts for layer in part.planned.layers if layer.name}
        return tuple(sorted(names, key=lambda name: (-len(name), name)))

    def mentions(self, text: str) -> list[LayerMention]:
        """Find the layers that words name, in the order in which they stand."""
        found = []
        for match in self._layer_pattern.finditer(text):
            groups = match.groupdict()
            exact = next((int(key[5:]) for key, value in groups.items() if key.startswith("exact") and value), None)
            if exact is not None:
                found.append(self._exact_mention(match.start(), match.end(), self._exact_names[exact]))
                continue
            kind = next(kind for kind in vocabulary.layers() if groups.get(kind))
            number = int(groups["number"]) if groups["number"] else None
            if groups["ordinal"]:
                number = _ORDINAL_WORDS[groups["ordinal"].lower()]
            found.append(LayerMention(match.start(), match.end(), kind, number))
        return found

    def _exact_mention(self, start: int, end: int, name: str) -> LayerMention:
        for part in self.parts:
            for layer in part.planned.layers:
                if layer.name == name:
                    same = [other for other in part.planned.layers if other.type == layer.type]
                    return LayerMention(start, end, layer.type, same.index(layer) + 1)
        raise KeyError(name)

    @cached_property
    def _part_patterns(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        patterns = []
        counts = [part.classes for part in self.parts if not part.free]
        for part in self.parts:
            words = [_flexible(part.asked.title), _flexible(part.asked.short_title)]
            numbered = re.fullmatch(r"(\D+?)\s*(\d+)", part.asked.short_title)
            if numbered:
                number = int(numbered[2])
                stem = re.escape(numbered[1][:3])
                spelled = "|".join({numbered[2], *CARDINALS[number - 1 : number]})
                words.append(rf"{stem}[a-z]*\.?[\s_:#-]*(?:no\.?\s*)?0?(?:{spelled})(?!\d|\.\d)")
                if number <= len(_ORDINALS):
                    words.append(rf"{_ORDINALS[number - 1]}\s+{_flexible(numbered[1])}")
            if not part.free and counts.count(part.classes) == 1:
                spelled = "|".join({str(part.classes), *CARDINALS[part.classes - 1 : part.classes]})
                words.append(rf"(?:{spelled})[\s-]*class(?:es)?(?:[\s-]+(?:classification|network|model|task|cnn))?")
            own = "|".join(self.names.get(part.id, ()))
            learnt = rf"|(?<!\w)(?:{own})(?!\w)" if own else ""
            patterns.append((part.id, re.compile(rf"(?i:(?<!\w)(?:{'|'.join(words)})(?!\w)){learnt}")))
        return tuple(patterns)

    def named_parts(self, text: str) -> list[tuple[int, str]]:
        """Find the experiments that words name, as (position, id), in the order in which they stand."""
        return sorted(
            (match.start(), part_id)
            for part_id, pattern in self._part_patterns
            for match in pattern.finditer(text.translate(SUBSCRIPTS))
        )


def _flexible(name: str) -> str:
    pieces = [re.escape(piece) for piece in re.split(r"[\s_:-]+", name) if piece]
    return r"[\s_:–-]*".join(pieces)


NO_SUBJECT = Subject(None, None, None, (), None)
"""Of a document that is held against no assignment."""


def make_subject(assignment: Assignment, roll: str | None) -> Subject:
    """Resolve an assignment for a roll number, or for its example where the roll is not known.

    Raises:
        UsageError: the roll number does not fit the assignment.
    """
    plan = resolve(assignment, roll or assignment.roll.example, Options())
    dataset = DATASETS[assignment.dataset]
    parts = []
    for asked, planned in zip(assignment.experiments, plan.experiments, strict=True):
        counts = {
            split: tuple(
                sum(n for n, of in zip(per_label, planned.label_to_class, strict=True) if of == index)
                for index in range(len(planned.classes))
            )
            for split, per_label in dataset.label_counts.items()
        }
        parts.append(Part(asked, planned, planned.count(dataset.image_shape), counts["test"], counts["train"]))
    return Subject(assignment, roll, dataset, tuple(parts), plan.batch.size if roll else None)
