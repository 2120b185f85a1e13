"""What the claims of a report say of the rubric's checks."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from reportgen.assignment.spec import Assignment
from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.missing_parts import find_missing
from reportgen.grading.findings.worked_layers import judge_layers
from reportgen.verification.facts.subject import Part, Subject, make_subject
from reportgen.verification.ledger import Claim, Ledger, Verdict

_CHECKS = {
    "batch-size": "batch-size",
    "remainder": "batch-size",
    "roll-number": "batch-size",
    "optimizer": "optimizer",
    "loss": "loss",
    "epochs": "epochs",
    "class-group": "classes",
    "confusion-matrix": "confusion-matrix",
    "layer-count": "layer-counts",
    "total": "total-parameters",
    "non-trainable": "non-trainable",
    "accuracy": "accuracy",
    "test-accuracy": "accuracy",
    "correct-images": "accuracy",
    "colab-link": "colab-link",
}
"""The check that each kind of claim answers; a wrong claim of another kind is a slip in the report's content."""
_ALTERED = frozenset({"results", "printed-number"})
"""Kinds of claims about a report of ours that prove that somebody changed it."""
_BY_PLACE = frozenset({"layer-counts", "content"})
"""Checks of which several wrong claims about one experiment are several faults; of the others they are one."""
_SETTINGS = frozenset({"batch-size", "optimizer", "loss", "epochs", "colab-link"})
"""Checks that a single right claim meets."""
_RATES = frozenset({"accuracy", "test-accuracy", "correct-images"})


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
    places = {(claim.place, claim.kind == "arithmetic") for claim in wrong}
    batch_wrong = any(claim.kind == "batch-size" for claim in wrong)
    for claim in wrong:
        if claim.kind == "arithmetic" and (claim.place, False) in places:
            continue  # the same slip, judged by what it is about
        if claim.kind in {"remainder", "roll-number"} and batch_wrong:
            continue  # the way to the wrong batch size
        check = _check_of(claim)
        experiment = None if check == "content" else _experiment(claim, subject)
        cause = claim.kind if check not in _BY_PLACE or claim.kind in _ALTERED else str(claim.place)
        if check == "layer-counts" and claim.kind != "arithmetic":
            experiment, cause = _first_with(claim, experiment, subject), f"{claim.expected}, not {claim.found}"
        causes[check, experiment, cause].append(claim)
    matrices = {_experiment(claim, subject) for claim in wrong if claim.kind == "confusion-matrix"}
    for (check, experiment, _), claims in causes.items():
        yield _fault(check, experiment, claims, wrong, experiment in matrices)


def _check_of(claim: Claim) -> str:
    if claim.kind != "arithmetic":
        return _CHECKS.get(claim.kind, "content")
    if re.search(r"%|\bmod\b", claim.text):
        return "batch-size"
    sides = claim.text.split("=")[0]
    if re.search(r"[*×·]", sides) and "+" in sides:
        return "layer-counts"
    return "total-parameters" if sides.count("+") > 1 else "content"


def _experiment(claim: Claim, subject: Subject) -> str | None:
    """The experiment that a claim is about; where it doesn't say, the only one that its rule names."""
    if claim.experiment is not None:
        return claim.experiment
    named = [part.id for part in subject.parts if re.search(rf"\b{re.escape(part.asked.short_title)}\b", claim.rule)]
    return named[0] if len(named) == 1 else None


def _first_with(claim: Claim, experiment: str | None, subject: Subject) -> str | None:
    """The first experiment with a layer of that count: a slip in a layer that two share is one slip."""
    owners = [
        part.id
        for part in subject.parts
        if not part.free and any(f"{layer.trainable:,}" == claim.expected for layer in part.count.layers)
    ]
    return owners[0] if owners else experiment


def _fault(
    check: str, experiment: str | None, claims: Sequence[Claim], wrong: Sequence[Claim], matrix_wrong: bool
) -> Finding:
    claim = claims[0]
    kind, reason = FindingKind.FAULT, claim.rule
    if check == "content" and claim.kind not in _ALTERED:
        kind, reason = FindingKind.UNDECIDED, f"a number is wrong, by {claim.rule}; a person decides what that costs"
    elif claim.kind in {"remainder", "roll-number"} or (check == "batch-size" and claim.kind == "arithmetic"):
        kind, reason = FindingKind.NOTE, f"a slip on the way to the batch size: {claim.rule}"
    elif check == "accuracy" and matrix_wrong and re.search(r"matrix|diagonal|beside it", claim.rule):
        kind, reason = FindingKind.UNDECIDED, f"{claim.rule}; but the matrix that this is held against is wrong itself"
    elif check == "total-parameters" and _follows(claim, wrong):
        kind = FindingKind.UNDECIDED
        reason = f"{claim.rule}; it is wrong by as much as a layer's count is, so it is one slip and not two"
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
    slips = {_difference(claim) for claim in wrong if claim.kind == "layer-count"} - {None, 0}
    return off is not None and off in slips


def _difference(claim: Claim) -> int | None:
    numbers = [re.search(r"\d[\d,]*", text or "") for text in (claim.found, claim.expected)]
    if not all(numbers):
        return None
    found, expected = (int(number[0].replace(",", "")) for number in numbers if number)
    return found - expected


def _deviations(ledger: Ledger) -> Iterator[Finding]:
    """One finding for each experiment whose network, and each training whose length, is not the assignment's."""
    seen: set[tuple[str, str | None]] = set()
    # counts that are right for what the report describes say it for sure; a size alone may be a slip
    for claim in sorted(ledger.claims, key=lambda claim: claim.verdict is not Verdict.VERIFIED):
        check = "epochs" if claim.kind == "epochs" else "network"
        if not claim.deviation or (check, claim.experiment) in seen:
            continue
        if check == "epochs" and claim.verdict is not Verdict.VERIFIED:
            continue
        seen.add((check, claim.experiment))
        kind = FindingKind.FAULT if claim.verdict is Verdict.VERIFIED else FindingKind.UNDECIDED
        if check == "epochs" and (_difference(claim) or 0) >= 0:
            kind = FindingKind.MET
        yield Finding(
            check=check,
            kind=kind,
            experiment=claim.experiment,
            place=claim.place,
            text=claim.text,
            reason=claim.rule if claim.decide is None else f"{claim.rule}; to decide it: {claim.decide}",
            expected=claim.expected,
            found=claim.found,
        )


def _met(ledger: Ledger, subject: Subject) -> Iterator[Finding]:
    for check in sorted(_SETTINGS):
        own = [claim for claim in ledger.claims if claim.kind == check]
        right = next((claim for claim in own if claim.verdict is Verdict.VERIFIED and not claim.deviation), None)
        open_claim = next((claim for claim in own if claim.verdict is Verdict.UNVERIFIABLE), None)
        if right is not None:
            yield _from_claim(check, FindingKind.MET, None, right)
        elif open_claim is not None:
            yield _from_claim(check, FindingKind.UNDECIDED, None, open_claim)
    for part in subject.parts:
        if not part.free:
            yield from _met_in(part, ledger)


def _met_in(part: Part, ledger: Ledger) -> Iterator[Finding]:
    for check, kind in (("total-parameters", "total"), ("non-trainable", "non-trainable")):
        own = [claim for claim in ledger.claims if claim.kind == kind and claim.experiment == part.id]
        right = next((claim for claim in own if claim.verdict is Verdict.VERIFIED), None)
        if right is not None:
            yield _from_claim(check, FindingKind.MET, part, right)
        elif own and own[0].verdict is Verdict.UNVERIFIABLE:
            yield _from_claim(check, FindingKind.UNDECIDED, part, own[0])
    groups = {
        claim.expected
        for claim in ledger.verified
        if claim.kind == "class-group" and claim.experiment == part.id and claim.expected
    }
    if part.asked.groups is not None and len(groups) == part.classes:
        reason = f"all {part.classes} classes are the assignment's"
        yield Finding(check="classes", kind=FindingKind.MET, experiment=part.id, reason=reason)
    matrices = [claim for claim in ledger.claims if claim.kind == "confusion-matrix" and claim.experiment == part.id]
    matrix = next((claim for claim in matrices if claim.verdict is Verdict.VERIFIED), None)
    if matrix is not None:
        yield _from_claim("confusion-matrix", FindingKind.MET, part, matrix)
    elif matrices and matrices[0].verdict is Verdict.UNVERIFIABLE:
        yield _from_claim("confusion-matrix", FindingKind.UNDECIDED, part, matrices[0])
    yield from _accuracy(part, ledger, matrix is not None)


def _accuracy(part: Part, ledger: Ledger, matrix: bool) -> Iterator[Finding]:
    own = [claim for claim in ledger.claims if claim.kind in _RATES and claim.experiment == part.id]
    right = [claim for claim in own if claim.verdict is Verdict.VERIFIED]
    by_matrix = next((claim for claim in right if matrix or "confusion matrix" in claim.rule), None)
    if by_matrix is not None:
        yield _from_claim("accuracy", FindingKind.MET, part, by_matrix)
        return
    said = next((claim for claim in own if claim.verdict is not Verdict.CONTRADICTED), None)
    if said is not None:
        finding = _from_claim("accuracy", FindingKind.UNDECIDED, part, said)
        reason = "an accuracy is given, but no confusion matrix in numbers to hold it against"
        yield finding.model_copy(update={"reason": reason})


def _from_claim(check: str, kind: FindingKind, part: Part | None, claim: Claim) -> Finding:
    reason = claim.rule if claim.decide is None else f"{claim.rule}; to decide it: {claim.decide}"
    return Finding(
        check=check,
        kind=kind,
        experiment=part.id if part else None,
        place=claim.place,
        text=claim.text,
        reason=reason,
        expected=claim.expected if kind is FindingKind.UNDECIDED else None,
        found=claim.found,
    )


def _notes(ledger: Ledger) -> Iterator[Finding]:
    for note in ledger.notes:
        yield Finding(
            check="content", kind=FindingKind.NOTE, experiment=note.experiment, place=note.place, reason=note.text
        )
    if any(claim.kind == "text" for claim in ledger.unverifiable):
        reason = "the report has no text that can be read: a person looks at it"
        yield Finding(check="content", kind=FindingKind.UNDECIDED, place=Place(), reason=reason)
