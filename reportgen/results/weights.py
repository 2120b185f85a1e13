"""The trained weights that lie beside results.json: read again, and put into a page. No torch."""

import base64
from collections.abc import Mapping
from pathlib import Path

from reportgen.files import digest
from reportgen.results.schema import Results

LIMIT = 600_000
"""Bytes of all weights that a page carries; as base64 they take 800,000 of the 2 MB that it may have."""


def read_weights(folder: Path, results: Results) -> tuple[dict[str, bytes], list[str]]:
    """Read the weights of ``results`` from the folder that a build wrote.

    Returns:
        The content of each safetensors file by its name in ``results``, and what the user should know. A file that is
        missing or larger than `LIMIT` is left out, and so is one that can't be read or was altered, which is told.
    """
    found: dict[str, bytes] = {}
    notes = []
    for result in results.experiments:
        # the name comes from a file: never look outside the folder
        path = folder / "weights" / Path(result.weights).name
        try:
            if not path.is_file() or path.stat().st_size > LIMIT:
                continue
            content = path.read_bytes()
        except OSError as error:
            notes.append(f"cannot read {path}: {error.strerror}; {result.id} can't be tried in the HTML")
            continue
        if digest(content) == result.weights_digest:
            found[result.weights] = content
        else:
            notes.append(f"{path} was altered since the build; {result.id} can't be tried in the HTML")
    return found, notes


def encode(results: Results, weights: Mapping[str, bytes]) -> dict[str, str]:
    """Write weights as text that a page can carry: each safetensors file in base64, by experiment id.

    Args:
        results: whose experiments they belong to.
        weights: the content of each file, by its name in ``results``; may lack some.

    Returns:
        The files in the order of the experiments; those that would exceed `LIMIT` together are left out.
    """
    carried: dict[str, str] = {}
    left = LIMIT
    for result in results.experiments:
        content = weights.get(result.weights, b"")
        if 0 < len(content) <= left:
            left -= len(content)
            carried[result.id] = base64.b64encode(content).decode()
    return carried
