"""Networks of Keras without an input shape: it is that of the data which they are fitted to."""

import pytest

from reportgen.code.networks import count
from reportgen.code.program import follow, networks_of
from reportgen.code.source import read_source

_NET = """
net = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(5), tf.keras.layers.Dense(10)])
net.compile("adam", "sparse_categorical_crossentropy")
"""
_HEAD = "import numpy as np\nimport tensorflow as tf\nimport tensorflow_datasets as tfds\n"


def counted(text: str) -> int | None:
    trace = follow(read_source((_HEAD + text).encode(), "net.py"))
    return count(networks_of(trace)[-1], trace.opened).parameters


def dense(features: int) -> int:
    return features * 5 + 5 + 60


@pytest.mark.parametrize(
    ("data", "fit", "features"),
    [
        ("(a, b), info = tfds.load('fashion_mnist', split=['train', 'test'], with_info=True, as_supervised=True)",
         "a.map(lambda x, y: (tf.cast(x, tf.float32) / 255.0, y)).batch(32)", 784),
        ("a = tfds.load('cifar10', split='train', as_supervised=True)", "a.shuffle(100).batch(8).prefetch(1)", 3072),
        ("a = tfds.load('cifar10', split='train', as_supervised=True)",
         "a.map(lambda x, y: (tf.image.resize(x, (16, 8)), y)).batch(8)", 384),
        ("a = tfds.load('svhn_cropped', split='train[:80%]', as_supervised=True)", "a.batch(8)", 3072),
        ("a = tfds.load('svhn_cropped', split='train')", "a.batch(8)", None),
        ("a = tfds.load('something', split='train', as_supervised=True)", "a.batch(8)", None),
        ("a = tfds.load('mnist', split='train', as_supervised=True)", "a.map(unknown).batch(8)", None),
        ("a = np.array([i[0] for i in open('x')]).reshape(-1, 9, 9, 3)", "a, b", 243),
        ("a = np.loadtxt('x').reshape((-1, 50))", "a, b", 50),
        ("a = np.loadtxt('x').reshape(-1, width)", "a, b", None),
        ("a = np.loadtxt('x').reshape(10, -1)", "a, b", None),
        ("(a, b), _ = tf.keras.datasets.mnist.load_data()",
         "tf.data.Dataset.from_tensor_slices((a, b)).batch(32)", 784),
        ("(a, b), _ = tf.keras.datasets.cifar10.load_data()\n"
         "c = tf.keras.preprocessing.image.ImageDataGenerator(rotation_range=9)", "c.flow(a, b)", 3072),
    ],
)  # fmt: skip
def test_sizes_of_the_data(data: str, fit: str, features: int | None) -> None:
    assert counted(f"{data}\n{_NET}net.fit({fit})") == (None if features is None else dense(features))


@pytest.mark.parametrize(("name", "classes"), [("cifar10", 10), ("cifar100", 100), ("mnist", 10), ("emnist", None)])
def test_what_is_told_of_a_collection(name: str, classes: int | None) -> None:
    load = f"(a, b), info = tfds.load('{name}', split=['train', 'test'], with_info=True, as_supervised=True)\n"
    net = "net = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(info.features['label'].num_classes)])"
    assert counted(load + net) == (None if classes is None else 5 * classes)
