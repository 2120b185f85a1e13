import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.assignment.bundled import load_spec
from reportgen.assignment.spec import Assignment
from reportgen.errors import UnreadableError
from reportgen.grading.intake.archives import Entry
from reportgen.grading.intake.names import kind_of, submitted_name
from reportgen.grading.intake.submissions import MAX_SUBMITTED, Found, find_submission, find_submissions

CSL = load_spec("csl7590-a1")
NAMES = (
    *("M23CSE023.py", "m23cse023.py", "M23CSE023-1.py", "M23CSE023 (2).py", "M23CSE024.pdf", "code.py", "code (1).py"),
    *("rao_12345_67890_M23CSE023.py", "rao_12345_67891_M23CSE023-1.py", "notes.docx", ".hidden", "report.pdf"),
)


def silent(entry: Entry) -> str:
    return ""


def found(folder: Path, *names: str, text: Callable[[Entry], str] = silent, spec: Assignment = CSL) -> Found:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return find_submissions(folder, spec, text)


def groups(result: Found) -> dict[str, list[str]]:
    return {one.id: [entry.name for entry in one.files] for one in result.submissions}


def test_files_named_like_the_roll_number_make_pairs_whatever_the_case(tmp_path: Path) -> None:
    result = found(tmp_path, "M23CSE023.py", "m23cse023.pdf", "M23CSE024.PDF")
    assert groups(result) == {"M23CSE023": ["M23CSE023.py", "m23cse023.pdf"], "M23CSE024": ["M23CSE024.PDF"]}
    assert [one.roll for one in result.submissions] == ["M23CSE023", "M23CSE024"]


def test_a_folder_a_student_is_one_submission(tmp_path: Path) -> None:
    result = found(tmp_path, "x/M23CSE030/a.py", "x/M23CSE030/deep/r.pdf", "x/M23CSE031/r.pdf")
    assert groups(result) == {
        "M23CSE030": ["x/M23CSE030/a.py", "x/M23CSE030/deep/r.pdf"],
        "M23CSE031": ["x/M23CSE031/r.pdf"],
    }


def test_a_file_takes_the_roll_number_of_its_folder_mates(tmp_path: Path) -> None:
    result = found(tmp_path, "Asha Rao/code.py", "Asha Rao/M23CSE030.pdf", "Ben/code.py")
    assert groups(result) == {"M23CSE030": ["Asha Rao/M23CSE030.pdf", "Asha Rao/code.py"], "Ben": ["Ben/code.py"]}


def test_moodle_exports_a_folder_a_student(tmp_path: Path) -> None:
    folder = "Section A/Asha Rao_123_assignsubmission_file_"
    other = "Section A/Ben_124_assignsubmission_file_"
    result = found(tmp_path, f"{folder}/code.py", f"{folder}/report.pdf", f"{other}/code.py")
    assert groups(result) == {"Asha Rao": [f"{folder}/code.py", f"{folder}/report.pdf"], "Ben": [f"{other}/code.py"]}


def test_canvas_exports_prefixes_late_marks_and_second_tries(tmp_path: Path) -> None:
    first, second = "rao_LATE_12345_67890_M23CSE024.pdf", "rao_LATE_12345_67891_M23CSE024-1.pdf"
    result = found(tmp_path, first, second, "rao_LATE_12345_67890_code.py", "ben_12346_67892_code.py")
    assert groups(result) == {
        "M23CSE024": ["rao_LATE_12345_67890_code.py", second],
        "ben_12346": ["ben_12346_67892_code.py"],
    }
    assert [(leftover.name, leftover.problem) for leftover in result.leftovers] == [(first, False)]


def test_a_students_own_numbered_files_are_no_second_tries(tmp_path: Path) -> None:
    result = found(tmp_path, "M23CSE030/exp-1.py", "M23CSE030/exp-2.py", "M23CSE031-2.py", "M23CSE031.py")
    assert groups(result)["M23CSE030"] == ["M23CSE030/exp-1.py", "M23CSE030/exp-2.py"]
    assert groups(result)["M23CSE031"] == ["M23CSE031-2.py"]


def test_two_files_of_one_name_are_both_kept(tmp_path: Path) -> None:
    result = found(tmp_path, "M23CSE023.py", "m23cse023.py")
    assert len(groups(result)["M23CSE023"]) == 2
    assert not result.leftovers


def test_a_loose_file_does_not_join_what_an_account_handed_in(tmp_path: Path) -> None:
    result = found(tmp_path, "M23CSE023.py", "rao_12345_67890_M23CSE023.py")
    assert groups(result) == {"M23CSE023": ["rao_12345_67890_M23CSE023.py"]}
    assert [(one.name, one.problem) for one in result.leftovers] == [("M23CSE023.py", True)]


def test_a_file_with_anothers_roll_number_replaces_nothing(tmp_path: Path) -> None:
    theirs, foreign = "asha_1001_5001_M23CSE101.md", "eve_1002_5003_M23CSE101-1.md"
    result = found(tmp_path, theirs, foreign, "eve_1002_5004_M23CSE102.md")
    assert groups(result) == {"M23CSE101": [theirs], "M23CSE102": ["eve_1002_5004_M23CSE102.md"]}
    asha, eve = result.submissions
    assert "eve_1002 handed in a file with this roll number" in asha.extra[0].reason
    assert "which is asha_1001's: a person decides" in eve.extra[0].reason
    assert any(one.name == foreign and one.problem for one in result.leftovers)


@pytest.mark.parametrize("form", ["{}_{}_5001_{}.md", "{}_{}_assignsubmission_file_/{}.md"])
def test_a_roll_number_that_two_accounts_claim_is_nobodys(tmp_path: Path, form: str) -> None:
    result = found(tmp_path, form.format("asha", 1001, "M23CSE101"), form.format("eve", 1002, "M23CSE101"))
    assert [one.roll for one in result.submissions] == [None, None]
    assert all("M23CSE101 is claimed by" in one.extra[0].reason for one in result.submissions)


def test_only_so_many_files_of_one_student_are_read(tmp_path: Path) -> None:
    result = found(tmp_path, *(f"M23CSE101/part{number}.py" for number in range(MAX_SUBMITTED + 2)))
    assert len(result.submissions[0].files) == MAX_SUBMITTED
    assert [one.reason for one in result.submissions[0].extra] == [
        f"more than {MAX_SUBMITTED} files; this one is not read"
    ] * 2


def test_text_is_asked_only_where_names_do_not_tell(tmp_path: Path) -> None:
    asked: list[str] = []

    def text(entry: Entry) -> str:
        asked.append(entry.name)
        return "Roll No: m23cse099" if entry.name.endswith(".pdf") else ""

    result = found(tmp_path, "M23CSE023.py", "Asha/code.py", "Asha/report.pdf", text=text)
    assert groups(result)["M23CSE099"] == ["Asha/code.py", "Asha/report.pdf"]
    assert asked == ["Asha/report.pdf"]


def test_a_text_with_several_roll_numbers_tells_none(tmp_path: Path) -> None:
    result = found(tmp_path, "report.pdf", text=lambda entry: "M23CSE001 and M23CSE002")
    assert [one.roll for one in result.submissions] == [None]


def test_pairs_without_roll_numbers_are_told_apart_by_their_stem(tmp_path: Path) -> None:
    result = found(tmp_path, "flat/a.py", "flat/a.pdf", "flat/b.py", "flat/b.pdf", "a.py")
    assert groups(result) == {"a": ["flat/a.pdf", "flat/a.py"], "a (2)": ["a.py"], "b": ["flat/b.pdf", "flat/b.py"]}


def test_other_kinds_of_files_are_leftovers_and_stay_with_their_owner(tmp_path: Path) -> None:
    result = found(tmp_path, "M23CSE030/a.py", "M23CSE030/notes.docx", "alone.docx")
    assert [(one.name, one.problem) for one in result.leftovers] == [
        ("M23CSE030/notes.docx", True),
        ("alone.docx", True),
    ]
    assert [extra.name for extra in result.submissions[0].extra] == ["M23CSE030/notes.docx"]


def test_a_student_without_a_file_that_can_be_read_is_listed(tmp_path: Path) -> None:
    (tmp_path / "M23CSE031.zip").write_bytes(b"PK no archive")
    (tmp_path / "M23CSE032.py").symlink_to("/etc/passwd")
    result = found(tmp_path, "M23CSE030.docx", "M23CSE032.pdf", "alone.docx")
    assert groups(result) == {"M23CSE030": [], "M23CSE031": [], "M23CSE032": ["M23CSE032.pdf"]}
    reasons = {one.id: [extra.reason for extra in one.extra] for one in result.submissions}
    assert reasons["M23CSE030"] == ["this kind of file is not read"]
    assert "not a zip archive" in reasons["M23CSE031"][0]
    assert "leads out" in reasons["M23CSE032"][0]


def test_a_students_archive_is_opened_and_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "M23CSE040.zip", "w") as archive:
        archive.writestr("code.py", "x = 1")
    (submission,) = found(tmp_path).submissions
    assert (submission.roll, submission.files[0].read()) == ("M23CSE040", b"x = 1")
    assert [extra.name for extra in submission.extra] == ["M23CSE040.zip"]


def test_an_archive_of_the_class_gives_what_its_folder_gives(tmp_path: Path) -> None:
    names = ["top/M23CSE023.py", "top/M23CSE023.pdf", "top/M23CSE024.py"]
    folder = groups(found(tmp_path / "folder", *names))
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    assert groups(find_submissions(tmp_path / "class.zip", CSL, silent)) == folder
    assert len(folder) == 2


def test_a_roll_number_inside_a_longer_number_is_none(tmp_path: Path) -> None:
    result = found(tmp_path, "M23CSE0231.py", "XM23CSE023.pdf", "final_M23CSE024v2.py")
    assert [one.roll for one in result.submissions] == ["M23CSE024", None, None]


def test_all_files_can_be_taken_for_one_students(tmp_path: Path) -> None:
    found(tmp_path, "code.py", "report.pdf")
    (submission,) = find_submission(tmp_path, CSL, lambda entry: "M23CSE050").submissions
    assert (submission.id, len(submission.files)) == ("M23CSE050", 2)
    (submission,) = find_submission(tmp_path, CSL, silent).submissions
    assert (submission.id, submission.roll) == (tmp_path.name, None)
    found(tmp_path, "M23CSE001.py", "M23CSE002.py")
    (submission,) = find_submission(tmp_path, CSL, silent).submissions
    assert (submission.roll, len(submission.files)) == (None, 4)


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="there is no"):
        find_submissions(tmp_path / "nothing", CSL, silent)


def test_an_empty_folder_has_no_submissions(tmp_path: Path) -> None:
    assert find_submissions(tmp_path, CSL, silent) == Found((), ())
    assert find_submission(tmp_path, CSL, silent) == Found((), ())


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.py", "python"), ("A.PDF", "pdf"), ("x/n.ipynb", "notebook"), ("a.docx", "other"), ("README", "other")],
)
def test_the_kind_follows_from_the_ending(name: str, kind: str) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("rao_12345_67890_M23CSE024-1.pdf", "M23CSE024.pdf"),
        ("rao_late_12345_67890_report.pdf", "report.pdf"),
        ("d/M23CSE024 (2).py", "M23CSE024.py"),
        ("m23cse024-3.py", "m23cse024.py"),
        ("exp-1.py", "exp-1.py"),
    ],
)
def test_what_exports_add_to_names_is_taken_off(name: str, plain: str) -> None:
    assert submitted_name(name, CSL) == plain


@given(st.integers(0, 999), st.sampled_from(["{}.py", "x_12345_67890_{}.pdf", "{} (3).py", "{}-2.pdf"]), st.booleans())
def test_every_export_name_tells_its_roll_number(number: int, form: str, lower: bool) -> None:
    roll = f"M23CSE{number:03}"
    name = submitted_name(form.format(roll.lower() if lower else roll), CSL)
    assert name.rpartition(".")[0].upper() == roll


@given(
    st.lists(
        st.sampled_from([f"{folder}{name}" for folder in ("", "Asha/", "M23CSE030/") for name in NAMES]),
        unique=True,
    )
)
def test_no_file_is_ever_dropped(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = found(Path(folder), *names)
        kept = [entry.name for one in result.submissions for entry in one.files]
        assert sorted([*kept, *(leftover.name for leftover in result.leftovers)]) == sorted(names)
