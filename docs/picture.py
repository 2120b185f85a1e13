"""Makes the README's picture: python docs/picture.py M23CSE023/M23CSE023.pdf docs/report.png."""

import sys
from pathlib import Path

import pypdfium2
from PIL import Image

_PAGES = (0, 2, 3, 4)
_DOTS_PER_INCH = 68
_GAP = 14


def picture(pdf: Path) -> Image.Image:
    """Four pages of a report side by side."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [document[number].render(scale=_DOTS_PER_INCH / 72).to_pil().convert("RGB") for number in _PAGES]
    width = sum(page.width for page in pages) + _GAP * (len(pages) + 1)
    sheet = Image.new("RGB", (width, pages[0].height + 2 * _GAP), "#c9d0d8")
    left = _GAP
    for page in pages:
        sheet.paste(page, (left, _GAP))
        left += page.width + _GAP
    return sheet


if __name__ == "__main__":
    picture(Path(sys.argv[1])).quantize(224).save(sys.argv[2], optimize=True)
