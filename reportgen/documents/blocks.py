"""Any document as blocks of text with their places, and how much of one is read."""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_BYTES = 64 * 2**20
"""Bytes of a document that is still read."""
MAX_CHARACTERS = 2_000_000
"""Characters of text that are read."""
MAX_BLOCKS = 40_000

BlockKind = Literal["heading", "text", "item", "row", "picture"]
DocumentKind = Literal["pdf", "markdown", "text", "html", "notebook"]


class Place(BaseModel):
    """Where something stands; each counted from 1, null where the document has no such thing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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

    @property
    def text(self) -> str:
        """All text, a block a line."""
        return "\n".join(block.text for block in self.blocks)
