"""Reading processes: what they answer, how they are bounded, and what becomes of those that fail."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.errors import ReportgenError, UnreadableError, UsageError
from reportgen.files import PACKAGE
from reportgen.sandbox import confinement
from reportgen.sandbox.process import Limits, ReadingProcess, UnansweredError, _early, start_early

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems close nothing off; `doctor` says so")
MODULE = """
import ctypes, os, pathlib, socket, subprocess, sys, threading, time
from reportgen.errors import UsageError
from reportgen.sandbox.serve import serve

count = 0


def deep(level):
    return deep(level + 1)


def answer(request, said):
    global count
    count += 1
    match request.get("do"):
        case "refuse":
            raise UsageError("not like this")
        case "fail":
            raise ZeroDivisionError
        case "die":
            os._exit(1)
        case "die when used":
            if count > 1:
                os._exit(1)
        case "half":
            os.write(3, b'{"half": ')
            os._exit(0)
        case "burn":
            while True:
                pass
        case "burn when used":
            while count > 1:
                pass
        case "try":
            try:
                return {"done": repr(eval(request["what"]))}
            except OSError as error:
                return {"refused": type(error).__name__}
        case "sleep":
            time.sleep(60)
        case "nest":
            deep(0)
        case "fill":
            bytes(2**31)
        case "chatter":
            print("to be or not")
            sys.stdout.flush()
            os.write(1, b"not to be")
            os.write(2, b"is no question")
    return {"echo": request, "count": count, "pid": os.getpid(), "setup": said}


serve(dict, answer)
"""
Start = Callable[..., ReadingProcess]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Makes reading processes of the module above; ends them."""
    (tmp_path / "answering.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made: list[ReadingProcess] = []

    def make(seconds: float = 20, mebibytes: int = 512, module: str = "answering") -> ReadingProcess:
        made.append(ReadingProcess(module, lambda: {"setup": "ready"}, Limits(seconds, mebibytes)))
        return made[-1]

    yield make
    for process in made:
        process.close()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_starts_at_the_first_question_and_answers_until_it_is_closed(start: Start) -> None:
    process = start()
    first, second = process.ask({"a": 1}), process.ask({"b": [None, "ü\n"]})
    assert (first["echo"], first["count"], first["setup"]) == ({"a": 1}, 1, {"setup": "ready"})
    assert (second["echo"], second["count"], second["pid"]) == ({"b": [None, "ü\n"]}, 2, first["pid"])
    process.close()
    assert not alive(first["pid"])
    process.close()


def test_it_can_be_launched_before_its_setup_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "answering.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    known: dict[str, Any] = {}
    process = ReadingProcess("answering", lambda: known, Limits())
    process.launch()
    process.launch()
    known["setup"] = "late"
    first = process.ask({})
    assert (first["setup"], first["count"]) == ({"setup": "late"}, 1)
    assert process.ask({})["pid"] == first["pid"]
    process.close()
    process.launch()
    process.close()
    assert not alive(first["pid"])


def test_one_that_was_started_early_is_the_first_of_its_kind(start: Start) -> None:
    start_early("answering", Limits(1, 512))
    other = start(mebibytes=600).ask({})
    first, second = start(), start()
    early = first.ask({})
    assert (early["count"], early["setup"]) == (1, {"setup": "ready"})
    assert len({other["pid"], early["pid"], second.ask({})["pid"]}) == 3
    assert _early == {}


def test_one_that_was_started_early_and_not_asked_ends_with_the_program(tmp_path: Path) -> None:
    (tmp_path / "answering.py").write_text(MODULE, encoding="utf-8")
    code = "from reportgen.sandbox import process as p; p.start_early('answering', p.Limits()); "
    code += "print(*[one.pid for one in p._early.values()])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(PACKAGE.parent)))}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert not alive(int(ran.stdout))
    assert ran.stderr == ""


def test_a_closed_one_starts_again(start: Start) -> None:
    process = start()
    first = process.ask({})
    process.close()
    again = process.ask({})
    assert (again["count"], again["setup"]) == (1, {"setup": "ready"})
    assert again["pid"] != first["pid"]


def test_what_reportgen_raises_there_is_an_answer(start: Start) -> None:
    process = start()
    assert process.ask({"do": "refuse"}) == {"error": "not like this", "code": UsageError.exit_code}
    nested = process.ask({"do": "nest"})
    assert nested == {"error": "it is nested too deeply", "code": UnreadableError.exit_code}
    assert process.ask({})["count"] == 3


def test_what_is_printed_there_is_no_answer(start: Start, capfd: pytest.CaptureFixture[str]) -> None:
    process = start()
    assert process.ask({"do": "chatter"})["count"] == 1
    assert process.ask({})["count"] == 2
    assert capfd.readouterr() == ("", "")


def test_time_is_bounded(start: Start) -> None:
    process = start(seconds=0.5)
    with pytest.raises(UnansweredError, match=r"^it took longer than 0\.5 s$"):
        process.ask({"do": "burn"})
    assert process.ask({})["count"] == 1


def test_a_busy_machine_is_no_fault_of_a_document(start: Start) -> None:
    """What waits uses no processor time: it is answered long after the bound, by the clock."""
    process = start(seconds=0.5)
    assert process.ask({"do": "try", "what": "time.sleep(1.5)"}) == {"done": "None"}
    with pytest.raises(UnansweredError, match=r"^no answer came within 3 s by the clock$"):
        process.ask({"do": "sleep"})


def test_each_question_has_the_whole_time(start: Start) -> None:
    process = start(seconds=1)
    spend = "[None for _ in iter(lambda: time.process_time() < float(%f), False)]"
    first = process.ask({"do": "try", "what": "time.process_time()"})["done"]
    for part in (0.7, 1.4, 2.1):
        assert "done" in process.ask({"do": "try", "what": spend % (float(first) + part)})
    assert process.ask({})["count"] == 5


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
    monkeypatch.setattr(confinement.platform, "machine", lambda: "vax")
    assert confinement._filter_calls() is False  # returns before anything is closed off


def test_the_environment_is_not_handed_on(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hush")
    names = start().ask({"do": "try", "what": "sorted(os.environ)"})["done"]
    assert "'SECRET_TOKEN'" not in names
    assert "'PATH'" not in names


def test_memory_is_bounded(start: Start) -> None:
    process = start(mebibytes=256)
    with pytest.raises(UnansweredError, match=r"^it needs more than 256 MiB of memory$"):
        process.ask({"do": "fill"})
    assert process.ask({})["count"] == 1


@pytest.mark.parametrize("do", ["die", "half"])
def test_one_that_ends_without_an_answer(start: Start, do: str) -> None:
    process = start()
    with pytest.raises(UnansweredError, match="the reading process ended"):
        process.ask({"do": do})
    assert process.ask({})["count"] == 1


def test_a_bug_is_said_to_be_one(start: Start) -> None:
    answer = start().ask({"do": "fail"})
    assert answer["code"] == 70
    assert answer["error"].startswith("a bug of reportgen, ")


@pytest.mark.slow
@pytest.mark.parametrize("do", ["die when used", "burn when used"])
def test_what_earlier_questions_left_behind_is_not_held_against_a_later_one(start: Start, do: str) -> None:
    process = start(seconds=1.5)
    first = process.ask({})
    second = process.ask({"do": do})
    assert (second["echo"], second["count"]) == ({"do": do}, 1)
    assert not alive(first["pid"])


@pytest.mark.slow
def test_a_question_that_fails_again_in_a_new_process_is_not_asked_a_third_time(start: Start) -> None:
    process = start(seconds=1)
    process.ask({})
    with pytest.raises(UnansweredError, match="longer"):
        process.ask({"do": "burn"})


@pytest.mark.parametrize("module", ["no_such_module", "json"])
def test_one_that_does_not_start(start: Start, module: str) -> None:
    process = start(module=module)
    with pytest.raises(ReportgenError, match="did not start") as caught:
        process.ask({})
    assert caught.value.exit_code == 70


def test_nothing_is_imported_from_the_folder_that_it_runs_in(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "submissions"
    folder.mkdir()
    for name in ("json", "pydantic", "pathlib", "sitecustomize", "usercustomize"):
        text = f"open({str(tmp_path / 'ran')!r}, 'w').close()\nraise SystemExit\n"
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", ".", str(tmp_path), "../submissions"]))
    assert start().ask({})["count"] == 1
    assert not (tmp_path / "ran").exists()


def test_one_process_for_each_of_its_kind(start: Start) -> None:
    assert start().ask({})["pid"] != start().ask({})["pid"]


def test_one_whose_parent_is_killed_ends_by_itself(tmp_path: Path) -> None:
    (tmp_path / "answering.py").write_text(MODULE, encoding="utf-8")
    code = "import os; from reportgen.sandbox.process import *; "
    code += "print(ReadingProcess('answering', lambda: {'setup': 1}, Limits()).ask({})['pid'], flush=True); "
    code += "os.kill(os.getpid(), 9)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(PACKAGE.parent)))}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True, text=True)
    assert ran.returncode == -9
    for _ in range(200):
        if not running(int(ran.stdout)):
            return
        time.sleep(0.1)
    pytest.fail("the reading process goes on without its parent")


def running(pid: int) -> bool:
    """It is there, and no mere record of an ended one that nobody has asked for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def test_whatever_json_can_say_comes_back(start: Start) -> None:
    with closing(start()) as process:

        @settings(max_examples=100, deadline=None)
        @given(JSON)
        def ask(value: object) -> None:
            assert process.ask({"value": value})["echo"] == {"value": value}

        ask()
        odd = {"name": "\udcff\u2028\0", "long": "x" * 3_000_000}
        assert process.ask(odd)["echo"] == odd
