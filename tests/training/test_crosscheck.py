"""The cross-check of three counts: manual, torchinfo, torch."""

import tomllib
from pathlib import Path

import pytest
import torch
from hypothesis import assume, given, settings
from pydantic import TypeAdapter

from reportgen.assignment.counting import LayerError, NetworkCount, complete, count
from reportgen.assignment.layers import AnyLayer, BatchNorm2d, Conv2d, Dropout, Flatten, Linear
from reportgen.assignment.plan import Plan
from reportgen.errors import CountMismatchError
from reportgen.training.crosscheck import crosscheck, demand_agreement, torchinfo_mult_adds
from reportgen.training.experiment import check_counts
from reportgen.training.modules import build_model
from tests import HERE
from tests.networks import Network, networks

SPECS = HERE / "specs"
LAYERS: TypeAdapter[tuple[AnyLayer, ...]] = TypeAdapter(tuple[AnyLayer, ...])
SMALL = (
    Conv2d(name="Convolution", out_channels=2, kernel_size=(3, 3)),
    BatchNorm2d(name="Normalization", frozen=True),
    Dropout(name="Dropout", p=0.5),
    Flatten(name="Flatten"),
    Linear(name="Output", out_features=3),
)
even_same = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")


def altered(counted: NetworkCount, index: int, **changes: object) -> NetworkCount:
    """A count with one layer wrong."""
    layers = list(counted.layers)
    layers[index] = layers[index].model_copy(update=changes)
    return NetworkCount(layers=tuple(layers))


def test_the_three_sources_agree_on_every_experiment_of_the_handout(plan: Plan) -> None:
    checks = check_counts(plan)
    assert [check.total.trainable for check in checks.values()] == [(11_070,) * 3, (7_008,) * 3, (11_126,) * 3]
    assert [check.total.non_trainable for check in checks.values()] == [(0, 0, 0)] * 3
    assert checks["bonus"].total.buffers == (59, 59)
    assert all(check.agree for check in checks.values())


def test_torchinfos_mult_adds_of_the_ten_class_network(plan: Plan) -> None:
    check = check_counts(plan)["experiment-1"]
    assert check.total.mult_adds == (3_169_994, 3_169_994)
    assert [layer.mult_adds[0] for layer in check.layers if layer.mult_adds[0]] == [627_200, 2_338_632, 197_392, 6_770]


@pytest.mark.parametrize("spec", sorted(SPECS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_three_sources_agree_on_published_networks(spec: Path) -> None:
    raw = tomllib.loads(spec.read_text())
    input_shape = tuple(raw["input_shape"])
    layers = complete(LAYERS.validate_python(raw["layers"]), input_shape)
    with torch.device("meta"):
        model = build_model(layers)
    check = crosscheck(model, count(layers, input_shape), input_shape)
    demand_agreement(check, spec.stem)
    assert check.total.trainable[2] > 61_000


def agree(network: Network) -> None:
    input_shape, layers = network
    try:
        layers = complete(layers, input_shape)
    except LayerError:
        assume(False)
    counted = count(layers, input_shape)
    with torch.random.fork_rng(devices=[]):
        model = build_model(layers)
    check = crosscheck(model, counted, input_shape)
    demand_agreement(check, "random")
    assert check.total.trainable == (counted.trainable,) * 3
    assert check.total.non_trainable == (counted.non_trainable,) * 3


@even_same
@settings(max_examples=30)
@given(networks())
def test_the_three_sources_agree_on_random_networks(network: Network) -> None:
    agree(network)


@even_same
@pytest.mark.slow
@settings(max_examples=1000)
@given(networks())
def test_the_three_sources_agree_on_a_thousand_random_networks(network: Network) -> None:
    agree(network)


def test_the_inspected_model_and_the_random_state_are_left_untouched() -> None:
    layers = complete(SMALL, (1, 6, 6))
    model = build_model(layers)
    model.train()
    model[1].eval()  # a mixture of flags, which torchinfo would level
    before = {name: value.clone() for name, value in model.state_dict().items()}
    storage = {name: value.data_ptr() for name, value in model.state_dict().items()}
    flags = [module.training for module in model.modules()]
    grads = [parameter.requires_grad for parameter in model.parameters()]
    torch.manual_seed(3)
    state = torch.get_rng_state()

    crosscheck(model, count(layers, (1, 6, 6)), (1, 6, 6))

    assert torch.equal(torch.get_rng_state(), state)
    assert [module.training for module in model.modules()] == flags
    assert [parameter.requires_grad for parameter in model.parameters()] == grads
    assert {name: value.data_ptr() for name, value in model.state_dict().items()} == storage
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(not module._forward_hooks and not module._forward_pre_hooks for module in model.modules())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"trainable": 21},
            ["Convolution: trainable parameters: manual 21, torchinfo 20, torch 20", "Total: trainable"],
        ),
        ({"non_trainable": 1}, ["Convolution: non-trainable parameters: manual 1, torchinfo 0, torch 0", "Total: non"]),
        ({"buffers": 2}, ["Convolution: buffers: manual 2, torch 0", "Total: buffers: manual 7, torch 5"]),
        ({"output_shape": (2, 5, 4)}, ["Convolution: output shape: manual (2, 5, 4), torchinfo (2, 4, 4)"]),
        ({"trainable": 19, "non_trainable": 1}, ["Convolution: trainable", "Convolution: non-trainable"]),
    ],
)
def test_a_disagreement_names_the_layer_and_the_sources(changes: dict[str, object], said: list[str]) -> None:
    layers = complete(SMALL, (1, 6, 6))
    wrong = altered(count(layers, (1, 6, 6)), 0, **changes)
    check = crosscheck(build_model(layers), wrong, (1, 6, 6))
    assert not check.agree
    with pytest.raises(CountMismatchError) as caught:
        demand_agreement(check, "experiment-1")
    lines = str(caught.value).splitlines()
    assert lines[0] == "experiment-1: the counts disagree"
    for expected in said:
        assert any(line.strip().startswith(expected) for line in lines), (expected, lines)
    assert not any(line.strip().startswith(("Normalization", "Dropout", "Flatten", "Output")) for line in lines)


def test_a_parameter_that_two_layers_share_is_counted_once_by_torch_and_so_disagrees() -> None:
    layers = complete([Linear(name="A", out_features=6), Linear(name="B", out_features=6)], (1, 6, 6))
    model = build_model(layers)
    model[1] = model[0]
    check = crosscheck(model, count(layers, (1, 6, 6)), (1, 6, 6))
    assert check.total.trainable[2] == 42
    with pytest.raises(CountMismatchError, match="Total: trainable parameters: manual 84"):
        demand_agreement(check, "shared")


def test_torchinfos_rule_counts_bias_and_positions() -> None:
    convolution, linear = (
        count([layer], (3, 8, 8)).layers[0]
        for layer in (Conv2d(out_channels=4, kernel_size=(3, 3)), Linear(out_features=5))
    )
    assert torchinfo_mult_adds(convolution) == (3 * 3 * 3 * 4 + 4) * 36
    assert torchinfo_mult_adds(linear) == 8 * 5 + 5


def test_a_model_with_another_number_of_layers_is_a_mismatch() -> None:
    layers = complete(SMALL, (1, 6, 6))
    model = build_model(layers)
    with pytest.raises(CountMismatchError, match="layers disagree: manual 5, torchinfo 4, torch 4"):
        crosscheck(model[:-1], count(layers, (1, 6, 6)), (1, 6, 6))
