"""What the blocks written for LLVM compute, in NumPy, and with every access held to the memory that there is.

The blocks take addresses and check nothing: a row may be read and written beyond its pixels, as far as its margins
promise. The twins see the same memory, all that was allocated around an array, and refuse what lies outside of it.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Numbers = NDArray[Any]


def memory(array: Numbers) -> tuple[Numbers, int]:
    """All numbers that were allocated together with an array, and where among them it begins."""
    owner: Any = array
    while isinstance(owner, np.ndarray) and owner.base is not None:
        owner = owner.base
    if isinstance(owner, torch.Tensor):
        whole: Numbers = torch.empty(0, dtype=owner.dtype).set_(owner.untyped_storage()).numpy()
    else:
        assert isinstance(owner, np.ndarray)
        whole = owner.reshape(-1)
    begin = array.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
    assert begin % array.itemsize == 0
    return whole, begin // array.itemsize


def span(array: Numbers, at: int, size: int) -> Numbers:
    """So many numbers from element ``at`` on, which may be beyond the array, but not beyond its memory."""
    whole, begin = memory(array)
    assert 0 <= begin + at <= begin + at + size <= len(whole), f"{at}…{at + size} of {len(array)}"
    return whole[begin + at : begin + at + size]


def convolve_block(
    lanes: int, channels: int, vectors: int, weights: Numbers, weights_at: int, taps: Numbers, first: int, last: int,
    source: Numbers, source_at: int, out: Numbers, out_at: int, plane: int, channels_left: int, vectors_left: int,
) -> None:  # fmt: skip
    """As ``llvm.convolve_block``."""
    table = span(weights, weights_at, (1 + last) * channels).reshape(-1, channels) if last > first else None
    for v in range(vectors):
        shift = min(v, vectors_left - 1) * lanes
        pixels = [span(source, source_at + int(taps[tap]) + shift, lanes) for tap in range(first, last)]
        for c in range(channels):
            total = np.full(lanes, span(weights, weights_at, channels)[c])
            for tap, row in zip(range(first, last), pixels, strict=True):
                assert table is not None
                total += table[1 + tap, c] * row
            span(out, out_at + min(c, channels_left - 1) * plane + shift, lanes)[:] = total


def correlate_block(
    lanes: int, channels: int, taps: int, sums: Numbers, sums_at: int, gradient: Numbers, gradient_at: int, plane: int,
    gradient_row: int, channels_left: int, source: Numbers, source_at: int, source_row: int, apart: int, rows: int,
    vectors: int,
) -> None:  # fmt: skip
    """As ``llvm.correlate_block``."""
    totals = span(sums, sums_at, channels * taps * lanes).reshape(channels, taps, lanes)
    for row in range(rows):
        for c in range(channels):
            at = gradient_at + min(c, channels_left - 1) * plane + row * gradient_row
            slopes = span(gradient, at, vectors * lanes).reshape(vectors, lanes)
            for tap in range(taps):
                pixels = span(source, source_at + tap * apart + row * source_row, vectors * lanes)
                totals[c, tap] += (slopes * pixels.reshape(vectors, lanes)).sum(0)


def pool_block(
    lanes: int, upper: Numbers, upper_at: int, lower: Numbers, lower_at: int, apart: int, out: Numbers,
    choice: Numbers, out_at: int, rectify: bool, vectors: int,
) -> None:  # fmt: skip
    """As ``llvm.pool_block``."""
    size = vectors * lanes
    starts = [(upper, upper_at), (upper, upper_at + apart), (lower, lower_at), (lower, lower_at + apart)]
    window = np.stack([span(array, at, size) for array, at in starts])
    # argmax takes the first of equal ones and the first that is none; torch's choice is the last that is none
    none = np.isnan(window)
    which = np.where(none.any(0), 3 - none[::-1].argmax(0), window.argmax(0))
    largest = np.take_along_axis(window, which[None], 0)[0]
    cut = (largest <= 0) & rectify
    span(out, out_at, size)[:] = np.where(cut, 0, largest)
    span(choice, out_at, size)[:] = np.where(cut, 4, which)


def unpool_block(
    lanes: int, below: Numbers, below_choice: Numbers, below_at: int, above: Numbers, above_choice: Numbers,
    above_at: int, apart: int, out: Numbers, out_at: int, vectors: int,
) -> None:  # fmt: skip
    """As ``llvm.unpool_block``."""
    size = vectors * lanes
    total = np.zeros(size, np.float32)
    for place in range(4):
        slopes, choices, at = (below, below_choice, below_at) if place < 2 else (above, above_choice, above_at)
        at -= apart * (place % 2)
        total += np.where(span(choices, at, size) == place, span(slopes, at, size), 0)
    span(out, out_at, size)[:] = total
