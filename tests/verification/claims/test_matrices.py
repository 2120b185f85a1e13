"""Confusion matrices: what is read as one, whole, and what only looks like four numbers in two lines."""

import pytest

from reportgen.documents.reading import parse_document
from reportgen.verification.claims.matrices import Matrix
from reportgen.verification.claims.page import read_page
from reportgen.verification.facts.store import gather_facts
from reportgen.verification.facts.subject import NO_SUBJECT
from tests.judged import TEN, ledger


def matrices(text: str) -> tuple[Matrix, ...]:
    return gather_facts(read_page(parse_document(text.encode(), "x.md", "markdown"), NO_SUBJECT)).matrices


@pytest.mark.parametrize(
    "text",
    [
        "The confusion matrix is in Figure 9.\n\nAfter 80 epochs with batches of 32 the network stays there.\n\n"
        "The second one needs 20 epochs more, 97 in all, and is left out.\n",
        "Confusion matrix\n\nCourse notes 214 page 3\n\nCourse notes 215 page 104\n",
        "Confusion matrix\n\n| Top-5 | 85,6 % | 12,5 % |\n|---|---|---|\n| Top-9 | 4,5 % | 97,1 % |\n",
        "Confusion matrix\n\n| Seed | Epochs | Batch |\n|---|---|---|\n| first | 120 | 20 |\n| second | 30 | 640 |\n",
        "Confusion matrix\n\nConv2d(640, 12)\n\nLinear(20, 128)\n",
    ],
    ids=["paragraphs", "footers", "shares", "settings", "layers"],
)
def test_four_numbers_in_two_lines_are_no_matrix(text: str) -> None:
    assert not matrices(text)


@pytest.mark.parametrize(
    "text",
    [
        "[[914 86]\n [57 943]]",
        "| | predicted cat | predicted dog |\n|---|---|---|\n| cat | 914 | 86 |\n| dog | 57 | 943 |",
        "| | yes | no |\n|---|---|---|\n| yes | 914 | 86 |\n| no | 57 | 943 |",
        "| | Cat | Dog | Sum |\n|---|---|---|---|\n| Cat | 914 | 86 | 1,000 |\n| Dog | 57 | 943 | 1,000 |",
    ],
)
def test_a_small_matrix_is_bracketed_or_named_on_both_sides(text: str) -> None:
    assert [matrix.rows for matrix in matrices(f"Confusion matrix:\n\n{text}\n")] == [((914, 86), (57, 943))]


def grid(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(["Confusion matrix", "", lines[0], "|---" * len(rows[0]) + "|", *lines[1:]]) + "\n"


ROWS = [[300 if row == column else (row * 7 + column) % 5 for column in range(10)] for row in range(10)]


def test_ten_classes_are_read_with_heads_of_rows_and_columns_and_sums() -> None:
    head = ["", *map(str, range(10)), "sum"]
    rows = [[str(index), *map(str, row), str(sum(row))] for index, row in enumerate(ROWS)]
    (matrix,) = matrices(grid([head, *rows]))
    assert matrix.rows == tuple(map(tuple, ROWS))
    assert matrix.totals == tuple(map(sum, ROWS))


@pytest.mark.parametrize(("first", "lost"), [(0, 1), (9, 1), (3, 2), (5, 4)])
def test_no_smaller_matrix_is_cut_out_of_one_that_lost_rows(first: int, lost: int) -> None:
    kept = [row for index, row in enumerate(ROWS) if not first <= index < first + lost]
    found = matrices(grid([["class", *map(str, range(10))], *[["a", *map(str, row)] for row in kept]]))
    assert not found


def test_a_row_whose_print_is_broken_leaves_no_part_of_the_matrix() -> None:
    rows = [[str(cell) for cell in row] for row in ROWS]
    rows[4][4] = "30?"
    assert not matrices(grid([["class", *map(str, range(10))], *[["a", *row] for row in rows]]))


def test_scores_of_many_classes_prove_no_coarse_number() -> None:
    text = TEN + "\nThe accuracy is {}.\n"
    for right in ("97.64 %", "0.98", "0.976"):
        assert right.removesuffix(" %") in [claim.found.rstrip("%") for claim in ledger(text.format(right)).verified]
    assert "0.97" not in [claim.found for claim in ledger(text.format("0.97")).verified]
