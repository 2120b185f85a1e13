"""Trainings side by side: the same numbers in whatever order, and no core idle before the end."""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from joblib.externals import loky

from reportgen.results.schema import EpochRecord
from reportgen.training import schedule
from reportgen.training.batches import split
from reportgen.training.checkpoints import Checkpoints, pack, unpack_snapshot
from reportgen.training.images import Images
from reportgen.training.loop import Trained, train
from reportgen.training.schedule import Job, train_all
from tests.tiny import RICH, planned


def jobs(*epochs: int, **settings: Any) -> list[Job]:
    return [
        Job(planned(RICH, epochs=each, **settings).model_copy(update={"id": f"e{number}"}), seed=number)
        for number, each in enumerate(epochs)
    ]


def work(some: list[Job], images: Images, side_by_side: int = 1) -> list[tuple[str, int]]:
    """Train them; the epochs in the order in which they were told."""
    told: list[tuple[str, int]] = []

    def on_epoch(name: str, record: EpochRecord) -> None:
        told.append((name, record.epoch))

    train_all(some, images, side_by_side=side_by_side, threads=1, on_epoch=on_epoch, on_step=lambda *_: None)
    return told


def same(left: Trained | None, right: Trained | None) -> bool:
    assert left is not None
    assert right is not None
    return np.array_equal(left.probabilities, right.probabilities) and all(
        torch.equal(value, right.state[name]) for name, value in left.state.items()
    )


class InThisProcess:
    """Stands in for the executor: a turn is done when the next one is submitted or waited for, oldest first."""

    submitted: list[str]

    def __init__(self, _: int, initializer: Any, initargs: Any) -> None:
        schedule._desk.update(images=initargs[0], sets={}, parts=np.zeros(initargs[2]))
        InThisProcess.submitted = []

    def submit(self, work: Any, experiment: Any, *rest: Any) -> Future[Any]:
        InThisProcess.submitted.append(experiment.id)
        future: Future[Any] = Future()
        future.set_result(work(experiment, *rest))
        return future

    def shutdown(self, **_: object) -> None:
        schedule._desk.clear()


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(loky, "ProcessPoolExecutor", InThisProcess)
    yield
    schedule._desk.clear()


def test_one_at_a_time_gives_what_training_alone_gives(tiny: Images) -> None:
    some = jobs(2, 1)
    assert work(some, tiny) == [("e0", 1), ("e0", 2), ("e1", 1)]
    for job in some:
        assert same(job.outcome, train(job.experiment, tiny, job.seed))


@pytest.mark.usefixtures("in_this_process")
def test_the_one_with_the_most_work_left_goes_first_so_that_all_end_together(tiny: Images) -> None:
    work(jobs(1, 3, 2), tiny, side_by_side=2)
    assert InThisProcess.submitted[:2] == ["e1", "e2"]
    epochs, last = InThisProcess.submitted[:-3], InThisProcess.submitted[-3:]
    assert sorted(epochs) == ["e0", "e1", "e1", "e1", "e2", "e2"]
    assert set(epochs[-2:]) != {"e1"}
    assert sorted(last) == ["e0", "e1", "e2"]  # short turns, which evaluate: they fill what is left of a core


def test_work_is_left_as_long_as_an_epoch_took(tiny: Images) -> None:
    (job,) = jobs(4)
    guessed = job.work_left
    assert guessed > 0
    turn = schedule.take_turn(job.experiment, split(job.experiment, tiny, 0), 0, None, 1, lambda _: None)
    assert turn.record is not None
    job.accept(replace(turn, record=turn.record.model_copy(update={"seconds": 2.5})), lambda *_: None)
    assert job.work_left == 7.5


@pytest.mark.slow
def test_side_by_side_gives_the_bits_of_one_after_the_other(tiny: Images) -> None:
    alone, together = jobs(2, 1, 2), jobs(2, 1, 2)
    work(alone, tiny)
    told = work(together, tiny, side_by_side=2)
    assert sorted(told) == [("e0", 1), ("e0", 2), ("e1", 1), ("e2", 1), ("e2", 2)]
    for left, right in zip(alone, together, strict=True):
        assert same(left.outcome, right.outcome)


@pytest.mark.slow
def test_a_training_that_was_begun_goes_on_with_the_threads_it_was_begun_with(tiny: Images, tmp_path: Path) -> None:
    begun, straight = jobs(2), jobs(2)
    begun[0].checkpoints = Checkpoints(tmp_path)

    def stop(_: str, record: EpochRecord) -> None:
        if record.epoch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_all(begun, tiny, side_by_side=1, threads=2, on_epoch=stop, on_step=lambda *_: None)
    saved = Checkpoints(tmp_path).load(pytest.fail)
    assert (saved.epochs, saved.outcome) == (1, None)
    assert saved.snapshot is not None
    assert unpack_snapshot(saved.snapshot).threads == 2
    again = Job(begun[0].experiment, begun[0].seed, saved.snapshot, saved.epochs, None, Checkpoints(tmp_path))
    assert work([again], tiny) == [("e0", 2)]
    train_all(straight, tiny, side_by_side=1, threads=2, on_epoch=lambda *_: None, on_step=lambda *_: None)
    torch.set_num_threads(1)
    assert same(again.outcome, straight[0].outcome)
    assert same(Checkpoints(tmp_path).load(pytest.fail).outcome, again.outcome)
    assert again.outcome is not None
    assert again.outcome.threads == 2


def test_a_training_whose_last_epoch_was_saved_but_not_its_outcome_is_only_evaluated(tiny: Images) -> None:
    whole = jobs(2)
    work(whole, tiny)
    (again,) = jobs(2)
    again.snapshot, again.epochs = whole[0].snapshot, 2
    assert work([again], tiny) == []
    assert same(again.outcome, whole[0].outcome)


def test_what_is_complete_is_not_trained(tiny: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = jobs(1)
    work(whole, tiny)
    monkeypatch.setattr(schedule, "advance", pytest.fail)
    assert work(whole, tiny) == []


def test_without_semaphores_trainings_follow_one_another_with_the_same_numbers(
    tiny: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(loky, "ProcessPoolExecutor", refuse)
    told: list[tuple[str, str]] = []
    side_by_side, alone = jobs(2, 1), jobs(2, 1)
    train_all(
        side_by_side,
        tiny,
        side_by_side=2,
        threads=1,
        on_epoch=lambda *_: None,
        on_step=lambda *_: None,
        tell=lambda *words: told.append(words),
    )
    work(alone, tiny)
    assert all(same(one.outcome, other.outcome) for one, other in zip(side_by_side, alone, strict=True))
    ((kind, text),) = told
    assert (kind, "(/dev/shm: No space left on device)" in text) == ("note", True)


def test_how_far_an_epoch_is_is_told(tiny: Images) -> None:
    parts: list[float] = []
    (job,) = jobs(2, batch_size=1)
    train_all(
        [job],
        tiny,
        side_by_side=1,
        threads=1,
        on_epoch=lambda *_: None,
        on_step=lambda _, epochs: parts.append(epochs),
    )
    assert parts == sorted(parts)
    assert {0.0, 1.0} <= set(parts)
    assert any(0 < part % 1 < 1 for part in parts)


def test_a_snapshot_that_a_job_holds_is_the_packed_one(tiny: Images) -> None:
    (job,) = jobs(1)
    work([job], tiny)
    assert job.snapshot is not None
    assert len(unpack_snapshot(job.snapshot).history) == job.epochs == 1
    assert pack(unpack_snapshot(job.snapshot))[32:]
