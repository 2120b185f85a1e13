import base64
import html as html_entities
import itertools
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from lxml import html as lxml_html

from reportgen.assignment.plan import Options, Plan, resolve
from reportgen.assignment.spec import Assignment
from reportgen.errors import TemplateError
from reportgen.files import bundled_templates
from reportgen.rendering.figures.report_figures import Figure, draw
from reportgen.rendering.page import assumptions, preview_mark, render_html
from reportgen.rendering.report import open_report_templates
from reportgen.results import reading
from reportgen.results import schema as results_module
from reportgen.results.schema import Results
from reportgen.training.experiment import Computed

_HEADINGS = [
    "Network Architecture",
    "Training Configuration",
    "Results",
    "Accuracy and Loss per Epoch",
    "Confusion Matrix",
    "Model Parameters",
    "Manual Calculation of Trainable Parameters",
    "Manual Calculation of Non-trainable Parameters",
    "Summary",
]


@pytest.fixture(scope="module")
def figures(computed: Computed) -> dict[str, Figure]:
    return draw(computed.results, bundled_templates() / "fonts")


@pytest.fixture(scope="module")
def page(computed: Computed, figures: dict[str, Figure]) -> str:
    return render_html(computed.results, figures, open_report_templates(None))


@pytest.fixture(scope="module")
def tree(page: str) -> lxml_html.HtmlElement:
    return lxml_html.fromstring(page)


def _text(element: lxml_html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def test_every_section_of_the_handout_is_there_in_its_order(tree: lxml_html.HtmlElement) -> None:
    headings = [_text(element) for element in tree.xpath("//h1|//h2|//h3|//h4")]
    sections = {
        "Experiment 1: 10-Class Classification": ["Dataset", *_HEADINGS],
        "Experiment 2: 4-Class Classification": ["Dataset Modification", *_HEADINGS],
        "Bonus: Performance Improvement": [
            "1. Dropout",
            "2. Data Augmentation",
            "3. Learning Rate Scheduling",
            "4. Batch Normalization",
            "5. Early Stopping",
            "Dataset",
            *_HEADINGS,
        ],
    }
    at = 0
    for title, wanted in sections.items():
        at = headings.index(title, at)
        for heading in wanted:
            at = headings.index(heading, at)
    for heading in ("Assumptions", "References", "Colab Link"):
        at = headings.index(heading, at)


def test_headings_never_skip_a_level(tree: lxml_html.HtmlElement) -> None:
    levels = [int(element.tag[1]) for element in tree.xpath("//h1|//h2|//h3|//h4")]
    assert all(deeper - level <= 1 for level, deeper in itertools.pairwise(levels))


def test_the_totals_are_written_out(tree: lxml_html.HtmlElement) -> None:
    said = _text(tree)
    for sum_written in (
        "800 + 3,208 + 292 + 6,770 = 11,070",
        "800 + 3,208 + 292 + 2,708 = 7,008",
        "(1·7·7·16) + 16 = 800",
        "(676·10) + 10 = 6,770",
        "(676·4) + 4 = 2,708",
    ):
        assert sum_written in said
    assert said.count("Total non-trainable parameters = 0") == 3


def test_the_rows_of_every_table_sum_to_its_printed_total(tree: lxml_html.HtmlElement) -> None:
    checked = 0
    for table in tree.xpath("//table[tfoot]"):
        totals = [_text(cell) for cell in table.xpath("./tfoot/tr[1]/*")]
        for from_right in range(1, len(totals)):
            numbers = [_text(row.xpath("./*")[-from_right]) for row in table.xpath("./tbody/tr")]
            if all(re.fullmatch(r"[\d,]+", number) for number in [*numbers, totals[-from_right]]):
                assert sum(_number(number) for number in numbers) == _number(totals[-from_right])
                checked += 1
    # trainable parameters in three tables of layers and three times three columns of the cross-check, supports
    assert checked >= 3 + 9 + 3


def test_the_preview_is_marked_and_the_real_thing_is_not(
    computed: Computed, figures: dict[str, Figure], page: str
) -> None:
    assert page.count("Preview, not MNIST") == 2  # above all and on the cover; style sheets carry it to every page
    results = computed.results
    real = results.model_copy(update={"plan": results.plan.model_copy(update={"preview": False})})
    assert "Preview" not in render_html(real, figures, open_report_templates(None))
    assert preview_mark(real.plan) == ""


def test_the_page_needs_no_network(tree: lxml_html.HtmlElement, page: str) -> None:
    assert not tree.xpath("//link|//script[@src]|//iframe|//object|//img[not(starts-with(@src, 'data:'))]")
    assert set(re.findall(r"url\((?!data:|#)[^)]*\)", page)) == set()
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'")


def test_the_results_are_embedded_whole(tree: lxml_html.HtmlElement, computed: Computed) -> None:
    embedded = tree.xpath("//script[@id='results']")[0].text
    assert json.loads(embedded) == json.loads(results_module.dump(computed.results))


def test_weights_are_embedded_by_experiment(computed: Computed, figures: dict[str, Figure], page: str) -> None:
    tried = render_html(computed.results, figures, open_report_templates(None), computed.weights)
    tree = lxml_html.fromstring(tried)
    embedded = json.loads(tree.xpath("//script[@id='weights']")[0].text)
    for result in computed.results.experiments:
        assert base64.b64decode(embedded[result.id]) == computed.weights[result.weights]
    (section,) = tree.xpath("//section[@id='try']")
    assert "hidden" in section.attrib
    assert not re.search(r"\d", _text(section))  # `verify` proves every number that a report prints
    assert len(tried.encode()) < 2_000_000
    assert "try-pad" not in lxml_html.tostring(lxml_html.fromstring(page).find("body/main"), encoding="unicode")


def test_markup_in_a_name_is_escaped(computed: Computed, figures: dict[str, Figure]) -> None:
    evil = '<script>alert("1")</script> & </title>'
    results = computed.results
    named = results.model_copy(update={"student": results.student.model_copy(update={"name": evil})})
    page = render_html(named, figures, open_report_templates(None))
    assert "<script>alert" not in page
    assert html_entities.escape("<script>alert") in page
    plain = render_html(results, figures, open_report_templates(None))
    assert len({len(lxml_html.fromstring(text).xpath("//script")) for text in (page, plain)}) == 1


def test_an_undefined_name_in_a_template_is_told_with_its_line(
    computed: Computed, figures: dict[str, Figure], tmp_path: Path
) -> None:
    (tmp_path / "_closing.html").write_text("fine\n{{ nothing.here }}\n")
    with pytest.raises(TemplateError, match=r"_closing\.html, line 2: UndefinedError: 'nothing' is undefined"):
        render_html(computed.results, figures, open_report_templates(tmp_path))


def test_a_missing_include_is_told(computed: Computed, figures: dict[str, Figure], tmp_path: Path) -> None:
    (tmp_path / "_closing.html").write_text("{% include 'elsewhere.html' %}")
    with pytest.raises(TemplateError, match=r"elsewhere\.html"):
        render_html(computed.results, figures, open_report_templates(tmp_path))


def test_rolls_that_fit_two_rules_and_changed_epochs_are_assumptions(assignment: Assignment) -> None:
    plan = resolve(assignment, "M23CSE024", Options(epochs=3))
    stated = assumptions(assignment, plan)
    assert any("divisible by 2 (batch size 32) and also by 3 (batch size 16)" in line for line in stated)
    assert sum("3 epochs instead of the assignment's 10" in line for line in stated) == 3


def test_every_figure_is_numbered_once(tree: lxml_html.HtmlElement, figures: dict[str, Figure]) -> None:
    numbers = [int(number) for number in re.findall(r"Figure (\d+)\.", _text(tree))]
    assert numbers == list(range(1, len(figures) + 1))


def test_the_drawings_are_well_formed_inside_the_page(tree: lxml_html.HtmlElement, figures: dict[str, Figure]) -> None:
    assert len(tree.xpath("//figure/*[local-name()='svg']")) == len(figures)
    for figure in figures.values():
        ET.fromstring(figure.svg)


def test_no_link_is_said_where_none_was_given(computed: Computed, figures: dict[str, Figure]) -> None:
    results: Results = computed.results
    without = results.model_copy(update={"student": results.student.model_copy(update={"colab": ""})})
    assert "No Colab link was given." in render_html(without, figures, open_report_templates(None))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["results", "try", "pad", "contents", "table-1"])
def test_an_experiment_may_be_called_like_a_part_of_the_report(computed: Computed, name: str) -> None:
    raw = json.loads(results_module.dump(computed.results).decode().replace('"experiment-1"', f'"{name}"'))
    raw["plan_digest"] = Plan.model_validate(raw["plan"]).digest
    renamed = reading.parse(json.dumps(raw).encode(), "results.json")
    figures = draw(renamed, bundled_templates() / "fonts")
    page = lxml_html.fromstring(render_html(renamed, figures, open_report_templates(None), computed.weights))
    ids = page.xpath("//@id")
    assert len(set(ids)) == len(ids)
    assert {link[1:] for link in page.xpath("//a/@href") if link.startswith("#")} <= set(ids)
