"""The table of contents of a document: its numbers are those of pages and claim nothing of the work."""

import re
from collections.abc import Iterator, Sequence

from reportgen.documents.blocks import Block

_TITLE = re.compile(r"\s*(?:table\s+of\s+)?contents\s*:?\s*", re.I)
_ENTRY = re.compile(r".*[^\W\d].*?[\s.·…_]+(\d{1,3})\s*", re.S)
_FEW = 3
"""Entries that make a list of contents."""
_WORDS = 16
"""Words of an entry."""
_LONGEST = 400
"""Characters of an entry."""


def without_contents(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks less the entries under a title "Contents": lines that end in a page, each no earlier than the last."""
    left = list(blocks)
    for at, block in enumerate(blocks):
        if block.kind in {"heading", "text"} and _TITLE.fullmatch(block.text):
            end = max(_ends(blocks, at + 1), default=None)
            if end is not None:
                del left[at + 1 - len(blocks) + len(left) : end - len(blocks) + len(left)]
    return tuple(left)


def _ends(blocks: Sequence[Block], start: int) -> Iterator[int]:
    """Behind each entry from the third on, as far as pages rise; an entry's first line may have no number."""
    page = entries = unnumbered = 0
    for at in range(start, len(blocks)):
        text = blocks[at].text
        match = _ENTRY.fullmatch(text) if len(text) <= _LONGEST else None
        if match and int(match[1]) >= page and len(text.split()) <= _WORDS:
            page, entries, unnumbered = int(match[1]), entries + 1, 0
            if entries >= _FEW:
                yield at + 1
        elif unnumbered or re.search(r"\d", text):
            return
        else:
            unnumbered += 1
