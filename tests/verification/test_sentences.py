"""True sentences about something else: what they are put into still says what it said, and nothing new is accused."""

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.true_sentences import PLACES, SENTENCES, insert
from reportgen.assignment.bundled import load_spec
from reportgen.documents.reading import SUFFIXES, parse_document
from reportgen.own_reports.check import judge_report

CASE = (Path(__file__).parent.parent / "cases" / "M23CSE023.md").read_text(encoding="utf-8")
CELL = {"cell_type": "markdown", "metadata": {}, "source": "# Results"}
SKELETONS = {
    "md": "# Results\n\nFirst.\n\nSecond.\n",
    "txt": "Results\n\nFirst.\n\nSecond.\n",
    "tex": "\\begin{document}\n\\section{Results}\nFirst.\n\\section{More}\nSecond.\n\\end{document}\n",
    "html": "<html><body><h1>Results</h1><p>First.</p><p>Second.</p></body></html>",
    "ipynb": json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [CELL, CELL]}),
}


def test_there_are_sentences_enough() -> None:
    assert len({sentence.modality for sentence in SENTENCES}) >= 8
    assert len({sentence.text for sentence in SENTENCES}) == len(SENTENCES)


@pytest.mark.parametrize("kind", SKELETONS)
@pytest.mark.parametrize("place", PLACES)
def test_a_sentence_is_read_where_it_was_put_and_the_rest_stays(kind: str, place: str) -> None:
    text = insert(SKELETONS[kind], kind, "A friend has 12 cats.", place, 1)
    read = parse_document(text.encode(), f"report.{kind}", SUFFIXES[f".{kind}"]).text
    assert "A friend has 12 cats." in read
    assert "Results" in read


def _contradicted(content: bytes, name: str) -> Counter[tuple[str, str | None]]:
    document = parse_document(content, name, SUFFIXES[Path(name).suffix])
    ledger = judge_report(document, load_spec("csl7590-a1"), None, content)
    return Counter((claim.text, claim.found) for claim in ledger.contradicted)


@pytest.mark.slow
def test_no_true_sentence_makes_a_real_report_wrong() -> None:
    content = CASE.encode()
    before = _contradicted(content, "M23CSE023.md")
    for turn, sentence in enumerate(SENTENCES):
        place = PLACES[turn % len(PLACES)]
        after = _contradicted(insert(CASE, "md", sentence.text, place, 5 * turn).encode(), "M23CSE023.md")
        assert not after - before, (sentence.text, place, after - before)
