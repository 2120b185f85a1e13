import pytest

from reportgen.code.trace import Confused, Counted, Fitted, Forward
from reportgen.code.values import Known, Layer
from tests.coded import CLASSES, applied, run, steps, trace

HEAD = """
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, models
from tensorflow.keras.layers import Conv2D, Dense, Flatten, MaxPooling2D
(a, b), (c, d) = keras.datasets.mnist.load_data()
a, c = a[..., np.newaxis] / 255.0, c.reshape(-1, 28, 28, 1) / 255.0
net = keras.Sequential([keras.Input(shape=(28, 28, 1)), layers.Flatten(), layers.Dense(10, activation="softmax")])
"""


def fitted(text: str) -> Fitted:
    (event,) = [event for event in trace(HEAD + text).events if isinstance(event, Fitted)]
    return event


@pytest.mark.parametrize(
    ("layer", "kind", "settings"),
    [
        ("Conv2D(16, 7)", "Conv2d", {"out_channels": 16, "kernel_size": 7}),
        (
            "Conv2D(filters=16, kernel_size=(7, 7), strides=2, padding='same')",
            "Conv2d",
            {"stride": 2, "padding": "same"},
        ),
        ("MaxPooling2D()", "MaxPool2d", {"kernel_size": 2}),
        ("MaxPooling2D((2, 2), strides=1)", "MaxPool2d", {"kernel_size": (2, 2), "stride": 1}),
        ("layers.AveragePooling2D(pool_size=3)", "AvgPool2d", {"kernel_size": 3}),
        ("layers.ZeroPadding2D(3)", "ZeroPad2d", {"padding": 3}),
        ("layers.ZeroPadding2D((1, 2))", "ZeroPad2d", {"padding": (2, 2, 1, 1)}),
        ("layers.ZeroPadding2D(((1, 2), (3, 4)))", "ZeroPad2d", {"padding": (3, 4, 1, 2)}),
        ("layers.Dropout(0.2)", "Dropout", {"p": 0.2}),
        ("layers.ReLU()", "ReLU", {}),
        ("layers.Activation('softmax')", "Softmax", {}),
        ("layers.Activation(tf.nn.relu)", "ReLU", {}),
        ("layers.BatchNormalization()", "BatchNorm2d", {}),
    ],
)
def test_layers_in_the_terms_of_torch(layer: str, kind: str, settings: dict[str, object]) -> None:
    (step,) = applied(f"{HEAD}net = keras.Sequential([{layer}])").steps
    assert step.type == kind
    assert {name: step.setting(name) for name in settings} == settings


@pytest.mark.parametrize(
    "text",
    [
        "net = models.Sequential([Conv2D(4, 3, activation='relu', input_shape=(28, 28, 1)), Flatten(), Dense(10)])",
        (
            "net = models.Sequential()\nnet.add(keras.Input((28, 28, 1)))\n"
            "net.add(Conv2D(4, (3, 3)))\nnet.add(layers.Activation('relu'))\n"
            "net.add(Flatten())\nnet.add(Dense(10))"
        ),
        (
            "i = keras.Input((28, 28, 1))\nx = Conv2D(4, 3, activation=tf.nn.relu)(i)\n"
            "net = keras.Model(i, Dense(10)(Flatten()(x)))"
        ),
        (
            "i = keras.Input((28, 28, 1))\nx = tf.nn.relu(Conv2D(4, 3)(i))\n"
            "net = keras.Model(inputs=i, outputs=[Dense(10)(Flatten()(x))])"
        ),
        (
            "class Net(keras.Model):\n    def __init__(self):\n"
            "        super().__init__()\n        self.c, self.f, self.d = Conv2D(4, "
            "3, activation='relu'), Flatten(), Dense(10)\n    def call(self, x, training=False):\n"
            "        return self.d(self.f(self.c(x)))\nnet = Net()"
        ),
    ],
)
def test_ways_to_write_a_network(text: str) -> None:
    assert [step for step in steps(HEAD + text) if step != "Identity"] == ["Conv2d", "ReLU", "Flatten", "Linear"]
    assert applied(HEAD + text).shape == (None, 10)
    assert applied(HEAD + text).steps[-1].setting("given_features") == 2704


def test_what_a_fit_is_of() -> None:
    event = fitted(
        "net.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01), loss='sparse_categorical_crossentropy')\n"
        "h = net.fit(a, b, epochs=10, batch_size=20, validation_data=(c, d))"
    )
    assert (event.origins, event.batch_size, event.epochs, event.validation) == (
        frozenset({"train"}),
        20,
        10,
        frozenset({"test"}),
    )
    assert (event.optimizer, dict(event.optimizer_settings), event.loss) == (
        "Adam",
        {"lr": 0.01},
        "sparse_categorical_crossentropy",
    )
    assert not event.from_logits
    assert event.target is not None
    assert [item.value for item in event.target.values if isinstance(item, Known)] == list(range(10))


@pytest.mark.parametrize(
    ("text", "field", "wanted"),
    [
        ("net.fit(a, b)", "batch_size", 32),
        ("net.fit(a, b, 20, 10)", "batch_size", 20),
        ("net.fit(a, b, 20, 10)", "epochs", 10),
        ("net.fit(a, b)", "epochs", 1),
        ("net.fit(a, b, epochs=int(input()))", "epochs", None),
        ("net.fit(a, b, batch_size=int(input()))", "batch_size", None),
        ("net.fit(a, b, validation_split=0.1)", "validation", frozenset({"validation"})),
        ("net.fit(a, b)", "validation", frozenset()),
        (
            "net.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True))\nnet.fit(a, b)",
            "from_logits",
            True,
        ),
        (
            "net.compile('adam', keras.losses.CategoricalCrossentropy())\nnet.fit(a, b)",
            "loss",
            "CategoricalCrossentropy",
        ),
        ("net.compile('adam')\nnet.fit(a, b)", "optimizer", "adam"),
        ("net.fit(a, b, callbacks=[keras.callbacks.EarlyStopping()])", "chooses", ("EarlyStopping",)),
        ("net.fit(a, b, callbacks=[keras.callbacks.EarlyStopping(monitor='loss')])", "chooses", ()),
        (
            "net.fit(a, b, callbacks=[keras.callbacks.ModelCheckpoint('f', save_best_only=True)])",
            "chooses",
            ("ModelCheckpoint",),
        ),
        ("net.fit(a, b, callbacks=[keras.callbacks.ModelCheckpoint('f')])", "chooses", ()),
        ("net.fit(a, b, callbacks=[keras.callbacks.TensorBoard()])", "chooses", ()),
        (
            "g = keras.preprocessing.image.ImageDataGenerator(rotation_range=9)\nnet.fit(g.flow(a, b, batch_size=20))",
            "batch_size",
            20,
        ),
        (
            "g = keras.preprocessing.image.ImageDataGenerator(rotation_range=9)\nnet.fit(g.flow(a, b))",
            "augmented",
            ("rotation_range",),
        ),
        (
            "s = tf.data.Dataset.from_tensor_slices((a, b)).shuffle(9).batch(20).prefetch(1)\nnet.fit(s)",
            "batch_size",
            20,
        ),
        ("s = tf.data.Dataset.from_tensor_slices((a, b)).batch(20)\nnet.fit(s)", "origins", frozenset({"train"})),
    ],
)
def test_settings_of_a_fit(text: str, field: str, wanted: object) -> None:
    assert getattr(fitted(text), field) == wanted


@pytest.mark.parametrize("field", ["batch_size", "epochs"])
def test_settings_that_cannot_be_told(field: str) -> None:
    assert getattr(fitted("import json\nnet.fit(a, b, **json.load(open('s')))"), field) is None


@pytest.mark.parametrize(
    "labels",
    [
        f"np.array({list(CLASSES)})[b]",
        f"np.vectorize(lambda n: {list(CLASSES)}[n])(b)",
        f"keras.utils.to_categorical(np.take({list(CLASSES)}, b), 4)",
        f"tf.gather({list(CLASSES)}, b)",
        f"tf.constant({list(CLASSES)})[b]",
    ],
)
def test_labels_of_a_fit(labels: str) -> None:
    target = fitted(f"net.fit(a, {labels})").target
    assert target is not None
    assert tuple(item.value for item in target.values if isinstance(item, Known)) == CLASSES


def test_measuring_is_in_evaluation_mode() -> None:
    text = (
        f"{HEAD}net.compile('adam', 'sparse_categorical_crossentropy')\n"
        "net.fit(a, b)\nnet.evaluate(c, d)\np = net.predict(c)"
    )
    found = [event for event in trace(text).events if isinstance(event, Forward)]
    assert [(event.training, event.origins) for event in found] == [
        (True, frozenset({"train"})),
        (False, frozenset({"test"})),
        (False, frozenset({"test"})),
    ]


def test_reports_of_predictions() -> None:
    text = (
        f"{HEAD}from sklearn.metrics import confusion_matrix\n"
        "m = confusion_matrix(d, net.predict(c).argmax(axis=1))\n"
        "n = tf.math.confusion_matrix(d, np.argmax(net.predict(c), axis=1))"
    )
    found = [event for event in trace(text).events if isinstance(event, Confused)]
    assert [(event.origins, event.model is not None) for event in found] == [(frozenset({"test"}), True)] * 2


def test_counting() -> None:
    found = [event for event in trace(f"{HEAD}net.summary()\nnet.count_params()").events if isinstance(event, Counted)]
    assert [event.how for event in found] == ["summary", "count_params"]


def test_augmentation_in_the_network() -> None:
    event = fitted(
        "net = keras.Sequential([layers.RandomFlip('horizontal'), layers.Flatten(), layers.Dense(10)])\nnet.fit(a, b)"
    )
    assert event.augmented == ("RandomFlip",)


def test_layers_of_a_network() -> None:
    found = run(f"{HEAD}x = net.layers[-1]")["x"]
    assert isinstance(found, Layer)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "keras.Model()",
            "keras.Sequential()",
            "keras.Input()",
            "layers.Dense()",
            "layers.Conv2D()",
            "layers.Nothing(3)",
        ),
        *(
            "net.fit()",
            "net.evaluate()",
            "net.predict()",
            "net.compile()",
            "net.add()",
            "net.get_layer()",
            "net.nothing()",
        ),
        *(
            "keras.losses.X()",
            "keras.callbacks.X()",
            "tf.GradientTape().gradient()",
            "tf.data.Dataset.from_tensor_slices()",
        ),
        *(
            "keras.Sequential([layers.Conv2D(-1, 0)])",
            "keras.Sequential(5)",
            "keras.Model(5, 5)",
            "layers.ZeroPadding2D('x')",
        ),
        *("keras.Input((None, None, 1))", "keras.Input(())", "keras.utils.to_categorical()", "net.set_weights()"),
    ],
)
def test_impossible_calls_never_crash(text: str) -> None:
    assert trace(f"{HEAD}x = {text}\nnet = keras.Sequential([x])\nnet.fit(a, b)").stopped == ""
