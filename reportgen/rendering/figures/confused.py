"""The images behind the most frequent confusions, and the most confident of the other errors."""

from collections.abc import Sequence

from reportgen.rendering.figures import style
from reportgen.rendering.figures.confusion import share
from reportgen.rendering.figures.sheet import Sheet
from reportgen.rendering.observations import largest_confusions
from reportgen.rendering.wording import counted, integer, probability, short_name
from reportgen.results.schema import ExperimentResult, Mistaken, Results, Sample

PAIRS = 6
"""Confusions that are shown, two beside each other."""
_EACH, _OTHERS = 6, 12
"""Images of a confusion, and of the other errors."""
_SIZE, _STEP = 33.0, 38.0
_BLOCK = 68.0

Error = Sample | Mistaken


def errors(result: ExperimentResult) -> list[Error]:
    """The errors whose images are kept, most confident first."""
    kept: dict[int, Error] = {entry.index: entry for entry in result.mistaken}
    kept |= {entry.index: entry for entry in result.samples if entry.true != entry.predicted}
    return sorted(kept.values(), key=lambda entry: (-entry.probability, entry.index))


def pairs(result: ExperimentResult) -> list[tuple[int, int, int, list[Error]]]:
    """The most frequent confusions: (true class, predicted class, images, those shown).

    There are none where only the most confident errors were kept, or where no confusion happens twice.
    """
    kept = errors(result) if result.samples else []
    found = []
    for true, predicted, images in largest_confusions(result, PAIRS):
        shown = [entry for entry in kept if (entry.true, entry.predicted) == (true, predicted)][:_EACH]
        if shown and images > 1:
            found.append((true, predicted, images, shown))
    return found


def others(result: ExperimentResult) -> list[Error]:
    """The most confident errors that are no part of the confusions shown."""
    cells = {(true, predicted) for true, predicted, _, _ in pairs(result)}
    return [entry for entry in errors(result) if (entry.true, entry.predicted) not in cells][:_OTHERS]


def short_names(result: ExperimentResult) -> list[str]:
    """Class names without what they join."""
    return [short_name(entry.name) for entry in result.score.classes]


def draw(results: Results, result: ExperimentResult) -> Sheet:
    """Draw the errors of an experiment; it must have some that are kept."""
    names, shown, rest = short_names(result), pairs(result), others(result)
    rows = -(-len(shown) // 2)
    long = any(style.width(f"{one}→{other}", style.SMALL) > _STEP for one in names for other in names)
    sheet = Sheet(style.WIDTH, rows * _BLOCK + (14 + _SIZE + (30 if long else 21) if rest else -8))
    pixels = results.images | {entry.index: entry.pixels for entry in result.mistaken}
    supports = [entry.support for entry in result.score.classes]
    for at, (true, predicted, images, some) in enumerate(shown):
        x, y = 0.5 + (at % 2) * (style.WIDTH - 1 - _EACH * _STEP + _STEP - _SIZE), (at // 2) * _BLOCK
        title = style.shorten(f"{names[true]} → {names[predicted]}", 120)
        sheet.text(x, y + 8, title, bold=True)
        said = f"{counted(images, 'image')}, {share(images, supports[true])}"
        sheet.text(x + style.width(title) + 6, y + 8, said, size=style.SMALL, color=style.MUTED)
        for column, entry in enumerate(some):
            _show(sheet, (x + column * _STEP, y + 13), entry, pixels[entry.index], results, [])
    if rest:
        y = rows * _BLOCK
        left = result.score.total - result.score.correct - sum(images for _, _, images, _ in shown)
        other = "other " if shown else ""
        title = (
            f"The {len(rest)} most confident of the {other}{integer(left)} errors"
            if left > len(rest)
            else f"All {other}errors"
        )
        sheet.text(0.5, y + 8, title, bold=True)
        for column, entry in enumerate(rest):
            one, two = names[entry.true], names[entry.predicted]
            label = [f"{one} →", two] if long else [f"{one} → {two}"]
            place = (0.5 + column * (style.WIDTH - 1 - _SIZE) / (_OTHERS - 1), y + 13)
            _show(sheet, place, entry, pixels[entry.index], results, label)
    return sheet


def _show(
    sheet: Sheet, at: tuple[float, float], entry: Error, pixels: str, results: Results, label: Sequence[str]
) -> None:
    x, y = at
    with sheet.group(index=entry.index):
        sheet.rectangle(x, y, _SIZE, _SIZE, style.PAPER, style.GRID, 0.6)
        sheet.picture(x + 1, y + 1, (_SIZE - 2, _SIZE - 2), pixels, results.plan.input_shape)
        for line, text in enumerate([*label, probability(entry.probability)]):
            muted = line == len(label)
            sheet.text(
                x + _SIZE / 2,
                y + _SIZE + 8 + 8.5 * line,
                style.shorten(text, _STEP + 2, style.SMALL),
                size=style.SMALL,
                anchor="center",
                color=style.MUTED if muted else style.INK,
            )
