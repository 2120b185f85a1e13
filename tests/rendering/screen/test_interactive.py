"""What the scripts of the HTML report add: a matrix to walk in, curves to read, layers to open."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from reportgen.rendering.observations import frequent_confusions
from reportgen.results.schema import ExperimentResult
from reportgen.training.experiment import Computed
from tests.browsing import opened
from tests.needed import needs_chromium

pytestmark = [needs_chromium, pytest.mark.slow]


@pytest.fixture
def page(browser: Browser, report_html: Path) -> Iterator[Page]:
    with opened(browser, report_html, reduced_motion="reduce") as page:
        yield page


def _cells(page: Page) -> Any:
    return page.locator("table[role=grid]").first.locator("td[aria-selected] button")


def _altered(report_html: Path, to: Path, change: Any) -> Path:
    """The page with results that ``change`` altered in place."""
    before, results, after = re.split(
        r'(?<=<script type="application/json" id="results">)(.*?)(?=</script>)', report_html.read_text(), maxsplit=1
    )
    raw = json.loads(results)
    change(raw)
    to.write_text(before + json.dumps(raw).replace("<", "\\u003c") + after)
    return to


def test_the_matrix_says_what_the_drawing_says(page: Page, computed: Computed) -> None:
    for index, result in enumerate(computed.results.experiments):
        grid = page.get_by_role("grid").nth(index)
        outlined = [str(cell.get_attribute("aria-label")) for cell in grid.locator("button.frequent").all()]
        names = [entry.name.split(" {")[0] for entry in result.score.classes]
        assert sorted(outlined) == sorted(
            f"{count:,}: {names[row]} taken for {names[column]}" for row, column, count in frequent_confusions(result)
        )
        counts = grid.locator("td .count").all_text_contents()
        assert [int(count.replace(",", "")) for count in counts] == [n for row in result.score.confusion for n in row]
        title = computed.results.assignment.experiments[index].short_title
        assert title in str(grid.get_attribute("aria-label"))
        assert not page.locator(f"svg[aria-labelledby={result.id}-confusion-title]").is_visible()


def test_a_cell_tells_its_share_and_shows_its_images(page: Page, computed: Computed) -> None:
    result = computed.results.experiments[0]
    worst = max(
        (count, row, column)
        for row, counts in enumerate(result.score.confusion)
        for column, count in enumerate(counts)
        if row != column
    )
    count, row, column = worst
    _cells(page).nth(row * 10 + column).hover()
    said = page.locator(".readout").first.inner_text()
    support = result.score.classes[row].support
    assert f"{row} taken for {column}" in said
    assert f"{count:,} of the {support:,} test images of {row}: {count / support * 100:.2f} %" in said
    samples = [sample for sample in result.samples if (sample.true, sample.predicted) == (row, column)]
    assert samples
    pictures = page.locator(".readout").first.get_by_role("img")
    assert pictures.count() == len(samples)
    for sample, picture in zip(samples, pictures.all(), strict=True):
        chance = f"{sample.probability * 100:.1f} %"
        assert picture.get_attribute("aria-label") == f"Test image {sample.index}: {row}, {chance} for {column}"
        assert chance in said


def test_a_picture_is_the_test_image(browser: Browser, report_html: Path, tmp_path: Path) -> None:
    read = """canvas => [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]"""

    def colour(raw: dict[str, Any]) -> None:
        raw["plan"]["input_shape"] = [3, 1, 2]
        raw["experiments"][0]["samples"] = [{"index": 7, "true": 0, "predicted": 0, "probability": 0.5}]
        raw["images"] = {"7": "AQIDBAUG"}  # red 1, 2; green 3, 4; blue 5, 6

    def grey(raw: dict[str, Any]) -> None:
        colour(raw)
        raw["plan"]["input_shape"] = [1, 2, 3]

    wanted = {
        colour: [1, 3, 5, 255, 2, 4, 6, 255],
        grey: [part for value in (1, 2, 3, 4, 5, 6) for part in (*[255 - value] * 3, 255)],
    }
    for change, pixels in wanted.items():
        path = _altered(report_html, tmp_path / "altered.html", change)
        with opened(browser, path) as page:
            _cells(page).first.click()
            assert page.locator(".digits canvas").first.evaluate(read) == pixels


def test_the_matrix_is_walked_with_arrow_keys_and_closed_with_escape(page: Page) -> None:
    cells = _cells(page)
    cells.nth(0).focus()
    at = """() => {
        const cell = document.activeElement.parentElement;
        return [cell.parentElement.rowIndex, cell.cellIndex];
    }"""
    walk = [
        ("ArrowRight", [1, 2]),
        ("ArrowDown", [2, 2]),
        ("End", [2, 10]),
        ("ArrowRight", [2, 10]),
        ("ArrowLeft", [2, 9]),
        ("Control+End", [10, 10]),
        ("ArrowUp", [9, 10]),
        ("Home", [9, 1]),
        ("Control+Home", [1, 1]),
        ("ArrowUp", [1, 1]),
    ]
    for key, where in walk:
        page.keyboard.press(key)
        assert page.evaluate(at) == where, key
    grid = page.get_by_role("grid").first
    assert grid.locator("button[tabindex='0']").count() == 1
    assert grid.locator("[aria-selected=true]").count() == 1
    assert "0 classified correctly" in page.locator(".readout").first.inner_text()
    page.keyboard.press("Escape")
    assert page.locator(".readout").first.inner_text().strip() == "No cell is chosen."
    assert grid.locator("[aria-selected=true]").count() == 0
    page.keyboard.press("ArrowRight")
    assert "0 taken for 1" in page.locator(".readout").first.inner_text()


def test_pointing_shows_a_cell_for_as_long_as_it_is_pointed_at(page: Page) -> None:
    said = page.locator(".readout [aria-live=polite]").first
    _cells(page).nth(0).click()
    _cells(page).nth(34).hover()
    assert "3 taken for 4" in said.inner_text()
    page.mouse.move(5, 5)
    assert "0 classified correctly" in said.inner_text()


def test_a_report_without_kept_images_shows_the_confident_errors(
    browser: Browser, report_html: Path, tmp_path: Path, computed: Computed
) -> None:
    def older(raw: dict[str, Any]) -> None:
        del raw["images"]
        for experiment in raw["experiments"]:
            del experiment["samples"]

    error = computed.results.experiments[0].mistaken[0]
    with opened(browser, _altered(report_html, tmp_path / "older.html", older)) as page:
        _cells(page).nth(10 * error.true + error.predicted).click()
        assert page.locator(".digits").first.locator("canvas").count() >= 1
        _cells(page).nth(0).click()
        assert "No image of this cell is kept" in page.locator(".readout").first.inner_text()


def test_a_page_without_figures_or_results_is_left_alone(browser: Browser, report_html: Path, tmp_path: Path) -> None:
    bare = re.sub(r"<figure.*?</figure>", "", report_html.read_text(), flags=re.DOTALL)
    bare = re.sub(r'<script type="application/json".*?</script>', "", bare, flags=re.DOTALL)
    path = tmp_path / "bare.html"
    path.write_text(bare)
    with opened(browser, path) as page:
        assert page.locator(".matrix, .reading, button.layer").count() == 0
        assert page.locator(".contents .toggle").count() == 1


def test_the_slider_reads_every_curve_at_an_epoch(page: Page, computed: Computed) -> None:
    result = computed.results.experiments[2]
    slider = page.get_by_role("slider").nth(2)
    slider.focus()
    slider.press("End")
    slider.press("ArrowLeft")
    record = result.history[-2]
    table = page.locator(".reading").nth(2).inner_text()
    for accuracy, loss in (
        (record.train_accuracy, record.train_loss),
        (record.validation_accuracy, record.validation_loss),
        (record.test_accuracy, record.test_loss),
    ):
        assert accuracy is not None
        said = f"{accuracy * 100:.2f} %", f"{loss:.4f}"
        assert all(text in table for text in said)
        assert all(text in str(slider.get_attribute("aria-valuetext")) for text in said)


def _curves(result: ExperimentResult) -> str:
    """A drawing of curves with nothing but what the script looks for."""
    panels = []
    for left, panel in ((10, "accuracy"), (130, "loss")):
        series = [
            f'<g data-series="{name}">'
            + "".join(
                f'<g data-epoch="{epoch}"><circle cx="{left + 40 * epoch}" cy="{y + epoch}" r="2"/></g>'
                for epoch in (record.epoch for record in result.history)
            )
            + "</g>"
            for y, name in ((20, "training"), (40, "test"))
        ]
        panels.append(f'<g data-panel="{panel}"><path d="M {left} 10 L {left} 90"/>{"".join(series)}</g>')
    return f'<svg role="img" aria-labelledby="{result.id}-curves-title" viewBox="0 0 250 100">{"".join(panels)}</svg>'


def test_the_guide_stands_on_the_curves_and_follows_the_pointer(
    browser: Browser, report_html: Path, tmp_path: Path, computed: Computed
) -> None:
    result = computed.results.experiments[0]
    figure = rf"<svg(?=[^>]*{result.id}-curves-title).*?</svg>"
    path = tmp_path / "curves.html"
    path.write_text(re.sub(figure, _curves(result), report_html.read_text(), count=1, flags=re.DOTALL))
    with opened(browser, path, reduced_motion="reduce") as page:
        slider = page.get_by_role("slider").first
        drawing = page.locator(f"svg[aria-labelledby={result.id}-curves-title]")
        drawing.scroll_into_view_if_needed()
        box = drawing.bounding_box()
        assert box is not None
        for epoch, across in ((1, 30), (2, 120), (1, 145), (2, 240)):
            drawing.hover(position={"x": box["width"] * across / 250, "y": box["height"] / 2})
            assert slider.input_value() == str(epoch)
            dots = drawing.locator(".guide circle").all()
            wanted = [(left + 40 * epoch, y + epoch) for left in (10, 130) for y in (20, 40)]
            assert [(float(str(d.get_attribute("cx"))), float(str(d.get_attribute("cy")))) for d in dots] == wanted
            line = drawing.locator(".guide path").first.get_attribute("d")
            assert line == f"M {10 + 40 * epoch} 10 V 90"


def test_the_real_curves_have_a_guide_of_their_own(page: Page, computed: Computed) -> None:
    for result in computed.results.experiments:
        drawing = page.locator(f"svg[aria-labelledby={result.id}-curves-title]")
        series = drawing.locator("[data-series]").count()
        assert drawing.locator(".guide circle").count() == series >= 4
        assert drawing.locator(".guide circle[visibility=visible]").count() == series


def test_a_layer_opens_its_workings_and_only_its_own(page: Page) -> None:
    first = page.locator("table.layers").first
    convolution = first.get_by_role("button", name="Convolution Layer 2")
    convolution.press("Enter")
    assert convolution.get_attribute("aria-expanded") == "true"
    detail = page.locator(f"[id='{convolution.get_attribute('aria-controls')}']")
    said = " ".join(detail.inner_text().split())
    assert "16×27×27 → 8×27×27" in said
    assert "27 + 2·2 − 5 + 1 = 27" in said
    assert "(16·5·5·8) + 8 = 3,208" in said
    assert "8×27×27 outputs · 400 each = 2,332,800" in said
    pooling = first.get_by_role("button", name="AvgPool")
    pooling.click()
    assert not detail.is_visible()
    assert "⌊(26 + 2·0 − 2) / 2⌋ + 1 = 13" in first.inner_text()
    pooling.press("Escape")
    assert first.locator("tr.detail:visible").count() == 0
    assert first.locator("[aria-expanded=true]").count() == 0


def test_a_layer_is_marked_in_the_drawing_and_chosen_from_it(page: Page) -> None:
    drawing = page.locator("svg[aria-labelledby=experiment-1-network-title]")
    marked = drawing.locator("[data-layer].chosen")
    page.locator("button.layer").nth(3).click()
    assert {mark.get_attribute("data-layer") for mark in marked.all()} == {"3"}
    assert {mark.get_attribute("data-window") for mark in drawing.locator("[data-window].chosen").all()} == {"3"}
    other = drawing.locator("[data-layer='0']").first
    assert float(other.locator("path").first.evaluate("element => getComputedStyle(element).opacity")) < 0.5
    assert float(other.locator("text").first.evaluate("element => getComputedStyle(element).opacity")) == 1
    drawing.locator("[data-layer=input]").click()
    assert page.locator("button.layer[aria-expanded=true]").inner_text() == "Convolution Layer 2"
    other.click()
    assert page.locator("button.layer[aria-expanded=true]").inner_text() == "Convolution Layer 1"
    other.click()
    assert marked.count() == 0
    assert float(other.locator("path").first.evaluate("element => getComputedStyle(element).opacity")) == 1
