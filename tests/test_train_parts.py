"""The parts of a training: split, order, augmentation, optimizer, schedule."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from tiny import AFFINE, STOPPING, planned
from torch import Tensor, nn
from torchvision.transforms import v2

from reportgen.data import Images
from reportgen.train import Labelled, build_optimizer, build_schedule, experiment_seed, normalize, shuffle, split, train


def rates(steps: int, epochs: int, **training: Any) -> list[float]:
    """The learning rate of each step."""
    settings = planned(epochs=epochs, optimizer={"name": "sgd", "learning_rate": 0.5}, **training).training
    optimizer = build_optimizer(nn.Linear(1, 1), settings)
    schedule = build_schedule(optimizer, settings, steps)
    seen = []
    for _ in range(steps * epochs):
        seen.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        schedule.step()
    return seen


def test_the_split_takes_every_training_image_once_and_differs_by_seed(tiny: Images) -> None:
    experiment = planned(**STOPPING)
    training, validation, test = split(experiment, tiny, 5)
    assert (len(training), len(validation), len(test)) == (110, 40, 60)
    images = torch.cat([training.images, validation.images]).flatten(1)
    assert sorted(map(bytes, images.numpy())) == sorted(map(bytes, tiny.train_images.reshape(150, -1)))
    assert torch.equal(split(experiment, tiny, 5)[1].images, validation.images)
    assert not torch.equal(split(experiment, tiny, 6)[1].images, validation.images)


def test_labels_are_grouped_before_training(tiny: Images) -> None:
    label_to_class = (0, 1, 2, 2, 3, 2, 0, 1, 2, 3)
    training, _, test = split(planned(label_to_class=label_to_class), tiny, 5)
    assert torch.bincount(training.labels).tolist() == np.bincount(np.take(label_to_class, tiny.train_labels)).tolist()
    assert test.labels.tolist() == [label_to_class[label] for label in tiny.test_labels]


def test_the_constant_schedule_changes_nothing() -> None:
    assert rates(4, 3) == [0.5] * 12


def test_the_step_schedule_multiplies_at_the_ends_of_epochs() -> None:
    seen = rates(2, 5, schedule={"name": "step", "epochs": 2, "factor": 0.1})
    assert seen == pytest.approx([0.5] * 4 + [0.05] * 4 + [0.005] * 2)


def test_the_cosine_schedule_follows_half_a_cosine_to_zero() -> None:
    seen = rates(5, 4, schedule={"name": "cosine"})
    assert seen == pytest.approx([0.25 * (1 + math.cos(math.pi * step / 20)) for step in range(20)])


def test_the_one_cycle_schedule_rises_and_falls_by_cosines() -> None:
    seen = rates(10, 10, schedule={"name": "one-cycle", "max_learning_rate": 0.8, "warmup_fraction": 0.3})
    low, lowest, top = 0.5, 0.5 / 1e4, 29
    up = [0.8 + (low - 0.8) / 2 * (1 + math.cos(math.pi * step / top)) for step in range(top + 1)]
    down = [lowest + (0.8 - lowest) / 2 * (1 + math.cos(math.pi * step / 70)) for step in range(1, 71)]
    assert seen == pytest.approx(up + down)


@pytest.mark.parametrize(
    ("optimizer", "kind", "settings"),
    [
        (
            {"name": "adam", "learning_rate": 0.1, "betas": [0.8, 0.9]},
            torch.optim.Adam,
            {"lr": 0.1, "betas": (0.8, 0.9)},
        ),
        ({"name": "adamw", "weight_decay": 0.2}, torch.optim.AdamW, {"lr": 1e-3, "weight_decay": 0.2}),
        (
            {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
            torch.optim.SGD,
            {"lr": 0.1, "momentum": 0.9, "nesterov": True},
        ),
    ],
)
def test_the_optimizer_has_the_settings_of_the_plan(
    optimizer: dict[str, Any], kind: type[torch.optim.Optimizer], settings: dict[str, Any]
) -> None:
    built = build_optimizer(nn.Linear(2, 2), planned(optimizer=optimizer).training)
    assert type(built) is kind
    assert settings.items() <= built.param_groups[0].items()


def test_an_epoch_shows_every_image_once_in_a_new_order(tiny: Images) -> None:
    training, _, _ = split(planned(), tiny, 5)
    torch.manual_seed(1)
    first, second = shuffle(training, planned().training), shuffle(training, planned().training)
    assert [len(batch) for batch in first] == [16] * 9 + [6]
    for batches in (first, second):
        shown = torch.cat([batch.images for batch in batches]).flatten(1).numpy()
        assert sorted(map(bytes, shown)) == sorted(map(bytes, training.images.flatten(1).numpy()))
    assert not torch.equal(first[0].images, second[0].images)


def test_augmented_images_keep_their_labels_and_are_never_mirrored(tiny: Images) -> None:
    settings = planned(augmentation=[AFFINE]).training
    corner = torch.zeros(200, 1, 28, 28, dtype=torch.uint8)
    corner[:, :, 8:20, 8:12] = 255
    corner[:, :, 16:20, 8:20] = 255  # an L: no rotation by 10° and no shift makes its mirror image of it
    labels = torch.arange(200)
    torch.manual_seed(2)
    batches = shuffle(Labelled(corner, labels), settings)
    assert sorted(torch.cat([batch.labels for batch in batches]).tolist()) == labels.tolist()
    shown = torch.cat([batch.images for batch in batches]).float().flatten(1)
    shifts = [(down, right) for down in range(-3, 4) for right in range(-3, 4)]
    whole = corner[:1].float()

    def closest(image: Tensor) -> Tensor:
        moved = torch.stack([image.roll(shift, (2, 3)).flatten() for shift in shifts])
        return torch.cdist(shown, moved).amin(1)

    assert (closest(whole) < closest(whole.flip(3))).all()
    assert (closest(whole) < closest(whole.flip(2))).all()
    assert len(torch.unique(shown, dim=0)) == 40  # 200 images, 5 a draw


def test_augmentation_draws_from_the_range_that_the_plan_states(monkeypatch: pytest.MonkeyPatch, tiny: Images) -> None:
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


def test_experiments_have_seeds_of_their_own_that_fit_torch() -> None:
    seeds = {experiment_seed(seed, name) for seed in (0, 1) for name in ("experiment-1", "experiment-2", "bonus")}
    assert len(seeds) == 6
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert experiment_seed(0, "bonus") == experiment_seed(0, "bonus")
