"""What a document's accuracies are held against: its matrices, its tables of epochs, its other numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from reportgen.verification.claims.matrices import Matrix
from reportgen.verification.claims.numerals import Stream
from reportgen.verification.claims.series import Series
from reportgen.verification.facts.subject import Part, Subject

ELSEWHERE = re.compile(
    r"\b(?:best|peak|highest|max(?:imum|imal)?|top)\b|\bepoch\s*(?:no\.?|number|#)?\W{0,3}\d|\d(?:st|nd|rd|th)\s+epoch|train|valid|macro|weighted|\bavg|(?<![a-z])f[\s_-]?1(?!\d)|f₁|recall|precision",
    re.I,
)
"""Words that make a number another one than the accuracy after training."""
_RIGHT = re.compile(r"correct|\bright|\bhits?\b|recogni[sz]", re.I)
_MAX_NUMBERS = 24
"""Numbers of a line in which right and wrong images are looked for."""


@dataclass
class Evidence:
    """What a document's accuracies are held against."""

    subject: Subject
    matrices: dict[str, list[Matrix]]
    """By experiment."""
    series: Series
    stream: Stream
    improved: set[int]
    """Blocks, by id, that are about the improved network."""
    stated: dict[tuple[str, bool], bool] = field(default_factory=dict)

    @cached_property
    def _known(self) -> tuple[Fraction, ...]:
        return tuple(self._shares())

    def share(self, part: Part) -> Fraction | None:
        """Accuracy of an experiment by its matrix; without one, by its numbers of right and of wrong images."""
        found = self.matrices.get(part.id, [])
        return Fraction(found[0].trace, found[0].total) if found else self._counted.get(part.id)

    @cached_property
    def _counted(self) -> dict[str, Fraction]:
        """Accuracies where there is no matrix: of the numbers of right images, where there is one for each experiment.

        A number of right and one of wrong images that add up to the test set are surer than one of right images alone.
        """
        parts = [part for part in self.subject.parts if not part.free]
        total = self.subject.dataset.sizes["test"]
        pairs: dict[int, Fraction] = {}
        single: dict[int, Fraction] = {}
        for at in sorted({numeral.at for numeral in self.stream.numerals}):
            own = self.stream.of(at)
            if id(own[0].block) in self.improved or len(own) > _MAX_NUMBERS:
                continue
            values = [int(numeral.value) for numeral in own if numeral.is_whole]
            for value in values:
                if 4 * total < 5 * value < 5 * total:
                    said = _RIGHT.search(own[0].block.text)
                    found = pairs if total - value in values else single if said else {}
                    found.setdefault(value, Fraction(value, total))
        best = next((found for found in (pairs, single) if len(found) == len(parts)), {})
        if self.matrices or not best:
            return {}
        return {part.id: share for part, share in zip(parts, best.values(), strict=True)}

    def is_stated(self, part: Part, *, fraction: bool) -> bool:
        """Tell whether the accuracy of an experiment stands outside of all series, in percent or as a fraction."""
        key = (part.id, fraction)
        if key not in self.stated:
            share = self.share(part)
            self.stated[key] = share is not None and any(
                numeral.rounds_share(share)
                for numeral in self.series.outside
                if (numeral.value <= 1) is fraction
                and numeral.number.decimals >= (4 if fraction else 2)
                and not ELSEWHERE.search(clause(numeral.block.text, numeral.start))
            )
        return self.stated[key]

    def explains(self, value: Fraction, half: Fraction) -> bool:
        """Tell whether a share is some accuracy, error rate or score of a class that the document gives."""
        return any(abs(share - value) <= half for share in self._known) or self.series.has(value, half)

    def averages(self, value: Fraction, half: Fraction) -> bool:
        """Tell whether a share is the mean of the classes' precisions, recalls or F1 scores."""
        return any(abs(share - value) <= half for share in self._means)

    @cached_property
    def _means(self) -> list[Fraction]:
        means = []
        for matrix in (matrix for found in self.matrices.values() for matrix in found):
            sizes = [sum(row) for row in matrix.rows]
            for shares in matrix.scores().values():
                weighted = sum((share * size for share, size in zip(shares, sizes, strict=True)), Fraction(0))
                means += [sum(shares, Fraction(0)) / len(shares), weighted / sum(sizes)]
        return means

    def _shares(self) -> Iterator[Fraction]:
        for found in self.matrices.values():
            for matrix in found:
                yield Fraction(matrix.trace, matrix.total)
                for shares in matrix.scores().values():
                    yield from shares


def clause(text: str, at: int) -> str:
    """The words before a number, back to the number before it that is no part of the same list, and some after it."""
    before = text[:at]
    numbers = list(re.finditer(r"(?<![^\W_])\d[\d.,]*\s*(?:%|per\s?cent)?", before))
    start = 0
    for number in reversed(numbers):
        if re.search(r"[^\W\d_]{3,}", re.sub(r"\b(?:and|or|vs|respectively)\b", "", before[number.end() :])):
            start = number.end()
            break
    after = re.split(r"[\d,;.]", text[at:].lstrip("0123456789., "), maxsplit=1)[0][:40]
    return f"{before[start:]} {after}"
