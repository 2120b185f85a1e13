"""Faults put into real documents: one digit of a number that a careful reader found right is changed.

    python benchmarks/verify_seeded.py [DOCUMENTS] [TRUTHS] [--run default|none] [--show N] [--faults N]

Folders as in `verify_truth`. Only documents of text are changed (not PDFs), and only numbers that stand once in the
line that the reader names. A fault is found where a new accusation names the changed number; an accusation of another
number may be right (a changed term makes its sum wrong), so it is counted apart. Where neither the document nor the
assignment says anything else of a number, nothing can find its fault: the share is to be compared from one day to the
next.
"""

import argparse
import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from truth_matching import NUMERAL, numerals, places
from truth_runs import document_paths, load_truths
from truth_tables import share

from reportgen.assignment import DEFAULT_ASSIGNMENT
from reportgen.pipelines.verify import Request, verify_all
from reportgen.verification.ledger import Ledger

TEXT = {".md", ".tex", ".txt", ".html"}


@dataclass(frozen=True)
class Fault:
    """A document with one digit changed."""

    case: str
    decided_by: str
    before: str
    after: str
    text: str


def faults(case: str, text: str, truth: Mapping[str, Any], most: int) -> Iterator[Fault]:
    """Change the last digit but one of numbers of two digits and more, the last of others; chosen by the id."""
    lines = text.split("\n")
    generator = random.Random(case)
    made = []
    for entry in truth["right_sample"]:
        numbers = [match[0] for match in NUMERAL.finditer(entry["value"])]
        at = next((first for unit, first, _ in places(entry["where"]) if unit == "line"), None)
        if len(numbers) != 1 or at is None or at > len(lines) or lines[at - 1].count(numbers[0]) != 1:
            continue
        digits = [index for index, sign in enumerate(numbers[0]) if sign.isdigit()]
        index = digits[-2] if len(digits) > 2 else digits[-1]
        digit = str((int(numbers[0][index]) + generator.randint(1, 8)) % 10 or 9)
        changed = numbers[0][:index] + digit + numbers[0][index + 1 :]
        if changed != numbers[0]:
            line = lines[at - 1].replace(numbers[0], changed)
            whole = "\n".join([*lines[: at - 1], line, *lines[at:]])
            made.append(Fault(case, decided_by(entry["decided_by"]), numbers[0], changed, whole))
    yield from generator.sample(made, min(most, len(made)))


def decided_by(words: str) -> str:
    """What could decide a number, without the detail that readers put behind it."""
    kinds = (
        "its own arithmetic",
        "another number of the document",
        "the network it states",
        "the code",
        "the data set",
    )
    return next((kind for kind in kinds if words.startswith(kind)), "something else")


def accusations(ledger: Ledger | None) -> Counter[tuple[str, str]]:
    """What is contradicted: words and number, how often."""
    return Counter((claim.text, str(claim.found)) for claim in ledger.contradicted) if ledger else Counter()


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="?", default=os.environ.get("REPORTGEN_CORPUS"))
    parser.add_argument("truths", nargs="?", default=os.environ.get("REPORTGEN_CORPUS_TRUTH"))
    parser.add_argument("--run", choices=["default", "none"], default="default")
    parser.add_argument("--faults", type=int, default=5, help="most in a document")
    parser.add_argument("--show", type=int, default=0, help="misses to print")
    options = parser.parse_args()
    if not options.documents or not options.truths:
        parser.error("name DOCUMENTS and TRUTHS, or set REPORTGEN_CORPUS and REPORTGEN_CORPUS_TRUTH")
    truths = load_truths(Path(options.truths))
    paths = {
        case: path for case, path in document_paths(Path(options.documents), truths).items() if path.suffix in TEXT
    }
    seeded = [
        fault for case, path in paths.items() for fault in faults(case, path.read_text(), truths[case], options.faults)
    ]
    assignment = "none" if options.run == "none" else DEFAULT_ASSIGNMENT
    with tempfile.TemporaryDirectory(prefix="reportgen-") as folder:
        requests = [Request(path, path.name) for path in paths.values()]
        for number, fault in enumerate(seeded):
            path = Path(folder) / f"{number}{paths[fault.case].suffix}"
            path.write_text(fault.text)
            requests.append(Request(path, paths[fault.case].name))
        ledgers = [outcome.ledger for outcome in verify_all(requests, assignment, jobs=1)]
    before = {case: accusations(ledger) for case, ledger in zip(paths, ledgers, strict=False)}
    found: Counter[str] = Counter()
    total = Counter(fault.decided_by for fault in seeded)
    elsewhere = 0
    for fault, ledger in zip(seeded, ledgers[len(paths) :], strict=True):
        new = accusations(ledger) - before[fault.case]
        named = any(set(numerals(fault.after)) & set(numerals(f"{text} {number}")) for text, number in new)
        found[fault.decided_by] += named
        elsewhere += bool(new) and not named
        if not named and options.show > 0:
            options.show -= 1
            print(f"missed: {fault.case}: {fault.before} -> {fault.after} ({fault.decided_by})")
    print(f"documents: {len({fault.case for fault in seeded})}")
    print(f"seeded faults found: {share(found.total(), len(seeded))}")
    print(f"only another number accused: {share(elsewhere, len(seeded))}")
    print(*(f"  decided by {name}: {share(found[name], total[name])}" for name in sorted(total)), sep="\n")


if __name__ == "__main__":
    main()
