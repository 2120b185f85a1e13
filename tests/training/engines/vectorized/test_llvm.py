"""Blocks of every size that some processor uses."""

from typing import Any

import numba
import numpy as np
import pytest

from reportgen.training.engines.vectorized.llvm import convolve_block, correlate_block
from reportgen.training.engines.vectorized.loops import Rows

compiled: Any = numba.njit
BLOCKS = [(16, 8, 3), (16, 4, 3), (8, 4, 3), (4, 4, 3)]
CORRELATED = [(16, 4, 5), (16, 4, 4), (16, 4, 3), (8, 2, 5), (8, 2, 4), (8, 4, 3), (4, 2, 5), (4, 2, 4), (4, 4, 3)]


@pytest.mark.parametrize(("lanes", "channels", "vectors"), BLOCKS)
@pytest.mark.parametrize(("channels_left", "vectors_left"), [(9, 9), (3, 2), (1, 1)])
def test_a_block_of_results(lanes: int, channels: int, vectors: int, channels_left: int, vectors_left: int) -> None:
    generator = np.random.default_rng(0)
    weights = generator.standard_normal((7, channels), np.float32)
    weights[:, channels_left:] = weights[:, channels_left - 1 : channels_left]
    source = generator.standard_normal(200, np.float32)
    taps, out = np.array([0, 1, 5, 9, 20, 2]), np.zeros((channels, 60), np.float32)

    @compiled  # type: ignore[untyped-decorator]
    def call(weights: Rows, source: Rows, out: Rows, there: int, wide: int) -> None:
        convolve_block(lanes, channels, vectors, weights, 0, taps, 1, 5, source, 30, out, 4, 60, there, wide)

    call(weights.ravel(), source, out.ravel(), channels_left, vectors_left)
    rows, size = min(channels, channels_left), min(vectors, vectors_left) * lanes
    windows = np.stack([source[30 + tap : 30 + tap + size] for tap in taps[1:5]])
    expected = np.zeros_like(out)
    expected[:rows, 4 : 4 + size] = weights[0, :rows, None] + weights[2:6, :rows].T @ windows
    assert np.allclose(out, expected, atol=1e-5)


@pytest.mark.parametrize(("lanes", "channels", "taps"), CORRELATED)
@pytest.mark.parametrize("channels_left", [9, 1])
def test_a_block_of_sums(lanes: int, channels: int, taps: int, channels_left: int) -> None:
    generator = np.random.default_rng(0)
    gradient = generator.standard_normal((channels, 3, 48), np.float32)
    source = generator.standard_normal((3, 80), np.float32)
    sums = np.ones((channels, taps, lanes), np.float32)
    vectors = 48 // lanes

    @compiled  # type: ignore[untyped-decorator]
    def call(sums: Rows, gradient: Rows, source: Rows) -> None:
        correlate_block(
            lanes, channels, taps, sums, 0, gradient, 48, 3 * 48, 48, channels_left, source, 80, 80, 6, 2, vectors
        )

    call(sums.ravel(), gradient.ravel(), source.ravel())
    for c in range(channels):
        rows = gradient[min(c, channels_left - 1), 1:]
        for tap in range(taps):
            products = (rows * source[1:, 6 * tap : 6 * tap + 48]).reshape(2, vectors, lanes)
            assert np.allclose(sums[c, tap], 1 + products.sum((0, 1)), atol=1e-5)
