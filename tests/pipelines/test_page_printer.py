"""The process that prints feedback pages: what it is asked and what it answers."""

import base64
from collections.abc import Iterator
from contextlib import closing

import pytest

from reportgen.sandbox.process import Limits, ReadingProcess


@pytest.fixture(scope="module")
def printer() -> Iterator[ReadingProcess]:
    with closing(
        ReadingProcess("reportgen.pipelines.page_printer", dict, Limits(seconds=60, mebibytes=1536))
    ) as process:
        yield process


def test_a_page_becomes_a_pdf(printer: ReadingProcess) -> None:
    page = "<!DOCTYPE html><html lang='en'><head><title>Marks</title></head><body><p>Well done</p></body></html>"
    answer = printer.ask({"page": page, "moment": "2024-01-25T00:00:00+00:00"})
    assert base64.b64decode(answer["pdf"]).startswith(b"%PDF-")


@pytest.mark.slow
def test_a_page_that_asks_for_something_outside_is_an_error(printer: ReadingProcess) -> None:
    page = "<html lang='en'><title>x</title><img src='file:///etc/passwd'></html>"
    answer = printer.ask({"page": page, "moment": "2024-01-25T00:00:00+00:00"})
    assert answer["code"] == 8
    assert "pdf" not in answer
