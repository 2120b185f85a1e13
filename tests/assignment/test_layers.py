"""Layers as data: what a spec may say of one."""

from typing import Any, get_args

import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from torch import nn

from reportgen.assignment.layers import AnyLayer, Layer, double_softmax_floor, rests_on_double_softmax_floor

LAYER: TypeAdapter[Layer] = TypeAdapter(AnyLayer)
TYPES = [layer.__name__ for layer in get_args(get_args(AnyLayer)[0])]


def test_the_ten_layer_types_of_the_issue_are_there() -> None:
    assert TYPES == [
        "Conv2d",
        "Linear",
        "BatchNorm2d",
        "MaxPool2d",
        "AvgPool2d",
        "AdaptiveAvgPool2d",
        "ReLU",
        "Dropout",
        "Flatten",
        "Softmax",
    ]


@pytest.mark.parametrize("layer_type", get_args(get_args(AnyLayer)[0]), ids=TYPES)
def test_every_setting_of_a_layer_is_a_setting_of_the_torch_module(layer_type: type[Layer]) -> None:
    torch_settings = getattr(nn, layer_type.__name__).__init__.__annotations__
    ours = set(layer_type.model_fields) - {"name", "type", "frozen"}
    assert ours <= set(torch_settings)


@pytest.mark.parametrize("classes", [2, 4, 10])
def test_a_loss_that_takes_probabilities_ends_on_its_floor(classes: int) -> None:
    floor = double_softmax_floor(classes)
    certain = nn.functional.one_hot(torch.arange(classes), classes).float()
    assert nn.functional.cross_entropy(certain, torch.arange(classes)).item() == pytest.approx(floor)
    near = [(floor, 0.95), (floor + 0.09, 0.95), (floor - 0.001, 0.95), (floor + 0.11, 0.95), (floor, 0.9)]
    assert [rests_on_double_softmax_floor(*ended, classes) for ended in near] == [True, True, False, False, False]


def test_a_single_size_means_both_sides() -> None:
    layer = LAYER.validate_python({"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1})
    assert (layer.kernel_size, layer.padding, layer.stride) == ((3, 3), (1, 1), (1, 1))  # type: ignore[attr-defined]


def test_a_pair_is_height_and_width() -> None:
    layer = LAYER.validate_python({"type": "MaxPool2d", "kernel_size": [3, 2]})
    assert layer.kernel_size == (3, 2)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"type": "Conv2d", "out_channels": 2, "kernel_size": True}, "whole number or a pair"),
        ({"type": "Conv2d", "out_channels": 2, "kernel_size": [3, 3, 3]}, "whole number or a pair"),
        ({"type": "Conv2d", "out_channels": 2, "kernel_size": 1.5}, "whole number or a pair"),
        ({"type": "Conv2d", "out_channels": 2, "kernel_size": 0}, "greater than or equal to 1"),
        ({"type": "Conv2d", "out_channels": 0, "kernel_size": 1}, "greater than or equal to 1"),
        ({"type": "Conv2d", "out_channels": 2, "kernel_size": 1, "padding": -1}, "greater than or equal to 0"),
        ({"type": "Conv2d", "out_channels": 2, "kernel_size": 1, "padding": "full"}, "'same' or 'valid'"),
        ({"type": "Conv2d", "out_channels": 2, "kernel_size": 1, "paddding": 1}, "Extra inputs"),
        ({"type": "Linear", "out_features": "klasses"}, "'classes'"),
        ({"type": "Linear", "out_features": 0}, "greater than or equal to 1"),
        ({"type": "Dropout", "p": 1.0}, "less than 1"),
        ({"type": "BatchNorm2d", "eps": float("inf")}, "finite"),
        ({"type": "Conv3d", "out_channels": 2, "kernel_size": 1}, "does not match any of the expected tags"),
    ],
)
def test_a_setting_that_no_layer_can_have_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        LAYER.validate_python(settings)


def test_layers_survive_json_and_back() -> None:
    for settings in (
        {"type": "Conv2d", "out_channels": 2, "kernel_size": (3, 2), "padding": "same"},
        {"type": "Conv2d", "out_channels": 2, "kernel_size": (3, 2), "padding": (0, 1)},
        {"type": "Linear", "out_features": "classes"},
        {"type": "Linear", "out_features": 7},
    ):
        layer = LAYER.validate_python(settings)
        assert LAYER.validate_json(LAYER.dump_json(layer)) == layer
        assert settings.items() <= layer.model_dump().items()
