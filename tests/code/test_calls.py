import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.code.trace import Forward
from reportgen.code.values import Class, Instance, Known, Library, Scope
from tests.coded import applied, layers, run, trace, value


@given(st.integers(0, 9), st.integers(0, 9), st.lists(st.integers(0, 9), max_size=3), st.integers(0, 9), st.booleans())
def test_arguments_as_python_has_them(a: int, b: int, rest: list[int], d: int, named: bool) -> None:
    second = f"b={b}" if named and not rest else str(b)
    text = (
        "def f(a, b=1, *c, d=2, **e):\n    return [a, b, list(c), d, e.get('z', "
        f"0)]\nx = f({', '.join([str(a), second, *map(str, rest)])}, d={d}, z=7)"
    )
    assert value(text) == (a, b, tuple(rest), d, 7)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("def f(a, /, b, *, c=3): return a + b + c\nx = f(1, b=2)", 6),
        ("def f(*a): return a\nx = f(*[1, 2], 3)", (1, 2, 3)),
        ("def f(**k): return k['a']\nx = f(**{'a': 5})", 5),
        ("def f(n): return 1 if n < 2 else n * f(n - 1)\nx = f(5)", 120),
        ("def f(): pass\nx = f()", None),
        ("def f(a=[]):\n    a.append(1)\n    return len(a)\nf()\nx = f()", 2),
        ("f = lambda a: lambda b: a + b\nx = f(1)(2)", 3),
        ("def f(g): return g(3)\nx = f(lambda a: a * 2)", 6),
        ("def deco(g): return lambda a: g(a) + 1\n@deco\ndef f(a): return a\nx = f(1)", 2),
        ("class A:\n    def __init__(self, a): self.a = a\n    def f(self): return self.a\nx = A(4).f()", 4),
        ("class A:\n    def f(self): return 1\nclass B(A):\n    def f(self): return super().f() + 1\nx = B().f()", 2),
        (
            (
                "class A:\n    def f(self): return 1\nclass B(A):\n"
                "    def f(self): return super(B, self).f() + 1\n"
                "x = B().f()"
            ),
            2,
        ),
        ("class A:\n    def f(self): return 1\nclass B(A):\n    def f(self): return A.f(self) + 1\nx = B().f()", 2),
        (
            (
                "class A:\n    b = 3\n    @staticmethod\n    def f(a): return a\n"
                "    @classmethod\n    def g(cls): return cls.b\n"
                "x = A.f(1) + A().f(2) + A.g() + A().g()"
            ),
            9,
        ),
        ("class A:\n    @property\n    def p(self): return 5\nx = A().p", 5),
        ("class A:\n    def __call__(self, a): return a\nx = A()(3)", 3),
        ("class A:\n    def __getitem__(self, a): return a * 2\nx = A()[3]", 6),
        ("class A:\n    def __len__(self): return 7\nx = len(A())", 7),
        (
            (
                "class A:\n    def __init__(self): self.d = {}\n"
                "    def __setitem__(self, k, v): self.d[k] = v\n"
                "a = A()\na['k'] = 3\nx = a.d['k']"
            ),
            3,
        ),
        ("class A:\n    def __iter__(self): return iter([1, 2])\nx = [i for i in A()]", (1, 2)),
        ("def g():\n    yield 1\n    yield 2\nx = list(g())", (1, 2)),
        ("def g():\n    yield from [1, 2]\nx = sum(g())", 3),
        ("class A: pass\na = A()\na.b = 3\nx = a.b", 3),
        ("class A: pass\nA.b = 3\nx = A().b", 3),
        ("class A: pass\nx = A.__name__", "A"),
        ("class A:\n    class B:\n        c = 4\nx = A.B.c", 4),
        ("class A:\n    y = [1]\nA().y.append(2)\nx = A.y", (1, 2)),
        ("from typing import NamedTuple\nclass P(NamedTuple):\n    a: int\n    b: int = 2\nx = P(1).a", 1),
        ("def f(): return g()\ndef g(): return 3\nx = f()", 3),
        ("class A:\n    def make(self):\n        self.a = 1\n        return self\nx = A().make().a", 1),
    ],
)
def test_calls_as_python_has_them(text: str, wanted: object) -> None:
    assert value(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        *(
            "f()",
            "5()",
            "None()",
            "'a'()",
            "[](1)",
            "{}()",
            "(lambda a: a)()",
            "super().x",
            "super()",
            "super(1, 2).f()",
        ),
        *(
            "x.y.z.w",
            "class_.x",
            "print(*5)",
            "print(**5)",
            "int.x.y()",
            "[].x.y",
            "{}.x.y",
            "object().x",
            "type(5)(3)",
        ),
    ],
)
def test_impossible_calls_never_crash(text: str) -> None:
    assert trace(f"y = {text}").stopped == ""


def test_calls_of_libraries_that_are_not_known() -> None:
    found = trace("import torch\nimport nowhere\nx = torch.linalg.svd(3)\ny = nowhere.f(3)")
    assert found.lost == {3: "torch.linalg.svd is not followed"}


def test_names_of_a_star_import() -> None:
    assert value("from math import *\nx = floor(2.5)") == 2


def test_imports_under_other_names() -> None:
    names = run("import torch.nn as a\nimport torch.nn.functional\nfrom torch import nn as b, optim\nx = torch.nn")
    found = [names[name] for name in ("a", "b", "x")]
    assert [library.path for library in found if isinstance(library, Library)] == ["torch.nn"] * 3


def test_what_a_network_returns_is_told() -> None:
    text = """
from torch import nn
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)
    def forward(self, x):
        x = self.fc(x.flatten(1))
        return {}
net = N()
"""
    assert [step.type for step in applied(text.format("x")).steps] == ["Flatten", "Linear"]
    (event,) = [event for event in trace(text.format("'nothing'")).events if isinstance(event, Forward)]
    assert event.lost == "what the network returns can't be followed"


@pytest.mark.parametrize(
    "returned",
    [
        "x.softmax(1), x",
        "{'logits': x, 'probs': x.softmax(1)}",
    ],
)
def test_several_outputs(returned: str) -> None:
    text = f"""
from torch import nn
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)
    def forward(self, x):
        x = self.fc(x.flatten(1))
        return {returned}
net = N()
out = net(x)
y = out['logits'] if isinstance(out, dict) else out[1]
"""
    found = run("import torch\nx = torch.zeros(1, 1, 28, 28)\n" + text)["y"]
    assert [step.type for step in getattr(found, "steps", ())] in ([], ["Flatten", "Linear"])


def test_devices() -> None:
    text = "from torch import nn\nnet = nn.Sequential(nn.Linear(2, 3))\n{}"
    assert [layers(text.format(line)).device for line in ("", "net.to('cuda')", "net.cuda()", "net = net.cpu()")] == [
        *("cpu", "device", "device", "cpu")
    ]


def test_names_are_looked_up_outwards() -> None:
    outer = Scope({"a": Known(1), "b": Known(2)})
    inner = Scope({"a": Known(3)}, outer)
    assert [getattr(inner.find(name), "value", None) for name in "abc"] == [3, 2, None]


def test_members_are_looked_up_in_bases() -> None:
    base = Class("A", [Library("torch.nn.Module")], {"f": Known(1)}, 1)
    made = Class("B", [base], {"g": Known(2)}, 2)
    assert made.find("f") == (base.members["f"], base)
    assert made.find("h") is None
    assert made.library_bases() == {"torch.nn.Module"}
    assert Instance(made).is_module
    assert not Instance(Class("C", [], {}, 1)).is_module
