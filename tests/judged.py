"""Short texts judged against the bundled assignment, for the tests of single checks."""

from reportgen.assignment.bundled import load_spec
from reportgen.documents.blocks import DocumentKind
from reportgen.documents.reading import parse_document
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Claim, Ledger, Verdict

ASSIGNMENT = load_spec("csl7590-a1")
TEN = """Confusion matrix of the ten digits

| 958 | 2 | 2 | 2 | 3 | 5 | 2 | 1 | 2 | 3 |
|---|---|---|---|---|---|---|---|---|---|
| 4 | 1108 | 2 | 3 | 4 | 3 | 2 | 1 | 5 | 3 |
| 0 | 1 | 1009 | 2 | 4 | 6 | 2 | 3 | 1 | 4 |
| 3 | 3 | 5 | 979 | 3 | 2 | 4 | 3 | 5 | 3 |
| 3 | 1 | 4 | 1 | 962 | 0 | 6 | 4 | 1 | 0 |
| 4 | 2 | 1 | 2 | 0 | 880 | 2 | 0 | 1 | 0 |
| 2 | 3 | 2 | 3 | 5 | 1 | 936 | 1 | 2 | 3 |
| 6 | 2 | 2 | 7 | 1 | 0 | 1 | 1004 | 2 | 3 |
| 4 | 6 | 3 | 4 | 3 | 2 | 1 | 2 | 946 | 3 |
| 3 | 3 | 2 | 1 | 2 | 3 | 5 | 3 | 5 | 982 |
"""
"""Right for the test set: 9,764 of 10,000."""
FOUR = """Confusion matrix of the four classes

| 1888 | 16 | 11 | 23 |
|---|---|---|---|
| 22 | 2118 | 11 | 12 |
| 35 | 32 | 3801 | 40 |
| 12 | 22 | 20 | 1937 |
"""
"""Right for the test set: 9,744 of 10,000."""


def ledger(text: str, kind: DocumentKind = "markdown", roll: str = "M23CSE023") -> Ledger:
    """Judge a text."""
    content = text.encode()
    return judge(parse_document(content, f"{roll}.md", kind), ASSIGNMENT, None, content)


def said(text: str, verdict: str) -> set[str]:
    """The quantities of what has a verdict."""
    return {claim.quantity.value for claim in ledger(text).of(Verdict(verdict))}


def broken(found: Ledger) -> list[Claim]:
    """Claims against the ledger's invariants."""
    wrong = [claim for claim in found.contradicted if claim.fact is None or claim.fact.value == claim.found]
    spans = [claim.span for claim in found.claims if claim.number is not None and claim.span is not None]
    assert len(spans) == len(set(spans))
    return wrong + [claim for claim in found.contradicted if claim.fact and claim.fact.source == "assignment"]
