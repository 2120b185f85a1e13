"""Whether a report works out the parameters of every layer."""

from collections.abc import Iterator

from reportgen.assignment.counting import LayerCount
from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.verification.facts.subject import Part, Subject
from reportgen.verification.ledger import Claim, Ledger, Quantity, Rule, Verdict

_COUNTED = frozenset({Quantity.LAYER_PARAMETERS, Quantity.TOTAL_PARAMETERS, Quantity.ARITHMETIC})


def judge_layers(ledger: Ledger, subject: Subject) -> Iterator[Finding]:
    """Tell for each experiment whether all its layers with parameters are counted right, and which are not."""
    proved = [claim for claim in ledger.verified if claim.quantity in _COUNTED and claim.number is not None]
    counted = _counted(proved, subject)
    other = {claim.experiment for claim in ledger.deviating if claim.quantity is Quantity.NETWORK}
    for part in subject.parts:
        if part.free:
            continue
        layers = [layer for layer in part.count.layers if layer.trainable]
        lacking = [layer for layer in layers if _what(layer) not in counted]
        described = {
            claim.number.value
            for claim in proved
            if claim.number
            and claim.experiment == part.id
            and claim.scope.layer is None
            and claim.rule is Rule.ARITHMETIC
        }
        if lacking and not (part.id in other and len(lacking) <= len(described)):
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
    """The layers whose counts are proved."""
    found: set[tuple[str, str]] = set()
    for claim in proved:
        part = subject.part(claim.experiment)
        if claim.quantity is Quantity.LAYER_PARAMETERS and part is not None and claim.scope.layer is not None:
            found.add(_what(part.count.layers[claim.scope.layer]))
    return found


def _lacking(part: Part, lacking: list[LayerCount], ledger: Ledger) -> Finding:
    names = ", ".join(layer.name for layer in lacking)
    indices = {index for index, layer in enumerate(part.count.layers) if layer in lacking}
    claim = next(
        (
            claim
            for claim in ledger.claims
            if claim.verdict is Verdict.UNVERIFIABLE
            and claim.quantity is Quantity.LAYER_PARAMETERS
            and claim.experiment == part.id
            and claim.scope.layer in indices
        ),
        None,
    )
    symbol = claim is not None and claim.rule is Rule.NO_VALUE
    reason = f"no right working was found of: {names}"
    if claim is not None and symbol:
        reason = f"{names}: {claim.how}"
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
