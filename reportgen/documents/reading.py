"""Files and bytes read into documents: which reader reads what, and what is refused."""

import json
import stat
from collections.abc import Sequence
from pathlib import Path

from reportgen.documents.blocks import MAX_BLOCKS, MAX_BYTES, MAX_CHARACTERS, Block, Document, DocumentKind
from reportgen.documents.text import read_text
from reportgen.errors import UnreadableError

SUFFIXES: dict[str, DocumentKind] = {
    ".pdf": "pdf",
    ".md": "markdown",
    ".markdown": "markdown",
    ".tex": "text",
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".ipynb": "notebook",
}


def read_document(path: Path) -> Document:
    """Read a document from a file.

    Raises:
        UnreadableError: it can't be opened, is no regular file, is too large, or is not what its name says.
    """
    return parse_document(read_bytes(path), str(path), SUFFIXES.get(path.suffix.lower()))


def read_bytes(path: Path) -> bytes:
    """Read a regular file of at most `MAX_BYTES` bytes.

    Raises:
        UnreadableError: it can't be opened, is no regular file, or is too large.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            what = "a folder" if stat.S_ISDIR(found.st_mode) else "no regular file"
            raise UnreadableError(f"cannot read {path}: it is {what}. Name a PDF, Markdown, HTML, text or .ipynb file.")
        if found.st_size > MAX_BYTES:
            raise UnreadableError(_too_large(str(path), found.st_size))
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UnreadableError(f"cannot read {path}: {reason}. Check the name and the permissions.") from error


def parse_document(content: bytes, source: str, kind: DocumentKind | None = None) -> Document:
    """Read a document from its content; ``source`` names it in messages.

    Args:
        content: the file's bytes.
        source: file name, or "standard input".
        kind: what it is; found from the content where left out. A PDF is recognised in any case.

    Raises:
        UnreadableError: it is too large, or broken beyond reading.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableError(_too_large(source, len(content)))
    kind = sniff(content) if kind is None or content.startswith(b"%PDF-") else kind
    # each kind's reader is loaded when its first document comes: a short text is read before pypdfium2 would be loaded
    if kind == "pdf":
        from reportgen.documents import pdf

        return pdf.read_pdf(content, source)
    text, problems = decode(content, source)
    if kind == "notebook":
        from reportgen.documents import notebook

        return notebook.read_notebook(text, source, problems)
    blocks: Sequence[Block]
    attachments: dict[str, bytes] = {}
    if kind == "html":
        from reportgen.documents import html

        blocks, attachments = html.read_html(text)
    elif kind == "text":
        blocks = read_text(text)
    else:
        from reportgen.documents import markdown

        blocks = markdown.read_markdown(text)
    if len(blocks) > MAX_BLOCKS:
        problems = (*problems, f"only the first {MAX_BLOCKS:,} of {len(blocks):,} blocks were read")
    return Document(source, kind, tuple(blocks[:MAX_BLOCKS]), attachments, None, problems)


def sniff(content: bytes) -> DocumentKind:
    """Tell what a document without a telling name is, from its first bytes."""
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if content[:1024].find(b"%PDF-") >= 0:
        return "pdf"
    if head.startswith((b"<!doctype html", b"<html", b"<?xml")):
        return "html"
    if head.startswith(b"{"):
        try:
            if isinstance(json.loads(content), dict) and b'"cells"' in content:
                return "notebook"
        except (ValueError, RecursionError):
            return "markdown"
    return "markdown"


def decode(content: bytes, source: str) -> tuple[str, tuple[str, ...]]:
    """Decode text: UTF-8, UTF-16 with its mark, else Windows-1252; cut at `MAX_CHARACTERS`.

    Raises:
        UnreadableError: it is binary.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            if b"\0" in content:
                raise UnreadableError(
                    f"{source} is neither text nor a PDF. Give a PDF, Markdown, HTML, text or .ipynb file."
                ) from None
            text = content.decode("cp1252", errors="replace")
    if len(text) > MAX_CHARACTERS:
        return text[:MAX_CHARACTERS], (f"only the first {MAX_CHARACTERS:,} of {len(text):,} characters were read",)
    return text, ()


def _too_large(source: str, size: int) -> str:
    return (
        f"cannot read {source}: it has {size:,} bytes, more than the {MAX_BYTES:,} that are read. Give a smaller file."
    )
