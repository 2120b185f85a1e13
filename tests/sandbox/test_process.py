"""Reading processes: what they answer, how they are bounded, and what becomes of those that fail."""

import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.errors import ReportgenError, UnreadableError, UsageError
from reportgen.files import PACKAGE
from reportgen.sandbox.process import Limits, ReadingProcess, UnansweredError, _early, start_early
from tests.sandbox.conftest import MODULE, Start


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


@pytest.mark.slow
def test_a_busy_machine_is_no_fault_of_a_document(start: Start) -> None:
    """What waits uses no processor time: it is answered long after the bound, by the clock."""
    process = start(seconds=0.5)
    assert process.ask({"do": "try", "what": "time.sleep(1.5)"}) == {"done": "None"}
    with pytest.raises(UnansweredError, match=r"^no answer came within 3 s by the clock$"):
        process.ask({"do": "sleep"})


@pytest.mark.slow
def test_each_question_has_the_whole_time(start: Start) -> None:
    process = start(seconds=1)
    spend = "[None for _ in iter(lambda: time.process_time() < float(%f), False)]"
    first = process.ask({"do": "try", "what": "time.process_time()"})["done"]
    for part in (0.7, 1.4, 2.1):
        assert "done" in process.ask({"do": "try", "what": spend % (float(first) + part)})
    assert process.ask({})["count"] == 5


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
