"""Packages whose files import each other in all the ways that Python has."""

import pytest

from reportgen.code.module_names import package_of, spellings
from reportgen.code.networks import count
from reportgen.code.program import follow, networks_of
from reportgen.code.source import read_program

_NET = "from torch import nn\ndef made(wide): return nn.Sequential(nn.Linear(3, wide))\n"


def counts(files: dict[str, str]) -> list[int | None]:
    trace = follow(read_program({name: text.encode() for name, text in files.items()}))
    return [count(network, trace.opened).parameters for network in networks_of(trace)]


@pytest.mark.parametrize("folder", ["", "work/of/somebody/"])
@pytest.mark.parametrize(
    "text",
    [
        "from .parts import made\nnets = {'a': made(2)}",
        "from . import parts\nnets = {'a': parts.made(2)}",
        "from models.parts import made\nnets = {'a': made(2)}",
        "from .made import made\nnets = {'a': made(2)}\nfrom models import made as again\nnets['b'] = again(2)",
        "from .inner import made\nnets = {'a': made(2)}",
        "from .inner.deep import again\nnets = {'a': again(2)}",
    ],
)
def test_networks_of_a_package(text: str, folder: str) -> None:
    files = {
        "train.py": "import models\nnet = models.nets['a']",
        "models/__init__.py": text,
        "models/parts.py": _NET,
        "models/made.py": "from .parts import made",
        "models/inner/__init__.py": "from ..parts import made",
        "models/inner/deep.py": "from . import made as again",
        "other/parts.py": _NET.replace("3, wide", "30, wide"),
        "other/__init__.py": "",
    }
    assert 8 in counts({folder + name: content for name, content in files.items()})


def test_a_folder_that_is_itself_the_package() -> None:
    files = {
        "model/net.py": "from course.model.parts import made\nnet = made(2)",
        "model/parts.py": _NET,
        "data/parts.py": _NET.replace("3, wide", "30, wide"),
    }
    assert counts(files) == [8]


def test_a_library_is_no_folder_of_ours() -> None:
    files = {"train.py": "from torch.nn.functional import relu\nnet = 3", "nn/functional.py": "relu = 4"}
    program = read_program({name: text.encode() for name, text in files.items()})
    assert len(program.started) == 2


def test_spellings() -> None:
    assert spellings("course.model.parts") == ("course.model.parts", "model.parts")
    assert spellings("course.model") == ("course.model",)
    assert spellings("torch.nn.functional") == ("torch.nn.functional",)


def test_packages() -> None:
    assert [package_of(name) for name in ("a/b/__init__.py", "a/b/c.py", "c.py")] == ["a.b", "a.b", ""]


_SELF = """
from torch import nn
class Block(nn.Module):
    def __init__(self, wide):
        super().__init__()
        self.one = nn.Linear(3, wide)
    def forward(self, x): return self.one(x)
if __name__ == "__main__":
    net = Block(2)
"""


def test_what_an_imported_file_makes_when_it_is_started() -> None:
    files = {"train.py": "from block import Block\nnet = Block(5)", "block.py": _SELF}
    trace = follow(read_program({name: text.encode() for name, text in files.items()}))
    told = [(count(one).parameters, any(one is other for other in trace.unused)) for one in networks_of(trace)]
    assert told == [(20, False), (8, True)]
