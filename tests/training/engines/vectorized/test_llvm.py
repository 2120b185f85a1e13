"""Blocks of every size that some processor uses, against their twins in NumPy."""

from typing import Any

import numba
import numpy as np
import pytest

from reportgen.training.engines.vectorized import llvm
from reportgen.training.engines.vectorized.loops import Rows
from tests.training.engines.vectorized import twins

compiled: Any = numba.njit
BLOCKS = [(16, 8, 3), (16, 4, 3), (8, 4, 3), (4, 4, 3)]
CORRELATED = [(16, 4, 5), (16, 4, 4), (16, 4, 3), (8, 2, 5), (8, 2, 4), (8, 4, 3), (4, 2, 5), (4, 2, 4), (4, 4, 3)]
convolve_block, correlate_block = llvm.convolve_block, llvm.correlate_block
pool_block, unpool_block = llvm.pool_block, llvm.unpool_block


@pytest.mark.parametrize(("lanes", "channels", "vectors"), BLOCKS)
@pytest.mark.parametrize(("channels_left", "vectors_left"), [(9, 9), (3, 2), (1, 1)])
def test_a_block_of_results(lanes: int, channels: int, vectors: int, channels_left: int, vectors_left: int) -> None:
    generator = np.random.default_rng(0)
    weights = generator.standard_normal((7, channels), np.float32)
    weights[:, channels_left:] = weights[:, channels_left - 1 : channels_left]
    source = generator.standard_normal(200, np.float32)
    taps, out, expected = np.array([0, 1, 5, 9, 20, 2]), *(np.zeros((channels, 60), np.float32) for _ in range(2))

    @compiled  # type: ignore[untyped-decorator]
    def call(weights: Rows, source: Rows, out: Rows, there: int, wide: int) -> None:
        convolve_block(lanes, channels, vectors, weights, 0, taps, 1, 5, source, 30, out, 4, 60, there, wide)

    call(weights.ravel(), source, out.ravel(), channels_left, vectors_left)
    twins.convolve_block(
        *(lanes, channels, vectors, weights.ravel(), 0, taps, 1, 5, source, 30),
        *(expected.ravel(), 4, 60, channels_left, vectors_left),
    )
    assert np.allclose(out, expected, atol=1e-5)
    assert expected.astype(bool).sum() == min(channels, channels_left) * min(vectors, vectors_left) * lanes


@pytest.mark.parametrize(("lanes", "channels", "taps"), CORRELATED)
@pytest.mark.parametrize("channels_left", [9, 1])
def test_a_block_of_sums(lanes: int, channels: int, taps: int, channels_left: int) -> None:
    generator = np.random.default_rng(0)
    gradient = generator.standard_normal((channels, 3, 48), np.float32)
    source = generator.standard_normal((3, 80), np.float32)
    sums, expected = (np.ones((channels, taps, lanes), np.float32) for _ in range(2))
    vectors = 48 // lanes

    @compiled  # type: ignore[untyped-decorator]
    def call(sums: Rows, gradient: Rows, source: Rows) -> None:
        correlate_block(
            lanes, channels, taps, sums, 0, gradient, 48, 3 * 48, 48, channels_left, source, 80, 80, 6, 2, vectors
        )

    call(sums.ravel(), gradient.ravel(), source.ravel())
    twins.correlate_block(
        *(lanes, channels, taps, expected.ravel(), 0, gradient.ravel(), 48, 3 * 48, 48, channels_left),
        *(source.ravel(), 80, 80, 6, 2, vectors),
    )
    assert np.allclose(sums, expected, atol=1e-5)
    whole = gradient[0, 1:].ravel() @ source[1:, :48].ravel()
    assert expected[0, 0].sum() == pytest.approx(lanes + whole, abs=1e-3)


@pytest.mark.parametrize("lanes", [4, 8, 16])
@pytest.mark.parametrize("rectify", [False, True])
def test_a_block_of_maxima_and_of_their_gradients(lanes: int, rectify: bool) -> None:
    generator = np.random.default_rng(0)
    rows = generator.integers(-2, 3, (2, 70)).astype(np.float32)
    rows[0, 9] = rows[1, 10] = rows[1, 13] = np.nan
    found, expected = ((np.zeros(64, np.float32), np.zeros(64, np.uint8)) for _ in range(2))
    vectors = 48 // lanes

    @compiled  # type: ignore[untyped-decorator]
    def pool(upper: Rows, lower: Rows, out: Rows, choice: Any) -> None:
        pool_block(lanes, upper, 2, lower, 2, 3, out, choice, 5, rectify, vectors)

    pool(rows[0], rows[1], *found)
    twins.pool_block(lanes, rows[0], 2, rows[1], 2, 3, *expected, 5, rectify, vectors)
    assert np.array_equal(found[0], expected[0], equal_nan=True)
    assert np.array_equal(found[1], expected[1])
    assert set(expected[1][5:53]) == ({0, 1, 2, 3, 4} if rectify else {0, 1, 2, 3})

    slopes = generator.standard_normal((2, 64), np.float32)
    choices = generator.integers(0, 5, (2, 64)).astype(np.uint8)
    before, reference = (np.zeros(64, np.float32) for _ in range(2))

    @compiled  # type: ignore[untyped-decorator]
    def unpool(below: Rows, below_choice: Any, above: Rows, above_choice: Any, out: Rows) -> None:
        unpool_block(lanes, below, below_choice, 8, above, above_choice, 8, 3, out, 5, vectors)

    unpool(slopes[0], choices[0], slopes[1], choices[1], before)
    twins.unpool_block(lanes, slopes[0], choices[0], 8, slopes[1], choices[1], 8, 3, reference, 5, vectors)
    assert np.array_equal(before, reference)
    assert reference[5:53].any()
    assert not reference[53:].any()
