import json
from pathlib import Path

import pytest

from reportgen.assignment.bundled import load_spec
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.intake.archives import Entry, Leftover
from reportgen.grading.intake.files_check import check_files, is_notebook
from reportgen.grading.intake.submissions import Submission

CSL = load_spec("csl7590-a1")
ROLL = "M23CSE023"
NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def check(*names: str, roll: str | None = ROLL, extra: tuple[str, ...] = (), **contents: bytes) -> list[Finding]:
    files = tuple(Entry(name, Path(name)) for name in names)
    leftovers = tuple(Leftover(name, "not read") for name in extra)
    by_ending = {name: contents[name.rpartition(".")[2]] for name in names if name.rpartition(".")[2] in contents}
    return list(check_files(Submission(roll or "x", roll, files, leftovers), CSL, by_ending))


def faults(findings: list[Finding]) -> list[str]:
    return [finding.reason for finding in findings if finding.kind is FindingKind.FAULT]


def test_the_right_files_meet_the_rule() -> None:
    (finding,) = check(f"{ROLL}.py", f"{ROLL}.pdf", py=b"x = 1", pdf=b"%PDF-1.7")
    assert (finding.check, finding.kind) == ("files", FindingKind.MET)


@pytest.mark.parametrize("name", ["rao_12345_67890_M23CSE023-1.pdf", "M23CSE023 (1).pdf"])
def test_what_an_export_adds_to_a_name_is_no_fault(name: str) -> None:
    assert [finding.kind for finding in check(f"{ROLL}.py", name)] == [FindingKind.MET]


@pytest.mark.parametrize("name", ["m23cse023.pdf", "Asha Rao - M23CSE023.pdf"])
def test_other_letters_and_additions_are_notes(name: str) -> None:
    kinds = [finding.kind for finding in check(f"{ROLL}.py", name)]
    assert kinds == [FindingKind.NOTE, FindingKind.MET]


def test_a_wrong_name_is_a_fault_that_says_the_right_one() -> None:
    (finding,) = check(f"{ROLL}.py", "report.pdf")
    assert (finding.kind, finding.expected, finding.found) == (FindingKind.FAULT, "M23CSE023.pdf", "report.pdf")


def test_names_are_undecided_where_the_roll_number_is_not_known() -> None:
    assert {finding.kind for finding in check("a.py", "a.pdf", roll=None)} == {FindingKind.UNDECIDED}


def test_missing_and_repeated_files_are_faults() -> None:
    assert faults(check(f"{ROLL}.py")) == ["no file .pdf was handed in"]
    assert faults(check(f"{ROLL}.py", f"d/{ROLL}.py", f"{ROLL}.pdf")) == ["2 files .py were handed in"]


def test_a_file_that_can_not_be_read_was_handed_in_all_the_same() -> None:
    assert [one.kind for one in check(f"{ROLL}.py", extra=(f"{ROLL}.pdf",))] == [FindingKind.MET]
    assert faults(check(f"{ROLL}.py", f"{ROLL}.pdf", extra=(f"d/{ROLL}.pdf",))) == ["2 files .pdf were handed in"]


def test_notebooks_archives_and_other_files_are_faults() -> None:
    pair = (f"{ROLL}.py", f"{ROLL}.pdf")
    assert faults(check(*pair, f"{ROLL}.ipynb")) == ["a notebook was handed in"]
    assert faults(check(*pair, extra=(f"{ROLL}.zip",))) == ["a zip archive was handed in"]
    assert faults(check(*pair, "notes.md")) == ["a file .md was handed in"]
    assert faults(check(*pair, extra=("weights",))) == ["a file of another kind was handed in"]


def test_moodles_own_text_is_no_file_of_the_students() -> None:
    assert not faults(check(f"{ROLL}.py", f"{ROLL}.pdf", "x/onlinetext.html"))


def test_files_of_another_kind_than_their_name_says_are_faults() -> None:
    assert faults(check(f"{ROLL}.py", f"{ROLL}.pdf", py=NOTEBOOK)) == ["it is a notebook renamed to .py"]
    assert "not what its name says" in faults(check(f"{ROLL}.py", f"{ROLL}.pdf", pdf=b"PK\3\4..."))[0]


def test_an_assignment_without_a_rule_has_no_such_check() -> None:
    spec = load_spec("lenet5")
    assert check_files(Submission("x", None, (Entry("a.docx", Path("a.docx")),)), spec, {}) == ()


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (NOTEBOOK, True),
        (b"\xef\xbb\xbf\n " + NOTEBOOK, True),
        (b'{"cells": 3}', False),
        (b'{"cells": [', False),
        (b'{"cells"' + b"[" * 100_000, False),
        (b'x = {"cells": []}', False),
        (b'[{"cells": []}]', False),
        (b'{"cells": [{"cell_type": "code"}], "nbformat": 4, "x": "' + b"x" * 2**22 + b'"}', True),
        (b'{"cells": [' + b"0," * 2**22 + b"0]}", False),
        (b"", False),
        (b"\xff{", False),
    ],
)
def test_a_notebook_is_told_by_its_content(content: bytes, answer: bool) -> None:
    assert is_notebook(content) is answer
