import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reportgen.cli import doctor
from reportgen.cli.app import app
from reportgen.errors import CountMismatchError, DataError, PdfError, TrainingError
from reportgen.files import hold
from reportgen.pipelines import build
from reportgen.rendering import pdf, typesetter
from reportgen.rendering.report import Report
from reportgen.results import schema
from reportgen.training import experiment
from reportgen.training import images as data
from reportgen.training.experiment import Computed

ROLL = "M23CSE023"


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch, computed: Computed) -> None:
    """Builds give the prepared results at once; only the student is the build's own."""

    def run(assignment: object, plan: object, images: object, student: schema.Student, **_: object) -> Computed:
        return Computed(computed.results.model_copy(update={"student": student}), computed.weights)

    monkeypatch.setattr(experiment, "run", run)


@pytest.fixture
def quick(instant: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds that render next to nothing, for what has nothing to do with the report."""
    report = Report({f"{ROLL}.pdf": b"%PDF-", f"{ROLL}.html": b"<!DOCTYPE html>"}, None)
    monkeypatch.setattr(build, "render_report", lambda *_: report)


def _build(folder: Path, *arguments: str) -> Result:
    return _run("build", "--roll", ROLL, "--dataset", "digits", "--out", str(folder), *arguments)


@pytest.mark.usefixtures("instant")
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


@pytest.mark.usefixtures("quick")
def test_a_second_build_in_the_folder_is_one_clear_message(tmp_path: Path) -> None:
    with hold(tmp_path):
        for done in (_build(tmp_path), _run("render", str(tmp_path))):
            assert done.exit_code == 10
            assert f"another reportgen works in {tmp_path}" in done.stderr
            assert "Traceback" not in done.output


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
    done = _run("build", "--roll", roll, "--out", str(tmp_path / "out"))
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
    done = _run("assignments", "check", str(spec))
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
    done = _run("render", str(tmp_path / "out"), "--templates", str(templates))
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
        assert re.search(r"fault; reportgen/build\.py:\d+\)", done.stderr)


@pytest.mark.slow
def test_render_needs_no_torch_and_repeats_the_bytes(tmp_path: Path, computed: Computed) -> None:
    (tmp_path / "results.json").write_bytes(schema.dump(computed.results))
    code = (
        "import sys; from reportgen.cli.app import app\n"
        "try: app(['render', sys.argv[1], '--quiet'])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert not {'torch', 'torchvision', 'sklearn'} & set(sys.modules)"
    )
    contents = []
    for _ in range(2):
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1706140800"}
        subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=True)
        contents.append({path.name: path.read_bytes() for path in tmp_path.glob(f"{ROLL}.*")})
    assert contents[0] == contents[1]
    assert set(contents[0]) == {f"{ROLL}.pdf", f"{ROLL}.html", f"{ROLL}.py"}


def test_render_of_a_folder_without_results(tmp_path: Path) -> None:
    done = _run("render", str(tmp_path))
    assert done.exit_code == 3
    assert "reportgen build" in done.stderr


def test_render_embeds_the_weights_that_are_as_they_were_written(
    tmp_path: Path, computed: Computed, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[dict[str, bytes]] = []

    def render(_: object, __: object, ___: object, weights: dict[str, bytes]) -> Report:
        given.append(weights)
        return Report({f"{ROLL}.html": b"<!DOCTYPE html>"}, None)

    monkeypatch.setattr("reportgen.rendering.report.render_report", render)
    (tmp_path / "results.json").write_bytes(schema.dump(computed.results))
    assert _run("render", str(tmp_path)).stderr == ""
    (tmp_path / "weights").mkdir()
    for name, content in computed.weights.items():
        (tmp_path / name).write_bytes(content)
    assert _run("render", str(tmp_path)).stderr == ""
    (tmp_path / "weights" / "bonus.safetensors").write_bytes(b"altered")
    done = _run("render", str(tmp_path), "--quiet")
    assert done.exit_code == 0
    assert done.stderr.count("reportgen: warning: ") == 1
    assert "bonus.safetensors was altered" in done.stderr
    assert [list(weights) for weights in given] == [[], list(computed.weights), list(computed.weights)[:2]]


def test_plan_shows_the_derivation_and_the_digest() -> None:
    said = _run("plan", "--roll", "M23CSE024").output
    assert "Batch size 32: A = 24; 24 mod 2 = 0" in said
    assert "Assumption: A = 24 is divisible by 2" in said
    answer = json.loads(_run("plan", "--roll", ROLL, "--json").stdout)
    assert answer["batch"]["derivation"] == "A = 23; 23 mod 2 = 1; 23 mod 3 = 2; else 20"
    assert len(answer["digest"]) == 64


def test_params_prints_counts_and_checks_them() -> None:
    said = _run("params", "--experiment", "experiment-1", "--check").output
    for wanted in ("(16·5·5·8) + 8 = 3,208", "800 + 3,208 + 292 + 6,770 = 11,070", "3,148,904", "3,169,994"):
        assert wanted in said
    answer = json.loads(_run("params", "--json").stdout)
    assert [entry["total"]["trainable"] for entry in answer] == [11_070, 7_008, 11_126]


def test_params_of_an_unknown_experiment() -> None:
    done = _run("params", "--experiment", "experiment-9")
    assert done.exit_code == 2
    assert "there are: experiment-1, experiment-2, bonus" in done.stderr


def test_params_and_help_load_no_heavy_library() -> None:
    code = (
        "import sys; from reportgen.cli.app import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert not {'torch', 'matplotlib', 'weasyprint', 'sklearn', 'numpy'} & set(sys.modules)"
    )
    for arguments in (["--help"], ["params"], ["plan", "--roll", ROLL], ["assignments"], ["build", "--help"]):
        subprocess.run([sys.executable, "-c", code, *arguments], stdout=subprocess.DEVNULL, check=True)


def test_assignments_are_listed_and_checked() -> None:
    assert [entry["id"] for entry in json.loads(_run("assignments", "--json").stdout)] == ["csl7590-a1", "lenet5"]
    assert "LeNet-5" in _run("assignments").output
    assert _run("assignments", "check", "lenet5").output.startswith("lenet5: ok")
    assert json.loads(_run("assignments", "schema").stdout)["title"] == "Assignment"


def test_doctor_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [doctor.Finding("Pango", False, "install Pango"), doctor.Finding("Python", True, "3.11")]
    monkeypatch.setattr(doctor, "examine", lambda *_: findings)
    done = _run("doctor")
    assert done.exit_code == 1
    assert "look  Pango: install Pango" in done.output
    assert [entry["ok"] for entry in json.loads(_run("doctor", "--json").stdout)] == [False, True]


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
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == [".reportgen"]
