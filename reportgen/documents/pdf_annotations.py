"""What is laid over the pages of a PDF: links, form fields, boxes of text, and notes, which are not read."""

import ctypes

import pypdfium2 as pdfium
from pypdfium2 import raw

from reportgen.documents.blocks import Block, Link, Place
from reportgen.documents.notation import squeeze

MAX_ANNOTATIONS = 500
"""Annotations of a page that are read."""
_LONGEST = 4_000
"""Bytes of an address or of a value that are read."""
_NOT_SEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
_NOTES = frozenset(
    {
        raw.FPDF_ANNOT_TEXT,
        raw.FPDF_ANNOT_HIGHLIGHT,
        raw.FPDF_ANNOT_UNDERLINE,
        raw.FPDF_ANNOT_SQUIGGLY,
        raw.FPDF_ANNOT_STRIKEOUT,
        raw.FPDF_ANNOT_STAMP,
        raw.FPDF_ANNOT_INK,
        raw.FPDF_ANNOT_CARET,
        raw.FPDF_ANNOT_FILEATTACHMENT,
    }
)


def read_annotations(page: pdfium.PdfPage, place: Place) -> tuple[list[Link], list[Block], list[str]]:
    """Return a page's links, the texts of its form fields and text boxes, and what was not read."""
    blocks: list[Block] = []
    notes = unseen = 0
    count = max(0, raw.FPDFPage_GetAnnotCount(page.raw))
    for index in range(min(count, MAX_ANNOTATIONS)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        try:
            kind = raw.FPDFAnnot_GetSubtype(annotation)
            key = {raw.FPDF_ANNOT_WIDGET: b"V", raw.FPDF_ANNOT_FREETEXT: b"Contents"}.get(kind)
            text = squeeze(_string(annotation, key)) if key else ""
            if kind in _NOTES:
                notes += 1
            elif text and raw.FPDFAnnot_GetFlags(annotation) & _NOT_SEEN:
                unseen += 1
            elif text:
                name = squeeze(_string(annotation, b"T")) if kind == raw.FPDF_ANNOT_WIDGET else ""
                blocks.append(Block("text", f"{name}: {text}" if name else text, place))
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    problems = [
        f"{place}: {number} {what} not read"
        for number, what in (
            (notes, "notes and marks were"),
            (unseen, "form fields or text boxes that nobody sees were"),
            (count - MAX_ANNOTATIONS, "further annotations were"),
        )
        if number > 0
    ]
    return _links(page, place), blocks, problems


def _links(page: pdfium.PdfPage, place: Place) -> list[Link]:
    links: list[Link] = []
    position, link = ctypes.c_int(0), raw.FPDF_LINK()
    text_page = page.get_textpage()
    try:
        while len(links) < MAX_ANNOTATIONS and raw.FPDFLink_Enumerate(page.raw, position, link):
            action = raw.FPDFLink_GetAction(link)
            size = raw.FPDFAction_GetURIPath(page.pdf.raw, action, None, 0) if action else 0
            if not 1 < size <= _LONGEST:
                continue
            buffer = ctypes.create_string_buffer(size)
            raw.FPDFAction_GetURIPath(page.pdf.raw, action, buffer, size)
            box = raw.FS_RECTF()
            text = ""
            if raw.FPDFLink_GetAnnotRect(link, box):
                text = squeeze(text_page.get_text_bounded(box.left, box.bottom, box.right, box.top))
            links.append(Link(buffer.value.decode("utf-8", "replace"), text, place))
    finally:
        text_page.close()
    return links


def _string(annotation: raw.FPDF_ANNOTATION, key: bytes) -> str:
    size = raw.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if not 2 < size <= _LONGEST:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAnnot_GetStringValue(annotation, key, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")
