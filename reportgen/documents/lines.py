"""Lines of text joined into paragraphs and list items: what PDFs and plain text have instead of structure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reportgen.documents.blocks import Block, Place
from reportgen.documents.notation import squeeze

_BULLET = re.compile(r"\s*(?:[●•○▪◦‣■□∙·*+–—-]|o(?=\t))\s+(?=\S)")
_NUMBERED = re.compile(r"\s*(?:\(?\d{1,2}[.)]|\(?[a-z][.)])\s+(?=\S)")
_OPEN_END = re.compile(r"(?:[-+*/×·÷=≈^(,]|\bmod)\s*\Z")
_OPEN_START = re.compile(r"\s*(?:&\s*)?(?:[+*/×·÷=≈^)%](?=[\s\d(])|[-−](?=\s*\d))")
_OPERATOR_END = re.compile(r"[\w)]\s?[+*×·÷=]\Z")
_OPERAND_START = re.compile(r"\s*[\d(]")
_FULL = 0.82
"""Part of the widest line that a line reaches when its paragraph goes on."""


@dataclass(frozen=True)
class Line:
    """One line as it stands; ``right`` is where it ends and ``size`` how high its letters are, in any unit."""

    text: str
    place: Place
    right: float
    size: float = 0.0
    heading: int = 0
    """Level of the heading that the line is; 0 for none."""
    cells: tuple[str, ...] = ()
    picture: Block | None = None
    """A picture that stands between the lines; the rest is empty then."""
    bold: bool = False


def join_lines(lines: Sequence[Line], apart: bool = False) -> list[Block]:
    """Join lines into blocks. Lines with two cells or more become rows; rows that follow one another, a table.

    Args:
        lines: the lines, in reading order.
        apart: a program printed them: they are joined only where a sum or product goes on.
    """
    blocks: list[Block] = []
    pending: list[Line] = []
    width = max((line.right for line in lines), default=0.0)
    table = 0
    in_table = False
    width_before = 0
    for line in lines:
        if line.picture:
            blocks.extend(_flush(pending))
            blocks.append(line.picture)
            in_table = False
        elif not line.text.strip():
            blocks.extend(_flush(pending))
        elif len(line.cells) > 1 and not _BULLET.match(line.text):
            blocks.extend(_flush(pending))
            table += not (in_table and abs(len(line.cells) - width_before) <= 1)
            in_table, width_before = True, len(line.cells)
            blocks.append(Block("row", "  ".join(line.cells), line.place, cells=line.cells, table=table))
        else:
            if not (pending and (_goes_on if apart else _continues)(pending[-1], line, width)):
                blocks.extend(_flush(pending))
            in_table = False
            pending.append(line)
    blocks.extend(_flush(pending))
    return blocks


def _goes_on(before: Line, line: Line, _width: float) -> bool:
    return bool(_OPERATOR_END.search(before.text) and _OPERAND_START.match(line.text))


def _continues(before: Line, line: Line, width: float) -> bool:
    if before.heading or line.heading:
        return before.heading == line.heading and before.size == line.size and before.right >= width * _FULL
    if max(before.text.count("&"), line.text.count("&")) > 1 and not _OPEN_START.match(line.text):
        return False  # a row of a LaTeX table or matrix
    if _OPEN_END.search(before.text) or (_OPEN_START.match(line.text) and not _BULLET.match(line.text)):
        return True
    if _BULLET.match(line.text) or _NUMBERED.match(line.text):
        return False
    return before.right >= width * _FULL and abs(before.size - line.size) <= 0.05 * max(before.size, 1)


def _flush(pending: list[Line]) -> Iterable[Block]:
    if not pending:
        return ()
    first = pending[0]
    text = " ".join(squeeze(line.text) for line in pending)
    pending.clear()
    bullet = _BULLET.match(text)
    if first.heading:
        return (Block("heading", text, first.place, first.heading),)
    if bullet:
        return (Block("item", text[bullet.end() :], first.place),)
    return (Block("text", text, first.place),)
