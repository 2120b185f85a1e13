"""Drawing on the pad in the page, and what the networks answer to it."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from reportgen.training.experiment import Computed
from tests.axe import axe
from tests.browsing import SETTINGS, opened, started
from tests.needed import needs_chromium
from tests.pad import ONE, answers_of, cards_of, pull, seen_on, settle, stroke, write_page

pytestmark = [needs_chromium, pytest.mark.slow]

_REST = 700
"""Milliseconds after which a resting pen's answers have been said."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.fixture(scope="module")
def html(computed: Computed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(tmp_path_factory.mktemp("pad") / "report.html", computed.results, computed.weights)


def _open(browser: Browser, html: Path, width: int = 1280) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(html.as_uri())
    return page


@pytest.fixture
def page(browser: Browser, html: Path) -> Iterator[Page]:
    """The report; nothing may be complained of, such as what the page's own policy forbids."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(html.as_uri())
    yield page
    page.close()
    assert complaints == []


def test_a_stroke_of_the_mouse_is_answered_by_every_network(page: Page, computed: Computed) -> None:
    assert page.get_by_role("link", name="Try It").is_visible()
    assert answers_of(page) == ["No answer yet"] * 3
    stroke(page, ONE)
    for card, planned in zip(cards_of(page), computed.results.plan.experiments, strict=True):
        classes = card.locator(".try-class").all_inner_texts()
        assert classes == list(planned.classes)
        best = card.locator(".try-best .try-class").inner_text()
        assert card.locator(".try-answer").inner_text() == f"Answer: {best}"
        shares = card.locator(".try-bar").evaluate_all(
            "bars => bars.map((bar) => Number(bar.style.getPropertyValue('--share')))"
        )
        assert sum(shares) == pytest.approx(1, abs=1e-5)
        assert classes[int(np.argmax(shares))] == best
    assert [card.locator("li").count() for card in cards_of(page)] == [10, 4, 10]


def test_answers_are_said_when_the_pen_rests(page: Page) -> None:
    said = page.get_by_role("status")
    pull(page, ONE)
    page.wait_for_timeout(_REST)
    assert said.text_content() == ""
    page.mouse.up()
    expect(said).to_have_text(re.compile(r"^Experiment 1: \d, .+%\. Experiment 2: Class .+%\. Bonus: \d, .+%\.$"))


def test_everything_works_from_the_keyboard(page: Page) -> None:
    page.locator("#try-pad").focus()
    for key in ("Space", *["ArrowDown"] * 10, "ArrowRight"):
        page.keyboard.press(key)
    assert page.get_by_role("status").text_content() == "Pen down"
    assert page.locator(".try-pen").is_visible()
    page.keyboard.press("Space")
    settle(page)
    once = seen_on(page)
    assert once.sum() > 0
    assert all(answer.startswith("Answer: ") for answer in answers_of(page))
    for _ in range(3):  # the pen is up: it moves and leaves no ink
        page.keyboard.press("ArrowRight")
    settle(page)
    assert (seen_on(page) == once).all()
    for name in ("Undo", "Clear", "Previous test image", "Next test image"):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert (focused.get_attribute("aria-label") or focused.inner_text()) == name
    page.keyboard.press("Enter")
    settle(page)
    assert page.locator("#try-which").inner_text().startswith("Test image 1 of")


def test_a_finger_draws_too(browser: Browser, html: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800}, has_touch=True)
    page.goto(html.as_uri())
    page.locator("#try-pad").tap()
    settle(page)
    assert seen_on(page).sum() > 0
    assert all(answer.startswith("Answer: ") for answer in answers_of(page))
    page.close()


def test_leaving_the_pad_lifts_the_pen(page: Page) -> None:
    page.locator("#try-pad").focus()
    page.keyboard.press("Space")
    settle(page)
    assert page.locator(".try-down").count() == 1
    page.keyboard.press("Tab")
    settle(page)
    assert page.locator(".try-down").count() == 0


def test_undo_takes_back_a_stroke_and_clear_all(page: Page) -> None:
    stroke(page, ONE)
    one = seen_on(page)
    stroke(page, [(0.3, 0.5), (0.7, 0.5)])
    assert (seen_on(page) != one).any()
    page.get_by_role("button", name="Undo").click()
    settle(page)
    assert (seen_on(page) == one).all()
    stroke(page, [(0.3, 0.5), (0.7, 0.5)])
    page.get_by_role("button", name="Clear").click()
    settle(page)
    assert seen_on(page).sum() == 0
    assert answers_of(page) == ["No answer yet"] * 3


def test_test_images_get_the_answers_that_the_report_gives(page: Page, computed: Computed) -> None:
    results = computed.results
    names = [planned.classes for planned in results.plan.experiments]
    worst = results.experiments[0].mistaken
    following = page.get_by_role("button", name="Next test image")
    for entry in worst[:5]:
        following.click()
        settle(page)
        answers = answers_of(page)
        assert answers[0].split("\n") == [
            f"Answer: {names[0][entry.predicted]}",
            f"This is wrong, it is {names[0][entry.true]}",
        ]
        shown = cards_of(page)[0].locator(".try-best .number").inner_text()
        assert f"{entry.probability * 100:.1f}" in shown or "99.9" in shown
        predicted = results.experiments[1].predictions[entry.index]
        assert answers[1].startswith(f"Answer: {names[1][predicted]}\n")
    page.get_by_role("button", name="Previous test image").click()
    expect(page.get_by_role("status")).to_contain_text("Test image 4 of ")
    stroke(page, ONE)  # a drawing takes the place of the image
    assert page.locator("#try-which").inner_text() == "Test images"
    assert "This is" not in " ".join(answers_of(page))


def test_only_networks_whose_weights_are_there_and_whole_are_asked(
    browser: Browser, computed: Computed, tmp_path: Path
) -> None:
    first, second, bonus = (result.weights for result in computed.results.experiments)
    weights = {first: computed.weights[first][:200], bonus: computed.weights[bonus]}
    page = _open(browser, write_page(tmp_path / "some.html", computed.results, weights))
    assert page.locator(".try-card h3").all_inner_texts() == ["Bonus"]
    page.close()
    page = _open(browser, write_page(tmp_path / "none.html", computed.results, {second: b"nonsense"}))
    assert page.get_by_role("heading", name="Try It").count() == 0
    assert page.get_by_role("link", name="Try It").count() == 0
    page.close()


def test_without_weights_there_is_nothing_to_try(browser: Browser, computed: Computed, tmp_path: Path) -> None:
    page = _open(browser, write_page(tmp_path / "report.html", computed.results, {}))
    assert page.get_by_text("Try It").count() == 0
    page.close()


def test_without_scripts_and_on_paper_there_is_no_pad(browser: Browser, html: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    still = context.new_page()
    still.goto(html.as_uri())
    assert not still.locator("#try").is_visible()
    assert not still.locator("#try-entry").is_visible()
    context.close()
    page = _open(browser, html)
    assert page.locator("#try").is_visible()
    page.emulate_media(media="print")
    assert not page.locator("#try").is_visible()
    assert not page.locator("#try-entry").is_visible()
    page.close()


def test_it_fits_a_phone_and_a_finger(browser: Browser, html: Path) -> None:
    page = _open(browser, html, 320)
    stroke(page, ONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for control in page.locator(".try button, #try-pad").all():
        box = control.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
    page.close()


def test_bars_do_not_move_where_motion_is_unwanted(browser: Browser, html: Path) -> None:
    page = _open(browser, html)
    duration = "bar => getComputedStyle(bar).transitionDuration"
    bar = page.locator(".try-bar").first
    assert bar.evaluate(duration) != "0s"
    page.emulate_media(reduced_motion="reduce")
    assert bar.evaluate(duration) == "0s"
    page.close()


@pytest.mark.parametrize(("scheme", "width"), SETTINGS)
def test_axe_finds_nothing_on_the_pad(browser: Browser, html: Path, scheme: str, width: int) -> None:
    with opened(browser, html, scheme, width, reduced_motion="reduce") as page:
        assert page.locator("#try").is_visible()
        assert axe(page)[0] == []
        stroke(page, ONE)
        assert axe(page)[0] == []
        page.get_by_role("button", name="Next test image").click()
        settle(page)
        assert axe(page)[0] == []
