"""Pictures of a report cut out of its pages, for the feedback."""

import io
from collections.abc import Sequence

import pypdfium2 as pdfium

from reportgen.grading.dossiers import Dossier, FindingKind, Picture

_WIDTH = 420
"""Pixels of a crop; it is shown about 6 cm wide."""
_HEIGHT = 420
_COLOURS = 64


def pictures_in_question(dossier: Dossier) -> tuple[Picture, ...]:
    """The pictures that a fault or an open question is about, each once."""
    spots = {
        (finding.file, finding.place.page, finding.text)
        for finding in dossier.findings
        if finding.kind in {FindingKind.FAULT, FindingKind.UNDECIDED}
    }
    found: dict[str, Picture] = {}
    for picture in dossier.pictures:
        if (picture.file, picture.page, picture.section) in spots:
            found.setdefault(picture.pixels, picture)
    return tuple(found.values())


def cut_crops(content: bytes, pictures: Sequence[Picture]) -> dict[str, bytes]:
    """Draw the parts of a PDF's pages where pictures stand.

    What can't be drawn is left out: the feedback then says where it stands, and shows no picture.

    Args:
        content: bytes of the PDF, which was read before: nothing of it is too large.
        pictures: those of this PDF.

    Returns:
        PNG files, by `Picture.pixels`.
    """
    crops: dict[str, bytes] = {}
    try:
        pdf = pdfium.PdfDocument(content)
    except pdfium.PdfiumError:
        return crops
    try:
        for picture in pictures:
            try:
                crops[picture.pixels] = _cut(pdf, picture)
            except (pdfium.PdfiumError, IndexError, ValueError):
                continue
    finally:
        pdf.close()
    return crops


def _cut(pdf: pdfium.PdfDocument, picture: Picture) -> bytes:
    page = pdf[picture.page - 1]
    try:
        width, height = page.get_size()
        left, top, right, bottom = picture.box
        wide, high = (right - left) * width, (bottom - top) * height
        scale = min(_WIDTH / max(wide, 1), _HEIGHT / max(high, 1))
        margins = (left * width, (1 - bottom) * height, (1 - right) * width, top * height)
        image = page.render(scale=scale, crop=margins).to_pil()
    finally:
        page.close()
    png = io.BytesIO()
    image.convert("RGB").quantize(_COLOURS).save(png, "PNG", optimize=True)
    return png.getvalue()
