import io
import subprocess
import sys
from datetime import UTC, datetime

import pikepdf
import pypdfium2
import pytest

from reportgen.errors import PdfError
from reportgen.rendering import formulas, pdf, typesetter

_MOMENT = datetime(2024, 1, 25, tzinfo=UTC)
_PAGE = '<html lang="en"><head><title>T</title><style>{style}</style></head><body><p>Hello</p>{body}</body></html>'


def _page(style: str = "", body: str = "") -> str:
    return _PAGE.format(style=style, body=body)


def test_text_and_attachments_come_back() -> None:
    attached = {"results.json": pdf.Attached(b'{"a": 1}', "results")}
    content = pdf.html_to_pdf(_page(), attached, _MOMENT)
    assert "Hello" in pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()
    with pikepdf.open(io.BytesIO(content)) as document:
        assert document.attachments["results.json"].get_file().read_bytes() == b'{"a": 1}'
        with document.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = (pdf.html_to_pdf(_page(), {"a.json": pdf.Attached(b"{}", "")}, _MOMENT) for _ in range(2))
    assert first == second


class _Found:
    """Finds a table that ends in a line break in so many writings."""

    def __init__(self, times: int) -> None:
        self.left = times

    def search(self, content: bytes) -> bool:
        self.left -= 1
        return self.left >= 0


def test_a_pdf_whose_tables_end_in_a_line_break_is_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    once = pdf.html_to_pdf(_page(), {}, _MOMENT)
    monkeypatch.setattr(pdf, "_CUT_SHORT", _Found(1))
    again = pdf.html_to_pdf(_page(), {}, _MOMENT)
    assert again != once
    assert "Hello" in pypdfium2.PdfDocument(again)[0].get_textpage().get_text_range()
    monkeypatch.setattr(pdf, "_CUT_SHORT", _Found(5))
    with pytest.raises(PdfError, match="line break in each of 5 ways"):
        pdf.html_to_pdf(_page(), {}, _MOMENT)


def test_formulas_are_laid_out_tagged_and_read() -> None:
    body = f"<p>So {formulas.derivation('(2·3) + 3 = 9')}.</p><article>No formula</article>"
    content = pdf.html_to_pdf(_page(body=body), {}, _MOMENT)
    assert "So = (2·3) + 3 = 9." in pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()
    with pikepdf.open(io.BytesIO(content)) as document:
        said = [str(item.Alt) for item in document.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item]
        kinds = [str(item.S) for item in document.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item]
    assert said == ["equals open bracket 2 times 3 close bracket plus 3 equals 9"]
    assert (kinds.count("/Formula"), kinds.count("/Art")) == (1, 1)


def test_an_article_of_a_users_template_is_no_formula_whatever_it_holds() -> None:
    inside = "<ul>bare<li>one</li></ul>" + "<p>A paragraph</p><ol><li>a</li></ol>" * 60
    formula = formulas.derivation("2·3 = 6")
    content = pdf.html_to_pdf(_page(body=f"<article>bare {formula} text{inside}tail</article>"), {}, _MOMENT)
    with pikepdf.open(io.BytesIO(content)) as document:
        assert len(document.pages) > 1
        spoken = [str(item.Alt) for item in document.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item]
    assert spoken == ["equals 2 times 3 equals 6"]


@pytest.mark.parametrize(
    ("style", "body", "said"),
    [
        ("p { colour: red }", "", "colour"),
        ("", '<img src="https://example.invalid/x.png" alt="x">', "example.invalid"),
        ("", '<img src="file:///etc/passwd" alt="x">', "etc/passwd"),
    ],
)
def test_every_warning_is_an_error(style: str, body: str, said: str) -> None:
    with pytest.raises(PdfError, match=said):
        pdf.html_to_pdf(_page(style, body), {}, _MOMENT)


def test_a_missing_subsetter_is_no_fault_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without libharfbuzz-subset, as on a machine with Pango alone, the PDF is made with fontTools."""
    monkeypatch.setattr(typesetter.load_weasyprint("weasyprint.pdf.fonts"), "harfbuzz_subset", None)
    content = pdf.html_to_pdf(_page(), {}, _MOMENT)
    assert "Hello" in pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()


_IMPORTED_AFRESH = """
import sys, warnings
warnings.simplefilter("error")
from cffi import FFI
opened = FFI.dlopen
def dlopen(ffi, name, flags=0):
    if "{missing}" in str(name):
        raise OSError(f"cannot load library '{{name}}': not found")
    return opened(ffi, name, flags)
FFI.dlopen = dlopen
from reportgen.errors import PdfError
from reportgen.rendering import pdf
from datetime import UTC, datetime
page = "<!doctype html><html lang='en'><title>t</title><p>Hello"
for _ in range(2):
    try:
        print(pdf.html_to_pdf(page, {{}}, datetime(2024, 1, 25, tzinfo=UTC))[:4].decode())
    except PdfError as error:
        print(error)
print(any(name.partition(".")[0] == "weasyprint" for name in sys.modules))
"""


def _afresh(missing: str) -> list[str]:
    """Make a PDF twice in a fresh interpreter that takes every warning for an error and lacks a library."""
    code = _IMPORTED_AFRESH.format(missing=missing)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


def test_a_missing_pango_says_what_to_install_and_leaves_no_half_imported_package() -> None:
    first, second, left = _afresh("pango-1.0")
    assert first == second
    assert "apt-get install libpango" in first
    assert left == "False"


@pytest.mark.slow
def test_the_warning_about_a_missing_subsetter_stops_no_import() -> None:
    assert _afresh("harfbuzz-subset") == ["%PDF", "%PDF", "True"]


def test_pango_has_a_version() -> None:
    assert typesetter.pango_version().count(".") == 2
