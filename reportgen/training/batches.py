"""From images in memory to the batches of an epoch: split, order, augmentation, scaling."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from reportgen.assignment.plan import PlannedExperiment, PlannedTraining
from reportgen.training.images import Images, group


@dataclass(frozen=True)
class Labelled:
    """Images with their classes."""

    images: Tensor
    """(N, C, H, W), bytes."""
    labels: Tensor
    """(N,), classes."""

    def __len__(self) -> int:
        return len(self.labels)

    def pick(self, chosen: Tensor) -> Labelled:
        """The images at the positions ``chosen`` (M,)."""
        return Labelled(self.images[chosen], self.labels[chosen])


@dataclass(frozen=True)
class Sets:
    """What one experiment trains on, chooses its epoch by, and is measured on."""

    training: Labelled
    validation: Labelled
    """Empty where the plan sets no images aside."""
    test: Labelled
    mean: float
    """Of the training pixels scaled to 0…1, validation images counted in."""
    std: float

    def to(self, device: str) -> Sets:
        """The same on a device."""
        training, validation, test = (
            Labelled(part.images.to(device), part.labels.to(device))
            for part in (self.training, self.validation, self.test)
        )
        return Sets(training, validation, test, self.mean, self.std)

    def prepare(self, images: Tensor) -> Tensor:
        """Bytes (N, C, H, W) to what the network takes."""
        return normalize(images, self.mean, self.std)


def normalize(images: Tensor, mean: float, std: float) -> Tensor:
    """Scale bytes 0…255 to 0…1 and standardize; (N, C, H, W) in channels_last memory order."""
    scaled = (images / 255).sub_(mean).div_(std)
    return scaled.contiguous(memory_format=torch.channels_last)


def split(experiment: PlannedExperiment, images: Images, seed: int) -> Sets:
    """Training, validation and test set of an experiment; validation images are drawn from the training set."""
    labels, test_labels = (
        torch.from_numpy(group(numbers, experiment.label_to_class))
        for numbers in (images.train_labels, images.test_labels)
    )
    everything = Labelled(torch.tensor(images.train_images), labels)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    kept_aside = experiment.training.validation_size
    return Sets(
        everything.pick(order[kept_aside:]),
        everything.pick(order[:kept_aside]),
        Labelled(torch.tensor(images.test_images), test_labels),
        images.mean,
        images.std,
    )


def shuffle(training_set: Labelled, training: PlannedTraining) -> Labelled:
    """The training set of one epoch in a new order, augmented. Draws from the global generator."""
    device = training_set.images.device
    order = torch.randperm(len(training_set)).to(device)
    for affine in training.augmentation:
        from torchvision.transforms import InterpolationMode, v2  # 1.5 s, which plain trainings save

        transform = v2.RandomAffine(
            affine.degrees,
            translate=(affine.translate, affine.translate),
            scale=affine.scale,
            shear=affine.shear,
            interpolation=InterpolationMode.BILINEAR,
        )
        mixed = training_set.pick(torch.randperm(len(training_set)).to(device))
        moved = [transform(part) for part in mixed.images.split(affine.images_per_draw)]
        training_set = Labelled(torch.cat(moved), mixed.labels)
    return training_set.pick(order)
