"""One accuracy in several forms side by side: percent, fraction, right images, wrong images. They have to agree.

In a sentence, a row or a column that gives an experiment's accuracy in one form, the number that stands for the same
accuracy in another form is a claim too, whatever its words.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reportgen.documents.blocks import Block
from reportgen.verification.claims.numerals import Numeral
from reportgen.verification.claims.tables import Table
from reportgen.verification.facts.evidence import ELSEWHERE, Evidence, clause
from reportgen.verification.facts.subject import Part
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict

_WRONG = re.compile(r"wrong|error|mis|incorrect|\bnot\b|fail|\boff\b|mistake", re.I)
_RIGHT = re.compile(
    r"correct|right|recogni|\bhits?\b|\bok\b|trace|diagonal|accura|\bacc\b|classified|label|test|of\b|/|fine\b", re.I
)
_OF_CLASS = re.compile(
    r"\b(?:digit|class|group|label|number|category|set|bin|heap|union)s?\W{1,3}(?:\d|[IVX]+\b|[A-D]\b)", re.I
)
_NEAR = Fraction(3, 100)
_CLOSE = Fraction(1, 200)
"""How near a number must be that only its likes beside it tell to be an accuracy."""
_AVERAGED = re.compile(
    r"macro|weighted|avg|average|\bmean|recall|precision|(?<![a-z])f[\s_-]?1(?!\d)|f₁|predictive|specific|\bppv\b|kappa|κ|matthews|\bmcc\b|\bauc|interval|±|std|points|\bpp\b|\bgain",
    re.I,
)


@dataclass(frozen=True)
class _Form:
    """A number that may be an accuracy in some form."""

    numeral: Numeral
    kind: str
    """percent, fraction, right or wrong."""
    share: Fraction
    half: Fraction


def check_partners(blocks: Sequence[Block], tables: Sequence[Table], evidence: Evidence, findings: Findings) -> None:
    """Judge the numbers that stand beside an accuracy in another form."""
    parts = [part for part in evidence.subject.parts if not part.free and evidence.share(part) is not None]
    if not parts:
        return
    at = {id(block): index for index, block in enumerate(blocks)}
    judged: set[tuple[int, int]] = set()
    for group in (*_lines(blocks, evidence), *_columns(tables, at, evidence)):
        if any(id(numeral.block) in evidence.improved for numeral in group):
            continue
        forms = [form for numeral in group for form in _forms(numeral, evidence)]
        for wrong, part in _mismatched(forms, parts, evidence):
            key = (wrong.numeral.at, wrong.numeral.start)
            if key not in judged:
                judged.add(key)
                _accuse(wrong, part, evidence, findings)


def _lines(blocks: Sequence[Block], evidence: Evidence) -> Iterator[list[Numeral]]:
    for index, block in enumerate(blocks):
        if not evidence.series.holds(block):
            own = list(evidence.stream.of(index))
            if 1 < len(own) <= 24:
                yield own


def _columns(tables: Sequence[Table], at: dict[int, int], evidence: Evidence) -> Iterator[list[Numeral]]:
    """Yield the numbers of each column of a table of results."""
    for table in tables:
        if not 1 < len(table.rows) <= 24:
            continue
        width = max(len(row.cells) for row in table.rows)
        if width > 6:
            continue
        for column in range(1, width):
            own = []
            for row in table.rows:
                start = sum(len(cell) + 2 for cell in row.cells[:column])
                end = start + len(row.cells[column]) if column < len(row.cells) else start
                numerals = evidence.stream.of(at[id(row.block)])
                own += [n for n in numerals if start <= n.start < end][:1]
            if len(own) > 1:
                yield own


def _forms(numeral: Numeral, evidence: Evidence) -> Iterator[_Form]:
    total = evidence.subject.dataset.sizes["test"]
    words = clause(numeral.block.text, numeral.start)
    sentence = re.split(r"[.;]\s", numeral.block.text[: numeral.start])[-1]
    if ELSEWHERE.search(words) or _AVERAGED.search(f"{sentence} {words}"):
        return
    if numeral.is_whole:
        share = Fraction(int(numeral.value), total)
        if Fraction(4, 5) <= share < 1 and _RIGHT.search(numeral.block.text):
            yield _Form(numeral, "right", share, Fraction(1, 10 * total))
        elif 0 < share < Fraction(1, 5) and _WRONG.search(numeral.block.text):
            yield _Form(numeral, "wrong", 1 - share, Fraction(1, 10 * total))
    elif numeral.value <= 1 and numeral.number.decimals >= 4:
        yield _Form(numeral, "fraction", numeral.value, numeral.half)
    elif 80 <= numeral.value < 100 and numeral.number.decimals >= 2:
        yield _Form(numeral, "percent", numeral.value / 100, numeral.half / 100)


def _mismatched(  # noqa: PLR0912 (one branch a way in which numbers can disagree)
    forms: Sequence[_Form], parts: Sequence[Part], evidence: Evidence
) -> Iterator[tuple[_Form, Part]]:
    """Yield the forms that are no experiment's, or another's, where their partners are this experiment's."""
    own: dict[str, set[str]] = defaultdict(set)
    times: dict[tuple[str, str], list[_Form]] = defaultdict(list)
    strangers = []
    for form in forms:
        fitting = [part for part in parts if abs((evidence.share(part) or 0) - form.share) <= form.half]
        for part in fitting:
            own[part.id].add(form.kind)
            times[part.id, form.kind].append(form)
        of_class = _OF_CLASS.search(form.numeral.block.text) and evidence.explains(form.share, form.half)
        known = of_class or (form.kind == "fraction" and evidence.averages(form.share, form.half))
        if not fitting and not known and form.kind != "wrong":
            strangers.append(form)
    for form in strangers:
        lacking = [part for part in parts if form.kind not in own[part.id]]
        alone = len(forms) == len(parts) > 1 and len({other.kind for other in forms}) == 1
        single = alone and form.kind != "fraction" and len(lacking) == 1 and len(strangers) == 1
        if single and abs((evidence.share(lacking[0]) or 0) - form.share) <= _CLOSE:
            yield form, lacking[0]
            continue
        for part in sorted(parts, key=lambda part: abs((evidence.share(part) or 0) - form.share)):
            partners = own[part.id] - {"wrong"} if form.kind == "right" and len(own[part.id]) < 2 else own[part.id]
            near = abs((evidence.share(part) or 0) - form.share) <= (_NEAR if form.kind != "right" else _NEAR / 2)
            if form.kind not in own[part.id] and (partners or "wrong" in own[part.id]) and near:
                yield form, part
                break
    for part in parts:
        for other in parts:
            if other is part:
                continue
            for kind in ("percent", "fraction"):
                doubled = times[other.id, kind]
                shared = (own[part.id] & own[other.id]) - {kind}
                unsaid = not evidence.is_stated(part, fraction=kind == "fraction")
                if kind not in own[part.id] and len(doubled) > 1 and (shared or unsaid):
                    yield doubled[-1 if parts.index(part) else 0], part
                elif (
                    len(doubled) == 1
                    and len(own[part.id]) > (1 if kind not in own[part.id] else 3)
                    and own[other.id] == {kind}
                    and not _names(doubled[0].numeral.block, other, evidence)
                ):
                    yield doubled[0], part


def _names(block: Block, part: Part, evidence: Evidence) -> bool:
    return any(key == part.id for _, key in evidence.subject.named_parts(block.text))


def _accuse(form: _Form, part: Part, evidence: Evidence, findings: Findings) -> None:
    share = evidence.share(part)
    assert share is not None
    total = evidence.subject.dataset.sizes["test"]
    decimals = form.numeral.number.decimals
    expected = {
        "percent": f"{float(share * 100):.{decimals}f}",
        "fraction": f"{float(share):.{decimals}f}",
        "right": f"{int(share * total):,}",
    }[form.kind]
    text, start = form.numeral.block.text, form.numeral.start
    findings.add(
        "correct-images" if form.kind == "right" else "test-accuracy",
        Verdict.CONTRADICTED,
        form.numeral.block,
        text[max(0, start - 60) : form.numeral.end + 30].strip(),
        f"the numbers beside it are {part.asked.short_title}'s: {int(share * total):,} of {total:,} images",
        expected=expected,
        found=form.numeral.text,
        experiment=part.id,
    )
