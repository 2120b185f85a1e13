"""Logs of training: the counting of epochs and steps, and losses that can't go with the accuracy beside them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from reportgen.documents.blocks import Block
from reportgen.verification import vocabulary
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.facts.store import Facts
from reportgen.verification.ledger import Quantity, Rule, Scope, Source, Witness

_EPOCH = re.compile(
    r"(?:epoch|época|epoca|époque|epoche|エポック|轮)s?\s*[:#\[(]*\s*\[?(?P<i>\d{1,5})\s*(?:/|of|de|von)\s*(?P<n>\d{1,5})",
    re.I,
)
_EPOCH_ALONE = re.compile(
    r"(?:epoch|época|epoca|époque|epoche|эпоха|エポック|轮)\s?[:#№]?\s?(?P<i>\d{1,5})(?![\d%]|\s*[/.,]\s?\d|\s*(?:of|de|von)\s)",
    re.I,
)
_SERIES = 3
"""Epochs, at least, that count up by the same step in a log."""
_BAR_TIME = re.compile(
    r"(?:=\]|━)\s?(?:-\s?)?(?:ETA:\s?)?(?P<t>\d+(?:\.\d+)?(?:ms|s|:\d\d))(?:\s(?P<u>\d+(?:\.\d+)?[mμu]?s/\w+))?"
    r"|\[\d+:\d\d<[\d:?]+,\s?(?P<v>\d+(?:\.\d+)?)\s?(?:\w{1,6}/s|s/\w{1,6})"
)
_STEP = re.compile(
    r"(?<![\d/.])\d{1,7}/\d{1,7}(?=\s*(?:\[[=.>\d]|━|\(\d{1,3}%\)\]|-?\s*\d+m?s\b|-\s(?:ETA|loss|acc\w*):))"
    r"|(?:step|batch|iter\w*)\s*\[?\d+/\d+",
    re.I,
)
"""``100/938`` before a bar, a time or a loss, or after its word; ``0/2`` of a table may be two of the seeds."""
_PROGRESS = re.compile(
    r"(?<!\d)(?P<p>\d{1,3})\s*%\s*(?:\||█|\[)|\[\d+/\d+\s*\((?P<q>\d{1,3})%\)\]|(?<![\d/.])(?P<a>\d{1,7})/(?P<b>\d{1,7})\s*\[\d+:\d\d"
)
_LOSS = re.compile(r"(?:loss|pérdida|perte|perdita)\b[^=:\d\n]{0,24}[=:]\s*(?P<loss>\d+\.\d+)", re.I)
_RATE = re.compile(
    r"(?:acc\w*|exactitud|precisi[oó]n|genauigkeit)\b[^=:\d\n]{0,24}[=:]\s*(?P<rate>\d+(?:\.\d+)?)\s*(?P<percent>%?)",
    re.I,
)
_LINES = re.compile(r"(?<=\n)|(?=\bEpoch\s*\[?\d)")
_LEAST_FACTOR = 2
"""How often a loss must be below its bound."""
_BATCHES = (8, 16, 32, 64, 128, 256, 512, 10, 20, 50, 100, 200, 500)
"""Usual numbers of images of one batch, with their parts."""
_RUNNING = re.compile(r"loss:\s\d+\.\d+(?:e-\d+)?\s-\s(?:\w*_)?acc\w*:|acc\w*:\s\d+\.\d+\s-\s(?:\w*_)?loss:")
"""Keras's line, whose loss and accuracy are means over the same images."""


@dataclass(frozen=True)
class _Counter:
    """An epoch's number in a log."""

    block: Block
    start: int
    end: int
    epoch: int


def read_logs(page: Page, facts: Facts) -> Iterator[Statement]:
    """Yield what logs say of themselves: their counters claim nothing, and a loss may not go with its accuracy."""
    alone: list[_Counter] = []
    for at, block in enumerate(page.blocks):
        if block.kind == "picture" or not page.stream.of(at):
            continue
        for match in _EPOCH.finditer(block.text):
            if int(match["i"]) <= int(match["n"]):
                yield _counts(_Counter(block, match.start("i"), match.end("n"), int(match["i"])))
        alone += [_Counter(block, *match.span("i"), int(match["i"])) for match in _EPOCH_ALONE.finditer(block.text)]
        yield from _steps(block)
    yield from _series(alone)
    yield from _floors(page, facts)
    yield from _epoch_columns(page)


def _counts(counter: _Counter) -> Statement:
    return _silent(counter.block, counter.start, counter.end, Quantity.EPOCH, "a counter of a log", counter.epoch)


def _series(alone: Sequence[_Counter]) -> Iterator[Statement]:
    """``Epoch 20``, ``Epoch 40``, ``Epoch 60``: what counts up by the same step."""
    first = 0
    for at in range(1, len(alone) + 1):
        step = alone[first + 1].epoch - alone[first].epoch if first + 1 < len(alone) else 0
        if at < len(alone) and step > 0 and alone[at].epoch - alone[at - 1].epoch == step:
            continue
        if at - first >= _SERIES:
            yield from map(_counts, alone[first:at])
        first = at


def _steps(block: Block) -> Iterator[Statement]:
    for match in _STEP.finditer(block.text):
        yield _silent(block, *match.span(), Quantity.STEPS, "a counter of a log")
    for match in _PROGRESS.finditer(block.text):
        if match["p"] is not None or match["q"] is not None:
            start, end = match.span("p" if match["p"] is not None else "q")
            yield _silent(block, start, end, Quantity.STEPS, "a bar of progress")
    for match in _BAR_TIME.finditer(block.text):
        for group in ("t", "u", "v"):
            if match[group] is not None:
                yield _silent(block, *match.span(group), Quantity.STEPS, "a bar of progress")


def _silent(block: Block, start: int, end: int, quantity: Quantity, what: str, epoch: int | None = None) -> Statement:
    how = f"it claims nothing: {what}"
    return Statement(block, start, end, quantity, Rule.LOG, how, scope=Scope(epoch=epoch), nothing=True)


def _epoch_columns(page: Page) -> Iterator[Statement]:
    """A column of epochs that counts up by the same step."""
    for grid in page.grids:
        for column, head in enumerate(grid.head):
            terms = {found.id for found in vocabulary.find("term", head)}
            cells = [
                (block, cell) for block, cell in zip(grid.blocks, grid.column(column), strict=True) if cell is not None
            ]
            steps = {later.value - earlier.value for (_, earlier), (_, later) in pairwise(cells)}
            if terms & {"epochs", "steps"} and len(cells) > 1 and len(steps) == 1 and min(steps) > 0:
                for block, cell in cells:
                    yield _counts(_Counter(block, cell.start, cell.end, int(cell.value)))


def _floors(page: Page, facts: Facts) -> Iterator[Statement]:
    """The mean loss is at least the part of the images that is answered wrong times what each of them costs."""
    cost = facts.cost_of_an_error
    results = [result for block in page.blocks if cost and block.kind != "picture" for result in _results(block)]
    # one accuracy that no batch has tells that the log's are of all images
    whole = any(not _is_of_a_batch(result) for result in results)
    for result in results:
        bound = float(1 - result.share) * cost
        # of which images the accuracy is may be unsaid, so every loss beside it must be too low
        low = result.share < 1 and max(float(match["loss"]) for match in result.losses) * _LEAST_FACTOR < bound
        if low and (whole or _RUNNING.search(result.line)):
            match = result.losses[-1]
            yield Statement(
                result.block,
                result.start + match.start("loss"),
                result.start + match.end("loss"),
                Quantity.LOSS,
                Rule.LOSS_FLOOR,
                f"with {float(1 - result.share):.2%} of the images wrong the mean loss is at least {bound:.4f}",
                False,
                inside=True,
                expected=f"at least {bound:.4f}",
                source=Source.ARITHMETIC,
                witnesses=frozenset({Witness.SPAN, Witness.CLAUSE}),
                text=result.line.strip()[:200],
            )


@dataclass(frozen=True)
class _Result:
    """A line of a log with one accuracy and its losses."""

    block: Block
    line: str
    start: int
    """Where the line starts in its block."""
    losses: list[re.Match[str]]
    rate: re.Match[str]

    @property
    def share(self) -> Fraction:
        """The accuracy, from 0 to 1."""
        rate = Fraction(self.rate["rate"])
        return rate / 100 if self.rate["percent"] or rate > 1 else rate


def _results(block: Block) -> Iterator[_Result]:
    start = 0
    for line in _LINES.split(block.text):
        losses, rates = list(_LOSS.finditer(line)), list(_RATE.finditer(line))
        if losses and len(rates) == 1 and len(line) < 400:
            yield _Result(block, line, start, losses, rates[0])
        start += len(line)


def _is_of_a_batch(result: _Result) -> bool:
    """Tell whether an accuracy may be that of one batch, beside the loss of a whole epoch."""
    decimals = len(result.rate["rate"].partition(".")[2]) + (2 if Fraction(result.rate["rate"]) != result.share else 0)
    half = Fraction(1, 2 * 10**decimals)
    return any(abs(round(result.share * size) - result.share * size) <= half * size for size in _BATCHES)
