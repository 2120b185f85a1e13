"""Plain text and LaTeX source read into blocks."""

import re
from dataclasses import replace

from reportgen.documents.blocks import Block, Place
from reportgen.documents.lines import Line, join_lines
from reportgen.documents.notation import squeeze, unfold_latex

_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s?\{[^{}]*\}(?:\[[^\]]{0,200}\]|\{[^{}]*\})?")
_SECTION = re.compile(r"\s*\\((?:sub)*)(?:section|paragraph|chapter)\*?\s?\{(.*)\}\s*\Z")
_CELL = re.compile(r"\t| {3,}|\s&\s|\s\|\s")
_DECORATED = re.compile(r"\s*([=#*_~-]{2,})\s*([^\W_][^=#*_~]*?)\s*\1\s*\Z")
_SPACED = re.compile(r"\S+(?: \S+)*")
"""A cell of columns that two spaces or more part."""
_NARROW = re.compile(r"\t| {2,}|\s&\s|\s\|\s")
_SHORT = 16
"""Characters of a cell that two spaces may part from the next."""
_LONGEST_ROW = 4_000
"""Characters of a printed row of columns."""
_TITLE = 200
"""Characters of a title between marks."""
_RULE = re.compile(r"[\s|+:=_-]{3,}\Z")


def read_text(text: str, cell: int | None = None) -> list[Block]:
    """Read plain text or LaTeX source; columns are apart by tabs, three spaces, ``&`` or ``|``."""
    lines = []
    blank = Line("", Place(cell=cell), 0.0)
    for index, raw in enumerate(text.split("\n"), 1):
        if not raw.strip():
            lines.append(blank)
            continue
        place = Place(cell=cell, line=index)
        section = _SECTION.match(raw)
        if section:
            lines.append(Line(unfold_latex(section[2]), place, 0.0, heading=1 + len(section[1]) // 3))
            continue
        title = _DECORATED.match(raw) if len(raw) <= _TITLE else None
        if title:
            lines.append(Line(unfold_latex(title[2]), place, 0.0, heading=3))
            continue
        plain = _ENVIRONMENT.sub(" ", raw.rstrip("\r")).replace("\\\\", " ")
        if _RULE.match(plain):
            continue
        plain = unfold_latex(plain)
        lines.append(Line(plain, place, float(len(plain.rstrip())), cells=_columns(plain)))
    return join_lines(lines)


def read_output(text: str, cell: int | None = None) -> list[Block]:
    """Read what a program printed: a line is a block, or a row where it has columns.

    Columns go on as they began: Keras lets a long name reach up to the next column, and puts the rest of it below.
    """
    lines: list[Line] = []
    starts: tuple[int, ...] = ()
    blank = Line("", Place(cell=cell), 0.0)
    for index, raw in enumerate(text.split("\n"), 1):
        plain = raw.rstrip()
        if not plain:
            lines.append(blank)
            continue
        title = _DECORATED.match(plain) if len(plain) <= _TITLE else None
        if title:
            lines.append(Line(title[2], Place(cell=cell, line=index), 0.0, heading=3))
            continue
        if _RULE.match(plain):
            continue
        cells: tuple[str, ...] = ()
        if len(plain) <= _LONGEST_ROW:
            cells = _as_before(plain, starts)
            if not cells:
                found = tuple(match.start() for match in _SPACED.finditer(plain))
                cells, starts = _columns(plain), found if len(found) > 2 else starts
        before = lines[-1] if lines else None
        if before and len(cells) < 2 and _is_rest(before, plain, starts, index):
            rest = (before.cells[0] + plain.strip(), *before.cells[1:])
            lines[-1] = replace(before, text="  ".join(rest), cells=rest)
            continue
        lines.append(Line(plain.strip(), Place(cell=cell, line=index), 0.0, cells=cells))
    return join_lines(lines, apart=True)


def _as_before(line: str, starts: tuple[int, ...]) -> tuple[str, ...]:
    """Split a line at the columns of the line before; empty where it has none there."""
    if len(starts) < 3 or len(line) <= starts[-1]:
        return ()
    if any(line[start] == " " for start in starts) or any(line[start - 1] != " " for start in starts[1:]):
        return ()
    return tuple(squeeze(line[start:end]) for start, end in zip(starts, (*starts[1:], len(line)), strict=True))


def _is_rest(before: Line, line: str, starts: tuple[int, ...], index: int) -> bool:
    """Tell whether a line is the rest of the first cell above, whose bracket is open."""
    return (
        len(before.cells) > 2
        and before.place.line == index - 1
        and before.cells[0].count("(") > before.cells[0].count(")")
        and len(starts) > 1
        and len(line) <= starts[1]
    )


def _columns(line: str) -> tuple[str, ...]:
    """Split a line into cells; two spaces part them only where there are many and all are short."""
    text = line.strip().strip("|")
    for pattern, least in ((_CELL, 2), (_NARROW, 4)):
        cells = tuple(squeeze(piece) for piece in pattern.split(text) if piece.strip())
        narrow = tuple(piece for cell in _NARROW.split(text) if (piece := squeeze(cell)))
        if len(cells) >= least:
            return narrow if len(narrow) >= 4 and all(len(piece) <= _SHORT for piece in narrow) else cells
    return ()
