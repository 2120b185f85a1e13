"""Networks that something gets which is not followed: what they were made of stays known, nothing else."""

import pytest

from tests.inspection import inspected, rules, torch

LOSS = "nn.CrossEntropyLoss()"
_WIDE = 784 * 32 + 32 + 330


@pytest.mark.parametrize(
    "given",
    [
        "somewhere.watch(net)",
        "net[1].register_forward_hook(somewhere.hook)",
        "net.register_forward_hook(somewhere.hook)",
        "save = somewhere.save(3, model=net)",
    ],
)
def test_a_network_is_counted_as_it_is_made(given: str) -> None:
    program = torch(
        "nn.Linear(32, 10)", LOSS, changes=(("loss_function =", f"import somewhere\n{given}\nloss_function ="),)
    )
    (network,) = inspected(program).networks
    assert network.parameters == network.trainable == _WIDE
    assert network.lost
    assert network.lost.startswith("counted as it is made; line 12: ")
    assert not rules(program)


def test_what_changed_before_is_no_part_of_it() -> None:
    more = "import somewhere\nif somewhere.asked():\n    net.append(nn.Linear(10, 10))\n"
    more += "somewhere.watch(net)\nloss_function ="
    program = torch("nn.Linear(32, 10)", LOSS, changes=(("loss_function =", more),))
    (network,) = inspected(program).networks
    assert network.parameters is None


_UNFINISHED = """
from torch import nn
import somewhere
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        somewhere.watch(self)
        self.second = nn.Linear(4, 4)
net = Net()
"""


@pytest.mark.parametrize(
    ("more", "known"),
    [
        ("torchmetrics.Accuracy(task='multiclass')", True),
        ("Rearrange('b c h w -> b (c h w)')", True),
        ("somewhere.Layer()", False),
    ],
)
def test_modules_of_other_libraries(more: str, known: bool) -> None:
    text = f"""
import torchmetrics, somewhere
from einops.layers.torch import Rearrange
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Sequential({more}, nn.Linear(4, 4))
        self.more = {more}
    def forward(self, x):
        return self.first(self.more(x))
net = Net()
"""
    (network,) = inspected(text).networks
    assert network.parameters == (20 if known else None)


def test_a_network_that_is_given_away_half_made() -> None:
    (network,) = inspected(_UNFINISHED).networks
    assert network.parameters is None
