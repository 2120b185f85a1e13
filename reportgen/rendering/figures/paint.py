"""Sheets painted by matplotlib: SVG documents with text as text, the same bytes for the same sheet."""

import base64
import io
import logging
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reportgen.rendering.figures.sheet import Dot, Group, Part, Picture, Shape, Sheet, Text
from reportgen.rendering.figures.svg import HOOKS, tidy

if TYPE_CHECKING:
    from matplotlib.artist import Artist

_STYLE: dict[Any, Any] = {"svg.hashsalt": "reportgen", "svg.fonttype": "none", "font.family": "Inter"}
_ENOUGH = 28
"""Pixels across, from which an image may be smoothed where it is shown; smaller ones are given with larger pixels."""


def paint(sheet: Sheet, name: str, alt: str, fonts: Path) -> bytes:
    """Paint a sheet as a whole SVG document, UTF-8.

    Args:
        sheet: what stands where.
        name: makes the ids of the document its own.
        alt: alternative text.
        fonts: folder with the fonts.
    """
    _register(fonts)
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        canvas = Figure(figsize=(sheet.width / 72, sheet.height / 72), dpi=72)
        canvas.patch.set_visible(False)
        FigureCanvasSVG(canvas)
        canvas.add_artist(_artist(sheet.root, sheet.height, canvas), clip=False)
        stream = io.BytesIO()
        canvas.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return tidy(stream.getvalue(), name, alt)


@cache
def _register(fonts: Path) -> None:
    logger = logging.getLogger("matplotlib")
    level = logger.level
    logger.setLevel(logging.ERROR)  # without a home it takes a temporary folder, and tells of it in many words
    try:
        from matplotlib import font_manager
    finally:
        logger.setLevel(level)
    manager = font_manager.fontManager
    for path in sorted(fonts.glob("*.ttf")):
        manager.addfont(path)
    # the file of a weight calls itself a family
    own = [replace(entry, name="Inter") for entry in manager.ttflist if Path(entry.fname).parent == fonts]
    manager.ttflist.extend(own)


def _artist(part: Part, height: float, canvas: Any) -> "Artist":
    """What matplotlib draws for a part of a sheet of ``height`` points."""
    from matplotlib import patches, path, text, transforms

    artist: Artist
    match part:
        case Group():
            artist = _collection([_artist(inner, height, canvas) for inner in part.parts], part)
        case Picture():
            artist = _image(part, height)
        case Text():
            artist = text.Text(
                part.x,
                part.y,
                part.text,
                fontsize=part.size,
                color=part.color,
                ha=part.anchor,
                va="baseline",
                weight=600 if part.bold else 400,
                rotation=90 if part.turned else 0,
                rotation_mode="anchor",
                parse_math=False,
            )
        case Dot():
            artist = patches.PathPatch(
                path.Path.circle((part.x, part.y), part.radius),
                facecolor=part.fill,
                edgecolor=part.edge,
                linewidth=part.width,
            )
        case Shape():
            points = [*part.points, part.points[0]] if part.closed else list(part.points)
            artist = patches.PathPatch(
                path.Path(points, closed=part.closed),
                facecolor=part.fill or "none",
                edgecolor=part.edge or "none",
                linewidth=part.width if part.edge else 0,
                linestyle=(0, part.dash) if part.dash else "solid",
                joinstyle="miter" if part.closed else "round",
                capstyle="butt",
            )
    artist.set_figure(canvas)
    artist.set_transform(transforms.Affine2D().scale(1, -1).translate(0, height))
    return artist


def _collection(artists: "list[Artist]", group: Group) -> "Artist":
    from matplotlib.artist import Artist

    class Collection(Artist):
        """Artists inside one ``<g>``."""

        def draw(self, renderer: Any) -> None:
            renderer.open_group("group", gid=HOOKS + ";".join(f"{name}={value}" for name, value in group.hooks.items()))
            for artist in artists:
                artist.draw(renderer)
            renderer.close_group("group")

    return Collection()


def _image(picture: Picture, height: float) -> "Artist":
    from matplotlib.artist import Artist
    from matplotlib.transforms import Affine2D

    class Image(Artist):
        """An image with its own pixels, which the viewer scales."""

        def draw(self, renderer: Any) -> None:
            scaled = Affine2D().scale(picture.width, -picture.height)
            renderer.draw_image(renderer.new_gc(), picture.x, height - picture.y, _pixels(picture), scaled)

    return Image()


def _pixels(picture: Picture) -> NDArray[np.uint8]:
    """Grey images as ink on paper, (H, W); coloured ones as they are, (H, W, 3)."""
    pixels = np.frombuffer(base64.b64decode(picture.pixels), np.uint8).reshape(picture.shape)
    shown = pixels.transpose(1, 2, 0) if len(pixels) == 3 else 255 - pixels[0]
    larger = max(1, _ENOUGH // max(picture.shape[1:]))
    return np.ascontiguousarray(shown.repeat(larger, 0).repeat(larger, 1))
