"""A real browser, and the report's page in it as its readers have it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.needed import CHROMIUM

SETTINGS = [(scheme, width) for scheme in ("light", "dark") for width in (320, 1280)]
"""The four that everything holds in."""


@contextmanager
def started(*flags: str) -> Iterator[Browser]:
    """Chromium without a window; ``flags`` are its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", *flags]
        )
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, html: Path, scheme: Any = "light", width: int = 1280, **options: Any) -> Iterator[Page]:
    """The page, 900 pixels high; what it complains of fails the test, as does a request for anything outside it."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith(("file:", "data:")) else complaints.append(request.url),
    )
    page.goto(html.as_uri())
    yield page
    context.close()
    assert complaints == []
