"""Phrases in a row, made a network; tables with a layer a row."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from reportgen.assignment.counting import Shape
from reportgen.documents.blocks import Block
from reportgen.verification import vocabulary
from reportgen.verification.claims.grids import Grid
from reportgen.verification.claims.layer_phrases import Phrase, read_phrase
from reportgen.verification.facts.networks import Form, Said, StatedLayer, StatedNetwork, linear

_LAYERED = re.compile(r"layer|type|operation|schicht|couche|capa|strato|层|層|レイヤ", re.I)
FEWEST = 3
"""Layers that make a run a network."""
Piece = tuple[Block, int, str, Phrase | None]
"""A block, a place in it, the words there, and the layer that they name."""


def make_network(form: Form, pieces: Sequence[Piece], inputs: Sequence[Shape]) -> StatedNetwork | None:
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


def sized_by(piece: Piece, shape: Said | None) -> Piece:
    """A fully connected layer whose size is told by its output alone."""
    block, start, words, phrase = piece
    if phrase is None or phrase.readings or phrase.kind != "Linear" or shape is None or len(shape.value) != 1:
        return piece
    readings = linear(shape.value[0])
    return (block, start, words, replace(phrase, readings=readings))


def table_network(grid: Grid, inputs: Sequence[Shape]) -> Iterator[StatedNetwork]:
    """A table with a layer a row: its words, and columns for its settings, its output's shape and its parameters."""
    heads = [head.lower() for head in grid.head]
    if not heads or not _LAYERED.search(" ".join(heads[:2])) or len(grid.rows) < FEWEST:
        return
    shaped = _column(heads, lambda head: bool(re.search(r"out", head)) and bool(re.search(r"shape|size|dim", head)))
    counted = _column(heads, lambda head: "param" in head and "train" not in head)
    pieces: list[Piece] = []
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
    pieces = [sized_by(piece, said[at][0]) for at, piece in enumerate(pieces)]
    network = make_network(Form.TABLE, pieces, inputs)
    if network is None or len(network.layers) < FEWEST:
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
