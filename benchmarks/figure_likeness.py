"""How far apart honest figures are, how near copies are, and how well confusion matrices are read.

Honest pairs: figures of two runs by one script, in one style. Copies: one figure with other margins, compressed,
scaled, as a screenshot. All of them are read as pictures of a report. Runs some minutes; needs neither MNIST nor torch.
"""

import argparse
import base64
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure as Plot
from numpy.typing import NDArray
from PIL import Image
from sklearn.metrics import ConfusionMatrixDisplay

from reportgen.assignment.datasets import MNIST
from reportgen.grading.pictures.digit_cells import CellReading
from reportgen.grading.pictures.gallery import Figure, read_pictures
from reportgen.grading.pictures.likeness import SAME, difference, read_sketch, sketch_difference
from reportgen.grading.pictures.sameness import same_figure

TEN = MNIST.label_counts["test"]
FOUR = tuple(sum(TEN[label] for label in group) for group in ((0, 6), (1, 7), (2, 3, 8, 5), (4, 9)))
SIZES = ((6.4, 4.8), (8, 6), (10, 8))
EPOCHS = 10


def image(plot: Plot, tight: bool) -> Image.Image:
    out = io.BytesIO()
    plot.savefig(out, dpi=100, bbox_inches="tight" if tight else None)
    plt.close(plot)
    return Image.open(out).convert("RGB")


def curves(rng: np.random.Generator, style: int) -> Image.Image:
    """Accuracy or loss of one training, as students plot it."""
    epoch = np.arange(EPOCHS)
    level, first, rate = rng.uniform(0.972, 0.992), rng.uniform(0.86, 0.95), rng.uniform(0.6, 1.6)
    train = level - (level - first) * np.exp(-rate * epoch) + rng.normal(0, 0.0025, EPOCHS)
    test = train + rng.normal(0, 0.002, EPOCHS)
    name = "Accuracy" if style % 2 else "Loss"
    if name == "Loss":
        train, test = (3.2 * (1 - values) + rng.normal(0.01, 0.001, EPOCHS) for values in (train, test))
    plot, axes = plt.subplots(figsize=((6.4, 4.8), (8, 5), (10, 5), (6, 4))[style % 4])
    for values, label in ((train, "Training"), (test, "Testing")):
        axes.plot(epoch + 1, values, label=f"{label} {name}", marker="o" if style % 3 == 1 else None)
    axes.set(title=f"{name} per Epoch", xlabel="Epoch", ylabel=name)
    if style % 5 == 4:
        axes.set_ylim((0.8, 1.0) if name == "Accuracy" else (0, 0.6))
    axes.grid(style % 3 == 2)
    axes.legend()
    return image(plot, style % 2 == 0)


def counts_of_run(rng: np.random.Generator, counts: Sequence[int]) -> NDArray[np.int64]:
    """A confusion matrix; which classes are mixed up is much the same in all runs."""
    size = len(counts)
    weights = np.exp(np.random.default_rng(5).normal(0, 1, (size, size)))
    np.fill_diagonal(weights, 0)
    rows = np.zeros((size, size), np.int64)
    for index, count in enumerate(counts):
        wrong = rng.binomial(count, rng.uniform(0.008, 0.04))
        rows[index] = rng.multinomial(wrong, weights[index] / weights[index].sum())
        rows[index, index] = count - wrong
    return rows


def heat_map(rows: NDArray[np.int64], style: int) -> Image.Image:
    """scikit-learn's display, or what seaborn draws."""
    size = len(rows)
    plot, axes = plt.subplots(figsize=SIZES[style // 3 % 3])
    if style % 3 == 0:
        labels = [f"Class {index + 1}" for index in range(size)] if size < 10 else range(size)
        shown = ConfusionMatrixDisplay(rows, display_labels=labels)
        shown.plot(ax=axes, cmap=("viridis", "Blues")[style // 3 % 2], values_format="d")
        return image(plot, style % 2 == 0)
    colours = plt.get_cmap(("Blues", "magma")[style % 3 - 1])
    mesh = axes.pcolormesh(rows, cmap=colours)
    axes.set(xlim=(0, size), ylim=(size, 0), xlabel="Predicted", ylabel="True", title="Confusion Matrix")
    for spine in axes.spines.values():
        spine.set_visible(False)
    if style % 2:
        plot.colorbar(mesh)
    for (down, across), value in np.ndenumerate(rows):
        bright = np.dot([0.2126, 0.7152, 0.0722], np.array(colours(mesh.norm(np.array(value)))[:3]) ** 2.2) > 0.408
        colour = ".15" if bright else "w"
        axes.text(across + 0.5, down + 0.5, str(value), ha="center", va="center", color=colour)
    axes.set_xticks(np.arange(size) + 0.5, [str(index) for index in range(size)])
    axes.set_yticks(np.arange(size) + 0.5, [str(index) for index in range(size)])
    return image(plot, style % 2 == 0)


def margins(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    left, top, right, bottom = (int(side) for side in rng.integers(0, 60, 4))
    page = Image.new("RGB", (picture.width + left + right, picture.height + top + bottom), "white")
    page.paste(picture, (left, top))
    return page


def scaled(picture: Image.Image, factor: float) -> Image.Image:
    return picture.resize((round(picture.width * factor), round(picture.height * factor)), Image.Resampling.LANCZOS)


def compressed(picture: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("RGB")


def noisy(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    levels = np.asarray(picture) + rng.normal(0, 2, (picture.height, picture.width, 3))
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


def copies(picture: Image.Image, rng: np.random.Generator) -> Iterator[tuple[str, Image.Image]]:
    yield "other margins", margins(picture, rng)
    yield "JPEG 90", compressed(margins(picture, rng), 90)
    yield "JPEG 60", compressed(margins(picture, rng), 60)
    yield "scaled 0.6…1.5", margins(scaled(picture, rng.uniform(0.6, 1.5)), rng)
    yield "scaled, JPEG 75", compressed(margins(scaled(picture, rng.uniform(0.6, 1.5)), rng), 75)
    yield "screenshot", noisy(scaled(margins(picture, rng), rng.uniform(0.8, 1.3)), rng)


def read(picture: Image.Image) -> Figure:
    """Read a picture as out of a report."""
    out = io.BytesIO()
    picture.save(out, "PNG")
    page = f'<img src="data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}">'
    return read_pictures(page.encode(), "report.html", ()).figures[0]


def apart(one: Figure, other: Figure) -> tuple[float, float]:
    """Differences of two figures, and of their sketches; 2 where a figure has none."""
    sketches = [read_sketch(figure.picture.sketch) for figure in (one, other)]
    first, second = sketches
    small = 2.0 if first is None or second is None else sketch_difference(first, second)
    return difference(one.shaded, other.shaded), small


def same(one: Figure, other: Figure) -> bool:
    return same_figure(one.picture, other.picture, one.shaded, other.shaded) is not None


def line(name: str, differences: list[tuple[float, float]], called: int) -> None:
    spread = [f"{value:5.2f}" for value in np.percentile(differences, [0, 1, 50, 99, 100], axis=0).T.ravel()]
    print(f"{name:22}{len(differences):6}{called:6}   {' '.join(spread[:5])}   {' '.join(spread[5:])}")


def outcome(figure: Figure, rows: NDArray[np.int64]) -> str:
    shown = figure.picture
    if shown.classes is None:
        return "not found"
    if shown.classes != len(rows):
        return "WRONG SIZE"
    if shown.cells is None:
        return "size only"
    if shown.cells == tuple(tuple(int(value) for value in row) for row in rows):
        return "all read"
    proved = CellReading(shown.classes, shown.cells).sums_to([int(total) for total in rows.sum(axis=1)])
    return "WRONG, sums right" if proved else "WRONG, sums wrong"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--styles", type=int, default=18)
    arguments.add_argument("--runs", type=int, default=8, help="runs of one script in one style")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    plt.switch_backend("agg")
    rng = np.random.default_rng(given.seed)
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    print(f"difference: least, 1 %, median, 99 %, most; then of sketches. The same up to {SAME}; heat maps by numbers.")
    print(f"{'':22}{'pairs':>6}{'same':>6}")

    def study(name: str, draw: Callable[[int], tuple[Image.Image, NDArray[np.int64] | None]]) -> None:
        honest: list[tuple[float, float]] = []
        copied: dict[str, list[tuple[float, float]]] = defaultdict(list)
        called: Counter[str] = Counter()
        for style in range(given.styles):
            runs = [draw(style) for _ in range(given.runs)]
            figures = [read(picture) for picture, _ in runs]
            for one, other in combinations(figures, 2):
                honest.append(apart(one, other))
                called["honest"] += same(one, other)
            for index, (picture, rows) in enumerate(runs):
                if rows is not None:
                    outcomes[f"{name}, as drawn"][outcome(figures[index], rows)] += 1
                for kind, copy in copies(picture, rng) if index < 3 else ():
                    figure = read(copy)
                    copied[kind].append(apart(figures[index], figure))
                    called[kind] += same(figures[index], figure)
                    if rows is not None:
                        outcomes[f"{name}, {kind}"][outcome(figure, rows)] += 1
        line(f"{name}: honest", honest, called["honest"])
        for kind, differences in copied.items():
            line(f"  {kind}", differences, called[kind])

    def drawn(counts: Sequence[int]) -> Callable[[int], tuple[Image.Image, NDArray[np.int64] | None]]:
        def draw(style: int) -> tuple[Image.Image, NDArray[np.int64] | None]:
            rows = counts_of_run(rng, counts)
            return heat_map(rows, style), rows

        return draw

    study("curves", lambda style: (curves(rng, style), None))
    study("4 classes", drawn(FOUR))
    study("10 classes", drawn(TEN))
    print("\nconfusion matrices read:")
    for name, counter in outcomes.items():
        print(f"{name:32}" + ", ".join(f"{key} {number}" for key, number in counter.most_common()))


if __name__ == "__main__":
    main()
