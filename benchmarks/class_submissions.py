"""A made-up class: each student has code in a style of `code_styles` and a PDF, printed in a style of `styles`.

A few reports are printed once, without roll number and name; each student's copy gets pictures of its own, curves and
confusion matrices as pixels. What students share are the texts, not the pictures.
"""

import io
import random
import zlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import cycle, islice, product
from pathlib import Path

import code_facts
import code_submissions
import matplotlib as mpl
import pikepdf
import report_facts
import report_styles
from joblib import Parallel, delayed
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

BODIES = 8
"""Reports that are printed; students share them."""
SIZE = (640, 480)
"""Pixels of a picture."""
AXES = (0.12, 0.12, 0.84, 0.78)
"""Left, bottom, width and height of a picture's axes, as parts of its size."""
LINES = ((31, 119, 180), (255, 127, 14))
"""Colours of the curves."""


SHADES = 30
"""Steps of red between the figures of one colour in whose place pictures are put."""


@dataclass(frozen=True)
class Shown:
    """A picture of a report: its title, and the index of the experiment whose confusion matrix it is."""

    title: str
    matrix: int | None = None


PICTURES = (
    Shown("Experiment 1: Accuracy per Epoch"),
    Shown("Experiment 1: Loss per Epoch"),
    Shown("Experiment 1: Confusion Matrix", 0),
    Shown("Experiment 2: Accuracy per Epoch"),
    Shown("Experiment 2: Loss per Epoch"),
    Shown("Experiment 2: Confusion Matrix", 1),
    Shown("Bonus: Accuracy per Epoch"),
)


def write_class(folder: Path, count: int, pages: int) -> None:
    """Write ``ROLL.py`` and ``ROLL.pdf`` for so many students, each report with so many pages at least."""
    bodies = Parallel(n_jobs=-1)(delayed(_body)(seed, pages) for seed in range(BODIES))
    folder.mkdir(parents=True)
    students = islice(zip(_rolls(), cycle(code_submissions.load_styles())), count)
    Parallel(n_jobs=-1)(
        delayed(_write)(folder, roll, body, bodies[body], style, seed)
        for seed, ((roll, body), style) in enumerate(students)
    )


def _rolls() -> Iterator[tuple[str, int]]:
    """Roll numbers, each with the index of a body whose number it ends in."""
    prefixes = (
        f"{letter}{year:02}{branch}" for year in range(100) for letter in "BDMP" for branch in ("CS", "EE", "MA")
    )
    for prefix, body in zip(prefixes, cycle(range(BODIES)), strict=False):
        yield f"{prefix}{report_facts.make_facts(body).number:03}", body


def _body(seed: int, pages: int) -> bytes:
    """Print a report that can be many students', filled up to so many pages."""
    printed = [replace(style, kind="pdf") for style in report_styles.load_styles() if style.kind in {"pdf", "html"}]
    style = printed[seed % len(printed)]
    facts = report_facts.make_facts(seed)
    text = style.text(facts).replace(facts.roll, "my roll number").replace(facts.student, "A Student")
    text += "".join(_figure(picture, number) for number, picture in enumerate(PICTURES))
    pdf: bytes = style.content(text)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        missing = pages - len(document.pages)
    return style.content(text + "".join(_log(facts, number) for number in range(missing))) if missing > 0 else pdf


def _figure(picture: Shown, number: int) -> str:
    """A figure of one colour, in whose place a student's own will be put."""
    plain = io.BytesIO()
    Image.new("RGB", SIZE, (number * SHADES, 0, 0)).save(plain, "png")
    source = f"data:image/png;base64,{b64encode(plain.getvalue()).decode()}"
    return f"<h3>{picture.title}</h3><p><img src='{source}' style='width: 10cm'></p>"


def _log(facts: report_facts.Facts, number: int) -> str:
    """A page with the losses of one experiment."""
    head = "<tr><th>epoch</th><th>training loss</th><th>test loss</th></tr>"
    rows = (
        f"<tr><td>{epoch}</td><td>{row.train_loss:.4f}</td><td>{row.test_loss:.4f}</td></tr>"
        for epoch, row in enumerate(facts.experiments[number % 2].history, 1)
    )
    title = f"<h3 style='break-before: page'>Experiment {number % 2 + 1}: Loss per Epoch</h3>"
    return f"{title}<table>{head}{''.join(rows)}</table>"


def _write(folder: Path, roll: str, body: int, pdf: bytes, style: str, seed: int) -> None:
    facts = report_facts.make_facts(body)
    coded = replace(code_facts.make_facts(seed), roll=roll, number=facts.number, batch=facts.batch)
    (folder / f"{roll}.py").write_text(code_submissions.render(style, coded), encoding="utf-8")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        images = (one for one in document.objects if isinstance(one, pikepdf.Stream))
        plain = [one for one in images if one.get("/Subtype") == "/Image" and one.get("/Width") == SIZE[0]]
        for image in plain:
            picture = PICTURES[_number(image)]
            _replace(image, _draw(picture, facts, random.Random(f"{seed}/{picture.title}")))
        document.save(folder / f"{roll}.pdf")


def _number(stream: pikepdf.Stream) -> int:
    """The index of the picture in whose place a figure of one colour stands."""
    red = pikepdf.PdfImage(stream).as_pil_image().convert("RGB").getpixel((0, 0))
    assert isinstance(red, tuple)
    return int(red[0]) // SHADES


def _replace(stream: pikepdf.Stream, image: Image.Image) -> None:
    for key in ("/SMask", "/DecodeParms"):
        if key in stream:
            del stream[key]
    stream.ColorSpace, stream.BitsPerComponent = pikepdf.Name.DeviceRGB, 8
    stream.write(zlib.compress(image.tobytes(), 1), filter=pikepdf.Name.FlateDecode)


def _draw(picture: Shown, facts: report_facts.Facts, generator: random.Random) -> Image.Image:
    """A student's own picture: of the right form, with numbers drawn anew."""
    image = _frame(picture.title, picture.matrix is None).copy()
    if picture.matrix is None:
        _draw_curves(ImageDraw.Draw(image), generator)
    else:
        _draw_matrix(ImageDraw.Draw(image), facts.experiments[picture.matrix].classes, generator)
    return image


def _draw_curves(pen: ImageDraw.ImageDraw, generator: random.Random) -> None:
    left, bottom, width, height = AXES[0] * SIZE[0], (1 - AXES[1]) * SIZE[1], AXES[2] * SIZE[0], AXES[3] * SIZE[1]
    for colour in LINES:
        rate, most = generator.uniform(0.2, 0.7), generator.uniform(0.6, 0.9)
        reached = [most * (1 - rate**epoch) + generator.uniform(0, 0.05) for epoch in range(1, 11)]
        points = [(left + width * (at + 0.5) / 10, bottom - height * value) for at, value in enumerate(reached)]
        pen.line(points, fill=colour, width=2)


def _draw_matrix(pen: ImageDraw.ImageDraw, classes: int, generator: random.Random) -> None:
    cells = report_facts.make_matrix(generator, report_facts.TEST_COUNTS[classes], generator.uniform(0.96, 0.99))
    left, top, step = AXES[0] * SIZE[0], (1 - AXES[1] - AXES[3]) * SIZE[1], AXES[3] * SIZE[1] / classes
    font = _font(30 if classes < 6 else 14)
    most = max(map(max, cells))
    for row, column in product(range(classes), repeat=2):
        x, y, share = left + column * step, top + row * step, cells[row][column] / most
        shade = (round(255 - 247 * share), round(255 - 207 * share), round(255 - 148 * share))
        pen.rectangle((x, y, x + step, y + step), fill=shade)
        colour = "white" if share > 0.5 else "black"
        pen.text((x + step / 2, y + step / 2), str(cells[row][column]), fill=colour, font=font, anchor="mm")


@cache
def _frame(title: str, axes: bool) -> Image.Image:
    figure = Figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100)
    plot = figure.add_axes(AXES)
    plot.set_title(title)
    if not axes:
        plot.axis("off")
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    return Image.open(drawn).convert("RGB")


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", size)
