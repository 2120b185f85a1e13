"""What a build needs from this machine, and whether it is there."""

import importlib.metadata
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from reportgen.assignment.datasets import DATASETS
from reportgen.errors import ReportgenError
from reportgen.files import bundled_templates
from reportgen.rendering.pdf import check_pango
from reportgen.training.images import ENVIRONMENT_VARIABLE, cache_folder, find

_FREE_SPACE = 200 * 2**20
"""Bytes that a build with a downloaded data set needs at most."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    text: str
    """What was found, or what to do."""


def examine(folder: Path, data_dir: Path | None) -> list[Finding]:
    """Look at everything a build needs; ``folder`` is where it would write."""
    return [_python(), *_libraries(), _device(), _pango(), _fonts(), *_data(data_dir), _disk(folder)]


def _python() -> Finding:
    version = platform.python_version()
    ok = sys.version_info >= (3, 11)
    return Finding("Python", ok, version if ok else f"{version}; install Python 3.11 or later")


def _libraries() -> list[Finding]:
    found = []
    for library in ("torch", "torchvision", "torchinfo", "scikit-learn", "matplotlib", "weasyprint"):
        try:
            found.append(Finding(library, True, importlib.metadata.version(library)))
        except importlib.metadata.PackageNotFoundError:
            found.append(Finding(library, False, "not installed; install reportgen again"))
    try:
        import torchvision  # noqa: F401
    except Exception as error:
        found.append(Finding("torch with torchvision", False, f"they don't fit together: {error}"))
    return found


def _device() -> Finding:
    try:
        import torch
    except Exception as error:
        return Finding("Device", False, f"torch can't be loaded: {error}")
    if torch.cuda.is_available():
        return Finding("Device", True, f"{torch.cuda.get_device_name(0)}; --device cpu trains on the CPU")
    return Finding("Device", True, f"CPU, {torch.get_num_threads()} threads")


def _pango() -> Finding:
    try:
        return Finding("Pango", True, check_pango())
    except ReportgenError as error:
        return Finding("Pango", False, str(error))


def _fonts() -> Finding:
    fonts = sorted(path.stem for path in (bundled_templates() / "fonts").glob("*.ttf"))
    return Finding("Fonts", bool(fonts), ", ".join(fonts) or "the bundled fonts are missing; install reportgen again")


def _data(data_dir: Path | None) -> list[Finding]:
    findings = []
    for dataset in DATASETS.values():
        try:
            found = find(dataset, data_dir)
        except ReportgenError as error:
            findings.append(Finding(dataset.title, False, str(error)))
            continue
        missing = (
            f"not here yet: a build downloads it into {cache_folder()}; without the internet name a folder that has it "
            f"with --data-dir or {ENVIRONMENT_VARIABLE}, or get a preview on embedded digits"
        )
        findings.append(Finding(dataset.title, found is not None, str(found) if found else missing))
    return findings


def _disk(folder: Path) -> Finding:
    existing = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    said = f"{free / 2**30:.1f} GiB free at {existing}"
    return Finding("Disk", free >= _FREE_SPACE, said if free >= _FREE_SPACE else f"{said}; free some space")
