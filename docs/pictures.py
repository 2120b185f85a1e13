"""Makes the README's pictures, docs/report.png and docs/screen.png: python docs/pictures.py M23CSE023 (a built folder).

Needs chromium.
"""

import io
import os
import shutil
import sys
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Page, sync_playwright

_PAGES = (0, 2, 5, 6)
_DOTS_PER_INCH = 68
_GAP = 14
_TALL = 860
_FIVE = [(0.68, 0.2), (0.36, 0.2), (0.34, 0.45), (0.52, 0.4), (0.68, 0.55), (0.62, 0.76), (0.42, 0.82), (0.3, 0.74)]


def pages(pdf: Path) -> Image.Image:
    """Four pages of a report side by side."""
    document = pypdfium2.PdfDocument(pdf)
    return _beside([document[number].render(scale=_DOTS_PER_INCH / 72).to_pil() for number in _PAGES])


def screens(html: Path) -> Image.Image:
    """The report on a wide screen, a cell of the confusion matrix chosen, and its pad on a dark phone."""
    with sync_playwright() as playwright:
        path = os.environ.get("REPORTGEN_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        shots = []
        for width, scheme, show in ((1180, "light", _choose_cell), (400, "dark", _draw)):
            page = browser.new_page(
                viewport={"width": width, "height": _TALL}, color_scheme=scheme, reduced_motion="reduce"
            )
            page.goto(html.absolute().as_uri())
            show(page)
            shots.append(Image.open(io.BytesIO(page.screenshot())))
        browser.close()
    return _beside(shots)


def _choose_cell(page: Page) -> None:
    grid = page.locator("table[role=grid]").first
    page.evaluate("element => element.closest('figure').previousElementSibling.scrollIntoView()", grid.element_handle())
    grid.get_by_role("button").nth(49).click()


def _draw(page: Page) -> None:
    pad = page.locator("#try-pad")
    pad.evaluate("element => scrollTo(0, element.getBoundingClientRect().top + scrollY - 58)")
    box = pad.bounding_box()
    assert box is not None
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in _FIVE]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=6)
    page.mouse.up()
    page.wait_for_timeout(300)


def _beside(pictures: list[Image.Image]) -> Image.Image:
    width = sum(picture.width for picture in pictures) + _GAP * (len(pictures) + 1)
    sheet = Image.new("RGB", (width, pictures[0].height + 2 * _GAP), "#c9d0d8")
    left = _GAP
    for picture in pictures:
        sheet.paste(picture.convert("RGB"), (left, _GAP))
        left += picture.width + _GAP
    return sheet


if __name__ == "__main__":
    folder, here = Path(sys.argv[1]), Path(__file__).parent
    (pdf,), (html,) = folder.glob("*.pdf"), folder.glob("*.html")
    for name, picture in (("report", pages(pdf)), ("screen", screens(html))):
        picture.quantize(224).save(here / f"{name}.png", optimize=True)
