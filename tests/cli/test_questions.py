"""Commands that answer at once, without building anything."""

import json
import subprocess
import sys

import pytest

from reportgen.cli import doctor
from tests.cli import ROLL, run


def test_plan_shows_the_derivation_and_the_digest() -> None:
    said = run("plan", "--roll", "M23CSE024").output
    assert "Batch size 32: A = 24; 24 mod 2 = 0" in said
    assert "Assumption: A = 24 is divisible by 2" in said
    answer = json.loads(run("plan", "--roll", ROLL, "--json").stdout)
    assert answer["batch"]["derivation"] == "A = 23; 23 mod 2 = 1; 23 mod 3 = 2; else 20"
    assert len(answer["digest"]) == 64


def test_params_prints_counts_and_checks_them() -> None:
    said = run("params", "--experiment", "experiment-1", "--check").output
    for wanted in ("(16·5·5·8) + 8 = 3,208", "800 + 3,208 + 292 + 6,770 = 11,070", "3,148,904", "3,169,994"):
        assert wanted in said
    answer = json.loads(run("params", "--json").stdout)
    assert [entry["total"]["trainable"] for entry in answer] == [11_070, 7_008, 11_126]


def test_params_of_an_unknown_experiment() -> None:
    done = run("params", "--experiment", "experiment-9")
    assert done.exit_code == 2
    assert "there are: experiment-1, experiment-2, bonus" in done.stderr


@pytest.mark.slow
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
    assert [entry["id"] for entry in json.loads(run("assignments", "--json").stdout)] == ["csl7590-a1", "lenet5"]
    assert "LeNet-5" in run("assignments").output
    assert run("assignments", "check", "lenet5").output.startswith("lenet5: ok")
    assert json.loads(run("assignments", "schema").stdout)["title"] == "Assignment"


def test_doctor_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [doctor.Finding("Pango", False, "install Pango"), doctor.Finding("Python", True, "3.11")]
    monkeypatch.setattr(doctor, "examine", lambda *_: findings)
    done = run("doctor")
    assert done.exit_code == 1
    assert "look  Pango: install Pango" in done.output
    assert [entry["ok"] for entry in json.loads(run("doctor", "--json").stdout)] == [False, True]
