"""Totals of parameters: sums of the layers' counts, and numbers in words that call themselves totals.

Where the right total of an experiment stands nowhere in a document that counts its layers, the number that takes its
place is wrong, however the document words it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reportgen.documents.blocks import Block
from reportgen.verification.claims.arithmetic import tokenize
from reportgen.verification.claims.numerals import Numeral, Stream
from reportgen.verification.claims.outline import Passage, parts_of
from reportgen.verification.facts.evidence import Evidence
from reportgen.verification.facts.subject import Part
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict

_LABEL = re.compile(
    r"total|trainable|param|weights|learn|\bsum\b|Σ|altogether|in\s+all|\bnet(?:work)?s?\b|\bsize\b", re.I
)
_LEAST = 1000
"""Totals below it are not looked for in words."""


@dataclass(frozen=True)
class _Sum:
    block: Block
    at: int
    start: int
    end: int
    terms: tuple[int, ...]


def check_totals(blocks: Sequence[Block], passages: Sequence[Passage], evidence: Evidence, findings: Findings) -> None:
    """Judge the totals of a document."""
    parts = [part for part in evidence.subject.parts if not part.free]
    sums = [one for at, block in enumerate(blocks) for one in _sums(block, at)]
    for one in sums:
        _check_sum(one, parts, evidence.stream, findings)
    _check_repeated(sums, parts, evidence, findings)
    for part in parts:
        if not evidence.stream.prints(part.count.trainable) and _counts_layers(part, evidence.stream):
            _check_absent(part, parts, passages, evidence, findings)


def _check_repeated(sums: Sequence[_Sum], parts: Sequence[Part], evidence: Evidence, findings: Findings) -> None:
    """Find one experiment's total that stands for another's too, while the other's stands nowhere."""
    for part in parts:
        if evidence.stream.prints(part.count.trainable) or not _counts_layers(part, evidence.stream):
            continue
        for other in parts:
            total = other.count.trainable
            if total == part.count.trainable:
                continue
            again = [one.block for one in sums if Counter(one.terms) == Counter(_counts(other))]
            doubled = [
                numeral.block
                for numeral in evidence.stream.numerals
                if numeral.is_whole
                and numeral.value == total
                and sum(n.is_whole and n.value == total for n in evidence.stream.of(numeral.at)) == len(parts)
                and _LABEL.search(numeral.block.text)
            ]
            if len(again) >= len(parts) or doubled:
                block = doubled[0] if doubled else again[-1 if parts.index(part) else 0]
                findings.add(
                    "total",
                    Verdict.CONTRADICTED,
                    block,
                    block.text,
                    f"it is {other.asked.short_title}'s; {part.asked.short_title}: {part.count.total_derivation}",
                    expected=f"{part.count.trainable:,}",
                    found=f"{total:,}",
                    experiment=part.id,
                )
                break


def _counts(part: Part) -> list[int]:
    return [layer.trainable for layer in part.count.layers if layer.trainable]


def _counts_layers(part: Part, stream: Stream) -> bool:
    """Tell whether a document gives the count of every layer of an experiment."""
    return all(stream.prints(count) for count in _counts(part))


def _sums(block: Block, at: int) -> Iterator[_Sum]:
    """Yield the sums ``800 + 3,208 + 292 + 6,770`` of a block."""
    tokens = [
        replace(token, kind="operator", text="+") if token.text == "plus" else token
        for token in tokenize(block.text)
        if token.kind not in {"open", "close"}
    ]
    index = 0
    while index < len(tokens):
        terms = []
        end = index
        while end < len(tokens) and tokens[end].number is not None:
            number = tokens[end].number
            assert number is not None
            if number.value.denominator != 1:
                break
            terms.append(int(number.value))
            if end + 2 < len(tokens) and tokens[end + 1].text == "+" and tokens[end + 2].number is not None:
                end += 2
            else:
                break
        before = tokens[index - 1].text if index else ""
        after = tokens[end + 1].text if end + 1 < len(tokens) else ""
        if len(terms) > 2 and before not in {"*", "/", "+", "-"} and after not in {"*", "/", "^", "+", "-"}:
            yield _Sum(block, at, tokens[index].start, tokens[end].end, tuple(terms))
        index = max(end, index) + 1


def _check_sum(one: _Sum, parts: Sequence[Part], stream: Stream, findings: Findings) -> None:
    for part in parts:
        counts = Counter(_counts(part))
        terms = Counter(one.terms)
        if terms == counts:
            _check_result(one, part, stream, findings)
            return
    for part in parts:
        counts, terms = Counter(_counts(part)), Counter(one.terms)
        missing, extra = counts - terms, terms - counts
        if missing.total() != 1 or extra.total() > 1:
            continue
        layer = next(layer for layer in part.count.layers if layer.trainable == next(iter(missing)))
        last = _counts(part)[-1]
        if (last in terms) if extra.total() == 0 else (last in terms and not any(e in _all(parts) for e in extra)):
            what = "is left out" if not extra else f"is {layer.trainable:,}"
        elif not extra and layer.trainable == last and not stream.prints(part.count.trainable):
            what = "is left out"
        else:
            continue
        findings.add(
            "total",
            Verdict.CONTRADICTED,
            one.block,
            one.block.text[one.start : one.end],
            f"{part.asked.short_title}: {part.count.total_derivation}; {layer.name} {what}",
            expected=f"{part.count.trainable:,}",
            found=f"{sum(one.terms):,}",
            experiment=part.id,
        )
        return


def _all(parts: Sequence[Part]) -> set[int]:
    return {count for part in parts for count in _counts(part)}


def _check_result(one: _Sum, part: Part, stream: Stream, findings: Findings) -> None:
    """Judge the number beside a sum of all layers."""
    own = stream.of(one.at)
    after = [numeral for numeral in own if numeral.start >= one.end] or stream.following(one.at, 2)[:1]
    before = [numeral for numeral in own if numeral.end <= one.start]
    near = [*after[:2], *before[-2:]]
    if any(numeral.is_whole and numeral.value == part.count.trainable for numeral in near):
        return
    claimed = next((n for n in (*after[:1], *before[-1:]) if _may_be_total(n, findings)), None)
    if claimed is None or stream.prints(part.count.trainable):
        return
    findings.add(
        "total",
        Verdict.CONTRADICTED,
        claimed.block,
        f"{one.block.text[one.start : one.end]} … {claimed.text}",
        f"{part.asked.short_title}: {part.count.total_derivation}",
        expected=f"{part.count.trainable:,}",
        found=claimed.text,
        experiment=part.id,
    )


def _may_be_total(numeral: Numeral, findings: Findings) -> bool:
    return numeral.is_whole and numeral.value >= _LEAST and not findings.truths.explains(numeral.value)


def _check_absent(
    part: Part, parts: Sequence[Part], passages: Sequence[Passage], evidence: Evidence, findings: Findings
) -> None:
    """Find the number that takes the place of a total that stands nowhere."""
    others = {other.count.trainable for other in parts if other is not part}
    known = {other.count.trainable for other in evidence.subject.parts}
    for passage in passages:
        if not _LABEL.search(passage.text) or id(passage.block) in evidence.improved:
            continue
        for token in tokenize(passage.text):
            number = token.number
            if number is None or number.decimals or number.value.denominator != 1 or number.value < _LEAST:
                continue
            value = int(number.value)
            ids, _ = parts_of(passage, evidence.subject, token.start)
            named = {key for _, key in evidence.subject.named_parts(passage.text)}
            if value in others:
                if ids[0] != part.id or len(named - {part.id}) > 0 or (not named and passage.context.part != part.id):
                    continue
            elif (
                value in known
                or findings.truths.explains(number.value)
                or _is_year(token.text, value)
                or not re.search(r"total|trainable|param|weights|learn", passage.text, re.I)
            ):
                continue
            findings.add(
                "total",
                Verdict.CONTRADICTED,
                passage.block,
                passage.text[max(0, token.start - 60) : token.end + 30],
                f"{part.asked.short_title}: {part.count.total_derivation}, which stands nowhere",
                expected=f"{part.count.trainable:,}",
                found=token.text,
                experiment=part.id,
            )


def _is_year(text: str, value: int) -> bool:
    return text.isdigit() and 1900 <= value <= 2100
