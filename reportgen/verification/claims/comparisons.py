"""Sentences against the document's own tables: the best and the worst, places in an order, how many times as much."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence

from reportgen.verification import vocabulary
from reportgen.verification.claims.clauses import Clause, read_clauses
from reportgen.verification.claims.consistency import read_consistency
from reportgen.verification.claims.contrasts import Reading, marker, read_order, read_ratio, shown
from reportgen.verification.claims.orders import more_is_meant, places
from reportgen.verification.claims.outline import NEUTRAL
from reportgen.verification.claims.page import Page, Sentence
from reportgen.verification.claims.relations import (
    Column,
    Mention,
    Quantity,
    narrowing,
    quantity_of,
    read_columns,
    without,
)
from reportgen.verification.claims.statements import Statement
from reportgen.verification.ledger import Quantity as Claimed
from reportgen.verification.ledger import Rule, Source, Witness

_NEAR = 40
"""Blocks between a sentence and the table that it speaks of, at most; the rows of tables don't count."""
_LONGEST = 600
"""Characters of a sentence that is read."""
_MOST = 60
"""Columns that one sentence is held against; of more only the nearest, and what they refute stays open."""
_LASTING = frozenset({"parameters", "size-in-memory"})
"""What a network has wherever it is spoken of."""
_QUALITY = frozenset({"accuracy", "error-rate", "loss", "f1", "precision", "recall"})
_PAIR = re.compile(
    r"\b(?P<one>best|worst|highest|lowest)\s+and\s+(?:the\s+)?(?P<two>best|worst|highest|lowest)\b(?P<what>.{0,160}?)\b(?:is|are|was|were)\s+"
    r"(?P<a>.{1,90}?)\s+and\s+(?P<b>.{1,90}?)\s*,?\s+respectively",
    re.I | re.S,
)
_POLES = {"best": "best", "worst": "worst", "highest": "most", "lowest": "least"}
_BIG = re.compile(
    r"\s*(?:(?:than|als|que|di)\b|(?:of\s+(?:the|all)\s+)?(?:\w+\s+)?(?:models?|networks?|architectures?|Modelle?|Netze?)\b|\W*\Z)",
    re.I,
)
_SIZED = re.compile(
    r"larger|smaller|bigger|größer|kleiner|largest|smallest|biggest|größte|kleinste|grande?|petite?|pequeñ|piccol", re.I
)
_ByTerm = dict[str, list[tuple[int, Column]]]
"""The columns of each term of the vocabulary, with their numbers in the document's order."""
_WORD = re.compile(r"[^\W_]+(?:\.\d+)?")


def read_comparisons(page: Page) -> Iterator[Statement]:
    """Yield what the document's tables prove of its sentences.

    A sentence is wrong only where every column that it may be about refutes it.
    """
    columns = read_columns(page)
    by_term: _ByTerm = {}
    by_grid: dict[int, list[Column]] = {}
    for number, column in enumerate(columns):
        by_grid.setdefault(id(column.grid), []).append(column)
        for term in {*column.quantity}:
            by_term.setdefault(term, []).append((number, column))
    for at, block in enumerate(page.blocks):
        if block.kind not in {"text", "item"}:
            continue
        for sentence in page.sentences[at]:
            if len(sentence.text) < _LONGEST and columns:
                yield from _pairs(page, sentence, columns)
                for clause in read_clauses(sentence):
                    yield from _judged(page, clause, list(_readings(page, clause, by_term)))
            if len(sentence.text) < _LONGEST:
                yield from read_consistency(page, sentence, by_grid)


def _judged(page: Page, clause: Clause, readings: Sequence[Reading]) -> Iterator[Statement]:
    if not readings:
        return
    fitting = next(iter(sorted((one for one in readings if one.fits), key=lambda one: one.doubt or "")), None)
    one = fitting or readings[0]
    doubt = next((reading.doubt for reading in readings if reading.doubt), None)
    if fitting is not None and fitting.doubt:
        return  # narrowed down by words that were not understood, it proves nothing either
    rank = "factor" not in clause.entry
    yield Statement(
        page.blocks[clause.sentence.at],
        clause.sentence.start + clause.start,
        clause.sentence.start + clause.end,
        Claimed.RANK if rank else Claimed.RATIO,
        Rule.COMPARISON,
        one.how,
        fitting is not None,
        expected=one.expected,
        source=Source.DOCUMENT_TABLE,
        witnesses=frozenset({Witness.CLAUSE, Witness.ROW, Witness.COLUMN}),
        decide=None if fitting else doubt,
        whole=True,
        text=clause.sentence.text.strip(),
    )


def _readings(page: Page, clause: Clause, columns: _ByTerm) -> Iterator[Reading]:
    splits = {found.id for found in vocabulary.find("split", clause.text)}
    # what can be wanted at all, before the names of each table are known
    named = {
        name for one in vocabulary.find("term", clause.text) for name in quantity_of(clause.text[one.start : one.end])
    }
    named |= {str(clause.entry.get("of"))} | {"parameters", "size-in-memory"}
    named |= _QUALITY if clause.entry.get("way") in {"better", "worse"} else set()
    near, cut = _nearest(columns, named, clause.sentence.at)
    for column in near:
        mentions = column.mentions(clause.text)
        wanted = _wanted(clause, mentions)
        if column.quantity not in wanted or (splits and column.splits and not splits & column.splits):
            continue
        reader = next(reader for kind, reader in _READERS.items() if kind in clause.entry)
        reading = reader(page, clause, column)
        if reading is not None:
            doubt = reading.doubt or (None if reading.fits or not cut else "which table it is about")
            if splits and not column.splits and column.quantity[0] not in _LASTING:
                doubt = doubt or "which images the table is about"
            if column.quantity == ("time",) and (
                column.splits - splits or narrowing(without(column.head, vocabulary.find("term", column.head)))
            ):
                doubt = doubt or "which time is meant"
            if not _is_near(page, clause, column):
                doubt = doubt or "which table it is about"
            if clause.relation.id in {"better", "worse"} and not clause.quantity(mentions):
                doubt = doubt or (None if reading.fits else "in what it is meant to be better")
            yield Reading(column, reading.fits, reading.how, reading.expected, doubt)


def _nearest(columns: _ByTerm, named: Iterable[str], at: int) -> tuple[list[Column], bool]:
    """The columns of some terms that are nearest to a block, in their order, and whether there are more."""
    found: dict[int, Column] = {}
    cut = False
    for name in named:
        own = columns.get(name, [])
        middle = bisect_left(own, at, key=lambda pair: pair[1].grid.at[0])
        first = max(0, min(middle - _MOST // 2, len(own) - _MOST))
        found |= own[first : first + _MOST]
        cut |= len(own) > _MOST
    return [column for _, column in sorted(found.items(), key=lambda pair: pair[0])], cut


def _wanted(clause: Clause, mentions: Sequence[Mention]) -> list[Quantity]:
    """The quantities that a clause may be about."""
    named = clause.quantity(mentions)
    if named:
        return [named]
    word = clause.text[clause.relation.start : clause.relation.end]
    rest = without(clause.text, [*mentions, *([clause.ordinal] if clause.ordinal else [])])
    behind = rest[clause.relation.end :]
    nothing = not quantity_of(rest)
    if nothing and _SIZED.search(word) and _BIG.match(behind):
        return [("parameters",), ("size-in-memory",)]
    if nothing and clause.entry.get("way") in {"better", "worse"}:
        return [(name,) for name in sorted(_QUALITY)]
    return []


def _is_near(page: Page, clause: Clause, column: Column) -> bool:
    if set(column.quantity) <= _LASTING or clause.everywhere:
        return True
    first, last = column.grid.at[0], column.grid.at[-1]
    at = clause.sentence.at
    heading = page.contexts[at].heading
    if heading != page.contexts[first].heading and not NEUTRAL.match(heading):
        return False
    return (page.between(last + 1, at) if at > last else page.between(at + 1, first)) <= _NEAR


def _extreme(page: Page, clause: Clause, column: Column) -> Reading | None:
    """``A has the (second) highest accuracy``."""
    most = more_is_meant(str(clause.entry["pole"]), column)
    rows, own = clause.subjects(page, column)
    several = "place" in clause.entry
    if most is None or not rows or (len(rows) > 1 and not several):
        return None
    found = [places(column, row, most=most) for row in rows]
    if None in found or any(marker(clause.text, one) == "than" for one in own):
        return None
    wanted = int(clause.ordinal.id) if clause.ordinal else 1
    last = int(str(clause.entry.get("place", wanted)))
    fits = all(place[0] <= last and (several or place[1] >= wanted) for place in found if place)
    order = sorted(
        (row for row in range(len(column.names)) if column.value(row) is not None),
        key=lambda row: column.value(row) or 0,
        reverse=most,
    )
    there = order[min(last, len(order)) - 1]
    nth = "" if last == 1 else f"number {last} from the "
    end = "greatest" if most else "least"
    told = ", ".join(shown(column, row) for row in rows)
    how = f"in the column {column.head} {told}; {nth}{end}: {shown(column, there)}"
    doubt = clause.doubt(column, own, rows, [wanted]) or _among(page, clause, column, rows)
    return Reading(column, fits, how, shown(column, there).replace(" has ", ": "), doubt)


_READERS: dict[str, Callable[[Page, Clause, Column], Reading | None]] = {
    "pole": _extreme, "factor": read_ratio, "way": read_order,
}  # fmt: skip


def _among(page: Page, clause: Clause, column: Column, rows: Sequence[int]) -> str | None:
    """Doubt where the sentence, or another one of its block, speaks of some of the rows: it may mean only these."""
    others = {one.row for one in column.mentions(clause.sentence.text)} - {*rows}
    block = {one.row for one in column.mentions(page.blocks[clause.sentence.at].text)}
    some = len(block | {*rows}) > max(2, len(rows)) and len(block) < len(column.names)
    return "among what it is meant" if others or some else None


def _pairs(page: Page, sentence: Sentence, columns: Sequence[Column]) -> Iterator[Statement]:
    """``The best and the worst … are A and B, respectively.``"""
    for match in _PAIR.finditer(sentence.text):
        quantity = quantity_of(match["what"])
        splits = {found.id for found in vocabulary.find("split", match["what"])}
        near = [
            (abs(column.grid.at[0] - sentence.at), column)
            for column in columns
            if column.quantity == quantity and abs(column.grid.at[0] - sentence.at) <= _NEAR
            if not splits or not column.splits or splits & column.splits
        ]
        nearest = [column for gap, column in near if gap == min(gap for gap, _ in near)]
        if len(nearest) != 1:
            continue
        for word, group in ((match["one"], "a"), (match["two"], "b")):
            row = _likest(nearest[0], match[group])
            most = more_is_meant(_POLES[word.lower()], nearest[0])
            place = places(nearest[0], row, most=most) if row is not None and most is not None else None
            if place is None or row is None:
                continue
            names = range(len(nearest[0].names))
            best = next((o for o in names if (p := places(nearest[0], o, most=bool(most))) and p[0] == 1), row)
            yield Statement(
                page.blocks[sentence.at],
                sentence.start + match.start(group),
                sentence.start + match.end(group),
                Claimed.RANK,
                Rule.COMPARISON,
                f"in the column {nearest[0].head} {shown(nearest[0], row)}; {word}: {shown(nearest[0], best)}",
                place[0] == 1,
                expected=shown(nearest[0], best).replace(" has ", ": "),
                source=Source.DOCUMENT_TABLE,
                witnesses=frozenset({Witness.CLAUSE, Witness.ROW, Witness.COLUMN}),
                whole=True,
                text=sentence.text.strip(),
            )


def _likest(column: Column, name: str) -> int | None:
    """The only row that a name fits: most of its words and numbers, and more than of any other row."""
    said = {word.lower() for word in _WORD.findall(name)}
    shares = []
    for row, label in enumerate(column.names):
        own = {word.lower() for word in _WORD.findall(label)}
        shares.append((len(own & said) / len(own) if own else 0.0, row))
    shares.sort(reverse=True)
    if len(shares) > 1 and shares[0][0] >= 0.5 and shares[0][0] > shares[1][0]:
        return shares[0][1]
    return None
