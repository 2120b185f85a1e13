"""A report's predictions against its weights: the judging, the evaluation, and the command."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load, save
from typer.testing import CliRunner

from reportgen.cli.app import app
from reportgen.errors import UnreadableError, UsageError
from reportgen.files import digest
from reportgen.own_reports.evaluated import Answered, judge_weights
from reportgen.pipelines.audit import audit
from reportgen.training.experiment import Computed
from reportgen.training.images import Images
from reportgen.training.reevaluation import Reevaluation, reevaluate
from reportgen.verification.ledger import Ledger, Verdict

EMPTY = Ledger(source="x.pdf", kind="pdf", digest="0", assignment="csl7590-a1", claims=())


@pytest.mark.slow
def test_right_weights_are_verified(computed: Computed) -> None:
    result = computed.results.experiments[0]
    ledger = judge_weights(EMPTY, result, Answered(result.weights_digest, (), result.test_loss))
    assert [(claim.quantity, claim.verdict) for claim in ledger.claims] == [("weights", Verdict.VERIFIED)]


def test_each_difference_is_named(computed: Computed) -> None:
    result = computed.results.experiments[0]
    ledger = judge_weights(EMPTY, result, Answered("f" * 64, (7, 9), result.test_loss + 0.01))
    assert [claim.verdict for claim in ledger.claims] == [Verdict.CONTRADICTED] * 3
    assert "image 7" in ledger.claims[1].how
    assert ledger.claims[1].found == "2 of them otherwise"


def test_a_near_tie_is_no_other_answer() -> None:
    answer = Reevaluation(np.array([[1.0, 1.0005], [1.0, 2.0]], np.float32), 0.1)
    assert answer.allows((0, 0)).tolist() == [True, False]


def test_weights_are_evaluated_as_training_left_them(computed: Computed, few: Images) -> None:
    for experiment, result in zip(computed.results.plan.experiments, computed.results.experiments, strict=True):
        answer = reevaluate(experiment, computed.weights[result.weights], few, "x")
        assert answer.allows(result.predictions).all()
        assert answer.loss == pytest.approx(result.test_loss, abs=1e-4)


def test_weights_of_another_network_are_refused(computed: Computed, few: Images) -> None:
    plan, results = computed.results.plan, computed.results.experiments
    with pytest.raises(UnreadableError, match=r"w\.safetensors does not hold the network of experiment-1"):
        reevaluate(plan.experiments[0], computed.weights[results[1].weights], few, "w.safetensors")
    with pytest.raises(UnreadableError, match="no safetensors file"):
        reevaluate(plan.experiments[0], b"pickle", few, "w.safetensors")


@pytest.fixture
def folder(computed: Computed, tmp_path: Path) -> Path:
    for name, content in computed.weights.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "weights"


@pytest.mark.slow
def test_a_report_is_held_against_its_folder(
    computed: Computed, folder: Path, few: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reportgen.pipelines.audit.find_images", lambda *_: (few, ""))
    assert audit(EMPTY, computed.results, folder, None).contradicted == ()
    assert audit(EMPTY, computed.results, folder.parent, None) == audit(EMPTY, computed.results, folder, None)
    path = folder / Path(computed.results.experiments[0].weights).name
    state = load(path.read_bytes())
    state["0.weight"] += 0.5
    path.write_bytes(save(state))
    found = audit(EMPTY, computed.results, folder, None)
    assert digest(path.read_bytes()) == found.contradicted[0].expected
    path.unlink()
    with pytest.raises(UnreadableError, match="cannot read"):
        audit(EMPTY, computed.results, folder, None)


def test_other_data_decide_nothing(
    computed: Computed, folder: Path, few: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(few, digests={"sklearn-digits": "0"})
    monkeypatch.setattr("reportgen.pipelines.audit.find_images", lambda *_: (other, ""))
    with pytest.raises(UsageError, match="other data"):
        audit(EMPTY, computed.results, folder, None)


def test_the_command_wants_one_report_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# Experiment 1\n", encoding="utf-8")
    runner = CliRunner()
    alone = runner.invoke(app, ["verify", str(path), "--weights", str(tmp_path)])
    assert (alone.exit_code, "carries no results" in alone.output) == (2, True)
    two = runner.invoke(app, ["verify", str(path), str(path), "--weights", str(tmp_path)])
    assert (two.exit_code, "2 files were given" in two.output) == (2, True)
