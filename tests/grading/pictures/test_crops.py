import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Dossier, Finding, FindingKind, Picture
from reportgen.grading.pictures.crops import cut_crops, pictures_in_question


def picture(page: int, box: tuple[float, float, float, float], pixels: str = "p", section: str = "Matrix") -> Picture:
    return Picture(file="a.pdf", page=page, section=section, width=9, height=9, pixels=pixels, box=box)


@pytest.fixture(scope="module")
def pdf() -> bytes:
    """Two pages of 600 × 800 points; on the second, a red field in a corner of white."""
    first, second = (Image.new("RGB", (600, 800), "white") for _ in range(2))
    second.paste("red", (300, 0, 600, 200))
    content = io.BytesIO()
    first.save(content, "PDF", save_all=True, append_images=[second], resolution=72)
    return content.getvalue()


def opened(crop: bytes) -> Image.Image:
    return Image.open(io.BytesIO(crop)).convert("RGB")


def test_a_picture_is_cut_out_of_its_page(pdf: bytes) -> None:
    crops = cut_crops(pdf, [picture(2, (0.5, 0, 1, 0.25), "red"), picture(2, (0, 0.5, 0.25, 1), "white")])
    red, white = opened(crops["red"]), opened(crops["white"])
    assert red.size == pytest.approx((420, 280), abs=2)
    assert white.size == pytest.approx((158, 420), abs=2)
    for image, colour in ((red, (255, 0, 0)), (white, (255, 255, 255))):
        middle = image.getpixel((image.width // 2, image.height // 2))
        assert middle == pytest.approx(colour, abs=8)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_any_box_gives_a_small_picture_or_none(pdf: bytes, edges: list[float]) -> None:
    left, top, right, bottom = edges
    for crop in cut_crops(pdf, [picture(1, (left, top, right, bottom))]).values():
        image = opened(crop)
        assert max(image.size) <= 424


def test_what_is_not_there_is_left_out(pdf: bytes) -> None:
    assert cut_crops(pdf, [picture(3, (0, 0, 1, 1))]) == {}
    assert cut_crops(b"no PDF", [picture(1, (0, 0, 1, 1))]) == {}


def test_only_pictures_in_question_are_cut() -> None:
    whole = (0.0, 0.0, 1.0, 1.0)
    pictures = (
        picture(1, whole, "met", "Curves"),
        picture(2, whole, "fault"),
        picture(3, whole, "open", "Loss"),
        picture(2, whole, "fault"),
        picture(4, whole, "elsewhere"),
    )

    def finding(kind: FindingKind, page: int, text: str) -> Finding:
        return Finding(check="curves", kind=kind, file="a.pdf", place=Place(page=page), text=text, reason="look")

    findings = (
        finding(FindingKind.MET, 1, "Curves"),
        finding(FindingKind.FAULT, 2, "Matrix"),
        finding(FindingKind.UNDECIDED, 3, "Loss"),
        finding(FindingKind.FAULT, 4, "Total: 5"),
    )
    found = pictures_in_question(Dossier(id="one", findings=findings, pictures=pictures))
    assert [one.pixels for one in found] == ["fault", "open"]
