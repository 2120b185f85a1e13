"""What may not happen, or more often than it is followed, makes the networks lost that it changes, and no others."""

import pytest

from reportgen.code.networks import Network, count
from reportgen.code.program import follow, networks_of
from reportgen.code.source import read_source

HEAD = "import argparse\nimport os\nimport sys\nfrom torch import nn\n"


def network(lines: str) -> Network:
    """The last network of a program."""
    trace = follow(read_source(f"{HEAD}{lines}".encode(), "a.py"))
    return [count(made, trace.opened) for made in networks_of(trace)][-1]


def constructed(lines: str) -> str:
    """A program with a class whose constructor has these lines."""
    body = "\n".join(f"        {line}" for line in lines.splitlines())
    return f"class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n{body}\nnet = Net()\n"


DOUBTFUL = [
    "layers = []\nfor i in range(3):\n    if os.path.exists(str(i)): continue\n    layers.append(nn.Linear(2, 2))\n"
    "net = nn.Sequential(*layers)",
    "layers = []\nfor i in range(3):\n    if os.path.exists(str(i)): break\n    layers.append(nn.Linear(2, 2))\n"
    "net = nn.Sequential(*layers)",
    "layers = []\nfor i in range(3):\n    layers.append(nn.Linear(2, 2))\n    if os.path.exists(str(i)): break\n"
    "net = nn.Sequential(*layers)",
    "layers = []\nwhile True:\n    layers.append(nn.Linear(2, 2))\n    if os.path.exists('a'): break\n"
    "net = nn.Sequential(*layers)",
    "net = nn.Sequential(nn.Linear(2, 2))\nfor i in range(3):\n    if os.path.exists(str(i)): continue\n"
    "    net.append(nn.Linear(2, 2))",
    "net = nn.Sequential(nn.Linear(2, 2))\nfor name in os.listdir():\n    net.append(nn.Linear(2, 2))",
    "net = nn.Sequential(nn.Linear(2, 2))\nwhile input():\n    net.append(nn.Linear(2, 2))",
    "net = nn.Sequential(nn.Linear(2, 2))\nwhile input():\n    net.add_module('b', nn.Linear(2, 2))",
    "net = nn.Sequential()\nfor i in range(500):\n    net.append(nn.Linear(2, 2))",
    "layers = []\nfor i in range(500):\n    layers.append(nn.Linear(2, 2))\nnet = nn.Sequential(*layers)",
    "def grow(net):\n    if input(): return net\n    net.append(nn.Linear(2, 2))\n    return net\n"
    "net = grow(nn.Sequential(nn.Linear(2, 2)))",
    constructed("self.a = nn.Linear(2, 2)\nif input(): return\nself.b = nn.Linear(2, 2)"),
    constructed("self.a = nn.Linear(2, 2)\nif input(): self.b = nn.Parameter(nn.Linear(2, 2).weight)"),
    constructed("match input():\n    case 'a': self.a = nn.Linear(2, 2)\n    case _: self.a = nn.Linear(3, 3)"),
    constructed("match 3:\n    case 3 if input(): self.a = nn.Linear(2, 2)\n    case _: self.a = nn.Linear(3, 3)"),
    constructed("match [1, 2]:\n    case [a, b]: self.a = nn.Linear(2, 2)\n    case _: self.a = nn.Linear(3, 3)"),
    "layers = [nn.Linear(2, 2), nn.Linear(2, 2)]\nif input(): layers.pop()\nnet = nn.Sequential(*layers)",
    "layers = [nn.Linear(2, 2), nn.Linear(2, 2)]\nif input(): del layers[0]\nnet = nn.Sequential(*layers)",
    "layers = [nn.Linear(2, 2)]\nif input(): layers.clear()\nnet = nn.Sequential(*layers)",
    "named = {'a': nn.Linear(2, 2)}\nif input(): named.update(b=nn.Linear(2, 2))\nnet = nn.ModuleDict(named)\n"
    "net = nn.Sequential(net)",
    "named = {'a': nn.Linear(2, 2)}\nif input(): named.pop('a')\nnet = nn.Sequential(*named.values())",
    "named = {'a': nn.Linear(2, 2)}\nif input(): named['b'] = nn.Linear(2, 2)\nnet = nn.Sequential(*named.values())",
    "def made():\n    yield nn.Linear(2, 2)\n    if input(): yield nn.Linear(2, 2)\n    yield nn.Linear(2, 2)\n"
    "net = nn.Sequential(*made())",
    "parser = argparse.ArgumentParser()\nparser.add_argument('--norm')\nargs = parser.parse_args()\n"
    "net = nn.Sequential(nn.Linear(2, 2))\nif args.norm: net.append(nn.BatchNorm1d(2))",
    "parser = argparse.ArgumentParser()\nparser.add_argument('width', type=int)\nargs = parser.parse_args()\n"
    "net = nn.Sequential(nn.Linear(2, args.width or 3))",
    "net = nn.ModuleList([nn.ModuleList([nn.Linear(1, 1) for _ in range(60)]) for _ in range(60)])\n"
    "net = nn.Sequential(net)",
]


@pytest.mark.parametrize("lines", DOUBTFUL)
def test_a_network_that_may_be_another_is_lost(lines: str) -> None:
    found = network(lines)
    assert found.parameters is None
    assert found.lost


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("if input(): net = nn.Sequential(nn.Linear(2, 2))", 6),
        ("def build():\n    layers = []\n    layers.append(nn.Linear(2, 2))\n    return nn.Sequential(*layers)\n"
         "def main():\n    if input(): return\n    net = build()\nmain()", 6),
        ("for name in ['a', 'b']:\n    if os.path.exists(name): continue\n    net = nn.Sequential(nn.Linear(2, 2))\n"
         "    net.append(nn.Linear(2, 2))", 12),
        ("layers = []\nfor i in range(3):\n    if i == 1: continue\n    layers.append(nn.Linear(2, 2))\n"
         "net = nn.Sequential(*layers)", 12),
        ("for i in range(3):\n    if os.path.exists(str(i)): break\nnet = nn.Sequential(nn.Linear(2, 2))\n"
         "net.append(nn.Linear(2, 2))", 12),
        ("layers = []\nfor i in range(3):\n    for name in os.listdir():\n        if name: break\n"
         "    layers.append(nn.Linear(2, 2))\nnet = nn.Sequential(*layers)", 18),
        ("if not sys.argv: raise SystemExit\nnet = nn.Sequential(nn.Linear(2, 2))\nnet.append(nn.Linear(2, 2))", 12),
        ("net = nn.Sequential(nn.Linear(2, 2))\nif input() == '3': raise ValueError\nnet.append(nn.Linear(2, 2))", 12),
        ("parser = argparse.ArgumentParser()\nparser.add_argument('--norm', action='store_true')\n"
         "parser.add_argument('-w', '--wide', '--widthwise', default=3)\nargs = parser.parse_args()\n"
         "net = nn.Sequential(nn.Linear(2, args.wide))\nif args.norm: net.append(nn.BatchNorm1d(3))", 9),
    ],
)  # fmt: skip
def test_what_is_made_behind_the_same_condition_is_certain(lines: str, wanted: int) -> None:
    assert network(lines).parameters == wanted
