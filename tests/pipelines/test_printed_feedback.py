"""Pages of feedback, printed as PDF."""

from datetime import UTC, datetime

import pytest

from reportgen.errors import PdfError
from reportgen.pipelines import grade as module
from reportgen.pipelines.grade import print_pages
from reportgen.sandbox.process import Limits

MOMENT = datetime(2024, 1, 25, tzinfo=UTC)


PAGE = "<!DOCTYPE html><html lang='en'><head><title>Marks</title></head><body><p>{}</p></body></html>"


@pytest.mark.slow
def test_pages_are_printed_each_under_its_name() -> None:
    printed = print_pages({"a": PAGE.format("one"), "b": PAGE.format("two")}, MOMENT)
    assert list(printed) == ["a", "b"]
    assert all(pdf.startswith(b"%PDF-") for pdf in printed.values())
    assert printed == print_pages({"a": PAGE.format("one"), "b": PAGE.format("two")}, MOMENT)
    assert print_pages({}, MOMENT) == {}


@pytest.mark.slow
def test_a_page_that_can_not_be_printed_is_named() -> None:
    pages = {"a": PAGE.format("one"), "b": PAGE.format("<img src='http://example.com/x.png' alt='x'>")}
    with pytest.raises(PdfError, match="cannot print the feedback of b: "):
        print_pages(pages, MOMENT)


@pytest.mark.slow
def test_a_page_that_takes_too_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LIMITS", Limits(seconds=0.01, mebibytes=1536))
    with pytest.raises(PdfError, match=r"cannot print the feedback of a: it took longer than 0\.01 s"):
        print_pages({"a": PAGE.format("one")}, MOMENT)
