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


def sides(value: Any, count: int, default: int | None = None) -> tuple[int, ...] | None:
    """A setting for each of ``count`` sides; None where it is not known."""
    if value is None:
        return None if default is None else (default,) * count
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, int | float):
        return (int(value),) * count if value == int(value) else None
    if isinstance(value, tuple | list) and len(value) == 1 and count == 1:
        return sides(value[0], 1)
    if isinstance(value, tuple | list) and len(value) == count and all(isinstance(part, int) for part in value):
        return tuple(value)
    return None


def same_padding(kernel: tuple[int, int]) -> tuple[int, int] | None:
    """The padding on each side that keeps the size at stride 1; None for even kernels."""
    return None if any(size % 2 == 0 for size in kernel) else ((kernel[0] - 1) // 2, (kernel[1] - 1) // 2)


def windowed(
    shape: Shape | None,
    kernel: tuple[int, ...] | None,
    stride: tuple[int, ...] | None,
    padding: tuple[int, ...] | None,
    channels: int | None = None,
    *,
    ceil: bool = False,
    dilation: int | tuple[int, ...] = 1,
) -> Shape | None:
    """Size after a convolution or pooling of (…, C, *sides), as many sides as the kernel has.

    ⌊(size + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1 on each side; with ``ceil`` rounded up, and the last
    window must start inside of the input or its left padding.
    """
    if shape is None or kernel is None or stride is None or padding is None or len(shape) <= len(kernel):
        return None
    count = len(kernel)
    spread = (dilation,) * count if isinstance(dilation, int) else dilation
    sizes: list[int | None] = []
    for size, window, step, pad, apart in zip(shape[-count:], kernel, stride, padding, spread, strict=True):
        if size is None or step < 1 or window < 1:
            return None
        span = size + 2 * pad - apart * (window - 1) - 1
        found = (-(-span // step) if ceil else span // step) + 1
        if ceil and (found - 1) * step >= size + pad:
            found -= 1
        sizes.append(found)
    if any(size is not None and size < 1 for size in sizes):
        return None
    return (*shape[: -count - 1], channels if channels is not None else shape[-count - 1], *sizes)


def broadcast(one: Shape | None, other: Shape | None) -> Shape | None:
    """Size of a sum, by the rules of broadcasting; None where it can't be told, or the sizes do not fit."""
    if one is None or other is None:
        return None
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    found: list[int | None] = list(longer)
    for at in range(1, len(shorter) + 1):
        sizes = {longer[-at], shorter[-at]}
        if len(sizes) == 2 and 1 not in sizes and None not in sizes:
            return None
        found[-at] = (
            next(iter(sizes)) if len(sizes) == 1 else None if None in sizes else max(size or 0 for size in sizes)
        )
    return tuple(found)


def concatenated(shapes: list[Shape | None], along: int) -> Shape | None:
    """Size of several tensors beside each other along one dimension."""
    known = [shape for shape in shapes if shape is not None]
    if not known or len(known) != len(shapes) or len({len(shape) for shape in known}) != 1:
        return None
    count = len(known[0])
    if not -count <= along < count:
        return None
    at = along % count
    total = [shape[at] for shape in known]
    joined = None if None in total else sum(size or 0 for size in total)
    rest = [{shape[place] for shape in known} - {None} for place in range(count)]
    if any(len(sizes) > 1 for place, sizes in enumerate(rest) if place != at):
        return None
    return tuple(joined if place == at else next(iter(sizes), None) for place, sizes in enumerate(rest))


def unflattened(shape: Shape | None, dim: int, sizes: tuple[int, ...]) -> Shape | None:
    """Size after one dimension is unfolded into several."""
    if shape is None or not -len(shape) <= dim < len(shape):
        return None
    at = dim % len(shape)
    inner = viewed((shape[at],), list(sizes)) if shape[at] is not None else tuple(sizes) if -1 not in sizes else None
    return None if inner is None else (*shape[:at], *inner, *shape[at + 1 :])


def flattened(shape: Shape | None, start: int = 1, end: int = -1) -> Shape | None:
    """Size after flattening the dimensions from ``start`` to ``end``."""
    if shape is None:
        return None
    count = len(shape)
    if not -count <= start < max(count, 1) or not -count <= end < max(count, 1):
        return None
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
        exact = None not in shape and None not in sizes
        return None if exact and known != math.prod(size for size in sizes if size is not None) else tuple(sizes)
    at = sizes.index(-1)
    others = [size for index, size in enumerate(sizes) if index != at]
    rest = math.prod(size for size in others if size is not None)
    if unknown and None not in others:
        fits = rest == known  # -1 is the batch
        return tuple(None if index == at else size for index, size in enumerate(sizes)) if fits or rest else None
    if rest and known % rest == 0:
        return tuple(known // rest if index == at else size for index, size in enumerate(sizes))
    return None
