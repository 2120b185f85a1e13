"""PDFs read into blocks: PDFium gives each character with its box; lines, columns and headings follow from them."""

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pypdfium2 as pdfium
from pypdfium2 import raw

from reportgen.documents.blocks import MAX_BLOCKS, MAX_BYTES, Block, Document, Place
from reportgen.documents.lines import Line, join_lines
from reportgen.documents.notation import squeeze, unfold_latex
from reportgen.documents.numbers import GROUPING_SPACES
from reportgen.errors import UnreadableError

MAX_PAGES = 300
MAX_PAGE_CHARACTERS = 60_000
_GAP = 0.9
"""Space between two characters that parts columns, in units of the letters' height."""
_COMMON = 0.12
"""Part of all characters from which on a size of letters is a size of running text and of no heading."""
_MARKS = frozenset("●•○▪◦‣■□∙·–-")
"""Bullets that stand alone because the PDF draws them apart from their items."""
_STOPWORD = re.compile(r"(?i:(?:the|of|with|on|a|an|in|and|is|are|to|for|it|as|by|we|that|which|from)[,;]?)")
_EDGE = 3
"""Lines at the top and at the bottom of a page that may be its head and foot."""
_PICTURE_AREA = 0.02
"""Part of the page that a picture covers at least; smaller ones are ornaments."""


@dataclass(frozen=True)
class _Piece:
    """Characters of one line that stand together, in points from the page's lower left."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float


def read_pdf(content: bytes, source: str) -> Document:
    """Read a PDF.

    Raises:
        UnreadableError: it is encrypted or broken.
    """
    try:
        pdf = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        reason = "it is encrypted. Give a copy without a password" if "assword" in str(error) else f"{error}"
        raise UnreadableError(f"cannot read {source}: {reason}.") from None
    try:
        problems = []
        count = len(pdf)
        if count > MAX_PAGES:
            problems.append(f"only the first {MAX_PAGES} of {count:,} pages were read")
        lines: list[list[Line]] = []
        for index in range(min(count, MAX_PAGES)):
            try:
                page = pdf[index]
            except pdfium.PdfiumError:
                problems.append(f"page {index + 1} is broken and was not read")
                continue
            found, cut = _page_lines(page, index + 1)
            if cut:
                problems.append(
                    f"page {index + 1} has more than {MAX_PAGE_CHARACTERS:,} characters; the rest is unread"
                )
            lines.append(_with_pictures(found, _pictures(page, index + 1)))
            page.close()
        running: list[Block] = []
        blocks = _blocks(lines, running)
        return Document(
            source,
            "pdf",
            tuple(blocks[:MAX_BLOCKS]),
            _attachments(pdf, problems),
            count,
            tuple(problems),
            tuple(running),
        )
    finally:
        pdf.close()


def _attachments(pdf: pdfium.PdfDocument, problems: list[str]) -> dict[str, bytes]:
    attachments: dict[str, bytes] = {}
    total = 0
    for index in range(min(pdf.count_attachments(), 50)):
        name = f"attachment {index + 1}"
        try:
            attachment = pdf.get_attachment(index)
            name = attachment.get_name()
            data = bytes(attachment.get_data())
        except pdfium.PdfiumError:
            problems.append(f"{name} can't be read")
            continue
        total += len(data)
        if total > MAX_BYTES:
            problems.append(f"{name} was not read: the attachments have more than {MAX_BYTES:,} bytes")
            break
        attachments[name] = data
    return attachments


def _page_lines(page: pdfium.PdfPage, number: int) -> tuple[list[tuple[float, Line]], bool]:
    """Return the lines of a page as (upper edge, line), and whether some were left out."""
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        pieces = list(_pieces(text_page.raw, min(count, MAX_PAGE_CHARACTERS)))
    finally:
        text_page.close()
    rows: list[list[_Piece]] = []
    for piece in pieces:
        row = rows[-1] if rows else None
        if row and _same_line(row[-1], piece) and not any(_overlap(other, piece) for other in row):
            row.append(piece)
        else:
            rows.append([piece])
    lines = [
        (row[0].top, _line(sorted(row, key=lambda piece: piece.left), number, index))
        for index, row in enumerate(rows, 1)
    ]
    return lines, count > MAX_PAGE_CHARACTERS


def _line(row: Sequence[_Piece], page: int, number: int) -> Line:
    cells = tuple(text for piece in row if (text := squeeze(unfold_latex(piece.text))))
    if len(cells) > 2 and any(_STOPWORD.fullmatch(cell) for cell in cells):
        cells = (" ".join(cells),)  # words of a justified line, far apart
    return Line(" ".join(cells), Place(page=page, line=number), row[-1].right, row[0].size, cells=cells)


def _same_line(before: _Piece, piece: _Piece) -> bool:
    middle = (piece.bottom + piece.top) / 2
    return before.bottom <= middle <= before.top or piece.bottom <= (before.bottom + before.top) / 2 <= piece.top


def _overlap(one: _Piece, other: _Piece) -> bool:
    return min(one.right, other.right) - max(one.left, other.left) > 1


def _pieces(page: raw.FPDF_TEXTPAGE, count: int) -> Iterator[_Piece]:
    """Yield the pieces of a page in PDFium's order, broken at line ends and at gaps."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    text: list[str] = []
    box = [0.0, 0.0, 0.0, 0.0]
    size = 0.0
    for index in range(count):
        code = raw.FPDFText_GetUnicode(page, index)
        if code in {10, 13}:
            if text:
                yield _Piece("".join(text), box[0], box[1], box[2], box[3], size)
                text = []
            continue
        if code in {0, 0xFFFE}:
            continue
        character = chr(code) if code < 0xD800 or 0xE000 <= code <= 0x10FFFF else ""
        if character.isspace():
            if text:
                text.append(character if character in GROUPING_SPACES else " ")
            continue
        raw.FPDFText_GetCharBox(page, index, left, right, bottom, top)
        if not text:
            size = raw.FPDFText_GetFontSize(page, index)
            height = top.value - bottom.value
            size = size if 2 < size < 200 else max(height, 1.0)
        elif left.value - box[1] > _GAP * size or box[0] - right.value > size:
            yield _Piece("".join(text), box[0], box[1], box[2], box[3], size)
            text = []
        if text:
            box = [
                min(box[0], left.value),
                max(box[1], right.value),
                min(box[2], bottom.value),
                max(box[3], top.value),
            ]
        else:
            box = [left.value, right.value, bottom.value, top.value]
        text.append(character)
    if text:
        yield _Piece("".join(text), box[0], box[1], box[2], box[3], size)


def _pictures(page: pdfium.PdfPage, number: int) -> list[tuple[float, Block]]:
    """Return the pictures of a page as (upper edge, block), from the top; nothing is decoded."""
    width, height = page.get_size()
    found = []
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        try:
            left, bottom, right, top = item.get_bounds()
        except pdfium.PdfiumError:
            continue
        if (right - left) * (top - bottom) >= _PICTURE_AREA * width * height and top - bottom > 40:
            found.append((top, Block("picture", "", Place(page=number))))
    return sorted(found, key=lambda entry: -entry[0])[:50]


def _with_pictures(lines: Sequence[tuple[float, Line]], pictures: Sequence[tuple[float, Block]]) -> list[Line]:
    """Put each picture before the first line that starts below its upper edge."""
    merged = []
    waiting = list(pictures)
    for top, line in lines:
        while waiting and waiting[0][0] >= top:
            merged.append(_picture_line(waiting.pop(0)[1]))
        merged.append(line)
    return [*merged, *(_picture_line(block) for _, block in waiting)]


def _picture_line(block: Block) -> Line:
    return Line("", block.place, 0.0, picture=block)


def _blocks(pages: Sequence[Sequence[Line]], running: list[Block]) -> list[Block]:
    """Join the lines of each page into blocks; heads and feet of pages go into ``running``."""
    lengths: dict[float, int] = {}
    for line in (line for lines in pages for line in lines):
        lengths[round(line.size, 1)] = lengths.get(round(line.size, 1), 0) + len(line.text)
    common = [size for size, length in lengths.items() if length > _COMMON * sum(lengths.values())]
    levels = sorted((size for size in lengths if size > 1.08 * max(common, default=0.0)), reverse=True)
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
            heading = 1 + levels.index(round(line.size, 1)) if round(line.size, 1) in levels else 0
            kept.append(replace(line, heading=heading) if line.text and len(line.cells) < 2 else line)
        blocks.extend(join_lines(kept))
    return blocks


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
