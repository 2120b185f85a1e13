from dataclasses import dataclass

import pytest

from reportgen.rendering import observations
from reportgen.results.schema import Comparison, ExperimentResult
from reportgen.training.experiment import Computed


@dataclass(frozen=True)
class Pair:
    baseline: ExperimentResult
    bonus: ExperimentResult


@pytest.fixture
def pair(computed: Computed) -> Pair:
    return Pair(computed.results.experiment("experiment-1"), computed.results.experiment("bonus"))


def _accuracy(result: ExperimentResult, correct: int) -> ExperimentResult:
    score = result.score.model_copy(update={"correct": correct, "accuracy": correct / result.score.total})
    return result.model_copy(update={"score": score})


def _verdict(pair: Pair, correct: tuple[int, int], comparison: Comparison) -> str:
    baseline, bonus = _accuracy(pair.baseline, correct[0]), _accuracy(pair.bonus, correct[1])
    return observations.verdict(bonus, baseline, comparison, "Experiment 1")


def test_a_bonus_that_helps_is_said_to_help(pair: Pair) -> None:
    said = _verdict(pair, (300, 340), Comparison(baseline="b", only_this=45, only_baseline=5, p_value=1e-9))
    assert "rises by +11.11 percentage points, significant at the 1 % level" in said
    assert "45 images are right here and wrong there, and 5 are wrong here and right there" in said


def test_a_bonus_that_does_not_help_is_said_not_to(pair: Pair) -> None:
    said = _verdict(pair, (300, 303), Comparison(baseline="b", only_this=10, only_baseline=7, p_value=0.6))
    assert "not significant at the 1 % level: the techniques did not clearly help" in said
    assert "p = 0.600" in said


def test_a_bonus_that_harms_is_said_to_harm(pair: Pair) -> None:
    said = _verdict(pair, (340, 300), Comparison(baseline="b", only_this=5, only_baseline=45, p_value=1e-9))
    assert "falls by 11.11 percentage points" in said
    assert "did harm" in said


def test_confusions_are_the_largest_cells_off_the_diagonal(computed: Computed) -> None:
    for result in computed.results.experiments:
        found = observations.largest_confusions(result, 3)
        matrix = result.score.confusion
        cells = sorted(
            (matrix[row][column] for row in range(len(matrix)) for column in range(len(matrix)) if row != column),
            reverse=True,
        )
        assert [images for _, _, images in found] == [cell for cell in cells[:3] if cell]
        assert all(matrix[true][said] == images for true, said, images in found)


def test_the_gap_decides_what_is_said_of_overfitting(pair: Pair) -> None:
    result = _accuracy(pair.baseline, 350)
    result = result.model_copy(
        update={"score": result.score.model_copy(update={"interval": (0.965, 0.979)}), "train_total": 1000}
    )
    gaps = {
        975: "there is no sign of overfitting",
        990: "it overfits a little",
        1000: "the network overfits.",
    }
    for correct, said in gaps.items():
        sentence = observations._gap(result.model_copy(update={"train_correct": correct}))
        assert said in sentence, correct


def test_the_best_epoch_is_reported_even_where_its_weights_were_not_kept(pair: Pair) -> None:
    first, second = pair.baseline.history
    better_first = first.model_copy(update={"test_accuracy": second.test_accuracy + 0.01})
    result = pair.baseline.model_copy(update={"history": (better_first, second)})
    assert observations.best_epoch(result).epoch == 1
    assert "highest in epoch 1" in observations._course(result)
    assert "the test set chooses nothing" in observations._course(result)


def test_of_equal_epochs_the_kept_one_is_the_best(pair: Pair) -> None:
    first, second = pair.baseline.history
    equal = pair.baseline.model_copy(
        update={"history": (first.model_copy(update={"test_accuracy": second.test_accuracy}), second)}
    )
    assert [observations.best_epoch(equal.model_copy(update={"chosen_epoch": epoch})).epoch for epoch in (1, 2)] == [
        1,
        2,
    ]
    assert "highest in epoch 2" in observations._course(equal)


def test_early_stopping_is_mentioned(pair: Pair) -> None:
    assert "stopped early, after epoch 2" in observations._course(pair.bonus.model_copy(update={"stopped_early": True}))
    assert "stopped early" not in observations._course(pair.bonus.model_copy(update={"stopped_early": False}))
