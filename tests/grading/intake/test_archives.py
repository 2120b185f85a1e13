import io
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from reportgen.errors import UnreadableError
from reportgen.grading.intake import archives
from reportgen.grading.intake.archives import Entry, Leftover, walk


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


def packed(files: dict[str, bytes], *, level: int = zipfile.ZIP_STORED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", level) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def walked(root: Path) -> tuple[dict[str, bytes], dict[str, Leftover]]:
    found = list(walk(root))
    entries = {one.name: one.read() for one in found if isinstance(one, Entry)}
    return entries, {one.name: one for one in found if isinstance(one, Leftover)}


def test_files_of_a_folder_are_found_with_their_bytes(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "b/c/d.pdf")
    entries, leftovers = walked(tmp_path)
    assert entries == {"a.py": b"a.py", "b/c/d.pdf": b"b/c/d.pdf"}
    assert not leftovers


def test_an_entry_knows_its_name_without_folders(tmp_path: Path) -> None:
    assert Entry("b/c/d.pdf", tmp_path).base == "d.pdf"


def test_hidden_files_are_listed_and_are_no_problem(tmp_path: Path) -> None:
    write(tmp_path, ".DS_Store", "__MACOSX/._a.py", "~$report.docx", "Thumbs.db", ".git/config")
    entries, leftovers = walked(tmp_path)
    assert not entries
    assert set(leftovers) == {".DS_Store", "__MACOSX/", "~$report.docx", "Thumbs.db", ".git/"}
    assert not any(leftover.problem for leftover in leftovers.values())


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "outside/secret.py", "class/a.py")
    folder = tmp_path / "class"
    (folder / "file.py").symlink_to(tmp_path / "outside" / "secret.py")
    (folder / "folder").symlink_to(tmp_path / "outside", target_is_directory=True)
    (folder / "twice.py").symlink_to(folder / "a.py")
    (folder / "lost.py").symlink_to(folder / "nothing.py")
    (folder / "ring.py").symlink_to(folder / "ring.py")
    entries, leftovers = walked(folder)
    assert set(entries) == {"a.py"}
    assert leftovers["file.py"].problem
    assert leftovers["folder/"].problem
    assert "leads out" in leftovers["folder/"].reason
    assert not leftovers["twice.py"].problem
    assert "nowhere" in leftovers["lost.py"].reason
    assert "nowhere" in leftovers["ring.py"].reason


def test_names_with_line_breaks_and_things_that_are_no_files_are_problems(tmp_path: Path) -> None:
    write(tmp_path, "bad\nname.py")
    os.mkfifo(tmp_path / "pipe.py")
    entries, leftovers = walked(tmp_path)
    assert not entries
    assert leftovers["bad\nname.py"].problem
    assert "regular" in leftovers["pipe.py"].reason


def test_deep_folders_are_not_descended(tmp_path: Path) -> None:
    write(tmp_path, "/".join(["d"] * 33) + "/a.py", "/".join(["d"] * 29) + "/b.py")
    entries, leftovers = walked(tmp_path)
    assert len(entries) == 1
    assert all(leftover.problem for leftover in leftovers.values())
    assert len(leftovers) == 1


def test_a_folder_that_cannot_be_listed_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.py", "locked/b.py")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    entries, leftovers = walked(tmp_path)
    assert set(entries) == {"a.py"}
    assert [leftover.problem for leftover in leftovers.values()] == [True]
    assert "Permission denied" in next(iter(leftovers.values())).reason


def test_a_file_that_vanishes_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.py")
    monkeypatch.setattr(Path, "is_symlink", lambda self: False)
    lstat = Path.lstat

    def gone(self: Path) -> os.stat_result:
        if self.name == "a.py":
            raise FileNotFoundError(2, "No such file or directory")
        return lstat(self)

    monkeypatch.setattr(Path, "lstat", gone)
    entries, leftovers = walked(tmp_path)
    assert not entries
    assert leftovers["a.py"].problem


def test_an_archive_is_read_like_a_folder(tmp_path: Path) -> None:
    (tmp_path / "class.zip").write_bytes(packed({"a.py": b"1", "s/b.pdf": b"2", "s/": b"", "__MACOSX/._a.py": b""}))
    entries, leftovers = walked(tmp_path / "class.zip")
    assert entries == {"a.py": b"1", "s/b.pdf": b"2"}
    assert set(leftovers) == {"__MACOSX/._a.py"}


def test_archives_in_a_folder_and_in_an_archive_are_opened_once(tmp_path: Path) -> None:
    inner = packed({"c.py": b"3", "again.zip": packed({"d.py": b"4"})})
    write(tmp_path, "f/a.py")
    (tmp_path / "f" / "one.zip").write_bytes(inner)
    entries, leftovers = walked(tmp_path / "f")
    assert entries["one/c.py"] == b"3"
    assert entries["one/again/d.py"] == b"4"
    assert "archive" in leftovers["one.zip"].reason
    (tmp_path / "class.zip").write_bytes(packed({"s/one.zip": inner}))
    entries, leftovers = walked(tmp_path / "class.zip")
    assert entries["s/one/c.py"] == b"3"
    assert zipfile.is_zipfile(io.BytesIO(entries["s/one/again.zip"]))


def test_names_that_lead_out_of_an_archive_are_problems(tmp_path: Path) -> None:
    tricks = ("../evil.py", "/etc/evil.py", "a/../../b.py", "C:/evil.py", "x\ny.py", "/".join(["d"] * 40), " " * 60_000)
    (tmp_path / "class.zip").write_bytes(packed(dict.fromkeys((*tricks, "good.py"), b"x")))
    entries, leftovers = walked(tmp_path / "class.zip")
    assert set(entries) == {"good.py"}
    assert {name for name, leftover in leftovers.items() if leftover.problem} == set(tricks)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["class.zip"]


def test_backslashes_in_an_archive_are_a_problem(tmp_path: Path) -> None:
    content = packed({"a_.._b.py": b"x"}).replace(b"a_.._b.py", b"a\\..\\b.py")
    (tmp_path / "class.zip").write_bytes(content)
    entries, leftovers = walked(tmp_path / "class.zip")
    assert not entries
    assert [leftover.problem for leftover in leftovers.values()] == [True]


def test_links_bombs_and_encrypted_members_are_problems(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        link = zipfile.ZipInfo("link.py")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bomb.py", bytes(3 * 2**20))
        archive.writestr("locked.py", b"x")
    raw = bytearray(content.getvalue())
    at = raw.rindex(b"locked.py") - 46
    raw[at + 8 : at + 10] = struct.pack("<H", 1)
    (tmp_path / "class.zip").write_bytes(raw)
    entries, leftovers = walked(tmp_path / "class.zip")
    assert not entries
    assert "link" in leftovers["link.py"].reason
    assert "honest" in leftovers["bomb.py"].reason
    assert "encrypted" in leftovers["locked.py"].reason
    assert all(leftover.problem for leftover in leftovers.values())


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_second_file_of_one_name_is_a_problem(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.py", b"1")
        archive.writestr("a.py", b"2")
    (tmp_path / "class.zip").write_bytes(content.getvalue())
    found = list(walk(tmp_path / "class.zip"))
    assert [type(one) for one in found] == [Entry, Leftover]


@pytest.mark.parametrize(
    ("limit", "value", "word"),
    [
        ("MAX_TOTAL", 3, "unpacks"),
        ("MAX_BYTES", 3, "bytes"),
        ("MAX_FILES", 1, "more than"),
        ("MAX_DIRECTORY", 10, "contents"),
    ],
)
def test_limits_are_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, word: str) -> None:
    (tmp_path / "class.zip").write_bytes(packed({"a.py": b"12", "b.py": b"123456"}))
    monkeypatch.setattr(archives, limit, value)
    found = list(walk(tmp_path / "class.zip"))
    assert any(isinstance(one, Leftover) and one.problem and word in one.reason for one in found)


def test_a_large_file_of_a_folder_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "long-name.py")
    monkeypatch.setattr(archives, "MAX_BYTES", 3)
    entries, leftovers = walked(tmp_path)
    assert not entries
    assert leftovers["long-name.py"].problem


def test_what_is_no_archive_is_listed(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK\3\4 and nothing more")
    entries, leftovers = walked(tmp_path)
    assert not entries
    assert len(list(walk(tmp_path))) == 1
    assert leftovers["broken.zip"].problem


@pytest.mark.parametrize("name", ["nothing", "plain.txt"])
def test_a_root_that_is_no_folder_and_no_archive_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "plain.txt").write_text("text")
    with pytest.raises(UnreadableError, match=name):
        list(walk(tmp_path / name))


def test_reading_tells_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        Entry("a.py", tmp_path / "a.py").read()
    (tmp_path / "class.zip").write_bytes(packed({"a.py": b"123456"}))
    with pytest.raises(UnreadableError, match="cannot read"):
        Entry("b.py", tmp_path / "class.zip", ("b.py",)).read()
    damaged = packed({"a.py": b"123456"}).replace(b"123456", b"123457", 1)
    (tmp_path / "damaged.zip").write_bytes(damaged)
    with pytest.raises(UnreadableError, match="CRC"):
        Entry("a.py", tmp_path / "damaged.zip", ("a.py",)).read()
    monkeypatch.setattr(archives, "MAX_BYTES", 3)
    with pytest.raises(UnreadableError, match="more than 3 bytes"):
        Entry("a.py", tmp_path / "class.zip", ("a.py",)).read()
