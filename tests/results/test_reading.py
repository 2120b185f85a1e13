"""What is no results.json, or one whose parts do not fit together, is refused in words; what fits is read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reportgen.errors import ResultsError
from reportgen.results.reading import incoherences, load, parse
from reportgen.results.schema import FILE_NAME, ExperimentResult, Results, dump
from reportgen.training.experiment import Computed


@pytest.fixture(scope="module")
def content(computed: Computed) -> bytes:
    """A results.json."""
    return dump(computed.results)


def test_results_survive_their_file(tmp_path: Path, computed: Computed, content: bytes) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(content)
    assert load(path) == computed.results
    assert dump(load(path)) == content


def test_a_file_from_before_there_were_samples_is_read(content: bytes) -> None:
    raw = json.loads(content)
    del raw["images"]
    for experiment in raw["experiments"]:
        del experiment["samples"]
    results = parse(json.dumps(raw).encode(), FILE_NAME)
    assert results.images == {}
    assert all(experiment.samples == () for experiment in results.experiments)


def change(content: bytes, path: list[str | int], value: Any) -> bytes:
    """The file with one value replaced."""
    raw = json.loads(content)
    owner = raw
    for part in path[:-1]:
        owner = owner[part]
    owner[path[-1]] = value
    return json.dumps(raw).encode()


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["plan", "batch", "size"], 32, "the plan was altered: its digest is not the one stored"),
        (["plan", "seed"], 1, "the plan was altered"),
        (["plan", "experiments", 0, "layers", 0, "padding"], [2, 2], "the plan was altered"),
        (["plan_digest"], "0" * 64, "the plan was altered"),
        (["schema_version"], 2, "has schema version 2; this reportgen reads 1. Build it again"),
        (["schema_version"], None, "has schema version None"),
        (["experiments", 0, "id"], "experiment-9", "do not name the same experiments"),
        (["experiments"], [], "do not name the same experiments"),
        (["experiments", 0, "test_loss"], "low", r"not valid: experiments\.0\.test_loss: .* \(1 mistakes in all\)"),
        (["experiments", 0, "colour"], "red", r"not valid: experiments\.0\.colour"),
        (["student", "colab"], "javascript:alert(1)", r"not valid: student\.colab"),
        (["student", "name"], None, r"not valid: student\.name"),
        (["experiments", 0, "mistaken", 0, "pixels"], "AAAA", r"experiment-1: mistaken image \d+ does not hold 784"),
        (["experiments", 0, "mistaken", 0, "pixels"], "A", r"not valid: experiments\.0\.mistaken\.0\.pixels"),
        (["experiments", 0, "mistaken", 0, "true"], 10, r"experiment-1: image \d+ is of no class"),
        (["experiments", 0, "samples", 0, "predicted"], -1, r"not valid: experiments\.0\.samples\.0\.predicted"),
        (["experiments", 0, "samples", 0, "predicted"], 10, r"experiment-1: image \d+ is of no class"),
        (["experiments", 0, "test_loss"], float("nan"), r"not valid: experiments\.0\.test_loss: .* finite"),
        (["images"], {}, r"experiment-1: sample \d+ has no image"),
        (["images", "0"], "AAAA", r"images\.0 does not hold 784 pixels"),
        (["experiments", 0, "predictions"], "1 2 x", r"not valid: experiments\.0\.predictions\.2"),
    ],
)
def test_a_file_that_was_altered_is_refused(content: bytes, path: list[str | int], value: Any, said: str) -> None:
    with pytest.raises(ResultsError, match=said) as caught:
        parse(change(content, path, value), "results.json")
    assert str(caught.value).startswith("results.json")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda content: content[: len(content) // 2], "is not JSON"),
        (lambda _: b"", "is not JSON"),
        (lambda _: b"\xff\xfe{", "is not JSON"),
        (lambda _: b"[]", "has schema version None"),
        (lambda _: b"{}", "has schema version None"),
        (lambda _: b"null", "has schema version None"),
        (lambda _: b'{"schema_version": 1}', "is not valid: reportgen"),
    ],
)
def test_a_file_that_is_no_results_is_refused(content: bytes, spoil: Callable[[bytes], bytes], said: str) -> None:
    with pytest.raises(ResultsError, match=f"results.json {said}"):
        parse(spoil(content), "results.json")


def test_a_missing_file_says_which_folder_to_name(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"cannot read .*results.json: No such file.*`reportgen build` wrote"):
        load(tmp_path / FILE_NAME)


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="Is a directory"):
        load(tmp_path)


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
