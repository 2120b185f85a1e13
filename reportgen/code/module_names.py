"""The names that files are imported by."""

import re
import sys

LIBRARIES = frozenset(
    ["torch", "torchvision", "keras", "tensorflow", "numpy", "scipy", "sklearn", "pandas", "matplotlib", "lightning"]
) | frozenset(sys.stdlib_module_names)
"""Packages that are taken to be installed: what is followed, what such programs stand on, what comes with Python."""


def dotted_name(name: str) -> str:
    """The dotted name that a file is imported by, from the folder that all stand in."""
    return re.sub(r"(?:^|\.)__init__$", "", re.sub(r"\.\w+$", "", name).replace("/", "."))


def package_of(name: str) -> str:
    """The dotted name of the package that a file belongs to; that of ``__init__`` is the file's own."""
    dotted = dotted_name(name)
    return dotted if name.rpartition("/")[2].startswith("__init__.") else dotted.rpartition(".")[0]


def spellings(path: str) -> tuple[str, ...]:
    """A dotted name, and what it is where the folder that is read is itself the package that it begins with."""
    first, _, rest = path.partition(".")
    return (path, rest) if "." in rest and first not in LIBRARIES else (path,)
