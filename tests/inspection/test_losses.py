"""Losses against the outputs that they judge: what does not fit is remarked, what fits never is."""

import pytest

from reportgen.inspection.report import Level
from tests.inspection import inspected, keras, rules, torch


@pytest.mark.parametrize(
    ("layers", "loss", "level"),
    [
        ('layers.Dense(1, activation="softmax")', "'binary_crossentropy'", Level.FAULT),
        ('layers.Dense(1), layers.Activation("softmax")', "'mse'", Level.FAULT),
        ('layers.Dense(1, activation="sigmoid")', "'categorical_crossentropy'", Level.FAULT),
        ("layers.Dense(1)", "keras.losses.SparseCategoricalCrossentropy(from_logits=True)", Level.FAULT),
        ('layers.Dense(3, activation="sigmoid")', "'categorical_crossentropy'", Level.FAULT),
        ("layers.Dense(3)", "'sparse_categorical_crossentropy'", Level.FAULT),
        ('layers.Dense(3, activation="relu")', "keras.losses.categorical_crossentropy", Level.FAULT),
        ("layers.Dense(1)", "'binary_crossentropy'", Level.FAULT),
        ('layers.Dense(1, activation="relu")', "['binary_crossentropy']", Level.FAULT),
        ('layers.Dense(1, activation="sigmoid")', "keras.losses.BinaryCrossentropy(from_logits=True)", Level.FAULT),
        ('layers.Dense(3, activation="softmax")', "'binary_crossentropy'", Level.NOTE),
        ('layers.Dense(3, activation="softmax")', "'mse'", Level.NOTE),
        ('layers.Dense(1, activation="relu")', "'mean_absolute_error'", Level.NOTE),
        ('layers.Dense(1, activation="sigmoid")', "'mse'", Level.NOTE),
        ('layers.Dense(1, activation="tanh")', "keras.losses.MeanSquaredError()", Level.NOTE),
    ],
)
def test_a_loss_that_does_not_fit_its_outputs(layers: str, loss: str, level: Level) -> None:
    found = [remark for remark in inspected(keras(layers, loss)).remarks if remark.rule == "loss-and-outputs"]
    assert [remark.level for remark in found] == [level]
    assert found[0].usual
    assert "layers.Dense" in found[0].text


@pytest.mark.parametrize(
    ("layers", "loss"),
    [
        ('layers.Dense(1, activation="sigmoid")', "'binary_crossentropy'"),
        ("layers.Dense(1)", "keras.losses.BinaryCrossentropy(from_logits=True)"),
        ('layers.Dense(3, activation="softmax")', "'categorical_crossentropy'"),
        ('layers.Dense(3), layers.Dropout(0.1), layers.Activation("softmax")', "'sparse_categorical_crossentropy'"),
        ("layers.Dense(3)", "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"),
        ("layers.Dense(1)", "'mse'"),
        ('layers.Dense(3, activation="sigmoid")', "'binary_crossentropy'"),
        # what is not known is no fault
        ("layers.Dense(1, activation=pick())", "'binary_crossentropy'"),
        ("layers.Dense(3), layers.Activation(pick())", "'categorical_crossentropy'"),
        ('layers.Dense(width(), activation="softmax")', "'binary_crossentropy'"),
        ('layers.Dense(1, activation="softmax"), head()', "'binary_crossentropy'"),
        ("layers.Dense(1)", "my_loss"),
        # autoencoders and several numbers between 0 and 1
        ('layers.Dense(8, activation="sigmoid")', "'mse'"),
        ('layers.Dense(8, activation="tanh")', "'mse'"),
    ],
)
def test_a_loss_that_fits_or_is_not_known(layers: str, loss: str) -> None:
    assert "loss-and-outputs" not in rules(keras(layers, loss))


@pytest.mark.parametrize(
    ("layers", "loss", "found"),
    [
        ("nn.Linear(32, 10), nn.Softmax(1)", "nn.CrossEntropyLoss()", {"softmax-before-loss"}),
        ("nn.Linear(32, 10), nn.Sigmoid()", "nn.CrossEntropyLoss()", {"loss-and-outputs"}),
        ("nn.Linear(32, 10), nn.ReLU()", "nn.CrossEntropyLoss()", {"loss-and-outputs"}),
        ("nn.Linear(32, 1)", "nn.CrossEntropyLoss()", {"loss-and-outputs"}),
        ("nn.Linear(32, 10)", "nn.NLLLoss()", {"loss-and-outputs"}),
        ("nn.Linear(32, 10), nn.Softmax(1)", "nn.NLLLoss()", {"loss-and-outputs"}),
        ("nn.Linear(32, 10)", "nn.BCELoss()", {"loss-and-outputs"}),
        ("nn.Linear(32, 10), nn.Sigmoid()", "nn.BCEWithLogitsLoss()", {"loss-and-outputs"}),
        ("nn.Linear(32, 5)", "nn.CrossEntropyLoss()", {"labels"}),
        ("nn.Linear(32, 10)", "nn.CrossEntropyLoss()", set()),
        ("nn.Linear(32, 10), nn.LogSoftmax(1)", "nn.NLLLoss()", set()),
        ("nn.Linear(32, 10), nn.Sigmoid()", "nn.BCELoss()", set()),
        ("nn.Linear(32, 10)", "nn.BCEWithLogitsLoss()", set()),
        ("nn.Linear(32, 10), wrapped(nn.Sigmoid())", "nn.CrossEntropyLoss()", set()),
        ("nn.Linear(32, 100)", "nn.CrossEntropyLoss()", set()),
    ],
)
def test_losses_of_torch(layers: str, loss: str, found: set[str]) -> None:
    assert rules(torch(layers, loss)) == found


LABELLED = """
from tensorflow import keras
(x, y), (x_test, y_test) = keras.datasets.{data}.load_data()
{change}
model = keras.Sequential([keras.layers.Flatten(input_shape=(28, 28)), {last}])
model.compile(optimizer="adam", loss="{loss}")
model.fit(x / 255, y, epochs=2)
"""
SOFT = 'keras.layers.Dense(10, activation="softmax")'
ONE = 'keras.layers.Dense(1, activation="sigmoid")'
HOT = "y = keras.utils.to_categorical(y)"


@pytest.mark.parametrize(
    ("data", "change", "last", "loss", "wrong"),
    [
        ("mnist", "", SOFT, "categorical_crossentropy", True),
        ("mnist", HOT, SOFT, "sparse_categorical_crossentropy", True),
        ("cifar10", "", ONE, "binary_crossentropy", True),
        ("mnist", "", SOFT, "sparse_categorical_crossentropy", False),
        ("mnist", HOT, SOFT, "categorical_crossentropy", False),
        ("mnist", "y = y % 2", ONE, "binary_crossentropy", False),
        ("mnist", "y = (y == 3)", ONE, "binary_crossentropy", False),
        ("mnist", "x, y = x[(y == 0) | (y == 1)], y[(y == 0) | (y == 1)]", ONE, "binary_crossentropy", False),
        ("cifar100", "", SOFT, "sparse_categorical_crossentropy", False),
    ],
)
def test_labels_against_the_loss(data: str, change: str, last: str, loss: str, wrong: bool) -> None:
    assert ("labels" in rules(LABELLED.format(data=data, change=change, last=last, loss=loss))) is wrong


def test_a_network_that_scikit_learn_trains() -> None:
    text = """
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Dense
from tensorflow.keras.wrappers.scikit_learn import KerasClassifier
def made():
    model = Sequential([Dense(4, input_dim=4, activation="relu"), Dense(3, activation="sigmoid")])
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model
estimator = KerasClassifier(build_fn=made, epochs=3)
"""
    assert rules(text) == {"loss-and-outputs"}
