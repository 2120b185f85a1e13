"""Sentences that change nothing: a right report with one more true sentence must not be accused of more.

    python benchmarks/verify_sentences.py [REPORT …] [--show N] [--pdf]

Every sentence of `true_sentences` is put into every report, in places that go round: reports in the styles of
`report_styles`, the hand-made case of the tests, and the files named (a report of ours as HTML, say). What is accused
in the untouched report already doesn't count. ``--pdf`` adds the styles that are printed, which takes minutes.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from joblib import Parallel, delayed
from ledger_invariants import broken
from report_facts import make_facts
from report_styles import load_styles, notebook
from true_sentences import PLACES, SENTENCES, insert
from truth_tables import share

from reportgen.assignment.bundled import load_spec
from reportgen.documents.reading import SUFFIXES, parse_document
from reportgen.own_reports.check import judge_report
from reportgen.verification.ledger import Ledger

CASE = Path(__file__).parent.parent / "tests" / "cases" / "M23CSE023.md"


@dataclass(frozen=True)
class Report:
    """A right report as text; of a PDF, the HTML that it is printed from."""

    name: str
    kind: str
    roll: str
    text: str


@dataclass(frozen=True)
class Trial:
    """A sentence in a report."""

    report: str
    kind: str
    modality: str
    place: str
    sentence: str
    accused: tuple[str, ...]
    broken: tuple[str, ...]


def reports(files: list[Path], printed: bool) -> Iterator[Report]:
    """All right reports."""
    for style in load_styles():
        if printed or style.kind != "pdf":
            facts = make_facts(11)
            text = style.text(facts)
            yield Report(style.name, style.kind, facts.roll, notebook(text) if style.kind == "ipynb" else text)
    for path in (CASE, *files):
        yield Report(path.name, path.suffix.lstrip("."), path.stem, path.read_text(encoding="utf-8"))


def accusations(report: Report, text: str) -> tuple[Counter[tuple[str, str]], Ledger]:
    """What is contradicted in a text: words and number, how often."""
    content = text.encode()
    if report.kind == "pdf":
        from weasyprint import HTML

        content = bytes(HTML(string=text).write_pdf())
    document = parse_document(content, f"{report.roll}.{report.kind}", SUFFIXES[f".{report.kind}"])
    ledger = judge_report(document, load_spec("csl7590-a1"), None, content)
    return Counter((claim.text, str(claim.found)) for claim in ledger.contradicted), ledger


def try_report(report: Report, number: int) -> list[Trial]:
    """Put every sentence into one report."""
    before, _ = accusations(report, report.text)
    trials = []
    for turn, sentence in enumerate(SENTENCES):
        place = PLACES[(turn + number) % len(PLACES)]
        after, ledger = accusations(report, insert(report.text, report.kind, sentence.text, place, 5 * turn + number))
        new = tuple(f"{text!r} found {found}" for text, found in (after - before))
        trials.append(
            Trial(report.name, report.kind, sentence.modality, place, sentence.text, new, tuple(broken(ledger)))
        )
    return trials


def main() -> int:
    """Run the benchmark; 1 where a report is newly accused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="*", type=Path, help="more right reports, each named after its roll number")
    parser.add_argument("--show", type=int, default=0, help="accusations to print")
    parser.add_argument("--pdf", action="store_true", help="styles that are printed, too")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    tasks = [delayed(try_report)(report, number) for number, report in enumerate(reports(options.reports, options.pdf))]
    trials = []
    for done in Parallel(n_jobs=options.jobs, return_as="generator")(tasks):
        trials += done
        print(f"{done[0].report}: {sum(bool(trial.accused) for trial in done)} of {len(done)}", flush=True)
    accused = [trial for trial in trials if trial.accused]
    for trial in accused[: options.show]:
        print(f"{trial.report}.{trial.kind}, {trial.place}, {trial.modality}: {trial.sentence}\n    {trial.accused[0]}")
    print(f"newly accused: {share(len(accused), len(trials))}")
    print(f"ledgers with two answers: {sum(bool(trial.broken) for trial in trials)}")
    for key in ("modality", "place", "kind", "report"):
        print(f"by {key}:")
        total = Counter(getattr(trial, key) for trial in trials)
        wrong = Counter(getattr(trial, key) for trial in accused)
        print(*(f"  {name:24} {share(wrong[name], total[name])}" for name in sorted(total)), sep="\n")
    return int(bool(accused))


if __name__ == "__main__":
    raise SystemExit(main())
