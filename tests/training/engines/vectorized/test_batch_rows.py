"""Images as planes."""

import pytest
import torch

from reportgen.training.engines.vectorized.batch_rows import LANES, Planes


@pytest.mark.parametrize("margin", [0, 1, 3])
def test_a_tensor_copied_into_planes_is_the_same_and_all_around_it_is_zero(margin: int) -> None:
    images = torch.randn(5, 2, 4, 7)
    planes = Planes.zeros(images.shape, margin)
    planes.tensor.copy_(images)
    assert torch.equal(planes.tensor, images)
    assert planes.shape == images.shape
    assert planes.rows[1, 2, planes.lead + 3 * 5 + 4] == images[4, 1, 2, 3]
    assert planes.rows.astype(bool).sum() == images.count_nonzero()
    assert planes.lead >= margin * 5
    assert planes.lead % LANES == planes.rows.shape[2] % LANES == 0
