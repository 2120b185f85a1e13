"""How many faults `reportgen verify` finds, and how often it accuses a report that is right.

    python benchmarks/verify_faults.py [--reports N] [--show MISSES]

Correct reports come from `report_facts`, written in the styles of `report_styles`; each fault of
`report_mutations` is put into the facts of another report. A fault counts as found when at least one claim is
contradicted; a false alarm is an untouched report with a contradiction. Styles and faults that verify was never tuned
on are reported apart.
"""

import argparse
import copy
import random
import sys
from collections import defaultdict
from collections.abc import Mapping

from held_out_styles import HELD_OUT_STYLES
from later_styles import LATER_STYLES
from report_facts import Facts, make_facts
from report_mutations import HELD_OUT, MUTATIONS, Mutation
from report_styles import STYLES, Style
from second_styles import SECOND_STYLES

from reportgen.catalog import load_spec
from reportgen.spec import Assignment
from reportgen.verification.documents import DocumentKind
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Claim
from reportgen.verification.reading import parse_document

Styles = Mapping[str, tuple[Style, str]]
Tally = dict[str, list[int]]
IN_SIGHT: Styles = {**STYLES, **LATER_STYLES, **SECOND_STYLES}


def contradictions(text: str, kind: DocumentKind, assignment: Assignment, roll: str) -> tuple[Claim, ...]:
    """What verify contradicts in a text."""
    content = text.encode()
    return judge(parse_document(content, f"{roll}.txt", kind), assignment, None, content).contradicted


def mutate(facts: Facts, mutation: Mutation, seed: int) -> Facts:
    """A copy of the facts with one fault."""
    wrong = copy.deepcopy(facts)
    mutation(wrong, random.Random(seed))
    return wrong


def run(
    styles: Styles, mutations: Mapping[str, Mutation], reports: int, first: int, show: int
) -> tuple[Tally, Tally, list[int]]:
    """Count found and all faults by kind and by style, and false alarms and all untouched reports."""
    assignment = load_spec("csl7590-a1")
    by_kind: Tally = defaultdict(lambda: [0, 0])
    by_style: Tally = defaultdict(lambda: [0, 0])
    alarms = [0, 0]
    for seed in range(first, first + reports):
        facts = make_facts(seed)
        for style, (write, kind) in styles.items():
            right = write(facts)
            accused = contradictions(right, kind, assignment, facts.roll)  # type: ignore[arg-type]
            alarms[0] += bool(accused)
            alarms[1] += 1
            if accused and show:
                print(f"false alarm: {style}, seed {seed}: {accused[0]!r}")
            for name, mutation in mutations.items():
                wrong = mutate(facts, mutation, seed)
                text = write(wrong)
                if text == right:
                    continue
                found = bool(contradictions(text, kind, assignment, facts.roll))  # type: ignore[arg-type]
                for tally, key in ((by_kind, name), (by_style, style)):
                    tally[key][0] += found
                    tally[key][1] += 1
                if not found and show > 0:
                    show -= 1
                    changed = [b for a, b in zip(right.split("\n"), text.split("\n"), strict=False) if a != b]
                    print(f"missed: {name} in {style}, seed {seed}: {changed[:3]}")
    return by_kind, by_style, alarms


def report(title: str, tallies: tuple[Tally, Tally, list[int]]) -> None:
    """Print one group of results."""
    by_kind, by_style, alarms = tallies
    print(f"\n{title}")
    for tally in (by_kind, by_style):
        for name, (found, total) in sorted(tally.items()):
            print(f"  {name:40} {found:5} of {total:5}  {found / total:7.2%}")
        print()
    found, total = (sum(values[i] for values in by_kind.values()) for i in (0, 1))
    print(f"  {'all faults':40} {found:5} of {total:5}  {found / max(1, total):7.2%}")
    print(f"  {'false alarms on untouched reports':40} {alarms[0]:5} of {alarms[1]:5}")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=40, help="facts for each style")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--show", type=int, default=0, help="misses to print")
    parser.add_argument("--held-out", action="store_true", help="run what verify was never tuned on, too")
    options = parser.parse_args()
    print(f"seeds {options.first} to {options.first + options.reports - 1}, Python {sys.version.split()[0]}")
    report(
        "Styles and faults in sight",
        run(IN_SIGHT, MUTATIONS, options.reports, options.first, options.show),
    )
    if options.held_out:
        report("Faults held out", run(IN_SIGHT, HELD_OUT, options.reports, options.first, 0))
        report("Styles held out", run(HELD_OUT_STYLES, {**MUTATIONS, **HELD_OUT}, options.reports, options.first, 0))


if __name__ == "__main__":
    main()
