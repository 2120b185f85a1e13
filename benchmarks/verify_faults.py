"""How many faults `reportgen verify` finds, and how often it accuses a report that is right.

    python benchmarks/verify_faults.py [--reports N] [--only NAME] [--show N]

Correct facts come from `report_facts`, written in the styles of `report_styles`; each fault of `report_mutations` is
put into the facts of a report. A fault counts as found when at least one claim is contradicted; a false alarm is an
untouched report with a contradiction. A fault is left out where the report prints nothing that could decide it (an
accuracy without a matrix, a table of epochs or a number of images): `report_mutations` knows which. PDFs are slow to
make, so of these each report gets a few faults and not all.
"""

import argparse
import copy
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import UndefinedError
from joblib import Parallel, delayed
from report_facts import Facts, make_facts
from report_mutations import DECIDED_BY, MUTATIONS, WITNESSES, Mutation
from report_styles import Style, load_styles

from reportgen.assignment.bundled import load_spec
from reportgen.documents.reading import SUFFIXES, parse_document
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Claim

Tally = dict[str, list[int]]


@dataclass(frozen=True)
class Trial:
    """One report that was checked."""

    style: str
    seed: int
    fault: str
    """Empty for an untouched report."""
    accused: str
    """The first contradiction; empty where there is none."""
    changed: str
    """The first lines that the fault changed."""


def contradictions(style: Style, text: str, facts: Facts) -> tuple[Claim, ...]:
    """What verify contradicts in a report."""
    content, name = style.content(text), f"{facts.roll}{style.suffix}"
    document = parse_document(content, name, SUFFIXES[style.suffix])
    return judge(document, load_spec("csl7590-a1"), None, content).contradicted


def mutate(facts: Facts, mutation: Mutation, seed: int) -> Facts:
    """A copy of the facts with one fault."""
    wrong = copy.deepcopy(facts)
    mutation(wrong, random.Random(seed))
    return wrong


def write(style: Style, facts: Facts) -> str | None:
    """Write a report; None where the style can't: a matrix of another size, the root of a negative number."""
    try:
        return style.text(facts)
    except (UndefinedError, TypeError, ArithmeticError):
        return None


def decidable(style: Style, facts: Facts, fault: str) -> bool:
    """Tell whether the report prints something that the fault contradicts."""
    witnesses = DECIDED_BY.get(fault)
    right = style.text(facts)
    return witnesses is None or any(write(style, mutate(facts, WITNESSES[name], 0)) != right for name in witnesses)


def try_report(name: str, seed: int, pdf_faults: int) -> list[Trial]:
    """Check one report untouched and with faults."""
    style = next(style for style in load_styles() if style.name == name)
    facts = make_facts(seed)
    right = style.text(facts)
    trials = [_trial(style, right, facts, "", "")]
    visible = [
        (fault, text)
        for fault, mutation in MUTATIONS.items()
        if (text := write(style, mutate(facts, mutation, seed))) not in (right, None) and decidable(style, facts, fault)
    ]
    if style.kind == "pdf":
        visible = random.Random(f"{name}/{seed}").sample(visible, min(pdf_faults, len(visible)))
    for fault, text in visible:
        assert text is not None
        lines = zip(right.split("\n"), text.split("\n"), strict=False)
        trials.append(_trial(style, text, facts, fault, " | ".join(b.strip() for a, b in lines if a != b)[:200]))
    return trials


def _trial(style: Style, text: str, facts: Facts, fault: str, changed: str) -> Trial:
    found = contradictions(style, text, facts)
    accused = f"{found[0].kind}: {found[0].text} [{found[0].rule}; {found[0].expected}]" if found else ""
    return Trial(style.name, facts.number, fault, accused, changed)


def run(options: argparse.Namespace) -> list[Trial]:
    """Try every style with every seed."""
    seeds = range(options.first, options.first + options.reports)
    names = [style.name for style in load_styles() if options.only in (None, style.name)]
    tasks = [delayed(try_report)(name, seed, options.pdf_faults) for name in names for seed in seeds]
    return [trial for trials in Parallel(n_jobs=-1)(tasks) for trial in trials]


def _tally(trials: Sequence[Trial], key: str) -> Tally:
    tally: Tally = defaultdict(lambda: [0, 0])
    for trial in trials:
        entry = tally[getattr(trial, key)]
        entry[0] += bool(trial.accused)
        entry[1] += 1
    return tally


def _lines(tally: Tally) -> Iterator[str]:
    for name, (found, total) in sorted(tally.items()):
        yield f"  {name:40} {found:5} of {total:5}  {found / total:8.2%}"


def report(trials: Sequence[Trial], show: int) -> None:
    """Print recall by kind of fault and by style, and the false alarms."""
    untouched = [trial for trial in trials if not trial.fault]
    faulty = [trial for trial in trials if trial.fault]
    alarms = [trial for trial in untouched if trial.accused]
    for trial in alarms[:show]:
        print(f"false alarm: {trial.style}, number {trial.seed}: {trial.accused}")
    for trial in [trial for trial in faulty if not trial.accused][:show]:
        print(f"missed: {trial.fault} in {trial.style}, number {trial.seed}: {trial.changed}")
    for key in ("fault", "style"):
        print(*_lines(_tally(faulty, key)), "", sep="\n")
    found = sum(bool(trial.accused) for trial in faulty)
    print(f"  {'all faults':40} {found:5} of {len(faulty):5}  {found / max(1, len(faulty)):8.2%}")
    accused = sorted({trial.style for trial in alarms})
    print(f"  {'false alarms on untouched reports':40} {len(alarms):5} of {len(untouched):5}  {', '.join(accused)}")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=8, help="reports for each style")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--pdf-faults", type=int, default=4, help="faults for each report that is a PDF")
    parser.add_argument("--show", type=int, default=0, help="misses and false alarms to print")
    parser.add_argument("--only", help="only this style")
    options = parser.parse_args()
    print(f"seeds {options.first} to {options.first + options.reports - 1}, Python {sys.version.split()[0]}")
    report(run(options), options.show)


if __name__ == "__main__":
    main()
