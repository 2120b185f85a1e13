import pytest

from reportgen.grading.findings.trained import Trained, classes_of, find_trained
from tests.coded import ASSIGNMENT, CLASSES, SECOND, SUBMISSION, changed, trace

SWAPPED = SECOND.replace("second", "third").replace("optimizer2", "optimizer3")


def trained(text: str) -> list[Trained]:
    return find_trained(trace(text), ASSIGNMENT)


def first(*changes: tuple[str, str]) -> Trained:
    return trained(changed(*changes))[0]


def test_networks_and_their_experiments() -> None:
    found = trained(SUBMISSION + SECOND)
    assert [(one.experiment.id if one.experiment else None, one.outputs, one.line) for one in found] == [
        ("experiment-1", 10, 37),
        ("experiment-2", 4, 73),
    ]
    assert [one.mapping for one in found] == [tuple(range(10)), CLASSES]
    assert [one.techniques for one in found] == [0, 0]


def test_what_is_known_of_a_training() -> None:
    one = first()
    assert (one.batch_sizes, one.epochs, one.optimizers, one.lost) == ((20,), 10, (("Adam", 39),), "")
    assert one.origins == {"train"}
    assert {event.criterion.name for event in one.losses} == {"CrossEntropyLoss"}
    assert all(event.training for event in one.training)
    assert {event.origins for event in one.other} == {frozenset({"test"})}
    assert [loader.line for loader in one.loaders] == [16]


@pytest.mark.parametrize(
    ("changes", "epochs"),
    [
        ([("for epoch in range(10)", "for epoch in range(1, 11)")], 10),
        ([("for epoch in range(10)", "for epoch in range(3)")], 3),
        ([("for epoch in range(10)", "for epoch in range(int(input()))")], None),
        ([("for epoch in range(10):", "while input():")], None),
        ([("for epoch in range(10)", "from tqdm import tqdm\nfor epoch in tqdm(range(10))")], 10),
        ([("losses, accuracies", "EPOCHS = 10\nlosses, accuracies"), ("range(10)", "range(EPOCHS)")], 10),
        ([("for epoch in range(10):", "for epoch in range(12):")], 12),
    ],
)
def test_epochs(changes: list[tuple[str, str]], epochs: int | None) -> None:
    assert first(*changes).epochs == epochs


@pytest.mark.parametrize("loop", ["list(range(10))", "np.arange(10)", "reversed(range(10))", "[e for e in range(10)]"])
def test_epochs_in_a_list(loop: str) -> None:
    assert first(("for epoch in range(10)", f"for epoch in {loop}")).epochs in {10, None}


def test_epochs_in_phases_and_two_trainings_add_up() -> None:
    again = SUBMISSION[SUBMISSION.index("for epoch in range(10)") :]
    assert trained(SUBMISSION + again)[0].epochs == 20
    text = changed(
        ("    for images, labels in train_loader:\n", "    for images, labels in {'train': train_loader}['train']:\n")
    )
    assert trained(text)[0].epochs == 10


@pytest.mark.parametrize(
    ("changes", "sizes"),
    [
        ([("BATCH = 20", "BATCH = 32")], (32,)),
        ([("BATCH = 20", "BATCH = int(input())")], (None,)),
        ([("for images, labels in train_loader:", "for images, labels in DataLoader(train_set, 20):")], (20,)),
        (
            [
                (
                    "    for images, labels in train_loader:\n",
                    (
                        "    for at in range(0, 60000, 20):\n        images, labels = train_set.data[at:at "
                        "+ 20].unsqueeze(1).float(), train_set.targets[at:at + 20]\n"
                    ),
                ),
                ("losses.append(running_loss / len(train_loader))", "pass"),
            ],
            (20,),
        ),
    ],
)
def test_batch_sizes(changes: list[tuple[str, str]], sizes: tuple[int | None, ...]) -> None:
    assert first(*changes).batch_sizes == sizes


def test_optimizers_that_are_stepped_are_its_own() -> None:
    text = changed(
        ("losses, accuracies = [], []", "losses, accuracies = [], []\nother = torch.optim.SGD(first.parameters())")
    )
    assert trained(text)[0].optimizers == (("Adam", 39),)


def test_networks_that_are_not_trained_are_left_out() -> None:
    assert len(trained(changed(also="other = Net(10)\nother(torch.zeros(1, 1, 28, 28))\n"))) == 1


def test_without_training_the_networks_that_are_made_count() -> None:
    text = SUBMISSION[: SUBMISSION.index("criterion =")]
    (one,) = trained(text)
    assert (one.outputs, one.experiment.id if one.experiment else None, one.epochs) == (10, "experiment-1", None)


def test_more_networks_than_experiments() -> None:
    found = trained(SUBMISSION + SECOND + SWAPPED)
    assert [one.experiment.id if one.experiment else None for one in found] == ["experiment-1", "experiment-2", None]


def test_a_third_network_with_ten_classes_is_the_bonus() -> None:
    second = SUBMISSION[SUBMISSION.index("first = Net(10)") :].replace("first", "better")
    found = trained(
        SUBMISSION + second.replace("F.relu(", "F.relu(").replace("Net(10)", "nn.Sequential(Net(10), nn.Dropout(0.2))")
    )
    assert [one.experiment.id if one.experiment else None for one in found] == ["experiment-1", "bonus"]


def test_a_grouping_is_matched_by_its_labels() -> None:
    found = trained(SUBMISSION + SECOND.replace("Net(4)", "Net(10)"))
    assert [one.experiment.id if one.experiment else None for one in found] == ["experiment-1", "experiment-2"]


def test_classes_of_experiments() -> None:
    assert [classes_of(experiment) for experiment in ASSIGNMENT.experiments] == [10, 4, 10]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        loss.backward()", "        (loss / 4).backward()"),
        ("loss = criterion(outputs, labels)", "loss = 2 * criterion(outputs, labels)"),
        ("        loss.backward()", "        torch.autograd.backward(loss)"),
        ("criterion = nn", "first = torch.compile(first)\ncriterion = nn"),
    ],
)
def test_a_training_that_is_written_otherwise(old: str, new: str) -> None:
    assert first((old, new)).epochs == 10
