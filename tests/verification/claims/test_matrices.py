"""Confusion matrices among what else stands in numbers: whole, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.documents.blocks import Block, Place
from reportgen.verification.claims.matrices import find_matrices
from reportgen.verification.claims.outline import Context

Rows = tuple[tuple[int, ...], ...]


def found(*lines: str) -> list[Rows]:
    """The matrices among lines, each a block."""
    blocks = [Block("text", line, Place(line=at)) for at, line in enumerate(lines, 1)]
    return [matrix.rows for matrix in find_matrices(blocks, [Context()] * len(blocks), ())]


@st.composite
def matrices(draw: st.DrawFn) -> Rows:
    size = draw(st.integers(2, 12))
    wrong = st.lists(st.integers(0, 20), min_size=size, max_size=size)
    right = draw(st.lists(st.integers(300, 2000), min_size=size, max_size=size))
    rows = [draw(wrong) for _ in range(size)]
    return tuple(tuple(right[at] if at == to else row[to] for to in range(size)) for at, row in enumerate(rows))


@given(matrices(), st.sampled_from([" ", "  ", " | ", ", ", " & ", "\t"]), st.sampled_from(["", "class {} ", "{}: "]))
def test_a_matrix_in_lines_is_found_whole(rows: Rows, between: str, label: str) -> None:
    lines = [label.format(at) + between.join(map(str, row)) for at, row in enumerate(rows)]
    assert found("Confusion matrix", *lines) == [rows]


@given(matrices())
def test_a_matrix_with_its_sums_and_one_in_brackets(rows: Rows) -> None:
    assert found(*(" ".join(map(str, (*row, sum(row)))) for row in rows)) == [rows]
    printed = ", ".join(str(list(row)) for row in rows)
    assert found(f"The matrix is [{printed}] and it was reached after training for 20 epochs.") == [rows]


@given(matrices().filter(lambda rows: len(rows) > 6))
def test_no_part_of_a_matrix_with_another_diagonal_is_cut_out(rows: Rows) -> None:
    columns = [*range(3, len(rows)), 0, 1, 2]  # the classes in another order than the true ones
    turned = [" ".join(str(row[column]) for column in columns) for row in rows]
    assert found("Confusion matrix of the clusters", *turned) == []


@pytest.mark.parametrize(
    "lines",
    [
        ("We trained for 2000 epochs and 13 rounds.", "See Figure 3 and the 500 images of it."),
        ("Top-5 accuracy  885,6 %  84,5 %", "Loss of an image  -  222,97"),
        ("β1, β2, η  100, 0.999, 10−7", "Fig. 6. The confusion matrix of model 42 with 642 units"),
        ("Input (640x1) → Linear(64, 1) → ReLU", "Linear(64, 1280) → Softmax"),
        ("page 100 of 2", "page 1 of 2000"),
        ("- batch size: 640, epochs: 8", "- layers: 3, units: 1280"),
    ],
)
def test_what_else_has_numbers_is_no_matrix(lines: tuple[str, ...]) -> None:
    assert found("Confusion matrix", *lines) == []
