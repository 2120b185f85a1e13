"""Files are written whole or not at all."""

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reportgen import files
from reportgen.errors import BusyError, OutputError
from reportgen.files import digest, hold, prepare_folder, write_file, write_files

FULL = Path("/dev/full")
OLD = {"a.txt": b"old a", "sub/b.txt": b"old b", "z.json": b"old z"}
NEW = {"a.txt": b"new a", "sub/b.txt": b"new b", "c.txt": b"new c", "z.json": b"new z"}


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under ``folder``, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def fail_at(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, call: int, error: BaseException) -> None:
    """Let the ``call``-th call of ``owner.name`` fail."""
    original = getattr(owner, name)
    calls = iter(range(1, 100))

    def failing(*args: object, **kwargs: object) -> object:
        if next(calls) == call:
            raise error
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, failing)


def test_digest_is_sha256() -> None:
    assert digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_all_files_are_written_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    assert write_files(folder, NEW) == [folder / name for name in NEW]
    assert tree(folder) == NEW


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    for name in ("../b.txt", "figures/../../b.txt", str(tmp_path / "b.txt")):
        with pytest.raises(OutputError, match="outside"):
            write_files(tmp_path / "folder", {"a.txt": b"a", name: b"b"})
    assert tree(tmp_path) == {}


def test_files_of_the_folder_that_are_not_written_stay(tmp_path: Path) -> None:
    write_files(tmp_path, OLD)
    write_files(tmp_path, {"a.txt": b"new a"})
    assert tree(tmp_path) == {**OLD, "a.txt": b"new a"}


@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_a_disk_that_fills_up_leaves_the_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    write_files(tmp_path, OLD)
    fail_at(monkeypatch, os, "fsync", call, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    with pytest.raises(OutputError, match=r"No space left on device.*Nothing there was changed.*--out DIR"):
        write_files(tmp_path, NEW)
    assert tree(tmp_path) == OLD


@pytest.mark.skipif(not FULL.exists(), reason="the system has no /dev/full")
def test_a_device_without_space_is_an_output_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, OLD)
    write = files._write_through
    monkeypatch.setattr(files, "_write_through", lambda path, content: write(FULL, content))
    with pytest.raises(OutputError, match="No space left on device"):
        write_files(tmp_path, NEW)
    assert tree(tmp_path) == OLD


@pytest.mark.parametrize("call", [1, 2, 3, 4])
@pytest.mark.parametrize("error", [OSError(errno.EIO, "Input/output error"), KeyboardInterrupt()])
def test_a_rename_that_fails_or_is_interrupted_puts_the_old_files_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int, error: BaseException
) -> None:
    write_files(tmp_path, OLD)
    fail_at(monkeypatch, Path, "replace", call, error)
    with pytest.raises(OutputError if isinstance(error, OSError) else KeyboardInterrupt):
        write_files(tmp_path, NEW)
    assert tree(tmp_path) == OLD


def test_a_folder_in_the_place_of_a_file_leaves_the_old_files(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.txt": b"old a", "z.json/inside": b"kept"})
    with pytest.raises(OutputError, match="no regular file"):
        write_files(tmp_path, NEW)
    assert tree(tmp_path) == {"a.txt": b"old a", "z.json/inside": b"kept"}


def test_a_folder_that_is_a_file_is_an_output_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(OutputError, match=f"cannot write into {tmp_path / 'file'}"):
        prepare_folder(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "kept"


def test_a_folder_that_can_not_be_made_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="Not a directory"):
        write_files(tmp_path / "file" / "below", NEW)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_an_output_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        prepare_folder(tmp_path)


def test_permission_denied_by_the_system_is_an_output_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, OLD)
    denied = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    fail_at(monkeypatch, tempfile, "mkdtemp", 1, denied)
    with pytest.raises(OutputError, match="Permission denied"):
        write_files(tmp_path, NEW)
    assert tree(tmp_path) == OLD


def test_preparing_a_folder_leaves_nothing_in_it(tmp_path: Path) -> None:
    prepare_folder(tmp_path / "made")
    assert list((tmp_path / "made").iterdir()) == []


_names = st.text("abc", min_size=1, max_size=2)
_contents = st.dictionaries(_names, st.binary(max_size=5), max_size=4)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=_contents, new=_contents, data=st.data())
def test_whatever_write_fails_the_folder_holds_the_old_set_or_the_new_one(
    tmp_path_factory: pytest.TempPathFactory, old: dict[str, bytes], new: dict[str, bytes], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("out")
    write_files(folder, old)
    where, name = data.draw(st.sampled_from([(os, "fsync"), (Path, "replace")]))
    with pytest.MonkeyPatch.context() as patch:
        fail_at(patch, where, name, data.draw(st.integers(1, 5)), OSError(errno.EIO, "Input/output error"))
        try:
            write_files(folder, new)
        except OutputError:
            assert tree(folder) == old
        else:
            assert tree(folder) == {**old, **new}


def test_one_file_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write_file(tmp_path / "a", b"old")
    write_file(tmp_path / "a", b"new")
    assert tree(tmp_path) == {"a": b"new"}


@pytest.mark.parametrize(("owner", "name"), [(os, "fsync"), (Path, "replace")])
def test_a_file_that_can_not_be_written_stays_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    write_file(tmp_path / "a", b"old")
    fail_at(monkeypatch, owner, name, 1, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    with pytest.raises(OutputError, match="No space left on device"):
        write_file(tmp_path / "a", b"new")
    assert tree(tmp_path) == {"a": b"old"}


def test_a_system_that_can_not_sync_folders_still_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_at(monkeypatch, os, "open", 1, PermissionError(errno.EACCES, "no"))
    write_file(tmp_path / "a", b"new")
    assert tree(tmp_path) == {"a": b"new"}


HOLD = "import sys, time; from pathlib import Path; from reportgen.files import hold\n"
HOLD += "with hold(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"


def test_a_folder_is_held_by_one_process_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(BusyError, match=rf"another reportgen works in {tmp_path}\..*--out DIR"), hold(tmp_path):
            pytest.fail("two hold it")
        holder.kill()
        holder.wait()
        with hold(tmp_path):
            assert (tmp_path / ".reportgen" / "lock").exists()


def test_a_folder_is_let_go_of_after_an_error(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), hold(tmp_path):
            raise ZeroDivisionError


def test_what_a_killed_process_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".reportgen-writing-abc" / "weights").mkdir(parents=True)
    (tmp_path / "report.pdf").touch()
    with hold(tmp_path):
        assert sorted(path.name for path in tmp_path.iterdir()) == [".reportgen", "report.pdf"]


def test_a_folder_that_can_not_be_held_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / ".reportgen" / "lock").mkdir(parents=True)
    with pytest.raises(OutputError, match="cannot write into"), hold(tmp_path):
        pytest.fail("a folder is no lock")
