"""The small inputs that once failed, kept outside of the project."""

import os
from pathlib import Path

import pytest

VARIABLE = "REPORTGEN_CASES"


def case(name: str) -> Path:
    """An input by its path below the folder; skips the test where the folder isn't named."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"{VARIABLE} does not name the folder of cases")
    return Path(folder) / name
