"""Code and report of one submission held against each other."""

import ast
import re
from collections.abc import Iterator, Sequence

from reportgen.assignment.spec import Assignment
from reportgen.code.source import Program
from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.trained import Trained
from reportgen.verification.ledger import Claim, Ledger, Quantity

_SETTINGS = {"batch-size": Quantity.BATCH_SIZE, "epochs": Quantity.EPOCHS, "optimizer": Quantity.OPTIMIZER}
_SAID = {"batch-size": "batch size", "epochs": "number of epochs", "optimizer": "optimizer"}
_TRACES = {
    "dropout": re.compile(r"dropout", re.I),
    "batch-normalization": re.compile(r"batch_?norm", re.I),
    "data-augmentation": re.compile(r"random|augment|jitter|affine|rotat|shift|flip|noise|roll\(", re.I),
    "learning-rate-schedule": re.compile(r"sched|plateau|decay|annealing|onecycle|steplr|lr\s*\*=|\blr_", re.I),
    "early-stopping": re.compile(r"early|patience|break|best", re.I),
}
"""What the code of a technique can't do without, by technique."""


def coded_total(one: Trained) -> int | None:
    """Trainable parameters of a network as coded, when it is first trained; None where they can't be told."""
    return one.network.trainable


def check_agreement(
    trained: Sequence[Trained],
    program: Program,
    coded: Sequence[Finding],
    ledger: Ledger,
    text: str,
    assignment: Assignment,
) -> Iterator[Finding]:
    """Hold what the report says against what the code does: totals, settings, techniques."""
    yield from _totals(trained, ledger)
    yield from _settings(coded, ledger)
    yield from _techniques(program, text, assignment)


def _totals(trained: Sequence[Trained], ledger: Ledger) -> Iterator[Finding]:
    for one in trained:
        if one.experiment is None or one.experiment.baseline is not None:
            continue
        counted = coded_total(one)
        printed = [
            claim
            for claim in ledger.claims
            if claim.quantity is Quantity.TOTAL_PARAMETERS and claim.experiment == one.experiment.id and _number(claim)
        ]
        numbers = {_number(claim) for claim in printed} - {None}
        if counted is None or not numbers:
            continue
        met = bool(one.totals & numbers)
        claim = printed[0]
        yield Finding(
            check="agreement",
            kind=FindingKind.MET if met else FindingKind.FAULT,
            experiment=one.experiment.id,
            file=ledger.source,
            place=claim.place,
            text=claim.text[:200],
            reason=f"the network {one.network.name} in the code has {counted:,} trainable parameters",
            expected=f"{counted:,}",
            found=", ".join(f"{number:,}" for number in sorted(number for number in numbers if number is not None)),
        )


def _number(claim: Claim) -> int | None:
    return int(claim.number.value) if claim.number and claim.number.value.isdecimal() else None


def _settings(coded: Sequence[Finding], ledger: Ledger) -> Iterator[Finding]:
    """The report's setting is wrong for the assignment and the code's is right, or the other way round."""
    for check, quantity in _SETTINGS.items():
        said = [claim for claim in ledger.claims if claim.quantity is quantity and claim.found]
        for finding in coded:
            if finding.check != check or finding.found is None:
                continue
            own = [claim for claim in said if claim.experiment in {finding.experiment, None}]
            values = {_plain(claim.found) for claim in own}
            line = finding.place.line
            if own and _plain(finding.found) not in values and finding.kind is not FindingKind.UNDECIDED:
                yield Finding(
                    check="agreement",
                    kind=FindingKind.FAULT,
                    experiment=finding.experiment,
                    file=ledger.source,
                    place=own[0].place,
                    text=own[0].text[:200],
                    reason=f"the report gives another {_SAID[check]} than the code (line {line})",
                    expected=finding.found,
                    found=own[0].found,
                )


def _plain(text: str | None) -> str:
    return re.sub(r"[^a-z0-9.]", "", (text or "").lower())


def _techniques(program: Program, text: str, assignment: Assignment) -> Iterator[Finding]:
    """Techniques that the report describes and of which the code has no trace."""
    code = "\n".join(ast.unparse(source.tree) for source in program.sources)
    for experiment in assignment.experiments:
        missing = [
            technique.title
            for technique in experiment.techniques
            if technique.title.lower() in text.lower() and not _TRACES[technique.kind].search(code)
        ]
        if missing:
            yield Finding(
                check="agreement",
                kind=FindingKind.FAULT,
                experiment=experiment.id,
                file=program.sources[0].name,
                place=Place(),
                reason=f"the report describes {', '.join(missing)}; the code has nothing of the kind",
            )
