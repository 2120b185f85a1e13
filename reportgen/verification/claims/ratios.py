"""How many times one thing is another: ``nearly twice the parameters of B``, held against the document's tables."""

import re
from collections.abc import Iterator
from fractions import Fraction

from reportgen.verification import vocabulary
from reportgen.verification.claims.page import Page, Sentence
from reportgen.verification.claims.statements import Statement
from reportgen.verification.ledger import Quantity, Rule, Source, Witness

_TIMES = re.compile(
    r"(?P<same>\b(?:roughly|about|approximately|nearly|almost)?\s*the\s+same\s+(?:number|amount)\s+of)|"
    r"(?P<twice>\b(?:twice|double)\b(?:\s+(?:the|as\s+many))?)|(?P<half>\bhalf\s+(?:the|as\s+many))|(?P<three>\b(?:three\s+times|triple)\b(?:\s+the)?)",
    re.I,
)
_FACTORS = {"same": Fraction(1), "twice": Fraction(2), "half": Fraction(1, 2), "three": Fraction(3)}
_PARAMETERS = re.compile(r"\s*(?:\w+\s+){0,2}?(?:parameters?|params|weights)\b", re.I)
_WRONG = Fraction(3, 2)
"""How far a ratio must be from what is said, as a factor, to be wrong however it was rounded."""


def read_ratios(page: Page) -> Iterator[Statement]:
    """Yield what the document's tables prove of its ratios of parameters."""
    sizes = _sizes(page)
    if len(sizes) < 2:
        return
    for at, block in enumerate(page.blocks):
        if block.kind not in {"text", "item"}:
            continue
        own = _longest(page.contexts[at].heading, sizes)
        for sentence in page.sentences[at] if own else ():
            match = _TIMES.search(sentence.text)
            if match and _PARAMETERS.match(sentence.text, match.end()):
                other = _longest(sentence.text, {name: size for name, size in sizes.items() if name != own})
                if other and own:
                    yield _statement(page, sentence, match, own, other, sizes)


def _sizes(page: Page) -> dict[str, Fraction]:
    """Numbers of parameters by the name of their row, where all tables that have one agree."""
    found: dict[str, set[Fraction]] = {}
    for grid in page.grids:
        for column, head in enumerate(grid.head):
            terms = [one.id for one in vocabulary.find("term", head)]
            if not terms or terms[0] not in {"layer-parameters", "total-parameters"}:
                continue
            for row, cell in enumerate(grid.column(column)):
                names = [text for text in grid.rows[row] if re.search(r"[^\W\d]{2}", text)]
                if cell is not None and cell.value >= 100 and names and not cell.rounded:
                    found.setdefault(names[0].strip(), set()).add(cell.value)
    return {name: next(iter(values)) for name, values in found.items() if len(values) == 1}


def _longest(text: str, sizes: dict[str, Fraction]) -> str | None:
    """The longest name that a text holds."""
    named = [name for name in sizes if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.I)]
    return max(named, key=len, default=None)


def _statement(
    page: Page, sentence: Sentence, match: re.Match[str], own: str, other: str, sizes: dict[str, Fraction]
) -> Statement:
    said = _FACTORS[str(match.lastgroup)]
    ratio = sizes[own] / sizes[other]
    off = max(ratio / said, said / ratio)
    return Statement(
        page.blocks[sentence.at],
        sentence.start + match.start(),
        sentence.start + match.end(),
        Quantity.RATIO,
        Rule.COMPARISON,
        f"{own} has {int(sizes[own]):,} and {other} {int(sizes[other]):,}: {float(ratio):.2f} times",
        True if off <= Fraction(5, 4) else (False if off > _WRONG else None),
        expected=f"{float(ratio):.2f} times",
        source=Source.DOCUMENT_TABLE,
        witnesses=frozenset({Witness.CLAUSE, Witness.ROW, Witness.SECTION}),
        decide=None if off <= Fraction(5, 4) or off > _WRONG else "how much is meant",
        whole=True,
        text=sentence.text.strip(),
    )
