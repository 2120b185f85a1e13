"""What stands on the figures: style, sheets and paint."""

import base64
import itertools
import re
import xml.etree.ElementTree as ET
from io import BytesIO

import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from reportgen.files import bundled_templates
from reportgen.rendering.figures import style
from reportgen.rendering.figures.paint import _pixels, paint
from reportgen.rendering.figures.scales import linear, logarithmic
from reportgen.rendering.figures.sheet import Picture, Sheet

FONTS = bundled_templates() / "fonts"
_SVG = "{http://www.w3.org/2000/svg}"


def _luminance(color: str) -> float:
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_letters_can_be_read_on_what_they_stand_on() -> None:
    for tint in (*style.TINTS, style.PAPER):
        assert _contrast(style.INK, tint) >= 4.5
    for color in (style.MUTED, style.TEST, style.TRAINING, style.VALIDATION):
        assert _contrast(color, style.PAPER) >= 4.5


def test_more_errors_are_darker_in_grey_too() -> None:
    lights = [_luminance(tint) for tint in (style.PAPER, *style.TINTS)]
    assert lights == sorted(lights, reverse=True)
    assert all(one / other > 1.05 for one, other in itertools.pairwise(lights))


def test_widths_are_those_of_the_font() -> None:
    font = TTFont(FONTS / "Inter-SemiBold.ttf")
    names, metrics, em = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    text = "Convolution Layer 1: 16,384 (99.5 %)"
    assert style.width(text, 10) == pytest.approx(10 * sum(metrics[names[ord(c)]][0] for c in text) / em, rel=0.01)


def test_a_text_is_cut_where_it_must_be() -> None:
    assert style.shorten("ReLU 1", 60) == "ReLU 1"
    cut = style.shorten("Fully Connected Output Layer", 60)
    assert cut.endswith("…")
    assert style.width(cut) <= 60


def test_a_text_is_broken_evenly() -> None:
    assert style.wrap("Convolution Layer 1", 65) == ["Convolution", "Layer 1"]
    assert style.wrap("ReLU 1", 65) == ["ReLU 1"]
    assert len(style.wrap("one two three four five six", 20, lines=3)) == 3


@pytest.mark.parametrize("values", [[0.1, 0.97], [0.9839, 0.9952], [3.0, 3.0], [0.0, 1.0], [0.0, 0.0], [12.5, 80.0]])
def test_a_linear_scale_has_round_even_steps_around_its_values(values: list[float]) -> None:
    scale = linear(values)
    steps = [other - one for one, other in itertools.pairwise(scale.ticks)]
    assert 2 <= len(scale.ticks) <= 7
    assert steps == pytest.approx([steps[0]] * len(steps))
    assert re.fullmatch(r"[125]\.0+e[+-]\d+", f"{steps[0]:.6e}")
    assert scale.low <= min(values) <= max(values) <= scale.high
    assert scale.part(scale.low) == 0
    assert scale.part(scale.high) == 1


@pytest.mark.parametrize("values", [[0.018, 0.159], [2.3, 2.31], [1e-4, 2.0], [0.05, 0.05], [1.0, 1.0]])
def test_a_logarithmic_scale_goes_from_round_to_round(values: list[float]) -> None:
    scale = logarithmic(values)
    assert scale.low <= min(values) <= max(values) <= scale.high
    assert scale.low < scale.high
    assert 1 <= len(scale.ticks) <= 7
    middle = (scale.low * scale.high) ** 0.5
    assert scale.part(middle) == pytest.approx(0.5)
    assert scale.part(scale.low / 10) == 0


def test_paint_keeps_texts_groups_and_order() -> None:
    sheet = Sheet(100, 50)
    sheet.text(10, 20, "1,234", bold=True)
    with sheet.group(cell="0,1", kind="error"):
        sheet.rectangle(5, 5, 20, 10, style.TINTS[0], style.INK, 1)
        sheet.text(10, 30, "5 < 6 $x$", turned=True)
    root = ET.fromstring(paint(sheet, "name", "A finding.", FONTS))
    texts = list(root.iter(f"{_SVG}text"))
    assert [text.text for text in texts] == list(sheet.texts()) == ["1,234", "5 < 6 $x$"]
    assert (texts[0].get("x"), texts[0].get("y"), texts[0].get("font-weight")) == ("10", "20", "600")
    group = next(element for element in root.iter() if element.get("data-cell"))
    assert (group.get("data-cell"), group.get("data-kind")) == ("0,1", "error")
    assert [element.tag for element in group] == [f"{_SVG}path", f"{_SVG}text"]


def test_an_image_keeps_its_proportions_and_its_colours() -> None:
    sheet = Sheet(100, 100)
    sheet.picture(0, 0, (40, 40), base64.b64encode(bytes(range(48))).decode(), (3, 2, 8))
    picture = sheet.root.parts[0]
    assert isinstance(picture, Picture)
    assert (picture.x, picture.y, picture.width, picture.height) == (0, 15, 40, 10)
    image = next(ET.fromstring(paint(sheet, "name", "alt", FONTS)).iter(f"{_SVG}image"))
    content = base64.b64decode(image.get("{http://www.w3.org/1999/xlink}href", "").split(",", 1)[1])
    with Image.open(BytesIO(content)) as shown:
        assert shown.size == (24, 6)  # larger pixels: a viewer smooths
        assert shown.getpixel((0, 0)) == (0, 16, 32)


def test_grey_images_are_ink_on_paper() -> None:
    pixels = base64.b64encode(bytes([0, 255, 10, 0])).decode()
    assert _pixels(Picture(0, 0, 1, 1, pixels, (1, 2, 2)))[0, :2].tolist() == [255, 255]
    assert _pixels(Picture(0, 0, 1, 1, pixels, (1, 2, 2)))[0, 14].tolist() == 0
