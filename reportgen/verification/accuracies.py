"""Accuracies and numbers of right images, held against the matrices, the tables of epochs and each other.

Words alone rarely tell which network, which images and which epoch an accuracy is about. So a number is called wrong
only where nothing in the document has it and what it should be stands nowhere in that form, or where its own clause
says otherwise.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from reportgen.verification.arithmetic import Number, tokenize
from reportgen.verification.documents import Block
from reportgen.verification.findings import Findings
from reportgen.verification.histories import split_of
from reportgen.verification.ledger import Verdict
from reportgen.verification.matrices import Matrix
from reportgen.verification.numerals import Stream
from reportgen.verification.outline import Passage, parts_of
from reportgen.verification.series import Series
from reportgen.verification.subject import Part, Subject
from reportgen.verification.tables import as_share

_LABEL = re.compile(r"accura|\bacc\b|\bacc\.|correct|recogni[sz]|\bright\b|\bhits?\b|score", re.I)
_COUNTED = re.compile(r"correct|recogni[sz]|\bright|\bhits?\b|successful|properly|classified|accura", re.I)
_BEST = re.compile(r"\b(?:best|peak|highest|max(?:imum|imal)?|top)\b", re.I)
_OTHERS = re.compile(
    r"train|valid|\bval\b|\bdev\b|average|mean\b|median|±|\+/-|seeds|runs\b|expected|target|above|below|more\s+than|"
    r"at\s+least|nearly|almost|roughly|around|approx|literature|reported|human|chance|random|interval|confidence|\bCI\b|"
    r"precision|recall|f[\s-]?1|per[\s-]class|class[\s-]wise|sensitivity|top-\d|points?\b|\bgain|\bpp\b|wilson|margin",
    re.I,
)
_IMPROVED = re.compile(
    r"bonus|improv|regulari[sz]|drop[\s-]?out|batch[\s-]*norm|augment|early[\s-]stop|extra\s+credit|tuned|enhanc|variant|\+\+?\s",
    re.I,
)
ELSEWHERE = re.compile(
    r"\b(?:best|peak|highest|max(?:imum|imal)?|top)\b|\bepoch\s*(?:no\.?|number|#)?\W{0,3}\d|\d(?:st|nd|rd|th)\s+epoch|train|valid|macro|weighted|\bavg|f[\s-]?1|f₁|recall|precision",
    re.I,
)
_SPLIT_HEADING = re.compile(r"(?:train|valid)\w*\s+(?:set|acc|results?|scores?|perf)", re.I)
_SCORED = re.compile(r"class|recall|precision|f[\s-]?1|f₁|digit\s+\d|sensitiv", re.I)
_DURING = re.compile(
    r"epoch|pass|first|initial|start|begin|from|after|rose|rise|increas|climb|best|peak|highest|train|val", re.I
)
_EPOCH = re.compile(
    r"(?:epoch|pass)\w*\s*(?:no\.?\s*|number\s*|#\s*)?\d{1,3}\b|\d{1,3}(?:st|nd|rd|th)\s+(?:epoch|pass)", re.I
)
_LEAST = Fraction(4, 5)
"""Accuracies below it are not looked at: they are more often something else."""
_OFF_BY_A_HUNDREDTH = Fraction(2, 10_000)


@dataclass
class Evidence:
    """What a document's accuracies are held against."""

    subject: Subject
    matrices: dict[str, list[Matrix]]
    """By experiment."""
    series: Series
    stream: Stream
    improved: set[int]
    """Blocks, by id, that are about the improved network."""
    stated: dict[tuple[str, bool], bool] = field(default_factory=dict)

    @cached_property
    def _known(self) -> tuple[Fraction, ...]:
        return tuple(self._shares())

    def share(self, part: Part) -> Fraction | None:
        """Accuracy of an experiment by its matrix."""
        found = self.matrices.get(part.id, [])
        return Fraction(found[0].trace, found[0].total) if found else None

    def is_stated(self, part: Part, *, fraction: bool) -> bool:
        """Tell whether the accuracy of an experiment stands outside of all series, in percent or as a fraction."""
        key = (part.id, fraction)
        if key not in self.stated:
            share = self.share(part)
            self.stated[key] = share is not None and any(
                numeral.rounds_share(share)
                for numeral in self.series.outside
                if (numeral.value <= 1) is fraction
                and numeral.number.decimals >= (4 if fraction else 2)
                and not ELSEWHERE.search(clause(numeral.block.text, numeral.start))
            )
        return self.stated[key]

    def explains(self, value: Fraction, half: Fraction) -> bool:
        """Tell whether a share is some accuracy, error rate or score of a class that the document gives."""
        return any(abs(share - value) <= half for share in self._known) or self.series.has(value, half)

    def averages(self, value: Fraction, half: Fraction) -> bool:
        """Tell whether a share is the mean of the classes' precisions, recalls or F1 scores."""
        return any(abs(share - value) <= half for share in self._means)

    @cached_property
    def _means(self) -> list[Fraction]:
        means = []
        for matrix in (matrix for found in self.matrices.values() for matrix in found):
            sizes = [sum(row) for row in matrix.rows]
            for shares in matrix.scores().values():
                weighted = sum((share * size for share, size in zip(shares, sizes, strict=True)), Fraction(0))
                means += [sum(shares, Fraction(0)) / len(shares), weighted / sum(sizes)]
        return means

    def _shares(self) -> Iterator[Fraction]:
        for found in self.matrices.values():
            for matrix in found:
                yield Fraction(matrix.trace, matrix.total)
                for shares in matrix.scores().values():
                    yield from shares


def clause(text: str, at: int) -> str:
    """The words before a number, back to the number before it that is no part of the same list, and some after it."""
    before = text[:at]
    numbers = list(re.finditer(r"(?<![^\W_])\d[\d.,]*\s*(?:%|per\s?cent)?", before))
    start = 0
    for number in reversed(numbers):
        if re.search(r"[^\W\d_]{3,}", re.sub(r"\b(?:and|or|vs|respectively)\b", "", before[number.end() :])):
            start = number.end()
            break
    after = re.split(r"\d", text[at:].lstrip("0123456789., "), maxsplit=1)[0][:40]
    return f"{before[start:]} {after}"


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

    @property
    def shown(self) -> str:
        """The number as printed."""
        return self.text


def check_accuracies(passages: Sequence[Passage], evidence: Evidence, findings: Findings) -> None:
    """Judge the accuracies and numbers of right images in the text of a document."""
    for passage in passages:
        if evidence.series.holds(passage.block):
            continue
        for measured in _measured(passage, evidence.subject):
            _check(measured, evidence, findings)
        _check_counted(passage, evidence, findings)


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


def _check(measured: Measured, evidence: Evidence, findings: Findings) -> None:
    passage = measured.passage
    ids, sure = parts_of(passage, evidence.subject, measured.start)
    about = [part for part_id in ids if (part := evidence.subject.part(part_id))]
    parts = [part for part in evidence.subject.parts if not part.free]
    shares = {part.id: share for part in parts if (share := evidence.share(part)) is not None}
    heading = passage.context.heading if _SPLIT_HEADING.search(passage.context.heading) else ""
    split = split_of(clause(passage.text, measured.start)) or split_of(heading) or "test"
    own = next(
        (part for part in parts if part.id in shares and abs(shares[part.id] - measured.value) <= measured.half), None
    )
    experiment = own.id if own else about[0].id if about and sure else None
    kind = f"{split}-accuracy"
    if own is not None and split == "test":
        matrix = evidence.matrices[own.id][0]
        rule = f"the printed confusion matrix: {matrix.trace:,} of {matrix.total:,} on the diagonal"
        if _is_anothers(measured, own, about, sure, evidence):
            wrong = about[0]
            _enter(
                findings,
                measured,
                kind,
                Verdict.CONTRADICTED,
                f"it is {own.asked.short_title}'s",
                shares[wrong.id],
                wrong.id,
            )
        else:
            _enter(findings, measured, kind, Verdict.VERIFIED, rule, shares[own.id], own.id)
        return
    words = clause(passage.text, measured.start)
    bests = {part.id: evidence.series.best(share) for part in parts if (share := shares.get(part.id)) is not None}
    is_best = _BEST.search(words) and not re.search(r"class|recall|precision|train|valid|\bval", words, re.I)
    if is_best and id(passage.block) not in evidence.improved and all(bests.values()) and len(bests) == len(parts):
        fits = any(best is not None and abs(best - measured.value) <= measured.half for best in bests.values())
        if fits or measured.number.decimals >= (4 if measured.fraction else 2):
            nearest_best = min((best for best in bests.values() if best), key=lambda best: abs(best - measured.value))
            verdict = Verdict.VERIFIED if fits else Verdict.CONTRADICTED
            _enter(findings, measured, kind, verdict, "the highest of its table of epochs", nearest_best, experiment)
            return
    scored = _SCORED.search(f"{words} {passage.context.heading}") or _SCORED.search(passage.text[:40])
    known = evidence.series.has(measured.value, measured.half) and _DURING.search(passage.text)
    if known or (scored and evidence.explains(measured.value, measured.half)):
        _enter(findings, measured, kind, Verdict.VERIFIED, "a table of epochs or of classes has it", None, experiment)
        return
    free = id(passage.block) in evidence.improved or _IMPROVED.search(passage.text) or any(p.free for p in about[:1])
    exact = measured.number.decimals >= (4 if measured.fraction else 2)
    if exact and split == "test" and not free and not _OTHERS.search(words) and len(shares) == len(parts):
        nearest = min(parts, key=lambda part: abs(shares[part.id] - measured.value))
        unsaid = [part for part in parts if not evidence.is_stated(part, fraction=measured.fraction)]
        if _BEST.search(words) and evidence.series.numerals:
            pass
        elif (
            not _EPOCH.search(words)
            and not re.search(r"\bloss\b.*epoch|epoch.*\bloss\b", passage.block.text, re.I)
            and (unsaid or abs(shares[nearest.id] - measured.value) <= _OFF_BY_A_HUNDREDTH)
        ):
            wrong = min(unsaid or [nearest], key=lambda part: abs(shares[part.id] - measured.value))
            rule = "no matrix and no table of the document gives it"
            _enter(findings, measured, kind, Verdict.CONTRADICTED, rule, shares[wrong.id], wrong.id)
            return
    if (
        exact
        and split == "test"
        and not free
        and _BEST.search(words)
        and evidence.series.reaches(measured.value)
        and not re.search(r"train|valid|recall|precision", words, re.I)
    ):
        _enter(findings, measured, kind, Verdict.CONTRADICTED, "no epoch of the tables has it", None, experiment)
        return
    total = evidence.subject.dataset.sizes["test"]
    reachable = abs(Fraction(round(measured.value * total), total) - measured.value) <= measured.half
    if not reachable and not free and re.search(r"\btest", words, re.I) and not _OTHERS.search(passage.text):
        rule = f"no whole number of {total:,} test images gives it"
        findings.add(
            kind,
            Verdict.CONTRADICTED,
            passage.block,
            passage.text,
            rule,
            expected=f"k / {total:,}",
            found=measured.text,
        )
        return
    _enter(findings, measured, kind, Verdict.UNVERIFIABLE, "nothing in the document decides it", None, experiment)


def _is_anothers(measured: Measured, own: Part, about: Sequence[Part], sure: bool, evidence: Evidence) -> bool:
    """Tell whether an accuracy stands as one experiment's, is another's, and the first one's stands nowhere."""
    if not about or about[0] is own or about[0].free:
        return False
    text = measured.passage.text
    named = {part for _, part in evidence.subject.named_parts(text)}
    if id(measured.passage.block) in evidence.improved or own.id in named or not (sure or named == {about[0].id}):
        return False
    if ELSEWHERE.search(clause(text, measured.start)):
        return False
    share = evidence.share(about[0])
    return share is not None and not evidence.is_stated(about[0], fraction=measured.fraction)


def _enter(
    findings: Findings,
    measured: Measured,
    kind: str,
    verdict: Verdict,
    rule: str,
    expected: Fraction | None,
    experiment: str | None,
) -> None:
    text = measured.passage.text
    findings.add(
        kind,
        verdict,
        measured.passage.block,
        text[max(0, measured.start - 60) : measured.end + 2].strip(),
        rule,
        expected=None if expected is None else _shown(expected, measured),
        found=measured.shown,
        decide="the confusion matrix or the predictions in figures" if verdict is Verdict.UNVERIFIABLE else None,
        experiment=experiment,
    )


def _shown(share: Fraction, measured: Measured) -> str:
    decimals = measured.number.decimals
    return f"{float(share):.{decimals}f}" if measured.fraction else f"{float(share * 100):.{decimals}f}"


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


def _check_counted(passage: Passage, evidence: Evidence, findings: Findings) -> None:
    """Judge numbers of right images that are nobody's."""
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
        traces = {part.id: evidence.matrices[part.id][0].trace for part in parts}
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
