"""Claims about parameters that are not trained."""

import re

from reportgen.verification.claims.outline import Passage, parts_of
from reportgen.verification.facts.evidence import Evidence
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict

_PHRASE = (
    r"(?:non[\s-]*train\w*|not\s+(?:be(?:ing)?\s+)?train\w*|un-?train\w*|frozen|requires_grad\s*=\s*False|"
    r"held\s+fixed|(?:not|n.t)\s+learn\w*)"
)
_NUMBER = (
    r"(?P<number>\d+(?:,\d{3})*)(?![\d.]*\d|\s*[%×x*·]|[\s-]*(?:class|way|label|digit)|"
    r"\s*(?:max|pool|layer|kind|type|of\s+the))"
)
_JOINTS = (
    r"(?:(?:task|part|experiment|exp|expt|network|net|model|study|problem|run)[\s.-]?(?:\d|[AB]|I{1,2})|param\w*|"
    r"weights?|count|numbers?|total|totals|are|is|was|were|of|ones|in|the|for|both|all|it|we|have|has|=|there|"
    r"net(?:work)?|model|task|part|"
    r"experiment|exp|a|b|i|ii|equal|equals|to|that|altogether)"
)
_AFTER = re.compile(
    rf"{_PHRASE}(?:\W{{0,4}}\b{_JOINTS}\b){{0,6}}\W{{0,24}}{_NUMBER}(?P<more>(?:(?:\s+(?:in|for)\s+(?:the\s+)?\S+)?(?:\s*(?:,|and|/|\|)\s*|\s{{2,}})\d+(?![\d,]*\d|\w|\s*[(×x*]))?)",
    re.I,
)
_BEFORE = re.compile(
    rf"(?<![\d.,*×·/+-])(?<![*×·/+=-]\s)(?P<number>\d+(?:,\d{{3}})*)(?:\s|<-+|←|<=+|:)+(?:total\s+)?(?:(?:param\w*|weights?|numbers?)\s+)?(?:(?:that\s+)?(?:are|is|were|was)\s+)?{_PHRASE}",
    re.I,
)


def check_frozen(passage: Passage, evidence: Evidence, findings: Findings) -> None:
    """Judge the numbers of parameters that one passage calls not trained."""
    if id(passage.block) in evidence.improved:
        return
    spans: set[int] = set()
    for match in (*_BEFORE.finditer(passage.text), *_AFTER.finditer(passage.text)):
        numbers = [match["number"], *re.findall(r"\d+\Z", match.groupdict().get("more") or "")]
        for number in numbers:
            value = int(number.replace(",", ""))
            ids, _ = parts_of(passage, evidence.subject, match.start("number"))
            part = evidence.subject.part(ids[0])
            if part is None or part.free or match.start("number") in spans:
                continue
            allowed = {part.count.non_trainable, part.count.keras_non_trainable}
            trainable = {other.count.trainable for other in evidence.subject.parts}
            if value in trainable or value >= min(trainable):
                continue
            right = value in allowed
            findings.add(
                "non-trainable",
                Verdict.VERIFIED if right else Verdict.CONTRADICTED,
                passage.block,
                match[0],
                f"{part.asked.short_title}: no layer of the network has parameters that are not trained"
                if not part.count.non_trainable
                else f"{part.asked.short_title}: parameters that are not trained",
                expected=part.count.non_trainable,
                found=value,
                experiment=part.id,
            )
        spans.add(match.start("number"))
    _check_named(passage, spans, evidence, findings)
    cell = re.search(r":\s*(\d{1,4})\Z", passage.text)
    if passage.block.kind == "row" and cell and re.match(rf"(?:total\s+)?(?:\w+\s+)?{_PHRASE}", passage.text, re.I):
        _judge_cell(passage, cell, spans, evidence, findings)


def _judge_cell(passage: Passage, cell: re.Match[str], spans: set[int], evidence: Evidence, findings: Findings) -> None:
    """Judge a cell of a row whose name speaks of parameters that are not trained."""
    ids, _ = parts_of(passage, evidence.subject, cell.start())
    part = evidence.subject.part(ids[0])
    if part is None or part.free or cell.start(1) in spans:
        return
    allowed = {part.count.non_trainable, part.count.keras_non_trainable}
    findings.add(
        "non-trainable",
        Verdict.VERIFIED if int(cell[1]) in allowed else Verdict.CONTRADICTED,
        passage.block,
        passage.block.text,
        f"{part.asked.short_title}: parameters that are not trained",
        expected=part.count.non_trainable,
        found=cell[1],
        experiment=part.id,
    )


def _check_named(passage: Passage, spans: set[int], evidence: Evidence, findings: Findings) -> None:
    """Judge ``0 in the ten-class run, 56 in the grouped run``."""
    if not re.search(_PHRASE, f"{passage.text} {passage.context.heading}", re.I):
        return
    for position, key in evidence.subject.named_parts(passage.text):
        part = evidence.subject.part(key)
        match = re.search(
            r"(?<![\w.,*×·/+-])(\d{1,4})\s+(?:of\s+them\s+)?(?:[a-z-]+\s+){0,2}(?:in|for)\s+(?:the\s+)?\Z|(?:\A|[^\w\s]\s*|\b(?:are|and|is|be|with|has|have|of)\s+)(\d{1,4})\s*\(\Z",
            passage.text[:position],
            re.I,
        )
        if match is None or part is None or part.free or match.start() in spans:
            continue
        value = int(match[1] or match[2])
        allowed = {part.count.non_trainable, part.count.keras_non_trainable}
        findings.add(
            "non-trainable",
            Verdict.VERIFIED if value in allowed else Verdict.CONTRADICTED,
            passage.block,
            passage.text[match.start() : position + 30],
            f"{part.asked.short_title}: parameters that are not trained",
            expected=part.count.non_trainable,
            found=value,
            experiment=part.id,
        )
