"""Key views of the report as pictures: the HTML as readers have it on screen, and the pages of the PDF.

They are drawn from ``golden/results.json``, three epochs on the embedded digits, so they don't depend on how a machine
trains. ``make accept-pictures`` accepts what they look like now. Where a new reportgen can't read the results any more,
``reportgen build --roll M23CSE023 --dataset digits --epochs 3 --name "Asha Rao" --colab https://colab.example/asha``
makes others.
"""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray
from PIL import Image, ImageChops
from playwright.sync_api import Page

from reportgen.rendering.report import open_report_templates, render_report
from reportgen.results import reading
from tests import browsing

GOLDEN = Path(__file__).parent / "golden"
_BLOCK = 8
"""Pixels of a side of the blocks whose mean colours are compared: text in them is grey, however it is smoothed."""
_COLOUR, _SHARE = 10.0, 0.001
"""How much a block may differ, of 255, and the share of blocks that may differ by more; a shift by a pixel is none."""
_VIEWS: dict[str, str] = {
    "cover": "h1",
    "layers": "h3:text-is('Network Architecture') >> nth=0",
    "curves": "h4:text-is('Accuracy and Loss per Epoch') >> nth=0",
    "matrix": "h4:text-is('Confusion Matrix') >> nth=0",
}
"""Views and the headings that they begin with."""


def files(results_json: Path = GOLDEN / "results.json", templates: Path | None = None) -> dict[str, bytes]:
    """Render the HTML and the PDF of stored results: content by ``html`` and ``pdf``."""
    report = render_report(
        reading.load(results_json), open_report_templates(templates), datetime(2024, 1, 25, tzinfo=UTC)
    )
    assert report.pdf_error is None
    return {Path(name).suffix[1:]: content for name, content in report.files.items() if "/" not in name}


def screens(html: Path) -> Iterator[tuple[str, Image.Image]]:
    """Each view of the HTML in the four settings: its name and its picture, half as large as on screen."""
    with browsing.started("--font-render-hinting=none", "--disable-lcd-text") as browser:
        for scheme, width in browsing.SETTINGS:
            with browsing.opened(browser, html, scheme, width, reduced_motion="reduce") as page:
                page.locator("button.layer").nth(3).click()
                for name, heading in _VIEWS.items():
                    yield f"{name}-{scheme}-{width}", _seen(page, heading)
                if width == 320:
                    page.get_by_role("button", name="Contents").click()
                    yield f"contents-{scheme}-{width}", _picture(page.screenshot())


def pages(pdf: bytes) -> Iterator[tuple[str, Image.Image]]:
    """Each page of a PDF, 50 pixels an inch."""
    document = pdfium.PdfDocument(pdf)
    for number in range(len(document)):
        yield f"page-{number + 1:02d}", document[number].render(scale=100 / 72).to_pil().convert("RGB").reduce(2)
    document.close()


def difference(picture: Image.Image, golden: Image.Image) -> str:
    """In words, what has changed more than fonts and smoothing make it; empty where nothing has."""
    if picture.size != golden.size:
        return f"is {picture.size[0]}×{picture.size[1]} pixels, was {golden.size[0]}×{golden.size[1]}"
    wanted = _blocks(golden)
    shifts = [(across, down) for across in (-1, 0, 1) for down in (-1, 0, 1)]
    nearest = np.min([np.abs(_blocks(ImageChops.offset(picture, *shift)) - wanted).max(2) for shift in shifts], axis=0)
    changed = nearest > _COLOUR
    if changed.mean() <= _SHARE:
        return ""
    rows, columns = np.nonzero(changed)
    top, bottom, left, right = (
        int(side) * _BLOCK for side in (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1)
    )
    return f"{changed.sum()} of {changed.size} blocks differ, between ({left}, {top}) and ({right}, {bottom})"


def accept(folder: Path) -> None:
    """Write every view as it is now into ``folder``, and remove those that are no more."""
    folder.mkdir(exist_ok=True)
    for stale in folder.glob("*.png"):
        stale.unlink()
    for name, picture in current():
        picture.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            folder / f"{name}.png", optimize=True
        )


def current() -> Iterator[tuple[str, Image.Image]]:
    """Every view as it is now."""
    rendered = files()
    with TemporaryDirectory() as folder:
        html = Path(folder) / "report.html"
        html.write_bytes(rendered["html"])
        yield from screens(html)
    yield from pages(rendered["pdf"])


def _seen(page: Page, heading: str) -> Image.Image:
    page.locator(heading).evaluate("element => element.scrollIntoView({ block: 'start' })")
    page.wait_for_timeout(50)  # the contents follow
    return _picture(page.screenshot())


def _picture(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB").reduce(2)


def _blocks(picture: Image.Image) -> NDArray[Any]:
    """Mean colours of blocks, (rows, columns, 3); a rest at the right and at the bottom is left out."""
    pixels = np.asarray(picture.convert("RGB"), float)
    rows, columns = (side // _BLOCK for side in pixels.shape[:2])
    whole = pixels[: rows * _BLOCK, : columns * _BLOCK]
    means: NDArray[Any] = whole.reshape(rows, _BLOCK, columns, _BLOCK, 3).mean((1, 3))
    return means


if __name__ == "__main__":
    accept(GOLDEN)
    sys.stdout.write(f"accepted {len(list(GOLDEN.glob('*.png')))} pictures in {GOLDEN}\n")
