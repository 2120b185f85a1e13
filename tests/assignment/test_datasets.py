"""What is known of the data sets before a file is read."""

import pytest

from reportgen.assignment.datasets import DATASETS, MNIST, Dataset
from reportgen.assignment.spec import Assignment


def test_the_label_counts_of_the_mnist_test_set() -> None:
    assert MNIST.label_counts["test"] == (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)


def test_the_four_classes_of_the_handout_have_their_known_counts() -> None:
    counts = MNIST.label_counts["test"]
    groups = ((0, 6), (1, 7), (2, 3, 8, 5), (4, 9))
    assert [sum(counts[label] for label in group) for group in groups] == [1938, 2163, 3908, 1991]


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_the_label_counts_sum_to_the_sizes(dataset: Dataset) -> None:
    assert {split: sum(counts) for split, counts in dataset.label_counts.items()} == dataset.sizes
    assert {len(counts) for counts in dataset.label_counts.values()} == {len(dataset.labels)}


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_the_digests_are_those_that_torchvision_publishes(dataset: Dataset) -> None:
    from torchvision import datasets

    published = dict(getattr(datasets, dataset.torchvision_class).resources)
    files = [file for files in dataset.files.values() for file in files]
    assert {f"{file.name}.gz": file.md5_gz for file in files} == published


def test_a_spec_may_name_every_data_set_and_no_other() -> None:
    allowed = Assignment.model_json_schema()["properties"]["dataset"]
    assert allowed.get("enum", [allowed.get("const")]) == list(DATASETS)
