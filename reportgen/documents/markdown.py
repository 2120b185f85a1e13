"""Markdown read into blocks by markdown-it's tokens: CommonMark with tables and LaTeX, HTML inside of it too."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html import escape
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.token import Token

from reportgen.documents.blocks import MAX_BLOCKS, Block, BlockKind, CodeCell, Link, Place
from reportgen.documents.html import HtmlContent, read_html
from reportgen.documents.html_style import Sight, inside
from reportgen.documents.lines import Line, join_lines
from reportgen.documents.notation import squeeze, unfold_latex
from reportgen.documents.tables import Cell, table_rows
from reportgen.documents.text import read_output

_FORMULAS = (("$$", "$$"), ("$", "$"), ("\\\\(", "\\\\)"), ("\\\\[", "\\\\]"), ("\\(", "\\)"), ("\\[", "\\]"))
"""What stands around a formula."""
_OPENING = re.compile(r"\$\$|\$(?=\S)|\\\\?[(\[]")
_LONGEST_FORMULA = 4_000
_MARKED = re.compile(r"[\\`*_\[\]<>&!$~\n{]")
"""What makes inline text more than its characters."""
_HELD = re.compile("\ue000(\\d+)\ue001")
_ANCHOR = re.compile(r"\s?\{#[^{}\s]*\}")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})((?:\s[^<>]{0,2000})?)>")
_ATTRIBUTE = re.compile(r"([\w-]{1,40})(?:\s?=\s?(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")


@dataclass
class _Inline:
    """What a paragraph, a heading or a cell says."""

    text: str = ""
    pictures: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    """Address and text."""
    hidden: list[str] = field(default_factory=list)


def read_markdown(text: str, cell: int | None = None) -> HtmlContent:
    """Read Markdown (CommonMark with tables and LaTeX); ``cell`` is the notebook's cell, counted from 1.

    Raises:
        UnreadableError: HTML inside of it has elements inside of each other too deep.
    """
    reader = _Reader(cell)
    for token in reader.parser.parse(text, reader.references):
        reader.read(token)
    return reader.found


class _Reader:
    def __init__(self, cell: int | None) -> None:
        self.parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        self.parser.core.ruler.disable(["inline", "text_join"])
        self._inlines = MarkdownIt("commonmark").enable(["strikethrough"])
        self.references: dict[str, object] = {}
        self.found = HtmlContent()
        self._cell = cell
        self._kinds: list[tuple[BlockKind, int]] = []
        self._row: list[Cell] = []
        self._rows: list[list[Cell]] = []
        self._places: list[Place] = []
        self._in_cell = ""
        self._tables = 0
        self._open: list[tuple[str, Sight]] = []

    def read(self, token: Token) -> None:
        """Read the next token of the document."""
        place = Place(cell=self._cell, line=token.map[0] + 1 if token.map else None)
        if token.type == "inline":
            self._read_inline(self._inline(token.content), place)
        elif token.type in {"fence", "code_block"}:
            first = (place.line or 1) + (token.type == "fence")
            self._add(read_output(token.content, self._cell), first - 1)
            self.found.code.append(CodeCell(Place(cell=self._cell, line=first), token.content))
        elif token.type == "html_block":
            self._read_html(token.content, (place.line or 1) - 1)
        else:
            self._read_structure(token, place)

    def _read_structure(self, token: Token, place: Place) -> None:
        if token.type == "heading_open":
            self._kinds.append(("heading", int(token.tag[1:])))
        elif token.type == "list_item_open":
            self._kinds.append(("item", 0))
        elif token.type in {"heading_close", "list_item_close"}:
            self._kinds.pop()
        elif token.type == "table_open":
            self._rows, self._places = [], []
        elif token.type == "tr_open":
            self._row = []
            self._places.append(place)
        elif token.type in {"th_open", "td_open"}:
            self._in_cell = token.tag
        elif token.type in {"th_close", "td_close"}:
            self._in_cell = ""
        elif token.type == "tr_close":
            self._rows.append(self._row)
        elif token.type == "table_close":
            self._tables += 1
            self._add(table_rows(self._rows, self._places, self._tables), 0)

    def _add(self, blocks: Sequence[Block], offset: int) -> None:
        """Add blocks that were read apart, with lines counted from ``offset``."""
        if self._open and not self._open[-1][1].shows_text:
            self.found.hidden += [block for block in blocks if block.text]
            return
        for block in blocks:
            line = block.place.line and block.place.line + offset
            table = block.table and (block.table + MAX_BLOCKS * (offset + 1) if offset else block.table)
            self.found.blocks.append(replace(block, place=Place(cell=self._cell, line=line), table=table))

    def _read_html(self, content: str, offset: int) -> None:
        """Read a block of HTML; what it opens and doesn't close holds the Markdown that follows."""
        found = read_html(content, self._cell)
        self._add(found.blocks, offset)
        self.found.links += found.links
        self.found.hidden += found.hidden
        for closing, name, attributes in _TAG.findall(content):
            tag = name.lower()
            if closing:
                at = next((at for at in range(len(self._open))[::-1] if self._open[at][0] == tag), None)
                del self._open[at if at is not None else len(self._open) :]
            elif tag in {"div", "span", "section", "p", "font", "details", "center"} and len(self._open) < 50:
                outer = self._open[-1][1] if self._open else Sight()
                said = {key.lower(): one or two or three for key, one, two, three in _ATTRIBUTE.findall(attributes)}
                self._open.append((tag, inside(outer, tag, said)))

    def _read_inline(self, found: _Inline, place: Place) -> None:
        self.found.links += [Link(address, text, place) for address, text in found.links]
        self.found.hidden += [Block("text", text, place) for text in found.hidden]
        if self._in_cell:
            self._row.append(Cell(squeeze(found.text), is_head=self._in_cell == "th"))
            return
        kind, level = self._kinds[-1] if self._kinds else ("text", 0)
        if kind == "heading":
            self._add([Block("heading", squeeze(found.text), place, level)], 0)
            return
        blocks = [Block("picture", text, place) for text in found.pictures]
        lines = [
            Line(line, Place(cell=self._cell, line=(place.line or 1) + index), float(len(line)))
            for index, line in enumerate(found.text.split("\n"))
            if line.strip()
        ]
        joined = join_lines(lines)
        if kind == "item":
            joined = [Block("item", block.text, block.place) for block in joined]
        self._add([*blocks, *joined], 0)

    def _inline(self, content: str) -> _Inline:
        """Read inline Markdown; formulas are kept out of Markdown's way."""
        if not _MARKED.search(content):
            return _Inline(content)
        held: list[str] = []
        content = _hold_formulas(re.sub("[\ue000\ue001]", "", content), held)
        tokens = self._inlines.parseInline(_ANCHOR.sub("", content), self.references)
        children = (tokens[0].children or []) if tokens else []
        found = _Inline()
        if any(child.type == "html_inline" for child in children):
            self._read_marked_up(children, found)
        else:
            found.text = _plain(children, found)
        found.text = unfold_latex(_HELD.sub(lambda match: held[int(match[1])], found.text))
        return found

    def _read_marked_up(self, children: Sequence[Token], found: _Inline) -> None:
        """Read a paragraph with HTML in it as HTML."""
        pieces = _Inline()
        marked = "".join(
            "".join(child.content for child in run) if is_html else escape(_plain(list(run), pieces))
            for is_html, run in groupby(children, key=lambda child: child.type == "html_inline")
        )
        content = read_html(f"<div>{marked}</div>".replace("\n", "<br>"), self._cell)
        found.pictures = [*pieces.pictures, *(block.text for block in content.blocks if block.kind == "picture")]
        found.links = [*pieces.links, *((link.address, link.text) for link in content.links)]
        found.hidden = [block.text for block in content.hidden]
        found.text = "\n".join(block.text for block in content.blocks if block.kind != "picture")


def _hold_formulas(text: str, held: list[str]) -> str:
    """Put a mark in place of each formula, and the formulas into ``held``.

    Markdown knows no formulas: it would take their ``_`` and ``*`` for emphasis and their ``\\,`` for a comma.
    """
    pieces: list[str] = []
    at = 0
    for match in _OPENING.finditer(text):
        closing = dict(_FORMULAS)[match[0]]
        end = text.find(closing, match.end() + 1, match.end() + _LONGEST_FORMULA)
        if match.start() < at or end < 0:
            continue
        formula = text[match.start() : end + len(closing)]
        price = closing == "$" and (text[end - 1].isspace() or text[end + 1 : end + 2].isdigit())
        if price or "`" in formula:
            continue
        held.append(re.sub(r"^\\\\(?=[(\[])|\\(?=\\[)\]]$)", lambda found: found[0][1:], formula))
        pieces += [text[at : match.start()], f"\ue000{len(held) - 1}\ue001"]
        at = end + len(closing)
    return "".join([*pieces, text[at:]])


def _plain(children: Sequence[Token], found: _Inline) -> str:
    """Return tokens as they read when printed: no emphasis, no pictures, links with their targets.

    A star inside of a word is no emphasis to a person: ``16*5*5*8`` is a product.
    """
    text: list[str] = []
    stars: list[bool] = []
    links: list[tuple[str, int]] = []
    for child in children:
        if child.type in {"text", "code_inline", "text_special"}:
            text.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            text.append("\n")
        elif child.type == "image":
            found.pictures.append(child.content)
        elif child.type in {"em_open", "strong_open"}:
            before = "".join(text[-3:])[-1:]
            stars.append(child.markup[0] == "*" and (before.isalnum() or before == ")"))
            text.append(child.markup if stars[-1] else "")
        elif child.type in {"em_close", "strong_close"} and stars:
            text.append(child.markup if stars.pop() else "")
        elif child.type == "link_open":
            links.append((str(child.attrs.get("href", "")), len(text)))
        elif child.type == "link_close" and links:
            address, start = links.pop()
            words = "".join(text[start:])
            found.links.append((address, squeeze(words)))
            text.append(f" {address}" if words.strip() != address else "")
    return "".join(text)
