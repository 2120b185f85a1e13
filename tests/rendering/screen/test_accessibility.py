"""The HTML report for everyone: axe-core, the keyboard, what has the focus, and drawings in the dark."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator

from tests.axe import axe
from tests.browsing import SETTINGS, opened
from tests.needed import needs_chromium

pytestmark = [needs_chromium, pytest.mark.slow]

_FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const middle = (low, high, most) => (Math.max(low, 0) + Math.min(high, most)) / 2;
  const across = middle(box.left, box.right, innerWidth);
  const hit = document.elementFromPoint(across, middle(box.top, box.bottom, innerHeight));
  return {
    id: String([...document.querySelectorAll("*")].indexOf(element)),
    what: element.outerHTML.slice(0, 120),
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    covered: !(element.contains(hit) || hit?.contains(element)),
  };
}"""
_STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
  .filter((element) => element.tabIndex >= 0 && element.checkVisibility({ visibilityProperty: true }))
  .map((element) => String([...document.querySelectorAll("*")].indexOf(element)))"""


@pytest.mark.parametrize(("scheme", "width"), SETTINGS)
def test_axe_finds_nothing(browser: Browser, report_html: Path, scheme: str, width: int) -> None:
    with opened(browser, report_html, scheme, width, reduced_motion="reduce") as page:
        found, undecided = axe(page)
        assert found == []
        if width == 1280:  # nothing scrolls, so no shadow lies behind a text
            assert undecided <= {"nonBmp", "shortTextContent"}
        page.locator("button.layer").nth(3).click()
        page.locator("table[role=grid] td").nth(12).get_by_role("button").click()
        page.get_by_role("slider").first.press("Home")
        if width == 320:
            page.get_by_role("button", name="Contents").click()
        assert axe(page)[0] == []


def test_axe_would_find_something(browser: Browser, report_html: Path, tmp_path: Path) -> None:
    path = tmp_path / "poor.html"
    path.write_text(report_html.read_text().replace('<html lang="en">', "<html>"))
    with opened(browser, path) as page:
        assert [rule for rule, _ in axe(page)[0]] == ["html-has-lang"]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_tab_reaches_everything_shows_where_it_is_and_leaves(
    browser: Browser, report_html: Path, scheme: str, width: int
) -> None:
    with opened(browser, report_html, scheme, width, reduced_motion="reduce") as page:
        stops = page.evaluate(_STOPS)
        seen: list[str] = []
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        while (focused := page.evaluate(_FOCUSED)) is not None and len(seen) < 2 * len(stops):
            seen.append(focused["id"])
            assert focused["outline"] >= 2, focused["what"]
            assert focused["inside"], focused["what"]
            assert not focused["covered"], focused["what"]
            page.keyboard.press("Tab")
        assert sorted(seen) == sorted(stops)
        assert len(stops) >= 30
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(_FOCUSED)["id"] == seen[-1]


def test_the_skip_link_leads_past_the_contents(browser: Browser, report_html: Path) -> None:
    with opened(browser, report_html, reduced_motion="reduce") as page:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "report"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize(("scheme", "width"), SETTINGS)
def test_what_is_pressed_is_large_enough(browser: Browser, report_html: Path, scheme: str, width: int) -> None:
    with opened(browser, report_html, scheme, width) as page:
        if width == 320:
            page.get_by_role("button", name="Contents").click()
        targets = "button, input, .contents a"
        sizes = page.eval_on_selector_all(
            targets,
            """elements => elements.filter((element) => element.checkVisibility())
                 .map((element) => [element.getBoundingClientRect(), element.outerHTML.slice(0, 90)])
                 .map(([box, what]) => [Math.min(box.width, box.height), what])""",
        )
        assert len(sizes) > 250
        assert [what for size, what in sizes if size < 24] == []


def _contrast(locator: Locator) -> float:
    """Between the lightest and the darkest pixel that are seen in an element's box."""
    colors = np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("RGB")) / 255
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    return float((luminance.max() + 0.05) / (luminance.min() + 0.05))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_of_a_drawing_can_be_read(browser: Browser, report_html: Path, scheme: str) -> None:
    with opened(browser, report_html, scheme, java_script_enabled=False, device_scale_factor=3) as page:
        poor = []
        for drawing in page.locator("figure svg[aria-labelledby^=bonus-]").all():
            name = drawing.get_attribute("aria-labelledby")
            texts = drawing.locator("text", has_not_text=re.compile("^·$"))  # an empty cell's dot says nothing
            by_color = {text.get_attribute("fill"): text for text in texts.all()}
            poor += [(name, fill, ratio) for fill, text in by_color.items() if (ratio := _contrast(text)) < 4.5]
        assert poor == []
