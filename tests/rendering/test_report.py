import io
import re
from collections import Counter
from datetime import UTC, datetime

import pikepdf
import pypdfium2
import pytest
from lxml import html as lxml_html

from reportgen.errors import PdfError
from reportgen.rendering import pdf as pdf_module
from reportgen.rendering import report as report_module
from reportgen.rendering.figures.confusion import share
from reportgen.rendering.report import Report, open_report_templates, render_report
from reportgen.results import reading, schema
from reportgen.training.experiment import Computed

_MOMENT = datetime(2024, 1, 25, tzinfo=UTC)
_HEAD, _FOOT = 70, 62
"""Margins above and below, in points; page numbers stand in the lower one."""


@pytest.fixture(scope="module")
def pages(report: Report) -> list[str]:
    document = pypdfium2.PdfDocument(report.files["M23CSE023.pdf"])
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def test_the_pdf_read_back_has_every_heading_and_number(pages: list[str]) -> None:
    said = " ".join(pages)
    for wanted in (
        "Experiment 1: 10-Class Classification",
        "Dataset Modification",
        "Network Architecture",
        "Training Configuration",
        "Accuracy and Loss per Epoch",
        "Confusion Matrix",
        "Model Parameters",
        "Manual Calculation of Trainable Parameters",
        "Manual Calculation of Non-trainable Parameters",
        "Bonus: Performance Improvement",
        "Assumptions",
        "References",
        "Colab Link",
        "800 + 3,208 + 292 + 6,770 = 11,070",
        "800 + 3,208 + 292 + 2,708 = 7,008",
        "P = (Cin·kh·kw·Cout) + Cout = (16·5·5·8) + 8 = 3,208",
        "3,148,904",
        "3,169,994",
        "Asha Rao (M23CSE023)",
        "https://colab.example/asha",
    ):
        assert wanted in said, wanted


def test_confusion_matrices_read_back_have_the_known_row_sums(computed: Computed, pages: list[str]) -> None:
    said = " ".join(pages)
    for result in computed.results.experiments:
        for row in result.score.confusion:
            cells = [f"{cell:,} {share(cell, sum(row))}" if cell else "·" for cell in row]
            printed = r"\s+".join(re.escape(part) for cell in cells for part in cell.split())
            assert re.search(rf"(?<!\d){printed}(?!\d)", said), printed
        supports = [entry.support for entry in result.score.classes]
        assert [sum(row) for row in result.score.confusion] == supports


def test_a_preview_is_marked_on_every_page(pages: list[str]) -> None:
    assert all("Preview, not MNIST" in page for page in pages)


def test_pages_are_numbered_and_none_is_empty(pages: list[str]) -> None:
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert len(page) > 200, number


def test_nothing_is_cut_at_the_margins(report: Report) -> None:
    for number, page in enumerate(pypdfium2.PdfDocument(report.files["M23CSE023.pdf"]), 1):
        width, _ = page.get_size()
        text = page.get_textpage()
        boxes = [text.get_rect(index) for index in range(text.count_rects())]
        assert min(left for left, _, _, _ in boxes) > 40, number
        assert max(right for _, _, right, _ in boxes) < width - 40, number


def _lowest(page: pypdfium2.PdfPage) -> float:
    """The lowest edge of a text or drawing above the foot, in points from the page's lower edge."""
    text = page.get_textpage()
    boxes = [text.get_rect(index) for index in range(text.count_rects())]
    drawn = [item.get_bounds() for item in page.get_objects(max_depth=1)]
    return float(min(bottom for _, bottom, _, _ in (*boxes, *drawn) if bottom > _FOOT))


def test_every_page_but_the_last_is_more_than_a_third_full(report: Report) -> None:
    pages = list(pypdfium2.PdfDocument(report.files["M23CSE023.pdf"]))
    for number, page in enumerate(pages[:-1], 1):
        _, height = page.get_size()
        assert _lowest(page) < _FOOT + (height - _HEAD - _FOOT) * 2 / 3, number


def test_no_heading_stands_last_on_a_page(report: Report) -> None:
    with pikepdf.open(io.BytesIO(report.files["M23CSE023.pdf"])) as document:
        numbers = document.Root.StructTreeRoot.ParentTree.Nums
        owners = {int(numbers[at]): numbers[at + 1] for at in range(0, len(numbers), 2)}
        for page in document.pages:
            marks = [
                int(step.operands[1].MCID)
                for step in pikepdf.parse_content_stream(page)
                if str(step.operator) == "BDC" and "/MCID" in step.operands[1]
            ]
            last = owners[int(page.StructParents)][marks[-1]]
            assert not {str(last.S), str(last.P.S)} & {"/H1", "/H2", "/H3", "/H4"}


def test_no_row_is_split_and_every_table_has_its_caption_with_it(report: Report) -> None:
    """A table, a row or a paragraph that goes over a page's end is two elements of the structure tree."""
    page = lxml_html.fromstring(report.files["M23CSE023.html"].decode())
    with pikepdf.open(io.BytesIO(report.files["M23CSE023.pdf"])) as document:
        kinds = Counter(
            str(item.S) for item in document.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item
        )
    assert kinds["/Table"] == len(page.xpath("//table"))
    assert kinds["/TR"] == len(page.xpath("//tr"))
    assert kinds["/Caption"] == len(page.xpath("//caption|//figcaption"))


def test_tables_and_figures_are_referred_to_by_their_numbers(report: Report) -> None:
    page = lxml_html.fromstring(report.files["M23CSE023.html"].decode())
    for kind in ("table", "figure"):
        numbered = page.xpath(f"//*[starts-with(@id, '{kind}-')]/@id")
        assert numbered == [f"{kind}-{number}" for number in range(1, len(numbered) + 1)]
        linked = [link.removeprefix("#") for link in page.xpath(f"//a[starts-with(@href, '#{kind}-')]/@href")]
        # the findings on the cover stand for themselves
        assert set(numbered) - set(linked) <= {"table-1"}


def test_the_contents_lead_to_the_pages_where_the_sections_are(report: Report, pages: list[str]) -> None:
    contents = lxml_html.fromstring(report.files["M23CSE023.html"].decode()).xpath("//nav[@class='contents']//a")
    titles = [" ".join(link.text_content().split()) for link in contents]
    assert len(titles) > 30
    listed = re.findall(
        r"(\d+)(?= |$)", re.sub("|".join(map(re.escape, sorted(titles, key=len, reverse=True))), "", pages[1])
    )
    for title, number in zip(titles, listed[: len(titles)], strict=True):
        assert title in pages[int(number) - 1]


def test_the_results_are_attached(report: Report, computed: Computed) -> None:
    with pikepdf.open(io.BytesIO(report.files["M23CSE023.pdf"])) as document:
        attached = document.attachments["results.json"].get_file().read_bytes()
        assert document.Root.Lang == "en"
        assert document.docinfo["/Title"] == "CSL7590: Deep Learning, Assignment 1: M23CSE023"
    assert attached == schema.dump(computed.results)


@pytest.mark.slow
def test_two_renders_give_equal_bytes(report: Report, computed: Computed) -> None:
    again = render_report(reading.parse(schema.dump(computed.results), "x"), open_report_templates(None), _MOMENT)
    assert again.files == report.files


@pytest.mark.slow
def test_without_pango_everything_else_is_rendered(computed: Computed, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise PdfError("no Pango")

    monkeypatch.setattr(pdf_module, "load_weasyprint", fail)
    report = report_module.render_report(computed.results, open_report_templates(None), _MOMENT)
    assert report.pdf_error is not None
    assert "M23CSE023.html" in report.files
    assert "M23CSE023.pdf" not in report.files


def test_no_code_stands_in_the_report(pages: list[str]) -> None:
    """The handout forbids pasted code."""
    said = " ".join(pages)
    assert not re.search(r"\bdef \w+\(|\bimport \w+|\bnn\.\w+\(", said)
