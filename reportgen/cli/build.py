"""The commands ``reportgen build`` and ``reportgen render``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from reportgen.assignment import DEFAULT_ASSIGNMENT
from reportgen.cli.options import AssignmentOption, DataDir, Epochs, Json, Quiet, Roll, Seed, Templates
from reportgen.cli.terminal import complain, console_of, print_json
from reportgen.errors import PdfError

if TYPE_CHECKING:
    from rich.console import Console

    from reportgen.results.schema import Results


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
    console = console_of(quiet=quiet or as_json)
    if prepared.preview_reason:
        complain(f"preview, not {spec.dataset.upper()}: {prepared.preview_reason}", kind="warning")
    for missing, wanted in (("--name", name), ("--colab", colab or not spec.report.asks_for_colab)):
        if not wanted and not as_json:
            complain(f"{missing} was not given; the report has a gap there", kind="note")
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
        print_json(tables.built_as_json(results, order.folder, built.paths))
    else:
        console.print(tables.built_table(results))
        _print_paths(console, order.folder, built.paths)
    _explain_missing_pdf(built.pdf_error)


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
        _follows_from_predictions(computed, folder / results.FILE_NAME)
        weights, notes = read_weights(folder, computed)
        moment = present(os.environ.get("SOURCE_DATE_EPOCH"))
        report = render_report(computed, open_report_templates(templates), moment, weights)
        paths = write_files(folder, report.files)
    for note in notes:
        complain(note, kind="warning")
    _print_paths(console_of(quiet=quiet), folder, paths)
    _explain_missing_pdf(report.pdf_error)


def _follows_from_predictions(computed: "Results", path: Path) -> None:
    """Refuse results that were damaged: one byte can leave an accuracy beside right images that give another.

    Raises:
        ResultsError: a number is not what follows from the plan, the labels and the predictions.
    """
    from reportgen.errors import ResultsError
    from reportgen.own_reports.rederive import rederive

    wrong = rederive(computed, computed.assignment)[1]
    if wrong:
        first = wrong[0]
        raise ResultsError(
            f"{path} does not follow from its predictions: {first.path} is {first.stored}, but {first.rule} give "
            f"{first.derived} ({len(wrong)} differ in all). Build it again with `reportgen build`."
        )


def _print_paths(console: "Console", folder: Path, paths: list[Path]) -> None:
    top = [path for path in paths if path.parent == folder]
    inside = sorted({path.parent for path in paths} - {folder})
    for path in (*sorted(top), *inside):
        console.print(f"wrote {path}{'/' if path in inside else ''}", highlight=False, markup=False, soft_wrap=True)


def _explain_missing_pdf(error: PdfError | None) -> None:
    if error is not None:
        complain(f"no PDF, but everything else was written: {error}")
        raise typer.Exit(PdfError.exit_code)


def _tell(kind: str, text: str, *, quiet: bool) -> None:
    if kind == "warning" or not quiet:
        complain(text, kind)
