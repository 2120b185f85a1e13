"""Any document as blocks of text with their places, and how much of one is read."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from reportgen.documents.numbers import NumberStyle, style_of

MAX_BYTES = 64 * 2**20
"""Bytes of a document that is still read."""
MAX_CHARACTERS = 2_000_000
"""Characters of text that are read."""
MAX_BLOCKS = 40_000

BlockKind = Literal["heading", "text", "item", "row", "picture"]
DocumentKind = Literal["pdf", "markdown", "text", "html", "notebook"]


class Place(BaseModel):
    """Where something stands; each counted from 1, null where the document has no such thing."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    page: int | None = Field(None, description="page of a PDF")
    cell: int | None = Field(None, description="cell of a notebook")
    line: int | None = Field(None, description="line of the page, the cell or the file")

    def __str__(self) -> str:
        parts = (("page", self.page), ("cell", self.cell), ("line", self.line))
        return ", ".join(f"{name} {number}" for name, number in parts if number is not None)


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph, a list item, a row of a table, or a picture (its text is the alternative text)."""

    kind: BlockKind
    text: str
    place: Place
    level: int = 0
    """Of a heading, 1 the highest; 0 where it isn't known. Of a row, 1 for the table's head."""
    cells: tuple[str, ...] = ()
    table: int = 0
    """Number of the table that a row belongs to, counted from 1."""
    spans: tuple[tuple[int, int], ...] = ()
    """Of a row where the document says so: for each of its ``cells``, the rows and columns that it covers. A cell that
    covers more than one column or row stands once in each that it covers; the copies have the span (0, 0)."""
    head: int = 0
    """How many of a row's first cells are its head (``th``, or what stands left of a matrix)."""


@dataclass(frozen=True)
class CodeCell:
    """Source of a notebook's code cell, or of a block of code in Markdown. It is never run."""

    place: Place
    """Its cell, counted with all cells, or its first line."""
    source: str


@dataclass(frozen=True)
class Link:
    """An address that a document links to, with the text that is clicked (empty where it isn't known)."""

    address: str
    text: str
    place: Place


@dataclass(frozen=True)
class Document:
    """What a reader gives: blocks in reading order."""

    source: str
    kind: DocumentKind
    blocks: tuple[Block, ...]
    attachments: dict[str, bytes] = field(default_factory=dict)
    """Embedded files by name; of HTML, the JSON scripts by id."""
    pages: int | None = None
    problems: tuple[str, ...] = ()
    """What was left unread, and why."""
    running: tuple[Block, ...] = ()
    """Lines at the head and foot of pages, which are no part of the text."""
    links: tuple[Link, ...] = ()
    """Addresses that are linked to; those of a PDF stand in no block."""
    code: tuple[CodeCell, ...] = ()
    """Code cells of a notebook, which are no blocks; blocks of code of Markdown, whose lines are blocks, too."""
    unreadable: tuple[Place, ...] = ()
    """Pages whose text can't be read (no character map, broken). What they say is unknown: nothing is missing there."""
    hidden: tuple[Block, ...] = ()
    """Text that nobody sees (invisible, white on white, off the page). It proves nothing and stands in no block."""

    @property
    def text(self) -> str:
        """All text, a block a line."""
        return "\n".join(block.text for block in self.blocks)

    @cached_property
    def style(self) -> NumberStyle:
        """How it marks thousands and decimals, as far as it shows it."""
        return style_of(text for block in self.blocks for text in (block.cells or (block.text,)))
