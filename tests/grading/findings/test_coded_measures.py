import pytest

from tests.coded import SECOND, SUBMISSION, changed, faults, kinds

COUNT = "print(sum(p.numel() for p in second.parameters()))"
TWICE = "print(sum(p.numel() for p in first.parameters() if p.requires_grad))\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (SUBMISSION + SECOND, False),
        (SUBMISSION + SECOND.replace(COUNT, "print(sum(p.numel() for p in first.parameters()))"), True),
        (
            changed(
                ("print(sum(p.numel() for p in first.parameters()))", "from torchinfo import summary\nsummary(first)")
            )
            + SECOND.replace(COUNT, "summary(first)"),
            True,
        ),
        (
            SUBMISSION
            + SECOND.replace(COUNT, "for net in (first, second): print(sum(p.numel() for p in net.parameters()))"),
            False,
        ),
        (SUBMISSION + SECOND.replace(COUNT, ""), False),
        (SUBMISSION + TWICE + SECOND.replace(COUNT, ""), False),
    ],
)
def test_the_network_that_is_counted(text: str, fault: bool) -> None:
    assert ("wrong-model-counted" in faults(text)) == fault
    if fault:
        assert kinds(text, "wrong-model-counted", "experiment-2") == ["fault"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            [
                (
                    "for images, labels in test_loader:\n        guessed",
                    "for images, labels in train_loader:\n        guessed",
                )
            ],
            True,
        ),
        (
            [
                (
                    "        for images, labels in test_loader:\n            images",
                    "        for images, labels in train_loader:\n            images",
                )
            ],
            False,
        ),
    ],
)
def test_the_set_that_is_measured(changes: list[tuple[str, str]], fault: bool) -> None:
    text = changed(*changes)
    assert ("wrong-set-measured" in faults(text)) == fault


def test_a_network_that_is_measured_on_training_images_alone() -> None:
    text = changed(
        (
            "        for images, labels in test_loader:\n            images",
            "        for images, labels in train_loader:\n            images",
        ),
        (
            "    for images, labels in test_loader:\n        guessed",
            "    for images, labels in train_loader:\n        guessed",
        ),
    )
    assert "wrong-set-measured" in faults(text)


def test_confusion_of_both_sets_is_right() -> None:
    text = changed(
        also="""
true, guessed = [], []
for images, labels in train_loader:
    guessed += first(images.to(device)).argmax(1).cpu().tolist()
    true += labels.tolist()
print(confusion_matrix(true, guessed))
"""
    )
    assert faults(text) == set()


def test_curves_that_are_measured_are_right() -> None:
    assert kinds(SUBMISSION, "invented-curves", None) == ["met"]
