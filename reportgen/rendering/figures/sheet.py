"""What stands on a figure and where: texts, shapes and pictures in points, the origin at the top left. No painting."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from reportgen.rendering.figures.style import INK, SOLID, TEXT

Anchor = Literal["left", "center", "right"]
Point = tuple[float, float]


@dataclass(frozen=True)
class Text:
    """A line of text; ``y`` is its baseline."""

    x: float
    y: float
    text: str
    size: float
    color: str
    anchor: Anchor
    bold: bool
    turned: bool
    """It reads upwards."""


@dataclass(frozen=True)
class Shape:
    """A line or, where it is closed, an outline."""

    points: tuple[Point, ...]
    closed: bool
    fill: str | None
    edge: str | None
    width: float
    dash: tuple[float, ...]


@dataclass(frozen=True)
class Dot:
    """A circle."""

    x: float
    y: float
    radius: float
    fill: str
    edge: str
    width: float


@dataclass(frozen=True)
class Picture:
    """An image of a data set, scaled to its place."""

    x: float
    y: float
    width: float
    height: float
    pixels: str
    """8 bits a pixel, channel after channel, rows from the top, in base64."""
    shape: tuple[int, int, int]
    """(C, H, W)"""


@dataclass(frozen=True)
class Group:
    """Parts that a script can find together, by what the group is called."""

    hooks: dict[str, str]
    """Names and values of its ``data-`` attributes."""
    parts: "list[Part]" = field(default_factory=list)


Part = Text | Shape | Dot | Picture | Group


class Sheet:
    """A figure as a list of its parts, those behind first."""

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self.root = Group({})
        self._open = [self.root]

    @contextmanager
    def group(self, **hooks: object) -> Iterator[None]:
        """Put the parts that are added inside into a group with these ``data-`` attributes."""
        group = Group({name: str(value) for name, value in hooks.items()})
        self._add(group)
        self._open.append(group)
        try:
            yield
        finally:
            self._open.pop()

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = TEXT,
        color: str = INK,
        anchor: Anchor = "left",
        bold: bool = False,
        turned: bool = False,
    ) -> None:
        """Write a line of text on the baseline ``y``."""
        self._add(Text(x, y, text, size, color, anchor, bold, turned))

    def rectangle(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str | None,
        edge: str | None = None,
        line: float = 0.8,
        dash: tuple[float, ...] = SOLID,
    ) -> None:
        """Draw a rectangle from its top left corner."""
        corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
        self._add(Shape(corners, True, fill, edge, line, dash))

    def outline(self, points: Sequence[Point], fill: str | None, edge: str | None = None, line: float = 0.8) -> None:
        """Draw a closed outline."""
        self._add(Shape(tuple(points), True, fill, edge, line, SOLID))

    def line(self, points: Sequence[Point], color: str, width: float = 0.8, dash: tuple[float, ...] = SOLID) -> None:
        """Draw a line through points."""
        self._add(Shape(tuple(points), False, None, color, width, dash))

    def dot(self, x: float, y: float, radius: float, fill: str, edge: str, width: float = 0.0) -> None:
        """Draw a circle."""
        self._add(Dot(x, y, radius, fill, edge, width))

    def picture(self, x: float, y: float, room: tuple[float, float], pixels: str, shape: tuple[int, int, int]) -> None:
        """Show an image in the middle of a room of (width, height) with its top left corner at (x, y)."""
        _, height, width = shape
        scale = min(room[0] / width, room[1] / height)
        left, top = x + (room[0] - scale * width) / 2, y + (room[1] - scale * height) / 2
        self._add(Picture(left, top, scale * width, scale * height, pixels, shape))

    def texts(self) -> Iterator[str]:
        """Every text, in the order in which it is painted."""
        yield from _texts(self.root)

    def _add(self, part: Part) -> None:
        self._open[-1].parts.append(part)


def _texts(group: Group) -> Iterator[str]:
    for part in group.parts:
        if isinstance(part, Text):
            yield part.text
        elif isinstance(part, Group):
            yield from _texts(part)
