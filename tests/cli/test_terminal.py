"""Output that can't be written, and users without a home: in processes of their own, as shells start them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reportgen.files import PACKAGE

REPORT = "# Report of M23CSE023\n\nConv1: (1·7·7·16)+16 = 800 parameters.\n"


def shell(command: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a shell's line in a folder; ``reportgen`` in it is this one."""
    paths = os.pathsep.join([str(PACKAGE.parent), *filter(None, sys.path)])
    line = command.replace("reportgen", f"{sys.executable} -m reportgen")
    return subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", ["--help", "params", "plan --roll M23CSE023 --json", "verify r.md"])
def test_a_full_output_is_an_error_of_the_output(command: str, tmp_path: Path) -> None:
    (tmp_path / "r.md").write_text(REPORT, encoding="utf-8")
    done = shell(f"reportgen {command} > /dev/full", tmp_path)
    assert (done.returncode, done.stderr) == (
        5,
        "reportgen: error: cannot write to standard output: No space left on device\n",
    )


@pytest.mark.parametrize("line", ["reportgen params | head -1", "reportgen --help | head -1", "reportgen params >&-"])
def test_a_closed_output_is_quiet(line: str, tmp_path: Path) -> None:
    done = shell(line, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("home", ["/nonexistent", ""])
def test_without_a_home_or_a_cache_everything_is_read_and_counted(home: str, tmp_path: Path) -> None:
    (tmp_path / "r.md").write_text(REPORT, encoding="utf-8")
    for command in ("params", "verify r.md"):
        done = shell(f"reportgen {command}", tmp_path, HOME=home, XDG_CACHE_HOME="/nonexistent", TMPDIR="/nonexistent")
        assert (done.returncode, done.stderr) == (0, "")
