"""Documents held against no assignment, for the tests of the networks that they state."""

from reportgen.documents.reading import parse_document
from reportgen.verification.claims.page import read_page
from reportgen.verification.facts.networks import StatedNetwork
from reportgen.verification.facts.store import gather_facts
from reportgen.verification.facts.subject import NO_SUBJECT
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Ledger, Quantity


def networks(text: str) -> tuple[StatedNetwork, ...]:
    """The networks that a text states."""
    return gather_facts(read_page(parse_document(text.encode(), "r.md", "markdown"), NO_SUBJECT)).networks


def ledger(text: str) -> Ledger:
    """Judge a text."""
    return judge(parse_document(text.encode(), "r.md", "markdown"), None)


def contradicted(text: str) -> list[tuple[str, str]]:
    """What is wrong in a text, each as found and as expected."""
    return [(claim.found, claim.expected or "") for claim in ledger(text).contradicted]


def verified(text: str, quantity: Quantity) -> list[str]:
    """What is proved in a text of one quantity."""
    return [claim.found for claim in ledger(text).verified if claim.quantity is quantity]
