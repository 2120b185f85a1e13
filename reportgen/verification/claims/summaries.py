"""Summaries that Keras, torchsummary and torchinfo print: each row by its shapes, the totals by the rows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reportgen.documents.blocks import Block
from reportgen.verification.claims.page import Page

_ROW = re.compile(
    r"^[\s│┃|├└─•:#-]*(?P<name>[A-Za-z_][\w./ -]*?)?\s*(?:\((?P<type>[A-Za-z]\w*)\)?)?(?::\s*\d+(?:-\d+)*)?"
    r"[\s│┃|]*(?:[-=]+>)?\s*(?P<shape>(?:\[\(|[\[(])\s*(?:None|-?\d+|\?)\s*,(?:[^\[\]()]*)(?:\)\]|[\])]))[\s│┃|]*(?:[-=]+>)?\s*"
    r"(?P<count>\d[\d,.]*|--)?(?P<rest>.*)$"
)
_SHAPES = re.compile(r"[\[(]\s*(?:None|-?\d+)\s*,[^\[\]()]*[\])]")
_TOTAL = re.compile(
    r"(?P<label>(?:total|trainable|non-trainable|optimizer)\s+params?)\s*:\s*[│|]?\s*(?P<count>\d[\d,]*)"
    r"(?:\s*\((?P<size>\d[\d.,]*)\s*(?P<unit>[KMG]?i?B)\))?",
    re.I,
)
_HEAD = re.compile(r"layer\s*\(type.*param\s*#|layer.*output\s+shape.*param", re.I)
_WEIGHTED = re.compile(r"conv|dense|linear|batch_?norm", re.I)
_WEIGHTLESS = re.compile(
    r"(?:max|average|avg|global\w*|adaptive\w*)?_?pool|flatten|drop_?out|\brelu|activation|softmax|reshape|input|"
    r"zero_?padding|identity|sigmoid|tanh|leaky|add\b|concat",
    re.I,
)


@dataclass(frozen=True)
class Row:
    """One layer of a summary."""

    block: Block
    at: int
    kind: str
    """Its type, or its name where no type is printed."""
    shape: tuple[int, ...]
    """Of its output, without the batch."""
    count: int | None
    start: int
    end: int
    """The characters of its count."""
    shape_at: tuple[int, int] = (0, 0)
    """The characters of its shape."""
    last: tuple[int, int] | None = None
    """The characters of a whole number behind the count that ends the row."""


@dataclass(frozen=True)
class Total:
    """One of the lines under a summary."""

    block: Block
    label: str
    count: int
    start: int
    end: int
    size: str = ""
    unit: str = ""
    size_start: int = 0


@dataclass(frozen=True)
class Summary:
    """One network as a library prints it."""

    rows: tuple[Row, ...]
    totals: tuple[Total, ...]
    whole: bool
    """No line of it was left unread."""
    channels_last: bool

    @property
    def sum(self) -> int:
        """What the counts of the rows add up to."""
        return sum(row.count or 0 for row in self.rows)

    @property
    def at(self) -> set[int]:
        """The blocks of its rows and of the lines under them, by their ids."""
        return {id(row.block) for row in self.rows} | {id(total.block) for total in self.totals}

    def total(self, label: str) -> Total | None:
        """The line with this label."""
        return next((total for total in self.totals if total.label == label), None)


def find_summaries(page: Page) -> list[Summary]:
    """Find the summaries of a document, in their order."""
    found: list[Summary] = []
    rows: list[Row] = []
    totals: list[Total] = []
    whole, last, keras = True, -1, False

    def close() -> None:
        nonlocal rows, totals, whole
        if len(rows) > 1 or len(totals) > 1:
            found.append(Summary(tuple(rows), tuple(totals), whole and bool(rows), keras))
        rows, totals, whole = [], [], True

    for at, block in enumerate(page.blocks):
        for start, line in _lines(block.text):
            total = _read_total(line, start, block)
            row = None if total else _read_row(line, start, block, at)
            if total is not None:
                if any(other.label == total.label for other in totals):
                    close()
                totals.append(total)
                last = at
            elif row is not None:
                if totals or at - last > 8:
                    close()
                keras = "None" in line or (keras and bool(rows))
                rows.append(row)
                last = at
            elif _HEAD.search(line):
                close()
                last = at
            elif rows and not totals and at - last <= 8 and re.search(r"\d{2,}", line):
                whole = False  # a line with a number between the rows that is no row
            elif (rows or totals) and at - last > 8:
                close()
    close()
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        if len(line) < 300:
            yield start, line
        start += len(line) + 1


def _read_total(line: str, start: int, block: Block) -> Total | None:
    match = _TOTAL.search(line)
    if match is None:
        return None
    label = re.sub(r"\s+params?", "", match["label"].lower())
    return Total(
        block,
        label,
        int(match["count"].replace(",", "")),
        start + match.start("count"),
        start + match.end("count"),
        match["size"] or "",
        (match["unit"] or "").replace("i", ""),
        start + (match.start("size") if match["size"] else 0),
    )


def _read_row(line: str, start: int, block: Block, at: int) -> Row | None:
    shapes = list(_SHAPES.finditer(line))
    if len(shapes) > 1:  # of its input and of its output
        first, last = shapes[0].start(), shapes[-1].start()
        line = line[:first] + " " * (last - first) + line[last:]
    match = _ROW.match(line)
    if match is None or not (match["name"] or match["type"]):
        return None
    kind = (match["type"] or "").strip()
    if not (_WEIGHTED.search(kind) or _WEIGHTLESS.search(kind)):
        kind = (match["name"] or "").strip()  # a type that is broken over two lines
    if not (_WEIGHTED.search(kind) or _WEIGHTLESS.search(kind)):
        return None
    sizes = re.findall(r"-?\d+|None|\?", match["shape"])
    if any(size in {"None", "?"} for size in sizes[1:]) or re.search(r"[^\W\d_]", match["shape"].replace("None", "")):
        return None
    shape = tuple(abs(int(size)) for size in sizes[1:])
    printed = match["count"]
    if printed in {None, "--"} or not re.fullmatch(r"\d{1,3}(?:,\d{3})+|\d+", printed.rstrip(",.")):
        end = start + match.end("shape")
        return Row(block, at, kind, shape, None, end, end, (start + match.start("shape"), end))
    printed = printed.rstrip(",.")
    begin = start + match.start("count")
    spanned = (start + match.start("shape"), start + match.end("shape"))
    further = re.search(r"(?<![\w.,])\d+\s*[│┃|]?\s*$", match["rest"])
    behind = start + match.start("rest")
    ending = (behind + further.start(), behind + further.end()) if further is not None else None
    return Row(block, at, kind, shape, int(printed.replace(",", "")), begin, begin + len(printed), spanned, ending)
