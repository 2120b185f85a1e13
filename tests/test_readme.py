"""Each command of the README, as it stands there."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from reportgen.assignment.bundled import parse_spec
from reportgen.results import schema
from reportgen.training.experiment import Computed

_ROOT = Path(__file__).parent.parent
_README = (_ROOT / "README.md").read_text()
_COMMANDS = [
    line.split("#")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", _README, re.DOTALL)
    for line in block.splitlines()
]
_OURS = [command for command in _COMMANDS if command.startswith("reportgen ")]
_SLOW = [command for command in _OURS if command.startswith("reportgen build")]
_HEAVY = [command for command in _OURS if re.match("reportgen (render|verify|doctor|params .*--check)", command)]


def _run(command: str, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", *shlex.split(command), *more]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def test_the_readme_is_short_and_has_commands() -> None:
    assert len(_README.splitlines()) <= 150
    assert len(_SLOW) == 3
    assert len(_OURS) > 8


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, marks=[pytest.mark.slow] if command in _HEAVY else [])
        for command in _OURS
        if command not in _SLOW
    ],
)
def test_a_command_of_the_readme(command: str, tmp_path: Path, computed: Computed) -> None:
    (tmp_path / "M23CSE023").mkdir()
    (tmp_path / "M23CSE023" / "results.json").write_bytes(schema.dump(computed.results))
    if "verify" in command:
        assert _run("reportgen render M23CSE023", tmp_path).returncode == 0
    (tmp_path / "M23CSE023" / "M23CSE023.py").write_text("from torch import nn\nnet = nn.Linear(2, 2)\n")
    (tmp_path / "submissions").mkdir()
    (tmp_path / "submissions" / "M23CSE023.md").write_text("# Experiment 1\n\nBatch size: 20\n")
    (tmp_path / "reportgen").symlink_to(_ROOT / "reportgen")
    done = _run(command, tmp_path)
    # a machine without Pango gives the doctor something to say
    assert done.returncode in ((0, 1) if "doctor" in command else (0,)), done.stderr
    assert done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", _SLOW)
def test_a_build_of_the_readme(command: str, tmp_path: Path) -> None:
    done = _run(command, tmp_path, "--dataset", "digits", "--epochs", "1")
    assert done.returncode == 0, done.stderr
    roll = command.split("--roll ")[1].split(maxsplit=1)[0]
    assert (tmp_path / roll / f"{roll}.pdf").stat().st_size > 50_000


def test_the_make_commands_exist() -> None:
    for command in _COMMANDS:
        if command.startswith("make "):
            done = subprocess.run(
                [*shlex.split(command), "--dry-run"], cwd=_ROOT, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr


def test_the_assignment_of_the_readme_is_valid() -> None:
    toml = re.findall(r"```toml\n(.*?)```", _README, re.DOTALL)[0]
    spec = parse_spec(toml.encode(), "README.md")
    assert spec.experiments[0].title == "Even or Odd"


def test_every_exit_code_is_in_the_readme() -> None:
    from reportgen import errors

    codes = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.ReportgenError)
    }
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", _README, re.MULTILINE)}
    assert codes | {0, 1, 130} == listed


def test_every_option_of_build_is_in_the_readme() -> None:
    done = _run("reportgen build --help", _ROOT)
    options = set(re.findall(r"(--[a-z-]+)", done.stdout)) - {"--help", "--roll", "--no-json", "--no-quiet"}
    assert options <= set(re.findall(r"(--[a-z-]+)", _README))


def test_the_constraints_pin_what_the_project_needs() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    pinned = dict(
        line.split("==") for line in (_ROOT / "constraints.txt").read_text().lower().splitlines() if "==" in line
    )
    wanted = project["dependencies"] + [name for extra in project["optional-dependencies"].values() for name in extra]
    assert {re.split(r"[<>=[]", name)[0].lower() for name in wanted} - {"reportgen"} <= pinned.keys()
    assert (pinned["torch"], pinned["torchvision"]) == ("2.15.0", "0.29.2")
