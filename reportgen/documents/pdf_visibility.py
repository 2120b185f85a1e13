"""What of a PDF page's text a person sees. No picture is decoded; layers alone need a drawing of the page.

A text object is invisible where it is drawn in no colour (render mode 3 or 7), transparent, smaller than a point, in
the colour of what lies under it, under a picture or a filled area, or on a layer that is off. A character is invisible
where it lies outside of the page or of what its object is clipped to.
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray
from pypdfium2 import raw

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""

_LEAST_ALPHA = 13
"""Of 255: less is seen by nobody."""
_LEAST_CONTRAST = 16
"""Difference in the strongest of red, green and blue, of 255, that is still seen."""
_LEAST_SIZE = 1.0
"""Points."""
_MAX_OBJECTS = 20_000
"""Objects of a page that are looked at for what lies over and under its text."""
_MAX_SHAPES = 3_000
_LEAST_SIDE = 4.0
"""Sides of a filled area in points that can hide a text or lie under it."""
_STROKED = frozenset({1, 5})
_UNDRAWN = frozenset({3, 7})


@dataclass
class _Shapes:
    """Filled areas and pictures of a page, in the order in which they are painted."""

    boxes: NDArray[np.float64]
    order: NDArray[np.int64]
    colours: NDArray[np.int64]
    """Red, green, blue; -1 where it isn't one colour."""
    opaque: NDArray[np.bool_]


class Visibility:
    """Tells of each text object of a page where its characters can be seen; built once a page."""

    def __init__(self, page: pdfium.PdfPage, content: bytes, index: int) -> None:
        box = raw.FS_RECTF()
        raw.FPDF_GetPageBoundingBox(page.raw, box)
        self.page: Box = (box.left, box.bottom, box.right, box.top)
        self._content, self._index = content, index
        self._order, self._shapes = _shapes(page)
        self._drawn: NDArray[np.uint8] | None = None

    def seen(self, item: raw.FPDF_PAGEOBJECT, size: float) -> Box | None:
        """Return the box inside of which a text object is seen; None where nobody sees it.

        Args:
            item: the object; of a character without one, a null pointer.
            size: height of the letters in points.
        """
        if not item:
            return self.page
        mode = raw.FPDFTextObj_GetTextRenderMode(item)
        ink = _colour(item, stroke=mode in _STROKED)
        if mode in _UNDRAWN or size < _LEAST_SIZE or (ink is not None and ink[3] < _LEAST_ALPHA):
            return None
        order, top_level = self._order.get(address(item), (-1, False))
        if not top_level:  # inside of a form, in coordinates of its own
            return self.page
        box = _bounds(item)
        if box is None or self._shapes is None:
            return self.page
        covered = self._is_covered(box, order, ink if mode in {0, 1} else None)
        return None if covered or (_on_a_layer(item) and self._is_blank(box)) else _clip(item, self.page)

    def _is_covered(self, box: Box, order: int, ink: tuple[int, int, int, int] | None) -> bool:
        """Tell whether it lies under something, or is written in the colour of what lies under it."""
        shapes = self._shapes
        assert shapes is not None
        if not len(shapes.order):
            return ink is not None and 255 - min(ink[:3]) < _LEAST_CONTRAST
        edge = 0.05 * (box[3] - box[1])
        around = (
            (shapes.boxes[:, 0] <= box[0] + edge)
            & (shapes.boxes[:, 1] <= box[1] + edge)
            & (shapes.boxes[:, 2] >= box[2] - edge)
            & (shapes.boxes[:, 3] >= box[3] - edge)
        )
        if bool(np.any(around & shapes.opaque & (shapes.order > order))):
            return True
        if ink is None:
            return False
        touching = (
            (shapes.boxes[:, 0] < box[2])
            & (shapes.boxes[:, 1] < box[3])
            & (shapes.boxes[:, 2] > box[0])
            & (shapes.boxes[:, 3] > box[1])
            & (shapes.order < order)
        )
        last = np.flatnonzero(touching)
        ground = np.array([255, 255, 255]) if not len(last) else shapes.colours[last[-1]]
        if len(last) and (not around[last[-1]] or not shapes.opaque[last[-1]]):
            return False
        return bool(ground[0] >= 0 and np.abs(ground - np.array(ink[:3])).max() < _LEAST_CONTRAST)

    def _is_blank(self, box: Box) -> bool:
        """Tell whether a drawing of the page has nothing there. PDFium draws only layers that are on."""
        if self._drawn is None:
            self._drawn = _draw(self._content, self._index)
        height, width = self._drawn.shape
        across, up = self.page[2] - self.page[0], self.page[3] - self.page[1]
        left, right = ((x - self.page[0]) / across * width for x in (box[0], box[2]))
        upper, lower = ((self.page[3] - y) / up * height for y in (box[3], box[1]))
        part = self._drawn[max(0, int(upper)) : int(lower) + 1, max(0, int(left)) : int(right) + 1]
        return bool(part.size and int(part.max()) - int(part.min()) < _LEAST_CONTRAST)


def address(item: raw.FPDF_PAGEOBJECT) -> int:
    """Where PDFium keeps an object, by which it is told from others; 0 of a null pointer."""
    return ctypes.addressof(item.contents) if item else 0


def _shapes(page: pdfium.PdfPage) -> tuple[dict[int, tuple[int, bool]], _Shapes | None]:
    """Return each object's (place in the order of painting, whether it stands on the page itself), and the shapes.

    The shapes are None where there are too many objects, or shadings and forms, whose colours aren't known.
    """
    order: dict[int, tuple[int, bool]] = {}
    found: list[tuple[Box, int, tuple[int, int, int], bool]] = []
    for at, item in enumerate(_objects(page.raw)):
        kind = raw.FPDFPageObj_GetType(item)
        if at >= _MAX_OBJECTS:
            return order, None
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            order[address(item)] = (at, True)
        elif (box := _bounds(item)) and min(box[2] - box[0], box[3] - box[1]) >= _LEAST_SIDE:
            shape = _filled(item, kind)
            if shape:
                found.append((box, at, *shape))
    if len(found) > _MAX_SHAPES:
        return order, None
    return order, _Shapes(
        np.array([entry[0] for entry in found], dtype=np.float64).reshape(-1, 4),
        np.array([entry[1] for entry in found], dtype=np.int64),
        np.array([entry[2] for entry in found], dtype=np.int64).reshape(-1, 3),
        np.array([entry[3] for entry in found], dtype=np.bool_),
    )


def _filled(item: raw.FPDF_PAGEOBJECT, kind: int) -> tuple[tuple[int, int, int], bool] | None:
    """Colour of a shape, and whether nothing shines through; None where it fills nothing."""
    unknown = (-1, -1, -1)
    clear = bool(raw.FPDFPageObj_HasTransparency(item))
    if kind == raw.FPDF_PAGEOBJ_IMAGE:
        return unknown, not clear
    if kind != raw.FPDF_PAGEOBJ_PATH:
        return unknown, False
    mode, stroked = ctypes.c_int(), ctypes.c_int()
    if not raw.FPDFPath_GetDrawMode(item, mode, stroked) or mode.value == raw.FPDF_FILLMODE_NONE:
        return None
    colour = _colour(item, stroke=False)
    is_box = raw.FPDFPath_CountSegments(item) in {4, 5}  # of other paths only the outer bounds are known
    if colour is None or colour[3] < 255 or clear or not is_box:
        return unknown, False
    return colour[:3], True


def _objects(page: raw.FPDF_PAGE) -> Iterator[raw.FPDF_PAGEOBJECT]:
    for at in range(raw.FPDFPage_CountObjects(page)):
        item = raw.FPDFPage_GetObject(page, at)
        if item:
            yield item


def _colour(item: raw.FPDF_PAGEOBJECT, stroke: bool) -> tuple[int, int, int, int] | None:
    parts = [ctypes.c_uint() for _ in range(4)]
    read = raw.FPDFPageObj_GetStrokeColor if stroke else raw.FPDFPageObj_GetFillColor
    if not read(item, *parts):
        return None
    red, green, blue, alpha = (part.value for part in parts)
    return red, green, blue, alpha


def _bounds(item: raw.FPDF_PAGEOBJECT) -> Box | None:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(item, left, bottom, right, top):
        return None
    return left.value, bottom.value, right.value, top.value


def _clip(item: raw.FPDF_PAGEOBJECT, page: Box) -> Box:
    """Bounds of what an object is clipped to; a path of many parts clips to no more than its bounds."""
    path = raw.FPDFPageObj_GetClipPath(item)
    box = page
    for at in range(max(0, min(raw.FPDFClipPath_CountPaths(path), 50)) if path else 0):
        points = []
        for segment in range(min(raw.FPDFClipPath_CountPathSegments(path, at), 500)):
            x, y = ctypes.c_float(), ctypes.c_float()
            if raw.FPDFPathSegment_GetPoint(raw.FPDFClipPath_GetPathSegment(path, at, segment), x, y):
                points.append((x.value, y.value))
        if points:
            across, up = zip(*points, strict=True)
            box = max(box[0], min(across)), max(box[1], min(up)), min(box[2], max(across)), min(box[3], max(up))
    return box


def _on_a_layer(item: raw.FPDF_PAGEOBJECT) -> bool:
    for at in range(min(max(0, raw.FPDFPageObj_CountMarks(item)), 20)):
        name, size = ctypes.create_string_buffer(16), ctypes.c_ulong()
        mark = raw.FPDFPageObj_GetMark(item, at)
        units = ctypes.cast(name, ctypes.POINTER(raw.FPDF_WCHAR))
        if raw.FPDFPageObjMark_GetName(mark, units, 16, size) and name.raw[:4] == b"O\0C\0":
            return True
    return False


def _draw(content: bytes, index: int) -> NDArray[np.uint8]:
    """Draw a page in grey without its pictures, at most 2,000 dots wide and high."""
    document = pdfium.PdfDocument(content)
    try:
        page = document[index]
        for item in [item for item in _objects(page.raw) if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_IMAGE]:
            raw.FPDFPage_RemoveObject(page.raw, item)
            raw.FPDFPageObj_Destroy(item)
        bitmap = page.render(scale=min(1.5, 2000 / max(page.get_size())), grayscale=True)
        return np.array(bitmap.to_numpy(), dtype=np.uint8).reshape(bitmap.height, bitmap.width, -1)[:, :, 0]
    finally:
        document.close()
