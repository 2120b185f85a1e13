"""Which pictures are one figure: copies are, honest curves and matrices of one style are not."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from matplotlib.figure import Figure as Plot
from PIL import Image

from reportgen.grading.dossiers import Dossier, Picture
from reportgen.grading.pictures import likeness
from reportgen.grading.pictures.heat_maps import Pixels
from reportgen.grading.pictures.likeness import (
    SAME,
    SKETCH_BYTES,
    difference,
    is_drawing,
    pixel_digest,
    read_sketch,
    shade,
    sketch,
    sketch_difference,
    trim,
)
from reportgen.grading.pictures.sameness import Sameness, same_figure, shared_pictures, shows_result

PICTURES = arrays.arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(3)))


def curves(seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    plot = Plot(figsize=(6.4, 4.8))
    axes = plot.subplots()
    for label in ("Training", "Testing"):
        values = rng.uniform(0.97, 0.99) - rng.uniform(0.05, 0.1) * np.exp(-np.arange(10)) + rng.normal(0, 0.003, 10)
        axes.plot(range(1, 11), values, label=f"{label} Accuracy")
    axes.set(title="Accuracy per Epoch", xlabel="Epoch", ylabel="Accuracy")
    axes.legend()
    out = io.BytesIO()
    plot.savefig(out, dpi=100)
    return np.asarray(Image.open(out).convert("RGB"))


def jpeg(pixels: Pixels, quality: int) -> Pixels:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out).convert("RGB"))


def scaled(pixels: Pixels, factor: float) -> Pixels:
    height, width = pixels.shape[:2]
    return np.asarray(Image.fromarray(pixels).resize((round(width * factor), round(height * factor))))


def padded(pixels: Pixels, colour: int = 255) -> Pixels:
    return np.pad(pixels, ((7, 31), (23, 5), (0, 0)), constant_values=colour)


def picture_of(pixels: Pixels, **other: object) -> Picture:
    trimmed = trim(pixels)
    fields: dict[str, object] = {
        "file": "a.pdf",
        "page": 3,
        "section": "Accuracy and Loss per Epoch",
        "experiment": "experiment-1",
        "width": trimmed.shape[1],
        "height": trimmed.shape[0],
        "pixels": pixel_digest(trimmed),
        "box": (0, 0, 1, 1),
        "drawing": is_drawing(trimmed),
        "sketch": sketch(shade(trimmed)),
    }
    return Picture.model_validate({**fields, **other})


@given(PICTURES, st.integers(0, 9), st.integers(0, 9))
def test_margins_do_not_matter(pixels: Pixels, left: int, top: int) -> None:
    white = np.pad(pixels, ((12, 12), (12, 12), (0, 0)), constant_values=255)
    more = np.pad(white, ((top, 3), (left, 1), (0, 0)), constant_values=255)
    assert pixel_digest(trim(white)) == pixel_digest(trim(more))


@given(PICTURES)
@pytest.mark.slow
def test_trimming_twice_is_trimming_once_where_margins_are_white(pixels: Pixels) -> None:
    once = trim(np.pad(pixels, 12, constant_values=255)[:, :, :3])
    assert once.shape[0] <= pixels.shape[0] + 24
    assert once.shape[2] == 3


def test_a_picture_of_one_colour_has_nothing_but_margins() -> None:
    assert trim(np.full((30, 40, 3), 17, np.uint8)).size == 0


def test_margins_of_any_colour_are_cut() -> None:
    pixels = np.zeros((60, 60, 3), np.uint8)
    pixels[20:40, 10:50] = 200
    assert trim(pixels).shape == (20, 40, 3)


@pytest.mark.parametrize(
    "copy",
    [
        padded,
        lambda pixels: jpeg(padded(pixels), 60),
        lambda pixels: padded(scaled(pixels, 0.7)),
        lambda pixels: jpeg(scaled(padded(pixels), 1.4), 75),
    ],
)
def test_a_copy_of_curves_is_one_figure_with_them(copy: Callable[[Pixels], Pixels]) -> None:
    original = curves(1)
    copied = copy(original)
    one, other = (shade(trim(pixels)) for pixels in (original, copied))
    assert difference(one, other) <= SAME / 2
    assert same_figure(picture_of(original), picture_of(copied), one, other) is not None


@pytest.mark.slow
def test_honest_curves_of_one_script_are_no_copies() -> None:
    shaded = [shade(trim(curves(seed))) for seed in range(6)]
    sketches = [read_sketch(sketch(one)) for one in shaded]
    pairs = [(first, second) for first in range(6) for second in range(first)]
    assert min(difference(shaded[first], shaded[second]) for first, second in pairs) > 2 * SAME
    for first, second in pairs:
        one, other = sketches[first], sketches[second]
        assert one is not None
        assert other is not None
        assert sketch_difference(one, other) > 2 * SAME


def test_one_changed_line_is_no_copy() -> None:
    original = curves(1)
    changed = original.copy()
    changed[200:260, 300:360] = 255
    changed[200:260, 330:332] = 0
    assert difference(shade(trim(original)), shade(trim(changed))) > SAME


def test_pictures_of_other_proportions_or_too_small_are_not_compared() -> None:
    wide, high, small = (np.zeros(shape, np.uint8) for shape in ((100, 200), (200, 100), (20, 20)))
    assert difference(wide, high) == 2
    assert difference(small, small) == 2
    assert difference(wide, wide) == 0


def test_photographs_and_blank_pages_are_no_drawings() -> None:
    rng = np.random.default_rng(0)
    assert is_drawing(trim(curves(0)))
    assert not is_drawing(rng.integers(0, 256, (200, 300, 3), np.uint8))
    filled = np.full((200, 300, 3), 255, np.uint8)
    filled[50:100, 50:150] = 30
    assert not is_drawing(filled)
    assert not is_drawing(np.full((200, 300, 3), 255, np.uint8))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(48, 500), st.integers(48, 500))
def test_sketches_stay_small_and_can_be_read(seed: int, height: int, width: int) -> None:
    text = sketch(np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8))
    assert len(text) <= SKETCH_BYTES
    read = read_sketch(text) if text else None
    assert (read is not None) == bool(text)


@pytest.mark.parametrize("text", ["", "AAAA", "no base 64 ä"])
def test_what_is_no_sketch(text: str) -> None:
    assert read_sketch(text) is None


def test_a_noisy_picture_may_have_no_sketch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "SKETCH_BYTES", 10)
    assert sketch(shade(curves(0))) == ""


@pytest.mark.parametrize(
    ("section", "classes", "result"),
    [
        ("Accuracy and Loss per Epoch", None, True),
        ("Results", None, True),
        ("Network Architecture", None, False),
        ("Dataset", None, False),
        ("Sample images of the dataset: results", None, False),
        ("Summary:", None, False),
        ("", 4, True),
    ],
)
def test_where_results_stand(section: str, classes: int | None, result: bool) -> None:
    assert shows_result(picture_of(curves(0), section=section, classes=classes)) is result


def test_matrices_are_one_figure_by_their_numbers() -> None:
    rows = ((90, 10), (5, 95))
    blank = np.zeros((64, 64), np.uint8)
    one = picture_of(curves(0), drawing=False, classes=2, cells=rows)
    other = picture_of(curves(1), drawing=False, classes=2, cells=rows)
    perfect = [picture_of(curves(seed), drawing=False, classes=2, cells=((99, 1), (0, 100))) for seed in (0, 1)]
    assert same_figure(one, other, blank, blank) is Sameness.NUMBERS
    assert same_figure(perfect[0], perfect[1], blank, blank) is None
    assert same_figure(one, perfect[1], blank, blank) is None


def dossier(name: str, *pictures: Picture) -> Dossier:
    return Dossier(id=name, pictures=pictures)


def test_figures_that_two_students_share() -> None:
    rows = ((90, 10), (5, 95))
    drawn = picture_of(curves(1))
    copied = picture_of(jpeg(padded(scaled(curves(1), 0.8)), 75))
    matrices = [picture_of(curves(seed), drawing=False, classes=2, cells=rows) for seed in (7, 8)]
    found = shared_pictures(
        [
            dossier("A", drawn, matrices[0]),
            dossier("B", copied, picture_of(curves(2))),
            dossier("C", matrices[1], drawn),
        ]
    )
    assert {(pair.one, pair.other, pair.by) for pair in found} == {
        ("A", "B", Sameness.LINES),
        ("A", "C", Sameness.PIXELS),
        ("A", "C", Sameness.NUMBERS),
        ("B", "C", Sameness.LINES),
    }
    assert all(pair.difference <= SAME for pair in found)


@pytest.mark.parametrize(
    "other", [{"experiment": None}, {"section": "Network Architecture"}, {"section": "Dataset"}, {"section": ""}]
)
def test_logos_networks_and_samples_may_be_shared(other: dict[str, str | None]) -> None:
    picture = picture_of(curves(1), **other)
    assert shared_pictures([dossier("A", picture), dossier("B", picture)]) == ()


def test_a_report_shares_nothing_with_itself() -> None:
    picture = picture_of(curves(1))
    assert shared_pictures([dossier("A", picture, picture)]) == ()
    assert shared_pictures([]) == ()


def test_a_broken_sketch_shares_nothing() -> None:
    pictures = [picture_of(curves(seed), sketch="AAAA") for seed in (1, 2)]
    assert shared_pictures([dossier("A", pictures[0]), dossier("B", pictures[1])]) == ()
