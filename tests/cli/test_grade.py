"""The command: options, what is written where, and what is said."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pikepdf
import pytest

from reportgen.grading.marks.marks import Marks
from tests import HERE
from tests.cli.marked import CODE, FILES, OTHER, grade, said, written
from tests.coded import ROLL

REPORT = (HERE / "cases" / f"{ROLL}.md").read_text(encoding="utf-8")
CANVAS = f"""Student,ID,SIS User ID,SIS Login ID,Section,Assignment 1 (4321)
    Points Possible,,,,,100.00
"Rao, Asha",11,s1,{ROLL.lower()}@uni.example,A,
"Ben {OTHER}",12,s2,ben,A,
"""
MOODLE = f"""Identifier,Full name,ID number,Status,Grade,Maximum Grade,Grade can be changed,Feedback comments
Participant 1,Asha Rao,{ROLL},Submitted,,100.00,Yes,
"""


def test_what_is_written_and_said(folder: Path, tmp_path: Path) -> None:
    (folder / "notes.xyz").write_text("x", encoding="utf-8")
    result = grade("class", "--out", "out")
    assert result.exit_code == 0
    assert written(tmp_path / "out") == {*FILES, f"feedback/{ROLL}.html", f"feedback/{OTHER}.html"}
    assert "2 submissions, 1 of which a person has something to decide about: out/class.html" in said(result)
    assert f"could not be read: {OTHER}" in said(result)
    assert "left over: notes.xyz: this kind of file is not read" in said(result)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out/gradebook.csv").read_text(encoding="utf-8-sig"))))
    assert [row["roll"] for row in rows] == [ROLL, OTHER]
    assert (rows[0]["exp1-network"], rows[1]["exp1-network"]) == ("15", "")
    assert "not valid Python" in rows[1]["problems"]


@pytest.mark.slow
def test_grades_as_json(folder: Path, tmp_path: Path) -> None:
    result = grade("class", "--out", "out", "--json")
    printed = [Marks.model_validate(one) for one in json.loads(result.stdout)]
    kept = json.loads((tmp_path / "out" / "grades.json").read_text(encoding="utf-8"))
    assert printed == [Marks.model_validate(one) for one in kept]
    assert [(one.roll, one.readable) for one in printed] == [(ROLL, True), (OTHER, False)]


@pytest.mark.slow
def test_quiet(folder: Path, tmp_path: Path) -> None:
    result = grade("class", "--out", "out", "--quiet")
    assert (result.exit_code, result.output) == (0, "")
    assert written(tmp_path / "out") >= FILES


@pytest.mark.slow
def test_the_output_stands_beside_by_default(folder: Path, tmp_path: Path) -> None:
    assert grade("class", "--quiet").exit_code == 0
    assert written(tmp_path / "grades") >= FILES
    assert written(folder) == {f"{ROLL}.py", f"{OTHER}.py"}


@pytest.mark.slow
def test_an_archive_is_read_as_the_folder_is(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile("class.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    assert grade("class.zip", "--out", "zipped", "--json").stdout == grade("class", "--out", "out", "--json").stdout
    assert written(tmp_path / "zipped") == written(tmp_path / "out")


@pytest.mark.slow
def test_a_second_run_writes_the_same(folder: Path, tmp_path: Path) -> None:
    grade("class", "--out", "out")
    first = {name: (tmp_path / "out" / name).read_bytes() for name in written(tmp_path / "out")}
    grade("class", "--out", "out")
    assert {name: (tmp_path / "out" / name).read_bytes() for name in written(tmp_path / "out")} == first


@pytest.mark.slow
def test_feedback_as_pdf(folder: Path, tmp_path: Path) -> None:
    assert grade("class", "--out", "out", "--pdf", "--quiet").exit_code == 0
    for roll in (ROLL, OTHER):
        with pikepdf.open(tmp_path / "out" / "feedback" / f"{roll}.pdf") as document:
            assert len(document.pages) >= 1


def test_the_sheets_of_canvas_and_moodle_are_filled(folder: Path, tmp_path: Path) -> None:
    Path("canvas.csv").write_text(CANVAS, encoding="utf-8")
    Path("moodle.csv").write_text(MOODLE, encoding="utf-8")
    template = grade("class", "--out", "out")
    rows = csv.DictReader(io.StringIO((tmp_path / "out/overrides-template.csv").read_text(encoding="utf-8")))
    decided = [f"{row['roll']},{row['criterion']},1," for row in rows if row["roll"] == ROLL]
    Path("decided.csv").write_text("\n".join(["roll,criterion,points,comment", *decided]), encoding="utf-8")
    sheets = ["--canvas", "canvas.csv", "--canvas-column", "Assignment 1 (4321)", "--moodle", "moodle.csv"]
    result = grade("class", "--out", "out", "--overrides", "decided.csv", *sheets)
    assert (template.exit_code, result.exit_code) == (0, 0)
    canvas = list(csv.DictReader(io.StringIO((tmp_path / "out/canvas.csv").read_text(encoding="utf-8-sig"))))
    assert [row["Assignment 1 (4321)"] for row in canvas] == ["100.00", "12", ""]
    moodle = list(csv.DictReader(io.StringIO((tmp_path / "out/moodle.csv").read_text(encoding="utf-8-sig"))))
    assert [row["Grade"] for row in moodle] == ["12"]
    assert "canvas.csv: 1 filled in; 1 left open, a person decides" in said(result)
    assert f"moodle.csv: 1 filled in; 0 left open, a person decides; not in the sheet: {OTHER}" in said(result)
    assert Path("canvas.csv").read_text(encoding="utf-8") == CANVAS


def test_gradescope(folder: Path, tmp_path: Path) -> None:
    (folder / f"{OTHER}.py").unlink()
    result = grade("class", "--gradescope", "results/results.json")
    assert (result.exit_code, result.output) == (0, "")
    document = json.loads((tmp_path / "results/results.json").read_text(encoding="utf-8"))
    assert any("network" in test["name"].lower() for test in document["tests"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["class", "results"]


def test_gradescope_without_a_submission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    result = grade("empty", "--gradescope", "results.json")
    assert result.exit_code == 2
    assert "empty holds no submission" in said(result)
    assert not Path("results.json").exists()


def test_no_submissions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    result = grade("empty")
    assert result.exit_code == 0
    assert "0 submissions" in said(result)


@pytest.mark.parametrize("out", ["class", "class/out", "class/../class/deep/out", "link"])
def test_an_output_among_the_submissions_is_refused(folder: Path, tmp_path: Path, out: str) -> None:
    (tmp_path / "link").symlink_to(folder)
    result = grade("class", "--out", out)
    assert result.exit_code == 2
    assert "whose files are the submissions: give a folder beside it" in said(result)
    assert written(folder) == {f"{ROLL}.py", f"{OTHER}.py"}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nowhere"], 3, "there is no nowhere. Give the folder or the zip archive of the submissions."),
        (["text.txt"], 3, "text.txt is neither a folder nor a zip archive"),
        (["class", "--assignment", "nothing"], 2, "nothing"),
        (["class", "--assignment", "bare.toml"], 2, "bare has no rubric: give it [[rubric]] entries"),
        (["class", "--canvas", "canvas.csv"], 2, "--canvas needs --canvas-column"),
        (["class", "--canvas", "none.csv", "--canvas-column", "A"], 3, "cannot read none.csv: No such file"),
        (["class", "--moodle", "none.csv"], 3, "cannot read none.csv: No such file"),
        (["class", "--overrides", "none.csv"], 3, "cannot read none.csv: No such file"),
        (["class", "--overrides", "wrong.csv"], 3, "wrong.csv: 3 mistakes in the decisions"),
        (["class", "--out", "text.txt"], 5, "cannot write into text.txt"),
    ],
)
def test_what_can_not_be_done(folder: Path, tmp_path: Path, arguments: list[str], code: int, message: str) -> None:
    Path("text.txt").write_text("no archive", encoding="utf-8")
    tiny = [line for line in TINY.splitlines() if "rubric" not in line]
    Path("bare.toml").write_text("\n".join(tiny), encoding="utf-8")
    wrong = f"roll,criterion,points,comment\n{ROLL},exp1-network,16,\nM23CSE999,exp1-network,1,\n{ROLL},none,x,\n"
    Path("wrong.csv").write_text(wrong.replace("none,x", "exp1-curves,x"), encoding="utf-8")
    result = grade(*arguments)
    assert (result.exit_code, message in said(result)) == (code, True), said(result)
    assert not (tmp_path / "grades" / "gradebook.csv").exists()


def test_all_mistakes_in_decisions_are_listed(folder: Path) -> None:
    wrong = f"roll,criterion,points,comment\n{ROLL},exp1-network,16,\nM23CSE999,exp1-network,1,\n{ROLL},none,x,\n"
    Path("wrong.csv").write_text(wrong, encoding="utf-8")
    result = grade("class", "--overrides", "wrong.csv")
    assert result.exit_code == 3
    for mistake in (
        "line 2: exp1-network gives 15 points at most, got 16",
        "line 3: no submission of 'M23CSE999'",
        "line 4: no criterion 'none' in the rubric",
        "line 4: points need a number such as 7, 7.5 or 7,5, or open to take a decision back; got 'x'",
    ):
        assert mistake in said(result)


def test_decisions_of_people_are_in_all_that_is_written(folder: Path, tmp_path: Path) -> None:
    Path("decided.toml").write_text(
        f'[[override]]\nroll = "{OTHER}"\ncriterion = "exp1-curves"\npoints = 7.5\ncomment = "seen <in> class"\n',
        encoding="utf-8",
    )
    for _ in range(2):
        assert grade("class", "--out", "out", "--overrides", "decided.toml", "--quiet").exit_code == 0
        assert "7.5" in (tmp_path / "out/gradebook.csv").read_text(encoding="utf-8-sig").splitlines()[2]
        assert "seen &lt;in&gt; class" in (tmp_path / f"out/feedback/{OTHER}.html").read_text(encoding="utf-8")


def test_no_run_takes_away_what_a_marker_decided(folder: Path, tmp_path: Path) -> None:
    template = tmp_path / "out/overrides-template.csv"
    assert grade("class", "--out", "out", "--quiet").exit_code == 0
    filled = template.read_text(encoding="utf-8").replace(f"{OTHER},exp1-curves,,", f"{OTHER},exp1-curves,7.5,seen")
    template.write_text(filled, encoding="utf-8")
    # the template that a run wrote, filled in where it stands: it was written anew, and blank
    for more in (["--overrides", "out/overrides-template.csv"], []):
        assert grade("class", "--out", "out", "--quiet", *more).exit_code == 0
        assert f"{OTHER},exp1-curves,7.5,seen" in template.read_text(encoding="utf-8")
        assert "7.5" in (tmp_path / "out/gradebook.csv").read_text(encoding="utf-8-sig").splitlines()[2]
    Path("back.csv").write_text(f"roll,criterion,points\n{OTHER},exp1-curves,open\n", encoding="utf-8")
    assert grade("class", "--out", "out", "--quiet", "--overrides", "back.csv").exit_code == 0
    assert f"{OTHER},exp1-curves,,\n" in template.read_text(encoding="utf-8")
    assert len((tmp_path / "out/decisions.jsonl").read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.slow
def test_the_real_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("class").mkdir()
    Path(f"class/{ROLL}.md").write_text(REPORT, encoding="utf-8")
    Path(f"class/{ROLL}.py").write_text(CODE, encoding="utf-8")
    (marks,) = (Marks.model_validate(one) for one in json.loads(grade("class", "--json").stdout))
    assert (marks.roll, marks.readable, marks.problems) == (ROLL, True, ())
    full = {one.id for one in marks.criteria if one.least == one.points}
    assert full == {"exp1-network", "exp1-training", "exp2-classes"}


TINY = """
id = "bare"
course = "My Course"
title = "Lab 1"
marks = 10
dataset = "mnist"
roll = { pattern = 'S[0-9]{4}', example = "S0042" }
batch = { digits = 2, rules = [{ divisor = 2, size = 64 }], otherwise = 32 }
rubric = [{ id = "all", part = "parity", points = 10, text = "Curves, confusion matrix and parameters." }]
[networks.small]
layers = [{ type = "Flatten" }, { type = "Linear", out_features = "classes" }, { type = "Softmax" }]
[[experiments]]
id = "parity"
title = "Even or Odd"
short_title = "Parity"
network = "small"
groups = [[0, 2, 4, 6, 8], [1, 3, 5, 7, 9]]
class_names = ["even", "odd"]
training = { epochs = 1 }
"""
