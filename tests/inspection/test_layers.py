import pytest

from tests.inspection import keras, rules, torch

SOFT = ("'sparse_categorical_crossentropy'",)


@pytest.mark.parametrize(
    ("layers", "rule"),
    [
        ('layers.Dense(8), layers.Dense(3, activation="softmax")', "missing-activation"),
        ('layers.Dense(8), layers.Dropout(0.2), layers.Dense(3, activation="softmax")', "missing-activation"),
        ('layers.Dense(3), layers.Dropout(0.5), layers.Activation("softmax")', "dropout-on-outputs"),
        ('layers.Dense(8, trainable=False), layers.ReLU(), layers.Dense(3, activation="softmax")', "frozen-layer"),
    ],
)
def test_layers_that_follow_each_other_badly(layers: str, rule: str) -> None:
    assert rules(keras(layers, *SOFT)) == {rule}


@pytest.mark.parametrize(
    "layers",
    [
        'layers.Dense(8), layers.LeakyReLU(), layers.Dense(3, activation="softmax")',
        'layers.Dense(8), layers.BatchNormalization(), layers.ReLU(), layers.Dense(3, activation="softmax")',
        'layers.Dense(8, activation=pick()), layers.Dense(3, activation="softmax")',
        'layers.Dense(8, activation="mish"), layers.Dense(3, activation="softmax")',
        # a bottleneck is narrower than what stands around it
        'layers.Dense(2), layers.Dense(16, activation="relu"), layers.Dense(3, activation="softmax")',
        'layers.Dense(8, activation="relu"), layers.Dropout(0.5), layers.Dense(3, activation="softmax")',
    ],
)
def test_layers_that_follow_each_other_well(layers: str) -> None:
    assert not rules(keras(layers, *SOFT))


@pytest.mark.parametrize(
    ("convolutions", "found"),
    [
        ("nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 3), nn.ReLU()", {"missing-activation"}),
        ("nn.Conv2d(1, 8, 3), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3), nn.ReLU()", {"missing-activation"}),
        ("nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU()", set()),
        ("nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3), nn.ReLU()", set()),
        # a convolution in two parts, and one that only mixes channels
        ("nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3, groups=8), nn.Conv2d(8, 8, 1), nn.ReLU()", set()),
    ],
)
def test_convolutions_in_a_row(convolutions: str, found: set[str]) -> None:
    change = (("nn.Flatten(), nn.Linear(784, 32)", f"{convolutions}, nn.Flatten(), nn.LazyLinear(32)"),)
    assert rules(torch("nn.Linear(32, 10)", "nn.CrossEntropyLoss()", changes=change)) == found


def test_sigmoids_in_a_row() -> None:
    deep = ", ".join(["nn.Linear(32, 32), nn.Sigmoid()"] * 3)
    change = (("nn.Linear(784, 32), nn.ReLU()", "nn.Linear(784, 32), nn.Sigmoid()"),)
    assert rules(torch(f"{deep}, nn.Linear(32, 10)", "nn.CrossEntropyLoss()", changes=change)) == {
        "saturating-activations"
    }


def test_sizes_that_do_not_fit_where_a_line_applies_the_network() -> None:
    text = torch("nn.Linear(30, 10)", "nn.CrossEntropyLoss()")
    assert rules(text) == {"sizes"}
    # the images are made flat before: what nobody applies is held against no image
    nobody = text[: text.index("loss_function")].replace("nn.Flatten(), ", "")
    assert not rules(nobody)


def test_layers_in_a_plain_list() -> None:
    text = """
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(4, 4), nn.Linear(4, 2)]
        self.out = nn.Linear(2, 2)
    def forward(self, x):
        for layer in self.layers:
            x = layer(x).relu()
        return self.out(x)
net = Net()
net(__import__("torch").randn(1, 4))
"""
    assert rules(text) == {"unregistered-layer"}
    assert not rules(
        text.replace("[nn.Linear(4, 4), nn.Linear(4, 2)]", "nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 2)])")
    )


def test_a_layer_of_the_library_whose_weights_a_class_uses_itself() -> None:
    text = """
import torch
from torch import nn
class Masked(nn.Linear):
    def forward(self, x):
        return nn.functional.linear(x, self.weight * self.mask)
net = nn.Sequential(Masked(4, 4), nn.ReLU(), nn.Linear(4, 2))
net(torch.randn(1, 4))
"""
    assert not rules(text)


def test_a_part_that_another_network_goes_on_from() -> None:
    text = """
from torch import nn
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense, self.drop = nn.Linear(4, 4), nn.Dropout(0.1)
    def forward(self, x):
        return self.drop(self.dense(x))
"""
    assert not rules(text)


def test_what_a_model_of_keras_is_put_on_is_used() -> None:
    text = """
from tensorflow import keras
from tensorflow.keras import layers
base = backbone()
last = layers.Dense(1, activation="sigmoid")
head = keras.Sequential([layers.Dense(8, activation="relu"), layers.Dropout(0.5), last])
model = keras.Model(inputs=base.input, outputs=head(base.output))
model.compile(optimizer="adam", loss="binary_crossentropy")
model.fit(x, y)
"""
    assert not rules(text)
