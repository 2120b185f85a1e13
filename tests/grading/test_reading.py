"""One submission in, a dossier out."""

import io
import json
import random
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from reportgen.grading.dossiers import Dossier, FindingKind
from reportgen.grading.intake.archives import Entry, Leftover
from reportgen.grading.intake.submissions import Submission
from reportgen.grading.reading import read_submission, told_text
from tests import HERE
from tests.coded import ASSIGNMENT, ROLL, SECOND, SUBMISSION
from tests.printed import printed

CASE = (HERE / "cases" / f"{ROLL}.md").read_text(encoding="utf-8")
CODE = SUBMISSION + SECOND
SMALL = """<h1>Assignment 1</h1><p>Name: Asha Rao</p><p>Roll: M23CSE023</p>
<h2>Experiment 1</h2><p>Batch size: 20</p><p>(1*7*7*16)+16 = 801</p>
<h2>Experiment 2</h2><p>Batch size: 20</p>"""
Hand = Callable[..., Dossier]


@pytest.fixture(scope="module")
def pdf() -> bytes:
    """A small report, as a PDF."""
    return printed(SMALL)


@pytest.fixture
def hand_in(tmp_path: Path) -> Hand:
    """Reads files, by name, as a student's whole submission."""

    def read(*, roll: str | None = ROLL, extra: tuple[Leftover, ...] = (), **files: str | bytes) -> Dossier:
        entries = []
        for key, content in sorted(files.items()):
            name = key.replace("__", ".")
            path = tmp_path / name
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            entries.append(Entry(f"class/{name}", path, (), path.stat().st_size))
        return read_submission(Submission(roll or "someone", roll, tuple(entries), extra), ASSIGNMENT).dossier

    return read


def faults(dossier: Dossier, *but: str) -> set[str]:
    """The checks that are failed, those about the names and kinds of files left out."""
    return {one.check for one in dossier.findings if one.kind is FindingKind.FAULT} - {"files", *but}


def notebook(code: str = "", text: str = "") -> str:
    """A notebook of a cell of text and a cell of code."""
    cells: list[dict[str, object]] = [{"cell_type": "markdown", "metadata": {}, "source": text}]
    cells.append({"cell_type": "code", "metadata": {}, "execution_count": None, "source": code, "outputs": []})
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})


def test_a_pair_of_code_and_pdf(hand_in: Hand, pdf: bytes) -> None:
    dossier = hand_in(M23CSE023__py=CODE, M23CSE023__pdf=pdf)
    assert (dossier.id, dossier.roll, dossier.name, dossier.problems) == (ROLL, ROLL, "Asha Rao", ())
    assert [(file.name, file.kind) for file in dossier.files] == [
        ("class/M23CSE023.pdf", "pdf"),
        ("class/M23CSE023.py", "python"),
    ]
    assert [file.size for file in dossier.files] == [len(pdf), len(CODE)]
    assert dossier.ledger is not None
    wrong = [claim.found for claim in dossier.ledger.contradicted]
    assert wrong == ["801"]
    found = {(one.check, one.kind, one.file) for one in dossier.findings}
    assert ("layer-counts", FindingKind.FAULT, "M23CSE023.pdf") in found
    assert ("network", FindingKind.MET, "M23CSE023.py") in found


def test_a_pair_that_is_right_is_accused_of_nothing(hand_in: Hand, pdf: bytes) -> None:
    right = printed(SMALL.replace("801", "800"))
    left_out = {"total-parameters", "accuracy", "techniques", "assumptions", "references", "colab-link", "content"}
    assert faults(hand_in(M23CSE023__py=CODE, M23CSE023__pdf=right), *left_out) == set()


def test_a_markdown_report_is_held_against_the_code(hand_in: Hand) -> None:
    dossier = hand_in(M23CSE023__py=CODE, M23CSE023__md=CASE)
    (disagreement,) = (one for one in dossier.findings if one.check == "agreement")
    assert (disagreement.kind, disagreement.experiment) == (FindingKind.FAULT, "bonus")


def test_a_notebook_is_both_code_and_report(hand_in: Hand) -> None:
    dossier = hand_in(M23CSE023__ipynb=notebook(CODE, "# Experiment 1\n\nBatch size: 32\n\n# Experiment 2\n"))
    assert dossier.problems == ()
    assert {"batch-size", "agreement"} <= faults(dossier)
    met = {(one.check, one.experiment) for one in dossier.findings if one.kind is FindingKind.MET}
    assert {("network", "experiment-1"), ("network", "experiment-2")} <= met


def test_code_comes_from_a_program_before_a_notebook_and_the_report_from_a_pdf(hand_in: Hand, pdf: bytes) -> None:
    dossier = hand_in(M23CSE023__py=CODE, M23CSE023__pdf=pdf, other__ipynb=notebook("x = 1", "Batch size: 7"))
    assert {one.file for one in dossier.findings if one.check == "network"} == {"M23CSE023.py"}
    assert dossier.ledger is not None
    assert dossier.ledger.source == "M23CSE023.pdf"


def test_a_report_alone(hand_in: Hand, pdf: bytes) -> None:
    dossier = hand_in(M23CSE023__pdf=pdf)
    assert dossier.ledger is not None
    assert not {one.check for one in dossier.findings} & {"network", "agreement"}


def test_code_alone(hand_in: Hand) -> None:
    dossier = hand_in(M23CSE023__py=CODE)
    assert (dossier.ledger, dossier.name, dossier.pictures) == (None, "", ())
    assert faults(dossier) == set()
    assert "agreement" not in {one.check for one in dossier.findings}


def test_of_several_programs_the_one_with_most_networks_counts(hand_in: Hand) -> None:
    dossier = hand_in(helper__py="def add(a, b):\n    return a + b\n", main__py=CODE, old__py=SUBMISSION)
    assert {one.file for one in dossier.findings if one.check == "network"} == {"main.py"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("M23CSE023__py", "def broken(:\n"),
        ("M23CSE023__py", "x = " + "(" * 5_000),
        ("M23CSE023__py", "x = 1\0"),
        ("M23CSE023__pdf", b"%PDF-1.7 broken"),
        ("M23CSE023__pdf", b""),
        ("M23CSE023__ipynb", '{"cells": ['),
        ("M23CSE023__ipynb", "[" * 100_000),
        ("M23CSE023__md", b"\0\xff\xfe\x80"),
    ],
)
def test_what_is_broken_is_a_problem_and_no_fault(hand_in: Hand, name: str, content: str | bytes) -> None:
    dossier = hand_in(**{name: content})
    assert len(dossier.problems) >= 1
    assert all("M23CSE023" in problem for problem in dossier.problems)
    assert faults(dossier) == set()


def test_a_broken_file_does_not_keep_the_other_from_being_read(hand_in: Hand, pdf: bytes) -> None:
    code = hand_in(M23CSE023__py=CODE, M23CSE023__pdf=b"%PDF-1.7 broken")
    assert (code.ledger, len(code.problems)) == (None, 1)
    assert "network" in {one.check for one in code.findings}
    report = hand_in(M23CSE023__py="def broken(:\n", M23CSE023__pdf=pdf)
    assert (report.ledger is not None, len(report.problems)) == (True, 1)


def test_a_file_that_is_gone_is_a_problem(tmp_path: Path) -> None:
    entry = Entry("M23CSE023.py", tmp_path / "M23CSE023.py")
    dossier = read_submission(Submission(ROLL, ROLL, (entry,)), ASSIGNMENT).dossier
    assert dossier.problems == ("cannot read 'M23CSE023.py': No such file or directory.",)
    assert (dossier.files, faults(dossier)) == ((), set())


def test_what_was_not_read_is_told(hand_in: Hand) -> None:
    extra = (Leftover("M23CSE023.zip", "it is encrypted", problem=True),)
    assert hand_in(M23CSE023__py=CODE, extra=extra).problems == ("M23CSE023.zip: it is encrypted",)


def test_the_roll_number_comes_from_the_report_where_no_name_gives_it(hand_in: Hand, pdf: bytes) -> None:
    dossier = hand_in(roll=None, report__pdf=pdf)
    assert (dossier.id, dossier.roll) == ("someone", ROLL)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Name: Asha Rao", "Asha Rao"),
        ("**Name:** Asha  Rao", "Asha Rao"),
        ("Student's name - Asha Rao, Roll M23CSE023", "Asha Rao"),
        ("Student Name : José Núñez | M23CSE023", "José Núñez"),
        ("The file name: report", ""),
        ("Roll: M23CSE023", ""),
        ("Name: M23CSE023", ""),
    ],
)
def test_the_name_of_the_student(hand_in: Hand, text: str, name: str) -> None:
    assert hand_in(M23CSE023__md=f"# Assignment 1\n\n{text}\n\n## Experiment 1\n").name == name


def test_no_line_of_a_submission_runs(hand_in: Hand, tmp_path: Path) -> None:
    ran = str(tmp_path / "ran")
    hostile = f"__import__('os').system('touch {ran}1')\nopen({ran + '2'!r}, 'w').close()\n"
    hostile += f"exec('open({ran + '3'!r}, \"w\")')\nimport antigravity\n"
    hostile += (
        f"class T(type):\n    def __new__(*a):\n        open({ran + '4'!r}, 'w')\n\nclass C(metaclass=T):\n    pass\n"
    )
    cell = f"!touch {ran}5\n%run {ran}.py\n{hostile}"
    hand_in(M23CSE023__py=hostile + CODE, M23CSE023__md=f"<script>{hostile}</script>\n\n{CASE}")
    hand_in(M23CSE024__ipynb=notebook(cell, hostile))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("ran")] == []


def test_crops_of_pictures_in_question(tmp_path: Path) -> None:
    png = io.BytesIO()
    Image.frombytes("L", (20, 20), random.Random(0).randbytes(400)).resize((400, 400), 0).save(png, "png")
    figure = f"<p>Loss per epoch:</p><img src='data:image/png;base64,{b64encode(png.getvalue()).decode()}'>"
    text = f"<h2>Experiment 1</h2>{figure}<h2>Experiment 2</h2>{figure}"
    path = tmp_path / "M23CSE023.pdf"
    path.write_bytes(printed(text))
    reading = read_submission(Submission(ROLL, ROLL, (Entry(path.name, path),)), ASSIGNMENT)
    assert "repeated-figure" in faults(reading.dossier)
    assert [one.experiment for one in reading.dossier.pictures] == ["experiment-1", "experiment-2"]
    assert set(reading.crops) == {one.pixels for one in reading.dossier.pictures}
    assert all(crop.startswith(b"\x89PNG") for crop in reading.crops.values())


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.py", b"# M23CSE023\nx = 1", "M23CSE023"),
        ("a.md", b"# Report of M23CSE023", "M23CSE023"),
        ("a.ipynb", notebook("x = 1", "M23CSE023").encode(), "M23CSE023"),
        ("a.py", b"\xff\xfe M23CSE023", "M23CSE023"),
    ],
)
def test_what_a_file_tells(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert told in told_text(Entry(name, tmp_path / name))


@pytest.mark.parametrize(("name", "content"), [("a.pdf", b"%PDF-1.7 x"), ("a.ipynb", b"[" * 100_000), ("a.md", None)])
def test_what_can_not_be_read_tells_nothing(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert told_text(Entry(name, tmp_path / name)) == ""
