"""Trainings on disk: a snapshot after each epoch and the outcome at the end, each with the digest of its content."""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import json
import platform
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch

from reportgen.assignment.plan import PlannedExperiment
from reportgen.errors import OutputError
from reportgen.files import WORK_FOLDER, code_digest, digest, write_file
from reportgen.results.schema import EpochRecord
from reportgen.training.engines.engine import Engine
from reportgen.training.images import Images
from reportgen.training.loop import Snapshot, Trained

_T = TypeVar("_T")
_DIGEST_SIZE = hashlib.sha256().digest_size
_OUTCOME = "outcome.pt"
_LIBRARIES = ("torch", "torchvision")


class DamagedError(ValueError):
    """The content of a checkpoint is not what was written."""


@dataclass(frozen=True)
class Saved:
    """What is on disk of one training."""

    outcome: Trained | None
    """Where it is complete."""
    snapshot: bytes | None
    """The newest sound one, packed."""
    epochs: int
    """Epochs that ``snapshot`` holds; 0 without one."""


@dataclass(frozen=True)
class Checkpoints:
    """The files of one training, in a folder that is named for all that its numbers depend on."""

    folder: Path

    def save_snapshot(self, epochs: int, packed: bytes) -> None:
        """Write the snapshot after so many epochs; it and the one before it are kept.

        Raises:
            OutputError: it can't be written; the ones before still stand.
        """
        write_file(self._snapshot_path(epochs), packed)
        for path in self._snapshots()[2:]:
            path.unlink(missing_ok=True)

    def save_outcome(self, packed: bytes) -> None:
        """Write the outcome.

        Raises:
            OutputError: it can't be written.
        """
        write_file(self.folder / _OUTCOME, packed)

    def load(self, tell: Callable[[str], None]) -> Saved:
        """Read the outcome and the newest snapshot; ``tell`` hears of every file that is damaged and not used."""
        outcome = self._read(self.folder / _OUTCOME, unpack_outcome, tell)
        for path in self._snapshots():
            snapshot = self._read(path, unpack_snapshot, tell)
            if snapshot is not None:
                return Saved(outcome, pack(snapshot), len(snapshot.history))
        return Saved(outcome, None, 0)

    def clear(self) -> None:
        """Forget the training."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _snapshot_path(self, epochs: int) -> Path:
        return self.folder / f"epoch-{epochs:04}.pt"

    def _snapshots(self) -> list[Path]:
        """Newest first."""
        return sorted(self.folder.glob("epoch-*.pt"), reverse=True)

    @staticmethod
    def _read(path: Path, unpack: Callable[[bytes], _T], tell: Callable[[str], None]) -> _T | None:
        try:
            return unpack(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, DamagedError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            tell(f"{path} is damaged ({reason}) and is not used; what was saved before it is")
            return None


def open_checkpoints(
    folder: Path, experiment: PlannedExperiment, seed: int, images: Images, device: str, engine: Engine
) -> Checkpoints:
    """The checkpoints of an experiment in an output folder.

    Raises:
        OutputError: their folder can't be made.
    """
    depends_on = {
        "experiment": experiment.model_dump(mode="json"),
        "seed": seed,
        "data": images.content_digest,
        "code": [code_digest("training"), code_digest("assignment")],
        "libraries": [importlib.metadata.version(name) for name in (*_LIBRARIES, *engine.libraries)],
        "machine": [platform.machine(), torch.backends.cpu.get_cpu_capability(), device, engine.name],
    }
    fingerprint = digest(json.dumps(depends_on, sort_keys=True).encode())
    checkpoints = Checkpoints(folder / WORK_FOLDER / f"{experiment.id}-{fingerprint[:16]}")
    try:
        checkpoints.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make {checkpoints.folder}: {error.strerror}. Choose another --out DIR.") from error
    return checkpoints


def keep_only(folder: Path, kept: Iterable[Checkpoints]) -> None:
    """Remove the checkpoints of other plans, other data and other code from an output folder."""
    wanted = {checkpoints.folder for checkpoints in kept}
    for path in (folder / WORK_FOLDER).iterdir():
        if path.is_dir() and path not in wanted:
            shutil.rmtree(path, ignore_errors=True)


def pack(value: Snapshot | Trained) -> bytes:
    """Write a snapshot or an outcome: a SHA-256, then what it is of, in torch's format and loadable as weights only."""
    fields = {name: getattr(value, name) for name in value.__dataclass_fields__}
    fields["history"] = [record.model_dump() for record in value.history]
    if isinstance(value, Trained):
        fields["probabilities"] = torch.from_numpy(value.probabilities)
    stream = io.BytesIO()
    torch.save(fields, stream)
    content = stream.getvalue()
    return hashlib.sha256(content).digest() + content


def unpack_snapshot(packed: bytes) -> Snapshot:
    """Read what ``pack`` wrote of a snapshot.

    Raises:
        DamagedError: it isn't that.
    """
    return Snapshot(**_unpack(packed))


def unpack_outcome(packed: bytes) -> Trained:
    """Read what ``pack`` wrote of an outcome.

    Raises:
        DamagedError: it isn't that.
    """
    fields = _unpack(packed)
    return Trained(**{**fields, "probabilities": fields["probabilities"].numpy()})


def _unpack(packed: bytes) -> dict[str, Any]:
    claimed, content = packed[:_DIGEST_SIZE], packed[_DIGEST_SIZE:]
    if hashlib.sha256(content).digest() != claimed:
        raise DamagedError("its content does not fit its digest")
    fields: dict[str, Any] = torch.load(io.BytesIO(content), weights_only=True)
    fields["history"] = tuple(EpochRecord(**record) for record in fields["history"])
    return fields
