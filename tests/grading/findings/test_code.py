import pytest

from reportgen.assignment.checks import CHECKS
from reportgen.code.source import read_source
from reportgen.grading.dossiers import FindingKind
from tests.coded import ROLL, SECOND, SUBMISSION, changed, faults, findings, kinds, said, source

DECIDED = [
    *("network", "data-split", "classes", "batch-size", "optimizer", "loss", "epochs"),
    *("softmax-before-loss", "evaluation-mode", "training-mode", "gradients-reset", "unused-layer"),
]
BONUS = """
class Improved(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.norm = nn.Conv2d(1, 16, 7, padding=3), nn.BatchNorm2d(16)
        self.drop, self.fc = nn.Dropout(0.2), nn.Linear(16 * 27 * 27, 10)
    def forward(self, x):
        x = F.relu(F.max_pool2d(self.norm(self.conv1(x)), 2, 1))
        return self.fc(self.drop(x.flatten(1)))
augmented = transforms.Compose([transforms.RandomRotation(5), transforms.ToTensor()])
more = DataLoader(datasets.MNIST("data", transform=augmented), BATCH, shuffle=True)
better = Improved()
optimizer3 = torch.optim.Adam(better.parameters())
for epoch in range(10):
    better.train()
    for images, labels in more:
        optimizer3.zero_grad()
        criterion(better(images), labels).backward()
        optimizer3.step()
    better.eval()
    with torch.no_grad():
        for images, labels in test_loader:
            print((better(images).argmax(1) == labels).sum().item() / len(labels))
"""
KERAS = """
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train, x_test = x_train[..., np.newaxis] / 255.0, x_test[..., np.newaxis] / 255.0
CLASS_OF = np.array([0, 1, 2, 2, 3, 2, 0, 1, 2, 3])

def build(classes):
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(16, 7, padding="same"), layers.MaxPooling2D(2, strides=1), layers.ReLU(),
        layers.Conv2D(8, 5, padding="same"), layers.MaxPooling2D(2, strides=1), layers.ReLU(),
        layers.Conv2D(4, 3, padding="same"), layers.AveragePooling2D(2, strides=2), layers.ReLU(),
        layers.Flatten(),
        layers.Dense(classes, activation="softmax"),
    ])

for classes, train, test in ((10, y_train, y_test), (4, CLASS_OF[y_train], CLASS_OF[y_test])):
    model = build(classes)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, train, batch_size=20, epochs=10, validation_data=(x_test, test))
    model.evaluate(x_test, test)
    model.summary()
"""


@pytest.mark.parametrize("experiment", ["experiment-1", "experiment-2"])
@pytest.mark.parametrize("check", DECIDED)
def test_a_right_submission_is_right_in_everything(check: str, experiment: str) -> None:
    assert kinds(SUBMISSION + SECOND, check, experiment) == ["met"]


def test_a_right_submission_has_no_fault() -> None:
    found = findings(SUBMISSION + SECOND + BONUS)
    assert {finding.kind for finding in found} == {FindingKind.MET}
    assert {finding.check for finding in found} <= set(CHECKS)


def test_the_techniques_of_the_bonus() -> None:
    (found,) = [finding for finding in findings(SUBMISSION + SECOND + BONUS) if finding.check == "techniques"]
    assert (found.kind, found.experiment) == (FindingKind.MET, "bonus")
    assert found.reason == "the code applies BatchNorm2d, Dropout, RandomRotation"


def test_a_right_submission_in_keras() -> None:
    assert faults(KERAS) == set()
    for experiment in ("experiment-1", "experiment-2"):
        for check in ("network", "batch-size", "optimizer", "loss", "epochs", "classes", "data-split"):
            assert kinds(KERAS, check, experiment) == ["met"], check


def test_the_same_submission_as_a_function() -> None:
    body = "\n".join(f"    {line}" for line in changed().splitlines())
    text = f"def main():\n{body}\nif __name__ == '__main__':\n    main()\n"
    assert said(findings(text), "network") == ["met"]
    assert faults(text) == set()


def test_findings_carry_their_line_and_its_text() -> None:
    (found,) = [
        finding for finding in findings(changed(("BATCH = 20", "BATCH = 64"))) if finding.kind is FindingKind.FAULT
    ]
    assert (found.check, found.expected, found.found, found.file) == ("batch-size", "20", "64", f"{ROLL}.py")
    assert found.text == "train_loader = DataLoader(train_set, batch_size=BATCH, shuffle=True)"
    assert source(SUBMISSION).line(found.place.line or 0) == found.text


def test_a_network_that_is_not_there_is_undecided() -> None:
    assert kinds(SUBMISSION, "network", "experiment-2") == ["undecided"]
    assert kinds(SUBMISSION, "techniques", "bonus") == ["undecided"]


@pytest.mark.parametrize(
    "text",
    ["", "import torch\n", "print('hello')\n", "x = [1, 2, 3]\n", "import torch.nn as nn\nclass N(nn.Module): pass\n"],
)
def test_a_program_without_a_network_is_undecided(text: str) -> None:
    assert {finding.kind for finding in findings(text)} == {FindingKind.UNDECIDED}


def test_a_program_that_is_not_followed_to_its_end_says_so() -> None:
    found = findings(f"{SUBMISSION}while True:\n  while True:\n    while True: epoch += 1\n")
    assert said(found, "files", None) == ["note"]
    assert said(found, "network") == ["met"]


def test_a_notebook_is_checked_alike() -> None:
    import json

    cells = [{"cell_type": "code", "source": part} for part in ("%matplotlib inline\n", SUBMISSION, SECOND)]
    book = read_source(json.dumps({"cells": cells}).encode(), "a.ipynb")
    assert book.notebook
    text = "\n".join(book.lines).replace("%matplotlib inline", "")
    assert faults(text) == set()


def test_without_a_roll_number_the_batch_size_is_undecided() -> None:
    assert kinds(SUBMISSION, "batch-size", roll=None) == ["undecided"]
    assert faults(SUBMISSION, roll=None) == set()


def test_code_that_is_commented_out_or_in_a_string_is_none() -> None:
    text = changed(
        also='"""\nloss = nn.MSELoss()\nfirst.eval()\n"""\n# optimizer = torch.optim.SGD(first.parameters())\n'
    )
    assert faults(text) == set()
