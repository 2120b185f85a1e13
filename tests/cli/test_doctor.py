import shutil
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from reportgen.cli import doctor
from reportgen.errors import PdfError
from reportgen.training.images import ENVIRONMENT_VARIABLE


def _examine(folder: Path) -> dict[str, doctor.Finding]:
    return {finding.name: finding for finding in doctor.examine(folder, None)}


def test_everything_is_looked_at(tmp_path: Path) -> None:
    found = _examine(tmp_path)
    assert {"Python", "torch", "Device", "Pango", "Fonts", "MNIST", "Disk"} <= found.keys()
    assert all(finding.ok for name, finding in found.items() if name != "MNIST")


def test_missing_data_says_what_to_do(tmp_path: Path) -> None:
    finding = _examine(tmp_path)["MNIST"]
    assert not finding.ok
    assert "--data-dir" in finding.text
    assert ENVIRONMENT_VARIABLE in finding.text


def test_a_part_of_the_data_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"")
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path))
    assert "missing: train-labels-idx1-ubyte" in _examine(tmp_path)["MNIST"].text


def test_a_missing_pango_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise PdfError("install Pango")

    monkeypatch.setattr(doctor, "check_pango", fail)
    assert _examine(tmp_path)["Pango"] == doctor.Finding("Pango", False, "install Pango")


def test_little_space_is_told_even_for_a_folder_that_is_not_there_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 9, 1))
    finding = _examine(tmp_path / "a" / "b")["Disk"]
    assert not finding.ok
    assert "free some space" in finding.text


def test_a_torchvision_that_does_not_fit_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    assert "don't fit together" in _examine(tmp_path)["torch with torchvision"].text
