"""Loops over images that torch runs as several slow passes; compiled by numba when they are first used.

Images are the rows (C, H, stride) of planes (see ``batch_rows.py``) of float32: pixels begin at ``lead``, neighbours in
a row are ``count`` apart, so every inner loop is over adjacent numbers.
"""

import numpy as np
from numpy.typing import NDArray

from reportgen.training.engines.vectorized.batch_rows import LANES
from reportgen.training.engines.vectorized.llvm import pool_block, unpool_block
from reportgen.training.engines.vectorized.machine_code import compiled

Rows = NDArray[np.float32]
Choices = NDArray[np.uint8]
_ZERO, _ONE = np.float32(0), np.float32(1)


@compiled
def pool(
    images: Rows, lead: int, out: Rows, out_lead: int, choice: Choices, count: int, used: int, rectify: bool
) -> None:
    """Maximum over 2×2 windows at every position, ``used`` in a row, then ReLU if ``rectify``.

    ``choice``, shaped as ``out``, says where in its window each maximum stands.
    """
    height, vectors = out.shape[1], -(-used // LANES)
    pixels, results, choices = images.reshape(-1), out.reshape(-1), choice.reshape(-1)
    for c in range(out.shape[0]):
        for h in range(height):
            at, to = (c * images.shape[1] + h) * images.shape[2] + lead, (c * height + h) * out.shape[2] + out_lead
            pool_block(LANES, pixels, at, pixels, at + images.shape[2], count, results, choices, to, rectify, vectors)
            out[c, h, out_lead + used : out_lead + vectors * LANES] = 0


@compiled
def unpool(gradient: Rows, lead: int, choice: Choices, out: Rows, out_lead: int, count: int, used: int) -> None:
    """Gradient of the images that ``pool`` was given, from that of its output, which has a margin."""
    channels, height, stride = gradient.shape
    vectors = -(-(used + count) // LANES)
    slopes, choices, results = gradient.reshape(-1), choice.reshape(-1), out.reshape(-1)
    nothing, nowhere = np.zeros(lead + vectors * LANES, np.float32), np.zeros(lead + vectors * LANES, np.uint8)
    for c in range(channels):
        above, above_choice, above_at = nothing, nowhere, lead
        for h in range(height + 1):
            below, below_choice, below_at = slopes, choices, (c * height + h) * stride + lead
            if h == height:
                below, below_choice, below_at = nothing, nowhere, lead
            to = (c * (height + 1) + h) * out.shape[2] + out_lead
            unpool_block(
                LANES, below, below_choice, below_at, above, above_choice, above_at, count, results, to, vectors
            )
            above, above_choice, above_at = below, below_choice, below_at


@compiled
def pool_apart(images: Rows, lead: int, out: Rows, out_lead: int, choice: Choices, count: int, width: int) -> None:
    """Maximum over 2×2 windows side by side, ``width`` in a row; ``choice`` as in ``pool``."""
    for c in range(out.shape[0]):
        for h in range(out.shape[1]):
            upper, lower = images[c, 2 * h, lead:], images[c, 2 * h + 1, lead:]
            to, which = out[c, h, out_lead:], choice[c, h, out_lead:]
            for w in range(width):
                for n in range(count):
                    left, right = 2 * w * count + n, (2 * w + 1) * count + n
                    first, second, third, fourth = upper[left], upper[right], lower[left], lower[right]
                    in_upper = (second > first) | np.isnan(second)
                    in_lower = (fourth > third) | np.isnan(fourth)
                    top, bottom = second if in_upper else first, fourth if in_lower else third
                    below = (bottom > top) | np.isnan(bottom)
                    to[w * count + n] = bottom if below else top
                    which[w * count + n] = np.uint8(2) + in_lower if below else np.uint8(in_upper)


@compiled
def unpool_apart(gradient: Rows, lead: int, choice: Choices, out: Rows, out_lead: int, count: int, width: int) -> None:
    """Gradient of the images that ``pool_apart`` was given. Pixels that are in no window keep theirs."""
    for c in range(gradient.shape[0]):
        for h in range(gradient.shape[1]):
            row, which = gradient[c, h, lead:], choice[c, h, lead:]
            upper, lower = out[c, 2 * h, out_lead:], out[c, 2 * h + 1, out_lead:]
            for w in range(width):
                for n in range(count):
                    j, left, right = w * count + n, 2 * w * count + n, (2 * w + 1) * count + n
                    slope, place = row[j], which[j]
                    upper[left] = slope if place == 0 else _ZERO
                    upper[right] = slope if place == 1 else _ZERO
                    lower[left] = slope if place == 2 else _ZERO
                    lower[right] = slope if place == 3 else _ZERO


@compiled
def rectify(images: Rows, lead: int, out: Rows, out_lead: int, used: int) -> None:
    """ReLU."""
    for c in range(images.shape[0]):
        for h in range(images.shape[1]):
            row, to = images[c, h, lead:], out[c, h, out_lead:]
            for j in range(used):
                to[j] = _ZERO if row[j] <= _ZERO else row[j]


@compiled
def unrectify(gradient: Rows, lead: int, output: Rows, output_lead: int, used: int) -> None:
    """Gradient of the images that ``rectify`` was given, written over its ``output``."""
    for c in range(gradient.shape[0]):
        for h in range(gradient.shape[1]):
            row, cut = gradient[c, h, lead:], output[c, h, output_lead:]
            for j in range(used):
                cut[j] = _ZERO if cut[j] <= _ZERO else row[j]


@compiled
def average(images: Rows, lead: int, out: Rows, out_lead: int, count: int, width: int, rectify: bool) -> None:
    """Mean of 2×2 windows side by side, ``width`` in a row, then ReLU if ``rectify``."""
    for c in range(out.shape[0]):
        for h in range(out.shape[1]):
            upper, lower, to = images[c, 2 * h, lead:], images[c, 2 * h + 1, lead:], out[c, h, out_lead:]
            for w in range(width):
                for n in range(count):
                    left, right = 2 * w * count + n, (2 * w + 1) * count + n
                    mean = (upper[left] + upper[right] + lower[left] + lower[right]) * np.float32(0.25)
                    to[w * count + n] = _ZERO if rectify and mean <= _ZERO else mean


@compiled
def spread(
    gradient: Rows,
    lead: int,
    output: Rows,
    output_lead: int,
    out: Rows,
    out_lead: int,
    count: int,
    width: int,
    rectify: bool,
) -> None:
    """Gradient of the images that ``average`` was given. Pixels that are in no window keep theirs."""
    for c in range(gradient.shape[0]):
        for h in range(gradient.shape[1]):
            row, cut = gradient[c, h, lead:], output[c, h, output_lead:]
            upper, lower = out[c, 2 * h, out_lead:], out[c, 2 * h + 1, out_lead:]
            for w in range(width):
                for n in range(count):
                    j, left, right = w * count + n, 2 * w * count + n, (2 * w + 1) * count + n
                    part = _ZERO if rectify and not cut[j] > _ZERO else row[j] * np.float32(0.25)
                    upper[left] = part
                    upper[right] = part
                    lower[left] = part
                    lower[right] = part


@compiled
def _sum(numbers: Rows) -> float:
    """Sum of a vector, which is overwritten: its halves are added until one number is left."""
    left = numbers.shape[0]
    while left > 1:
        half = left // 2
        for j in range(half):
            numbers[j] += numbers[left - half + j]
        left -= half
    return float(numbers[0])


@compiled
def total(images: Rows, lead: int, used: int, out: Rows) -> None:
    """Sum of each channel."""
    sums = np.empty(used, np.float32)
    for c in range(images.shape[0]):
        sums[:] = 0
        for h in range(images.shape[1]):
            row = images[c, h, lead:]
            for j in range(used):
                sums[j] += row[j]
        out[c] = _sum(sums)


@compiled
def _moments(plane: Rows, lead: int, used: int, origin: np.float32) -> tuple[float, float]:
    """Mean and variance (divided by the number) of the pixels of a channel; ``origin`` is near the mean."""
    sums, squares = np.zeros(used, np.float32), np.zeros(used, np.float32)
    for h in range(plane.shape[0]):
        row = plane[h, lead:]
        for j in range(used):
            value = row[j] - origin
            sums[j] += value
            squares[j] += value * value
    number = plane.shape[0] * used
    mean = _sum(sums) / number
    return origin + mean, _sum(squares) / number - mean * mean


@compiled
def normalize(
    images: Rows,
    lead: int,
    out: Rows,
    out_lead: int,
    weight: Rows,
    bias: Rows,
    running_mean: Rows,
    running_variance: Rows,
    eps: float,
    momentum: float,
    used: int,
    training: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Batch normalization of ``used`` pixels in each row, then ReLU.

    Gives mean and inverse deviation of each channel: while ``training`` those of the images, which also move the
    running ones by ``momentum``, else the running ones.
    """
    means, inverses = np.empty(weight.shape[0]), np.empty(weight.shape[0])
    number = images.shape[1] * used
    for c in range(weight.shape[0]):
        if training:
            mean, variance = _moments(images[c], lead, used, images[c, 0, lead])
            running_mean[c] += momentum * (mean - running_mean[c])
            running_variance[c] += momentum * (variance * number / (number - 1) - running_variance[c])
        else:
            mean, variance = float(running_mean[c]), float(running_variance[c])
        inverse = 1 / np.sqrt(variance + eps)
        factor = np.float32(weight[c] * inverse)
        shift = np.float32(bias[c] - mean * weight[c] * inverse)
        for h in range(images.shape[1]):
            row, to = images[c, h, lead:], out[c, h, out_lead:]
            for j in range(used):
                value = row[j] * factor + shift
                to[j] = _ZERO if value <= _ZERO else value
        means[c], inverses[c] = mean, inverse
    return means, inverses


@compiled
def unscale(
    gradient: Rows,
    lead: int,
    output: Rows,
    output_lead: int,
    images: Rows,
    images_lead: int,
    weight: Rows,
    means: NDArray[np.float64],
    inverses: NDArray[np.float64],
    used: int,
    for_weight: Rows,
    for_bias: Rows,
) -> None:
    """Gradient of the images that ``normalize`` was given while training; ``means`` and ``inverses`` are what it gave.

    Writes it over the images, and the gradients of the scale's weight and bias to ``for_weight`` and ``for_bias``.
    """
    number = images.shape[1] * used
    for c in range(weight.shape[0]):
        sums, products, mean = np.zeros(used, np.float32), np.zeros(used, np.float32), np.float32(means[c])
        for h in range(images.shape[1]):
            row, cut, value = gradient[c, h, lead:], output[c, h, output_lead:], images[c, h, images_lead:]
            for j in range(used):
                through = row[j] if cut[j] > _ZERO else _ZERO
                sums[j] += through
                products[j] += through * (value[j] - mean)
        bias_slope = _sum(sums)
        weight_slope = inverses[c] * _sum(products)
        scale = weight[c] * inverses[c]
        tilt = -scale * inverses[c] * weight_slope / number
        factor, slope = np.float32(scale), np.float32(tilt)
        shift = np.float32(-scale * bias_slope / number - tilt * means[c])
        for h in range(images.shape[1]):
            row, cut, value = gradient[c, h, lead:], output[c, h, output_lead:], images[c, h, images_lead:]
            for j in range(used):
                passed = row[j] if cut[j] > _ZERO else _ZERO
                value[j] = factor * passed + slope * value[j] + shift
        for_weight[c], for_bias[c] = weight_slope, bias_slope


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
