"""Plan to torch.nn."""

import torch
from torch import nn

from reportgen.assignment.counting import complete
from reportgen.assignment.layers import AnyLayer, BatchNorm2d, Conv2d, Flatten, Linear, Softmax
from reportgen.assignment.plan import Plan
from reportgen.training.modules import build_model, logits_of


def test_the_network_of_the_handout_in_torch(plan: Plan) -> None:
    model = build_model(plan.experiments[0].layers)
    assert [type(module).__name__ for module in model] == [
        *("Conv2d", "MaxPool2d", "ReLU", "Conv2d", "MaxPool2d", "ReLU", "Conv2d", "AvgPool2d", "ReLU"),
        *("Flatten", "Linear", "Softmax"),
    ]
    first, pool, last = model[0], model[7], model[10]
    assert isinstance(first, nn.Conv2d)
    assert isinstance(pool, nn.AvgPool2d)
    assert isinstance(last, nn.Linear)
    assert (first.in_channels, first.out_channels, first.kernel_size, first.padding) == (1, 16, (7, 7), (3, 3))
    assert (pool.kernel_size, pool.stride) == ((2, 2), (2, 2))
    assert (last.in_features, last.out_features) == (676, 10)


def test_a_network_gives_probabilities_and_its_trained_part_gives_logits(plan: Plan) -> None:
    model = build_model(plan.experiments[1].layers).eval()
    images = torch.rand(5, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        probabilities, logits = model(images), logits_of(model)(images)
    assert probabilities.shape == (5, 4)
    assert torch.allclose(probabilities.sum(1), torch.ones(5))
    assert torch.equal(logits.softmax(1), probabilities)
    assert not torch.allclose(logits.sum(1), torch.ones(5))


def test_the_trained_part_holds_no_softmax_and_shares_its_modules(plan: Plan) -> None:
    for experiment in plan.experiments:
        model = build_model(experiment.layers)
        trained = logits_of(model)
        assert not any(isinstance(module, nn.Softmax | nn.LogSoftmax) for module in trained.modules())
        assert list(trained) == list(model)[:-1]


def test_a_network_without_softmax_is_trained_whole() -> None:
    model = build_model(complete([Flatten(), Linear(out_features=3)], (1, 2, 2)))
    assert logits_of(model) is model


def test_frozen_layers_and_only_they_are_not_trained() -> None:
    layers: list[AnyLayer] = [
        Conv2d(out_channels=2, kernel_size=(3, 3), frozen=True),
        BatchNorm2d(frozen=True),
        Flatten(),
        Linear(out_features=3),
        Softmax(),
    ]
    model = build_model(complete(layers, (1, 6, 6)))
    trained = {name: parameter.requires_grad for name, parameter in model.named_parameters()}
    assert trained == {
        **{"0.weight": False, "0.bias": False, "1.weight": False, "1.bias": False},
        **{"3.weight": True, "3.bias": True},
    }


def test_the_weights_follow_torchs_seed(plan: Plan) -> None:
    def weights(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return torch.cat([value.flatten() for value in build_model(plan.experiments[0].layers).parameters()])

    with torch.random.fork_rng(devices=[]):
        first, again, other = weights(1), weights(1), weights(2)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_settings_reach_torch_by_their_names() -> None:
    layers = complete(
        [
            Conv2d(out_channels=4, kernel_size=(3, 1), dilation=(2, 1), groups=2, bias=False, padding="same"),
            BatchNorm2d(eps=1e-3, momentum=0.2, affine=False, track_running_stats=False),
        ],
        (2, 8, 8),
    )
    convolution, normalization = build_model(layers)
    assert isinstance(convolution, nn.Conv2d)
    assert isinstance(normalization, nn.BatchNorm2d)
    assert (convolution.dilation, convolution.groups, convolution.padding) == ((2, 1), 2, "same")
    assert convolution.bias is None
    assert (normalization.eps, normalization.momentum) == (1e-3, 0.2)
    assert (normalization.affine, normalization.track_running_stats) == (False, False)
