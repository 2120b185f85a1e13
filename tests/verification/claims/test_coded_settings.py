"""Settings of a report held against the code beside it."""

import pytest

from reportgen.verification.facts.code_reading import read_code
from reportgen.verification.ledger import Verdict, Witness
from tests.verification.beside import TRAINING, beside, by_code, code

PROGRAM = code(train_py=TRAINING)
SETUP = "# Training setup\n\n- Batch size: 64\n- Learning rate: 0.01\n- Momentum: 0.9\n- Weight decay: 5e-4\n"
SETUP += "- Dropout: 0.25\n- Random seed: 7\n- Epochs: 12\n"
TABLE = "| Hyperparameter | Value |\n|---|---|\n| Batch size | 64 |\n| Learning rate | 0.01 |\n| Epochs | 12 |\n"


@pytest.mark.parametrize(
    "text", [SETUP, TABLE, "We trained it for 12 epochs with a batch size of 64 (`momentum=0.9`)."]
)
def test_a_setting_that_the_code_has_is_verified(text: str) -> None:
    found = by_code(beside(text, PROGRAM))
    assert {claim.verdict for claim in found} == {Verdict.VERIFIED}
    assert len(found) >= 3


def test_a_fact_tells_file_and_line() -> None:
    (claim,) = by_code(beside("Epochs: 12", PROGRAM))
    assert claim.fact is not None
    assert claim.fact.where == "train.py:7"
    assert claim.how == "the code says EPOCHS = 12 (code: train.py:7)"


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        (SETUP.replace("Epochs: 12", "Epochs: 30"), "30", "12"),
        (SETUP.replace("size: 64", "size: 128"), "128", "64"),
        (SETUP.replace("rate: 0.01", "rate: 0.001"), "0.001", "0.01"),
        (SETUP.replace("0.25", "0.5"), "0.5", "0.25"),
        (SETUP.replace("seed: 7", "seed: 42"), "42", "7"),
        (TABLE.replace("| 12 |", "| 30 |"), "30", "12"),
        ("The network is trained for 30 epochs with batch size 64.", "30", "12"),
        ("We train with `BATCH_SIZE = 128`.", "128", "64"),
    ],
)
def test_one_that_the_code_has_nowhere_is_contradicted(text: str, found: str, expected: str) -> None:
    wrong = beside(text, PROGRAM).contradicted
    assert [(claim.found, claim.expected) for claim in wrong] == [(found, expected)]


@pytest.mark.parametrize(
    "sentence",
    [
        "At first we tried a batch size of 128.",
        "With a batch size of 128 it would be faster.",
        "The batch size must be 128.",
        "The authors of the paper use a batch size of 128.",
        "A batch size of 64 works better than a batch size of 128.",
        "The batch size is not 128.",
        "We compared batch sizes of 32, 64 and 128.",
        "After 30 epochs nothing changes.",
        "The first 3 epochs are the slowest.",
        "The best weights are those of epoch 11.",
        "Epoch 5: loss 0.31",
        "A batch size of at least 128 fills the card.",
        "Other groups trained for 30 epochs.",
        "It takes 3 more epochs to see that.",
        "The learning rate was searched between 0.0001 and 0.1.",
        "`python train.py --epochs 30`",
        "    python train.py --epochs 30 --batch_size 128",
        "Every 3 epochs the weights are stored.",
        "Dropout of more than 0.5 hurts.",
        "With a dropout of about 0.3 the two curves would meet.",
        "| Batch size | Accuracy |\n|---|---|\n| 32 | 97.1 |\n| 128 | 96.4 |",
        "| Model | Epochs | Accuracy |\n|---|---|---|\n| LeNet-5 | 30 | 98.1 |",
    ],
)
def test_what_is_said_of_something_else_is_not_held(sentence: str) -> None:
    assert not beside(f"{SETUP}\n\n{sentence}\n", PROGRAM).contradicted


@pytest.mark.parametrize(
    "more",
    [
        "def longer(model, loader):\n    for epoch in range(30):\n        step(model, loader)\n",
        "import sys\nEPOCHS = int(sys.argv[1])\n",
        "epochs = int(input())\n",
        "EPOCHS = len(schedule)\n",
        "import yaml\nconfig = yaml.safe_load(open('c.yaml'))\nepochs = config['epochs']\n",
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--epochs', type=int, default=12)\n",
        "class Broken(:\n",
    ],
)
def test_what_the_program_may_use_elsewhere_or_what_is_lost_refutes_nothing(more: str) -> None:
    text = SETUP.replace("Epochs: 12", "Epochs: 30")
    assert beside(text, PROGRAM).contradicted
    assert not beside(text, code(train_py=TRAINING, more_py=more)).contradicted


def test_two_values_in_the_document_refute_neither() -> None:
    assert not beside(f"{SETUP}\n\n# Second network\n\nEpochs: 30\n", PROGRAM).contradicted


CONFIGURATION = "training:\n  epochs: 12\n  n_runs: 4\n"


def test_a_configuration_is_held_against_the_key_that_the_document_names() -> None:
    program = code(train_py=TRAINING, config_yaml=CONFIGURATION)
    assert not beside("Number of runs: `training.n_runs` (default: 4)", program).contradicted
    (wrong,) = beside("Number of runs: `training.n_runs` (default: 3)", program).contradicted
    assert wrong.fact is not None
    assert (wrong.found, wrong.fact.value, wrong.fact.where) == ("3", "4", "config.yaml:3")
    assert Witness.NAME in wrong.witnesses


def test_the_record_of_an_earlier_run_verifies_nothing_and_excuses() -> None:
    record = {"results/run1/config.yaml": b"training:\n  epochs: 30\n"}
    files = {"train.py": TRAINING.encode(), **record}
    found = beside(SETUP.replace("Epochs: 12", "Epochs: 30"), read_code(files)).claims
    assert [claim.verdict for claim in found if claim.found == "30"] == [Verdict.UNVERIFIABLE]


def test_a_default_of_the_command_line_is_held_where_the_document_calls_it_so() -> None:
    flags = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--epochs', default=12)\n"
    program = code(main_py=flags)
    assert not beside("# Settings\n\nEpochs: 30", program).contradicted
    assert beside("# Settings\n\nEpochs (default: 30)", program).contradicted
    assert not beside("# Settings\n\nEpochs (default: 12)", program).contradicted
