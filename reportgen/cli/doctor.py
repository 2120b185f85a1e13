"""What a build needs from this machine, and whether it is there."""

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from reportgen.assignment.datasets import DATASETS
from reportgen.cli.extras import EXTRAS, explain_missing
from reportgen.errors import ReportgenError
from reportgen.files import bundled_templates, temporary_folder
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
        *_torch(),
        *_engine(),
        *_pango(),
        _fonts(),
        *_data(data_dir),
        _disk(folder),
        _temporary(),
    ]


def _python() -> Finding:
    version = platform.python_version()
    ok = sys.version_info >= (3, 11)
    return Finding("Python", ok, version if ok else f"{version}; install Python 3.11 or later")


def _libraries() -> list[Finding]:
    """Every library that reportgen asks for, extra by extra, as the installed package itself lists them."""
    try:
        lines = importlib.metadata.requires("reportgen") or []
    except importlib.metadata.PackageNotFoundError:
        said = "reportgen runs without being installed, so what it needs is not known. Run: pip install -e '.[build]'"
        return [Finding("Libraries", False, said)]
    left = [wanted for wanted in map(Requirement, lines) if wanted.name != "reportgen"]
    findings = []
    for extra in ("", *EXTRAS):
        group = [wanted for wanted in left if wanted.marker is None or wanted.marker.evaluate({"extra": extra})]
        left = [wanted for wanted in left if wanted.name not in {one.name for one in group}]
        findings.append(_group(extra, group))
    return findings


def _group(extra: str, group: Sequence[Requirement]) -> Finding:
    title = f"Libraries of the extra {extra}" if extra else "Libraries"
    versions = {wanted.name: _version(wanted.name) for wanted in group}
    missing = [name for name, version in versions.items() if version is None]
    unfit = [
        f"{wanted.name} {version}, where {wanted.specifier} is needed"
        for wanted in group
        if (version := versions[wanted.name]) and not wanted.specifier.contains(version, prereleases=True)
    ]
    faults = [f"not installed: {', '.join(missing)}"] * bool(missing) + unfit
    if faults:
        return Finding(title, False, f"{'; '.join(faults)}. Run: pip install 'reportgen{f'[{extra}]' * bool(extra)}'")
    return Finding(title, True, ", ".join(f"{name} {version}" for name, version in versions.items()))


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _torch() -> list[Finding]:
    try:
        import torch
        import torchvision

        fits = f"torchvision {torchvision.__version__} fits"
        device = f"CPU, {torch.get_num_threads()} threads"
        if torch.cuda.is_available():
            device = f"{torch.cuda.get_device_name(0)}; --device cpu trains on the CPU"
    except Exception as error:  # of whatever kind: wheels that don't fit each other raise what they like
        if isinstance(error, ModuleNotFoundError) and explain_missing(error):
            return []  # the libraries say so
        return [Finding("torch with torchvision", False, f"they can't be loaded together: {_one_line(error)}")]
    return [
        Finding("torch with torchvision", True, fits),
        Finding("Device", True, device),
    ]


def _engine() -> list[Finding]:
    """Which engine a build on the CPU takes; none of the answers is a fault, since there is always one."""
    try:
        from reportgen.training.engines.choice import choose_engine

        engine, reason = choose_engine("auto", "cpu")
        if reason:
            return [Finding("Engine", True, f"{engine.name}, PyTorch's own steps, which take longer: {reason}")]
        from reportgen.training.engines.vectorized import machine_code
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and explain_missing(error):
            return []
        return [Finding("Engine", False, _one_line(error))]
    kept = f"its machine code is kept in {machine_code.folder()}"
    if not machine_code.is_lasting():
        kept = "compiled anew by every build, since the cache can't be written: set XDG_CACHE_HOME to a folder that can"
    return [Finding("Engine", True, f"{engine.name}; {kept}")]


def _pango() -> list[Finding]:
    try:
        found = pango_version()
        if not subsets_with_harfbuzz():
            found += "; without libharfbuzz-subset fontTools embeds the fonts, which is slower"
    except ModuleNotFoundError:
        return []
    except Exception as error:  # other versions of WeasyPrint lack what is asked here
        return [Finding("Pango", False, _one_line(error))]
    return [Finding("Pango", True, found)]


def _one_line(error: Exception) -> str:
    return str(error) if isinstance(error, ReportgenError) else f"{type(error).__name__}: {error}".splitlines()[0]


def _fonts() -> Finding:
    fonts = sorted(path.stem for path in (bundled_templates() / "fonts").glob("*.ttf"))
    return Finding("Fonts", bool(fonts), ", ".join(fonts) or "the bundled fonts are missing; install reportgen again")


def _data(data_dir: Path | None) -> list[Finding]:
    try:
        from reportgen.training.cache import cache_folder
        from reportgen.training.images import ENVIRONMENT_VARIABLE, find
    except ModuleNotFoundError as error:
        return [Finding("Data sets", False, f"can't be looked for without {error.name}")]
    findings = []
    for dataset in DATASETS.values():
        try:
            found = find(dataset, data_dir)
        except ReportgenError as error:
            findings.append(Finding(dataset.title, False, str(error)))
            continue
        try:
            place = f"a build downloads it into {cache_folder()}"
        except OSError as error:
            place = f"a build can't download it: {error}, set XDG_CACHE_HOME"
        missing = (  # no fault of the machine
            f"not here yet: {place}; without the internet name a folder that has it "
            f"with --data-dir or {ENVIRONMENT_VARIABLE}, or get a preview on embedded digits"
        )
        findings.append(Finding(dataset.title, True, str(found) if found else missing))
    return findings


def _disk(folder: Path) -> Finding:
    try:
        existing = next(place for place in (folder.absolute(), *folder.absolute().parents) if os.access(place, os.F_OK))
        free = shutil.disk_usage(existing).free
    except OSError as error:  # the folder that the command stands in is gone
        return Finding("Disk", False, f"{error.strerror}: go into another folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        return Finding("Disk", False, f"{existing} can't be written; name another folder with --out")
    said = f"{free / 2**30:.1f} GiB free at {existing}"
    return Finding("Disk", free >= _FREE_SPACE, said if free >= _FREE_SPACE else f"{said}; free some space")


def _temporary() -> Finding:
    try:
        with temporary_folder() as folder:
            return Finding("Temporary files", True, str(folder.parent))
    except ReportgenError as error:
        return Finding("Temporary files", False, str(error))
