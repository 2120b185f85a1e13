import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from reportgen.assignment.datasets import MNIST
from reportgen.assignment.plan import Options
from reportgen.assignment.spec import Assignment
from reportgen.errors import DataError, OutputError
from reportgen.pipelines import build
from reportgen.results.schema import Student
from reportgen.training import images as data
from reportgen.training.images import find_images


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> Path:
        raise DataError("MNIST can't be downloaded (no network)")

    monkeypatch.setattr(data, "download", fail)


@pytest.mark.usefixtures("offline")
def test_auto_falls_back_to_the_digits_and_says_why() -> None:
    images, reason = find_images(MNIST, "auto", None)
    assert images.source == "embedded"
    assert "no network" in reason


@pytest.mark.usefixtures("offline")
def test_mnist_never_falls_back() -> None:
    with pytest.raises(DataError, match="can't be downloaded"):
        find_images(MNIST, "mnist", None)


def test_digits_are_never_looked_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(data, "find", pytest.fail)
    images, reason = find_images(MNIST, "digits", tmp_path)
    assert images.source == "embedded"
    assert reason


@pytest.mark.usefixtures("offline")
def test_damaged_data_is_an_error_and_no_preview(tmp_path: Path) -> None:
    for files in MNIST.files.values():
        for file in files:
            (tmp_path / f"{file.name}.gz").write_bytes(gzip.compress(b"\0\0\x08\x01\0\0\0\x01\0"))
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz is not the published file"):
        find_images(MNIST, "auto", tmp_path)


def test_downloaded_data_are_said_to_be_downloaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, preview: data.Images
) -> None:
    monkeypatch.setattr(data, "download", lambda _: tmp_path)
    monkeypatch.setattr(data, "load", lambda _, folder, source="files": replace(preview, source=source))
    images, reason = find_images(MNIST, "auto", None)
    assert images.source == "download"
    assert reason == ""


def test_a_folder_that_can_not_be_made_is_told_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, assignment: Assignment
) -> None:
    monkeypatch.setattr(build, "find_images", pytest.fail)
    (tmp_path / "file").write_text("")
    order = build.Order(
        assignment=assignment,
        student=Student(roll="M23CSE023", name="", date="", colab=""),
        folder=tmp_path / "file" / "below",
        dataset="auto",
        data_dir=None,
        options=Options(),
        templates=None,
        device="auto",
        engine="auto",
        fresh=False,
    )
    with pytest.raises(OutputError, match="cannot write into"):
        build.prepare(order)
