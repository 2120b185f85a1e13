"""The quick network is the plain one: same logits, same gradients, same running statistics."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from reportgen.assignment.bundled import bundled_ids, load_spec
from reportgen.assignment.counting import LayerError, Shape, complete, count
from reportgen.assignment.layers import (
    AnyLayer,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
)
from reportgen.assignment.plan import Options, Plan, resolve
from reportgen.training.engines.vectorized.fused import QuickNetwork, quicken
from reportgen.training.engines.vectorized.image_stages import NormalizedReLU
from reportgen.training.modules import build_model, logits_of
from reportgen.training.optimizers import gather
from tests.networks import Network, networks

SLIDING = MaxPool2d(kernel_size=(2, 2), stride=(1, 1))
HALVING = AvgPool2d(kernel_size=(2, 2))


def conv(out_channels: int, height: int, width: int, **settings: Any) -> Conv2d:
    return Conv2d(out_channels=out_channels, kernel_size=(height, width), **settings)


def shapes(layers: Sequence[AnyLayer], input_shape: Shape) -> list[Shape]:
    return [layer.output_shape for layer in count(layers, input_shape).layers]


def build_quick(layers: Sequence[AnyLayer], input_shape: Shape) -> tuple[nn.Sequential, QuickNetwork]:
    model = build_model(layers).to(memory_format=torch.channels_last)
    if any(parameter.requires_grad for parameter in model.parameters()):
        gather(model)
    logits_model = logits_of(model)
    return logits_model, quicken(logits_model, shapes(layers, input_shape)[: len(logits_model)])


def check(layers: Sequence[AnyLayer], input_shape: Shape, batch: int = 6, images: Tensor | None = None) -> None:
    """Two steps and a prediction of the quick network against autograd on the plain one."""
    torch.manual_seed(0)
    model, quick = build_quick(layers, input_shape)
    plain = logits_of(build_model(layers))
    plain.load_state_dict(model.state_dict())
    if images is None:
        images = torch.randn(batch, *input_shape)
    moved = images.to(memory_format=torch.channels_last)
    for step in range(2):
        plain.zero_grad()
        torch.manual_seed(step)
        expected = plain(images)
        labels = torch.arange(len(images)) % expected.shape[1]
        cross_entropy(expected, labels).backward()
        torch.manual_seed(step)
        assert torch.allclose(quick.step(moved, labels), expected.detach(), atol=1e-5, rtol=1e-4)
        for mine, theirs in zip(model.parameters(), plain.parameters(), strict=True):
            assert mine.requires_grad == theirs.requires_grad
            if mine.requires_grad:
                assert mine.grad is not None
                assert theirs.grad is not None
                assert torch.allclose(mine.grad, theirs.grad, atol=1e-5, rtol=1e-4)
            else:
                assert mine.grad is None
    for kept, reference in zip(model.buffers(), plain.buffers(), strict=True):
        assert torch.allclose(kept, reference, atol=1e-5)
    with torch.no_grad():
        assert torch.allclose(quick.logits(moved), plain.eval()(images), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("assignment", bundled_ids())
def test_every_network_of_the_bundled_assignments(assignment: str) -> None:
    spec = load_spec(assignment)
    for experiment in resolve(spec, spec.roll.example, Options()).experiments:
        check(experiment.layers, (1, 28, 28), batch=7)


@pytest.mark.parametrize(
    ("input_shape", "layers"),
    [
        ((3, 9, 9), (conv(5, 3, 3, stride=(2, 2)), SLIDING, ReLU())),
        ((8, 7, 7), (SLIDING, conv(4, 3, 5, padding=(1, 2)), SLIDING, ReLU())),
        ((8, 7, 8), (SLIDING, conv(4, 3, 5, padding=(0, 1)), SLIDING)),
        ((8, 6, 9), (SLIDING, ReLU(), conv(2, 3, 3, bias=False), SLIDING, ReLU())),
        ((8, 6, 8), (conv(3, 1, 1), BatchNorm2d(), ReLU(), HALVING)),
        ((8, 6, 8), (conv(4, 3, 3, frozen=True), BatchNorm2d(frozen=True), ReLU())),
        ((4, 6, 6), (SLIDING, BatchNorm2d(), ReLU(), conv(2, 3, 3, padding=(1, 1)), SLIDING)),
        ((4, 7, 9), (HALVING, ReLU(), BatchNorm2d(affine=False), ReLU())),
        ((4, 7, 9), (BatchNorm2d(track_running_stats=False), ReLU(), conv(2, 3, 3, padding="same"))),
        ((2, 7, 9), (conv(3, 3, 3, padding=(1, 1)), HALVING, ReLU())),
        ((2, 7, 9), (conv(3, 3, 3, padding=(1, 1)), ReLU(), MaxPool2d(kernel_size=(2, 2)), conv(2, 2, 2))),
        (
            (2, 8, 8),
            (MaxPool2d(kernel_size=(2, 2)), BatchNorm2d(), ReLU(), BatchNorm2d(), ReLU(), conv(2, 3, 3), ReLU()),
        ),
        ((4, 7, 8), (SLIDING, ReLU(), ReLU(), conv(2, 5, 5, padding=(2, 2)), SLIDING, ReLU(), ReLU(), SLIDING)),
        ((4, 8, 8), (conv(4, 3, 3, groups=2, dilation=(2, 2)), MaxPool2d(kernel_size=(2, 2)))),
    ],
)
def test_parts_in_unusual_places(input_shape: Shape, layers: tuple[AnyLayer, ...]) -> None:
    ending = (Flatten(), Dropout(p=0.3), Linear(out_features=6), ReLU(), Linear(out_features=3, bias=False))
    check(complete((*layers, *ending), input_shape), input_shape)


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(network=networks())
def test_random_networks(network: Network) -> None:
    input_shape, layers = network
    try:
        layers = complete(layers, input_shape)
    except LayerError:
        return
    ending = () if len(shapes(layers, input_shape)[-1]) == 1 else (Flatten(),)
    layers = complete((*layers, *ending, Linear(out_features=3)), input_shape)
    if any(isinstance(layer, Dropout) or "Softmax" in layer.type for layer in layers):
        return
    check(layers, input_shape)


def test_of_equal_maxima_the_first_gets_the_gradient_as_in_torch(plan: Plan) -> None:
    check(plan.experiments[0].layers, (1, 28, 28), images=torch.zeros(4, 1, 28, 28))


def test_a_number_that_is_none_is_not_hidden(plan: Plan) -> None:
    for experiment in plan.experiments:
        model, quick = build_quick(experiment.layers, (1, 28, 28))
        images = torch.zeros(4, 1, 28, 28)
        images[2, 0, 14, 14] = torch.nan
        assert quick.logits(images)[2].isnan().all()
        assert quick.logits(images)[0].isfinite().all()
        next(model.parameters()).data.fill_(torch.nan)
        assert quick.step(images, torch.zeros(4, dtype=torch.int64)).isnan().all()


def test_the_networks_of_the_handout_are_made_of_quick_parts(plan: Plan) -> None:
    _, quick = build_quick(plan.experiments[0].layers, (1, 28, 28))
    assert [type(unit).__name__ for unit in quick.units] == [
        *("PooledConvolution", "PooledConvolution", "Convolution", "Average", "FlattenedDense"),
    ]
    assert [unit.margins for unit in quick.units] == [[3, 2], [2, 1], [1, 1], [1, 0], [0, 0]]
    assert [unit.overwrites for unit in quick.units] == [False, True, True, True, False]
    _, bonus = build_quick(plan.experiments[2].layers, (1, 28, 28))
    assert [unit.margins[1] for unit in bonus.units if isinstance(unit, NormalizedReLU)] == [2, 1, 0]


def test_batches_of_changing_size_and_predictions_in_between_do_not_disturb_each_other(plan: Plan) -> None:
    torch.manual_seed(0)
    images = torch.randn(9, 1, 28, 28).to(memory_format=torch.channels_last)
    labels = torch.arange(9)
    model, quick = build_quick(plan.experiments[0].layers, (1, 28, 28))
    quick.step(images[:5], labels[:5])
    expected = [parameter.grad.clone() for parameter in model.parameters() if parameter.grad is not None]
    quick.step(images, labels)
    quick.logits(images[2:])
    quick.step(images[:5], labels[:5])
    found = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    assert len(found) == 8
    assert all(torch.equal(left, right) for left, right in zip(expected, found, strict=True))
