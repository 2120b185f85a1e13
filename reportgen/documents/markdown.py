"""Markdown read into blocks: CommonMark with tables and LaTeX, HTML inside of it too."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from reportgen.documents.blocks import MAX_BLOCKS, Block, Place
from reportgen.documents.html import read_html
from reportgen.documents.lines import Line, join_lines
from reportgen.documents.notation import squeeze, unfold_markdown
from reportgen.documents.text import read_text


def read_markdown(  # noqa: PLR0912 (one branch a kind of token)
    text: str, cell: int | None = None
) -> list[Block]:
    """Read Markdown (CommonMark with tables and LaTeX); ``cell`` is the notebook's cell, counted from 1."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    blocks: list[Block] = []
    kind: list[str] = []
    table = 0
    row: list[str] = []
    head = False
    for before, token in pairwise([Token("", "", 0), *tokens]):
        line = token.map[0] + 1 if token.map else None
        if token.type == "heading_open":
            kind.append(token.tag)
        elif token.type == "list_item_open":
            kind.append("item")
        elif token.type in {"heading_close", "list_item_close"}:
            kind.pop()
        elif token.type == "table_open":
            table += 1
        elif token.type == "tr_open":
            row = []
            place = Place(cell=cell, line=line)
        elif token.type == "th_open":
            head = True
        elif token.type == "td_open":
            head = False
        elif token.type == "tr_close":
            blocks.append(Block("row", "  ".join(row), place, int(head), tuple(row), table))
        elif token.type == "inline" and before.type in {"th_open", "td_open"}:
            row.append(squeeze(unfold_markdown(token.content)))
        elif token.type == "inline":
            blocks.extend(_inline(token.content, kind[-1] if kind else "", Place(cell=cell, line=line)))
        elif token.type == "html_block":
            blocks.extend(_numbered(read_html(token.content, cell)[0], (line or 1) - 1))
        elif token.type in {"fence", "code_block"}:
            first = (line or 1) + (token.type == "fence")
            blocks.extend(_numbered(read_text(token.content, cell), first - 1))
    return blocks


def _inline(content: str, kind: str, place: Place) -> list[Block]:
    plain = unfold_markdown(content)
    if kind.startswith("h"):
        return [Block("heading", squeeze(plain), place, int(kind[1:]))]
    blocks = [Block("picture", match[1], place) for match in re.finditer(r"!\[([^\]]*)\]\(", content)]
    lines = [line for line in plain.split("\n") if line.strip()]
    return [*blocks, *_paragraph(lines, "item" if kind == "item" else "text", place)]


def _paragraph(lines: Sequence[str], kind: str, place: Place) -> list[Block]:
    """Keep the lines of a paragraph apart where they are lines of their own (labels, steps), else join them."""
    numbered = [
        Line(line, place.model_copy(update={"line": (place.line or 1) + index}), float(len(line)))
        for index, line in enumerate(lines)
    ]
    blocks = join_lines(numbered)
    return [Block("item" if kind == "item" else block.kind, block.text, block.place) for block in blocks]


def _numbered(blocks: Sequence[Block], offset: int) -> list[Block]:
    return [
        replace(
            block,
            place=block.place.model_copy(update={"line": (block.place.line or 1) + offset}),
            table=block.table and block.table + MAX_BLOCKS * (offset + 1),
        )
        for block in blocks
    ]
