"""Parts of a spec that do not fit its models, each with its path."""

import pytest

from reportgen.assignment.mistakes import find_mistakes
from tests.assignment.changed_spec import CNN, DELETED, FIRST, SECOND, Change, changed

ONE_MISTAKE: list[tuple[str, list[Change], list[str]]] = [
    ("unknown key", [((*CNN, 0, "paddding"), 1)], ["networks.cnn.layers[0].paddding: unknown key"]),
    ("unknown key at the top", [(("colour",), "red")], ["colour: unknown key"]),
    ("no layer type", [((*CNN, 0, "type"), DELETED)], ["networks.cnn.layers[0]: needs a 'type'"]),
    ("layer is no table", [((*CNN, 0), "Conv2d")], ["networks.cnn.layers[0]: needs a table, got 'Conv2d'"]),
    ("missing key", [((*CNN, 0, "kernel_size"), DELETED)], ["networks.cnn.layers[0].kernel_size: is missing"]),
    (
        "kernel is a text",
        [((*CNN, 0, "kernel_size"), "7x7")],
        ["networks.cnn.layers[0].kernel_size: needs a whole number or a pair [height, width], got '7x7'"],
    ),
    (
        "unknown padding",
        [((*CNN, 0, "padding"), "full")],
        ["networks.cnn.layers[0].padding: should be 'same' or 'valid', got 'full'"],
    ),
    (
        "negative padding",
        [((*CNN, 0, "padding"), [-1, 3])],
        ["networks.cnn.layers[0].padding[0]: should be greater than or equal to 0, got -1"],
    ),
    ("no network named", [((*FIRST, "network"), DELETED)], ["experiments[0].network: is missing"]),
    ("network is a list", [((*FIRST, "network"), ["cnn"])], ["experiments[0].network: needs a text, got ['cnn']"]),
    ("no layers", [(("networks", "cnn", "layers"), [])], ["networks.cnn.layers: needs 1 or more entries, got 0"]),
    (
        "groups of texts",
        [((*SECOND, "groups", 0, 0), "a")],
        ["experiments[1].groups[0][0]: needs a whole number, got 'a'"],
    ),
    (
        "unknown optimizer",
        [((*FIRST, "training", "optimizer"), {"name": "rmsprop"})],
        ["experiments[0].training.optimizer: unknown name 'rmsprop'; known: adam, adamw, sgd"],
    ),
    (
        "a beta that torch refuses",
        [((*FIRST, "training", "optimizer", "betas"), [0.9, 1.0])],
        ["experiments[0].training.optimizer.betas[1]: should be less than 1, got 1.0"],
    ),
    (
        "infinite learning rate",
        [((*FIRST, "training", "optimizer", "learning_rate"), float("inf"))],
        ["experiments[0].training.optimizer.learning_rate: needs a finite number, got inf"],
    ),
    ("unknown data set", [(("dataset",), "cifar")], ["dataset: should be 'mnist', got 'cifar'"]),
    ("id with a space", [(("id",), "CSL 1")], ["id: should match pattern '^[a-z0-9][a-z0-9-]*$', got 'CSL 1'"]),
    ("empty title", [(("title",), "")], ["title: should have at least 1 character, got ''"]),
    (
        "link that runs code",
        [(("report", "references", 1, "url"), "javascript:alert(1)")],
        ["report.references[1].url: should match pattern '^https?://', got 'javascript:alert(1)'"],
    ),
    (
        "flag that contradicts ASCII matching",
        [(("roll", "pattern"), r"(?u)[A-Z]\d{2}[A-Z]{2,4}\d{3}")],
        ["roll.pattern: not a regular expression: ASCII and UNICODE flags are incompatible"],
    ),
    (
        "repetition without end",
        [(("roll", "pattern"), "a{99999999999999}")],
        ["roll.pattern: not a regular expression: the repetition number is too large"],
    ),
    ("no experiments", [(("experiments",), [])], ["experiments: needs 1 or more entries, got 0"]),
    ("experiments in a table", [(("experiments",), {})], ["experiments: needs a list, got {}"]),
]


@pytest.mark.parametrize(
    ("changes", "expected"), [case[1:] for case in ONE_MISTAKE], ids=[case[0] for case in ONE_MISTAKE]
)
def test_what_a_model_refuses_is_named_by_its_path_and_nothing_else_is(
    changes: list[Change], expected: list[str]
) -> None:
    assert find_mistakes(changed(*changes)) == expected


def test_an_unknown_layer_type_lists_the_known_ones() -> None:
    (said,) = find_mistakes(changed(((*CNN, 0, "type"), "Conv3d")))
    assert said.startswith("networks.cnn.layers[0]: unknown type 'Conv3d'; known: Conv2d, Linear, BatchNorm2d,")


def test_an_empty_spec_lacks_all_that_it_must_have() -> None:
    needed = ["batch", "course", "dataset", "experiments", "id", "marks", "networks", "roll", "title"]
    assert find_mistakes({}) == [f"{key}: is missing" for key in needed]


def test_entries_come_in_the_order_of_their_numbers() -> None:
    raw = changed(*(((*CNN, index, "colour"), "red") for index in (10, 9, 2)))
    assert [said.split(":")[0] for said in find_mistakes(raw)] == [
        f"networks.cnn.layers[{index}].colour" for index in (2, 9, 10)
    ]
