"""What people see of a ledger: the document's own text, each number and each sentence with its verdict."""

import re

from reportgen.documents.reading import parse_document
from reportgen.verification.exports import anchor, coloured, render_ledgers
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Verdict

TEXT = """# Three models

| Model | Test accuracy | Parameters |
|---|---|---|
| Alpha | 91.2 | 1,000 |
| Beta | 93.4 | 4,100 |
| Gamma | 92.0 | 2,000 |

Gamma has the highest test accuracy, of 3 networks. See Figure 2. 12 + 5 = 18.
"""
DOCUMENT = parse_document(TEXT.encode(), "report.md", "markdown")
LEDGER = judge(DOCUMENT, None)


def test_the_text_stays_whole_and_each_claim_with_a_place_stands_in_it() -> None:
    lines = coloured(DOCUMENT.blocks, LEDGER)
    assert ["".join(piece.text for piece in line.pieces) for line in lines] == [one.text for one in DOCUMENT.blocks]
    shown = [piece.claim for line in lines for piece in line.pieces if piece.claim]
    placed = [one for one in LEDGER.claims if one.span and one.verdict is not Verdict.NO_CLAIM]
    assert sorted(map(anchor, shown)) == sorted(map(anchor, placed))


def test_a_sentence_without_a_number_is_marked_behind_it() -> None:
    (claim,) = [one for one in LEDGER.contradicted if one.number is None]
    pieces = next(line.pieces for line in coloured(DOCUMENT.blocks, LEDGER) if claim in [p.claim for p in line.pieces])
    at = [piece.claim for piece in pieces].index(claim)
    assert pieces[at].text == ""
    assert claim.text.startswith("Gamma has the highest test accuracy")
    assert "".join(piece.text for piece in pieces[:at]).endswith(("accuracy", "networks."))


def test_every_link_of_the_text_leads_to_a_row_of_the_table() -> None:
    page = render_ledgers([LEDGER, LEDGER], {"report.md": coloured(DOCUMENT.blocks, LEDGER)})
    places = re.findall(r' id="(claim-[^"]+)"', page)
    assert len(places) == len(set(places))
    links = re.findall(r'href="#(claim-[^"]+)"', page)
    assert links
    assert set(links) <= set(places)
    assert "the sentence before is contradicted" in page
