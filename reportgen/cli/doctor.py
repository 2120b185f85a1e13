"""What a build needs from this machine, and whether it is there."""

import importlib.metadata
import platform
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from reportgen.assignment.datasets import DATASETS
from reportgen.cli.extras import EXTRAS
from reportgen.errors import ReportgenError
from reportgen.files import bundled_templates
from reportgen.rendering.typesetter import pango_version, subsets_with_harfbuzz

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
    return [
        _python(),
        *_libraries(),
        _torchvision(),
        _device(),
        _pango(),
        _fonts(),
        *_data(data_dir),
        _disk(folder),
    ]


def _python() -> Finding:
    version = platform.python_version()
    ok = sys.version_info >= (3, 11)
    return Finding("Python", ok, version if ok else f"{version}; install Python 3.11 or later")


def _libraries() -> list[Finding]:
    """Every library that reportgen asks for, group by group, as the installed package itself lists them."""
    groups: dict[str, list[str]] = {"": [], **{extra: [] for extra in EXTRAS}}
    for line in importlib.metadata.requires("reportgen") or ():
        name = re.match(r"[\w.-]+", line)
        extra = re.search(r"extra == ['\"](\w+)", line)
        group = extra[1] if extra else ""
        if name and group in groups and name[0] != "reportgen":
            groups[group].append(name[0])
    return [_group(extra, names) for extra, names in groups.items()]


def _group(extra: str, names: list[str]) -> Finding:
    versions = {name: _version(name) for name in names}
    missing = [name for name, version in versions.items() if version is None]
    title = f"Libraries of the extra {extra}" if extra else "Libraries"
    if missing:
        remedy = f"pip install 'reportgen[{extra}]'" if extra else "install reportgen again"
        return Finding(title, False, f"not installed: {', '.join(missing)}. Run: {remedy}")
    return Finding(title, True, ", ".join(f"{name} {version}" for name, version in versions.items()))


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _torchvision() -> Finding:
    try:
        import torchvision
    except Exception as error:  # of whatever kind: wheels that don't fit each other raise what they like
        return Finding("torch with torchvision", False, f"they can't be loaded together: {error}")
    return Finding("torch with torchvision", True, f"torchvision {torchvision.__version__} fits")


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
        found = pango_version()
        if not subsets_with_harfbuzz():
            found += "; without libharfbuzz-subset fontTools embeds the fonts, which is slower"
    except (ReportgenError, ModuleNotFoundError) as error:
        return Finding("Pango", False, str(error))
    return Finding("Pango", True, found)


def _fonts() -> Finding:
    fonts = sorted(path.stem for path in (bundled_templates() / "fonts").glob("*.ttf"))
    return Finding("Fonts", bool(fonts), ", ".join(fonts) or "the bundled fonts are missing; install reportgen again")


def _data(data_dir: Path | None) -> list[Finding]:
    try:
        from reportgen.training.images import ENVIRONMENT_VARIABLE, cache_folder, find
    except ModuleNotFoundError as error:
        return [Finding("Data sets", False, f"can't be looked for without {error.name}")]
    findings = []
    for dataset in DATASETS.values():
        try:
            found = find(dataset, data_dir)
        except ReportgenError as error:
            findings.append(Finding(dataset.title, False, str(error)))
            continue
        missing = (  # no fault of the machine: the first build downloads it
            f"not here yet: a build downloads it into {cache_folder()}; without the internet name a folder that has it "
            f"with --data-dir or {ENVIRONMENT_VARIABLE}, or get a preview on embedded digits"
        )
        findings.append(Finding(dataset.title, True, str(found) if found else missing))
    return findings


def _disk(folder: Path) -> Finding:
    existing = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    said = f"{free / 2**30:.1f} GiB free at {existing}"
    return Finding("Disk", free >= _FREE_SPACE, said if free >= _FREE_SPACE else f"{said}; free some space")
