"""Reports that reportgen wrote: nothing that they carry is taken on trust."""

import hashlib
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

from reportgen import __version__
from reportgen.assignment.plan import fits
from reportgen.assignment.spec import Assignment
from reportgen.documents.blocks import Block, Document, Place
from reportgen.errors import ReportgenError, ResultsError
from reportgen.verification.facts.code import Code
from reportgen.verification.judge import Proof, judge
from reportgen.verification.ledger import Claim, Fact, Ledger, Number, Quantity, Rule, Scope, Source, Verdict

if TYPE_CHECKING:  # what works a report out again is loaded for reports that carry results, and most are strangers'
    from reportgen.own_reports.reprinted import Altered
    from reportgen.results.schema import Results

_FILE = "results.json"
_NAMES = (_FILE, "results")
_MARK = b'"plan_digest"'
_FOREIGN = 0.2
"""Part of the numbers that may differ before the text counts as written by other templates."""


def judge_report(
    document: Document,
    assignment: Assignment | None,
    roll: str | None = None,
    content: bytes = b"",
    code: Code | None = None,
) -> Ledger:
    """Judge any document; a report of ours also by the results that it carries. Arguments as of `judge`.

    Raises:
        UsageError: the roll number given does not fit the assignment.
    """
    carried, claims = carried_results(document)
    if carried is None or assignment is None:
        ledger = judge(document, assignment, roll, content, code=code)
        return ledger.model_copy(update={"claims": (*ledger.claims, *claims)})
    own, complete = check_own(document, content, carried, assignment, roll or _named(document, assignment))
    proof = Proof((*claims, *own), complete, carried.plan.preview)
    return judge(document, assignment, roll, content, proof, code)


def carried_results(document: Document) -> "tuple[Results | None, tuple[Claim, ...]]":
    """Read the results that a report carries; None where it carries none of ours, and a claim where they are broken."""
    for name in _NAMES:
        content = document.attachments.get(name)
        if content is None or _MARK not in content:
            continue
        from reportgen.results import reading

        try:
            return reading.parse(content, name), ()
        except (ResultsError, RecursionError) as error:
            return None, (_broken(name, str(error) or "it is nested too deeply"),)
    return None, ()


def check_own(
    document: Document, content: bytes, carried: "Results", assignment: Assignment, roll: str | None = None
) -> tuple[tuple[Claim, ...], bool]:
    """Work out a report's results again, then hold every number that it prints against them.

    Returns:
        The claims, and whether every printed number was compared, so that nothing is left to judge by its words.
    """
    from reportgen.own_reports.rederive import rederive
    from reportgen.own_reports.reprinted import find_altered

    try:
        derived, discrepancies = rederive(carried, assignment)
        altered, numbers = find_altered(document, content, derived)
    except (ReportgenError, ArithmeticError, LookupError, ValueError) as error:
        return (_broken(_FILE, f"no report can be made from it: {error}"),), False
    claims = []
    for entry in discrepancies:
        reworded = entry.path.startswith("assignment") and carried.reportgen != __version__
        claims.append(
            _claim(
                Quantity.RESULTS,
                Verdict.UNVERIFIABLE if reworded else Verdict.CONTRADICTED,
                Rule.OWN_RESULTS,
                f"{_FILE}: {entry.path}",
                entry.rule,
                expected=entry.derived,
                found=entry.stored,
                decide=f"the assignment as reportgen {carried.reportgen} had it" if reworded else None,
            )
        )
    if not discrepancies:
        how = "plan, counts, scores and tests worked out again from the assignment, the labels and the predictions"
        claims.append(_claim(Quantity.RESULTS, Verdict.VERIFIED, Rule.OWN_RESULTS, _FILE, how))
    claims += [*_measured(carried), *_changes(carried, assignment), *_elsewhere(carried, roll)]
    printed, complete = _printed(altered, numbers, carried)
    return (*claims, *printed), complete


def _changes(carried: "Results", assignment: Assignment) -> list[Claim]:
    """What the plan does otherwise than the assignment asks: true, and a deviation."""
    asked = {experiment.id: experiment.training.epochs for experiment in assignment.experiments}
    return [
        _claim(
            Quantity.EPOCHS,
            Verdict.DEVIATES,
            Rule.ASSIGNMENT,
            f"{experiment.id}: {experiment.training.epochs} epochs",
            "the plan that the report carries; the assignment asks for another number",
            expected=str(asked[experiment.id]),
            found=str(experiment.training.epochs),
            experiment=experiment.id,
            source=Source.ASSIGNMENT,
        )
        for experiment in carried.plan.experiments
        if asked.get(experiment.id) not in {None, experiment.training.epochs}
    ]


def _printed(altered: "list[Altered]", numbers: int, carried: "Results") -> tuple[list[Claim], bool]:
    how = "the same report rendered from its re-derived results"
    foreign: list[Claim] = []
    if altered and (carried.reportgen != __version__ or len(altered) > _FOREIGN * numbers):
        # what a document says of itself takes nothing back: a changed version once hid 12 changed numbers
        certain = [entry for entry in altered if entry.certain]
        if len(altered) > len(certain):
            foreign.append(
                _claim(
                    Quantity.PRINTED_NUMBER,
                    Verdict.UNVERIFIABLE,
                    Rule.OWN_TEXT,
                    f"{len(altered) - len(certain)} of {numbers:,} numbers",
                    f"the text was not written by this version's templates (it says reportgen {carried.reportgen})",
                    decide="the templates that wrote it",
                )
            )
        altered = certain
    claims = [
        _claim(
            Quantity.PRINTED_NUMBER,
            Verdict.CONTRADICTED,
            Rule.OWN_TEXT,
            entry.context,
            how,
            expected=entry.expected or "no number here",
            found=entry.found or "no number",
            block=entry.block,
        )
        for entry in altered
    ]
    if foreign:
        return [*claims, *foreign], False
    return claims or [
        _claim(Quantity.PRINTED_NUMBER, Verdict.VERIFIED, Rule.OWN_TEXT, f"{numbers:,} numbers", how)
    ], True


def _measured(carried: "Results") -> Iterator[Claim]:
    """What only the trained weights prove: predictions that hold together may have been made by no network."""
    for result in carried.experiments:
        yield _claim(
            Quantity.WEIGHTS,
            Verdict.UNVERIFIABLE,
            Rule.OWN_WEIGHTS,
            f"{result.id}: {result.score.correct:,} of {result.score.total:,} test images right, "
            f"loss {result.test_loss:.4f}, and the epochs before",
            "the predictions hold together; that the network made them is not shown by the report",
            decide="the trained weights: --weights",
            experiment=result.id,
        )


def _elsewhere(carried: "Results", roll: str | None) -> Iterator[Claim]:
    """What was computed for somebody else, or with another seed than reportgen gives: said, and true of that one."""
    plan = carried.plan
    if roll is not None and roll != plan.roll:
        yield _claim(
            Quantity.RESULTS,
            Verdict.DEVIATES,
            Rule.OWN_RESULTS,
            f"{_FILE}: roll number {plan.roll}",
            "the results were computed for another roll number than the report's",
            expected=roll,
            found=plan.roll,
        )
    for result in carried.experiments:
        seed = _seed_of(plan.seed, result.id)
        if result.seed != seed:
            yield _claim(
                Quantity.RESULTS,
                Verdict.DEVIATES,
                Rule.OWN_RESULTS,
                f"{_FILE}: seed {result.seed} of {result.id}",
                f"the seed of an experiment follows from the plan's, {plan.seed}",
                expected=str(seed),
                found=str(result.seed),
                experiment=result.id,
            )


def _seed_of(seed: int, experiment: str) -> int:
    """Seed of an experiment: the first four bytes of SHA-256 of the plan's seed and the id, less the last bit."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{experiment}".encode()).digest()[:4]) >> 1


def _named(document: Document, assignment: Assignment) -> str | None:
    """The roll number that the file is named like."""
    stem = PurePath(document.source).stem
    return stem if fits(assignment.roll, stem) else None


def _broken(name: str, why: str) -> Claim:
    expected, found = "results that hold together", "a file that was altered"
    return _claim(Quantity.RESULTS, Verdict.CONTRADICTED, Rule.OWN_RESULTS, f"{name}: {found}", why, expected=expected)


def _claim(
    quantity: Quantity,
    verdict: Verdict,
    rule: Rule,
    text: str,
    how: str,
    *,
    expected: str | None = None,
    found: str | None = None,
    decide: str | None = None,
    experiment: str | None = None,
    source: Source = Source.RESULTS,
    block: Block | None = None,
) -> Claim:
    return Claim(
        quantity=quantity,
        verdict=verdict,
        rule=rule,
        place=block.place if block else Place(),
        text=" ".join(text.split())[:400],
        scope=Scope(experiment=experiment),
        number=Number(printed=found[:200], value=found[:200]) if found is not None else None,
        fact=Fact(value=expected[:200], source=source) if expected is not None else None,
        how=how,
        decide=decide,
    )
