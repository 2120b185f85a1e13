"""Tables as rows of cells: their heads, their numbers, and the sums that a last row or column promises."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reportgen.documents.blocks import Block
from reportgen.verification.claims.arithmetic import Number, read_number
from reportgen.verification.claims.outline import Context
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict

_NUMBER = re.compile(r"[-−+]?\d[\d,.\u2009\u202f\u00a0]*(?:[eE][-+]?\d+)?")
_TOTAL = re.compile(r"\s*(?:grand\s+|sub\s*)?(?:totals?|sum|all|overall|Σ)\b", re.I)
_SUMMED = re.compile(r"param|trainable|count|support|images|samples|total|macs?\b|weights|number", re.I)


@dataclass(frozen=True)
class Row:
    """A row of a table."""

    block: Block
    context: Context
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table, its head apart where it has one."""

    head: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def context(self) -> Context:
        """Context of the first row."""
        return self.rows[0].context

    def column(self, pattern: str) -> int | None:
        """Index of the first column whose head matches; None where there is none."""
        return next((index for index, cell in enumerate(self.head) if re.search(pattern, cell, re.I)), None)

    def cell(self, row: Row, index: int) -> str:
        """A cell under a head, counted from the right where a row has one cell more or less than the head."""
        shift = len(row.cells) - len(self.head) if self.head else 0
        at = index + shift
        return row.cells[at] if abs(shift) <= 1 and 0 <= at < len(row.cells) else ""


def gather(placed: Iterable[tuple[Block, Context]]) -> list[Table]:
    """Collect the tables of a document."""
    groups: list[list[Row]] = []
    last: tuple[int | None, int] | None = None
    for block, context in placed:
        if block.kind != "row":
            last = None
            continue
        if (block.place.cell, block.table) != last:
            groups.append([])
            last = (block.place.cell, block.table)
        groups[-1].append(Row(block, context, block.cells))
    return [table for group in groups if (table := _table(group))]


def _table(rows: Sequence[Row]) -> Table | None:
    heads = 0
    while heads < len(rows) and (rows[heads].block.level or (heads == 0 and _worded(rows[0].cells))):
        heads += 1
    if heads == len(rows):
        return None
    head = rows[heads - 1].cells if heads else ()
    return Table(head, tuple(rows[heads:]))


def _worded(cells: Sequence[str]) -> bool:
    return not any(whole_number(cell) is not None or decimal(cell) for cell in cells[1:])


def whole_number(cell: str) -> int | None:
    """Read a cell that holds one whole number and nothing else."""
    number = decimal(cell)
    plain = number is not None and "%" not in cell and number.value.denominator == 1 and not number.decimals
    return int(number.value) if number and plain else None


def decimal(cell: str) -> Number | None:
    """Read a cell that holds one number, perhaps with a percent sign, and nothing else."""
    text = cell.strip().strip("*").removesuffix("%").strip()
    if not _NUMBER.fullmatch(text):
        return None
    negative = text[:1] in {"-", "−"}
    number = read_number(text.lstrip("+-−"))
    return Number(-number.value, number.step, number.decimals) if number and negative else number


def check_totals(table: Table, findings: Findings) -> None:
    """Hold the last row of a table against the sum of its columns where it calls itself a total."""
    body, total = table.rows[:-1], table.rows[-1]
    if len(body) < 2 or not total.cells or not _TOTAL.match(total.cells[0]) or not table.head:
        return
    if len(total.cells) != len(table.head) or any(_TOTAL.match(row.cells[0]) for row in body if row.cells):
        return
    for index in range(1, len(table.head)):
        if not _SUMMED.search(table.head[index]):
            continue
        printed = whole_number(total.cells[index])
        cells = [row.cells[index] for row in body if len(row.cells) == len(table.head)]
        numbers = [0 if cell.strip() in {"", "-", "–", "—"} else whole_number(cell) for cell in cells]
        if printed is None or len(cells) != len(body) or any(number is None for number in numbers):
            continue
        terms = [number for number in numbers if number is not None]
        expected = sum(terms)
        findings.add(
            "table-total",
            Verdict.VERIFIED if expected == printed else Verdict.CONTRADICTED,
            total.block,
            f"{table.head[index]}: {total.cells[index]}",
            "the sum of its column: " + " + ".join(f"{term:,}" for term in terms if term),
            expected=f"{expected:,}",
            found=f"{printed:,}",
            experiment=total.context.part,
        )


def as_share(number: Number, text: str) -> tuple[Fraction, Fraction]:
    """Read an accuracy as a part of 1, with half the unit of its last place: ``97.31 %``, ``97.31`` or ``0.9731``."""
    step = Fraction(1, 10**number.decimals)
    scale = 100 if "%" in text or number.value > 1 else 1
    return number.value / scale, step / scale / 2
