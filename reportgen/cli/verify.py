"""The command ``reportgen verify``."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reportgen.assignment import DEFAULT_ASSIGNMENT
from reportgen.cli.extras import require
from reportgen.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from reportgen.pipelines.verify import Outcome, Request
    from reportgen.verification.ledger import Ledger

_STYLES = {"contradicted": "bold red", "deviates": "magenta", "unverifiable": "yellow", "verified": "green"}
_SHOWN = ("contradicted", "deviates")
_OPEN = ("unverifiable", "verified", "not-understood", "no-claim")


def verify(
    files: Annotated[
        list[str],
        typer.Argument(help="PDF, Markdown, text, HTML or notebook; - for standard input.", show_default=False),
    ],
    assignment: Annotated[
        str, typer.Option("--assignment", help="Id of a bundled assignment, a TOML file, or none.")
    ] = DEFAULT_ASSIGNMENT,
    roll: Annotated[
        str | None,
        typer.Option("--roll", help="Roll number; by default from the file name or the text.", show_default=False),
    ] = None,
    code: Annotated[
        list[Path] | None,
        typer.Option(
            "--code",
            help="File, folder, notebook or zip of the code that the reports are about, read and never run; "
            "may be repeated.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", help="Write the document's text with every number's verdict as a page.", show_default=False
        ),
    ] = None,
    sarif: Annotated[Path | None, typer.Option("--sarif", help="Write SARIF for editors.", show_default=False)] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail for what is unverifiable, missing or unread, too.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Print every number, each on its line.")] = False,
    weights: Annotated[
        Path | None,
        typer.Option(
            "--weights",
            help="Of one report of ours: its folder, or that of its weights, evaluated anew.",
            show_default=False,
        ),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="With --weights: folder with the data set's files.", show_default=False),
    ] = None,
) -> None:
    """Check every number in a report: verified, contradicted, deviating from the assignment, or undecided.

    With --code it is held against its code, too; a notebook is held against its own cells anyway. No code runs.
    """
    if weights is not None:
        require("build")
    from reportgen.files import temporary_folder, write_files
    from reportgen.pipelines.verify import verify_all

    if not as_json:
        import rich.table  # noqa: F401, while the reading process loads what it needs, not after its answer

    for path in code or ():
        if not path.exists():
            raise UsageError(f"--code {path}: there is no such file or folder; give the code that the report is about")
    if weights is not None and len(files) != 1:
        raise UsageError(f"--weights belong to one report; {len(files)} files were given")
    _keep_apart(files, {"--html": html, "--sarif": sarif})
    outcomes = []
    with temporary_folder() as folder:
        requests = [
            replace(request, code=tuple(code or ()))
            for request in _requests(files, folder, carried=weights is not None, text=html is not None)
        ]
        for outcome in verify_all(requests, assignment, roll):
            outcomes.append(outcome if weights is None else _audited(outcome, weights, data_dir))
            if not as_json:
                _print(outcomes[-1], everything=everything)
    ledgers = [outcome.ledger for outcome in outcomes if outcome.ledger is not None]
    if as_json:
        _print_json(outcomes)
    if html is not None or sarif is not None:
        from reportgen.verification import exports
    if html is not None:
        texts = {o.source: exports.coloured(o.blocks, o.ledger) for o in outcomes if o.ledger is not None}
        page = exports.render_ledgers(ledgers, texts)
        write_files(html.parent, {html.name: page.encode()})
    if sarif is not None:
        write_files(sarif.parent, {sarif.name: (json.dumps(exports.sarif(ledgers), indent=1) + "\n").encode()})
    status = _exit_code(outcomes, ledgers, strict=strict)
    if status:
        raise typer.Exit(status)


def _keep_apart(files: Sequence[str], outputs: Mapping[str, Path | None]) -> None:
    """Refuse to write over what is read: `verify r.md --html r.md` once put the page in the report's place."""
    read = {Path(name).resolve() for name in files if name != "-"}
    for option, path in outputs.items():
        if path is not None and path.resolve() in read:
            raise UsageError(f"{option} {path} is the report itself, which would be lost: name another file")


def _exit_code(outcomes: "Sequence[Outcome]", ledgers: "Sequence[Ledger]", *, strict: bool) -> int:
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    if errors:
        return max(error.exit_code for error in errors)
    return max((ledger.exit_code(strict=strict) for ledger in ledgers), default=0)


def _audited(outcome: "Outcome", weights: Path, data_dir: Path | None) -> "Outcome":
    """Hold a report of ours against its weights."""
    if outcome.ledger is None:
        return outcome
    if outcome.carried is None:
        raise UsageError(
            f"--weights belong to a report that `reportgen build` wrote; {outcome.source} carries no results of it"
        )
    from reportgen.pipelines.audit import audit

    return replace(outcome, ledger=audit(outcome.ledger, outcome.carried, weights, data_dir))


def _requests(files: Sequence[str], folder: Path, *, carried: bool, text: bool) -> "list[Request]":
    from reportgen.documents.blocks import MAX_BYTES
    from reportgen.pipelines.verify import Request

    if files.count("-") > 1:
        raise UsageError("- stands for standard input, which can be read only once")
    requests = []
    for name in files:
        if name == "-":
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
            path = folder / "standard-input"
            path.write_bytes(content)
            requests.append(Request(path, "standard input", carried, text))
        else:
            requests.append(Request(Path(name), name, carried, text))
    return requests


def _print_json(outcomes: "Sequence[Outcome]") -> None:
    from reportgen.verification.ledger import Unread

    entries = [outcome.ledger or Unread(source=outcome.source, error=str(outcome.error)) for outcome in outcomes]
    typer.echo(json.dumps([entry.model_dump(mode="json") for entry in entries], indent=1, ensure_ascii=False))


def _print(outcome: "Outcome", *, everything: bool) -> None:
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=max(console.width, 160))
    if outcome.ledger is None:
        Console(stderr=True).print(f"reportgen: error: {outcome.error}", markup=False, highlight=False, soft_wrap=True)
        return
    _print_ledger(console, outcome.ledger, everything=everything)


def _print_ledger(console: "Console", ledger: "Ledger", *, everything: bool) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    for note in ledger.notes:
        console.print(f"note: {note.text}", markup=False, highlight=False)
    # what no number makes a claim is shown with what is undecided: there is little of it
    claims = [claim for verdict in _SHOWN for claim in ledger.claims if claim.verdict == verdict]
    claims += [
        claim
        for verdict in _OPEN
        for claim in ledger.claims
        if claim.verdict == verdict
        and (everything or (verdict == "unverifiable" and (claim.number is None or claim.fact)))
    ]
    if claims:
        table = Table(box=box.SIMPLE_HEAD)
        for column in ("Verdict", "Where", "As printed", "How", "Expected", "Found"):
            table.add_column(column, overflow="fold")
        for claim in claims:
            how = claim.how + (f" (to decide it: {claim.decide})" if claim.decide else "")
            found = claim.number.printed if claim.number else ""
            cells = (str(claim.place), claim.text, how, claim.expected or "", found)
            style = _STYLES.get(claim.verdict.value, "")
            table.add_row(Text(claim.verdict.value, style), *(Text(cell) for cell in cells))
        console.print(table)
    for entry in ledger.missing:
        part = f" ({entry.experiment})" if entry.experiment else ""
        where = f" [{entry.place}]" if str(entry.place) else ""
        console.print(f"not found: {entry.what}{part}{where}: {entry.evidence}", markup=False, highlight=False)
    for problem in ledger.problems:
        console.print(f"not read: {problem}", markup=False, highlight=False)
    console.print(f"{ledger.source}: {ledger.summary}", markup=False, highlight=False)
