from dataclasses import dataclass

import pytest

from reportgen.rendering import observations
from reportgen.results.schema import Comparison, ExperimentResult
from reportgen.results.statistics import wilson
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


def _verdict(pair: Pair, correct: tuple[int, int], comparison: Comparison, changed: str = "the techniques") -> str:
    baseline = _accuracy(pair.baseline, correct[0])
    bonus = _accuracy(pair.bonus, correct[1]).model_copy(update={"comparison": comparison})
    return observations.verdict(bonus, baseline, "Experiment 1", changed)


def test_a_bonus_that_helps_is_said_to_help(pair: Pair) -> None:
    said = _verdict(pair, (300, 340), Comparison(baseline="b", only_this=45, only_baseline=5, p_value=1e-9))
    assert "45 images are right here and wrong there, and 5 are wrong here and right there" in said
    assert "+11.11 percentage points (95 % interval +" in said
    assert "rises, significantly at the 5 % level: the techniques helped" in said
    assert "one run each" in said


def test_a_p_value_between_one_and_five_percent_is_significant_and_the_level_is_said_once(pair: Pair) -> None:
    said = _verdict(pair, (300, 312), Comparison(baseline="b", only_this=19, only_baseline=7, p_value=0.029))
    assert "the techniques helped" in said
    assert said.count("5 % level") == 1


def test_a_bonus_that_does_not_help_is_not_said_to(pair: Pair) -> None:
    said = _verdict(pair, (300, 303), Comparison(baseline="b", only_this=10, only_baseline=7, p_value=0.6))
    assert "not significant at the 5 % level: one cannot say whether the techniques helped" in said
    assert "p = 0.600" in said
    assert "did harm" not in said


def test_a_bonus_that_harms_is_said_to_harm_and_changes_are_no_techniques(pair: Pair) -> None:
    harm = Comparison(baseline="b", only_this=5, only_baseline=45, p_value=1e-9)
    said = _verdict(pair, (340, 300), harm)
    assert "−11.11 percentage points (95 % interval −" in said
    assert "the techniques did harm" in said
    assert "technique" not in _verdict(pair, (340, 300), harm, "the changes")


def test_equal_accuracies_are_equal_and_nothing_helped(pair: Pair) -> None:
    said = _verdict(pair, (300, 300), Comparison(baseline="b", only_this=8, only_baseline=8, p_value=1.0))
    assert "The two accuracies are equal." in said
    same = _verdict(pair, (300, 300), Comparison(baseline="b", only_this=0, only_baseline=0, p_value=1.0))
    assert "both are right on the same images" in same
    for sentence in (said, same):
        assert "helped" not in sentence
        assert "harm" not in sentence


def _at_chance(result: ExperimentResult) -> ExperimentResult:
    """A network that answers class 0 for every image."""
    score = result.score
    matrix = tuple((entry.support, *(0,) * (len(score.classes) - 1)) for entry in score.classes)
    classes = tuple(
        entry.model_copy(update={"recall": float(not index), "precision": 0.1 * (not index), "f1": 0.18 * (not index)})
        for index, entry in enumerate(score.classes)
    )
    right = classes[0].support
    update = {"confusion": matrix, "classes": classes, "interval": wilson(right, score.total)}
    chance = _accuracy(result, right)
    return chance.model_copy(
        update={"score": chance.score.model_copy(update=update), "train_correct": right, "train_total": score.total}
    )


def test_a_network_at_chance_is_said_to_be_one_and_never_free_of_overfitting(pair: Pair) -> None:
    result = _at_chance(pair.baseline)
    assert "has not learned to tell the classes apart" in observations._accuracy(result)
    assert "no sign of overfitting" not in observations._gap(result)
    learned = _accuracy(pair.baseline, 350)
    learned = learned.model_copy(update={"score": learned.score.model_copy(update={"interval": (0.95, 0.98)})})
    assert "not learned" not in observations._accuracy(learned)


def test_classes_that_tie_are_all_named(pair: Pair) -> None:
    result = _at_chance(pair.baseline)
    said = observations._confusions(result)[-1]
    assert said.startswith("The classes found least often are ")
    assert [entry.name for entry in observations.hardest_classes(result.score)] == [
        entry.name for entry in result.score.classes[1:]
    ]
    equal = tuple(entry.model_copy(update={"recall": 0.5}) for entry in result.score.classes)
    assert "Every class is found equally often" in observations._recalls(equal)


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


def test_a_test_loss_that_rises_while_the_training_loss_falls_is_told(pair: Pair) -> None:
    first, second = pair.baseline.history
    result = _accuracy(pair.baseline, 350)
    result = result.model_copy(
        update={
            "score": result.score.model_copy(update={"interval": (0.965, 0.979)}),
            "train_correct": 975,
            "train_total": 1000,
            "chosen_epoch": 2,
        }
    )
    for before, after, training, told in [(0.1, 0.2, 0.01, True), (0.1, 0.2, 0.9, False), (0.1, 0.105, 0.01, False)]:
        history = (
            first.model_copy(update={"test_loss": before, "train_loss": 0.5}),
            second.model_copy(update={"test_loss": after, "train_loss": training}),
        )
        said = observations._gap(result.model_copy(update={"history": history}))
        assert ("the test loss rose from 0.1000 to" in said) is told
        assert ("no sign of overfitting" in said) is not told


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
    assert "highest in epochs 1 and 2" in observations._course(equal)


def test_early_stopping_is_mentioned(pair: Pair) -> None:
    assert "stopped early, after epoch 2" in observations._course(pair.bonus.model_copy(update={"stopped_early": True}))
    assert "stopped early" not in observations._course(pair.bonus.model_copy(update={"stopped_early": False}))
