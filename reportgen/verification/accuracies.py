"""Accuracies and losses in words, held against the matrix, the table of epochs and each other."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from reportgen.verification.arithmetic import read_number
from reportgen.verification.documents import Block
from reportgen.verification.findings import Findings
from reportgen.verification.histories import History, split_of
from reportgen.verification.ledger import Verdict
from reportgen.verification.matrices import Matrix
from reportgen.verification.outline import Passage, parts_of
from reportgen.verification.subject import Part, Subject
from reportgen.verification.tables import as_share

_VALUE = r"(?P<value>\d{1,3}(?:\.\d+)?|\.\d+)(?![\d,]*\d)\s*(?P<percent>%|percent|per\s+cent)?"
_LINK_WORDS = (
    "of|is|was|were|are|at|to|as|reached|reaches|reach|achieved|obtained|attained|on|the|test|set|data|images|final|"
    "overall|for|about|approximately|around|came|comes|out|score|rate|value|equals|equal|stands|ended|ends|with|network|"
    "model|cnn|a|an|got|we|it|this|its|in|experiment|gives|gave|by|end|after|training|epochs?"
)
_FRACTION = r"\d[\d,]*\s*(?:/|out\s+of|of)\s*(?:the\s+)?\d[\d,]*(?=\s*(?:=|×|\*|,|\(|≈))"
_LINK = rf"(?:\W|{_FRACTION}|\b(?:{_LINK_WORDS}|\d{{1,3}}\s+epochs|epoch\s+\d{{1,3}})\b){{0,14}}?"
_ACCURACY = re.compile(rf"\bacc(?:urac(?:y|ies)|\.)?(?![\w-])(?P<link>{_LINK}){_VALUE}", re.I)
_CONTINUED = re.compile(
    rf"[\s,]*(?:(?:=|≈|\bthat\s+is\b|\bi\.\s?e\.|\bor\b|\bwhich\s+is\b|×\s*100|\*\s*100)[\s,]*)+{_VALUE}"
    r"(?!\s*(?:\w+\s+)?(?:interval|confidence|CI\b))",
    re.I,
)
_ACCURACY_AFTER = re.compile(
    rf"(?<![\d.,]){_VALUE}\s*(?:(?:of|on|in|for|test|testing|train|training|validation|classification|overall|final|the|top-1)\s+){{0,4}}acc(?:uracy)?\b",
    re.I,
)
_LOSS = re.compile(rf"\bloss\b(?P<link>{_LINK})(?P<value>\d{{1,2}}\.\d+)(?!\s*%|[\d,]*\d)", re.I)
_CORRECT = re.compile(
    r"(?P<value>\d[\d,]{0,6}\d|\d)\s*(?:(?:test\s+)?(?:images|samples|digits|examples)\s*)?(?:(?:are|were|is|was)\s+)?(?P<how>correct(?:ly)?|right(?:ly)?|wrong(?:ly)?|misclassified|incorrect(?:ly)?|errors|mistakes)?\s*(?:classified\s*|predicted\s*)?(?:\s*(?:images|samples)\s*)?(?:/|out\s+of|of)\s*(?:the\s+|all\s+)?(?P<total>\d[\d,]*\d)(?![\d.]*\d)",
    re.I,
)
_OF_CORRECT = re.compile(
    r"\bof\s+(?:the\s+|all\s+)?(?P<total>\d[\d,]*\d)\s*(?:test\s+)?(?:images|samples|digits)?\s*,?\s*(?P<value>\d[\d,]*)\s*"
    r"(?:are|were|is|was)?\s*(?:classified\s+|predicted\s+)?(?P<how>correct(?:ly)?|right(?:ly)?|wrong(?:ly)?|"
    r"misclassified|incorrect(?:ly)?)",
    re.I,
)
_CORRECT_ALONE = re.compile(
    r"(?P<value>\d[\d,]*)\s+(?:(?:test\s+)?images\s+)?(?P<how>correctly|rightly|wrongly|incorrectly|mis)\s*classified\b"
    r"(?!\s*(?:/|of|out))",
    re.I,
)
_JUDGED = re.compile(r"correct|right|wrong|misclass|error|mistake|accura|\bacc\b", re.I)
_WRONGLY = re.compile(r"wrong|mis|incorrect|error|mistake", re.I)
_QUALIFIED = re.compile(
    r"epoch|best|peak|highest|maximum|\bmax\b|average|mean|median|±|\+/-|seeds?|runs|improv|increase|gain|drop|from\s|baseline|compared|than|previous|expected|target|above|below|over\s+\d|more|less|least|nearly|almost|roughly|\beach\b|class(?:es)?\s+\d|digit",
    re.I,
)
_AVERAGED = re.compile(
    r"average|mean\b|median|±|\+/-|seeds|runs|improv|increase|gain|drop|baseline|than|previous|expected|target|above|below|over\s+\d|more\s+than|at\s+least|nearly|almost|roughly|around|approximately|about|\beach\b|digit|per[\s-]class|top-\d",
    re.I,
)
_EPOCH = re.compile(r"epochs?\s*(?:no\.?\s*|number\s*|#\s*)?(\d{1,3})\b|(\d{1,3})(?:st|nd|rd|th)\s+epoch", re.I)


@dataclass(frozen=True)
class Measured:
    """An accuracy or a loss in words."""

    part: Part
    sure: bool
    what: str
    """accuracy or loss."""
    split: str | None
    value: Fraction
    half: Fraction
    """Half the unit of the last place printed."""
    text: str
    passage: Passage
    qualified: bool
    """Words beside it say that it is one of many: of some epoch, the best, an average."""


def find_measured(passage: Passage, subject: Subject) -> list[Measured]:
    """Find the accuracies and losses that one passage states."""
    found: list[Measured] = []
    spans: set[int] = set()
    for what, pattern in (("accuracy", _ACCURACY_AFTER), ("accuracy", _ACCURACY), ("loss", _LOSS)):
        for match in pattern.finditer(passage.text):
            values = [match]
            while (
                what == "accuracy"
                and pattern is _ACCURACY
                and (more := _CONTINUED.match(passage.text, values[-1].end()))
            ):
                values.append(more)
            for printed in values:
                if printed.start("value") in spans:
                    continue
                one = _measured(what, match, printed, passage, subject, pattern is _ACCURACY_AFTER)
                if one is not None:
                    spans.add(printed.start("value"))
                    found.append(one)
    return found


def _measured(
    what: str, match: re.Match[str], printed: re.Match[str], passage: Passage, subject: Subject, after: bool
) -> Measured | None:
    """Read one value; ``match`` holds the words that say what it is, ``after`` it."""
    number = read_number(printed["value"])
    percent = what == "accuracy" and bool(printed["percent"])
    ids, sure = parts_of(passage, subject, printed.start("value"))
    part = subject.part(ids[0])
    if part is None or number is None or (what == "accuracy" and not percent and not number.decimals):
        return None
    half = Fraction(1, 10**number.decimals) / 2
    text = passage.text[match.start() : printed.end()]
    value, half = as_share(number, printed[0]) if what == "accuracy" else (number.value, half)
    near = match[0] if after else passage.text[: match.end()]
    split = split_of(near) or split_of(passage.text) or split_of(passage.context.heading)
    averaged = bool(_AVERAGED.search(passage.text))
    return Measured(
        part, sure and not averaged, what, split, value, half, text, passage, bool(_QUALIFIED.search(passage.text))
    )


def check_measured(  # noqa: PLR0911 (one verdict a source of evidence, the best first)
    measured: Measured, matrices: dict[str, Matrix], histories: Sequence[History], findings: Findings
) -> Verdict:
    """Hold one accuracy or loss against what else the document gives."""
    split = measured.split or "test"
    rows = [
        row
        for history in histories
        if history.part is measured.part or history.part is None
        for row in history.columns.get(f"{split} {measured.what}", ())
    ]
    named = _EPOCH.search(measured.passage.text)
    kind = f"{split} {measured.what}"
    matrix = matrices.get(measured.part.id) if measured.what == "accuracy" and split == "test" else None
    if measured.what == "accuracy" and measured.value > 1:
        return _enter(findings, measured, kind, Verdict.CONTRADICTED, "an accuracy is at most 100 %", "≤ 100 %")
    if matrix and _near(measured, Fraction(matrix.trace, matrix.total)):
        return _enter(
            findings,
            measured,
            kind,
            Verdict.VERIFIED,
            f"the printed confusion matrix: {matrix.trace:,} of {matrix.total:,} on the diagonal",
            _percent(matrix),
        )
    if named and rows and len(_EPOCH.findall(measured.passage.text)) == 1:
        epoch = int(named[1] or named[2])
        row = next((row for row in rows if row[0] == epoch), None)
        if row:
            fits = abs(row[1] - measured.value) < measured.half + row[2]
            final = any(
                abs(other[1] - measured.value) < measured.half + other[2]
                for other in (rows[-1], *_best(rows, measured.what))
            )
            if fits or not final:
                return _enter(
                    findings,
                    measured,
                    kind,
                    Verdict.VERIFIED if fits else Verdict.CONTRADICTED if measured.sure else Verdict.UNVERIFIABLE,
                    f"the table of epochs, epoch {epoch}",
                    row[3],
                )
    fitting = [row for row in rows if abs(row[1] - measured.value) < measured.half + row[2]]
    agreed = matrix and rows and abs(rows[-1][1] - Fraction(matrix.trace, matrix.total)) <= rows[-1][2]
    if matrix and not measured.qualified and measured.sure and (agreed or not fitting):
        return _enter(
            findings,
            measured,
            kind,
            Verdict.CONTRADICTED,
            f"the printed confusion matrix: {matrix.trace:,} of {matrix.total:,} on the diagonal",
            _percent(matrix),
        )
    if fitting:
        return _enter(
            findings, measured, kind, Verdict.VERIFIED, f"the table of epochs, epoch {fitting[-1][0]}", fitting[-1][3]
        )
    total = sum(measured.part.test_counts)
    if (
        measured.what == "accuracy"
        and split == "test"
        and measured.split
        and measured.sure
        and not _reachable(measured, total)
    ):
        return _enter(
            findings,
            measured,
            kind,
            Verdict.CONTRADICTED,
            f"no whole number of {total:,} test images gives it",
            f"k / {total:,}",
        )
    if rows and measured.sure and split == "test" and (not measured.qualified or measured.what == "accuracy"):
        last = rows[-1]
        return _enter(findings, measured, kind, Verdict.CONTRADICTED, "the table of epochs: no epoch has it", last[3])
    return _enter(findings, measured, kind, Verdict.UNVERIFIABLE, "nothing in the document decides it", None)


def _enter(
    findings: Findings, measured: Measured, kind: str, verdict: Verdict, rule: str, expected: str | None
) -> Verdict:
    findings.add(
        kind.replace(" ", "-"),
        verdict,
        measured.passage.block,
        measured.text,
        rule,
        expected=expected,
        found=measured.text.split()[-1] if measured.what == "loss" else _shown(measured),
        decide="the confusion matrix or the predictions in figures" if verdict is Verdict.UNVERIFIABLE else None,
        experiment=measured.part.id,
    )
    return verdict


def _shown(measured: Measured) -> str:
    places = max(0, round(-math.log10(2 * measured.half * 100)))
    return f"{float(measured.value * 100):.{places}f} %"


def _near(measured: Measured, value: Fraction) -> bool:
    return abs(measured.value - value) <= measured.half


def _percent(matrix: Matrix) -> str:
    return f"{100 * matrix.trace / matrix.total:.2f} %"


def _best(
    rows: Sequence[tuple[int, Fraction, Fraction, str, Block]], what: str
) -> list[tuple[int, Fraction, Fraction, str, Block]]:
    if not rows:
        return []
    return [max(rows, key=lambda row: row[1]) if what == "accuracy" else min(rows, key=lambda row: row[1])]


def _reachable(measured: Measured, total: int) -> bool:
    nearest = Fraction(round(measured.value * total), total)
    return abs(nearest - measured.value) <= measured.half


def check_correct(passage: Passage, subject: Subject, matrices: dict[str, Matrix], findings: Findings) -> None:
    """Judge numbers of images (``9,731 of 10,000``) against the matrix."""
    text = passage.text
    if not _JUDGED.search(text) or _AVERAGED.search(text):
        return
    for match in (*_CORRECT.finditer(text), *_OF_CORRECT.finditer(text), *_CORRECT_ALONE.finditer(text)):
        ids, sure = parts_of(passage, subject, match.start())
        matrix = matrices.get(ids[0])
        total = int((match.groupdict().get("total") or "0").replace(",", ""))
        if matrix is None or not sure or total not in {0, matrix.total}:
            continue
        value = int(match["value"].replace(",", ""))
        how = match["how"] or text[match.end() :][:60]
        expected = matrix.total - matrix.trace if _WRONGLY.search(how) else matrix.trace
        fits = value == expected or (not match["how"] and value in {matrix.trace, matrix.total - matrix.trace})
        if not fits and not total and abs(value - expected) > expected / 2:
            continue  # of one class, perhaps
        findings.add(
            "correct-images",
            Verdict.VERIFIED if fits else Verdict.CONTRADICTED,
            passage.block,
            match[0],
            "the diagonal of the printed confusion matrix",
            expected=f"{expected:,}",
            found=f"{value:,}",
            experiment=ids[0],
        )


def check_agreement(measured: Sequence[Measured], findings: Findings) -> None:
    """Hold the test accuracies of one experiment, where nothing else decided them, against each other."""
    first: dict[str, Measured] = {}
    for one in measured:
        if one.what != "accuracy" or one.split != "test" or one.qualified or not one.sure:
            continue
        known = first.setdefault(one.part.id, one)
        if abs(known.value - one.value) > known.half + one.half:
            findings.add(
                "test-accuracy",
                Verdict.CONTRADICTED,
                one.passage.block,
                one.text,
                f"the same accuracy stands in {known.passage.block.place}",
                expected=known.text,
                found=one.text,
                experiment=one.part.id,
            )
