"""Heat maps in raster pictures: where the square grid of coloured cells stands, and how many cells it has."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(height, width, 3), red, green, blue."""

_FILLED = (4, 14, 40)
"""Levels by which a pixel differs from the page, at least, to be part of the map: clean pictures, and others."""
_GAP = 4
"""Pixels of a line between two cells, or of a stroke of a letter, that part no map."""
_SMALLEST_CELL = 14
"""Pixels; numbers in smaller cells can't be read by people either."""
_MOST_CLASSES = 20
_SAME = 16
"""Levels by which pixels of one cell may differ."""
_PURE = 0.9
"""Part of a cell's upper and lower edge that has the cell's colour, at least."""
_DIAGONAL = 24
"""Levels by which a cell of the diagonal differs from the others, at least."""


@dataclass(frozen=True)
class HeatMap:
    """A square grid of cells; pixels from the picture's upper left."""

    left: int
    top: int
    right: int
    bottom: int
    classes: int

    def cells(self, pixels: Pixels) -> Iterator[Pixels]:
        """Yield the pixels of each cell, row by row, without its edge."""
        xs = np.linspace(self.left, self.right, self.classes + 1)
        ys = np.linspace(self.top, self.bottom, self.classes + 1)
        for row in range(self.classes):
            for column in range(self.classes):
                yield _inside(pixels, xs[column], xs[column + 1], ys[row], ys[row + 1])


def page_colour(pixels: Pixels) -> NDArray[np.uint8]:
    """Return the colour that is the commonest along the picture's edge."""
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    colour: NDArray[np.uint8] = np.median(edge, axis=0).astype(np.uint8)
    return colour


def distance(pixels: Pixels, colour: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return by how many levels each pixel differs from a colour, in the channel that differs most."""
    channels = [
        np.maximum(pixels[:, :, channel], level) - np.minimum(pixels[:, :, channel], level)
        for channel, level in enumerate(colour)
    ]
    most: NDArray[np.uint8] = np.maximum(np.maximum(channels[0], channels[1]), channels[2])
    return most


def find_heat_map(pixels: Pixels) -> HeatMap | None:
    """Find the heat map of a confusion matrix; None where there is none that is sure.

    A map counts when each of its cells has one colour and the diagonal stands out, as it does for any network that has
    learnt something. The number of classes is the least for which that is so.
    """
    away = distance(pixels, page_colour(pixels))
    for level in _FILLED:
        box = _filled_box(away > level)
        found = _count_cells(box, pixels) if box else None
        if found:
            return found
    return None


def _count_cells(box: tuple[int, int, int, int], pixels: Pixels) -> HeatMap | None:
    left, top, right, bottom = box
    most = min(_MOST_CLASSES, min(right - left, bottom - top) // _SMALLEST_CELL)
    maps = (HeatMap(left, top, right, bottom, classes) for classes in range(2, most + 1))
    return next((found for found in maps if _is_grid(found, pixels)), None)


def _inside(pixels: Pixels, left: float, right: float, top: float, bottom: float) -> Pixels:
    across = max(2, round((right - left) * 0.04))
    down = max(2, round((bottom - top) * 0.04))
    return pixels[round(top) + down : round(bottom) - down, round(left) + across : round(right) - across]


def _is_grid(found: HeatMap, pixels: Pixels) -> bool:
    colours = np.empty((found.classes, found.classes, 3), np.int16)
    for index, cell in enumerate(found.cells(pixels)):
        band = max(2, cell.shape[0] // 7)
        edge = np.concatenate([cell[:band], cell[-band:]]).reshape(-1, 3).astype(np.int16)
        colour = np.median(edge, axis=0).astype(np.int16)
        if (np.abs(edge - colour).max(axis=1) <= _SAME).mean() < _PURE:
            return False
        colours[divmod(index, found.classes)] = colour
    diagonal = np.eye(found.classes, dtype=bool)
    others = np.median(colours[~diagonal], axis=0)
    away = np.abs(colours - others).max(axis=2)
    strong = int((away[diagonal] >= _DIAGONAL).sum()) >= found.classes - found.classes // 5
    return strong and float(np.median(away[diagonal])) >= 2 * float(np.percentile(away[~diagonal], 80))


def _filled_box(filled: NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """Return left, top, right and bottom of the largest filled rectangle."""
    enough = filled.mean(axis=1) >= 0.25
    if enough.mean() < 0.2:
        return None
    runs = [_longest_run(row) if full else (0, 0) for row, full in zip(filled, enough, strict=True)]
    wide = [run for run in runs if run[1] - run[0] >= filled.shape[1] // 4]
    if not wide:
        return None
    left, right = (int(np.median([run[side] for run in wide])) for side in (0, 1))
    rows = np.array([abs(run[0] - left) <= 2 and abs(run[1] - right) <= 2 for run in runs])
    top, bottom = _longest_run(rows)
    if bottom - top < filled.shape[0] // 4 or rows[top:bottom].mean() < 0.6:
        return None
    return left, top, right, bottom


def _longest_run(filled: NDArray[np.bool_]) -> tuple[int, int]:
    """Return first and one past the last of the longest run of true values, small gaps closed."""
    at = np.flatnonzero(filled)
    if not at.size:
        return 0, 0
    breaks = np.flatnonzero(np.diff(at) > _GAP + 1)
    starts = at[np.concatenate([[0], breaks + 1])]
    ends = at[np.concatenate([breaks, [at.size - 1]])] + 1
    longest = int(np.argmax(ends - starts))
    return int(starts[longest]), int(ends[longest])
