"""The standalone script of a plan: readable Python that trains and counts what the report says. No torch."""

import json
from collections.abc import Callable, Mapping, Sequence

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
    return _format(source)


def _format(source: str) -> str:
    import black
    import black.parsing

    try:
        return black.format_str(source, mode=black.Mode())
    except black.parsing.InvalidInput as error:
        raise TemplateError(f"{SCRIPT} does not give valid Python: {error}") from None


def _networks(results: Results) -> dict[str, list[tuple[str, str]]]:
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
    """A Python literal; texts in double quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _python_list(items: Sequence[object]) -> str:
    return f"[{', '.join(_python(item) for item in items)}]"


def _oneline(text: str) -> str:
    """Text that can stand in a comment or a docstring."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split())


def _identifier(name: str) -> str:
    return name.replace("-", "_")


def _call(name: str, arguments: Sequence[object], settings: Mapping[str, object]) -> str:
    written = [str(argument) for argument in arguments] + [f"{key}={_python(value)}" for key, value in settings.items()]
    return f"{name}({', '.join(written)})"


def _module(layer: AnyLayer, spec_layer: AnyLayer) -> str:
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
    return f"{call}.requires_grad_(False)" if getattr(layer, "frozen", False) else call


def _optimizer_call(training: PlannedTraining) -> str:
    chosen = training.optimizer
    title = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD"}[chosen.name]
    settings = chosen.model_dump(exclude={"name", "learning_rate"})
    return _call(title, ["parameters"], {"lr": chosen.learning_rate, **settings, "fused": True})


def _schedule_call(training: PlannedTraining) -> str:
    match training.schedule:
        case StepRate(epochs=epochs, factor=factor):
            return f"StepLR(optimizer, {epochs} * steps_per_epoch, {factor})"
        case CosineRate():
            return "CosineAnnealingLR(optimizer, epochs * steps_per_epoch)"
        case OneCycleRate(max_learning_rate=top, warmup_fraction=up):
            settings = {"pct_start": up, "div_factor": top / training.optimizer.learning_rate, "cycle_momentum": False}
            return _call("OneCycleLR", ["optimizer", top, "total_steps=epochs * steps_per_epoch"], settings)
        case ConstantRate():
            return "ConstantLR(optimizer, factor=1.0)"


FILTERS: dict[str, Callable[..., str]] = {
    "python": _python,
    "python_list": _python_list,
    "oneline": _oneline,
    "identifier": _identifier,
    "optimizer_call": _optimizer_call,
    "schedule_call": _schedule_call,
}
"""What the script's template may pipe a value through."""
