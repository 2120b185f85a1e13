"""Marking a class: what is read, what is kept, what is marked again."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from reportgen.errors import OutputError, UnreadableError
from reportgen.grading.marks.marks import Outcome, Override
from reportgen.grading.marks.policy import Overrides
from tests.coded import ASSIGNMENT, ROLL
from tests.pipelines.graded import CODE, ROLLS, Asked, changed, names, run

pytestmark = pytest.mark.usefixtures("code")


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
