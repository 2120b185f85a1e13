"""How many faults of submitted code `reportgen grade` finds, how often it accuses code that is right, and of what.

    python benchmarks/grade_faults.py [--seeds N] [--show N]

Right facts come from `code_facts`, written by the templates of `code_styles`; each fault of `code_faults` is put into
the facts of a submission. A fault counts as found when its check reports a fault; a false accusation is any fault in
a submission that is right, or a fault of a check that has nothing to do with the one put in. Undecided is what the
reader says that it can't follow.
"""

import argparse
import copy
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from code_facts import UnshowableError, make_facts
from code_faults import FAULTS
from code_submissions import load_styles, render
from joblib import Parallel, delayed

from reportgen.assignment.bundled import load_spec
from reportgen.code.source import read_source
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.code import check_code

RELATED = {
    "data-split": {"wrong-set-measured", "wrong-divisor", "test-set-chooses", "test-set-augmented"},
    "wrong-set-measured": {"data-split", "wrong-divisor"},
    "wrong-divisor": {"wrong-set-measured"},
    "loss": {"softmax-before-loss"},
    "evaluation-mode": {"training-mode"},
    "training-mode": {"evaluation-mode"},
    "unused-layer": {"evaluation-mode", "techniques"},
}
"""Checks that one fault can break together."""


@dataclass(frozen=True)
class Trial:
    """One submission that was checked."""

    style: str
    seed: int
    fault: str
    """Empty for a submission that is right."""
    found: bool
    undecided: bool
    accused: tuple[str, ...]
    """Faults found that were not put in."""


def try_style(style: str, seed: int) -> list[Trial]:
    """Check one submission as it is, and with each fault that it can show."""
    facts = make_facts(seed)
    right = render(style, facts)
    trials = [_trial(style, seed, "", right, facts.roll)]
    for name, fault in FAULTS.items():
        wrong = copy.deepcopy(facts)
        fault.apply(wrong, random.Random(f"{name}/{seed}"))
        try:
            text = render(style, wrong)
        except UnshowableError:
            continue
        if text != right:
            trials.append(_trial(style, seed, name, text, facts.roll))
    return trials


def _trial(style: str, seed: int, fault: str, text: str, roll: str) -> Trial:
    findings = check_code(read_source(text.encode(), f"{roll}.py"), load_spec("csl7590-a1"), roll)
    check = FAULTS[fault].check if fault else ""
    wrong = [finding for finding in findings if finding.kind is FindingKind.FAULT]
    related = {check} | RELATED.get(check, set())
    return Trial(
        style,
        seed,
        fault,
        any(finding.check in related for finding in wrong),
        any(finding.check == check and finding.kind is FindingKind.UNDECIDED for finding in findings),
        tuple(dict.fromkeys(_said(finding) for finding in wrong if finding.check not in related)),
    )


def _said(finding: Finding) -> str:
    return f"{finding.check} ({finding.experiment}, line {finding.place.line}): {finding.reason} [{finding.text}]"


def report(trials: Sequence[Trial], show: int) -> None:
    """Print recall by kind of fault and by style, and the false accusations."""
    faulty = [trial for trial in trials if trial.fault]
    right = [trial for trial in trials if not trial.fault]
    for line in _lines(trials, show):
        print(line)
    for key in ("fault", "style"):
        table: dict[str, list[Trial]] = defaultdict(list)
        for trial in faulty:
            table[getattr(trial, key)].append(trial)
        for name, own in sorted(table.items()):
            print(_row(name, own))
    print(_row("all faults", faulty))
    accused = sum(bool(trial.accused) for trial in trials)
    among_right = sum(bool(trial.accused) for trial in right)
    share = accused / max(1, len(trials))
    print(f"  right submissions accused                     {among_right} of {len(right)}")
    print(f"  submissions accused of what they don't have   {accused} of {len(trials)} ({share:.2%})")


def _row(name: str, trials: Sequence[Trial]) -> str:
    found = sum(trial.found for trial in trials)
    undecided = sum(not trial.found and trial.undecided for trial in trials)
    decidable = len(trials) - undecided
    return (
        f"  {name:52} {found:4} of {len(trials):4}, {undecided:3} undecided"
        f"   {found / max(1, len(trials)):8.2%} {found / max(1, decidable):8.2%} of the decidable"
    )


def _lines(trials: Sequence[Trial], show: int) -> Iterator[str]:
    wrong = [
        f"  accused: {trial.style} {trial.seed} {trial.fault or 'right'}: {said}"
        for trial in trials
        for said in trial.accused
    ]
    missed = [
        f"  {'undecided' if trial.undecided else 'missed'}: {trial.style} {trial.seed}: {trial.fault}"
        for trial in trials
        if trial.fault and not trial.found
    ]
    yield from (*wrong[:show], *missed[:show])


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=4, help="submissions for each style")
    parser.add_argument("--show", type=int, default=20, help="misses and accusations to print")
    options = parser.parse_args()
    tasks = [delayed(try_style)(style, seed) for style in load_styles() for seed in range(options.seeds)]
    report([trial for found in Parallel(n_jobs=-1)(tasks) for trial in found], options.show)


if __name__ == "__main__":
    main()
