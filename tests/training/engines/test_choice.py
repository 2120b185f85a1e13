"""Which engine is taken: the fast one only where it proves itself, and a build does without it elsewhere."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from reportgen.errors import PdfError, UsageError
from reportgen.training.engines import fast, self_test
from reportgen.training.engines.choice import choose_engine
from reportgen.training.engines.cuda_graph import CudaGraph
from reportgen.training.engines.fast import Fast, UnfitError
from reportgen.training.engines.plain import PLAIN
from tests import HERE

WITHOUT_NUMBA = """
import sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"numba", "llvmlite"}:
            raise ModuleNotFoundError(f"No module named {name!r}")

sys.meta_path.insert(0, Finder())
"""
CLI = "from reportgen.cli import main; main()\n"
NO_ROOM = """
import tempfile
from reportgen.pipelines import build
from reportgen.training.engines.choice import choose_engine

def full(*_, **__):
    raise OSError(28, "No space left on device")

mkdtemp, tempfile.mkdtemp = tempfile.mkdtemp, full
chosen = choose_engine("auto", "cpu")
tempfile.mkdtemp = mkdtemp
build.choose_engine = lambda *_: chosen
"""
"""While the engine is chosen no folder can be made; what else a build makes there is no matter of the engine."""
PATH = os.pathsep.join([str(HERE.parent), *filter(None, sys.path)])


def run(
    code: str, *arguments: str, before: Callable[[], None] | None = None, python: str = sys.executable, **settings: str
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": PATH, "SOURCE_DATE_EPOCH": "1706140800", **settings}
    return subprocess.run(
        [python, "-c", code, *arguments],
        env=environment,
        preexec_fn=before,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for machine code."""
    from reportgen.training.engines.vectorized import machine_code

    monkeypatch.setattr(machine_code, "folder", lambda: tmp_path)
    return tmp_path


def test_on_a_gpu_its_engine_trains_unless_the_plain_one_is_asked_for() -> None:
    assert choose_engine("auto", "cuda") == (CudaGraph(), "")
    assert choose_engine("plain", "cuda") == (PLAIN, "")
    with pytest.raises(UsageError, match=r"--engine fast trains on a CPU: give --device cpu too"):
        choose_engine("fast", "cuda")


def test_the_plain_engine_is_taken_without_a_look_at_the_fast_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "prove", pytest.fail)
    assert choose_engine("plain", "cpu") == (PLAIN, "")


def test_where_the_fast_one_is_unfit_auto_takes_the_plain_one_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def prove() -> Fast:
        raise UnfitError("the moon is full")

    monkeypatch.setattr(fast, "prove", prove)
    assert choose_engine("auto", "cpu") == (PLAIN, "the moon is full")
    with pytest.raises(UsageError, match=r"--engine fast can't work here: the moon is full. Leave --engine out"):
        choose_engine("fast", "cpu")


def test_a_self_test_that_passed_is_not_run_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(fast, "_test", asked.append)
    assert [choose_engine("auto", "cpu"), choose_engine("fast", "cpu")] == [(Fast(folder), "")] * 2
    assert asked == [folder]


def test_a_self_test_that_failed_is_run_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def fail(place: Path) -> None:
        asked.append(place)
        raise UnfitError("no")

    monkeypatch.setattr(fast, "_test", fail)
    assert [choose_engine("auto", "cpu")[1] for _ in range(2)] == ["no", "no"]
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "self-test was ended by SIGILL"),
        ("raise OSError(28, 'No space left on device')", r"fails its self-test \(OSError: .*No space left on device\)"),
        ("raise SystemExit('differs from autograd: logits')", r"fails its self-test \(differs from autograd: logits\)"),
        ("import time; time.sleep(60)", r"self-test can't be run \(TimeoutExpired: .*timed out after"),
    ],
)
def test_a_self_test_that_goes_wrong_is_one_line(
    body: str, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder / "reportgen" / "training" / "engines"
    place.mkdir(parents=True)
    for parent in (place, *place.parents[:2]):
        (parent / "__init__.py").touch()
    (place / "self_test.py").write_text(f"def run(folder):\n    {body}\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(fast, "_PATIENCE", 2 if "sleep" in body else 100)
    engine, reason = choose_engine("auto", "cpu")
    assert engine == PLAIN
    assert re.search(said, reason)
    assert "\n" not in reason


def test_the_self_test_finds_no_difference_and_sees_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from reportgen.training.engines.vectorized import loops, machine_code

    assert self_test.compare(machine_code.folder()) == []
    with monkeypatch.context() as patch:
        right = loops.average
        patch.setattr(loops, "average", lambda *given: (right(*given), given[2].__imul__(1.001)))
        found = self_test.compare(machine_code.folder())
        assert {"logits", "gradient of 0.weight", "predicted logits"} <= set(found)
    patched = loops.unrectify
    monkeypatch.setattr(loops, "unrectify", lambda *given: (patched(*given), given[2].__imul__(1.01)))
    found = self_test.compare(machine_code.folder())
    assert "gradient of 0.weight" in found
    assert "logits" not in found
    with pytest.raises(SystemExit, match="differs from autograd: gradient of"):
        self_test.run(str(machine_code.folder()))


def test_the_self_test_has_every_stage() -> None:
    from reportgen.training.engines.vectorized import fused, image_stages, stages

    torch.manual_seed(0)
    model, shapes, given = self_test.build()[:-1], [], torch.randn(self_test._IMAGES)
    for layer in model:
        given = layer(given)
        shapes.append(tuple(given.shape[1:]))
    built = {type(unit) for unit in fused.quicken(model, shapes).units}
    assert built >= {
        kind
        for kind in vars(image_stages).values()
        if isinstance(kind, type) and issubclass(kind, stages.Unit) and kind is not stages.Unit
    }


@pytest.mark.slow
def test_without_numba_the_counts_are_checked_and_the_plain_engine_trains(tmp_path: Path) -> None:
    checked = run(WITHOUT_NUMBA + CLI, "params", "--check", "--experiment", "experiment-1")
    assert checked.returncode == 0, checked.stderr
    assert "11,070" in checked.stdout
    code = (
        WITHOUT_NUMBA
        + "from reportgen.training.engines.choice import choose_engine\nprint(choose_engine('auto', 'cpu'))"
    )
    chosen = run(code)
    assert re.search(
        r"fast engine can't be loaded \(ModuleNotFoundError: No module named '(numba|llvmlite)", chosen.stdout
    )
    assert "Plain(" in chosen.stdout
    refused = run(
        WITHOUT_NUMBA + CLI,
        "build",
        "--roll",
        "M23CSE023",
        "--dataset",
        "digits",
        "--out",
        str(tmp_path),
        REPORTGEN_ENGINE="fast",
    )
    assert refused.returncode == 2
    assert "--engine fast can't work here" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.slow
def test_the_plain_engine_and_the_loop_load_no_numba() -> None:
    code = """
import sys
from reportgen.training import experiment
from reportgen.training.engines.choice import choose_engine
choose_engine("plain", "cpu")
assert not {"numba", "llvmlite"} & set(sys.modules)
"""
    done = run(code)
    assert done.returncode == 0, done.stderr


def nobody() -> None:
    """Become a user who owns nothing."""
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def python_of_nobody() -> str:
    """An interpreter that such a user may run, of this one's version: it loads this one's packages."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, shutil.which(name, path="/usr/bin:/usr/local/bin")):
        with contextlib.suppress(OSError):
            if python and run("import torch", before=nobody, python=python).returncode == 0:
                return python
    pytest.skip(f"no {name} that another user may run, with these packages")


@pytest.mark.slow
@pytest.mark.parametrize("blocked", ["cache", "cache and temporary folder"])
def test_a_user_without_a_home_builds(blocked: str) -> None:
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root can become another user")
    python = python_of_nobody()
    with tempfile.TemporaryDirectory(dir="/tmp") as scratch:
        Path(scratch).chmod(0o777)
        settings = {"HOME": "/nonexistent", "XDG_CACHE_HOME": "", "NUMBA_CACHE_DIR": "", "MPLCONFIGDIR": scratch}
        command = ("build", "--roll", "M23CSE023", "--dataset", "digits", "--epochs", "1", "--out", f"{scratch}/out")
        code = CLI if blocked == "cache" else NO_ROOM + CLI
        done = run(code, *command, before=nobody, python=python, **settings)
        assert done.returncode in {0, PdfError.exit_code}, done.stderr
        results = json.loads(Path(scratch, "out", "results.json").read_text(encoding="utf-8"))
        if blocked == "cache":
            assert results["environment"]["engine"] == "fast"
            assert "takes longer" not in done.stderr
        else:
            assert results["environment"]["engine"] == "plain"
            assert "takes longer: the fast engine can't be loaded (OSError: " in " ".join(done.stderr.split())
        checked = run(CLI, "params", "--check", before=nobody, python=python, **settings)
        assert checked.returncode == 0, checked.stderr


@pytest.mark.slow
def test_without_numba_a_build_is_plain_and_says_so_in_one_line(tmp_path: Path) -> None:
    code = WITHOUT_NUMBA + ("from reportgen.training import experiment\nexperiment.usable_cores = lambda: 1\n" + CLI)
    done = run(code, "build", "--roll", "M23CSE023", "--dataset", "digits", "--epochs", "1", "--out", str(tmp_path))
    assert done.returncode in {0, PdfError.exit_code}, done.stderr
    assert done.stderr.count("takes longer") == 1
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert results["environment"]["engine"] == "plain"
