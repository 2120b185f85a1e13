"""PDFs read into blocks: PDFium gives each character with its box; lines, columns and headings follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pypdfium2 as pdfium
from pypdfium2 import raw

from reportgen.documents.blocks import MAX_BLOCKS, MAX_BYTES, Block, Document, Link, Place
from reportgen.documents.lines import Line
from reportgen.documents.pdf_annotations import read_annotations
from reportgen.documents.pdf_characters import MAX_PAGE_CHARACTERS, PageText, read_as_language, read_characters
from reportgen.documents.pdf_layout import join_pages, page_lines
from reportgen.errors import UnreadableError

MAX_PAGES = 300
_PICTURE_AREA = 0.02
"""Part of the page that a picture covers at least; smaller ones are ornaments."""
_SCANNED_AREA = 0.4
"""Part of a page without text that a picture covers at least to be told of as unread text."""
_UNMAPPED = 0.2
"""Part of a page's characters without a meaning from which on nothing of the page is believed, unless all such
characters of the file make the words of a language."""


@dataclass(frozen=True)
class _Page:
    """What a page has, before it is known whether its characters mean something."""

    place: Place
    text: PageText
    pictures: Sequence[tuple[float, Block]]
    largest: float
    """The part of it that its largest picture covers."""
    annotations: tuple[list[Link], list[Block], list[str]]


@dataclass
class _Reading:
    """What the pages gave so far."""

    believed: bool
    """Characters without a meaning are what they seem to be."""
    lines: list[list[Line]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    fields: list[list[Block]] = field(default_factory=list)
    hidden: list[Block] = field(default_factory=list)
    unreadable: list[Place] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


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
        count = len(pdf)
        pages = [_read_page(pdf, content, index) for index in range(min(count, MAX_PAGES))]
        reading = _Reading(read_as_language(page.text for page in pages if page is not None))
        if count > MAX_PAGES:
            reading.problems.append(f"only the first {MAX_PAGES} of {count:,} pages were read")
        for number, page in enumerate(pages, 1):
            _add(page, number, reading)
        running: list[Block] = []
        blocks = join_pages(reading.lines, running)
        blocks += [block for fields in reading.fields for block in fields]
        return Document(
            source,
            "pdf",
            tuple(blocks[:MAX_BLOCKS]),
            _attachments(pdf, reading.problems),
            count,
            tuple(reading.problems),
            tuple(running),
            links=tuple(reading.links),
            unreadable=tuple(reading.unreadable),
            hidden=tuple(reading.hidden),
        )
    finally:
        pdf.close()


def _read_page(pdf: pdfium.PdfDocument, content: bytes, index: int) -> _Page | None:
    """Read one page; None where it is broken."""
    place = Place(page=index + 1)
    try:
        page = pdf[index]
    except pdfium.PdfiumError:
        return None
    try:
        text = read_characters(page, content, index)
        return _Page(place, text, *_pictures(page, index + 1), read_annotations(page, place))
    finally:
        page.close()


def _add(page: _Page | None, number: int, reading: _Reading) -> None:
    if page is None:
        reading.problems.append(f"{Place(page=number)} is broken and was not read")
        reading.unreadable.append(Place(page=number))
        return
    text, place = page.text, page.place
    lines = page_lines(text.pieces, number) if _is_readable(text, page.largest, place, reading) else []
    reading.lines.append(_with_pictures(lines, page.pictures))
    if text.hidden:
        reading.problems.append(f"{place}: text that nobody sees was not read: {_shortened(text.hidden)!r}")
        reading.hidden.append(Block("text", text.hidden, place))
    if text.is_cut:
        reading.problems.append(f"{place} has more than {MAX_PAGE_CHARACTERS:,} characters; the rest is unread")
    links, fields, problems = page.annotations
    reading.links += links
    reading.fields.append(fields)
    reading.problems += problems


def _is_readable(text: PageText, largest: float, place: Place, reading: _Reading) -> bool:
    """Tell whether a page's characters mean something; where they don't, or none stand on a scan, say so."""
    if text.unmapped > _UNMAPPED * text.characters and not reading.believed:
        reading.problems.append(
            f"{place}: the text can't be read: the file doesn't say what {text.unmapped:,} of its "
            f"{text.characters:,} characters mean. Print it to a PDF anew, or give its source"
        )
    elif not text.characters and largest >= _SCANNED_AREA:
        reading.problems.append(f"{place} is a picture: the text can't be read. Give a PDF with text, or its source")
    else:
        return True
    reading.unreadable.append(place)
    return False


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


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


def _pictures(page: pdfium.PdfPage, number: int) -> tuple[list[tuple[float, Block]], float]:
    """Return the pictures of a page as (upper edge, block), from the top, and what part of it the largest covers.

    Nothing is decoded.
    """
    width, height = page.get_size()
    found, largest = [], 0.0
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        try:
            left, bottom, right, top = item.get_bounds()
        except pdfium.PdfiumError:
            continue
        part = (right - left) * (top - bottom) / max(width * height, 1.0)
        largest = max(largest, part)
        if part >= _PICTURE_AREA and top - bottom > 40:
            found.append((top, Block("picture", "", Place(page=number))))
    return sorted(found, key=lambda entry: -entry[0])[:50], largest


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
