"""Numbers that two students' reports share: losses and accuracies of one run rarely come out twice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from reportgen.documents.blocks import Document
from reportgen.grading.dossiers import Dossier
from reportgen.verification.claims.numerals import read_numerals

_MOST = 400
"""Numbers of one report that are kept."""
_DECIMALS = 3
"""Decimals from which on a number is a measurement; two runs often agree on an accuracy to two."""
_LEAST = 12
"""Shared numbers from which on two reports are a pair."""
_PART = 0.5
"""Of the numbers of the report that has fewer, at least so many are shared."""
_COMMON = 0.25
"""Numbers that more than this part of a class has, and more than two students, come from elsewhere: a handout, say."""


@dataclass(frozen=True)
class SharedNumbers:
    """Two reports with the same measurements."""

    one: str
    other: str
    numbers: tuple[str, ...]
    """In the order of the first report."""


def measured_numbers(document: Document) -> tuple[str, ...]:
    """The numbers of a report that look measured: three decimals or more; each once, in its order."""
    found = dict.fromkeys(
        numeral.text for numeral in read_numerals(document).numerals if numeral.number.decimals >= _DECIMALS
    )
    return tuple(found)[:_MOST]


def shared_numbers(dossiers: Sequence[Dossier]) -> tuple[SharedNumbers, ...]:
    """The pairs of reports that share most of their measurements; those that share most come first.

    Two honest runs share a loss to four decimals about once in a hundred epochs, so a dozen in common, and half of
    all, is no chance. What many students have is left out.
    """
    had = Counter(number for dossier in dossiers for number in dossier.numbers)
    limit = max(2, _COMMON * len(dossiers))
    own = [(dossier.id, {n for n in dossier.numbers if had[n] <= limit}, dossier.numbers) for dossier in dossiers]
    own = [entry for entry in own if len(entry[1]) >= _LEAST]
    pairs = []
    for (one, numbers, order), (other, others, _) in combinations(own, 2):
        common = numbers & others
        if len(common) >= max(_LEAST, _PART * min(len(numbers), len(others))):
            pairs.append(SharedNumbers(one, other, tuple(number for number in order if number in common)))
    return tuple(sorted(pairs, key=lambda pair: (-len(pair.numbers), pair.one, pair.other)))
