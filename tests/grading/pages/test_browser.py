"""The class page and the feedback pages in a real browser."""

from itertools import pairwise
from pathlib import Path
from typing import Literal

import pypdfium2 as pdfium
import pytest
from playwright.sync_api import Browser, Page

from tests.grading.pages.marked_class import CLASS, FEEDBACK, write_pages
from tests.needed import needs_chromium

pytestmark = [
    pytest.mark.slow,
    needs_chromium,
]
CONTRASTS = """() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = colour.map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const style = getComputedStyle(element);
    if (!walker.currentNode.data.trim() || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
    if (element.closest(".running")) continue;
    const ink = element instanceof SVGElement ? style.fill : style.color;
    const [low, high] = [luminance(parse(ink)), luminance(ground(element))].sort((a, b) => a - b);
    found.push([(high + 0.05) / (low + 0.05), walker.currentNode.data.trim()]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class")
    write_pages(folder)
    return folder


@pytest.fixture
def complaints() -> list[str]:
    """What a page asked for or said that it should not."""
    return []


def _open(
    browser: Browser,
    path: Path,
    complaints: list[str],
    width: int = 1280,
    scheme: Literal["light", "dark"] = "light",
) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith(("file:", "data:")) else complaints.append(request.url),
    )
    page.goto(path.as_uri())
    return page


def _rolls(page: Page) -> list[str]:
    return page.locator(".students tbody tr:visible th").all_inner_texts()


def _totals(page: Page) -> list[str]:
    values = page.eval_on_selector_all(".students tbody tr", "rows => rows.map((row) => row.cells[6].dataset.value)")
    return [str(value) for value in values]


@pytest.mark.parametrize("name", [CLASS, FEEDBACK, "feedback/M23CSE005.html"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_a_page_is_offline_and_does_not_scroll_sideways(
    browser: Browser, folder: Path, complaints: list[str], name: str, width: int
) -> None:
    page = _open(browser, folder / name, complaints, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('12px Inter'))")
    assert complaints == []
    assert "owned" not in page.title()
    page.close()


@pytest.mark.parametrize("name", [CLASS, FEEDBACK])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(
    browser: Browser, folder: Path, complaints: list[str], name: str, scheme: Literal["light", "dark"]
) -> None:
    page = _open(browser, folder / name, complaints, scheme=scheme)
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 50
    assert [entry for entry in contrasts if entry[0] < 4.5] == []
    page.close()


def test_dark_is_dark(browser: Browser, folder: Path, complaints: list[str]) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page = _open(browser, folder / CLASS, complaints, scheme=scheme)
        grounds.append(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
        page.close()
    assert grounds == ["rgb(255, 255, 255)", "rgb(20, 24, 30)"]


@pytest.mark.parametrize("name", [CLASS, FEEDBACK])
def test_a_page_can_be_found_through(browser: Browser, folder: Path, complaints: list[str], name: str) -> None:
    page = _open(browser, folder / name, complaints)
    levels = page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map((one) => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    ids = page.eval_on_selector_all("[id]", "all => all.map((one) => one.id)")
    assert len(ids) == len(set(ids))
    assert page.locator("html[lang=en], main, footer").count() == 3
    assert page.locator("th:not([scope]), img:not([alt]), table:not(:has(caption))").count() == 0
    assert page.eval_on_selector_all("a[href^='#']", "all => all.every((one) => document.querySelector(one.hash))")
    page.close()


def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name(
    browser: Browser, folder: Path, complaints: list[str]
) -> None:
    page = _open(browser, folder / CLASS, complaints, 320)
    scrolling = page.eval_on_selector_all(
        "main *",
        "all => all.filter((one) => one.scrollWidth > one.clientWidth + 1"
        " && getComputedStyle(one).overflowX === 'auto').map((one) => [one.tabIndex, one.ariaLabel])",
    )
    assert len(scrolling) >= 1
    assert all(index == 0 and label for index, label in scrolling)
    page.close()


def test_a_click_sorts_and_a_second_one_turns_round(browser: Browser, folder: Path, complaints: list[str]) -> None:
    page = _open(browser, folder / CLASS, complaints)
    head = page.get_by_role("columnheader", name="Total")
    assert head.get_attribute("aria-sort") is None
    head.get_by_role("button").click()
    rising = _totals(page)
    assert rising[-1] == "", "what has no marks comes last"
    numbers = [float(value) for value in rising[:-1]]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) > 1
    assert head.get_attribute("aria-sort") == "ascending"
    head.get_by_role("button").click()
    falling = _totals(page)
    assert falling[-1] == ""
    assert [float(value) for value in falling[:-1]] == sorted(numbers, reverse=True)
    assert head.get_attribute("aria-sort") == "descending"
    assert complaints == []
    page.close()


def test_every_column_sorts_by_keyboard(browser: Browser, folder: Path, complaints: list[str]) -> None:
    page = _open(browser, folder / CLASS, complaints)
    before = _rolls(page)
    page.locator("#filter").focus()
    page.keyboard.press("Tab")  # the region that scrolls
    names = []
    for press in ("Enter", "Space", "Enter", "Space", "Enter", "Space", "Enter", "Space", "Enter"):
        page.keyboard.press("Tab")
        page.keyboard.press(press)
        sorted_by = page.locator(".students [aria-sort]")
        assert sorted_by.count() == 1
        assert sorted_by.get_attribute("aria-sort") == "ascending"
        names.append(sorted_by.inner_text().removesuffix("↑").strip())
    assert names == [
        "Student", "Name", "Experiment 1", "Experiment 2", "Report", "Bonus", "Total", "Open", "State",
    ]  # fmt: skip
    assert sorted(_rolls(page)) == sorted(before)
    page.close()


def test_names_sort_as_people_do(browser: Browser, folder: Path, complaints: list[str]) -> None:
    page = _open(browser, folder / CLASS, complaints)
    page.get_by_role("columnheader", name="Name").get_by_role("button").click()
    names = page.locator(".students tbody tr td:nth-child(2)").all_inner_texts()
    named = list(dict.fromkeys(name for name in names if name))
    assert named.index("Asha Rao") < named.index("Li Wei") < named.index("Zoë Müller")
    assert names[-1] == ""
    page.close()


def test_the_filter_hides_others_and_says_how_many_are_left(
    browser: Browser, folder: Path, complaints: list[str]
) -> None:
    page = _open(browser, folder / CLASS, complaints)
    field = page.get_by_label("Filter")
    field.fill("asha m23cse00")
    assert _rolls(page) == ["M23CSE001", "M23CSE006"]
    assert page.locator(".filter output").inner_text() == "2 of 30 students"
    field.fill("could not be read")
    assert _rolls(page) == ["M23CSE005"]
    page.get_by_role("columnheader", name="Total").get_by_role("button").click()
    assert _rolls(page) == ["M23CSE005"]
    field.fill("nobody")
    assert _rolls(page) == []
    field.fill("")
    assert len(_rolls(page)) == 30
    page.close()


def test_a_student_leads_to_the_feedback(browser: Browser, folder: Path, complaints: list[str]) -> None:
    page = _open(browser, folder / CLASS, complaints)
    page.locator(".students").get_by_role("link", name="M23CSE007").click()
    assert page.url == (folder / "feedback" / "M23CSE007.html").as_uri()
    assert page.locator("h1").inner_text() == "Feedback for M23CSE007"
    page.close()


def test_who_has_a_fault_unfolds(browser: Browser, folder: Path, complaints: list[str]) -> None:
    page = _open(browser, folder / CLASS, complaints)
    fault = page.locator("#faults + .wide details").first
    assert not fault.locator("a").first.is_visible()
    fault.locator("summary").press("Enter")
    assert fault.locator("a").first.is_visible()
    page.close()


def test_without_script_it_is_a_plain_table(browser: Browser, folder: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / CLASS).as_uri())
    assert page.locator("button, input:visible").count() == 0
    assert page.locator(".students tbody tr").count() == 30
    context.close()


def test_the_printed_table_repeats_its_head(browser: Browser, folder: Path, complaints: list[str]) -> None:
    page = _open(browser, folder / CLASS, complaints)
    page.evaluate("document.querySelectorAll('section:not(:has(.students))').forEach((one) => one.remove())")
    page.evaluate(
        "document.querySelector('.students tbody').innerHTML += document.querySelector('.students tbody').innerHTML"
    )
    document = pdfium.PdfDocument(page.pdf(prefer_css_page_size=True))
    try:
        assert len(document) > 1
        for number in range(len(document)):
            text = document[number].get_textpage().get_text_range()
            assert "Experiment 1" in text
            assert "Filter" not in text
    finally:
        document.close()
    page.close()
