import pytest

from reportgen.code.networks import count
from reportgen.code.trace import Forward
from reportgen.code.values import Instance
from reportgen.grading.findings.code import check_code
from tests.coded import ASSIGNMENT, ROLL, findings, source, trace

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
@pytest.mark.slow
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
@pytest.mark.slow
def test_large_programs_end(text: str) -> None:
    assert isinstance(check_code(source(text), ASSIGNMENT, ROLL), tuple)


def test_what_comes_before_the_end_is_kept() -> None:
    found = trace(f"{NETWORK}net = nn.Sequential(nn.Linear(2, 3))\nwhile True:\n  while True:\n    while True: x = 1")
    assert found.stopped
    assert len(found.networks) == 1


def test_a_network_that_is_never_applied_is_applied() -> None:
    found = trace(f"{NETWORK}net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))")
    (event,) = [event for event in found.events if isinstance(event, Forward)]
    assert event.output_shape is None  # of what size the images are is not known
    assert [count(event.model).parameters] == [7850]


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
    found = trace(text)
    assert [count(event.model).parameters for event in found.events if isinstance(event, Forward)] == [7850]
    assert len(found.unused) == 1


@pytest.mark.parametrize(
    "text", ["", "pass", "raise SystemExit", "x", "import this", "assert 0", "1 / 0", "exit()", "...\n"]
)
def test_small_programs(text: str) -> None:
    assert trace(text).events == []


def test_what_follows_an_exit_in_a_loop_or_function_is_followed() -> None:
    assert trace("raise ValueError\nprint(a)\n").lost == {2: "a is not defined before this line"}


@pytest.mark.parametrize("text", ["[] = []", "() = f()", "for () in x: pass", "for [] in [[]]: pass"])
def test_targets_that_are_empty(text: str) -> None:
    assert trace(text).stopped == ""
