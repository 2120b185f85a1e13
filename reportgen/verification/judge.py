"""A document and an assignment in, a ledger out: extractors state, facts are gathered, one judge decides."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath

from reportgen.assignment.layers import double_softmax_floor, rests_on_double_softmax_floor
from reportgen.assignment.plan import check_roll, fits
from reportgen.assignment.spec import Assignment, RollRule
from reportgen.documents.blocks import Document, Place
from reportgen.documents.contents import without_contents
from reportgen.errors import UsageError
from reportgen.files import digest
from reportgen.verification import vocabulary
from reportgen.verification.claims.averages import read_averages
from reportgen.verification.claims.class_groups import read_groups
from reportgen.verification.claims.coded_counts import read_coded_counts
from reportgen.verification.claims.coded_settings import read_coded_settings
from reportgen.verification.claims.coded_techniques import read_coded_techniques
from reportgen.verification.claims.comparisons import read_comparisons
from reportgen.verification.claims.counts import read_counts
from reportgen.verification.claims.layer_comments import read_comments
from reportgen.verification.claims.logs import read_logs
from reportgen.verification.claims.network_totals import read_totals
from reportgen.verification.claims.nothing import read_nothing
from reportgen.verification.claims.page import Page, read_page
from reportgen.verification.claims.printed_tables import read_printed_tables
from reportgen.verification.claims.scores import read_scores
from reportgen.verification.claims.settings import read_settings
from reportgen.verification.claims.shapes import read_shapes
from reportgen.verification.claims.sizes import read_sizes
from reportgen.verification.claims.stated_networks import read_networks
from reportgen.verification.claims.statements import Statement
from reportgen.verification.claims.summary_checks import read_summaries
from reportgen.verification.claims.sums import read_sums
from reportgen.verification.facts.aliases import learn_names
from reportgen.verification.facts.code import Code
from reportgen.verification.facts.store import Facts, gather_facts
from reportgen.verification.facts.subject import NO_SUBJECT, Part, Subject, make_subject
from reportgen.verification.ledger import Claim, Fact, Ledger, Note, Quantity, Rule, Scope, Source, Verdict
from reportgen.verification.missing import figures, find_missing
from reportgen.verification.settle import settle

_ROLL_WORDS = re.compile(r"roll|student|enrol|matric|registration|\bid\b|\bname\b|submitted|author", re.I)
_HEAD = 60
"""Blocks at the beginning among which the roll number is looked for."""
_RECOGNISED = 2
"""Numbers of an assignment's network that a document must give to be taken for an answer to it."""
_TELLING = 1000
"""A count from which on it is no chance that a document gives it."""
_LEAST = 100
"""A count of a layer from which on another one makes another network."""
_ELSEWHERE = (
    "this seems to answer another assignment: nothing of {title} was recognised, so nothing of it is held against the "
    "document"
)


@dataclass(frozen=True)
class Proof:
    """What is known of a report that reportgen wrote, from the results that it carries."""

    claims: tuple[Claim, ...]
    complete: bool
    """Every number that it prints was compared, so that nothing is left to judge by its words."""
    preview: bool
    """It says itself that it does not use the assignment's data set."""


def judge(
    document: Document,
    assignment: Assignment | None,
    roll: str | None = None,
    content: bytes = b"",
    proof: Proof | None = None,
    code: Code | None = None,
) -> Ledger:
    """Find the claims of a document and judge each.

    Args:
        document: what the reader gave.
        assignment: what the document answers; None where it is held against none.
        roll: the roll number; taken from the file name or the text where left out.
        content: the document's bytes, for the digest.
        proof: of a report of ours, what `own_reports.check` worked out.
        code: what the code beside the document says, or a notebook's own.

    Raises:
        UsageError: the roll number given does not fit the assignment.
    """
    notes: list[Note] = []
    given = roll is not None
    roll, subject = _find_roll(document, assignment, roll, notes) if assignment is not None else (None, NO_SUBJECT)
    base = Ledger(
        source=document.source,
        kind=document.kind,
        digest=digest(content),
        assignment=assignment.id if assignment else None,
        roll=roll,
        claims=(),
        problems=(*document.problems, *(code.problems if code is not None else ())),
    )
    if not document.text.strip() and proof is None:
        return base.model_copy(update={"claims": (_no_text(),)})
    whole, document = document, replace(document, blocks=without_contents(document.blocks))
    page = read_page(document, learn_names(document.blocks, subject) if assignment is not None else subject)
    answers = assignment is None or given or proof is not None or roll is not None or _answers(page)
    if not answers and assignment is not None:
        notes.insert(0, Note(text=_ELSEWHERE.format(title=assignment.title), place=Place()))
        page = read_page(document, NO_SUBJECT)
    facts = gather_facts(page, code)
    claims = settle(page, _statements(page, facts), facts)
    claims = (*claims, *_other_networks(claims, page.subject))
    missing = find_missing(page, claims)
    claims = _in_whole(claims, document, whole)
    if proof is not None:
        kept = [claim for claim in claims if claim.verdict is Verdict.VERIFIED] if proof.complete else claims
        claims = (*kept, *proof.claims)
    return base.model_copy(
        update={"claims": claims, "missing": missing, "notes": (*notes, *_notes(facts)), "answers": answers}
    )


def _statements(page: Page, facts: Facts) -> Iterator[Statement]:
    yield from read_sums(page)
    yield from read_averages(page)
    yield from read_summaries(page, facts)
    yield from read_scores(page, facts)
    yield from read_counts(page, facts)
    yield from read_groups(page.blocks, page.stream, page.subject)
    yield from read_settings(page, facts)
    if facts.code is not None:
        yield from read_coded_settings(page, facts.code)
        yield from read_coded_counts(page, facts.code)
        yield from read_coded_techniques(page, facts.code)
        yield from read_printed_tables(page, facts.code.printed)
    yield from read_sizes(page, facts)
    yield from read_logs(page, facts)
    yield from read_shapes(page)
    yield from read_networks(page, facts)
    yield from read_totals(page, facts)
    yield from read_comments(page, facts)
    yield from read_comparisons(page)
    yield from read_nothing(page)
    yield from figures(page, facts)


def _find_roll(
    document: Document, assignment: Assignment, roll: str | None, notes: list[Note]
) -> tuple[str | None, Subject]:
    if roll is not None:
        check_roll(assignment, roll)
        return roll, make_subject(assignment, roll)
    stem = PurePath(document.source).stem
    named = stem if fits(assignment.roll, stem) else None
    said = next(iter(_said_rolls(document, assignment.roll)), None)
    if named and said and named != said:
        notes.append(Note(text=f"the file is named {named}, but the text says {said}", place=Place()))
    for candidate in (named, said):
        if candidate is not None:
            try:
                return candidate, make_subject(assignment, candidate)
            except UsageError:
                continue
    return None, make_subject(assignment, None)


def _said_rolls(document: Document, rule: RollRule) -> Iterator[str]:
    """Roll numbers that stand where one is to be expected: after a word for it, in brackets, or in a short line."""
    pattern = re.compile(rf"(?<!\w)(?:{rule.pattern})(?!\w)")
    for block in document.blocks[:_HEAD]:
        for match in pattern.finditer(block.text):
            before = block.text[max(0, match.start() - 60) : match.start()]
            short = len(block.text.split()) <= 6 and "=" not in block.text
            if short or _ROLL_WORDS.search(before):
                yield match[0]


def _answers(page: Page) -> bool:
    """Tell whether a document has something of the assignment: its titles, its groups, or numbers of its networks."""
    subject, assignment = page.subject, page.subject.assignment
    if assignment is None:
        return False
    # "Assignment 1" is many a document's title
    titles = [title for title in (assignment.title, *(p.asked.title for p in subject.parts)) if len(title.split()) > 2]
    codes = re.findall(r"\b[A-Z]{2,}\d{2,}\b", assignment.course)
    if any(title.lower() in page.text.lower() for title in (*titles, *codes)):
        return True
    if any(statement.fits for statement in read_groups(page.blocks, page.stream, subject)):
        return True
    counts = {
        count
        for part in subject.parts
        for count in (*(layer.trainable for layer in part.count.layers), part.count.trainable)
        if count >= _TELLING
    }
    return len(counts & page.stream.whole) >= min(_RECOGNISED, len(counts))


def _in_whole(claims: tuple[Claim, ...], read: Document, whole: Document) -> tuple[Claim, ...]:
    """Count the blocks of spans in the document as it was read, its table of contents included."""
    if len(read.blocks) == len(whole.blocks):
        return claims
    index = {id(block): at for at, block in enumerate(whole.blocks)}
    return tuple(
        claim.model_copy(update={"span": (index[id(read.blocks[claim.span[0]])], *claim.span[1:])})
        if claim.span is not None
        else claim
        for claim in claims
    )


def _no_text() -> Claim:
    return Claim(
        quantity=Quantity.TEXT,
        verdict=Verdict.UNVERIFIABLE,
        rule=Rule.NO_TEXT,
        place=Place(),
        text="",
        how="the document has no text: nothing in it can be decided",
        decide="a document with text: pictures of pages hold none",
    )


def _other_networks(claims: tuple[Claim, ...], subject: Subject) -> Iterator[Claim]:
    """Once for each experiment: its counts are right for another network than the assignment's."""
    for part in subject.parts:
        if part.free:
            continue
        own = [
            claim
            for claim in claims
            if claim.experiment == part.id
            and claim.number is not None
            and claim.verdict is Verdict.VERIFIED
            and claim.quantity in {Quantity.LAYER_PARAMETERS, Quantity.TOTAL_PARAMETERS}
            and claim.number.value.isdecimal()
            and int(claim.number.value) >= _LEAST
        ]
        other = [claim for claim in own if not _asked(claim, part)]
        worked = [claim for claim in other if claim.rule is Rule.ARITHMETIC and re.search(r"[*×·x]", claim.text)]
        if worked:
            yield Claim(
                quantity=Quantity.NETWORK,
                verdict=Verdict.DEVIATES,
                rule=Rule.ASSIGNMENT,
                place=worked[0].place,
                text=worked[0].text,
                scope=Scope(experiment=part.id),
                fact=Fact(value=part.count.total_derivation, source=Source.ASSIGNMENT),
                how=f"it is counted right, but {part.asked.short_title} has no layer with that count",
                decide="the code",
            )


def _asked(claim: Claim, part: Part) -> bool:
    assert claim.number is not None
    counts = {layer.trainable for layer in part.count.layers} | {part.count.trainable}
    weights = {value - layer.output_shape[0] for layer in part.count.layers if (value := layer.trainable)}
    return int(claim.number.value) in counts | weights


def _notes(facts: Facts) -> Iterator[Note]:
    """What is worth knowing: another data set, and losses that rest where a second softmax leaves them."""
    yield from _double_softmax(facts)
    if facts.code is not None and facts.code.program.sources and facts.code.lost:
        lost = facts.code.program.words(facts.code.lost)
        yield Note(text=f"the code was not followed to its end, so it refutes less: {lost}", place=Place())
    asked = facts.subject.dataset
    named = [dataset.title for dataset in facts.datasets]
    if asked is not None and named and asked.title not in named:
        yield Note(
            text=f"the document is about {', '.join(named)}; the assignment's data set is {asked.title}", place=Place()
        )


def _double_softmax(facts: Facts) -> Iterator[Note]:
    """Histories whose loss ends at the floor that a loss has which takes probabilities for logits."""
    for grid in facts.page.grids:
        terms = [{found.id for found in vocabulary.find("term", head)} for head in grid.head]
        losses = [at for at, found in enumerate(terms) if "loss" in found]
        rates = [at for at, found in enumerate(terms) if "accuracy" in found]
        part = facts.subject.part(facts.page.contexts[grid.at[0]].part) if grid.at else None
        if not losses or not rates or part is None or part.free:
            continue
        loss, rate = (grid.column(columns[-1])[-1] for columns in (losses, rates))
        if loss is None or rate is None:
            continue
        accuracy = float(rate.value / 100 if rate.value > 1 else rate.value)
        if rests_on_double_softmax_floor(float(loss.value), accuracy, part.classes):
            text = (
                f"the loss ends at {loss.text}, just above {double_softmax_floor(part.classes):.3f}, and the accuracy "
                f"is {accuracy:.1%}: softmax was applied twice, before the loss and in it"
            )
            yield Note(text=text, place=grid.blocks[-1].place, experiment=part.id)
