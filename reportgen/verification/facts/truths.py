"""Every number that is true of an assignment and of a document's own matrices and tables of epochs.

A number that words seem to call wrong, but that is a true number of something else, is more likely misread than wrong.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import prod

from reportgen.assignment.layers import Conv2d, Linear
from reportgen.verification.claims.numerals import Stream
from reportgen.verification.facts.subject import Part, Subject, weights_only


@dataclass
class Truths:
    """Whole numbers that are right somewhere in a document, and the numbers that it prints."""

    stream: Stream = field(default_factory=lambda: Stream(()))
    whole: set[int] = field(default_factory=set)

    def explains(self, value: Fraction) -> bool:
        """Tell whether a whole number is a true number of something."""
        return value.denominator == 1 and int(value) in self.whole

    def excuses(self, found: Fraction, expected: int) -> bool:
        """Tell whether words that call a number wrong are better doubted.

        They are where it is a true number of something else and the right one stands in the document too.
        """
        return self.explains(found) and self.stream.prints(expected)


def known_truths(stream: Stream, subject: Subject, matrices: Iterable[Sequence[Sequence[int]]]) -> Truths:
    """Collect what is true of an assignment and what follows from the matrices of a document."""
    truths = Truths(stream)
    for part in subject.parts:
        truths.whole.update(_counts(part))
        truths.whole.update(part.test_counts)
        truths.whole.update(part.train_counts)
    truths.whole.update(_differences([part.count.trainable for part in subject.parts]))
    sizes = subject.dataset.sizes
    truths.whole.update({*sizes.values(), sum(sizes.values()), prod(subject.dataset.image_shape)})
    truths.whole.update(count for counts in subject.dataset.label_counts.values() for count in counts)
    if subject.batch:
        for size in sizes.values():
            steps = -(-size // subject.batch)
            truths.whole.update({steps, size // subject.batch})
            truths.whole.update(steps * part.planned.training.epochs for part in subject.parts)
    for matrix in matrices:
        trace, total = sum(row[index] for index, row in enumerate(matrix)), sum(map(sum, matrix))
        columns = tuple(map(sum, zip(*matrix, strict=True)))
        truths.whole.update({trace, total, total - trace, *columns, *map(sum, matrix)})
        truths.whole.update(cell for row in matrix for cell in row)
    return truths


def _counts(part: Part) -> Iterator[int]:
    counts = [layer.trainable for layer in part.count.layers if layer.trainable]
    yield from counts
    for start, end in combinations(range(len(counts) + 1), 2):
        yield sum(counts[start:end])
    for layer, counted in part.layers():
        weights = weights_only(layer, counted)
        yield from (weights, counted.parameters - weights, counted.macs)
        yield from (prod(counted.input_shape), prod(counted.output_shape), *counted.output_shape)
        if isinstance(layer, Conv2d):
            yield from (layer.out_channels, prod(layer.kernel_size))
        if isinstance(layer, Linear):
            yield from (counted.input_shape[-1], counted.input_shape[-1] + 1)
    biases = [counted.parameters - weights_only(layer, counted) for layer, counted in part.layers()]
    total = part.count.trainable
    yield from (total, total - sum(biases), sum(biases), 4 * total, part.count.macs, 2 * part.count.macs, total // 4)


def _differences(totals: Sequence[int]) -> Iterator[int]:
    for one, other in combinations(totals, 2):
        yield from (abs(one - other), one + other)
    yield sum(totals)
