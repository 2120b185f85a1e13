"""Reports as students write them: Jinja templates over the facts of `report_facts`, a file a style.

The last suffix before ``.jinja`` says what kind of document a template makes: ``md``, ``txt``, ``tex``, ``html``,
``pdf`` (HTML printed by WeasyPrint) or ``ipynb`` (cells parted by lines ``%%% markdown`` and ``%%% output``).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from report_facts import Facts, Layer

from reportgen.rendering.typesetter import load_weasyprint

FOLDER = Path(__file__).parent / "styles"
COLAB = "https://colab.research.google.com/drive/1AbCdEfGhIjKlMnOp?usp=sharing"


@dataclass(frozen=True)
class Style:
    """A way to write a report."""

    name: str
    kind: str
    template: Template

    @property
    def suffix(self) -> str:
        """Suffix of a file of this kind."""
        return f".{self.kind}"

    def text(self, facts: Facts) -> str:
        """Write the report; of a PDF, the HTML that it is printed from."""
        return self.template.render(facts=facts, colab=COLAB)

    def content(self, text: str) -> bytes:
        """Turn the text of a report into the bytes of its file."""
        if self.kind == "ipynb":
            return notebook(text).encode()
        if self.kind == "pdf":
            return bytes(load_weasyprint().HTML(string=text).write_pdf())
        return text.encode()


def load_styles() -> list[Style]:
    """Load the styles, by name."""
    environment = _environment()
    paths = sorted(FOLDER.glob("*.jinja"))
    return [
        Style(path.name.split(".")[0], path.name.split(".")[-2], environment.get_template(path.name)) for path in paths
    ]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    filters: dict[str, Callable[..., str]] = {"comma": comma, "indian": indian, "fixed": fixed}
    environment.filters.update(filters)
    environment.globals.update(working=working, zip=zip, enumerate=enumerate, float=float)
    return environment


def comma(number: int) -> str:
    """``11,070``."""
    return f"{number:,}"


def indian(number: int) -> str:
    """Group digits as ``11,070`` and ``1,00,000``."""
    head, tail = str(number)[:-3], str(number)[-3:]
    parts = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return ",".join([*parts, tail])


def fixed(number: float, decimals: int) -> str:
    """A number with so many decimals."""
    return f"{float(number):.{decimals}f}"


def working(layer: Layer, sign: str = "*", brackets: bool = True) -> str:
    """The working of a layer: ``(1*7*7*16) + 16``, or ``1*7*7*16 + 16`` without brackets."""
    factors = sign.join(str(factor) for factor in layer.factors)
    product = f"({factors})" if brackets else factors
    return f"{product} + {layer.bias}" if layer.bias is not None else product


def notebook(text: str) -> str:
    """A notebook from text whose cells are parted by ``%%% markdown`` and ``%%% output``."""
    cells: list[dict[str, object]] = []
    for piece in text.split("%%% ")[1:]:
        kind, _, body = piece.partition("\n")
        if kind.strip() == "markdown":
            cells.append({"cell_type": "markdown", "metadata": {}, "source": body.strip("\n")})
        else:
            stream = {"output_type": "stream", "name": "stdout", "text": body.strip("\n") + "\n"}
            cells.append(
                {"cell_type": "code", "metadata": {}, "execution_count": None, "source": "", "outputs": [stream]}
            )
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})
