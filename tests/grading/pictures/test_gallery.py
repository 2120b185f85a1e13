"""The pictures of reports: where they stand, what is left out and why, and what they say."""

import base64
import io
import json
import os
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import FindingKind
from reportgen.grading.pictures import gallery as pictures
from reportgen.grading.pictures.gallery import Gallery, read_pictures
from reportgen.training.images import ENVIRONMENT_VARIABLE
from reportgen.verification.facts.subject import Subject
from tests.grading.pictures.illustrated import (
    CURVES,
    FOUR,
    HONEST,
    MATRIX_4,
    ONE,
    ROLL,
    TWO,
    curves,
    gallery,
    judged,
    of,
    page,
    picture,
)
from tests.printed import printed

DATA = os.environ.get(ENVIRONMENT_VARIABLE)
CASE = Path(DATA).parent / "cases" / f"{ROLL}.pdf" if DATA else Path("no such file")


def test_pictures_of_html(subject: Subject) -> None:
    found = gallery(page(*HONEST), "report.html", subject)
    assert found.problems == ()
    assert [(one.experiment, one.section, one.classes, one.drawing) for one in found.pictures] == [
        ("experiment-1", "Accuracy and Loss per Epoch", None, True),
        ("experiment-1", "Confusion Matrix", 10, False),
        ("experiment-2", "Accuracy and Loss per Epoch", None, True),
        ("experiment-2", "Confusion Matrix", 4, False),
    ]
    assert found.pictures[3].cells == tuple(map(tuple, FOUR))


def test_pictures_of_a_pdf(subject: Subject) -> None:
    prose = "<p>" + "The network was trained for ten epochs with Adam and cross-entropy. " * 9 + "</p><h2>"
    content = printed(page(*HONEST).decode().replace("<h2>", prose))
    found = gallery(content, "report.pdf", subject)
    assert [(one.experiment, one.classes) for one in found.pictures] == [
        ("experiment-1", None),
        ("experiment-1", 10),
        ("experiment-2", None),
        ("experiment-2", 4),
    ]
    assert [one.page for one in found.pictures] == sorted(one.page for one in found.pictures)
    assert all(0 <= one.box[0] < one.box[2] <= 1 and 0 <= one.box[1] < one.box[3] <= 1 for one in found.pictures)
    assert [one.pixels for one in found.pictures] == [
        one.pixels for one in gallery(page(*HONEST), "report.html", subject).pictures
    ]
    findings = judged(content, subject, "report.pdf")
    assert of(findings, "confusion-matrix") == [(FindingKind.MET, "experiment-1"), (FindingKind.MET, "experiment-2")]
    assert findings[0].place.page == found.pictures[1].page


def test_pictures_of_a_notebook(subject: Subject) -> None:
    def output(picture: str) -> dict[str, object]:
        return {"output_type": "display_data", "metadata": {}, "data": {"image/png": [picture], "text/plain": "x"}}

    def code(*outputs: dict[str, object]) -> dict[str, object]:
        shared = {"cell_type": "code", "id": "a", "metadata": {}, "source": [], "execution_count": 1}
        return {**shared, "outputs": list(outputs)}

    in_html: dict[str, object] = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/html": page(CURVES[1]).decode()},
    }
    markdown = {"cell_type": "markdown", "id": "b", "metadata": {}, "source": ["# " + TWO, "\n\n## Confusion Matrix"]}
    attached = {
        **markdown,
        "source": "![m](attachment:m.png)",
        "attachments": {"m.png": {"image/png": picture(MATRIX_4)}},
    }
    written = {**markdown, "source": f"![m](data:image/png;base64,{picture(CURVES[0])})"}
    cells = [markdown, code(output(picture(MATRIX_4)), {"output_type": "stream", "name": "stdout", "text": "x"})]
    content = json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [*cells, code(in_html), attached, written]}
    ).encode()
    found = gallery(content, "work.ipynb", subject).pictures
    assert [(one.page, one.experiment, one.classes) for one in found] == [
        (2, "experiment-2", 4),
        (3, "experiment-2", None),
        (4, "experiment-2", 4),
        (5, "experiment-2", None),
    ]
    met = [finding for finding in judged(content, subject, "work.ipynb") if finding.kind is FindingKind.MET]
    assert [finding.place for finding in met] == [Place(cell=2)]


@pytest.mark.parametrize("content", [b"{", b'{"cells": 3}', b'{"cells": [3, {"outputs": [null]}]}', b"", b"\xff\xfe"])
def test_text_without_pictures(content: bytes) -> None:
    assert read_pictures(content, "a.ipynb", ()) == Gallery(())


def png(width: int, height: int) -> str:
    out = io.BytesIO()
    Image.new("1", (width, height)).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def test_pictures_too_large_or_broken_are_named_and_the_others_read(subject: Subject) -> None:
    broken = base64.b64encode(bytes(1000)).decode()
    content = page(TWO, "Results", png(12_000, 12_000), broken, CURVES[0], png(30, 30))
    found = gallery(content, "report.html", subject)
    assert len(found.figures) == 1
    assert len(found.problems) == 2
    assert "line 4 was not compared: it has 12,000 × 12,000 pixels, more than the 24,000,000" in found.problems[0]
    assert "line 5 was not compared: it can't be decoded" in found.problems[1]


@pytest.mark.parametrize(("bound", "value"), [("MAX_PICTURES", 1), ("MAX_ALL_PIXELS", 400_000)])
def test_too_many_pictures(bound: str, value: int, subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, bound, value)
    found = gallery(page(*HONEST), "report.html", subject)
    assert len(found.figures) == 1
    assert found.problems == (
        "report.html: pictures from line 6 on were not compared: there are too many, or too large ones",
    )


def pdf_with(width: int, height: int, data: bytes) -> bytes:
    pdf = pikepdf.new()
    image = pdf.make_stream(
        data,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=width,
        Height=height,
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=8,
    )
    pdf.add_blank_page(page_size=(600, 800))
    page = pdf.pages[0]
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
    page.Contents = pdf.make_stream(b"q 400 0 0 400 100 200 cm /Im Do Q")
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def test_a_huge_picture_of_a_pdf_is_not_decoded() -> None:
    found = read_pictures(pdf_with(20_000, 20_000, b"abc"), "a.pdf", ())
    assert found.figures == ()
    assert found.problems == (
        "a.pdf: the picture on page 1 was not compared: it has 20,000 × 20,000 pixels, "
        "more than the 24,000,000 that are read",
    )


def test_a_picture_of_a_pdf_without_headings() -> None:
    data = np.random.default_rng(0).integers(0, 256, 100 * 100, np.uint8).tobytes()
    found = read_pictures(pdf_with(100, 100, data), "a.pdf", ())
    assert [(one.page, one.section, one.experiment, one.drawing) for one in found.pictures] == [(1, "", None, False)]


def test_a_broken_pdf_has_a_problem() -> None:
    found = read_pictures(b"%PDF-1.7 nothing", "a.pdf", ())
    assert found.figures == ()
    assert found.problems[0].startswith("a.pdf: its pictures can't be read: ")


def test_transparent_pictures_stand_on_white(subject: Subject) -> None:
    white, clear = (page(ONE, "Results", curves(1, transparent=clear)) for clear in (False, True))
    first, second = (gallery(content, "a.html", subject).pictures[0] for content in (white, clear))
    assert first.drawing
    assert second.drawing
    assert (first.width, first.height) == (second.width, second.height)


@pytest.mark.skipif(not CASE.is_file(), reason="the real reports are not at hand")
def test_the_real_report(subject: Subject) -> None:
    findings = judged(CASE.read_bytes(), subject, CASE.name)
    assert of(findings, "repeated-figure") == [(FindingKind.FAULT, "experiment-1")]
    assert of(findings, "confusion-matrix") == [(FindingKind.FAULT, "experiment-1"), (FindingKind.MET, "experiment-2")]
    assert of(findings, "curves") == [(FindingKind.UNDECIDED, "experiment-1"), (FindingKind.UNDECIDED, "experiment-2")]
    repeated, wrong, met = findings[0], findings[1], findings[3]
    assert "(page 5)" in repeated.reason
    assert "(page 9)" in repeated.reason
    assert wrong.found == "one of 4 classes, rows that sum to 1,938, 2,163, 3,908, 1,991"
    assert met.found == "9,692 of 10,000 right, 96.92%"
