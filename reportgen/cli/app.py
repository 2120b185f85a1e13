"""The command line: the only place that prints and that returns exit codes. Heavy imports are inside the commands."""

import sys
from pathlib import Path

import typer

from reportgen.cli.assignments import assignments_app, params, plan
from reportgen.cli.build import build, render
from reportgen.cli.grade import grade
from reportgen.cli.inspect import inspect
from reportgen.cli.options import DataDir, Json
from reportgen.cli.terminal import complain, console_of, guarded, print_json
from reportgen.cli.verify import verify
from reportgen.errors import OutputError

app = typer.Typer(
    help="Builds, checks and marks reports for deep-learning course assignments, every number proved.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def run() -> None:
    """Run the command that the arguments name; the streams are taken already."""
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # what does not fit is told here, not by the interpreter as it ends
    except OutputError as error:  # of the help, too, which is printed before any command runs
        complain(str(error))
        raise SystemExit(error.exit_code) from None


def doctor(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Look at what a build needs from this machine: ok, or what to do."""
    from reportgen.cli.doctor import examine

    findings = examine(Path(), data_dir)
    if as_json:
        print_json([{"name": finding.name, "ok": finding.ok, "text": finding.text} for finding in findings])
    else:
        console = console_of()
        for finding in findings:
            state = "[green]ok[/]  " if finding.ok else "[red]look[/]"
            console.print(f"{state}  {finding.name}: ", end="")
            console.print(finding.text, markup=False, highlight=False)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


app.command()(guarded(build, needs="build"))
app.command()(guarded(render, needs="build"))
for command in (plan, params, doctor, verify, inspect, grade):
    app.command()(guarded(command))
app.add_typer(assignments_app, name="assignments")
