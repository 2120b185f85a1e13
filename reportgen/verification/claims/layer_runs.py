"""Networks in a document's words: arrows, rows of sizes, lists and tables of layers."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from reportgen.assignment.counting import Shape
from reportgen.assignment.layers import Linear
from reportgen.documents.blocks import Block
from reportgen.verification import vocabulary
from reportgen.verification.claims.grids import Grid
from reportgen.verification.claims.layer_phrases import Phrase, read_phrase, read_said
from reportgen.verification.claims.page import Page
from reportgen.verification.facts.networks import Form, Said, StatedLayer, StatedNetwork

_ARROW = re.compile(r"\s*(?:→|⟶|➔|➜|⇒|-{1,6}>|=+>)\s*")
_SIZES = re.compile(
    r"(?<![\w.,/+-])(?P<sizes>[1-9]\d{0,4}(?:(?:\s?[-–—]\s?|\s*(?:→|-+>|⟶)\s*)[1-9]\d{0,4}){2,8})(?![\w/]|[.,-]\d|\s?[-–+]\s?\d)"
)
_DENSE = re.compile(
    r"\bmlp\b|perceptron|dense|fully[\s-]*connected|\bfc\w*\b|feed[\s-]*forward|linear|hidden|fcnn|neuron|architecture",
    re.I,
)
_CONVOLVED = re.compile(r"conv|filter|channel|cnn\b|block|feature\s+map|kanal|卷积", re.I)
_LAYERED = re.compile(r"layer|type|operation|schicht|couche|capa|strato|层|層|レイヤ", re.I)
_LEAD = 30
"""Characters of an item before the words for its layer."""
_FEWEST = 3
"""Layers that make a run a network."""
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
            yield from _table(grid, inputs)
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
    if len(pieces) < _FEWEST:
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
    network = _network(Form.CHAIN, [(block, offset + start, words, phrase) for start, words, phrase in phrases], inputs)
    if network is not None:
        yield network


def _network(
    form: Form, pieces: Sequence[tuple[Block, int, str, Phrase | None]], inputs: Sequence[Shape]
) -> StatedNetwork | None:
    """Make a network of phrases, each with its block, its place in it and its words."""
    layers: list[StatedLayer] = []
    given, whole = tuple(inputs), True
    for at, (block, start, words, phrase) in enumerate(pieces):
        bare = re.fullmatch(r"\s*\(?(\d+(?:\s*[x×*]\s*\d+){0,2})\)?\s*", words)
        if (phrase is None and bare and not layers and at == 0) or (phrase is not None and phrase.kind == "Input"):
            sizes = phrase.sizes if phrase is not None else tuple(map(int, re.findall(r"\d+", bare[1] if bare else "")))
            given = _shapes(sizes) or given
            whole = whole and not layers
            continue
        if phrase is None:
            ends = at + 1 == len(pieces) and re.fullmatch(
                r"\W*(?:outputs?|logits|predictions?|class(?:es)?)\W*", words, re.I
            )
            whole = whole and (bool(ends) or _is_activation(words))
            continue
        layer = StatedLayer(
            phrase.kind,
            phrase.readings,
            block,
            start,
            start + len(words),
            _said(phrase.shape, block, start),
            _said(((phrase.count[0],), *phrase.count[1:]) if phrase.count else None, block, start),
        )
        layers += [replace(layer, shape=None, count=None)] * (phrase.times - 1) + [layer]
        silent = phrase.kind in {"ReLU", "Softmax", "Dropout", "Flatten"}
        whole = whole and (phrase.read or silent) and bool(phrase.readings)
    if sum(layer.kind in {"Conv2d", "Linear"} for layer in layers) < 2:
        return None
    return StatedNetwork(form, tuple(layers), given, whole and bool(given))


def _is_activation(words: str) -> bool:
    found = [one for one in vocabulary.find("layer_word", words) if one.id == "activation"]
    return bool(found) and len(words.split()) <= 2


def _said(said: tuple[tuple[int, ...], int, int] | None, block: Block, start: int) -> Said | None:
    return Said(said[0], block, start + said[1], start + said[2]) if said is not None else None


def _shapes(sizes: Sequence[int]) -> tuple[Shape, ...]:
    """What an input of some printed sizes is: (C, H, W), or features."""
    match tuple(sizes):
        case (features,):
            return ((features,),)
        case (high, wide):
            return ((1, high, wide),)
        case (one, two, three) if one > 4 and three <= 4:
            return ((three, one, two),)
        case (one, two, three) if one <= 4:
            return ((one, two, three),)
    return ()


def _row_of_sizes(block: Block, inputs: Sequence[Shape]) -> Iterator[StatedNetwork]:
    """``784-512-256-10``: the sizes of fully connected layers, from the pixels to the classes."""
    pixels = {channels * high * wide for channels, high, wide in (one for one in inputs if len(one) == 3)}
    for match in _SIZES.finditer(block.text):
        sizes = [int(size) for size in re.findall(r"\d+", match["sizes"])]
        near = block.text[max(0, match.start() - 80) : match.end() + 40]
        known = sizes[0] in pixels or (bool(_DENSE.search(near)) and not _CONVOLVED.search(near))
        if not known or sizes[-1] > 1000 or (sizes[0] not in pixels and sizes == sorted(sizes)):
            continue
        numbers = list(re.finditer(r"\d+", block.text[match.start() : match.end()]))
        layers = tuple(
            StatedLayer(
                "Linear",
                tuple(Linear(in_features=before, out_features=size, bias=bias) for bias in (True, False)),
                block,
                match.start() + (numbers[at].start() if at else 0),
                match.start() + numbers[at + 1].end(),
            )
            for at, (before, size) in enumerate(zip(sizes, sizes[1:], strict=False))
        )
        yield StatedNetwork(Form.SIZES, layers, ((sizes[0],),), True, match["sizes"])


def _lists(page: Page, inputs: Sequence[Shape], skipped: set[int]) -> Iterator[StatedNetwork]:
    """Items that follow one another, each a layer; what says only sizes belongs to the layer above."""
    run: list[tuple[Block, int, str, Phrase | None]] = []
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
                chain = len(_pieces(text)) >= _FEWEST
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


def _belonging(block: Block) -> tuple[Block, int, str, Phrase | None] | None:
    """A block that says only the shape or the count of the layer above."""
    if block.kind != "item" or len(block.text) > 120 or read_said(block.text) == (None, None):
        return None
    return (block, 0, block.text, None)


def _listed(run: Sequence[tuple[Block, int, str, Phrase | None]], inputs: Sequence[Shape]) -> StatedNetwork | None:
    merged: list[tuple[Block, int, str, Phrase | None]] = []
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
    if sum(phrase is not None and phrase.kind not in {"", "Input"} for *_, phrase in merged) < _FEWEST:
        return None
    merged = [_sized_by(piece, extra.get(at, {}).get("shape")) for at, piece in enumerate(merged)]
    network = _network(Form.LIST, merged, inputs)
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


def _sized_by(
    piece: tuple[Block, int, str, Phrase | None], shape: Said | None
) -> tuple[Block, int, str, Phrase | None]:
    """A fully connected layer whose size is told by its output alone."""
    block, start, words, phrase = piece
    if phrase is None or phrase.readings or phrase.kind != "Linear" or shape is None or len(shape.value) != 1:
        return piece
    readings = tuple(Linear(out_features=shape.value[0], bias=bias) for bias in (True, False))
    return (block, start, words, replace(phrase, readings=readings))


def _table(grid: Grid, inputs: Sequence[Shape]) -> Iterator[StatedNetwork]:
    """A table with a layer a row: its words, and columns for its settings, its output's shape and its parameters."""
    heads = [head.lower() for head in grid.head]
    if not heads or not _LAYERED.search(" ".join(heads[:2])) or len(grid.rows) < _FEWEST:
        return
    shaped = _column(heads, lambda head: bool(re.search(r"out", head)) and bool(re.search(r"shape|size|dim", head)))
    counted = _column(heads, lambda head: "param" in head and "train" not in head)
    pieces: list[tuple[Block, int, str, Phrase | None]] = []
    said: dict[int, tuple[Said | None, Said | None]] = {}
    for row, block in zip(grid.rows, grid.blocks, strict=True):
        settings = [
            cell
            if at < 2 and not re.search(r"kernel|filter|channel|unit|stride|pad", heads[at])
            else f"{heads[at]}: {cell}"
            for at, cell in enumerate(row[: len(heads)])
            if at not in {shaped, counted}
            and re.search(r"\w", cell)
            and not re.search(r"train|input|in[_\s]shape|descr|purpose|activation", heads[at])
        ]
        phrase = read_phrase(", ".join(settings))
        if phrase is None:
            if re.search(r"total|sum", row[0] if row else "", re.I):
                continue
            phrase = Phrase("", (), 0, 0, False)
        said[len(pieces)] = (_cell(row, shaped, block), _cell(row, counted, block))
        pieces.append((block, 0, block.text, replace(phrase, shape=None, count=None)))
    pieces = [_sized_by(piece, said[at][0]) for at, piece in enumerate(pieces)]
    network = _network(Form.TABLE, pieces, inputs)
    if network is None or len(network.layers) < _FEWEST:
        return
    by_block = {id(piece[0]): said[at] for at, piece in enumerate(pieces)}
    yield replace(
        network,
        layers=tuple(
            replace(layer, shape=by_block[id(layer.block)][0], count=by_block[id(layer.block)][1])
            for layer in network.layers
        ),
    )


def _column(heads: Sequence[str], fits: Callable[[str], bool]) -> int | None:
    return next((at for at, head in enumerate(heads) if fits(head)), None)


def _cell(row: Sequence[str], column: int | None, block: Block) -> Said | None:
    """The whole numbers of a cell: of a shape without its batch, of a count one."""
    if column is None or column >= len(row):
        return None
    at = 0
    for cell in row[:column]:
        at = max(at, block.text.find(cell, at) + len(cell))
    start = block.text.find(row[column], at)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", re.sub(r"(?:None|-1|batch\w*|N|B)\s*,", "", row[column]))
    values = tuple(map(int, re.findall(r"\d+", text)))
    if not values or start < 0 or re.search(r"[.%=+]\s*\d", row[column]):
        return None
    return Said(values, block, start, start + len(row[column]))
