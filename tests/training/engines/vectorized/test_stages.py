"""Parts of a network; that they are right is in test_fast.py."""

import torch
from torch import nn

from reportgen.training.engines.vectorized.image_stages import Convolution, SlidingMaximum
from reportgen.training.engines.vectorized.stages import Dense, Differentiated, Dropped


def test_a_gradient_that_nobody_wants_is_not_computed() -> None:
    conv = nn.Conv2d(4, 2, 3)
    conv.weight.grad = torch.full_like(conv.weight, torch.nan)
    unit = Convolution(conv)
    assert unit.backward(unit.forward(torch.randn(2, 4, 5, 5)), wanted=False) is None
    assert conv.weight.grad.isfinite().all()
    dense = Dense(nn.Linear(3, 2))
    with torch.no_grad():
        assert dense.backward(dense.forward(torch.randn(4, 3)), wanted=False) is None


def test_memory_is_used_again() -> None:
    unit = SlidingMaximum(rectify=True)
    first, second = (unit.forward(torch.randn(2, 3, 5, 5)) for _ in range(2))
    assert first is second
    assert unit.forward(torch.randn(3, 3, 5, 5)) is not first


def test_dropout_drops_only_while_training() -> None:
    unit, images = Dropped(0.5), torch.ones(1, 1000)
    assert 0.3 < (unit.forward(images) == 0).float().mean() < 0.7
    unit.training = False
    assert unit.forward(images) is images


def test_any_other_layer_is_left_to_autograd() -> None:
    unit = Differentiated(nn.Tanh())
    images = torch.randn(2, 3)
    with torch.no_grad():
        given = unit.forward(images)
        before = unit.backward(torch.ones_like(given), wanted=True)
    assert before is not None
    assert torch.allclose(before, 1 - images.tanh() ** 2)
