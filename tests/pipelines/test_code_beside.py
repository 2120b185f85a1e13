"""The code beside a report: files, folders, notebooks and zips, read in the reading process."""

import json
import zipfile
from pathlib import Path

import pytest

from reportgen.errors import UnreadableError
from reportgen.pipelines.code_beside import code_beside
from reportgen.pipelines.verify import verify
from reportgen.verification.ledger import Source, Verdict
from tests.verification.beside import TRAINING

REPORT = "# Training setup\n\n- Batch size: 64\n- Learning rate: 0.01\n- Epochs: {epochs}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A report with right settings, and its program in a folder."""
    (tmp_path / "code" / "src").mkdir(parents=True)
    (tmp_path / "code" / "src" / "train.py").write_text(TRAINING)
    (tmp_path / "code" / "notes.txt").write_text("nothing")
    (tmp_path / "report.md").write_text(REPORT.format(epochs=12))
    (tmp_path / "wrong.md").write_text(REPORT.format(epochs=30))
    return tmp_path


def zipped(project: Path) -> Path:
    path = project / "code.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("train.py", TRAINING)
    return path


@pytest.mark.parametrize("kind", ["folder", "file", "zip"])
def test_a_report_is_held_against_its_code(project: Path, kind: str) -> None:
    path = {"folder": project / "code", "file": project / "code/src/train.py", "zip": zipped(project)}[kind]
    right = verify(project / "report.md", "none", code=[path])
    assert not right.contradicted
    assert len([claim for claim in right.verified if claim.fact and claim.fact.source is Source.CODE]) == 3
    (wrong,) = verify(project / "wrong.md", "none", code=[path]).contradicted
    assert wrong.fact is not None
    assert (wrong.found, wrong.fact.value, (wrong.fact.where or "").rpartition("/")[2]) == ("30", "12", "train.py:7")


def test_without_code_nothing_is_held_against_any(project: Path) -> None:
    assert not verify(project / "wrong.md", "none").contradicted


def test_a_notebook_is_held_against_its_own_cells(tmp_path: Path) -> None:
    def told(epochs: int) -> list[Verdict]:
        cells = [
            {"cell_type": "markdown", "metadata": {}, "source": REPORT.format(epochs=epochs)},
            {"cell_type": "code", "metadata": {}, "source": TRAINING, "outputs": []},
        ]
        path = tmp_path / "report.ipynb"
        path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}))
        return [claim.verdict for claim in verify(path, "none").claims if claim.found == str(epochs)]

    assert told(12) == [Verdict.VERIFIED]
    assert told(30) == [Verdict.CONTRADICTED]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing", "there is no such file"),
        ("report.md", "no code and no zip archive; .py"),
        ("empty", "no code in it; .py"),
    ],
)
def test_what_is_no_code_is_told(project: Path, name: str, said: str) -> None:
    (project / "empty").mkdir()
    with pytest.raises(UnreadableError, match=rf"--code .*{name}: {said}"):
        verify(project / "report.md", "none", code=[project / name])


@pytest.mark.slow
def test_what_can_not_be_parsed_is_a_problem_and_refutes_nothing(project: Path) -> None:
    (project / "code" / "broken.py").write_text("def f(:\n")
    ledger = verify(project / "wrong.md", "none", code=[project / "code"])
    assert not ledger.contradicted
    assert any("broken.py: not valid Python" in problem for problem in ledger.problems)


def test_more_files_than_are_read_refute_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reportgen.pipelines.code_beside.MAX_FILES", 0)
    (project / "code" / "other.py").write_text("x = 1\n")
    code = code_beside([project / "code"], "report.md", None)
    assert code is not None
    assert any("not read" in problem for problem in code.problems)
