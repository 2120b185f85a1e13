"""The figures of a report: SVG with text as text, and an alternative text that states the finding. No torch."""

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reportgen.captions import Words, describe
from reportgen.results import EpochRecord, ExperimentResult, Results
from reportgen.svg import tidy
from reportgen.wording import integer, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

INK, MUTED, RULE = "#1c2430", "#5b6675", "#c9d0d8"
TEST, TRAIN, VALIDATION = "#0b4f8a", "#c2570c", "#5b6675"
"""Dark blue and orange differ in lightness too, and every curve has its own dash: both survive grey printing."""
_DIAGONAL = "#e6edf4"
_STYLE: dict[Any, Any] = {
    "font.family": "Inter",
    "font.size": 8,
    "svg.fonttype": "none",
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.labelcolor": MUTED,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#e6eaee",
    "grid.linewidth": 0.7,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "text.color": INK,
}


@dataclass(frozen=True)
class Figure:
    """One figure."""

    svg: bytes
    """A whole SVG document, UTF-8."""
    alt: str
    """What it shows, for a reader who can't see it."""
    caption: str
    """The finding."""


def draw(results: Results, fonts: Path) -> dict[str, Figure]:
    """Draw every figure of a report; ``fonts`` is the folder with the report's fonts.

    Keys are ``<experiment>-curves``, ``<experiment>-confusion`` and, where there are errors,
    ``<experiment>-mistaken``.
    """
    import matplotlib as mpl

    _register(fonts)
    figures = {}
    words = describe(results)
    with mpl.rc_context({"svg.hashsalt": "reportgen", **_STYLE}):
        ranges = _ranges(results)
        for result in results.experiments:
            curves, confusion, mistaken = (f"{result.id}-{kind}" for kind in ("curves", "confusion", "mistaken"))
            figures[curves] = _curves(words[curves], result, ranges)
            figures[confusion] = _confusion(words[confusion], result)
            if result.mistaken:
                figures[mistaken] = _mistaken(words[mistaken], result, results)
    return figures


@cache
def _register(fonts: Path) -> None:
    from matplotlib import font_manager

    for path in sorted(fonts.glob("*.ttf")):
        font_manager.fontManager.addfont(path)


def _canvas(width: float, height: float) -> "Canvas":
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(width, height), layout="constrained")
    FigureCanvasSVG(canvas)
    return canvas


def _finish(canvas: "Canvas", name: str, words: Words) -> Figure:
    stream = io.BytesIO()
    canvas.savefig(stream, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return Figure(tidy(stream.getvalue(), name, words.alt), words.alt, words.caption)


Ranges = dict[str, tuple[float, float]]
_Reading = Callable[[EpochRecord], float | None]


def _ranges(results: Results) -> Ranges:
    """Common vertical ranges, so that experiments can be compared by eye."""
    records = [record for experiment in results.experiments for record in experiment.history]
    accuracies = [
        a for r in records for a in (r.train_accuracy, r.validation_accuracy, r.test_accuracy) if a is not None
    ]
    losses = [v for r in records for v in (r.train_loss, r.validation_loss, r.test_loss) if v is not None]
    room = (1 - min(accuracies)) * 0.06 or 0.001
    return {"accuracy": (min(accuracies) - room, 1 + room / 2), "loss": (0.0, max(losses) * 1.06)}


def _curves(words: Words, result: ExperimentResult, ranges: Ranges) -> Figure:
    canvas = _canvas(6.5, 2.55)
    left, right = canvas.subplots(1, 2)
    lines: list[tuple[str, str, Any, _Reading, _Reading]] = [
        ("training", TRAIN, (0, (4, 1.6)), lambda r: r.train_accuracy, lambda r: r.train_loss),
        ("validation", VALIDATION, (0, (1, 1.4)), lambda r: r.validation_accuracy, lambda r: r.validation_loss),
        ("test", TEST, "solid", lambda r: r.test_accuracy, lambda r: r.test_loss),
    ]
    validated = result.history[-1].validation_loss is not None
    shown = [line for line in lines if validated or line[0] != "validation"]
    _plot(left, [(*line[:3], [line[3](r) for r in result.history]) for line in shown], result, ranges["accuracy"])
    _plot(right, [(*line[:3], [line[4](r) for r in result.history]) for line in shown], result, ranges["loss"])
    for axes, label in ((left, "Accuracy"), (right, "Loss (cross-entropy, nats)")):
        axes.set_title(label, loc="left", fontsize=8, color=INK)
        axes.set_xlabel("Epoch")
    left.yaxis.set_major_formatter(lambda value, _: f"{value * 100:.4g} %")
    return _finish(canvas, f"{result.id}-curves", words)


def epoch_ticks(result: ExperimentResult) -> list[int]:
    """Epochs that the axes of an experiment's curves are labelled with."""
    epochs = [record.epoch for record in result.history]
    return [epoch for epoch in epochs if len(epochs) <= 12 or epoch % (len(epochs) // 10 + 1) == 0]


def _plot(
    axes: "Axes", drawn: Sequence[tuple[str, str, Any, Any]], result: ExperimentResult, limits: tuple[float, float]
) -> None:
    epochs = [record.epoch for record in result.history]
    for name, color, dash, values in drawn:
        axes.plot(epochs, values, color=color, linestyle=dash, linewidth=1.5, marker="o", markersize=2.2, label=name)
    axes.set_ylim(*limits)
    axes.set_xlim(0.7, epochs[-1] + 0.3)
    axes.set_xticks(epoch_ticks(result))
    if result.history[-1].validation_loss is not None:
        axes.axvline(result.chosen_epoch, color=MUTED, linewidth=0.7, zorder=0)
    height = limits[1] - limits[0]
    ends = sorted((values[-1], name, color) for name, color, _, values in drawn)
    at = -np.inf
    for value, name, color in ends:
        at = max(float(value), at + height * 0.085)
        axes.annotate(
            name,
            (epochs[-1], at),
            xytext=(7, 0),
            textcoords="offset points",
            color=color,
            va="center",
            annotation_clip=False,
        )


def _confusion(words: Words, result: ExperimentResult) -> Figure:
    matrix = np.array(result.score.confusion)
    names = [entry.name for entry in result.score.classes]
    number = len(names)
    size = 4.4 if number > 6 else 3.6
    canvas = _canvas(size + 0.8, size)
    axes = canvas.subplots()
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    worst = max(float(shares[~np.eye(number, dtype=bool)].max()), 1e-9)
    colors = np.empty((number, number, 3))
    for row in range(number):
        for column in range(number):
            depth = 0.75 * float(shares[row, column]) / worst
            colors[row, column] = _mix(depth) if row != column else _rgb(_DIAGONAL)
    axes.pcolormesh(np.arange(number + 1), np.arange(number + 1), colors, edgecolors="white", linewidth=1.2)
    for row in range(number):
        for column in range(number):
            cell = int(matrix[row, column])
            axes.text(
                column + 0.5,
                row + 0.5,
                integer(cell) if cell else "0",
                ha="center",
                va="center",
                fontsize=8 if number <= 10 else 6,
                color=INK if cell else "#8a94a0",
            )
    ticks = np.arange(number) + 0.5
    axes.set_xticks(ticks, [name.replace(" {", "\n{") for name in names])
    axes.set_yticks(ticks, [name.replace(" {", "\n{") for name in names], multialignment="right")
    axes.set_xlabel("Predicted class")
    axes.set_ylabel("True class")
    axes.invert_yaxis()
    axes.set_aspect("equal")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return _finish(canvas, f"{result.id}-confusion", words)


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _mix(depth: float) -> tuple[float, float, float]:
    """White mixed with the colour of errors."""
    red, green, blue = (1 + (part - 1) * depth for part in _rgb("#e8833a"))
    return red, green, blue


def _mistaken(words: Words, result: ExperimentResult, results: Results) -> Figure:
    shown = result.mistaken
    names = [entry.name.split(" {")[0] for entry in result.score.classes]
    columns = 12
    rows = -(-len(shown) // columns)
    canvas = _canvas(6.5, 0.98 * rows)
    grid = canvas.subplots(rows, columns, squeeze=False)
    _, height, width = results.plan.input_shape
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, entry in zip(grid.flat, shown, strict=False):
        pixels = np.frombuffer(base64.b64decode(entry.pixels), np.uint8).reshape(height, width)
        axes.imshow(255 - pixels, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        said = f"{names[entry.true]}\n→ {names[entry.predicted]}\n{percent(entry.probability, 1)}"
        axes.set_title(said, fontsize=6.5, pad=3)
    return _finish(canvas, f"{result.id}-mistaken", words)
