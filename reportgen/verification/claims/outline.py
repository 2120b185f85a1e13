"""Which experiment, section and layer each block of a document is about."""

import re
from dataclasses import dataclass, replace

from reportgen.documents.blocks import Block, Document
from reportgen.verification.facts.subject import LayerMention, Subject

NEUTRAL = re.compile(
    r"\s*(?:[\dIVX]+[.)]\s*)?(?:overall\s+|general\s+|common\s+|final\s+)?(?:conclusions?|colab|references?|bibliography|assumptions?|introduction|"
    r"abstract|appendix|acknowledge?ments?|comparisons?|discussion|overview|resources|links?|source\s+code|objectives?|"
    r"declaration|contents|table\s+of\s+contents|reproducib|environment|problem\s+statement)\b",
    re.I,
)
"""Headings of what is about the whole document."""
_NON_TRAINABLE = re.compile(r"non[\s-]*trainable|frozen", re.I)
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
    elif (block.kind == "heading" and (NEUTRAL.match(text) or len(named) > 1)) or (
        NEUTRAL.match(text) and len(text.split()) <= 3
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
