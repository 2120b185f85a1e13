"""Reports with pictures of curves and of confusion matrices."""

from __future__ import annotations

import base64
import io
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from reportgen.documents.reading import parse_document
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.pictures.gallery import Gallery, read_pictures
from reportgen.grading.pictures.judging import judge_pictures
from reportgen.verification.claims.outline import outline
from reportgen.verification.facts.aliases import learn_names
from reportgen.verification.facts.subject import Subject

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Plot

ROLL = "M23CSE023"
FOUR = [[1930, 2, 0, 6], [9, 2119, 13, 22], [144, 42, 3685, 37], [11, 9, 13, 1958]]
COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
ONE, TWO = "Experiment 1: 10-Class Classification", "Experiment 2: 4-Class Classification"


def encoded(plot: Plot, **options: Any) -> str:
    out = io.BytesIO()
    plot.savefig(out, dpi=100, **options)
    return base64.b64encode(out.getvalue()).decode()


def matrix(rows: list[list[int]], size: tuple[float, float] = (6.4, 4.8), **options: Any) -> str:
    from matplotlib.figure import Figure
    from sklearn.metrics import ConfusionMatrixDisplay

    plot = Figure(figsize=size)
    ConfusionMatrixDisplay(np.array(rows)).plot(ax=plot.subplots(), values_format="d")
    return encoded(plot, **options)


def ten(wrong: int = 3) -> list[list[int]]:
    rows = np.full((10, 10), wrong) + np.diag([count - 10 * wrong for count in COUNTS])
    return [[int(value) for value in row] for row in rows]


def curves(seed: int, **options: Any) -> str:
    from matplotlib.figure import Figure

    plot = Figure()
    axes = plot.subplots()
    axes.plot(range(10), 0.98 - 0.1 * np.exp(-np.arange(10)) + np.random.default_rng(seed).normal(0, 0.004, 10))
    axes.set(title="Accuracy per Epoch")
    return encoded(plot, **options)


CURVES, MATRIX_4, MATRIX_10 = ("curves", "other curves"), "matrix of 4", "matrix of 10"
PICTURES = {
    CURVES[0]: lambda: curves(1),
    CURVES[1]: lambda: curves(2),
    MATRIX_4: lambda: matrix(FOUR),
    MATRIX_10: lambda: matrix(ten(), (10, 8)),
}


@cache  # drawn when a test asks for it: every process that collects the tests would import matplotlib and scikit-learn
def picture(name: str) -> str:
    """One of `PICTURES`, in base 64."""
    return PICTURES[name]()


def page(*named: str) -> bytes:
    """HTML of headings, texts and pictures (a name of `PICTURES`, or in base 64, long), a line each."""
    parts = [picture(part) if part in PICTURES else part for part in named]
    lines = [
        f'<img src="data:image/png;base64,{part}">'
        if len(part) > 1000
        else f"<h1>{part}</h1>"
        if part.startswith("Exp")
        else f"<h2>{part}</h2>"
        for part in parts
    ]
    return "\n".join(["<!doctype html>", *lines]).encode()


def gallery(content: bytes, name: str, subject: Subject) -> Gallery:
    document = parse_document(content, name)
    return read_pictures(content, name, outline(document, learn_names(document.blocks, subject)))


def judged(content: bytes, subject: Subject, name: str = "report.html") -> list[Finding]:
    return list(judge_pictures(gallery(content, name, subject).figures, subject))


def of(findings: list[Finding], check: str) -> list[tuple[FindingKind, str | None]]:
    return [(finding.kind, finding.experiment) for finding in findings if finding.check == check]


HONEST = (
    *(ONE, "Accuracy and Loss per Epoch", CURVES[0], "Confusion Matrix", MATRIX_10),
    *(TWO, "Accuracy and Loss per Epoch", CURVES[1], "Confusion Matrix", MATRIX_4),
)
