"""Fuzz verify with atheris: any bytes, as any kind of document, must give a ledger or one clear refusal.

    python benchmarks/fuzz_verify.py -max_total_time=600 -rss_limit_mb=2048

Needs ``pip install atheris`` (Linux). Prints libFuzzer's counts; a crash leaves a file ``crash-…``.
"""

import sys
import warnings

import atheris

with atheris.instrument_imports(include=["reportgen.verification"]):
    from reportgen.assignment.bundled import load_spec
    from reportgen.documents.blocks import DocumentKind
    from reportgen.documents.reading import parse_document
    from reportgen.errors import UnreadableError
    from reportgen.own_reports.check import judge_report

KINDS: tuple[DocumentKind | None, ...] = ("markdown", "text", "html", "notebook", "pdf", None)
ASSIGNMENT = load_spec("csl7590-a1")
SEEDS = (
    b"\x00# Experiment 1\n\n## Convolution Layer 2\n\nTrainable parameters = $(16 * 5 * 5 * 8) + 8 = 3{,}208$\n",
    b"\x01Experiment 2\nConfusion matrix\n1 2 3 4\n5 6 7 8\n9 1 2 3\n4 5 6 7\nTest accuracy: 97.31% (9731/10000)\n",
    b"\x02<table><tr><th>Epoch<th>Test acc<tr><td>1<td>97.3</table><p>Batch size = 20, as 23%3=2</p>",
    b'\x03{"cells":[{"cell_type":"markdown","source":"# Bonus"}],"nbformat":4,"nbformat_minor":4,"metadata":{}}',
)


def test_one_input(data: bytes) -> None:
    """Read and judge one document."""
    if not data:
        return
    kind = KINDS[data[0] % len(KINDS)]
    try:
        judge_report(parse_document(data[1:], "M23CSE023.x", kind), ASSIGNMENT, None, data).model_dump_json()
    except UnreadableError:
        return


if __name__ == "__main__":
    warnings.simplefilter("error")
    for seed in SEEDS:
        test_one_input(seed)
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
