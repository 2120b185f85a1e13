"""Every mistake of a spec at once, each with its path, in words that a teacher understands."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.assignment.mistakes import find_mistakes, show_path
from reportgen.assignment.plan import Options, resolve
from reportgen.assignment.spec import Assignment
from reportgen.errors import SpecError
from tests.assignment.changed_spec import BONUS, CNN, DELETED, FIRST, SECOND, SPEC, Change, changed


def test_the_bundled_spec_has_no_mistake() -> None:
    assert find_mistakes(SPEC) == []


def test_five_mistakes_are_reported_at_once_with_their_paths() -> None:
    raw = changed(
        (("roll", "pattern"), "[A-Z"),
        ((*CNN, 0, "kernel_size"), 77),
        ((*SECOND, "groups"), [[0, 6], [1, 7], [2, 3, 8], [4, 9, 6]]),
        ((*BONUS, "training", "schedule"), {"name": "constant"}),
        (("rubric", 0, "points"), 16),
    )
    assert find_mistakes(raw) == [
        "experiments[1].groups: in no group: 5",
        "experiments[1].groups[3]: label 6 is also in groups[0]",
        "experiments[2].techniques[2]: learning-rate-schedule is claimed, but the experiment has none",
        "networks.cnn.layers[0]: Conv2d: the output would be empty: 1×28×28 in gives 0×0; "
        "make the kernel smaller or the padding larger",
        "roll.pattern: not a regular expression: unterminated character set at position 0",
        "rubric: the points add up to 101, but marks = 100",
    ]


ONE_MISTAKE: list[tuple[str, list[Change], list[str]]] = [
    (
        "wrong explicit channels",
        [((*CNN, 3, "in_channels"), 7)],
        ["networks.cnn.layers[3]: Conv2d: in_channels = 7, but the layer before gives 16"],
    ),
    (
        "unknown network",
        [((*BONUS, "network"), "cnn2")],
        [
            "experiments[2].network: no network 'cnn2' in [networks]; there are: cnn, cnn-improved",
            "networks.cnn-improved: no experiment uses this network",
        ],
    ),
    (
        "softmax in the middle",
        [((*CNN, 2), {"type": "Softmax"})],
        ["networks.cnn.layers[2]: Softmax must be the last layer: the loss takes logits"],
    ),
    (
        "two layers of one name",
        [((*CNN, 5, "name"), "ReLU 1")],
        ["networks.cnn.layers[5].name: 'ReLU 1' is the name of an earlier layer"],
    ),
    (
        "wrong number of outputs",
        [((*CNN, 10, "out_features"), 10)],
        ["networks.cnn.layers: the network gives 10, but there are 4 classes"],
    ),
    (
        "nothing to train",
        [((*CNN, index, "frozen"), True) for index in (0, 3, 6, 10)],
        ["networks.cnn.layers: there is nothing to train"],
    ),
    (
        "overlap in one group",
        [((*SECOND, "groups", 0), [0, 6, 0])],
        ["experiments[1].groups[0]: label 0 is twice in this group"],
    ),
    (
        "label that the data set hasn't",
        [((*SECOND, "groups", 3), [4, 9, 11])],
        ["experiments[1].groups[3]: 11 is no label of MNIST; labels are 0 to 9"],
    ),
    (
        "class names",
        [((*SECOND, "class_names"), ["a", "b", "b"])],
        [
            "experiments[1].class_names: 3 names for 4 classes",
            "experiments[1].class_names[2]: 'b' is the name of an earlier class",
        ],
    ),
    (
        "baseline that comes later",
        [((*FIRST, "baseline"), "bonus")],
        ["experiments[0].baseline: no experiment 'bonus' stands before this one"],
    ),
    (
        "baseline with other groups",
        [((*BONUS, "baseline"), "experiment-2")],
        ["experiments[2].baseline: 'experiment-2' has other groups: the two can't be compared"],
    ),
    (
        "two experiments of one id",
        [((*SECOND, "id"), "experiment-1")],
        ["experiments[1].id: 'experiment-1' is the id of an earlier experiment"],
    ),
    (
        "rubric part",
        [(("rubric", 0, "part"), "exp1")],
        ["rubric[0].part: no part 'exp1'; allowed: experiment-1, experiment-2, bonus, report"],
    ),
    (
        "two criteria of one id",
        [(("rubric", 1, "id"), "exp1-network")],
        ["rubric[1].id: 'exp1-network' is the id of an earlier criterion"],
    ),
    (
        "no dropout",
        [(("networks", "cnn-improved", "layers", 13), {"type": "ReLU", "name": "x"})],
        ["experiments[2].techniques[0]: dropout is claimed, but the experiment has none"],
    ),
    (
        "stopping early without validation",
        [((*BONUS, "training", "validation_size"), DELETED)],
        ["experiments[2].training.early_stopping: needs validation_size: the test set chooses nothing"],
    ),
    (
        "validation that nothing uses",
        [((*FIRST, "training", "validation_size"), 5000)],
        ["experiments[0].training.validation_size: nothing uses it without early_stopping"],
    ),
    (
        "validation that eats the training set",
        [((*BONUS, "training", "validation_size"), 30_001)],
        ["experiments[2].training.validation_size: 30001 is more than half of the 60000 training images"],
    ),
    (
        "scale upside down",
        [((*BONUS, "training", "augmentation", 0, "scale"), [1.2, 0.8])],
        ["experiments[2].training.augmentation[0].scale: needs 0 < smallest ≤ largest, got [1.2, 0.8]"],
    ),
    (
        "nesterov without momentum",
        [((*FIRST, "training", "optimizer"), {"name": "sgd", "learning_rate": 0.1, "nesterov": True})],
        ["experiments[0].training.optimizer.nesterov: needs momentum"],
    ),
    (
        "example that does not fit",
        [(("roll", "example"), "B22CS021x")],
        [
            r"roll.example: 'B22CS021x' does not match the pattern '[A-Z]\\d{2}[A-Z]{2,4}\\d{3}'",
            "roll.example: roll number 'B22CS021x' does not end in 3 digits, which the batch size needs",
        ],
    ),
    (
        "batch rule that needs more digits",
        [(("batch", "digits"), 4)],
        ["roll.example: roll number 'M23CSE023' does not end in 4 digits, which the batch size needs"],
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected"), [case[1:] for case in ONE_MISTAKE], ids=[case[0] for case in ONE_MISTAKE]
)
def test_a_mistake_is_named_by_its_path_and_nothing_else_is(changes: list[Change], expected: list[str]) -> None:
    assert find_mistakes(changed(*changes)) == expected


def test_a_spec_error_carries_all_mistakes() -> None:
    mistakes = find_mistakes(changed((("id",), DELETED), (("marks",), 99)))
    assert SpecError("mine.toml", mistakes).mistakes == (
        "id: is missing",
        "rubric: the points add up to 100, but marks = 99",
    )


def test_a_path_is_written_as_in_python() -> None:
    assert show_path(["experiments", 1, "groups", 2]) == "experiments[1].groups[2]"


def _paths(raw: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    below = list(raw.items()) if isinstance(raw, dict) else list(enumerate(raw)) if isinstance(raw, list) else []
    return [path, *(found for key, value in below for found in _paths(value, (*path, key)))]


_junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 2000),
    st.floats(),
    st.text(max_size=4),
    st.lists(st.one_of(st.integers(-1, 12), st.text(max_size=2)), max_size=3),
    st.dictionaries(st.sampled_from(["name", "type", "id"]), st.text(max_size=3), max_size=2),
    st.just(DELETED),
)


@settings(max_examples=300, deadline=None)
@given(path=st.sampled_from(_paths(SPEC)[1:]), value=_junk)
@pytest.mark.slow
def test_whatever_stands_in_a_spec_it_is_a_mistake_or_makes_a_plan(path: tuple[str | int, ...], value: Any) -> None:
    raw = changed((path, value))
    mistakes = find_mistakes(raw)
    assert all(": " in said and "\n" not in said for said in mistakes)
    if not mistakes:
        assignment = Assignment.model_validate(raw)
        plan = resolve(assignment, assignment.roll.example, Options())
        assert all(experiment.count(plan.input_shape).trainable for experiment in plan.experiments)
