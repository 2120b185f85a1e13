"""One number, one verdict: what all statements about it come to. Only `decide` says that something is wrong."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from fractions import Fraction

from reportgen.verification.claims.about import About, about
from reportgen.verification.claims.numerals import Numeral
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Modality, Statement
from reportgen.verification.facts.store import Facts
from reportgen.verification.ledger import Claim, Fact, Number, Quantity, Rule, Source, Verdict, Witness

_WITNESSES = 2
"""Independent signs of what a number is about, without which a fact from elsewhere can't refute it."""
_ALIKE = frozenset({Quantity.ARITHMETIC, Quantity.UNKNOWN, Quantity.NAME})
"""Quantities that say nothing of what a number is about."""
_SHOWN = 160
"""Characters of the words around a number."""


def decide(statement: Statement, facts: Facts) -> Verdict:
    """Reach the verdict of one statement.

    Contradicted is only (A) what refutes itself within its span under every reading, or (B) what a fact from a third
    place refutes, where two independent witnesses tell what it is about, it is asserted, and it is no other number
    that is true. The assignment refutes nothing.
    """
    if statement.nothing:
        return Verdict.NO_CLAIM
    if statement.fits:
        return Verdict.VERIFIED
    if statement.fits is False and statement.decide is None and statement.source is not Source.ASSIGNMENT:
        if statement.inside:
            return Verdict.CONTRADICTED
        asserted = statement.modality is Modality.ASSERTED
        if asserted and len(statement.witnesses) >= _WITNESSES and not _other_truth(statement, facts):
            return Verdict.CONTRADICTED
    return Verdict.DEVIATES if statement.deviates else Verdict.UNVERIFIABLE


def _other_truth(statement: Statement, facts: Facts) -> bool:
    """Tell whether a number is also one of the document's tables, which it may have been taken from."""
    printed = [
        numeral
        for numeral in facts.page.stream.numerals
        if not statement.whole and numeral.block is statement.block and numeral.start == statement.start
    ]
    # a cell that is held against the code is no other number than itself
    itself = int(statement.source is Source.CODE and any(numeral.at in facts.page.cells for numeral in printed))
    return any(
        facts.shares.get(value, 0) > itself for numeral in printed for value in (numeral.value, numeral.value * 100)
    )


def _rank(statement: Statement, verdict: Verdict) -> int:
    if verdict is Verdict.VERIFIED:
        return 0
    if verdict is Verdict.CONTRADICTED:
        return 1 if statement.inside else 2
    if statement.rule is Rule.REPEATED:
        return 6
    return {Verdict.NO_CLAIM: 3, Verdict.DEVIATES: 4, Verdict.UNVERIFIABLE: 5}[verdict]


def settle(page: Page, statements: Iterable[Statement], facts: Facts) -> tuple[Claim, ...]:
    """Reconcile all statements into claims: each number once, and what is said without one; in the document's order."""
    index = {id(block): at for at, block in enumerate(page.blocks)}
    by_block: dict[int, list[Statement]] = {}
    for statement in statements:
        by_block.setdefault(index[id(statement.block)], []).append(statement)
    claims: list[Claim] = []
    for at in range(len(page.blocks)):
        own = by_block.get(at, [])
        numerals = page.stream.of(at)
        around = _around_each(numerals, own)
        numbered = [_number(page, *pair, facts) for pair in zip(numerals, around, strict=True)]
        worded = [_worded(page, at, statement, facts) for statement in own if statement.whole]
        claims += sorted((*numbered, *_distinct(worded)), key=lambda claim: claim.span or (at, 0, 0))
    return tuple(claims)


def _around_each(numerals: Sequence[Numeral], own: Iterable[Statement]) -> list[list[Statement]]:
    """The statements whose spans touch each of a block's numbers."""
    starts = [numeral.start for numeral in numerals]
    found: list[list[Statement]] = [[] for _ in numerals]
    for statement in own:
        first = bisect_right(starts, statement.start) - 1
        for index in range(max(first, 0), len(numerals)):
            if numerals[index].start >= statement.end:
                break
            if numerals[index].end > statement.start:
                found[index].append(statement)
    return found


def _distinct(claims: Iterable[Claim]) -> list[Claim]:
    return list(dict.fromkeys(claims))


def _number(page: Page, numeral: Numeral, around: Sequence[Statement], facts: Facts) -> Claim:
    told = about(page, numeral)
    if not numeral.number.is_quantity:  # a digit of a name is no value, but for a reader that takes ``RF-10`` apart
        around = [one for one in around if one.whole or one.nothing or numeral.start < one.start]
    judged = [(statement, decide(statement, facts)) for statement in around if not statement.whole]
    judged.sort(key=lambda entry: _rank(*entry))
    sentence = page.sentence(numeral.at, numeral.start)
    if not judged:
        whole = next((statement for statement in around), None)
        return _plain(page, numeral, told, whole, _around(sentence.text, numeral.start - sentence.start))
    statement, verdict = judged[0]
    rivals = [s for s, v in judged if v is Verdict.CONTRADICTED and not s.inside]
    if verdict is Verdict.CONTRADICTED and not statement.inside and len({s.expected for s in rivals}) > 1:
        return _plain(page, numeral, told, None, _around(sentence.text, numeral.start - sentence.start)).model_copy(
            update={"rule": Rule.SEVERAL, "how": "two facts refute it, and each another way"}
        )
    same = [s for s, v in judged if v is verdict]
    specific = next((s for s in same if s.quantity not in _ALIKE), statement)
    quantity = specific.quantity
    if quantity is Quantity.ARITHMETIC and any(s.quantity is Quantity.UNKNOWN for s in same):
        quantity = Quantity.UNKNOWN  # the result of a sum, which is about what its words say
    if quantity is Quantity.UNKNOWN:
        quantity = told.quantity if told.quantity is not Quantity.UNKNOWN else Quantity.ARITHMETIC
    scope = (
        specific.scope
        if specific.scope.experiment
        else specific.scope.model_copy(update={"experiment": told.scope.experiment})
    )
    how = "; ".join(dict.fromkeys(s.how for s in (statement, specific)))
    return Claim(
        quantity=quantity,
        verdict=verdict,
        rule=statement.rule,
        place=numeral.block.place,
        text=" ".join((statement.text or _around(sentence.text, numeral.start - sentence.start)).split())[:400],
        span=(numeral.at, numeral.start, numeral.end),
        scope=scope,
        number=_printed(numeral),
        fact=_fact(statement),
        witnesses=_ordered(statement.witnesses),
        how=how,
        decide=statement.decide if verdict in {Verdict.UNVERIFIABLE, Verdict.DEVIATES} else None,
    )


def _plain(page: Page, numeral: Numeral, told: About, whole: Statement | None, text: str) -> Claim:
    """A number that nothing is known of, or that is a part of a claim without a number of its own."""
    understood = told.quantity is not Quantity.UNKNOWN
    verdict = Verdict.UNVERIFIABLE if understood else Verdict.NOT_UNDERSTOOD
    rule, how = Rule.NO_REFERENT, "nothing in the document settles it" if understood else "what it is about is not told"
    if whole is not None:
        verdict, rule, how = (
            Verdict.NO_CLAIM,
            Rule.NO_CLAIM,
            "it claims nothing of its own: a part of what is said here",
        )
    return Claim(
        quantity=told.quantity,
        verdict=verdict,
        rule=rule,
        place=numeral.block.place,
        text=" ".join(text.split()),
        span=(numeral.at, numeral.start, numeral.end),
        scope=told.scope,
        number=_printed(numeral),
        witnesses=_ordered(told.witnesses),
        how=how,
        decide="the code, its log or its data" if verdict is Verdict.UNVERIFIABLE else None,
    )


def _worded(page: Page, at: int, statement: Statement, facts: Facts) -> Claim:
    verdict = decide(statement, facts)
    words = statement.text or statement.block.text[statement.start : statement.end]
    return Claim(
        quantity=statement.quantity,
        verdict=verdict,
        rule=statement.rule,
        place=statement.block.place,
        text=" ".join(words.split())[:400],
        span=(at, statement.start, statement.end),
        scope=statement.scope,
        fact=_fact(statement),
        witnesses=_ordered(statement.witnesses),
        how=statement.how,
        decide=statement.decide if verdict is not Verdict.VERIFIED else None,
    )


def _fact(statement: Statement) -> Fact | None:
    if statement.expected is None or statement.source is None:
        return None
    return Fact(value=statement.expected, source=statement.source, where=statement.where)


def _ordered(witnesses: Iterable[Witness]) -> tuple[Witness, ...]:
    return tuple(sorted(witnesses))


def _printed(numeral: Numeral) -> Number:
    return Number(
        printed=numeral.text[:200] + ("%" if numeral.percent else ""),
        value=_exact(numeral.value),
        half_unit=_exact(numeral.half),
    )


def _exact(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.12g}"


def _around(text: str, at: int) -> str:
    start = max(0, at - _SHOWN // 2)
    return text[start : start + _SHOWN]
