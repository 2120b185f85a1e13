"""Shapes: tables of layers with the shapes that they take and give."""

import re
from collections.abc import Iterator
from math import prod

from reportgen.verification.claims.grids import Grid
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.ledger import Quantity, Rule, Source, Witness

_SHAPE = re.compile(r"\s*[\[(]\s*(?:-?1|None|N|B)\s*,((?:\s*\d+\s*,?)+)[\])]\s*")
_KEEPING = re.compile(r"relu|dropout|norm|softmax|identity|sigmoid|tanh", re.I)


def read_shapes(page: Page) -> Iterator[Statement]:
    """Yield what the rows of such tables prove of one another."""
    for grid in page.grids:
        yield from _chained(grid)


def _chained(grid: Grid) -> Iterator[Statement]:
    """A table of layers with the shapes that they take and give: what one gives, the next takes."""
    heads = [head.lower() for head in grid.head]
    columns = [
        next((at for at, head in enumerate(heads) if word in head and "shape" in head), None) for word in ("in", "out")
    ]
    if None in columns or not grid.regular:
        return
    taken, given = ([_SHAPE.fullmatch(row[column or 0]) for row in grid.rows] for column in columns)
    takes, gives = ([_sizes(match) for match in matches] for matches in (taken, given))
    if len(grid.rows) < 3 or not all(takes) or not all(gives):
        return
    broken = [
        row
        for row in range(1, len(grid.rows))
        if takes[row] != gives[row - 1] and prod(takes[row]) != prod(gives[row - 1])
    ]
    for row in range(len(grid.rows)):
        text, column = grid.blocks[row].text, columns[0] or 0
        start = text.find(grid.rows[row][column])
        end = start + len(grid.rows[row][column])
        # more than one break, and the rows are no chain
        wrong = broken == [row]
        before = gives[row - 1] if row else ()
        how = f"the row before gives {'×'.join(map(str, before))}" if row else "the first row"
        numbers = list(re.finditer(r"\d+", text[start:end]))[-len(takes[row]) :]
        for at, number in enumerate(numbers):
            same = not wrong or (len(before) == len(takes[row]) and before[at] == takes[row][at])
            known = wrong or (row and row not in broken)
            yield Statement(
                grid.blocks[row],
                start + number.start(),
                start + number.end(),
                Quantity.SHAPE,
                Rule.SHAPE_CHAIN,
                how,
                same if known else None,
                inside=True,
                expected="×".join(map(str, before)) or None,
                source=Source.DOCUMENT_TABLE,
                witnesses=frozenset({Witness.ROW, Witness.COLUMN, Witness.SIBLINGS}),
                decide=None if known else "the layer before",
                text=text[:200],
            )
        kept = bool(_KEEPING.search(grid.row_head(row))) and takes[row] == gives[row]
        last = text.find(grid.rows[row][columns[1] or 0], end)
        following = row + 1 < len(grid.rows) and row + 1 not in broken
        yield Statement(
            grid.blocks[row],
            last,
            last + len(grid.rows[row][columns[1] or 0]),
            Quantity.SHAPE,
            Rule.SHAPE_CHAIN,
            "what the next row takes" if following else "what the layer makes of its input",
            True if kept or following else None,
            source=Source.DOCUMENT_TABLE,
            decide="the layer's settings",
        )


def _sizes(match: re.Match[str] | None) -> tuple[int, ...]:
    return tuple(int(size) for size in re.findall(r"\d+", match[1])) if match else ()
