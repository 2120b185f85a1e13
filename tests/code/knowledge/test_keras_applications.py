"""Networks of Keras by name: published counts, and programs that change them, counted by Keras 3.15.1 itself."""

import pytest

from reportgen.code.networks import Network, count
from reportgen.code.program import follow, networks_of
from reportgen.code.source import read_source
from reportgen.code.trace import Forward

HEAD = (
    "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import Sequential, layers\n"
    "from tensorflow.keras.applications import VGG16, MobileNetV2, ResNet50\n"
)
PUBLISHED = {
    **{"VGG16": 138_357_544, "VGG19": 143_667_240, "ResNet50": 25_636_712, "ResNet101": 44_707_176},
    **{"ResNet152": 60_419_944, "ResNet50V2": 25_613_800, "InceptionV3": 23_851_784, "Xception": 22_910_480},
    **{"MobileNet": 4_253_864, "MobileNetV2": 3_538_984, "DenseNet121": 8_062_504, "EfficientNetB0": 5_330_571},
}
BASE = "base = VGG16(weights='imagenet', include_top=False, input_shape=(224, 224, 3))\n"
CHANGED = {
    "the body frozen": (
        f"{BASE}base.trainable = False\n"
        "net = Sequential([base, layers.Flatten(), layers.Dense(256, activation='relu'), layers.Dense(10)])",
        *(21_140_042, 6_425_354),
    ),
    "its layers frozen one by one": (
        "b = MobileNetV2(input_shape=(96, 96, 3), include_top=False)\nfor layer in b.layers:\n"
        "    layer.trainable = False\nx = layers.GlobalAveragePooling2D()(b.output)\n"
        "net = keras.Model(inputs=b.input, outputs=layers.Dense(10)(x))",
        *(2_270_794, 12_810),
    ),
    "called as a layer": (
        "b = ResNet50(include_top=False, weights=None, input_shape=(32, 32, 3), pooling='avg')\n"
        "i = keras.Input((32, 32, 3))\nnet = keras.Model(i, layers.Dense(10)(b(i, training=False)))",
        *(23_608_202, 23_555_082),
    ),
    "other images, other classes": ("net = VGG16(weights=None, classes=10, input_shape=(32, 32, 3))",)
    + (33_638_218,) * 2,
    "gray images": (
        "net = ResNet50(weights=None, include_top=False, input_shape=(64, 64, 1))",
        *(23_581_440, 23_528_320),
    ),
    "all but the last four layers frozen": (
        "b = VGG16(include_top=False, input_shape=(128, 128, 3))\nfor layer in b.layers[:-4]:\n"
        "    layer.trainable = False\nnet = Sequential([b])\nnet.add(layers.Flatten())\nnet.add(layers.Dense(5))",
        *(14_755_653, 7_120_389),
    ),
    "frozen up to a name": (
        "b = VGG16(include_top=False, input_shape=(128, 128, 3))\nfor layer in b.layers:\n"
        "    layer.trainable = layer.name.startswith('block5')\n"
        "net = Sequential([b, layers.Flatten(), layers.Dense(5)])",
        *(14_755_653, 7_120_389),
    ),
}


def read(text: str) -> Network:
    """The last network of a program."""
    trace = follow(read_source((HEAD + text).encode(), "program.py"))
    return count(networks_of(trace)[-1], trace.opened)


def total(network: Network) -> int | None:
    """What Keras calls the total: state that isn't trained is in it."""
    return None if network.parameters is None or network.buffers is None else network.parameters + network.buffers


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("package", ["tf.keras.applications", "keras.applications"])
def test_published_counts(name: str, package: str) -> None:
    assert total(read(f"net = {package}.{name}()")) == PUBLISHED[name]


@pytest.mark.parametrize(("text", "everything", "trained"), CHANGED.values(), ids=CHANGED)
def test_changed_as_in_keras(text: str, everything: int, trained: int) -> None:
    network = read(text)
    assert (total(network), network.trainable) == (everything, trained)


@pytest.mark.parametrize(
    ("name", "side", "last"),
    [("VGG16", 127, 3), ("VGG16", 128, 4), ("ResNet50", 33, 2), ("MobileNetV2", 97, 4), ("InceptionV3", 139, 3)],
)
def test_sizes_of_the_last_map(name: str, side: int, last: int) -> None:
    text = f"net = tf.keras.applications.{name}(include_top=False, input_shape=({side}, {side}, 3))"
    trace = follow(read_source((HEAD + text).encode(), "program.py"))
    (applied,) = [event for event in trace.events if isinstance(event, Forward)]
    assert applied.output_shape is not None
    assert applied.output_shape[1:3] == (last, last)


@pytest.mark.parametrize(
    "text",
    [
        "net = MobileNetV2(alpha=0.35)",
        "net = VGG16(include_top=bool(input()))",
        "net = VGG16(weights=None, classes=int(input()))",
        "net = VGG16(weights=None, include_top=False, input_shape=(32, 32, int(input())))",
        "net = VGG16(**options())",
        "net = Sequential([VGG16(include_top=False), layers.Flatten(), layers.Dense(3)])",
    ],
)
def test_what_cannot_be_told_is_not_counted(text: str) -> None:
    assert read(text).parameters is None
