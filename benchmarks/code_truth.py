# ruff: noqa: E501 (each way of writing is one piece of text)
"""Counts of generated programs, ours against torch's: the network is built on ``meta`` and its ``numel()`` is the judge.

    python -m benchmarks.code_truth [programs] [seed]

Prints right, silent and wrong, and every wrong program. Exit code 1 where one is wrong.
"""

import random
import sys
import warnings
from collections import Counter
from collections.abc import Callable

import torch

from reportgen.code.networks import count
from reportgen.code.program import follow, networks_of
from reportgen.code.source import read_source

HEAD = (
    "import copy\nimport torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
    "from collections import OrderedDict\nfrom functools import partial\nfrom dataclasses import dataclass\n"
)
Draw = random.Random


def leaf(draw: Draw) -> str:
    """One layer, with arguments by place or by name."""
    a, b, k = draw.choice([4, 8, 12]), draw.choice([4, 8, 16]), draw.choice([1, 3, 5])
    bias = draw.choice(["", ", bias=False", ", bias=True", ", bias=None"])
    n = draw.choice([1, 2, 3])
    return draw.choice(
        [
            f"nn.Linear({a}, {b}{bias})",
            f"nn.Linear(in_features={a}, out_features={b})",
            f"nn.Conv{n}d({a}, {b}, {k}{bias})",
            f"nn.Conv2d({a}, {b}, kernel_size=({k}, 3), padding='same'{bias})",
            f"nn.Conv2d({a}, {a * 2}, {k}, groups={draw.choice([1, 2, a])}{bias})",
            f"nn.Conv2d({a}, {b}, {k}, 1, 0, 1, 1, False)",
            f"nn.ConvTranspose{n}d({a}, {b}, {k}, stride=2{bias})",
            f"nn.ConvTranspose2d({a}, {b}, {k}, 2, 1, 1, 2)",
            f"nn.BatchNorm{n}d({b})",
            f"nn.BatchNorm2d({b}, affine=False)",
            f"nn.BatchNorm1d({b}, 1e-5, 0.1, True, False)",
            f"nn.InstanceNorm2d({b}, affine={draw.choice([True, False])})",
            f"nn.GroupNorm(2, {b})",
            f"nn.LayerNorm({draw.choice([str(b), f'[{a}, {b}]', f'({a}, {b}, 3)'])})",
            f"nn.LayerNorm({b}, elementwise_affine=False)",
            f"nn.Embedding({a * 10}, {b})",
            f"nn.Bilinear({a}, {b}, 3{bias})",
            f"nn.{draw.choice(['RNN', 'LSTM', 'GRU'])}({a}, {b}, {n}, bidirectional={draw.choice([True, False])})",
            f"nn.LSTM({a}, {b}, num_layers=2, bias=False, batch_first=True)",
            f"nn.LSTM({a}, {b}, proj_size=3)",
            f"nn.{draw.choice(['RNNCell', 'LSTMCell', 'GRUCell'])}({a}, {b})",
            f"nn.MultiheadAttention({b}, 2{bias})",
            f"nn.MultiheadAttention({b}, 2, kdim={a}, vdim=3)",
            f"nn.TransformerEncoderLayer({b}, 2, dim_feedforward={a * 3})",
            f"nn.TransformerEncoder(nn.TransformerEncoderLayer({b}, 2, {a}), num_layers={n})",
            f"nn.TransformerDecoderLayer({b}, 2, {a})",
            f"nn.PReLU({draw.choice(['', str(b)])})",
            *("nn.ReLU()", "nn.Dropout(0.5)", "nn.Flatten()", "nn.MaxPool2d(2)", "nn.Softmax(dim=1)", "nn.Identity()"),
        ]
    )


def leaves(draw: Draw, least: int = 2) -> list[str]:
    """A few layers."""
    return [leaf(draw) for _ in range(draw.randint(least, 5))]


def module(lines: list[str], before: str = "", make: str = "Net()", after: str = "", base: str = "nn.Module") -> str:
    """A class whose constructor has these lines."""
    body = "\n".join(f"        {line}" for line in ["super().__init__()", *lines])
    args = "self" if make == "Net()" else "self, n=8, width=4"
    return f"{HEAD}{before}class Net({base}):\n    def __init__({args}):\n{body}\nnet = {make}\n{after}"


def attributes(draw: Draw) -> list[str]:
    return [f"self.a{at} = {text}" for at, text in enumerate(leaves(draw))]


def listed(draw: Draw) -> str:
    return ", ".join(leaves(draw))


STYLES: list[Callable[[Draw], str]] = [
    lambda d: f"{HEAD}net = nn.Sequential({listed(d)})\n",
    lambda d: f"{HEAD}layers = [{listed(d)}]\nnet = nn.Sequential(*layers)\n",
    lambda d: (
        f"{HEAD}layers = []\nfor i in range({d.randint(1, 4)}):\n    layers.append({leaf(d)})\n    layers += [nn.ReLU()]\nnet = nn.Sequential(*layers)\n"
    ),
    lambda d: f"{HEAD}net = nn.Sequential(OrderedDict([('a', {leaf(d)}), ('b', {leaf(d)})]))\n",
    lambda d: (
        f"{HEAD}net = nn.Sequential()\nnet.add_module('x', {leaf(d)})\nnet.append({leaf(d)})\nnet.extend([{listed(d)}])\n"
    ),
    lambda d: f"{HEAD}net = nn.Sequential({listed(d)}, {listed(d)})\nnet[{d.choice([0, 1, -1])}] = {leaf(d)}\n",
    lambda d: f"{HEAD}net = nn.Sequential({listed(d)}, {leaf(d)})\ndel net[{d.choice([0, 1, -1])}]\n",
    lambda d: f"{HEAD}net = nn.Sequential({listed(d)})\nnet.insert({d.choice([0, 1])}, {leaf(d)})\n",
    lambda d: f"{HEAD}net = nn.Sequential({listed(d)}, {leaf(d)})\nnet.pop({d.choice([0, -1])})\n",
    lambda d: (
        f"{HEAD}whole = nn.Sequential({listed(d)}, {listed(d)})\nnet = whole[{d.choice([':-1', '1:', '::2', ':2'])}]\n"
    ),
    lambda d: f"{HEAD}part = nn.Sequential({listed(d)})\nnet = nn.Sequential(part, {leaf(d)}, part)\n",
    lambda d: (
        f"{HEAD}part = nn.Sequential({listed(d)})\nnet = nn.Sequential(*[copy.deepcopy(part) for _ in range({d.randint(1, 4)})])\n"
    ),
    lambda d: module(attributes(d)),
    lambda d: module([f"self.m = nn.ModuleList([{listed(d)}])", *attributes(d)]),
    lambda d: module([f"self.m = nn.ModuleList([nn.Linear(i, i + 1) for i in range(1, {d.randint(2, 6)})])"]),
    lambda d: module([f"self.m = nn.ModuleDict({{'a': {leaf(d)}, 'b': {leaf(d)}}})", f"self.m['c'] = {leaf(d)}"]),
    lambda d: module([f"self.m = [{listed(d)}]", *attributes(d)]),
    lambda d: module([f"self.m = {{'a': {leaf(d)}}}", *attributes(d)]),
    lambda d: module([*attributes(d), "self.tied = self.a0"]),
    lambda d: module(
        ["self.e = nn.Embedding(20, 8)", "self.o = nn.Linear(8, 20, bias=False)", "self.o.weight = self.e.weight"]
    ),
    lambda d: module([*attributes(d), f"self.w = nn.Parameter(torch.zeros({d.randint(1, 9)}, 3))"]),
    lambda d: module(
        [*attributes(d), f"self.w = nn.Parameter(torch.randn(1, {d.randint(1, 9)}), requires_grad=False)"]
    ),
    lambda d: module(
        [*attributes(d), "self.register_buffer('pos', torch.zeros(5, 7))", "self.register_parameter('none', None)"]
    ),
    lambda d: module([*attributes(d), f"self.register_parameter('w', nn.Parameter(torch.ones({d.randint(1, 9)})))"]),
    lambda d: module([f"for i in range({d.randint(1, 4)}):", f"    setattr(self, f'l{{i}}', {leaf(d)})"]),
    lambda d: module([f"for i in range({d.randint(1, 4)}):", f"    self.add_module(f'l{{i}}', {leaf(d)})"]),
    lambda d: module([*attributes(d), f"self.a0 = {leaf(d)}", "self.a1 = None"]),
    lambda d: module([*attributes(d), "del self.a1"]),
    lambda d: module(attributes(d), after=f"net.a0 = {leaf(d)}\n"),
    lambda d: module(attributes(d), after="for p in net.a0.parameters():\n    p.requires_grad = False\n"),
    lambda d: module(
        attributes(d),
        after="for name, p in net.named_parameters():\n    if 'weight' in name:\n        p.requires_grad = False\n",
    ),
    lambda d: module(
        attributes(d), after="for name, p in net.named_parameters():\n    p.requires_grad_(name.startswith('a1'))\n"
    ),
    lambda d: module(attributes(d), after="net.requires_grad_(False)\nnet.a0.requires_grad_(True)\n"),
    lambda d: module(
        attributes(d),
        after="for child in list(net.children())[:1]:\n    for p in child.parameters():\n        p.requires_grad = False\n",
    ),
    lambda d: module(
        attributes(d),
        after="for m in net.modules():\n    if isinstance(m, nn.Linear):\n        m.weight.requires_grad = False\n",
    ),
    lambda d: module(
        ["self.l = nn.Linear(width, n)", f"self.m = nn.Sequential(nn.Linear(n, {d.randint(1, 5)}))"],
        make=d.choice(["Net(n=6)", "Net(3, 5)", "Net(width=2)", "Net(*[2, 3])", "Net(**{'n': 7})"]),
    ),
    lambda d: module(
        [*attributes(d), "self.b = Block(3)", "self.c = nn.ModuleList([Block(i) for i in (1, 2)])"],
        before=f"class Block(nn.Module):\n    def __init__(self, k):\n        super(Block, self).__init__()\n        self.l = nn.Linear(k, k)\n        self.x = {leaf(d)}\n",
    ),
    lambda d: module(
        attributes(d),
        before=f"class Base(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.base = {leaf(d)}\n",
        base="Base",
    ),
    lambda d: (
        f"{HEAD}class Net(nn.Sequential):\n    def __init__(self):\n        super().__init__({listed(d)})\n        self.more = {leaf(d)}\nnet = Net()\n"
    ),
    lambda d: (
        f"{HEAD}class Lin(nn.Linear):\n    def __init__(self, n):\n        super().__init__(n, n + 1)\nnet = nn.Sequential(Lin({d.randint(1, 9)}), {leaf(d)})\n"
    ),
    lambda d: (
        f"{HEAD}def block(i, o, norm=True):\n    layers = [nn.Conv2d(i, o, 3, bias=not norm)]\n    if norm:\n        layers.append(nn.BatchNorm2d(o))\n    return layers\nnet = nn.Sequential(*block(1, {d.randint(1, 9)}), *block(3, 4, False))\n"
    ),
    lambda d: (
        f"{HEAD}def make(cfg):\n    layers, c = [], 3\n    for v in cfg:\n        if v == 'M':\n            layers += [nn.MaxPool2d(2)]\n        else:\n            layers += [nn.Conv2d(c, v, 3), nn.ReLU()]\n            c = v\n    return nn.Sequential(*layers)\nnet = make([{d.randint(2, 9)}, 'M', {d.randint(2, 9)}, 'M'])\n"
    ),
    lambda d: (
        f"{HEAD}cfg = {{'sizes': [4, {d.randint(2, 9)}, 6], 'act': nn.ReLU}}\nnet = nn.Sequential(*[m for i, o in zip(cfg['sizes'], cfg['sizes'][1:]) for m in (nn.Linear(i, o), cfg['act']())])\n"
    ),
    lambda d: (
        f"{HEAD}@dataclass\nclass Cfg:\n    width: int = {d.randint(2, 9)}\n    depth: int = 3\ncfg = Cfg(depth={d.randint(1, 4)})\nnet = nn.Sequential(*(nn.Linear(cfg.width, cfg.width) for _ in range(cfg.depth)))\n"
    ),
    lambda d: (
        f"{HEAD}import argparse\np = argparse.ArgumentParser()\np.add_argument('--hidden-size', type=int, default={d.randint(2, 9)})\nargs = p.parse_args([])\nnet = nn.Sequential(nn.Linear(4, args.hidden_size))\n"
    ),
    lambda d: (
        f"{HEAD}conv = partial(nn.Conv2d, kernel_size={d.choice([1, 3])}, bias=False)\nnet = nn.Sequential(conv(2, {d.randint(2, 9)}), conv(4, 4, bias=True))\n"
    ),
    lambda d: module(
        ["self.l = nn.ParameterList([nn.Parameter(torch.zeros(3, i)) for i in range(1, 4)])", *attributes(d)]
    ),
    lambda d: module([*attributes(d), "self.scale: nn.Parameter = nn.Parameter(torch.tensor(1.0))"]),
    lambda d: f"{HEAD}net = nn.Sequential({listed(d)})\nnet.extra = {leaf(d)}\n",
    lambda d: (
        f"{HEAD}a = nn.Sequential({listed(d)})\nb = copy.deepcopy(a)\nb[0] = {leaf(d)}\nnet = nn.Sequential(a, b)\n"
    ),
]


def truth(text: str) -> tuple[int, int]:
    """Parameters and trainable parameters, as torch counts them."""
    scope: dict[str, object] = {}
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch on its own fast paths
        exec(text, scope)
    net = scope["net"]
    assert isinstance(net, torch.nn.Module)
    sizes = [(weight.numel(), weight.requires_grad) for weight in net.parameters()]
    return sum(size for size, _ in sizes), sum(size for size, needed in sizes if needed)


def ours(text: str) -> tuple[int | None, int | None]:
    """The same, as read; None where we are silent."""
    trace = follow(read_source(text.encode(), "a.py"))
    found = [count(made, trace.opened) for made in networks_of(trace)]
    last = next((one for one in reversed(found) if one.name in {"Net", "Sequential"}), None)
    return (last.parameters, last.trainable) if last is not None else (None, None)


def measure(programs: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Right, silent and wrong, with the programs that are wrong."""
    draw, told, wrong = random.Random(seed), Counter[str](), []
    for at in range(programs):
        style = at % len(STYLES)
        text = STYLES[style](draw)
        try:
            wanted = truth(text)
        except (RuntimeError, ValueError, IndexError, TypeError, AttributeError, KeyError):
            told["not a program"] += 1
            continue
        found = ours(text)
        silent = None in found
        told["right" if found == wanted else "silent" if silent else "wrong"] += 1
        if silent:
            told[f"silent in style {style}"] += 1
        elif found != wanted:
            wrong.append(f"style {style}: {found}, torch {wanted}\n{text}")
    return told, wrong


if __name__ == "__main__":
    asked, seed = (int(argument) for argument in (sys.argv[1:] + ["1000", "15"][len(sys.argv) - 1 :]))
    counts, errors = measure(asked, seed)
    print(*errors, sep="\n")
    print(f"{len(STYLES)} ways of writing, seed {seed}:", dict(counts))
    sys.exit(bool(errors))
