"""What is done with the data, and what only seems to be done."""

import pytest

from tests.inspection import rules, torch

LAST, LOSS = "nn.Linear(32, 10)", "nn.CrossEntropyLoss()"
MADE = "optimizer = torch.optim.Adam(net.parameters(), lr=0.001)\n"
STEP = "    net.eval()\n"


def scheduled(made: str, stepped: str = "") -> str:
    return torch(LAST, LOSS, changes=((MADE, f"{MADE}{made}\n"), (STEP, f"{stepped}{STEP}")))


COSINE = "torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 4)"


@pytest.mark.parametrize(
    ("made", "stepped", "unused"),
    [
        (f"schedule = {COSINE}", "", True),
        (f"schedule = {COSINE}", "    schedule.step()\n", False),
        # another one steps it, or may do so
        (
            f"inner = {COSINE}\nouter = torch.optim.lr_scheduler.SequentialLR(optimizer, [inner], [])",
            "    outer.step()\n",
            False,
        ),
        (f"schedule = {COSINE}\nwith_a_trainer_of_others(schedule)", "", False),
    ],
)
def test_schedules(made: str, stepped: str, unused: bool) -> None:
    assert ("unused-schedule" in rules(scheduled(made, stepped))) is unused


def test_a_folder_of_images_may_be_any_set() -> None:
    folder = ('train = datasets.FashionMNIST("d", train=True, ', 'train = datasets.ImageFolder("d", ')
    again = ("batch_size=64, shuffle=True", "batch_size=64")
    assert "shuffle" in rules(torch(LAST, LOSS, changes=(again,)))
    assert not rules(torch("nn.Linear(32, 2)", LOSS, changes=(folder, again)))


@pytest.mark.parametrize(("split", "augmented"), [("False", True), ("True", False)])
def test_random_changes_of_the_test_set(split: str, augmented: bool) -> None:
    turned = "transforms.Compose([transforms.RandomRotation(9), transforms.ToTensor()])"
    change = ((f"train={split}, transform=transforms.ToTensor()", f"train={split}, transform={turned}"),)
    assert ("test-set-augmented" in rules(torch(LAST, LOSS, changes=change))) is augmented


def test_a_mirrored_picture_is_no_slip_where_it_is_no_digit() -> None:
    turned = "transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToTensor()])"
    change = (("train=True, transform=transforms.ToTensor()", f"train=True, transform={turned}"),)
    assert not rules(torch(LAST, LOSS, changes=change))
