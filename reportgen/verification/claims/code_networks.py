"""Networks in a document's own code: the cells of a notebook, blocks of code in Markdown. None of it runs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pydantic import ValidationError

from reportgen.assignment.counting import Shape
from reportgen.assignment.layers import (
    AdaptiveAvgPool2d,
    AnyLayer,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
)
from reportgen.documents.blocks import Block, CodeCell
from reportgen.errors import UnreadableError
from reportgen.verification.claims.page import Page
from reportgen.verification.facts.networks import Form, StatedLayer, StatedNetwork

_TELLING = re.compile(r"\bnn\.\w|Sequential|keras|layers\.|Dense\(|Linear\(|Conv2[dD]\(")
_IMPORTS = {
    "torch": "import torch",
    "nn": "import torch.nn as nn",
    "F": "import torch.nn.functional as F",
    "keras": "from tensorflow import keras",
    "layers": "from tensorflow.keras import layers",
    "models": "from tensorflow.keras import models",
    "Sequential": "from tensorflow.keras.models import Sequential",
    **{
        name: f"from tensorflow.keras.layers import {name}"
        for name in ("Conv2D", "Dense", "MaxPooling2D", "Flatten", "Dropout", "BatchNormalization", "Input")
    },
}
"""What a snippet leaves out."""
_NAMES = "|".join(_IMPORTS)
_KEEPING = frozenset(
    {"ReLU", "Identity", "Softmax", "LogSoftmax", "Sigmoid", "Tanh", "LeakyReLU", "GELU", "ELU", "Dropout2d"}
)


def code_blocks(page: Page) -> dict[int, tuple[int, int]]:
    """The blocks that are lines of code of Markdown, by their ids: which block of code, and which line of it."""
    spans = [
        (number, cell.place.line, cell.place.line + cell.source.count("\n"))
        for number, cell in enumerate(page.document.code)
        if cell.place.line is not None
    ]
    lines = {line: (number, line - first + 1) for number, first, last in spans for line in range(first, last + 1)}
    placed = ((block, block.place.line) for block in page.blocks if block.place.cell is None)
    return {id(block): lines[line] for block, line in placed if line in lines}


def read_code(page: Page, inputs: Sequence[Shape]) -> Iterator[StatedNetwork]:
    """Follow the code of a document and give its networks."""
    cells = [cell for cell in page.document.code if cell.source.strip()]
    if not any(_TELLING.search(cell.source) for cell in cells):
        return
    where = code_blocks(page)
    lines = {place: block for block in page.blocks if (place := where.get(id(block))) is not None}
    for number, source in _programs(page, cells):
        yield from _networks(page, number, source, lines, inputs)


def _programs(page: Page, cells: Sequence[CodeCell]) -> Iterator[tuple[int, str]]:
    """A notebook is one program; of Markdown, each block is one that follows those before it."""
    if page.document.kind == "notebook":
        yield -1, "\n".join(_without_magics(cell.source) for cell in cells)
        return
    for number, cell in enumerate(page.document.code):
        if _TELLING.search(cell.source):
            yield number, cell.source


def _without_magics(source: str) -> str:
    return "\n".join("pass" if re.match(r"[%!]", line) else line for line in source.split("\n"))


def _networks(
    page: Page, number: int, text: str, lines: Mapping[tuple[int, int], Block], inputs: Sequence[Shape]
) -> Iterator[StatedNetwork]:
    from reportgen.code.networks import count
    from reportgen.code.program import follow, networks_of
    from reportgen.code.source import one_file, read_source
    from reportgen.code.trace import Forward

    used = [name for name in _IMPORTS if re.search(rf"(?<![\w.]){name}\b", text)]
    lacking = [name for name in used if not re.search(rf"import\b[^\n]*\b{name}\b|\bas\s+{name}\b|import\s+\*", text)]
    head = [_IMPORTS[name] for name in lacking]
    try:
        trace = follow(one_file(read_source("\n".join([*head, text]).encode(), page.document.source)))
    except UnreadableError:
        return
    for model in networks_of(trace):
        counted = count(model)
        applied = next((one for one in trace.events if isinstance(one, Forward) and one.model is model), None)
        steps = applied.steps if applied is not None else ()
        layers: list[StatedLayer] = []
        for step in steps:
            own = step.layer.line if step.layer is not None else step.line
            block = lines.get((number, own - len(head)), page.blocks[0])
            layer = _layer(step.type, dict(step.settings))
            if layer is not None or step.type not in _KEEPING:
                readings = (layer,) if layer is not None else ()
                kind = layer.type if layer is not None else ""
                layers.append(StatedLayer(kind, readings, block, 0, len(block.text), line=own - len(head)))
        while layers and not layers[-1].readings:
            layers.pop()  # what is done with the outputs, such as a mean
        whole = all(layer.readings for layer in layers)
        given = tuple(size for size in (applied.input_shape or ())[1:] if size) if applied is not None else ()
        shapes = _channels_first(given) if given else tuple(inputs)
        if layers and counted.parameters:
            network = StatedNetwork(
                Form.CODE,
                tuple(layers),
                shapes,
                whole,
                counted.name,
                counted.trainable,
                True,
            )
            agrees = _agrees(network, counted.parameters)
            yield network if agrees else replace(network, whole=False, exact=False)


def _agrees(network: StatedNetwork, parameters: int) -> bool:
    """Tell whether the layers that were followed are all that are registered."""
    return any(state.trainable == parameters for state in network.usual[-1])


def _channels_first(given: tuple[int, ...]) -> tuple[Shape, ...]:
    if len(given) == 3 and given[2] <= 4 < given[0]:
        return ((given[2], given[0], given[1]),)
    return ((1, *given),) if len(given) == 2 else (given,)


def _layer(  # noqa: PLR0911 (one return a type of layer)
    kind: str, settings: Mapping[str, object]
) -> AnyLayer | None:
    """One operation as a layer that can be counted; None where a setting is not known or it is another."""
    kernel = settings.get("kernel_size", settings.get("pool_size"))
    window = {
        "kernel_size": kernel,
        "stride": settings.get("stride", settings.get("strides")),
        "padding": settings.get("padding", 0),
        "ceil_mode": settings.get("ceil_mode", False),
    }
    try:
        match kind:
            case "Conv2d":
                return Conv2d(
                    in_channels=settings.get("in_channels"),
                    out_channels=settings.get("out_channels", settings.get("filters")),
                    kernel_size=kernel,
                    stride=settings.get("stride", settings.get("strides")) or (1, 1),
                    padding=window["padding"],
                    dilation=settings.get("dilation", settings.get("dilation_rate")) or (1, 1),
                    groups=settings.get("groups", 1),
                    bias=settings.get("bias", settings.get("use_bias", True)),
                )
            case "Linear":
                return Linear(
                    out_features=settings.get("out_features", settings.get("units")),
                    bias=settings.get("bias", settings.get("use_bias", True)),
                )
            case "BatchNorm2d" | "BatchNorm1d":
                return BatchNorm2d()
            case "MaxPool2d":
                return MaxPool2d.model_validate(window | _no_word(window))
            case "AvgPool2d":
                return AvgPool2d.model_validate(window | _no_word(window))
            case "AdaptiveAvgPool2d":
                return AdaptiveAvgPool2d(output_size=settings.get("output_size"))
            case "Flatten":
                return Flatten()
            case "Dropout":
                return Dropout(p=settings.get("p", settings.get("rate", 0.5)))
            case "ReLU":
                return ReLU()
            case "Softmax" | "LogSoftmax":
                return Softmax()
    except ValidationError:
        return None
    return None


def _no_word(window: Mapping[str, object]) -> dict[str, object]:
    """Keras has words for the padding of a pooling: with "same", the last window may be smaller."""
    return (
        {"padding": 0, "ceil_mode": True}
        if window["padding"] == "same"
        else {"padding": 0 if window["padding"] == "valid" else window["padding"]}
    )
