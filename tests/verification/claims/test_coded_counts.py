"""Numbers of parameters held against the networks that the code builds."""

import json

import pytest

from reportgen.documents.reading import parse_document
from reportgen.verification.facts.code_reading import read_code
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Ledger, Quantity
from tests.verification.beside import TRAINING, beside, by_code, code

PROGRAM = code(train_py=TRAINING)


@pytest.mark.parametrize(
    "text",
    [
        "Total parameters: 54,170",
        "The model has 54,170 trainable parameters.",
        "| Property | Value |\n|---|---|\n| Parameters | 54.2k |",
        "Parameters: ~54K",
        "Parameters: about 50k",
        "Number of parameters: < 60k",
        "Total parameters: 54.1k",
    ],
)
def test_a_count_of_the_code_is_verified(text: str) -> None:
    (claim,) = by_code(beside(text, PROGRAM))
    assert (claim.verdict.value, claim.quantity) == ("verified", Quantity.TOTAL_PARAMETERS)


def test_the_count_of_a_layer_is_verified() -> None:
    (claim,) = by_code(beside("The output layer has 54,090 parameters.", PROGRAM))
    assert (claim.verdict.value, claim.quantity) == ("verified", Quantity.LAYER_PARAMETERS)


@pytest.mark.parametrize(
    "text",
    [
        "Total parameters: 61,706",
        "Parameter count: < 20k",
        "| Property | Value |\n|---|---|\n| Parameters | 1.2M |",
        "Total number of trainable parameters = 54,710",
        "Parameters: ~80k",
    ],
)
def test_another_total_than_that_of_the_only_network_is_contradicted(text: str) -> None:
    (wrong,) = beside(text, PROGRAM).contradicted
    assert wrong.expected == "54,170"
    assert wrong.fact is not None
    assert wrong.fact.where == "train.py:24"


@pytest.mark.parametrize(
    "text",
    [
        "LeNet-5 has 61,706 parameters.",
        "Parameters of AlexNet: 61M",
        "| Model | Parameters | Accuracy |\n|---|---|---|\n| LeNet-5 | 61,706 | 98.9 % |",
        "The total must not be above 20,000 parameters.",
        "For comparison: 61,706 parameters.",
        "Less than 20k parameters would be enough.",
        "A wider variant would have 108,330 parameters.",
        "Total parameters of the teacher: 435,550",
        "We removed 12,000 parameters.",
        "Parameters: 50k+",
        "Our old model had 80,000 parameters.",
    ],
)
def test_what_is_said_of_another_network_is_not_held(text: str) -> None:
    assert not beside(text, PROGRAM).contradicted


@pytest.mark.parametrize(
    "more",
    [
        "from train import Net\nbig = Net()\nbig.out = nn.Linear(5408, 100)\n",
        "import torch\nclass Other(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.a = torch.nn.Linear(784, 78)\nOther()\n",
        "class Broken(:\n",
    ],
)
def test_several_networks_or_lost_ones_refute_nothing(more: str) -> None:
    text = "Total parameters: 61,706"
    assert beside(text, PROGRAM).contradicted
    assert not beside(text, code(train_py=TRAINING, more_py=more)).contradicted


LARGE = "keras.Sequential([keras.layers.Input((784,)), keras.layers.Dense(128), keras.layers.Dense(10)])"
SMALL = "keras.Sequential([keras.layers.Input((784,)), keras.layers.Dense(32), keras.layers.Dense(10)])"


def notebook(*cells: tuple[str, str]) -> Ledger:
    entries = [
        {"cell_type": kind, "source": text, "metadata": {}, **({"outputs": []} if kind == "code" else {})}
        for kind, text in cells
    ]
    content = json.dumps({"cells": entries, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}).encode()
    own = read_code({"report.ipynb": content})
    return judge(parse_document(content, "report.ipynb", "notebook"), None, None, content, code=own)


def test_a_notebook_is_held_against_the_network_of_the_same_section() -> None:
    def told(first: str, second: str) -> list[tuple[str, str | None]]:
        ledger = notebook(
            ("code", "import keras"),
            ("markdown", f"## Model 1\n\n| Property | Value |\n|---|---|\n| Parameters | {first} |"),
            ("code", f"one = {LARGE}"),
            ("markdown", f"## Model 2\n\n| Property | Value |\n|---|---|\n| Parameters | {second} |"),
            ("code", f"two = {SMALL}"),
        )
        return [(claim.found, claim.expected) for claim in ledger.contradicted]

    assert told("101,770", "~25K") == []
    assert told("101,770", "~60K") == [("60K", "25,450")]
    assert told("55K", "25,450") == [("55K", "101,770")]
