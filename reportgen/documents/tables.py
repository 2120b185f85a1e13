"""Tables: cells that cover several rows or columns spread over them, and what stands at the head of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportgen.documents.blocks import Block, Place

MAX_COLUMNS = 200
MAX_CELLS = 100_000
"""Cells of a table, those that are spread counted as often as they stand."""


@dataclass(frozen=True)
class Cell:
    """A cell as written; it covers ``rows`` rows and ``columns`` columns."""

    text: str
    rows: int = 1
    columns: int = 1
    is_head: bool = False


def table_rows(rows: Sequence[Sequence[Cell]], places: Sequence[Place], number: int) -> list[Block]:
    """Return the rows of table ``number``, each with a cell a column.

    A cell that covers more stands in each place that it covers; its copies have the span (0, 0) and are left out of
    the row's text.
    """
    below: dict[int, tuple[Cell, int]] = {}
    blocks: list[Block] = []
    count = 0
    for index, (row, place) in enumerate(zip(rows, places, strict=True)):
        cells: list[Cell] = []
        spans: list[tuple[int, int]] = []
        written = iter(row)
        while len(cells) < MAX_COLUMNS and count < MAX_CELLS:
            column = len(cells)
            count += 1
            if column in below:
                cell, left = below.pop(column)
                cells.append(cell)
                spans.append((0, 0))
                if left > 1:
                    below[column] = (cell, left - 1)
                continue
            found = next(written, None)
            if found is None:
                if below and column < max(below):
                    cells.append(Cell(""))
                    spans.append((1, 1))
                    continue
                break
            across = min(found.columns, MAX_COLUMNS - column)
            down = min(found.rows, len(rows) - index)
            for at in range(column, column + across):
                cells.append(found)
                spans.append((down, across) if at == column else (0, 0))
                if down > 1:
                    below[at] = (found, down - 1)
        if cells:
            blocks.append(_row(cells, spans, place, number))
    return blocks


def _row(cells: Sequence[Cell], spans: Sequence[tuple[int, int]], place: Place, number: int) -> Block:
    head = next((at for at, cell in enumerate(cells) if not cell.is_head), len(cells))
    text = "  ".join(cell.text for cell, span in zip(cells, spans, strict=True) if span != (0, 0))
    level = int(head == len(cells))
    spread = any(span != (1, 1) for span in spans)
    texts = tuple(cell.text for cell in cells)
    return Block("row", text, place, level, texts, number, tuple(spans) if spread else (), 0 if level else head)
