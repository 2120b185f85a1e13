"""Loops over images that torch runs as several slow passes; compiled by numba when they are first used.

An image in channels_last order is an array (H, W·C) of rows: neighbours in a row are C apart, so every inner loop is
over adjacent numbers. Arrays are (N, H, W·C) and float32 where nothing else is said. A row may be longer than what is
used of it. Sums over images are kept in float64.
"""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Choices = NDArray[np.uint8]
_ZERO, _ONE = np.float32(0), np.float32(1)
_NOWHERE = np.uint8(4)
"""Choice of a window whose maximum ReLU cut off."""


def compiled(function: Any) -> Any:
    """Compile on first use, without the interpreter's lock, and keep the machine code for the next process."""
    return numba.njit(nogil=True, cache=True)(function)


@compiled
def _pool_row(upper: Rows, lower: Rows, out: Rows, choice: Choices, channels: int, rectify: bool) -> None:
    upper_right, lower_right = upper[channels:], lower[channels:]
    for j in range(out.shape[0]):
        largest, which = upper[j], np.uint8(0)
        # as in torch the first of equal ones is chosen, and a number that is none is the largest
        candidate = upper_right[j]
        larger = (candidate > largest) | np.isnan(candidate)
        largest, which = candidate if larger else largest, np.uint8(1) if larger else which
        candidate = lower[j]
        larger = (candidate > largest) | np.isnan(candidate)
        largest, which = candidate if larger else largest, np.uint8(2) if larger else which
        candidate = lower_right[j]
        larger = (candidate > largest) | np.isnan(candidate)
        largest, which = candidate if larger else largest, np.uint8(3) if larger else which
        cut = (largest <= _ZERO) & rectify
        out[j], choice[j] = _ZERO if cut else largest, _NOWHERE if cut else which


@compiled
def pool(images: Rows, out: Rows, choice: Choices, channels: int, rectify: bool) -> None:
    """Maximum over 2×2 windows at every position, then ReLU if ``rectify``.

    ``choice`` (N, H−1, (W−1)·C) says where in its window each maximum stands; its size gives the columns used. What
    rows of ``out`` hold beyond them is set to zero.
    """
    used = choice.shape[2]
    for n in range(choice.shape[0]):
        for h in range(choice.shape[1]):
            _pool_row(images[n, h], images[n, h + 1], out[n, h, :used], choice[n, h], channels, rectify)
            out[n, h, used:] = _ZERO


@compiled
def _unpool_row(
    below: Rows, below_choice: Choices, above: Rows, above_choice: Choices, out: Rows, channels: int
) -> None:
    """Gradient of one row of pixels from the windows that begin in it (below) and those that end in it (above)."""
    used = below_choice.shape[0]
    for j in range(channels):
        b, a = below[j], above[j]
        out[j] = (b if below_choice[j] == 0 else _ZERO) + (a if above_choice[j] == 2 else _ZERO)
    right, right_choice = below[channels:], below_choice[channels:]
    above_right, above_right_choice, inner = above[channels:], above_choice[channels:], out[channels:]
    for j in range(used - channels):
        b, a, b_left, a_left = right[j], above_right[j], below[j], above[j]
        inner[j] = (
            (b if right_choice[j] == 0 else _ZERO)
            + (b_left if below_choice[j] == 1 else _ZERO)
            + ((a if above_right_choice[j] == 2 else _ZERO) + (a_left if above_choice[j] == 3 else _ZERO))
        )
    end, end_choice = below[used - channels :], below_choice[used - channels :]
    above_end, above_end_choice, last = above[used - channels :], above_choice[used - channels :], out[used:]
    for j in range(channels):
        b, a = end[j], above_end[j]
        last[j] = (b if end_choice[j] == 1 else _ZERO) + (a if above_end_choice[j] == 3 else _ZERO)


@compiled
def unpool(gradient: Rows, choice: Choices, out: Rows, channels: int) -> None:
    """Gradient of the images that ``pool`` was given, from that of its output. Beyond the columns used it is zero."""
    height, used = choice.shape[1], choice.shape[2]
    nothing, nowhere = np.zeros(used, np.float32), np.full(used, _NOWHERE)
    for n in range(choice.shape[0]):
        _unpool_row(gradient[n, 0], choice[n, 0], nothing, nowhere, out[n, 0], channels)
        for h in range(1, height):
            _unpool_row(gradient[n, h], choice[n, h], gradient[n, h - 1], choice[n, h - 1], out[n, h], channels)
        _unpool_row(nothing, nowhere, gradient[n, height - 1], choice[n, height - 1], out[n, height], channels)
        out[n, :, used + channels :] = _ZERO


@compiled
def average(images: Rows, out: Rows, channels: int, rectify: bool) -> None:
    """Mean of 2×2 windows side by side, then ReLU if ``rectify``."""
    for n in range(out.shape[0]):
        for h in range(out.shape[1]):
            upper, lower, to = images[n, 2 * h], images[n, 2 * h + 1], out[n, h]
            for w in range(out.shape[2] // channels):
                for c in range(channels):
                    left, right = 2 * w * channels + c, (2 * w + 1) * channels + c
                    mean = (upper[left] + upper[right] + lower[left] + lower[right]) * np.float32(0.25)
                    to[w * channels + c] = _ZERO if rectify and mean <= _ZERO else mean


@compiled
def spread(gradient: Rows, output: Rows, out: Rows, channels: int, rectify: bool) -> None:
    """Gradient of the images that ``average`` was given. Pixels that are in no window have none."""
    for n in range(out.shape[0]):
        out[n, 2 * gradient.shape[1] :] = _ZERO
        for h in range(gradient.shape[1]):
            row, cut, upper, lower = gradient[n, h], output[n, h], out[n, 2 * h], out[n, 2 * h + 1]
            upper[2 * row.shape[0] :] = _ZERO
            lower[2 * row.shape[0] :] = _ZERO
            for w in range(row.shape[0] // channels):
                for c in range(channels):
                    j, left, right = w * channels + c, 2 * w * channels + c, (2 * w + 1) * channels + c
                    part = _ZERO if rectify and not cut[j] > _ZERO else row[j] * np.float32(0.25)
                    upper[left] = part
                    upper[right] = part
                    lower[left] = part
                    lower[right] = part


@compiled
def _by_channel(numbers: NDArray[np.float64], channels: int) -> NDArray[np.float64]:
    """Sums over the columns of a row."""
    found = np.zeros(channels)
    for j in range(numbers.shape[0]):
        found[j % channels] += numbers[j]
    return found


@compiled
def _across(numbers: NDArray[np.float64], width: int) -> Rows:
    """Numbers of each channel, once for each column."""
    channels = numbers.shape[0]
    row = np.empty(width * channels, np.float32)
    for j in range(row.shape[0]):
        row[j] = numbers[j % channels]
    return row


@compiled
def _scale_row(row: Rows, factor: Rows, shift: Rows, out: Rows) -> None:
    for j in range(factor.shape[0]):
        value = row[j] * factor[j] + shift[j]
        out[j] = _ZERO if value <= _ZERO else value


@compiled
def _moments(images: Rows, width: int, channels: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance (divided by the number) of each channel in the first ``width`` columns."""
    used = width * channels
    sums, squares = np.zeros(used), np.zeros(used)
    for n in range(images.shape[0]):
        for h in range(images.shape[1]):
            row = images[n, h]
            for j in range(used):
                value = np.float64(row[j])
                sums[j] += value
                squares[j] += value * value
    mean, square = _by_channel(sums, channels), _by_channel(squares, channels)
    count = images.shape[0] * images.shape[1] * width
    mean /= count
    return mean, square / count - mean * mean


@compiled
def normalize(
    images: Rows,
    out: Rows,
    weight: Rows,
    bias: Rows,
    running_mean: Rows,
    running_variance: Rows,
    eps: float,
    momentum: float,
    width: int,
    training: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Batch normalization of the first ``width`` columns, then ReLU; zeros beyond.

    Gives mean and inverse deviation of each channel: while ``training`` those of the images, which also move the
    running ones by ``momentum``, else the running ones.
    """
    channels = weight.shape[0]
    if training:
        mean, variance = _moments(images, width, channels)
        count = images.shape[0] * images.shape[1] * width
        for c in range(channels):
            running_mean[c] += momentum * (mean[c] - running_mean[c])
            running_variance[c] += momentum * (variance[c] * count / (count - 1) - running_variance[c])
    else:
        mean, variance = running_mean.astype(np.float64), running_variance.astype(np.float64)
    inverse = 1 / np.sqrt(variance + eps)
    factor = weight * inverse
    factors, shifts = _across(factor, width), _across(bias - mean * factor, width)
    used = factors.shape[0]
    for n in range(images.shape[0]):
        for h in range(images.shape[1]):
            _scale_row(images[n, h], factors, shifts, out[n, h])
            out[n, h, used:] = _ZERO
    return mean, inverse


@compiled
def _unscale_row(row: Rows, cut: Rows, value: Rows, factor: Rows, slope: Rows, shift: Rows, out: Rows) -> None:
    for j in range(factor.shape[0]):
        given = row[j]
        through = given if cut[j] > _ZERO else _ZERO
        out[j] = factor[j] * through + slope[j] * value[j] + shift[j]


@compiled
def unscale(
    gradient: Rows,
    output: Rows,
    images: Rows,
    out: Rows,
    weight: Rows,
    mean: NDArray[np.float64],
    inverse: NDArray[np.float64],
    width: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gradient of the images that ``normalize`` was given while training; ``mean`` and ``inverse`` are what it gave.

    Gives those of the scale's weight and bias, and fills ``out``; beyond ``width`` columns it is zero.
    """
    channels = weight.shape[0]
    used = width * channels
    sums, products = np.zeros(used), np.zeros(used)
    for n in range(images.shape[0]):
        for h in range(images.shape[1]):
            row, cut, value = gradient[n, h], output[n, h], images[n, h]
            for j in range(used):
                given = row[j]
                through = np.float64(given if cut[j] > _ZERO else _ZERO)
                sums[j] += through
                products[j] += through * value[j]
    for_bias, product = _by_channel(sums, channels), _by_channel(products, channels)
    for_weight = inverse * (product - mean * for_bias)
    count = images.shape[0] * images.shape[1] * width
    factor = weight * inverse
    slope = -factor * inverse * for_weight / count
    shift = -factor * for_bias / count - slope * mean
    factors, slopes, shifts = _across(factor, width), _across(slope, width), _across(shift, width)
    for n in range(images.shape[0]):
        for h in range(images.shape[1]):
            _unscale_row(gradient[n, h], output[n, h], images[n, h], factors, slopes, shifts, out[n, h])
            out[n, h, used:] = _ZERO
    return for_weight, for_bias


@compiled
def cross_entropy_gradient(logits: Rows, labels: NDArray[np.int64], out: Rows) -> None:
    """Gradient of the mean cross-entropy of ``logits`` (N, K) by themselves."""
    count, classes = logits.shape
    for n in range(count):
        largest = logits[n, 0]
        for k in range(1, classes):
            largest = max(largest, logits[n, k])
        total = np.float32(0)
        for k in range(classes):
            out[n, k] = np.exp(logits[n, k] - largest)
            total += out[n, k]
        for k in range(classes):
            out[n, k] = (out[n, k] / total - (_ONE if k == labels[n] else _ZERO)) / np.float32(count)
