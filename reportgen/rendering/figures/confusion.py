"""The confusion matrix as a person can read it: counts, shares of the true class, errors standing out."""

from math import ceil

from reportgen.rendering.figures import style
from reportgen.rendering.figures.sheet import Sheet
from reportgen.rendering.observations import frequent_confusions
from reportgen.rendering.wording import integer, percent, short_name
from reportgen.results.schema import ExperimentResult, Results

_ROOMY = 28.0
"""Points across, from which a cell has room for a share beneath its count."""
_MARGIN = 44.0
"""Points at the right for the images of each class."""
_LINE = 9.0
_LONGEST = 130.0
"""Points of a class name at most."""


def draw(results: Results, result: ExperimentResult) -> Sheet:
    """Draw the matrix of an experiment; its errors are shaded on the same scale as those of the others."""
    matrix, names = result.score.confusion, [entry.name for entry in result.score.classes]
    short = [style.shorten(short_name(name), _LONGEST) for name in names]
    number = len(names)
    left = max(46.0, 8 + max(style.width(line) for name in names for line in lines(name)))
    cell = min((style.WIDTH - left - _MARGIN) / number, 66.0)
    height = max(min(26.0, cell * 0.8), 15.0)
    headings = [_heading(name, cell) for name in names]
    turned = any(not heading for heading in headings)
    tallest = max(map(style.width, short)) if turned else _LINE * max(map(len, headings))
    top = 14 + tallest + 4
    across = left + cell * number
    sheet = Sheet(style.WIDTH, top + height * number + (16 if cell >= _ROOMY else 2))

    sheet.text(left, 8, "Predicted class", size=style.SMALL, color=style.MUTED)
    sheet.text(left - 8, top - 6, "True class", size=style.SMALL, color=style.MUTED, anchor="right")
    sheet.text(across + _MARGIN, top - 6, "Images", size=style.SMALL, color=style.MUTED, anchor="right")
    for column, name in enumerate(short):
        middle = left + cell * (column + 0.5)
        if turned:
            sheet.text(middle + 3, top - 5, name, turned=True)
            continue
        for at, line in enumerate(headings[column]):
            sheet.text(middle, top - 6 - _LINE * (len(headings[column]) - 1 - at), line, anchor="center")

    largest = _worst(results)
    marked = {(true, predicted) for true, predicted, _ in frequent_confusions(result)}
    for row, counts in enumerate(matrix):
        y, images = top + height * row, sum(counts)
        said = lines(names[row])
        for at, line in enumerate(said):
            baseline = y + height / 2 + 3 + _LINE * (at - (len(said) - 1) / 2)
            sheet.text(left - 8, baseline, line, anchor="right", color=style.MUTED if at else style.INK)
        for column, count in enumerate(counts):
            x, right = left + cell * column, row == column
            with sheet.group(cell=f"{row},{column}"):
                sheet.rectangle(
                    x + 0.6,
                    y + 0.6,
                    cell - 1.2,
                    height - 1.2,
                    style.PAPER if right or not count else _tint(count, images, largest),
                    style.RULE if right else None,
                    0.6,
                )
                if (row, column) in marked:
                    sheet.rectangle(x + 1.1, y + 1.1, cell - 2.2, height - 2.2, None, style.INK, 1.1)
                _count(sheet, x + cell / 2, y, (cell, height), (count, images), right, (row, column) in marked)
        sheet.text(across + _MARGIN, y + height / 2 + 3, integer(images), anchor="right", color=style.MUTED)

    bottom = top + height * number
    if cell >= _ROOMY:
        sheet.text(left - 8, bottom + 12, "Precision", size=style.SMALL, anchor="right", color=style.MUTED)
        for column, entry in enumerate(result.score.classes):
            middle = left + cell * (column + 0.5)
            sheet.text(
                middle, bottom + 12, percent(entry.precision, 1), size=style.SMALL, anchor="center", color=style.MUTED
            )
    return sheet


def lines(name: str) -> list[str]:
    """A class name in lines, cut where they are too long: what it joins stands beneath."""
    first, brace, rest = name.partition(" {")
    return [style.shorten(line, _LONGEST) for line in ([first, brace.strip() + rest] if brace else [first])]


def share(count: int, images: int) -> str:
    """A cell as a share of its true class."""
    return "< 0.1 %" if 0 < count < 0.0005 * images else percent(count / max(images, 1), 1)


def _worst(results: Results) -> float:
    """The largest share of a true class that any experiment takes for another class."""
    return max(
        (
            count / sum(counts)
            for result in results.experiments
            for row, counts in enumerate(result.score.confusion)
            for column, count in enumerate(counts)
            if count and row != column
        ),
        default=1.0,
    )


def _tint(count: int, images: int, largest: float) -> str:
    return style.TINTS[ceil(count / images / largest * len(style.TINTS)) - 1]


def _heading(name: str, cell: float) -> list[str]:
    """A class name above a column, with what it joins where that fits; nothing where the name does not fit across."""
    first, *joined = lines(name)
    words = [first] if style.width(first) <= cell - 2 else first.split()
    if len(words) > 3 or any(style.width(word) > cell - 2 for word in words):
        return []
    return [*words, *(line for line in joined if style.width(line) <= cell - 2)]


def _count(
    sheet: Sheet, middle: float, y: float, size: tuple[float, float], counted: tuple[int, int], right: bool, bold: bool
) -> None:
    """Write a cell: how many images, and beneath it their share of the true class."""
    (cell, height), (count, images) = size, counted
    color = style.MUTED if right else style.INK
    roomy = cell >= _ROOMY and height >= 20
    letters = style.TEXT + 0.5 if roomy else style.SMALL
    if not count:
        sheet.text(middle, y + height / 2 + 2.5, "·", anchor="center", color=style.RULE)
    elif roomy:
        sheet.text(middle, y + height / 2 - 0.5, integer(count), size=letters, anchor="center", color=color, bold=bold)
        sheet.text(middle, y + height / 2 + 8.5, share(count, images), size=style.SMALL, anchor="center", color=color)
    elif style.width(str(count), letters) <= cell:
        sheet.text(middle, y + height / 2 + 2.6, str(count), size=letters, anchor="center", color=color, bold=bold)
