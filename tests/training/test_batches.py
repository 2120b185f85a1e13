"""From images to the batches of an epoch: split, order, augmentation, scaling."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from reportgen.training.batches import Labelled, normalize, shuffle, split
from reportgen.training.images import Images
from reportgen.training.loop import train
from tests.tiny import AFFINE, STOPPING, planned


def test_the_split_takes_every_training_image_once_and_differs_by_seed(tiny: Images) -> None:
    experiment = planned(**STOPPING)
    sets = split(experiment, tiny, 5)
    training, validation, test = sets.training, sets.validation, sets.test
    assert (len(training), len(validation), len(test)) == (110, 40, 60)
    images = torch.cat([training.images, validation.images]).flatten(1)
    assert sorted(map(bytes, images.numpy())) == sorted(map(bytes, tiny.train_images.reshape(150, -1)))
    assert torch.equal(split(experiment, tiny, 5).validation.images, validation.images)
    assert not torch.equal(split(experiment, tiny, 6).validation.images, validation.images)


def test_labels_are_grouped_before_training(tiny: Images) -> None:
    label_to_class = (0, 1, 2, 2, 3, 2, 0, 1, 2, 3)
    sets = split(planned(label_to_class=label_to_class), tiny, 5)
    training, test = sets.training, sets.test
    assert torch.bincount(training.labels).tolist() == np.bincount(np.take(label_to_class, tiny.train_labels)).tolist()
    assert test.labels.tolist() == [label_to_class[label] for label in tiny.test_labels]


def test_an_epoch_shows_every_image_once_in_a_new_order(tiny: Images) -> None:
    training = split(planned(), tiny, 5).training
    torch.manual_seed(1)
    first, second = shuffle(training, planned().training), shuffle(training, planned().training)
    for epoch in (first, second):
        shown = epoch.images.flatten(1).numpy()
        assert sorted(map(bytes, shown)) == sorted(map(bytes, training.images.flatten(1).numpy()))
    assert not torch.equal(first.images, second.images)


def test_augmented_images_keep_their_labels_and_are_never_mirrored(tiny: Images) -> None:
    settings = planned(augmentation=[AFFINE]).training
    corner = torch.zeros(200, 1, 28, 28, dtype=torch.uint8)
    corner[:, :, 8:20, 8:12] = 255
    corner[:, :, 16:20, 8:20] = 255  # an L: no rotation by 10° and no shift makes its mirror image of it
    labels = torch.arange(200)
    torch.manual_seed(2)
    epoch = shuffle(Labelled(corner, labels), settings)
    assert sorted(epoch.labels.tolist()) == labels.tolist()
    shown = epoch.images.float().flatten(1)
    shifts = [(down, right) for down in range(-3, 4) for right in range(-3, 4)]
    whole = corner[:1].float()

    def closest(image: Tensor) -> Tensor:
        moved = torch.stack([image.roll(shift, (2, 3)).flatten() for shift in shifts])
        return torch.cdist(shown, moved).amin(1)

    assert (closest(whole) < closest(whole.flip(3))).all()
    assert (closest(whole) < closest(whole.flip(2))).all()
    assert len(torch.unique(shown, dim=0)) == 40  # 200 images, 5 a draw


def test_augmentation_draws_from_the_range_that_the_plan_states(monkeypatch: pytest.MonkeyPatch, tiny: Images) -> None:
    from torchvision.transforms import v2

    asked: list[dict[str, Any]] = []
    original = v2.RandomAffine

    def watched(degrees: float, **settings: Any) -> nn.Module:
        asked.append({"degrees": degrees, **settings})
        module: nn.Module = original(degrees, **settings)
        return module

    monkeypatch.setattr(v2, "RandomAffine", watched)
    affine = {**AFFINE, "scale": [0.9, 1.1], "shear": 7}
    train(planned(augmentation=[affine], epochs=1), tiny, 5)
    assert len(asked) == 1
    assert (asked[0]["degrees"], asked[0]["translate"], asked[0]["scale"]) == (10, (0.1, 0.1), (0.9, 1.1))
    assert asked[0]["shear"] == 7


def test_normalized_images_are_standardized_and_channels_last() -> None:
    images = torch.tensor([0, 51, 255], dtype=torch.uint8).reshape(1, 3, 1, 1).expand(2, 3, 4, 4)
    scaled = normalize(images, 0.2, 0.4)
    assert scaled[0, :, 0, 0].tolist() == pytest.approx([-0.5, 0.0, 2.0])
    assert scaled.is_contiguous(memory_format=torch.channels_last)
