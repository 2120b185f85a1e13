"""Submissions of code as students write them: Jinja templates over `code_facts`, a file a student.

A template's name ends in ``.torch.py.jinja`` or ``.keras.py.jinja``. Lines that start with ``%%`` are statements of
Jinja.
"""

from functools import cache
from pathlib import Path

from code_facts import Facts
from code_faults import FAULTS
from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent / "code_styles"


def load_styles() -> list[str]:
    """Name the templates, as `render` takes them."""
    return sorted(path.name for path in FOLDER.glob("*.py.jinja"))


def render(template_name: str, facts: Facts) -> str:
    """Write a submission; raises UnshowableError where the template has no way to show the facts."""

    def bad(name: str) -> bool:
        if name not in FAULTS:
            raise KeyError(f"{template_name} asks for a fault that does not exist: {name}")
        return name in facts.wrong

    return _environment().get_template(template_name).render(f=facts, bad=bad)


def _wrap(applied: bool, function: str, value: str) -> str:
    """Write a call, or its argument alone where the call is left out."""
    return f"{function}({value})" if applied else value


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        line_statement_prefix="%%",
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.globals["w"] = _wrap
    return environment
