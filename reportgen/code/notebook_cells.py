"""The cells of a notebook that hold code."""

import json
import re

_PYTHON_CELL = re.compile(r"%%(?:time|timeit|capture|prun)\b")


def code_cells(content: bytes) -> list[tuple[int, str]] | None:
    """The code cells of a notebook with their numbers among all cells; None where the file is none."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content.lstrip()[:1] != b"{":
        return None
    try:
        book = json.loads(content)
        cells = book["cells"] if "cells" in book else book["worksheets"][0]["cells"]
        code = [(number, cell) for number, cell in enumerate(cells, 1) if cell.get("cell_type") == "code"]
        return [(number, _python("".join(cell.get("source", cell.get("input", ""))))) for number, cell in code]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return None


def _python(cell: str) -> str:
    """A cell of a notebook; one of another language as comments."""
    first = cell.lstrip().partition("\n")[0]
    if not first.startswith("%%") or _PYTHON_CELL.match(first):
        return cell
    return "\n".join(f"# {line}" for line in cell.split("\n"))
