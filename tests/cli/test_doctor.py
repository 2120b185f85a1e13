import importlib.machinery
import importlib.metadata
import shutil
import sys
import tempfile
from collections import namedtuple
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reportgen.cli import doctor
from reportgen.errors import PdfError
from reportgen.training.engines import fast
from reportgen.training.engines.vectorized import machine_code
from reportgen.training.images import ENVIRONMENT_VARIABLE


@pytest.fixture(autouse=True)
def _proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The self-test of the fast engine compiles for seconds, and has tests of its own."""
    monkeypatch.setattr(fast, "_test", lambda _: None)


def _examine(folder: Path) -> dict[str, doctor.Finding]:
    return {finding.name: finding for finding in doctor.examine(folder, None)}


def test_everything_is_looked_at(tmp_path: Path) -> None:
    found = _examine(tmp_path)
    assert {
        "Python",
        "Libraries",
        "torch with torchvision",
        "Device",
        "Engine",
        "Pango",
        "Fonts",
        "MNIST",
        "Disk",
    } <= found.keys()
    assert all(finding.ok for finding in found.values())
    assert "torch " in found["Libraries of the extra build"].text
    assert "pydantic " in found["Libraries"].text


def test_data_that_are_not_downloaded_yet_are_no_fault(tmp_path: Path) -> None:
    finding = _examine(tmp_path)["MNIST"]
    assert finding.ok
    assert "--data-dir" in finding.text
    assert ENVIRONMENT_VARIABLE in finding.text


def test_a_part_of_the_data_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"")
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path))
    assert "missing: train-labels-idx1-ubyte" in _examine(tmp_path)["MNIST"].text


def test_the_engine_is_told_and_where_its_machine_code_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_code, "folder", lambda: tmp_path)
    assert _examine(tmp_path)["Engine"].text == f"fast; its machine code is kept in {tmp_path}"


def test_a_cache_that_can_not_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(machine_code, "_given", [])  # by a training in this process, of another test
    machine_code._find.cache_clear()
    finding = _examine(tmp_path)["Engine"]
    machine_code._find.cache_clear()
    assert finding == doctor.Finding(
        "Engine",
        True,
        "fast; compiled anew by every build, since the cache can't be written: set XDG_CACHE_HOME to a folder that can",
    )


def test_why_the_plain_engine_is_taken_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path) -> None:
        raise fast.UnfitError("its self-test failed")

    monkeypatch.setattr(machine_code, "folder", lambda: tmp_path)
    monkeypatch.setattr(fast, "_test", fail)
    finding = _examine(tmp_path)["Engine"]
    assert (finding.ok, finding.text) == (
        True,
        "plain, PyTorch's own steps, which take longer: its self-test failed",
    )


def test_a_missing_pango_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise PdfError("install Pango")

    monkeypatch.setattr(doctor, "pango_version", fail)
    assert _examine(tmp_path)["Pango"] == doctor.Finding("Pango", False, "install Pango")


def test_an_extra_that_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = importlib.metadata.version

    def installed(name: str) -> str:
        if name in {"torch", "weasyprint"}:
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", installed)
    found = _examine(tmp_path)
    assert found["Libraries of the extra build"].text == "not installed: torch. Run: pip install 'reportgen[build]'"
    assert "matplotlib" not in found["Libraries of the extra pdf"].text
    assert "not installed: weasyprint" in found["Libraries of the extra pdf"].text
    assert found["Libraries"].ok


def test_a_version_that_does_not_do_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "69.0" if name == "weasyprint" else version(name))
    assert _examine(tmp_path)["Libraries of the extra pdf"] == doctor.Finding(
        "Libraries of the extra pdf",
        False,
        "weasyprint 69.0, where <71,>=70 is needed. Run: pip install 'reportgen[pdf]'",
    )


def test_a_checkout_that_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> list[str]:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", fail)
    finding = _examine(tmp_path)["Libraries"]
    assert not finding.ok
    assert "pip install -e" in finding.text


@pytest.mark.parametrize("module", ["torch", "weasyprint"])
def test_what_is_not_installed_is_told_once(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    find_spec = importlib.machinery.PathFinder.find_spec

    def hide(name: str, *rest: Any) -> Any:
        return None if name == module else find_spec(name, *rest)

    monkeypatch.setattr(importlib.machinery.PathFinder, "find_spec", hide)
    assert all(finding.ok for finding in _examine(tmp_path).values())


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _examine(Path("/proc/self"))["Disk"].text == "/proc/self can't be written; name another folder with --out"
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert "go into another folder" in _examine(Path())["Disk"].text


def test_no_place_for_temporary_files_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    finding = _examine(tmp_path)["Temporary files"]
    assert (finding.ok, "Set TMPDIR" in finding.text) == (False, True)


def test_little_space_is_told_even_for_a_folder_that_is_not_there_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 9, 1))
    finding = _examine(tmp_path / "a" / "b")["Disk"]
    assert not finding.ok
    assert "free some space" in finding.text


def test_a_torchvision_that_does_not_fit_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", ModuleType("torchvision"))  # loaded by half
    assert "can't be loaded together" in _examine(tmp_path)["torch with torchvision"].text
