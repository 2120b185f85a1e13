"""Counts of layers judged by where they stand: in workings written alike, in columns and in rows."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import isqrt

from reportgen.assignment.layers import Conv2d
from reportgen.documents.blocks import Block
from reportgen.verification.claims.numerals import Numeral, Stream
from reportgen.verification.claims.vectors import Alignment, align
from reportgen.verification.claims.workings import Formula, Result, Working, find_workings, formulas, groups, results
from reportgen.verification.facts.subject import Part, Subject
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict


def check_layers(blocks: Sequence[Block], stream: Stream, subject: Subject, findings: Findings) -> None:
    """Judge the workings of a document and the rows of counts in its tables."""
    asked = formulas(subject)
    found = groups(find_workings(blocks), asked)
    for group in found:
        _check_group(results(group, stream), findings)
    _check_repeated([entry for group in found for entry in group], asked, findings)
    for part in subject.parts:
        if not part.free:
            _check_counts(part, stream, findings)


def _check_group(group: Sequence[Result], findings: Findings) -> None:
    exact = sum(result.formula.is_of(result.working) for result in group)
    without = sum(result.working.bias is None for result in group)
    for result in group:
        working, formula = result.working, result.formula
        if working.bias is None and (result.followed_by == formula.bias or without > 1):
            continue  # the weights of a layer whose bias is added elsewhere
        others_right = exact - formula.is_of(working) >= 2
        if result.claimed is not None and result.claimed.value != working.value:
            _contradict(findings, result, f"the working gives {working.value:,}", f"{working.value:,}")
        elif not formula.is_of(working) and others_right and not _is_other_network(working, formula):
            name = formula.part.count.layers[formula.index]
            _contradict(
                findings,
                result,
                f"{name.name} of {formula.part.asked.short_title}: {name.derivation}",
                f"{formula.value:,}",
            )


def _contradict(findings: Findings, result: Result, rule: str, expected: str) -> None:
    claimed = result.claimed
    findings.add(
        "layer-count",
        Verdict.CONTRADICTED,
        result.working.block,
        result.working.text + (f" … {claimed.text}" if claimed else ""),
        rule,
        expected=expected,
        found=claimed.text if claimed else f"{result.working.value:,}",
        experiment=result.formula.part.id if not isinstance(_layer(result.formula), Conv2d) else None,
    )


def _layer(formula: Formula) -> object:
    return formula.part.planned.layers[formula.index]


def _is_other_network(working: Working, formula: Formula) -> bool:
    """Tell whether a working is right for a network with other pooling or padding: features of another square."""
    if isinstance(_layer(formula), Conv2d) or working.bias != formula.bias or formula.bias not in working.factors:
        return False
    channels = formula.part.count.layers[formula.index - 1].input_shape[0]
    features = Fraction(working.value - formula.bias, formula.bias * channels)
    side = isqrt(int(features)) if features.denominator == 1 else 0
    return side * side == features and side > 1


def _check_repeated(entries: Sequence[tuple[Working, Formula]], asked: Sequence[Formula], findings: Findings) -> None:
    """Find one experiment's output layer that is worked out for both."""
    last = [formula for formula in asked if not formula.part.free and not isinstance(_layer(formula), Conv2d)]
    if not last:
        return
    first = asked[0]
    times = sum(first.is_of(working) or first.is_near(working) for working, _ in entries)
    for missing in last:
        others = [other for other in last if other.value != missing.value]
        if any(missing.is_of(working) or formula is missing for working, formula in entries) or times < len(last):
            continue
        for other in others:
            repeated = [working for working, _ in entries if other.is_of(working)]
            if len(repeated) < len(last):
                continue
            wrong = repeated[0] if missing is last[0] else repeated[-1]
            findings.add(
                "layer-count",
                Verdict.CONTRADICTED,
                wrong.block,
                wrong.text,
                f"it is {other.part.asked.short_title}'s, and {missing.part.asked.short_title}'s is never worked out: "
                f"{missing.part.count.layers[missing.index].derivation}",
                expected=f"{missing.value:,}",
                found=f"{other.value:,}",
                experiment=missing.part.id,
            )


def _check_counts(part: Part, stream: Stream, findings: Findings) -> None:
    """Judge rows and columns that hold the counts of all layers, with or without the total."""
    counts = [layer.trainable for layer in part.count.layers if layer.trainable]
    for row in (counts, [*counts, part.count.trainable]):
        for alignment in align(stream.numerals, [_is(count) for count in row], len(row) - 1):
            if not alignment.wrong or not homogeneous(alignment):
                continue
            for index in alignment.wrong:
                numeral = alignment.members[index]
                if not numeral.is_whole or findings.truths.explains(numeral.value) or numeral.value < 10:
                    continue
                findings.add(
                    "layer-count" if index < len(counts) else "total",
                    Verdict.CONTRADICTED,
                    numeral.block,
                    numeral.block.text,
                    f"counts of {part.asked.short_title}, in their order: {', '.join(f'{n:,}' for n in row)}",
                    expected=f"{row[index]:,}",
                    found=numeral.text,
                    experiment=part.id if index >= len(counts) - 1 else None,
                )


def _is(count: int) -> Callable[[Numeral], bool]:
    return lambda numeral: numeral.is_whole and numeral.value == count


def homogeneous(alignment: Alignment) -> bool:
    """Tell whether the members stand in one row, or each in the same place of a row of its own."""
    members = alignment.members
    if len({member.at for member in members}) == 1:
        return True
    own_rows = len({member.at for member in members}) == len(members)
    from_start = {member.index for member in members}
    from_end = {member.number_of - member.index for member in members}
    steps = [later.at - earlier.at for earlier, later in pairwise(members)]
    regular = max(steps) - min(steps) <= 1
    return own_rows and regular and (len(from_start) == 1 or len(from_end) == 1)
