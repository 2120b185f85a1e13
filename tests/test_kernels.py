"""Compiled loops against torch, to the last bit where nothing is summed."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, batch_norm, cross_entropy, max_pool2d, relu

from reportgen import kernels


def rows(images: Tensor) -> Any:
    """(N, C, H, W) to (N, H, W·C)."""
    return np.ascontiguousarray(images.detach().permute(0, 2, 3, 1).flatten(2).numpy())


@pytest.fixture
def images() -> Tensor:
    """Whole numbers from few, so that windows have equal maxima."""
    drawn = torch.randint(-2, 3, (3, 4, 7, 6), generator=torch.Generator().manual_seed(0))
    return drawn.float().requires_grad_()


@pytest.mark.parametrize("rectify", [False, True])
@pytest.mark.parametrize("spare", [0, 2])
def test_pooling_and_its_gradient_choose_as_torch_does(images: Tensor, rectify: bool, spare: int) -> None:
    expected = max_pool2d(images, 2, 1)
    expected = relu(expected) if rectify else expected
    out, choice = np.full((3, 6, (5 + spare) * 4), np.nan, np.float32), np.empty((3, 6, 20), np.uint8)
    kernels.pool(rows(images), out, choice, 4, rectify)
    assert np.array_equal(out[:, :, :20], rows(expected))
    assert not out[:, :, 20:].any()

    gradient = torch.arange(expected.numel()).reshape(expected.shape).float()
    expected.backward(gradient)
    assert images.grad is not None
    given = np.full_like(out, np.nan)
    given[:, :, :20] = rows(gradient)
    before = np.full((3, 7, (6 + spare) * 4), np.nan, np.float32)
    kernels.unpool(given, choice, before, 4)
    assert np.array_equal(before[:, :, :24], rows(images.grad))
    assert not before[:, :, 24:].any()


def test_pooling_hands_on_a_number_that_is_none(images: Tensor) -> None:
    data = images.detach().clone()
    data[1, 2, 3, 4] = torch.nan
    out, choice = np.empty((3, 6, 20), np.float32), np.empty((3, 6, 20), np.uint8)
    kernels.pool(rows(data), out, choice, 4, True)
    assert np.array_equal(out, rows(relu(max_pool2d(data, 2, 1))), equal_nan=True)
    assert np.isnan(out).sum() == 4


@pytest.mark.parametrize("rectify", [False, True])
def test_averages_and_their_gradient(images: Tensor, rectify: bool) -> None:
    expected = avg_pool2d(images, 2)
    expected = relu(expected) if rectify else expected
    out = np.empty((3, 3, 12), np.float32)
    kernels.average(rows(images), out, 4, rectify)
    assert np.array_equal(out, rows(expected))
    gradient = torch.arange(expected.numel()).reshape(expected.shape).float()
    expected.backward(gradient)
    assert images.grad is not None
    before = np.full((3, 7, 24), np.nan, np.float32)
    kernels.spread(rows(gradient), out, before, 4, rectify)
    assert np.array_equal(before, rows(images.grad))


@pytest.mark.parametrize("training", [False, True])
def test_normalization_and_its_running_statistics(images: Tensor, training: bool) -> None:
    weight, bias, mean, variance = (torch.rand(4) + 0.5 for _ in range(4))
    running = mean.numpy().copy(), variance.numpy().copy()
    out = np.empty((3, 7, 24), np.float32)
    kernels.normalize(rows(images), out, weight.numpy(), bias.numpy(), *running, 1e-5, 0.1, 6, training)
    expected = relu(batch_norm(images, mean, variance, weight, bias, training=training))
    assert np.allclose(out, rows(expected), atol=1e-5)
    assert np.allclose(running[0], mean.numpy(), atol=1e-6)
    assert np.allclose(running[1], variance.numpy(), atol=1e-6)


def test_the_gradient_of_the_cross_entropy() -> None:
    logits = (50 * torch.randn(9, 5, generator=torch.Generator().manual_seed(0))).requires_grad_()
    labels = torch.arange(9) % 5
    cross_entropy(logits, labels).backward()
    out = np.empty((9, 5), np.float32)
    kernels.cross_entropy_gradient(logits.detach().numpy(), labels.numpy(), out)
    assert logits.grad is not None
    assert np.allclose(out, logits.grad.numpy(), atol=1e-7)
