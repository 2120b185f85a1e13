"""Accuracies and numbers of right images, held against the matrices, the tables of epochs and each other.

Words alone rarely tell which network, which images and which epoch an accuracy is about. So a number is called wrong
only where nothing in the document has it and what it should be stands nowhere in that form, or where its own clause
says otherwise.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reportgen.verification.claims.arithmetic import Number, tokenize
from reportgen.verification.claims.histories import split_of
from reportgen.verification.claims.outline import Passage, parts_of
from reportgen.verification.claims.tables import as_share
from reportgen.verification.facts.evidence import ELSEWHERE, Evidence, clause
from reportgen.verification.facts.subject import Part, Subject
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict

_LABEL = re.compile(
    r"accura|(?<![a-z])acc(?![a-z])|best|peak|highest|correct|recogni[sz]|\bright\b|\bhits?\b|score", re.I
)
_BEST = re.compile(r"\b(?:best|peak|highest|max(?:imum|imal)?|top)\b", re.I)
_OTHERS = re.compile(
    r"train|valid|\bval\b|\bdev\b|average|mean\b|median|±|\+/-|seeds|runs\b|expected|target|above|below|more\s+than|"
    r"at\s+least|macro|micro|weighted|nearly|almost|roughly|around|approx|literature|reported|human|chance|random|interval|confidence|\bCI\b|"
    r"precision|recall|(?<![a-z])f[\s_-]?1(?!\d)|per[\s-]class|class[\s-]wise|sensitivity|top-\d|predictive|specific|\bppv\b|kappa|κ|matthews|\bmcc\b|\bauc|points?\b|\bgain|\bpp\b|wilson|margin",
    re.I,
)
_IMPROVED = re.compile(
    r"bonus|improv|regulari[sz]|drop[\s-]?out|batch[\s-]*norm|augment|early[\s-]stop|extra\s+credit|tuned|enhanc|variant|\+\+?\s",
    re.I,
)
_NOT_BEST = re.compile(r"class|recall|precision|train|valid|\bval|epoch\W{0,3}\d+:", re.I)
_SPLIT_HEADING = re.compile(r"(?:train|valid)\w*\s+(?:set|acc|results?|scores?|perf)", re.I)
_LOGGED = re.compile(r"\bloss\b.*(?:epoch|\[\d+/\d+\])|(?:epoch|\[\d+/\d+\]).*\bloss\b", re.I)
_SCORED = re.compile(
    r"\bclass(?:es)?\s*(?:\d|[IVX]+\b|[A-D]\b|\{)|per[\s-]class|class[\s-]wise|recall|precision|(?<![a-z])f[\s_-]?1(?!\d)|f₁|digit\s+\d|sensitiv",
    re.I,
)
_DURING = re.compile(
    r"epoch|pass|first|initial|start|begin|from|after|rose|rise|increas|climb|best|peak|highest|train|val", re.I
)
_EPOCH = re.compile(
    r"(?:epoch|pass)\w*\s*(?:no\.?\s*|number\s*|#\s*)?\d{1,3}\b|\d{1,3}(?:st|nd|rd|th)\s+(?:epoch|pass)", re.I
)
_LEAST = Fraction(4, 5)
"""Accuracies below it are not looked at: they are more often something else."""
_OFF_BY_A_HUNDREDTH = Fraction(2, 10_000)


@dataclass(frozen=True)
class Measured:
    """An accuracy in words."""

    passage: Passage
    number: Number
    text: str
    start: int
    end: int
    value: Fraction
    """As a part of 1."""
    half: Fraction
    fraction: bool


def check_accuracies(passages: Sequence[Passage], evidence: Evidence, findings: Findings) -> None:
    """Judge the accuracies in the text of a document."""
    for passage in passages:
        if evidence.series.holds(passage.block):
            continue
        for measured in _measured(passage, evidence.subject):
            _check(measured, evidence, findings)


def _measured(passage: Passage, subject: Subject) -> Iterator[Measured]:
    """Yield the accuracies of a passage; a percentage beside an experiment's name needs no other word."""
    labelled = _LABEL.search(passage.text)
    if not labelled and not subject.named_parts(passage.text):
        return
    tokens = tokenize(passage.text)
    for index, token in enumerate(tokens):
        if token.number is None or not token.number.decimals:
            continue
        after = passage.text[token.end : token.end + 12]
        percent = bool(re.match(r"\s?(?:%|per\s?cent)", after))
        value, half = as_share(token.number, "%" if percent else "")
        fraction = token.number.value <= 1 and not percent
        if not labelled and not percent:
            continue
        before = tokens[index - 1].text if index else ""
        if not _LEAST <= value < 1 or token.number.decimals < (3 if fraction else 1) or before in {"[", "±", "-", "+"}:
            continue
        yield Measured(passage, token.number, token.text, token.start, token.end, value, half, fraction)


@dataclass(frozen=True)
class _Answer:
    """What became of an accuracy, and by which rule."""

    verdict: Verdict
    rule: str
    expected: Fraction | None = None
    experiment: str | None = None


@dataclass(frozen=True)
class _Setting:
    """What is known of an accuracy before it is judged."""

    split: str
    words: str
    about: tuple[Part, ...]
    """Experiments that it may be about, the likeliest first."""
    sure: bool
    shares: dict[str, Fraction]
    """Accuracies of the experiments that the document gives."""
    free: bool
    """It is about a network that the assignment leaves to the student."""
    exact: bool
    """It has decimals enough to tell one image from two."""


def _check(measured: Measured, evidence: Evidence, findings: Findings) -> None:
    setting = _setting(measured, evidence)
    judges = (_by_matrix, _as_best, _by_table, _by_absence, _by_reach)
    answer = next((found for judge in judges if (found := judge(measured, setting, evidence))), None)
    answer = answer or _Answer(Verdict.UNVERIFIABLE, "nothing in the document decides it")
    experiment = answer.experiment or (setting.about[0].id if setting.about and setting.sure else None)
    text = measured.passage.text
    findings.add(
        f"{setting.split}-accuracy",
        answer.verdict,
        measured.passage.block,
        text[max(0, measured.start - 60) : measured.end + 2].strip(),
        answer.rule,
        expected=None if answer.expected is None else _shown(answer.expected, measured),
        found=measured.text,
        decide="the confusion matrix or the predictions in figures" if answer.verdict is Verdict.UNVERIFIABLE else None,
        experiment=experiment,
    )


def _setting(measured: Measured, evidence: Evidence) -> _Setting:
    passage = measured.passage
    ids, sure = parts_of(passage, evidence.subject, measured.start)
    about = tuple(part for part_id in ids if (part := evidence.subject.part(part_id)))
    words = clause(passage.text, measured.start)
    heading = passage.context.heading if _SPLIT_HEADING.search(passage.context.heading) else ""
    improved = id(passage.block) in evidence.improved or bool(_IMPROVED.search(passage.text))
    return _Setting(
        split_of(words) or split_of(heading) or "test",
        words,
        about,
        sure,
        {part.id: share for part in _asked(evidence) if (share := evidence.share(part)) is not None},
        improved or any(part.free for part in about[:1]),
        measured.number.decimals >= (4 if measured.fraction else 2),
    )


def _asked(evidence: Evidence) -> list[Part]:
    return [part for part in evidence.subject.parts if not part.free]


def _by_matrix(measured: Measured, setting: _Setting, evidence: Evidence) -> _Answer | None:
    """Judge an accuracy that is some experiment's."""
    shares = setting.shares
    own = next(
        (p for p in _asked(evidence) if p.id in shares and abs(shares[p.id] - measured.value) <= measured.half), None
    )
    if own is None or setting.split != "test":
        return None
    if _is_anothers(measured, own, setting.about, setting.sure, evidence):
        wrong = setting.about[0]
        return _Answer(Verdict.CONTRADICTED, f"it is {own.asked.short_title}'s", shares[wrong.id], wrong.id)
    total = evidence.subject.dataset.sizes["test"]
    source = (
        "the printed confusion matrix" if evidence.matrices.get(own.id) else "the numbers of right and wrong images"
    )
    rule = f"{source}: {int(shares[own.id] * total):,} of {total:,}"
    return _Answer(Verdict.VERIFIED, rule, shares[own.id], own.id)


def _as_best(measured: Measured, setting: _Setting, evidence: Evidence) -> _Answer | None:
    """Judge an accuracy that calls itself the best, where there is a table of epochs for each experiment."""
    if not _BEST.search(setting.words) or _NOT_BEST.search(setting.words) or setting.free:
        return None
    bests = [best for share in setting.shares.values() if (best := evidence.series.best(share))]
    if len(bests) == len(_asked(evidence)):
        nearest = min(bests, key=lambda best: abs(best - measured.value))
        fits = abs(nearest - measured.value) <= measured.half
        if fits or setting.exact:
            verdict = Verdict.VERIFIED if fits else Verdict.CONTRADICTED
            return _Answer(verdict, "the highest of its table of epochs", nearest)
    known = evidence.explains(measured.value, measured.half)
    complete = len(setting.shares) == len(_asked(evidence))
    if complete and setting.exact and setting.split == "test" and not known and evidence.series.reaches(measured.value):
        return _Answer(Verdict.CONTRADICTED, "no epoch of the tables has it")
    return None


def _by_table(measured: Measured, setting: _Setting, evidence: Evidence) -> _Answer | None:
    """Judge an accuracy of some epoch or of some class."""
    text = measured.passage.text
    scored = _SCORED.search(f"{setting.words} {measured.passage.context.heading}") or _SCORED.search(text[:40])
    known = evidence.series.has(measured.value, measured.half) and _DURING.search(text)
    if known or (scored and evidence.explains(measured.value, measured.half)):
        return _Answer(Verdict.VERIFIED, "a table of epochs or of classes has it")
    return None


def _by_absence(measured: Measured, setting: _Setting, evidence: Evidence) -> _Answer | None:
    """Judge an accuracy that nothing gives, where an experiment's own stands nowhere, or is a hundredth away."""
    parts, shares = _asked(evidence), setting.shares
    if not setting.exact or setting.split != "test" or setting.free or len(shares) < len(parts):
        return None
    if any(pattern.search(setting.words) for pattern in (_OTHERS, _EPOCH, _BEST)):
        return None
    if _LOGGED.search(measured.passage.text):
        return None
    unsaid = [part for part in parts if not evidence.is_stated(part, fraction=measured.fraction)]
    nearest = min(unsaid or parts, key=lambda part: abs(shares[part.id] - measured.value))
    if unsaid or abs(shares[nearest.id] - measured.value) <= _OFF_BY_A_HUNDREDTH:
        rule = "no matrix and no table of the document gives it"
        return _Answer(Verdict.CONTRADICTED, rule, shares[nearest.id], nearest.id)
    return None


def _by_reach(measured: Measured, setting: _Setting, evidence: Evidence) -> _Answer | None:
    """Judge a test accuracy that no number of images gives."""
    total = evidence.subject.dataset.sizes["test"]
    reachable = abs(Fraction(round(measured.value * total), total) - measured.value) <= measured.half
    tested = re.search(r"\btest", setting.words, re.I) and not _OTHERS.search(measured.passage.text)
    if reachable or setting.free or not tested:
        return None
    return _Answer(Verdict.CONTRADICTED, f"no whole number of {total:,} test images gives it")


def _is_anothers(measured: Measured, own: Part, about: Sequence[Part], sure: bool, evidence: Evidence) -> bool:
    """Tell whether an accuracy stands as one experiment's, is another's, and the first one's stands nowhere."""
    if not about or about[0] is own or about[0].free:
        return False
    text = measured.passage.text
    named = {part for _, part in evidence.subject.named_parts(text)} or {
        part for _, part in evidence.subject.named_parts(measured.passage.block.text)
    }
    if id(measured.passage.block) in evidence.improved or own.id in named or not (sure or named == {about[0].id}):
        return False
    if ELSEWHERE.search(clause(text, measured.start)):
        return False
    share = evidence.share(about[0])
    return share is not None and not evidence.is_stated(about[0], fraction=measured.fraction)


def _shown(share: Fraction, measured: Measured) -> str:
    decimals = measured.number.decimals
    return f"{float(share):.{decimals}f}" if measured.fraction else f"{float(share * 100):.{decimals}f}"
