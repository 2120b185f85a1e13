"""HTML read into blocks by the standard library's parser; nothing is fetched, no script runs."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from reportgen.documents.blocks import MAX_BLOCKS, Block, BlockKind, Place
from reportgen.documents.notation import squeeze, unfold_latex
from reportgen.documents.text import read_text

_HIDDEN = frozenset({"script", "style", "template", "noscript", "svg", "head", "object"})
_BREAKING = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "figure",
        "figcaption",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "pre",
        "blockquote",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "tr",
        "hr",
        "aside",
        "nav",
        "address",
        "caption",
        "details",
        "summary",
    ]
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


class _Reader(HTMLParser):
    def __init__(self, cell: int | None) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.scripts: dict[str, bytes] = {}
        self._cell = cell
        self._text: list[str] = []
        self._line = 1
        self._kind: BlockKind = "text"
        self._level = 0
        self._hidden: list[str] = []
        self._script: str | None = None
        self._row: list[str] | None = None
        self._head = False
        self._table = 0
        self._in_cell = False
        self._preformatted = False

    def handle_starttag(  # noqa: PLR0912 (one branch a kind of element)
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if self._hidden:
            if tag == self._hidden[-1] and tag not in _VOID:
                self._hidden.append(tag)
            return
        if tag in _HIDDEN:
            self._flush()
            self._hidden.append(tag)
            if tag == "svg":
                self._picture(attributes.get("aria-label", ""))
            if tag == "script" and "json" in attributes.get("type", ""):
                self._script = attributes.get("id") or f"script {len(self.scripts) + 1}"
            return
        if tag == "img":
            self._picture(attributes.get("alt", ""))
        elif tag == "br":
            self._text.append("\n" if not self._in_cell else " ")
        elif tag == "sup":
            self._text.append("^")
        elif tag in {"td", "th"}:
            self._close_cell()
            self._row = [] if self._row is None else self._row
            self._head = tag == "th" and (self._head or not self._row)
            self._in_cell = True
        elif tag in _BREAKING and not self._in_cell:
            self._flush()
            if tag == "table":
                self._table += 1
            elif tag == "tr":
                self._row, self._head = [], False
            elif tag == "pre":
                self._preformatted = True
            elif tag == "li":
                self._kind = "item"
            elif re.fullmatch(r"h[1-6]", tag):
                self._kind, self._level = "heading", int(tag[1])
        elif tag == "tr":
            self._close_row()
            self._row = []
        elif tag == "a" and attributes.get("href", "").startswith("http"):
            self._text.append(f" {attributes['href']} ")

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag == self._hidden[-1]:
                self._hidden.pop()
                self._script = None
            return
        if tag in {"td", "th"}:
            self._close_cell()
        elif tag in {"tr", "table"}:
            self._close_row()
        elif tag in _BREAKING and not self._in_cell:
            self._flush()

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.scripts[self._script] = self.scripts.get(self._script, b"") + data.encode("utf-8", "surrogatepass")
        if self._hidden:
            return
        if not "".join(self._text).strip():
            self._line = self.getpos()[0] + (len(data) - len(data.lstrip("\n")))
        self._text.append(data)

    def close(self) -> None:
        super().close()
        self._close_row()
        self._flush()

    def _place(self) -> Place:
        return Place(cell=self._cell, line=self._line)

    def _picture(self, alternative: str) -> None:
        self.blocks.append(Block("picture", alternative, Place(cell=self._cell, line=self.getpos()[0])))

    def _close_cell(self) -> None:
        if self._in_cell and self._row is not None:
            self._row.append(squeeze(unfold_latex("".join(self._text))))
            self._text = []
        self._in_cell = False

    def _close_row(self) -> None:
        self._close_cell()
        if self._row:
            row = tuple(self._row)
            self.blocks.append(Block("row", "  ".join(row), self._place(), int(self._head), row, self._table))
        self._row = None

    def _flush(self) -> None:
        text = "".join(self._text)
        if self._preformatted:
            for block in read_text(text, self._cell):
                line = (block.place.line or 1) + self._line - 1
                table = block.table and block.table + MAX_BLOCKS * self._line
                self.blocks.append(replace(block, place=Place(cell=self._cell, line=line), table=table))
            self._text, self._preformatted = [], False
            return
        for piece in text.split("\n\n") if self._kind == "text" else [text]:
            plain = squeeze(unfold_latex(piece))
            if plain:
                self.blocks.append(Block(self._kind, plain, self._place(), self._level))
        self._text = []
        self._kind, self._level = "text", 0


def read_html(text: str, cell: int | None = None) -> tuple[list[Block], dict[str, bytes]]:
    """Read HTML; ``cell`` is the notebook's cell, counted from 1.

    Returns:
        The blocks, and the content of JSON scripts by their id.
    """
    reader = _Reader(cell)
    reader.feed(text)
    reader.close()
    return reader.blocks, reader.scripts
