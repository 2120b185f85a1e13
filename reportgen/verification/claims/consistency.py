"""Sentences about whole tables: better throughout, a place in every column, a stable order, a trend, a range."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations, product

from reportgen.verification import vocabulary
from reportgen.verification.claims.clauses import read_clauses
from reportgen.verification.claims.grids import Grid
from reportgen.verification.claims.orders import more_is_meant, order_break, places, range_fits, trend_break
from reportgen.verification.claims.page import Page, Sentence
from reportgen.verification.claims.relations import Column, caption, narrowing, quantity_of, tokens, without
from reportgen.verification.claims.statements import Statement
from reportgen.verification.ledger import Quantity as Claimed
from reportgen.verification.ledger import Rule, Source, Witness

_NEAR = 40
"""Blocks between a sentence and the table that it speaks of, at most."""
_QUALITY = frozenset({"accuracy", "error-rate", "loss", "f1"})
_SPREAD = re.compile(r"\b(?:std|variance|deviation|var)\b", re.I)
_QUALIFIED = frozenset({"hypothetical", "rule quoted", "of others"})


_TITLE = re.compile(r"\W*(?:tab\w*)\W*\s*(?P<n>\d{1,2})\W*(?P<what>.*)", re.I | re.S)


@dataclass(frozen=True)
class _Finding:
    """What a table says of a sentence."""

    fits: bool
    how: str
    expected: str


def read_consistency(page: Page, sentence: Sentence, by_grid: Mapping[int, Sequence[Column]]) -> Iterator[Statement]:
    """Yield what the tables prove of a sentence about all their rows or columns; all tables must refute it.

    Args:
        by_grid: the columns of each table, by its id.
    """
    for frame, reader in _READERS.items():
        match = _pattern(frame).search(sentence.text)
        if match is None:
            continue
        said = sentence.text[: match.start()] + sentence.text[match.end() :]
        negated = any(one.id == "negated" for one in vocabulary.find("modality", sentence.text))
        if negated or any(one.id in _QUALIFIED for one in vocabulary.find("modality", said)):
            continue
        grids = page.grids_around(sentence.at)
        columns = [column for grid in grids for column in by_grid.get(id(grid), ())]
        findings = list(reader(page, sentence, columns, match))
        if findings:
            one = next((finding for finding in findings if finding.fits), findings[0])
            yield Statement(
                page.blocks[sentence.at],
                sentence.start,
                sentence.end,
                Claimed.RANK,
                Rule.COMPARISON,
                one.how,
                one.fits,
                expected=one.expected,
                source=Source.DOCUMENT_TABLE,
                witnesses=frozenset({Witness.CLAUSE, Witness.ROW, Witness.COLUMN}),
                decide=None if one.fits or len(grids) == len(page.grids) else "which table it is about",
                whole=True,
                text=sentence.text.strip(),
            )


@cache
def _pattern(frame: str) -> re.Pattern[str]:
    return vocabulary.entry_pattern(next(one for one in vocabulary.entries()["frame"] if one["id"] == frame))


def _is_near(page: Page, sentence: Sentence, grid: Grid) -> bool:
    return page.between(*sorted((sentence.at, grid.at[0]))) <= _NEAR


def _families(columns: Sequence[Column]) -> Iterator[list[Column]]:
    """The columns of one table that hold one quantity of the same images, two or more."""
    found: dict[tuple[int, object, object], list[Column]] = {}
    for column in columns:
        found.setdefault((id(column.grid), column.quantity, column.splits), []).append(column)
    yield from (family for family in found.values() if len(family) > 1 and family[0].quantity[0] in _QUALITY)


def _everywhere(page: Page, sentence: Sentence, columns: Sequence[Column], _match: re.Match[str]) -> Iterator[_Finding]:
    """``A and B are among the first three in every environment``: in each column of a table that has several."""
    clause = next(iter(read_clauses(sentence)), None)
    if clause is None or "place" not in clause.entry:
        return
    limit = int(str(clause.entry["place"]))
    for family in _families(columns):
        rows, own = clause.subjects(page, family[0])
        if not rows or clause.doubt(family[0], own, rows, [limit]):
            continue
        below = []
        for column in family:
            most = more_is_meant("best", column)
            for row in rows:
                place = places(column, row, most=bool(most)) if most is not None else None
                if place is not None and place[0] > limit:
                    below.append(f"{column.names[row]} is number {place[0]} in the column {column.head}")
        text = "; ".join(below) or f"among the first {limit} in {len(family)} columns"
        yield _Finding(not below, text, below[0] if below else text)


def _stable(page: Page, sentence: Sentence, columns: Sequence[Column], match: re.Match[str]) -> Iterator[_Finding]:
    """``The ranking within group A was stable``: the same order in the columns of a table that has several."""
    if narrowing(sentence.text[: match.start()]) or (not match["value"] and narrowing(match[0])):
        return
    for family in _families(columns):
        grid = family[0].grid
        if not _is_near(page, sentence, grid):
            continue
        rows = list(range(len(family[0].names)))
        if match["value"]:
            keys = [at for at, head in enumerate(grid.head) if head.strip().lower() == match["key"].lower()]
            named = {row[0] if not keys else row[keys[0]] for row in grid.rows}
            if not keys or match["value"] not in {name.strip() for name in named} or len(grid.rows) != len(rows):
                continue
            rows = [row for row in rows if grid.rows[row][keys[0]].strip() == match["value"]]
        breaks = []
        for one, other in combinations(family, 2):
            found = order_break([one.value(row) for row in rows], [other.value(row) for row in rows])
            if found:
                a, b = (one.names[rows[at]] for at in found)
                breaks.append(f"{a} and {b} change places between {one.head} and {other.head}")
        yield _Finding(
            not breaks, breaks[0] if breaks else f"the same order in {len(family)} columns", "; ".join(breaks)
        )


def _difference(page: Page, sentence: Sentence, _columns: Sequence[Column], match: re.Match[str]) -> Iterator[_Finding]:
    """``The difference is consistent across all 3 runs``: of two rows, the same one leads in each run's column."""
    before = re.split(r"[^\w\s'’-]", sentence.text[: match.start()])[-1]
    if narrowing(before) or vocabulary.find("term", match["gap"]):
        return
    word = match["what"].lower().rstrip("s")
    for grid in page.grids_around(sentence.at):
        if len(grid.rows) != 2 or not grid.regular:
            continue
        runs = [at for at, head in enumerate(grid.head) if re.match(rf"\W*{re.escape(word)}\b", head, re.I)]
        pairs = [(grid.cells[0][at], grid.cells[1][at]) for at in runs]
        if len(runs) < 2 or any(a is None or b is None for a, b in pairs):
            continue
        said = (match["n"] or "").strip()
        if int(said) != len(runs) if said.isdecimal() else not _is_near(page, sentence, grid):
            continue
        signs = [(a.value > b.value) - (a.value < b.value) for a, b in pairs if a and b]
        first, second = grid.row_head(0), grid.row_head(1)
        each = ", ".join(
            f"{grid.head[at]}: {a.text} and {b.text}" for at, (a, b) in zip(runs, pairs, strict=True) if a and b
        )
        yield _Finding(
            not {1, -1} <= set(signs),
            f"{first} and {second}, {each}",
            f"{signs.count(1)} of {len(runs)} runs for {first}",
        )


def _trend(page: Page, sentence: Sentence, columns: Sequence[Column], match: re.Match[str]) -> Iterator[_Finding]:
    """``The larger the network, the higher the accuracy``, in every table that has both."""
    first, second = quantity_of(match["x"]), quantity_of(match["y"])
    if not first and vocabulary.find("sized", match["x"]):
        first = ("parameters",)
    ways = [[one.id for one in vocabulary.find("way", match[group])][:1] for group in ("a", "b")]
    rest = [without(text, vocabulary.find("term", text)) for text in (match["x"], match["y"])]
    rest = [without(text, vocabulary.find("measure", text)) for text in rest]
    if not first or not second or first == second or not all(ways) or any(map(narrowing, rest)):
        return
    near = [
        column for column in columns if column.quantity in (first, second) and _is_near(page, sentence, column.grid)
    ]
    for one, other in product(near, near):
        if one.grid is other.grid and (one.quantity, other.quantity) == (first, second):
            found = trend_break(
                [*map(one.value, range(len(one.names)))],
                [*map(other.value, range(len(other.names)))],
                same=ways[0] == ways[1],
            )
            told = f"{one.head} against {other.head}"
            if found:
                told += ": " + "; ".join(f"{one.names[at]} {_text(one, at)}, {_text(other, at)}" for at in found)
            yield _Finding(found is None, told, told)


def _text(column: Column, row: int) -> str:
    cell = column.cells[row]
    return cell.text if cell else ""


def _range(page: Page, sentence: Sentence, columns: Sequence[Column], match: re.Match[str]) -> Iterator[_Finding]:
    """``3 to 80 times faster``, of all rows of a table."""
    low, high = (Fraction(match[group].replace(",", ".")) for group in ("low", "high"))
    said = sentence.text[: match.start()] + sentence.text[match.end() :]
    words = {word.lower().rstrip("s") for word in narrowing(without(said, vocabulary.find("split", said)))}
    for column in columns:
        values = [cell.value for cell in column.cells if cell is not None]
        if words - {token.rstrip("s") for token in tokens(" ".join(column.grid.head))} - {"time", "training"}:
            continue
        if column.quantity == ("speedup",) and low < high and _is_near(page, sentence, column.grid):
            text = f"the column {column.head} goes from {float(min(values)):g} to {float(max(values)):g}"
            if not column.mentions(sentence.text):
                yield _Finding(range_fits(values, low, high), text, text)


def _throughout(
    page: Page, sentence: Sentence, _columns: Sequence[Column], _match: re.Match[str]
) -> Iterator[_Finding]:
    """``A was consistently better than B``: in every pair of rows that differ in nothing else."""
    if not vocabulary.find("better", sentence.text):
        return
    for grid in page.grids_around(sentence.at):
        if len(grid.rows) < 4 or not grid.regular or not _is_near(page, sentence, grid):
            continue
        for column in range(grid.width):
            labels = [re.sub(r"[\"'“”’]", "", row[column]).strip() for row in grid.rows]
            named = [label for label in dict.fromkeys(labels) if _position(label, sentence.text) is not None]
            if len(set(labels)) == 2 and len(named) == 2:
                named.sort(key=lambda label: _position(label, sentence.text) or 0)
                yield from _paired(grid, column, labels, named)
                return


def _position(label: str, text: str) -> int | None:
    if len(label) < 2 or label.isdecimal():
        return None
    match = re.search(rf"(?<!\w){re.escape(label)}(?!\w)", text, re.I)
    return match.start() if match else None


def _paired(grid: Grid, column: int, labels: Sequence[str], named: Sequence[str]) -> Iterator[_Finding]:
    metrics = [
        (index, quantity[0])
        for index, head in enumerate(grid.head)
        if not _SPREAD.search(head) and (quantity := quantity_of(head)) and quantity[0] in _QUALITY
    ]
    keys = [index for index in range(grid.width) if index != column and index not in {at for at, _ in metrics}]
    if not metrics or not keys:
        return
    metric, term = metrics[0]
    values = grid.column(metric)
    by_key: dict[str, dict[str, tuple[Fraction, str]]] = {}
    for row, label in enumerate(labels):
        cell = values[row]
        if cell is None:
            return
        by_key.setdefault(grid.rows[row][keys[0]], {})[label] = (cell.value, cell.text)
    if not all(len(pair) == 2 for pair in by_key.values()):
        return
    better, worse = named
    sign = -1 if term in {"error-rate", "loss"} else 1
    against = [key for key, pair in by_key.items() if sign * (pair[better][0] - pair[worse][0]) < 0]
    how = f"{len(against)} of {len(by_key)} pairs are the other way round"
    if against:
        pair = by_key[against[0]]
        how += f": at {grid.head[keys[0]]} {against[0]} {better} has {pair[better][1]}, {worse} {pair[worse][1]}"
    yield _Finding(not against, how, f"not at {against[0]}" if against else how)


def _count(page: Page, sentence: Sentence, columns: Sequence[Column], match: re.Match[str]) -> Iterator[_Finding]:
    """``A total of nine networks were compared (see Table 1)``, where that table's caption names nothing else."""
    said = next((int(one.id) for one in vocabulary.find("count", match["n"])), None)
    for grid in {id(column.grid): column.grid for column in columns}.values():
        title = _TITLE.match(caption(page, grid))
        last, after = grid.blocks[-1], page.blocks[grid.at[-1] + 1 : grid.at[-1] + 2]
        broken = not after or after[0].place.page != last.place.page  # it may go on over the page
        if said is None or broken or title is None or title["n"] != match["table"]:
            continue
        if narrowing(title["what"]) or narrowing(match["what"]) or len({row[0] for row in grid.rows}) != len(grid.rows):
            continue
        text = f"table {title['n']} lists {len(grid.rows)}"
        yield _Finding(len(grid.rows) == said, text, str(len(grid.rows)))


_Reader = Callable[[Page, Sentence, Sequence[Column], re.Match[str]], Iterator[_Finding]]
_READERS: dict[str, _Reader] = {
    "everywhere": _everywhere,
    "stable order": _stable,
    "consistent difference": _difference,
    "trend": _trend,
    "range": _range,
    "count": _count,
    "throughout": _throughout,
}
