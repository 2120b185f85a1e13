"""Sizes and scores of classes: rows of numbers found by value, in any layout."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from reportgen.verification.claims.arithmetic import Number
from reportgen.verification.claims.layers import homogeneous
from reportgen.verification.claims.matrices import Matrix
from reportgen.verification.claims.numerals import Numeral, Stream
from reportgen.verification.claims.vectors import align
from reportgen.verification.facts.subject import Part, Subject
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict

_LEAST_RIGHT = 0.75
"""Part of a row of numbers that must be right for the rest to be wrong."""


def check_sizes(stream: Stream, subject: Subject, findings: Findings) -> None:
    """Judge rows of class sizes against the known test set."""
    for part in subject.parts:
        if not part.free:
            _judge_row(
                stream, part.test_counts, _is, f"test images of each class of {part.asked.short_title}", part, findings
            )


def check_scores(stream: Stream, matrices: dict[str, list[Matrix]], subject: Subject, findings: Findings) -> None:
    """Judge rows of precisions, recalls and F1 scores against the printed matrices."""
    for part in subject.parts:
        for matrix in matrices.get(part.id, [])[:1]:
            for name, shares in matrix.scores().items():
                _judge_row(
                    stream, shares, _rounds, f"{name} of each class by the printed confusion matrix", part, findings
                )


def _judge_row(
    stream: Stream,
    values: Sequence[int] | Sequence[Fraction],
    fits: Callable[[Any], Callable[[Numeral], bool]],
    rule: str,
    part: Part,
    findings: Findings,
) -> None:
    number = len(values)
    if len(set(values)) < number:
        return
    least = max(3, round(_LEAST_RIGHT * number))
    for alignment in align(stream.numerals, [fits(value) for value in values], least):
        like = next(member for index, member in enumerate(alignment.members) if index not in alignment.wrong)
        ends = {0, number - 1}.intersection(alignment.wrong)
        if len(alignment.wrong) > number - least or (ends and not homogeneous(alignment)):
            continue
        if any(fits(value)(alignment.members[index]) for index in alignment.wrong for value in values):
            continue  # the row of another table, shifted
        for index, member in enumerate(alignment.members):
            wrong = index in alignment.wrong
            if wrong and (member.number.decimals != like.number.decimals or member.is_whole != like.is_whole):
                continue
            value = values[index]
            shown = f"{value:,}" if isinstance(value, int) else f"{float(value):.4f}"
            findings.add(
                "class-score" if isinstance(value, Fraction) else "class-size",
                Verdict.CONTRADICTED if wrong else Verdict.VERIFIED,
                member.block,
                f"{part.planned.classes[index]}: {member.text}",
                rule,
                expected=shown,
                found=member.text,
                experiment=part.id,
            )


def _is(count: int) -> Callable[[Numeral], bool]:
    return lambda numeral: numeral.is_whole and numeral.value == count


def _rounds(share: Fraction) -> Callable[[Numeral], bool]:
    known: dict[tuple[Number, bool], bool] = {}

    def fits(numeral: Numeral) -> bool:
        key = (numeral.number, numeral.percent)
        if key not in known:
            fine = numeral.number.decimals >= (1 if numeral.percent or numeral.value > 1 else 3)
            known[key] = fine and numeral.rounds_share(share)
        return known[key]

    return fits
