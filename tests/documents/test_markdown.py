"""Markdown by its tokens, with formulas and HTML inside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.documents.blocks import Document
from reportgen.documents.reading import parse_document


def read(text: str) -> Document:
    return parse_document(text.encode(), "x.md", "markdown")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("16*5*5*8 + 8 = 3,208", "16*5*5*8 + 8 = 3,208"),
        ("(1*7*7*16)+16 = 800", "(1*7*7*16)+16 = 800"),
        ("*about* 97 % and **11,070**", "about 97 % and 11,070"),
        ("$16*5*5*8$ and $a_1 + b_1$", "16*5*5*8 and a_1 + b_1"),
        (r"\(16 \times 5\) and $3\,208$", "(16 ×5) and 3\u2009208"),
        (r"\\(16 + 5\\)", "(16 + 5)"),
        ("costs $5 or $6", "costs 5 or 6"),
        ("`batch_size=20`", "batch_size=20"),
        ("snake_case_name", "snake_case_name"),
        ("~~97~~ 98", "97 98"),
        ("10<sup>4</sup><br>2", "10^4 2"),
        ("a &times; b", "a × b"),
    ],
)
def test_inline(text: str, seen: str) -> None:
    assert " ".join(read(text).text.split()) == " ".join(seen.split())


def test_links_by_reference_and_pictures() -> None:
    document = read(
        '[here][1] and ![loss curve][2] <img src="a.png" alt="matrix">\n\n[1]: https://example.org/x\n[2]: a.png\n'
    )
    assert [(link.address, link.text) for link in document.links] == [("https://example.org/x", "here")]
    assert [block.text for block in document.blocks if block.kind == "picture"] == ["loss curve", "matrix"]


def test_tables() -> None:
    document = read(
        "| Layer | `n` |\n|:--|--:|\n| Conv *1* | $1{,}000$ |\n\n<table><tr><td rowspan=2>a<td>1<tr><td>2</table>\n"
    )
    assert [block.cells for block in document.blocks] == [
        ("Layer", "n"),
        ("Conv 1", "1,000"),
        ("a", "1"),
        ("a", "2"),
    ]
    assert [block.level for block in document.blocks] == [1, 0, 0, 0]
    assert len({block.table for block in document.blocks}) == 2


def test_printed_blocks_stay_lines() -> None:
    document = read("```\nTest loss: 0.07315418124198914\nTest accuracy: 0.978600025177002\n```\n")
    assert [(block.place.line, block.text) for block in document.blocks] == [
        (2, "Test loss: 0.07315418124198914"),
        (3, "Test accuracy: 0.978600025177002"),
    ]


@given(st.lists(st.integers(1, 99), min_size=3, max_size=6), st.sampled_from(["*", " * ", "×", r" \* "]))
def test_products_keep_their_signs(factors: list[int], sign: str) -> None:
    text = sign.join(map(str, factors))
    assert read(text).text == text.replace("\\", "")


@given(st.text(alphabet="$\\()[]*_`<>|-#a1 \n!&", max_size=80))
def test_any_text_is_read(text: str) -> None:
    read(text)
