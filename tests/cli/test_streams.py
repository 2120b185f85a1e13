"""Standard streams that are closed, full, or without a reader."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reportgen.files import PACKAGE
from tests import HERE
from tests.cli import ROLL

PROSE = HERE / "cases" / "prose.md"


def shell(redirection: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose streams a shell redirects; pipefail, so that the code is not that of a reader."""
    return subprocess.run(
        ["bash", "-c", f'set -o pipefail; "$@" {redirection}', "bash", sys.executable, "-m", "reportgen", *words],
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


FULL = [
    "reportgen: error: cannot write to standard output: No space left on device. Free some space, or send it elsewhere."
]


@pytest.mark.parametrize("words", [["--help"], ["plan", "--roll", ROLL], ["assignments", "--json"]], ids=lambda w: w[0])
def test_a_full_standard_output_is_told(words: list[str]) -> None:
    done = shell("> /dev/full", *words)
    assert (done.returncode, done.stderr.splitlines()) == (5, FULL)


def test_where_both_are_full_the_exit_code_tells() -> None:
    assert shell("> /dev/full 2>&1", "params").returncode == 5


@pytest.mark.parametrize("words", [["--help"], ["plan", "--roll", ROLL]], ids=lambda w: w[0])
def test_a_reader_that_leaves_is_no_failure(words: list[str]) -> None:
    done = shell("| head -c 10", *words)
    assert (done.returncode, len(done.stdout), done.stderr) == (0, 10, "")


@pytest.mark.slow
def test_a_command_whose_reader_left_ends_with_its_own_exit_code(tmp_path: Path) -> None:
    wrong = tmp_path / f"{ROLL}.md"
    wrong.write_text("The network has a layer Dense 128 → 10 with 9,999 parameters.\n\n", encoding="utf-8")
    whole = shell("", "verify", str(wrong), "--strict")
    left = shell("| true", "verify", str(wrong), "--strict")
    assert (whole.returncode, left.returncode, left.stderr) == (1, 1, "")


@pytest.mark.slow
@pytest.mark.parametrize("redirection", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_output_is_like_none(redirection: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = shell(redirection, "verify", str(PROSE), "--html", str(page))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    content = page.read_text(encoding="utf-8")
    assert content.startswith("<!DOCTYPE html>")
    assert content.rstrip().endswith("</html>")


def test_what_goes_beside_the_output_does_not_go_into_it() -> None:
    done = shell("2>&-", "verify", str(PROSE), "/nowhere/report.md", "--json")
    assert done.returncode == 3
    assert "error" in json.loads(done.stdout)[1]


@pytest.mark.slow
def test_a_closed_standard_input_holds_nothing() -> None:
    done = shell("<&-", "verify", "-")
    assert "internal error" not in done.stderr
    assert done.returncode == shell("< /dev/null", "verify", "-").returncode


@pytest.mark.slow
def test_a_terminal_without_unicode_gets_escapes(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9.md")
    odd.write_text("no number\n", encoding="utf-8")
    for encoding in ("ascii", "utf-8"):
        done = shell("", "verify", str(odd), PYTHONIOENCODING=encoding)
        assert (done.returncode, done.stderr) == (0, "")
        assert "caf\\udce9.md" in done.stdout


@pytest.mark.slow
def test_a_build_whose_reader_leaves_is_finished(tmp_path: Path) -> None:
    words = ("build", "--roll", ROLL, "--dataset", "digits", "--epochs", "1", "--out", str(tmp_path))
    done = shell("| true", *words)
    assert (done.returncode, "internal error" in done.stderr) == (0, False)
    assert (tmp_path / f"{ROLL}.pdf").is_file()
    assert shell("> /dev/full", *words).returncode == 5
