"""Mutate documents, code, assignments, sheets and results files, and hand them to what reads them.

    python benchmarks/mutations.py --seconds 600 --seed 1 FOLDER...

The folders hold the files to mutate (the tests' own are always among them). Counts, by kind of file: answers,
refusals, internal errors (exit code 70), what took more than 5 s of processor time, and the most memory of a process.
Exit code 1 where there was an internal error, a hang, or more than 512 MiB.
"""

import argparse
import contextlib
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from reportgen.assignment.bundled import bundled_ids, load_spec, parse_spec, spec_bytes
from reportgen.errors import ReportgenError
from reportgen.grading.marks.overrides import overrides_template, read_overrides
from reportgen.grading.platforms.sheets import read_sheet
from reportgen.results.reading import parse
from reportgen.sandbox.process import Limits, ReadingProcess, UnansweredError

TESTS = Path(__file__).parent.parent / "tests"
DOCUMENTS = frozenset({".pdf", ".md", ".html", ".ipynb", ".txt", ".tex"})
ODD = (b"1e308", b"-1", b"NaN", b"9" * 5000, b"\\ud800", b"\x00", b"\xff\xfe", b"[" * 3000, b"(" * 3000, b"|" * 3000)
SLOW, LARGE = 5.0, 512
"""Seconds and MiB."""


def mutated(content: bytes, others: list[bytes], generator: random.Random) -> bytes:
    """Change a file in one to six places: bytes, spans cut, repeated, moved in from another, odd values."""
    data = bytearray(content)
    for _ in range(generator.randint(1, 6)):
        at = generator.randrange(len(data) + 1)
        span = generator.choice((1, 8, 64, 2000))
        match generator.randrange(6):
            case 0 if data:
                data[min(at, len(data) - 1)] = generator.randrange(256)
            case 1:
                del data[at : at + span]
            case 2:
                data[at:at] = data[at : at + span] * generator.choice((2, 50))
            case 3:
                other = generator.choice(others)
                start = generator.randrange(len(other) + 1)
                data[at:at] = other[start : start + span]
            case 4:
                data[at:at] = generator.choice(ODD)
            case _:
                del data[at:]
    return bytes(data)


def _largest_child() -> int:
    """The most memory that a process started here holds at one time or held before, MiB (Linux)."""
    largest = 0
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread or a process that has just ended
            for child in (task / "children").read_text().split():
                lines = (Path("/proc") / child / "status").read_text().splitlines()
                largest = max([largest, *(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))])
    return largest


class _Documents:
    """Reading processes, one for documents and one for code."""

    def __init__(self, folder: Path) -> None:
        setup = {"assignment": "csl7590-a1"}
        limits = Limits(seconds=SLOW, mebibytes=1024)
        self._folder = folder
        whole = {"assignment": load_spec("csl7590-a1").model_dump(mode="json")}
        self._readers = {
            "document": ReadingProcess("reportgen.pipelines.document_reader", lambda: setup, limits),
            "submission": ReadingProcess("reportgen.pipelines.submission_reader", lambda: whole, limits),
        }
        self.largest = 0

    def read(self, content: bytes, suffix: str) -> str:
        """Hand a file to the reader of its kind; return what became of it."""
        path = self._folder / f"M23CSE023{suffix}"
        path.write_bytes(content)
        code = suffix == ".py" or (suffix == ".ipynb" and len(content) % 2 == 0)
        reader = self._readers["submission" if code else "document"]
        asked = {"path": str(path), "source": path.name, "roll": None, "carried": True, "text": False, "code": []}
        entry = [path.name, str(path), [], len(content)]
        handed = {"id": "M23CSE023", "roll": "M23CSE023", "files": [entry], "extra": []}
        try:
            answer = reader.ask(handed if code else asked)
        except UnansweredError as error:
            return "hung" if "longer" in str(error) or "clock" in str(error) else "out of memory"
        finally:
            self.largest = max(self.largest, _largest_child())
        if answer.get("code") == ReportgenError.exit_code:
            print(answer["error"])
            return "exit code 70"
        return "refused" if "error" in answer else "answered"

    def close(self) -> None:
        """End the processes."""
        for reader in self._readers.values():
            reader.close()


def here(function: Callable[[], object]) -> str:
    """Call a reader of this process; return what became of it."""
    started = time.process_time()
    try:
        function()
        became = "answered"
    except ReportgenError as error:
        became = "exit code 70" if error.exit_code == ReportgenError.exit_code else "refused"
    except Exception:
        traceback.print_exc()
        became = "exit code 70"
    return "hung" if time.process_time() - started > SLOW else became


def main() -> int:
    """Mutate until the time is over; print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    assignment = load_spec("csl7590-a1")
    rolls = ["M23CSE023", "M23CSE024"]
    files = [path for folder in (TESTS / "cases", *options.folders) for path in sorted(folder.rglob("*"))]
    seeds = [(path.suffix, path.read_bytes()) for path in files if path.suffix in {*DOCUMENTS, ".py", ".toml"}]
    seeds += [(".toml", spec_bytes(key)) for key in bundled_ids()]
    seeds += [(".json", (TESTS / "golden" / "results.json").read_bytes())] * 3
    seeds += [(".csv", overrides_template(assignment, rolls, {}))] * 3
    seeds = [(suffix, content) for suffix, content in seeds if len(content) < 1_000_000]
    by_kind = {suffix: [content for other, content in seeds if other == suffix] for suffix, _ in seeds}
    generator = random.Random(options.seed)
    counts: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        documents = _Documents(Path(folder))
        end = time.monotonic() + options.seconds
        while time.monotonic() < end:
            suffix = generator.choice(sorted(by_kind))
            content = mutated(generator.choice(by_kind[suffix]), by_kind[suffix], generator)
            state = "answered"
            if suffix == ".toml":
                state = here(lambda content=content: parse_spec(content, "mutated.toml"))
            elif suffix == ".json":
                state = here(lambda content=content: parse(content, "mutated.json"))
            elif suffix == ".csv":
                state = here(lambda content=content: read_sheet(content, "mutated.csv"))
                second = here(lambda content=content: read_overrides(content, "mutated.csv", assignment, rolls))
                state = second if second in {"hung", "exit code 70"} else state
            else:
                state = documents.read(content, suffix)
            counts[suffix, state] += 1
            if state not in {"answered", "refused"}:
                kept = Path(tempfile.gettempdir()) / f"mutation-{options.seed}-{counts.total()}{suffix}"
                kept.write_bytes(content)
                print(f"{state}: {kept}", flush=True)
        documents.close()
    for suffix in sorted(by_kind):
        print(suffix, {state: number for (kind, state), number in sorted(counts.items()) if kind == suffix})
    print(f"{counts.total():,} inputs; largest reading process {documents.largest:,} MiB")
    bad = sum(number for (_, state), number in counts.items() if state not in {"answered", "refused"})
    return int(bad > 0 or documents.largest > LARGE)


if __name__ == "__main__":
    sys.exit(main())
