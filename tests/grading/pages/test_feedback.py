import io
import re
from datetime import UTC, datetime

import pypdfium2 as pdfium
import pytest
from PIL import Image

from reportgen.assignment.bundled import load_spec
from reportgen.documents.blocks import Place
from reportgen.errors import PdfError
from reportgen.grading.dossiers import Dossier, Finding, FindingKind, Picture, SubmittedFile
from reportgen.grading.marks.marks import Override
from reportgen.grading.marks.policy import mark
from reportgen.grading.pages.feedback import feedback_pdf, render_feedback
from reportgen.rendering import pdf

CSL = load_spec("csl7590-a1")
FAULT, UNDECIDED, MET, NOTE = FindingKind.FAULT, FindingKind.UNDECIDED, FindingKind.MET, FindingKind.NOTE
MOMENT = datetime(2024, 1, 25, tzinfo=UTC)
ROLL = "M23CSE023"
FILES = (
    SubmittedFile(name=f"{ROLL}.pdf", kind="pdf", digest="0" * 64, size=1),
    SubmittedFile(name=f"{ROLL}.py", kind="python", digest="1" * 64, size=1),
)
TOTAL = Finding(
    check="total-parameters",
    kind=FAULT,
    experiment="experiment-1",
    file=f"{ROLL}.pdf",
    place=Place(page=5, line=2),
    text="Total: 11,071",
    reason="the total is not the sum of the layers",
    expected="800 + 3,208 + 292 + 6,770 = 11,070",
    found="11,071",
)
BATCH = Finding(
    check="batch-size",
    kind=MET,
    file=f"{ROLL}.py",
    place=Place(line=60),
    reason="the roll number gives a batch size of 20",
    expected="20",
)
MATRIX = Finding(
    check="confusion-matrix",
    kind=FAULT,
    experiment="experiment-1",
    file=f"{ROLL}.pdf",
    place=Place(page=5),
    text="Confusion Matrix",
    reason="it has 4 classes",
)
PICTURE = Picture(
    file=f"{ROLL}.pdf", page=5, section="Confusion Matrix", width=90, height=90, pixels="p" * 64,
    box=(0.1, 0.1, 0.9, 0.6), classes=4,
)  # fmt: skip


def dossier(*findings: Finding, **more: object) -> Dossier:
    facts = {"id": ROLL, "roll": ROLL, "files": FILES, "findings": findings, **more}
    return Dossier.model_validate(facts)


def page(one: Dossier, crops: dict[str, bytes] | None = None, **overrides: Override) -> str:
    given = {(one.roll or one.id, key.replace("_", "-")): value for key, value in overrides.items()}
    return render_feedback(mark(one, CSL, given), one, CSL, crops)


def said(html: str) -> str:
    """The words of a page's body, without its marks."""
    body = html.partition("<body>")[2]
    words = " ".join(re.sub(r"<[^>]+>", " ", body).replace("&#39;", "'").split())
    return re.sub(r" (?=[.;,)])", "", words)


def png() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(content, "PNG")
    return content.getvalue()


def test_a_fault_has_reason_place_text_and_the_right_value() -> None:
    text = said(page(dossier(TOTAL)))
    assert "✗ Not met: the total of trainable parameters is given and right" in text
    assert "The total is not the sum of the layers. (report, page 5, line 2)" in text
    assert "Written there: Total: 11,071 Found: 11,071. Should be: 800 + 3,208 + 292 + 6,770 = 11,070" in text


def test_points_that_a_person_decides_about_are_a_range() -> None:
    text = said(page(dossier(TOTAL, BATCH)))
    assert "2–96.5 of 100 points" in text
    assert "a person decides about 94.5 of these points" in text
    assert "? For a person to decide · 0–6.5 of 10" in text
    assert "Experiment 1 2–46.5 of 50 44.5" in text


def test_what_is_met_says_where_and_takes_no_room() -> None:
    html = page(dossier(BATCH))
    text = said(html)
    assert "✓ Met: the batch size is the roll number's (code, line 60)." in text
    assert "Should be: 20" not in text


def test_outcomes_are_words_and_signs() -> None:
    found = [Finding(check=check, kind=MET, reason="given") for check in ("assumptions", "references")]
    html = page(dossier(*found, Finding(check="colab-link", kind=FAULT, reason="no link"), TOTAL))
    text = said(html)
    assert "~ Partly met · 2.75 of 4" in text
    for words in ("✗ Not met", "✓ Met", "? For a person to decide"):
        assert words in text


def test_the_same_fault_in_two_places_is_said_once() -> None:
    faults = [
        Finding(check="accuracy", kind=FAULT, file=f"{ROLL}.pdf", place=Place(page=number), reason="no accuracy")
        for number in (2, 7)
    ]
    text = said(page(dossier(*faults)))
    assert "(report, page 2; report, page 7)" in text
    assert text.count("No accuracy.") == 1


def test_many_findings_of_one_check_are_counted() -> None:
    faults = [
        Finding(check="accuracy", kind=FAULT, file=f"{ROLL}.pdf", place=Place(page=number), reason=f"wrong {number}")
        for number in range(1, 10)
    ]
    text = said(page(dossier(*faults)))
    assert "Wrong 6." in text
    assert "Wrong 7." not in text
    assert "And 3 more findings of this check." in text


def test_files_that_can_be_taken_for_each_other_keep_their_names() -> None:
    second = SubmittedFile(name="other.pdf", kind="pdf", digest="2" * 64, size=1)
    text = said(page(dossier(TOTAL, files=(*FILES, second))))
    assert f"({ROLL}.pdf, page 5, line 2)" in text
    assert f"Files: {ROLL}.pdf, {ROLL}.py, other.pdf." in text


def test_a_persons_decision_counts_and_its_comment_is_shown() -> None:
    html = page(dossier(TOTAL), exp1_parameters=Override(points=7.5, comment="Right <idea>"))
    text = said(html)
    assert "A person decided on 7.5 of 10 points. Right &lt;idea&gt; This counts, whatever stands below." in text
    assert "0 of 3.5" not in text
    assert "<q></q>" not in page(dossier(TOTAL), exp1_parameters=Override(points=7.5))


def test_a_criterion_without_checks_waits_for_a_person() -> None:
    rubric = tuple(criterion.model_copy(update={"checks": ()}) for criterion in CSL.rubric[:1])
    spec = CSL.model_copy(update={"rubric": rubric})
    text = said(render_feedback(mark(dossier(TOTAL), spec, {}), dossier(TOTAL), spec))
    assert "No program checks this: a person gives the points." in text
    assert "0–15 of 15 points" in text


def test_notes_take_no_points_and_stand_apart() -> None:
    notes = [
        Finding(check="evaluation-mode", kind=NOTE, experiment=f"experiment-{number}", reason="model.eval() is missing")
        for number in (1, 2)
    ]
    softmax = Finding(check="softmax-before-loss", kind=FAULT, experiment="experiment-1", reason="softmax twice")
    fine = Finding(check="gradients-reset", kind=MET, experiment="experiment-1", reason="reset")
    text = said(page(dossier(*notes, softmax, fine, BATCH))).partition("Worth knowing")[2]
    assert "Nothing in this list takes points." in text
    assert "✗ Experiment 1: Softmax twice." in text
    assert "· Experiment 1, Experiment 2: model.eval() is missing." in text
    assert text.index("Softmax") < text.index("model.eval")
    assert "Also looked at, and found right: gradients are reset before each step." in text


def test_what_is_right_here_and_wrong_there_is_not_said_to_be_right() -> None:
    findings = [
        Finding(check="gradients-reset", kind=kind, experiment=f"experiment-{number}", reason="gradients")
        for number, kind in ((1, MET), (2, FAULT))
    ]
    assert "found right" not in said(page(dossier(*findings, BATCH)))


def test_what_could_not_be_read_is_nobodys_fault() -> None:
    text = said(page(dossier(BATCH, problems=("a\nb.pdf: it is encrypted",))))
    assert (
        "What could not be read This is not held against you. A person looks at it. a\\nb.pdf: it is encrypted." in text
    )


def test_a_submission_that_could_not_be_read_has_no_marks_and_no_zero() -> None:
    text = said(page(dossier(problems=("the PDF is damaged",))))
    assert "No marks yet" in text
    assert "That is not a zero" in text
    assert "of 100" not in text


def test_without_a_rubric_there_are_notes_only() -> None:
    spec = CSL.model_copy(update={"rubric": ()})
    text = said(render_feedback(mark(dossier(TOTAL), spec, {}), dossier(TOTAL), spec))
    assert "No marks yet" in text
    assert "The total is not the sum of the layers." in text
    assert "could be read" not in text


def test_a_crop_stands_once_beside_its_finding() -> None:
    repeated = MATRIX.model_copy(update={"check": "repeated-figure"})
    html = page(dossier(MATRIX, repeated, TOTAL, pictures=(PICTURE,)), {PICTURE.pixels: png()})
    assert html.count("<img") == 1
    assert 'src="data:image/png;base64,' in html
    assert 'alt="Picture from the report, under Confusion Matrix"' in html
    assert "<img" not in page(dossier(MATRIX, pictures=(PICTURE,)))
    assert "<img" not in page(dossier(TOTAL, pictures=(PICTURE,)), {PICTURE.pixels: png()})


def test_hostile_text_is_text() -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    finding = TOTAL.model_copy(update={"text": evil, "reason": evil, "found": evil, "expected": evil, "file": evil})
    note = Finding(check="softmax-before-loss", kind=NOTE, reason=evil, file="a\nb\u202e.py", text=evil)
    files = (SubmittedFile(name=evil, kind="pdf", digest="0" * 64, size=1),)
    picture = PICTURE.model_copy(update={"section": evil, "file": evil})
    one = dossier(finding, note, id=evil, roll=None, name=evil, files=files, problems=(evil,), pictures=(picture,))
    html = page(one, {PICTURE.pixels: png()}, exp1_network=Override(points=1, comment=evil))
    assert "<script" not in html
    assert "onerror=alert(1)&gt;" in html
    assert html.count("<img") == 1
    assert "a\\nb\\u202e.py" in html


def test_long_texts_are_cut() -> None:
    html = page(dossier(TOTAL.model_copy(update={"text": "x" * 100_000, "reason": "word " * 50_000})))
    assert "x" * 230 in html
    assert "x" * 250 not in html
    assert html.count("word") < 200


@pytest.mark.slow
def test_the_pdf_has_pages_and_carries_its_fonts() -> None:
    html = page(dossier(TOTAL, BATCH, MATRIX, pictures=(PICTURE,)), {PICTURE.pixels: png()})
    content = feedback_pdf(html, MOMENT)
    assert content == feedback_pdf(html, MOMENT)
    document = pdfium.PdfDocument(content)
    try:
        assert 1 <= len(document) <= 3
        text = document[0].get_textpage().get_text_range()
        assert "Feedback for M23CSE023" in text
    finally:
        document.close()


def test_letters_that_no_font_has_stop_no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def picky(html: str, attachments: object, moment: datetime) -> bytes:
        tried.append(html)
        if "李" in html:
            raise PdfError("no glyph")
        return b"%PDF"

    monkeypatch.setattr(pdf, "html_to_pdf", picky)
    assert feedback_pdf("<p>李 Zoë ✓</p>\n", MOMENT) == b"%PDF"
    assert tried[-1] == "<p>_ Zoë ✓</p>\n"


def test_other_trouble_with_the_pdf_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(html: str, attachments: object, moment: datetime) -> bytes:
        raise PdfError("install Pango")

    monkeypatch.setattr(pdf, "html_to_pdf", broken)
    with pytest.raises(PdfError, match="install Pango"):
        feedback_pdf("<p>plain</p>", MOMENT)
    with pytest.raises(PdfError, match="install Pango"):
        feedback_pdf("<p>李</p>", MOMENT)
