"""The drawing of a network, for networks of all sorts."""

import pytest

from reportgen.assignment.counting import complete, count
from reportgen.assignment.layers import AnyLayer, Conv2d, Flatten, Linear, MaxPool2d, ReLU, Softmax
from reportgen.rendering.figures import network, style
from reportgen.rendering.figures.sheet import Shape, Sheet, Text
from reportgen.training.experiment import Computed
from tests.drawn import alone, groups, texts


def _network(computed: Computed, layers: tuple[AnyLayer, ...], shape: tuple[int, int, int]) -> Sheet:
    full = complete(layers, shape)
    results, result = alone(computed, count=count(full, shape))
    planned = results.plan.experiments[0].model_copy(update={"layers": full})
    plan = results.plan.model_copy(update={"input_shape": shape, "experiments": (planned,)})
    return network.draw(results.model_copy(update={"plan": plan, "images": {}}), result)


def test_the_network_names_every_layer_its_shape_and_its_parameters(computed: Computed) -> None:
    result = computed.results.experiments[0]
    sheet = network.draw(computed.results, result)
    found = groups(sheet, "layer")
    assert list(found) == ["input", *(str(number) for number in range(len(result.count.layers)))]
    assert texts(found["0"]) == ["Convolution", "Layer 1", "16×28×28", "800 parameters"]
    assert texts(found["1"]) == ["MaxPool 1", "16×27×27"]
    assert texts(found["input"]) == ["Input", "1×28×28"]


def test_a_larger_output_is_a_larger_block_and_more_channels_a_deeper_one(computed: Computed) -> None:
    layers = (
        Conv2d(out_channels=4, kernel_size=(1, 1)),
        Conv2d(out_channels=64, kernel_size=(1, 1)),
        MaxPool2d(kernel_size=(2, 2)),
    )
    found = groups(_network(computed, layers, (1, 16, 32)), "layer")

    def sizes(key: str) -> tuple[float, float, float]:
        _, side, front = (part for part in found[key].parts if isinstance(part, Shape) and part.closed)
        (left, y0), (right, _), (_, y1), _ = front.points
        return right - left, y1 - y0, side.points[1][0] - side.points[0][0]

    few, many, pooled = sizes("0"), sizes("1"), sizes("2")
    assert few[:2] == pytest.approx(many[:2])
    assert few[0] > few[1]
    assert many[2] > few[2]
    assert pooled[0] < many[0]


@pytest.mark.parametrize("depth", [1, 5, 40])
def test_any_number_of_layers_of_any_name_stays_on_the_paper(computed: Computed, depth: int) -> None:
    name = "A very long name of a layer, eighty letters at most, as the specification allows"
    body = tuple(Conv2d(name=name, out_channels=512, kernel_size=(3, 3), padding=(1, 1)) for _ in range(depth))
    sheet = _network(computed, (*body, ReLU(), Flatten(), Linear(out_features=26), Softmax()), (3, 8, 8))
    found = groups(sheet, "layer")
    assert len(found) == depth + 5
    for group in found.values():
        for part in group.parts:
            if isinstance(part, Text):
                half = style.width(part.text, part.size) / 2
                assert part.x - half >= -2
                assert part.x + half <= sheet.width + 2
                assert part.y <= sheet.height


def test_windows_are_drawn_on_what_they_read(computed: Computed) -> None:
    sheet = _network(
        computed, (Conv2d(out_channels=2, kernel_size=(4, 8)), Flatten(), Linear(out_features=2)), (1, 8, 8)
    )
    assert next(part for part in groups(sheet, "window")["0"].parts if isinstance(part, Shape)).dash
    assert groups(sheet, "window")["1"].parts == []
