"""True sentences about a table are never accused, false ones are found; in several languages and formats."""

import json

import pytest

from reportgen.documents.reading import SUFFIXES, parse_document
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Claim, Rule, Verdict
from tests.verification.claims.compared_sentences import FALSE, NARROWED, TRUE

HEAD = ("Model", "Parameters", "Test accuracy", "Test loss", "Time (s)")
ROWS = (
    ("Alpha", "12,000", "91.2 %", "0.310", "40"),
    ("Beta", "47,500", "93.4 %", "0.221", "95"),
    ("Gamma Net", "24,100", "92.0 %", "0.265", "61"),
    ("Delta-2", "6,100", "88.7 %", "0.402", "22"),
)


def page(sentence: str, kind: str, head: tuple[str, ...] = HEAD, rows: tuple[tuple[str, ...], ...] = ROWS) -> bytes:
    if kind in {"md", "ipynb"}:
        lines = [head, ("---",) * len(head), *rows]
        text = f"# Results\n\n{sentence}\n\n" + "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"
        if kind == "md":
            return text.encode()
        cell = {"cell_type": "markdown", "metadata": {}, "source": text}
        return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}).encode()
    if kind == "html":
        table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
        top = "".join(f"<th>{cell}</th>" for cell in head)
        return (
            f"<html><body><h1>Results</h1><p>{sentence}</p><table><tr>{top}</tr>{table}</table></body></html>".encode()
        )
    table = "\n".join(" & ".join(row).replace("%", "\\%") + r" \\" for row in (head, *rows))
    frame = f"\\begin{{tabular}}{{{'l' * len(head)}}}\n{table}\n\\end{{tabular}}"
    said = sentence.replace("%", "\\%")
    start = "\\documentclass{article}\\begin{document}\n\\section{Results}"
    return f"{start}\n{said}\n\n{frame}\n\\end{{document}}".encode()


def compared(content: bytes, kind: str = "md") -> list[Claim]:
    found = judge(parse_document(content, f"x.{kind}", SUFFIXES[f".{kind}"]), None, None, content)
    accused = [claim for claim in found.contradicted if claim.rule is not Rule.COMPARISON]
    assert not accused
    return [claim for claim in found.claims if claim.rule is Rule.COMPARISON]


def verdicts(sentence: str, kind: str = "md") -> set[Verdict]:
    return {claim.verdict for claim in compared(page(sentence, kind), kind)}


@pytest.mark.parametrize("kind", ["md", "html", "tex", "ipynb"])
@pytest.mark.parametrize("sentence", TRUE)
def test_what_is_true_is_proved(sentence: str, kind: str) -> None:
    assert verdicts(sentence, kind) == {Verdict.VERIFIED}


@pytest.mark.parametrize("sentence", NARROWED)
def test_what_may_be_true_of_something_else_is_left_alone(sentence: str) -> None:
    assert not verdicts(sentence) & {Verdict.CONTRADICTED, Verdict.VERIFIED}


@pytest.mark.parametrize("kind", ["md", "html", "tex", "ipynb"])
@pytest.mark.parametrize("sentence", FALSE)
def test_what_is_false_is_found(sentence: str, kind: str) -> None:
    assert verdicts(sentence, kind) == {Verdict.CONTRADICTED}


RATES = (
    ("Learning rate", "Validation accuracy"),
    (("0.1", "0.8094"), ("0.01", "0.8204"), ("0.001", "0.6685"), ("1", "0.4721")),
)


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("The best configuration, in terms of validation accuracy, is eta = 0.01, as the table shows.", "verified"),
        ("The best configuration, regarding validation accuracy, is η = 0.1.", "contradicted"),
        ("A learning rate of 0.01 gives the best validation accuracy.", "verified"),
        ("A learning rate of 0.1 gives the best validation accuracy.", "contradicted"),
        ("Mit einer Lernrate von 0.01 hat das Modell die höchste Genauigkeit.", "verified"),
        ("A learning rate of 0.1 gives the best test accuracy.", None),
        ("A batch size of 1 gives the best validation accuracy.", None),
        ("The best and worst learning rates in validation accuracy are 0.01 and 1, respectively.", "verified"),
        ("The best and worst learning rates in validation accuracy are 1 and 0.01, respectively.", "contradicted"),
    ],
)
def test_rows_that_are_named_by_a_setting(sentence: str, said: str | None) -> None:
    for kind in ("md", "html", "tex"):
        found = {claim.verdict.value for claim in compared(page(sentence, kind, *RATES), kind)}
        assert found & {"verified", "contradicted"} == ({said} if said else set()), kind


def test_a_table_of_another_section_refutes_nothing() -> None:
    table = page("", "md").decode().partition("\n\n\n\n")[2]
    said = "Alpha has the highest test accuracy."
    for heading, verdict in (("Results on the other data", "unverifiable"), ("Conclusion", "contradicted")):
        text = f"# Results\n\n{table}\n\n# {heading}\n\n{said}\n"
        assert [claim.verdict.value for claim in compared(text.encode())] == [verdict], heading


def test_all_tables_must_refute_a_sentence() -> None:
    again = tuple(
        (*row[:2], accuracy, *row[3:]) for row, accuracy in zip(ROWS, ("95.0", "93.0", "92.0", "91.0"), strict=True)
    )
    text = page("Alpha has the highest test accuracy.", "md") + page("", "md", HEAD, again).replace(b"# Results", b"")
    assert [claim.verdict.value for claim in compared(text)] == ["verified"]


def alone(number: int, sentence: str = "") -> str:
    """A section of its own about two models, one with twice the parameters of the other."""
    table = f"| Model | Parameters |\n|---|---|\n| Ost{number} | 1,000 |\n| West{number} | 2,000 |\n"
    return f"## Part {number}\n\n{table}\n{sentence}\n\n"


@pytest.mark.parametrize("before", [0, 70, 140])
@pytest.mark.parametrize("behind", [0, 70])
def test_a_sentence_among_many_tables_is_held_against_its_own(before: int, behind: int) -> None:
    parts = [alone(number) for number in range(before + behind + 1)]
    for factor, right in (("twice", True), ("three times", False)):
        parts[before] = alone(before, f"West{before} has {factor} the parameters of Ost{before}.")
        (claim,) = compared("".join(parts).encode())
        refuted = Verdict.UNVERIFIABLE if before + behind else Verdict.CONTRADICTED  # the other tables may be meant
        assert claim.verdict is (Verdict.VERIFIED if right else refuted)


@pytest.mark.parametrize("others", [0, 120])
def test_a_sentence_about_a_whole_table_among_many_is_held_against_its_own(others: int) -> None:
    table = "| Model | Run 1 | Run 2 |\n|---|---|---|\n| Alpha | 91.2 | 90.1 |\n| Beta | 90.4 | {} |\n\n"
    rest = "".join(alone(number) for number in range(others))
    for value, wanted in (
        ("89.9", Verdict.VERIFIED),
        ("92.4", Verdict.UNVERIFIABLE if others else Verdict.CONTRADICTED),
    ):
        text = f"# Results\n\n{table.format(value)}\nThe difference is consistent across all 2 runs.\n\n{rest}"
        assert {claim.verdict for claim in compared(text.encode())} == {wanted}
