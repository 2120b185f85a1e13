"""The manual calculator, held against the handout, published counts and torch."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from reportgen.assignment.counting import LayerError, NetworkCount, Shape, complete, count, receptive_fields
from reportgen.assignment.layers import (
    AdaptiveAvgPool2d,
    AnyLayer,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
)
from reportgen.assignment.plan import Plan
from tests import HERE
from tests.networks import Network, networks, torch_says

SPECS = HERE / "specs"
LAYERS: TypeAdapter[tuple[AnyLayer, ...]] = TypeAdapter(tuple[AnyLayer, ...])
even_same = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")


def of(plan: Plan, experiment: int) -> NetworkCount:
    return plan.experiments[experiment].count(plan.input_shape)


@pytest.mark.parametrize(("experiment", "trainable", "classes"), [(0, 11_070, 10), (1, 7_008, 4)])
def test_totals_of_the_handout(plan: Plan, experiment: int, trainable: int, classes: int) -> None:
    counted = of(plan, experiment)
    assert (counted.trainable, counted.non_trainable, counted.buffers) == (trainable, 0, 0)
    assert counted.layers[-1].output_shape == (classes,)


def test_shapes_of_the_handout(plan: Plan) -> None:
    assert [layer.output_shape for layer in of(plan, 0).layers] == [
        *[(16, 28, 28), (16, 27, 27), (16, 27, 27)],
        *[(8, 27, 27), (8, 26, 26), (8, 26, 26)],
        *[(4, 26, 26), (4, 13, 13), (4, 13, 13)],
        *[(676,), (10,), (10,)],
    ]


def test_every_layer_takes_what_the_layer_before_gives(plan: Plan) -> None:
    layers = of(plan, 2).layers
    assert layers[0].input_shape == (1, 28, 28)
    assert [layer.input_shape for layer in layers[1:]] == [layer.output_shape for layer in layers[:-1]]


@pytest.mark.parametrize(
    ("experiment", "derivations"),
    [
        (0, ["(1·7·7·16) + 16 = 800", "(16·5·5·8) + 8 = 3,208", "(8·3·3·4) + 4 = 292", "(676·10) + 10 = 6,770"]),
        (1, ["(1·7·7·16) + 16 = 800", "(16·5·5·8) + 8 = 3,208", "(8·3·3·4) + 4 = 292", "(676·4) + 4 = 2,708"]),
    ],
)
def test_derivations_of_the_handout(plan: Plan, experiment: int, derivations: list[str]) -> None:
    assert [layer.derivation for layer in of(plan, experiment).layers if layer.derivation] == derivations


def test_the_total_is_derived_from_the_layers(plan: Plan) -> None:
    assert of(plan, 0).total_derivation == "800 + 3,208 + 292 + 6,770 = 11,070"
    assert of(plan, 1).total_derivation == "800 + 3,208 + 292 + 2,708 = 7,008"


def test_macs_of_the_ten_class_network(plan: Plan) -> None:
    counted = of(plan, 0)
    assert counted.macs == 3_148_904
    assert [layer.macs for layer in counted.layers if layer.macs] == [614_656, 2_332_800, 194_688, 6_760]


def test_batch_normalization_of_the_bonus(plan: Plan) -> None:
    counted = of(plan, 2)
    assert (counted.trainable, counted.non_trainable) == (11_126, 0)
    assert (counted.buffers, counted.keras_non_trainable) == (59, 56)
    assert counted.macs == 3_148_904


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (BatchNorm2d(), (16, 0, 17, 16)),
        (BatchNorm2d(affine=False), (0, 0, 17, 16)),
        (BatchNorm2d(track_running_stats=False), (16, 0, 0, 0)),
        (BatchNorm2d(affine=False, track_running_stats=False), (0, 0, 0, 0)),
        (BatchNorm2d(frozen=True), (0, 16, 17, 32)),
        (Conv2d(out_channels=4, kernel_size=(3, 2)), (196, 0, 0, 0)),
        (Conv2d(out_channels=4, kernel_size=(3, 2), bias=False), (192, 0, 0, 0)),
        (Conv2d(out_channels=4, kernel_size=(3, 2), groups=2), (100, 0, 0, 0)),
        (Conv2d(out_channels=4, kernel_size=(3, 2), frozen=True), (0, 196, 0, 196)),
        (Linear(out_features=10), (60, 0, 0, 0)),
        (Linear(out_features=10, bias=False, frozen=True), (0, 50, 0, 50)),
        (MaxPool2d(kernel_size=(2, 2)), (0, 0, 0, 0)),
        (ReLU(), (0, 0, 0, 0)),
    ],
)
def test_trainable_non_trainable_buffers_and_keras_number_of_one_layer(
    layer: AnyLayer, expected: tuple[int, int, int, int]
) -> None:
    counted = count([layer], (8, 5, 5))
    assert (counted.trainable, counted.non_trainable, counted.buffers, counted.keras_non_trainable) == expected


@pytest.mark.parametrize(
    ("layer", "output", "macs", "derivation"),
    [
        (Conv2d(out_channels=6, kernel_size=(3, 2), groups=2), (6, 8, 10), 5_760, "(4/2)·3·2·6) + 6 = 78"),
        (Conv2d(out_channels=3, kernel_size=(3, 3), dilation=(2, 3), bias=False), (3, 6, 5), 3_240, "4·3·3·3 = 108"),
        (Conv2d(out_channels=2, kernel_size=(4, 4), padding="same"), (2, 10, 11), 14_080, "(4·4·4·2) + 2 = 130"),
        (Conv2d(out_channels=2, kernel_size=(4, 4), padding="valid"), (2, 7, 8), 7_168, "(4·4·4·2) + 2 = 130"),
        (Conv2d(out_channels=2, kernel_size=(3, 3), stride=(2, 3), padding=(1, 0)), (2, 5, 3), 1_080, "+ 2 = 74"),
        (Linear(out_features=7), (4, 10, 7), 3_080, "(11·7) + 7 = 84"),
        (MaxPool2d(kernel_size=(3, 3), stride=(2, 2)), (4, 4, 5), 0, ""),
        (MaxPool2d(kernel_size=(3, 3), stride=(2, 2), ceil_mode=True), (4, 5, 5), 0, ""),
        (AvgPool2d(kernel_size=(2, 2), stride=(3, 3), padding=(1, 1), ceil_mode=True), (4, 4, 4), 0, ""),
        (MaxPool2d(kernel_size=(3, 3), stride=(1, 1), dilation=(2, 2)), (4, 6, 7), 0, ""),
        (AdaptiveAvgPool2d(output_size=(3, 20)), (4, 3, 20), 0, ""),
        (Flatten(), (440,), 0, ""),
        (Softmax(), (4, 10, 11), 0, ""),
    ],
)
def test_shape_macs_and_derivation_of_one_layer(layer: AnyLayer, output: Shape, macs: int, derivation: str) -> None:
    counted = count([layer], (4, 10, 11)).layers[0]
    assert (counted.output_shape, counted.macs) == (output, macs)
    assert counted.derivation.endswith(derivation)
    assert bool(counted.derivation) == bool(counted.parameters)


@pytest.mark.parametrize(
    ("layers", "index", "said"),
    [
        ([Conv2d(out_channels=1, kernel_size=(5, 3))], 0, "output would be empty: 4×4×4 in gives 0×2"),
        ([ReLU(), MaxPool2d(kernel_size=(9, 9))], 1, "output would be empty: 4×4×4 in gives 0×0"),
        (
            [Conv2d(out_channels=1, kernel_size=(1, 1), in_channels=3)],
            0,
            "in_channels = 3, but the layer before gives 4",
        ),
        ([Flatten(), Linear(out_features=1, in_features=63)], 1, "in_features = 63, but the layer before gives 64"),
        ([BatchNorm2d(num_features=5)], 0, "num_features = 5, but the layer before gives 4"),
        ([Conv2d(out_channels=2, kernel_size=(1, 1), groups=3)], 0, "in_channels = 4 is not divisible by groups = 3"),
        ([Conv2d(out_channels=3, kernel_size=(1, 1), groups=2)], 0, "out_channels = 3 is not divisible by groups = 2"),
        ([Conv2d(out_channels=2, kernel_size=(3, 3), stride=(2, 1), padding="same")], 0, "needs stride 1, got 2×1"),
        (
            [Flatten(), Conv2d(out_channels=2, kernel_size=(1, 1))],
            1,
            "Conv2d needs an image (C, H, W), got the shape 64",
        ),
        (
            [MaxPool2d(kernel_size=(3, 3), padding=(2, 0), dilation=(3, 3))],
            0,
            "padding 2 is more than half of the window 3",
        ),
        ([Linear(out_features="classes")], 0, "needs an experiment that says how many classes"),
        (
            [AdaptiveAvgPool2d(output_size=(1, 1)), BatchNorm2d(track_running_stats=False)],
            1,
            "needs more than one value a channel, got the shape 4×1×1",
        ),
    ],
)
def test_a_layer_that_can_not_stand_where_it_stands_is_named(layers: list[AnyLayer], index: int, said: str) -> None:
    with pytest.raises(LayerError) as caught:
        count(layers, (4, 4, 4))
    assert caught.value.index == index
    assert said in str(caught.value)


def test_completing_fills_in_what_follows_from_the_layer_before() -> None:
    layers = complete(
        [
            Conv2d(out_channels=6, kernel_size=(3, 3)),
            BatchNorm2d(),
            MaxPool2d(kernel_size=(2, 1)),
            Flatten(name="Flat"),
            Linear(out_features=3),
        ],
        (2, 6, 6),
    )
    filled = [layer.model_dump(exclude_defaults=True) for layer in layers]
    assert filled[0]["in_channels"] == 2
    assert filled[1]["num_features"] == 6
    assert filled[2]["stride"] == (2, 1)
    assert filled[4]["in_features"] == 6 * 2 * 4
    assert [layer.name for layer in layers] == ["Conv2d 1", "BatchNorm2d 2", "MaxPool2d 3", "Flat", "Linear 5"]


@pytest.mark.parametrize("spec", sorted(SPECS.glob("*.toml")), ids=lambda path: path.stem)
def test_published_counts_reproduced_from_toml(spec: Path) -> None:
    raw = tomllib.loads(spec.read_text())
    counted = count(LAYERS.validate_python(raw["layers"]), tuple(raw["input_shape"]))
    published = {"alexnet": 61_100_840, "lenet5-32": 61_706, "vgg-11": 132_863_336, "vgg-16": 138_357_544}
    assert counted.trainable == published[spec.stem]
    assert counted.layers[-1].output_shape == ((10,) if spec.stem == "lenet5-32" else (1000,))


def judge(network: Network, device: str) -> None:
    """Demand that the calculator and torch take the same layers and give the same shapes."""
    input_shape, layers = network
    shapes, rejected = torch_says(layers, input_shape, device)
    event("torch runs it" if rejected is None else "torch rejects it")
    if rejected is None:
        assert [layer.output_shape for layer in count(layers, input_shape).layers] == shapes
    else:
        with pytest.raises(LayerError) as caught:
            count(layers, input_shape)
        assert caught.value.index == rejected, str(caught.value)


@even_same
@settings(max_examples=60)
@given(networks())
def test_the_calculator_takes_and_rejects_the_networks_that_torch_does(network: Network) -> None:
    judge(network, "cpu")


@even_same
@pytest.mark.slow
@pytest.mark.parametrize("device", ["cpu", "meta"])
@settings(max_examples=2000)
@given(network=networks())
def test_the_calculator_takes_and_rejects_thousands_of_networks_as_torch_does(network: Network, device: str) -> None:
    judge(network, device)


def test_batch_normalization_with_nothing_to_size_takes_any_claim_as_torch_does() -> None:
    layer = BatchNorm2d(num_features=7, affine=False, track_running_stats=False)
    assert torch_says([layer], (5, 3, 3), "cpu") == ([(5, 3, 3)], None)
    assert count([layer], (5, 3, 3)).layers[0].output_shape == (5, 3, 3)


def test_adaptive_pooling_of_a_flat_input_would_mix_the_images_of_a_batch() -> None:
    layers: list[AnyLayer] = [Flatten(), AdaptiveAvgPool2d(output_size=(1, 1))]
    assert torch_says(layers, (2, 3, 3), "cpu") == ([(18,)], 1)
    with pytest.raises(LayerError, match="needs an image"):
        count(layers, (2, 3, 3))


def test_receptive_fields_of_lenet_5() -> None:
    conv, pool = Conv2d(out_channels=6, kernel_size=(5, 5)), MaxPool2d(kernel_size=(2, 2))
    assert receptive_fields([conv, ReLU(), pool, conv, pool]) == (5, 5, 6, 14, 16)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 5), st.integers(1, 3), st.integers(1, 2)), max_size=5))
def test_a_receptive_field_is_as_wide_as_what_one_output_is_made_of(drawn: list[tuple[bool, int, int, int]]) -> None:
    layers: list[AnyLayer] = [
        Conv2d(out_channels=1, kernel_size=(kernel,) * 2, stride=(stride,) * 2, dilation=(dilation,) * 2)
        if convolved
        else MaxPool2d(kernel_size=(kernel,) * 2, stride=(stride,) * 2, dilation=(dilation,) * 2)
        for convolved, kernel, stride, dilation in drawn
    ]
    for depth in range(1, len(layers) + 1):
        made_of = {0}
        for _, kernel, stride, dilation in drawn[depth - 1 :: -1]:
            made_of = {at * stride + step * dilation for at in made_of for step in range(kernel)}
        assert receptive_fields(layers)[depth - 1] == max(made_of) - min(made_of) + 1
