"""How many faulty programs `inspect` names the fault of, and how many right ones it accuses.

``benchmarks/inspect_faults.py FOLDER TRUTH`` reads ``FOLDER/ID/bug.py`` for each ID of TRUTH, a JSON document:

    {"ID": {"rules": ["loss-and-outputs"], "at": ["Dense(1,"], "fix": [["old", "new"]], "note": ""}}

A fault is named where a remark of one of its rules stands on a line that holds one of the texts ``at``. ``fix`` are
the changes that make the program right; each remark on the changed program is printed, for a person to judge. A
program without ``fix`` has a fault that no line shows (too few units, another threshold).
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reportgen.code.source import read_program
from reportgen.inspection.reading import inspect_program
from reportgen.inspection.report import RemarkReport
from reportgen.own_reports.second_scores import wilson


@dataclass
class Measured:
    """What came out of all programs."""

    named: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    accused: dict[str, Sequence[RemarkReport]] = field(default_factory=dict)
    fixed: int = 0
    seconds: list[float] = field(default_factory=list)


def remarks(text: str, measured: Measured) -> Sequence[RemarkReport]:
    """What is remarked in a program, and how long that takes."""
    started = time.perf_counter()
    found = inspect_program(read_program({"bug.py": text.encode()})).remarks
    measured.seconds.append(time.perf_counter() - started)
    return found


def is_named(found: Sequence[RemarkReport], text: str, fault: dict[str, Any]) -> bool:
    """Whether a remark of one of the fault's rules stands where the fault is."""
    lines = {number for number, line in enumerate(text.split("\n"), 1) if any(part in line for part in fault["at"])}
    return any(remark.rule in fault["rules"] and remark.spot.line in lines for remark in found)


def measure(folder: Path, truth: dict[str, dict[str, Any]]) -> Measured:
    """Inspect each program, faulty and right."""
    measured = Measured()
    for name, fault in truth.items():
        text = (folder / name / "bug.py").read_text(encoding="utf-8")
        (measured.named if is_named(remarks(text, measured), text, fault) else measured.unnamed).append(name)
        for old, new in fault["fix"]:
            if old not in text:
                raise SystemExit(f"{name}: {old!r} does not stand in it")
            text = text.replace(old, new)
        if fault["fix"]:
            measured.fixed += 1
            found = remarks(text, measured)
            if found:
                measured.accused[name] = found
    return measured


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("truth", type=Path)
    asked = parser.parse_args()
    measured = measure(asked.folder, json.loads(asked.truth.read_text(encoding="utf-8")))
    for name, found in measured.accused.items():
        for remark in found:
            print(f"{name} {remark.level.value} {remark.rule} line {remark.spot.line}: {remark.reason} | {remark.text}")
    print("not named:", *measured.unnamed)
    named, programs = len(measured.named), len(measured.named) + len(measured.unnamed)
    low, high = wilson(named, programs)
    print(f"named {named} of {programs} ({low:.0%} to {high:.0%})")
    print(f"right versions with a remark: {len(measured.accused)} of {measured.fixed}")
    mean = sum(measured.seconds) / len(measured.seconds)
    print(f"at most {max(measured.seconds):.2f} s a program, {mean:.2f} on average")


if __name__ == "__main__":
    main()
