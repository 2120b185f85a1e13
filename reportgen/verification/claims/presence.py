"""What the assignment asks a report for, and whether it is there."""

import re
from collections.abc import Sequence

from reportgen.documents.blocks import Block, Document, Place
from reportgen.verification.claims.outline import Context
from reportgen.verification.facts.subject import Part, Subject
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Missing, Verdict

_COLAB = re.compile(r"https?://colab\.(?:research\.)?google\.com/\S+|https?://(?:www\.)?drive\.google\.com/\S+", re.I)
_ASSUMPTIONS = re.compile(r"\bassum(?:e|ed|es|ing|ption)", re.I)
_REFERENCES = re.compile(
    r"\b(?:references?|bibliograph\w*|citations?|works\s+cited|(?<!computational\s)resources|sources)\b", re.I
)
_NAMED = re.compile(r"\b(?:references?|resources|sources|bibliography)\s*:", re.I)
_MATRIX = re.compile(r"confusion\s+matri", re.I)
_PLOTS = re.compile(
    r"accurac\w*.{0,40}(?:epoch|plot|curve|graph)|loss.{0,40}(?:epoch|plot|curve|graph)|(?:plot|curve|graph)s?\b", re.I
)
_TOTAL_LABEL = re.compile(r"total\s+(?:number\s+of\s+)?(?<!non-)trainable\s+param", re.I)
_CAPTION = re.compile(r"\s*(?:figure|fig\.?)\s*\d", re.I)
_NO_NUMBER = "no number"


def check_presence(
    document: Document,
    placed: Sequence[tuple[Block, Context]],
    subject: Subject,
    matrices: set[str],
    findings: Findings,
) -> None:
    """Enter what is missing, and the pictures, which text can't decide."""
    text = document.text
    for part in subject.parts:
        own = [block for block, context in placed if context.part == part.id]
        if part.free:
            _check_free(part, own, findings)
            continue
        if not own:
            if any(other == part.id for _, other in subject.named_parts(text)) or len(subject.parts) == 1:
                own = list(document.blocks)
            else:
                _miss(findings, part.asked.title, part, None, "no heading or text names it")
                continue
        _check_total(part, own, findings)
        if not any(
            claim.experiment == part.id and claim.kind.endswith("accuracy") for claim in findings.claims
        ) and not any(claim.kind.endswith("accuracy") and claim.experiment is None for claim in findings.claims):
            _miss(findings, "the accuracy", part, own, "no accuracy is stated in the text")
        _check_figure("confusion matrix", _MATRIX, part, own, findings, part.id in matrices)
        _check_figure("plots of accuracy and loss per epoch", _PLOTS, part, own, findings, False)
    _check_report(document, subject, findings)
    if not findings.own:
        _enter_pictures(placed, findings)


def _miss(findings: Findings, what: str, part: Part | None, blocks: Sequence[Block] | None, evidence: str) -> None:
    place = blocks[0].place if blocks else Place()
    findings.missing.append(Missing(what=what, experiment=part.id if part else None, place=place, evidence=evidence))


def _check_total(part: Part, own: Sequence[Block], findings: Findings) -> None:
    if part.id in findings.totals:
        return
    near = [block for block in own if _TOTAL_LABEL.search(block.text)]
    said = "; ".join(dict.fromkeys(f"{block.text[:120]!r} ({block.place})" for block in near[:3]))
    _miss(
        findings,
        "the total number of trainable parameters",
        part,
        near or own,
        f"{_NO_NUMBER} where one is asked for: {said}" if near else "no total is given",
    )


def _check_free(part: Part, own: Sequence[Block], findings: Findings) -> None:
    if not own:
        _miss(findings, part.asked.title, part, None, "no heading names it")
        return
    measured = any(
        claim.experiment == part.id and re.search(r"accuracy|loss|confusion", claim.kind) for claim in findings.claims
    )
    if not measured and not any(block.kind == "picture" for block in own):
        named = [
            technique.title
            for technique in part.asked.techniques
            if any(technique.title.lower() in block.text.lower() for block in own)
        ]
        described = f"{len(named)} techniques are described ({', '.join(named)}), " if named else ""
        _miss(findings, f"a result of {part.asked.title}", part, own, f"{described}no figure tells what they achieve")


def _check_figure(
    what: str, pattern: re.Pattern[str], part: Part, own: Sequence[Block], findings: Findings, printed: bool
) -> None:
    if printed:
        return
    titles = [
        index
        for index, block in enumerate(own)
        if pattern.search(block.text)
        and not block.text.endswith("?")
        and (len(block.text.split()) <= 9 or _CAPTION.match(block.text))
    ]
    captioned = any(_CAPTION.match(own[index].text) for index in titles)
    if captioned or any(block.kind == "picture" for block in own):
        return
    if titles:
        block = own[titles[0]]
        findings.add(
            "figure",
            Verdict.UNVERIFIABLE,
            block,
            block.text,
            f"{what} of {part.asked.short_title}: the title is there, no figure follows it in this file",
            decide="the document with its figures",
            experiment=part.id,
        )
        return
    _miss(findings, f"{what}", part, own, "neither a figure nor a table nor a title")


def _check_report(document: Document, subject: Subject, findings: Findings) -> None:
    asked, text = subject.assignment.report, document.text
    if asked.asks_for_colab:
        block = next((block for block in document.blocks if _COLAB.search(block.text)), None)
        if block is None:
            _miss(findings, "the link of the Colab notebook", None, None, "no such link in the text")
        else:
            match = _COLAB.search(block.text)
            assert match is not None
            findings.add(
                "colab-link",
                Verdict.VERIFIED,
                block,
                match[0].rstrip(">)."),
                "the assignment asks for the link of the Colab notebook; it was not opened",
            )
    if asked.assumptions and not _ASSUMPTIONS.search(text):
        _miss(findings, "assumptions", None, None, "no word of an assumption")
    if asked.references and not any(
        _REFERENCES.search(block.text) and (len(block.text) < 80 or _NAMED.search(block.text))
        for block in document.blocks
    ):
        _miss(findings, "references", None, None, "no references or resources are named")


def _enter_pictures(placed: Sequence[tuple[Block, Context]], findings: Findings) -> None:
    title = ""
    for block, context in placed:
        if block.kind != "picture":
            title = block.text if len(block.text) < 120 else title
            continue
        findings.add(
            "figure",
            Verdict.UNVERIFIABLE,
            block,
            block.text or f"picture after {title!r}",
            "a picture holds no text",
            decide="the numbers in figures, as text or a table",
            experiment=context.part,
        )
