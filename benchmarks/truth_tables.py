"""The table of a run over real documents, and its list."""

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from truth_runs import Reading

from reportgen.own_reports.second_scores import wilson

LARGE = 100_000
"""Bytes of text from which on seconds a megabyte say something: below, a fixed cost is all that there is."""
_CLASSES = ("yes", "hard", "no")


def share(part: int, whole: int) -> str:
    """``3 of 49, 6 % (2…17)``: a count, its share and the 95 % Wilson interval of that."""
    if not whole:
        return "none"
    low, high = wilson(part, whole)
    return f"{part} of {whole}, {part / whole:.0%} ({100 * low:.0f}…{100 * high:.0f})"


def table(runs: Mapping[str, Sequence[Reading]], lacking: Sequence[str]) -> str:
    """Each run a column, each measure a row."""
    columns = {name: _column(readings) for name, readings in runs.items()}
    if not columns:
        return "no run"
    labels = list(next(iter(columns.values())))
    widths = [max(len(label) for label in labels), *(max(map(len, column.values())) for column in columns.values())]
    head = ["", *columns]
    rows = [head, *([label, *(column[label] for column in columns.values())] for label in labels)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    if lacking:
        lines.append(f"not there: {', '.join(lacking)}")
    return "\n".join(lines)


def _column(readings: Sequence[Reading]) -> dict[str, str]:
    read = [reading for reading in readings if not reading.unread]
    worth = Counter(each.worth for reading in read for each in reading.accusations)
    total = worth.total()
    column = {
        "documents read": f"{len(read)} of {len(readings)}",
        "with a false accusation": share(sum(bool(reading.false) for reading in read), len(read)),
        "accusations": str(total),
        "precision, arguable not right": share(worth["right"], total),
        "  arguable": str(worth["arguable"]),
        "  false": f"{worth['false'] + worth['unjudged']}, {worth['unjudged']} of them judged by nobody",
    }
    for kind in _CLASSES:
        sure = [
            mistake.index in reading.named
            for reading in readings
            for mistake in reading.truth
            if mistake.sure and mistake.side == "report" and mistake.program == kind
        ]
        column[f"sure mistakes found, program: {kind}"] = share(sum(sure), len(sure))
    numerals, size = sum(reading.numerals for reading in read), sum(reading.bytes for reading in read)
    column["numerals decided"] = share(sum(reading.decided for reading in read), numerals)
    shares = [reading.decided / reading.numerals for reading in read if reading.numerals]
    column["  median document"] = f"{statistics.median(shares):.0%}" if shares else "none"
    seconds = sorted((reading.seconds, reading.case) for reading in read)
    column["seconds a document"] = (
        f"median {statistics.median(time for time, _ in seconds):.2f}, most {seconds[-1][0]:.2f} ({seconds[-1][1]})"
        if seconds
        else "none"
    )
    column["seconds a megabyte of text"] = (
        f"{sum(time for time, _ in seconds) / size * 2**20:.1f} of {size / 2**20:.1f} MB" if size else "none"
    )
    large = [(reading.seconds / reading.bytes * 2**20, reading.case) for reading in read if reading.bytes >= LARGE]
    column["  most, of 100 kB and more"] = f"{max(large)[0]:.1f} ({max(large)[1]})" if large else "none so large"
    column["ledgers with two answers"] = str(sum(bool(reading.broken) for reading in read))
    return column


def listing(run: str, readings: Sequence[Reading]) -> Iterator[str]:
    """Every accusation with what is thought of it, and every sure mistake of a report that was not named."""
    for reading in readings:
        for each in reading.accusations:
            claim = each.claim
            names = f" = mistake {each.mistake.index}" if each.mistake else ""
            names += f" near {', '.join(map(str, each.near))}" if each.near else ""
            yield (
                f"{run} {reading.case} {each.worth}{names}: {claim.place}: text={claim.text!r} found={claim.found!r} "
                f"expected={claim.expected!r}"
            )
        for mistake in reading.truth:
            if mistake.sure and mistake.side == "report" and mistake.program in ("yes", "hard"):
                state = "found" if mistake.index in reading.named else "missed"
                told = f"{mistake.program} mistake {mistake.index}: {mistake.where}: {mistake.value}"
                yield f"{run} {reading.case} {state} {told}"
        yield from (f"{run} {reading.case} two answers: {text}" for text in reading.broken)
        if reading.unread:
            yield f"{run} {reading.case} unread: {reading.unread}"
