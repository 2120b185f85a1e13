"""The grid of a confusion matrix and the numbers in it: right, or not read at all."""

import io
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure as Plot
from PIL import Image, ImageFont

from reportgen.files import PACKAGE
from reportgen.grading.pictures.digit_cells import CellReading, read_cells
from reportgen.grading.pictures.heat_maps import Pixels, find_heat_map

FOUR = ((1930, 2, 0, 6), (9, 2119, 13, 22), (144, 42, 3685, 37), (11, 9, 13, 1958))


def pixels_of(plot: Plot, dpi: int = 100) -> Pixels:
    out = io.BytesIO()
    plot.savefig(out, dpi=dpi)
    return np.asarray(Image.open(out).convert("RGB"))


def displayed(
    rows: Sequence[Sequence[float]], size: tuple[float, float] = (6.4, 4.8), values: str = "d", **other: object
) -> Pixels:
    from sklearn.metrics import ConfusionMatrixDisplay

    plot = Plot(figsize=size)
    ConfusionMatrixDisplay(np.array(rows)).plot(ax=plot.subplots(), values_format=values, **other)
    return pixels_of(plot)


def as_seaborn(rows: Sequence[Sequence[int]], line: float = 0) -> Pixels:
    """No frame, text in white or dark, as seaborn's heatmap draws it."""
    plot = Plot(figsize=(8, 6))
    axes = plot.subplots()
    size = len(rows)
    axes.pcolormesh(np.array(rows), cmap="Blues", linewidth=line, edgecolors="white" if line else None)
    axes.set(xlim=(0, size), ylim=(size, 0))
    for spine in axes.spines.values():
        spine.set_visible(False)
    most = max(map(max, rows))
    for (down, across), value in np.ndenumerate(np.array(rows)):
        colour = "w" if value > most / 2 else ".15"
        axes.text(across + 0.5, down + 0.5, str(value), ha="center", va="center", color=colour)
    return pixels_of(plot)


@st.composite
def matrices(draw: st.DrawFn) -> tuple[tuple[int, ...], ...]:
    size = draw(st.integers(3, 6))
    rows = [[draw(st.integers(0, 250)) for _ in range(size)] for _ in range(size)]
    for index in range(size):
        rows[index][index] = draw(st.integers(900, 4000))
    return tuple(map(tuple, rows))


def test_the_bundled_digits_are_those_that_matplotlib_prints() -> None:
    bundled = PACKAGE / "grading" / "pictures" / "fonts"
    own = Path(mpl.get_data_path()) / "fonts" / "ttf"
    for font in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        masks = [
            [ImageFont.truetype(str(folder / font), size).getmask(digit) for size in (9, 40) for digit in "0123456789"]
            for folder in (bundled, own)
        ]
        assert [bytes(mask) for mask in masks[0]] == [bytes(mask) for mask in masks[1]]


@settings(max_examples=10, deadline=None)
@given(matrices())
@pytest.mark.slow
def test_what_is_read_is_what_was_drawn(rows: tuple[tuple[int, ...], ...]) -> None:
    reading = read_cells(displayed(rows))
    assert reading.classes in {len(rows), None}
    assert reading.rows in {rows, None}


@pytest.mark.parametrize("colours", ["viridis", "Blues", "magma"])
def test_the_matrix_of_the_handout(colours: str) -> None:
    reading = read_cells(displayed(FOUR, cmap=colours))
    assert reading == CellReading(4, FOUR)
    assert reading.sums_to((1938, 2163, 3908, 1991))


@pytest.mark.parametrize("line", [0, 0.5])
def test_seaborn(line: float) -> None:
    assert read_cells(as_seaborn(FOUR, line)) == CellReading(4, FOUR)


def test_ten_classes() -> None:
    rows = np.random.default_rng(2).integers(0, 20, (10, 10)) + np.diag(range(950, 1150, 20))
    reading = read_cells(displayed(rows.tolist(), (10, 8)))
    assert reading == CellReading(10, tuple(map(tuple, rows.tolist())))


@pytest.mark.parametrize(
    ("rows", "values"),
    [
        ([[0.98, 0.02], [0.04, 0.96]], ".2f"),
        ([[980, 20], [40, 960]], ".2g"),
    ],
)
def test_numbers_that_are_no_counts_are_not_read(rows: list[list[float]], values: str) -> None:
    assert read_cells(displayed(rows, values=values)) == CellReading(2)


def test_cells_without_numbers_have_a_size() -> None:
    assert read_cells(displayed(FOUR, include_values=False)) == CellReading(4)


def test_small_numbers_are_not_read() -> None:
    pixels = displayed(FOUR)
    small = np.asarray(Image.fromarray(pixels).resize((256, 192), Image.Resampling.LANCZOS))
    assert read_cells(small).rows in {None, FOUR}
    assert read_cells(np.asarray(Image.fromarray(pixels).resize((96, 72)))).rows is None


def curves() -> Pixels:
    plot = Plot()
    plot.subplots().plot(range(10), np.sqrt(range(10)))
    return pixels_of(plot)


def bars() -> Pixels:
    plot = Plot()
    plot.subplots().bar(range(4), [4, 3, 2, 1])
    return pixels_of(plot)


def table_without_a_diagonal() -> Pixels:
    return displayed([[5, 5, 5], [5, 5, 5], [5, 5, 5]])


def digits() -> Pixels:
    plot = Plot()
    for index, axes in enumerate(plot.subplots(3, 3).flat):
        axes.imshow(np.random.default_rng(index).random((28, 28)), cmap="gray")
    return pixels_of(plot)


@pytest.mark.parametrize(
    "pixels",
    [
        curves(),
        bars(),
        table_without_a_diagonal(),
        digits(),
        np.full((90, 90, 3), 255, np.uint8),
        np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8),
    ],
)
def test_what_is_no_confusion_matrix(pixels: Pixels) -> None:
    assert find_heat_map(pixels) is None
    assert read_cells(pixels) == CellReading(None)


@given(matrices())
def test_sums_of_rows_or_of_columns_prove_a_reading(rows: tuple[tuple[int, ...], ...]) -> None:
    sums = [sum(row) for row in rows]
    turned = tuple(zip(*rows, strict=True))
    assert CellReading(len(rows), rows).sums_to(sums)
    assert CellReading(len(rows), turned).sums_to(sums)
    assert not CellReading(len(rows), rows).sums_to([*sums[:-1], 1 + sum(sums)])
    assert not CellReading(len(rows)).sums_to(sums)
