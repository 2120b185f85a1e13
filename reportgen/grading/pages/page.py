"""What the pages of a marked class share: templates, fonts, names of parts, and text that is safe to show.

The templates stand in ``templates/grade``. A page is one HTML file that needs no network: its policy allows the styles,
the script and the fonts that it carries, and nothing else.
"""

import base64
import unicodedata
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

import reportgen
from reportgen.assignment.spec import Assignment
from reportgen.files import bundled_templates
from reportgen.rendering.templates import policy_source

_FOLDER = "grade"
_FACES = (("Regular", 400), ("SemiBold", 600))
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of what can't be seen, or turns a line around; such characters can disguise a name."""
_JOINERS = "\u200c\u200d\u00ad"
"""Format characters that ordinary words of some languages have."""


def render_page(template: str, stylesheet: str, script: str = "", **context: Any) -> str:
    """Render one page to HTML that stands alone.

    Args:
        template: name of the template in ``templates/grade``.
        stylesheet: name of its own stylesheet; ``page.css`` and the fonts come before it.
        script: name of its script; empty for none.
        context: what the template shows. Every text in it is escaped, and its hidden characters are made visible.
    """
    styles = "\n".join((_font_faces(), _read("page.css"), _read(stylesheet)))
    code = _read(script) if script else ""
    policy = [
        "default-src 'none'",
        f"style-src {policy_source(styles)}",
        "font-src data:",
        "img-src data:",
        *([f"script-src {policy_source(code)}"] if code else []),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return (
        _environment()
        .get_template(template)
        .render(
            policy=Markup("; ".join(policy)),
            styles=Markup(styles),
            code=Markup(code),
            version=reportgen.__version__,
            **context,
        )
    )


def part_titles(assignment: Assignment) -> dict[str, str]:
    """The titles of the rubric's parts, by id, in the rubric's order."""
    titles = {experiment.id: experiment.short_title for experiment in assignment.experiments}
    ids = dict.fromkeys(criterion.part for criterion in assignment.rubric)
    return {part: titles.get(part, part.replace("-", " ").capitalize()) for part in ids}


def visible(text: str) -> str:
    """Replace what hides or reorders text by its escape: ``\\u202e``; lines and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(sign) if _hides(sign) and sign not in "\n\t" else sign for sign in text)


def one_line(text: str) -> str:
    """Make a name visible, ends of lines and tabs too: ``a\\nb.py``."""
    return "".join(_escape(sign) if _hides(sign) else sign for sign in text)


def sentence(text: str) -> str:
    """Give a clause the capital and the full stop of a sentence; names such as ``model.eval()`` keep their letters."""
    stripped = text.strip()
    first = stripped.split(" ", 1)[0]
    if first.isalpha() and first.islower():
        stripped = stripped[0].upper() + stripped[1:]
    return stripped if stripped.endswith((".", "!", "?", "…")) else f"{stripped}."


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: ``1 student``, ``2 students``; ``many`` where an s is not enough."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _hides(sign: str) -> bool:
    return unicodedata.category(sign) in _HIDDEN and sign not in _JOINERS


def _escape(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")


def _finalize(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(bundled_templates() / _FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({"one_line": one_line, "sentence": sentence})
    environment.globals["plural"] = plural
    return environment


@cache
def _read(name: str) -> str:
    return (bundled_templates() / _FOLDER / name).read_text(encoding="utf-8")


@cache
def _font_faces() -> str:
    faces = []
    for name, weight in _FACES:
        content = base64.b64encode((bundled_templates() / "fonts" / f"Inter-{name}.ttf").read_bytes()).decode()
        faces.append(
            f"@font-face {{ font-family: Inter; font-weight: {weight}; src: url(data:font/ttf;base64,{content}); }}"
        )
    return "\n".join(faces)
