"""Which pictures are one figure: in one report, and in the reports of two students."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reportgen.grading.dossiers import Dossier, Picture
from reportgen.grading.pictures.likeness import SAME, Grey, difference, read_sketch, sketch_difference

_LEAST_MISTAKES = 4
"""Images off the diagonal from which on two runs don't give one matrix by chance."""
_SMALL = (24, 32)
_NEAR = 0.97
"""Correlation of two pictures made very small from which on a closer look pays; copies have more."""
_NO_RESULT = re.compile(
    r"architect|network|model\s+(?:summary|structure|diagram|design)|layers?\b|data\s*-?sets?|\bdata\b|samples?|param|"
    r"introduc|method|config|pre-?process|theor|background|objective|problem",
    re.I,
)
_RESULT = re.compile(
    r"accurac|loss|curve|plot|graph|result|epochs?\b|confusion|matrix|performance|evaluat|history", re.I
)


class Sameness(StrEnum):
    """By what two pictures are one figure."""

    PIXELS = "pixel by pixel, margins cut off"
    NUMBERS = "by all numbers in their cells"
    LINES = "by every line, margins cut off and brought to one size"


@dataclass(frozen=True)
class SharedPicture:
    """A figure that stands in the reports of two students."""

    one: str
    """Id of the first dossier."""
    one_picture: Picture
    other: str
    other_picture: Picture
    by: Sameness
    difference: float
    """0 for equal pixels or numbers; of drawings, what `reportgen.grading.pictures.likeness.difference` gives."""


def shows_result(picture: Picture) -> bool:
    """Tell whether a picture stands where results stand, or is a confusion matrix; networks and data are no results."""
    if picture.classes is not None:
        return True
    return bool(_RESULT.search(picture.section)) and not _NO_RESULT.search(picture.section)


def same_figure(one: Picture, other: Picture, one_shaded: Grey, other_shaded: Grey) -> Sameness | None:
    """Tell whether two pictures of one report are one figure, and by what; None where that is not sure."""
    exact = _exactly(one, other)
    if exact is None and one.drawing and other.drawing and difference(one_shaded, other_shaded) <= SAME:
        return Sameness.LINES
    return exact


def shared_pictures(dossiers: Sequence[Dossier]) -> tuple[SharedPicture, ...]:
    """Find the figures of results that stand in two students' reports. What it means is for a person to decide.

    Only pictures under an experiment count, and no pictures of networks or data: those may come from one source.
    """
    owned = [
        (dossier.id, picture)
        for dossier in dossiers
        for picture in dossier.pictures
        if picture.experiment is not None and shows_result(picture)
    ]
    found: dict[tuple[int, int], tuple[Sameness, float]] = {}
    for by, pairs in (
        (Sameness.PIXELS, _groups(owned, Sameness.PIXELS)),
        (Sameness.NUMBERS, _groups(owned, Sameness.NUMBERS)),
    ):
        for pair in pairs:
            found.setdefault(pair, (by, 0.0))
    for first, second, apart in _alike(owned):
        found.setdefault((first, second), (Sameness.LINES, apart))
    return tuple(
        SharedPicture(owned[first][0], owned[first][1], owned[second][0], owned[second][1], by, apart)
        for (first, second), (by, apart) in sorted(found.items(), key=lambda entry: entry[0])
        if owned[first][0] != owned[second][0]
    )


def _exactly(one: Picture, other: Picture) -> Sameness | None:
    if one.pixels == other.pixels:
        return Sameness.PIXELS
    if one.cells is not None and one.cells == other.cells and _mistakes(one.cells) >= _LEAST_MISTAKES:
        return Sameness.NUMBERS
    return None


def _mistakes(rows: Sequence[Sequence[int]]) -> int:
    return sum(sum(row) - row[index] for index, row in enumerate(rows))


def _groups(owned: Sequence[tuple[str, Picture]], by: Sameness) -> Iterator[tuple[int, int]]:
    """Yield the pairs of equal pictures, as indices."""
    equal: dict[object, list[int]] = {}
    for index, (_, picture) in enumerate(owned):
        if by is Sameness.PIXELS:
            equal.setdefault(picture.pixels, []).append(index)
        elif picture.cells is not None and _mistakes(picture.cells) >= _LEAST_MISTAKES:
            equal.setdefault(picture.cells, []).append(index)
    for members in equal.values():
        for at, first in enumerate(members):
            yield from ((first, second) for second in members[at + 1 :])


def _alike(owned: Sequence[tuple[str, Picture]]) -> Iterator[tuple[int, int, float]]:
    """Yield the pairs of drawings that are one figure: very small first, then a closer look."""
    drawn = [
        (index, shaded)
        for index, (_, picture) in enumerate(owned)
        if picture.drawing and (shaded := read_sketch(picture.sketch)) is not None
    ]
    if not drawn:
        return
    small = np.stack([_tiny(shaded) for _, shaded in drawn])
    for at, (first, shaded) in enumerate(drawn):
        near = np.flatnonzero(small[at + 1 :] @ small[at] >= _NEAR) + at + 1
        for nearby in near:
            second, other = drawn[nearby]
            if owned[first][0] != owned[second][0]:
                equal = owned[first][1].sketch == owned[second][1].sketch
                apart = 0.0 if equal else sketch_difference(shaded, other)
                if apart <= SAME:
                    yield first, second, apart


def _tiny(shaded: Grey) -> NDArray[np.float32]:
    image = Image.fromarray(shaded).resize(_SMALL[::-1], Image.Resampling.BOX)
    flat = np.asarray(image, np.float32).ravel()
    flat = flat - flat.mean()
    unit: NDArray[np.float32] = flat / max(float(np.linalg.norm(flat)), 1e-6)
    return unit
