"""The standalone script of a plan: readable Python that trains and counts what the report says. No torch.

The template is formatted; what an assignment makes longer or shorter is laid out as Black and Ruff do, so that the
script of any assignment is formatted, too.
"""

import ast
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import jinja2

from reportgen.assignment.datasets import DATASETS
from reportgen.assignment.layers import CLASSES, AnyLayer, AvgPool2d, Linear, MaxPool2d, Softmax
from reportgen.assignment.plan import PlannedTraining
from reportgen.assignment.spec import ConstantRate, CosineRate, OneCycleRate, RandomAffine, StepRate
from reportgen.errors import TemplateError
from reportgen.rendering.templates import SCRIPT, explained
from reportgen.results.schema import Results

_REQUIRED = (
    "in_channels",
    "out_channels",
    "in_features",
    "out_features",
    "num_features",
    "kernel_size",
    "output_size",
    "p",
)
"""Settings that a module takes by position, in torch's order."""
_LINE = 88
"""Columns of a line of the script, as Black and Ruff have it unless told otherwise."""


def render_script(results: Results, templates: jinja2.Environment) -> str:
    """Render the script; formatted, UTF-8, valid Python.

    Raises:
        TemplateError: the template fails (file and line).
    """
    plan, assignment = results.plan, results.assignment
    dataset = DATASETS[plan.dataset]
    size = plan.input_shape[1]
    inner = size * 5 // 7
    margin = (size - inner) // 2
    with explained():
        source = templates.get_template(SCRIPT).render(
            assignment=assignment,
            plan=plan,
            dataset=dataset,
            train_size=sum(results.data.train_counts) if plan.preview else dataset.sizes["train"],
            parts=[(asked, planned, result.seed) for asked, planned, result in results.parts()],
            networks=_networks(results),
            augmentations=_augmentations(results),
            inner=inner,
            margin=margin,
            rest=size - inner - margin,
            threads=results.environment.threads,
        )
    try:
        ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise TemplateError(f"{SCRIPT} does not give valid Python: {error}") from None
    return source


@dataclass(frozen=True)
class Bracketed:
    """A call or a list in Python, which can be laid out over several lines."""

    before: str
    """What stands before the items: ``nn.ReLU(`` or ``[``."""
    items: tuple[str, ...]
    after: str

    def __str__(self) -> str:
        return f"{self.before}{', '.join(self.items)}{self.after}"


def _networks(results: Results) -> dict[str, list[tuple[Bracketed, str]]]:
    """Each network by name: its modules as Python expressions of ``classes``, each with its layer's name."""
    networks = {}
    for asked, planned, _ in results.parts():
        spec_layers = results.assignment.networks[asked.network].layers
        networks[asked.network] = [
            (_module(layer, spec_layer), layer.name)
            for layer, spec_layer in zip(planned.layers, spec_layers, strict=True)
        ]
    return networks


def _augmentations(results: Results) -> dict[str, tuple[RandomAffine, ...]]:
    return {
        asked.short_title: planned.training.augmentation
        for asked, planned, _ in results.parts()
        if planned.training.augmentation
    }


def _python(value: object) -> str:
    """A Python literal; texts in double quotes, unless single ones save backslashes."""
    if not isinstance(value, str):
        return repr(value)
    literal = json.dumps(value, ensure_ascii=False)
    if value.count('"') <= value.count("'"):
        return literal
    escaped = literal[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{escaped}'"


def _python_list(items: Sequence[object]) -> Bracketed:
    return Bracketed("[", tuple(map(_python, items)), "]")


def _laid_out(code: Bracketed, indent: int, before: str = "", after: str = "") -> str:
    """Code on one line where it fits between ``before`` and ``after``, else its items on one line or one a line.

    A list's items never share a second line.

    The first line is not indented: its indentation, ``indent`` columns, stands in the template.
    """
    line = f"{before}{code}{after}"
    if not code.items or indent + _columns(line) <= _LINE:
        return line
    outer, inner = " " * indent, " " * (indent + 4)
    items = ", ".join(code.items)
    if code.before == "[" or indent + 4 + _columns(items) > _LINE:
        items = f",\n{inner}".join(code.items) + ","
    return f"{before}{code.before}\n{inner}{items}\n{outer}{code.after}{after}"


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _oneline(text: str) -> str:
    """Text that can stand in a comment or a docstring."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split())


def _identifier(name: str) -> str:
    return name.replace("-", "_")


def _call(name: str, arguments: Sequence[object], settings: Mapping[str, object]) -> Bracketed:
    written = [str(argument) for argument in arguments] + [f"{key}={_python(value)}" for key, value in settings.items()]
    return Bracketed(f"{name}(", tuple(written), ")")


def _module(layer: AnyLayer, spec_layer: AnyLayer) -> Bracketed:
    """A ``torch.nn`` module with the settings that differ from torch's own."""
    settings: dict[str, object] = layer.model_dump(
        exclude={"name", "type", "frozen", *_REQUIRED}, exclude_defaults=True
    )
    if isinstance(layer, MaxPool2d | AvgPool2d):
        settings = {"stride": layer.stride, **settings}
    if isinstance(layer, Softmax):
        settings = {"dim": 1}
    arguments = [getattr(layer, key) for key in _REQUIRED if hasattr(layer, key)]
    if isinstance(spec_layer, Linear) and spec_layer.out_features == CLASSES:
        arguments[-1] = "classes"
    call = _call(f"nn.{layer.type}", arguments, settings)
    if not getattr(layer, "frozen", False):
        return call
    return Bracketed(f"{call}.requires_grad_(", ("False",), ")")


def _optimizer_call(training: PlannedTraining) -> Bracketed:
    chosen = training.optimizer
    title = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD"}[chosen.name]
    settings = chosen.model_dump(exclude={"name", "learning_rate"})
    return _call(title, ["parameters"], {"lr": chosen.learning_rate, **settings, "fused": True})


def _schedule_call(training: PlannedTraining) -> Bracketed:
    match training.schedule:
        case StepRate(epochs=epochs, factor=factor):
            return _call("StepLR", ["optimizer", f"{epochs} * steps_per_epoch", factor], {})
        case CosineRate():
            return _call("CosineAnnealingLR", ["optimizer", "epochs * steps_per_epoch"], {})
        case OneCycleRate(max_learning_rate=top, warmup_fraction=up):
            settings = {"pct_start": up, "div_factor": top / training.optimizer.learning_rate, "cycle_momentum": False}
            return _call("OneCycleLR", ["optimizer", top, "total_steps=epochs * steps_per_epoch"], settings)
        case ConstantRate():
            return _call("ConstantLR", ["optimizer"], {"factor": 1.0})


FILTERS: dict[str, Callable[..., object]] = {
    "python": _python,
    "python_list": _python_list,
    "laid_out": _laid_out,
    "oneline": _oneline,
    "identifier": _identifier,
    "optimizer_call": _optimizer_call,
    "schedule_call": _schedule_call,
}
"""What the script's template may pipe a value through."""
