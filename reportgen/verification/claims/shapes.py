"""Shapes: what a layer makes of its input, where the layer, its input and its output stand together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from reportgen.documents.blocks import Block
from reportgen.verification.claims.grids import Grid
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.ledger import Quantity, Rule, Source, Witness

_CALL = re.compile(
    r"(?P<type>Conv2[dD]|MaxPool2d|AvgPool2d|BatchNorm2d|Dropout2?d?|ReLU)\((?P<given>[^()]*(?:\([^()]*\)[^()]*)*)\)"
)
_SIZES = re.compile(
    r"in(?:put)?(?:\s*size)?\s*[-:=]*\s*(?P<in>\d{1,3})\s*[x×*]\s*(?P<in2>\d{1,3})\D{1,24}?out(?:put)?(?:\s*size)?\s*[-:=]*\s*"
    r"(?P<out>(?P<o1>\d{1,3})\s*[x×*]\s*(?P<o2>\d{1,3}))",
    re.I,
)
_GAP = re.compile(r"[\s,;#/:-]*")
_SHAPE = re.compile(r"\s*[\[(]\s*(?:-?1|None|N|B)\s*,((?:\s*\d+\s*,?)+)[\])]\s*")
_KEEPING = re.compile(r"relu|dropout|norm|softmax|identity|sigmoid|tanh", re.I)


@dataclass(frozen=True)
class _Window:
    kernel: int
    stride: int
    padding: int


def read_shapes(page: Page) -> Iterator[Statement]:
    """Yield what layers prove of the sizes beside them."""
    for block in page.blocks:
        if "(" in block.text:
            yield from _beside(block)
    for grid in page.grids:
        yield from _chained(grid)


def _beside(block: Block) -> Iterator[Statement]:
    """``nn.Conv2d(1, 8, 3, padding=1) # input 28x28, output 28x28``: a layer and its sizes right behind it."""
    for call in _CALL.finditer(block.text):
        gap = _GAP.match(block.text, call.end())
        match = _SIZES.match(block.text, gap.end()) if gap else None
        if match is not None:
            yield from _sized(call, match, block)


def _sized(call: re.Match[str], match: re.Match[str], block: Block) -> Iterator[Statement]:
    window = _window(call)
    if window is None or match["in"] != match["in2"] or match["o1"] != match["o2"]:
        return
    size, said = int(match["in"]), int(match["o1"])
    span = size + 2 * window.padding - window.kernel
    if span < 0:
        return
    right = span // window.stride + 1
    how = f"({size} + 2·{window.padding} − {window.kernel}) / {window.stride} + 1 = {right}"
    yield Statement(
        block,
        match.start("out"),
        match.end("out"),
        Quantity.SHAPE,
        Rule.SHAPE_CHAIN,
        how,
        said == right or said == -(-span // window.stride) + 1,
        inside=True,
        expected=f"{right}x{right}",
        source=Source.ARITHMETIC,
        witnesses=frozenset({Witness.SPAN}),
        text=block.text[call.start() : match.end()],
    )
    if said == right:
        yield Statement(
            block,
            match.start("in"),
            match.end("in2"),
            Quantity.SHAPE,
            Rule.SHAPE_CHAIN,
            how,
            True,
            source=Source.ARITHMETIC,
        )


def _window(call: re.Match[str]) -> _Window | None:
    """Kernel, stride and padding of a call in PyTorch's order; None where one is no plain number."""
    kind = call["type"]
    if kind[0] in "BDR":
        return _Window(1, 1, 0)
    pieces = [piece.strip() for piece in call["given"].split(",")]
    named = {piece.partition("=")[0].strip(): piece.partition("=")[2].strip() for piece in pieces if "=" in piece}
    plain = [piece for piece in pieces if "=" not in piece and piece]
    if kind.endswith("D") or "dilation" in named or "ceil_mode" in named:
        return None
    order = (
        ("in_channels", "out_channels", "kernel_size", "stride", "padding")
        if kind == "Conv2d"
        else ("kernel_size", "stride", "padding")
    )
    given = {**dict(zip(order, plain, strict=False)), **named}
    kernel = given.get("kernel_size", "")
    stride = given.get("stride", "1" if kind == "Conv2d" else kernel)
    padding = given.get("padding", "0")
    if not all(text.isdecimal() for text in (kernel, stride, padding)) or not int(stride):
        return None
    return _Window(int(kernel), int(stride), int(padding))


def _chained(grid: Grid) -> Iterator[Statement]:
    """A table of layers with the shapes that they take and give: what one gives, the next takes."""
    heads = [head.lower() for head in grid.head]
    columns = [
        next((at for at, head in enumerate(heads) if word in head and "shape" in head), None) for word in ("in", "out")
    ]
    if None in columns or not grid.regular:
        return
    taken, given = ([_SHAPE.fullmatch(row[column or 0]) for row in grid.rows] for column in columns)
    takes, gives = ([_sizes(match) for match in matches] for matches in (taken, given))
    if len(grid.rows) < 3 or not all(takes) or not all(gives):
        return
    broken = [
        row
        for row in range(1, len(grid.rows))
        if takes[row] != gives[row - 1] and prod(takes[row]) != prod(gives[row - 1])
    ]
    for row in range(len(grid.rows)):
        text, column = grid.blocks[row].text, columns[0] or 0
        start = text.find(grid.rows[row][column])
        end = start + len(grid.rows[row][column])
        # more than one break, and the rows are no chain
        wrong = broken == [row]
        before = gives[row - 1] if row else ()
        how = f"the row before gives {'×'.join(map(str, before))}" if row else "the first row"
        numbers = list(re.finditer(r"\d+", text[start:end]))[-len(takes[row]) :]
        for at, number in enumerate(numbers):
            same = not wrong or (len(before) == len(takes[row]) and before[at] == takes[row][at])
            known = wrong or (row and row not in broken)
            yield Statement(
                grid.blocks[row],
                start + number.start(),
                start + number.end(),
                Quantity.SHAPE,
                Rule.SHAPE_CHAIN,
                how,
                same if known else None,
                inside=True,
                expected="×".join(map(str, before)) or None,
                source=Source.DOCUMENT_TABLE,
                witnesses=frozenset({Witness.ROW, Witness.COLUMN, Witness.SIBLINGS}),
                decide=None if known else "the layer before",
                text=text[:200],
            )
        kept = bool(_KEEPING.search(grid.row_head(row))) and takes[row] == gives[row]
        last = text.find(grid.rows[row][columns[1] or 0], end)
        following = row + 1 < len(grid.rows) and row + 1 not in broken
        yield Statement(
            grid.blocks[row],
            last,
            last + len(grid.rows[row][columns[1] or 0]),
            Quantity.SHAPE,
            Rule.SHAPE_CHAIN,
            "what the next row takes" if following else "what the layer makes of its input",
            True if kept or following else None,
            source=Source.DOCUMENT_TABLE,
            decide="the layer's settings",
        )


def _sizes(match: re.Match[str] | None) -> tuple[int, ...]:
    return tuple(int(size) for size in re.findall(r"\d+", match[1])) if match else ()
