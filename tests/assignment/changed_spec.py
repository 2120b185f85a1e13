"""The bundled assignment as raw content, and what is left of it after a change."""

import copy
import tomllib
from importlib import resources
from typing import Any

SPEC: dict[str, Any] = tomllib.loads(
    (resources.files("reportgen.assignment") / "csl7590-a1.toml").read_text(encoding="utf-8")
)
DELETED = object()
CNN = ("networks", "cnn", "layers")
FIRST, SECOND, BONUS = (("experiments", index) for index in range(3))
Change = tuple[tuple[str | int, ...], Any]


def changed(*changes: Change) -> dict[str, Any]:
    """The bundled spec with some entries put in, replaced or deleted."""
    raw = copy.deepcopy(SPEC)
    for path, value in changes:
        owner: Any = raw
        for part in path[:-1]:
            owner = owner[part]
        if value is DELETED:
            del owner[path[-1]]
        else:
            owner[path[-1]] = value
    return raw
