import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.code.trace import MadeInForward
from reportgen.code.values import PerDigit, Tensor
from tests.coded import CLASSES, classes, run, trace, value

HEAD = """
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset
from torchvision import datasets, transforms
data = datasets.MNIST("d", train=True, download=True)
labels = data.targets
"""


def members(groups: tuple[int, ...]) -> list[list[int]]:
    return [[digit for digit in range(10) if groups[digit] == group] for group in range(max(groups) + 1)]


def chain(groups: tuple[int, ...], indent: str = "    ") -> str:
    tests = [
        f"{indent}{'if' if at == 0 else 'elif'} n in {group}:\n{indent}    r = {at}"
        for at, group in enumerate(members(groups))
    ]
    return "\n".join(tests)


def written(groups: tuple[int, ...]) -> dict[str, str]:
    """A grouping of the digits, in many spellings; the labels end up in ``x``."""
    inner = members(groups)
    table = dict(enumerate(groups))
    masks = "".join(
        f"x[(labels == {d[0]})" + "".join(f" | (labels == {n})" for n in d[1:]) + f"] = {at}\n"
        for at, d in enumerate(inner)
        if d
    )
    nested = "0"
    for at, group in enumerate(inner):
        nested = f"np.where(np.isin(labels, {group}), {at}, {nested})"
    torch_nested = "torch.zeros_like(labels)"
    for at, group in enumerate(inner):
        torch_nested = f"torch.where(torch.isin(labels, torch.tensor({group})), {at}, {torch_nested})"
    returns = "".join(
        f"    if n in ({', '.join(map(str, group))},): return {at}\n" for at, group in enumerate(inner) if group
    )
    equal = "".join(
        f"    if {' or '.join(f'n == {d}' for d in group)}: return {at}\n" for at, group in enumerate(inner) if group
    )
    return {
        "list": f"m = {list(groups)}\nx = torch.tensor([m[n] for n in labels])",
        "table of tensor": f"x = torch.tensor({list(groups)})[labels]",
        "numpy table": f"x = np.array({list(groups)})[labels.numpy()]",
        "numpy take": f"x = np.take({list(groups)}, labels)",
        "dict": f"m = {table}\nx = torch.tensor([m[int(n)] for n in labels])",
        "dict get": f"m = {table}\nx = [m.get(n.item(), -1) for n in labels]\nx = torch.tensor(x)",
        "inverted dict": (
            f"m = {{d: at for at, g in enumerate({inner}) for d in g}}\nx = torch.tensor([m[n] for n in labels])"
        ),
        "loop over groups": (
            f"x = labels.clone()\nfor at, g in enumerate({inner}):\n    for d in g:\n        x[labels == d] = at"
        ),
        "masks": f"x = labels.clone()\n{masks}",
        "zeros and masks": f"x = torch.zeros_like(labels)\n{masks}",
        "numpy where": f"x = {nested}",
        "torch where": f"x = {torch_nested}",
        "numpy select": f"x = np.select([np.isin(labels, g) for g in {inner}], {list(range(len(inner)))})",
        "if chain": f"def f(n):\n{chain(groups)}\n    return r\nx = torch.tensor([f(n) for n in labels])",
        "returns": f"def f(n):\n{returns}x = torch.tensor(list(map(f, labels)))",
        "equalities": f"def f(n):\n{equal}x = torch.tensor([f(int(n)) for n in labels.tolist()])",
        "vectorize": f"def f(n):\n{returns}x = np.vectorize(f)(labels)",
        "index": f"x = [[n in g for g in {inner}].index(True) for n in labels]\nx = torch.tensor(x)",
        "next": f"x = torch.tensor([next(i for i, g in enumerate({inner}) if n in g) for n in labels])",
        "lambda": f"m = {table}\nx = datasets.MNIST('d', target_transform=lambda n: m[n])",
        "transform": f"def f(n):\n{returns}x = datasets.MNIST('d', target_transform=transforms.Lambda(f))",
        "targets": f"data.targets = torch.tensor([{list(groups)}[n] for n in data.targets])\nx = data",
        "apply_": f"def f(n):\n{returns}labels.apply_(f)\nx = labels",
        "appended": f"out = []\nfor n in labels:\n{chain(groups)}\n    out.append(r)\nx = torch.tensor(out)",
        "in place": f"x = labels.clone()\nfor i in range(len(x)):\n    x[i] = {list(groups)}[labels[i]]",
        "own data set": f"""
class Grouped(Dataset):
    def __init__(self, inner):
        self.inner = inner
        self.groups = {inner}
    def __len__(self): return len(self.inner)
    def __getitem__(self, i):
        image, n = self.inner[i]
        for at, g in enumerate(self.groups):
            if n in g:
                return image, at
for image, x in DataLoader(Grouped(data), 20): pass
""",
        "match": "def f(n):\n    match n:\n"
        + "".join(f"        case {' | '.join(map(str, g))}: return {at}\n" for at, g in enumerate(inner) if g)
        + "x = torch.tensor([f(n) for n in labels])",
        "in a batch": f"m = torch.tensor({list(groups)})\nfor image, n in DataLoader(data, 20): x = m[n]",
        "tensor data set": (
            f"t = TensorDataset(data.data, torch.tensor({list(groups)})[data.targets])\n"
            "for image, x in DataLoader(t, 20): pass"
        ),
        "gather": f"x = torch.tensor({list(groups)}).index_select(0, labels)",
        "conditional": (
            f"x = torch.tensor([{' else '.join(f'{at} if n in {g}' for at, g in enumerate(inner))} "
            "else -1 for n in labels])"
        ),
        "string keys": f"m = {{str(d): g for d, g in {table}.items()}}\nx = torch.tensor([m[str(n)] for n in labels])",
    }


LOST = frozenset({"appended", "gather", "index", "next", "own data set"})
"""Spellings that need not be followed; nothing wrong may be said of them."""
WRONG = frozenset({"transform"})
SPELLINGS = sorted(set(written(CLASSES)) - LOST - WRONG)


@pytest.mark.parametrize("spelling", SPELLINGS)
@settings(max_examples=5, deadline=None)
@given(st.data())
def test_a_grouping_however_it_is_written(spelling: str, data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 5))
    rest = data.draw(st.lists(st.integers(0, count - 1), min_size=10 - count, max_size=10 - count))
    groups = tuple(data.draw(st.permutations([*range(count), *rest])))
    assert classes(run(HEAD + written(groups)[spelling])["x"]) == groups


@pytest.mark.parametrize("spelling", sorted(LOST))
def test_a_grouping_that_is_not_followed_is_unknown(spelling: str) -> None:
    found = run(HEAD + written(CLASSES)[spelling])["x"]
    assert not isinstance(found, PerDigit) or classes(found) in {CLASSES, (None,) * 10}


@pytest.mark.parametrize("spelling", sorted(WRONG))
def test_a_grouping_that_is_taken_for_none(spelling: str) -> None:
    assert classes(run(HEAD + written(CLASSES)[spelling])["x"]) == CLASSES


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("torch.zeros(2, 3)", (2, 3)),
        ("torch.randn((2, 3))", (2, 3)),
        ("torch.ones([40, 2])", (40, 2)),
        ("torch.rand(size=(1, 1, 28, 28))", (1, 1, 28, 28)),
        ("torch.empty(int(input()), 3)", (None, 3)),
        ("torch.zeros(2, 3).unsqueeze(0)", (1, 2, 3)),
        ("torch.zeros(2, 3).permute(1, 0)", (3, 2)),
        ("torch.zeros(2, 3).transpose(0, 1)", (3, 2)),
        ("torch.zeros(2, 1, 3).squeeze()", (2, 3)),
        ("torch.zeros(2, 1, 3).squeeze(1)", (2, 3)),
        ("torch.zeros(2, 6).view(3, -1)", (3, 4)),
        ("torch.zeros(2, 6).reshape((-1,))", (12,)),
        ("torch.zeros(2, 6)[0]", (6,)),
        ("torch.zeros(2, 6).flatten(0)", (12,)),
        ("torch.flatten(torch.zeros(2, 3, 4), 1)", (2, 12)),
        ("torch.unsqueeze(torch.zeros(2, 3), 1)", (2, 1, 3)),
        ("torch.zeros(2, 3)[:, None]", (2, 1, 3)),
        ("torch.zeros(2, 3)[..., np.newaxis]", (2, 3, 1)),
    ],
)
def test_shapes_as_torch_has_them(text: str, shape: tuple[int | None, ...]) -> None:
    found = run(f"{HEAD}x = {text}")["x"]
    assert isinstance(found, Tensor)
    assert found.shape == shape


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("torch.zeros(2, 3).numel()", 6),
        ("torch.zeros(2, 3).size(1)", 3),
        ("torch.zeros(2, 3).shape[-1]", 3),
        ("torch.zeros(2, 3).dim()", 2),
        ("len(torch.zeros(2, 3))", 2),
        ("np.prod(torch.zeros(2, 3).shape)", 6),
        ("np.prod([4, 13, 13])", 676),
        ("math.prod((4, 13))", 52),
        ("math.floor(27 / 2)", 13),
        ("list(np.arange(2, 8, 3))", (2, 5)),
        ("math.floor(math.inf)", "unknown"),
        ("math.sqrt(-1)", "unknown"),
        ("math.log(0)", "unknown"),
    ],
)
def test_numbers_of_libraries(text: str, wanted: object) -> None:
    assert value(f"import math\n{HEAD}x = {text}") == wanted


@pytest.mark.parametrize("method", ["to('cuda')", "long()", "float()", "cuda()"])
def test_a_tensor_of_numbers_on_a_device_is_still_one(method: str) -> None:
    assert value(f"{HEAD}x = torch.tensor([1, 2]).{method}") == (1, 2)


@pytest.mark.parametrize(
    "text",
    [
        *("torch.zeros()", "torch.stack()", "torch.cat([])", "torch.max()", "torch.where()", "torch.eq(1)"),
        *("np.vectorize()", "np.zeros(-1)", "np.eye()", "np.take()", "np.where(labels)", "torch.logical_or(labels)"),
        *("np.select([], [])", "torch.tensor()", "np.arange(0, 5, 0)", "np.prod()", "torch.zeros('a', 'b')"),
        "np.select(condlist=[labels == 0], choicelist=[1])",
        "np.isin(element=labels, test_elements=[2])",
        "torch.isin(elements=labels, test_elements=torch.tensor([2]))",
        "torch.isin()",
        "np.arange(99999999999999999999999)",
        "torch.zeros(float('nan'))",
        "torch.zeros(3, 4).transpose(2, 3)",
    ],
)
def test_impossible_calls_never_crash(text: str) -> None:
    assert trace(f"{HEAD}x = {text}").stopped == ""


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("torch.zeros(5, 3)", True),
        ("torch.randn(x.size(0), 10)", True),
        ("torch.zeros(5, 3, device=x.device)", False),
        ("torch.zeros_like(x)", False),
        ("x.new_zeros(5, 3)", False),
        ("torch.zeros(1, 1, 28, 28)", False),
    ],
)
def test_tensors_made_in_forward(text: str, made: bool) -> None:
    program = f"""{HEAD}
class N(torch.nn.Module):
    def forward(self, x):
        return x + {text}
net = N().to("cuda")
net(torch.zeros(1, 1, 28, 28))
"""
    assert any(isinstance(event, MadeInForward) for event in trace(program).events) == made
