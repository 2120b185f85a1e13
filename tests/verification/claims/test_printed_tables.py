"""Tables of a report held against those that the notebook beside it printed."""

import json

import pytest

from reportgen.verification.facts.code import Code
from reportgen.verification.facts.code_reading import read_code
from reportgen.verification.facts.printed import read_printed
from tests.verification.beside import beside, by_code

PRINTED = """Summary
======================
 Units Parameters  Test Acc (%)  Train Time (s)  Epochs
    32     25,450         96.41            81.4      12
    64     50,890         97.12            95.0       9
   128    101,770         97.83           120.7       7

done
"""
TABLE = """| Units | Test accuracy | Parameters | Training time |
|---|---|---|---|
| 32 | 96.41% | 25,450 | 81.4s |
| 64 | 97.12% | 50,890 | 95.0s |
| 128 | 97.83% | 101,770 | 120.7s |
"""


def notebook(text: str, kind: str = "stream") -> bytes:
    data = {"data": {"text/plain": text}} if kind == "execute_result" else {"text": text.splitlines(keepends=True)}
    cell = {"cell_type": "code", "source": "run()", "outputs": [{"output_type": kind, **data}]}
    return json.dumps({"cells": [{"cell_type": "markdown", "source": "# A"}, cell], "nbformat": 4}).encode()


PROGRAM = read_code({"run.ipynb": notebook(PRINTED)})


@pytest.mark.parametrize("kind", ["stream", "execute_result"])
def test_a_printed_table_is_read_with_its_heads(kind: str) -> None:
    (table,) = read_printed({"run.ipynb": notebook(PRINTED, kind)}).tables
    assert table.head == ("Units", "Parameters", "Test Acc (%)", "Train Time (s)", "Epochs")
    assert [float(row[3]) for row in table.rows] == [81.4, 95.0, 120.7]
    assert table.where == "run.ipynb:cell 2"


def test_what_was_printed_is_verified() -> None:
    found = by_code(beside(TABLE, PROGRAM))
    assert len(found) == 12
    assert {claim.verdict.value for claim in found} == {"verified"}


@pytest.mark.parametrize(
    ("right", "wrong", "printed"), [("81.4s", "84.1s", "81.4"), ("120.7s", "120.3s", "120.7"), ("95.0s", "59.0s", "95")]
)
def test_a_cell_of_a_row_that_was_printed_otherwise_is_contradicted(right: str, wrong: str, printed: str) -> None:
    (claim,) = beside(TABLE.replace(right, wrong), PROGRAM).contradicted
    assert (claim.found, claim.expected) == (wrong.strip("s"), printed)
    assert claim.fact is not None
    assert claim.fact.where == "run.ipynb:cell 2"


@pytest.mark.parametrize(
    "text",
    [
        TABLE.replace("81.4s", "81s"),
        TABLE.replace("81.4s", "~80s"),
        TABLE.replace("96.41%", "96.38%").replace("81.4s", "79.2s"),
        TABLE.replace("Training time", "Training time (min)").replace("81.4s", "1.36").replace("95.0s", "1.58"),
        TABLE.replace("81.4s", "95.0s"),
        TABLE.replace("Training time", "Prediction cost").replace("81.4s", "3.1"),
        "\n".join(TABLE.splitlines()[:3]).replace("81.4s", "84.1s"),
    ],
    ids=["rounded", "about", "another run", "minutes", "printed elsewhere", "another column", "one row"],
)
def test_what_may_be_right_is_not_contradicted(text: str) -> None:
    assert not beside(text, PROGRAM).contradicted


def test_two_printed_rows_with_the_same_numbers_tell_none() -> None:
    twice = PRINTED.replace("done", "    32     25,450         96.41            84.1      12")
    program: Code = read_code({"run.ipynb": notebook(PRINTED.replace("done", "") + twice)})
    assert not beside(TABLE.replace("81.4s", "84.1s"), program).contradicted


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"cells": 3}', b'{"cells": [{"outputs": [3, {"text": 4}]}, 5]}'])
def test_a_broken_notebook_printed_nothing(content: bytes) -> None:
    assert not read_printed({"a.ipynb": content}).tables
