import io
from datetime import UTC, datetime

import pikepdf
import pypdfium2
import pytest

from reportgen import pdf
from reportgen.errors import PdfError

_MOMENT = datetime(2024, 1, 25, tzinfo=UTC)
_PAGE = '<html lang="en"><head><title>T</title><style>{style}</style></head><body><p>Hello</p>{body}</body></html>'


def _page(style: str = "", body: str = "") -> str:
    return _PAGE.format(style=style, body=body)


def test_text_and_attachments_come_back() -> None:
    content = pdf.html_to_pdf(_page(), {"results.json": b'{"a": 1}'}, _MOMENT)
    assert "Hello" in pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()
    with pikepdf.open(io.BytesIO(content)) as document:
        assert document.attachments["results.json"].get_file().read_bytes() == b'{"a": 1}'
        with document.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = (pdf.html_to_pdf(_page(), {"a.json": b"{}"}, _MOMENT) for _ in range(2))
    assert first == second


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
    from weasyprint.pdf import fonts

    monkeypatch.setattr(fonts, "harfbuzz_subset", None)
    content = pdf.html_to_pdf(_page(), {}, _MOMENT)
    assert "Hello" in pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()


def test_a_missing_pango_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "weasyprint.text.ffi", _Missing("weasyprint.text.ffi"))
    with pytest.raises(PdfError, match=r"apt-get install libpango"):
        pdf.html_to_pdf(_page(), {}, _MOMENT)


class _Missing(type(pytest)):  # type: ignore[misc]
    """A module that fails as WeasyPrint's does where the library is not installed."""

    def __getattr__(self, name: str) -> object:
        raise OSError(f"cannot load library 'libpango-1.0-0': not found ({name})")


def test_pango_has_a_version() -> None:
    assert pdf.check_pango().count(".") == 2
