"""HTML: tables with spans, what is hidden, and what stands in scripts and pictures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.documents.blocks import MAX_CHARACTERS, Document
from reportgen.documents.reading import parse_document
from reportgen.errors import UnreadableError


def read(body: str) -> Document:
    return parse_document(f"<!doctype html><html><body>{body}</body></html>".encode(), "x.html", "html")


def test_cells_that_cover_several_rows_and_columns() -> None:
    document = read(
        "<table><tr><th rowspan=2>Layer<th colspan=2>Experiment<tr><th>1<th>2"
        "<tr><th rowspan=2>Conv<td>800<td>801<tr><td>3,208<td>3,209</table>"
    )
    assert [block.cells for block in document.blocks] == [
        ("Layer", "Experiment", "Experiment"),
        ("Layer", "1", "2"),
        ("Conv", "800", "801"),
        ("Conv", "3,208", "3,209"),
    ]
    assert document.blocks[3].spans == ((0, 0), (1, 1), (1, 1))
    assert document.blocks[3].text == "3,208  3,209"


@given(st.lists(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=4), min_size=1, max_size=5))
def test_each_cell_stands_as_often_as_it_covers(rows: list[list[tuple[int, int]]]) -> None:
    """Cells of one row never overlap; those that reach below the table are cut."""
    marked = "".join(
        "<tr>"
        + "".join(f"<td rowspan={down} colspan={across}>r{at}c{to}</td>" for to, (down, across) in enumerate(row))
        for at, row in enumerate(rows)
    )
    found = [block for block in read(f"<table>{marked}</table>").blocks if block.kind == "row"]
    names = [f"r{at}c{to}" for at, row in enumerate(rows) for to in range(len(row))]
    cells = [text for block in found for text in block.cells]
    assert set(names) <= set(cells)
    written = [text for block in found for text in block.text.split()]
    assert written == names


def test_a_table_that_arranges_the_page_is_none() -> None:
    document = read("<table><tr><td><p>Left<table><tr><td>1<td>2</table></td><td>Right</td></tr></table>")
    assert [(block.kind, block.text) for block in document.blocks] == [
        ("text", "Left"),
        ("row", "1  2"),
        ("text", "Right"),
    ]


HIDDEN = [
    "<p hidden>Total: 999</p>",
    "<div style='display: none'><p>Total: 999</p></div>",
    "<p style='visibility:hidden'>Total: 999</p>",
    "<p style='font-size:0px'>Total: 999</p>",
    "<p style='opacity:0'>Total: 999</p>",
    "<p style='color:#ffffff'>Total: 999</p>",
    "<p style='color:white'><b>Total: 999</b></p>",
    "<font color=white>Total: 999</font>",
    "<div style='background:#000'><span style='color:rgb(0,0,0)'>Total: 999</span></div>",
]
VISIBLE = [
    "<div style='background:#000'><span style='color:white'>Total: 999</span></div>",
    "<p style='color:red'>Total: 999</p>",
    "<p style='font-size:0.8em'>Total: 999</p>",
    "<p style='opacity:0.5'>Total: 999</p>",
    "<details><summary>Total:</summary> 999</details>",
]


@pytest.mark.parametrize("body", HIDDEN)
@pytest.mark.parametrize("kind", ["html", "markdown"])
def test_what_nobody_sees(body: str, kind: str) -> None:
    document = parse_document(f"<p>Total: 800</p>\n\n{body}\n".encode(), "x", kind)  # type: ignore[arg-type]
    assert document.text == "Total: 800"
    assert "".join(block.text for block in document.hidden) == "Total: 999"
    assert "text that nobody sees was not read: 'Total: 999'" in document.problems[0]


@pytest.mark.parametrize("body", VISIBLE)
def test_what_a_person_sees(body: str) -> None:
    document = read(body)
    assert document.text.split() == ["Total:", "999"]
    assert not document.problems


def test_markdown_between_hidden_tags() -> None:
    text = '<div style="display:none">\n\nTotal: 999\n\n</div>\n\nTotal: 800\n'
    document = parse_document(text.encode(), "x.md", "markdown")
    assert (document.text, [block.text for block in document.hidden]) == ("Total: 800", ["Total: 999"])


def test_pictures_inside_use_up_no_text() -> None:
    picture = "A" * (MAX_CHARACTERS + 10)
    document = read(
        f"<img alt=plot src='data:image/png;base64,{picture}'><p>Total: 800</p><script>x = '{picture}'</script>"
    )
    assert [(block.kind, block.text) for block in document.blocks] == [("picture", "plot"), ("text", "Total: 800")]
    assert not document.problems


def test_text_is_bounded_after_reading() -> None:
    document = read("<p>" + "word " * (MAX_CHARACTERS // 10) + "</p><p>" + "word " * (MAX_CHARACTERS // 9) + "</p>")
    assert "only the first" in document.problems[0]


def test_lines_links_and_formulas() -> None:
    document = read(
        "\n<h2>A</h2>\n\n<p>B <a href='https://example.org/x'>here</a></p>\n"
        "<p>C<sub>1</sub> = 10<sup>4</sup><sup><a href='#n'>1</a></sup> "
        "<math><mn>1</mn><annotation encoding='application/x-tex'>16 \\times 5</annotation></math></p>"
    )
    assert [(block.place.line, block.text) for block in document.blocks] == [
        (2, "A"),
        (4, "B https://example.org/x here"),
        (5, "C_1 = 10^4 16 ×5"),
    ]
    assert [(link.address, link.text) for link in document.links] == [("https://example.org/x", "here")]


def test_depth_is_bounded() -> None:
    with pytest.raises(UnreadableError, match="deeper than the 400"):
        read("<div>" * 1000)


@given(
    st.lists(
        st.sampled_from(["<table>", "<tr>", "<td rowspan=3>", "</td>", "</table>", "<p hidden>", "</p>", "<math>"])
    )
)
def test_any_nesting_is_read(tags: list[str]) -> None:
    read(" a ".join(tags))
