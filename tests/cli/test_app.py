import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import Result

from reportgen.errors import CountMismatchError, DataError, PdfError, TrainingError
from reportgen.files import hold
from reportgen.pipelines import build
from reportgen.rendering import pdf, typesetter
from reportgen.rendering.report import Report
from reportgen.results import schema
from reportgen.training import experiment
from reportgen.training import images as data
from reportgen.training.experiment import Computed
from tests.cli import ROLL, run


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch, computed: Computed) -> None:
    """Builds give the prepared results at once; only the student is the build's own."""

    def at_once(assignment: object, plan: object, images: object, student: schema.Student, **_: object) -> Computed:
        return Computed(computed.results.model_copy(update={"student": student}), computed.weights)

    monkeypatch.setattr(experiment, "run", at_once)


@pytest.fixture
def quick(instant: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds that render next to nothing, for what has nothing to do with the report."""
    report = Report({f"{ROLL}.pdf": b"%PDF-", f"{ROLL}.html": b"<!DOCTYPE html>"}, None)
    monkeypatch.setattr(build, "render_report", lambda *_: report)


def _build(folder: Path, *arguments: str) -> Result:
    return run("build", "--roll", ROLL, "--dataset", "digits", "--out", str(folder), *arguments)


@pytest.mark.usefixtures("instant")
@pytest.mark.slow
def test_a_build_writes_the_whole_submission(tmp_path: Path) -> None:
    done = _build(tmp_path / "out", "--name", "Asha Rao", "--colab", "https://colab.example/a")
    assert done.exit_code == 0, done.output
    written = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert {f"{ROLL}.pdf", f"{ROLL}.html", f"{ROLL}.py", "results.json", "weights/bonus.safetensors"} <= written
    assert "figures/experiment-1-curves.svg" in written
    assert {name for name in written if name.startswith(".")} == {".reportgen/lock"}
    for said in ("11,070", "7,008", "yes", f"wrote {tmp_path / 'out' / ROLL}.pdf", "preview, not MNIST"):
        assert said in done.output
    assert "\x1b" not in done.output


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_a_second_build_in_the_folder_is_one_clear_message(tmp_path: Path) -> None:
    with hold(tmp_path):
        for done in (_build(tmp_path), run("render", str(tmp_path))):
            assert done.exit_code == 10
            assert f"another reportgen works in {tmp_path}" in done.stderr
            assert "Traceback" not in done.output


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_json_is_one_document_on_standard_output(tmp_path: Path) -> None:
    done = _build(tmp_path, "--json")
    answer = json.loads(done.stdout)
    assert answer["preview"] is True
    assert [entry["trainable"] for entry in answer["experiments"]][:2] == [
        {"manual": 11_070, "torchinfo": 11_070, "torch": 11_070},
        {"manual": 7_008, "torchinfo": 7_008, "torch": 7_008},
    ]
    assert all(Path(path).is_file() for path in answer["files"])


@pytest.mark.usefixtures("quick")
def test_quiet_says_nothing_on_standard_output(tmp_path: Path) -> None:
    done = _build(tmp_path, "--quiet", "--name", "A", "--colab", "https://a.b/c")
    assert done.exit_code == 0
    assert done.stdout == ""


@pytest.mark.usefixtures("quick")
def test_gaps_on_the_cover_are_mentioned(tmp_path: Path) -> None:
    said = _build(tmp_path).stderr
    assert "--name was not given" in said
    assert "--colab was not given" in said


@pytest.mark.parametrize("roll", ["../x", "a/b", "M23CSE23", "m23cse023", "", "M23CSE023\n", "M23CSE０23"])
def test_a_roll_that_does_not_fit_shows_the_pattern_and_an_example(roll: str, tmp_path: Path) -> None:
    done = run("build", "--roll", roll, "--out", str(tmp_path / "out"))
    assert done.exit_code == 2
    assert r"[A-Z]\d{2}[A-Z]{2,4}\d{3}" in done.stderr
    assert "M23CSE023" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--assignment", "csl9999"), 2, "bundled assignments (csl7590-a1, lenet5)"),
        (("--colab", "ftp://x.y/z"), 2, "--colab takes a link"),
        (("--name", "a\x07"), 2, "--name takes printable text"),
        (("--dataset", "cifar"), 2, "cifar"),
        (("--epochs", "0"), 2, "epochs"),
        (("--device", "cuda"), 2, "torch finds no CUDA device here"),
        (("--templates", "/nowhere"), 7, "no folder /nowhere"),
        (("--data-dir", "/nowhere", "--dataset", "auto"), 4, "no MNIST in /nowhere"),
    ],
)
def test_bad_options_are_one_clear_message(
    arguments: tuple[str, ...], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    done = _build(tmp_path / "out", *arguments)
    assert done.exit_code == code
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.output


def test_mnist_never_falls_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> Path:
        raise DataError("MNIST can't be downloaded (no network)")

    monkeypatch.setattr(data, "download", fail)
    done = _build(tmp_path, "--dataset", "mnist")
    assert done.exit_code == 4
    assert "can't be downloaded" in done.stderr
    assert not (tmp_path / "results.json").exists()


def test_a_spec_with_mistakes_lists_them_all(tmp_path: Path) -> None:
    spec = tmp_path / "bad.toml"
    spec.write_text('id = "Bad Id"\ncourse = ""\nmarks = -1\nsurprise = 1\n')
    done = run("assignments", "check", str(spec))
    assert done.exit_code == 3
    for path in ("id:", "course:", "title:", "marks:", "surprise:", "dataset:", "roll:"):
        assert path in done.stderr


def test_an_output_folder_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    done = _build(tmp_path / "file")
    assert done.exit_code == 5
    assert "cannot write into" in done.stderr
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.usefixtures("quick")
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"{ROLL}.pdf").write_text("the old report")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = _build(tmp_path)
    assert done.exit_code == 5
    assert "No space left on device" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {f"{ROLL}.pdf", ".reportgen"}
    assert (tmp_path / f"{ROLL}.pdf").read_text() == "the old report"


@pytest.mark.usefixtures("instant")
@pytest.mark.slow
def test_a_template_that_fails_keeps_the_results(tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "_comparison.html").write_text("\n\n{{ missing }}")
    done = _build(tmp_path / "out", "--templates", str(templates))
    assert done.exit_code == 7
    assert "_comparison.html, line 3" in done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"results.json", "weights", ".reportgen"}
    (templates / "_comparison.html").write_text("repaired")
    done = run("render", str(tmp_path / "out"), "--templates", str(templates))
    assert done.exit_code == 0, done.output
    assert "repaired" in (tmp_path / "out" / f"{ROLL}.html").read_text()


@pytest.mark.usefixtures("instant")
def test_without_pango_the_html_is_written_and_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise PdfError(f"WeasyPrint can't load Pango; {typesetter.INSTALL_PANGO}")

    monkeypatch.setattr(pdf, "load_weasyprint", fail)
    done = _build(tmp_path)
    assert done.exit_code == 8
    assert "apt-get install libpango" in done.stderr
    assert (tmp_path / f"{ROLL}.html").is_file()
    assert not (tmp_path / f"{ROLL}.pdf").exists()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CountMismatchError("bonus: the counts disagree"), 6),
        (TrainingError("bonus diverged in epoch 1"), 9),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("never the student's fault"), 70),
    ],
)
def test_failures_while_computing(
    error: BaseException, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(experiment, "run", fail)
    done = _build(tmp_path)
    assert done.exit_code == code
    assert "Traceback" not in done.output
    assert [path.name for path in tmp_path.iterdir()] == [".reportgen"]
    if code == 70:
        assert "bug of reportgen" in done.stderr
        assert re.search(r"fault; reportgen/pipelines/build\.py:\d+\)", done.stderr)


@pytest.mark.slow
def test_ctrl_c_ends_a_build_without_a_traceback_or_a_partial_report(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "reportgen",
        "build",
        "--roll",
        ROLL,
        "--dataset",
        "digits",
        "--out",
        str(tmp_path),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert "epoch 1 of 10" in process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == [".reportgen"]
