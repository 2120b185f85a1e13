"""The raster pictures of a report, each with its place, its section and what it takes to compare it.

Pictures of PDFs are decoded one by one and never above `MAX_PIXELS`; those of notebooks, HTML and Markdown are the data
that stands in the file itself. Nothing is fetched. Figures drawn as vectors are no pictures.
"""

import base64
import binascii
import io
import json
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium
from PIL import Image
from pypdfium2 import raw

from reportgen.documents.blocks import Block
from reportgen.documents.pdf import MAX_PAGES
from reportgen.grading.dossiers import Picture
from reportgen.grading.pictures.digit_cells import CellReading, read_cells
from reportgen.grading.pictures.heat_maps import Pixels
from reportgen.grading.pictures.likeness import Grey, is_drawing, pixel_digest, shade, sketch, trim
from reportgen.verification.claims.outline import Context

MAX_PICTURES = 60
MAX_PIXELS = 24_000_000
"""Pixels of one picture."""
MAX_ALL_PIXELS = 120_000_000
"""Pixels of all pictures of a report."""
_LEAST_SIDE = 48
"""Pixels of a trimmed picture; smaller ones are ornaments."""
_LEAST_AREA = 0.02
"""Part of a page that a picture covers at least, and points of its height: what the PDF's reader takes for one."""
_LEAST_HEIGHT = 40
_PER_PAGE = 50
_EMBEDDED = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,([A-Za-z0-9+/=\s]{80,})")
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_WHOLE = (0.0, 0.0, 1.0, 1.0)

Placed = Sequence[tuple[Block, Context]]
"""The blocks of a document with their contexts, as `reportgen.verification.claims.outline.outline` gives them."""


@dataclass(frozen=True)
class Figure:
    """A picture of a report, and its brightness at the size that pictures are compared at."""

    picture: Picture
    shaded: Grey


@dataclass(frozen=True)
class Gallery:
    """The pictures of one report, in its order."""

    figures: tuple[Figure, ...]
    problems: tuple[str, ...] = ()
    """What was left unread, and why."""

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """What is kept of the pictures."""
        return tuple(figure.picture for figure in self.figures)


@dataclass(frozen=True)
class _Found:
    """A picture where it stands, not yet trimmed; `place` tells it in messages."""

    pixels: Pixels
    page: int
    box: tuple[float, float, float, float]
    context: Context
    place: str


class _Unread(Exception):  # noqa: N818 (it never leaves this module)
    """Why one picture was left out."""


def read_pictures(content: bytes, name: str, placed: Placed) -> Gallery:
    """Read the pictures of a report. What can't be read is a problem and stops nothing.

    Args:
        content: bytes of a PDF, a notebook, HTML or Markdown.
        name: the file's name.
        placed: its blocks with their contexts.
    """
    problems: list[str] = []
    found = (
        _in_pdf(content, placed, problems)
        if content.find(b"%PDF-", 0, 1024) >= 0
        else _in_text(content, placed, problems)
    )
    figures: list[Figure] = []
    pixels = 0
    for one in found:
        pixels += one.pixels.shape[0] * one.pixels.shape[1]
        if len(figures) == MAX_PICTURES or pixels > MAX_ALL_PIXELS:
            problems.append(f"pictures from {one.place} on were not compared: there are too many, or too large ones")
            break
        figure = _figure(one, name)
        if figure is not None:
            figures.append(figure)
    return Gallery(tuple(figures), tuple(f"{name}: {problem}" for problem in problems))


def _figure(found: _Found, name: str) -> Figure | None:
    trimmed = trim(found.pixels)
    height, width = trimmed.shape[:2]
    if min(height, width) < _LEAST_SIDE:
        return None
    shaded = shade(trimmed)
    drawing = is_drawing(trimmed)
    reading = CellReading(None) if drawing else read_cells(found.pixels)
    picture = Picture(
        file=name,
        page=found.page,
        section=found.context.heading,
        experiment=found.context.part,
        width=width,
        height=height,
        pixels=pixel_digest(trimmed),
        box=found.box,
        drawing=drawing,
        sketch=sketch(shaded) if drawing else "",
        classes=reading.classes,
        cells=reading.rows,
    )
    return Figure(picture, shaded)


def _in_pdf(content: bytes, placed: Placed, problems: list[str]) -> Iterator[_Found]:
    try:
        pdf = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        problems.append(f"its pictures can't be read: {error}")
        return
    try:
        for index in range(min(len(pdf), MAX_PAGES)):
            try:
                page = pdf[index]
            except pdfium.PdfiumError:
                continue  # the reader of the text says so
            try:
                yield from _on_page(page, index + 1, placed, problems)
            finally:
                page.close()
    finally:
        pdf.close()


def _on_page(page: pdfium.PdfPage, number: int, placed: Placed, problems: list[str]) -> Iterator[_Found]:
    width, height = page.get_size()
    items = []
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        try:
            left, bottom, right, top = item.get_bounds()
        except pdfium.PdfiumError:
            continue
        if (right - left) * (top - bottom) >= _LEAST_AREA * width * height and top - bottom > _LEAST_HEIGHT:
            items.append((top, (left / width, 1 - top / height, right / width, 1 - bottom / height), item))
    contexts = [context for block, context in placed if block.kind == "picture" and block.place.page == number]
    before = [context for block, context in placed if (block.place.page or 0) <= number]
    fallback = before[-1] if before else Context()
    items.sort(key=lambda entry: -entry[0])
    for index, (_, box, item) in enumerate(items[:_PER_PAGE]):
        context = contexts[index] if index < len(contexts) else fallback
        inside = (max(0.0, box[0]), max(0.0, box[1]), min(1.0, box[2]), min(1.0, box[3]))
        place = f"page {number}"
        try:
            yield _Found(_decode_item(item), number, inside, context, place)
        except _Unread as error:
            problems.append(f"the picture on {place} was not compared: {error}")


def _decode_item(item: pdfium.PdfImage) -> Pixels:
    try:
        _check_size(*item.get_px_size())
        return _to_pixels(item.get_bitmap().to_pil())
    except (pdfium.PdfiumError, ValueError, RuntimeError) as error:
        raise _Unread(f"it can't be decoded ({error})") from None


def _in_text(content: bytes, placed: Placed, problems: list[str]) -> Iterator[_Found]:
    text = content.decode("utf-8", errors="replace")
    for encoded, cell, line in _encoded(text):
        page = cell or 1
        place = f"cell {cell}" if cell else f"line {line}"
        try:
            yield _Found(_decode(encoded), page, _WHOLE, _context_at(placed, cell, line), place)
        except _Unread as error:
            problems.append(f"the picture in {place} was not compared: {error}")


def _encoded(text: str) -> Iterator[tuple[str, int | None, int]]:
    """Yield pictures in base 64, each with its cell, None outside notebooks, and its line."""
    notebook = _as_notebook(text)
    if notebook is None:
        yield from ((match[1], None, text.count("\n", 0, match.start()) + 1) for match in _EMBEDDED.finditer(text))
        return
    for number, cell in enumerate(notebook, 1):
        for output in _list(cell.get("outputs")):
            data = output.get("data")
            kinds = data if isinstance(data, dict) else {}
            own = next((kinds[kind] for kind in ("image/png", "image/jpeg", "image/webp") if kind in kinds), None)
            if own is not None:
                yield _joined(own), number, 1
            else:
                yield from ((match[1], number, 1) for match in _EMBEDDED.finditer(_joined(kinds.get("text/html"))))
        for match in _EMBEDDED.finditer(_joined(cell.get("source"))):
            yield match[1], number, 1
        attachments = cell.get("attachments")
        for attached in attachments.values() if isinstance(attachments, dict) else ():
            if isinstance(attached, dict):
                yield from ((_joined(data), number, 1) for kind, data in attached.items() if "image/" in kind)


def _as_notebook(text: str) -> list[dict[str, object]] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _list(parsed.get("cells"))


def _list(value: object) -> list[dict[str, object]]:
    return [entry if isinstance(entry, dict) else {} for entry in value] if isinstance(value, list) else []


def _joined(source: object) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source or "")


def _context_at(placed: Placed, cell: int | None, line: int) -> Context:
    context = Context()
    for block, of_block in placed:
        at = block.place.cell if cell else block.place.line
        if at is not None and at > (cell or line):
            break
        context = of_block
    return context


def _decode(encoded: str) -> Pixels:
    try:
        data = base64.b64decode(encoded, validate=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                _check_size(*image.size)
                return _to_pixels(image)
    except (binascii.Error, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _Unread(f"it can't be decoded ({error})") from None


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _Unread(f"it has {width:,} × {height:,} pixels, more than the {MAX_PIXELS:,} that are read")


def _to_pixels(image: Image.Image) -> Pixels:
    """Bring a picture to red, green and blue, on white where it is transparent."""
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        image = Image.alpha_composite(white, rgba)
    return np.asarray(image.convert("RGB"))
