import pytest

from tests.inspection import keras, rules, torch

LAST, LOSS = "nn.Linear(32, 10)", "nn.CrossEntropyLoss()"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ((), set()),
        ((("lr=0.001", "lr=3.0"),), {"learning-rate"}),
        ((("lr=0.001", "lr=1e-9"),), {"learning-rate"}),
        ((("lr=0.001", "lr=rate()"),), set()),
        ((("torch.optim.Adam(net.parameters(), lr=0.001)", "torch.optim.SGD(net.parameters(), lr=0.5)"),), set()),
        ((("batch_size=64, shuffle=True", "batch_size=64"),), {"shuffle"}),
        ((("batch_size=64, shuffle=True", "batch_size=64, shuffle=wanted()"),), set()),
        ((("batch_size=64, shuffle=True", "batch_size=64, sampler=drawn(train)"),), set()),
        ((("        optimizer.step()\n", ""),), {"optimizer-step"}),
        ((("        loss.backward()\n", ""),), {"optimizer-step"}),
        ((("optimizer.zero_grad()", "pass"),), {"gradients-reset"}),
        ((("        optimizer.step()\n", "        if epoch > never: optimizer.step()\n"),), set()),
        ((("DataLoader(train,", "DataLoader(test,"),), {"data-split"}),
    ],
)
def test_how_weights_are_changed(changes: tuple[tuple[str, str], ...], found: set[str]) -> None:
    assert rules(torch(LAST, LOSS, changes=changes)) == found


def test_an_optimizer_of_another_network() -> None:
    other = (("optimizer = torch.optim.Adam(net.", "other = nn.Linear(2, 2)\noptimizer = torch.optim.Adam(other."),)
    assert rules(torch(LAST, LOSS, changes=other)) == {"optimizer-step"}


@pytest.mark.parametrize(
    ("layers", "loss", "metrics", "found"),
    [
        ("layers.Dense(1)", "'mse'", "['accuracy']", {"metric"}),
        ("layers.Dense(1)", "'mse'", "['mae']", set()),
        ('layers.Dense(1, activation="sigmoid")', "'binary_crossentropy'", "['accuracy']", set()),
        ("layers.Dense(3)", "'mse'", "['accuracy']", set()),
    ],
)
def test_a_metric_of_numbers(layers: str, loss: str, metrics: str, found: set[str]) -> None:
    assert rules(keras(layers, loss, metrics=metrics)) == found


def test_a_network_that_is_measured_and_never_trained() -> None:
    text = keras('layers.Dense(1, activation="sigmoid")', "'binary_crossentropy'")
    assert rules(text.replace("model.fit(x, y, epochs=5)", "model.evaluate(x, y)")) == {"never-trained"}
    assert not rules(text.replace("model.fit(x, y, epochs=5)", "model.load_weights('w')\nmodel.evaluate(x, y)"))


ADVERSARIES = """
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
loader = DataLoader(datasets.FashionMNIST("d", transform=transforms.ToTensor()), batch_size=64, shuffle=True)
maker, judge = nn.Sequential(nn.Linear(8, 784)), nn.Sequential(nn.Flatten(), nn.Linear(784, 1))
loss = nn.BCEWithLogitsLoss()
makes = torch.optim.Adam(maker.parameters(), lr=0.001)
judges = torch.optim.Adam(judge.parameters(), lr=0.001)
for epoch in range(3):
    for images, _ in loader:
        judge.zero_grad()
        loss(judge(images), torch.ones(64, 1)).backward()
        judges.step()
        maker.zero_grad()
        loss(judge(maker(torch.randn(64, 8))), torch.ones(64, 1)).backward()
        makes.step()
"""


def test_gradients_that_pass_through_a_judge_are_reset_in_time() -> None:
    assert "gradients-reset" not in rules(ADVERSARIES)
    assert "gradients-reset" in rules(ADVERSARIES.replace("        judge.zero_grad()\n", ""))


def test_a_sum_over_images_with_another_term_is_divided_by_their_number() -> None:
    summed = (
        ("nn.CrossEntropyLoss()", "nn.CrossEntropyLoss(reduction='sum')"),
        ("    for images, labels in train_loader:", "    total = 0\n    for images, labels in train_loader:"),
        (
            "labels)\n        loss.b",
            "labels) + net[1].weight.pow(2).sum()\n        total += loss.item()\n        loss.b",
        ),
        ("    net.eval()", "    mean = total / len(train_loader.dataset)\n    net.eval()"),
    )
    assert "wrong-divisor" not in rules(torch(LAST, LOSS, changes=summed))
    assert "wrong-divisor" in rules(torch(LAST, LOSS, changes=summed[1:]).replace(" + net[1].weight.pow(2).sum()", ""))
