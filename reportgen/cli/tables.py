"""What the command line shows as tables or as JSON: built here, printed there."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from reportgen.assignment.counting import NetworkCount
from reportgen.assignment.plan import Plan
from reportgen.assignment.spec import Assignment
from reportgen.rendering.wording import integer, optimizer, percent, schedule, shape

if TYPE_CHECKING:
    from reportgen.results.schema import CrossCheck, Results


def built_table(results: "Results") -> Table:
    """Accuracy and counts of every experiment."""
    table = _table("", "Experiment", "Test accuracy", "Manual", "torchinfo", "torch", "Agree")
    for asked, _, result in results.parts():
        counts = [integer(count) for count in result.crosscheck.total.trainable]
        table.add_row(asked.short_title, percent(result.score.accuracy), *counts, _yes(result.crosscheck.agree))
    return table


def built_as_json(results: "Results", folder: Path, paths: Sequence[Path]) -> dict[str, Any]:
    """What was built, for scripts."""
    return {
        "folder": str(folder),
        "preview": results.plan.preview,
        "plan_digest": results.plan_digest,
        "experiments": [
            {
                "id": result.id,
                "test_accuracy": result.score.accuracy,
                "interval": result.score.interval,
                "trainable": dict(
                    zip(("manual", "torchinfo", "torch"), result.crosscheck.total.trainable, strict=True)
                ),
                "agree": result.crosscheck.agree,
                "p_value": result.comparison.p_value if result.comparison else None,
            }
            for result in results.experiments
        ],
        "files": [str(path) for path in paths],
    }


def plan_table(assignment: Assignment, plan: Plan) -> Table:
    """What each experiment of a plan would train."""
    table = _table("", "Experiment", "Classes", "Trainable", "Batch", "Epochs", "Optimizer", "Schedule", numbers=5)
    for asked, planned in zip(assignment.experiments, plan.experiments, strict=True):
        training = planned.training
        table.add_row(
            asked.short_title,
            str(len(planned.classes)),
            integer(planned.count(plan.input_shape).trainable),
            str(training.batch_size),
            str(training.epochs),
            optimizer(training),
            schedule(training),
        )
    return table


def count_table(title: str, counted: NetworkCount) -> Table:
    """The counts of a network, layer by layer."""
    table = _table(title, "Layer", "Input", "Output", "Trainable", "Frozen", "Buffers", "MACs", "Worked out", numbers=7)
    for layer in counted.layers:
        table.add_row(
            layer.name,
            shape(layer.input_shape),
            shape(layer.output_shape),
            *(integer(number) for number in (layer.trainable, layer.non_trainable, layer.buffers, layer.macs)),
            layer.derivation,
        )
    table.add_section()
    totals = (counted.trainable, counted.non_trainable, counted.buffers, counted.macs)
    table.add_row("Total", "", "", *(integer(number) for number in totals), counted.total_derivation)
    return table


def check_table(check: "CrossCheck") -> Table:
    """The cross-check of a network's counts."""
    table = _table("", "Cross-check", "Manual", "torchinfo", "torch", "Agree")
    rows = [layer for layer in check.layers if layer.trainable[0] or layer.non_trainable[0]]
    for layer in (*rows, check.total):
        table.add_row(layer.name, *(integer(count) for count in layer.trainable), _yes(layer.agree))
    manual, witness = check.total.mult_adds
    table.add_row("Mult-adds by torchinfo's rule", integer(manual), integer(witness), "", _yes(check.agree))
    return table


def count_as_json(key: str, counted: NetworkCount, check: "CrossCheck | None") -> dict[str, Any]:
    """The counts of an experiment's network, for scripts."""
    totals = ("trainable", "non_trainable", "buffers", "keras_non_trainable", "macs")
    return {
        "experiment": key,
        "layers": [layer.model_dump(mode="json") for layer in counted.layers],
        "total": {total: getattr(counted, total) for total in totals},
        "crosscheck": None if check is None else {**check.model_dump(mode="json"), "agree": check.agree},
    }


def assignments_table(specs: Sequence[Assignment]) -> Table:
    """The bundled assignments."""
    table = _table("", "Id", "Course", "Title", "Experiments", "Example of a roll number", numbers=0)
    for spec in specs:
        titles = ", ".join(experiment.short_title for experiment in spec.experiments)
        table.add_row(spec.id, spec.course, spec.title, titles, spec.roll.example)
    return table


def _yes(agree: bool) -> str:
    return "yes" if agree else "no"


def _table(title: str, *columns: str, numbers: int | None = None) -> Table:
    """A table; the first column holds names, those after it up to column ``numbers`` hold numbers."""
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD)
    last_number = len(columns) - 1 if numbers is None else numbers
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if 0 < index < last_number else "left", overflow="fold")
    return table
