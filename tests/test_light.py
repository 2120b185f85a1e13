"""What reads and marks, in an interpreter that finds none of the libraries of the extras."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reportgen.cli.extras import EXTRAS
from reportgen.errors import MissingExtraError
from reportgen.files import PACKAGE
from tests import HERE
from tests.own_reports.test_check import illustrated

# what the core dependencies bring themselves is there without an extra, too: jupyter_core brings platformdirs
GONE = sorted({module for modules in EXTRAS.values() for module in modules} - {"platformdirs"} | {"black", "imagehash"})
BLOCKER = f"""
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {set(GONE)!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
"""
ROLL = "M23CSE023"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with a report of ours, one of a stranger, and two submissions; and what hides the libraries."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "sitecustomize.py").write_text(BLOCKER)
    prose = (HERE / "cases" / "prose.md").read_text(encoding="utf-8")
    (tmp_path / "prose.md").write_text(prose, encoding="utf-8")
    (tmp_path / "submissions").mkdir()
    (tmp_path / "submissions" / "M23CS099.md").write_text(prose, encoding="utf-8")
    (tmp_path / "submissions" / "M23CS099.py").write_text("import torch\n\nbatch_size = 20\n")
    return tmp_path


def light(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command where the libraries can't be found; the processes that it starts can't find them either."""
    path = os.pathsep.join([str(folder / "hidden"), str(PACKAGE.parent)])
    return subprocess.run(
        [sys.executable, "-m", "reportgen", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_libraries_are_hidden(work: Path) -> None:
    """Else the tests below would prove nothing."""
    path = os.pathsep.join([str(work / "hidden"), str(PACKAGE.parent)])
    tries = [f"try:\n    import {module}\nexcept ModuleNotFoundError:\n    print({module!r})\n" for module in GONE]
    done = subprocess.run(
        [sys.executable, "-c", "".join(tries)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == GONE


@pytest.mark.slow
@pytest.mark.parametrize("command", [["plan", "--roll", ROLL], ["params"], ["assignments"], ["verify", "prose.md"]])
def test_a_light_command_works(command: list[str], work: Path) -> None:
    done = light(work, *command)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.slow
def test_a_class_is_marked(work: Path) -> None:
    done = light(work, "grade", "submissions", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    (marks,) = json.loads((work / "grades" / "grades.json").read_text(encoding="utf-8"))
    assert marks["readable"]
    assert not any("could not be read" in problem for problem in marks["problems"])


@pytest.mark.slow
def test_a_report_of_ours_is_worked_out_again_with_what_its_figures_print(work: Path) -> None:
    page = illustrated()
    altered, changed = re.subn(r"(<text[^>]*>)3,208( parameters</text>)", r"\g<1>3,209\2", page, count=1)
    assert changed == 1
    for name, content, code in ((f"{ROLL}.html", page, 0), (f"altered-{ROLL}.html", altered, 1)):
        (work / name).write_text(content, encoding="utf-8")
        done = light(work, "verify", name, "--json")
        assert (done.returncode, done.stderr) == (code, "")
        claims = json.loads(done.stdout)[0]["claims"]
        (printed,) = [claim for claim in claims if claim["rule"] == "own-text"]
        assert printed["verdict"] == ("contradicted" if code else "verified")


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["build", "--roll", ROLL], "build"),
        (["render", ROLL], "build"),
        (["params", "--check"], "build"),
        (["verify", "prose.md", "--weights", ROLL], "build"),
        (["grade", "submissions", "--pdf"], "pdf"),
    ],
)
def test_a_command_whose_extra_is_missing_says_which(command: list[str], extra: str, work: Path) -> None:
    before = sorted(work.rglob("*"))
    done = light(work, *command)
    assert done.returncode == MissingExtraError.exit_code
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.endswith(f"pip install 'reportgen[{extra}]'")
    assert sorted(work.rglob("*")) == before
