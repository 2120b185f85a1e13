"""How alike two pictures are, whatever their margins, size and compression.

Two learning curves by one script share axes, legend and colours. So drawings are held against each other block by
block, and the worst block decides: a copy is alike everywhere, honest curves part somewhere. Two confusion matrices by
one script share all but their digits, which no such measure tells apart after compression: they are one figure when
their pixels are equal or all their numbers are, and no drawings.

Measured by `benchmarks/figure_likeness.py`: the 504 honest pairs of curves differ by 0.96 at least (their sketches by
0.47), 322 of 324 copies by 0.10 at most (sketches by 0.06); `SAME` lies between. Of 1,008 honest pairs of confusion
matrices none was taken for one figure.
"""

import base64
import hashlib
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, UnidentifiedImageError

from reportgen.grading.pictures.heat_maps import Pixels, distance, page_colour

Grey = NDArray[np.uint8]
"""(height, width), brightness."""

SAME = 0.3
"""Difference of two drawings up to which they are one figure; 0: equal, 1: a block has nothing in common."""
SKETCH_BYTES = 4096
_MARGIN = 32
"""Levels by which a pixel differs from the margin, at least, to be no margin."""
_LONGEST = 512
"""Pixels of the longer side that pictures are compared at."""
_SKETCH_LONGEST = 176
_STROKE = 7
"""Pixels that lines and letters are thinner than."""
_MOST_SOLID = 0.005
"""Part of a drawing that is thicker than a stroke, at most."""
_INK = (0.005, 0.3)
"""Part of a drawing that has ink, at least and at most."""
_BLOCK = 16
_REACH = 2
"""Pixels by which a block may be displaced."""
_NOISE = 64.0
"""Variance, in levels squared, that says nothing."""
_PROPORTION = 0.03
"""By how much the proportions of a figure may differ after its margins were cut, as a logarithm."""


def trim(pixels: Pixels) -> Pixels:
    """Cut off the margins of one colour; empty where there is nothing else."""
    marked = distance(pixels, page_colour(pixels)) > _MARGIN
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    if not rows.size:
        return pixels[:0, :0]
    return np.ascontiguousarray(pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def pixel_digest(pixels: Pixels) -> str:
    """Return the SHA-256 of a picture's size and pixels."""
    height, width = pixels.shape[:2]
    return hashlib.sha256(f"RGB {width} {height} ".encode() + pixels.tobytes()).hexdigest()


def shade(pixels: Pixels) -> Grey:
    """Reduce a picture to brightness, at the size that pictures are compared at."""
    image = Image.fromarray(pixels).convert("L")
    image.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS, reducing_gap=None)
    return np.asarray(image)


def sketch(shaded: Grey) -> str:
    """Make a picture small enough to be kept: a WebP of at most `SKETCH_BYTES` letters in base 64."""
    image = Image.fromarray(shaded)
    image.thumbnail((_SKETCH_LONGEST, _SKETCH_LONGEST), Image.Resampling.LANCZOS, reducing_gap=None)
    for quality in (80, 60, 40, 20, 5):
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality)
        text = base64.b64encode(out.getvalue()).decode("ascii")
        if len(text) <= SKETCH_BYTES:
            return text
    return ""


def is_drawing(pixels: Pixels) -> bool:
    """Tell whether a trimmed picture is lines and letters on a page of one colour, with no filled areas."""
    shaded = Image.fromarray(pixels)
    shaded.thumbnail((_LONGEST, _LONGEST), Image.Resampling.BOX, reducing_gap=None)
    small = np.asarray(shaded)
    page = np.median(small.reshape(-1, 3), axis=0).astype(np.uint8)
    inked = distance(small, page) > _MARGIN
    solid = inked
    for step in range(1, _STROKE):
        solid = solid[:, :-1] & inked[:, step:]
    across = solid
    for step in range(1, _STROKE):
        solid = solid[:-1] & across[step:]
    return _INK[0] <= float(inked.mean()) <= _INK[1] and float(solid.sum()) <= _MOST_SOLID * solid.size


def read_sketch(text: str) -> Grey | None:
    """Read a sketch; None where it is none."""
    try:
        with Image.open(io.BytesIO(base64.b64decode(text)), formats=("WEBP",)) as image:
            return np.asarray(image.convert("L"))
    except (ValueError, UnidentifiedImageError):
        return None


def difference(one: Grey, other: Grey, *, block: int = _BLOCK, reach: int = _REACH) -> float:
    """Tell how much two trimmed pictures differ where they differ most.

    Args:
        one: brightness.
        other: brightness.
        block: side of the blocks, pixels.
        reach: by how many pixels a block may be displaced: margins are never cut to the same fraction of a pixel.

    Returns:
        Of the block that differs most: the variance of the difference over the variance of both; 2 at most, and 2 for
        pictures of other proportions.
    """
    proportions = [picture.shape[1] / picture.shape[0] for picture in (one, other)]
    if abs(np.log(proportions[0] / proportions[1])) > _PROPORTION:
        return 2.0
    longest = min(max(one.shape), max(other.shape), _LONGEST)
    proportion = float(np.sqrt(proportions[0] * proportions[1]))
    width, height = round(longest * min(1, proportion)), round(longest / max(1, proportion))
    if min(width, height) < 2 * block:
        return 2.0
    first, second = (_soft(picture, width, height) for picture in (one, other))
    return _worst_block(first, second, block, reach)


def sketch_difference(one: Grey, other: Grey) -> float:
    """Tell how much two sketches differ where they differ most."""
    return difference(one, other, block=12, reach=1)


def _soft(picture: Grey, width: int, height: int) -> NDArray[np.float32]:
    image = Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(1.0)), np.float32)


def _worst_block(first: NDArray[np.float32], second: NDArray[np.float32], block: int, reach: int) -> float:
    height, width = first.shape
    mean = _means(first, block)
    variance = _means(first * first, block) - mean**2
    padded = np.pad(second, reach, mode="edge")
    least = np.full(mean.shape, 2.0, np.float32)
    for down in range(2 * reach + 1):
        for across in range(2 * reach + 1):
            moved = padded[down : down + height, across : across + width]
            moved_mean = _means(moved, block)
            moved_variance = _means(moved * moved, block) - moved_mean**2
            both = variance + moved_variance
            common = _means(first * moved, block) - mean * moved_mean
            np.minimum(least, (both - 2 * common) / (both + _NOISE), out=least)
    return float(least.max())


def _means(values: NDArray[np.float32], block: int) -> NDArray[np.float32]:
    height, width = (side // block * block for side in values.shape)
    rows = values[:height, :width].reshape(height // block, block, width).sum(axis=1)
    sums: NDArray[np.float32] = rows.reshape(height // block, width // block, block).sum(axis=2)
    return sums / np.float32(block * block)
