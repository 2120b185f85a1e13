"""What the assignment's rubric asks a report for, and what of it was not found."""

import re
from collections.abc import Iterator, Sequence

from reportgen.documents.blocks import Block, Place
from reportgen.verification import vocabulary
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.facts.store import Facts
from reportgen.verification.facts.subject import Part
from reportgen.verification.ledger import Claim, Item, Missing, Quantity, Rule, Scope, Verdict

_LINK = re.compile(r"https?://colab\.(?:research\.)?google\.com/\S+|https?://(?:www\.)?drive\.google\.com/\S+", re.I)
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
_RATES = frozenset({Quantity.ACCURACY, Quantity.IMAGES_RIGHT, Quantity.ERROR_RATE})
_CHECKS = {
    Item.TOTAL_PARAMETERS: "total-parameters",
    Item.ACCURACY: "accuracy",
    Item.CONFUSION_MATRIX: "confusion-matrix",
    Item.CURVES: "curves",
    Item.RESULT: "techniques",
    Item.LINK: "colab-link",
    Item.ASSUMPTIONS: "assumptions",
    Item.REFERENCES: "references",
}
"""The check of a rubric that asks for an item."""


def figures(page: Page, facts: Facts) -> Iterator[Statement]:
    """Yield the pictures, the titles under which one is lost, and the link: claims that no number makes."""
    printed = {matrix.context.part for matrix in facts.matrices}
    tabled = {
        page.contexts[grid.at[0]].part
        for grid in page.grids
        if any(found.id == "epochs" for head in grid.head for found in vocabulary.find("term", head))
    }
    for part in page.subject.parts:
        if part.free:
            continue
        own = _own(page, part)
        for quantity, words, pattern, given in (
            (Quantity.CONFUSION_MATRIX, "confusion matrix", _MATRIX, printed),
            (Quantity.CURVES, "plots of accuracy and loss per epoch", _PLOTS, tabled),
        ):
            title = _title(own, pattern)
            if title is not None and part.id not in given and not any(block.kind == "picture" for block in own):
                yield Statement(
                    title,
                    0,
                    len(title.text),
                    quantity,
                    Rule.NO_REFERENT,
                    f"{words} of {part.asked.short_title}: the title is there, no figure follows it in this file",
                    scope=Scope(experiment=part.id),
                    decide="the document with its figures",
                    whole=True,
                )
    heading = ""
    for block, context in zip(page.blocks, page.contexts, strict=True):
        if block.kind == "picture":
            yield Statement(
                block,
                0,
                len(block.text),
                Quantity.FIGURE,
                Rule.NO_REFERENT,
                "a picture holds no text",
                scope=Scope(experiment=context.part),
                decide="the numbers in figures, as text or a table",
                whole=True,
                text=block.text or f"picture after {heading!r}",
            )
        elif len(block.text) < 120:
            heading = block.text
    assignment = page.subject.assignment
    if assignment is not None and assignment.report.asks_for_colab:
        for block in page.blocks:
            if match := _LINK.search(block.text):
                yield Statement(
                    block,
                    match.start(),
                    match.end(),
                    Quantity.LINK,
                    Rule.ASSIGNMENT,
                    "the assignment asks for the link of the Colab notebook; it was not opened",
                    True,
                    whole=True,
                    text=match[0].rstrip(">)."),
                )
                break


def find_missing(page: Page, claims: Sequence[Claim]) -> tuple[Missing, ...]:
    """Tell what the rubric asks for and no claim or text of the document gives."""
    assignment = page.subject.assignment
    if assignment is None:
        return ()
    asked = {check for criterion in assignment.rubric for check in criterion.checks}
    found = [
        missing
        for missing in _all(page, claims)
        if not asked or missing.item is Item.EXPERIMENT or _CHECKS[missing.item] in asked
    ]
    return tuple(found)


def _all(page: Page, claims: Sequence[Claim]) -> Iterator[Missing]:
    for part in page.subject.parts:
        own = _own(page, part)
        if part.free:
            yield from _free(part, own, claims)
        elif not own:
            yield _missing(Item.EXPERIMENT, part, part.asked.title, (), "no heading or text names it")
        else:
            yield from _results(page, part, own, claims)
    yield from _report(page, claims)


def _own(page: Page, part: Part) -> list[Block]:
    own = [block for block, context in zip(page.blocks, page.contexts, strict=True) if context.part == part.id]
    named = len(page.subject.parts) == 1 or any(other == part.id for _, other in page.subject.named_parts(page.text))
    return own if own or part.free or not named else list(page.blocks)


def _missing(item: Item, part: Part | None, what: str, near: Sequence[Block], evidence: str) -> Missing:
    place = near[0].place if near else Place()
    return Missing(item=item, what=what, experiment=part.id if part else None, place=place, evidence=evidence)


def _results(page: Page, part: Part, own: Sequence[Block], claims: Sequence[Claim]) -> Iterator[Missing]:
    totals = [
        claim
        for claim in claims
        if claim.quantity is Quantity.TOTAL_PARAMETERS and claim.number and claim.experiment in {part.id, None}
    ]
    if not any(claim.verdict is not Verdict.UNVERIFIABLE or claim.rule is Rule.NO_REFERENT for claim in totals):
        near = [block for block in own if _TOTAL_LABEL.search(block.text)]
        said = "; ".join(dict.fromkeys(f"{block.text[:120]!r} ({block.place})" for block in near[:3]))
        evidence = f"no number where one is asked for: {said}" if near else "no total is given"
        yield _missing(Item.TOTAL_PARAMETERS, part, "the total number of trainable parameters", near or own, evidence)
    rates = [claim for claim in claims if claim.quantity in _RATES and claim.number]
    if not any(claim.experiment in {part.id, None} for claim in rates):
        yield _missing(Item.ACCURACY, part, "the accuracy", own, "no accuracy is stated in the text")
    pictured = any(block.kind == "picture" for block in own)
    matrix = any(
        claim.quantity is Quantity.CONFUSION_MATRIX and claim.experiment in {part.id, None} for claim in claims
    )
    evidence = "neither a figure nor a table nor a title"
    if not matrix and not pictured and _title(own, _MATRIX) is None:
        yield _missing(Item.CONFUSION_MATRIX, part, "confusion matrix", own, evidence)
    if not pictured and _title(own, _PLOTS) is None:
        yield _missing(Item.CURVES, part, "plots of accuracy and loss per epoch", own, evidence)


def _title(own: Sequence[Block], pattern: re.Pattern[str]) -> Block | None:
    """A short line or a caption that names a figure."""
    return next(
        (
            block
            for block in own
            if block.kind != "picture"
            and pattern.search(block.text)
            and not block.text.endswith("?")
            and (len(block.text.split()) <= 9 or _CAPTION.match(block.text))
        ),
        None,
    )


def _free(part: Part, own: Sequence[Block], claims: Sequence[Claim]) -> Iterator[Missing]:
    if not own:
        yield _missing(Item.EXPERIMENT, part, part.asked.title, (), "no heading names it")
        return
    measured = any(
        claim.experiment == part.id and claim.quantity in {*_RATES, Quantity.LOSS, Quantity.CONFUSION_MATRIX}
        for claim in claims
    )
    if not measured and not any(block.kind == "picture" for block in own):
        named = [
            technique.title
            for technique in part.asked.techniques
            if any(technique.title.lower() in block.text.lower() for block in own)
        ]
        described = f"{len(named)} techniques are described ({', '.join(named)}), " if named else ""
        evidence = f"{described}no figure tells what they achieve"
        yield _missing(Item.RESULT, part, f"a result of {part.asked.title}", own, evidence)


def _report(page: Page, claims: Sequence[Claim]) -> Iterator[Missing]:
    assert page.subject.assignment is not None
    asked, text = page.subject.assignment.report, page.text
    if asked.asks_for_colab and not any(claim.quantity is Quantity.LINK for claim in claims):
        yield _missing(Item.LINK, None, "the link of the Colab notebook", (), "no such link in the text")
    if asked.assumptions and not _ASSUMPTIONS.search(text):
        yield _missing(Item.ASSUMPTIONS, None, "assumptions", (), "no word of an assumption")
    if asked.references and not any(
        _REFERENCES.search(block.text) and (len(block.text) < 80 or _NAMED.search(block.text)) for block in page.blocks
    ):
        yield _missing(Item.REFERENCES, None, "references", (), "no references or resources are named")
