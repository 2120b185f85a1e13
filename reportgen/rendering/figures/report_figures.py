"""The figures of a report: SVG with text as text, and an alternative text that states the finding. No torch."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reportgen.rendering.captions import describe
from reportgen.rendering.figures import accuracies, confused, confusion, curves, network
from reportgen.rendering.figures.paint import paint
from reportgen.rendering.figures.sheet import Sheet
from reportgen.results.schema import ExperimentResult, Results

_KINDS: dict[str, Callable[[Results, ExperimentResult], Sheet]] = {
    "network": network.draw,
    "accuracies": accuracies.draw,
    "curves": curves.draw,
    "confusion": confusion.draw,
    "confused": confused.draw,
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


def sheets(results: Results) -> dict[str, Sheet]:
    """What stands on every figure of a report, by the keys of `captions.describe`."""
    return {
        key: _KINDS[kind](results, results.experiment(experiment))
        for key in describe(results)
        for experiment, _, kind in [key.rpartition("-")]
    }


def draw(results: Results, fonts: Path) -> dict[str, Figure]:
    """Draw every figure of a report, by the keys of `captions.describe`; ``fonts`` is the folder with its fonts."""
    words = describe(results)
    return {
        key: Figure(paint(sheet, key, words[key].alt, fonts), words[key].alt, words[key].caption)
        for key, sheet in sheets(results).items()
    }
