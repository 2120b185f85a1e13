"""Which labels make a class: sets, lists and tables that part the labels, found by value and in any notation."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from reportgen.documents.blocks import Block
from reportgen.verification.claims.numerals import Numeral, Stream
from reportgen.verification.claims.statements import Statement
from reportgen.verification.facts.subject import Part, Subject
from reportgen.verification.ledger import Quantity, Rule, Scope, Source, Witness

_SET = re.compile(
    r"(?<![\w.,/:^])(?:\d{1,2}(?:\s*(?:,\s*and\b|,|\band\b|&|\+|/|;)\s*\d{1,2})+|(?<=[{\[(])\d{1,2}(?=[}\])]))(?![\w.,/:]*\d)(?!\s*[%=×*])"
)
_GAP = 260
"""Characters between two sets of a grouping, at most."""
_MAX_MISPLACED = 3
"""Labels in a wrong class from which on a run of numbers is taken for something else."""
_PAIRED = re.compile(r"\W{1,6}(?:(?:is|to|becomes|maps\s+to|class|label)\W{1,4}){0,2}", re.I)
_BLOCKS = 8
"""Blocks over which the members of one grouping may be spread."""
Group = tuple[Block, int, int, frozenset[int]]
"""A set of labels, and the characters of a block that give it."""


def read_groups(blocks: Sequence[Block], stream: Stream, subject: Subject) -> Iterator[Statement]:
    """Yield every way in which a document parts the labels into classes, beside the assignment's."""
    labels = len(subject.dataset.labels) if subject.dataset else 0
    for part in subject.parts:
        if part.free or not part.planned.grouped:
            continue
        small = [
            numeral for numeral in stream.numerals if numeral.is_whole and numeral.value < max(labels, part.classes + 1)
        ]
        judged: set[int] = set()
        for partition in _braced_partitions(blocks, part, labels):
            judged.update(id(block) for block, *_ in partition)
            yield from _partition(partition, part)
        for partition in _numbered_partitions(small, part, labels):
            if not judged.intersection(id(block) for block, *_ in partition):
                yield from _partition(partition, part)
        yield from _mappings(small, part, labels)


def _braced_partitions(blocks: Sequence[Block], part: Part, labels: int) -> Iterator[list[Group]]:
    """Yield the runs of sets, ``{0, 6}`` or ``2, 3, 8 and 5``, that hold each label once."""
    sets = list(_sets(blocks))
    index = 0
    while index + part.classes <= len(sets):
        window = sets[index : index + part.classes]
        near = all(later[1] - earlier[1] <= _GAP for earlier, later in pairwise(window))
        found = [members for _, _, (*_, members) in window]
        slips = sum(members != own for members, own in zip(found, part.groups, strict=True))
        if near and (_is_partition(found, labels) or slips == 1):
            yield [group for _, _, group in window]
            index += part.classes
        else:
            index += 1


def _sets(blocks: Sequence[Block]) -> Iterator[tuple[Block, int, Group]]:
    """Yield each set of labels with its block and where it stands in the text of the whole document."""
    offset = 0
    for block in blocks:
        for match in _SET.finditer(block.text):
            numbers = [int(digit) for digit in re.findall(r"\d+", match[0])]
            if len(set(numbers)) == len(numbers):
                yield block, offset + match.start(), (block, match.start(), match.end(), frozenset(numbers))
        offset += len(block.text) + 1


def _is_partition(sets: Sequence[frozenset[int]], labels: int) -> bool:
    return sum(map(len, sets)) == labels and frozenset[int]().union(*sets) == frozenset(range(labels))


def _numbered_partitions(small: Sequence[Numeral], part: Part, labels: int) -> Iterator[list[Group]]:
    """Yield the runs ``1 ← 0 6, 2 ← 1 7, …`` or ``0/6 → 1, 1/7 → 2, …`` whose sets hold each label once.

    Such a run can often be cut in several ways; of those that overlap only the one nearest to what is asked for
    counts.
    """
    length = labels + part.classes
    best: list[tuple[int, int, list[Group]]] = []
    for start, partition in _cut_everywhere(small, part, labels):
        misplaced = sum(len(members - own) for (*_, members), own in zip(partition, part.groups, strict=True))
        if misplaced > _MAX_MISPLACED:
            continue
        if best and start - best[-1][1] < length:
            if misplaced < best[-1][0]:
                best[-1] = (misplaced, best[-1][1], partition)
        else:
            best.append((misplaced, start, partition))
    yield from (partition for _, _, partition in best)


def _cut_everywhere(small: Sequence[Numeral], part: Part, labels: int) -> Iterator[tuple[int, list[Group]]]:
    length = labels + part.classes
    for start in range(len(small) - length + 1):
        window = small[start : start + length]
        if window[-1].at - window[0].at > _BLOCKS:
            continue
        values = [int(numeral.value) for numeral in window]
        for first in (0, 1):
            numbers = list(range(first, first + part.classes))
            for flipped in (False, True):
                turn = -1 if flipped else 1
                for cuts in _cuts(values[::turn], numbers[::turn]):
                    groups: list[Group] = []
                    at = 0
                    for members in cuts:
                        own = (
                            window[length - at - 1 - len(members) : length - at]
                            if flipped
                            else window[at : at + len(members) + 1]
                        )
                        block = own[-1].block
                        inside = [numeral for numeral in own if numeral.block is block]
                        groups.append((block, inside[0].start, inside[-1].end, frozenset(members)))
                        at += len(members) + 1
                    yield start, groups[::-1] if flipped else groups


def _cuts(values: list[int], numbers: list[int]) -> Iterator[list[list[int]]]:
    """Yield every way to cut ``number, members, number, members, …`` so that no label is in two sets."""
    if not numbers:
        if not values:
            yield []
        return
    if not values or values[0] != numbers[0]:
        return
    for end in range(2, len(values) + 1):
        members = values[1:end]
        if len(set(members)) < len(members):
            return
        for rest in _cuts(values[end:], numbers[1:]):
            if not any(set(members) & set(other) for other in rest):
                yield [members, *rest]


def _partition(partition: Sequence[Group], part: Part) -> Iterator[Statement]:
    asked = set(part.groups)
    others = sum(members not in asked for *_, members in partition)
    for index, (block, start, end, members) in enumerate(partition):
        own = part.groups[index]
        right = members in asked
        yield _statement(
            block,
            start,
            end,
            part,
            right,
            f"a class of {part.asked.short_title}"
            if right
            else f"class {index + 1} of {part.asked.short_title} is {_braced(own)} by the assignment",
            _braced(members if right else own),
            _braced(members),
            of_class=index,
            # another grouping of one's own is no slip in the assignment's
            deviates=not right and others <= len(partition) // 2,
        )


def _statement(
    block: Block,
    start: int,
    end: int,
    part: Part,
    right: bool,
    how: str,
    expected: str,
    text: str,
    *,
    of_class: int | None = None,
    deviates: bool = False,
) -> Statement:
    return Statement(
        block,
        start,
        end,
        Quantity.CLASS_GROUP,
        Rule.GROUPS,
        how,
        True if right else None,
        expected=expected,
        source=Source.ASSIGNMENT,
        scope=Scope(experiment=part.id, of_class=of_class),
        witnesses=frozenset({Witness.SIBLINGS}),
        decide=None if right else "which classes were trained",
        deviates=deviates,
        whole=True,
        text=text,
    )


def _braced(members: frozenset[int]) -> str:
    return "{" + ", ".join(map(str, sorted(members))) + "}"


def _mappings(small: Sequence[Numeral], part: Part, labels: int) -> Iterator[Statement]:
    """Yield the tables and dictionaries that give a class for each label: pair by pair, or in two rows."""
    everything = set(range(labels))
    done = -1
    for start in range(len(small) - 2 * labels + 1):
        window = small[start : start + 2 * labels]
        if start <= done or window[-1].at - window[0].at > 2 * labels:
            continue
        for keys, values in ((window[::2], window[1::2]), (window[:labels], window[labels:])):
            if (
                {int(key.value) for key in keys} == everything
                and _is_mapping(keys, values)
                and (found := list(_mapping(keys, values, part)))
            ):
                yield from found
                done = start + 2 * labels - 1
                break


def _is_mapping(keys: Sequence[Numeral], values: Sequence[Numeral]) -> bool:
    """Tell whether numbers stand in two rows, or pair by pair with nothing but signs between."""
    rows = {key.at for key in keys}, {value.at for value in values}
    if all(len(row) == 1 for row in rows):
        between = keys[-1].block.text[keys[-1].end : values[0].start]
        ascending = all(earlier.value < later.value for earlier, later in pairwise(keys))
        if rows[0] != rows[1] or (ascending and re.search(r"[^\W\d]{3}", between)):
            return True
    return all(
        key.at == value.at and _PAIRED.fullmatch(key.block.text[key.end : value.start])
        for key, value in zip(keys, values, strict=True)
    )


def _mapping(keys: Sequence[Numeral], values: Sequence[Numeral], part: Part) -> Iterator[Statement]:
    """Yield what one mapping says; nothing where it is none."""
    classes = part.planned.label_to_class
    said = {int(value.value) for value in values}
    first = 0 if 0 in said else 1
    if said != set(range(first, first + part.classes)):
        return
    wrong = [
        (key, value) for key, value in zip(keys, values, strict=True) if value.value != classes[int(key.value)] + first
    ]
    if len(wrong) > len(keys) // 2:
        return
    for key, value in wrong:
        expected = f"class {classes[int(key.value)] + first}"
        how = f"label {key.text} is of {expected} in {part.asked.short_title} by the assignment"
        yield _statement(
            value.block,
            value.start,
            value.end,
            part,
            False,
            how,
            expected,
            f"label {key.text}: class {value.text}",
            deviates=True,
        )
    if not wrong:
        for index, group in enumerate(part.groups):
            how = f"a class for each of {len(keys)} labels"
            yield _statement(
                values[0].block,
                values[0].start,
                values[0].end,
                part,
                True,
                how,
                _braced(group),
                _braced(group),
                of_class=index,
            )
