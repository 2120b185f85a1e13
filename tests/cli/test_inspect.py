import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from reportgen.inspection.checks import RULES
from reportgen.inspection.report import Inspection, Uninspected
from tests.cli import run
from tests.inspection import keras, torch

GOOD = torch("nn.Linear(32, 10)", "nn.CrossEntropyLoss()")
BAD = torch("nn.Linear(32, 10), nn.Softmax(1)", "nn.CrossEntropyLoss()")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "bad.py").write_text(BAD)
    cells = [
        {"cell_type": "markdown", "source": ["# Lab"]},
        {"cell_type": "code", "source": ["import os\n", "x = 1"]},
        {"cell_type": "code", "source": keras("layers.Dense(1)", "'binary_crossentropy'").splitlines(keepends=True)},
    ]
    (tmp_path / "lab.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}))
    return tmp_path


def test_a_right_program_is_told_and_ends_well(folder: Path) -> None:
    done = run("inspect", "good.py")
    assert done.exit_code == 0, done.stderr
    for wanted in ("25,450 parameters", "32·784 + 32", "25,120 + 330", "Adam(lr=0.001), holds 25,450 parameters"):
        assert wanted in done.stdout
    assert "train" in done.stdout
    assert "1 network, 0 faults, 0 notes" in done.stdout


def test_a_fault_is_told_with_its_line_and_its_exit_code(folder: Path) -> None:
    done = run("inspect", "bad.py")
    assert done.exit_code == 1
    said = " ".join(done.stdout.split())
    assert "fault line 10: softmax stands before the cross-entropy loss" in said
    assert "ln(1+9/e) = 1.4612" in said


def test_the_answer_fits_its_model(folder: Path) -> None:
    (folder / "broken.py").write_text("x = (\n")
    done = run("inspect", ".", "--json")
    assert done.exit_code == 3
    told = json.loads(done.stdout)
    TypeAdapter(list[Inspection | Uninspected]).validate_json(done.stdout)
    assert {one["source"] for one in told} == {"bad.py", "broken.py", "good.py", "lab.ipynb"}
    notebook = next(one for one in told if one["source"] == "lab.ipynb")
    (remark,) = notebook["remarks"]
    assert (remark["spot"]["cell"], remark["text"]) == (3, "layers.Dense(1)")
    assert {remark["rule"] for one in told for remark in one.get("remarks", ())} <= set(RULES)


def test_sarif_names_file_and_line(folder: Path) -> None:
    assert run("inspect", "bad.py", "lab.ipynb", "--sarif", "out.sarif").exit_code == 1
    (one,) = json.loads((folder / "out.sarif").read_text())["runs"]
    first, second = one["results"]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "bad.py"},
        "region": {"startLine": 10},
    }
    assert "region" not in second["locations"][0]["physicalLocation"]
    assert second["locations"][0]["message"]["text"].startswith("lab.ipynb, cell 3")
    assert {rule["id"] for rule in one["tool"]["driver"]["rules"]} == {"softmax-before-loss", "loss-and-outputs"}


@pytest.mark.parametrize(("name", "code"), [("nowhere.py", 3), ("notes.txt", 3)])
def test_what_is_no_program_is_told(folder: Path, name: str, code: int) -> None:
    (folder / "notes.txt").write_text("x")
    done = run("inspect", name)
    assert done.exit_code == code
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_sarif_overwrites_no_program(folder: Path) -> None:
    assert run("inspect", "bad.py", "--sarif", "bad.py").exit_code == 2
    assert (folder / "bad.py").read_text() == BAD


@pytest.mark.slow
def test_of_many_programs_the_remarks_are_printed(folder: Path) -> None:
    for number in range(4):
        (folder / f"more{number}.py").write_text(GOOD)
    said = run("inspect", ".").stdout
    assert "bad.py" in said
    assert "more1.py" not in said
    assert "7 programs, 2 with a fault" in said
    assert "more1.py" in run("inspect", ".", "--all").stdout
