"""Small programs for the tests of the code reader, and a whole submission to change."""

import ast
from collections.abc import Iterable

import reportgen.code.program
from reportgen.assignment.bundled import load_spec
from reportgen.code.calls import Machine
from reportgen.code.host import plain
from reportgen.code.registration import is_keras
from reportgen.code.source import Source, read_source
from reportgen.code.trace import Trace
from reportgen.code.values import Dataset, Instance, Known, Layer, PerDigit, Tensor, Value
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.code import check_code

ASSIGNMENT = load_spec("csl7590-a1")
ROLL = "M23CSE023"
GROUPS = ((0, 6), (1, 7), (2, 3, 8, 5), (4, 9))
CLASSES = tuple(next(at for at, group in enumerate(GROUPS) if digit in group) for digit in range(10))
SUBMISSION = """
import torch
import torch.nn as nn
import torch.nn.functional as F
import numpy as np
import matplotlib.pyplot as plt
from sklearn.metrics import confusion_matrix
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, transforms

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
train_set = datasets.MNIST("data", train=True, download=True, transform=transform)
test_set = datasets.MNIST("data", train=False, transform=transform)
BATCH = 20
train_loader = DataLoader(train_set, batch_size=BATCH, shuffle=True)
test_loader = DataLoader(test_set, batch_size=BATCH)
CLASS_OF = torch.tensor([0, 1, 2, 2, 3, 2, 0, 1, 2, 3])


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 7, padding=3)
        self.conv2 = nn.Conv2d(16, 8, 5, padding=2)
        self.conv3 = nn.Conv2d(8, 4, 3, padding=1)
        self.fc = nn.Linear(676, classes)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2, stride=1))
        x = F.relu(F.max_pool2d(self.conv2(x), 2, stride=1))
        x = F.relu(F.avg_pool2d(self.conv3(x), 2))
        x = x.view(x.size(0), -1)
        return self.fc(x)


first = Net(10).to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(first.parameters(), lr=0.001)
losses, accuracies = [], []
for epoch in range(10):
    first.train()
    running_loss = 0.0
    for images, labels in train_loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        outputs = first(images)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    losses.append(running_loss / len(train_loader))
    first.eval()
    correct, total = 0, 0
    with torch.no_grad():
        for images, labels in test_loader:
            images, labels = images.to(device), labels.to(device)
            predicted = first(images).argmax(dim=1)
            correct += (predicted == labels).sum().item()
            total += labels.size(0)
    accuracies.append(correct / total)
plt.plot(losses)
plt.plot(accuracies)
true, guessed = [], []
with torch.no_grad():
    for images, labels in test_loader:
        guessed += first(images.to(device)).argmax(1).cpu().tolist()
        true += labels.tolist()
matrix = confusion_matrix(true, guessed)
print(sum(p.numel() for p in first.parameters()))
"""
"""The first experiment, right in everything."""
SECOND = """

second = Net(4).to(device)
optimizer2 = torch.optim.Adam(second.parameters(), lr=0.001)
for epoch in range(10):
    second.train()
    for images, labels in train_loader:
        images, labels = images.to(device), CLASS_OF[labels].to(device)
        optimizer2.zero_grad()
        F.cross_entropy(second(images), labels).backward()
        optimizer2.step()
    second.eval()
    hits = 0
    with torch.no_grad():
        for images, labels in test_loader:
            hits += (second(images.to(device)).argmax(1) == CLASS_OF[labels].to(device)).sum().item()
    print(hits / len(test_set))
print(sum(p.numel() for p in second.parameters()))
"""
"""The second experiment, right in everything, to stand after the first."""


def source(text: str) -> Source:
    """Read a program."""
    return read_source(text.encode(), f"{ROLL}.py")


def trace(text: str) -> Trace:
    """Follow a program."""
    return reportgen.code.program.follow(source(text))


def run(text: str) -> dict[str, Value]:
    """Follow a program on a machine of its own; gives what its names stand for at the end."""
    machine = Machine()
    machine.run(ast.parse(text).body, machine.globals)
    return machine.globals.names


def value(text: str, name: str = "x") -> object:
    """Follow a program; gives the Python value of a name at its end, "unknown" where it is not known."""
    found = run(text)[name]
    return plain(found, "unknown")


def classes(labels: Value | None) -> tuple[object, ...]:
    """The class of each digit, by the labels of a data set or their items."""
    if isinstance(labels, Dataset):
        labels = labels.labels
    assert isinstance(labels, PerDigit)
    return tuple(item.value if isinstance(item, Known) else None for item in labels.values)


def steps(text: str) -> list[str]:
    """The operations of the last network that a program applies."""
    return [step.type for step in applied(text).steps]


def applied(text: str, shape: tuple[int | None, ...] = (None, 1, 28, 28), name: str = "net") -> Tensor:
    """What the network ``name`` of a program makes of images."""
    machine = Machine()
    tree = ast.parse(text)
    machine.run(tree.body, machine.globals)
    network = machine.globals.names[name]
    if isinstance(network, Layer | Instance) and is_keras(network) and len(shape) == 4:
        shape = (shape[0], *shape[2:], shape[1])  # channels last
    images = Tensor(shape, (), "images")
    result = machine.call(network, [images], {}, tree)
    assert isinstance(result, Tensor), result
    return result


def layers(text: str, name: str = "net") -> Layer:
    """A container of layers that a program makes."""
    found = run(text)[name]
    assert isinstance(found, Layer)
    return found


def changed(*changes: tuple[str, str], also: str = "", of: str = SUBMISSION) -> str:
    """The submission with some of its text replaced, and more at its end."""
    for old, new in changes:
        assert of.count(old) == 1, f"{old!r} stands {of.count(old)} times in the submission"
        of = of.replace(old, new)
    return of + also


def findings(text: str, roll: str | None = ROLL) -> tuple[Finding, ...]:
    """Check a program against the bundled assignment."""
    return check_code(source(text), ASSIGNMENT, roll)


def faults(text: str, roll: str | None = ROLL) -> set[str]:
    """The checks that a program fails."""
    return {finding.check for finding in findings(text, roll) if finding.kind is FindingKind.FAULT}


def kinds(text: str, check: str, experiment: str | None = "experiment-1", roll: str | None = ROLL) -> list[str]:
    """What is said of one check and experiment, in the order of the findings."""
    return said(findings(text, roll), check, experiment)


def said(found: Iterable[Finding], check: str, experiment: str | None = "experiment-1") -> list[str]:
    """The kinds of the findings of one check and experiment."""
    return [str(finding.kind) for finding in found if finding.check == check and finding.experiment == experiment]
