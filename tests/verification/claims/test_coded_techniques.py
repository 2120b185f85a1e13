"""Techniques of a report held against the code beside it."""

import pytest

from tests.verification.beside import TRAINING, beside, by_code, code

PLAIN = TRAINING.replace("        self.drop = nn.Dropout(0.25)\n", "").replace(
    "self.drop(torch.relu(self.conv(x)))", "self.conv(x)"
)
PROGRAM = code(train_py=PLAIN)
CLAIM = "The network uses Dropout(0.25) after the convolution.\n\nThe dropout keeps it from overfitting.\n"
KERAS = """
import keras
from keras.callbacks import EarlyStopping, ReduceLROnPlateau

model = keras.Sequential([keras.layers.Input((784,)), keras.layers.Dense(10)])
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
slower = ReduceLROnPlateau(monitor="val_loss", patience=4, factor=0.5)
model.fit(x, y, epochs=9, callbacks=[slower])
"""


def test_dropout_that_no_line_has_is_contradicted() -> None:
    (wrong,) = beside(CLAIM, PROGRAM).contradicted
    assert (wrong.found, wrong.expected) == ("0.25", "no dropout")
    assert not beside(CLAIM, code(train_py=TRAINING)).contradicted


@pytest.mark.parametrize(
    "more",
    [
        "import timm\nbackbone = timm.create_model('x')\n",
        "from torchvision import models\nbackbone = models.vgg16()\n",
        "import torch.nn.functional as F\ndef forward(x):\n    return F.dropout(x)\n",
        "class Broken(:\n",
    ],
)
def test_what_may_drop_out_elsewhere_refutes_nothing(more: str) -> None:
    assert not beside(CLAIM, code(train_py=PLAIN, more_py=more)).contradicted


def test_a_configuration_of_dropout_refutes_nothing() -> None:
    assert not beside(CLAIM, code(train_py=PLAIN, c_yaml="dropout: 0.25\n")).contradicted


@pytest.mark.parametrize(
    "text",
    [
        f"{CLAIM}\n\nThe submitted network has no dropout.",
        f"{CLAIM}\n\nAt first we tried dropout.",
        "Dropout(0.25) would help against overfitting.\n\nDropout could be added.",
        "# Future work\n\n- Dropout(0.5)\n- Dropout in the first layer",
        "The authors use Dropout(0.5).\n\nTheir dropout is large.",
        "# [v2.0]\n\nThe head is one layer.\n\n# [v1.0]\n\nAdded Dropout(0.25).\n\nMore dropout in the head.",
        "Dropout(0.25) is one line.",
    ],
)
def test_what_is_planned_tried_or_said_of_others_is_not_held(text: str) -> None:
    assert not beside(text, PROGRAM).contradicted


def test_the_newest_release_of_a_list_of_changes_is_held() -> None:
    text = f"# [v2.0]\n\n{CLAIM}\n\n# [v1.0]\n\nNo dropout yet."
    assert [claim.expected for claim in beside(text, PROGRAM).contradicted] == ["no dropout"]


def watch(measure: str, epochs: int = 4) -> str:
    return f"ReduceLROnPlateau halves the learning rate if the {measure} does not improve after {epochs} epochs."


def test_what_the_learning_rate_hangs_on() -> None:
    program = code(train_py=KERAS)
    (right,) = [claim for claim in by_code(beside(watch("loss"), program)) if claim.quantity == "technique"]
    assert right.verdict.value == "verified"
    (wrong,) = beside(watch("accuracy"), program).contradicted
    assert wrong.expected == "val_loss"
    assert wrong.fact is not None
    assert wrong.fact.where == "train.py:7"


@pytest.mark.parametrize(
    ("text", "program"),
    [
        (watch("accuracy", 7), KERAS),
        (watch("accuracy"), f"{KERAS}\nagain = ReduceLROnPlateau(monitor='val_accuracy')\n"),
        (watch("accuracy"), f"{KERAS}\nagain = ReduceLROnPlateau(patience=4)\n"),
        (watch("accuracy"), KERAS.replace('"val_loss"', "measure")),
        (watch("accuracy and the loss"), KERAS),
        (f"One could say that {watch('accuracy')}", KERAS),
        ("The accuracy rises when ReduceLROnPlateau lowers the rate after 4 epochs.", KERAS),
    ],
)
def test_another_call_or_another_sentence_refutes_nothing(text: str, program: str) -> None:
    assert not beside(text, code(train_py=program)).contradicted
