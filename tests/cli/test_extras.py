"""Extras: the table of their modules against pyproject.toml, and what is said where one is missing."""

import importlib.metadata
import importlib.util
import re
import tomllib
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reportgen.cli.app import app
from reportgen.cli.extras import EXTRAS, explain_missing, require
from reportgen.errors import MissingExtraError
from tests import HERE

PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=[]", one)[0].lower() for one in requirements} - {"reportgen"}


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_modules_of_an_extra_are_those_that_it_installs(extra: str) -> None:
    owners = importlib.metadata.packages_distributions()
    installed = {owners[module][0].lower() for module in EXTRAS[extra]}
    assert installed - {"llvmlite"} == names(PROJECT["optional-dependencies"][extra])  # numba brings llvmlite


def test_what_needs_training_or_drawing_is_no_core_dependency() -> None:
    extras = names(PROJECT["optional-dependencies"]["build"]) | names(PROJECT["optional-dependencies"]["pdf"])
    assert not names(PROJECT["dependencies"]) & extras


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """One module can't be found."""
    gone = str(request.param)
    find = importlib.util.find_spec

    def found(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == gone else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", found)
    return gone


@pytest.mark.parametrize("without", ["torch", "matplotlib", "pydyf"], indirect=True)
@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["build", "--roll", "M23CSE023"], "build"),
        (["render", "M23CSE023"], "build"),
        (["params", "--check"], "build"),
        (["verify", "M23CSE023.pdf", "--weights", "M23CSE023"], "build"),
        (["grade", "submissions", "--pdf"], "pdf"),
    ],
)
def test_a_command_without_its_extra_says_so_before_it_does_anything(
    command: list[str], extra: str, without: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, command)
    if extra == "pdf" and without != "pydyf":
        assert done.exit_code == 3  # there are no submissions here
        return
    assert done.exit_code == MissingExtraError.exit_code
    assert done.stderr.splitlines() == [
        f"reportgen: error: this needs {without}, which is not installed. Run: pip install 'reportgen[{extra}]'"
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("without", ["numba"], indirect=True)
def test_a_build_is_begun_without_numba(without: str) -> None:
    require("build")


def test_a_failed_import_names_its_extra() -> None:
    told = explain_missing(ModuleNotFoundError("No module named 'llvmlite.ir'", name="llvmlite.ir"))
    assert str(told) == "this needs llvmlite, which is not installed. Run: pip install 'reportgen[build]'"
    assert "reportgen[pdf]" in str(explain_missing(ModuleNotFoundError(name="pydyf")))


def test_a_module_of_no_extra_is_a_bug_as_ever() -> None:
    assert explain_missing(ModuleNotFoundError(name="nowhere")) is None
    assert explain_missing(ModuleNotFoundError()) is None


def test_a_failed_import_within_a_command_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def plan(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr("reportgen.assignment.plan.resolve", plan)
    done = CliRunner().invoke(app, ["plan", "--roll", "M23CSE023"])
    assert done.exit_code == MissingExtraError.exit_code
    assert done.stderr.count("\n") == 1
    assert "reportgen[build]" in done.stderr
