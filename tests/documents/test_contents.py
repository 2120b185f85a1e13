"""Tables of contents: their pages are no claims."""

import pytest

from reportgen.assignment.bundled import load_spec
from reportgen.documents.blocks import Block, Place
from reportgen.documents.contents import without_contents
from reportgen.documents.reading import parse_document
from reportgen.verification.judge import judge

ENTRIES = ["Experiment 1: 10-Class Classification .... 3", "Dataset 3", "Non-trainable Parameters 8", "Summary  12"]


def blocks(*texts: str) -> list[Block]:
    return [Block("text", text, Place()) for text in texts]


def left(*texts: str) -> list[str]:
    return [block.text for block in without_contents(blocks(*texts))]


@pytest.mark.parametrize("title", ["Contents", "Table of Contents", "CONTENTS:"])
def test_entries_under_the_title_are_left_out(title: str) -> None:
    assert left("Assignment 1", title, *ENTRIES, "The network has 11,070 parameters.") == [
        *("Assignment 1", title, "The network has 11,070 parameters."),
    ]


def test_an_entry_may_take_two_lines() -> None:
    assert left("Contents", "Manual Calculation of", *ENTRIES, "End") == ["Contents", "End"]


@pytest.mark.parametrize(
    "texts",
    [
        ENTRIES,  # no title
        ["Contents", "Non-trainable Parameters 8", "Dataset 3", "Summary 2"],  # pages don't fall
        ["Contents", *ENTRIES[1:3]],  # too few
        ["Contents of the report", *ENTRIES],
        ["Contents", "The network", "is trained", *ENTRIES],
        ["Contents", *(f"{'We train it on all of the images that there are ' * 2} for {n}" for n in (1, 2, 3))],
    ],
)
def test_what_is_no_list_of_contents_stays(texts: list[str]) -> None:
    assert left(*texts) == texts


def test_what_follows_the_contents_is_judged() -> None:
    after = ["Non-trainable parameters: 8", "Total trainable parameters: 11,070"]
    assert left("Contents", *ENTRIES, *after[1:], *after) == ["Contents", *after[1:], *after]
    text = "\n\n".join(["# Contents", *ENTRIES, "# Experiment 1", *after]).encode()
    ledger = judge(parse_document(text, "report.md", "markdown"), load_spec("csl7590-a1"), "M23CSE023", text)
    told = [(claim.found, claim.place.line) for claim in ledger.claims if claim.quantity == "total-parameters"]
    assert told == [("11,070", 2 * len(["# Contents", *ENTRIES, "# Experiment 1", *after]) - 1)]
