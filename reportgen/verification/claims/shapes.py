"""Shapes: tables of layers with the shapes that they take and give, and what is reshaped."""

import re
from collections.abc import Iterator
from math import prod

from reportgen.verification.claims.grids import Grid
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Modality, Statement
from reportgen.verification.ledger import Quantity, Rule, Source, Witness

_SHAPE = re.compile(r"\s*[\[(]\s*(?:-?1|None|N|B)\s*,((?:\s*\d+\s*,?)+)[\])]\s*")
_RESHAPED = re.compile(
    r"\b(?:reshap|flatten|unflatten|umgeformt)\w*[^.;:\n]{0,60}?\b(?:from|von)\s+[\[(]?(?P<a>\d{1,6}(?:\s?[,x×*]\s?\d{1,5}){0,3})[\])]?\s+"
    r"(?:in)?to\s+(?:an?\s)?[\[(]?(?P<b>\d{1,6}(?:\s?[,x×*]\s?\d{1,5}){0,3})[\])]?(?![\w]|[.,]\d|\s?[x×*]|\s?%)",
    re.I,
)
_NEAR = 10
"""Part by which two sizes differ at most where a slip is sure; else one of them may be a batch's, or another thing."""
_KEEPING = re.compile(r"relu|dropout|norm|softmax|identity|sigmoid|tanh", re.I)


def read_shapes(page: Page) -> Iterator[Statement]:
    """Yield what the rows of such tables prove of one another, and what two shapes of the same numbers do."""
    for grid in page.grids:
        yield from _chained(grid)
    for at, block in enumerate(page.blocks):
        for match in _RESHAPED.finditer(block.text) if block.kind != "picture" and page.stream.of(at) else ():
            yield from _reshaped(page, at, match)


def _reshaped(page: Page, at: int, match: re.Match[str]) -> Iterator[Statement]:
    """``Reshaped from 784 to 28x28x1``: a vector and an image have as many numbers, whatever their order.

    From image to image the word is used for a change of size, too, so one of the two must be a vector.
    """
    before, after = ([int(size) for size in re.findall(r"\d+", match[group])] for group in "ab")
    numbers = prod(before), prod(after)
    if (len(before) == 1) == (len(after) == 1) or min(numbers) < _NEAR:
        return
    near = abs(numbers[0] - numbers[1]) * _NEAR <= max(numbers)
    vector = "a" if len(before) == 1 else "b"
    image = numbers[1] if vector == "a" else numbers[0]
    yield Statement(
        page.blocks[at],
        *match.span(vector),
        Quantity.SHAPE,
        Rule.ARITHMETIC,
        f"{'×'.join(map(str, after if vector == 'a' else before))} is {image:,} numbers",
        numbers[0] == numbers[1],
        inside=True,
        expected=f"{image:,}",
        source=Source.ARITHMETIC,
        witnesses=frozenset({Witness.SPAN}),
        modality=page.sentence(at, match.start()).modality,
        decide=None if near and page.sentence(at, match.start()).modality is Modality.ASSERTED else "what is counted",
    )


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
