"""Marks from findings: the policy, and nothing else. Reads no submission."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from reportgen.assignment.checks import CHECKS
from reportgen.assignment.spec import Assignment, Criterion
from reportgen.grading.dossiers import Dossier, Finding, FindingKind
from reportgen.grading.marks.marks import CriterionMark, Decision, Marks, Outcome, Override

Overrides = Mapping[tuple[str, str], Override]
"""A person's decisions, by roll number (or a submission's id) and criterion."""
WHOLE = "report"
"""The part of a rubric that is about the whole submission and no single experiment."""
_STEP = Fraction(1, 4)
_RANK = {FindingKind.FAULT: 0, FindingKind.UNDECIDED: 1, FindingKind.MET: 2, FindingKind.NOTE: 3}


def mark(dossier: Dossier, assignment: Assignment, overrides: Overrides) -> Marks:
    """Mark a submission by the assignment's rubric.

    A criterion's points are shared equally among its checks. A check is not met where a finding is a fault, undecided
    where one is undecided or nothing was found, else met. What is undecided makes the points a range. A person's
    decision on a criterion replaces all that. A submission in which nothing could be read has no marks, except those
    that a person gives.
    """
    key = dossier.roll or dossier.id
    decided = {criterion: override for (student, criterion), override in overrides.items() if student == key}
    readable = _is_readable(dossier)
    criteria: tuple[CriterionMark, ...] = ()
    if readable or decided:
        criteria = tuple(
            _mark(criterion, dossier.findings, decided.get(criterion.id)) for criterion in assignment.rubric
        )
    used = {id(finding) for criterion in criteria for decision in criterion.decisions for finding in decision.findings}
    return Marks(
        id=dossier.id,
        roll=dossier.roll,
        name=dossier.name,
        readable=readable,
        criteria=criteria,
        notes=tuple(finding for finding in dossier.findings if id(finding) not in used),
        problems=dossier.problems,
    )


def share(points: float, checks: int) -> tuple[Fraction, ...]:
    """Part points equally, in quarters of a point as far as they go; the parts add up exactly."""
    whole = Fraction(str(points))
    if whole < checks * _STEP:
        return (whole / checks,) * checks
    ends = [round(whole * part / checks / _STEP) * _STEP for part in range(checks)] + [whole]
    return tuple(later - earlier for earlier, later in pairwise(ends))


def _is_readable(dossier: Dossier) -> bool:
    """Tell whether anything but the names of the files is known."""
    known = any(finding.check != "files" for finding in dossier.findings)
    return known or dossier.ledger is not None or bool(dossier.pictures)


def _mark(criterion: Criterion, findings: Sequence[Finding], override: Override | None) -> CriterionMark:
    decisions = tuple(_decide(check, criterion.part, findings) for check in criterion.checks)
    outcomes = [decision.outcome for decision in decisions]
    least = most = Fraction(0)
    if decisions:
        for outcome, points in zip(outcomes, share(criterion.points, len(decisions)), strict=True):
            least += points if outcome is Outcome.MET else 0
            most += 0 if outcome is Outcome.NOT_MET else points
    else:
        most = Fraction(str(criterion.points))
    outcome = _sum_up(outcomes)
    if override is not None:
        least = most = Fraction(str(override.points))
        whole = override.points == criterion.points
        outcome = Outcome.MET if whole else Outcome.PARTLY if override.points else Outcome.NOT_MET
    return CriterionMark(
        id=criterion.id,
        part=criterion.part,
        text=criterion.text,
        points=criterion.points,
        least=float(least),
        most=float(most),
        outcome=outcome,
        decisions=decisions,
        override=override,
    )


def _sum_up(outcomes: Sequence[Outcome]) -> Outcome:
    if not outcomes or Outcome.UNDECIDED in outcomes:
        return Outcome.UNDECIDED
    return outcomes[0] if len(set(outcomes)) == 1 else Outcome.PARTLY


def _decide(check: str, part: str, findings: Sequence[Finding]) -> Decision:
    """Sum up the findings of one check; those of an experiment, and those that are about the whole."""
    own = [
        finding
        for finding in findings
        if finding.check == check and (part == WHOLE or finding.experiment in {part, None})
    ]
    own.sort(key=lambda finding: _RANK[finding.kind])
    kinds = {finding.kind for finding in own}
    if FindingKind.FAULT in kinds:
        outcome = Outcome.NOT_MET
    elif FindingKind.MET in kinds and FindingKind.UNDECIDED not in kinds:
        outcome = Outcome.MET
    else:
        outcome = Outcome.UNDECIDED
    if not kinds - {FindingKind.NOTE}:
        reason = f"nothing was found that decides whether {CHECKS[check]}"
        experiment = None if part == WHOLE else part
        own.insert(0, Finding(check=check, kind=FindingKind.UNDECIDED, experiment=experiment, reason=reason))
    return Decision(check=check, outcome=outcome, findings=tuple(own))
