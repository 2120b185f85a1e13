"""The commands about assignments: ``plan``, ``params`` and ``assignments``."""

from typing import TYPE_CHECKING, Annotated

import typer

from reportgen.assignment import DEFAULT_ASSIGNMENT
from reportgen.cli.extras import require
from reportgen.cli.options import AssignmentOption, Epochs, Json, Roll, Seed
from reportgen.cli.terminal import console_of, guarded, print_json
from reportgen.errors import UsageError

if TYPE_CHECKING:
    from reportgen.assignment.plan import Plan
    from reportgen.results.schema import CrossCheck

assignments_app = typer.Typer(help="List assignments, check one, or print the schema of their TOML files.")


def plan(
    roll: Roll,
    assignment: AssignmentOption = DEFAULT_ASSIGNMENT,
    seed: Seed = 0,
    epochs: Epochs = None,
    as_json: Json = False,
) -> None:
    """Print what a build would compute for a roll number."""
    from reportgen.assignment.bundled import load_spec
    from reportgen.assignment.plan import Options, resolve
    from reportgen.cli import tables

    spec = load_spec(assignment)
    resolved = resolve(spec, roll, Options(seed=seed, epochs=epochs))
    if as_json:
        print_json({**resolved.model_dump(mode="json"), "digest": resolved.digest})
        return
    console = console_of()
    console.print(f"{spec.course}, {spec.title} ({spec.id})", highlight=False)
    console.print(f"Roll number {resolved.roll}, seed {resolved.seed}", highlight=False)
    console.print(f"Batch size {resolved.batch.size}: {resolved.batch.derivation}", highlight=False)
    for line in (resolved.batch.assumption, *resolved.changed):
        if line:
            console.print(f"Assumption: {line}", highlight=False)
    console.print(tables.plan_table(spec, resolved))
    console.print(f"Plan digest {resolved.digest}", highlight=False)


def params(
    assignment: AssignmentOption = DEFAULT_ASSIGNMENT,
    experiment: Annotated[
        str | None, typer.Option("--experiment", help="Id of one experiment; by default all.", show_default=False)
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Cross-check against torchinfo and torch.")] = False,
    as_json: Json = False,
) -> None:
    """Count every layer's parameters by hand-style arithmetic."""
    if check:
        require("build")
    from reportgen.assignment.bundled import load_spec
    from reportgen.assignment.plan import Options, resolve
    from reportgen.cli import tables

    spec = load_spec(assignment)
    resolved = resolve(spec, spec.roll.example, Options())
    ids = [entry.id for entry in spec.experiments]
    if experiment is not None and experiment not in ids:
        raise UsageError(f"no experiment {experiment!r} in {spec.id}; there are: {', '.join(ids)}")
    chosen = [entry for entry in resolved.experiments if experiment in (None, entry.id)]
    counts = {entry.id: entry.count(resolved.input_shape) for entry in chosen}
    checks = _crosscheck(resolved.model_copy(update={"experiments": tuple(chosen)})) if check else {}
    if as_json:
        print_json([tables.count_as_json(key, counted, checks.get(key)) for key, counted in counts.items()])
        return
    console = console_of()
    titles = {entry.id: entry.title for entry in spec.experiments}
    for key, counted in counts.items():
        console.print(tables.count_table(titles[key], counted))
        if key in checks:
            console.print(tables.check_table(checks[key]))


@assignments_app.callback(invoke_without_command=True)
@guarded
def assignments(context: typer.Context, as_json: Json = False) -> None:
    """List the bundled assignments."""
    if context.invoked_subcommand is not None:
        return
    from reportgen.assignment.bundled import bundled_ids, load_spec
    from reportgen.cli import tables

    specs = [load_spec(key) for key in bundled_ids()]
    if as_json:
        print_json([{"id": spec.id, "course": spec.course, "title": spec.title} for spec in specs])
        return
    console_of().print(tables.assignments_table(specs))


@assignments_app.command("check")
@guarded
def check_assignment(
    file: Annotated[str, typer.Argument(help="TOML file of an assignment.", show_default=False)],
) -> None:
    """Validate an assignment; every mistake at once, each with its path."""
    from reportgen.assignment.bundled import load_spec

    spec = load_spec(file)
    console_of().print(f"{file}: ok ({spec.id}: {len(spec.experiments)} experiments)", highlight=False, markup=False)


@assignments_app.command("schema")
@guarded
def print_schema() -> None:
    """Print the JSON Schema of assignment files."""
    from reportgen.assignment.spec import Assignment

    print_json(Assignment.model_json_schema())


def _crosscheck(resolved: "Plan") -> "dict[str, CrossCheck]":
    from reportgen.training.experiment import check_counts

    return check_counts(resolved)
