"""Convolutions of planes (see ``batch_rows.py``) with stride 1, and their gradients; compiled by numba when first used.

A convolution with few channels leaves most lanes of a vector register idle where lanes are channels, as in libraries
for large networks. Here lanes are neighbours in a row of a plane, which a batch of images makes long, and a block of
results, some channels by some vectors, stays in registers until it is done.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.training.engines.vectorized.batch_rows import LANES
from reportgen.training.engines.vectorized.llvm import convolve_block, correlate_block, pool_block
from reportgen.training.engines.vectorized.loops import Choices, Rows
from reportgen.training.engines.vectorized.machine_code import compiled

_WIDE = LANES == 16
"""The processor has 32 registers of 16 lanes; else we count on 16."""
_VECTORS = 3
_TALL, _LOW = (8, 4) if _WIDE else (4, 4)
"""Channels in a block of ``convolve``; ``_LOW`` where more would be idle."""
_MANY, _FEW = (4, 4) if _WIDE else (2, 4)
"""Channels in a block of ``correlate``, for 4 or 5 taps and for 3."""
_BAND = 3
"""Rows of gradients that stay in the cache next to the processor while all rows of a kernel pass over them."""


@compiled
def pack(weight: Any, bias: Rows) -> Rows:
    """Weights (O, C, height, width) in the order of blocks: (block, 1 + tap, channel in the block), the bias first.

    Apart from ``convolve``, which so need not be compiled for each order of weights in memory. Taps go through
    heights, then channels, then widths. The last channel fills up the last block.
    """
    outputs, inputs, height, width = weight.shape
    high = _LOW if (outputs - 1) % _TALL < _LOW else _TALL
    packed = np.empty((-(-outputs // high), 1 + height * inputs * width, high), np.float32)
    for b in range(packed.shape[0]):
        for m in range(high):
            o = min(b * high + m, outputs - 1)
            packed[b, 0, m] = bias[o]
            for kh in range(height):
                for c in range(inputs):
                    for kw in range(width):
                        packed[b, 1 + (kh * inputs + c) * width + kw, m] = weight[o, c, kh, kw]
    return packed


@compiled
def _locate(shape: tuple[int, ...], rows: int, stride: int, count: int) -> NDArray[np.int64]:
    """How far apart the pixels are that each tap multiplies, in planes of so many rows."""
    _, inputs, height, width = shape
    taps = np.empty(height * inputs * width, np.int64)
    for k in range(taps.shape[0]):
        taps[k] = ((k // width) % inputs * rows + k // width // inputs) * stride + k % width * count
    return taps


@compiled
def _convolve_row(
    weights: Rows, taps: NDArray[np.int64], first: int, last: int, source: Rows, source_at: int,
    out: Rows, out_at: int, plane: int, outputs: int, vectors: int,
) -> None:  # fmt: skip
    """One row of all channels of the output, which are ``plane`` apart."""
    flat, high = weights.reshape(-1), weights.shape[2]
    size = weights.shape[1] * high
    for v in range(0, vectors, _VECTORS):
        for b in range(weights.shape[0]):
            at, to = source_at + v * LANES, out_at + v * LANES + b * high * plane
            if high == _LOW:
                convolve_block(
                    LANES, _LOW, _VECTORS, flat, b * size, taps, first, last,
                    source, at, out, to, plane, outputs - b * high, vectors - v,
                )  # fmt: skip
            else:
                convolve_block(
                    LANES, _TALL, _VECTORS, flat, b * size, taps, first, last,
                    source, at, out, to, plane, outputs - b * high, vectors - v,
                )  # fmt: skip


@compiled
def convolve(
    source: Rows,
    lead: int,
    shape: tuple[int, ...],
    weights: Rows,
    out: Rows,
    out_lead: int,
    count: int,
    used: int,
    top: int,
    left: int,
) -> None:
    """Convolve with packed ``weights`` of a ``shape`` (O, C, height, width), and add the bias.

    ``source`` and ``out``: rows of planes (C, H, stride) and (O, H', stride'), their pixels from ``lead`` and
    ``out_lead`` on. ``count``: images. ``used``: pixels in a row of ``out``. ``top`` and ``left``: rows and columns of
    zeros around the source; ``lead`` has room for the columns.
    """
    outputs, inputs, height, width = shape
    rows, stride, out_stride = source.shape[1], source.shape[2], out.shape[2]
    taps, vectors = _locate(shape, rows, stride, count), -(-used // LANES)
    for h in range(out.shape[1]):
        first, last = max(0, top - h) * inputs * width, min(height, rows + top - h) * inputs * width
        at = (h - top) * stride + lead - left * count
        _convolve_row(
            weights, taps, first, last, source.reshape(-1), at,
            out.reshape(-1), h * out_stride + out_lead, out.shape[1] * out_stride, outputs, vectors,
        )  # fmt: skip
        out[:, h, out_lead + used : out_lead + vectors * LANES] = 0


@compiled
def convolve_and_pool(
    source: Rows,
    lead: int,
    shape: tuple[int, ...],
    weights: Rows,
    out: Rows,
    out_lead: int,
    choice: Choices,
    count: int,
    used: int,
    top: int,
    left: int,
    rectify: bool,
) -> None:
    """``convolve``, then ``pool``, row by row, so that what is between them never leaves the cache."""
    outputs, inputs, height, width = shape
    rows, stride, height_out, out_stride = source.shape[1], source.shape[2], out.shape[1], out.shape[2]
    taps = _locate(shape, rows, stride, count)
    vectors, pooled = -(-(used + count) // LANES), -(-used // LANES)
    size = (vectors + 1) * LANES
    band = np.zeros(outputs * 2 * size, np.float32)
    for h in range(height_out + 1):
        first, last = max(0, top - h) * inputs * width, min(height, rows + top - h) * inputs * width
        at = (h - top) * stride + lead - left * count
        lower, upper = h % 2 * size, (h + 1) % 2 * size
        _convolve_row(
            weights, taps, first, last, source.reshape(-1), at, band, lower, 2 * size, outputs, vectors,
        )  # fmt: skip
        for o in range(outputs if h else 0):
            row = o * 2 * size
            pool_block(
                LANES, band, row + upper, band, row + lower, count, out.reshape(-1), choice.reshape(-1),
                (o * height_out + h - 1) * out_stride + out_lead, rectify, pooled,
            )  # fmt: skip
            out[o, h - 1, out_lead + used : out_lead + pooled * LANES] = 0


@compiled
def _add_lanes(sums: Rows) -> None:
    """Sum each vector of lanes into its first."""
    for start in range(0, sums.shape[0], LANES):
        half = LANES // 2
        while half:
            for lane in range(start, start + half):
                sums[lane] += sums[lane + half]
            half //= 2


@compiled
def _add_products(
    wide: int, sums: Rows, sums_at: int, gradient: Rows, gradient_at: int, plane: int, gradient_row: int, left: int,
    source: Rows, source_at: int, source_row: int, apart: int, rows: int, vectors: int,
) -> None:  # fmt: skip
    """A ``correlate_block`` of ``wide`` taps."""
    if wide == 3:
        correlate_block(
            LANES, _FEW, 3, sums, sums_at, gradient, gradient_at, plane, gradient_row, left,
            source, source_at, source_row, apart, rows, vectors,
        )  # fmt: skip
    elif wide == 4:
        correlate_block(
            LANES, _MANY, 4, sums, sums_at, gradient, gradient_at, plane, gradient_row, left,
            source, source_at, source_row, apart, rows, vectors,
        )  # fmt: skip
    else:
        correlate_block(
            LANES, _MANY, 5, sums, sums_at, gradient, gradient_at, plane, gradient_row, left,
            source, source_at, source_row, apart, rows, vectors,
        )  # fmt: skip


@compiled
def correlate(
    source: Rows,
    lead: int,
    gradient: Rows,
    gradient_lead: int,
    shape: tuple[int, ...],
    count: int,
    used: int,
    top: int,
    left: int,
) -> Rows:
    """Gradient of weights of a ``shape`` (O, C, height, width), from that of what ``convolve`` gave.

    All else is as ``convolve`` has it.
    """
    outputs, inputs, height, width = shape
    out = np.empty((outputs, inputs, height, width), np.float32)
    rows, stride, gradient_rows, gradient_stride = source.shape[1], source.shape[2], *gradient.shape[1:]
    turns = -(-width // 5)
    wide = max(3, -(-width // turns))
    high = _FEW if wide == 3 else _MANY
    pixels, slopes = source.reshape(-1), gradient.reshape(-1)
    plane, vectors = gradient_rows * gradient_stride, -(-used // LANES)
    sums = np.empty((height, turns, high, wide, LANES), np.float32)
    flat = sums.reshape(-1)
    for o in range(0, outputs, high):
        for c in range(inputs):
            flat[:] = 0
            for band in range(0, gradient_rows, _BAND):
                for kh in range(height):
                    first = max(band, top - kh)
                    number = min(band + _BAND, gradient_rows, rows + top - kh) - first
                    for turn in range(turns):
                        shift = max(0, min(turn * wide, width - wide)) - left
                        at = (c * rows + first + kh - top) * stride + lead + shift * count
                        slope_at = o * plane + first * gradient_stride + gradient_lead
                        sums_at = (kh * turns + turn) * high * wide * LANES
                        if number > 0:
                            _add_products(
                                wide, flat, sums_at, slopes, slope_at, plane, gradient_stride, outputs - o,
                                pixels, at, stride, count, number, vectors,
                            )  # fmt: skip
            _add_lanes(flat)
            for m in range(min(high, outputs - o)):
                for kh in range(height):
                    for turn in range(turns):
                        first = max(0, min(turn * wide, width - wide))
                        for kw in range(first, min(first + wide, width)):
                            out[o + m, c, kh, kw] = sums[kh, turn, m, kw - first, 0]
    return out
