import pytest

from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Dossier, Finding, FindingKind, Picture, SubmittedFile
from reportgen.grading.pages.evidence import Sources, evidence, merge


def picture(file: str, page: int, section: str, pixels: str) -> Picture:
    return Picture(file=file, page=page, section=section, width=90, height=90, pixels=pixels, box=(0, 0, 1, 1))


def sources(
    *names: tuple[str, str], pictures: tuple[Picture, ...] = (), crops: dict[str, bytes] | None = None
) -> Sources:
    files = tuple(SubmittedFile(name=name, kind=kind, digest="0" * 64, size=1) for name, kind in names)
    return Sources(Dossier(id="one", files=files, pictures=pictures), crops or {})


def finding(file: str, place: Place, text: str = "") -> Finding:
    return Finding(check="curves", kind=FindingKind.UNDECIDED, file=file, place=place, text=text, reason="look")


@pytest.mark.parametrize(
    ("names", "file", "where"),
    [
        ((("a.pdf", "pdf"), ("a.py", "python")), "a.pdf", "report, line 3"),
        ((("a.pdf", "pdf"), ("a.py", "python")), "a.py", "code, line 3"),
        ((("a.pdf", "pdf"), ("b.md", "markdown")), "a.pdf", "a.pdf, line 3"),
        ((("a.ipynb", "notebook"),), "a.ipynb", "a.ipynb, line 3"),
        ((("a.zip", "other"),), "a.zip", "a.zip, line 3"),
        ((), "", "line 3"),
    ],
)
def test_files_are_called_what_they_are_where_there_is_one_of_a_kind(
    names: tuple[tuple[str, str], ...], file: str, where: str
) -> None:
    assert sources(*names).where(finding(file, Place(line=3))) == where


@pytest.mark.parametrize(
    ("file", "page", "place"),
    [("a.pdf", 5, Place(page=5, line=2)), ("a.ipynb", 5, Place(cell=5)), ("a.html", 1, Place(line=40))],
)
def test_a_picture_is_found_by_its_page_its_cell_or_its_file(file: str, page: int, place: Place) -> None:
    known = sources(pictures=(picture(file, page, "Curves", "p"),), crops={"p": b"\x89PNG"})
    about = finding(file, place, "Curves")
    assert known.take(about.model_copy(update={"text": "Matrix"})) is None
    crop = known.take(about)
    assert crop is not None
    assert (crop.source, crop.alt) == ("data:image/png;base64,iVBORw==", "Picture from the report, under Curves")
    assert known.take(about) is None


def test_two_pictures_of_one_section_are_shown_one_after_the_other() -> None:
    pictures = (picture("a.pdf", 3, "", "p"), picture("a.pdf", 3, "", "q"))
    known = sources(pictures=pictures, crops={"p": b"1", "q": b"2"})
    crops = [known.take(finding("a.pdf", Place(page=3))) for _ in range(3)]
    assert [crop and crop.source[-4:] for crop in crops] == ["MQ==", "Mg==", None]
    assert crops[0] is not None
    assert crops[0].alt == "Picture from the report"


def test_only_what_says_the_same_is_merged() -> None:
    known = sources(("a.pdf", "pdf"))
    first, second = finding("a.pdf", Place(page=1)), finding("a.pdf", Place(page=2))
    other = second.model_copy(update={"found": "nothing"})
    assert [one.where for one in merge([first, second, other, first], known)] == [
        "report, page 1; report, page 2",
        "report, page 2",
    ]


def test_text_that_the_reason_quotes_is_not_said_again() -> None:
    quoted = finding("a.pdf", Place(), "Curves").model_copy(update={"reason": "look under Curves"})
    assert evidence([quoted], sources()).text == ""
    assert evidence([finding("a.pdf", Place(), "Curves")], sources()).text == "Curves"


def test_long_texts_end_in_dots() -> None:
    shown = evidence([finding("a.pdf", Place(), "two  words\n" * 500)], sources()).text
    assert len(shown) <= 240
    assert shown.startswith("two words two words")
    assert shown.endswith("…")
