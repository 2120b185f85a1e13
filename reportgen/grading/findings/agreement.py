"""Code and report of one submission held against each other."""

import ast
import re
from collections.abc import Iterator, Sequence
from math import prod

from reportgen.assignment.spec import Assignment
from reportgen.code.knowledge.functional import STEPS
from reportgen.code.knowledge.modules import modules_of
from reportgen.code.shapes import pair
from reportgen.code.source import Source
from reportgen.code.values import Instance, Layer, Parameters, Step, Tensor
from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.trained import Trained
from reportgen.verification.ledger import Claim, Ledger, Quantity

_SETTINGS = {"batch-size": Quantity.BATCH_SIZE, "epochs": Quantity.EPOCHS, "optimizer": Quantity.OPTIMIZER}
_SAID = {"batch-size": "batch size", "epochs": "number of epochs", "optimizer": "optimizer"}
_WEIGHTED = frozenset({"Conv2d", "Linear", "BatchNorm2d", "BatchNorm1d"})
_WEIGHTLESS = frozenset(STEPS) - _WEIGHTED - {"PReLU", "LayerNorm", "GroupNorm", "InstanceNorm2d"}
_TRACES = {
    "dropout": re.compile(r"dropout", re.I),
    "batch-normalization": re.compile(r"batch_?norm", re.I),
    "data-augmentation": re.compile(r"random|augment|jitter|affine|rotat|shift|flip|noise|roll\(", re.I),
    "learning-rate-schedule": re.compile(r"sched|plateau|decay|annealing|onecycle|steplr|lr\s*\*=|\blr_", re.I),
    "early-stopping": re.compile(r"early|patience|break|best", re.I),
}
"""What the code of a technique can't do without, by technique."""


def coded_total(one: Trained) -> int | None:
    """Trainable parameters of a network as coded, by the formulas of `reportgen.assignment.counting`.

    None where a size is unknown, weights are shared or frozen, or a layer has weights that are not counted here.
    """
    if not _is_whole(one):
        return None
    steps = one.steps
    total = 0
    channels: int | None = None
    layers = [id(step.layer) for step in steps if step.layer is not None and step.type in _WEIGHTED]
    if len(layers) != len(set(layers)) or not {step.type for step in steps} <= _WEIGHTED | _WEIGHTLESS:
        return None
    for step in steps:
        if step.layer is not None and step.layer.frozen:
            return None
        count = _count(step, channels)
        if count is None:
            return None
        total += count
        if step.type == "Conv2d":
            out = step.setting("out_channels")
            channels = out if isinstance(out, int) else None
    return total


def _count(step: Step, channels: int | None) -> int | None:
    bias = step.setting("bias") is not False
    match step.type:
        case "Conv2d":
            given, out = step.setting("given_channels"), step.setting("out_channels")
            kernel, groups = pair(step.setting("kernel_size")), step.setting("groups") or 1
            if not isinstance(given, int) or not isinstance(out, int) or kernel is None or not isinstance(groups, int):
                return None
            return given // groups * prod(kernel) * out + bias * out
        case "Linear":
            given, out = step.setting("given_features"), step.setting("out_features")
            return given * out + bias * out if isinstance(given, int) and isinstance(out, int) else None
        case "BatchNorm2d" | "BatchNorm1d":
            features = step.setting("num_features")
            features = features if isinstance(features, int) else channels
            return None if features is None or step.setting("affine") not in {None, True} else 2 * features
    return 0


def check_agreement(
    trained: Sequence[Trained],
    source: Source,
    coded: Sequence[Finding],
    ledger: Ledger,
    text: str,
    assignment: Assignment,
) -> Iterator[Finding]:
    """Hold what the report says against what the code does: totals, settings, techniques."""
    yield from _totals(trained, source, ledger)
    yield from _settings(coded, ledger)
    yield from _techniques(source, text, assignment)


def _totals(trained: Sequence[Trained], source: Source, ledger: Ledger) -> Iterator[Finding]:
    for one in trained:
        if one.experiment is None or one.experiment.baseline is not None or one.lost:
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
        met = counted in numbers
        claim = printed[0]
        yield Finding(
            check="agreement",
            kind=FindingKind.MET if met else FindingKind.FAULT,
            experiment=one.experiment.id,
            file=ledger.source,
            place=claim.place,
            text=claim.text[:200],
            reason=f"the network in {source.name} has {counted:,} trainable parameters",
            expected=f"{counted:,}",
            found=", ".join(f"{number:,}" for number in sorted(number for number in numbers if number is not None)),
        )


def _is_whole(one: Trained) -> bool:
    """Tell whether all weights of a network are those of layers that are applied."""
    applied = {id(step.layer) for step in one.steps}
    for part in modules_of(one.model):
        if isinstance(part, Layer) and part.type in _WEIGHTED and id(part) not in applied:
            return False
        held = (
            part.attributes.values() if isinstance(part, Instance) else part.children if isinstance(part, Layer) else ()
        )
        if any(isinstance(value, Tensor | Parameters) for value in held):
            return False
    return True


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


def _techniques(source: Source, text: str, assignment: Assignment) -> Iterator[Finding]:
    """Techniques that the report describes and of which the code has no trace."""
    code = ast.unparse(source.tree)
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
                file=source.name,
                place=Place(),
                reason=f"the report describes {', '.join(missing)}; the code has nothing of the kind",
            )
