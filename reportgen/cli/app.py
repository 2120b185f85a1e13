"""The command line: the only place that prints and that returns exit codes. Heavy imports are inside the commands."""

import functools
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from reportgen.assignment.bundled import DEFAULT_ASSIGNMENT
from reportgen.cli import grade, verify
from reportgen.errors import PdfError, ReportgenError, UsageError
from reportgen.files import PACKAGE

if TYPE_CHECKING:
    from rich.console import Console

    from reportgen.assignment.plan import Plan
    from reportgen.results.schema import CrossCheck

app = typer.Typer(
    help="Builds, checks and marks reports for deep-learning course assignments, every number proved.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
assignments_app = typer.Typer(help="List assignments, check one, or print the schema of their TOML files.")
app.add_typer(assignments_app, name="assignments")

Roll = Annotated[str, typer.Option("--roll", help="Your roll number.", show_default=False)]
AssignmentOption = Annotated[str, typer.Option("--assignment", help="Id of a bundled assignment, or a TOML file.")]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder with the data set's files; only read.", show_default=False)
]
Templates = Annotated[
    Path | None,
    typer.Option("--templates", help="Folder whose templates replace the bundled ones.", show_default=False),
]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Seed of all random numbers.")]
Epochs = Annotated[
    int | None,
    typer.Option("--epochs", min=1, max=1000, help="Epochs instead of the assignment's.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors and warnings.")]
_EXIT_INTERRUPTED, _EXIT_INTERNAL = 130, 70


def main() -> None:
    """Run the command line."""
    app()


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn every failure of a command into one message and a documented exit code."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except ReportgenError as error:
            _complain(str(error))
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            _complain("interrupted; nothing was half-written. A build goes on after its last epoch if you run it again")
            raise typer.Exit(_EXIT_INTERRUPTED) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except typer.Exit:
            raise
        except Exception as error:
            if os.environ.get("REPORTGEN_DEBUG"):
                raise
            _complain(
                f"internal error ({type(error).__name__}: {error}; {_place(error)}). This is a bug of reportgen and "
                "says nothing about the input. Set REPORTGEN_DEBUG=1 to see the whole way there, if it happens again."
            )
            raise typer.Exit(_EXIT_INTERNAL) from None

    return run


def _place(error: Exception) -> str:
    """Where in this package it happened: what does not happen twice can still be reported."""
    frames = [(Path(frame.filename).resolve(), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    path, line = [frame for frame in frames if PACKAGE in frame[0].parents][-1]
    return f"{path.relative_to(PACKAGE.parent)}:{line}"


@app.command()
@guarded
def build(
    roll: Roll,
    assignment: AssignmentOption = DEFAULT_ASSIGNMENT,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Output folder; by default named like the roll number.", show_default=False),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="Your name, for the cover.")] = "",
    date: Annotated[str, typer.Option("--date", help="Date on the cover; by default today.")] = "",
    colab: Annotated[str, typer.Option("--colab", help="Link of your Colab notebook.")] = "",
    dataset: Annotated[
        Literal["auto", "mnist", "digits"],
        typer.Option("--dataset", help="auto: MNIST if it can be had, else a preview on embedded digits."),
    ] = "auto",
    data_dir: DataDir = None,
    seed: Seed = 0,
    epochs: Epochs = None,
    templates: Templates = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option("--device", help="auto: a CUDA GPU if there is one.")
    ] = "auto",
    fresh: Annotated[bool, typer.Option("--fresh", help="Train anew; forget what earlier builds trained.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train every experiment and write the whole submission: PDF, HTML, script, results, weights, figures."""
    from reportgen.assignment.bundled import load_spec
    from reportgen.assignment.plan import Options, check_roll
    from reportgen.rendering.student import make_student, present

    spec = load_spec(assignment)
    check_roll(spec, roll)
    moment = present(os.environ.get("SOURCE_DATE_EPOCH"))
    student = make_student(roll, name, date, colab, moment)

    from reportgen.cli import tables
    from reportgen.cli.progress import watch
    from reportgen.pipelines import build as building

    order = building.Order(
        assignment=spec,
        student=student,
        folder=out or Path(roll),
        dataset=dataset,
        data_dir=data_dir,
        options=Options(seed=seed, epochs=epochs),
        templates=templates,
        device=device,
        fresh=fresh,
    )
    prepared = building.prepare(order)
    console = _console(quiet=quiet or as_json)
    if prepared.preview_reason:
        _complain(f"preview, not {spec.dataset.upper()}: {prepared.preview_reason}", kind="warning")
    for missing, wanted in (("--name", name), ("--colab", colab or not spec.report.asks_for_colab)):
        if not wanted and not as_json:
            _complain(f"{missing} was not given; the report has a gap there", kind="note")
    titles = {experiment.id: experiment.short_title for experiment in spec.experiments}
    with watch(console, prepared.plan, titles) as reporter:
        built = building.build(
            prepared,
            moment,
            timed="SOURCE_DATE_EPOCH" not in os.environ,
            on_epoch=reporter.on_epoch,
            on_step=reporter.on_step,
            tell=lambda kind, text: _tell(kind, text, quiet=quiet or as_json),
        )
    results = built.results
    if as_json:
        _print_json(tables.built_as_json(results, order.folder, built.paths))
    else:
        console.print(tables.built_table(results))
        _print_paths(console, order.folder, built.paths)
    _explain_missing_pdf(built.pdf_error)


@app.command()
@guarded
def render(
    folder: Annotated[Path, typer.Argument(help="Folder that `reportgen build` wrote.", show_default=False)],
    templates: Templates = None,
    quiet: Quiet = False,
) -> None:
    """Render PDF, HTML, script and figures again from results.json, without training and without torch."""
    from reportgen.files import hold, write_files
    from reportgen.rendering.report import open_report_templates, render_report
    from reportgen.rendering.student import present
    from reportgen.results import reading
    from reportgen.results import schema as results
    from reportgen.results.weights import read_weights

    if not folder.is_dir():
        reading.load(folder / results.FILE_NAME)
    with hold(folder):
        computed = reading.load(folder / results.FILE_NAME)
        weights, notes = read_weights(folder, computed)
        moment = present(os.environ.get("SOURCE_DATE_EPOCH"))
        report = render_report(computed, open_report_templates(templates), moment, weights)
        paths = write_files(folder, report.files)
    for note in notes:
        _complain(note, kind="warning")
    _print_paths(_console(quiet=quiet), folder, paths)
    _explain_missing_pdf(report.pdf_error)


@app.command()
@guarded
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
        _print_json({**resolved.model_dump(mode="json"), "digest": resolved.digest})
        return
    console = _console()
    console.print(f"{spec.course}, {spec.title} ({spec.id})", highlight=False)
    console.print(f"Roll number {resolved.roll}, seed {resolved.seed}", highlight=False)
    console.print(f"Batch size {resolved.batch.size}: {resolved.batch.derivation}", highlight=False)
    for line in (resolved.batch.assumption, *resolved.changed):
        if line:
            console.print(f"Assumption: {line}", highlight=False)
    console.print(tables.plan_table(spec, resolved))
    console.print(f"Plan digest {resolved.digest}", highlight=False)


@app.command()
@guarded
def params(
    assignment: AssignmentOption = DEFAULT_ASSIGNMENT,
    experiment: Annotated[
        str | None, typer.Option("--experiment", help="Id of one experiment; by default all.", show_default=False)
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Cross-check against torchinfo and torch.")] = False,
    as_json: Json = False,
) -> None:
    """Count every layer's parameters by hand-style arithmetic."""
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
        _print_json([tables.count_as_json(key, counted, checks.get(key)) for key, counted in counts.items()])
        return
    console = _console()
    titles = {entry.id: entry.title for entry in spec.experiments}
    for key, counted in counts.items():
        console.print(tables.count_table(titles[key], counted))
        if key in checks:
            console.print(tables.check_table(checks[key]))


@app.command()
@guarded
def doctor(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Look at what a build needs from this machine: ok, or what to do."""
    from reportgen.cli.doctor import examine

    findings = examine(Path.cwd(), data_dir)
    if as_json:
        _print_json([{"name": finding.name, "ok": finding.ok, "text": finding.text} for finding in findings])
    else:
        console = _console()
        for finding in findings:
            state = "[green]ok[/]  " if finding.ok else "[red]look[/]"
            console.print(f"{state}  {finding.name}: ", end="")
            console.print(finding.text, markup=False, highlight=False)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


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
        _print_json([{"id": spec.id, "course": spec.course, "title": spec.title} for spec in specs])
        return
    _console().print(tables.assignments_table(specs))


@assignments_app.command("check")
@guarded
def check_assignment(
    file: Annotated[str, typer.Argument(help="TOML file of an assignment.", show_default=False)],
) -> None:
    """Validate an assignment; every mistake at once, each with its path."""
    from reportgen.assignment.bundled import load_spec

    spec = load_spec(file)
    _console().print(f"{file}: ok ({spec.id}: {len(spec.experiments)} experiments)", highlight=False, markup=False)


@assignments_app.command("schema")
@guarded
def print_schema() -> None:
    """Print the JSON Schema of assignment files."""
    from reportgen.assignment.spec import Assignment

    _print_json(Assignment.model_json_schema())


app.command()(guarded(verify.verify))
app.command()(guarded(grade.grade))
app.command()(guarded(grade.autograder))


def _crosscheck(resolved: "Plan") -> "dict[str, CrossCheck]":
    from reportgen.training.experiment import check_counts

    return check_counts(resolved)


def _console(*, quiet: bool = False) -> "Console":
    from rich.console import Console

    console = Console(quiet=quiet)
    # a pipe has no width of its own: don't break lines there
    return console if console.is_terminal else Console(quiet=quiet, width=max(console.width, 160))


def _print_paths(console: "Console", folder: Path, paths: list[Path]) -> None:
    top = [path for path in paths if path.parent == folder]
    inside = sorted({path.parent for path in paths} - {folder})
    for path in (*sorted(top), *inside):
        console.print(f"wrote {path}{'/' if path in inside else ''}", highlight=False, markup=False, soft_wrap=True)


def _explain_missing_pdf(error: PdfError | None) -> None:
    if error is not None:
        _complain(f"no PDF, but everything else was written: {error}")
        raise typer.Exit(PdfError.exit_code)


def _tell(kind: str, text: str, *, quiet: bool) -> None:
    if kind == "warning" or not quiet:
        _complain(text, kind)


def _complain(message: str, kind: str = "error") -> None:
    print(f"reportgen: {kind}: {message}", file=sys.stderr)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
