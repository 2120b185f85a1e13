"""Tiny networks and experiments that train in a moment."""

from typing import Any

from reportgen.assignment.counting import complete
from reportgen.assignment.layers import (
    AnyLayer,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    ReLU,
    Softmax,
)
from reportgen.assignment.plan import PlannedExperiment, PlannedTraining

PLAIN: tuple[AnyLayer, ...] = (AvgPool2d(kernel_size=(4, 4)), Flatten(), Linear(out_features=10), Softmax())
RICH: tuple[AnyLayer, ...] = (
    Conv2d(out_channels=4, kernel_size=(5, 5), stride=(4, 4)),
    BatchNorm2d(),
    ReLU(),
    Flatten(),
    Dropout(p=0.2),
    Linear(out_features=10),
    Softmax(),
)
AFFINE: dict[str, Any] = {"name": "affine", "degrees": 10, "translate": 0.1, "images_per_draw": 5}
STOPPING: dict[str, Any] = {"validation_size": 40, "early_stopping": {"patience": 2}}


def planned(
    layers: tuple[AnyLayer, ...] = PLAIN, label_to_class: tuple[int, ...] = tuple(range(10)), **training: Any
) -> PlannedExperiment:
    """An experiment on images of 1×28×28."""
    return PlannedExperiment(
        id="tiny",
        network="tiny",
        classes=tuple("0123456789"),
        label_to_class=label_to_class,
        grouped=False,
        layers=complete(layers, (1, 28, 28)),
        training=PlannedTraining.model_validate({"epochs": 2, "batch_size": 16, **training}),
        baseline=None,
    )
