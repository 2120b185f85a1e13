"""results.json: the bridge between computing and rendering."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reportgen.errors import ResultsError
from reportgen.experiment import Computed
from reportgen.results import FILE_NAME, dump, load, parse


@pytest.fixture(scope="module")
def content(computed: Computed) -> bytes:
    """A results.json."""
    return dump(computed.results)


def test_results_survive_their_file(tmp_path: Path, computed: Computed, content: bytes) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(content)
    assert load(path) == computed.results
    assert dump(load(path)) == content


def test_the_file_is_json_in_utf8_and_keeps_many_numbers_on_one_line(computed: Computed, content: bytes) -> None:
    raw = json.loads(content)
    assert raw["schema_version"] == 1
    stored = raw["experiments"][0]["predictions"]
    assert stored == " ".join(str(number) for number in computed.results.experiments[0].predictions)
    assert content.endswith(b"}\n")


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
        (["experiments", 0, "samples", 0, "predicted"], -1, r"experiment-1: image \d+ is of no class"),
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


def test_each_part_is_an_experiment_as_asked_planned_and_computed(computed: Computed) -> None:
    parts = computed.results.parts()
    assert [(asked.id, plan.id, result.id) for asked, plan, result in parts] == [
        (name, name, name) for name in ("experiment-1", "experiment-2", "bonus")
    ]


def test_an_experiment_is_found_by_its_id(computed: Computed) -> None:
    assert computed.results.experiment("bonus").id == "bonus"
    with pytest.raises(KeyError):
        computed.results.experiment("experiment-3")


def test_the_training_accuracy_is_of_the_images_trained_on(computed: Computed) -> None:
    first, _, bonus = computed.results.experiments
    assert (first.train_total, bonus.train_total) == (400, 328)  # the bonus sets 72 aside
    assert first.train_accuracy == first.train_correct / 400
