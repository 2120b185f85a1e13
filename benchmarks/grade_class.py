"""How long `reportgen grade` takes for a class, in how much memory, and whether a killed run goes on.

    python benchmarks/grade_class.py [--students N] [--pages N] [--keep DIR] [--profile]

The class of `class_submissions` is read by a fresh process, by a second one over what the first kept, and by one that
is killed in the middle and started again; its output must be that of the first.
"""

import argparse
import cProfile
import io
import os
import pstats
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from class_submissions import write_class

TICK = 0.02
"""Seconds between two looks at the memory."""
KEPT = ".dossiers"
"""Folder of the output where what was read is kept."""
PROFILED = 24
"""Submissions whose reading is profiled."""


@dataclass(frozen=True)
class Measured:
    """What a run took."""

    wall: float
    cpu: float
    """Seconds of user and system time, of all its processes."""
    peak: float
    """MiB that all its processes held at once; what they share is counted for each."""

    def __str__(self) -> str:
        return f"{self.wall:6.1f} s, {self.cpu:6.1f} s of processor, {self.peak:5.0f} MiB at most"


def measure(folder: Path, out: Path) -> Measured:
    """Grade a class in a process of its own, and watch it."""
    start = time.perf_counter()
    process = _start(folder, out)
    peak = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(TICK):
            peak = max(peak, sum(_resident(number) for number in _family(process.pid)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    done.set()
    watcher.join()
    if process.returncode:
        sys.exit(f"reportgen grade ended with {process.returncode}")
    return Measured(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, peak / 2**20)


def kill(folder: Path, out: Path, after: int) -> int:
    """Grade a class and kill the process when so many submissions are kept; gives how many are."""
    process = _start(folder, out)
    while process.poll() is None and _kept(out) < after:
        time.sleep(TICK)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return _kept(out)


def differences(first: Path, second: Path) -> list[str]:
    """Files of two output folders that are not the same; what is kept for the next run is left out."""
    ours, theirs = (
        {
            str(path.relative_to(out)): path.read_bytes()
            for path in out.rglob("*")
            if path.is_file() and KEPT not in path.parts
        }
        for out in (first, second)
    )
    return sorted(name for name in ours | theirs if ours.get(name) != theirs.get(name))


def _start(folder: Path, out: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "reportgen", "grade", str(folder), "--out", str(out), "--quiet"])


def _kept(out: Path) -> int:
    return sum(1 for _ in (out / KEPT).glob("*.json"))


def _family(process: int) -> Iterator[int]:
    """A process, those that it started, and theirs."""
    yield process
    try:
        lists = [path.read_text() for path in Path(f"/proc/{process}/task").glob("*/children")]
    except OSError:
        return
    for child in (int(child) for text in lists for child in text.split()):
        yield from _family(child)


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def profile(folder: Path) -> str:
    """Where the reading of some submissions spends its time, in this process."""
    from reportgen.assignment.bundled import load_spec
    from reportgen.grading.intake.submissions import find_submissions
    from reportgen.grading.reading import read_submission

    spec = load_spec("csl7590-a1")
    submissions = find_submissions(folder, spec, lambda entry: "").submissions[:PROFILED]
    read_submission(submissions[0], spec)  # imports are not what is asked for
    profiler = cProfile.Profile()
    start = time.process_time()
    profiler.enable()
    for submission in submissions:
        read_submission(submission, spec)
    profiler.disable()
    text = io.StringIO()
    pstats.Stats(profiler, stream=text).sort_stats("cumulative").print_stats("reportgen/|pypdfium2", 50)
    spent = f"{len(submissions)} submissions, {time.process_time() - start:.1f} s of processor, profiled\n"
    return spent + re.sub(r"/\S*/(?=reportgen/|pypdfium2/)", "", text.getvalue())


def run(scratch: Path, students: int, pages: int) -> Sequence[str]:
    """Measure, print, and name the outputs that differ after a run was killed."""
    folder = scratch / "class"
    sizes = [path.stat().st_size for path in folder.glob("*.pdf")]
    mean = sum(sizes) / len(sizes) / 2**20
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{students} submissions, each with a PDF of {pages} pages, {mean:.1f} MiB on average; {load}", flush=True)
    with tempfile.TemporaryDirectory() as outputs:
        first, second = Path(outputs) / "first", Path(outputs) / "second"
        print(f"first run   {measure(folder, first)}", flush=True)
        print(f"second run  {measure(folder, first)}", flush=True)
        print(f"killed when {kill(folder, second, students // 2)} were read, and started again", flush=True)
        print(f"went on     {measure(folder, second)}; load {os.getloadavg()[0]:.1f}", flush=True)
        return differences(first, second)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--pages", type=int, default=10, help="pages of a report, at least")
    parser.add_argument("--keep", type=Path, help="folder in which the class is made, or was made before")
    parser.add_argument("--profile", action="store_true", help="only tell where the time of reading goes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        scratch = options.keep or Path(temporary)
        if not (scratch / "class").exists():
            write_class(scratch / "class", options.students, options.pages)
        if options.profile:
            print(profile(scratch / "class"))
            return
        different = run(scratch, options.students, options.pages)
    print(f"outputs that differ: {', '.join(different) or 'none'}")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
