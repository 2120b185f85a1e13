"""What no ledger may say, whatever the document: two answers about one number."""

import re
from collections import defaultdict
from collections.abc import Hashable
from typing import Any

from reportgen.verification.ledger import Claim, Ledger, Missing, Verdict

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
        if claim.expected is not None and claim.found is not None and _plain(claim.expected) == _plain(claim.found)
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
    """What tells one span from another: its place among the characters, before version 2 its line and its words."""
    span = getattr(claim, "span", None)
    return span if span is not None else (str(claim.place), claim.text, claim.found)


def _given(ledger: Ledger) -> list[str]:
    verified = {(_quantity(claim), claim.experiment) for claim in ledger.verified}
    return [
        f"verified and missing: {missing.what} of {missing.experiment}"
        for missing in ledger.missing
        if any((quantity, missing.experiment) in verified for quantity in _asked(missing))
    ]


def _quantity(claim: Claim) -> str:
    given: Any = getattr(claim, "quantity", None) or getattr(claim, "kind", "")
    return str(given)


def _asked(missing: Missing) -> set[str]:
    """The quantities that would be what is missing, by its item; before version 2 by its words.

    An accuracy said and one to be read off a matrix are one item, and so is a total under either name.
    """
    item = getattr(missing, "item", None)
    if item is not None:
        return {
            "total-parameters": {"total-parameters"},
            "accuracy": {"accuracy"},
            "confusion-matrix": {"confusion-matrix"},
            "link": {"link"},
        }.get(str(item), set())
    words = missing.what.casefold()
    return {
        kind
        for phrase, kinds in (
            ("the total number", {"total"}),
            ("the accuracy", {"test-accuracy"}),
            ("confusion matrix", {"confusion-matrix"}),
            ("the link", {"colab-link"}),
        )
        if words.startswith(phrase)
        for kind in kinds
    }
