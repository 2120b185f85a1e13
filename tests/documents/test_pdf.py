"""PDFs: what a person sees of them, and what the readers say of the rest."""

import contextlib
import io
import os
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name

from reportgen.documents.blocks import Document, Place
from reportgen.documents.reading import parse_document, read_document
from reportgen.errors import UnreadableError

CASES = os.environ.get("REPORTGEN_CASES", "")
needs_cases = pytest.mark.skipif(not CASES, reason="REPORTGEN_CASES names no folder of cases")
SEEN = "BT /F1 12 Tf 50 700 Td (Total: 800) Tj ET "


def saved(document: pikepdf.Pdf) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def drawn(content: str) -> pikepdf.Pdf:
    """A page with fonts F1 and F2 (bold), a picture Im0, a transparent state G0 and two layers, L0 off and L1 on."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(600, 800))
    page = document.pages[0]
    fonts = {
        name: Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=base)
        for name, base in (("/F1", Name.Helvetica), ("/F2", Name("/Helvetica-Bold")))
    }
    image = document.make_stream(b"\x80", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
    image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
    layers = [document.make_indirect(Dictionary(Type=Name.OCG, Name=name)) for name in ("off", "on")]
    document.Root.OCProperties = Dictionary(
        OCGs=Array(layers), D=Dictionary(ON=Array(layers[1:]), OFF=Array(layers[:1]))
    )
    page.Resources = Dictionary(
        Font=Dictionary(fonts),
        XObject=Dictionary(Im0=image),
        ExtGState=Dictionary(G0=Dictionary(ca=0.0, CA=0.0)),
        Properties=Dictionary(L0=layers[0], L1=layers[1]),
    )
    page.Contents = document.make_stream(content.encode("latin-1"))
    return document


def read(content: str) -> Document:
    return parse_document(saved(drawn(content)), "x.pdf")


def text(x: float, y: float, words: str, size: float = 12, font: str = "F1") -> str:
    return f"BT /{font} {size} Tf {x} {y} Td ({words}) Tj ET "


HIDDEN = {
    "render mode 3": "BT /F1 12 Tf 3 Tr 50 600 Td (Total: 999) Tj ET",
    "white on white": "1 1 1 rg " + text(50, 600, "Total: 999"),
    "nearly white on white": "0.99 g " + text(50, 600, "Total: 999"),
    "dark on dark": "0 0 0.5 rg 40 590 300 40 re f " + text(50, 600, "Total: 999"),
    "tiny": text(50, 600, "Total: 999", 0.5),
    "tiny by its matrix": "q 0.01 0 0 0.01 0 0 cm " + text(5000, 60000, "Total: 999", 20) + "Q",
    "off the page": text(50, 900, "Total: 999"),
    "left of the page": text(-400, 600, "Total: 999"),
    "clipped": "q 0 0 10 10 re W n " + text(50, 600, "Total: 999") + "Q",
    "transparent": "/G0 gs " + text(50, 600, "Total: 999"),
    "under a picture": text(50, 600, "Total: 999") + "q 300 0 0 100 40 560 cm /Im0 Do Q",
    "under an area": text(50, 600, "Total: 999") + "0.9 g 40 590 300 40 re f",
    "layer that is off": "/OC /L0 BDC " + text(50, 600, "Total: 999") + "EMC",
}
VISIBLE = {
    "white on dark": "0 0 0.5 rg 40 590 300 40 re f 1 1 1 rg " + text(50, 600, "Total: 999"),
    "white on a picture": "q 300 0 0 100 40 560 cm /Im0 Do Q 1 1 1 rg " + text(50, 600, "Total: 999"),
    "grey": "0.7 g " + text(50, 600, "Total: 999"),
    "beside an area": text(50, 600, "Total: 999") + "0.9 g 340 590 300 40 re f",
    "framed": text(50, 600, "Total: 999") + "40 590 300 40 re S",
    "scaled up": "q 12 0 0 12 0 0 cm " + text(4, 50, "Total: 999", 1) + "Q",
    "clipped to its box": "q 40 590 300 40 re W n " + text(50, 600, "Total: 999") + "Q",
    "layer that is on": "/OC /L1 BDC " + text(50, 600, "Total: 999") + "EMC",
    "outlined": "1 1 1 rg BT /F1 12 Tf 1 Tr 50 600 Td (Total: 999) Tj ET",
}


@pytest.mark.parametrize("content", HIDDEN.values(), ids=HIDDEN)
def test_what_nobody_sees_is_told_and_no_block(content: str) -> None:
    document = read(SEEN + "q " + content + " Q")
    assert document.text.strip() == "Total: 800"
    assert [block.text for block in document.hidden] == ["Total: 999"]
    assert document.problems == ("page 1: text that nobody sees was not read: 'Total: 999'",)


@pytest.mark.parametrize("content", VISIBLE.values(), ids=VISIBLE)
def test_what_a_person_sees_is_read(content: str) -> None:
    document = read(SEEN + "q " + content + " Q")
    assert document.text.split() == ["Total:", "800", "Total:", "999"]
    assert not document.problems


def test_outside_of_the_crop_box() -> None:
    pdf = drawn(SEEN + text(50, 100, "Total: 999"))
    pdf.pages[0].CropBox = Array([0, 400, 600, 800])
    document = parse_document(saved(pdf), "x.pdf")
    assert (document.text, document.hidden[0].text) == ("Total: 800", "Total: 999")


def test_headings_with_numbers_and_bold_letters() -> None:
    body = "The network was trained with both settings, and the table tells what came out of it."
    content = text(50, 700, "2", 12, "F2") + text(80, 700, "Results", 12, "F2") + text(50, 680, body)
    content += text(50, 660, "2.1", 12, "F2") + text(80, 660, "Experiment 1", 12, "F2") + text(50, 640, body)
    content += text(50, 620, "Conv") + text(300, 620, "800")
    blocks = read(content).blocks
    assert [(block.kind, block.level, block.text) for block in blocks] == [
        ("heading", 1, "2 Results"),
        ("text", 0, body),
        ("heading", 2, "2.1 Experiment 1"),
        ("text", 0, body),
        ("row", 0, "Conv  800"),
    ]


def test_links_fields_and_notes() -> None:
    pdf = drawn(SEEN)
    action = Dictionary(S=Name.URI, URI="https://example.org/notebook")
    box = Array([45, 690, 200, 720])
    pdf.pages[0].Annots = Array(
        [
            Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=box, A=action),
            pdf.make_indirect(
                Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=box, FT=Name.Tx, T="Accuracy", V="97.3 %")
            ),
            Dictionary(Type=Name.Annot, Subtype=Name.FreeText, Rect=box, Contents="Epochs: 10", DA="/F1 12 Tf"),
            Dictionary(Type=Name.Annot, Subtype=Name.FreeText, Rect=box, Contents="Epochs: 99", DA="/F1 12 Tf", F=2),
            Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=box, Contents="a reader's note"),
        ]
    )
    pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.pages[0].Annots[1]]))
    document = parse_document(saved(pdf), "x.pdf")
    assert [(link.address, link.text) for link in document.links] == [("https://example.org/notebook", "Total: 800")]
    assert [block.text for block in document.blocks] == ["Total: 800", "Accuracy: 97.3 %", "Epochs: 10"]
    assert document.problems == (
        "page 1: 1 notes and marks were not read",
        "page 1: 1 form fields or text boxes that nobody sees were not read",
    )


def test_letters_without_a_meaning() -> None:
    pdf = drawn("BT /F0 12 Tf 50 700 Td <00170018001900170018> Tj ET")
    descriptor = Dictionary(Type=Name.FontDescriptor, FontName=Name.Own, Flags=4, FontBBox=Array([0, 0, 1000, 1000]))
    descriptor.ItalicAngle, descriptor.Ascent, descriptor.Descent, descriptor.StemV = 0, 800, -200, 80
    system = Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0)
    inner = Dictionary(Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name.Own, CIDSystemInfo=system)
    inner.FontDescriptor = pdf.make_indirect(descriptor)
    font = Dictionary(Type=Name.Font, Subtype=Name.Type0, BaseFont=Name.Own, Encoding=Name("/Identity-H"))
    font.DescendantFonts = Array([pdf.make_indirect(inner)])
    pdf.pages[0].Resources.Font.F0 = pdf.make_indirect(font)
    document = parse_document(saved(pdf), "x.pdf")
    assert document.unreadable == (Place(page=1),)
    assert "the text can't be read: the file doesn't say what 5 of its 5 characters mean" in document.problems[0]
    assert not document.text


SENTENCES = (
    "The network was trained for 12 epochs and the best of the three is shown",
    "with the loss that was found for each of the sizes and for that of the others",
)


def lettered(*lines: str) -> bytes:
    """Lines in a font of drawn letters whose names say nothing, as TeX makes them."""
    shown = "".join(
        f"BT /F0 12 Tf 50 {700 - 20 * at} Td <{line.encode().hex()}> Tj ET " for at, line in enumerate(lines)
    )
    pdf = drawn(shown)
    codes = range(32, 127)
    glyph = pdf.make_stream(b"500 0 0 0 400 700 d1 0 0 400 700 re f")
    names = [Name(f"/g{code}x") for code in codes]
    font = Dictionary(Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 500, 700]), FirstChar=32, LastChar=126)
    font.FontMatrix = Array([0.001, 0, 0, 0.001, 0, 0])
    font.CharProcs = Dictionary({str(name): glyph for name in names})
    font.Encoding = Dictionary(Type=Name.Encoding, Differences=Array([32, *names]))
    font.Widths = Array([500] * len(codes))
    pdf.pages[0].Resources.Font.F0 = pdf.make_indirect(font)
    return saved(pdf)


def test_letters_without_a_meaning_that_make_the_words_of_a_language() -> None:
    document = parse_document(lettered(*SENTENCES), "x.pdf")
    assert not document.problems
    assert "12 epochs" in document.text


def test_letters_without_a_meaning_that_make_no_words() -> None:
    moved = ["".join(chr(33 + (ord(letter) - 33 + 5) % 90) for letter in line.replace(" ", "")) for line in SENTENCES]
    document = parse_document(lettered(*moved), "x.pdf")
    assert document.unreadable == (Place(page=1),)
    assert not document.text


def test_a_scan() -> None:
    document = read("q 600 0 0 800 0 0 cm /Im0 Do Q")
    assert document.unreadable == (Place(page=1),)
    assert document.problems == ("page 1 is a picture: the text can't be read. Give a PDF with text, or its source",)


SAMPLE = saved(drawn(SEEN + " ".join(HIDDEN.values())))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), max_size=12))
def test_a_damaged_file_is_read_or_refused(damages: list[tuple[int, int]]) -> None:
    content = bytearray(SAMPLE)
    for at, byte in damages:
        content[at] = byte
    with contextlib.suppress(UnreadableError):
        parse_document(bytes(content), "x.pdf")


@needs_cases
def test_case_latex() -> None:
    document = read_document(Path(CASES) / "documents" / "m09_latex_headings_and_link.pdf")
    assert [block.text for block in document.blocks if block.kind == "heading" and block.level == 2] == [
        "2.1 Experiment 1",
        "2.2 Experiment 2",
    ]
    assert not [block for block in document.blocks if block.kind == "row"]
    assert document.links[0].text == "click here"


@needs_cases
def test_case_without_a_character_map() -> None:
    document = read_document(Path(CASES) / "documents" / "g7_no_tounicode.pdf")
    assert document.unreadable
    assert not document.text


@needs_cases
def test_cases_of_hidden_text() -> None:
    hostile = Path(CASES) / "hostile"
    shown, hiding = (read_document(hostile / name) for name in ("05a-data.pdf", "05b-data-not-mnist-hidden.pdf"))
    assert shown.text == hiding.text
    assert len(hiding.hidden) == 1
    assert not read_document(hostile / "03-hidden" / "M23CSE111.pdf").text.strip()
