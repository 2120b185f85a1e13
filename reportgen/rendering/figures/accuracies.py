"""Test accuracies of experiments on the same task, with their intervals."""

from reportgen.rendering.figures import style
from reportgen.rendering.figures.scales import linear
from reportgen.rendering.figures.sheet import Sheet
from reportgen.rendering.wording import percent
from reportgen.results.schema import ExperimentResult, Results

_LEFT, _RIGHT = 96.0, 64.0
"""Points for the titles and for the values."""
_ROW, _TOP = 22.0, 6.0


def same_task(results: Results, result: ExperimentResult) -> list[ExperimentResult]:
    """The experiments that sort the same images into the same classes, in the order of the report."""
    owners = {planned.id: planned.label_to_class for planned in results.plan.experiments}
    return [experiment for experiment in results.experiments if owners[experiment.id] == owners[result.id]]


def draw(results: Results, result: ExperimentResult) -> Sheet:
    """Draw the accuracy of an experiment below those that it can be compared with."""
    rows = same_task(results, result)
    titles = {asked.id: asked.short_title for asked, _, _ in results.parts()}
    scale = linear([end for row in rows for end in row.score.interval])
    bottom = _TOP + _ROW * len(rows)
    sheet = Sheet(style.WIDTH, bottom + 26)

    def x(value: float) -> float:
        return _LEFT + (style.WIDTH - _LEFT - _RIGHT) * scale.part(value)

    for tick in scale.ticks:
        sheet.line([(x(tick), _TOP), (x(tick), bottom)], style.GRID, 0.7)
        label = f"{tick * 100:.6g} %"
        sheet.text(x(tick), bottom + 11, label, size=style.SMALL, color=style.MUTED, anchor="center")
    sheet.text(_LEFT, bottom + 23, "Test accuracy", size=style.SMALL, color=style.MUTED)
    for number, row in enumerate(rows):
        y, own = _TOP + _ROW * (number + 0.5), row.id == result.id
        color = style.TEST if own else style.MUTED
        low, high = row.score.interval
        title = style.shorten(titles[row.id], _LEFT - 12)
        sheet.text(_LEFT - 12, y + 3, title, anchor="right", bold=own)
        with sheet.group(experiment=number):
            sheet.line([(x(low), y), (x(high), y)], color, 1.5)
            for end in (low, high):
                sheet.line([(x(end), y - 3.5), (x(end), y + 3.5)], color, 1.5)
            sheet.dot(x(row.score.accuracy), y, 3.2, color, color)
        sheet.text(style.WIDTH, y + 3, percent(row.score.accuracy), anchor="right", bold=own)
    return sheet
