"""Which experiment, section and layer each block of a document is about."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reportgen.documents.blocks import Block, Document
from reportgen.verification.facts.subject import LayerMention, Subject

_NEUTRAL = re.compile(
    r"\s*(?:[\dIVX]+[.)]\s*)?(?:overall\s+|general\s+|common\s+|final\s+)?(?:conclusions?|colab|references?|bibliography|assumptions?|introduction|"
    r"abstract|appendix|acknowledge?ments?|comparisons?|discussion|overview|resources|links?|source\s+code|objectives?|"
    r"declaration|contents|table\s+of\s+contents|reproducib|environment|problem\s+statement)\b",
    re.I,
)
_NON_TRAINABLE = re.compile(r"non[\s-]*trainable|frozen", re.I)
_SENTENCE_END = re.compile(r"(?<=[.;!?])\s+(?=[A-Z(\[])|\n+|(?<=;)\s+")
_WORKED = re.compile(r"param|count|trainable|result|total|weights", re.I)
_WORKING = re.compile(r"\(?\d+(?:\s*[*×·⋅x]\s*\d+)+\)?\s*\+\s*\d+")
_DATA = re.compile(r"[\s(\[{#±+-]*\d.*|.*=.*")
_HEAD = re.compile(r"value|param|count|size|result|output|accura|number|total|loss|images|digits|labels", re.I)
_MAX_LABEL_WORDS = 9
_MAX_HEADING_WORDS = 16


@dataclass(frozen=True)
class Context:
    """What the headings and labels before a block say it is about."""

    part: str | None = None
    """Id of the experiment."""
    heading: str = ""
    section: str = ""
    """The last heading that names no layer."""
    layer: LayerMention | None = None
    non_trainable: bool = False
    """The section is about parameters that are not trained."""
    labelled: bool = False
    """The experiment is named by a line that is no heading: it counts up to the next heading."""


@dataclass(frozen=True)
class Passage:
    """A piece of text in its context: a sentence, an item, or one cell of a table with its row's and column's name."""

    text: str
    printed: str
    """The text as the document prints it."""
    block: Block
    context: Context


def outline(document: Document, subject: Subject) -> list[tuple[Block, Context]]:
    """Give each block of a document its context."""
    context = Context()
    placed = []
    for block in document.blocks:
        if (
            (block.kind == "heading" and len(block.text.split()) <= _MAX_HEADING_WORDS)
            or _is_label(block)
            or (block.kind == "item" and _names_layer(block.text, subject))
        ):
            context = _enter(context, block, subject)
        placed.append((block, context))
    return placed


def _names_layer(text: str, subject: Subject) -> bool:
    """Tell whether an item is nothing but the name of a layer, so that the items under it are about it."""
    mentions = subject.mentions(text)
    return len(mentions) == 1 and mentions[0].start <= 4 and len(text) - mentions[0].end <= 8 and "=" not in text


def _is_label(block: Block) -> bool:
    """Tell whether a short line stands as a heading, though the document does not mark it as one."""
    text = block.text.strip()
    words = text.split()
    if block.kind not in {"text", "item"} or not words or len(words) > _MAX_LABEL_WORDS:
        return False
    if text.endswith(":"):
        return "=" not in text
    return (
        block.kind == "text"
        and (text[-1].isalnum() or text[-1] == ")")
        and not re.search(r"[=:,;|]|\d[.,]\d|\d\s*%", text)
    )


def _enter(context: Context, block: Block, subject: Subject) -> Context:
    text = block.text
    named = list(dict.fromkeys(part for _, part in subject.named_parts(text)))
    mentions = subject.mentions(text)
    layer = mentions[0] if mentions else None
    if block.kind == "item":
        return replace(context, layer=layer) if layer else context
    starts = bool(named) and (block.kind == "heading" or subject.named_parts(text)[0][0] <= 4)
    if starts:
        part = named[0] if len(named) == 1 else None
    elif (block.kind == "heading" and (_NEUTRAL.match(text) or len(named) > 1)) or (
        _NEUTRAL.match(text) and len(text.split()) <= 3
    ):
        part = None
    else:
        part = None if block.kind == "heading" and context.labelled else context.part
    return Context(
        part,
        text,
        context.section if layer else text,
        layer,
        bool(_NON_TRAINABLE.search(text)) or (bool(layer) and context.non_trainable),
        (block.kind != "heading") if starts else context.labelled and part is not None,
    )


def sentences(text: str) -> list[str]:
    """Split a block into sentences; a block without an end mark is one."""
    return [piece for piece in _SENTENCE_END.split(text) if piece.strip()]


def passages(placed: Sequence[tuple[Block, Context]], subject: Subject) -> Iterator[Passage]:
    """Yield the text of a document in pieces that one claim fits in; tables cell by cell."""
    header: tuple[str, ...] = ()
    table: tuple[int | None, int] | None = None
    for block, context in placed:
        if block.kind == "picture":
            continue
        if block.kind != "row":
            for sentence in sentences(block.text):
                yield Passage(sentence, sentence, block, context)
            continue
        if (block.place.cell, block.table) != table:
            table = (block.place.cell, block.table)
            header = block.cells if _is_header(block) else ()
            if header:
                continue
        yield from _cells(block, context, header, subject)


def _is_header(block: Block) -> bool:
    """Tell whether a row is the head of its table: marked as one, or without data. Two columns are often a list."""
    if block.level:
        return len(block.cells) != 2 or not _DATA.fullmatch(block.cells[1])
    if len(block.cells) == 2:
        return bool(_HEAD.search(block.cells[1])) and not re.search(r"\d", block.cells[1])
    return not any(_DATA.fullmatch(cell) for cell in block.cells[1:])


def _cells(block: Block, context: Context, header: Sequence[str], subject: Subject) -> Iterator[Passage]:
    label = block.cells[0] if block.cells else ""
    named = subject.mentions(label)
    row_context = replace(context, layer=named[0]) if named else context
    if not header and any(re.search(r"[=:]", cell) for cell in block.cells):
        yield Passage(block.text, block.text, block, context)
        return
    if len(header) == len(block.cells) - 1:
        header = ("", *header)
    elif len(header) != len(block.cells):
        header = ()
    for index, cell in enumerate(block.cells):
        if index == 0:
            continue
        column = header[index] if header and len(header) > 2 else ""
        if header and len(header) == 2 and re.search(r"param|accura|loss|count|size|epoch", header[1], re.I):
            column = header[1]
        text = f"{label}, {column}: {cell}" if column else f"{label}: {cell}"
        if column and subject.named_parts(column):
            text = f"{column}, {label}: {cell}"
        yield Passage(text, block.text, block, row_context)
        before = block.cells[index - 1]
        if _WORKED.search(column) and _WORKING.fullmatch(before) and "+" in before:
            yield Passage(f"{label}: {before} = {cell}", block.text, block, row_context)


def parts_of(passage: Passage, subject: Subject, position: int) -> tuple[tuple[str, ...], bool]:
    """Tell which experiments a claim at ``position`` of a passage may be about.

    Returns:
        Their ids, the likeliest first, and whether there is no doubt.
    """
    named = subject.named_parts(passage.text)
    before = [part for at, part in named if at <= position]
    own = passage.context.part
    if before:
        if own is None or before[-1] == own:
            return (before[-1],), own is not None or len({part for _, part in named}) == 1
        return (before[-1], own), False
    if own is not None:
        others = tuple(part for _, part in named if part != own)
        return (own, *others), not others
    if named:
        return tuple(dict.fromkeys(part for _, part in named)), False
    return tuple(part.id for part in subject.parts), False
