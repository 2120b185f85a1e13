import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.coded import classes, run, trace, value

METHODS = ["append(7)", "extend([8, 9])", "pop()", "copy()", "count(1)", "clear()"]


def plainly(found: object) -> object:
    return tuple(plainly(item) for item in found) if isinstance(found, list | tuple) else found


@given(st.lists(st.integers(0, 4), min_size=1, max_size=5), st.lists(st.sampled_from(METHODS), max_size=4))
def test_methods_of_lists_as_python_has_them(items: list[int], calls: list[str]) -> None:
    wanted: list[int] = copy.copy(items)
    lines = [f"x = {items}"]
    for call in calls:
        if call != "pop()" or wanted:
            lines.append(f"x.{call}")
            eval(f"wanted.{call}", {"wanted": wanted})
    assert value("\n".join(lines)) == tuple(wanted)


@pytest.mark.parametrize(
    "text",
    [
        "x = [1, 2]\nx.append(3)\nx = x[-1] + x[0]",
        "x = [1]\nx.extend((2, 3))",
        "x = [4, 5]\ny = x.pop()\nx = y",
        "x = [1, 2, 3].index(2)",
        "x = (1, 2, 1).count(1)",
        "a = [1, 2]\nb = a.copy()\nb.append(3)\nx = a",
        "a = [1]\nb = a\nb.append(2)\nx = a",
        "x = [1, 2]\nx[1] = 5",
        "x = [1, 2]\nx[-1] += 5",
        "d = {'a': 1}\nd['b'] = 2\nx = d['a'] + d['b']",
        "d = {'a': 1}\nx = d.get('a', 5) + d.get('c', 5)",
        "d = {}\nd.setdefault('a', 3)\nx = d['a']",
        "d = {'a': 1}\nd.update({'b': 2}, c=3)\nx = d['b'] + d['c']",
        "x = list({'a': 1}.items())",
        "x = list({'a': 1}.keys()) + list({'a': 1}.values())",
        "x = {(1, 2): 3}[(1, 2)]",
        "x = {**{'a': 1}, 'b': 2}['a']",
        "x = ({'a': 1} | {'b': 2})['b']",
        "x = 'a,b'.split(',')",
        "x = ' A '.strip().lower()",
        "x = '-'.join(['a', 'b'])",
        "x = 'abc'[1] + 'abc'[-1]",
        "x = 'abc'.startswith('a')",
        "x = [c for c in 'ab']",
        "x = '7'.zfill(3)",
        "from collections import defaultdict\nd = defaultdict(int)\nx = d['a']",
        "x = 5 .bit_length()",
        "x = [1, 2]\nx.insert(0, 5)",
        "x = [3, 1]\nx.sort()",
        "x = [3, 1]\nx.reverse()",
        "x = [1, 2]\nx.remove(1)",
        "x = [1, 2]\nx.pop(0)",
        "x = [1, 2, 3]\ndel x[0]",
        "d = {1: 2}\nd.pop(1)\nx = len(d)",
        "d = {1: 2}\ndel d[1]\nx = len(d)",
        "d = {1: 2}\nd.clear()\nx = len(d)",
    ],
)
def test_containers_as_python_has_them_or_unknown(text: str) -> None:
    scope: dict[str, object] = {}
    exec(text, scope)
    assert value(text) in {"unknown", plainly(scope["x"])}


@pytest.mark.parametrize(
    "text",
    [
        "x = {'a': 20, 'b': 20}['a']",
        "x = [20, 20][int(input())]",
        "x = ['a', 'b'].index('b')",
        "x = {'a': 1}.get('b')",
    ],
)
def test_what_is_certain_is_known(text: str) -> None:
    assert value(text) != "unknown"


@pytest.mark.parametrize(
    "text", ["x = [20, 32][int(input())]", "x = {'a': 20}[input()]", "x = 'abc'[int(input())]", "x = [].pop()"]
)
def test_an_item_at_an_unknown_place_is_unknown(text: str) -> None:
    assert value(text) == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "x = {'a': 20}.get(input(), 32)",
        "d = {'a': 20}\nd[input()] = 5\nx = d['a']",
        "d = [20, 30]\nd[int(input())] = 5\nx = d[0]",
        "x = len({'a': 20, input(): 5})",
    ],
)
def test_an_unknown_key_may_be_any(text: str) -> None:
    assert value(text) == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "'abc'.split('')",
        "'abc'.index('z')",
        "','.join(5)",
        "'abc'.replace(1, 2)",
        "[1].index(5)",
        "[1].append()",
        "[[1]].index([1])",
        "{[1]: 2}",
        "{}.setdefault([], 1)",
        "{}.update(5)",
        "[][0]",
        "'a'[9]",
        "(5)[0]",
        "None.x.y()",
        "{}.get()",
        "{}.pop()",
        "'a'.zfill(10 ** 15)",
    ],
)
def test_impossible_calls_never_crash(text: str) -> None:
    assert trace(f"x = {text}").stopped == ""


def test_what_is_appended_digit_by_digit() -> None:
    text = """
from torchvision import datasets
d = datasets.MNIST("d")
new = []
for image, label in d:
    if label in (0, 6):
        new.append(0)
    elif label in (1, 7):
        new.append(1)
    else:
        new.append(2)
x = new[0]
"""
    assert classes(run(text)["x"]) == (0, 1, 2, 2, 2, 2, 0, 1, 2, 2)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("for x, y in loader: pass", (None, 1, 28, 28)),
        ("x, y = next(iter(loader))", (None, 1, 28, 28)),
        ("for i, (x, y) in enumerate(loader, 1): pass", (None, 1, 28, 28)),
        ("for batch in loader: x, y = batch", (None, 1, 28, 28)),
        ("for batch in loader:\n    x = batch[0]\n    y = batch[1]", (None, 1, 28, 28)),
        ("x, y = loader.dataset[0]", (1, 28, 28)),
    ],
)
def test_batches_and_images(text: str, shape: tuple[int | None, ...]) -> None:
    head = (
        "from torch.utils.data import DataLoader\nfrom torchvision import datasets\n"
        'loader = DataLoader(datasets.MNIST("d"), 20)\n'
    )
    names = run(head + text)
    assert names["x"].shape == shape  # type: ignore[attr-defined]
    assert names["x"].origins == {"train"}
    assert classes(names["y"]) == tuple(range(10))
