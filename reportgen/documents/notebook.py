"""Jupyter notebooks read into blocks: Markdown cells and the outputs of code cells. No code runs."""

import json
import re
import warnings
from dataclasses import replace
from typing import Any

from reportgen.documents.blocks import MAX_BLOCKS, Block, CodeCell, Document, Place
from reportgen.documents.html import HtmlContent, read_html
from reportgen.documents.html_tree import without_data
from reportgen.documents.markdown import read_markdown
from reportgen.documents.text import read_output
from reportgen.errors import UnreadableError

MAX_OUTPUT = 200_000
"""Characters of one output that are read: judging takes some 15 s a million, and a log says by then what it says."""
_CONTROL = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]|[\x00-\x07\x0b-\x1f\x7f]")
"""Colours of a terminal, and control characters; backspace and carriage return are resolved before."""


def read_notebook(text: str, source: str) -> Document:
    """Read a notebook of any format version; the sources of its code cells are kept apart from its blocks.

    Raises:
        UnreadableError: it is no notebook.
    """
    cells = _cells(text, source)
    found = HtmlContent()
    code: list[CodeCell] = []
    problems: list[str] = []
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or len(found.blocks) > MAX_BLOCKS:
            continue
        try:
            if cell.get("cell_type") == "markdown":
                _add(found, read_markdown(without_data(_joined(cell.get("source"))), number))
            elif cell.get("cell_type") == "code":
                code.append(CodeCell(Place(cell=number), _joined(cell.get("source"))))
                _read_outputs(cell.get("outputs"), number, found, problems)
        except UnreadableError as error:
            problems.append(f"cell {number} was not read: {error}")
    links, hidden = tuple(found.links), tuple(found.hidden)
    blocks = tuple(found.blocks)
    return Document(source, "notebook", blocks, {}, None, tuple(problems), links=links, code=tuple(code), hidden=hidden)


def _cells(text: str, source: str) -> list[Any]:
    """Return the cells of a notebook, brought to format 4; what is no text is left out first."""
    import nbformat

    try:
        content = json.loads(text)
        if isinstance(content, dict) and content.get("nbformat") == 4 and isinstance(content.get("cells"), list):
            return list(content["cells"])  # converting copies every picture
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        return list(notebook["cells"])
    except Exception as error:  # nbformat lets whatever its converters meet through
        reason = str(error).strip().split("\n")[0][:200] or type(error).__name__
        raise UnreadableError(
            f"cannot read {source}: it is no Jupyter notebook ({reason}). Save it again from Jupyter or Colab."
        ) from None


def _add(found: HtmlContent, more: HtmlContent) -> None:
    """Add what an output or a cell says; its tables are counted on."""
    base = max((block.table for block in found.blocks), default=0) if any(b.table for b in more.blocks) else 0
    found.blocks += [replace(block, table=block.table + base) if block.table else block for block in more.blocks]
    found.links += more.links
    found.hidden += more.hidden


def _read_outputs(outputs: object, number: int, found: HtmlContent, problems: list[str]) -> None:
    printed: list[str] = []
    for output in outputs if isinstance(outputs, list) else []:
        if not isinstance(output, dict):
            continue
        if output.get("output_type") == "stream":
            printed.append(_joined(output.get("text")))
            continue
        _read_stream("".join(printed), number, found, problems)
        printed = []
        data = output.get("data")
        if isinstance(data, dict):
            _read_data(data, number, found, problems)
        elif output.get("output_type") == "error":
            name, value = (str(output.get(key, ""))[:500] for key in ("ename", "evalue"))
            found.blocks.append(Block("text", f"{name}: {value}", Place(cell=number)))
    _read_stream("".join(printed), number, found, problems)


def _read_data(data: dict[str, Any], number: int, found: HtmlContent, problems: list[str]) -> None:
    if any(str(kind).startswith("image/") for kind in data):
        found.blocks.append(Block("picture", "", Place(cell=number)))
    elif "text/html" in data:
        _add(found, read_html(_joined(data["text/html"])[:MAX_OUTPUT], number))
    elif "text/markdown" in data:
        _add(found, read_markdown(without_data(_joined(data["text/markdown"]))[:MAX_OUTPUT], number))
    elif "text/plain" in data:
        _read_stream(_joined(data["text/plain"]), number, found, problems)


def _read_stream(text: str, number: int, found: HtmlContent, problems: list[str]) -> None:
    if not text:
        return
    if len(text) > MAX_OUTPUT:
        problems.append(
            f"cell {number}: only the first {MAX_OUTPUT:,} of {len(text):,} characters of an output were read"
        )
    _add(found, HtmlContent(read_output(shown(text[:MAX_OUTPUT]), number)))


def shown(text: str) -> str:
    """Return an output as a terminal shows it: of a line that was written several times, its last state.

    A carriage return starts the line anew and what is shorter leaves the rest of the longer state, but progress bars
    are cleared: the last state that isn't empty stands. Backspaces take back a character.
    """
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        states = [state for state in line.split("\r") if state.strip()]
        lines.append(_CONTROL.sub("", _without_backspaces(states[-1])) if states else "")
    return "\n".join(lines)


def _without_backspaces(line: str) -> str:
    """Apply backspaces: each moves one back, and what follows is written over what stood there."""
    if "\b" not in line:
        return line
    written: list[str] = []
    at = 0
    for character in line:
        if character == "\b":
            at = max(0, at - 1)
            continue
        written[at : at + 1] = [character]
        at += 1
    return "".join(written)


def _joined(source: object) -> str:
    if isinstance(source, list):
        return "".join(str(line) for line in source)
    return str(source or "")
