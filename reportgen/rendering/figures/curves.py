"""Accuracy and loss per epoch, each line named at its end, on axes that all experiments share."""

from dataclasses import dataclass
from typing import Literal

from reportgen.rendering.figures import style
from reportgen.rendering.figures.scales import Scale, linear, logarithmic
from reportgen.rendering.figures.sheet import Sheet
from reportgen.rendering.observations import Reference, references
from reportgen.rendering.wording import loss, percent
from reportgen.results.schema import EpochRecord, ExperimentResult, Results

_HEIGHT, _TOP, _BOTTOM = 190.0, 36.0, 162.0
_PANEL, _GUTTER, _NAMES = 226.0, 37.0, 42.0
"""Points across: a panel, its axis labels at the left, the names at the line ends at the right."""
_APART = 19.0
"""Points between the names of two lines at least."""
_GOOD = 0.8
"""Where no accuracy is lower all happens near 100 %, and it is the error that the axis must tell apart."""
_SMALLEST_LOSS = 1e-4
_LINES: dict[str, tuple[str, tuple[float, ...]]] = {
    "training": (style.TRAINING, style.DASHED),
    "validation": (style.VALIDATION, style.DOTTED),
    "test": (style.TEST, style.SOLID),
}


@dataclass(frozen=True)
class _Panel:
    """One chart: where it stands and how its values are placed."""

    kind: Literal["accuracy", "loss"]
    left: float
    epochs: int
    scale: Scale
    errors: bool
    """The scale is that of the error, 1 − value, and runs downwards."""

    def x(self, epoch: int) -> float:
        """Points from the left."""
        start, end = self.left + _GUTTER + 6, self.left + _PANEL - _NAMES - 6
        return start + (end - start) * ((epoch - 1) / (self.epochs - 1) if self.epochs > 1 else 0.5)

    def y(self, value: float) -> float:
        """Points from the top."""
        part = 1 - self.scale.part(1 - value) if self.errors else self.scale.part(value)
        return _BOTTOM - (_BOTTOM - _TOP) * part

    def read(self, record: EpochRecord, name: str) -> float | None:
        """A line's value in an epoch."""
        return _read(record, name, self.kind)

    def said(self, value: float) -> str:
        """A value as the line's end says it."""
        return loss(value) if self.kind == "loss" else percent(value)


def draw(results: Results, result: ExperimentResult) -> Sheet:
    """Draw the curves of an experiment."""
    epochs = max(len(experiment.history) for experiment in results.experiments)
    scale, errors = _accuracy_scale(results)
    sheet = Sheet(style.WIDTH, _HEIGHT)
    for panel in (
        _Panel("accuracy", 0, epochs, scale, errors),
        _Panel("loss", style.WIDTH - _PANEL, epochs, _loss_scale(results), errors=False),
    ):
        with sheet.group(panel=panel.kind):
            _axes(sheet, panel)
            for reference in references(result):
                _reference(sheet, panel, reference)
            _chosen(sheet, panel, result)
            _lines(sheet, panel, result)
    return sheet


def _read(record: EpochRecord, name: str, kind: Literal["accuracy", "loss"]) -> float | None:
    value: float | None = getattr(record, f"{'train' if name == 'training' else name}_{kind}")
    return value


def _values(results: Results, kind: Literal["accuracy", "loss"]) -> list[float]:
    """All values that any experiment's lines have, and what they are held against."""
    read = [_read(r, name, kind) for e in results.experiments for r in e.history for name in _LINES]
    known = [getattr(reference, kind) for e in results.experiments for reference in references(e)]
    return [value for value in [*read, *known] if value is not None]


def _accuracy_scale(results: Results) -> tuple[Scale, bool]:
    """The common scale of accuracies, and whether it is one of errors."""
    values = _values(results, "accuracy")
    if min(values) < _GOOD:
        return linear([*values, 1.0]), False
    finest = 0.5 / max(experiment.score.total for experiment in results.experiments)
    return logarithmic([max(1 - value, finest) for value in values]), True


def _loss_scale(results: Results) -> Scale:
    return logarithmic([max(value, _SMALLEST_LOSS) for value in _values(results, "loss")])


def _axes(sheet: Sheet, panel: _Panel) -> None:
    start, end = panel.left + _GUTTER, panel.left + _PANEL - _NAMES
    title = panel.kind.capitalize()
    sheet.text(panel.left, 8, title, bold=True)
    if panel.scale.kind == "log":
        note = "logarithmic in the error" if panel.errors else "nats, logarithmic"
        sheet.text(panel.left + style.width(title) + 6, 8, note, size=style.SMALL, color=style.MUTED)
    for tick in panel.scale.ticks:
        value = 1 - tick if panel.errors else tick
        y = panel.y(value)
        sheet.line([(start, y), (end, y)], style.GRID, 0.7)
        label = f"{tick:g}" if panel.kind == "loss" else f"{value * 100:.6g} %"
        sheet.text(start - 5, y + 2.6, label, size=style.SMALL, color=style.MUTED, anchor="right")
    for epoch in epoch_ticks(panel.epochs):
        x = panel.x(epoch)
        sheet.text(x, _BOTTOM + 13, str(epoch), size=style.SMALL, color=style.MUTED, anchor="center")
    sheet.text(start + 6, _BOTTOM + 25, "Epoch", size=style.SMALL, color=style.MUTED)


def epoch_ticks(epochs: int) -> list[int]:
    """Epochs that an axis is labelled with."""
    step = next(m * 10**power for power in range(9) for m in (1, 2, 5) if epochs <= 12 * m * 10**power)
    return list(range(step, epochs + 1, step))


def _reference(sheet: Sheet, panel: _Panel, reference: Reference) -> None:
    value = reference.accuracy if panel.kind == "accuracy" else reference.loss
    if value is None or (panel.errors and panel.kind == "accuracy"):
        return
    y, start, end = panel.y(value), panel.left + _GUTTER, panel.left + _PANEL - _NAMES
    sheet.line([(start, y), (end, y)], style.INK, 0.7, style.DOTTED)
    beyond = reference.name == "chance" and panel.kind == "loss"  # where the curves do not go
    said = f"{reference.name} {panel.said(value)}"
    sheet.text(start + 6, y - 3 if beyond else y + 8, said, size=style.SMALL)


def _chosen(sheet: Sheet, panel: _Panel, result: ExperimentResult) -> None:
    """Mark the epoch whose weights were kept."""
    x = panel.x(result.chosen_epoch)
    sheet.line([(x, _TOP - 6), (x, _BOTTOM)], style.MUTED, 0.7)
    right = x > panel.left + _PANEL / 2
    sheet.text(
        x + (3 if right else -3),
        _TOP - 10,
        f"epoch {result.chosen_epoch} kept",
        size=style.SMALL,
        color=style.MUTED,
        anchor="right" if right else "left",
    )


def _lines(sheet: Sheet, panel: _Panel, result: ExperimentResult) -> None:
    ends = []
    radius = 1.5 if panel.epochs <= 30 else 0.9
    for name, (color, dash) in _LINES.items():
        points = [(record.epoch, value) for record in result.history if (value := panel.read(record, name)) is not None]
        if not points:
            continue
        with sheet.group(series=name):
            sheet.line([(panel.x(epoch), panel.y(value)) for epoch, value in points], color, 1.5, dash)
            for epoch, value in points:
                kept = epoch == result.chosen_epoch and name == "test"
                with sheet.group(epoch=epoch):
                    if kept:
                        sheet.dot(panel.x(epoch), panel.y(value), 3.2, style.PAPER, color, 1.5)
                    else:
                        sheet.dot(panel.x(epoch), panel.y(value), radius, color, color)
        ends.append((panel.y(points[-1][1]), name, color, panel.said(points[-1][1])))
    x = panel.x(len(result.history)) + 8
    ends.sort()
    for y, (_, name, color, said) in zip(_spread([end[0] for end in ends]), ends, strict=True):
        sheet.text(x, y - 0.5, name, size=style.SMALL, color=color, bold=True)
        sheet.text(x, y + 8, said, size=style.SMALL, color=color)


def _spread(wanted: list[float]) -> list[float]:
    """Heights as near to the wanted ones, in rising order, as their distance allows."""
    placed: list[float] = []
    for y in wanted:
        placed.append(max(y, placed[-1] + _APART) if placed else y)
    over = placed[-1] - max(wanted[-1], _BOTTOM - 8)
    for at in reversed(range(len(placed))):
        placed[at] -= max(over, 0.0)
        if at and placed[at] - placed[at - 1] >= _APART + over:
            break
    return placed
