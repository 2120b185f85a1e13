"""How many single altered digits `reportgen verify` finds in our own reports: text, attachment, PDF.

    python benchmarks/verify_own_faults.py RESULTS.json [--text N] [--carried N] [--pdf N]

Renders the report of RESULTS.json, changes one digit at a seeded place and asks verify, N times each: in the text
of the HTML, in the results that the HTML carries, and in the text of the PDF.
"""

import argparse
import random
import re
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from reportgen.documents.blocks import DocumentKind
from reportgen.documents.reading import parse_document
from reportgen.own_reports.check import judge_report
from reportgen.rendering.pdf import Attached, html_to_pdf
from reportgen.rendering.report import open_report_templates, render_report
from reportgen.results import reading, schema
from reportgen.verification.ledger import Claim

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
SCRIPT = '<script type="application/json"'


def text_digits(page: str) -> list[int]:
    """Places of the digits that a PDF prints: all text after the cover's head, alternative texts left out."""
    start, end = page.index("<main"), page.index(SCRIPT)
    return [
        start + match.start(1) + digit.start()
        for match in re.finditer(r"(?<!</title)>([^<]+)<(?!/title)", page[start:end])
        for digit in re.finditer(r"\d(?!\d*;)", match[1])  # those of ``&#39;`` are not printed
    ]


def carried_digits(page: str) -> list[int]:
    """Places of the digits of the results inside the page."""
    start = page.index(SCRIPT) + len(SCRIPT)
    return [start + match.start() for match in re.finditer(r"\d", page[start : page.index("</script>", start)])]


def run(title: str, page: str, places: Sequence[int], number: int, find: Callable[[str], tuple[Claim, ...]]) -> None:
    """Alter ``number`` digits, one at a time, and print how many were found."""
    generator = random.Random(0)
    found = 0
    for at in generator.sample(places, min(number, len(places))):
        digit = generator.choice([other for other in "0123456789" if other != page[at]])
        altered = bool(find(page[:at] + digit + page[at + 1 :]))
        found += altered
        if not altered:
            print(f"missed in {title}: {page[at - 40 : at]!r} {page[at]} to {digit}")
    print(f"{title:40} {found} of {min(number, len(places))} found, {len(places):,} digits to choose from")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    for name in ("text", "carried", "pdf"):
        parser.add_argument(f"--{name}", type=int, default=30)
    options = parser.parse_args()
    computed = reading.load(options.results)
    roll, carried = computed.student.roll, schema.dump(computed)
    rendered = render_report(computed, open_report_templates(None), MOMENT).files
    page = rendered[f"{roll}.html"].decode()

    def contradicted(content: bytes, kind: DocumentKind) -> tuple[Claim, ...]:
        name = f"{roll}.{kind}"
        return judge_report(parse_document(content, name, kind), computed.assignment, None, content).contradicted

    untouched = (contradicted(page.encode(), "html"), contradicted(rendered[f"{roll}.pdf"], "pdf"))
    print(f"Python {sys.version.split()[0]}; false alarms on the untouched HTML and PDF: {sum(map(len, untouched))}")
    run("the text of the HTML", page, text_digits(page), options.text, lambda p: contradicted(p.encode(), "html"))
    run(
        "what the HTML carries", page, carried_digits(page), options.carried, lambda p: contradicted(p.encode(), "html")
    )
    run(
        "the text of the PDF",
        page,
        text_digits(page),
        options.pdf,
        lambda p: contradicted(html_to_pdf(p, {schema.FILE_NAME: Attached(carried, "Results")}, MOMENT), "pdf"),
    )


if __name__ == "__main__":
    main()
