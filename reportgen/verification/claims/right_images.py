"""Numbers of right images in words, held against the matrices and against the percentages beside them."""

import re
from collections.abc import Sequence
from fractions import Fraction

from reportgen.documents.blocks import Block
from reportgen.verification.claims.arithmetic import tokenize
from reportgen.verification.claims.outline import Passage, parts_of
from reportgen.verification.facts.evidence import Evidence
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict

_COUNTED = re.compile(r"correct|recogni[sz]|\bright|\bhits?\b|successful|properly|classified|accura", re.I)
_PAIR = re.compile(
    r"(?P<percent>\d{2}\.\d{1,4})\s*(?:%|per\s?cent)[^\d%.;]{0,40}?(?P<count>\d[\d,\u2009\u202f\u00a0]*\d)\s*(?:correct\w*\s*)?"
    r"(?:test\s+)?(?:images\s*|digits\s*|samples\s*)?(?:/|out\s+of|of)\s*(?:the\s+|all\s+)?(?P<total>\d[\d,\u2009\u202f\u00a0]*\d)"
    r"|(?P<count2>\d[\d,\u2009\u202f\u00a0]*\d)\s*(?:correct\w*\s*)?(?:/|out\s+of|of)\s*(?:the\s+|all\s+)?(?P<total2>\d[\d,\u2009\u202f\u00a0]*\d)"
    r"[^\d%.;]{0,60}?(?P<percent2>\d{2}\.\d{1,4})\s*(?:%|per\s?cent)",
    re.I,
)


_OUT_OF = re.compile(
    r"(?<![\d.,])(?P<count>\d[\d,\u2009\u202f\u00a0]*\d)\s*(?:/|out\s+of|of)\s*(?:the\s+|all\s+)?(?P<total>\d[\d,\u2009\u202f\u00a0]*\d)(?![\d.]*\d)",
    re.I,
)


def check_pairs(blocks: Sequence[Block], evidence: Evidence, findings: Findings) -> None:
    """Hold a percentage against the number of images beside it: ``97.31 % (9,731 of 10,000)``."""
    total = evidence.subject.dataset.sizes["test"]
    traces = {matrix.trace for found in evidence.matrices.values() for matrix in found}
    for block in blocks:
        for match in _OUT_OF.finditer(block.text):
            said, of = (int(re.sub(r"\D", "", match[name])) for name in ("count", "total"))
            if said in traces and said < of != total:
                findings.add(
                    "correct-images",
                    Verdict.CONTRADICTED,
                    block,
                    match[0],
                    f"{said:,} is the diagonal of a matrix of {total:,} images",
                    expected=f"{total:,}",
                    found=f"{of:,}",
                )
        for match in _PAIR.finditer(block.text):
            percent = match["percent"] or match["percent2"]
            count, images = (int(re.sub(r"\D", "", match[name] or match[f"{name}2"])) for name in ("count", "total"))
            if images != total or count > total:
                continue
            exact = Fraction(count * 100, total)
            half = Fraction(1, 2 * 10 ** len(percent.partition(".")[2]))
            right = any(abs(Fraction(percent) - share) <= half for share in (exact, 100 - exact))
            if abs(Fraction(percent) - exact) > 3 and not right:
                continue
            findings.add(
                "accuracy",
                Verdict.VERIFIED if right else Verdict.CONTRADICTED,
                block,
                match[0],
                f"{count:,} of {total:,}",
                expected=f"{float(exact):.{len(percent.partition('.')[2])}f} %",
                found=f"{percent} %",
            )


def check_counted(passage: Passage, evidence: Evidence, findings: Findings) -> None:
    """Judge the numbers of right images of one passage."""
    if evidence.series.holds(passage.block):
        return
    if not _COUNTED.search(passage.text) or id(passage.block) in evidence.improved:
        return
    if re.search(r"train|valid|wrong|error|mis", passage.text, re.I):
        return
    parts = [part for part in evidence.subject.parts if not part.free and evidence.share(part) is not None]
    ids, sure = parts_of(passage, evidence.subject, 0)
    if sure and (part := evidence.subject.part(ids[0])) and part.free:
        return
    for token in tokenize(passage.text):
        if token.number is None or token.number.decimals or token.number.value.denominator != 1:
            continue
        value = int(token.number.value)
        total = evidence.subject.dataset.sizes["test"]
        traces = {part.id: int((evidence.share(part) or 0) * total) for part in parts}
        if not 4 * total // 5 < value < total:
            continue
        own = next((key for key, trace in traces.items() if trace == value), None)
        unsaid = [key for key, trace in traces.items() if not evidence.stream.prints(trace)]
        share = Fraction(value, total)
        if own is None and (
            not unsaid or evidence.explains(share, Fraction(1, 10**6)) or findings.truths.explains(token.number.value)
        ):
            continue
        wrong = own or min(unsaid, key=lambda key: abs(traces[key] - value))
        findings.add(
            "correct-images",
            Verdict.VERIFIED if own else Verdict.CONTRADICTED,
            passage.block,
            passage.text[max(0, token.start - 40) : token.end + 30],
            "the diagonal of the printed confusion matrix",
            expected=f"{traces[wrong]:,}",
            found=f"{value:,}",
            experiment=wrong,
        )
