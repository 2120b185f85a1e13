"""Tables read as relations: named things, each with a value of one quantity, and which way is better."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, lru_cache
from itertools import pairwise

from reportgen.verification import vocabulary
from reportgen.verification.claims.grids import Cell, Grid, read_cell
from reportgen.verification.claims.page import Page

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_\u2e80-\uffdc]+|[\u2e80-\uffdc]")
_BESIDE = re.compile(r"\s*(?:±.*|\([^()]*\)|\*+)\s*\Z", re.S)
_EACH = re.compile(r"\s*%?\s*/\s*[^\W\d]\w{0,8}\s*\Z")
"""The unit of a ratio: ``404.5 %/M``."""
_PER = re.compile(r"\s*(?:/|per|pro|par|por)\s*(?:1\s*)?[MkK]?\s*|\s*-to-\s*", re.I)
_COMPARED = frozenset({
    "accuracy", "error-rate", "loss", "precision", "recall", "f1", "parameters", "time", "size-in-memory",
})  # fmt: skip
_CAPTION = re.compile(r"\W*(?:tab(?:le|elle|leau|la|ella)?\b|表|표)", re.I)
_MOST_ROWS = 200
_LEAST_PARAMETERS = 10

Quantity = tuple[str, ...]
"""A term of the vocabulary; of ``accuracy per parameter`` both terms."""
Tokens = tuple[str, ...]


@dataclass(frozen=True)
class Mention:
    """A name of a row where it stands in a text."""

    row: int
    start: int
    end: int


@dataclass(frozen=True)
class Column:
    """One quantity of the things that a table names, in its rows or, where it lies on its side, in its columns."""

    grid: Grid
    head: str
    quantity: Quantity
    splits: frozenset[str]
    key: str
    """What stands above the names."""
    names: tuple[str, ...]
    cells: tuple[Cell | None, ...]
    others: tuple[tuple[Cell | None, ...], ...]
    """Of each thing, all that the table says of it."""

    def beside(self, row: int) -> list[Cell]:
        """All numbers of a row."""
        return [cell for cell in self.others[row] if cell is not None]

    @property
    def better(self) -> str | None:
        """``more`` or ``less``; None where the quantity doesn't say."""
        return _better(self.quantity)

    def value(self, row: int) -> Fraction | None:
        """The value of a row; None where its cell holds no plain number."""
        cell = self.cells[row]
        return cell.value if cell is not None else None

    def mentions(self, text: str) -> list[Mention]:
        """The rows that a text names, in its order; the longest name counts."""
        return list(_mentions(self.names, self.key, text))


@lru_cache(maxsize=4096)
def _mentions(names: tuple[str, ...], key: str, text: str) -> tuple[Mention, ...]:
    words = list(_TOKEN.finditer(text.lower()))
    tokens = [word[0] for word in words]
    found: list[Mention] = []
    taken: set[int] = set()
    for way, row in _keys(names):
        for at in (at for at, token in enumerate(tokens) if token == way[0]):
            span = range(at, at + len(way))
            if tuple(tokens[at : at + len(way)]) == way and not taken & set(span):
                start, end = words[at].start(), words[at + len(way) - 1].end()
                setting = _setting(key, way, text, start)
                if _stands_alone(text, start, end) and setting is not None:
                    taken |= set(span)
                    found.append(Mention(row, setting, end))
    return tuple(sorted(found, key=lambda mention: mention.start))


@lru_cache(maxsize=512)
def _keys(names: tuple[str, ...]) -> tuple[tuple[Tokens, int], ...]:
    """The ways of naming each row that fit no other row, the longest first."""
    ways = [(way, row) for row, name in enumerate(names) for way in _ways(name)]
    owners: dict[Tokens, set[int]] = {}
    for way, row in ways:
        owners.setdefault(way, set()).add(row)
    kept = {(way, row) for way, row in ways if len(owners[way]) == 1 and _is_telling(way)}
    return tuple(sorted(kept, key=lambda entry: (-len(entry[0]), entry)))


def _setting(key: str, way: Tokens, text: str, start: int) -> int | None:
    """Where a name begins; one that is only a number (a learning rate) needs the words that say what is set."""
    if not all(token[0].isdecimal() for token in way):
        return start
    floor = max(0, start - 30)
    own = {found.id for found in vocabulary.find("term", key)}
    said = vocabulary.find("term", text[floor:start])
    known = bool(said) and said[-1].id in own and not re.search(r"\d", text[floor + said[-1].end : start])
    return floor + said[-1].start if known else None


def _better(quantity: Quantity) -> str | None:
    ways = [_ways_of_terms().get(term) for term in quantity]
    # more for each: more of what is better for less of what costs
    return ways[0] if len(ways) == 1 else ("more" if ways and ways[0] == "more" else None)


@cache
def _ways_of_terms() -> dict[str, str]:
    return {str(entry["id"]): str(entry["better"]) for entry in vocabulary.entries()["term"] if "better" in entry}


def tokens(text: str) -> Tokens:
    """The words and numbers of a text, letters apart from digits, so that ``VGG16`` is ``VGG-16``."""
    return tuple(_TOKEN.findall(text.lower()))


def _ways(name: str) -> Iterator[Tokens]:
    """A row's name in full, without what stands in brackets, without the sign before it, and that sign."""
    whole = tokens(name)
    if whole:
        yield whole
    short = tokens(re.sub(r"\([^()]*\)", " ", name))
    if short and short != whole:
        yield short
    match = re.match(r"\s*(?:[A-Za-z]{1,2}\d{1,2}|\d{1,2}[.)]|#\d+)\s*[:.–-]?\s+(?=\S)", name)
    if match:
        yield tokens(name[match.end() :])
        if name.strip()[0].isalpha():
            yield tokens(match[0])


def _is_telling(way: Tokens) -> bool:
    """Tell whether a name is more than a letter or a word that means something else."""
    word = "".join(way)
    return len(word) > 2 or (len(way) > 1) or word[0].isdecimal() or not word.isascii()


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a name is no part of a longer one (``non-CNN``, ``VGG16`` where the table has ``VGG``)."""
    before, after = text[start - 1 : start], text[end : end + 2]
    glued = before.isascii() and (before.isalnum() or before in {"-", "_", "."}) and before != ""
    longer = after[:1].isascii() and after[:1].isalnum()
    joined = len(after) == 2 and after[0] in "-_+." and after[1].isascii() and after[1].isalnum()
    return not glued and not longer and not joined


@lru_cache(maxsize=4096)
def quantity_of(text: str) -> Quantity:
    """The quantity that words name; empty where they name none, or one that is no value of a thing."""
    found = [(one, _plain(one.id)) for section in ("measure", "term") for one in vocabulary.find(section, text)]
    found = sorted(((one, name) for one, name in found), key=lambda entry: entry[0].start)
    known = [(one, name) for one, name in found if name in _COMPARED or name == "speedup"]
    known = [(one, name) for one, name in known if text[one.start : one.end].lower() != "score"]  # of what?
    if not known:
        return ()
    for (first, name), (second, other) in pairwise(known):
        if _PER.fullmatch(text[first.end : second.start]) and name != other:
            return name, other
    names = [name for _, name in known]
    named = [name for name in names if name != "time"] or names  # ``Min`` is a minute, too
    return (named[0],)


def _plain(term: str) -> str:
    return "parameters" if term in {"layer-parameters", "total-parameters"} else term


def read_columns(page: Page) -> list[Column]:
    """Read the tables whose rows are named, and each of their columns that holds numbers of one quantity."""
    found = []
    for grid in page.grids:
        own = list(_upright(grid)) or list(_lying(grid))
        splits = frozenset(one.id for one in vocabulary.find("split", caption(page, grid))) if own else frozenset()
        found += [column if column.splits else replace(column, splits=splits) for column in own]
    return found


def caption(page: Page, grid: Grid) -> str:
    """The caption of a table: the text before its head or behind its last row that begins as one."""
    for at in (grid.at[0] - 2, grid.at[-1] + 1):
        text = page.blocks[at].text if 0 <= at < len(page.blocks) else ""
        if _CAPTION.match(text):
            return text
    return ""


def _upright(grid: Grid) -> Iterator[Column]:
    if not grid.regular or not 2 <= len(grid.rows) <= _MOST_ROWS:
        return
    at = _name_column(grid)
    if at is None:
        return
    rows = [row for row in range(len(grid.rows)) if not _is_aggregate(grid.rows[row][at])]
    names = tuple(grid.rows[row][at].strip() for row in rows)
    if len(set(names)) < len(names) or not all(names) or len(names) < 2:
        return
    for index in range(grid.width):
        if index != at:
            cells = tuple(_measure(grid, row, index) for row in rows)
            others = tuple(tuple(_measure(grid, row, other) for other in range(grid.width)) for row in rows)
            yield from _column(grid, grid.head[index], grid.head[at], names, cells, others)


def _name_column(grid: Grid) -> int | None:
    """The first column whose cells are words; else the first one, where it holds the values of a setting."""
    for index in range(min(grid.width, 3)):
        worded = [row for row in grid.rows if re.search(r"[^\W\d]", row[index]) and read_cell(row[index]) is None]
        if 2 * len(worded) > len(grid.rows):
            return index
    return 0 if any(read_cell(row[0]) for row in grid.rows) and not quantity_of(grid.head[0]) else None


def _lying(grid: Grid) -> Iterator[Column]:
    """A table whose rows are quantities and whose columns are the things."""
    if not grid.regular or len(grid.head) < 3 or any(quantity_of(head) for head in grid.head[1:]):
        return
    at = [index for index in range(1, grid.width) if not _is_aggregate(grid.head[index])]
    names = tuple(grid.head[index].strip() for index in at)
    if len(set(names)) < len(names) or not all(names) or len(names) < 2:
        return
    for row in range(len(grid.rows)):
        cells = tuple(_measure(grid, row, index) for index in at)
        others = tuple(tuple(_measure(grid, other, index) for other in range(len(grid.rows))) for index in at)
        yield from _column(grid, grid.rows[row][0], grid.head[0], names, cells, others)


def _column(
    grid: Grid,
    head: str,
    key: str,
    names: tuple[str, ...],
    cells: tuple[Cell | None, ...],
    others: tuple[tuple[Cell | None, ...], ...],
) -> Iterator[Column]:
    quantity = quantity_of(head)
    known = [cell for cell in cells if cell is not None]
    if not quantity or len(known) < 2 or vocabulary.find("derived", head):
        return
    units = Counter(cell.unit.replace("k", "").replace("K", "").replace("M", "").replace("B", "") for cell in known)
    shares = {cell.value <= 1 for cell in known if cell.value}
    mixed = quantity[0] in {"accuracy", "error-rate", "precision", "recall", "f1"} and len(shares) > 1
    small = quantity == ("parameters",) and any(cell.value < _LEAST_PARAMETERS for cell in known) and not units["M"]
    scaled = quantity == ("parameters",) and re.search(r"[(\[]\s*(?:M|k|in|×)", head)
    if len(units) > 1 or mixed or (small and not scaled):
        return
    splits = frozenset(found.id for found in vocabulary.find("split", head))
    if not any(cell.rounded for cell in known):
        yield Column(grid, head, quantity, splits, key, names, cells, others)


def _measure(grid: Grid, row: int, index: int) -> Cell | None:
    """The number of a cell, whatever stands behind it in brackets or as its spread."""
    text = grid.rows[row][index] if index < len(grid.rows[row]) else ""
    return grid.cells[row][index] or read_cell(_BESIDE.sub("", text)) or read_cell(_EACH.sub("", text))


def _is_aggregate(name: str) -> bool:
    """Tell whether a row is a mean or a sum of the others: ``Average``, but not ``Average pooling``."""
    found = vocabulary.find("aggregate", name)
    return bool(found) and not narrowing(without(re.sub(r"\([^()]*\)", " ", name), found))


def without(text: str, spans: Iterable[Mention | vocabulary.Found]) -> str:
    """A text of the same length with some of its spans blank."""
    for span in spans:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def narrowing(text: str) -> list[str]:
    """The words that may narrow down what a comparison is about: all but those known not to."""
    return re.findall(r"[^\W\d_]+", without(text, vocabulary.find("plain", text)))
