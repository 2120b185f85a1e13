"""Images of a batch in an order in which loops over them run over long rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import llvmlite.binding
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_FEATURES = llvmlite.binding.get_host_cpu_features()
LANES = 16 if _FEATURES.get("avx512f") else 8 if _FEATURES.get("avx2") else 4
"""Numbers in a vector register of this processor."""


@dataclass(frozen=True, eq=False)
class Planes:
    """Images (N, C, H, W), the same pixel of all images side by side: in a row, neighbours are N numbers apart."""

    rows: NDArray[np.float32]
    """(C, H, stride). Pixel w of image n is at ``lead`` + w·N + n; whatever is before and behind the pixels is zero.

    Behind the last row some more zeros may be read."""
    count: int
    """N"""
    width: int
    """W"""
    lead: int
    """Zeros before each row; they end the row before it."""

    @classmethod
    def zeros(cls, shape: Sequence[int], margin: int = 0) -> Planes:
        """Room for images (N, C, H, W), with at least ``margin`` columns of zeros between rows."""
        count, channels, height, width = shape
        lead = -(-margin * count // LANES) * LANES
        stride = lead + -(-width * count // LANES) * LANES
        size = channels * height * stride
        slack = lead + 4 * count + 4 * LANES
        rows = torch.zeros(size + slack)[:size].view(channels, height, stride)
        return cls(rows.numpy(), count, width, lead)

    @cached_property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, C, H, W)"""
        return self.count, self.rows.shape[0], self.rows.shape[1], self.width

    @property
    def used(self) -> int:
        """Pixels in a row, those of all images."""
        return self.count * self.width

    @cached_property
    def tensor(self) -> Tensor:
        """The same memory as (N, C, H, W)."""
        pixels = torch.from_numpy(self.rows)[:, :, self.lead : self.lead + self.used]
        return pixels.view(*self.rows.shape[:2], self.width, self.count).permute(3, 0, 1, 2)
