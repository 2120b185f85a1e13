"""Pieces of text on PDF pages put together: lines, columns of tables, headings, heads and feet of pages."""

import re
from collections.abc import Sequence
from dataclasses import replace

from reportgen.documents.blocks import Block, Place
from reportgen.documents.lines import Line, join_lines
from reportgen.documents.notation import squeeze, unfold_latex
from reportgen.documents.pdf_characters import Piece

_COMMON = 0.12
"""Part of all characters from which on a size of letters is a size of running text and of no heading."""
_LARGER = 1.08
"""How much larger than running text headings are."""
_PARAGRAPH = 60
"""Characters of a line that is no heading."""
_MARKS = frozenset("●•○▪◦‣■□∙·–-")
"""Bullets that stand alone because the PDF draws them apart from their items."""
_STOPWORD = re.compile(r"(?i:(?:the|of|with|on|a|an|in|and|is|are|to|for|it|as|by|we|that|which|from)[,;]?)")
_EDGE = 3
"""Lines at the top and at the bottom of a page that may be its head and foot."""
_SECTION = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+[^\W\d_a-z][^=]{1,90}(?<![.,;:])\Z")
"""A numbered heading: LaTeX sets its number apart from its title, as if they were columns."""
_TITLE = re.compile(r"[^\W\d_a-z][^=:]{1,70}(?<![.,;])\Z")


def page_lines(pieces: Sequence[Piece], number: int) -> list[tuple[float, Line]]:
    """Return the lines of page ``number`` as (upper edge, line)."""
    rows: list[list[Piece]] = []
    for piece in pieces:
        row = rows[-1] if rows else None
        if row and _same_line(row[-1], piece) and not any(_overlap(other, piece) for other in row):
            row.append(piece)
        else:
            rows.append([piece])
    return [
        (row[0].top, _line(sorted(row, key=lambda piece: piece.left), number, index))
        for index, row in enumerate(rows, 1)
    ]


def _line(row: Sequence[Piece], page: int, number: int) -> Line:
    cells = tuple(text for piece in row if (text := squeeze(unfold_latex(piece.text))))
    if len(cells) > 2 and any(_STOPWORD.fullmatch(cell) for cell in cells):
        cells = (" ".join(cells),)  # words of a justified line, far apart
    place = Place(page=page, line=number)
    bold = all(piece.bold for piece in row)
    return Line(" ".join(cells), place, row[-1].right, row[0].size, cells=cells, bold=bold)


def _same_line(before: Piece, piece: Piece) -> bool:
    middle = (piece.bottom + piece.top) / 2
    return before.bottom <= middle <= before.top or piece.bottom <= (before.bottom + before.top) / 2 <= piece.top


def _overlap(one: Piece, other: Piece) -> bool:
    return min(one.right, other.right) - max(one.left, other.left) > 1


def join_pages(pages: Sequence[Sequence[Line]], running: list[Block]) -> list[Block]:
    """Join the lines of each page into blocks; heads and feet of pages go into ``running``."""
    levels, body = _sizes([line for lines in pages for line in lines])
    repeated = _repeated(pages)
    blocks: list[Block] = []
    for lines in pages:
        kept = []
        for index, line in enumerate(lines):
            edge = index < _EDGE or index >= len(lines) - _EDGE
            if line.text and edge and (_masked(line.text) in repeated or line.text.strip() == str(line.place.page)):
                running.append(Block("text", line.text, line.place))
                continue
            if line.text.strip() in _MARKS:
                continue
            kept.append(_headed(line, levels, body))
        blocks.extend(join_lines(kept))
    return blocks


def _sizes(lines: Sequence[Line]) -> tuple[list[float], float]:
    """Return the sizes of headings, the largest first, and the size of running text."""
    lengths: dict[float, int] = {}
    running: set[float] = set()
    for line in lines:
        size = round(line.size, 1)
        lengths[size] = lengths.get(size, 0) + len(line.text)
        if len(line.text) >= _PARAGRAPH or line.text.endswith("."):
            running.add(size)
    if not lengths:
        return [], 0.0
    total = sum(lengths.values())
    body = max(lengths, key=lambda size: lengths[size])
    common = max([body, *(size for size in running if lengths[size] > _COMMON * total)])
    return sorted((size for size in lengths if size > _LARGER * common), reverse=True), body


def _headed(line: Line, levels: Sequence[float], body: float) -> Line:
    """Mark a line as a heading by its size, or by its bold letters and its number."""
    size = round(line.size, 1)
    numbered = _SECTION.match(line.text) if len(line.cells) <= 2 else None
    if not line.text or (len(line.cells) > 1 and not (numbered and line.cells[0].rstrip(".") == numbered[1])):
        return line
    if size in levels:
        return replace(line, heading=1 + levels.index(size), cells=())
    if line.bold and size >= body and len(line.text.split()) <= 12 and (numbered or _TITLE.match(line.text)):
        depth = numbered[1].count(".") if numbered else 0
        return replace(line, heading=1 + len(levels) + depth, cells=())
    return line


def _repeated(pages: Sequence[Sequence[Line]]) -> set[str]:
    """Texts that stand first or last on most pages: running heads and feet."""
    if len(pages) < 3:
        return set()
    seen: dict[str, int] = {}
    for lines in pages:
        edge = {_masked(line.text) for line in (*lines[:_EDGE], *lines[-_EDGE:])}
        for text in edge:
            seen[text] = seen.get(text, 0) + 1
    return {text for text, times in seen.items() if times > 0.6 * len(pages) and text}


def _masked(text: str) -> str:
    return re.sub(r"\d+", "#", " ".join(text.split()))
