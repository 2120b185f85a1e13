"""Class reports: what follows from precision, recall and support of each class."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.judged import ledger

REPORT = """Class report

| class | precision | recall | f1-score | support |
|---|---|---|---|---|
| 0 | 0.95 | 0.91 | {} | 412 |
| 1 | 0.88 | 0.97 | 0.92 | 388 |
| macro avg | 0.90 | 0.90 | 0.60 | 800 |
"""


@pytest.mark.parametrize(("f1", "wrong"), [("0.93", []), ("0.92", []), ("0.99", ["0.99"]), ("0.83", ["0.83"])])
def test_the_f1_of_a_class_is_a_harmonic_mean(f1: str, wrong: list[str]) -> None:
    """0.95 and 0.91 as printed leave 0.924 to 0.935; the mean of a macro average is none of its own row."""
    assert [claim.found for claim in ledger(REPORT.format(f1)).contradicted] == wrong


COUNTS = st.integers(1, 500)


@given(st.lists(st.tuples(COUNTS, COUNTS, COUNTS), min_size=2, max_size=4), st.sampled_from([2, 3, 4]))
def test_reports_of_any_counts_are_right(counts: list[tuple[int, int, int]], places: int) -> None:
    rows = ["| class | precision | recall | f1-score | support |", "|---|---|---|---|---|"]
    for name, (both, only_said, only_so) in enumerate(counts):
        precision, recall = both / (both + only_said), both / (both + only_so)
        f1 = 2 * both / (2 * both + only_said + only_so)
        rows.append(f"| {name} | {precision:.{places}f} | {recall:.{places}f} | {f1:.{places}f} | {both + only_so} |")
    assert not ledger("Class report\n\n" + "\n".join(rows) + "\n").contradicted
