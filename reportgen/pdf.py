"""HTML to PDF: fetches nothing but what the HTML carries, and takes every warning of WeasyPrint for an error."""

import logging
import warnings
from collections.abc import Mapping
from datetime import datetime

from reportgen.errors import PdfError

INSTALL_PANGO = (
    "install Pango: `apt-get install libpango-1.0-0 libpangoft2-1.0-0` (Debian, Ubuntu), "
    "`dnf install pango` (Fedora), `brew install pango` (macOS), or see https://doc.courtbouillon.org/weasyprint"
)


_OTHER_SUBSETTER = "Using fontTools instead of HarfBuzz-Subset"
"""What WeasyPrint logs where libharfbuzz-subset is not installed; the fonts are embedded all the same."""


def check_pango() -> str:
    """Version of Pango that WeasyPrint finds.

    Raises:
        PdfError: the library is missing; says what to install.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="HarfBuzz-Subset will be required")
            from weasyprint.text.ffi import pango
    except OSError as error:
        first_line = str(error).strip().splitlines()[0]
        raise PdfError(f"WeasyPrint can't load Pango ({first_line}); {INSTALL_PANGO}") from None
    number = pango.pango_version()
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def html_to_pdf(html: str, attachments: Mapping[str, bytes], moment: datetime) -> bytes:
    """Turn a self-contained HTML text into a tagged PDF/A-3 with ``attachments`` (file name → content).

    ``moment`` is the date of the attachments. The same input gives the same bytes.

    Raises:
        PdfError: Pango is missing, something outside was asked for, or WeasyPrint warned.
    """
    check_pango()
    from weasyprint import HTML, Attachment
    from weasyprint.urls import URLFetcher

    complaints: list[str] = []
    handler = _Collector(complaints)
    logger = logging.getLogger("weasyprint")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)
    try:
        attached = [
            Attachment(string=content, name=name, created=moment, modified=moment, relationship="Data")
            for name, content in attachments.items()
        ]
        document = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols={"data"})).render()
        document.metadata.attachments = attached
        pdf = document.write_pdf(pdf_variant="pdf/a-3a")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    if complaints:
        raise PdfError(
            "WeasyPrint warned, so the PDF is not what it should be:\n  "
            + "\n  ".join(list(dict.fromkeys(complaints))[:10])
        )
    if not isinstance(pdf, bytes):
        raise PdfError("WeasyPrint gave no PDF")
    return pdf


class _Collector(logging.Handler):
    def __init__(self, messages: list[str]) -> None:
        super().__init__(logging.WARNING)
        self.messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if not message.startswith(_OTHER_SUBSETTER):
            self.messages.append(message)
