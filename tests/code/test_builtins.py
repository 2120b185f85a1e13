import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.code import registry
from reportgen.code.host import plain
from reportgen.code.values import Items
from tests.coded import classes, run, trace, value


def plainly(found: object) -> object:
    return tuple(plainly(item) for item in found) if isinstance(found, list | tuple) else found


@pytest.mark.parametrize(
    "text",
    [
        "len(range(3, 9, 2))",
        "len('abc')",
        "len({1: 2})",
        "len([1, 2])",
        "list(range(5, 0, -2))",
        "list(enumerate('ab', 3))",
        "list(zip([1, 2], 'ab'))",
        "list(zip([1, 2, 3], 'ab'))",
        "list(reversed([1, 2]))",
        "next(iter([4, 5]))",
        "next(iter([]), 3)",
        "int('12') + int(3.9) + int()",
        "float('2.5')",
        "str(5) + str()",
        "bool(3)",
        "abs(-3)",
        "round(2.567, 2)",
        "round(2.5)",
        "tuple([1])",
        "sorted([3, 1, 2])",
        "sorted({'b': 1, 'a': 2})",
        "dict(zip('ab', [1, 2]))['b']",
        "dict(a=1)['a']",
        "dict([('a', 1)], b=2)['a']",
        "dict.fromkeys([1, 2], 5)[2]",
        "sum([1, 2], 10)",
        "sum(i * i for i in range(4))",
        "max(3, 1, 2)",
        "min([4, 2])",
        "any([0, 1])",
        "all([0, 1])",
        "list(map(int, '123'))",
        "list(map(lambda a: a * 2, [1, 2]))",
        "list(filter(lambda a: a > 1, [1, 2]))",
        "isinstance(3, int)",
        "isinstance('a', int)",
        "isinstance([], (list, tuple))",
        "getattr('a,b', 'split')(',')",
        "divmod(7, 2)",
        "pow(2, 3)",
        "pow(2, 3, 5)",
        "sorted([3, 1, 2], reverse=True)",
        pytest.param("sorted([[2], [1]])[0][0]"),
        "len({1, 1, 2})",
        "len(set([1, 1, 2]))",
        "len(set({0: 0, 6: 0, 1: 1}.values()))",
        "list(filter(None, [0, 1]))",
        "'%d' % 5",
        "'{}'.format(5)",
        "bool([])",
        "max([], default=3)",
        "max('a', 'b')",
        "list(dict(a=1).items())",
    ],
)
def test_functions_as_python_has_them_or_unknown(text: str) -> None:
    wanted = eval(text)
    assert value(f"x = {text}") in {"unknown", plainly(wanted)}


@pytest.mark.parametrize(
    "text", ["len(range(3))", "list(map(int, '12'))", "sum([1, 2])", "max(3, 4)", "dict(a=1)['a']", "sorted([2, 1])"]
)
def test_what_is_easy_is_known(text: str) -> None:
    assert value(f"x = {text}") != "unknown"


@given(st.integers(-30, 30), st.integers(-30, 30), st.integers(-5, 5).filter(bool))
def test_ranges_as_python_has_them(start: int, stop: int, step: int) -> None:
    wanted = range(start, stop, step)
    assert value(f"x = list(range({start}, {stop}, {step}))") == tuple(wanted)
    assert value(f"x = len(range({start}, {stop}, {step}))") == len(wanted)


def test_the_step_of_a_range_is_kept() -> None:
    found = run("x = range(0, 60000, 20)\ny = range(5)")
    assert isinstance(found["x"], Items)
    assert isinstance(found["y"], Items)
    assert (found["x"].stride, found["x"].times, found["y"].stride) == (20, 3000, None)


@pytest.mark.parametrize(
    "text",
    [
        "range()",
        "int('a')",
        "int([])",
        "float('x')",
        "max()",
        "sum([1, 'a'])",
        "next([])",
        "dict([1, 2])",
        "len()",
        "map(f)",
        "getattr(3, 'x')",
        "setattr(3, 'x', 4)",
        "functools.partial(f)()",
        "collections.namedtuple('P', 'a b')(1, 2)",
        "collections.Counter([1])",
        "isinstance(3)",
        "copy.deepcopy([1])",
        "int(float('inf'))",
        "int('9' * 5000)",
        "sorted([1, 'a'])",
        "range(1, 2, 0)",
        "range(1, 2, 3, 4)",
        "range(10 ** 12 * 10 ** 12)",
        "range(99999999999999999999999)",
        "range(float('inf'))",
        "functools.partial()",
    ],
)
def test_impossible_calls_never_crash(text: str) -> None:
    assert trace(f"import collections, copy, functools\nx = {text}").stopped == ""


def test_options_of_a_program() -> None:
    text = """
import argparse
parser = argparse.ArgumentParser()
group = parser.add_argument_group("g")
parser.add_argument("--batch-size", "-b", type=int, default=20)
parser.add_argument("--quick", action="store_true")
parser.add_argument("--name", dest="other", default="n")
args = parser.parse_args()
known, rest = parser.parse_known_args()
x = (args.batch_size, args.quick, args.other, known.batch_size)
"""
    assert value(text) == (20, False, "n", 20)


def test_named_values() -> None:
    text = """
from collections import namedtuple
from types import SimpleNamespace
from functools import partial
P = namedtuple("P", "a b")
p, s = P(1, b=2), SimpleNamespace(c=3)
add = partial(lambda a, b, c=0: a + b + c, 10, c=5)
x = (p.a, p.b, s.c, add(1))
"""
    assert value(text) == (1, 2, 3, 16)


def test_a_copy_of_a_data_set_has_labels_of_its_own() -> None:
    text = """
import copy
from torchvision import datasets
a = datasets.MNIST("d")
b = copy.deepcopy(a)
b.targets[b.targets > 0] = 1
"""
    names = run(text)
    assert classes(names["a"]) == tuple(range(10))
    assert classes(names["b"]) == (0, *[1] * 9)


def test_names_of_libraries_have_many_spellings() -> None:
    assert registry.full_name("tensorflow.keras.layers.Dense") == "keras.layers.Dense"
    assert registry.full_name("pytorch_lightning.Trainer") == "lightning.Trainer"
    assert registry.full_name("torchvisionx.datasets") == "torchvisionx.datasets"
    assert registry.knows("torch.nn.Conv2d")
    assert not registry.knows("nowhere.f")
    assert registry.handler("nowhere.f") is None
    assert registry.constant("nowhere.f") is None


@pytest.mark.parametrize(
    "text", ["import math\nx = math.pi", "from math import pi as x", "import numpy as np\nx = np.pi"]
)
def test_constants_of_libraries(text: str) -> None:
    assert round(float(str(value(text))), 4) == 3.1416


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[a * b for a, b in itertools.product([1, 2], (3, 4))]", [3, 4, 6, 8]),
        ("[a + b for a, b in itertools.product('ab', repeat=2)]", ["aa", "ab", "ba", "bb"]),
        ("list(itertools.product(*{'x': [1], 'y': [2, 3]}.values()))", [(1, 2), (1, 3)]),
        ("list(itertools.chain([1], [2, 3]))", [1, 2, 3]),
        ("list(itertools.chain.from_iterable([k, k] for k in range(2)))", [0, 0, 1, 1]),
        ("[b - a for a, b in itertools.pairwise([1, 4, 9])]", [3, 5]),
        ("[a * b for a, b in itertools.combinations([1, 2, 3], 2)]", [2, 3, 6]),
        ("len(list(itertools.permutations([1, 2, 3])))", 6),
        ("list(itertools.permutations([1, 2, 3], unknown))", None),
        ("[a for a, b in itertools.product(range(100), range(100))]", None),
    ],
)
def test_combinations(text: str, wanted: object) -> None:
    found = plain(run(f"import itertools\nx = {text}")["x"])
    assert (list(found) if isinstance(found, tuple) else found) == wanted
