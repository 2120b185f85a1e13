"""The numbers printed in a report of ours, held against the same report rendered from re-derived results."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from html.parser import HTMLParser

from reportgen.documents.blocks import Block, Document, Place
from reportgen.rendering import standalone_script
from reportgen.rendering.captions import describe
from reportgen.rendering.figures.report_figures import Figure, sheets
from reportgen.rendering.page import FILTERS, render_html
from reportgen.rendering.templates import open_templates
from reportgen.results.schema import Results

_TOKEN = re.compile(r"[^\W_]+(?:[.,][^\W_]+)*|⁻")
_DIGIT = re.compile(r"\d|[⁰¹²³⁴-⁹]")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_DECIMAL = re.compile(r"\d{1,15}(?:\.\d{1,15})?")
_AROUND = 4


@dataclass(frozen=True)
class Word:
    """A word or number of a text, and where it stands."""

    text: str
    block: Block

    @property
    def is_number(self) -> bool:
        """It holds a digit."""
        return bool(_DIGIT.search(self.text))


@dataclass(frozen=True)
class Altered:
    """A number that is not what the results give; one of the two is empty where it is missing or too many."""

    expected: str
    found: str
    context: str
    block: Block
    certain: bool = False
    """Another number in the same words: no other version of the templates explains it."""


class _Text(HTMLParser):
    """The text of a page, that of its drawings apart; scripts and styles left out.

    With ``printed`` also what no PDF prints is left out: the head, alternative texts, what only screens show.
    """

    def __init__(self, *, printed: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.drawn: list[Block] = []
        self.markers: list[str] = []
        """Numbers that stand before the items of ordered lists, those of the contents left out."""
        self._printed = printed
        self._open: list[str] = []
        self._skipping: int | None = None
        self._items: dict[int, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "meta":
            if attributes.get("name") in {"author", "description", "generator"} and not self._printed:
                self._add(attributes.get("content") or "")
            return
        if tag in _VOID:
            return
        self._open.append(tag)
        self._count(tag)
        unprinted = tag == "head" or "aria-hidden" in attributes or attributes.get("class") == "preview-bar"
        if self._skipping is None and (tag in {"script", "style"} or (self._printed and unprinted)):
            self._skipping = len(self._open)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        while self._open.pop() != tag:
            pass
        if self._skipping is not None and len(self._open) < self._skipping:
            self._skipping = None

    def handle_data(self, data: str) -> None:
        if self._skipping is None:
            self._add(data)

    def _count(self, tag: str) -> None:
        if tag in {"ol", "ul"}:
            self._items[len(self._open)] = 0
        elif tag == "li" and "nav" not in self._open:
            depth = max((at for at, other in enumerate(self._open, 1) if other in {"ol", "ul"}), default=0)
            if depth and self._open[depth - 1] == "ol":
                self._items[depth] += 1
                self.markers.append(str(self._items[depth]))

    def _add(self, text: str) -> None:
        if not text.strip():
            return
        block = Block("text", text, Place(line=self.getpos()[0]))
        if "svg" not in self._open:
            self.blocks.append(block)
        elif self._open[-1] != "title":
            self.drawn.append(block)
        elif not self._printed:
            self.blocks.append(block)


def find_altered(document: Document, content: bytes, results: Results) -> tuple[list[Altered], int]:
    """Compare every number that a report prints with what its results give.

    Args:
        document: the report, PDF or HTML.
        content: its bytes.
        results: the re-derived results.

    Returns:
        The numbers that differ, and how many numbers were compared.

    Raises:
        TemplateError: the bundled templates can't render the results.
    """
    page = _read(expected_page(results), printed=document.kind == "pdf")
    expected = _words(page.blocks)
    if document.kind == "html":
        printed = _read(content.decode("utf-8", "replace"), printed=False)
        found = _words(printed.blocks)
        missing, extra = _unmatched(expected, found)
        extra = [word for word in extra if word.is_number] + _without_figures(_words(printed.drawn), results)
    else:
        found = _words(document.blocks)
        missing, extra = _unmatched(expected, found)
        extra = [word for word in _without_figures(extra, results) if not _is_page_number(word, document)]
        extra = list(_without_markers(extra, page.markers))
        known = {word.text for word in expected}
        extra += [word for word in _words(document.running) if word.is_number and not _runs(word, known, document)]
    return list(_paired(missing, extra, expected, found)), sum(word.is_number for word in found)


def expected_page(results: Results) -> str:
    """Render the report from results, with the words of its figures and no drawings."""
    figures = {
        key: Figure(f"<?xml?><svg><title>{_escape(words.alt)}</title></svg>".encode(), words.alt, words.caption)
        for key, words in describe(results).items()
    }
    return render_html(results, figures, open_templates(None, {**FILTERS, **standalone_script.FILTERS}))


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _read(page: str, *, printed: bool) -> _Text:
    reader = _Text(printed=printed)
    reader.feed(page)
    reader.close()
    return reader


def _words(blocks: Iterable[Block]) -> list[Word]:
    return [Word(match[0], block) for block in blocks for match in _TOKEN.finditer(block.text)]


def _unmatched(expected: Sequence[Word], found: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    """Align two texts; return the numbers that only the first has, and the words that only the second has."""
    matcher = SequenceMatcher(None, [word.text for word in expected], [word.text for word in found], autojunk=False)
    missing: list[Word] = []
    extra: list[Word] = []
    for operation, a, b, c, d in matcher.get_opcodes():
        if operation == "equal":
            continue
        one, other = expected[a:b], found[c:d]
        if "".join(word.text for word in one) == "".join(word.text for word in other):
            continue  # a long word broken over two lines
        missing.extend(word for word in one if word.is_number)
        extra.extend(other)
    return missing, extra


def _without_figures(extra: Sequence[Word], results: Results) -> list[Word]:
    """Take out what the figures print, as it follows from the results; what is left of the numbers is not theirs."""
    drawn = [token for sheet in sheets(results).values() for text in sheet.texts() for token in _TOKEN.findall(text)]
    matcher = SequenceMatcher(None, drawn, [word.text for word in extra], autojunk=False)
    return [
        word
        for operation, _, _, c, d in matcher.get_opcodes()
        if operation in {"insert", "replace"}
        for word in extra[c:d]
        if word.is_number
    ]


def _without_markers(words: Iterable[Word], markers: Sequence[str]) -> Iterator[Word]:
    """Take out the numbers of ordered lists, which a PDF has somewhere near their items, in their order."""
    left = list(markers)
    for word in words:
        if left and word.text == left[0]:
            left.pop(0)
        else:
            yield word


def _is_page_number(word: Word, document: Document) -> bool:
    """Tell whether a number stands in the contents and names the page on which its title is a heading."""
    if word.block.kind != "row" or len(word.block.cells) != 2 or word.block.cells[1] != word.text:
        return False
    title = word.block.cells[0]
    return any(
        block.kind == "heading" and block.text == title and str(block.place.page) == word.text
        for block in document.blocks
    )


def _runs(word: Word, titles: set[str], document: Document) -> bool:
    return word.text in titles or word.text in {str(word.block.place.page), str(document.pages)}


def _paired(
    missing: Sequence[Word], extra: Sequence[Word], expected: Sequence[Word], found: Sequence[Word]
) -> Iterator[Altered]:
    """Pair what is missing with what is too many, in their order."""
    at = {id(word): index for index, word in enumerate(found)}
    places = {id(word): index for index, word in enumerate(expected)}
    left = list(missing)
    for word in extra:
        match = next((other for other in left if _alike(other.text, word.text)), None)
        if match is not None:
            left.remove(match)
        index = at.get(id(word))
        place = places.get(id(match)) if match else None
        certain = (
            match is not None
            and _is_another_value(match.text, word.text)
            and index is not None
            and place is not None
            and _same_words(expected, place, found, index)
        )
        yield Altered(match.text if match else "", word.text, _context(found, index, word), word.block, certain)
    for word in left:
        yield Altered(word.text, "", _context(expected, places.get(id(word)), word), Block("text", "", Place()))


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() >= 0.5 or len(one) == len(other)


def _is_another_value(one: str, other: str) -> bool:
    """Tell whether two printed numbers are of different values, and not one value printed to other places."""
    texts = [text.replace(",", "") for text in (one, other)]
    if not all(_DECIMAL.fullmatch(text) for text in texts):
        return False
    places = min(len(text.partition(".")[2]) for text in texts)
    return abs(Decimal(texts[0]) - Decimal(texts[1])) > Decimal(1).scaleb(-places)


def _same_words(expected: Sequence[Word], place: int, found: Sequence[Word], index: int) -> bool:
    """Tell whether the same words stand around two numbers; other numbers among them may be altered, too."""
    alike = words = 0
    for step in (*range(-_AROUND, 0), *range(1, _AROUND + 1)):
        if not (0 <= place + step < len(expected) and 0 <= index + step < len(found)):
            return False
        one, other = expected[place + step], found[index + step]
        if one.is_number != other.is_number or (not one.is_number and one.text != other.text):
            return False
        alike += one.text == other.text
        words += not one.is_number
    return alike >= _AROUND and words >= 2


def _context(words: Sequence[Word], index: int | None, word: Word) -> str:
    if index is None:
        return word.block.text[:80]
    return " ".join(other.text for other in words[max(0, index - _AROUND) : index + _AROUND + 1])
