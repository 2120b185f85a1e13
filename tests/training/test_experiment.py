"""Plan to results, end to end on the embedded digits."""

import base64
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load

from reportgen.assignment.counting import NetworkCount
from reportgen.assignment.plan import Plan, PlannedExperiment
from reportgen.assignment.spec import Assignment
from reportgen.errors import CountMismatchError, TrainingError, UsageError
from reportgen.files import digest
from reportgen.results.schema import EpochRecord, Student
from reportgen.training import experiment
from reportgen.training.batches import normalize
from reportgen.training.engines.cuda_graph import CudaGraph
from reportgen.training.engines.plain import PLAIN
from reportgen.training.experiment import Computed, check_counts, choose_device, describe_environment, run
from reportgen.training.images import Images, group
from reportgen.training.loop import experiment_seed
from reportgen.training.modules import build_model
from tests.tiny import planned

STUDENT = Student(roll="M23CSE023", name="", date="21 February 2024", colab="")


def test_every_experiment_of_the_plan_has_its_results(computed: Computed, preview_plan: Plan) -> None:
    results = computed.results
    assert [result.id for result in results.experiments] == ["experiment-1", "experiment-2", "bonus"]
    assert results.plan == preview_plan
    assert results.plan_digest == preview_plan.digest
    for result, planned_experiment in zip(results.experiments, preview_plan.experiments, strict=True):
        assert [record.epoch for record in result.history] == [1, 2]
        assert result.seed == experiment_seed(0, result.id)
        assert result.count == planned_experiment.count((1, 28, 28))
        assert result.crosscheck.agree
    assert [result.count.trainable for result in results.experiments] == [11_070, 7_008, 11_126]


def test_the_networks_learn_something_even_here(computed: Computed) -> None:
    first, second, _ = computed.results.experiments
    assert first.score.accuracy > 0.3
    assert second.score.accuracy > 0.5


def test_the_confusion_matrices_and_class_scores_follow_from_the_predictions(
    computed: Computed, preview_plan: Plan, few: Images
) -> None:
    for result, asked in zip(computed.results.experiments, preview_plan.experiments, strict=True):
        labels = group(few.test_labels, asked.label_to_class)
        classes = len(asked.classes)
        matrix = np.zeros((classes, classes), int)
        np.add.at(matrix, (labels, np.array(result.predictions)), 1)
        assert np.array_equal(result.score.confusion, matrix)
        assert matrix.sum(1).tolist() == np.bincount(labels).tolist()
        assert (result.score.correct, result.score.total) == (matrix.trace(), 360)
        for index, entry in enumerate(result.score.classes):
            right, guessed, real = matrix[index, index], matrix[:, index].sum(), matrix[index].sum()
            assert entry.name == asked.classes[index]
            assert entry.support == real
            assert entry.precision == pytest.approx(right / guessed if guessed else 0)
            assert entry.recall == pytest.approx(right / real)
            assert entry.f1 == pytest.approx(2 * right / (guessed + real))


def test_the_bonus_is_compared_with_experiment_1_on_the_same_images(computed: Computed, few: Images) -> None:
    from scipy.stats import binomtest

    first, second, bonus = computed.results.experiments
    assert first.comparison is None
    assert second.comparison is None
    assert bonus.comparison is not None
    right, baseline_right = (np.array(result.predictions) == few.test_labels for result in (bonus, first))
    only_this, only_baseline = int((right & ~baseline_right).sum()), int((baseline_right & ~right).sum())
    assert (bonus.comparison.only_this, bonus.comparison.only_baseline) == (only_this, only_baseline)
    assert only_this - only_baseline == bonus.score.correct - first.score.correct
    assert bonus.comparison.p_value == binomtest(only_this, only_this + only_baseline).pvalue
    assert bonus.comparison.baseline == "experiment-1"


def test_the_weights_load_back_and_give_the_predictions_of_the_results(
    computed: Computed, preview_plan: Plan, few: Images
) -> None:
    images = normalize(torch.from_numpy(few.test_images), few.mean, few.std)
    for result, asked in zip(computed.results.experiments, preview_plan.experiments, strict=True):
        content = computed.weights[result.weights]
        assert digest(content) == result.weights_digest
        model = build_model(asked.layers).eval()
        model.load_state_dict(load(content))
        with torch.inference_mode():
            assert model(images).argmax(1).tolist() == list(result.predictions)


def test_what_was_used_is_recorded(computed: Computed, few: Images) -> None:
    data = computed.results.data
    assert (data.source, data.mean, data.std) == ("embedded", few.mean, few.std)
    assert (sum(data.train_counts), sum(data.test_counts)) == (400, 360)
    assert data.test_labels == tuple(few.test_labels)
    assert computed.results.environment.versions["torch"] == torch.__version__.split("+")[0]
    assert computed.results.environment.threads >= 1


def test_the_mistaken_images_are_the_most_confident_errors(computed: Computed, few: Images) -> None:
    for result in computed.results.experiments:
        assert result.mistaken
        probabilities = [image.probability for image in result.mistaken]
        assert probabilities == sorted(probabilities, reverse=True)
        for image in result.mistaken:
            assert image.predicted == result.predictions[image.index] != image.true
            assert base64.b64decode(image.pixels) == few.test_images[image.index].tobytes()
        assert len(result.mistaken) == min(12, result.score.total - result.score.correct)


def test_the_samples_stand_behind_the_cells_of_the_confusion_matrix(computed: Computed, few: Images) -> None:
    results = computed.results
    for result in results.experiments:
        cells = {(s.true, s.predicted) for s in result.samples}
        matrix = result.score.confusion
        assert cells == {(row, at) for row, line in enumerate(matrix) for at, images in enumerate(line) if images}
        assert all(sample.predicted == result.predictions[sample.index] for sample in result.samples)
    assert results.images.keys() == {sample.index for result in results.experiments for sample in result.samples}
    for index, pixels in results.images.items():
        assert base64.b64decode(pixels) == few.test_images[index].tobytes()


def test_counts_that_disagree_stop_before_anything_is_trained(
    assignment: Assignment, preview_plan: Plan, few: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(self: PlannedExperiment, input_shape: tuple[int, int, int]) -> NetworkCount:
        counted = right(self, input_shape)
        altered = counted.layers[0].model_copy(update={"trainable": 801})
        return NetworkCount(layers=(altered, *counted.layers[1:]))

    right = PlannedExperiment.count
    monkeypatch.setattr(PlannedExperiment, "count", wrong)
    monkeypatch.setattr(experiment, "train_all", lambda *_, **__: pytest.fail("was trained"))
    with pytest.raises(CountMismatchError, match="experiment-1: the counts disagree\n  Convolution Layer 1: trainable"):
        run(assignment, preview_plan, few, STUDENT)


def test_checking_counts_draws_no_random_numbers(plan: Plan) -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    check_counts(plan)
    assert torch.equal(torch.get_rng_state(), state)


def small_plan(assignment: Assignment, preview_plan: Plan, *settings: Mapping[str, Any]) -> tuple[Assignment, Plan]:
    """The assignment with tiny networks in its first experiments, one for each of ``settings``."""
    ids = [entry.id for entry in assignment.experiments[: len(settings)]]
    experiments = tuple(
        planned(**entry).model_copy(update={"id": name}) for name, entry in zip(ids, settings, strict=True)
    )
    return (
        assignment.model_copy(update={"experiments": assignment.experiments[: len(settings)]}),
        preview_plan.model_copy(update={"experiments": experiments}),
    )


def workers() -> list[str]:
    """Command lines of the processes that this one started and that still run; not the trackers of resources."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it ended meanwhile
            continue
        if parent == os.getpid() and command and "resource_tracker" not in command:
            found.append(command)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system has no /proc")
@pytest.mark.slow
def test_a_worker_that_fails_ends_the_run_with_its_error_and_leaves_no_process(
    assignment: Assignment, preview_plan: Plan, tiny: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment, "usable_cores", lambda: 2)
    endless = {"epochs": 1000, "batch_size": 1}
    diverging = {"epochs": 1000, "batch_size": 2, "optimizer": {"name": "sgd", "learning_rate": 1e38}}
    asked, plan = small_plan(assignment, preview_plan, endless, diverging)
    seen: list[tuple[str, EpochRecord]] = []
    with pytest.raises(TrainingError, match=r"^experiment-2 diverged in epoch 1"):
        run(asked, plan, tiny, STUDENT, on_epoch=lambda name, record: seen.append((name, record)))
    assert workers() == []
    assert all(name == "experiment-1" for name, _ in seen)


def test_a_single_experiment_runs_in_this_process_and_can_still_be_interrupted(
    assignment: Assignment, preview_plan: Plan, tiny: Images
) -> None:
    import signal

    asked, plan = small_plan(assignment, preview_plan, {"epochs": 1})
    before = signal.getsignal(signal.SIGINT)
    epochs: list[tuple[str, int]] = []
    computed = run(asked, plan, tiny, STUDENT, on_epoch=lambda name, record: epochs.append((name, record.epoch)))
    assert signal.getsignal(signal.SIGINT) is before
    assert epochs == [("experiment-1", 1)]
    assert len(computed.results.experiments) == 1


@pytest.mark.slow
def test_experiments_side_by_side_give_the_bits_that_they_give_one_after_the_other(
    assignment: Assignment, preview_plan: Plan, few: Images, computed: Computed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment, "usable_cores", lambda: 2)
    together = run(assignment, preview_plan, few, STUDENT, timed=False)
    assert together.weights == computed.weights
    for left, right in zip(together.results.experiments, computed.results.experiments, strict=True):
        assert left.predictions == right.predictions
        assert left.history == tuple(record.model_copy(update={"seconds": None}) for record in right.history)


def test_equal_plans_give_equal_results_where_times_are_left_out(
    assignment: Assignment, preview_plan: Plan, tiny: Images
) -> None:
    asked, plan = small_plan(assignment, preview_plan, {"epochs": 1})
    first, second = (run(asked, plan, replace(tiny), STUDENT, timed=False) for _ in range(2))
    assert first.results == second.results
    assert first.weights == second.weights
    assert first.results.experiments[0].history[0].seconds is None


def test_a_gpu_is_used_where_there_is_one_unless_the_cpu_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert [choose_device("auto"), choose_device("cuda"), choose_device("cpu")] == ["cuda", "cuda", "cpu"]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert [choose_device("auto"), choose_device("cpu")] == ["cpu", "cpu"]
    with pytest.raises(UsageError, match=r"--device cuda: torch finds no CUDA device.*leave --device out"):
        choose_device("cuda")


def test_what_is_trained_on_a_gpu_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "Some GPU")
    assert describe_environment(1, "cuda", CudaGraph()).device == "Some GPU"
    assert describe_environment(1, "cpu", PLAIN).device == "cpu"


def test_results_name_the_engine(computed: Computed) -> None:
    assert computed.results.environment.engine == "plain"
