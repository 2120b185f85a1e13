"""What the machine knows of libraries: a handler for each name, found by its full name."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from reportgen.code.arguments import Arguments
from reportgen.code.host import Host
from reportgen.code.values import Known, Value

Handler = Callable[[Host, Arguments], Value]
FOLLOWED = frozenset({"torch", "keras", "torchvision"})
"""Libraries whose unknown names are worth a word."""
_ALIASES = (
    ("tensorflow.python.keras", "keras"),
    ("tensorflow.keras", "keras"),
    ("tf_keras", "keras"),
    ("keras.api", "keras"),
    ("keras.src", "keras"),
    ("torchvision.transforms.v2", "torchvision.transforms"),
    ("torchvision.transforms.transforms", "torchvision.transforms"),
    ("torchvision.datasets.mnist", "torchvision.datasets"),
    ("torch.utils.data.dataloader", "torch.utils.data"),
    ("torch.utils.data.sampler", "torch.utils.data"),
    ("torch.utils.data.dataset", "torch.utils.data"),
    ("torch.nn.modules", "torch.nn"),
    ("torch.optim.adam", "torch.optim"),
    ("pytorch_lightning", "lightning"),
    ("lightning.pytorch", "lightning"),
    ("tqdm.auto", "tqdm"),
    ("tqdm.notebook", "tqdm"),
    ("torch.cuda.amp", "torch.amp"),
)
_EXACT: dict[str, Handler] = {}
_PREFIXES: dict[str, Handler] = {}


def library(*paths: str) -> Callable[[Handler], Handler]:
    """Register a handler for names; one that ends with a dot stands for all names below it."""

    def register(handler: Handler) -> Handler:
        for path in paths:
            (_PREFIXES if path.endswith(".") else _EXACT)[path] = handler
        return handler

    return register


@lru_cache(maxsize=4096)
def full_name(path: str) -> str:
    """The one name that stands for all spellings of it."""
    for alias, name in _ALIASES:
        if path == alias or path.startswith(f"{alias}."):
            return name + path[len(alias) :]
    return path


def handler(path: str) -> Handler | None:
    """The handler of a name; None where there is none."""
    prefixes = [prefix for prefix in _PREFIXES if path.startswith(prefix)] if path not in _EXACT else []
    found = _PREFIXES[max(prefixes, key=len)] if prefixes else _EXACT.get(path)
    if found is None:
        return None
    chosen = found
    return lambda host, given: chosen(host, replace(given, path=given.path or path))


def call(name: str, host: Host, given: Arguments) -> Value:
    """What the handler of a name gives.

    Raises:
        KeyError: there is none.
    """
    return _EXACT[name](host, replace(given, path=given.path or name))


def knows(path: str) -> bool:
    """Tell whether there is a handler for a name."""
    return handler(full_name(path)) is not None


def constant(path: str) -> Value | None:
    """The value of a name that is a number."""
    known = {"math.pi": math.pi, "numpy.pi": math.pi, "math.e": math.e, "numpy.newaxis": None}
    return Known(known[path]) if path in known else None
