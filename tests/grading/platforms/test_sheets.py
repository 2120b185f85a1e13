import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.errors import UnreadableError
from reportgen.grading.platforms.sheets import Sheet, neutral, put, read_sheet, write_sheet

CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_cells_that_could_be_formulas_are_neutralized(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "3–5", "Rao, Asha", "a=b", "'"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert neutral(cell) == cell


@given(CELLS)
def test_no_cell_starts_as_a_formula(cell: str) -> None:
    assert not neutral(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert neutral(cell).removeprefix("'") == cell.removeprefix("'")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_sheet_is_written_as_it_was_read(encoding: str, newline: str, delimiter: str) -> None:
    text = delimiter.join(["Name", "Note"]) + newline + delimiter.join(["José", "ok"]) + newline
    content = text.encode(encoding)
    sheet = read_sheet(content, "s.csv")
    assert (sheet.head, sheet.rows) == (("Name", "Note"), (("José", "ok"),))
    assert write_sheet(sheet) == content


@given(st.lists(st.tuples(CELLS, CELLS), max_size=4))
def test_every_cell_survives(rows: list[tuple[str, str]]) -> None:
    sheet = Sheet(("Name", "Note"), tuple(rows))
    assert read_sheet(write_sheet(sheet), "s.csv").rows == tuple(rows)


def test_cells_with_line_breaks_and_commas_survive() -> None:
    rows = (("Rao,\nAsha", 'said "no"'),)
    written = write_sheet(Sheet(("Name", "Note"), rows))
    assert list(csv.reader(io.StringIO(written.decode(), newline="")))[1] == list(rows[0])
    assert read_sheet(written, "s.csv").rows == rows


@pytest.mark.parametrize("content", [b"", b"\n", b'a,b\n"open', b"\x81\x8d"])
def test_what_is_no_table_is_an_error(content: bytes) -> None:
    with pytest.raises(UnreadableError, match=r"s\.csv"):
        read_sheet(content, "s.csv")


def test_a_short_row_is_filled_up() -> None:
    assert put(("a",), 2, "c") == ("a", "", "c")
    assert put(("a", "b"), 0, "x") == ("x", "b")
