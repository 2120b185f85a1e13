"""Numbers that claim nothing: of pages, figures and versions, dates, addresses, the numbers in names and in code."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from reportgen.documents.blocks import Block
from reportgen.verification import vocabulary
from reportgen.verification.claims.grids import Grid
from reportgen.verification.claims.numerals import Numeral
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.ledger import Quantity, Rule

_HEADING = re.compile(r"\s*(?:#+\s*)?\(?(?P<n>\d{1,2}(?:\.\d{1,2}){0,4})\s*[.):、-]?(?=\s|$|[^\W\d])")
_CODE_LINE = re.compile(
    r"\s*(?:import\s+\w|from\s+[\w.]+\s+import|def\s+\w+\(|class\s+\w+[(:]|return\s|print\(|for\s+\w+\s+in\s.*:\s*$|if\s.*:\s*$|"
    r"\w+(?:\.\w+)*\s*=\s*[\w.]+\(|\w+(?:\.\w+)+\(|\(\w+\):\s*\w+\(|[%!]\w+\s|@\w+|plt\.|\w+\(.*\);\s*$|\$\s|>>>\s|python\s)"
)
_CODE = re.compile(
    r"\b(?:self|nn|np|plt|tf|torch|keras|model|layers|optim)\.\w+|\w+=\(|\w+\([\w'\", .=-]*\)\s*;|['\"]\s*,\s*['\"]"
)
_COMMAND = re.compile(
    r"\\(?:label|include\w+|ref|cite\w*|input|bibliography\w*|begin|end|vspace|hspace|usepackage|definecolor|geometry|setlength)\*?(?:\s?\[[^\[\]\n]{0,200}\])?(?:\s?\{[^{}\n]{0,300}\}){1,4}"
    r"|(?:(?<=[\s\\{[=])|\b[vh]skip\s?|\bkern)-?\d*\.?\d+(?:pt|em|ex|cm|mm|in|\\\w+width)(?![^\W\d_])"
)
_LISTED = re.compile(r"\s*(?P<n>\d{1,4})(?=\s|$)")
_CODED = re.compile(r"[;{}]\s*$|\w\(.*\)|\w\s*=\s*\S")
_LISTING = 12
"""Lines, at least, of a listing whose lines are numbered."""
_CODED_PART = 4
"""One line in so many, at least, looks like code in a listing."""
_GAP = 3
"""Blocks, at most, that a broken line takes between two numbered ones."""
_ONE_HOT = re.compile(r"\[\s*[01](?:[\s,]+[01]){2,}\s*\]")
_TICKS = re.compile(r"\s*[-−+]?\d+(?:\.\d+)?(?:[\s&|]+[-−+]?\d+(?:\.\d+)?){2,}(?:[\s&|]|\.\.\.|…)*")
_CALL = re.compile(r"\s*(?:\w+\s?=\s?)?\w+(?:\.\w+)+\(.*\);?\s*")
_LONGEST = 2000
"""Characters of a line that are searched for code."""
_ORDINAL = re.compile(r"\s*\(?\d{1,2}(?:\.\d{1,2})*[.)]\s")


def read_nothing(page: Page) -> Iterator[Statement]:
    """Yield the spans of a document whose numbers claim nothing."""
    indexed = {at: span for grid in page.grids for at, span in _index_cells(grid)}
    listed = set(_listings(page.blocks))
    for at, block in enumerate(page.blocks):
        numerals = page.stream.of(at)
        if not numerals:
            continue
        if at in listed:
            yield _silent(block, 0, len(block.text), "code")
            continue
        for numeral in numerals:
            if not numeral.number.is_quantity:
                yield _silent(block, numeral.start, numeral.end, f"{numeral.number.kind}")
        spans = [(found.start, found.end, found.id) for found in vocabulary.find_silent(block.text[:50_000])]
        if block.kind == "heading" and (match := _HEADING.match(block.text)):
            spans.append((match.start(), match.end(), "the number of a heading"))
        elif match := _ORDINAL.match(block.text):
            spans.append((match.start(), match.end(), "the number of an item"))
        spans += [(*match.span(), "a vector of zeros and ones") for match in _ONE_HOT.finditer(block.text)]
        if at in indexed:
            spans.append((*indexed[at], "the number of a row"))
        if block.kind != "row" or _CALL.fullmatch(block.text[:_LONGEST]):
            spans += list(_code(block.text))
        if _is_scale(block.text, numerals):
            spans.append((0, len(block.text), "the ticks of an axis or small numbers in a line of their own"))
        for start, end, what in spans:
            yield _silent(block, start, end, what)


def _code(text: str) -> Iterator[tuple[int, int, str]]:
    """The lines of a block that are code, and the commands of LaTeX that print nothing."""
    start = 0
    for line in text.split("\n"):
        marks = len(_CODE.findall(line[:_LONGEST]))
        if _CODE_LINE.match(line) or marks > 1:
            yield start, start + len(line), "code"
        start += len(line) + 1
    for match in _COMMAND.finditer(text):
        yield match.start(), match.end(), "a command of the typesetting"


def _is_scale(text: str, numerals: Sequence[Numeral]) -> bool:
    """Tell whether a line is nothing but numbers that count up evenly, or nothing but single digits."""
    if len(numerals) < 3 or not _TICKS.fullmatch(text[:_LONGEST]):
        return False
    values = [-numeral.value if numeral.number.negative else numeral.value for numeral in numerals]
    steps = {later - earlier for earlier, later in pairwise(values)}
    return all(numeral.is_whole and numeral.value < 10 for numeral in numerals) or (len(steps) == 1 and steps != {0})


def _listings(blocks: Sequence[Block]) -> Iterator[int]:
    """Indices of the blocks that are lines of a printed program: their numbers count up, and many look like code."""
    run: list[int] = []
    expected = -1
    for at, block in enumerate((*blocks, None)):
        match = _LISTED.match(block.text) if block is not None else None
        number = int(match["n"]) if match else -1
        if number == expected:
            run.append(at)
            expected += 1
        elif block is None or number == 1 or at - (run[-1] if run else at) > _GAP:
            coded = sum(bool(_CODED.search(blocks[line].text)) for line in run)
            if len(run) >= _LISTING and _CODED_PART * coded >= len(run):
                yield from range(run[0], run[-1] + 1)
            run, expected = ([at], number + 1) if number >= 0 else ([], -1)
        elif not run and number >= 0:
            run, expected = [at], number + 1


def _index_cells(grid: Grid) -> Iterator[tuple[int, tuple[int, int]]]:
    """The first cells of a table's rows where they count up, the numbers of its rows: each with its block's index."""
    firsts = [cells[0] if cells else None for cells in grid.cells]
    head = grid.head[0] if grid.head else ""
    values = [cell.value for cell in firsts if cell is not None]
    if len(values) != len(firsts) or len(values) < 2 or any(b - a != 1 for a, b in pairwise(values)):
        return
    if not head.strip() or re.search(r"#|no\b|nr|index|id\b|class|label|digit", head, re.I):
        for at, own in zip(grid.at, firsts, strict=True):
            if own is not None:
                yield at, (own.start, own.end)


def _silent(block: Block, start: int, end: int, what: str) -> Statement:
    return Statement(block, start, end, Quantity.NAME, Rule.NO_CLAIM, f"it claims nothing: {what}", nothing=True)
