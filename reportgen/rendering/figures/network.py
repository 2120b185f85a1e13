"""The network as blocks: how large and how deep what each layer puts out is, and how many parameters it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log2

from reportgen.assignment.counting import LayerCount, Shape
from reportgen.assignment.layers import AnyLayer
from reportgen.rendering.figures import style
from reportgen.rendering.figures.sheet import Sheet
from reportgen.rendering.wording import integer, shape
from reportgen.results.schema import ExperimentResult, Results

_SLOT, _WIDEST = 52.0, 78.0
"""Points across that a block gets at least and at most."""
_FACE, _DEEPEST = 34.0, 15.0
"""Points of the largest face, and of the deepest block's side."""
_MIDDLE, _NAMES, _LINE = 30.0, 64.0, 8.6
"""Points from the top of a line of blocks to their middle and to the names; from baseline to baseline."""
_CELLS = 12
"""Up to so many outputs are drawn one by one."""


@dataclass(frozen=True)
class _Block:
    """What stands in one place of the chain."""

    name: str
    output: Shape
    counted: LayerCount | None
    """None for the image that goes in."""


def draw(results: Results, result: ExperimentResult) -> Sheet:
    """Draw the network of an experiment, in as many lines as it needs."""
    planned = next(experiment for experiment in results.plan.experiments if experiment.id == result.id)
    layers = result.count.layers
    blocks = [_Block("Input", results.plan.input_shape, None)]
    blocks += [_Block(layer.name, layer.output_shape, layer) for layer in layers]
    lines = ceil(len(blocks) / (style.WIDTH // _SLOT))
    each = ceil(len(blocks) / lines)
    slot = min(style.WIDTH / each, _WIDEST)
    rows = [blocks[start : start + each] for start in range(0, len(blocks), each)]
    heights = [_NAMES + _LINE * (max(len(_name(b, slot)) for b in row) + _said(row)) + 8 for row in rows]
    sheet, unit = Sheet(style.WIDTH, sum(heights) - 8), _unit(blocks, slot)
    largest = max(max(block.output[1:]) for block in blocks if len(block.output) == 3)
    for number, block in enumerate(blocks):
        line = number // each
        x, y = slot * (number % each), sum(heights[:line])
        with sheet.group(layer="input" if number == 0 else number - 1):
            front = _Front(x + slot / 2, y + _MIDDLE, block.output, largest)
            if number:
                _arrow(sheet, max(x, 2.0), y + _MIDDLE)
            _draw(sheet, block, front, results)
            _label(sheet, block, (x + slot / 2, y + _NAMES), slot, rows[line], unit)
        following = planned.layers[number] if number < len(layers) else None
        if following is not None:
            with sheet.group(window=number):
                _window(sheet, following, block, front)
    return sheet


class _Front:
    """Where a block's front and its depth stand; the middle of all is at (x, y)."""

    def __init__(self, x: float, y: float, output: Shape, largest: int) -> None:
        channels, *sizes = output
        if len(sizes) == 2:
            self.height, self.width = (max(4.0, _FACE * (size / largest) ** 0.7) for size in sizes)
            depth = min(_DEEPEST, 2.7 * log2(channels))
            self.right, self.up = 0.75 * depth, 0.5 * depth
        else:
            self.height, self.width = min(_FACE + 10, 6 + 4.4 * log2(channels + 1)), 8.0
            self.right = self.up = 0.0
        self.left = x - (self.width + self.right) / 2
        self.top = y - (self.height - self.up) / 2


def _draw(sheet: Sheet, block: _Block, front: _Front, results: Results) -> None:
    faces, edge, line = _looks(block)
    left, top, right, bottom = front.left, front.top, front.left + front.width, front.top + front.height
    if front.right:
        back_left, back_right, up = left + front.right, right + front.right, top - front.up
        sheet.outline([(left, top), (back_left, up), (back_right, up), (right, top)], faces[1], edge, line)
        sheet.outline(
            [(right, top), (back_right, up), (back_right, bottom - front.up), (right, bottom)], faces[2], edge, line
        )
    sheet.rectangle(left, top, front.width, front.height, faces[0], edge, line)
    if block.counted is None and results.images:
        pixels = results.images[min(results.images)]
        sheet.picture(left + 1, top + 1, (front.width - 2, front.height - 2), pixels, results.plan.input_shape)
    if len(block.output) == 1 and block.output[0] <= _CELLS:
        for number in range(1, block.output[0]):
            y = top + front.height * number / block.output[0]
            sheet.line([(left, y), (right, y)], edge, line * 0.6)


def _looks(block: _Block) -> tuple[Sequence[str], str, float]:
    """Faces, edge and its width: strong with parameters, grey where only the size changes, else light."""
    layer = block.counted
    if layer is not None and layer.parameters:
        return style.BLUES, style.TEST, 0.9
    if layer is None or layer.output_shape != layer.input_shape:
        return style.GREYS, style.MUTED, 0.7
    return (style.PAPER,) * 3, style.MUTED, 0.5


def _window(sheet: Sheet, layer: AnyLayer, block: _Block, front: _Front) -> None:
    """The window of the layer that follows, on the face of the block that it reads."""
    kernel: tuple[int, int] | None = getattr(layer, "kernel_size", None)
    if kernel is None or len(block.output) != 3:
        return
    height, width = (
        full * min(size / whole, 1.0)
        for full, size, whole in zip((front.height, front.width), kernel, block.output[1:], strict=True)
    )
    sheet.rectangle(front.left, front.top, width, height, None, style.TRAINING, 0.9, (2, 1))


def _arrow(sheet: Sheet, x: float, y: float) -> None:
    sheet.line([(x - 1.5, y - 3), (x + 1.5, y), (x - 1.5, y + 3)], style.MUTED, 0.9)


def _name(block: _Block, slot: float) -> list[str]:
    return style.wrap(block.name, slot - 4, style.SMALL, 4)


def _said(row: Sequence[_Block]) -> int:
    """Lines beneath the names: the shape, and parameters where a block of the row has any."""
    return 1 + any(block.counted is not None and block.counted.parameters for block in row)


def _unit(blocks: Sequence[_Block], slot: float) -> str:
    """How parameters are said: in full where that fits beneath every block."""
    numbers = [integer(block.counted.parameters) for block in blocks if block.counted is not None]
    forms = ("{} parameters", "{} param.", "{}")
    fitting = (f for f in forms if all(style.width(f.format(n), style.SMALL) <= slot - 3 for n in numbers))
    return next(fitting, forms[-1])


def _label(sheet: Sheet, block: _Block, at: tuple[float, float], slot: float, row: Sequence[_Block], unit: str) -> None:
    x, y = at
    names = max(len(_name(other, slot)) for other in row)
    for line, text in enumerate(_name(block, slot)):
        sheet.text(x, y + _LINE * line, text, size=style.SMALL, anchor="center", bold=True)
    sheet.text(x, y + _LINE * names, shape(block.output), size=style.SMALL, anchor="center", color=style.MUTED)
    if block.counted is not None and block.counted.parameters:
        said = unit.format(integer(block.counted.parameters))
        sheet.text(x, y + _LINE * (names + 1), said, size=style.SMALL, anchor="center", color=style.TEST)
