"""The extras of pyproject.toml: which modules each brings, and what to say where one is missing."""

import importlib.util

from reportgen.errors import MissingExtraError

EXTRAS = {
    "pdf": ("weasyprint", "pydyf", "fontTools"),
    "build": (
        *("torch", "torchvision", "torchinfo", "sklearn", "scipy", "matplotlib", "joblib", "safetensors"),
        *("platformdirs", "numba", "llvmlite"),
    ),
}
"""Modules by the extra that brings them; ``build`` brings ``pdf``, too."""
_SPARE = {"numba", "llvmlite"}
"""What a build can do without: there is an engine that needs neither."""


def require(extra: str) -> None:
    """Look for every module of an extra without loading any, so that what can't be ended is not begun.

    Raises:
        MissingExtraError: one is not installed.
    """
    for module in EXTRAS[extra] + (EXTRAS["pdf"] if extra == "build" else ()):
        if module not in _SPARE and importlib.util.find_spec(module) is None:
            raise _missing(module, extra)


def explain_missing(error: ModuleNotFoundError) -> MissingExtraError | None:
    """What a failed import means to the user; None where no extra brings the module."""
    module = (error.name or "").partition(".")[0]
    extra = next((extra for extra, modules in EXTRAS.items() if module in modules), None)
    return None if extra is None else _missing(module, extra)


def _missing(module: str, extra: str) -> MissingExtraError:
    # pip takes the reportgen that is installed, whatever it was installed from, and adds the extra's libraries
    return MissingExtraError(f"this needs {module}, which is not installed. Run: pip install 'reportgen[{extra}]'")
