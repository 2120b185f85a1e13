"""Tables that a notebook's cells printed: columns of numbers under their heads, as pandas writes them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

_VALUE = re.compile(r"(?<!\S)[-+]?(?P<n>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)%?(?!\S)")
_NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w,])|(?<![\w.,])\d+(?:\.\d+)?(?!\d|\.\d|,\d{3})")
_LEAST = 3
"""Columns of a table."""
MAX_OUTPUT = 200_000
"""Characters of one output that are looked at."""


@dataclass(frozen=True)
class PrintedTable:
    """Numbers in columns, each with the words above it."""

    head: tuple[str, ...]
    rows: tuple[tuple[Fraction, ...], ...]
    where: str
    """File and cell."""


@dataclass(frozen=True)
class Printed:
    """What the notebooks beside a document printed."""

    texts: tuple[tuple[str, str], ...]
    """Where, and what."""

    @cached_property
    def tables(self) -> tuple[PrintedTable, ...]:
        """The tables, in their order."""
        return tuple(table for where, text in self.texts for table in _tables(text.split("\n"), where))

    @cached_property
    def numbers(self) -> frozenset[Fraction]:
        """Every number that was printed anywhere."""
        return frozenset(
            Fraction(match[0].replace(",", "")) for _, text in self.texts for match in _NUMBER.finditer(text)
        )


def read_printed(files: Mapping[str, bytes]) -> Printed:
    """Collect what the code cells of notebooks printed; cells are counted from 1, those of text too."""
    return Printed(tuple(found for name, content in files.items() for found in _outputs(name, content)))


def _outputs(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    if not name.lower().endswith(".ipynb"):
        return
    try:
        cells = json.loads(content)["cells"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return  # that it can't be read is told where it is read as code
    for number, cell in enumerate(cells if isinstance(cells, list) else [], 1):
        outputs = cell.get("outputs") if isinstance(cell, dict) else None
        for output in outputs if isinstance(outputs, list) else []:
            yield f"{name}:cell {number}", _text(output)[:MAX_OUTPUT]


def _text(output: Any) -> str:
    if not isinstance(output, dict):
        return ""
    data = output.get("data")
    text = output.get("text") or (data.get("text/plain") if isinstance(data, dict) else None)
    return "".join(map(str, text)) if isinstance(text, list) else str(text or "")


def _tables(lines: list[str], where: str) -> Iterator[PrintedTable]:
    """Runs of lines whose numbers end in the same columns, under a line that ends there, too."""
    at = 0
    while at < len(lines):
        ends = _ends(lines[at])
        last = at
        while len(ends) >= _LEAST and last + 1 < len(lines) and _ends(lines[last + 1]) == ends:
            last += 1
        if len(ends) >= _LEAST and at:
            head = _head(lines[at - 1].rstrip(), ends)
            if head:
                rows = (tuple(_values(line)) for line in lines[at : last + 1])
                yield PrintedTable(head, tuple(rows), where)
        at = last + 1


def _ends(line: str) -> tuple[int, ...]:
    """Where the numbers of a line end, if it has nothing else."""
    if len(line) > 1000 or not line.strip() or _VALUE.sub("", line).strip():
        return ()
    return tuple(match.end() for match in _VALUE.finditer(line))


def _values(line: str) -> Iterator[Fraction]:
    return (Fraction(match["n"].replace(",", "")) for match in _VALUE.finditer(line))


def _head(line: str, ends: tuple[int, ...]) -> tuple[str, ...]:
    """The words above each column; empty where they don't end with it."""
    if len(line) != ends[-1] or any(line[end - 1] == " " or line[end : end + 1] not in {"", " "} for end in ends):
        return ()
    return tuple(line[start:end].strip() for start, end in zip((0, *ends), ends, strict=False))
