from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.code.trace import Backward, Chosen, Stepped
from reportgen.code.values import Known
from tests.coded import GROUPS, classes, run, trace, value

DATA = """
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets
loader = DataLoader(datasets.MNIST("d"), 20)
tests = DataLoader(datasets.MNIST("d", train=False), 20)
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
optimizer = torch.optim.Adam(net.parameters())
"""
STEP = "nn.functional.cross_entropy(net(a), b).backward()"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x = y = 3", 3),
        ("(a, b), c = (1, 2), 3\nx = a + b + c", 6),
        ("a, *x, b = 1, 2, 3, 4", (2, 3)),
        ("*x, b = [1]", ()),
        ("x: int = 5", 5),
        ("x = 1\nx += 2\nx *= 3", 9),
        ("x = [1, 2]\nx[0] += 5", (6, 2)),
        ("x = 0\nfor i in range(5):\n    if i == 3: break\n    x += i", 3),
        ("x = 0\nfor i in range(5):\n    if i % 2: continue\n    x += i", 6),
        ("x = 0\nfor i in range(3): pass\nelse: x = 1", 1),
        ("x = 0\nfor i in range(3): break\nelse: x = 1", 0),
        ("x = 0\nwhile x < 7: x += 2", 8),
        ("x = 0\nwhile True:\n    x += 1\n    if x == 4: break", 4),
        ("x = 1\nif x > 5: x = 2\nelif x > 0: x = 3\nelse: x = 4", 3),
        ("try: x = 1\nexcept ValueError: x = 2\nelse: y = 3\nfinally: z = 4", 1),
        ("x = 1\ndef f():\n    global x\n    x = 2\nf()", 2),
        ("def f():\n    a = 1\n    def g():\n        nonlocal a\n        a = 5\n    g()\n    return a\nx = f()", 5),
        ("x = 1\ndef f(): x = 2\nf()", 1),
        ("if __name__ == '__main__': x = 1", 1),
        ("import math as m\nfrom math import pi as x\nx = int(x)", 3),
        ("match 3:\n    case 1 | 2: x = 'a'\n    case 3: x = 'b'\n    case _: x = 'c'", "b"),
        ("match 9:\n    case 1: x = 'a'\n    case _: x = 'c'", "c"),
        ("with open('f') as f: x = 1", 1),
        ("async def f():\n    async with a as b: return 4\nx = f()", 4),
        ("assert False\nx = 1", 1),
        ("class A:\n    y = 3\nx = A.y", 3),
        ("x = 1\nif input(): x = 1", 1),
        ("if input(): x = 2\nelse: x = 2", 2),
    ],
)
def test_statements_as_python_has_them(text: str, wanted: object) -> None:
    assert value(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\nif input(): x = 2",
        "x = 1\nif input(): x = 2\nelse: x = 3",
        "a, b = input()\nx = a",
        "def f(a):\n    if a > 1: return 1\n    elif a > 0: return 2\n    else: return 3\nx = f(int(input()))",
        "class A: pass\na = A()\na.b = 1\nif input(): a.b = 2\nx = a.b",
        "x = 1\ndef f():\n    global x\n    x = 2\nif input(): f()",
    ],
)
def test_what_depends_on_the_unknown_is_unknown(text: str) -> None:
    assert value(text) == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "def f(a):\n    if a % 2 == 0: return 32\n    if a % 3 == 0: return 16\n    return 20\nx = f(int(input()))",
        "x = 0\nfor i in input(): x += 1",
        "x = 0\nwhile input(): x += 1",
        "x = 0\nfor i in range(5):\n    if input(): continue\n    x += 1",
        "x = 0\nfor i in range(5):\n    x += 1\n    if input(): break",
        "x = 0\ny = 0\nwhile y < 5:\n    y += 1\n    if input(): continue\n    x += 1",
        "x = 0\nfor i in range(3):\n    for j in range(3):\n        if input(): continue\n        x += 1",
        "class A: b = 1\nif input(): A.b = 2\nx = A.b",
        "a = {'b': 1}\nif input(): a['b'] = 2\nx = a['b']",
        "a = [1]\nif input(): a[0] = 2\nx = a[0]",
        "a = [1]\nif input(): a.append(2)\nx = len(a)",
        "a = []\nfor i in input(): a.append(i)\nx = len(a)",
    ],
)
def test_what_depends_on_the_unknown_is_taken_for_known(text: str) -> None:
    assert value(text) == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "x = 0\nfor i in range(300): x += 1",
        "x = 0\nfor i in range(500): x = i",
        "x = 0\nwhile x < 1000: x += 1",
        "x = len([i for i in range(1000)])",
        "x = list(range(1000))[-1]",
        "x = range(1000)[-1]",
        "x = max(range(1000))",
        "x = sum(range(500))",
    ],
)
def test_what_is_followed_in_part_is_right_or_unknown(text: str) -> None:
    scope: dict[str, object] = {}
    exec(text, scope)
    assert value(text) in {"unknown", scope["x"]}


def test_deleted_names_are_gone() -> None:
    assert "x" not in run("x = 1\ndel x")


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.integers(0, 6), st.integers(0, 6))
def test_loops_as_python_has_them(items: list[int], leave: int, skip: int) -> None:
    text = f"""
x = []
for i in {items}:
    if i == {leave}:
        break
    if i == {skip}:
        continue
    for j in range(i):
        if j == {skip}:
            break
        x.append(i * j)
else:
    x.append(-1)
"""
    scope: dict[str, object] = {}
    exec(text, scope)
    assert value(text) == tuple(scope["x"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("loop", "times"),
    [
        ("for e in range(10):", 10),
        ("for e in range(1, 11):", 10),
        ("for e in range(0, 10, 2):", 5),
        ("for e in range(10_000):", 10_000),
        ("from tqdm import tqdm, trange\nfor e in trange(7):", 7),
        ("from tqdm import tqdm\nfor e in tqdm(range(7), desc='epochs'):", 7),
        ("for e in range(int(input())):", None),
        ("while True:", None),
        ("e = 0\nwhile e < 10:\n    e += 1", 10),
        ("from itertools import count\nfor e in count():", None),
    ],
)
def test_rounds_of_a_loop(loop: str, times: int | None) -> None:
    events = trace(f"{DATA}{loop}\n    for a, b in loader:\n        {STEP}").events
    backward = [event for event in events if isinstance(event, Backward)]
    assert {event.loops[-2].times for event in backward} == {times}
    assert {event.loops[-1].over for event in backward} == {"train"}


def test_a_loop_that_trains_is_followed_twice() -> None:
    events = trace(f"{DATA}for e in range(50):\n    for a, b in loader:\n        {STEP}").events
    assert sum(isinstance(event, Backward) for event in events) == 4


def test_phases_are_listed() -> None:
    events = trace(f"{DATA}for phase in ['train', 'test']:\n    for a, b in loader:\n        {STEP}").events
    assert all(event.loops[0].listed for event in events if isinstance(event, Backward))


@pytest.mark.parametrize(
    ("condition", "origins"),
    [("net(a).max() > 0.9", {"train"}), ("input()", set()), ("torch.rand(1) > 0.5", set())],
)
def test_a_break_by_a_measured_number_is_a_choice(condition: str, origins: set[str]) -> None:
    found = [
        event
        for event in trace(f"{DATA}for a, b in loader:\n    if {condition}: break").events
        if isinstance(event, Chosen)
    ]
    assert {name for event in found for name in event.origins} == origins
    assert bool(found) == bool(origins)


def test_both_branches_of_an_unknown_condition_are_followed() -> None:
    events = trace(f"{DATA}if input():\n    optimizer.step()\nelse:\n    optimizer.step()").events
    assert [(event.line, event.conditional) for event in events if isinstance(event, Stepped)] == [
        (11, True),
        (13, True),
    ]


def test_gradients_are_known_to_be_off() -> None:
    text = f"{DATA}with torch.no_grad():\n    net(torch.zeros(1, 1, 28, 28))\nnet(torch.zeros(1, 1, 28, 28))"
    forwards = [event for event in trace(text).events if type(event).__name__ == "Forward"]
    assert [event.gradients for event in forwards] == [False, True]  # type: ignore[attr-defined]


def test_a_branch_for_each_digit() -> None:
    text = """
def group(n):
    match n:
        case 0 | 6: return 0
        case 1 | 7: return 1
        case 2 | 3 | 8 | 5: return 2
        case _: return 3
from torchvision import datasets
d = datasets.MNIST("d", target_transform=group)
"""
    wanted = tuple(next(at for at, group in enumerate(GROUPS) if digit in group) for digit in range(10))
    assert classes(run(text)["d"]) == wanted


@settings(max_examples=40)
@given(
    st.lists(
        st.sampled_from(["break", "continue", "return 1", "pass", "x += 1", "raise E", "yield x"]),
        min_size=4,
        max_size=4,
    )
)
def test_ways_out_of_loops_never_crash(ways: list[str]) -> None:
    for where, known in product(("f()", "list(f())"), ("True", "input()", "x > 0")):
        text = f"""
def f():
    x = 0
    for i in range(3):
        if {known}:
            {ways[0]}
        else:
            {ways[1]}
        while x < 3:
            x += 1
            if {known}:
                {ways[2]}
            {ways[3]}
    return x
{where}
"""
        assert trace(text).stopped == ""


def test_a_method_sees_no_names_of_its_class() -> None:
    names = run("y = 1\nclass A:\n    y = 2\n    def f(self): return y\nx = A().f()")
    assert isinstance(names["x"], Known)
    assert names["x"].value == 1


def test_a_dataclass() -> None:
    text = (
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int\n    b: int = 4\nc = C(3)\nx = c.a + c.b"
    )
    assert value(text) == 7


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("try:\n    from nowhere import f\nexcept ImportError:\n    def f(x): return x\ny = f", "Library"),
        ("try:\n    import nowhere\n    y = 3\nexcept ImportError:\n    y = 4", "Unknown"),
        ("try:\n    import json\n    y = 3\nexcept ImportError:\n    y = 4", "Known"),
        ("try:\n    y = True\nexcept ValueError:\n    y = False", "Known"),
        ("try:\n    y = 'a'\nexcept ValueError:\n    z = 4", "Known"),
        ("try:\n    y = 3\nexcept ValueError:\n    y = 4", "Known"),
        ("try:\n    y = 3\n    f()\nexcept ValueError:\n    y = 4", "Unknown"),
        ("try:\n    y = 3\n    f()\nexcept ImportError:\n    y = 4", "Known"),
        ("try:\n    y = 3\n    f()\nexcept ValueError:\n    y = 4\n    raise", "Known"),
        ("try:\n    y = 3\n    f()\nexcept ValueError:\n    y = 3", "Known"),
    ],
)
def test_what_a_name_is_after_a_handler(text: str, wanted: str) -> None:
    assert type(run(text)["y"]).__name__ == wanted
