"""An installed wheel works away from the checkout: alone it reads and marks, with the extra it builds, too."""

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

from reportgen.errors import MissingExtraError
from reportgen.results import schema
from reportgen.training.experiment import Computed
from tests import HERE

pytestmark = pytest.mark.slow
ROOT = HERE.parent
ROLL = "M23CSE023"
# no checkout on the path, and none of what the tests run in
_ENVIRONMENT = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "VIRTUAL_ENV"}}

_MET = """
from importlib.metadata import requires, version
from packaging.requirements import Requirement

for wanted in map(Requirement, requires("reportgen")):
    if wanted.name != "reportgen" and any(
        wanted.marker is None or wanted.marker.evaluate({"extra": extra}) for extra in ("build", "pdf")
    ):
        assert version(wanted.name) in wanted.specifier, wanted
"""
"""Fails unless an environment has what the extra asks for. pip would also ask for CUDA, which a CPU build lacks."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)], folder)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def light(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what it asks for, no extra; from the package index."""
    folder = tmp_path_factory.mktemp("light")
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "pip"), "--disable-pip-version-check", "install", "--quiet"]
    run([*pip, "-c", str(ROOT / "constraints.txt"), str(wheel)], folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"the light environment: {size / 1e6:.0f} MB, pip and setuptools included")  # noqa: T201, for whoever watches its size
    return folder


@pytest.fixture(scope="module")
def whole(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and the libraries of its extra: those that run these tests, not gigabytes anew."""
    folder = tmp_path_factory.mktemp("whole")
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "pip"), "--disable-pip-version-check", "install", "--quiet", "--no-index"]
    run([*pip, "--no-deps", str(wheel)], folder)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n{sysconfig.get_paths()['platlib']}\n")
    run([str(folder / "bin" / "python"), "-c", _MET], folder)
    return folder


def run(command: Sequence[str], folder: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=folder, env=_ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == code, f"{command}: {done.stdout}{done.stderr}"
    return done


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder away from the checkout, with a report and a class."""
    prose = (HERE / "cases" / "prose.md").read_text(encoding="utf-8")
    (tmp_path / "submissions").mkdir()
    for name in ("prose.md", "submissions/M23CS099.md"):
        (tmp_path / name).write_text(prose, encoding="utf-8")
    return tmp_path


def test_a_light_environment_has_no_heavy_library(light: Path, work: Path) -> None:
    names = ("torch", "torchvision", "sklearn", "scipy", "matplotlib", "weasyprint", "numba", "black", "imagehash")
    code = f"import importlib.util as u, reportgen; print(reportgen.__file__, [n for n in {names} if u.find_spec(n)])"
    done = run([str(light / "bin" / "python"), "-c", code], work)
    assert done.stdout.startswith(str(light))
    assert done.stdout.endswith(" []\n")


@pytest.mark.parametrize(
    "command",
    [
        ["plan", "--roll", ROLL],
        ["params"],
        ["assignments"],
        ["verify", "prose.md"],
        ["grade", "submissions", "--quiet"],
    ],
)
def test_a_light_environment_reads_and_marks(command: list[str], light: Path, work: Path) -> None:
    done = run([str(light / "bin" / "reportgen"), *command], work)
    assert done.stderr == ""
    assert done.stdout or (work / "grades" / "class.html").is_file()


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
def test_a_light_environment_says_which_extra_is_missing(
    command: list[str], extra: str, light: Path, work: Path
) -> None:
    done = run([str(light / "bin" / "reportgen"), *command], work, MissingExtraError.exit_code)
    (line,) = done.stderr.splitlines()
    assert line.endswith(f"pip install 'reportgen[{extra}]'")
    assert sorted(path.name for path in work.iterdir()) == ["prose.md", "submissions"]


def test_the_extra_builds(whole: Path, work: Path) -> None:
    reportgen = str(whole / "bin" / "reportgen")
    run([reportgen, "build", "--roll", ROLL, "--dataset", "digits", "--epochs", "1", "--quiet"], work)
    run([reportgen, "verify", f"{ROLL}/{ROLL}.pdf", "--weights", ROLL], work)
    assert (work / ROLL / f"{ROLL}.pdf").stat().st_size > 50_000


def test_the_extra_renders_checks_and_prints(whole: Path, work: Path, computed: Computed) -> None:
    reportgen = str(whole / "bin" / "reportgen")
    (work / ROLL).mkdir()
    (work / ROLL / "results.json").write_bytes(schema.dump(computed.results))
    run([reportgen, "render", ROLL], work)
    assert (work / ROLL / f"{ROLL}.pdf").is_file()
    run([reportgen, "params", "--check"], work)
    run([reportgen, "grade", "submissions", "--pdf", "--quiet"], work)
    assert (work / "grades" / "feedback" / "M23CS099.pdf").is_file()
