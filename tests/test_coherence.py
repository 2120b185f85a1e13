"""Each way in which parts can fail to fit is told; what fits is not."""

from collections.abc import Callable
from typing import Any

import pytest

from reportgen.coherence import incoherences
from reportgen.experiment import Computed
from reportgen.results import ExperimentResult, Results


def spoil_first(results: Results, **changes: Any) -> Results:
    first, *others = results.experiments
    return results.model_copy(update={"experiments": (first.model_copy(update=changes), *others)})


def test_what_was_computed_fits(computed: Computed) -> None:
    assert list(incoherences(computed.results)) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (lambda first: {"history": ()}, "the epochs are not numbered from 1"),
        (lambda first: {"history": first.history[1:]}, "the epochs are not numbered from 1"),
        (lambda first: {"history": first.history * 2}, "the epochs are not numbered from 1"),
        (lambda first: {"chosen_epoch": 3}, "the chosen epoch 3 is none of the history"),
        (lambda first: {"train_total": 0}, "it was trained on no images"),
        (
            lambda first: {"count": first.count.model_copy(update={"layers": first.count.layers[1:]})},
            "the layers counted are not those of the plan",
        ),
        (
            lambda first: {"score": first.score.model_copy(update={"confusion": first.score.confusion[1:]})},
            "the scores are not of 10 classes",
        ),
        (
            lambda first: {"score": first.score.model_copy(update={"classes": first.score.classes * 2})},
            "the scores are not of 10 classes",
        ),
        (
            lambda first: {
                "score": first.score.model_copy(
                    update={"confusion": tuple(row + row[:1] for row in first.score.confusion)}
                )
            },
            "the scores are not of 10 classes",
        ),
        (lambda first: {"score": first.score.model_copy(update={"total": 0})}, "it was tested on no images"),
    ],
)
def test_an_experiment_that_does_not_fit(
    computed: Computed, changes: Callable[[ExperimentResult], dict[str, Any]], said: str
) -> None:
    spoilt = spoil_first(computed.results, **changes(computed.results.experiments[0]))
    assert f"experiment-1: {said}" in incoherences(spoilt)


def test_a_comparison_with_another_than_the_plans_baseline(computed: Computed) -> None:
    bonus = computed.results.experiments[2]
    said = "it is not compared with the plan's baseline"
    assert f"experiment-1: {said}" in incoherences(spoil_first(computed.results, comparison=bonus.comparison))
    without = bonus.model_copy(update={"comparison": None})
    kept = computed.results.experiments[:2]
    assert f"bonus: {said}" in incoherences(computed.results.model_copy(update={"experiments": (*kept, without)}))


def test_labels_without_a_count(computed: Computed) -> None:
    data = computed.results.data
    for name in ("train_counts", "test_counts"):
        spoilt = data.model_copy(update={name: getattr(data, name)[1:]})
        said = incoherences(computed.results.model_copy(update={"data": spoilt}))
        assert "data: there is not one count for each label" in said


def test_a_plan_whose_layers_do_not_fit(computed: Computed) -> None:
    plan = computed.results.plan
    small = plan.model_copy(update={"input_shape": (1, 4, 4)})
    said = list(incoherences(computed.results.model_copy(update={"plan": small})))
    assert any("experiment-1: the plan's layer" in mistake and "can't stand there" in mistake for mistake in said)
