"""The numbers in the cells of a raster confusion matrix, read where every digit is sure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from reportgen.files import PACKAGE
from reportgen.grading.pictures.heat_maps import Pixels, distance, find_heat_map

Ink = NDArray[np.float32]
"""(height, width), 0 where a cell has its colour, 1 where it is printed on."""

_HEIGHT, _WIDTH = 24, 22
"""Pixels of a digit that is held against the templates."""
_ENLARGED = 4
_FAINTEST = 40
"""Levels between a cell and its number, at least."""
_SMALLEST_DIGIT = 6
"""Pixels; smaller digits are not read."""
_ALIKE = 0.8
"""Correlation with the template of a digit, at least."""
_MARGIN = 0.08
"""By how much a digit is more alike than any other digit, at least."""
_FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
"""What matplotlib and seaborn print with, where nobody chose otherwise; their digits come with reportgen."""
_MOST_DIGITS = 6


@dataclass(frozen=True)
class CellReading:
    """What a picture of a confusion matrix shows."""

    classes: int | None
    """Cells in a row and in a column; None where the picture is not surely a heat map."""
    rows: tuple[tuple[int, ...], ...] | None = None
    """The numbers; None where one of them is not sure."""

    def sums_to(self, counts: Sequence[int]) -> bool:
        """Tell whether the rows, or the columns of a transposed matrix, sum to the images of each class."""
        if self.rows is None:
            return False
        sides = (self.rows, tuple(zip(*self.rows, strict=True)))
        return any(tuple(map(sum, side)) == tuple(counts) for side in sides)


def read_cells(pixels: Pixels) -> CellReading:
    """Read a confusion matrix out of a picture; a number that is not sure leaves all of them unread."""
    found = find_heat_map(pixels)
    if found is None:
        return CellReading(None)
    numbers = []
    for cell in found.cells(pixels):
        number = _read_number(cell)
        if number is None:
            return CellReading(found.classes)
        numbers.append(number)
    size = found.classes
    return CellReading(size, tuple(tuple(numbers[row * size : (row + 1) * size]) for row in range(size)))


def _read_number(cell: Pixels) -> int | None:
    ink = _ink(cell)
    if ink is None:
        return None
    glyphs = _glyphs(ink)
    if not 0 < len(glyphs) <= _MOST_DIGITS:
        return None
    digits = [_read_digit(glyph) for glyph in glyphs]
    if None in digits or (len(digits) > 1 and digits[0] == 0):
        return None
    return int("".join(str(digit) for digit in digits))


def _ink(cell: Pixels) -> Ink | None:
    """Return how much of the number's colour each pixel has, enlarged; None where nothing is printed."""
    away = distance(cell, np.median(cell.reshape(-1, 3), axis=0).astype(np.uint8)).astype(np.float32)
    strongest = float(away.max())
    if strongest < _FAINTEST:
        return None
    away[away < 0.12 * strongest] = 0
    image = Image.fromarray((away * (255 / strongest)).astype(np.uint8))
    large = image.resize((image.width * _ENLARGED, image.height * _ENLARGED), Image.Resampling.BICUBIC)
    return np.asarray(large, np.float32) / np.float32(255)


def _glyphs(ink: Ink) -> list[Ink]:
    """Cut the ink of a number into its digits, all of the number's height; empty where it is no row of digits."""
    dark: NDArray[np.bool_] = np.asarray(ink > 0.4)
    lines = np.flatnonzero(dark.any(axis=1))
    columns: NDArray[np.bool_] = np.asarray(dark.any(axis=0))
    if not lines.size:
        return []
    top, bottom = int(lines[0]), int(lines[-1]) + 1
    height = bottom - top
    if height < _SMALLEST_DIGIT * _ENLARGED or top == 0 or bottom == ink.shape[0] or columns[0] or columns[-1]:
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], columns, [False]]).astype(np.int8)))
    glyphs = []
    for left, right in edges.reshape(-1, 2):
        own = np.flatnonzero(dark[:, left:right].any(axis=1))
        if own[-1] + 1 - own[0] < 0.85 * height or right - left > 0.95 * height:
            return []  # a point, a sign, or digits that touch
        glyphs.append(ink[own[0] : own[-1] + 1, left:right])
    return glyphs


def _normal(glyph: Ink) -> NDArray[np.float32]:
    """Bring a digit to one size, its proportions kept, and to mean 0 and length 1."""
    width = min(_WIDTH, max(1, round(glyph.shape[1] * _HEIGHT / glyph.shape[0])))
    image = Image.fromarray((np.clip(glyph, 0, 1) * 255).astype(np.uint8))
    small = np.asarray(image.resize((width, _HEIGHT), Image.Resampling.BOX), np.float32)
    frame = np.zeros((_HEIGHT, _WIDTH), np.float32)
    left = (_WIDTH - width) // 2
    frame[:, left : left + width] = small
    flat: NDArray[np.float32] = frame.ravel() - frame.mean()
    length = float(np.linalg.norm(flat))
    return flat / length if length else flat


def _read_digit(glyph: Ink) -> int | None:
    likeness = (_templates() @ _normal(glyph)).reshape(-1, 10).max(axis=0)
    first, second = np.argsort(likeness)[::-1][:2]
    if likeness[first] < _ALIKE or likeness[first] - likeness[second] < _MARGIN:
        return None
    return int(first)


@cache
def _templates() -> NDArray[np.float32]:
    """Digits as matplotlib prints them small, in several sizes and places between the pixels; ten rows a variant."""
    folder = PACKAGE / "grading" / "pictures" / "fonts"
    variants: list[NDArray[np.float32]] = []
    for font in _FONTS:
        for size in (9, 11, 14, 20):
            for shift in (0.0, 0.5):
                variants.extend(_draw_digit(folder / font, size, digit, shift) for digit in range(10))
    return np.stack(variants)


def _draw_digit(font: Path, size: int, digit: int, shift: float) -> NDArray[np.float32]:
    """Draw a digit enlarged, make it as small as it is printed, and read it as a cell is read."""
    finer = 8
    canvas = Image.new("L", (2 * size * finer, 2 * size * finer))
    place = (size + shift) * finer / 2
    ImageDraw.Draw(canvas).text((place, place / 2), str(digit), 255, ImageFont.truetype(str(font), size * finer))
    small = np.asarray(canvas.resize((2 * size, 2 * size), Image.Resampling.BOX))
    ink = _ink(np.repeat(small[:, :, None], 3, axis=2))
    glyphs = _glyphs(ink) if ink is not None else []
    return _normal(glyphs[0])
