"""Plain text and LaTeX source read into blocks."""

import re

from reportgen.documents.blocks import Block, Place
from reportgen.documents.lines import Line, join_lines
from reportgen.documents.notation import squeeze, unfold_latex

_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s?\{[^{}]*\}(?:\[[^\]]*\]|\{[^{}]*\})?")
_SECTION = re.compile(r"\s*\\((?:sub)*)(?:section|paragraph|chapter)\*?\s?\{(.*)\}\s*\Z")
_CELL = re.compile(r"\t| {3,}|\s&\s|\s\|\s")
_DECORATED = re.compile(r"\s*([=#*_~-]{2,})\s*(\w[^=#*_~]*?)\s*\1\s*\Z")
_NARROW = re.compile(r"\t| {2,}|\s&\s|\s\|\s")
_SHORT = 16
"""Characters of a cell that two spaces may part from the next."""
_RULE = re.compile(r"[\s|+:=_-]{3,}\Z")


def read_text(text: str, cell: int | None = None) -> list[Block]:
    """Read plain text or LaTeX source; columns are apart by tabs, three spaces, ``&`` or ``|``."""
    lines = []
    for index, raw in enumerate(text.split("\n"), 1):
        place = Place(cell=cell, line=index)
        section = _SECTION.match(raw)
        if section:
            lines.append(Line(unfold_latex(section[2]), place, 0.0, heading=1 + len(section[1]) // 3))
            continue
        title = _DECORATED.match(raw)
        if title:
            lines.append(Line(unfold_latex(title[2]), place, 0.0, heading=3))
            continue
        plain = _ENVIRONMENT.sub(" ", raw.rstrip("\r")).replace("\\\\", " ")
        if _RULE.match(plain):
            continue
        plain = unfold_latex(plain)
        lines.append(Line(plain, place, float(len(plain.rstrip())), cells=_columns(plain)))
    return join_lines(lines)


def _columns(line: str) -> tuple[str, ...]:
    """Split a line into cells; two spaces part them only where there are many and all are short."""
    text = line.strip().strip("|")
    for pattern, least in ((_CELL, 2), (_NARROW, 4)):
        cells = tuple(squeeze(piece) for piece in pattern.split(text) if piece.strip())
        narrow = tuple(piece for cell in _NARROW.split(text) if (piece := squeeze(cell)))
        if len(cells) >= least:
            return narrow if len(narrow) >= 4 and all(len(piece) <= _SHORT for piece in narrow) else cells
    return ()
