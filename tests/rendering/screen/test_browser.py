"""The HTML report in a real browser: that it works, whole, everywhere."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browsing import SETTINGS, opened
from tests.needed import needs_chromium

pytestmark = needs_chromium


_SLOW_WIDTHS = [pytest.param(width, marks=pytest.mark.slow) for width in (375, 768, 1023, 1024, 2560)]


@pytest.mark.parametrize("width", [320, 1280, *_SLOW_WIDTHS])
def test_the_page_works_offline_and_does_not_scroll_sideways(browser: Browser, report_html: Path, width: int) -> None:
    with opened(browser, report_html, width=width) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('12px Inter'))")


@pytest.mark.slow
def test_contents_lead_to_their_sections(browser: Browser, report_html: Path) -> None:
    with opened(browser, report_html) as page:
        links = page.locator(".contents > ol > li > a")
        assert links.count() >= 7
        for link in page.locator(".contents a").all():
            target = page.locator(str(link.get_attribute("href")))
            assert str(target.text_content()).strip() == str(link.text_content()).strip()


@pytest.mark.slow
def test_figures_have_names_and_fit(browser: Browser, report_html: Path) -> None:
    with opened(browser, report_html, width=320, java_script_enabled=False) as page:
        figures = page.get_by_role("img")
        assert figures.count() >= 9
        for figure in figures.all():
            box = figure.bounding_box()
            assert box is not None
            assert box["width"] <= 320
        names = page.locator("svg[role=img] > title").all_text_contents()
        assert all(len(name) > 40 for name in names)


def test_ids_are_unique(browser: Browser, report_html: Path) -> None:
    with opened(browser, report_html) as page:
        ids = page.eval_on_selector_all("[id]", "elements => elements.map(element => element.id)")
        assert len(ids) == len(set(ids))


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), SETTINGS)
def test_without_scripts_the_page_is_whole(browser: Browser, report_html: Path, scheme: str, width: int) -> None:
    with opened(browser, report_html, scheme, width, java_script_enabled=False) as page:
        assert page.locator("figure svg").count() == page.locator("figure svg:visible").count() >= 9
        assert page.locator(".contents > ol > li > a:visible").count() >= 7
        assert page.locator("button, input").count() == 0


@pytest.mark.slow
def test_in_print_the_additions_are_gone_and_the_rest_is_there(browser: Browser, report_html: Path) -> None:
    with opened(browser, report_html, "dark") as page:
        page.locator("button.layer").first.click()
        page.emulate_media(media="print", color_scheme="dark")
        for added in (
            ".matrix",
            ".help",
            ".reading",
            ".guide",
            ".toggle",
            "tr.detail",
            ".skip",
            ".preview-bar",
        ):
            assert page.locator(added).count() > 0
            assert page.locator(f"{added}:visible").count() == 0, added
        assert page.locator("figure svg[role=img]").count() == page.locator("figure svg[role=img]:visible").count() >= 9
        assert page.locator("main").evaluate("element => getComputedStyle(element).color") == "rgb(28, 36, 48)"
        layer = page.locator("button.layer").first
        assert layer.evaluate("element => getComputedStyle(element).textDecorationLine") == "none"


@pytest.mark.slow
def test_what_a_browser_prints_says_what_the_page_without_scripts_says(browser: Browser, report_html: Path) -> None:
    said = []
    for scripts in (True, False):
        with opened(browser, report_html, java_script_enabled=scripts) as page:
            page.emulate_media(media="print")
            said.append(page.locator("body").inner_text().split())
    assert said[0] == said[1]


def test_the_policy_lets_no_other_script_or_style_in(browser: Browser, report_html: Path, tmp_path: Path) -> None:
    text = report_html.read_text()
    path = tmp_path / "hostile.html"
    path.write_text(
        text.replace(
            "</main>",
            "<script>document.title = 'owned'</script><style>h1 { color: red }</style>"
            "<img src='data:,' onerror=\"document.title = 'owned'\" style='color: red'></main>",
        )
    )
    context = browser.new_context()
    page = context.new_page()
    page.goto(path.as_uri())
    assert "owned" not in page.title()
    assert page.locator("h1").evaluate("element => getComputedStyle(element).color") != "rgb(255, 0, 0)"
    assert page.locator("main > img").evaluate("element => getComputedStyle(element).color") != "rgb(255, 0, 0)"
    assert page.locator("table[role=grid]").count() == 3
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_contents_follow_the_reading(browser: Browser, report_html: Path, width: int) -> None:
    with opened(browser, report_html, width=width, reduced_motion="reduce") as page:
        page.locator("#experiment-2-experiment").evaluate("element => element.scrollIntoView()")
        page.locator(".contents > ol > .current > a[href='#experiment-2-experiment']").wait_for(state="attached")
        page.locator("#appendix").evaluate("element => element.scrollIntoView()")
        page.locator(".contents [aria-current][href='#appendix']").wait_for(state="attached")
        assert page.locator(".contents [aria-current]").count() == 1
        if width == 320:
            toggle = page.get_by_role("button", name="Contents")
            assert "Appendix" in toggle.inner_text()
            toggle.click()
            assert page.locator(".contents > ol").is_visible()
            page.locator(".contents > ol > li > a").first.click()
            assert not page.locator(".contents > ol").is_visible()
            assert page.url.endswith("#experiment-1-experiment")
            top = page.locator("#experiment-1-experiment").bounding_box()
            assert top is not None
            assert top["y"] >= 40  # not under the bar


@pytest.mark.slow
@pytest.mark.parametrize(("motion", "smooth"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_nothing_moves_for_who_does_not_want_it(browser: Browser, report_html: Path, motion: str, smooth: str) -> None:
    moving = """() => [...document.querySelectorAll("*")].filter((of) => [null, "::before", "::after"].some((part) => {
      const style = getComputedStyle(of, part);
      return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
    })).length"""
    with opened(browser, report_html, width=320, reduced_motion=motion) as page:
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == smooth
        assert (page.evaluate(moving) == 0) == (motion == "reduce")
