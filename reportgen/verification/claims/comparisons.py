"""Sentences against the document's own tables: the best and the worst, places in an order, how many times as much."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reportgen.verification import vocabulary
from reportgen.verification.claims.clauses import Clause, read_clauses
from reportgen.verification.claims.consistency import read_consistency
from reportgen.verification.claims.orders import PLAIN, PRINTED, more_is_meant, places, ratio_fits
from reportgen.verification.claims.page import Page, Sentence
from reportgen.verification.claims.relations import Column, Mention, Quantity, quantity_of, read_columns, without
from reportgen.verification.claims.statements import Statement
from reportgen.verification.ledger import Quantity as Claimed
from reportgen.verification.ledger import Rule, Source, Witness

_NEAR = 40
"""Blocks between a sentence and the table that it speaks of, at most; the rows of tables don't count."""
_LONGEST = 600
"""Characters of a sentence that is read."""
_LASTING = frozenset({"parameters", "size-in-memory"})
"""What a network has wherever it is spoken of."""
_PAIR = re.compile(
    r"\b(?P<one>best|worst|highest|lowest)\s+and\s+(?:the\s+)?(?P<two>best|worst|highest|lowest)\b(?P<what>.{0,160}?)\b(?:is|are|was|were)\s+"
    r"(?P<a>.{1,90}?)\s+and\s+(?P<b>.{1,90}?)\s*,?\s+respectively",
    re.I | re.S,
)
_POLES = {"best": "best", "worst": "worst", "highest": "most", "lowest": "least"}
_INVERSE = re.compile(r"\s*(?:fewer|less|smaller|faster|slower|weniger|moins|menos|meno|rapid\w*|schnell\w*)\b", re.I)
_MORE = re.compile(r"\s*(?:more|larger|bigger|plus|más|più|mehr)\b", re.I)
_BIG = re.compile(
    r"\s*(?:(?:of\s+(?:the|all)\s+)?(?:\w+\s+)?(?:models?|networks?|architectures?|Modelle?|Netze?)\b|\W*\Z)", re.I
)
_SIZED = re.compile(r"largest|smallest|biggest|größte|kleinste|grande?|petite?|pequeñ|piccol", re.I)
_WORD = re.compile(r"[^\W_]+(?:\.\d+)?")


@dataclass(frozen=True)
class _Reading:
    """What one column says of a clause."""

    column: Column
    fits: bool
    how: str
    expected: str
    doubt: str | None


def read_comparisons(page: Page) -> Iterator[Statement]:
    """Yield what the document's tables prove of its sentences.

    A sentence is wrong only where every column that it may be about refutes it.
    """
    columns = read_columns(page)
    for at, block in enumerate(page.blocks):
        if block.kind not in {"text", "item"}:
            continue
        for sentence in page.sentences[at]:
            if len(sentence.text) < _LONGEST and columns:
                yield from _pairs(page, sentence, columns)
                for clause in read_clauses(sentence):
                    yield from _judged(page, clause, list(_readings(page, clause, columns)))
            if len(sentence.text) < _LONGEST:
                yield from read_consistency(page, sentence, columns)


def _judged(page: Page, clause: Clause, readings: Sequence[_Reading]) -> Iterator[Statement]:
    if not readings:
        return
    fitting = next((reading for reading in readings if reading.fits), None)
    one = fitting or readings[0]
    doubt = next((reading.doubt for reading in readings if reading.doubt), None)
    if fitting is not None and fitting.doubt:
        return  # narrowed down by words that were not understood, it proves nothing either
    rank = "pole" in clause.entry
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


def _readings(page: Page, clause: Clause, columns: Sequence[Column]) -> Iterator[_Reading]:
    splits = {found.id for found in vocabulary.find("split", clause.text)}
    for column in columns:
        mentions = column.mentions(clause.text)
        wanted = _wanted(clause, mentions)
        if column.quantity not in wanted or (splits and column.splits and not splits & column.splits):
            continue
        reading = _extreme(page, clause, column) if "pole" in clause.entry else _ratio(page, clause, column)
        if reading is not None:
            doubt = reading.doubt
            if splits and not column.splits and column.quantity[0] not in _LASTING:
                doubt = doubt or "which images the table is about"
            if not _is_near(page, clause, column):
                doubt = doubt or "which table it is about"
            yield _Reading(column, reading.fits, reading.how, reading.expected, doubt)


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
    return []


def _is_near(page: Page, clause: Clause, column: Column) -> bool:
    if set(column.quantity) <= _LASTING or clause.everywhere:
        return True
    first, last = column.grid.at[0], column.grid.at[-1]
    at = clause.sentence.at
    between = page.blocks[last + 1 : at] if at > last else page.blocks[at + 1 : first]
    return sum(block.kind != "row" for block in between) <= _NEAR


def _shown(column: Column, row: int) -> str:
    cell = column.cells[row]
    return f"{column.names[row]} has {cell.text if cell else 'no number'}"


def _extreme(page: Page, clause: Clause, column: Column) -> _Reading | None:
    """``A has the (second) highest accuracy``."""
    most = more_is_meant(str(clause.entry["pole"]), column)
    rows, own = clause.subjects(page, column)
    several = "place" in clause.entry
    if most is None or not rows or (len(rows) > 1 and not several):
        return None
    found = [places(column, row, most=most) for row in rows]
    if None in found or any(_marker(clause.text, one) == "than" for one in own):
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
    told = ", ".join(_shown(column, row) for row in rows)
    how = f"in the column {column.head} {told}; {nth}{end}: {_shown(column, there)}"
    doubt = clause.doubt(column, own, rows, [wanted])
    return _Reading(column, fits, how, _shown(column, there).replace(" has ", ": "), doubt)


def _ratio(page: Page, clause: Clause, column: Column) -> _Reading | None:
    """``A has nearly twice the parameters of B``."""
    own = column.mentions(clause.text)
    rows = list(dict.fromkeys(one.row for one in own))
    pairs: list[tuple[int, int]] = []
    if len(rows) == 2 and len(own) == 2:
        objects = [one.row for one in own if _marker(clause.text, one)]
        pairs = [(rows[0], rows[1]), (rows[1], rows[0])]
        pairs = [pair for pair in pairs if pair[1] in objects] or pairs
    elif len(rows) < 2:
        around = list(dict.fromkeys(one.row for one in column.mentions(clause.sentence.text)))
        heads = list(dict.fromkeys(one.row for one in column.mentions(page.contexts[clause.sentence.at].heading)))
        compared = [one.row for one in column.mentions(clause.sentence.text) if _marker(clause.sentence.text, one)]
        if len(rows) == 1 and len(around) == 2 and {*compared} == {*around} - {*rows}:
            pairs = [(rows[0], compared[0])]
        elif len(around) == len(heads) == 1 and around != heads and _speaks_of(clause.sentence, column.names[heads[0]]):
            pairs = [(heads[0], around[0])]
            pairs += [] if rows else [(around[0], heads[0])]
    said = _said(clause)
    values = [(column.value(a), column.value(b)) for a, b in pairs]
    if not values or said is None or any(not a or not b for a, b in values):
        return None
    factors, bounds = said
    fits = any(ratio_fits(a / b, factor, bounds) for a, b in values if a and b for factor in factors)
    (a, b), (first, second) = values[0], pairs[0]
    ratio = float(a / b) if a and b else 0.0
    how = f"in the column {column.head} {_shown(column, first)}, {_shown(column, second)}: {ratio:.2f} times"
    return _Reading(column, fits, how, f"{ratio:.2f} times", clause.doubt(column, own, [first, second]))


def _speaks_of(sentence: Sentence, name: str) -> bool:
    """Tell whether a sentence takes up what its heading names: ``it``, ``this model``, or the last word of the name."""
    last = re.split(r"[\W_]+", name.strip())[-1]
    taken = bool(last) and re.search(
        rf"\b(?:the|this|das|dieses|le|ce|el|este|il|questo)\s+{re.escape(last)}\b", sentence.text, re.I
    )
    return bool(taken) or any(found.id == "one" for found in vocabulary.find("anaphor", sentence.text))


def _said(clause: Clause) -> tuple[list[Fraction], tuple[float, float]] | None:
    """The ratios that a clause may mean, and how nearly."""
    factor = clause.entry["factor"]
    if factor == "n" and clause.number is None:
        return None
    value = clause.number[0] if factor == "n" and clause.number else Fraction(str(factor))
    if value <= 0:
        return None
    behind = clause.text[clause.relation.end :]
    factors = [value]
    if _MORE.match(behind):
        factors.append(value + 1)  # ``two times more`` is thrice to some
    if _INVERSE.match(behind) or _INVERSE.search(clause.text[clause.relation.start : clause.relation.end]):
        factors.append(1 / value)
    bounds = PRINTED if factor == "n" else PLAIN
    if clause.tolerance:
        entry = next(one for one in vocabulary.entries()["tolerance"] if one["id"] == clause.tolerance.id)
        bounds = float(entry["low"]), float(entry["high"])
    return factors, bounds


def _marker(text: str, mention: Mention) -> str | None:
    """The word before a name that makes it what another is compared with; an article between them doesn't count."""
    before = re.sub(
        r"\s+(?:the|a|an|le|la|l'|el|il|das|dem|der|die|model|network)\s*\Z",
        " ",
        text[: mention.start].rstrip() + " ",
        flags=re.I,
    )
    found = [one for one in vocabulary.find("marker", before) if len(before.rstrip()) - one.end <= 0]
    return found[-1].id if found else None


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
                f"in the column {nearest[0].head} {_shown(nearest[0], row)}; {word}: {_shown(nearest[0], best)}",
                place[0] == 1,
                expected=_shown(nearest[0], best).replace(" has ", ": "),
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
