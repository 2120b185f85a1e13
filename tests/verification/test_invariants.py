"""No ledger gives two answers about one number; and the function that says so would notice one."""

from pathlib import Path

import pytest

from benchmarks.ledger_invariants import broken
from reportgen.verification.ledger import Verdict
from tests import judged

CASE = Path(__file__).parent.parent / "cases" / "M23CSE023.md"


@pytest.mark.parametrize("text", [judged.TEN, judged.FOUR, CASE.read_text(encoding="utf-8")])
def test_ledgers_of_right_reports_give_one_answer(text: str) -> None:
    assert broken(judged.ledger(text)) == []


def test_a_wrong_number_gives_one_answer_too() -> None:
    found = judged.ledger("## Experiment 1\n\nTrainable parameters = (1 * 7 * 7 * 16) + 16 = 900\n")
    assert found.contradicted
    assert broken(found) == []


def test_a_contradiction_of_what_was_expected_is_noticed() -> None:
    found = judged.ledger("## Experiment 1\n\nTrainable parameters = (1 * 7 * 7 * 16) + 16 = 900\n")
    claim = found.contradicted[0]
    assert claim.fact is not None
    same = claim.model_copy(update={"fact": claim.fact.model_copy(update={"value": claim.found})})
    assert claim.found in broken(found.model_copy(update={"claims": (same,)}))[0]


def test_two_verdicts_on_one_span_are_noticed() -> None:
    found = judged.ledger(judged.TEN)
    twice = tuple(
        found.claims[0].model_copy(update={"verdict": verdict}) for verdict in (Verdict.VERIFIED, Verdict.CONTRADICTED)
    )
    assert any("verified and contradicted" in text for text in broken(found.model_copy(update={"claims": twice})))


def test_what_is_verified_and_missing_is_noticed() -> None:
    found = judged.ledger("# Report\n\nhttps://colab.research.google.com/drive/1AbCdEfGhIjKlMnOp\n")
    lacking = judged.ledger("# Report\n\nNothing.\n").missing
    assert any("link" in missing.what for missing in lacking)
    assert any(
        text.startswith("verified and missing") for text in broken(found.model_copy(update={"missing": lacking}))
    )
