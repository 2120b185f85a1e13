import contextlib
import io
import json
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.documents.blocks import MAX_CHARACTERS, Block
from reportgen.documents.reading import parse_document, read_document, sniff
from reportgen.errors import UnreadableError

MARKDOWN = r"""# Title

Some text with *emphasis*, `code` and $23\%3=2$ and input\_size \* 10.

- (16 * 5 * 5 * 8) +
  8 = 3,208
- second

| Layer | Count |
|---|---|
| Conv 1 | 1{,}000 |

![plot](a.png)
"""


def blocks(content: str, kind: str | None = None) -> list[Block]:
    return list(parse_document(content.encode(), "x", kind).blocks)  # type: ignore[arg-type]


def pdf(*texts: str) -> bytes:
    document = pikepdf.new()
    document.add_blank_page(page_size=(600, 800))
    page = document.pages[0]
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    lines = b" ".join(b"(" + text.encode("latin-1") + b") Tj 0 -20 Td" for text in texts)
    page.Contents = document.make_stream(b"BT /F1 12 Tf 50 700 Td " + lines + b" ET")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_markdown() -> None:
    found = blocks(MARKDOWN)
    assert [(block.kind, block.text) for block in found] == [
        ("heading", "Title"),
        ("text", "Some text with emphasis, code and 23%3=2 and input_size * 10."),
        ("item", "(16 * 5 * 5 * 8) + 8 = 3,208"),
        ("item", "second"),
        ("row", "Layer  Count"),
        ("row", "Conv 1  1,000"),
        ("picture", "plot"),
    ]
    assert [block.place.line for block in found] == [1, 3, 5, 7, 9, 11, 13]
    assert found[5].cells == ("Conv 1", "1,000")


def test_html() -> None:
    page = (
        "<html><head><title>x</title></head><body><h2>A</h2><p>10<sup>4</sup> &times; 2</p><ul><li>one</ul>"
        "<table><tr><th>a<th>b<tr><td>1<td>2</table><script type='application/json' id='results'>{}</script>"
        "<script>var x = 1 + 1 = 3</script></body>"
    )
    document = parse_document(page.encode(), "x.html", "html")
    assert [(block.kind, block.text) for block in document.blocks] == [
        ("heading", "A"),
        ("text", "10^4 × 2"),
        ("item", "one"),
        ("row", "a  b"),
        ("row", "1  2"),
    ]
    assert document.attachments == {"results": b"{}"}


def test_notebook() -> None:
    outputs = [{"output_type": "stream", "name": "stdout", "text": ["Test accuracy: 97%\n"]}]
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# A\n\n1 + 1 = 2"},
        {"cell_type": "code", "metadata": {}, "execution_count": None, "source": "1 + 1 == 3", "outputs": outputs},
    ]
    content = json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})
    document = parse_document(content.encode(), "x.ipynb", "notebook")
    assert [block.text for block in document.blocks] == ["A", "1 + 1 = 2", "Test accuracy: 97%"]
    assert [block.place.cell for block in document.blocks] == [1, 1, 2]


def test_latex_source() -> None:
    found = blocks("\\section{Conv}\n\\[ 16 \\times 5 = 80 \\]\n\\begin{tabular}{rr}\n1 & 2 \\\\\n\\hline\n", "text")
    assert [(block.kind, block.text) for block in found][:2] == [("heading", "Conv"), ("text", "[ 16 ×5 = 80 ]")]
    assert found[2].cells == ("1", "2")


def test_pdf() -> None:
    document = parse_document(pdf("Total parameters: 800 + 3,208", "= 4,008"), "x.pdf")
    assert document.kind == "pdf"
    assert [block.text for block in document.blocks] == ["Total parameters: 800 + 3,208 = 4,008"]
    assert document.blocks[0].place.page == 1


def test_attachments_are_read() -> None:
    with pikepdf.open(io.BytesIO(pdf("a"))) as document:
        document.attachments["results.json"] = b"{}"
        stream = io.BytesIO()
        document.save(stream)
    assert parse_document(stream.getvalue(), "x.pdf").attachments == {"results.json": b"{}"}


def test_a_pdf_of_2000_pages_is_read_in_part_and_says_so() -> None:
    with pikepdf.open(io.BytesIO(pdf("1 + 1 = 2"))) as source:
        for _ in range(1999):
            source.pages.append(source.pages[0])
        stream = io.BytesIO()
        source.save(stream)
    document = parse_document(stream.getvalue(), "x.pdf")
    assert document.pages == 2000
    assert document.problems == ("only the first 300 of 2,000 pages were read",)


def encrypted() -> bytes:
    with pikepdf.open(io.BytesIO(pdf("a"))) as document:
        stream = io.BytesIO()
        document.save(stream, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        # named: a salt is drawn for each, and xdist wants the same names from every worker
        pytest.param(encrypted(), None, "it is encrypted. Give a copy without a password", id="encrypted"),
        pytest.param(pdf("a")[:120], None, "cannot read x", id="cut short"),
        (b"%PDF-1.7 nothing", None, "cannot read x"),
        (b"{not json", "notebook", "it is no Jupyter notebook"),
        (b'{"cells": 5}', "notebook", "it is no Jupyter notebook"),
        (b"\0\xff\xfe\0\x81\x8d", None, "neither text nor a PDF"),
    ],
)
def test_unreadable(content: bytes, kind: str | None, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        parse_document(content, "x", kind)  # type: ignore[arg-type]


def test_files_that_are_none(tmp_path: Path) -> None:
    loop = tmp_path / "loop.pdf"
    loop.symlink_to(loop)
    for path, message in [
        (loop, "symbolic links"),
        (tmp_path, "it is a folder"),
        (tmp_path / "no.pdf", "No such file"),
        (Path("/dev/zero"), "no regular file"),
        (Path("a\0b"), "null"),
    ]:
        with pytest.raises(UnreadableError, match=message):
            read_document(path)


def test_a_large_image_is_never_decoded() -> None:
    with pikepdf.open(io.BytesIO(pdf("text"))) as document:
        image = document.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=10_000)
        image.Height, image.ColorSpace, image.BitsPerComponent = 10_000, pikepdf.Name.DeviceGray, 8
        page = document.pages[0]
        page.Resources.XObject = pikepdf.Dictionary(Im0=image)
        page.Contents = document.make_stream(b"q 400 0 0 400 50 50 cm /Im0 Do Q")
        stream = io.BytesIO()
        document.save(stream)
    assert [block.kind for block in parse_document(stream.getvalue(), "x.pdf").blocks] == ["picture"]


def test_long_text_is_cut_and_says_so() -> None:
    document = parse_document(b"a" * (MAX_CHARACTERS + 1), "x.txt", "text")
    assert "only the first" in document.problems[0]


def test_encodings() -> None:
    assert [block.text for block in parse_document("é = 1".encode("utf-16"), "x").blocks] == ["é = 1"]
    assert [block.text for block in parse_document("é = 1".encode("cp1252"), "x").blocks] == ["é = 1"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.4", "pdf"),
        (b"<!DOCTYPE html>", "html"),
        (b'{"cells": []}', "notebook"),
        (b'{"a": 1}', "markdown"),
        (b"{" * 100_000, "markdown"),
        (b"text", "markdown"),
    ],
)
def test_sniff(content: bytes, kind: str) -> None:
    assert sniff(content) == kind


@given(st.binary(max_size=400), st.sampled_from(["pdf", "markdown", "text", "html", "notebook", None]))
def test_arbitrary_bytes_are_read_or_refused(content: bytes, kind: str | None) -> None:
    with contextlib.suppress(UnreadableError):
        assert parse_document(content, "x", kind).source == "x"  # type: ignore[arg-type]
