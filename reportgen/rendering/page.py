"""Results and figures to one self-contained HTML text, through Jinja templates. No torch."""

import base64
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import jinja2
from markupsafe import Markup

from reportgen.assignment.counting import NetworkCount
from reportgen.assignment.datasets import DATASETS
from reportgen.assignment.plan import Plan, PlannedExperiment
from reportgen.assignment.spec import Assignment, Reference
from reportgen.files import bundled_templates, digest
from reportgen.rendering import formulas, observations, wording
from reportgen.rendering.figures.report_figures import Figure
from reportgen.rendering.templates import REPORT, SCRIPTS, STYLESHEET, explained, policy_source
from reportgen.results.schema import Results, dump
from reportgen.results.statistics import compared, defined
from reportgen.results.weights import encode

FILTERS: dict[str, Callable[..., str]] = {
    "integer": wording.integer,
    "short": wording.short_name,
    "percent": wording.percent,
    "in_percent": wording.in_percent,
    "points": wording.points,
    "unbroken": wording.unbroken,
    "loss": wording.loss,
    "thousandths": wording.thousandths,
    "shape": wording.shape,
    "settings": wording.settings,
    "parameters": formulas.parameters,
    "derivation": formulas.derivation,
    "kind": wording.kind,
    "activations": wording.activations,
    "optimizer": wording.optimizer,
    "schedule": wording.schedule,
    "augmentation": wording.augmentation,
    "validation": wording.validation,
    "technique": wording.technique,
}
"""What the report's templates may pipe a value through."""
_FONTS = (
    ("Inter", "Inter-Regular.ttf", 400, "normal"),
    ("Inter", "Inter-SemiBold.ttf", 600, "normal"),
    ("Inter", "Inter-Italic.ttf", 400, "italic"),
    ("Inter Symbols", "Inter-Symbols.otf", 400, "normal"),
)
"""Family, file, weight and style. The symbols are signs that the other files lack; both weights take them from it."""


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


def render_html(
    results: Results,
    figures: Mapping[str, Figure],
    templates: jinja2.Environment,
    weights: Mapping[str, bytes] = MappingProxyType({}),
) -> str:
    """Render the report as one HTML text that needs no network.

    ``weights`` holds the content of safetensors files by their names in ``results``; those networks can be tried in
    the page.

    Raises:
        TemplateError: a template fails (file and line).
    """
    drawings = {
        key: Drawing(number, Markup(figure.svg.decode().split("?>", 1)[1]), figure.caption)
        for number, (key, figure) in enumerate(figures.items(), 1)
    }
    carried = encode(results, weights)
    titles = {asked.id: asked.short_title for asked in results.assignment.experiments}

    def verdict(result: Any) -> str:
        baseline = result.comparison.baseline
        asked = next(asked for asked in results.assignment.experiments if asked.id == result.id)
        changed = "the techniques" if asked.techniques else "the changes"
        return observations.verdict(result, results.experiment(baseline), titles[baseline], changed)

    def class_sizes(planned: PlannedExperiment) -> list[ClassSize]:
        return _class_sizes(results, planned)

    content = dump(results)
    with explained():
        style = f"{_font_faces()}\n{templates.get_template(STYLESHEET).render()}"
        script = "\n".join(_texts(templates, SCRIPTS))
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
            compared=compared,
            defined=defined,
            hardest_classes=observations.hardest_classes,
            class_sizes=class_sizes,
            next_table=itertools.count(1).__next__,
            symbols=formulas.symbols,
            measures=formulas.measures(),
            parameter_symbol=formulas.SYMBOL,
            without_parameters=_without_parameters,
            buffers=_buffers,
            training_minutes=_training_minutes(results),
            style=Markup(style),
            style_source=Markup(policy_source(style)),
            script=Markup(script),
            script_source=Markup(policy_source(script)),
            results_json=Markup(_script_safe(content.decode())),
            results_digest=digest(content),
            weights_json=Markup(_script_safe(json.dumps(carried))) if carried else "",
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
    for family, name, weight, style in _FONTS:
        content = base64.b64encode((bundled_templates() / "fonts" / name).read_bytes()).decode()
        faces.append(
            f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style}; '
            f"src: url(data:font/{name.rpartition('.')[2]};base64,{content}); }}"
        )
    return "\n".join(faces)


def _texts(templates: jinja2.Environment, folder: str) -> Iterator[str]:
    """The files of a folder of templates as they are, in the order of their names."""
    loader = templates.loader
    assert loader is not None
    for name in sorted(loader.list_templates()):
        if name.startswith(f"{folder}/"):
            yield loader.get_source(templates, name)[0]


def _script_safe(text: str) -> str:
    """JSON that can stand inside a script element."""
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
