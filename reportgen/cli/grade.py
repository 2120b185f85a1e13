"""The command ``reportgen grade``: options, progress, and what is written where."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reportgen.assignment import DEFAULT_ASSIGNMENT
from reportgen.cli.extras import require
from reportgen.errors import UsageError

if TYPE_CHECKING:
    from reportgen.assignment.spec import Assignment
    from reportgen.grading.marks.policy import Overrides
    from reportgen.pipelines.grade import Graded, Progress

TEMPLATE = "overrides-template.csv"


def grade(
    path: Annotated[
        Path | None, typer.Argument(help="Folder or zip archive of submissions.", show_default=False)
    ] = None,
    assignment: Annotated[
        str, typer.Option("--assignment", help="Id of a bundled assignment, or a TOML file with a rubric.")
    ] = DEFAULT_ASSIGNMENT,
    out: Annotated[Path, typer.Option("--out", help="Folder for the gradebook and the pages.")] = Path("grades"),
    overrides: Annotated[
        Path | None,
        typer.Option(
            "--overrides",
            help="CSV or TOML of decisions by roll and criterion; OUT keeps them for later runs.",
            show_default=False,
        ),
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Write the feedback pages as PDF, too.")] = False,
    canvas: Annotated[
        Path | None, typer.Option("--canvas", help="Canvas's gradebook sheet, to fill in.", show_default=False)
    ] = None,
    canvas_column: Annotated[
        str | None, typer.Option("--canvas-column", help="The column of the sheet to fill in.", show_default=False)
    ] = None,
    moodle: Annotated[
        Path | None, typer.Option("--moodle", help="Moodle's grading worksheet, to fill in.", show_default=False)
    ] = None,
    gradescope: Annotated[
        Path | None,
        typer.Option(
            "--gradescope", help="Mark one submission; write Gradescope's results.json here.", show_default=False
        ),
    ] = None,
    autograder: Annotated[
        Path | None,
        typer.Option(
            "--autograder",
            help="Mark nothing: write Gradescope's autograder.zip from reportgen's wheel (pip wheel --no-deps .).",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors and warnings.")] = False,
) -> None:
    """Mark submissions by the rubric, with a reason for every point. It proposes; people decide."""
    if pdf:
        require("pdf")
    from reportgen.assignment.bundled import load_spec
    from reportgen.files import hold, write_files
    from reportgen.pipelines.grade import CACHE
    from reportgen.pipelines.grade import grade as run

    if (path is None) == (autograder is None):
        raise UsageError("give either a folder or archive of submissions to mark, or --autograder WHEEL")
    if path is None or autograder is not None:
        assert autograder is not None
        _write_autograder(autograder, assignment, out)
        return
    spec = load_spec(assignment)
    if not spec.rubric:
        raise UsageError(f"{spec.id} has no rubric: give it [[rubric]] entries with id, part, points, text and checks")
    if gradescope is None and out.resolve().is_relative_to(path.resolve()):
        raise UsageError(f"--out {out} lies in {path}, whose files are the submissions: give a folder beside it")
    if canvas is not None and canvas_column is None:
        raise UsageError("--canvas needs --canvas-column: the title of the assignment's column in the sheet")
    reader = _overrides(overrides, spec, None if gradescope is not None else out)
    if gradescope is not None:
        from reportgen.grading.platforms.gradescope import gradescope_results

        graded = run(path, spec, None, reader, _silent, one=True)
        results = [gradescope_results(marks) for marks in graded.marks]
        if not results:
            raise UsageError(f"{path} holds no submission: no file of a kind that is read")
        write_files(gradescope.parent, {gradescope.name: results[0]})
        return
    with hold(out):
        with _progress(quiet=quiet or as_json) as progress:
            graded = run(path, spec, out / CACHE, reader, progress)
        written = _written(graded, pdf=pdf)
        if overrides is not None and overrides.resolve() == (out / TEMPLATE).resolve():
            del written[TEMPLATE]  # it is the marker's own file, with whatever else it holds
        sheets = _sheets(graded, canvas, canvas_column, moodle)
        write_files(out, written | {name: content for name, content, _ in sheets})
    if as_json:
        typer.echo(json.dumps([one.model_dump(mode="json") for one in graded.marks], indent=1, ensure_ascii=False))
    elif not quiet:
        _summarize(graded, out)
        for _, _, notice in sheets:
            typer.echo(notice)


def _silent(done: int, count: int, name: str) -> None:
    return


@contextmanager
def _progress(*, quiet: bool) -> "Iterator[Progress]":
    """A bar with the time that is left; nothing where it is not wanted."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("reading {task.fields[name]}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), disable=quiet, transient=True) as bar:
        task = bar.add_task("reading", total=None, name="")

        def advance(done: int, count: int, name: str) -> None:
            bar.update(task, completed=done, total=count, name=name)

        yield advance


def _overrides(path: Path | None, spec: "Assignment", out: Path | None) -> "Callable[[Sequence[str]], Overrides]":
    """Gives the decisions that hold, after those of ``path`` are kept in ``out``: before anything is read or marked."""
    from reportgen.files import write_files
    from reportgen.grading.marks import decisions
    from reportgen.grading.marks.overrides import read_overrides

    def read(rolls: Sequence[str]) -> "Overrides":
        given = read_overrides(_content(path), path.name, spec, rolls) if path is not None else {}
        store = out / decisions.FILE if out is not None else None
        kept = decisions.read_decisions(store.read_bytes()) if store is not None and store.exists() else []
        new = decisions.newly_decided(kept, given, _user(), datetime.now(UTC))
        if store is not None and new:
            write_files(store.parent, {store.name: decisions.write_decisions([*kept, *new])})
        return decisions.in_force([*kept, *new], spec)

    return read


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # of a container's user without a name
        return "unknown"


def _content(path: Path) -> bytes:
    from reportgen.errors import UnreadableError

    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"cannot read {path}: {error.strerror or error}") from None


def _written(graded: "Graded", *, pdf: bool) -> dict[str, bytes]:
    """The files of a class: gradebook, class page, feedback pages, everything as JSON."""
    from reportgen.grading.findings.measured_numbers import shared_numbers
    from reportgen.grading.marks.overrides import overrides_template
    from reportgen.grading.pages.class_page import ClassResult, StudentResult, render_class
    from reportgen.grading.pages.feedback import render_feedback
    from reportgen.grading.pictures.sameness import shared_pictures
    from reportgen.grading.platforms.gradebook import gradebook
    from reportgen.pipelines.grade import print_pages

    students = []
    pages: dict[str, str] = {}
    for marks, reading in zip(graded.marks, graded.readings, strict=True):
        name = _file_name(marks.id)
        pages[name] = render_feedback(marks, reading.dossier, graded.assignment, reading.crops)
        students.append(StudentResult(marks, f"feedback/{name}.html"))
    files = {f"feedback/{name}.html": page.encode() for name, page in pages.items()}
    if pdf:
        printed = print_pages(pages, datetime.now(UTC))
        files |= {f"feedback/{name}.pdf": content for name, content in printed.items()}
    dossiers = graded.dossiers
    result = ClassResult(tuple(students), shared_pictures(dossiers), graded.found.leftovers, shared_numbers(dossiers))
    files["class.html"] = render_class(result, graded.assignment).encode()
    files["gradebook.csv"] = gradebook(graded.marks, graded.assignment)
    entries = [one.model_dump(mode="json") for one in graded.marks]
    files["grades.json"] = (json.dumps(entries, indent=1, ensure_ascii=False) + "\n").encode()
    keys = [marks.roll or marks.id for marks in graded.marks]
    decided = {
        (mark.roll or mark.id, one.id): one.override for mark in graded.marks for one in mark.criteria if one.override
    }
    files[TEMPLATE] = overrides_template(graded.assignment, keys, decided)
    return files


def _file_name(name: str) -> str:
    """An id as the name of a file, whatever characters it has."""
    from reportgen.files import digest

    plain = "".join(character if character.isalnum() or character in "-_." else "_" for character in name).strip(".")
    if plain == name and len(plain.encode()) <= 80:
        return plain
    short = plain.encode()[:60].decode("utf-8", "ignore")
    return f"{short or 'submission'}-{digest(name.encode('utf-8', 'surrogatepass'))[:8]}"


def _sheets(
    graded: "Graded", canvas: Path | None, column: str | None, moodle: Path | None
) -> list[tuple[str, bytes, str]]:
    """The teacher's sheets, filled: name, content, and a word on whom they leave out."""
    from reportgen.grading.platforms.canvas import fill_canvas
    from reportgen.grading.platforms.moodle import fill_moodle

    found = []
    if canvas is not None:
        filled = fill_canvas(_content(canvas), canvas.name, column or "", graded.marks, graded.assignment)
        found.append(("canvas.csv", filled))
    if moodle is not None:
        found.append(("moodle.csv", fill_moodle(_content(moodle), moodle.name, graded.marks, graded.assignment)))
    return [
        (
            name,
            filled.content,
            f"{name}: {len(filled.filled)} filled in; {len(filled.undecided)} left open, a person decides"
            + (f"; not in the sheet: {', '.join(filled.unmatched)}" if filled.unmatched else ""),
        )
        for name, filled in found
    ]


def _summarize(graded: "Graded", out: Path) -> None:
    unread = [one.id for one in graded.marks if not one.readable]
    need = sum(one.least != one.most for one in graded.marks)
    count = len(graded.marks)
    who = f"{count} submission{'s' if count != 1 else ''}"
    typer.echo(f"{who}, {need} of which a person has something to decide about: {out}/class.html")
    if unread:
        typer.echo(f"could not be read: {', '.join(unread)}")
    looked = [leftover for leftover in graded.found.leftovers if leftover.problem]
    for leftover in looked:
        typer.echo(f"left over: {leftover.name}: {leftover.reason}")


def _write_autograder(wheel: Path, assignment: str, out: Path) -> None:
    from reportgen.assignment.bundled import load_spec, spec_bytes
    from reportgen.files import write_files
    from reportgen.grading.platforms.gradescope import autograder_zip

    load_spec(assignment)
    write_files(out, {"autograder.zip": autograder_zip(_content(wheel), wheel.name, spec_bytes(assignment))})
    typer.echo(f"{out / 'autograder.zip'}: upload it to Gradescope as the autograder of the assignment")
