"""Notebooks: outputs line by line, code kept apart, pictures that use up nothing."""

import contextlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.documents.blocks import MAX_CHARACTERS, CodeCell, Document, Place
from reportgen.documents.notebook import shown
from reportgen.documents.reading import parse_document, read_document
from reportgen.errors import UnreadableError

CASES = os.environ.get("REPORTGEN_CASES", "")
needs_cases = pytest.mark.skipif(not CASES, reason="REPORTGEN_CASES names no folder of cases")


def read(*outputs: dict[str, object], source: str = "train()") -> Document:
    cell = {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": source, "outputs": list(outputs)}
    content = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}
    return parse_document(json.dumps(content).encode(), "x.ipynb", "notebook")


def stream(text: str) -> dict[str, object]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def test_lines_of_an_output_stay_lines() -> None:
    document = read(
        stream("Epoch 1: loss 0.312, accuracy 0.9731\n"), stream("Epoch 2: loss 0.212, accuracy 0.9831\nsum = 3 +\n4")
    )
    assert [(block.place.line, block.text) for block in document.blocks] == [
        (1, "Epoch 1: loss 0.312, accuracy 0.9731"),
        (2, "Epoch 2: loss 0.212, accuracy 0.9831"),
        (3, "sum = 3 + 4"),
    ]


def test_code_is_kept_apart() -> None:
    document = read(source="1 + 1 == 3")
    assert document.code == (CodeCell(Place(cell=1), "1 + 1 == 3"),)
    assert not document.blocks


def test_kinds_of_output() -> None:
    document = read(
        {"output_type": "error", "ename": "ValueError", "evalue": "16 is not 15", "traceback": []},
        {"output_type": "execute_result", "data": {"text/html": "<table><tr><td>1<td>2</table>", "text/plain": "1 2"}},
        {"output_type": "display_data", "data": {"image/png": "A" * 100, "text/plain": "<Figure>"}},
        {"output_type": "execute_result", "data": {"text/plain": "0.9786000251770020"}},
    )
    assert [(block.kind, block.text) for block in document.blocks] == [
        ("text", "ValueError: 16 is not 15"),
        ("row", "1  2"),
        ("picture", ""),
        ("text", "0.9786000251770020"),
    ]


def test_long_names_in_summaries() -> None:
    document = read(
        stream(
            " Layer (type)                Output Shape              Param #\n"
            "=================================================================\n"
            " batch_normalization (Batch  (None, 26, 26, 20)        80\n"
            " Normalization)\n"
            " dense_3 (Dense)             (None, 10)                33810\n"
        )
    )
    assert [block.cells for block in document.blocks] == [
        ("Layer (type)", "Output Shape", "Param #"),
        ("batch_normalization (BatchNormalization)", "(None, 26, 26, 20)", "80"),
        ("dense_3 (Dense)", "(None, 10)", "33810"),
    ]
    assert len({block.table for block in document.blocks}) == 1


@given(st.lists(st.text(alphabet="ab12 ", max_size=6), min_size=1, max_size=6))
def test_a_line_written_again_shows_its_last_state(states: list[str]) -> None:
    last = next((state for state in reversed(states) if state.strip()), "")
    assert shown("\r".join(states)) == last


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("10%\r20%\r100%\ndone", "100%\ndone"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("12\b3", "13"),
        ("1\b\b\b23", "23"),
        ("\x1b[31m97.3\x1b[0m %", "97.3 %"),
    ],
)
def test_terminal(text: str, seen: str) -> None:
    assert shown(text) == seen


def test_pictures_use_up_no_text() -> None:
    picture: dict[str, object] = {"output_type": "display_data", "data": {"image/png": "A" * (MAX_CHARACTERS + 10)}}
    document = read(picture, stream("Total: 99,999"))
    assert [block.text for block in document.blocks] == ["", "Total: 99,999"]
    assert not document.problems


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"cell_type": st.sampled_from(["code", "markdown", 3]), "source": VALUES, "outputs": VALUES}
        )
    )
)
@pytest.mark.slow
def test_any_cells_are_read_or_refused(cells: list[dict[str, object]]) -> None:
    content = json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})
    with contextlib.suppress(UnreadableError):
        parse_document(content.encode("utf-8", "surrogatepass"), "x.ipynb", "notebook")


@needs_cases
def test_cases() -> None:
    log = read_document(Path(CASES) / "documents" / "m02_long_log.ipynb")
    assert all(block.text.count("Loss") == 1 for block in log.blocks)
    large = read_document(Path(CASES) / "hostile" / "09-over-2M-characters.ipynb")
    assert "Total trainable parameters = 99,999" in large.text
