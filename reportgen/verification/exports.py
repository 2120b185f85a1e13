"""A ledger for other tools: SARIF for editors, HTML for people, and the published JSON Schema."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from pydantic import TypeAdapter

import reportgen
from reportgen.documents.blocks import Block
from reportgen.files import bundled_templates
from reportgen.verification.ledger import Claim, Ledger, Missing, Unread, Verdict

TEMPLATE = "ledger.html"
_LEVELS = {
    Verdict.CONTRADICTED: "error",
    Verdict.DEVIATES: "warning",
    Verdict.UNVERIFIABLE: "note",
    Verdict.VERIFIED: "none",
}
_KINDS = {
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
    """A piece of a document's text: between two numbers, or one number with what became of it."""

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
        for claim in ledger.claims:
            if claim.verdict not in _KINDS:
                continue
            results.append(
                {
                    "ruleId": claim.rule.value,
                    "level": _LEVELS[claim.verdict],
                    "kind": _KINDS[claim.verdict],
                    "message": {"text": explain(claim)},
                    "locations": [_location(ledger, claim)],
                }
            )
        for entry in ledger.missing:
            results.append(
                {
                    "ruleId": "missing",
                    "level": "warning",
                    "kind": "fail",
                    "message": {"text": f"not found: {entry.what}; {entry.evidence}"},
                    "locations": [_location(ledger, entry)],
                }
            )
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "reportgen verify",
                        "version": reportgen.__version__,
                        "rules": [{"id": rule} for rule in rules],
                    }
                },
                "results": results,
            }
        ],
    }


def _location(ledger: Ledger, entry: Claim | Missing) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": Path(ledger.source).as_posix()}}
    if entry.place.line is not None and entry.place.page is None and entry.place.cell is None:
        physical["region"] = {"startLine": entry.place.line}
    where = str(entry.place)
    return {"physicalLocation": physical, **({"message": {"text": where}} if where else {})}


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
    """Cut a document's blocks at their numbers, each with its claim."""
    own: dict[int, list[Claim]] = {}
    for claim in ledger.claims:
        if claim.span is not None and claim.number is not None:
            own.setdefault(claim.span[0], []).append(claim)
    lines = []
    for at, block in enumerate(blocks):
        pieces, last = [], 0
        for claim in sorted(own.get(at, ()), key=lambda claim: claim.span or (0, 0, 0)):
            assert claim.span is not None
            _, start, end = claim.span
            pieces += [Piece(block.text[last:start]), Piece(block.text[start:end], claim)]
            last = end
        pieces.append(Piece(block.text[last:]))
        lines.append(Line(block.kind, str(block.place), tuple(piece for piece in pieces if piece.text)))
    return tuple(lines)


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
        version=reportgen.__version__,
    )
