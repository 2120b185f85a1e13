import xml.etree.ElementTree as ET

from reportgen.rendering.figures.svg import tidy

_PLOT = b"""<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">
 <metadata>made today</metadata>
 <defs><style type="text/css">*{stroke-linejoin: round}</style><path id="mark" d="M 0 0"/></defs>
 <g id="figure_1" style="fill: #0b4f8a; clip-path: url(#clip)"><use xlink:href="#mark" x="1"/></g>
 <clipPath id="clip"/><text style="font: 8px 'Inter'; font-family: 'Inter'">1,234</text>
 <image xlink:href="data:image/png;base64,AA=="/>
</svg>"""


def test_styles_become_attributes_and_colours_stay() -> None:
    root = ET.fromstring(tidy(_PLOT, "curves", "A finding."))
    group = root.find("{*}g")
    assert group is not None
    assert group.get("fill") == "#0b4f8a"
    assert not [element for element in root.iter() if element.get("style")]
    text = root.find("{*}text")
    assert text is not None
    assert text.get("font-family") == "Inter"
    assert text.text == "1,234"


def test_ids_are_unique_to_the_figure_and_references_follow() -> None:
    root = ET.fromstring(tidy(_PLOT, "curves", "A finding."))
    assert {element.get("id") for element in root.iter()} - {None} == {"curves-mark", "curves-clip", "curves-title"}
    assert (
        next(root.iter("{http://www.w3.org/2000/svg}use")).get("{http://www.w3.org/1999/xlink}href") == "#curves-mark"
    )
    group = root.find("{*}g")
    assert group is not None
    assert group.get("clip-path") == "url(#curves-clip)"
    assert (
        next(root.iter("{http://www.w3.org/2000/svg}image")).get("{http://www.w3.org/1999/xlink}href")
        == "data:image/png;base64,AA=="
    )


def test_the_title_is_the_alternative_text_and_metadata_goes() -> None:
    root = ET.fromstring(tidy(_PLOT, "curves", "5 < 6 & so on"))
    title = root.find("{*}title")
    assert title is not None
    assert title.text == "5 < 6 & so on"
    assert root.get("aria-labelledby") == title.get("id")
    assert root.find("{*}metadata") is None
    assert not list(root.iter("{http://www.w3.org/2000/svg}style"))


def test_hooks_become_data_attributes_and_no_ids() -> None:
    plot = _PLOT.replace(b'id="figure_1"', b'id="hooks:panel=loss;epoch=3"')
    group = ET.fromstring(tidy(plot, "curves", "A finding.")).find("{*}g")
    assert group is not None
    assert (group.get("data-panel"), group.get("data-epoch"), group.get("id")) == ("loss", "3", None)


def test_what_turns_nothing_is_left_out_and_small_images_are_smoothed() -> None:
    plot = _PLOT.replace(b'x="1"/>', b'transform="rotate(-0 1 2)" style="image-rendering:pixelated" x="1"/>')
    used = next(ET.fromstring(tidy(plot, "curves", "A finding.")).iter("{http://www.w3.org/2000/svg}use"))
    assert used.get("x") == "1"
    assert used.get("transform") is None
    assert used.get("image-rendering") is None
