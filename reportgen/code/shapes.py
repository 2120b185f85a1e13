"""Sizes of what layers give, by the formulas of the ``torch.nn`` documentation. None stands for an unknown size."""

import math
from typing import Any

from reportgen.code.values import Shape


def pair(value: Any, default: int | None = None) -> tuple[int, int] | None:
    """A setting for height and width; None where it is not known."""
    if value is None:
        return None if default is None else (default, default)
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int | float) and value == int(value):
        return int(value), int(value)
    if isinstance(value, tuple | list) and len(value) == 2 and all(isinstance(part, int) for part in value):
        return value[0], value[1]
    return None


def same_padding(kernel: tuple[int, int]) -> tuple[int, int] | None:
    """The padding on each side that keeps the size at stride 1; None for even kernels."""
    return None if any(size % 2 == 0 for size in kernel) else ((kernel[0] - 1) // 2, (kernel[1] - 1) // 2)


def windowed(
    shape: Shape | None,
    kernel: tuple[int, int] | None,
    stride: tuple[int, int] | None,
    padding: tuple[int, int] | None,
    channels: int | None = None,
    *,
    ceil: bool = False,
    dilation: int = 1,
) -> Shape | None:
    """Size after a convolution or pooling of (…, C, H, W).

    ⌊(size + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1 in height and width.
    """
    if shape is None or len(shape) < 3 or kernel is None or stride is None or padding is None:
        return None
    sizes: list[int | None] = []
    for size, window, step, pad in zip(shape[-2:], kernel, stride, padding, strict=True):
        if size is None or step < 1:
            return None
        span = (size + 2 * pad - dilation * (window - 1) - 1) / step
        sizes.append((math.ceil(span) if ceil else math.floor(span)) + 1)
    if any(size is not None and size < 1 for size in sizes):
        return None
    return (*shape[:-3], channels if channels is not None else shape[-3], *sizes)


def flattened(shape: Shape | None, start: int = 1, end: int = -1) -> Shape | None:
    """Size after flattening the dimensions from ``start`` to ``end``."""
    if shape is None:
        return None
    count = len(shape)
    start, end = start % count if count else 0, end % count if count else 0
    if start > end:
        return None
    return (*shape[:start], product(shape[start : end + 1]), *shape[end + 1 :])


def product(shape: Shape) -> int | None:
    """How many elements a shape has."""
    known = [size for size in shape if size is not None]
    return math.prod(known) if len(known) == len(shape) else None


def viewed(shape: Shape | None, sizes: list[int | None]) -> Shape | None:
    """Size after ``view`` or ``reshape``: −1 is worked out, the batch stays unknown."""
    if sizes.count(-1) > 1:
        return None
    if shape is None:
        return tuple(None if size == -1 else size for size in sizes)
    unknown = None in shape
    known = math.prod(size for size in shape if size is not None)
    if -1 not in sizes:
        return tuple(sizes)
    at = sizes.index(-1)
    others = [size for index, size in enumerate(sizes) if index != at]
    rest = math.prod(size for size in others if size is not None)
    if unknown and None not in others:
        fits = rest == known  # -1 is the batch
        return tuple(None if index == at else size for index, size in enumerate(sizes)) if fits or rest else None
    if rest and known % rest == 0:
        return tuple(known // rest if index == at else size for index, size in enumerate(sizes))
    return None
