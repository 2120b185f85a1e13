"""A report whose pad is drawn on, in a real browser."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page

from reportgen.rendering.captions import describe
from reportgen.rendering.figures.report_figures import Figure
from reportgen.rendering.page import render_html
from reportgen.rendering.report import open_report_templates
from reportgen.results.schema import Results

ONE = [(0.45, 0.2), (0.5, 0.8)]
"""Points of a stroke: a one."""
SEEN = """canvas => {
  const { width, height } = canvas;
  const copy = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  return [...copy.getImageData(0, 0, width, height).data].filter((_, k) => k % 4 === 0);
}"""


def write_page(path: Path, results: Results, weights: Mapping[str, bytes]) -> Path:
    """Write a report without its drawings."""
    figures = {key: Figure(b"<?xml?><svg></svg>", words.alt, words.caption) for key, words in describe(results).items()}
    path.write_text(render_html(results, figures, open_report_templates(None), weights), encoding="utf-8")
    return path


def settle(page: Page) -> None:
    """Wait until what happened is shown."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def pull(page: Page, points: list[tuple[float, float]]) -> None:
    """Move the mouse, its button down, over points of the pad (0…1 from the left and from the top)."""
    pad = page.locator("#try-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)


def stroke(page: Page, points: list[tuple[float, float]]) -> None:
    """Draw on the pad with the mouse."""
    pull(page, points)
    page.mouse.up()
    settle(page)


def cards_of(page: Page) -> list[Locator]:
    return page.locator(".try-card").all()


def answers_of(page: Page) -> list[str]:
    return [card.locator(".try-answer").inner_text() for card in cards_of(page)]


def seen_on(page: Page) -> NDArray[np.int64]:
    """What the networks see, (28, 28), bytes."""
    return np.array(page.locator("#try-seen").evaluate(SEEN)).reshape(28, 28)
