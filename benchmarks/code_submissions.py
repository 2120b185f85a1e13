"""Submissions of code as students write them: Jinja templates over `code_facts`, a file a student.

``code_styles/seen`` are the styles that a reader of code may be tuned on, ``code_styles/held_out`` those that it never
is. A name ends in ``.torch.py.jinja`` or ``.keras.py.jinja``. Lines that start with ``%%`` are statements of Jinja.
"""

from functools import cache
from pathlib import Path

from code_facts import Facts
from code_faults import FAULTS, HELD_OUT
from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent / "code_styles"


def load_styles(group: str) -> list[str]:
    """Name the templates of a group, ``seen`` or ``held_out``, as `render` takes them."""
    return sorted(f"{group}/{path.name}" for path in (FOLDER / group).glob("*.py.jinja"))


def render(template_name: str, facts: Facts) -> str:
    """Write a submission; raises UnshowableError where the template has no way to show the facts."""

    def bad(name: str) -> bool:
        if name not in FAULTS and name not in HELD_OUT:
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
