"""A document and an assignment in, a ledger out: finds the claims and judges each. Reads no file, starts nothing."""

import re
from dataclasses import dataclass, replace
from pathlib import PurePath

from reportgen.assignment.plan import check_roll, fits
from reportgen.assignment.spec import Assignment
from reportgen.documents.blocks import Block, Document, Place
from reportgen.documents.contents import without_contents
from reportgen.errors import UsageError
from reportgen.files import digest
from reportgen.verification.claims import (
    accuracies,
    class_groups,
    classes,
    counts,
    data_sizes,
    frozen,
    histories,
    matrices,
    partners,
    presence,
    right_images,
    rolls,
    settings,
    sums,
    tables,
    totals,
)
from reportgen.verification.claims.equations import find_equations
from reportgen.verification.claims.layers import check_layers
from reportgen.verification.claims.network import Stated
from reportgen.verification.claims.numerals import read_numerals
from reportgen.verification.claims.outline import Passage, outline, passages
from reportgen.verification.claims.series import Series, about_improved
from reportgen.verification.facts.aliases import learn_names
from reportgen.verification.facts.evidence import Evidence
from reportgen.verification.facts.subject import Subject, make_subject
from reportgen.verification.facts.truths import known_truths
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Ledger, Note, Verdict


@dataclass(frozen=True)
class Proof:
    """What is known of a report that reportgen wrote, from the results that it carries."""

    findings: Findings
    complete: bool
    """Every number that it prints was compared, so that nothing is left to judge by its words."""
    preview: bool
    """It says itself that it does not use the assignment's data set."""


def judge(
    document: Document,
    assignment: Assignment,
    roll: str | None = None,
    content: bytes = b"",
    proof: Proof | None = None,
) -> Ledger:
    """Find the claims of a document and judge each.

    Args:
        document: what the reader gave.
        assignment: what the document answers.
        roll: the roll number; taken from the file name or the text where left out.
        content: the document's bytes, for the digest.
        proof: of a report of ours, what `own_reports.check` worked out.

    Raises:
        UsageError: the roll number given does not fit the assignment.
    """
    findings = Findings()
    roll = _find_roll(document, assignment, roll, findings)
    subject = make_subject(assignment, roll)
    if not document.text.strip() and proof is None:
        return _unreadable(document, assignment, roll, content)
    whole, document = document, replace(document, blocks=without_contents(document.blocks))
    subject = learn_names(document.blocks, subject)
    placed = outline(document, subject)
    pieces = list(passages(placed, subject))
    stated = Stated(subject)
    findings.own = proof is not None
    findings.other_data = bool(proof and proof.preview) or bool(
        re.search(rf"\bnot\s+(?:the\s+)?{re.escape(subject.dataset.title)}\b", document.text, re.I)
    )
    for passage in pieces:
        stated.collect(passage)
    grids = tables.gather(placed)
    squares: dict[str, list[matrices.Matrix]] = {}
    found = [matrices.oriented(matrix, subject) for matrix in matrices.find_matrices(placed, subject)]
    for matrix in found:
        owner = matrices.check_matrix(matrix, subject, findings)
        if owner is not None:
            squares.setdefault(owner.id, []).append(matrix)
    matrices.check_repeated(found, subject, findings)
    drawn = set(squares) | {claim.experiment or "" for claim in findings.claims if claim.kind == "confusion-matrix"}
    stream = read_numerals(document.blocks)
    findings.truths = known_truths(stream, subject, [matrix.rows for matrix in found])
    evidence = Evidence(subject, squares, Series(document.blocks, stream), stream, about_improved(document.blocks))
    accuracies.check_accuracies(pieces, evidence, findings)
    for passage in pieces:
        right_images.check_counted(passage, evidence, findings)
    right_images.check_pairs(document.blocks, evidence, findings)
    partners.check_partners(document.blocks, grids, evidence, findings)
    totals.check_totals(document.blocks, pieces, evidence, findings)
    check_layers(document.blocks, stream, subject, findings)
    class_groups.check_groups(document.blocks, stream, subject, findings)
    classes.check_sizes(stream, subject, findings)
    classes.check_scores(stream, squares, subject, findings)
    for history in histories.find_histories(grids, subject):
        histories.check_history(history, subject, findings)
    for passage in pieces:
        _check_passage(passage, subject, stated, evidence, findings)
    rolls.check_roll_numbers(pieces, subject, findings)
    settings.check_settings(pieces, evidence, findings)
    data_sizes.check_sizes(pieces, evidence, findings)
    for table in grids:
        tables.check_totals(table, findings)
    stated.report(findings, _right_counts(findings, subject))
    presence.check_presence(document, placed, subject, drawn, findings)
    if proof is not None:
        if proof.complete:
            findings.keep_verified()
        findings.extend(proof.findings)
    return Ledger(
        source=document.source,
        kind=document.kind,
        digest=digest(content),
        assignment=assignment.id,
        roll=roll,
        claims=findings.ordered(whole.blocks),
        missing=tuple(findings.missing),
        notes=tuple(findings.notes),
        problems=document.problems,
    )


def _find_roll(document: Document, assignment: Assignment, roll: str | None, findings: Findings) -> str | None:
    if roll is not None:
        check_roll(assignment, roll)
        return roll
    stem = PurePath(document.source).stem
    named = stem if fits(assignment.roll, stem) else None
    pattern = re.compile(rf"(?<!\w)(?:{assignment.roll.pattern})(?!\w)")
    said = next((match[0] for block in document.blocks[:60] for match in pattern.finditer(block.text)), None)
    if named and said and named != said:
        findings.notes.append(Note(text=f"the file is named {named}, but the text says {said}", place=Place()))
    for candidate in (named, said):
        if candidate is not None:
            try:
                make_subject(assignment, candidate)
            except UsageError:
                continue
            return candidate
    return None


def _unreadable(document: Document, assignment: Assignment, roll: str | None, content: bytes) -> Ledger:
    findings = Findings()
    findings.add(
        "text",
        Verdict.UNVERIFIABLE,
        Block("text", "", Place()),
        "",
        "the document has no text: nothing in it can be decided",
        decide="a document with text: pictures of pages hold none",
    )
    return Ledger(
        source=document.source,
        kind=document.kind,
        digest=digest(content),
        assignment=assignment.id,
        roll=roll,
        claims=tuple(findings.claims),
        problems=document.problems,
    )


def _check_passage(passage: Passage, subject: Subject, stated: Stated, evidence: Evidence, findings: Findings) -> None:
    equations = find_equations(passage.text)
    for equation in equations:
        sums.check_equation(equation, passage, subject, stated, findings)
    counts.check_counts(passage, subject, stated, findings, equations)
    frozen.check_frozen(passage, evidence, findings)


def _right_counts(findings: Findings, subject: Subject) -> dict[tuple[str, int], set[int]]:
    """Layers whose right count the document gives: by experiment and index of the layer."""
    right: dict[tuple[str, int], set[int]] = {}
    for claim in findings.claims:
        part = subject.part(claim.experiment)
        if part is None or claim.kind != "layer-count" or claim.verdict is not Verdict.VERIFIED or claim.deviation:
            continue
        for index, layer in enumerate(part.count.layers):
            if f"{layer.name} of {part.asked.short_title}" in claim.rule:
                right.setdefault((part.id, index), set()).add(layer.trainable)
    return right
