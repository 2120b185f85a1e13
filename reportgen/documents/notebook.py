"""Jupyter notebooks read into blocks: Markdown cells and the outputs of code cells. No code runs."""

import warnings
from collections.abc import Iterator
from typing import Any

from reportgen.documents.blocks import MAX_BLOCKS, Block, Document, Place
from reportgen.documents.html import read_html
from reportgen.documents.markdown import read_markdown
from reportgen.documents.text import read_text
from reportgen.errors import UnreadableError


def read_notebook(text: str, source: str, problems: tuple[str, ...] = ()) -> Document:
    """Read a notebook of any format version.

    Raises:
        UnreadableError: it is no notebook.
    """
    import nbformat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        cells = list(notebook["cells"])
    except Exception as error:  # nbformat lets whatever its converters meet through
        reason = str(error).strip().split("\n")[0][:200] or type(error).__name__
        raise UnreadableError(
            f"cannot read {source}: it is no Jupyter notebook ({reason}). Save it again from Jupyter or Colab."
        ) from None
    blocks: list[Block] = []
    for number, cell in enumerate(cells, 1):
        if isinstance(cell, dict) and len(blocks) < MAX_BLOCKS:
            blocks.extend(_cell_blocks(cell, number))
    return Document(source, "notebook", tuple(blocks[:MAX_BLOCKS]), {}, None, problems)


def _cell_blocks(cell: dict[str, Any], number: int) -> Iterator[Block]:
    if cell.get("cell_type") == "markdown":
        yield from read_markdown(_joined(cell.get("source")), number)
    elif cell.get("cell_type") == "code":
        outputs = cell.get("outputs")
        for output in outputs if isinstance(outputs, list) else []:
            if isinstance(output, dict):
                yield from _output_blocks(output, number)


def _output_blocks(output: dict[str, Any], number: int) -> Iterator[Block]:
    data = output.get("data")
    if isinstance(data, dict):
        if any(str(kind).startswith("image/") for kind in data):
            yield Block("picture", "", Place(cell=number))
        elif "text/html" in data:
            yield from read_html(_joined(data["text/html"]), number)[0]
        elif "text/markdown" in data:
            yield from read_markdown(_joined(data["text/markdown"]), number)
        elif "text/plain" in data:
            yield from read_text(_joined(data["text/plain"]), number)
    elif output.get("output_type") == "stream":
        yield from read_text(_joined(output.get("text")), number)


def _joined(source: object) -> str:
    if isinstance(source, list):
        return "".join(str(line) for line in source)
    return str(source or "")
