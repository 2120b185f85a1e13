"""What the claims of a report say of the rubric's checks."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from reportgen.assignment.spec import Assignment
from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.missing_parts import find_missing
from reportgen.grading.findings.worked_layers import judge_layers
from reportgen.verification.facts.subject import Part, Subject, make_subject
from reportgen.verification.ledger import Claim, Ledger, Quantity, Rule, Verdict

_CHECKS = {
    Quantity.BATCH_SIZE: "batch-size",
    Quantity.REMAINDER: "batch-size",
    Quantity.ROLL_NUMBER: "batch-size",
    Quantity.OPTIMIZER: "optimizer",
    Quantity.LOSS_FUNCTION: "loss",
    Quantity.EPOCHS: "epochs",
    Quantity.CLASS_GROUP: "classes",
    Quantity.CONFUSION_MATRIX: "confusion-matrix",
    Quantity.LAYER_PARAMETERS: "layer-counts",
    Quantity.TOTAL_PARAMETERS: "total-parameters",
    Quantity.NON_TRAINABLE_PARAMETERS: "non-trainable",
    Quantity.ACCURACY: "accuracy",
    Quantity.ERROR_RATE: "accuracy",
    Quantity.IMAGES_RIGHT: "accuracy",
    Quantity.LINK: "colab-link",
    Quantity.NETWORK: "network",
}
"""The check that each quantity answers; a wrong claim about another one is a slip in the report's content."""
_ALTERED = frozenset({Rule.OWN_RESULTS, Rule.OWN_TEXT, Rule.OWN_WEIGHTS})
"""Rules by which a report of ours is proved to have been changed."""
_BY_PLACE = frozenset({"layer-counts", "content"})
"""Checks of which several wrong claims about one experiment are several faults; of the others they are one."""
_SETTINGS = {
    "batch-size": Quantity.BATCH_SIZE,
    "optimizer": Quantity.OPTIMIZER,
    "loss": Quantity.LOSS_FUNCTION,
    "epochs": Quantity.EPOCHS,
    "colab-link": Quantity.LINK,
}
"""Checks that a single right claim meets."""
_RATES = frozenset({Quantity.ACCURACY, Quantity.ERROR_RATE, Quantity.IMAGES_RIGHT})
_OPEN = frozenset({Rule.ASSIGNMENT, Rule.NO_REFERENT, Rule.NO_VALUE, Rule.MATRIX})
"""Rules whose undecided claims leave a check to a person."""


def from_ledger(ledger: Ledger, assignment: Assignment, text: str = "") -> tuple[Finding, ...]:
    """Turn the claims of a report into findings of the rubric's checks.

    A wrong claim is a fault, once for each cause. A right one meets its check only where it settles it. What a report
    lacks is a fault only where its text shows that it stands nowhere, however it might be worded.

    Args:
        ledger: what verify found.
        assignment: that the ledger was held against.
        text: all that the report says; without it nothing that is missing is a fault.

    Raises:
        UsageError: the ledger's roll number does not fit the assignment.
    """
    subject = make_subject(assignment, ledger.roll)
    faults = list(_faults(ledger, subject))
    wrong = {(finding.check, finding.experiment) for finding in faults if finding.kind is FindingKind.FAULT}
    right = [
        finding
        for finding in (*_met(ledger, subject), *judge_layers(ledger, subject), *find_missing(ledger, subject, text))
        if not {(finding.check, finding.experiment), (finding.check, None)} & wrong
    ]
    return tuple(
        finding.model_copy(update={"file": ledger.source})
        for finding in (*faults, *_deviations(ledger), *right, *_notes(ledger))
    )


def _faults(ledger: Ledger, subject: Subject) -> Iterator[Finding]:
    causes: dict[tuple[str, str | None, str], list[Claim]] = defaultdict(list)
    wrong = list(ledger.contradicted)
    for claim in wrong:
        check = "content" if claim.rule in _ALTERED else _check_of(claim, subject)
        experiment = None if check == "content" else claim.experiment
        cause = claim.quantity if check not in _BY_PLACE or claim.rule in _ALTERED else str(claim.place)
        if check == "layer-counts":
            experiment, cause = _first_with(claim, experiment, subject), f"{claim.expected}, not {claim.found}"
        causes[check, experiment, cause].append(claim)
    matrices = {claim.experiment for claim in wrong if claim.quantity is Quantity.CONFUSION_MATRIX}
    for (check, experiment, _), claims in causes.items():
        yield _fault(check, experiment, claims, wrong, experiment in matrices)


def _check_of(claim: Claim, subject: Subject) -> str:
    """The check that a wrong claim answers; a sum that should have given a count of the network is about that count."""
    if claim.quantity is not Quantity.ARITHMETIC:
        return _CHECKS.get(claim.quantity, "content")
    expected = _whole(claim.expected)
    for part in subject.parts:
        if expected and not part.free and any(layer.trainable == expected for layer in part.count.layers):
            return "layer-counts"
        if expected and not part.free and part.count.trainable == expected:
            return "total-parameters"
    return "content"


def _first_with(claim: Claim, experiment: str | None, subject: Subject) -> str | None:
    """The first experiment with a layer of that count: a slip in a layer that two share is one slip."""
    expected = _whole(claim.expected)
    owners = [
        part.id
        for part in subject.parts
        if not part.free and any(layer.trainable == expected for layer in part.count.layers)
    ]
    return owners[0] if owners else experiment


def _fault(
    check: str, experiment: str | None, claims: Sequence[Claim], wrong: Sequence[Claim], matrix_wrong: bool
) -> Finding:
    claim = claims[0]
    kind, reason = FindingKind.FAULT, claim.how
    if check == "content" and claim.rule not in _ALTERED:
        kind, reason = FindingKind.UNDECIDED, f"a number is wrong, by {claim.how}; a person decides what that costs"
    elif check == "batch-size":
        kind, reason = FindingKind.NOTE, f"a slip on the way to the batch size: {claim.how}"
    elif check == "accuracy" and matrix_wrong and claim.rule is Rule.MATRIX:
        kind, reason = FindingKind.UNDECIDED, f"{claim.how}; but the matrix that this is held against is wrong itself"
    elif check == "total-parameters" and _follows(claim, wrong):
        kind = FindingKind.UNDECIDED
        reason = f"{claim.how}; it is wrong by as much as a layer's count is, so it is one slip and not two"
    if len(claims) > 1:
        reason += f" (and {len(claims) - 1} more that go with it)"
    return Finding(
        check=check,
        kind=kind,
        experiment=experiment,
        place=claim.place,
        text=claim.text,
        reason=reason,
        expected=claim.expected,
        found=claim.found,
    )


def _follows(total: Claim, wrong: Sequence[Claim]) -> bool:
    """Tell whether a total is wrong by what wrong counts of layers make of it."""
    off = _difference(total)
    slips = {_difference(claim) for claim in wrong if claim.quantity is Quantity.LAYER_PARAMETERS} - {None, 0}
    return off is not None and off in slips


def _difference(claim: Claim) -> int | None:
    found, expected = _whole(claim.number.value if claim.number else None), _whole(claim.expected)
    return found - expected if found is not None and expected is not None else None


def _whole(text: str | None) -> int | None:
    """The whole number that a typed value is."""
    plain = (text or "").replace(",", "")
    return int(plain) if plain.isdecimal() else None


def _deviations(ledger: Ledger) -> Iterator[Finding]:
    """One finding for each network and each setting that is not the assignment's."""
    seen: set[tuple[str, str | None]] = set()
    for claim in ledger.deviating:
        check = _CHECKS.get(claim.quantity, "content")
        if (check, claim.experiment) in seen:
            continue
        seen.add((check, claim.experiment))
        longer = check == "epochs" and (_difference(claim) or 0) >= 0
        experiment = claim.experiment if check in {"network", "epochs", "classes"} else None
        yield _from_claim(check, FindingKind.MET if longer else FindingKind.FAULT, experiment, claim)


def _met(ledger: Ledger, subject: Subject) -> Iterator[Finding]:
    deviating = {claim.quantity for claim in ledger.deviating}
    for check, quantity in sorted(_SETTINGS.items()):
        own = [claim for claim in ledger.claims if claim.quantity is quantity]
        right = next((claim for claim in own if claim.verdict is Verdict.VERIFIED and claim.rule in _OPEN), None)
        open_claim = next((one for one in own if one.verdict is Verdict.UNVERIFIABLE and one.rule in _OPEN), None)
        if quantity in deviating:
            continue
        if right is not None:
            yield _from_claim(check, FindingKind.MET, None, right)
        elif open_claim is not None:
            yield _from_claim(check, FindingKind.UNDECIDED, None, open_claim)
    for part in subject.parts:
        if not part.free:
            yield from _met_in(part, ledger)


def _met_in(part: Part, ledger: Ledger) -> Iterator[Finding]:
    for check, quantity in (
        ("total-parameters", Quantity.TOTAL_PARAMETERS),
        ("non-trainable", Quantity.NON_TRAINABLE_PARAMETERS),
    ):
        own = [claim for claim in ledger.claims if claim.quantity is quantity and claim.experiment == part.id]
        right = next((claim for claim in own if claim.verdict is Verdict.VERIFIED), None)
        if right is not None:
            yield _from_claim(check, FindingKind.MET, part.id, right)
        elif own and own[0].verdict is Verdict.UNVERIFIABLE:
            yield _from_claim(check, FindingKind.UNDECIDED, part.id, own[0])
    groups = {
        claim.expected
        for claim in ledger.verified
        if claim.quantity is Quantity.CLASS_GROUP and claim.experiment == part.id and claim.expected
    }
    if part.asked.groups is not None and len(groups) == part.classes:
        reason = f"all {part.classes} classes are the assignment's"
        yield Finding(check="classes", kind=FindingKind.MET, experiment=part.id, reason=reason)
    matrices = [
        claim
        for claim in ledger.claims
        if claim.quantity is Quantity.CONFUSION_MATRIX and claim.experiment == part.id and claim.rule is Rule.MATRIX
    ]
    matrix = next((claim for claim in matrices if claim.verdict is Verdict.VERIFIED), None)
    if matrix is not None:
        yield _from_claim("confusion-matrix", FindingKind.MET, part.id, matrix)
    elif matrices and matrices[0].verdict is Verdict.UNVERIFIABLE:
        yield _from_claim("confusion-matrix", FindingKind.UNDECIDED, part.id, matrices[0])
    yield from _accuracy(part, ledger)


def _accuracy(part: Part, ledger: Ledger) -> Iterator[Finding]:
    own = [
        claim
        for claim in ledger.claims
        if claim.quantity in _RATES and claim.number is not None and claim.experiment == part.id
    ]
    by_matrix = next((one for one in own if one.verdict is Verdict.VERIFIED and one.rule is Rule.MATRIX), None)
    if by_matrix is not None:
        yield _from_claim("accuracy", FindingKind.MET, part.id, by_matrix)
        return
    said = next((claim for claim in own if claim.verdict is not Verdict.CONTRADICTED), None)
    if said is not None:
        finding = _from_claim("accuracy", FindingKind.UNDECIDED, part.id, said)
        reason = "an accuracy is given, but no confusion matrix in numbers to hold it against"
        yield finding.model_copy(update={"reason": reason})


def _from_claim(check: str, kind: FindingKind, experiment: str | None, claim: Claim) -> Finding:
    reason = claim.how if claim.decide is None else f"{claim.how}; to decide it: {claim.decide}"
    return Finding(
        check=check,
        kind=kind,
        experiment=experiment,
        place=claim.place,
        text=claim.text,
        reason=reason,
        expected=claim.expected if kind is not FindingKind.MET or check == "epochs" else None,
        found=claim.found,
    )


def _notes(ledger: Ledger) -> Iterator[Finding]:
    for note in ledger.notes:
        yield Finding(
            check="content", kind=FindingKind.NOTE, experiment=note.experiment, place=note.place, reason=note.text
        )
    if any(claim.rule is Rule.NO_TEXT for claim in ledger.unverifiable):
        reason = "the report has no text that can be read: a person looks at it"
        yield Finding(check="content", kind=FindingKind.UNDECIDED, place=Place(), reason=reason)
