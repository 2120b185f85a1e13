"""Networks that a document states are found, counted, and held against what it says of them."""

import json

import pytest

from reportgen.documents.reading import parse_document
from reportgen.verification.claims.page import read_page
from reportgen.verification.facts.networks import Form, StatedNetwork
from reportgen.verification.facts.store import gather_facts
from reportgen.verification.facts.subject import NO_SUBJECT
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Ledger, Quantity


def networks(text: str) -> tuple[StatedNetwork, ...]:
    return gather_facts(read_page(parse_document(text.encode(), "r.md", "markdown"), NO_SUBJECT)).networks


def ledger(text: str) -> Ledger:
    return judge(parse_document(text.encode(), "r.md", "markdown"), None)


def contradicted(text: str) -> list[tuple[str, str]]:
    return [(claim.found, claim.expected or "") for claim in ledger(text).contradicted]


def verified(text: str, quantity: Quantity) -> list[str]:
    return [claim.found for claim in ledger(text).verified if claim.quantity is quantity]


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


CARD = """### {name}

| Property | Value |
|---|---|
| Architecture | {chain} |
| Parameters | {total} |
"""
CARDS = (
    ("A", "Flatten → Dense(128) → Dense(10)", "101,770"),
    ("B", "Conv2D(32) → MaxPool → Conv2D(64) → MaxPool → Dense(128) → Dense(10)", "225,034"),
    ("C", "Conv2D(16) → MaxPool → Dense(10)", "27,210"),
)


def cards(*more: tuple[str, str, str]) -> str:
    return "# Nets on MNIST\n\n" + "\n".join(CARD.format(name=n, chain=c, total=t) for n, c, t in (*CARDS, *more))


def test_a_total_is_verified_by_the_layers_beside_it() -> None:
    assert {"101,770", "225,034", "27,210"} <= set(verified(cards(), Quantity.TOTAL_PARAMETERS))


def test_one_total_that_its_layers_refute_is_wrong() -> None:
    wrong = ("D", "Conv2D(8) → BatchNorm → MaxPool → Dense(10)", "13,700")
    assert contradicted(cards(wrong)) == [("13,700", "13,626 or 13,642")]


@pytest.mark.parametrize(
    "other",
    [
        ("D", "Conv2D(8) → BatchNorm → MaxPool → Dense(10)", "13,642"),
        ("D", "Conv2D(8) → BatchNorm → MaxPool → Dense(10)", "13,626"),
        ("D", "3 Conv blocks → Dense(10)", "99,999"),
        ("D", "Conv2D(8) → BatchNorm → MaxPool → Dense(10)", "about 14K"),
        ("D", "Conv2D(8) → skip connection → MaxPool → Dense(10)", "13,700"),
    ],
)
def test_other_right_or_unclear_totals_are_not_accused(other: tuple[str, str, str]) -> None:
    assert not contradicted(cards(other))


def test_a_total_alone_is_not_accused() -> None:
    assert not contradicted(
        "MNIST\n\n" + CARD.format(name="D", chain="Conv2D(8) → MaxPool → Dense(10)", total="13,700")
    )


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


CODE = """# MNIST

```python
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)  # input 28x28 output {first} RF 3
        self.conv2 = nn.Conv2d(4, 8, 3, padding=1)  # RF {field}
        self.pool = nn.MaxPool2d(2, 2)  # input 28x28 output 14x14 RF 6
        self.conv3 = nn.Conv2d(8, 10, 3)  # input {given} output {made} RF 10

    def forward(self, x):
        x = self.pool(F.relu(self.conv2(F.relu(self.conv1(x)))))
        return self.conv3(x).mean((2, 3))
```

```
Layer        Output Shape      Param #     {head}
Conv2d-1     [-1, 4, 28, 28]   40          3
Conv2d-2     [-1, 8, 28, 28]   296         5
MaxPool2d-3  [-1, 8, 14, 14]   0           {pooled}
Conv2d-4     [-1, 10, 12, 12]  730         10
```
"""
RIGHT = {
    "first": "28x28", "field": "5", "given": "14x14", "made": "12x12", "pooled": "6", "head": "Receptive field"
}  # fmt: skip


def test_right_comments_are_verified() -> None:
    text = CODE.format(**RIGHT)
    assert not contradicted(text)
    assert len(verified(text, Quantity.RECEPTIVE_FIELD)) == 8


@pytest.mark.parametrize(
    ("place", "value", "wrong"),
    [
        ("first", "26x26", {"26": "28x28"}),
        ("field", "7", {"RF 7": "5", "7": "5"}),
        ("given", "16x16", {"16": "14x14"}),
        ("made", "14x14", {"14": "12x12"}),
        ("pooled", "10", {"10": "6"}),
    ],
)
def test_a_wrong_comment_is_found(place: str, value: str, wrong: dict[str, str]) -> None:
    found = contradicted(CODE.format(**{**RIGHT, place: value}))
    assert found
    assert set(found) <= set(wrong.items())


def test_a_column_without_its_head_claims_no_receptive_field() -> None:
    assert not contradicted(CODE.format(**{**RIGHT, "head": "Trainable", "pooled": "10"}))


def test_a_comment_about_another_size_of_image_is_not_accused() -> None:
    text = CODE.format(**RIGHT).split("```\nLayer")[0].replace("28x28", "32x32").replace("14x14", "16x16")
    assert not contradicted(text.replace("12x12", "14x14"))


def test_sizes_in_words_are_verified_by_the_code() -> None:
    text = CODE.format(**RIGHT) + "\nThe last layer has 10 filters, the first has 4 filters.\n"
    assert verified(text, Quantity.CHANNELS) == ["10", "4"]


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


def notebook(*cells: tuple[str, str]) -> Ledger:
    content = json.dumps({
        "cells": [
            {"cell_type": kind, "metadata": {}, "source": text, **({"outputs": []} if kind == "code" else {})}
            for kind, text in cells
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    })  # fmt: skip
    return judge(parse_document(content.encode(), "r.ipynb", "notebook"), None)


def shown(total: str, width: int) -> tuple[tuple[str, str], tuple[str, str]]:
    table = f"| Setting | Value |\n|---|---|\n| Hidden size | {width} |\n| Parameters | {total} |"
    code = f"net = nn.Sequential(nn.Linear(784, {width}), nn.ReLU(), nn.Linear({width}, 10))"
    return ("markdown", table), ("code", code)


RIGHTLY = (*shown("~101K", 128), *shown("~51K", 64), *shown("~400K", 512))


def test_a_rounded_total_is_held_against_the_next_cell() -> None:
    found = notebook(*RIGHTLY, *shown("~600K", 256)).contradicted
    assert [(claim.found, claim.expected) for claim in found] == [("600K", "203,530")]


@pytest.mark.parametrize("total", ["~200K", "~203K", "~0.2M", "~220K", "~100K", "203,530"])
def test_a_rounded_total_that_is_about_right_or_anothers_is_not_accused(total: str) -> None:
    assert not notebook(*RIGHTLY, *shown(total, 256)).contradicted


def test_a_rounded_total_without_siblings_is_not_accused() -> None:
    assert not notebook(*shown("~600K", 256)).contradicted


def test_a_rounded_total_is_verified_anywhere() -> None:
    text = "MNIST, an MLP of 784-512-256-10. With its 536K parameters it is small."
    assert verified(text, Quantity.TOTAL_PARAMETERS) == ["536K"]


def test_layers_of_one_of_several_networks_are_not_counted() -> None:
    sentence = "Model 1 is below; model 2 has 3 convolutional layers and 2 dense layers."
    assert not contradicted(LIST.format(sentence=sentence, shape="14 x 14 x 16"))
