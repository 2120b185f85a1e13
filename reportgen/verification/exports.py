"""A ledger for other tools: SARIF for editors, HTML for people, and the published JSON Schema."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from pydantic import TypeAdapter

import reportgen
from reportgen.files import bundled_templates
from reportgen.verification.ledger import Claim, Ledger, Missing, Unread, Verdict

TEMPLATE = "ledger.html"
_LEVELS = {Verdict.CONTRADICTED: "error", Verdict.UNVERIFIABLE: "note", Verdict.VERIFIED: "none"}
_KINDS = {Verdict.CONTRADICTED: "fail", Verdict.UNVERIFIABLE: "review", Verdict.VERIFIED: "pass"}


def json_schema() -> dict[str, Any]:
    """JSON Schema of what ``--json`` prints: a ledger for each document that was read, else why not."""
    return TypeAdapter(list[Ledger | Unread]).json_schema(mode="serialization")


def sarif(ledgers: Sequence[Ledger]) -> dict[str, Any]:
    """Write ledgers as SARIF 2.1.0: contradictions are errors, missing parts warnings, the undecided notes."""
    results = []
    kinds = sorted({claim.kind for ledger in ledgers for claim in ledger.claims} | {"missing"})
    for ledger in ledgers:
        for claim in ledger.claims:
            results.append(
                {
                    "ruleId": claim.kind,
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
                    "message": {"text": f"missing: {entry.what}; {entry.evidence}"},
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
                        "rules": [{"id": kind} for kind in kinds],
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
    parts = [f"{claim.verdict.value}: {claim.text}", claim.rule]
    if claim.expected is not None:
        parts.append(f"expected {claim.expected}")
    if claim.found is not None:
        parts.append(f"found {claim.found}")
    if claim.decide is not None:
        parts.append(f"to decide it: {claim.decide}")
    return "; ".join(parts)


def render_ledgers(ledgers: Sequence[Ledger]) -> str:
    """Render ledgers as one self-contained HTML page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(bundled_templates()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(ledgers=ledgers, version=reportgen.__version__)
