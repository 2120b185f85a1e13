"""Reports that reportgen wrote: nothing that they carry is taken on trust."""

from typing import TYPE_CHECKING

from reportgen import __version__
from reportgen.assignment.spec import Assignment
from reportgen.documents.blocks import Block, Document, Place
from reportgen.errors import ReportgenError, ResultsError
from reportgen.verification.findings import Findings
from reportgen.verification.judge import Proof, judge
from reportgen.verification.ledger import Ledger, Verdict

if TYPE_CHECKING:  # what works a report out again is loaded for reports that carry results, and most are strangers'
    from reportgen.own_reports.reprinted import Altered
    from reportgen.results.schema import Results

_FILE = "results.json"
_NAMES = (_FILE, "results")
_MARK = b'"plan_digest"'
_FOREIGN = 0.2
"""Part of the numbers that may differ before the text counts as written by other templates."""


def judge_report(document: Document, assignment: Assignment, roll: str | None = None, content: bytes = b"") -> Ledger:
    """Judge any document; a report of ours also by the results that it carries. Arguments as of `judge`.

    Raises:
        UsageError: the roll number given does not fit the assignment.
    """
    findings = Findings()
    carried = carried_results(document, findings)
    if carried is None:
        ledger = judge(document, assignment, roll, content)
        return ledger.model_copy(update={"claims": (*ledger.claims, *findings.claims)})
    complete = check_own(document, content, carried, assignment, findings)
    return judge(document, assignment, roll, content, Proof(findings, complete, carried.plan.preview))


def carried_results(document: Document, findings: Findings) -> "Results | None":
    """Read the results that a report carries; None where it carries none of ours, or broken ones."""
    for name in _NAMES:
        content = document.attachments.get(name)
        if content is None or _MARK not in content:
            continue
        from reportgen.results import reading

        try:
            return reading.parse(content, name)
        except (ResultsError, RecursionError) as error:
            findings.add(
                "results",
                Verdict.CONTRADICTED,
                _nowhere(),
                name,
                str(error) or "it is nested too deeply",
                expected="results that hold together",
                found="a file that was altered",
            )
    return None


def check_own(
    document: Document, content: bytes, carried: "Results", assignment: Assignment, findings: Findings
) -> bool:
    """Work out a report's results again, then hold every number that it prints against them.

    Returns:
        Whether every printed number was compared, so that nothing is left to judge by its words.
    """
    from reportgen.own_reports.rederive import rederive
    from reportgen.own_reports.reprinted import find_altered

    try:
        derived, discrepancies = rederive(carried, assignment)
        altered, numbers = find_altered(document, content, derived)
    except (ReportgenError, ArithmeticError, LookupError, ValueError) as error:
        findings.add(
            "results",
            Verdict.CONTRADICTED,
            _nowhere(),
            _FILE,
            f"no report can be made from it: {error}",
            expected="results that hold together",
            found="a file that was altered",
        )
        return False
    for entry in discrepancies:
        reworded = entry.path.startswith("assignment") and carried.reportgen != __version__
        findings.add(
            "results",
            Verdict.UNVERIFIABLE if reworded else Verdict.CONTRADICTED,
            _nowhere(),
            f"{_FILE}: {entry.path}",
            entry.rule,
            expected=entry.derived,
            found=entry.stored,
            decide=f"the assignment as reportgen {carried.reportgen} had it" if reworded else None,
        )
    if not discrepancies:
        findings.add(
            "results",
            Verdict.VERIFIED,
            _nowhere(),
            _FILE,
            "plan, counts, scores and tests worked out again from the assignment, the labels and the predictions",
        )
    _enter_changes(carried, assignment, findings)
    return _enter_altered(altered, numbers, carried, findings)


def _enter_changes(carried: "Results", assignment: Assignment, findings: Findings) -> None:
    """Enter what the plan does otherwise than the assignment asks: right in itself, and a deviation."""
    asked = {experiment.id: experiment.training.epochs for experiment in assignment.experiments}
    for experiment in carried.plan.experiments:
        wanted, epochs = asked.get(experiment.id), experiment.training.epochs
        if wanted is not None and wanted != epochs:
            findings.add(
                "epochs",
                Verdict.VERIFIED,
                _nowhere(),
                f"{experiment.id}: {epochs} epochs",
                "the plan that the report carries; the assignment asks for another number",
                expected=f"{wanted} by the assignment",
                found=epochs,
                experiment=experiment.id,
                deviation=True,
            )


def _enter_altered(altered: "list[Altered]", numbers: int, carried: "Results", findings: Findings) -> bool:
    if altered and (carried.reportgen != __version__ or len(altered) > _FOREIGN * numbers):
        findings.add(
            "printed-number",
            Verdict.UNVERIFIABLE,
            _nowhere(),
            f"{len(altered)} of {numbers:,} numbers",
            f"the text was not written by this version's templates (it says reportgen {carried.reportgen})",
            decide="the templates that wrote it",
        )
        return False
    for entry in altered:
        findings.add(
            "printed-number",
            Verdict.CONTRADICTED,
            entry.block,
            entry.context,
            "the same report rendered from its re-derived results",
            expected=entry.expected or "no number here",
            found=entry.found or "no number",
        )
    if not altered:
        findings.add(
            "printed-number",
            Verdict.VERIFIED,
            _nowhere(),
            f"{numbers:,} numbers",
            "the same report rendered from its re-derived results",
        )
    return True


def _nowhere() -> Block:
    return Block("text", "", Place())
