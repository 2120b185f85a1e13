"""Marking a class: what is read, what is kept, what is marked again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reportgen.assignment.spec import Assignment
from reportgen.errors import OutputError, PdfError, UnreadableError
from reportgen.grading.marks.marks import Outcome, Override
from reportgen.grading.marks.policy import Overrides
from reportgen.grading.reading import read_submission, told_text
from reportgen.pipelines import grade as module
from reportgen.pipelines.grade import Graded, grade, print_pages
from reportgen.pipelines.submission_reader import unpacked
from reportgen.sandbox.process import Limits, ReadingProcess, UnansweredError
from tests.coded import ASSIGNMENT, ROLL, SECOND, SUBMISSION

CODE = SUBMISSION + SECOND
ROLLS = (ROLL, "M23CSE029", "M23CSE031")
MOMENT = datetime(2024, 1, 25, tzinfo=UTC)
Asked = list[dict[str, Any]]


def nobody(rolls: Sequence[str]) -> Overrides:
    """No decisions of people."""
    return {}


def silent(done: int, count: int, name: str) -> None:
    """Shows no progress."""


def run(folder: Path, cache: Path | None, assignment: Assignment = ASSIGNMENT, **more: Any) -> Graded:
    return grade(folder, assignment, cache, more.pop("overrides", nobody), more.pop("progress", silent), **more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Code of three students."""
    path = tmp_path / "class"
    path.mkdir()
    for roll in ROLLS:
        (path / f"{roll}.py").write_text(f"# {roll}\n{CODE}", encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for reportgen's own code, whose changes make readings stale."""
    path = tmp_path / "package" / "__init__.py"
    path.parent.mkdir()
    path.write_text("1\n", encoding="utf-8")
    monkeypatch.setattr(module, "code_digest", path.read_text)
    return path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What reading processes are asked from now on; this process answers in their place, as they would."""
    questions: Asked = []

    def answer(reader: ReadingProcess, message: dict[str, Any]) -> dict[str, Any]:
        questions.append(message)
        submission = unpacked({"id": "", "roll": None, "extra": [], "files": [message.get("text")], **message})
        if any("too long" in entry.read().decode() for entry in submission.files):
            raise UnansweredError("it took longer than 60 s")
        if "text" in message:
            return {"text": told_text(submission.files[0])}
        return {"dossier": read_submission(submission, ASSIGNMENT).dossier.model_dump(mode="json"), "crops": {}}

    monkeypatch.setattr(ReadingProcess, "ask", answer)
    return questions


def names(asked: Asked) -> list[str]:
    return sorted(message["id"] for message in asked if "files" in message)


def changed(**criteria: float) -> Assignment:
    """The assignment with other points."""
    rubric = tuple(
        one.model_copy(update={"points": criteria.get(one.id.replace("-", "_"), one.points)})
        for one in ASSIGNMENT.rubric
    )
    return ASSIGNMENT.model_copy(update={"rubric": rubric})


def test_each_submission_is_read_once_and_marked(folder: Path, tmp_path: Path, asked: Asked) -> None:
    told: list[tuple[int, int, str]] = []
    graded = run(folder, tmp_path / "kept", progress=lambda *what: told.append(what))
    assert names(asked) == list(ROLLS)
    assert told == [(1, 3, ROLLS[0]), (2, 3, ROLLS[1]), (3, 3, ROLLS[2])]
    assert [one.roll for one in graded.marks] == [one.roll for one in graded.dossiers] == list(ROLLS)
    assert all(one.readable and 0 < one.least <= one.most <= 100 for one in graded.marks)


def test_what_did_not_change_is_not_read_again(folder: Path, tmp_path: Path, asked: Asked) -> None:
    first = run(folder, tmp_path / "kept")
    asked.clear()
    assert run(folder, tmp_path / "kept") == first
    assert asked == []


@pytest.mark.parametrize("change", ["content", "name", "new file"])
def test_what_changed_is_read_again_and_nothing_else(folder: Path, tmp_path: Path, asked: Asked, change: str) -> None:
    run(folder, tmp_path / "kept")
    asked.clear()
    path = folder / f"{ROLL}.py"
    if change == "content":
        path.write_text(CODE.replace("BATCH = 20", "BATCH = 64"), encoding="utf-8")
    elif change == "name":
        path.rename(folder / f"{ROLL.lower()}.py")
    else:
        (folder / f"{ROLL}.zip").write_bytes(b"no zip archive")
    graded = run(folder, tmp_path / "kept")
    assert names(asked) == [ROLL]
    fresh = run(folder, None)
    assert (graded.marks, graded.dossiers) == (fresh.marks, fresh.dossiers)


def test_a_folder_that_was_moved_is_not_read_again(folder: Path, tmp_path: Path, asked: Asked) -> None:
    first = run(folder, tmp_path / "kept")
    asked.clear()
    shutil.copytree(folder, tmp_path / "copy")
    assert run(tmp_path / "copy", tmp_path / "kept").marks == first.marks
    assert asked == []


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"{}", b'{"crops": {}, "dossier": {}}', b"\xff", b"null"])
def test_a_damaged_reading_is_read_anew_and_mended(folder: Path, tmp_path: Path, asked: Asked, damage: bytes) -> None:
    cache = tmp_path / "kept"
    first = run(folder, cache)
    asked.clear()
    kept = sorted(cache.glob("*.json"))
    content = kept[0].read_bytes()
    kept[0].write_bytes(damage)
    assert run(folder, cache) == first
    assert len(names(asked)) == 1
    assert kept[0].read_bytes() == content


def test_a_folder_in_place_of_a_reading_is_an_error_of_the_output(folder: Path, tmp_path: Path, asked: Asked) -> None:
    cache = tmp_path / "kept"
    run(folder, cache)
    kept = min(cache.glob("*.json"))
    kept.unlink()
    kept.mkdir()
    with pytest.raises(OutputError, match="no regular file"):
        run(folder, cache)


def test_another_rubric_reads_nothing_again(folder: Path, tmp_path: Path, asked: Asked) -> None:
    first = run(folder, tmp_path / "kept")
    asked.clear()
    second = run(folder, tmp_path / "kept", changed(exp1_network=30, exp2_curves=0))
    assert asked == []
    assert second.dossiers == first.dossiers
    for before, after in zip(first.marks, second.marks, strict=True):
        assert (after.least, after.most) == (before.least + 15, before.most + 15 - 8)


def test_another_assignment_is_read_again(folder: Path, tmp_path: Path, asked: Asked) -> None:
    run(folder, tmp_path / "kept")
    asked.clear()
    run(folder, tmp_path / "kept", ASSIGNMENT.model_copy(update={"title": "Assignment 2"}))
    assert names(asked) == list(ROLLS)


def test_another_reportgen_reads_again(folder: Path, tmp_path: Path, asked: Asked, code: Path) -> None:
    run(folder, tmp_path / "kept")
    asked.clear()
    code.write_text("2\n", encoding="utf-8")
    run(folder, tmp_path / "kept")
    assert names(asked) == list(ROLLS)


def test_without_a_cache_nothing_is_kept(folder: Path, tmp_path: Path, asked: Asked) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert run(folder, None) == run(folder, None)
    assert len(names(asked)) == 6
    assert sorted(tmp_path.rglob("*")) == before


def test_decisions_of_people_outlast_new_runs_and_new_rubrics(folder: Path, tmp_path: Path, asked: Asked) -> None:
    told: list[Sequence[str]] = []

    def decide(rolls: Sequence[str]) -> Overrides:
        told.append(rolls)
        return {(ROLL, "exp1-curves"): Override(points=7, comment="seen in class")}

    for assignment in (ASSIGNMENT, ASSIGNMENT, changed(exp1_network=30)):
        graded = run(folder, tmp_path / "kept", assignment, overrides=decide)
        (own,) = (one for one in graded.marks[0].criteria if one.id == "exp1-curves")
        assert (own.least, own.most, own.outcome) == (7, 7, Outcome.PARTLY)
        assert own.override is not None
        assert own.override.comment == "seen in class"
        (other,) = (one for one in graded.marks[1].criteria if one.id == "exp1-curves")
        assert other.override is None
    assert told == [list(ROLLS)] * 3


def test_mistakes_in_decisions_stop_before_anything_is_read(folder: Path, tmp_path: Path, asked: Asked) -> None:
    def mistaken(rolls: Sequence[str]) -> Overrides:
        raise UnreadableError("two mistakes")

    with pytest.raises(UnreadableError, match="two mistakes"):
        run(folder, tmp_path / "kept", overrides=mistaken)
    assert asked == []


def test_names_that_do_not_tell_are_asked_for_in_the_files(folder: Path, asked: Asked) -> None:
    (folder / f"{ROLL}.py").rename(folder / "homework.py")
    assert [one.roll for one in run(folder, None).marks] == list(ROLLS)
    assert [message["text"][0] for message in asked if "text" in message] == ["homework.py"]


def test_a_file_that_gives_no_answer_tells_no_roll_number(folder: Path, asked: Asked) -> None:
    (folder / "homework.py").write_text("# M23CSE040, too long\n", encoding="utf-8")
    graded = run(folder, None)
    assert [(one.id, one.roll) for one in graded.marks] == [*((roll, roll) for roll in ROLLS), ("homework", None)]


def test_all_files_are_one_students_if_so_asked(folder: Path, asked: Asked) -> None:
    (folder / f"{ROLLS[1]}.py").unlink()
    (folder / f"{ROLLS[2]}.py").rename(folder / "more.py")
    (one,) = run(folder, None, one=True).marks
    assert one.roll == ROLL


def test_no_folder() -> None:
    with pytest.raises(UnreadableError, match="there is no nowhere"):
        run(Path("nowhere"), None)


def test_a_folder_that_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    graded = run(tmp_path / "empty", None)
    assert (graded.marks, graded.dossiers, graded.found.leftovers) == ((), (), ())


def test_a_submission_that_gives_no_answer_stops_no_other_and_has_no_marks(
    folder: Path, tmp_path: Path, asked: Asked
) -> None:
    (folder / "M23CSE030.md").write_text("this takes too long", encoding="utf-8")
    graded = run(folder, tmp_path / "kept")
    assert [(one.id, one.readable) for one in graded.marks] == [
        (ROLLS[0], True),
        (ROLLS[1], True),
        ("M23CSE030", False),
        (ROLLS[2], True),
    ]
    assert graded.marks[2].problems == ("it could not be read: it took longer than 60 s",)
    assert (graded.marks[2].criteria, graded.marks[2].least, graded.marks[2].most) == ((), 0, 0)
    asked.clear()
    run(folder, tmp_path / "kept")
    assert names(asked) == ["M23CSE030"], "it may be read another time"


def test_a_file_that_can_not_be_opened_is_a_problem_of_its_own(folder: Path, tmp_path: Path, asked: Asked) -> None:
    (folder / f"{ROLL}.py").unlink()
    (folder / f"{ROLL}.py").symlink_to(folder / "gone.py")
    graded = run(folder, tmp_path / "kept")
    assert [one.readable for one in graded.marks] == [False, True, True]
    assert graded.marks[0].problems == (f"{ROLL}.py: a link that leads nowhere",)


def test_a_cache_that_can_not_be_written_is_an_error(folder: Path, tmp_path: Path, asked: Asked) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot write into"):
        run(folder, tmp_path / "file" / "kept")


def test_a_killed_run_goes_on(folder: Path, tmp_path: Path, asked: Asked, code: Path) -> None:
    for number in range(100, 110):
        (folder / f"M23CSE{number}.py").write_text(f"# {number}\n{CODE}", encoding="utf-8")
    script = "import sys; from pathlib import Path; from reportgen.assignment.bundled import load_spec; "
    script += "from reportgen.pipelines import grade; grade.code_digest = Path(sys.argv.pop()).read_text; "
    script += "folder, cache = map(Path, sys.argv[1:]); "
    script += "grade.grade(folder, load_spec('csl7590-a1'), cache, lambda rolls: {}, lambda *told: None)"
    cache = tmp_path / "kept"
    process = subprocess.Popen([sys.executable, "-c", script, str(folder), str(cache), str(code)])
    while process.poll() is None and len(list(cache.glob("*.json"))) < 3:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it was done before it could be killed"
    kept = len(list(cache.glob("*.json")))
    graded = run(folder, cache)
    assert len(names(asked)) == 13 - kept < 11
    fresh = run(folder, None)
    assert (graded.marks, graded.dossiers) == (fresh.marks, fresh.dossiers)
    assert all(json.loads(path.read_bytes())["dossier"] for path in cache.glob("*.json"))


def interrupt(done: int, count: int, name: str) -> None:
    """Somebody presses Ctrl-C."""
    raise KeyboardInterrupt


@pytest.mark.slow
def test_no_process_is_left(folder: Path) -> None:
    started: list[int] = []
    start = ReadingProcess._start

    def listen(self: ReadingProcess) -> "subprocess.Popen[str]":
        process = start(self)
        started.append(process.pid)
        return process

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ReadingProcess, "_start", listen)
        run(folder, None)
        with pytest.raises(KeyboardInterrupt):
            run(folder, None, progress=interrupt)
    assert len(started) >= 2
    for pid in started:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


PAGE = "<!DOCTYPE html><html lang='en'><head><title>Marks</title></head><body><p>{}</p></body></html>"


@pytest.mark.slow
def test_pages_are_printed_each_under_its_name() -> None:
    printed = print_pages({"a": PAGE.format("one"), "b": PAGE.format("two")}, ASSIGNMENT, MOMENT)
    assert list(printed) == ["a", "b"]
    assert all(pdf.startswith(b"%PDF-") for pdf in printed.values())
    assert printed == print_pages({"a": PAGE.format("one"), "b": PAGE.format("two")}, ASSIGNMENT, MOMENT)
    assert print_pages({}, ASSIGNMENT, MOMENT) == {}


@pytest.mark.slow
def test_a_page_that_can_not_be_printed_is_named() -> None:
    pages = {"a": PAGE.format("one"), "b": PAGE.format("<img src='http://example.com/x.png' alt='x'>")}
    with pytest.raises(PdfError, match="cannot print the feedback of b: "):
        print_pages(pages, ASSIGNMENT, MOMENT)


def test_a_page_that_takes_too_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LIMITS", Limits(seconds=0.01, mebibytes=1536))
    with pytest.raises(PdfError, match=r"cannot print the feedback of a: it took longer than 0\.01 s"):
        print_pages({"a": PAGE.format("one")}, ASSIGNMENT, MOMENT)
