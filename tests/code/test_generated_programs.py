"""Programs of snippets and changed submissions, which the reader must survive."""

import ast
import copy
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reportgen.code.source import Source
from reportgen.errors import UnreadableError
from reportgen.grading.findings.code import check_code
from tests.code.snippets import EXPRESSIONS, STATEMENTS
from tests.coded import ASSIGNMENT, ROLL, SECOND, SUBMISSION

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
@pytest.mark.slow
def test_changed_submissions_never_crash(seed: int, times: int) -> None:
    checked(mutated(random.Random(seed), times))
