"""Runs of grade that were killed or broken off."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reportgen.sandbox.process import ReadingProcess
from tests.pipelines.graded import CODE, Asked, names, run

pytestmark = pytest.mark.usefixtures("code")


@pytest.mark.slow
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
