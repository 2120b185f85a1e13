"""Kills a training again and again, at random moments, and asks whether it ends with the bits of one left alone.

Trains all three experiments on MNIST's first 6,000 images on all cores, saved after each epoch. Each kill is a SIGKILL
to the parent alone, whose workers must notice; every fifth also truncates the newest file, as a loss of power may.
Needs MNIST in $REPORTGEN_DATA_DIR.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from reportgen.assignment.bundled import load_spec
from reportgen.assignment.datasets import MNIST
from reportgen.assignment.plan import Options, resolve
from reportgen.results.schema import Student
from reportgen.training import experiment
from reportgen.training import images as data
from reportgen.training.engines.choice import choose_engine

LONGEST = 12.0
"""Seconds from the begin of a run to its kill at most; the workers need some of them to start."""


def run(folder: Path, epochs: int) -> Mapping[str, bytes]:
    """Train, or go on; the results without what the clock said, and the weights."""
    found = data.find(MNIST, Path(os.environ["REPORTGEN_DATA_DIR"]))
    assert found is not None
    whole = data.load(MNIST, found)
    images = replace(whole, train_images=whole.train_images[:6000], train_labels=whole.train_labels[:6000])
    spec = load_spec("csl7590-a1")
    student = Student(roll="M23CSE023", name="", date="25 January 2024", colab="")
    plan = resolve(spec, student.roll, Options(epochs=epochs))
    engine, _ = choose_engine("auto", "cpu")
    print("begins", flush=True)
    computed = experiment.run(
        spec,
        plan,
        images,
        student,
        folder=folder,
        engine=engine,
        timed=False,
        tell=lambda kind, text: print(kind, text, flush=True),
    )
    return {**computed.weights, "results": computed.results.model_dump_json().encode()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="(the killed process itself)")
    asked = parser.parse_args()
    if asked.folder is not None:
        run(asked.folder, asked.epochs)
        return
    random.seed(asked.seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "killed"
        command = [sys.executable, __file__, "--folder", str(folder), "--epochs", str(asked.epochs)]
        kills, truncated, told = 0, 0, 0
        while kills < asked.kills:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(random.uniform(0, LONGEST))
            finished = process.poll() is not None
            process.send_signal(signal.SIGKILL)
            said, _ = process.communicate()
            told += said.count("is damaged")
            if finished:
                sys.exit(f"the training was over after {kills} kills; ask for more --epochs")
            kills += 1
            newest = max(folder.rglob("*.pt"), key=lambda path: path.stat().st_mtime, default=None)
            if kills % 5 == 0 and newest is not None:
                os.truncate(newest, random.randrange(newest.stat().st_size))
                truncated += 1
        saved = sorted(path.stem for path in folder.rglob("epoch-*.pt"))
        print(f"{kills} kills, {truncated} files truncated, {told} told so far; newest saved {saved[-1]}", flush=True)
        killed, alone = run(folder, asked.epochs), run(Path(scratch) / "alone", asked.epochs)
    same = [name for name in alone if killed[name] == alone[name]]
    print(f"{len(same)} of {len(alone)} files are bitwise the same: {', '.join(same)}")
    sys.exit(len(same) != len(alone))


if __name__ == "__main__":
    main()
