"""The HTML report in a real browser."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from reportgen.experiment import Computed
from reportgen.report import open_report_templates, render_report

_CHROMIUM = os.environ.get("REPORTGEN_CHROMIUM") or shutil.which("chromium")

pytestmark = pytest.mark.skipif(_CHROMIUM is None, reason="needs chromium (apt-get install chromium)")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def html(computed: Computed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    moment = datetime(2024, 1, 25, tzinfo=UTC)
    path = tmp_path_factory.mktemp("html") / "M23CSE023.html"
    path.write_bytes(render_report(computed.results, open_report_templates(None), moment).files["M23CSE023.html"])
    return path


def _open(browser: Browser, html: Path, width: int) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on(
        "request",
        lambda request: None if request.url.startswith(("file:", "data:")) else complaints.append(request.url),
    )
    page.goto(html.as_uri())
    return page, complaints


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_works_offline_and_does_not_scroll_sideways(browser: Browser, html: Path, width: int) -> None:
    page, complaints = _open(browser, html, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('12px Inter'))")
    assert [said for said in complaints if not said.startswith(("file:", "data:"))] == []
    page.close()


def test_contents_lead_to_their_sections(browser: Browser, html: Path) -> None:
    page, _ = _open(browser, html, 1280)
    links = page.locator("nav a")
    assert links.count() == 7
    for index in range(links.count()):
        link = links.nth(index)
        target = page.locator(str(link.get_attribute("href")))
        assert target.inner_text() == link.inner_text()
    page.close()


def test_figures_have_names_and_fit(browser: Browser, html: Path) -> None:
    page, _ = _open(browser, html, 320)
    figures = page.get_by_role("img")
    assert figures.count() == 13
    for index in range(figures.count()):
        box = figures.nth(index).bounding_box()
        assert box is not None
        assert box["width"] <= 320
    names = page.eval_on_selector_all("svg[role=img] > title", "titles => titles.map(title => title.textContent)")
    assert all(len(name) > 40 for name in names)
    page.close()


def test_ids_are_unique(browser: Browser, html: Path) -> None:
    page, _ = _open(browser, html, 1280)
    ids = page.eval_on_selector_all("[id]", "elements => elements.map(element => element.id)")
    assert len(ids) == len(set(ids))
    page.close()
