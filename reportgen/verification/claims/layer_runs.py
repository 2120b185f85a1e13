"""Networks in a document's words: arrows, rows of sizes, lists and tables of layers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from reportgen.assignment.counting import Shape
from reportgen.documents.blocks import Block
from reportgen.verification.claims.layer_phrases import read_phrase, read_said
from reportgen.verification.claims.layer_sequences import FEWEST, Piece, make_network, sized_by, table_network
from reportgen.verification.claims.page import Page
from reportgen.verification.facts.networks import Form, Said, StatedLayer, StatedNetwork, linear

_ARROW = re.compile(r"\s*(?:→|⟶|➔|➜|⇒|-{1,6}>|=+>)\s*")
_SIZES = re.compile(
    r"(?<![\w.,/+-])(?P<sizes>[1-9]\d{0,4}(?:(?:\s?[-–—]\s?|\s*(?:→|-+>|⟶)\s*)[1-9]\d{0,4}){2,8})(?![\w/]|[.,-]\d|\s?[-–+]\s?\d)"
)
_DENSE = re.compile(
    r"\bmlp\b|perceptron|dense|fully[\s-]*connected|\bfc\w*\b|feed[\s-]*forward|linear|hidden|fcnn|neuron|architecture",
    re.I,
)
_NAMED = re.compile(r"\s*(?:mlp|network|net|architecture|perceptron|fcnn|ann|dnn)\b", re.I)
_CONVOLVED = re.compile(r"conv|filter|channel|cnn\b|block|feature\s+map|kanal|卷积", re.I)
_LEAD = 30
"""Characters of an item before the words for its layer."""
_LONGEST_ITEM = 300


def read_runs(page: Page, inputs: Sequence[Shape], skipped: set[int]) -> Iterator[StatedNetwork]:
    """Find the networks that words state.

    Args:
        page: the document.
        inputs: the images that it may be about, (C, H, W).
        skipped: blocks of code and of summaries, by their ids; others read them.
    """
    for grid in page.grids:
        if not any(id(block) in skipped for block in grid.blocks):
            yield from table_network(grid, inputs)
    for block in page.blocks:
        if id(block) not in skipped and block.kind != "picture" and len(block.text) < 5_000:
            for start, text in _cells(block):
                yield from _chain(block, start, text, inputs)
            yield from _row_of_sizes(block, inputs)
    yield from _lists(page, inputs, skipped)


def _cells(block: Block) -> Iterator[tuple[int, str]]:
    if block.kind != "row":
        start = 0
        for line in block.text.split("\n"):
            yield start, line
            start += len(line) + 1
        return
    at = 0
    for cell in block.cells:
        start = block.text.find(cell, at)
        if cell and start >= 0:
            yield start, cell
            at = start + len(cell)


def _pieces(text: str) -> list[tuple[int, str]]:
    """Part a text at its arrows, but for those in brackets."""
    found, start = [], 0
    for match in _ARROW.finditer(text):
        before = text[: match.start()]
        if before.count("(") == before.count(")") and before.count("[") == before.count("]"):
            found.append((start, text[start : match.start()]))
            start = match.end()
    return [*found, (start, text[start:])]


def _chain(block: Block, offset: int, text: str, inputs: Sequence[Shape]) -> Iterator[StatedNetwork]:
    """``Conv2D(32) → MaxPool → Flatten → Dense(10)``: what stands between arrows, each a layer."""
    pieces = _pieces(text)
    if len(pieces) < FEWEST:
        return
    # the first piece may follow a sentence, the last may be followed by one
    first = re.split(r"[:.;](?=\s)|\bis\b", pieces[0][1])[-1]
    pieces[0] = (pieces[0][0] + len(pieces[0][1]) - len(first), first)
    tail = re.match(r"\s*[\w ]{1,30}\([^()]*\)|(?:[^.;()]|\.(?=\d)|\([^()]*\))*", pieces[-1][1])
    pieces[-1] = (pieces[-1][0], tail[0] if tail else pieces[-1][1])
    opening = read_phrase(first)
    if opening is not None and opening.kind in {"Input", "Conv2d", "Linear", "Flatten"}:
        pieces[0] = (pieces[0][0] + opening.start, first[opening.start :])
    phrases = [(start, words, read_phrase(words)) for start, words in pieces]
    if sum(phrase is not None and phrase.kind not in {"Input", ""} for _, _, phrase in phrases) < 2:
        return
    network = make_network(
        Form.CHAIN, [(block, offset + start, words, phrase) for start, words, phrase in phrases], inputs
    )
    if network is not None:
        yield network


def _row_of_sizes(block: Block, inputs: Sequence[Shape]) -> Iterator[StatedNetwork]:
    """``784-512-256-10``: the sizes of fully connected layers, from the pixels to the classes."""
    pixels = {channels * high * wide for channels, high, wide in (one for one in inputs if len(one) == 3)}
    for match in _SIZES.finditer(block.text):
        sizes = [int(size) for size in re.findall(r"\d+", match["sizes"])]
        before, behind = block.text[max(0, match.start() - 30) : match.start()], block.text[match.end() :]
        named = bool(_DENSE.search(before) or _NAMED.match(behind)) and not _CONVOLVED.search(before)
        known = sizes[0] in pixels or named
        if not known or sizes[-1] > 1000 or (sizes[0] not in pixels and sizes == sorted(sizes)):
            continue
        numbers = list(re.finditer(r"\d+", block.text[match.start() : match.end()]))
        layers = tuple(
            StatedLayer(
                "Linear",
                linear(size, before),
                block,
                match.start() + (numbers[at].start() if at else 0),
                match.start() + numbers[at + 1].end(),
            )
            for at, (before, size) in enumerate(pairwise(sizes))
        )
        yield StatedNetwork(Form.SIZES, layers, ((sizes[0],),), True, match["sizes"])


def _lists(page: Page, inputs: Sequence[Shape], skipped: set[int]) -> Iterator[StatedNetwork]:
    """Items that follow one another, each a layer; what says only sizes belongs to the layer above."""
    run: list[Piece] = []
    for block in [*page.blocks, None]:
        text = block.text if block is not None else ""
        phrase = None
        if (
            block is not None
            and block.kind in {"item", "text"}
            and len(text) < _LONGEST_ITEM
            and id(block) not in skipped
        ):
            phrase = read_phrase(text)
            if phrase is not None and phrase.start <= _LEAD and (block.kind == "item" or phrase.readings):
                chain = len(_pieces(text)) >= FEWEST
                if not chain:
                    run.append((block, 0, text, phrase))
                    continue
            added = _belonging(block) if run else None
            if added is not None:
                run.append(added)
                continue
        network = _listed(run, inputs)
        if network is not None:
            yield network
        run = []


def _belonging(block: Block) -> Piece | None:
    """A block that says only the shape or the count of the layer above."""
    if block.kind != "item" or len(block.text) > 120 or read_said(block.text) == (None, None):
        return None
    return (block, 0, block.text, None)


def _listed(run: Sequence[Piece], inputs: Sequence[Shape]) -> StatedNetwork | None:
    merged: list[Piece] = []
    extra: dict[int, dict[str, Said]] = {}
    for block, start, words, phrase in run:
        if phrase is not None:
            merged.append((block, start, words, phrase))
            continue
        shape, count = read_said(words)
        own = extra.setdefault(len(merged) - 1, {})
        if shape is not None:
            own["shape"] = Said(shape[0], block, start + shape[1], start + shape[2])
        if count is not None:
            own["count"] = Said((count[0],), block, start + count[1], start + count[2])
    if sum(phrase is not None and phrase.kind not in {"", "Input"} for *_, phrase in merged) < FEWEST:
        return None
    merged = [sized_by(piece, extra.get(at, {}).get("shape")) for at, piece in enumerate(merged)]
    network = make_network(Form.LIST, merged, inputs)
    if network is None:
        return None
    by_block = {id(merged[at][0]): said for at, said in extra.items()}
    layers = tuple(
        replace(
            layer,
            shape=layer.shape or by_block.get(id(layer.block), {}).get("shape"),
            count=layer.count or by_block.get(id(layer.block), {}).get("count"),
        )
        for layer in network.layers
    )
    return replace(network, layers=layers)
