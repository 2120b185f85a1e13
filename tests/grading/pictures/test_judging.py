"""What pictures of a report tell: figures that stand twice, matrices of other images."""

import numpy as np
import pytest
from matplotlib.figure import Figure as Plot

from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import FindingKind
from reportgen.grading.pictures.judging import judge_pictures
from reportgen.verification.facts.subject import Subject
from reportgen.verification.ledger import Claim, Ledger, Quantity, Rule, Scope, Verdict
from tests.grading.pictures.illustrated import (
    CURVES,
    FOUR,
    HONEST,
    MATRIX_4,
    MATRIX_10,
    ONE,
    TWO,
    curves,
    encoded,
    gallery,
    judged,
    matrix,
    of,
    page,
)


def test_an_honest_report(subject: Subject) -> None:
    findings = judged(page(*HONEST), subject)
    assert of(findings, "repeated-figure") == []
    assert of(findings, "confusion-matrix") == [(FindingKind.MET, "experiment-1"), (FindingKind.MET, "experiment-2")]
    assert of(findings, "curves") == [(FindingKind.UNDECIDED, "experiment-1"), (FindingKind.UNDECIDED, "experiment-2")]
    assert findings[0].found == "9,730 of 10,000 right, 97.30%"


def test_one_matrix_for_two_experiments(subject: Subject) -> None:
    copy = matrix(FOUR, facecolor="lightgrey")
    content = page(ONE, "Confusion Matrix", copy, TWO, "Confusion Matrix", MATRIX_4)
    findings = judged(content, subject)
    assert of(findings, "repeated-figure") == [(FindingKind.FAULT, "experiment-1")]
    assert of(findings, "confusion-matrix") == [(FindingKind.FAULT, "experiment-1"), (FindingKind.MET, "experiment-2")]
    assert "can't be of Experiment 1, and is of Experiment 2" in findings[0].reason


def test_one_set_of_curves_for_two_experiments(subject: Subject) -> None:
    copy = curves(1, bbox_inches="tight", pad_inches=0.5)
    findings = judged(page(ONE, "Results", CURVES[0], TWO, "Results", copy), subject)
    assert of(findings, "repeated-figure") == [(FindingKind.FAULT, None)]


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ((ONE, "Network Architecture", CURVES[0], TWO, "Network Architecture", CURVES[0]), []),
        ((ONE, "Results", CURVES[0], "Loss", CURVES[0]), [(FindingKind.NOTE, "experiment-1")]),
        ((ONE, "Results", CURVES[0], "Conclusion: results", CURVES[0]), [(FindingKind.NOTE, None)]),
        ((ONE, "Results", CURVES[0], "Bonus", "Results", CURVES[0]), [(FindingKind.UNDECIDED, None)]),
        ((ONE, "Results", CURVES[0], TWO, "Results", CURVES[1]), []),
    ],
)
def test_figures_that_may_stand_twice(
    parts: tuple[str, ...], found: list[tuple[FindingKind, str | None]], subject: Subject
) -> None:
    assert of(judged(page(*parts), subject), "repeated-figure") == found


def test_a_matrix_that_may_have_floated_is_no_fault(subject: Subject) -> None:
    alone = judged(page(ONE, "Confusion Matrix", MATRIX_4, TWO, "Results"), subject)
    assert of(alone, "confusion-matrix") == [(FindingKind.UNDECIDED, "experiment-1")]
    exchanged = judged(page(ONE, "Results", MATRIX_4, TWO, "Results", MATRIX_10), subject)
    assert {finding.kind for finding in exchanged if finding.check == "confusion-matrix"} == {FindingKind.UNDECIDED}


def test_a_matrix_that_is_printed_as_text_is_no_missing_one(subject: Subject) -> None:
    claim = Claim(
        quantity=Quantity.CONFUSION_MATRIX,
        verdict=Verdict.VERIFIED,
        place=Place(),
        text="",
        rule=Rule.MATRIX,
        scope=Scope(experiment="experiment-1"),
    )
    ledger = Ledger(source="", kind="html", digest="", assignment="csl7590-a1", claims=(claim,))
    content = page(ONE, "Confusion Matrix", MATRIX_4, TWO, "Confusion Matrix", MATRIX_4)
    found = judge_pictures(gallery(content, "report.html", subject).figures, subject, ledger)
    assert of(list(found), "confusion-matrix") == [(FindingKind.MET, "experiment-2")]


def test_a_matrix_of_other_images_is_undecided(subject: Subject) -> None:
    rows = [[*row] for row in FOUR]
    rows[0][0] -= 100
    finding = judged(page(TWO, "Confusion Matrix", matrix(rows)), subject)[0]
    assert (finding.check, finding.kind) == ("confusion-matrix", FindingKind.UNDECIDED)
    assert finding.found == "rows that sum to 1,838, 2,163, 3,908, 1,991"
    assert finding.expected == "rows that sum to 1,938, 2,163, 3,908, 1,991"


def test_a_matrix_whose_numbers_can_not_be_read_is_undecided(subject: Subject) -> None:
    from sklearn.metrics import ConfusionMatrixDisplay

    plot = Plot()
    ConfusionMatrixDisplay(np.array(FOUR)).plot(ax=plot.subplots(), values_format=".2g")
    finding = judged(page(TWO, "Confusion Matrix", encoded(plot)), subject)[0]
    assert (finding.check, finding.kind, finding.found) == ("confusion-matrix", FindingKind.UNDECIDED, None)


def test_a_picture_under_confusion_matrix_that_can_not_be_read(subject: Subject) -> None:
    findings = judged(page(TWO, "Confusion Matrix", CURVES[0]), subject)
    assert of(findings, "confusion-matrix") == [(FindingKind.UNDECIDED, "experiment-2")]
