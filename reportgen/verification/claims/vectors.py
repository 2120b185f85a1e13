"""Known rows of numbers found in a document whatever their layout: down a column, along a row, in a list, in a log.

In the stream of a document's numbers the members of a column stand at a constant distance, those of a row side by
side. Where all members but one or two stand so, the others are claims too, and wrong.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reportgen.verification.claims.numerals import Numeral

MAX_DISTANCE = 40
"""Numbers between two members of a column, at most."""
_FROM_END = 4
"""Numbers at the end of lines that are looked at as columns."""
_MAX_PLACES = 400
"""Places that one member may stand in before it is too common to tell anything."""

Fits = Callable[[Numeral], bool]


@dataclass(frozen=True)
class Alignment:
    """Where a row of numbers stands: a numeral for each member, and which of them are not what they should be."""

    members: tuple[Numeral, ...]
    wrong: tuple[int, ...]


def align(numerals: Sequence[Numeral], members: Sequence[Fits], least: int) -> list[Alignment]:
    """Find where a row of numbers stands: at a constant distance, or in the same place from the end of its lines.

    Args:
        numerals: the document's numbers, in their order.
        members: for each member, whether a numeral prints it.
        least: how many members must be right for the others to be wrong.

    Returns:
        An alignment for each place, the whole ones too.
    """
    found = _align(numerals, members, least)
    taken = {id(member) for alignment in found for member in alignment.members}
    for place in range(1, _FROM_END + 1):
        column = [numeral for numeral in numerals if numeral.number_of - numeral.index == place]
        for alignment in _align(column, members, least):
            if not taken.intersection(map(id, alignment.members)):
                taken.update(map(id, alignment.members))
                found.append(alignment)
    return found


def _align(numerals: Sequence[Numeral], members: Sequence[Fits], least: int) -> list[Alignment]:
    places = [[index for index, numeral in enumerate(numerals) if fits(numeral)] for fits in members]
    votes: dict[tuple[int, int], set[int]] = defaultdict(set)
    for first in range(len(members) - 1):
        for second in range(first + 1, min(first + 3, len(members))):
            if max(len(places[first]), len(places[second])) > _MAX_PLACES:
                continue
            following = set(places[second])
            for at in places[first]:
                for distance in range(1, MAX_DISTANCE + 1):
                    if at + distance * (second - first) in following:
                        votes[at - first * distance, distance].update((first, second))
    found: list[Alignment] = []
    taken: set[int] = set()
    for (start, distance), right in sorted(votes.items(), key=lambda entry: (-len(entry[1]), entry[0][1])):
        last = start + distance * (len(members) - 1)
        if len(right) < least or start < 0 or last >= len(numerals):
            continue
        positions = range(start, last + 1, distance)
        if taken.intersection(positions):
            continue
        taken.update(positions)
        chosen = tuple(numerals[position] for position in positions)
        wrong = tuple(index for index, fits in enumerate(members) if not fits(chosen[index]))
        found.append(Alignment(chosen, wrong))
    return found
