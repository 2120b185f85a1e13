"""HTML read into blocks; nothing is fetched, no script runs. What nobody sees is kept apart."""

from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from reportgen.documents.blocks import MAX_BLOCKS, Block, BlockKind, CodeCell, Link, Place
from reportgen.documents.html_style import Sight, inside
from reportgen.documents.html_tree import LINE, events, parse_tree, without_data
from reportgen.documents.notation import squeeze, unfold_latex
from reportgen.documents.tables import Cell, table_rows
from reportgen.documents.text import read_text

_SKIPPED = frozenset(
    ["script", "style", "template", "noscript", "svg", "head", "object", "math", "iframe", "select", "textarea"]
)
_BREAKING = frozenset(
    [
        *("p", "div", "section", "article", "header", "footer", "main", "figure", "figcaption", "ul", "ol", "dl", "dt"),
        *("dd", "pre", "blockquote", "table", "h1", "h2", "h3", "h4", "h5", "h6", "li", "hr", "aside", "nav"),
        *("address", "caption", "details", "summary", "tr", "td", "th", "body"),
    ]
)


@dataclass
class HtmlContent:
    """What HTML says."""

    blocks: list[Block] = field(default_factory=list)
    scripts: dict[str, bytes] = field(default_factory=dict)
    """Content of JSON scripts by their id."""
    links: list[Link] = field(default_factory=list)
    hidden: list[Block] = field(default_factory=list)
    """Text that nobody sees."""
    code: list[CodeCell] = field(default_factory=list)
    """Of Markdown: its blocks of code."""


@dataclass
class _Table:
    rows: list[list[Cell]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    is_layout: bool = False
    """Tables stand inside of it: it arranges the page and says nothing by rows and columns."""


def read_html(text: str, cell: int | None = None) -> HtmlContent:
    """Read HTML; ``cell`` is the notebook's cell, counted from 1.

    Raises:
        UnreadableError: elements stand inside of each other too deep.
    """
    reader = _Reader(cell)
    for kind, element, piece in events(parse_tree(without_data(text))):
        if kind == "start":
            reader.start(element)
        elif kind == "end":
            reader.end(element)
        else:
            reader.data(piece)
    reader.flush()
    return reader.found


class _Reader:
    def __init__(self, cell: int | None) -> None:
        self.found = HtmlContent()
        self._cell = cell
        self._text: list[str] = []
        self._hidden: list[str] = []
        self._line = 1
        self._sights = [Sight()]
        self._skipped: list[Element] = []
        self._kind: BlockKind = "text"
        self._level = 0
        self._tables: list[_Table] = []
        self._number = 0
        self._in_cell = False
        self._preformatted = 0
        self._address = ""
        self._anchor = 0

    def start(self, element: Element) -> None:
        """Begin an element."""
        tag, attributes = str(element.tag), element.attrib
        if self._skipped:
            return
        self._line = int(attributes.get(LINE, self._line))
        is_footnote = tag == "sup" and element.find("a") is not None
        if tag in _SKIPPED or is_footnote or "katex-html" in attributes.get("class", ""):
            self._skip(element)
            return
        self._sights.append(inside(self._sights[-1], tag, attributes))
        if tag == "img":
            self._picture(attributes.get("alt", ""))
        elif tag == "br":
            self._text.append(" " if self._in_cell else "\n")
        elif tag == "sup":
            self._text.append("^")
        elif tag == "sub":
            self._text.append("_")
        elif tag == "a" and attributes.get("href", "").startswith("http"):
            self._address, self._anchor = attributes["href"], len(self._text)
            self._text.append(f" {self._address} ")
        elif tag in _BREAKING:
            self._break(element, tag)

    def _skip(self, element: Element) -> None:
        """Leave out an element; of a formula keep its LaTeX, of a drawing its name, of JSON its content."""
        self._skipped.append(element)
        content = "".join(element.itertext()) if element.tag in {"script", "math"} else ""
        if element.tag == "svg":
            self._picture(element.attrib.get("aria-label", ""))
        elif element.tag == "script" and "json" in element.attrib.get("type", ""):
            name = element.attrib.get("id") or f"script {len(self.found.scripts) + 1}"
            self.found.scripts[name] = content.encode("utf-8", "surrogatepass")
        elif element.tag == "math":
            source = next((str(part.text or "") for part in element.iter("annotation")), content)
            self._text.append(f" {source} ")

    def _break(self, element: Element, tag: str) -> None:
        if tag == "table":
            nested = any(part is not element for part in element.iter("table"))
            self._tables.append(_Table(is_layout=nested))
        elif tag in {"tr", "td", "th"} and self._tables and not self._tables[-1].is_layout:
            if tag == "tr":
                self._tables[-1].rows.append([])
                self._tables[-1].places.append(self._place())
            else:
                self._text, self._in_cell = [], True
            return
        if self._in_cell:
            self._text.append(" ")
            return
        self.flush()
        if tag == "pre":
            self._preformatted = self._line
        elif tag == "li":
            self._kind = "item"
        elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self._kind, self._level = "heading", int(tag[1])

    def end(self, element: Element) -> None:
        """End an element."""
        tag = str(element.tag)
        if self._skipped:
            if element is self._skipped[-1]:
                self._skipped.pop()
            return
        self._sights.pop()
        if tag in {"td", "th"} and self._in_cell:
            self._end_cell(element, tag)
        elif tag == "table" and self._tables:
            self._end_table(self._tables.pop())
        elif tag == "a" and self._address:
            words = squeeze("".join(self._text[self._anchor + 1 :]))
            self.found.links.append(Link(self._address, words, self._place()))
            self._address = ""
        elif tag in _BREAKING and not self._in_cell:
            self.flush()

    def data(self, piece: str) -> None:
        """Take text."""
        if self._skipped:
            return
        if not self._sights[-1].shows_text:
            self._hidden.append(piece)
            return
        if not "".join(self._text[-3:]).strip():
            self._line += len(piece) - len(piece.lstrip("\n"))
        self._text.append(piece)

    def _place(self) -> Place:
        return Place(cell=self._cell, line=self._line)

    def _picture(self, alternative: str) -> None:
        self.found.blocks.append(Block("picture", alternative, self._place()))

    def _end_cell(self, element: Element, tag: str) -> None:
        words = squeeze(unfold_latex("".join(self._text)))
        if self._tables[-1].rows:
            self._tables[-1].rows[-1].append(
                Cell(words, _span(element, "rowspan"), _span(element, "colspan"), tag == "th")
            )
        self._text, self._in_cell = [], False

    def _end_table(self, table: _Table) -> None:
        self.flush()
        if not table.rows:
            return
        self._number += 1
        self.found.blocks.extend(table_rows(table.rows, table.places, self._number))

    def flush(self) -> None:
        """End a block."""
        text, hidden = "".join(self._text), squeeze("".join(self._hidden))
        self._text, self._hidden = [], []
        if hidden:
            self.found.hidden.append(Block("text", hidden, self._place()))
        if self._preformatted:
            self._flush_preformatted(text)
            return
        for piece in text.split("\n\n") if self._kind == "text" else [text]:
            plain = squeeze(unfold_latex(piece))
            if plain:
                self.found.blocks.append(Block(self._kind, plain, self._place(), self._level))
        self._kind, self._level = "text", 0

    def _flush_preformatted(self, text: str) -> None:
        first, self._preformatted = self._preformatted, 0
        for block in read_text(text, self._cell):
            line = (block.place.line or 1) + first - 1
            table = block.table and block.table + MAX_BLOCKS * first
            self.found.blocks.append(replace(block, place=Place(cell=self._cell, line=line), table=table))


def _span(element: Element, name: str) -> int:
    text = element.attrib.get(name, "1").strip()
    return max(1, int(text[:5])) if text.isascii() and text.isdigit() else 1
