"""Files and bytes read into documents: which reader reads what, and what is refused."""

import json
import stat
from collections.abc import Sequence
from dataclasses import replace
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

MAX_MARKUP = 4 * MAX_CHARACTERS
"""Characters of HTML that are parsed, less the pictures in it."""


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
    text = decode(content, source)
    if kind == "notebook":
        from reportgen.documents import notebook

        return _bounded(notebook.read_notebook(text, source))
    from reportgen.documents import html, html_tree

    text, problems = _cut(html_tree.without_data(text), MAX_MARKUP if kind == "html" else MAX_CHARACTERS)
    if kind == "html":
        found = html.read_html(text)
    elif kind == "text":
        found = html.HtmlContent(read_text(text))
    else:
        from reportgen.documents import markdown

        found = markdown.read_markdown(text)
    links, hidden, code = tuple(found.links), tuple(found.hidden), tuple(found.code)
    return _bounded(
        Document(
            source, kind, tuple(found.blocks), found.scripts, None, problems, links=links, hidden=hidden, code=code
        )
    )


def _bounded(document: Document) -> Document:
    """Return a document with no more blocks and characters than are read, and say what is hidden and left out."""
    blocks, problems, size = document.blocks, [*document.problems, *_told(document.hidden)], 0
    for at, block in enumerate(blocks):
        size += len(block.text)
        if size > MAX_CHARACTERS:
            total = sum(len(each.text) for each in blocks)
            problems.append(f"only the first {MAX_CHARACTERS:,} of {total:,} characters were read")
            blocks = blocks[:at]
            break
    if len(blocks) > MAX_BLOCKS:
        problems.append(f"only the first {MAX_BLOCKS:,} of {len(blocks):,} blocks were read")
    return replace(document, blocks=blocks[:MAX_BLOCKS], problems=tuple(problems))


def _told(hidden: Sequence[Block]) -> tuple[str, ...]:
    """Say what text nobody sees."""
    return tuple(
        f"{block.place}: text that nobody sees was not read: {_shortened(block.text)!r}" for block in hidden[:20]
    )


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


def _cut(text: str, most: int) -> tuple[str, tuple[str, ...]]:
    if len(text) <= most:
        return text, ()
    return text[:most], (f"only the first {most:,} of {len(text):,} characters were read",)


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


def decode(content: bytes, source: str) -> str:
    """Decode text: UTF-8, UTF-16 with its mark, else Windows-1252.

    Raises:
        UnreadableError: it is binary.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if b"\0" in content:
            raise UnreadableError(
                f"{source} is neither text nor a PDF. Give a PDF, Markdown, HTML, text or .ipynb file."
            ) from None
        return content.decode("cp1252", errors="replace")


def _too_large(source: str, size: int) -> str:
    return (
        f"cannot read {source}: it has {size:,} bytes, more than the {MAX_BYTES:,} that are read. Give a smaller file."
    )
