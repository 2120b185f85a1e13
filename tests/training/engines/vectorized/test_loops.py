"""Compiled loops against torch, to the last bit where nothing is summed."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, batch_norm, cross_entropy, max_pool2d, relu

from reportgen.training.engines.vectorized import loops
from reportgen.training.engines.vectorized.batch_rows import Planes


def planes(images: Tensor, margin: int = 0) -> Planes:
    room = Planes.zeros(images.shape, margin)
    room.tensor.copy_(images.detach())
    return room


def blank(*shape: int, margin: int = 0) -> Planes:
    """Room whose pixels are yet to be written."""
    room = Planes.zeros(shape, margin)
    room.tensor.fill_(torch.nan)
    return room


@pytest.fixture(params=[0, 2])
def margin(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def images() -> Tensor:
    """Whole numbers from few, so that windows have equal maxima."""
    drawn = torch.randint(-2, 3, (3, 4, 7, 6), generator=torch.Generator().manual_seed(0))
    return drawn.float().requires_grad_()


@pytest.mark.parametrize("rectify", [False, True])
def test_pooling_and_its_gradient_choose_as_torch_does(images: Tensor, rectify: bool, margin: int) -> None:
    expected = max_pool2d(images, 2, 1)
    expected = relu(expected) if rectify else expected
    taken, out = planes(images), blank(3, 4, 6, 5, margin=margin + 1)
    choice = np.empty(out.rows.shape, np.uint8)
    loops.pool(taken.rows, taken.lead, out.rows, out.lead, choice, 3, out.used, rectify)
    assert torch.equal(out.tensor, expected)
    assert out.rows.astype(bool).sum() == expected.count_nonzero()

    gradient = torch.arange(expected.numel()).reshape(expected.shape).float()
    expected.backward(gradient)
    given, before = planes(gradient, margin + 1), blank(3, 4, 7, 6)
    loops.unpool(given.rows, given.lead, choice, before.rows, before.lead, 3, given.used)
    assert images.grad is not None
    assert torch.equal(before.tensor, images.grad)
    assert before.rows.astype(bool).sum() == images.grad.count_nonzero()


def test_pooling_hands_on_a_number_that_is_none(images: Tensor) -> None:
    data = images.detach().clone()
    data[1, 2, 3, 4] = torch.nan
    taken, out = planes(data), blank(3, 4, 6, 5)
    loops.pool(taken.rows, taken.lead, out.rows, out.lead, np.empty(out.rows.shape, np.uint8), 3, out.used, True)
    assert np.array_equal(out.tensor, relu(max_pool2d(data, 2, 1)), equal_nan=True)
    assert out.tensor.isnan().sum() == 4


def test_pooling_side_by_side_chooses_as_torch_does(images: Tensor, margin: int) -> None:
    expected = max_pool2d(images, 2)
    taken, out = planes(images), blank(3, 4, 3, 3, margin=margin)
    choice = np.empty(out.rows.shape, np.uint8)
    loops.pool_apart(taken.rows, taken.lead, out.rows, out.lead, choice, 3, 3)
    assert torch.equal(out.tensor, expected)
    gradient = torch.arange(expected.numel()).reshape(expected.shape).float()
    expected.backward(gradient)
    given, before = planes(gradient, margin), Planes.zeros((3, 4, 7, 6), margin)
    loops.unpool_apart(given.rows, given.lead, choice, before.rows, before.lead, 3, 3)
    assert images.grad is not None
    assert torch.equal(before.tensor, images.grad)

    data = images.detach().clone()
    data[1, 2, 3, 4] = data[0, 0, 0, 0] = data[2, 1, 1, 1] = torch.nan
    taken = planes(data)
    loops.pool_apart(taken.rows, taken.lead, out.rows, out.lead, choice, 3, 3)
    assert np.array_equal(out.tensor, max_pool2d(data, 2), equal_nan=True)


def test_rectified_images_and_their_gradient(images: Tensor, margin: int) -> None:
    expected = relu(images)
    taken, out = planes(images), blank(3, 4, 7, 6, margin=margin)
    loops.rectify(taken.rows, taken.lead, out.rows, out.lead, taken.used)
    assert torch.equal(out.tensor, expected)
    gradient = torch.arange(expected.numel()).reshape(expected.shape).float()
    expected.backward(gradient)
    given = planes(gradient)
    loops.unrectify(given.rows, given.lead, out.rows, out.lead, taken.used)
    assert images.grad is not None
    assert torch.equal(out.tensor, images.grad)


@pytest.mark.parametrize("rectify", [False, True])
def test_averages_and_their_gradient(images: Tensor, rectify: bool, margin: int) -> None:
    expected = avg_pool2d(images, 2)
    expected = relu(expected) if rectify else expected
    taken, out = planes(images), blank(3, 4, 3, 3, margin=margin)
    loops.average(taken.rows, taken.lead, out.rows, out.lead, 3, 3, rectify)
    assert torch.equal(out.tensor, expected)
    gradient = torch.arange(expected.numel()).reshape(expected.shape).float()
    expected.backward(gradient)
    given, before = planes(gradient), Planes.zeros((3, 4, 7, 6), margin)
    rows = given.rows, given.lead, out.rows, out.lead, before.rows, before.lead
    loops.spread(*rows, 3, 3, rectify)
    assert images.grad is not None
    assert torch.equal(before.tensor, images.grad)


def test_sums_of_channels(images: Tensor, margin: int) -> None:
    taken, out = planes(images, margin), np.empty(4, np.float32)
    loops.total(taken.rows, taken.lead, taken.used, out)
    assert np.array_equal(out, images.detach().sum((0, 2, 3)))


@pytest.mark.parametrize("training", [False, True])
def test_normalization_and_its_running_statistics(images: Tensor, training: bool, margin: int) -> None:
    weight, bias, mean, variance = (torch.rand(4) + 0.5 for _ in range(4))
    running = mean.numpy().copy(), variance.numpy().copy()
    taken, out = planes(images), blank(3, 4, 7, 6, margin=margin)
    rows = taken.rows, taken.lead, out.rows, out.lead
    loops.normalize(*rows, weight.numpy(), bias.numpy(), *running, 1e-5, 0.1, taken.used, training)
    expected = relu(batch_norm(images, mean, variance, weight, bias, training=training))
    assert torch.allclose(out.tensor, expected, atol=1e-5)
    assert np.allclose(running[0], mean.numpy(), atol=1e-6)
    assert np.allclose(running[1], variance.numpy(), atol=1e-6)


def test_the_gradient_of_the_cross_entropy() -> None:
    logits = (50 * torch.randn(9, 5, generator=torch.Generator().manual_seed(0))).requires_grad_()
    labels = torch.arange(9) % 5
    cross_entropy(logits, labels).backward()
    out = np.empty((9, 5), np.float32)
    loops.cross_entropy_gradient(logits.detach().numpy(), labels.numpy(), out)
    assert logits.grad is not None
    assert np.allclose(out, logits.grad.numpy(), atol=1e-7)
