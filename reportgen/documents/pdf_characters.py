"""Characters of a PDF page, with their boxes, put together into pieces of a line. What nobody sees is kept apart."""

import ctypes
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pypdfium2 as pdfium
from pypdfium2 import raw

from reportgen.documents.numbers import GROUPING_SPACES
from reportgen.documents.pdf_visibility import Box, Visibility, address

MAX_PAGE_CHARACTERS = 60_000
_GAP = 0.9
"""Space between two characters that parts columns, in units of the letters' height."""
_BOLD = ("bold", "black", "heavy", "cmbx", "sfbx", "ecbx", "-medi", "demi")
"""Parts of the names of bold fonts, those of TeX among them."""
_LIGATURES = {0x1B: "ff", 0x1C: "fi", 0x1D: "fl", 0x1E: "ffi", 0x1F: "ffl"}
"""Of TeX's fonts (Cork encoding), where the file doesn't say what a code means."""
_COMMON = frozenset({
    "the", "and", "for", "with", "that", "this", "are", "was", "from", "der", "die", "und", "den", "das", "ist",
    "von", "mit", "ein", "eine", "auf", "les", "des", "une", "est", "dans", "pour", "par", "que", "los", "las",
    "para", "con", "del", "che", "della", "per", "dla", "jest", "dos", "uma", "com",
})  # fmt: skip
"""Words that make up a good tenth of any text in English, German, French, Spanish, Italian, Polish or Portuguese."""
_LEAST_WORDS = 20
_LEAST_COMMON = 0.05
_LEAST_SHARED = 3
"""Letters that a word of the rest has more than to tell something."""
_FONT_NAME = 128
"""Bytes of a font's name that are read."""


@dataclass(frozen=True)
class Piece:
    """Characters of one line that stand together, in points from the page's lower left."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float
    bold: bool


@dataclass
class PageText:
    """What a page's characters say."""

    pieces: list[Piece] = field(default_factory=list)
    hidden: str = ""
    """Text that nobody sees."""
    characters: int = 0
    """Characters that are seen, white space aside."""
    unmapped: int = 0
    """Those of which the file doesn't say what they mean."""
    mapped_text: list[str] = field(default_factory=list)
    unmapped_text: list[str] = field(default_factory=list)
    """Characters of which the file says what they mean, and the others as PDFium takes them."""
    is_cut: bool = False

    def part(self) -> None:
        """End a word."""
        self.unmapped_text.append(" ")
        self.mapped_text.append(" ")

    def count(self, character: str, *, unmapped: bool) -> None:
        """Count a character that is seen."""
        self.characters += 1
        self.unmapped += unmapped
        (self.unmapped_text if unmapped else self.mapped_text).append(character)


@dataclass
class _Letters:
    """The letters of one text object."""

    size: float
    bold: bool
    seen: Box | None


def read_characters(page: pdfium.PdfPage, content: bytes, index: int) -> PageText:
    """Read the characters of a page in PDFium's order, broken at line ends and at gaps.

    Args:
        page: the page.
        content: the file's bytes.
        index: which page of the file it is, counted from 0.
    """
    found = PageText()
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        found.is_cut = count > MAX_PAGE_CHARACTERS
        _read(text_page.raw, min(count, MAX_PAGE_CHARACTERS), Visibility(page, content, index), found)
    finally:
        text_page.close()
    return found


def _read(page: raw.FPDF_TEXTPAGE, count: int, visibility: Visibility, found: PageText) -> None:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    text: list[str] = []
    hidden: list[str] = []
    box = [0.0, 0.0, 0.0, 0.0]
    known: dict[int, _Letters] = {}
    first = letters = _Letters(1.0, False, visibility.page)

    def close() -> None:
        if text:
            found.pieces.append(Piece("".join(text), box[0], box[1], box[2], box[3], first.size, first.bold))
            text.clear()

    for index in range(count):
        code = raw.FPDFText_GetUnicode(page, index)
        if code in {10, 13}:
            close()
            hidden.append(" ")
            found.part()
            continue
        if code in {0, 0xFFFE}:
            continue
        character = chr(code) if code < 0xD800 or 0xE000 <= code <= 0x10FFFF else ""
        unmapped = raw.FPDFText_HasUnicodeMapError(page, index) == 1
        character = _LIGATURES.get(code, character) if unmapped else character
        if character.isspace():
            found.part()
            if text:
                text.append(character if character in GROUPING_SPACES else " ")
            hidden.append(" ")
            continue
        raw.FPDFText_GetCharBox(page, index, left, right, bottom, top)
        item = raw.FPDFText_GetTextObject(page, index)
        at = address(item)
        if at not in known:
            known[at] = _letters(page, index, visibility.seen, item, top.value - bottom.value)
        letters = known[at]
        middle = (left.value + right.value) / 2, (bottom.value + top.value) / 2
        if letters.seen is None or not _inside(middle, letters.seen) or not _inside(middle, visibility.page):
            hidden.append(character)
            continue
        found.count(character, unmapped=unmapped)
        if text and (left.value - box[1] > _GAP * first.size or box[0] - right.value > first.size):
            close()
        if text:
            box[:] = (
                min(box[0], left.value),
                max(box[1], right.value),
                min(box[2], bottom.value),
                max(box[3], top.value),
            )
        else:
            box[:] = left.value, right.value, bottom.value, top.value
            first = letters
        text.append(character)
    close()
    found.hidden = " ".join("".join(hidden).split())


def _inside(point: tuple[float, float], box: Box) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _letters(
    page: raw.FPDF_TEXTPAGE,
    index: int,
    look: Callable[[raw.FPDF_PAGEOBJECT, float], Box | None],
    item: raw.FPDF_PAGEOBJECT,
    height: float,
) -> _Letters:
    size = raw.FPDFText_GetFontSize(page, index)
    matrix = raw.FS_MATRIX()
    if raw.FPDFText_GetMatrix(page, index, matrix):
        size *= abs(matrix.a * matrix.d - matrix.b * matrix.c) ** 0.5
    name, flags = ctypes.create_string_buffer(_FONT_NAME), ctypes.c_int()
    raw.FPDFText_GetFontInfo(page, index, name, _FONT_NAME, flags)
    font = name.value.decode("latin-1").lower()
    bold = any(mark in font for mark in _BOLD) or raw.FPDFText_GetFontWeight(page, index) >= 600
    return _Letters(size if 2 < size < 200 else max(height, 1.0), bold, look(item, size))


def read_as_language(pages: Iterable[PageText]) -> bool:
    """Tell whether characters without a meaning are what PDFium takes them for: they make the words of a language.

    Fonts of TeX without maps have the codes of the letters; a part of a font that was numbered anew gives no words of a
    language, nor those of the rest of the document.
    """
    mapped, unmapped = [], []
    for page in pages:
        mapped += _words(page.mapped_text)
        unmapped += _words(page.unmapped_text)
    known = _COMMON | {word for word in mapped if len(word) > _LEAST_SHARED}
    return len(unmapped) >= _LEAST_WORDS and sum(word in known for word in unmapped) >= _LEAST_COMMON * len(unmapped)


def _words(characters: Iterable[str]) -> list[str]:
    return re.findall(r"[^\W\d_]{3,}", "".join(characters).lower())
