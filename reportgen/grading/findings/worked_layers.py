"""Whether a report works out the parameters of every layer."""

import re
from collections.abc import Iterator

from reportgen.assignment.counting import LayerCount
from reportgen.documents.blocks import Block, Place
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.verification.claims.workings import find_workings, formulas
from reportgen.verification.facts.subject import Part, Subject
from reportgen.verification.ledger import Claim, Ledger, Verdict

_KINDS = frozenset({"arithmetic", "layer-count", "total"})


def judge_layers(ledger: Ledger, subject: Subject) -> Iterator[Finding]:
    """Tell for each experiment whether all its layers with parameters are counted right, and which are not."""
    proved = [claim for claim in ledger.verified if claim.kind in _KINDS]
    described = [claim for claim in proved if claim.deviation and claim.kind == "layer-count"]
    counted = _counted(proved, subject)
    for part in subject.parts:
        if part.free:
            continue
        layers = [layer for layer in part.count.layers if layer.trainable]
        lacking = [layer for layer in layers if _what(layer) not in counted]
        others = {claim.found for claim in described if claim.experiment == part.id}
        if lacking and len(lacking) > len(others):
            yield _lacking(part, lacking, ledger)
            continue
        first = next((claim for claim in proved if claim.experiment == part.id), None)
        reason = f"all {len(layers)} layers with parameters are worked out, and right"
        if lacking:
            reason += " for the network that the report describes"
        place = first.place if first else Place()
        yield Finding(check="layer-counts", kind=FindingKind.MET, experiment=part.id, place=place, reason=reason)


def _what(layer: LayerCount) -> tuple[str, str]:
    """What is worked out of a layer; one that two experiments share need be worked out once only."""
    return layer.name, layer.derivation


def _counted(proved: list[Claim], subject: Subject) -> set[tuple[str, str]]:
    """The layers whose counts are proved: named by a claim's rule, or worked out in a claim's text."""
    found: set[tuple[str, str]] = set()
    asked = formulas(subject)
    for claim in proved:
        if claim.deviation:
            continue
        if claim.kind == "layer-count":
            for part in subject.parts:
                for layer in part.count.layers:
                    if re.search(rf"{re.escape(f'{layer.name} of {part.asked.short_title}')}(?!\w)", claim.rule):
                        found.add(_what(layer))
        for working in find_workings([Block("text", claim.text, claim.place)]):
            for formula in asked:
                if formula.is_of(working):
                    found.add(_what(formula.part.count.layers[formula.index]))
    return found


def _lacking(part: Part, lacking: list[LayerCount], ledger: Ledger) -> Finding:
    names = ", ".join(layer.name for layer in lacking)
    title = part.asked.short_title
    open_claims = [
        claim
        for claim in ledger.claims
        if claim.verdict is Verdict.UNVERIFIABLE
        and claim.kind in {"symbol", "layer-count"}
        and any(f"{layer.name} of {title}" in claim.rule for layer in lacking)
    ]
    claim = open_claims[0] if open_claims else None
    symbol = claim is not None and claim.kind == "symbol"
    reason = f"no right working was found of: {names}"
    if claim is not None and symbol:
        reason = f"{names}: {claim.rule}"
    return Finding(
        check="layer-counts",
        kind=FindingKind.UNDECIDED,
        experiment=part.id,
        place=claim.place if claim else Place(),
        text=claim.text if claim else "",
        reason=reason,
        expected="; ".join(f"{layer.name}: {layer.derivation}" for layer in lacking),
        found="no number" if symbol else None,
    )
