"""Two rows of a column held against a sentence: how many times as much, who has more, and by how much."""

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from reportgen.documents.numbers import Number
from reportgen.documents.tokens import numbers
from reportgen.verification import vocabulary
from reportgen.verification.claims.clauses import Clause
from reportgen.verification.claims.orders import PLAIN, PRINTED, more_is_meant, ratio_fits
from reportgen.verification.claims.page import Page, Sentence
from reportgen.verification.claims.relations import Column, Mention, narrowing, without

_INVERSE = re.compile(r"\s*(?:fewer|less|smaller|faster|slower|weniger|moins|menos|meno|rapid\w*|schnell\w*)\b", re.I)
_MORE = re.compile(r"\s*(?:more|larger|bigger|plus|más|più|mehr)\b", re.I)


@dataclass(frozen=True)
class Reading:
    """What one column says of a clause."""

    column: Column
    fits: bool
    how: str
    expected: str
    doubt: str | None


def shown(column: Column, row: int) -> str:
    """A row's name and its value in words."""
    cell = column.cells[row]
    return f"{column.names[row]} has {cell.text if cell else 'no number'}"


def read_ratio(page: Page, clause: Clause, column: Column) -> Reading | None:
    """``A has nearly twice the parameters of B``."""
    own = column.mentions(clause.text)
    rows = list(dict.fromkeys(one.row for one in own))
    pairs: list[tuple[int, int]] = []
    if len(rows) == 2 and len(own) == 2:
        objects = [one.row for one in own if marker(clause.text, one)]
        pairs = [(rows[0], rows[1]), (rows[1], rows[0])]
        pairs = [pair for pair in pairs if pair[1] in objects] or pairs
    elif len(rows) < 2:
        around = list(dict.fromkeys(one.row for one in column.mentions(clause.sentence.text)))
        heads = list(dict.fromkeys(one.row for one in column.mentions(page.contexts[clause.sentence.at].heading)))
        compared = [one.row for one in column.mentions(clause.sentence.text) if marker(clause.sentence.text, one)]
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
    how = f"in the column {column.head} {shown(column, first)}, {shown(column, second)}: {ratio:.2f} times"
    return Reading(column, fits, how, f"{ratio:.2f} times", clause.doubt(column, own, [first, second]))


def read_order(page: Page, clause: Clause, column: Column) -> Reading | None:
    """``A has a higher accuracy than B``, ``A is 3 points better than B``; rows that print the same decide nothing."""
    own = column.mentions(clause.text)
    way = str(clause.entry["way"])
    more = more_is_meant({"better": "best", "worse": "worst", "more": "most"}.get(way, "least"), column)
    direct = clause.relation.id in {"better", "worse"}
    if len(own) != 2 or own[0].row == own[1].row or more is None:
        return None
    first, second = own
    between = clause.text[clause.relation.end : second.start]
    straight = first.end <= clause.relation.start < second.start and marker(clause.text, first) != "than"
    if not straight or not (marker(clause.text, second) == "than" or (direct and not narrowing(between))):
        return None
    a, b = column.value(first.row), column.value(second.row)
    if a is None or b is None or a == b:
        return None
    rest = without(clause.text, own)
    said = numbers(rest)
    fits = (a > b) == more and all(_differs_by(one, column, first.row, second.row) for one in said)
    how = f"in the column {column.head} {shown(column, first.row)}, {shown(column, second.row)}"
    blank = without(clause.text, [Mention(-1, one.start, one.end) for one in said])
    doubt = replace(clause, text=blank).doubt(column, own, [first.row, second.row])
    if len(said) > 1 or (said and (a > b) == more and clause.tolerance):
        doubt = doubt or "how much is meant"
    return Reading(column, fits, how, f"{float(a - b):+.6g}", doubt)


def _differs_by(said: Number, column: Column, first: int, second: int) -> bool:
    """Tell whether two rows differ by a number: by so much, in points, or by so many hundredths of either."""
    one, other = column.cells[first], column.cells[second]
    assert one is not None
    assert other is not None
    gap, slack = abs(one.value - other.value), one.half + other.half
    scales = [Fraction(1)] + [100 / abs(value) for value in (one.value, other.value) if value]
    scales += [Fraction(100)] if max(one.value, other.value) <= 1 else []
    within = max(said.half, said.value / 10)
    return any(abs(gap * scale - said.value) <= within + slack * scale for scale in scales)


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


def marker(text: str, mention: Mention) -> str | None:
    """The word before a name that makes it what another is compared with; an article between them doesn't count."""
    before = re.sub(
        r"\s+(?:the|a|an|le|la|l'|el|il|das|dem|der|die|model|network)\s*\Z",
        " ",
        text[: mention.start].rstrip() + " ",
        flags=re.I,
    )
    found = [one for one in vocabulary.find("marker", before) if len(before.rstrip()) - one.end <= 0]
    return found[-1].id if found else None
