"""Tables: rows of cells, each with the head of its row and of its column."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from reportgen.documents.blocks import Block
from reportgen.documents.numbers import Number
from reportgen.documents.tokens import tokenize

_NUMBER = re.compile(
    r"\s*[~≈<>≤≥$*+±−–-]{0,3}\s*(?P<n>\d[\d,.'’\u2009\u202f\u00a0]*(?:[eE][-+]?\d+)?)\s*(?P<unit>[%‰]|[kKMB](?![\w])|s|ms|h|x|×|pp)?\s*[*$]{0,2}\s*"
)
_SCALES = {"k": 1000, "K": 1000, "M": 10**6, "B": 10**9}
_DATA = re.compile(r"[\s(\[{#±+~≈-]*\d.*|.*=.*", re.S)


@dataclass(frozen=True)
class Cell:
    """One cell with a number and nothing else, and where it stands in the text of its row."""

    number: Number
    text: str
    unit: str
    start: int
    end: int
    rounded: bool
    """It says itself that it is about so much."""

    @property
    def value(self) -> Fraction:
        """The number as printed; of ``1.2M``, 1,200,000."""
        return self.number.value * _SCALES.get(self.unit, 1)

    @property
    def half(self) -> Fraction:
        """Half the unit of its last printed place."""
        return self.number.half * _SCALES.get(self.unit, 1)


@dataclass(frozen=True)
class Grid:
    """A table: the cells of its head, those of its rows, and the index of each row's block."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    at: tuple[int, ...]
    blocks: tuple[Block, ...]

    @cached_property
    def cells(self) -> tuple[tuple[Cell | None, ...], ...]:
        """The numbers of each row; None for a cell that is not just a number."""
        return tuple(tuple(_cells(row, block)) for row, block in zip(self.rows, self.blocks, strict=True))

    @property
    def width(self) -> int:
        """Columns."""
        return len(self.head) or max(map(len, self.rows), default=0)

    @property
    def regular(self) -> bool:
        """Every row has a cell under each head."""
        return bool(self.head) and all(len(row) == len(self.head) for row in self.rows)

    def column(self, index: int) -> list[Cell | None]:
        """The numbers of a column."""
        return [row[index] if index < len(row) else None for row in self.cells]

    def row_head(self, row: int) -> str:
        """The words that a row begins with."""
        return self.rows[row][0] if self.rows[row] else ""


def _cells(row: Sequence[str], block: Block) -> Iterator[Cell | None]:
    at = 0
    for cell in row:
        start = block.text.find(cell, at) if cell else at
        if start < 0:
            yield None
            continue
        at = start + len(cell)
        yield read_cell(cell, start)


def read_cell(text: str, start: int = 0) -> Cell | None:
    """Read a cell that holds one number and at most a unit; None where it holds anything else."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    printed = match["n"].rstrip(",.")
    if re.fullmatch(r"\d+,\d{1,2}|\d+,\d{4,}", printed):
        printed = printed.replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", printed):
        printed = printed.replace(".", "")
    tokens = tokenize(printed)
    if len(tokens) != 1 or tokens[0].kind != "number" or tokens[0].number is None:
        return None
    rounded = bool(re.search(r"[~≈<>≤≥±]", text))
    return Cell(
        tokens[0].number, text.strip(), match["unit"] or "", start + match.start("n"), start + match.end("n"), rounded
    )


def gather(blocks: Iterable[Block]) -> Iterator[Grid]:
    """Collect the tables of a document: rows that follow one another."""
    rows: list[tuple[int, Block]] = []
    last: tuple[int | None, int] | None = None
    for at, block in enumerate(blocks):
        key = (block.place.cell, block.table) if block.kind == "row" else None
        if rows and key != last:
            yield _grid(rows)
            rows = []
        if key is not None:
            rows.append((at, block))
        last = key
    if rows:
        yield _grid(rows)


def _grid(rows: Sequence[tuple[int, Block]]) -> Grid:
    first = rows[0][1]
    headed = len(rows) > 1 and (
        (first.level and not all(_DATA.fullmatch(cell) for cell in first.cells[1:] or ("0",)))
        or not any(_DATA.fullmatch(cell) for cell in first.cells)
    )
    head = first.cells if headed else ()
    data = rows[1:] if headed else rows
    # a LaTeX table that was parted at its spaces keeps its marks
    head = tuple(cell.strip("& ") for cell in head)
    if head and len(head) == len(data[0][1].cells) - 1:
        head = ("", *head)
    return Grid(
        head,
        tuple(tuple(cell.strip("& ") for cell in block.cells) for _, block in data),
        tuple(at for at, _ in data),
        tuple(block for _, block in data),
    )
