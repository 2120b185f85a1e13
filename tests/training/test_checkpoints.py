"""Trainings on disk: nothing is lost, and nothing damaged is used."""

import errno
import importlib.metadata
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from reportgen.assignment.plan import PlannedExperiment
from reportgen.errors import OutputError
from reportgen.results.schema import EpochRecord
from reportgen.training import checkpoints
from reportgen.training.batches import split
from reportgen.training.checkpoints import (
    Checkpoints,
    DamagedError,
    keep_only,
    open_checkpoints,
    pack,
    unpack_outcome,
    unpack_snapshot,
)
from reportgen.training.engines.engine import Engine
from reportgen.training.engines.fast import Fast
from reportgen.training.engines.plain import PLAIN
from reportgen.training.images import Images
from reportgen.training.loop import Snapshot, advance, conclude, is_complete
from tests.tiny import AFFINE, RICH, STOPPING, planned

EVERYTHING: dict[str, Any] = {
    "epochs": 6,
    "augmentation": [AFFINE],
    "schedule": {"name": "one-cycle", "max_learning_rate": 0.3},
    "optimizer": {"name": "adamw", "learning_rate": 0.1, "weight_decay": 0.01},
    **STOPPING,
}
"""All that a training may carry from one epoch to the next; the rate is so high that later epochs get worse."""


def snapshots(
    experiment: PlannedExperiment, images: Images, *, through_disk: bool, engine: Engine = PLAIN
) -> list[Snapshot]:
    """The snapshot after each epoch of a whole training."""
    sets = split(experiment, images, 5)
    found: list[Snapshot] = []
    while not found or not is_complete(experiment.training, found[-1]):
        before = found[-1] if found else None
        if before is not None and through_disk:
            before = unpack_snapshot(pack(before))
            torch.rand(7)  # another process has another generator
        found.append(advance(experiment, sets, 5, before, engine=engine))
    return found


def alike(left: Any, right: Any) -> bool:
    """Bitwise the same, but for what the clock said."""
    if isinstance(left, Tensor):
        return bool(left.dtype == right.dtype and torch.equal(left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(alike(value, right[key]) for key, value in left.items())
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(alike(*pair) for pair in zip(left, right, strict=True))
    if isinstance(left, Snapshot):
        return alike(vars(left), vars(right))
    if isinstance(left, EpochRecord):
        return bool(left.model_copy(update={"seconds": right.seconds}) == right)
    return bool(left == right)


@pytest.mark.parametrize(
    "settings",
    [
        EVERYTHING,
        {"epochs": 3, "optimizer": {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True}},
        {"epochs": 3, "optimizer": {"name": "sgd", "learning_rate": 0.1}, "schedule": {"name": "cosine"}},
        {"epochs": 3, "schedule": {"name": "step", "epochs": 1, "factor": 0.5}},
    ],
    ids=["everything", "momentum", "cosine", "adam-steps"],
)
def test_a_training_that_goes_through_the_disk_each_epoch_is_bitwise_the_same(
    tiny: Images, settings: dict[str, Any], engine: Engine
) -> None:
    experiment = planned(RICH, **settings)
    straight = snapshots(experiment, tiny, through_disk=False, engine=engine)
    resumed = snapshots(experiment, tiny, through_disk=True, engine=engine)
    assert len(straight) == len(resumed)
    for left, right in zip(straight, resumed, strict=True):
        assert alike(left, right)


def test_the_hardest_case_does_stop_early_and_keeps_an_earlier_epoch(tiny: Images) -> None:
    last = snapshots(planned(RICH, **EVERYTHING), tiny, through_disk=False)[-1]
    assert last.best_epoch < len(last.history) < 6
    assert not torch.equal(last.state["0.weight"], last.best_state["0.weight"])


def test_an_outcome_comes_back_as_it_was(tiny: Images) -> None:
    experiment = planned(RICH, epochs=1)
    sets = split(experiment, tiny, 5)
    outcome = conclude(experiment, sets, advance(experiment, sets, 5, None))
    again = unpack_outcome(pack(outcome))
    assert again.history == outcome.history
    assert np.array_equal(again.probabilities, outcome.probabilities)
    assert all(torch.equal(value, outcome.state[name]) for name, value in again.state.items())
    assert replace(again, history=(), state={}, probabilities=outcome.probabilities) == replace(
        outcome, history=(), state={}
    )


@pytest.fixture(scope="module")
def packed(tiny: Images) -> list[bytes]:
    return [pack(snapshot) for snapshot in snapshots(planned(RICH, epochs=3), tiny, through_disk=False)]


@pytest.fixture
def place(tmp_path: Path, tiny: Images) -> Checkpoints:
    return open_checkpoints(tmp_path, planned(RICH, epochs=3), 5, tiny, "cpu", PLAIN)


def test_the_newest_two_snapshots_are_kept_and_the_newest_is_used(place: Checkpoints, packed: list[bytes]) -> None:
    for epochs, content in enumerate(packed, start=1):
        place.save_snapshot(epochs, content)
    assert sorted(path.name for path in place.folder.iterdir()) == ["epoch-0002.pt", "epoch-0003.pt"]
    saved = place.load(pytest.fail)
    assert (saved.epochs, saved.outcome) == (3, None)
    assert saved.snapshot is not None
    assert alike(unpack_snapshot(saved.snapshot), unpack_snapshot(packed[2]))


@pytest.mark.parametrize("damage", ["truncated", "empty", "flipped", "not ours", "unreadable"])
def test_a_damaged_snapshot_is_told_and_the_one_before_it_is_used(
    place: Checkpoints, packed: list[bytes], damage: str
) -> None:
    place.save_snapshot(1, packed[0])
    place.save_snapshot(2, packed[1])
    newest = place.folder / "epoch-0002.pt"
    content = bytearray(packed[1])
    content[len(content) // 2] ^= 1
    newest.unlink()
    match damage:
        case "truncated":
            newest.write_bytes(packed[1][: len(packed[1]) // 2])
        case "empty":
            newest.touch()
        case "flipped":
            newest.write_bytes(content)
        case "not ours":
            newest.write_bytes(b"x" * 1000)
        case "unreadable":
            newest.mkdir()
    said: list[str] = []
    saved = place.load(said.append)
    assert saved.epochs == 1
    assert len(said) == 1
    assert f"{newest} is damaged" in said[0]


def test_where_every_snapshot_is_damaged_the_training_starts_over(place: Checkpoints, packed: list[bytes]) -> None:
    place.save_snapshot(1, packed[0][:100])
    place.save_snapshot(2, packed[1][:100])
    place.save_outcome(b"")
    said: list[str] = []
    saved = place.load(said.append)
    assert (saved.outcome, saved.snapshot, saved.epochs) == (None, None, 0)
    assert len(said) == 3


@pytest.mark.parametrize("cut", [0, 10, 32, 33, 1000, -1])
def test_no_beginning_of_a_snapshot_is_taken_for_one(packed: list[bytes], cut: int) -> None:
    with pytest.raises(DamagedError, match="does not fit its digest"):
        unpack_snapshot(packed[0][:cut])


def test_a_disk_that_fills_up_while_saving_is_one_clear_error_and_keeps_what_was_saved(
    place: Checkpoints, packed: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.save_snapshot(1, packed[0])

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"No space left on device.*Free some space"):
        place.save_snapshot(2, packed[1])
    assert [path.name for path in place.folder.iterdir()] == ["epoch-0001.pt"]
    assert place.load(pytest.fail).epochs == 1


def test_the_place_depends_on_all_that_the_numbers_depend_on(
    tmp_path: Path, tiny: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = planned(RICH, epochs=3)
    altered = tiny.train_images.copy()
    altered[0, 0, 0, 0] ^= 1
    asked = [
        (base, 5, tiny),
        (base, 6, tiny),
        (planned(RICH, epochs=4), 5, tiny),
        (planned(epochs=3), 5, tiny),
        (planned(RICH, epochs=3, batch_size=20), 5, tiny),
        (base, 5, replace(tiny, train_images=altered)),
        (base, 5, replace(tiny, test_labels=tiny.test_labels[::-1])),
    ]
    places = {open_checkpoints(tmp_path, *entry, "cpu", PLAIN).folder for entry in asked}
    places.add(open_checkpoints(tmp_path, base, 5, tiny, "cuda", PLAIN).folder)
    places.add(open_checkpoints(tmp_path, base, 5, tiny, "cpu", Fast(tmp_path)).folder)
    assert len(places) == len(asked) + 2
    assert open_checkpoints(tmp_path, base, 5, replace(tiny), "cpu", PLAIN).folder in places
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "0")
    assert open_checkpoints(tmp_path, base, 5, tiny, "cpu", PLAIN).folder not in places


def test_the_place_depends_on_the_code(place: Checkpoints, tiny: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "digest", lambda content: str(len(content) + 1))
    assert (
        open_checkpoints(place.folder.parents[1], planned(RICH, epochs=3), 5, tiny, "cpu", PLAIN).folder != place.folder
    )


def test_a_folder_that_can_not_be_made_is_an_output_error(tmp_path: Path, tiny: Images) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot make"):
        open_checkpoints(tmp_path / "file", planned(), 5, tiny, "cpu", PLAIN)


def test_only_the_checkpoints_of_the_plan_are_kept(place: Checkpoints, packed: list[bytes], tiny: Images) -> None:
    place.save_snapshot(1, packed[0])
    folder = place.folder.parents[1]
    open_checkpoints(folder, planned(epochs=7), 5, tiny, "cpu", PLAIN).save_snapshot(1, packed[0])
    lock = place.folder.parent / "lock"
    lock.touch()
    keep_only(folder, [place])
    assert sorted(place.folder.parent.iterdir()) == sorted([place.folder, lock])
    assert place.load(pytest.fail).epochs == 1
    place.clear()
    assert place.load(pytest.fail).epochs == 0
