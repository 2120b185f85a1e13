"""The command ``reportgen inspect``."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reportgen.cli.options import Json
from reportgen.cli.terminal import complain, console_of
from reportgen.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from reportgen.inspection.report import Inspection, NetworkReport, RemarkReport, TrainingReport
    from reportgen.pipelines.inspect import Inspected

_MANY = 3
"""Programs from which on only their remarks are printed, unless all is asked for."""


def inspect(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Python files, notebooks, folders, zip archives.", metavar="PATH...", show_default=False),
    ],
    as_json: Json = False,
    sarif: Annotated[Path | None, typer.Option("--sarif", help="Write SARIF for editors.", show_default=False)] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Print the networks and trainings of many programs, too.")
    ] = False,
) -> None:
    """Tell what programs do, without running them: networks, counts, trainings, and what a careful reader remarks."""
    from reportgen.files import write_files
    from reportgen.inspection import report
    from reportgen.pipelines.inspect import collect, inspect_all

    if sarif is not None and sarif.suffix in {".py", ".ipynb"} and sarif.exists():
        raise UsageError(f"--sarif {sarif} is a program, which would be lost: name another file")
    collected = collect(paths)
    found: list[Inspected] = []
    console = console_of()
    shown = everything or len(collected.entries) <= _MANY
    for one in inspect_all(collected):
        found.append(one)
        if not as_json:
            _print(one, console, whole=shown)
    for problem in collected.problems:
        complain(f"not read: {problem}", "note")
    inspections = [one.inspection for one in found if one.inspection is not None]
    if as_json:
        told = [one.inspection or report.Uninspected(source=one.source, error=str(one.error)) for one in found]
        typer.echo(json.dumps([entry.model_dump(mode="json") for entry in told], indent=1, ensure_ascii=False))
    elif len(found) > 1:
        remarked = sum(bool(one.faults) for one in inspections)
        console.print(f"{len(found)} programs, {remarked} with a fault", markup=False, highlight=False)
    if sarif is not None:
        content = json.dumps(report.sarif(inspections), indent=1) + "\n"
        write_files(sarif.parent, {sarif.name: content.encode()})
    errors = [one.error for one in found if one.error is not None]
    code = max((error.exit_code for error in errors), default=int(any(one.faults for one in inspections)))
    if code:
        raise typer.Exit(code)


def _print(one: "Inspected", console: "Console", *, whole: bool) -> None:
    if one.inspection is None:
        complain(str(one.error))
        return
    inspection = one.inspection
    if not whole and not inspection.remarks and not inspection.problems:
        return
    console.print()
    console.print(inspection.source, style="bold", markup=False, highlight=False)
    for network in inspection.networks if whole else ():
        _print_network(network, console)
    for remark in inspection.remarks:
        _print_remark(remark, inspection, console)
    for problem in inspection.problems:
        console.print(f"not read: {problem}", markup=False, highlight=False)
    console.print()
    console.print(inspection.summary, markup=False, highlight=False)


def _print_network(network: "NetworkReport", console: "Console") -> None:
    unused = "" if network.made else "; no line makes it"
    counted = f"{network.parameters:,} parameters" if network.parameters is not None else "not counted"
    if network.trainable is not None and network.trainable != network.parameters:
        counted += f", {network.trainable:,} of them trainable"
    console.print()
    console.print(f"{network.name} ({network.spot}): {counted}{unused}", markup=False, highlight=False)
    if network.lost:
        console.print(f"  not followed: {network.lost}", style="yellow", markup=False, highlight=False)
    if network.layers:
        console.print(_layers(network))
    for name, text in _training(network.training) if network.training is not None else ():
        console.print(f"  {name + ':':<13}{text}", markup=False, highlight=False, soft_wrap=False)


def _layers(network: "NetworkReport") -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Line", justify="right", style="dim")
    table.add_column("Layer", overflow="fold")
    table.add_column("Output", overflow="fold")
    table.add_column("Parameters", justify="right", overflow="fold")
    table.add_column("Worked out", overflow="fold")
    if network.input is not None:
        table.add_row("", "input", sizes(network.input), "", "")
    for layer in network.layers:
        title = f"{layer.type} {layer.settings}".strip()
        count = "unknown" if layer.parameters is None else f"{layer.parameters:,}" if layer.parameters else ""
        working = layer.working.rpartition(" = ")[0]
        if layer.shared:
            count, working = "", "shared: counted above"
        if not layer.applied:
            working = f"{working}; not applied".removeprefix("; ")
        cells = (title, sizes(layer.output), count, working)
        table.add_row(str(layer.spot.line or ""), *(Text(cell) for cell in cells))
    if network.parameters is not None:
        table.add_section()
        table.add_row("", "Total", "", f"{network.parameters:,}", network.working.rpartition(" = ")[0])
    return table


def sizes(shape: Sequence[int | None] | None) -> str:
    """Sizes without the batch's: ``16×14×14``; empty where they are not known."""
    if shape is None:
        return ""
    return "×".join("?" if size is None else str(size) for size in shape[1:])


def _training(training: "TrainingReport") -> list[tuple[str, str]]:
    """How a network is trained, as names and words."""
    optimizers = [
        f"{one.name}({', '.join(f'{name}={value}' for name, value in one.settings.items())})"
        + (f", holds {one.holds:,} parameters" if one.holds is not None else "")
        for one in training.optimizers
    ]
    mode = {True: ", in evaluation mode", False: ", not in evaluation mode", None: ""}[training.evaluation_mode]
    measured = " and ".join(training.measured_on)
    batches = ", ".join("unknown" if size is None else str(size) for size in training.batch_sizes)
    rows = [
        ("optimizer", "; ".join(optimizers) or "unknown"),
        ("loss", "; ".join(one.name + (" of logits" if one.logits else "") for one in training.losses) or "unknown"),
        ("trained on", " and ".join(training.trained_on) or "unknown"),
        ("measured on", measured + mode if measured else "unknown"),
        ("epochs", "unknown" if training.epochs is None else f"{training.epochs:,}"),
        ("batch size", batches or "unknown"),
        ("augmented", ", ".join(training.augmentations)),
        ("chosen by", ", ".join(training.chooses)),
    ]
    return [(name, text) for name, text in rows if text]


def _print_remark(remark: "RemarkReport", inspection: "Inspection", console: "Console") -> None:
    from rich.text import Text

    style = "bold red" if remark.level.value == "fault" else "yellow"
    several = len(inspection.files) > 1
    where = str(remark.spot) if several else str(remark.spot).partition(", ")[2]
    line = Text.assemble((remark.level.value, style), f" {where}: " if where else " ", remark.reason)
    console.print()
    console.print(line, highlight=False)
    if remark.text:
        console.print(f"    {remark.text}", style="dim", markup=False, highlight=False)
    if remark.usual:
        console.print(f"    usual: {remark.usual}", markup=False, highlight=False)
    console.print(f"    [{remark.rule}]", style="dim", markup=False, highlight=False)
