import base64
import os
from pathlib import Path

import pytest

from reportgen.results import weights
from reportgen.results.schema import Results
from reportgen.results.weights import encode, read_weights
from reportgen.training.experiment import Computed


@pytest.fixture
def folder(computed: Computed, tmp_path: Path) -> Path:
    (tmp_path / "weights").mkdir()
    for name, content in computed.weights.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def _renamed(results: Results, name: str) -> Results:
    first = results.experiments[0].model_copy(update={"weights": name})
    return results.model_copy(update={"experiments": (first, *results.experiments[1:])})


def test_weights_are_read_as_they_were_written(computed: Computed, folder: Path) -> None:
    assert read_weights(folder, computed.results) == (computed.weights, [])


def test_missing_weights_are_left_out_in_silence(computed: Computed, folder: Path, tmp_path: Path) -> None:
    assert read_weights(tmp_path / "elsewhere", computed.results) == ({}, [])
    (folder / "weights" / "bonus.safetensors").unlink()
    (folder / "weights" / "experiment-2.safetensors").unlink()
    (folder / "weights" / "experiment-2.safetensors").mkdir()
    found, notes = read_weights(folder, computed.results)
    assert list(found) == ["weights/experiment-1.safetensors"]
    assert notes == []


def test_an_altered_file_is_left_out_and_told(computed: Computed, folder: Path) -> None:
    path = folder / "weights" / "experiment-1.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    found, notes = read_weights(folder, computed.results)
    assert list(found) == ["weights/experiment-2.safetensors", "weights/bonus.safetensors"]
    assert notes == [f"{path} was altered since the build; experiment-1 can't be tried in the HTML"]


def test_a_file_that_can_not_be_read_is_told(computed: Computed, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", fail)
    found, notes = read_weights(folder, computed.results)
    assert found == {}
    assert len(notes) == 3
    assert "Permission denied; bonus can't be tried" in notes[2]


@pytest.mark.parametrize("name", ["/etc/passwd", "../outside.safetensors", "weights/..", "", "weights/\0"])
def test_a_name_from_a_stranger_never_leads_out_of_the_folder(
    computed: Computed, folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.parent / "outside.safetensors").write_bytes(b"x")
    read: list[Path] = []
    whole = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path) or whole(path))  # type: ignore[func-returns-value]
    found, _ = read_weights(folder, _renamed(computed.results, name))
    assert len(found) == 2
    assert {path.parent for path in read} == {folder / "weights"}


def test_a_pipe_does_not_stop_the_reading(computed: Computed, folder: Path) -> None:
    (folder / "weights" / "bonus.safetensors").unlink()
    os.mkfifo(folder / "weights" / "bonus.safetensors")
    assert len(read_weights(folder, computed.results)[0]) == 2


def test_weights_are_encoded_by_experiment(computed: Computed) -> None:
    encoded = encode(computed.results, computed.weights)
    assert list(encoded) == ["experiment-1", "experiment-2", "bonus"]
    assert base64.b64decode(encoded["bonus"]) == computed.weights["weights/bonus.safetensors"]
    assert encode(computed.results, {}) == {}


def test_what_a_page_can_not_carry_is_left_out(
    computed: Computed, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = [len(content) for content in computed.weights.values()]
    monkeypatch.setattr(weights, "LIMIT", sizes[0] + sizes[1])
    assert list(encode(computed.results, computed.weights)) == ["experiment-1", "experiment-2"]
    monkeypatch.setattr(weights, "LIMIT", sizes[1])
    assert list(read_weights(folder, computed.results)[0]) == ["weights/experiment-2.safetensors"]
    assert list(encode(computed.results, computed.weights)) == ["experiment-2"]
