"""Networks that a document states are found, counted, and held against what it says of them."""

import pytest

from reportgen.verification.facts.networks import Form
from reportgen.verification.ledger import Quantity
from tests.stated import contradicted, networks, verified


@pytest.mark.parametrize(
    ("text", "form", "total"),
    [
        ("MNIST: Conv2D(32, 3x3) → MaxPool → Conv2D(64, 3x3) → MaxPool → Flatten → Dense(10)", Form.CHAIN, 34_826),
        ("MNIST, an MLP of 784-512-256-10", Form.SIZES, 535_818),
        ("MNIST: 784 → Dense 128 → Dense 10", Form.CHAIN, 101_770),
        ("MNIST: Input(784) → Dense(128, ReLU) → Output(10)", Form.CHAIN, 101_770),
        ("MNIST\n\n- Conv2d: 8 filters, kernel 3x3\n- MaxPool 2x2\n- Flatten\n- Dense: 10 units", Form.LIST, 13_610),
        (
            "MNIST\n\n| Layer | Kernel | Filters |\n|---|---|---|\n| Conv | 5x5 | 6 |\n| MaxPool | 2x2 | |\n"
            "| Conv | 5x5 | 16 |\n| MaxPool | 2x2 | |\n| FC 10 | | |",
            Form.TABLE,
            5_142,
        ),
        (
            "MNIST\n\n```python\nm = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.Linear(32, 10))\n```",
            Form.CODE,
            25_450,
        ),
        (
            "MNIST\n\n```\nfrom keras import layers\nimport keras\nm = keras.Sequential([layers.Input((28, 28, 1)), "
            "layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(10)])\n```",
            Form.CODE,
            27_090,
        ),
        (
            "```\nConv2d-1  [-1, 8, 26, 26]  80\nReLU-2  [-1, 8, 26, 26]  0\nLinear-3  [-1, 10]  54,090\n```\nMNIST",
            Form.SUMMARY,
            54_170,
        ),
    ],
)
def test_each_way_of_stating_a_network_is_counted(text: str, form: Form, total: int) -> None:
    (network,) = networks(text)
    assert network.form is form
    assert network.whole
    assert total in network.totals


@pytest.mark.parametrize(
    "text",
    [
        "4 Conv blocks (32 → 64 → 128 → 256 filters) → Dense(128) → Dense(10) on MNIST",
        "MNIST: Conv2D(32) → residual block → Dense(64) → Dense(10)",
        "MNIST: Conv → ReLU → Conv → ReLU → Dense(10)",
        "MNIST: Conv2D(32) → our secret ingredient → Dense(64) → Dense(10)",
    ],
)
def test_what_is_read_in_part_has_no_total(text: str) -> None:
    assert all(not network.totals for network in networks(text))


def test_dates_and_ranges_are_no_networks() -> None:
    assert not networks("MNIST, trained on 2024-01-25, phone 555-128-10, pages 12-13-14, scores 3-2-1 for our MLP")


LIST = """MNIST digits. {sentence}

1. Input shape: 28 x 28
2. Conv layer, 3 x 3, 8 filters, same padding, output: 28 x 28 x 8
3. Max pooling 2 x 2, output: 14 x 14 x 8
4. Conv layer, 3 x 3, 16 filters, same padding, output: {shape}
5. Max pooling 2 x 2, output: 7 x 7 x 16
6. Flatten, output: 784
7. Dense: 32 units
8. Dense: 10 units
"""


def test_shapes_of_a_list_are_verified() -> None:
    assert len(verified(LIST.format(sentence="", shape="14 x 14 x 16"), Quantity.SHAPE)) > 10


def test_one_shape_that_the_layers_refute_is_wrong() -> None:
    assert contradicted(LIST.format(sentence="", shape="14 x 14 x 32")) == [
        (number, "16×14×14") for number in ("14", "14", "32")
    ]


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("It has 2 convolutional layers and 2 dense layers.", []),
        ("It has 3 convolutional layers and 2 dense layers.", [("3", "2")]),
        ("It has three convolutional layers and two dense layers.", [("three convolutional layers", "2")]),
        ("An earlier trial had 3 convolutional layers and 2 dense layers.", []),
        ("It has 3 convolutional layers.", []),
        ("Each block has 3 convolutional layers and 2 dense layers.", []),
        ("VGG-16 of the paper has 13 convolutional layers and 3 dense layers.", []),
    ],
)
def test_counts_of_layers(sentence: str, wrong: list[tuple[str, str]]) -> None:
    assert contradicted(LIST.format(sentence=sentence, shape="14 x 14 x 16")) == wrong


SUMMARY = """CIFAR-10

```
Layer (type)          Output Shape         Param #
Conv2d-1              [-1, 6, 28, 28]      {first}
MaxPool2d-2           [-1, 6, 14, 14]      0
Conv2d-3              [-1, 16, 10, 10]     2,416
MaxPool2d-4           [-1, 16, 5, 5]       0
Linear-5              [-1, 120]            48,120
Linear-6              [-1, 10]             1,210
Total params: {total}
```
"""


def test_a_summary_is_verified_row_by_row() -> None:
    text = SUMMARY.format(first="456", total="52,202")
    assert not contradicted(text)
    assert len(verified(text, Quantity.LAYER_PARAMETERS)) == 6
    assert verified(text, Quantity.TOTAL_PARAMETERS) == ["52,202"]


def test_a_row_that_no_settings_give_is_wrong() -> None:
    assert contradicted(SUMMARY.format(first="457", total="52,203"))[0][0] == "457"


def test_a_summary_without_a_data_set_is_not_accused() -> None:
    assert not contradicted(SUMMARY.format(first="456", total="52,202").replace("CIFAR-10", "Our images"))


def test_layers_of_one_of_several_networks_are_not_counted() -> None:
    sentence = "Model 1 is below; model 2 has 3 convolutional layers and 2 dense layers."
    assert not contradicted(LIST.format(sentence=sentence, shape="14 x 14 x 16"))
