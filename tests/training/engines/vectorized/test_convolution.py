"""Convolutions of planes against torch."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import conv2d
from torch.nn.grad import conv2d_weight

from reportgen.training.engines.vectorized.batch_rows import Planes
from reportgen.training.engines.vectorized.convolution import convolve, correlate, pack


@settings(max_examples=60, deadline=None)
@given(
    channels=st.tuples(st.integers(1, 9), st.integers(1, 18)),
    kernel=st.tuples(st.integers(1, 11), st.integers(1, 11)),
    larger=st.tuples(st.integers(0, 8), st.integers(0, 8)),
    padding=st.tuples(st.integers(0, 10), st.integers(0, 10)),
    count=st.integers(1, 21),
)
def test_convolutions_and_their_weights_gradients(
    channels: tuple[int, int],
    kernel: tuple[int, int],
    larger: tuple[int, int],
    padding: tuple[int, int],
    count: int,
) -> None:
    (inputs, outputs), (height, width) = channels, kernel
    padding = min(padding[0], height - 1), min(padding[1], width - 1)
    shape = max(1, height - 2 * padding[0]) + larger[0], max(1, width - 2 * padding[1]) + larger[1]
    torch.manual_seed(0)
    images, weight = torch.randn(count, inputs, *shape), torch.randn(outputs, inputs, height, width)
    bias = torch.randn(outputs)
    expected = conv2d(images.double(), weight.double(), bias.double(), padding=padding)
    gradient = torch.randn(expected.shape)
    source, out = Planes.zeros(images.shape, padding[1]), Planes.zeros(expected.shape, 1)
    source.tensor.copy_(images)
    slopes = Planes.zeros(expected.shape)
    slopes.tensor.copy_(gradient)
    where = source.count, out.used, *padding

    packed = pack(weight.numpy(), bias.numpy())
    convolve(source.rows, source.lead, tuple(weight.shape), packed, out.rows, out.lead, *where)
    assert torch.allclose(out.tensor.double(), expected, atol=1e-4)
    assert not out.rows[:, :, out.lead + out.used :].any()
    assert not out.rows[:, :, : out.lead].any()

    found = correlate(source.rows, source.lead, slopes.rows, slopes.lead, tuple(weight.shape), *where)
    reference = conv2d_weight(images.double(), list(weight.shape), gradient.double(), padding=padding)
    assert np.allclose(found, reference.numpy(), atol=1e-5 * float(reference.abs().max()))
