import ast
import copy
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reportgen.code.source import Source
from reportgen.code.trace import Forward
from reportgen.code.values import Instance
from reportgen.errors import UnreadableError
from reportgen.grading.findings.code import check_code
from tests.coded import ASSIGNMENT, ROLL, SECOND, SUBMISSION, findings, source, trace

NETWORK = "from torch import nn\n"


@pytest.mark.parametrize(
    "text",
    [
        "x = 0\nwhile True:\n    while True:\n        while True:\n            x += 1",
        "def f(n): return f(n + 1) + f(n + 2)\nf(0)",
        "[[[[0 for a in range(300)] for b in range(300)] for c in range(300)] for d in range(300)]",
        "def f(x): return [f(i) for i in range(300)]\nf(0)",
    ],
)
def test_endless_programs_are_stopped(text: str) -> None:
    (note,) = [finding for finding in findings(text) if finding.check == "files"]
    assert note.reason.startswith("not followed to its end: ")


@pytest.mark.parametrize(
    "text",
    [
        "while True: pass",
        "def f(n): return f(n + 1)\nf(0)",
        "for i in range(10**14): pass",
        "x = 9 ** 9 ** 9 ** 9",
        "x = 1 << 10 ** 9",
        "x = 'a' * 10 ** 12",
        "x = b'a' * 10 ** 12",
        "x = [0] * 10 ** 12",
        "x = 'a' * 10_000\nfor i in range(50): x = x + x",
        "x = 2\nfor i in range(200): x = x * x",
        "x = list(range(10**14))",
        "x = sum(range(10**14))",
        "x = {i: i for i in range(10**14)}",
        "x = set(range(10**14))",
        "x = 'a' in ('a' * 20_000)",
        "class A(A): pass\nclass A(A): pass\nA().x",
        "f = lambda: f()\nf()",
        "class A:\n    @property\n    def x(self): return self.x\nA().x",
        "class A:\n    def __iter__(self): return self\nfor i in A(): pass",
        "class A:\n    def __call__(self): return self()\nA()()",
        "d = {}\nd['d'] = d\nx = f'{d}'",
        "def f():\n    yield from f()\nx = list(f())",
        "from torch import nn\nn = nn.Sequential()\nn.append(n)\nn.eval()",
        "x = '%*d' % (10 ** 9, 1)",
        "x = f'{1:>1000000000}'",
        "x = '{:>1000000000}'.format(1)",
        "x = 'a'.center(10 ** 9)",
        "x = int('9' * 20_000)",
        pytest.param("x = 'a'.zfill(10 ** 9)"),
        pytest.param("x = ('a' * 20_000).replace('a', 'a' * 20_000)"),
        pytest.param("a = [0]\nfor i in range(100): a = a + a"),
        pytest.param("a = [0]\nfor i in range(100): a += a"),
        pytest.param("a = [0]\nfor i in range(100): a.extend(a)"),
        pytest.param("a = [1]\nfor i in range(60): a = [a, a]\nx = a == a"),
        pytest.param("a = [1]\nfor i in range(60): a = [a, a]\nx = f'{a}'"),
        pytest.param("a = [0] * 20_000\nfor i in range(100):\n    for j in range(100): x = a == a"),
        pytest.param("a = 'a,' * 9_999\nfor i in range(200):\n    for j in range(200): a.split(',')"),
        pytest.param("import math\nfor i in range(200): math.prod([10 ** 14] * 20_000)"),
        pytest.param("from torch import nn\nwhile True:\n    while True: nn.Sequential(nn.Linear(2, 3))"),
        pytest.param(
            "from torch import nn\nclass N(nn.Module):\n    def forward(self, x):\n        for i in range(200):\n"
            "            for j in range(200): x = x + 1\n        return x\nfor i in range(200): N()",
        ),
        pytest.param(
            "from torch import nn\nclass N(nn.Module):\n    def __init__(self):\n"
            "        self.x = [[[0] for j in range(100)] for i in range(100)]\nfor i in range(5): N().eval()",
        ),
    ],
)
def test_large_programs_end(text: str) -> None:
    assert isinstance(check_code(source(text), ASSIGNMENT, ROLL), tuple)


def test_what_comes_before_the_end_is_kept() -> None:
    found = trace(f"{NETWORK}net = nn.Sequential(nn.Linear(2, 3))\nwhile True:\n  while True:\n    while True: x = 1")
    assert found.stopped
    assert len(found.networks) == 1


def test_a_network_that_is_never_applied_is_applied() -> None:
    found = trace(f"{NETWORK}net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))")
    (event,) = [event for event in found.events if isinstance(event, Forward)]
    assert event.output_shape == (None, 10)


def test_the_parts_of_a_network_are_not_applied_alone() -> None:
    text = f"""{NETWORK}
class Net(nn.Module):
    def __init__(self):
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    def forward(self, x): return self.body(x)
net = Net()
"""
    assert [type(event.model) for event in trace(text).events if isinstance(event, Forward)] == [Instance]


def test_a_class_that_is_never_used_is_applied() -> None:
    text = (
        f"{NETWORK}class Net(nn.Module):\n    def __init__(self): self.fc = nn.Linear(784, "
        "10)\n    def forward(self, x): return self.fc(x.flatten(1))"
    )
    assert [event.output_shape for event in trace(text).events if isinstance(event, Forward)] == [(None, 10)]


@pytest.mark.parametrize(
    "text", ["", "pass", "raise SystemExit", "x", "import this", "assert 0", "1 / 0", "exit()", "...\n"]
)
def test_small_programs(text: str) -> None:
    assert trace(text).events == []


def test_what_follows_an_exit_in_a_loop_or_function_is_followed() -> None:
    assert trace("raise ValueError\nprint(a)\n").lost == {2: "a is not defined before this line"}


NAMES = ["x", "y", "net", "loader", "labels", "model", "f", "Net", "torch", "np"]
EXPRESSIONS = [
    *("0", "2", "-1", "3.5", "'a'", "''", "None", "True", "[]", "()", "{}", "[1, 2]", "(x, y)", "{'a': x}", "{x, y}"),
    *(
        "x + y",
        "x * 2",
        "x - y",
        "x / y",
        "x % 2",
        "x // 3",
        "x ** 2",
        "not x",
        "-x",
        "~x",
        "x == y",
        "x < y",
        "x in y",
        "x is None",
    ),
    *(
        "x and y",
        "x or y",
        "x if y else labels",
        "[x for x in y]",
        "{x: y for x in labels}",
        "(x for x in y if x)",
        "lambda x: y",
    ),
    *(
        "x[0]",
        "x[y]",
        "x[-1]",
        "x[1:]",
        "x[:, 0]",
        "x[None]",
        "x[...]",
        "x[x == y]",
        "x.shape",
        "x.y",
        "x.size(0)",
        "f'{x}{y!r}'",
    ),
    *(
        "x()",
        "x(y)",
        "x(*y)",
        "x(**y)",
        "x(y, a=labels)",
        "net(x)",
        "net(x, y)",
        "f(x)",
        "Net()",
        "Net(x)",
        "super().x",
        "len(x)",
    ),
    *(
        "range(x)",
        "range(3)",
        "list(x)",
        "tuple(x)",
        "dict(x)",
        "set(x)",
        "sum(x)",
        "max(x)",
        "min(x, y)",
        "zip(x, y)",
        "map(f, x)",
    ),
    *(
        "enumerate(x)",
        "sorted(x)",
        "next(iter(x))",
        "isinstance(x, int)",
        "getattr(x, 'y')",
        "int(x)",
        "float(x)",
        "str(x)",
        "print(x)",
    ),
    *(
        "torch.zeros(x)",
        "torch.zeros(2, 3)",
        "torch.tensor(x)",
        "torch.cat([x, y])",
        "torch.max(x, 1)",
        "torch.where(x, y, x)",
    ),
    *(
        "torch.no_grad()",
        "torch.save(x, y)",
        "torch.load(y)",
        "torch.relu(x)",
        "torch.flatten(x, 1)",
        "torch.isin(x, y)",
        "np.where(x)",
    ),
    *(
        "np.array(x)",
        "np.mean(x)",
        "np.vectorize(f)(x)",
        "np.select([x], [y])",
        "np.arange(x)",
        "np.take(x, y)",
        "np.eye(4)[x]",
    ),
    *(
        "nn.Sequential(x, y)",
        "nn.Linear(x, y)",
        "nn.Conv2d(1, x, 3, padding=y)",
        "nn.MaxPool2d(x)",
        "nn.ReLU()",
        "nn.Flatten()",
    ),
    *(
        "nn.Dropout(x)",
        "nn.BatchNorm2d(x)",
        "nn.CrossEntropyLoss()(x, y)",
        "F.cross_entropy(net(x), y)",
        "F.softmax(x, dim=1)",
    ),
    *(
        "optim.Adam(net.parameters())",
        "optim.SGD(x, lr=y)",
        "DataLoader(x, batch_size=y)",
        "datasets.MNIST(x, train=y)",
        "net.train(x)",
    ),
    *(
        "Subset(x, y)",
        "random_split(x, y)",
        "random_split(x, [50000, 10000])",
        "TensorDataset(x, y)",
        "transforms.Normalize(x, y)",
    ),
    *(
        "x.view(y)",
        "x.view(x.size(0), -1)",
        "x.reshape(-1, y)",
        "x.flatten(1)",
        "x.permute(0, 2, 1)",
        "x.squeeze()",
        "x.unsqueeze(1)",
    ),
    *(
        "x.item()",
        "x.argmax(1)",
        "x.max(1)",
        "x.sum()",
        "x.mean()",
        "x.to(y)",
        "x.eq(y)",
        "x.backward()",
        "x.step()",
        "x.zero_grad()",
    ),
    *(
        "x.append(y)",
        "x.extend(y)",
        "x.pop()",
        "x.get(y)",
        "x.items()",
        "x.keys()",
        "x.update(y)",
        "x.index(y)",
        "x.copy()",
        "x.clone()",
    ),
    *(
        "x.state_dict()",
        "x.load_state_dict(y)",
        "x.parameters()",
        "x.numel()",
        "x.eval()",
        "x.split(y)",
        "x.join(y)",
        "x.format(y)",
    ),
    *(
        "keras.Sequential([x, y])",
        "layers.Dense(x)",
        "layers.Conv2D(x, 3)",
        "keras.Model(x, y)",
        "net.fit(x, y)",
        "net.predict(x)",
    ),
    *(
        "keras.datasets.mnist.load_data()",
        "net.compile(x, y)",
        "net.evaluate(x, y)",
        "confusion_matrix(x, y)",
        "plt.plot(x)",
        "summary(net)",
    ),
    *(
        "x.targets",
        "x.data",
        "x.dataset",
        "x.transform",
        "x.apply_(f)",
        "x.batch(y)",
        "trainer.fit(net, x)",
        "(x := y)",
        "await x",
        "x.T",
    ),
]
STATEMENTS = [
    *(
        "x = {e}",
        "y = {e}",
        "x, y = {e}",
        "x, *y = {e}",
        "net = {e}",
        "labels = {e}",
        "x += {e}",
        "x[{e}] = {e}",
        "x.a = {e}",
        "{e}",
    ),
    *(
        "x: int = {e}",
        "del x",
        "global x",
        "return {e}",
        "break",
        "continue",
        "yield {e}",
        "raise {e}",
        "assert {e}",
        "pass",
    ),
    *(
        "if {e}:\n    {s}\nelse:\n    {s}",
        "for x in {e}:\n    {s}\n    {s}",
        "for x, y in {e}:\n    {s}",
        "while {e}:\n    {s}",
    ),
    *(
        "with {e} as x:\n    {s}",
        "try:\n    {s}\nexcept E:\n    {s}\nfinally:\n    {s}",
        "def f(x, y=0, *a, **k):\n    {s}\n    return {e}",
    ),
    *(
        (
            "class Net(nn.Module):\n    def __init__(self, x=3):\n"
            "        super().__init__()\n        self.x = {e}\n"
            "    def forward(self, x):\n        {s}\n        return {e}"
        ),
    ),
    *(
        "match {e}:\n    case 1 | 2:\n        {s}\n    case _:\n        {s}",
        "x.targets = {e}",
        "from {m} import *",
        "x = y = {e}",
    ),
]
HEAD = """
import numpy as np
import torch
from torch import nn, optim
import torch.nn.functional as F
from torch.utils.data import *
from torchvision import datasets, transforms
from tensorflow import keras
from tensorflow.keras import layers
from sklearn.metrics import confusion_matrix
from torchinfo import summary
import matplotlib.pyplot as plt
import lightning
trainer = lightning.Trainer(max_epochs=3)
data = datasets.MNIST("d")
loader = DataLoader(data, 20)
labels = y = data.targets
x = torch.zeros(1, 1, 28, 28)
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
"""


def statement(draw: random.Random, depth: int) -> str:
    text = draw.choice(STATEMENTS[:20] if depth == 0 else STATEMENTS)
    parts = text.replace("{m}", draw.choice(["torch", "math", "torch.nn"])).split("{s}")
    made = parts[0]
    for part in parts[1:]:
        indent = made[made.rfind("\n") + 1 :]
        made += f"\n{indent}".join(statement(draw, depth - 1).splitlines()) + part
    while "{e}" in made:
        made = made.replace("{e}", expression(draw, 2), 1)
    return made


def expression(draw: random.Random, depth: int) -> str:
    text = draw.choice(EXPRESSIONS)
    if depth and draw.random() < 0.5:
        text = (
            text.replace("y", f"({expression(draw, depth - 1)})", 1)
            if " y" in text or "(y" in text or "[y" in text
            else text
        )
    return text


def program(seed: int) -> str:
    draw = random.Random(seed)
    return HEAD + "\n".join(statement(draw, 3) for _ in range(draw.randint(1, 12)))


def checked(tree: ast.Module) -> None:
    """Check a tree; an exception other than one of ours is a mistake of the reader."""
    try:
        check_code(Source("a.py", tree, ()), ASSIGNMENT, ROLL)
    except UnreadableError as error:
        pytest.fail(f"read already: {error}")


def parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.integers(0, 2**32))
def test_programs_of_snippets_never_crash(seed: int) -> None:
    tree = parsed(program(seed))
    if tree is not None:
        checked(tree)


def mutated(draw: random.Random, times: int) -> ast.Module:
    """A right submission with some of its parts exchanged, left out or made from others."""
    tree = ast.parse(SUBMISSION + SECOND)
    for _ in range(times):
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.expr | ast.stmt)]
        owner = draw.choice([node for node in ast.walk(tree) if any(True for _ in ast.iter_child_nodes(node))])
        name, old = draw.choice(list(ast.iter_fields(owner)))
        kind = ast.stmt if isinstance(old, list) and old and isinstance(old[0], ast.stmt) else ast.expr
        new = copy.deepcopy(draw.choice([node for node in nodes if isinstance(node, kind)]))
        if isinstance(old, list) and old and isinstance(old[0], ast.stmt):
            at = draw.randrange(len(old))
            old[at : at + draw.randint(0, 1)] = [new] * draw.randint(0, 2) or [ast.Pass(lineno=1, col_offset=0)]
        elif isinstance(old, list) and old and isinstance(old[0], ast.expr):
            old[draw.randrange(len(old))] = new
        elif isinstance(old, ast.expr):
            setattr(owner, name, new)
        elif isinstance(owner, ast.Constant):
            owner.value = draw.choice([0, -1, 1, 2, 10**20, 1.5, "a", None, True, 60_000, b"", ...])
        elif isinstance(owner, ast.BinOp):
            owner.op = draw.choice(
                [ast.Add(), ast.Div(), ast.Mod(), ast.Pow(), ast.MatMult(), ast.LShift(), ast.BitOr()]
            )
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List) and not node.elts:
            node.elts = [ast.Constant(0, lineno=1, col_offset=0)]  # targets that are empty have a test of their own
    return tree


@settings(max_examples=30, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_changed_submissions_never_crash(seed: int, times: int) -> None:
    checked(mutated(random.Random(seed), times))


@pytest.mark.parametrize("text", ["[] = []", "() = f()", "for () in x: pass", "for [] in [[]]: pass"])
def test_targets_that_are_empty(text: str) -> None:
    assert trace(text).stopped == ""
