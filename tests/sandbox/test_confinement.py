"""What a reading process can't do: write, connect, start programs, see the environment."""

import platform
import sys
from pathlib import Path

import pytest

from reportgen.sandbox import confinement
from tests.sandbox.conftest import Start

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems close nothing off")
CLOSED_OFF = [
    "socket.socket()",
    "socket.socketpair()",
    "socket.create_connection(('127.0.0.1', 9))",
    "subprocess.run(['true'])",
    "os.fork()",
    "os.execv('/bin/true', ['true'])",
    "os.kill(os.getppid(), 0)",
    "open(FILE, 'w')",
    "open(FILE, 'a')",
    "open(FILE, 'r+')",
    "os.open(FILE, os.O_RDWR | os.O_CREAT)",
    "os.truncate(FILE, 0)",
    "os.unlink(FILE)",
    "os.rename(FILE, FILE + '2')",
    "os.replace(FILE, FILE + '2')",
    "os.link(FILE, FILE + '2')",
    "os.symlink(FILE, FILE + '2')",
    "os.mkdir(FILE + '2')",
    "os.mkfifo(FILE + '2')",
    "os.chmod(FILE, 0)",
    "os.utime(FILE, (0, 0))",
    "os.setxattr(FILE, 'user.a', b'')",
]


@needs_linux
@pytest.mark.parametrize("what", CLOSED_OFF)
def test_no_network_no_programs_and_no_writing(start: Start, tmp_path: Path, what: str) -> None:
    file = tmp_path / "kept"
    file.write_text("kept", encoding="utf-8")
    before = sorted(path.name for path in tmp_path.iterdir()), file.stat().st_mtime_ns
    answer = start().ask({"do": "try", "what": what.replace("FILE", repr(str(file)))})
    assert answer.get("refused") in {"PermissionError", "OSError"}, answer
    assert (sorted(path.name for path in tmp_path.iterdir()), file.stat().st_mtime_ns) == before
    assert file.read_text(encoding="utf-8") == "kept"


@needs_linux
def test_what_reading_needs_goes_on(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "kept"
    file.write_text("kept", encoding="utf-8")
    process = start()
    assert process.ask({"do": "try", "what": f"open({str(file)!r}).read()"}) == {"done": "'kept'"}
    thread = "[(t := threading.Thread(target=int)).start(), t.join(), t.is_alive()]"
    assert process.ask({"do": "try", "what": thread}) == {"done": "[None, None, False]"}
    assert "done" in process.ask(
        {"do": "try", "what": "__import__('numpy').ones((50, 50)) @ __import__('numpy').ones(50)"}
    )


@needs_linux
def test_every_bound_is_there_or_said(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    assert start().missing_bounds() == ()
    monkeypatch.setattr(platform, "machine", lambda: "vax")
    assert confinement._filter_calls() is False  # returns before anything is closed off


def test_the_environment_is_not_handed_on(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hush")
    names = start().ask({"do": "try", "what": "sorted(os.environ)"})["done"]
    assert "'SECRET_TOKEN'" not in names
    assert "'PATH'" not in names
