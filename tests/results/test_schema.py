"""results.json: the bridge between computing and rendering."""

import json

import pytest

from reportgen.results.schema import dump
from reportgen.training.experiment import Computed


@pytest.fixture(scope="module")
def content(computed: Computed) -> bytes:
    """A results.json."""
    return dump(computed.results)


def test_the_file_is_json_in_utf8_and_keeps_many_numbers_on_one_line(computed: Computed, content: bytes) -> None:
    raw = json.loads(content)
    assert raw["schema_version"] == 1
    stored = raw["experiments"][0]["predictions"]
    assert stored == " ".join(str(number) for number in computed.results.experiments[0].predictions)
    assert content.endswith(b"}\n")


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
