"""Small PDFs for tests."""

from reportgen.rendering.typesetter import load_weasyprint


def printed(html: str) -> bytes:
    """A page of HTML as a PDF."""
    return bytes(load_weasyprint().HTML(string=html).write_pdf())
