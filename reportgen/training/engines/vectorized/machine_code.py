"""Where the machine code of this package is kept, so that only the first process of many compiles.

numba itself looks whether the file of a function has changed, not whether what the function calls or the constants that
it uses have: a change of ``llvm.py`` would not reach the machine code of ``convolution.py``. So each state of the code,
of the libraries and of the processor has a folder of its own.
"""

import atexit
import functools
import os
import platform
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba

from reportgen.files import code_digest, digest
from reportgen.training.cache import cache_folder, prepare
from reportgen.training.engines.vectorized.batch_rows import LANES

_VARIABLE = "NUMBA_CACHE_DIR"
_TEMPORARY = "reportgen-machine-code-"
_given: list[Path] = []


def compiled(function: Any) -> Any:
    """Compile on first use, without the interpreter's lock, and keep the machine code for the next process."""
    config: Any = numba.config
    before, config.CACHE_DIR = config.CACHE_DIR, str(folder())
    try:
        return numba.njit(nogil=True, cache=True)(function)
    finally:
        config.CACHE_DIR = before


def keep_in(place: Path) -> None:
    """Keep machine code in the folder of the process that started this one; before any loop is imported."""
    _given[:] = [place]


def folder() -> Path:
    """The folder for machine code.

    Below $NUMBA_CACHE_DIR or the user's cache. Where that can't be written it is a temporary one, which goes when this
    process ends: compiling takes seconds, which a training of minutes soon gains.

    Raises:
        OSError: a temporary folder can't be made either.
    """
    return _given[0] if _given else _find()


def is_lasting() -> bool:
    """Tell whether the folder outlasts this process."""
    return not folder().name.startswith(_TEMPORARY)


@functools.cache
def _find() -> Path:
    try:
        root = Path(os.environ[_VARIABLE]) if os.environ.get(_VARIABLE) else cache_folder()
        place = root.absolute() / f"machine-code-{_fingerprint()[:16]}"
        prepare(place)
        return place
    except OSError:
        temporary = Path(tempfile.mkdtemp(prefix=_TEMPORARY))
        atexit.register(shutil.rmtree, temporary, ignore_errors=True)
        return temporary


def _fingerprint() -> str:
    """Of all that the machine code and what it computes depend on.

    numba's own settings are among them: NUMBA_BOUNDSCHECK, say, changes the code and not numba's key of it.
    """
    settings = [f"{key}={value}" for key, value in os.environ.items() if key.startswith("NUMBA_") and key != _VARIABLE]
    libraries = [f"{name} {version(name)}" for name in ("numba", "llvmlite", "numpy", "torch")]
    processor = llvmlite.binding.get_host_cpu_name(), llvmlite.binding.get_host_cpu_features().flatten()
    code = code_digest("training/engines")
    return digest(
        "\n".join([code, platform.python_version(), *libraries, *processor, str(LANES), *sorted(settings)]).encode()
    )
