"""One student's marks as a page: each point with its reason, its evidence and the right value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cache

from reportgen.assignment.checks import CHECKS
from reportgen.assignment.spec import Assignment
from reportgen.errors import PdfError
from reportgen.files import bundled_templates
from reportgen.grading.dossiers import Dossier, Finding, FindingKind
from reportgen.grading.marks.marks import CriterionMark, Decision, Marks, Outcome, Override
from reportgen.grading.marks.points import Points, add_up
from reportgen.grading.marks.policy import share
from reportgen.grading.pages.evidence import Evidence, Sources, evidence, merge
from reportgen.grading.pages.page import part_titles, render_page

_SIGNS = {
    Outcome.MET: ("✓", "good"),
    Outcome.PARTLY: ("~", "open"),
    Outcome.NOT_MET: ("✗", "bad"),
    Outcome.UNDECIDED: ("?", "open"),
}
_ORDER = (FindingKind.FAULT, FindingKind.UNDECIDED, FindingKind.NOTE)
_MOST_FINDINGS = 6
"""Of one check; a page is read by a person."""
_NO_SIGN = "_"
"""Stands in a PDF for a character that no font has."""


@dataclass(frozen=True)
class CheckView(Points):
    """What became of one check."""

    sign: str
    tone: str
    outcome: str
    asks: str
    proof: str
    """Where what meets the check stands."""
    findings: tuple[Evidence, ...]
    more: int
    """How many findings are not shown."""


@dataclass(frozen=True)
class CriterionView(Points):
    """What became of one criterion."""

    sign: str
    tone: str
    outcome: str
    text: str
    override: Override | None
    checks: tuple[CheckView, ...]


@dataclass(frozen=True)
class PartView(Points):
    """The criteria of one part of the rubric."""

    title: str
    criteria: tuple[CriterionView, ...]


def render_feedback(
    marks: Marks, dossier: Dossier, assignment: Assignment, crops: Mapping[str, bytes] | None = None
) -> str:
    """Render a student's feedback as one HTML page that needs neither network nor script.

    Args:
        marks: what the rubric and a person's decisions make of the dossier.
        dossier: gives the files and the places of the pictures.
        assignment: names the parts.
        crops: PNG files of pictures of the report, by `Picture.pixels`; each is shown once, beside a finding about it.
    """
    sources = Sources(dossier, crops or {})
    parts = tuple(_part(title, part, marks, sources) for part, title in part_titles(assignment).items())
    return render_page(
        "feedback.html",
        "feedback.css",
        who=marks.roll or marks.id,
        marks=marks,
        dossier=dossier,
        assignment=assignment,
        whole=add_up(marks.criteria) if marks.criteria else None,
        parts=[part for part in parts if part.criteria],
        notes=list(_notes(marks, assignment, sources)),
        fine=_fine(marks),
    )


def feedback_pdf(html: str, moment: datetime) -> bytes:
    """Turn a feedback page into a PDF. A character that no font on this machine has is printed as ``_``.

    ``moment`` dates nothing that can be seen; the same input gives the same bytes.

    Raises:
        PdfError: Pango is missing, or WeasyPrint warned of something else.
    """
    from reportgen.rendering.pdf import html_to_pdf  # needs WeasyPrint, which marking doesn't

    try:
        return html_to_pdf(html, {}, moment)
    except PdfError:
        covered = _covered()
        printable = "".join(sign if ord(sign) in covered or sign in "\n\t" else _NO_SIGN for sign in html)
        if printable == html:
            raise
        return html_to_pdf(printable, {}, moment)


@cache
def _covered() -> frozenset[int]:
    """The characters that the embedded fonts have."""
    from fontTools.ttLib import TTFont  # comes with WeasyPrint

    covered = []
    for name in ("Regular", "SemiBold"):
        with TTFont(bundled_templates() / "fonts" / f"Inter-{name}.ttf") as font:
            covered.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*covered)


def _part(title: str, part: str, marks: Marks, sources: Sources) -> PartView:
    own = [criterion for criterion in marks.criteria if criterion.part == part]
    whole = add_up(own)
    return PartView(
        least=whole.least,
        most=whole.most,
        whole=whole.whole,
        title=title,
        criteria=tuple(_criterion(one, sources) for one in own),
    )


def _criterion(mark: CriterionMark, sources: Sources) -> CriterionView:
    sign, tone = _SIGNS[mark.outcome]
    shares = share(mark.points, len(mark.decisions)) if mark.decisions else ()
    return CriterionView(
        least=mark.least,
        most=mark.most,
        whole=mark.points,
        sign=sign,
        tone=tone,
        outcome=mark.outcome.capitalize(),
        text=mark.text,
        override=mark.override,
        checks=tuple(_check(one, points, sources) for one, points in zip(mark.decisions, shares, strict=True)),
    )


def _check(decision: Decision, points: Fraction, sources: Sources) -> CheckView:
    sign, tone = _SIGNS[decision.outcome]
    met = decision.outcome is Outcome.MET
    shown = merge([finding for finding in decision.findings if finding.kind is not FindingKind.MET], sources)
    return CheckView(
        least=float(points) if met else 0.0,
        most=0.0 if decision.outcome is Outcome.NOT_MET else float(points),
        whole=float(points),
        sign=sign,
        tone=tone,
        outcome=decision.outcome.capitalize(),
        asks=CHECKS[decision.check],
        proof=sources.where(decision.findings[0]) if met and decision.findings else "",
        findings=shown[:_MOST_FINDINGS],
        more=max(0, len(shown) - _MOST_FINDINGS),
    )


def _notes(marks: Marks, assignment: Assignment, sources: Sources) -> Iterator[Evidence]:
    """Yield what takes no points, faults first; what is said of several experiments in the same words, once."""
    titles = {experiment.id: experiment.short_title for experiment in assignment.experiments}
    same: dict[tuple[FindingKind, str], list[Finding]] = {}
    for finding in marks.notes:
        if finding.kind is not FindingKind.MET:
            same.setdefault((finding.kind, finding.reason), []).append(finding)
    for _, alike in sorted(same.items(), key=lambda entry: _ORDER.index(entry[0][0])):
        about = dict.fromkeys(titles[one.experiment] for one in alike if one.experiment in titles)
        yield evidence(alike, sources, ", ".join(about))


def _fine(marks: Marks) -> list[str]:
    """What checks without points ask, and was found right wherever it was looked for."""
    counted = {decision.check for criterion in marks.criteria for decision in criterion.decisions}
    kinds: dict[str, set[FindingKind]] = {}
    for finding in marks.notes:
        kinds.setdefault(finding.check, set()).add(finding.kind)
    return [CHECKS[check] for check, found in kinds.items() if found == {FindingKind.MET} and check not in counted]
