"""Whole builds that are killed, run at once, or repeated, in processes of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROLL = "M23CSE023"
_TINY = """
id = "tiny"
course = "Course"
title = "Lab"
marks = 1
dataset = "mnist"
[roll]
pattern = '[A-Z0-9]+'
example = "M23CSE023"
[batch]
digits = 2
otherwise = 20
[networks.small]
layers = [
    { type = "Conv2d", out_channels = 4, kernel_size = 5, stride = 2 },
    { type = "BatchNorm2d" },
    { type = "ReLU" },
    { type = "Flatten" },
    { type = "Dropout", p = 0.1 },
    { type = "Linear", out_features = "classes" },
    { type = "Softmax" },
]
[[experiments]]
id = "first"
title = "First"
short_title = "First"
network = "small"
training = { epochs = 24, schedule = { name = "one-cycle", max_learning_rate = 0.01 } }
[[experiments]]
id = "second"
title = "Second"
short_title = "Second"
network = "small"
[experiments.training]
epochs = 24
augmentation = [{ name = "affine", degrees = 5 }]
validation_size = 3000
early_stopping = { patience = 24 }
[[rubric]]
id = "all"
part = "first"
points = 1
text = "All."
"""


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spec") / "tiny.toml"
    path.write_text(_TINY)
    return path


def command(spec: Path, folder: Path, *more: str) -> list[str]:
    words = ["build", "--assignment", str(spec), "--roll", ROLL, "--dataset", "digits", "--out", str(folder), *more]
    return [sys.executable, "-m", "reportgen", *words]


def build(spec: Path, folder: Path, *more: str) -> str:
    """Build to the end; what was said on standard error and output."""
    done = subprocess.run(command(spec, folder, *more), capture_output=True, text=True, check=True)
    return done.stderr + done.stdout


def start(spec: Path, folder: Path) -> subprocess.Popen[str]:
    """A build in the background; what it says on standard error is in ``told(folder)``."""
    with told(folder).open("w") as errors:
        return subprocess.Popen(
            command(spec, folder), stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
        )


def told(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.told")


def numbers(folder: Path) -> dict[str, Any]:
    """Weights and results, without what the clock said."""
    results = json.loads((folder / "results.json").read_text())
    for experiment in results["experiments"]:
        for record in experiment["history"]:
            del record["seconds"]
    weights = {path.name: path.read_bytes() for path in (folder / "weights").iterdir()}
    return {"experiments": results["experiments"], "weights": weights}


@pytest.fixture(scope="module")
def whole(spec: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a build that nothing interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    build(spec, folder)
    return folder


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the system has no SIGKILL")
def test_a_build_that_is_killed_again_and_again_ends_with_the_same_bits(
    spec: Path, whole: Path, tmp_path: Path
) -> None:
    for lines in (1, 15, 7):
        with start(spec, tmp_path) as process:
            assert process.stdout is not None
            for _ in range(lines):
                assert ": epoch " in process.stdout.readline()
            process.send_signal(signal.SIGKILL)  # the parent alone: its workers must notice
    newest = sorted((tmp_path / ".reportgen").glob("first-*/epoch-*"))[-1]
    os.truncate(newest, 1000)
    said = build(spec, tmp_path)
    assert f"warning: {newest} is damaged" in said
    assert "first goes on after epoch" in said
    assert "second goes on after epoch" in said
    assert numbers(tmp_path) == numbers(whole)


@pytest.mark.slow
def test_a_second_build_trains_nothing_and_a_fresh_one_trains_the_same(spec: Path, whole: Path) -> None:
    before = numbers(whole)
    said = build(spec, whole, "--name", "Asha Rao")
    assert "first is trained already" in said
    assert "epoch 1 of" not in said
    assert "Asha Rao" in (whole / f"{ROLL}.html").read_text()
    assert numbers(whole) == before
    said = build(spec, whole, "--fresh")
    assert "trained already" not in said
    assert "epoch 1 of 24" in said
    assert numbers(whole) == before


@pytest.mark.slow
def test_of_two_builds_at_once_the_second_says_so_and_changes_nothing(spec: Path, tmp_path: Path, whole: Path) -> None:
    with start(spec, tmp_path) as first:
        assert first.stdout is not None
        assert ": epoch 1 of 24" in first.stdout.readline()
        second = subprocess.run(command(spec, tmp_path), capture_output=True, text=True, check=False)
        assert second.returncode == 10
        assert f"another reportgen works in {tmp_path}" in second.stderr
        assert "Traceback" not in second.stderr
        first.communicate()
    assert first.returncode == 0, told(tmp_path).read_text()
    assert numbers(tmp_path) == numbers(whole)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system has no /proc")
def test_a_killed_build_leaves_no_process_behind(spec: Path, tmp_path: Path) -> None:
    with start(spec, tmp_path) as process:
        assert process.stdout is not None
        assert ": epoch 1 of 24" in process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while left := [path for path in Path("/proc").glob("[0-9]*/stat") if _session(path) == process.pid]:
        assert time.monotonic() < deadline, [(path.parent / "cmdline").read_text() for path in left]
        time.sleep(0.1)


def _session(stat: Path) -> int:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[3])
    except OSError:
        return 0
