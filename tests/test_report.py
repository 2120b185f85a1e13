import io
import re
from datetime import UTC, datetime

import pikepdf
import pypdfium2
import pytest

from reportgen import pdf as pdf_module
from reportgen import report as report_module
from reportgen import results
from reportgen.drawing.confusion import share
from reportgen.errors import PdfError
from reportgen.experiment import Computed
from reportgen.report import Report, open_report_templates, render_report

_MOMENT = datetime(2024, 1, 25, tzinfo=UTC)


@pytest.fixture(scope="module")
def report(computed: Computed) -> Report:
    return render_report(computed.results, open_report_templates(None), _MOMENT)


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


def test_no_heading_stands_alone_at_the_foot_of_a_page(report: Report) -> None:
    """Body text, a table or a figure follows each heading on its page: headings are larger than 9.4 pt."""
    for number, page in enumerate(pypdfium2.PdfDocument(report.files["M23CSE023.pdf"]), 1):
        text = page.get_textpage()
        boxes = [text.get_rect(index) for index in range(text.count_rects())]
        body = [box for box in boxes if box[1] > 60]  # above the page number
        _, bottom, _, top = min(body, key=lambda box: box[1])
        assert top - bottom < 11, number


def test_the_results_are_attached(report: Report, computed: Computed) -> None:
    with pikepdf.open(io.BytesIO(report.files["M23CSE023.pdf"])) as document:
        attached = document.attachments["results.json"].get_file().read_bytes()
        assert document.Root.Lang == "en"
        assert document.docinfo["/Title"] == "CSL7590: Deep Learning, Assignment 1: M23CSE023"
    assert attached == results.dump(computed.results)


@pytest.mark.slow
def test_two_renders_give_equal_bytes(report: Report, computed: Computed) -> None:
    again = render_report(results.parse(results.dump(computed.results), "x"), open_report_templates(None), _MOMENT)
    assert again.files == report.files


def test_without_pango_everything_else_is_rendered(computed: Computed, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise PdfError(f"no Pango; {pdf_module.INSTALL_PANGO}")

    monkeypatch.setattr(pdf_module, "check_pango", fail)
    report = report_module.render_report(computed.results, open_report_templates(None), _MOMENT)
    assert report.pdf_error is not None
    assert "M23CSE023.html" in report.files
    assert "M23CSE023.pdf" not in report.files


def test_no_code_stands_in_the_report(pages: list[str]) -> None:
    """The handout forbids pasted code."""
    said = " ".join(pages)
    assert not re.search(r"\bdef \w+\(|\bimport \w+|\bnn\.\w+\(", said)
