"""Results and figures to one self-contained HTML text, through Jinja templates. No torch."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import jinja2
from markupsafe import Markup

from reportgen import observations, wording
from reportgen.counting import NetworkCount
from reportgen.datasets import DATASETS
from reportgen.errors import TemplateError
from reportgen.figures import Figure
from reportgen.plan import Plan, PlannedExperiment
from reportgen.results import Results, dump
from reportgen.spec import Assignment, Reference

REPORT, STYLESHEET, SCRIPT = "report.html", "report.css", "submission.py.jinja"
_FONTS = (("Regular", 400, "normal"), ("SemiBold", 600, "normal"), ("Italic", 400, "italic"))


def bundled_templates() -> Path:
    """Folder with the templates that come with reportgen, in a wheel or in a checkout."""
    package = Path(__file__).resolve().parent
    return next(folder for folder in (package / "templates", package.parent / "templates") if folder.is_dir())


def open_templates(overrides: Path | None) -> jinja2.Environment:
    """Open the templates, each from ``overrides`` where it is there and else the bundled one; parse them all.

    Raises:
        TemplateError: ``overrides`` is no folder, or a template has a syntax error (file and line).
    """
    if overrides is not None and not overrides.is_dir():
        raise TemplateError(f"no folder {overrides}: --templates takes a folder with changed templates")
    folders = [folder for folder in (overrides, bundled_templates()) if folder is not None]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for name in (
        "integer",
        "percent",
        "points",
        "loss",
        "rate",
        "shape",
        "settings",
        "formula",
        "kind",
        "activations",
        "optimizer",
        "schedule",
        "augmentation",
        "validation",
        "technique",
    ):
        environment.filters[name] = getattr(wording, name)
    for name in environment.list_templates(extensions=["html", "css", "jinja"]):
        with _explained():
            environment.get_template(name)
    return environment


@dataclass(frozen=True)
class Drawing:
    """A figure as a template sees it."""

    number: int
    markup: Markup
    caption: str


@dataclass(frozen=True)
class ClassSize:
    """One row of the table of classes."""

    name: str
    labels: str
    train: int
    test: int


def render_html(results: Results, figures: Mapping[str, Figure], templates: jinja2.Environment) -> str:
    """Render the report as one HTML text that needs no network.

    Raises:
        TemplateError: a template fails (file and line).
    """
    drawings = {
        key: Drawing(number, Markup(figure.svg.decode().split("?>", 1)[1]), figure.caption)
        for number, (key, figure) in enumerate(figures.items(), 1)
    }
    titles = {asked.id: asked.short_title for asked in results.assignment.experiments}

    def verdict(result: Any) -> str:
        baseline = result.comparison.baseline
        return observations.verdict(result, results.experiment(baseline), result.comparison, titles[baseline])

    def class_sizes(planned: PlannedExperiment) -> list[ClassSize]:
        return _class_sizes(results, planned)

    with _explained():
        stylesheet = templates.get_template(STYLESHEET).render()
        return templates.get_template(REPORT).render(
            results=results,
            parts=results.parts(),
            figures=drawings,
            titles=titles,
            dataset=DATASETS[results.plan.dataset],
            preview_mark=preview_mark(results.plan),
            assumptions=assumptions(results.assignment, results.plan),
            references=references(results.assignment, results.plan),
            observe=lambda key: observations.observe(results, key),
            gap=observations.gap,
            verdict=verdict,
            class_sizes=class_sizes,
            without_parameters=_without_parameters,
            buffers=_buffers,
            training_minutes=_training_minutes(results),
            font_faces=Markup(_font_faces()),
            stylesheet=Markup(stylesheet),
            results_json=Markup(_script_safe(dump(results).decode())),
        )


def preview_mark(plan: Plan) -> str:
    """What marks every page of a preview; empty for the real thing."""
    return f"Preview, not {DATASETS[plan.dataset].title}" if plan.preview else ""


def assumptions(assignment: Assignment, plan: Plan) -> list[str]:
    """The assignment's assumptions and those that the roll number and the options add."""
    own = [plan.batch.assumption] if plan.batch.assumption else []
    return [*assignment.report.assumptions, *own, *plan.changed]


def references(assignment: Assignment, plan: Plan) -> list[Reference]:
    """The assignment's references, the data set's and those of the software."""
    return [
        *assignment.report.references,
        Reference(text=DATASETS[plan.dataset].citation),
        Reference(text="PyTorch and torchvision, for the networks and their training.", url="https://pytorch.org"),
        Reference(text="torchinfo, for the second count.", url="https://github.com/TylerYep/torchinfo"),
        Reference(text="scikit-learn, for the confusion matrix and the scores.", url="https://scikit-learn.org"),
        Reference(text="SciPy, for the interval and the test of significance.", url="https://scipy.org"),
        Reference(text="Matplotlib, for the figures.", url="https://matplotlib.org"),
    ]


@contextmanager
def _explained() -> Iterator[None]:
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


def _class_sizes(results: Results, planned: PlannedExperiment) -> list[ClassSize]:
    labels = DATASETS[results.plan.dataset].labels
    rows = []
    for index, name in enumerate(planned.classes):
        members = [label for label, owner in enumerate(planned.label_to_class) if owner == index]
        rows.append(
            ClassSize(
                name=name,
                labels=", ".join(labels[label] for label in members),
                train=sum(results.data.train_counts[label] for label in members),
                test=sum(results.data.test_counts[label] for label in members),
            )
        )
    return rows


def _without_parameters(count: NetworkCount) -> str:
    types = list(dict.fromkeys(layer.type for layer in count.layers if not layer.parameters))
    if not types:
        return ""
    return f"{wording.listing(types)} layers have no parameters at all."


def _buffers(count: NetworkCount) -> str:
    terms = [layer for layer in count.layers if layer.buffers]
    worked = " + ".join(f"(2·{layer.output_shape[0]} + 1)" for layer in terms)
    return f"Buffer elements = {worked} = {count.buffers:,}."


def _training_minutes(results: Results) -> dict[str, str] | None:
    seconds = {e.id: [record.seconds for record in e.history] for e in results.experiments}
    if any(value is None for values in seconds.values() for value in values):
        return None
    return {key: f"{sum(value or 0.0 for value in values) / 60:.1f}" for key, values in seconds.items()}


def _font_faces() -> str:
    faces = []
    for name, weight, style in _FONTS:
        content = base64.b64encode((bundled_templates() / "fonts" / f"Inter-{name}.ttf").read_bytes()).decode()
        faces.append(
            f"@font-face {{ font-family: Inter; font-weight: {weight}; font-style: {style}; "
            f"src: url(data:font/ttf;base64,{content}); }}"
        )
    return "\n".join(faces)


def _script_safe(text: str) -> str:
    """JSON that can stand inside a script element."""
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
