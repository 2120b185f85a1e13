"""What no ledger may say, whatever the document: two answers about one number."""

import re
from collections import defaultdict
from collections.abc import Hashable

from reportgen.verification.ledger import Claim, Item, Ledger, Verdict

_SAID = {Item.TOTAL_PARAMETERS, Item.ACCURACY, Item.CONFUSION_MATRIX, Item.LINK}
"""Items that a claim of the same name gives."""
_MARKS = re.compile(r"[\s,'’_]")


def broken(ledger: Ledger) -> list[str]:
    """The invariants that a ledger breaks, each in words; empty of a sound one.

    1. Nothing is contradicted that is what was expected.
    2. No span is verified and contradicted.
    3. Nothing is verified and missing.
    """
    return [*_equal(ledger), *_twofold(ledger), *_given(ledger)]


def _equal(ledger: Ledger) -> list[str]:
    return [
        f"{claim.place}: contradicted, but {claim.found!r} is what was expected: {claim.text[:80]!r}"
        for claim in ledger.contradicted
        if claim.expected is not None and _plain(claim.expected) == _plain(claim.found)
    ]


def _plain(value: str) -> str:
    return _MARKS.sub("", value).casefold().rstrip(".")


def _twofold(ledger: Ledger) -> list[str]:
    verdicts: dict[Hashable, set[Verdict]] = defaultdict(set)
    for claim in ledger.claims:
        verdicts[_span(claim)].add(claim.verdict)
    both = {Verdict.VERIFIED, Verdict.CONTRADICTED}
    return [f"verified and contradicted: {span}" for span, given in verdicts.items() if both <= given]


def _span(claim: Claim) -> Hashable:
    """What tells one span from another: its place among the characters; of what stands in none, its words."""
    return claim.span if claim.span is not None else (str(claim.place), claim.text, claim.found)


def _given(ledger: Ledger) -> list[str]:
    verified = {(claim.quantity.value, claim.experiment) for claim in ledger.verified}
    return [
        f"verified and missing: {missing.what} of {missing.experiment}"
        for missing in ledger.missing
        if missing.item in _SAID and (missing.item.value, missing.experiment) in verified
    ]
