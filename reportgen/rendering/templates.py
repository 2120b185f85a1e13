"""The Jinja templates: the bundled ones, each of which a user's folder may override."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from reportgen.errors import TemplateError
from reportgen.files import bundled_templates

REPORT, STYLESHEET, SCRIPT = "report.html", "report.css", "submission.py.jinja"
PAPER = "weasyprint.css"
"""What only WeasyPrint must be told, such as how MathML is laid out."""
SCRIPTS = "screen"
"""Folder of the scripts that make the HTML interactive; plain JavaScript, no Jinja."""


def open_templates(overrides: Path | None, filters: Mapping[str, Callable[..., Any]]) -> jinja2.Environment:
    """Open the templates, each from ``overrides`` where it is there and else the bundled one; parse them.

    Raises:
        TemplateError: ``overrides`` is no folder, or a template has a syntax error (file and line).
    """
    if overrides is not None and not overrides.is_dir():
        raise TemplateError(f"no folder {overrides}: --templates takes a folder with changed templates")
    folders = [folder for folder in (overrides, bundled_templates()) if folder is not None]
    # a folder of changed templates may come from somebody else: `cycler.__init__.__globals__` ran programs
    environment = SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(filters)
    for name in environment.list_templates(extensions=["html", "css", "jinja"]):
        if "/" in name:
            continue  # those of the pages of a marked class, which have filters of their own
        with explained():
            environment.get_template(name)
    return environment


def policy_source(content: str) -> str:
    """What a Content-Security-Policy calls the content of a style or script element."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@contextmanager
def explained() -> Iterator[None]:
    """Turn what Jinja raises into a `TemplateError` with file and line."""
    try:
        yield
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{error.filename or error.name}, line {error.lineno}: {error.message}") from None
    except jinja2.TemplateNotFound as error:
        raise TemplateError(f"no template {error.name!r}") from None
    except UnicodeDecodeError as error:
        raise TemplateError(f"a template is not UTF-8 text: {error}") from None
    except Exception as error:
        where = _template_line(error.__traceback__)
        if where is None:
            raise
        raise TemplateError(f"{where}: {type(error).__name__}: {error}") from error


def _template_line(traceback: TracebackType | None) -> str | None:
    """The innermost frame that is a template: Jinja gives compiled templates their file's name and lines."""
    where = None
    while traceback is not None:
        filename = traceback.tb_frame.f_code.co_filename
        if filename.endswith((".html", ".css", ".jinja")):
            where = f"{filename}, line {traceback.tb_lineno}"
        traceback = traceback.tb_next
    return where
