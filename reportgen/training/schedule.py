"""The trainings of a plan side by side on the cores that there are, one epoch a turn, saved after each."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from reportgen.assignment.plan import PlannedExperiment
from reportgen.files import temporary_folder
from reportgen.results.schema import EpochRecord
from reportgen.training.batches import Sets, split
from reportgen.training.checkpoints import Checkpoints, pack, unpack_outcome, unpack_snapshot
from reportgen.training.engines.engine import Engine
from reportgen.training.engines.plain import PLAIN
from reportgen.training.images import Images
from reportgen.training.loop import Trained, advance, conclude, is_complete

OnEpoch = Callable[[str, EpochRecord], None]
OnStep = Callable[[str, float], None]
Tell = Callable[[Literal["note", "warning"], str], None]
_LOOK_EVERY = 0.5
"""Seconds between two looks at how far the workers are, and at whether their parent still lives."""


@dataclass
class Job:
    """One training and how far it is."""

    experiment: PlannedExperiment
    seed: int
    snapshot: bytes | None = None
    epochs: int = 0
    outcome: Trained | None = None
    checkpoints: Checkpoints | None = None
    """Where it is saved; nowhere without."""
    pace: float | None = None
    """Seconds that its last epoch took."""

    def accept(self, turn: Turn, on_epoch: OnEpoch) -> None:
        """Save what a turn gave."""
        if turn.record is not None:
            self.snapshot, self.epochs, self.pace = turn.snapshot, turn.record.epoch, turn.record.seconds
            if self.checkpoints is not None:
                self.checkpoints.save_snapshot(self.epochs, turn.snapshot)
            on_epoch(self.experiment.id, turn.record)
        if turn.outcome is not None:
            if self.checkpoints is not None:
                self.checkpoints.save_outcome(turn.outcome)
            self.outcome = unpack_outcome(turn.outcome)

    @property
    def work_left(self) -> float:
        """Seconds; guessed, and rather too many, before the first epoch."""
        return (self.experiment.training.epochs - self.epochs) * (self.pace or 10.0 * len(self.experiment.layers))


@dataclass(frozen=True)
class Turn:
    """What a worker gives back."""

    snapshot: bytes
    record: EpochRecord | None
    """The epoch that was trained; none where all were done."""
    outcome: bytes | None
    """Of a training all of whose epochs were done before."""


def train_all(
    jobs: Iterable[Job],
    images: Images,
    *,
    side_by_side: int,
    threads: int,
    device: str = "cpu",
    engine: Engine = PLAIN,
    on_epoch: OnEpoch,
    on_step: OnStep,
    tell: Tell = lambda *_: None,
) -> None:
    """Train until every job has its outcome; ``side_by_side`` at a time, each on so many ``threads``.

    On another device than the CPU they are trained one after the other, in this process; also where the system gives
    no semaphores, which is told. The numbers are the same.

    A job that was begun with another number of threads goes on with that. The callbacks are called from this thread.

    Raises:
        TrainingError: a training diverged.
        OutputError: a checkpoint or a temporary folder can't be written.
    """
    waiting = [job for job in jobs if job.outcome is None]
    for job in waiting:
        on_step(job.experiment.id, job.epochs)
    side_by_side = min(side_by_side, len(waiting)) if device == "cpu" else 1
    if side_by_side > 1:
        try:
            _train_in_workers(waiting, images, side_by_side, threads, engine, on_epoch, on_step)
            return
        except _NoWorkersError as error:
            tell("note", f"no processes can work side by side ({error}), so trainings follow one another")
    for job in waiting:
        sets = split(job.experiment, images, job.seed).to(device)
        while job.outcome is None:
            done = job.epochs
            on_part = lambda part, job=job, done=done: on_step(job.experiment.id, done + part)  # noqa: E731
            turn = take_turn(job.experiment, sets, job.seed, job.snapshot, threads, on_part, engine=engine)
            job.accept(turn, on_epoch)


def take_turn(
    experiment: PlannedExperiment,
    sets: Sets,
    seed: int,
    packed: bytes | None,
    threads: int,
    on_part: Callable[[float], None],
    *,
    engine: Engine = PLAIN,
) -> Turn:
    """Train for one epoch, or evaluate the kept weights where all are done."""
    snapshot = unpack_snapshot(packed) if packed is not None else None
    torch.set_num_threads(snapshot.threads if snapshot else threads)
    if snapshot is not None and is_complete(experiment.training, snapshot):
        return Turn(pack(snapshot), None, pack(conclude(experiment, sets, snapshot, engine=engine)))
    snapshot = advance(experiment, sets, seed, snapshot, on_part, engine=engine)
    return Turn(pack(snapshot), snapshot.history[-1], None)


class _NoWorkersError(Exception):
    """The system gives no semaphores; nothing was trained."""


def _train_in_workers(
    waiting: list[Job],
    images: Images,
    side_by_side: int,
    threads: int,
    engine: Engine,
    on_epoch: OnEpoch,
    on_step: OnStep,
) -> None:
    from joblib.externals.loky import ProcessPoolExecutor

    everyone = list(waiting)
    with temporary_folder() as folder:
        parts = np.memmap(folder / "parts", np.float64, "w+", shape=len(everyone))
        given = (images, parts.filename, len(everyone), os.getpid())
        try:
            executor = ProcessPoolExecutor(side_by_side, initializer=_start_worker, initargs=given)
        except OSError as error:  # a /dev/shm that is full or only read, as in small containers
            raise _NoWorkersError(f"/dev/shm: {error.strerror or error}") from error
        running: dict[Future[Turn], Job] = {}
        try:
            while waiting or running:
                while waiting and len(running) < side_by_side:
                    # the one with the most work left: so all end together, and no core is idle beside the last
                    job = max(waiting, key=lambda candidate: candidate.work_left)
                    waiting.remove(job)
                    number = everyone.index(job)
                    parts[number] = 0
                    turn = executor.submit(_work, job.experiment, job.seed, job.snapshot, threads, number, engine)
                    running[turn] = job
                for turn in wait(running, _LOOK_EVERY, FIRST_COMPLETED).done:
                    job = running.pop(turn)
                    job.accept(turn.result(), on_epoch)
                    if job.outcome is None:
                        waiting.append(job)
                for job in running.values():
                    on_step(job.experiment.id, job.epochs + float(parts[everyone.index(job)]))
        except BaseException:
            with _silent_threads():
                executor.shutdown(kill_workers=True)
            raise
        executor.shutdown()


@contextlib.contextmanager
def _silent_threads() -> Iterator[None]:
    """Print no traceback of a thread: loky's own may look for a turn that its shutdown has just taken away."""
    before = threading.excepthook
    threading.excepthook = lambda _: None
    try:
        yield
    finally:
        threading.excepthook = before


_desk: dict[str, Any] = {}
"""In a worker: the images, the sets of each training, and where it writes which part of its epoch is done."""


def _start_worker(images: Images, parts: str, jobs: int, parent: int) -> None:
    gc.freeze()  # loky collects garbage after every turn; all that torch and numba have made would take 0.15 s
    atexit.register(gc.unfreeze)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends this process
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _desk.update(images=images, sets={}, parts=np.memmap(parts, np.float64, "r+", shape=jobs))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    os._exit(1)


def _work(
    experiment: PlannedExperiment, seed: int, packed: bytes | None, threads: int, number: int, engine: Engine
) -> Turn:
    def on_part(part: float) -> None:
        _desk["parts"][number] = part

    if number not in _desk["sets"]:
        _desk["sets"][number] = split(experiment, _desk["images"], seed)
    return take_turn(experiment, _desk["sets"][number], seed, packed, threads, on_part, engine=engine)
