"""A ledger for other tools: SARIF for editors, HTML for people, and the published JSON Schema."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import jinja2
from pydantic import TypeAdapter

import reportgen
from reportgen.documents.blocks import Block
from reportgen.files import bundled_templates
from reportgen.sarif import Result
from reportgen.sarif import sarif as write_sarif
from reportgen.verification.ledger import Claim, Ledger, Missing, Unread, Verdict

TEMPLATE = "ledger.html"
_LEVELS: dict[Verdict, Literal["error", "warning", "note", "none"]] = {
    Verdict.CONTRADICTED: "error",
    Verdict.DEVIATES: "warning",
    Verdict.UNVERIFIABLE: "note",
    Verdict.VERIFIED: "none",
}
_KINDS: dict[Verdict, Literal["fail", "review", "pass"]] = {
    Verdict.CONTRADICTED: "fail",
    Verdict.DEVIATES: "fail",
    Verdict.UNVERIFIABLE: "review",
    Verdict.VERIFIED: "pass",
}
_MARKS = {
    Verdict.CONTRADICTED: "✗",
    Verdict.DEVIATES: "≠",
    Verdict.UNVERIFIABLE: "?",
    Verdict.VERIFIED: "✓",
    Verdict.NOT_UNDERSTOOD: "¿",
    Verdict.NO_CLAIM: "",
}
"""Signs that stand beside a number, so that colour alone tells nothing."""


@dataclass(frozen=True)
class Piece:
    """A piece of a document's text: between two numbers, or one number with what became of it.

    Of a sentence that makes a claim without a number the piece is empty, and stands behind it.
    """

    text: str
    claim: Claim | None = None


@dataclass(frozen=True)
class Line:
    """A block of a document, cut into pieces."""

    kind: str
    place: str
    pieces: tuple[Piece, ...]


def json_schema() -> dict[str, Any]:
    """JSON Schema of what ``--json`` prints: a ledger for each document that was read, else why not."""
    return TypeAdapter(list[Ledger | Unread]).json_schema(mode="serialization")


def sarif(ledgers: Sequence[Ledger]) -> dict[str, Any]:
    """Write ledgers as SARIF 2.1.0: contradictions are errors, deviations and what is missing warnings."""
    results = []
    rules = sorted({claim.rule.value for ledger in ledgers for claim in ledger.claims} | {"missing"})
    for ledger in ledgers:
        results += [
            Result(
                claim.rule.value,
                _LEVELS[claim.verdict],
                _KINDS[claim.verdict],
                explain(claim),
                ledger.source,
                _line(claim),
                str(claim.place),
            )
            for claim in ledger.claims
            if claim.verdict in _KINDS
        ]
        for entry in ledger.missing:
            text = f"not found: {entry.what}; {entry.evidence}"
            results.append(Result("missing", "warning", "fail", text, ledger.source, _line(entry), str(entry.place)))
    return write_sarif("reportgen verify", rules, results)


def _line(entry: Claim | Missing) -> int | None:
    return entry.place.line if entry.place.page is None and entry.place.cell is None else None


def explain(claim: Claim) -> str:
    """Say in one line what was claimed and what became of it."""
    parts = [f"{claim.verdict.value}: {claim.text}", claim.how]
    if claim.expected is not None:
        parts.append(f"expected {claim.expected}")
    if claim.number is not None:
        parts.append(f"found {claim.number.printed}")
    if claim.decide is not None:
        parts.append(f"to decide it: {claim.decide}")
    return "; ".join(parts)


def coloured(blocks: Sequence[Block], ledger: Ledger) -> tuple[Line, ...]:
    """Cut a document's blocks at their numbers, each with its claim, and behind sentences that make one without."""
    own: dict[int, list[tuple[int, int, Claim]]] = {}
    for claim in ledger.claims:
        if claim.span is not None and claim.verdict is not Verdict.NO_CLAIM:
            at, start, end = claim.span
            own.setdefault(at, []).append((start if claim.number else end, end, claim))
    lines = []
    for at, block in enumerate(blocks):
        pieces, last = [], 0
        for start, end, claim in sorted(own.get(at, ()), key=lambda entry: entry[:2]):
            # a sentence may end within a number's blanks
            pieces += [Piece(block.text[last:start]), Piece(block.text[start:end], claim)]
            last = max(last, end)
        pieces.append(Piece(block.text[last:]))
        lines.append(Line(block.kind, str(block.place), tuple(one for one in pieces if one.text or one.claim)))
    return tuple(lines)


def anchor(claim: Claim) -> str:
    """Where a claim of a text stands in the table of all; empty where it has no place in the text."""
    if claim.span is None:
        return ""
    return "-".join(("number" if claim.number else claim.quantity.value, *map(str, claim.span)))


def render_ledgers(ledgers: Sequence[Ledger], texts: Mapping[str, Sequence[Line]] | None = None) -> str:
    """Render ledgers as one self-contained HTML page; with ``texts``, by source, each document's own text too."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(bundled_templates()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    told = [claim.verdict for ledger in ledgers for claim in ledger.claims]
    return environment.get_template(TEMPLATE).render(
        ledgers=ledgers,
        texts=texts or {},
        marks=_MARKS,
        verdicts=[v for v in Verdict if v in told],
        explain=explain,
        anchor=anchor,
        version=reportgen.__version__,
    )
