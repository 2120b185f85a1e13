"""What changes a network in ways that one could miss: counted as Python would build it, or lost, never otherwise."""

import pytest
import torch
from torch import nn

from reportgen.code.networks import count
from reportgen.code.program import follow, networks_of
from reportgen.code.source import read_source

_HEAD = """import copy
import torch
from torch import nn
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.base = nn.Linear(5, 7)
class Plain:
    def __init__(self):
        super().__init__()
        self.plain = nn.Linear(2, 9)
"""
_NET = "net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))\n"
_MADE = "        super().__init__()\n        self.own = nn.Linear(3, 4)\n"
_RIGHT = [
    f"class Net(Base, Other):\n    def __init__(self):\n{_MADE}net = Net()",
    f"class Net(nn.Module, Plain):\n    def __init__(self):\n{_MADE}net = Net()",
    f"class Net(Plain, nn.Module):\n    def __init__(self):\n{_MADE}net = Net()",
    f"class Net(Left, Right):\n    def __init__(self):\n{_MADE}net = Net()",
    "class Net(Left, Right): pass\nnet = Net()",
    "class Outer:\n    class Inner(Base):\n        pass\nclass Net(Outer.Inner): pass\nnet = Net()",
    "def wider(cls):\n    before = cls.__init__\n    def made(self):\n        before(self)\n"
    "        self.more = nn.Linear(2, 2)\n    cls.__init__ = made\n    return cls\n"
    f"@wider\nclass Net(nn.Module):\n    def __init__(self):\n{_MADE}net = Net()",
    "kinds = {}\ndef keep(name):\n    def kept(cls):\n        kinds[name] = cls\n        return cls\n    return kept\n"
    "@keep('base')\nclass Net(Base): pass\nnet = kinds['base']()",
    f"{_NET}net = net + nn.Sequential(nn.Linear(2, 6))",
    f"{_NET}net += nn.Sequential(nn.Linear(2, 6))",
    f"{_NET}net = net * 2",
    "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        parts = self.parts = []\n"
    "        parts += [nn.Linear(3, 3), nn.Linear(3, 3)]\n        self.body = nn.Sequential(*self.parts)\nnet = Net()",
    f"{_NET}def unbiased(layer):\n    if isinstance(layer, nn.Linear):\n        layer.bias = None\n"
    "net.apply(unbiased)",
    f"{_NET}def frozen(layer):\n    if type(layer) == nn.Linear:\n        layer.requires_grad_(False)\n"
    "net.apply(frozen)",
    f"{_NET}def started(layer):\n    if layer.__class__.__name__.find('Linear') != -1:\n"
    "        nn.init.normal_(layer.weight.data, 0, 0.02)\n        layer.bias.data.fill_(0)\nnet.apply(started)",
    f"{_NET}net.apply(lambda layer: layer.requires_grad_(False))",
    f"{_NET}net[0].weight.data = torch.zeros(6, 6)",
    f"{_NET}for each in net.parameters():\n    each.data = each.data - 0.1 * each",
    f"{_NET}net.__setitem__(2, nn.Linear(4, 9))",
    f"{_NET}net.__delitem__(0)",
    f"{_NET}net.__setattr__('more', nn.Linear(1, 1))",
    f"{_NET}delattr(net, '2')",
    "class Net(nn.Module):\n    def __setattr__(self, name, value):\n        if name == 'own':\n"
    f"            value = nn.Linear(9, 9)\n        super().__setattr__(name, value)\n"
    f"    def __init__(self):\n{_MADE}net = Net()",
    f"class Net(nn.Module):\n    def __init__(self):\n{_MADE}    def __call__(self, x):\n"
    "        self.late = nn.Linear(2, 2)\n        return x\nnet = Net()\nnet(torch.zeros(1))",
    f"class Net(nn.Module):\n    def __init__(self):\n{_MADE}    def forward(self, x):\n        return x\n"
    "    def __call__(self, x):\n        return super().__call__(x)\nnet = Net()\nnet(torch.zeros(1))",
    "net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Linear(2, 2))\nfor each in net.modules():\n"
    "    if isinstance(each, (nn.modules.batchnorm._BatchNorm, nn.Conv2d)):\n        each.requires_grad_(False)",
    "class Mine(nn.Linear): pass\nnet = nn.Sequential(Mine(2, 3), nn.ReLU())\nfor each in net:\n"
    "    if isinstance(each, nn.Linear):\n        each.requires_grad_(False)",
    "net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(True), nn.Dropout(0.5, True), nn.ELU(1.0, True), nn.Identity(3, 4))",
    "net = nn.Sequential()\nn = 3\nwhile n - 1:\n    net.extend([nn.Linear(n, n - 1), nn.SiLU(True)])\n    n -= 1",
    "parts, n = [], 3\nwhile n - 1:\n    parts.append(nn.Linear(n, n - 1))\n    n -= 1\nnet = nn.Sequential(*parts)",
    "width = 4\ntry:\n    import torch\n    width = 6\nexcept ImportError:\n    width = 9\n"
    "net = nn.Sequential(nn.Linear(width, 2))",
    "class Net(Plain, Base):\n    def made(self): return 3\n    base = property(made)\nnet = Base()",
    f"class Net(nn.Module):\n    def __init__(self):\n{_MADE}    def __getattr__(self, name):\n"
    "        if name == 'late':\n            return nn.Linear(6, 6)\n        return super().__getattr__(name)\n"
    "net = Net()\nnet.more = net.late",
    f"{_NET}net[0].bias.data = torch.zeros(net[0].bias.shape)",
    "def made(more=[]):\n    more += [nn.Linear(2, 2)]\n    return nn.Sequential(*more)\nmade()\nnet = made()",
    "net = nn.ModuleList([nn.Linear(3, 4)])\nnet += [nn.Linear(4, 5)]\nnet = nn.Sequential(*net)",
    f"{_NET}try:\n    torch.load('weights')\nexcept Exception as error:\n    print(error)",
]  # fmt: skip
_LOST = [
    "class Net(nn.Module):\n    def __new__(cls):\n        return nn.Sequential(nn.Linear(7, 7))\nnet = Net()",
    f"{_NET}net.set_submodule('0', nn.Linear(8, 8))",
    "try:\n    import nobody_has_this\n    width = 6\nexcept ImportError:\n    width = 9\n"
    "net = nn.Sequential(nn.Linear(width, 2))",
    f"{_NET}try:\n    torch.load('nothing')\nexcept Exception:\n    net.append(nn.Linear(2, 2))",
    "width = 5\ntry:\n    open('nothing')\nexcept OSError:\n    width = 4\nnet = nn.Sequential(nn.Linear(width, 2))",
    "try:\n    net = nn.Sequential(nn.Linear(3, 4))\n    net[5]\nexcept IndexError:\n"
    "    net = nn.Sequential(nn.Linear(8, 8))\nnet = nn.Sequential(net)",
    f"{_NET}net[input()].weight = nn.Parameter(torch.zeros(1))",
]  # fmt: skip
_BASES = """
class Other(nn.Module):
    def __init__(self):
        super().__init__()
        self.other = nn.Linear(1, 6)
class Root(nn.Module):
    def __init__(self):
        super().__init__()
        self.root = nn.Linear(2, 3)
class Left(Root):
    def __init__(self):
        super().__init__()
        self.left = nn.Linear(3, 5)
class Right(Root):
    def __init__(self):
        super().__init__()
        self.right = nn.Linear(5, 7)
"""


def built(text: str) -> tuple[int, int]:
    """The parameters and the trainable ones of ``net``, as torch makes it."""
    scope: dict[str, object] = {"__name__": "__main__"}
    with torch.device("meta"):
        exec(compile(text, "net.py", "exec"), scope)
    net = scope["net"]
    assert isinstance(net, nn.Module)
    sizes = [(one.numel(), one.requires_grad) for one in net.parameters()]
    return sum(size for size, _ in sizes), sum(size for size, trained in sizes if trained)


def read(text: str) -> list[tuple[int | None, int | None]]:
    trace = follow(read_source(text.encode(), "net.py"))
    made = [network for network in networks_of(trace) if not any(network is one for one in trace.unused)]
    counted = [count(network, trace.opened) for network in made]
    return [(one.parameters, one.trainable) for one in counted]


@pytest.mark.parametrize("text", _RIGHT)
def test_changes_that_are_followed(text: str) -> None:
    program = f"{_HEAD}{_BASES}{text}\n"
    assert built(program) in read(program)


@pytest.mark.parametrize("text", _LOST)
def test_changes_that_lose_a_network(text: str) -> None:
    assert (None, None) in read(f"{_HEAD}{_BASES}{text}\n")
