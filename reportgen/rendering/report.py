"""Results to the files of a submission: figures, HTML, PDF and the script. No torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import jinja2

from reportgen.assignment.plan import canonical
from reportgen.errors import PdfError
from reportgen.files import bundled_templates
from reportgen.rendering import page, standalone_script
from reportgen.rendering.figures.report_figures import draw
from reportgen.rendering.pdf import Attached, html_to_pdf
from reportgen.rendering.templates import open_templates
from reportgen.results import schema

PLAN_NAME = "plan.json"
"""The plan as a PDF carries it: its SHA-256 is the digest that the report prints."""


@dataclass(frozen=True)
class Report:
    """The rendered files of a submission."""

    files: Mapping[str, bytes]
    """Content by file name, relative to the submission's folder."""
    pdf_error: PdfError | None
    """Why there is no PDF, where there is none."""


def open_report_templates(overrides: Path | None) -> jinja2.Environment:
    """Open every template of a submission; ``overrides`` is the user's folder.

    Raises:
        TemplateError: the folder is missing or a template has a syntax error.
    """
    return open_templates(overrides, {**page.FILTERS, **standalone_script.FILTERS})


def render_report(
    computed: schema.Results,
    templates: jinja2.Environment,
    moment: datetime,
    weights: Mapping[str, bytes] = MappingProxyType({}),
) -> Report:
    """Render everything that follows from ``computed``; nothing is written.

    ``moment`` dates what a PDF carries; ``weights`` are those of `render.render_html`. Where the PDF can't be made
    the rest is still there.

    Raises:
        TemplateError: a template fails (file and line).
    """
    roll = computed.student.roll
    figures = draw(computed, bundled_templates() / "fonts")
    html = page.render_html(computed, figures, templates, weights)
    files = {f"figures/{key}.svg": figure.svg for key, figure in figures.items()}
    files[f"{roll}.py"] = standalone_script.render_script(computed, templates).encode()
    files[f"{roll}.html"] = html.encode()
    try:
        attached = {
            PLAN_NAME: Attached(canonical(computed.plan), "The plan that the experiments follow, in canonical JSON"),
            schema.FILE_NAME: Attached(schema.dump(computed), "Every result from which the report was written"),
        }
        files[f"{roll}.pdf"] = html_to_pdf(html, attached, moment)
    except PdfError as error:
        return Report(files, error)
    return Report(files, None)
