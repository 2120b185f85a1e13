"""Machines on which much can't be written: no home, no cache, a package that is only read, no temporary folder.

Mounts in a namespace of the test's own make folders read-only or tiny for whoever runs it, root included.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reportgen.files import PACKAGE
from tests import HERE
from tests.cli import ROLL
from tests.needed import needs_namespaces

NOWHERE = {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": "/proc/nowhere", "XDG_CONFIG_HOME": "/proc/nowhere"}
"""Folders that nobody can make, not even root."""
HERE_ONLY = f"mount --bind {PACKAGE} {PACKAGE} && mount -o remount,bind,ro {PACKAGE}"
TINY = "mount -t tmpfs -o size=4k tmpfs /dev/shm && head -c 4096 /dev/zero > /dev/shm/full"


def command(words: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "reportgen", *words]


def run(folder: Path, *words: str, mounts: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, after some mounts that nobody else sees."""
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh"]
    unset = {"HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "PYTHONDONTWRITEBYTECODE", "MPLCONFIGDIR"}
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    return subprocess.run(
        [*(inside if mounts else []), *command(words)],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(PACKAGE.parent), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with a report and a class."""
    prose = (HERE / "cases" / "prose.md").read_text(encoding="utf-8")
    (tmp_path / "submissions").mkdir()
    for name in ("prose.md", "submissions/M23CS099.md"):
        (tmp_path / name).write_text(prose, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [["params"], ["plan", "--roll", ROLL], ["verify", "prose.md"], ["grade", "submissions", "--quiet"]],
    ids=lambda words: words[0],
)
@needs_namespaces
@pytest.mark.slow
def test_where_little_can_be_written_everything_is_read_and_marked(words: list[str], work: Path) -> None:
    done = run(work, *words, mounts=f"{HERE_ONLY} && {TINY}", **NOWHERE, TMPDIR="/proc/nowhere")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_a_report_is_rendered_without_a_home(tmp_path: Path) -> None:
    (tmp_path / ROLL).mkdir()
    (tmp_path / ROLL / "results.json").write_bytes((HERE / "golden" / "results.json").read_bytes())
    done = run(tmp_path, "render", ROLL, **NOWHERE)
    assert (done.returncode, done.stderr) == (0, "")


@needs_namespaces
def test_no_place_for_temporary_files_is_told(work: Path) -> None:
    everything = " && ".join(
        f"mount --bind {place} {place} && mount -o remount,bind,ro {place}" for place in ("/tmp", "/var/tmp", work)
    )
    done = run(work, "verify", "prose.md", mounts=everything)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 5
    assert line.startswith("reportgen: error: cannot make a temporary folder: No usable temporary directory found")
    assert line.endswith("Set TMPDIR to a folder that can be written.")


@needs_namespaces
@pytest.mark.slow
def test_an_output_that_is_only_read_is_told(work: Path) -> None:
    (work / "out").mkdir()
    mounts = f"mount --bind {work}/out {work}/out && mount -o remount,bind,ro {work}/out"
    for words in (
        ["grade", "submissions", "--out", "out"],
        ["verify", "prose.md", "--html", "out/page.html"],
        ["build", "--roll", ROLL, "--dataset", "digits", "--out", "out"],
    ):
        done = run(work, *words, mounts=mounts)
        (line,) = done.stderr.splitlines()
        assert done.returncode == 5
        assert line.startswith("reportgen: error: cannot write into out")
        assert line.endswith(
            ": Read-only file system. Nothing there was changed. "
            "Free some space or choose another folder with --out DIR."
        )


@pytest.mark.slow
@pytest.mark.parametrize("shared", [TINY, "mount -t tmpfs -o ro tmpfs /dev/shm"], ids=["full", "read-only"])
@needs_namespaces
def test_a_report_is_built_where_little_can_be_written(shared: str, tmp_path: Path) -> None:
    words = ["build", "--roll", ROLL, "--dataset", "digits", "--epochs", "1", "--name", "A", "--colab", "https://a.b/c"]
    done = run(tmp_path, *words, mounts=f"{HERE_ONLY} && {shared}", **NOWHERE, SOURCE_DATE_EPOCH="1706140800")
    preview, *note = done.stderr.splitlines()
    assert (done.returncode, "preview, not MNIST" in preview) == (0, True)
    assert len(note) <= 1  # none where there is one core
    assert all("so trainings follow one another" in line for line in note)
    assert (tmp_path / ROLL / f"{ROLL}.pdf").is_file()


@pytest.mark.slow  # the self-test of the engine compiles
@needs_namespaces
def test_doctor_says_what_can_not_be_written(work: Path) -> None:
    mounts = f"{HERE_ONLY} && mount --bind {work} {work} && mount -o remount,bind,ro {work}"
    done = run(work, "doctor", "--json", mounts=f"{mounts} && cd {work}", **NOWHERE)
    faults = {finding["name"]: finding["text"] for finding in json.loads(done.stdout) if not finding["ok"]}
    assert (done.returncode, done.stderr) == (1, "")
    assert faults["Disk"].endswith("can't be written; name another folder with --out")
    assert faults.keys() == {"Disk"}
