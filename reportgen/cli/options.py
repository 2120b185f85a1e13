"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

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
