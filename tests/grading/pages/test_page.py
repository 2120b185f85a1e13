import base64
import hashlib
import re
import unicodedata
from pathlib import Path

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.assignment.bundled import load_spec
from reportgen.files import bundled_templates
from reportgen.grading.pages.page import one_line, part_titles, plural, render_page, sentence, visible

FOLDER = bundled_templates() / "grade"
BLOCK = re.compile(r"@media \(prefers-color-scheme: dark\) \{(.*?)\n  \}", re.S)


def palette(scheme: str) -> dict[str, tuple[int, int, int]]:
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    dark = BLOCK.search(style)
    assert dark is not None
    light = style[: style.index("}")]
    found = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        named = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", dark[1]))
        assert set(named) == set(found), "a colour has no dark one"
        found = named
    return {name: (int(code[1:3], 16), int(code[3:5], 16), int(code[5:], 16)) for name, code in found.items()}


def luminance(colour: tuple[int, int, int]) -> float:
    parts = [value / 255 for value in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_ratio_of_black_and_white_is_21() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "wash"])
@pytest.mark.parametrize("ink", ["ink", "muted", "accent", "good", "bad", "open"])
def test_every_text_stands_out_from_its_ground(scheme: str, ground: str, ink: str) -> None:
    colours = palette(scheme)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_borders_of_fields_and_bars_can_be_seen(scheme: str) -> None:
    colours = palette(scheme)
    assert contrast(colours["edge"], colours["paper"]) >= 3


def test_no_style_names_a_colour_of_its_own_on_screen() -> None:
    for name in ("feedback.css", "class.css"):
        screen = (FOLDER / name).read_text(encoding="utf-8").partition("@media screen")[2]
        assert re.findall(r"(?<!background: )#[0-9a-f]{3,6}\b", screen) == []


def test_the_policy_allows_what_the_page_carries_and_nothing_else(tmp_path: Path) -> None:
    page = render_page(
        "class.html", "class.css", "class.js", assignment=load_spec("csl7590-a1"), titles=[], rows=[], tiles=[],
        bins=[], peak=1, finding="", needs=[], first=1, faults=[], groups=[], troubled=[], look=[], rest=[], alike=[],
    )  # fmt: skip
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy[1].split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for element, rule in (("style", "style-src"), ("script", "script-src")):
        contents = re.findall(rf"<{element}>(.*?)</{element}>", page, re.S)
        assert len(contents) == 1
        assert rules[rule] == f"'sha256-{base64.b64encode(hashlib.sha256(contents[0].encode()).digest()).decode()}'"
    assert " style=" not in page
    assert not re.search(r"\son\w+=", page.partition("<body>")[2].partition("<script>")[0])


def test_what_a_template_is_not_given_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        render_page("feedback.html", "feedback.css")


def test_parts_are_named_like_their_experiments() -> None:
    assert part_titles(load_spec("csl7590-a1")) == {
        "experiment-1": "Experiment 1",
        "experiment-2": "Experiment 2",
        "report": "Report",
        "bonus": "Bonus",
    }
    assert part_titles(load_spec("lenet5")) == {"lenet5": "LeNet-5", "report": "Report"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb.py", "a\\nb.py"),
        ("photo\u202egpj.exe", "photo\\u202egpj.exe"),
        ("\udcff.pdf", "\\udcff.pdf"),
        ("\x00\x1b[31m", "\\x00\\x1b[31m"),
        ("Zoë अर्जुन 李", "Zoë अर्जुन 李"),
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_names_show_what_hides_in_them(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_lines_of_a_text_stay() -> None:
    assert visible("a\n\tb\u202e") == "a\n\tb\\u202e"


@given(st.text(st.characters()))
def test_what_is_shown_can_be_written_and_read(text: str) -> None:
    for shown in (visible(text), one_line(text)):
        shown.encode()
        assert not {unicodedata.category(sign) for sign in shown} & {"Cs", "Co", "Zl", "Zp"}
    assert "\n" not in one_line(text)


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ("no accuracy is stated", "No accuracy is stated."),
        ("model.eval() is missing", "model.eval() is missing."),
        ("MaxPool2d is built", "MaxPool2d is built."),
        ("5 techniques", "5 techniques."),
        ("is it?", "is it?".capitalize()),
    ],
)
def test_clauses_become_sentences(clause: str, said: str) -> None:
    assert sentence(clause) == said


def test_counts_have_their_noun() -> None:
    assert [plural(1, "student"), plural(2, "student"), plural(1200, "entry", "entries")] == [
        "1 student",
        "2 students",
        "1,200 entries",
    ]
