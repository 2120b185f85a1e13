"""HTML to PDF: fetches nothing but what the HTML carries, and takes every warning of WeasyPrint for an error."""

import contextlib
import logging
import os
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from reportgen.errors import PdfError
from reportgen.files import bundled_templates
from reportgen.rendering import pdf_tags
from reportgen.rendering.templates import PAPER
from reportgen.rendering.typesetter import load_weasyprint

_MATH = "{http://www.w3.org/1998/Math/MathML}math"
_CUT_SHORT = re.compile(rb"\r\nendstream")
_TRIES = 5

_OTHER_SUBSETTER = "Using fontTools instead of HarfBuzz-Subset"
"""What WeasyPrint logs where libharfbuzz-subset is not installed; the fonts are embedded all the same."""


class Attached(NamedTuple):
    """A file that a PDF carries."""

    content: bytes
    description: str


def html_to_pdf(html: str, attachments: Mapping[str, Attached], moment: datetime) -> bytes:
    """Turn a self-contained HTML text into a PDF/A-3a and PDF/UA-1 with ``attachments`` by their file names.

    ``moment`` is the date of the attachments. Each ``math`` element is read as its attribute ``alttext`` says. The same
    input gives the same bytes.

    Raises:
        PdfError: Pango is missing, something outside was asked for, or WeasyPrint warned.
    """
    weasyprint = load_weasyprint()
    fetcher = load_weasyprint("weasyprint.urls").URLFetcher(allowed_protocols={"data"})
    complaints: list[str] = []
    handler = _Collector(complaints)
    logger = logging.getLogger("weasyprint")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)
    try:
        attached = [
            weasyprint.Attachment(
                string=file.content,
                name=name,
                description=file.description,
                created=moment,
                modified=moment,
                relationship="Data",
            )
            for name, file in sorted(attachments.items())
        ]
        page = weasyprint.HTML(string=html, url_fetcher=fetcher)
        titles = _titles(page.etree_element)
        for element in page.etree_element.iter(_MATH):
            element.tag = pdf_tags.FORMULA_TAG
        document = page.render(stylesheets=[weasyprint.CSS(bundled_templates() / PAPER)])
        document.metadata.attachments = attached
        with _dated(moment):
            pdf = _write(document, titles)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    if complaints:
        raise PdfError(
            "WeasyPrint warned, so the PDF is not what it should be:\n  "
            + "\n  ".join(list(dict.fromkeys(complaints))[:10])
        )
    return pdf


@contextlib.contextmanager
def _dated(moment: datetime) -> Iterator[None]:
    """Have fonts dated by ``moment``: fontTools, which cuts them down without libharfbuzz-subset, takes the clock.

    Two PDFs of one page differed for that. The variable is the only way that fontTools has to be told.
    """
    variable = "SOURCE_DATE_EPOCH"
    before = os.environ.get(variable)
    os.environ[variable] = str(int(moment.timestamp()))
    try:
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before


def _titles(root: Any) -> dict[str, str]:
    """What a link to each place of a page says: the caption of what stands there, or its text."""
    titles = {}
    for element in root.iter():
        if element.get("id"):
            captions = [inner for inner in element.iter() if inner.tag in {"caption", "figcaption"}]
            titles[element.get("id")] = " ".join("".join((captions or [element])[0].itertext()).split())
    return titles


def _write(document: Any, titles: Mapping[str, str]) -> bytes:
    described = [text for page in document.pages for text in pdf_tags.descriptions(page._page_box)]
    for padding in range(_TRIES):

        def finish(_: Any, pdf: Any, padding: int = padding) -> None:
            pdf_tags.finish(pdf, described, titles)
            pdf_tags.pad(pdf, padding)

        content: bytes = document.write_pdf(pdf_variant="pdf/a-3a", finisher=finish)
        # the last two streams, of objects and of references, are packed after the finisher
        if not _CUT_SHORT.search(content):
            return content
    raise PdfError(f"the PDF's tables end in a line break in each of {_TRIES} ways to write them")


class _Collector(logging.Handler):
    def __init__(self, messages: list[str]) -> None:
        super().__init__(logging.WARNING)
        self.messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if not message.startswith(_OTHER_SUBSETTER):
            self.messages.append(message)
