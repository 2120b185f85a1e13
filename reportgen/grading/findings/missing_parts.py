"""What a report lacks: a fault where its text shows that it stands nowhere, else for a person to look at."""

import re
from collections.abc import Iterator

from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.verification.facts.subject import Part, Subject
from reportgen.verification.ledger import Item, Ledger, Missing, Quantity, Rule

_LEAST_WORDS = 100
"""Words of a report below which its text may stand in pictures."""
_RATE = re.compile(
    r"(?<![\d.,])(?:[5-9]\d|100)(?:\.\d+)?\s*\\?(?:%|percent|per\s+cent)(?!\s*\d)|(?<![\d.,])(?:[5-9]\d|0?)\.\d\d|"
    r"\d[\d,.\s]{0,9}(?:of|/|out\s+of)\s*(?:the\s+)?10[,.\s]?000",
    re.I,
)
_ABOUT_PARAMETERS = re.compile(r"total|param|trainable|weights|learn|\bsum\b|altogether|in\s+all|Σ", re.I)
_WHOLE = re.compile(
    r"(?<![\d.,])\d{1,3}(?:[,.\s\u2009\u202f'’{}\\]{1,4}\d{3}){1,3}(?![\d.,]*\d)|(?<![\d.,])\d{4,9}(?![\d.,]*\d)"
)
_IMPROVED = re.compile(
    r"bonus|improv|regulari[sz]|dropout|augment|schedul|batch[\s-]*norm|early[\s-]*stop|weight[\s-]*decay|overfit|techniq",
    re.I,
)
_ASSUMED = re.compile(
    r"assum|suppos|presum|interpret|taken\s+(?:as|to\s+be)|(?:not|nowhere)\s+(?:say|said|specif|given|give|fix|state|define)|"
    r"unspecified|handout\s+(?:leaves|does)|we\s+(?:take|chose|choose|decided)|i\s+(?:take|took|chose|decided)",
    re.I,
)
_ASSUMPTIONS = re.compile(r"\bassumptions?\b|\b(?:we|i)\s+(?:have\s+)?assumed?\b|\bit\s+(?:is|was)\s+assumed\b", re.I)
_CITED = re.compile(
    r"https?://(?!colab|drive)|\bet\s+al\b|arxiv|\bdoi\b|\[\d+\]|documentation|\bdocs\b|tutorial|textbook|\bcited?\b|"
    r"reference|bibliograph|(?<!computational\s)(?<!computing\s)\bresources\b|(?<!open[\s-])\bsources?\b|acknowledg|credits?\b|thanks|\[\^|lecture|www\.|"
    r"(?:adapted|taken|borrowed|copied|learn\w*)\s+from|based\s+on\s+(?:the\s+|a\s+)?(?:code|notebook|repo|work|example|paper|book)|stack\s*overflow|chatgpt|youtube|kaggle",
    re.I,
)
_GIVEN = re.compile(
    r"\bet\s+al\b|arxiv|\\bibitem|\\cite\w*\{|\b(?:ICLR|ICML|NeurIPS|JMLR|CVPR)\b|"
    r"\b(?:torch|pytorch|keras|tensorflow|sklearn|scikit-learn)\b[^\n]{0,30}\b(?:docs|documentation|tutorials?)\b",
    re.I,
)
"""Works and documentation that a report names, whatever stands above them."""
_NAMED = re.compile(
    r"^[^\w\n]{0,10}(?:[\divx]{1,5}[.)]?[^\w\n]{1,5})?(?:resources?\s(?:and|&)\s)?(?:references?|bibliography|works\s+cited)\b",
    re.I | re.M,
)
_COLAB = re.compile(r"colab|drive\.google", re.I)
_FIGURES = {Quantity.CURVES: "curves", Quantity.CONFUSION_MATRIX: "confusion-matrix"}
_WINDOW = 4
"""Lines around words about the improved network in which its result would stand."""


def find_missing(ledger: Ledger, subject: Subject, text: str) -> Iterator[Finding]:
    """Yield a finding for each thing that the ledger misses, and for what the report's texts meet."""
    sure = len(text.split()) >= _LEAST_WORDS and not ledger.problems
    for missing in ledger.missing:
        yield from _judge(missing, ledger, subject, text, sure)
    for claim in ledger.unverifiable:
        if claim.quantity in _FIGURES and claim.rule is Rule.NO_REFERENT and claim.number is None:
            # of pictures that are there, those who read them tell
            yield _undecided(_FIGURES[claim.quantity], claim.experiment, claim.place, claim.how)
    if subject.assignment is None:
        return
    asked = subject.assignment.report
    items = {missing.item: missing for missing in ledger.missing}
    if asked.assumptions:
        yield _stated("assumptions", _ASSUMPTIONS, _ASSUMED, text, items.get(Item.ASSUMPTIONS), sure)
    if asked.references:
        headed = Item.REFERENCES not in items and _NAMED.search(text) is not None
        pattern = _NAMED if headed else _GIVEN
        yield _stated("references", pattern, _CITED, text, items.get(Item.REFERENCES), sure)


def _stated(
    check: str, given: re.Pattern[str], spoken_of: re.Pattern[str], text: str, missing: Missing | None, sure: bool
) -> Finding:
    """Tell whether assumptions or references are given: met or a fault only where the text leaves no doubt."""
    match = given.search(text)
    if match is not None:
        line = text[text.rfind("\n", 0, match.start()) + 1 :].partition("\n")[0].strip()
        return Finding(check=check, kind=FindingKind.MET, text=line[:200], reason=f"{check} are given")
    if missing is not None:
        return _missing(check, missing, sure and not spoken_of.search(text), f"{check}, in words")
    return _undecided(check, None, Place(), f"{check} are spoken of; a person looks whether they are given")


def _judge(missing: Missing, ledger: Ledger, subject: Subject, text: str, sure: bool) -> Iterator[Finding]:
    part = subject.part(missing.experiment)
    if missing.item is Item.TOTAL_PARAMETERS and part is not None:
        yield _total(missing, part, ledger, subject, text, sure)
    elif missing.item is Item.ACCURACY:
        # a rate anywhere may be it, worded as verify can't read it
        nowhere = sure and not _RATE.search(text)
        yield _missing("accuracy", missing, nowhere, "the test accuracy, in the text")
    elif missing.item is Item.RESULT:
        yield _missing("techniques", missing, sure and not _gives_result(text), "the result of the techniques")
    elif missing.item is Item.EXPERIMENT and part is not None:
        if part.free:
            yield _missing("techniques", missing, sure and not _IMPROVED.search(text), "techniques with their result")
        else:
            what = f"{missing.what}: {missing.evidence}; a person looks"
            yield _undecided("content", part.id, missing.place, what)
    elif missing.item is Item.CONFUSION_MATRIX:
        yield _undecided("confusion-matrix", missing.experiment, missing.place, missing.evidence)
    elif missing.item is Item.CURVES:
        yield _undecided("curves", missing.experiment, missing.place, missing.evidence)
    elif missing.item is Item.LINK:
        # a link can lie under words
        yield _missing("colab-link", missing, sure and not _COLAB.search(text), "the notebook's link, in the text")


def _total(missing: Missing, part: Part, ledger: Ledger, subject: Subject, text: str, sure: bool) -> Finding:
    """A total is nowhere where no line about parameters has a number that could be it."""
    right = part.count.trainable
    for claim in ledger.verified:
        if claim.number is not None and claim.number.value == str(right):
            return Finding(
                check="total-parameters",
                kind=FindingKind.MET,
                experiment=part.id,
                place=claim.place,
                text=claim.text,
                reason=f"{part.asked.short_title}: {part.count.total_derivation}",
            )
    known = {layer.trainable for one in subject.parts for layer in one.count.layers}
    if subject.dataset is not None:
        known |= {count for split in subject.dataset.label_counts.values() for count in (*split, sum(split))}
    numbers = {
        number for line in _lines_of(text) for number in _wholes(line) if number >= 1000 and not 1990 <= number <= 2100
    }
    elsewhere = right in _wholes(text) or str(right) in re.sub(r"\D", "", " ".join(_lines_of(text)))
    nowhere = sure and not numbers - known and not elsewhere
    finding = _missing("total-parameters", missing, nowhere, part.count.total_derivation)
    return finding.model_copy(update={"found": "no number"}) if nowhere else finding


def _lines_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if _ABOUT_PARAMETERS.search(line)]


def _wholes(text: str) -> set[int]:
    return {int(re.sub(r"\D", "", match[0])) for match in _WHOLE.finditer(text)}


def _gives_result(text: str) -> bool:
    """Tell whether a rate stands near words about an improved network."""
    lines = text.splitlines()
    near = {
        index
        for at, line in enumerate(lines)
        if _IMPROVED.search(line)
        for index in range(at - _WINDOW, at + _WINDOW + 1)
    }
    return any(_RATE.search(lines[index]) for index in near if 0 <= index < len(lines))


def _missing(check: str, missing: Missing, nowhere: bool, expected: str) -> Finding:
    reason = missing.evidence if nowhere else f"{missing.evidence}; but it may be worded otherwise, so a person looks"
    return Finding(
        check=check,
        kind=FindingKind.FAULT if nowhere else FindingKind.UNDECIDED,
        experiment=missing.experiment,
        place=missing.place,
        reason=reason,
        expected=expected,
    )


def _undecided(check: str, experiment: str | None, place: Place, reason: str) -> Finding:
    return Finding(check=check, kind=FindingKind.UNDECIDED, experiment=experiment, place=place, reason=reason)
