import math

import pytest

from reportgen.grading.dossiers import FindingKind
from reportgen.inspection.practice import measured_on
from tests.coded import SECOND, SUBMISSION, changed, faults, findings, kinds

OUT = "return self.fc(x)"
LAYER = "self.fc = nn.Linear(676, classes)"
DROP = [(LAYER, f"{LAYER}\n        self.drop = nn.Dropout(0.2)"), (OUT, "return self.fc(self.drop(x))")]
NORM = [(LAYER, f"{LAYER}\n        self.norm = nn.BatchNorm1d(676)"), (OUT, "return self.fc(self.norm(x))")]
EVAL, TRAIN, RESET, STEP = (
    "    first.eval()\n",
    "    first.train()\n",
    "        optimizer.zero_grad()\n",
    "        optimizer.step()\n",
)
LOSS, PREDICTED = "loss = criterion(outputs, labels)", "predicted = first(images).argmax(dim=1)"
FLAT = "x = x.view(x.size(0), -1)"
NETWORK = {"network"}


def reasons(text: str, check: str) -> list[str]:
    return [one.reason for one in findings(text) if one.check == check and one.kind is FindingKind.FAULT]


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ([(OUT, "return F.softmax(self.fc(x), dim=1)")], "softmax-before-loss"),
        (
            [(LAYER, f"{LAYER}\n        self.softmax = nn.Softmax(dim=1)"), (OUT, "return self.softmax(self.fc(x))")],
            "softmax-before-loss",
        ),
        ([(LOSS, "loss = criterion(torch.softmax(outputs, 1), labels)")], "softmax-before-loss"),
        ([*DROP, (EVAL, "")], "evaluation-mode"),
        ([*NORM, (EVAL, "")], "evaluation-mode"),
        ([(OUT, "return self.fc(F.dropout(x, 0.2))")], "evaluation-mode"),
        (
            [*DROP, (TRAIN, ""), ("losses, accuracies = [], []", "losses, accuracies = [], []\nfirst.train()")],
            "training-mode",
        ),
        (
            [*NORM, (TRAIN, ""), ("losses, accuracies = [], []", "losses, accuracies = [], []\nfirst.eval()")],
            "training-mode",
        ),
        ([(RESET, "")], "gradients-reset"),
        (
            [(RESET, ""), ("for epoch in range(10):\n", "for epoch in range(10):\n    optimizer.zero_grad()\n")],
            "gradients-reset",
        ),
        ([(LAYER, f"{LAYER}\n        self.drop = nn.Dropout(0.2)")], "unused-layer"),
        ([(LAYER, f"{LAYER}\n        self.norms = nn.ModuleList([nn.BatchNorm2d(4)])")], "unused-layer"),
        ([(FLAT, f"{FLAT}\n        x = x + torch.zeros(20, 676)")], "device-in-forward"),
        ([(FLAT, f"{FLAT}\n        x = x * torch.ones(x.size(0), 676)")], "device-in-forward"),
    ],
)
def test_faults_of_practice(changes: list[tuple[str, str]], check: str) -> None:
    text = changed(*changes)
    assert faults(text) - NETWORK == {check}
    (found,) = [one for one in findings(text) if one.check == check and one.kind is FindingKind.FAULT]
    assert found.experiment == "experiment-1"
    assert found.text


@pytest.mark.parametrize(
    "changes",
    [
        [(PREDICTED, "predicted = F.softmax(first(images), dim=1).argmax(dim=1)")],
        [(OUT, "x = self.fc(x)\n        return x if self.training else F.softmax(x, dim=1)")],
        [(OUT, "return F.log_softmax(self.fc(x), dim=1)"), (LOSS, "loss = F.nll_loss(outputs, labels)")],
        [(OUT, "return F.log_softmax(self.fc(x), dim=1)"), (LOSS, "loss = nn.NLLLoss()(outputs, labels)")],
        [
            (LAYER, f"{LAYER}\n        self.softmax = nn.Softmax(dim=1)"),
            (PREDICTED, "predicted = first.softmax(first(images)).argmax(1)"),
        ],
        [(RESET, ""), (STEP, f"{STEP}{RESET}")],
        [(RESET, "        first.zero_grad()\n")],
        [(RESET, "        for p in first.parameters():\n            p.grad = None\n")],
        [
            (
                RESET,
                (
                    "        for p in first.parameters():\n            if p.grad is not None:\n"
                    "                p.grad.zero_()\n"
                ),
            )
        ],
        [
            (RESET, ""),
            ("        loss.backward()\n", "        optimizer.zero_grad(set_to_none=True)\n        loss.backward()\n"),
        ],
        [(STEP, "        torch.nn.utils.clip_grad_norm_(first.parameters(), 1.0)\n        optimizer.step()\n")],
        [
            (RESET, ""),
            ("for images, labels in train_loader", "for at, (images, labels) in enumerate(train_loader)"),
            (STEP, "        if (at + 1) % 4 == 0:\n            optimizer.step()\n            optimizer.zero_grad()\n"),
        ],
        [
            *DROP,
            (EVAL, "    off(first)\n"),
            ("losses, accuracies", "def off(net):\n    net.eval()\nlosses, accuracies"),
        ],
        [*DROP, (EVAL, "    first.train(False)\n")],
        [*DROP, (EVAL, "    first.train(mode=False)\n")],
        [*NORM],
        [(OUT, "return self.fc(F.dropout(x, 0.2, self.training))")],
        [(OUT, "return self.fc(F.dropout(x, p=0.2, training=self.training))")],
        [(FLAT, f"{FLAT}\n        x = x + torch.zeros(1, 676, device=x.device)")],
        [(FLAT, f"{FLAT}\n        x = x + torch.zeros_like(x)")],
        [(FLAT, f"{FLAT}\n        x = x + x.new_zeros(1, 676)")],
        [("first = Net(10).to(device)", "first = Net(10)"), (FLAT, f"{FLAT}\n        x = x + torch.zeros(1, 676)")],
        [(LAYER, f"{LAYER}\n        self.drop = nn.Identity()")],
        [(LAYER, f"{LAYER}\n        self.drop = nn.Dropout(0.2) if classes == 3 else None")],
    ],
)
def test_right_practice(changes: list[tuple[str, str]]) -> None:
    text = changed(*changes)
    assert faults(text) - NETWORK == set()
    assert kinds(text, "gradients-reset") == ["met"]
    assert kinds(text, "evaluation-mode") == kinds(text, "training-mode") == ["met"]


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        pytest.param(
            [
                (OUT, "x = self.fc(x)\n        return F.softmax(x, 1), x"),
                ("outputs = first(images)", "_, outputs = first(images)"),
                (PREDICTED, "predicted = first(images)[1].argmax(1)"),
            ],
            "softmax-before-loss",
            id="two outputs",
        ),
        pytest.param(
            [(LOSS, "loss = criterion(F.softmax(outputs, 1).log(), labels)")],
            "softmax-before-loss",
            id="the logarithm of a softmax",
        ),
        pytest.param(
            [(FLAT, f"{FLAT}\n        x = x + torch.zeros(1, 676).to(x.device)")],
            "device-in-forward",
            id="moved to the device",
        ),
        pytest.param(
            [(FLAT, f"{FLAT}\n        x = x + torch.zeros(1, 676).type_as(x)")],
            "device-in-forward",
            id="moved by its type",
        ),
        pytest.param(
            [(RESET, "        for p in first.parameters():\n            setattr(p, 'grad', None)\n")],
            "gradients-reset",
            id="gradients set by name",
        ),
    ],
)
def test_right_practice_that_is_taken_for_a_fault(changes: list[tuple[str, str]], check: str) -> None:
    assert check not in faults(changed(*changes))


def test_the_least_loss_after_two_softmaxes_is_told() -> None:
    text = changed((OUT, "return F.softmax(self.fc(x), dim=1)")) + SECOND
    first, second = (f"ln(1+{classes - 1}/e) = {math.log(1 + (classes - 1) / math.e):.4f}" for classes in (10, 4))
    assert [first in reason or second in reason for reason in reasons(text, "softmax-before-loss")] == [True, True]
    assert first.endswith("1.4612")
    assert second.endswith("0.7437")


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ([(EVAL, "")], "evaluation-mode"),
        ([(TRAIN, ""), ("losses, accuracies = [], []", "losses, accuracies = [], []\nfirst.eval()")], "training-mode"),
    ],
)
def test_a_mode_that_changes_nothing_is_a_note(changes: list[tuple[str, str]], check: str) -> None:
    text = changed(*changes)
    assert kinds(text, check) == ["note"]
    assert faults(text) == set()


def test_a_mode_that_is_lost_after_the_first_epoch() -> None:
    text = changed(*DROP, (TRAIN, ""), ("losses, accuracies = [], []", "losses, accuracies = [], []\nfirst.train()"))
    assert reasons(text, "training-mode") == [
        "the network is trained in evaluation mode after the first epoch: Dropout do nothing there"
    ]


def test_a_layer_that_is_used_in_training_alone_is_used() -> None:
    text = changed(
        (LAYER, f"{LAYER}\n        self.drop = nn.Dropout(0.2)"),
        (OUT, "if self.training:\n            x = self.drop(x)\n        return self.fc(x)"),
    )
    assert faults(text) - NETWORK == set()


def test_a_network_that_is_never_measured_has_no_mode() -> None:
    text = SUBMISSION[: SUBMISSION.index("    first.eval()")]
    assert kinds(text, "evaluation-mode") == []
    assert "evaluation-mode" not in faults(text)


def test_of_a_network_that_cannot_be_followed_no_layer_is_unused() -> None:
    text = changed((FLAT, "x = strange(x)"), (LAYER, f"{LAYER}\n        self.drop = nn.Dropout(0.2)"))
    assert kinds(text, "unused-layer") == []


@pytest.mark.parametrize(
    ("loss", "fault"),
    [
        ("keras.losses.SparseCategoricalCrossentropy(from_logits=True)", True),
        ("keras.losses.SparseCategoricalCrossentropy()", False),
        ("'sparse_categorical_crossentropy'", False),
        ("keras.losses.SparseCategoricalCrossentropy(from_logits=False)", False),
    ],
)
def test_softmax_in_keras(loss: str, fault: bool) -> None:
    text = f"""
from tensorflow import keras
from tensorflow.keras import layers
(a, b), (c, d) = keras.datasets.mnist.load_data()
net = keras.Sequential([layers.Flatten(), layers.Dense(10, activation="softmax")])
net.compile("adam", {loss})
net.fit(a, b, 20, 10)
net.evaluate(c, d)
"""
    assert ("softmax-before-loss" in faults(text)) == fault


def test_the_sets_that_a_network_is_applied_to() -> None:
    assert measured_on([]) == frozenset()


@pytest.mark.parametrize(("also", "unused"), [("Base()", False), ("", True)])
def test_layers_of_a_base_that_only_another_network_uses(also: str, unused: bool) -> None:
    text = f"""
import torch
from torch import nn
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.drop = nn.Dropout()
    def forward(self, x):
        return self.drop(self.fc(x))
class Other(Base):
    def forward(self, x):
        return self.fc(x)
net = Other()
net(torch.zeros(1, 4))
for base in [{also}]:
    base(torch.zeros(1, 4))
"""
    assert ("unused-layer" in faults(text)) == unused
