import re
import xml.etree.ElementTree as ET

import pytest

from reportgen.files import bundled_templates
from reportgen.rendering.captions import describe
from reportgen.rendering.figures import style
from reportgen.rendering.figures.report_figures import Figure, draw, sheets
from reportgen.training.experiment import Computed

_SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def figures(computed: Computed) -> dict[str, Figure]:
    return draw(computed.results, bundled_templates() / "fonts")


def _texts(figure: Figure) -> list[str]:
    return ["".join(element.itertext()) for element in ET.fromstring(figure.svg).iter(f"{_SVG}text")]


def _named(figure: Figure, hook: str) -> list[str]:
    return [element.get(hook, "") for element in ET.fromstring(figure.svg).iter() if element.get(hook) is not None]


def test_each_experiment_has_its_figures_in_the_order_of_the_report(figures: dict[str, Figure]) -> None:
    kinds = {
        "experiment-1": ["network", "curves", "confusion", "confused"],
        "experiment-2": ["network", "curves", "confusion", "confused"],
        "bonus": ["network", "accuracies", "curves", "confusion", "confused"],
    }
    assert list(figures) == [f"{experiment}-{kind}" for experiment, owned in kinds.items() for kind in owned]


def test_what_stands_on_a_sheet_is_what_is_painted(figures: dict[str, Figure], computed: Computed) -> None:
    for key, sheet in sheets(computed.results).items():
        assert _texts(figures[key]) == list(sheet.texts())


def test_all_letters_are_large_enough_to_read_in_print(figures: dict[str, Figure]) -> None:
    for figure in figures.values():
        root = ET.fromstring(figure.svg)
        assert root.get("width") == f"{style.WIDTH:.0f}pt"
        sizes = {float(element.get("font-size", "0").removesuffix("px")) for element in root.iter(f"{_SVG}text")}
        assert min(sizes) >= 7
        assert {element.get("font-family") for element in root.iter(f"{_SVG}text")} == {"Inter"}


def test_all_stands_on_the_paper(figures: dict[str, Figure]) -> None:
    for key, figure in figures.items():
        root = ET.fromstring(figure.svg)
        _, _, width, height = (float(number) for number in root.get("viewBox", "").split())
        for element in root.iter(f"{_SVG}text"):
            moved = re.search(r"translate\(([\d.-]+) ([\d.-]+)\)", element.get("transform", ""))
            x, y = (
                float(value) for value in (moved.groups() if moved else (element.get("x", "0"), element.get("y", "0")))
            )
            assert 0 <= x <= width, (key, element.text)
            assert 0 < y <= height, (key, element.text)


def test_a_script_finds_cells_lines_epochs_layers_and_images(figures: dict[str, Figure], computed: Computed) -> None:
    for result in computed.results.experiments:
        number = len(result.score.classes)
        cells = [f"{row},{column}" for row in range(number) for column in range(number)]
        assert _named(figures[f"{result.id}-confusion"], "data-cell") == cells
        curves = figures[f"{result.id}-curves"]
        series = ["training", *["validation"] * (result.history[-1].validation_loss is not None), "test"]
        assert _named(curves, "data-panel") == ["accuracy", "loss"]
        assert _named(curves, "data-series") == series * 2
        epochs = [str(record.epoch) for record in result.history]
        assert _named(curves, "data-epoch") == epochs * len(series) * 2
        layers = ["input", *map(str, range(len(result.count.layers)))]
        assert _named(figures[f"{result.id}-network"], "data-layer") == layers
        shown = _named(figures[f"{result.id}-confused"], "data-index")
        assert len(shown) == len(set(shown)) > 0


def test_alternative_texts_state_the_finding(figures: dict[str, Figure], computed: Computed) -> None:
    result = computed.results.experiment("experiment-2")
    accuracy = f"{100 * result.score.accuracy:.2f} %"
    assert accuracy in figures["experiment-2-confusion"].alt
    assert f"{100 * result.history[-1].test_accuracy:.2f} %" in figures["experiment-2-curves"].alt
    assert "Convolution Layer 2: 8×27×27, 3,208 parameters" in figures["experiment-2-network"].alt
    for key, figure in figures.items():
        title = ET.fromstring(figure.svg).find("{*}title")
        assert title is not None
        assert title.text == figure.alt == describe(computed.results)[key].alt


def test_curves_are_told_apart_without_colour(figures: dict[str, Figure]) -> None:
    root = ET.fromstring(figures["bonus-curves"].svg)
    dashes = {
        element.get("stroke-dasharray", "solid")
        for element in root.iter(f"{_SVG}path")
        if element.get("stroke-width") == "1.5" and element.get("fill") == "none"
    }
    assert len(dashes) == 3
    assert {"training", "validation", "test"} <= set(_texts(figures["bonus-curves"]))


@pytest.mark.slow
def test_the_same_results_give_the_same_bytes(figures: dict[str, Figure], computed: Computed) -> None:
    again = draw(computed.results, bundled_templates() / "fonts")
    assert {key: figure.svg for key, figure in again.items()} == {key: figure.svg for key, figure in figures.items()}


def test_no_images_of_errors_no_figure_of_errors(computed: Computed) -> None:
    results = computed.results
    bare = tuple(result.model_copy(update={"mistaken": (), "samples": ()}) for result in results.experiments)
    older = results.model_copy(update={"experiments": bare, "images": {}})
    assert not [key for key in sheets(older) if key.endswith("-confused")]


def test_results_without_samples_show_the_most_confident_errors(computed: Computed) -> None:
    results = computed.results
    bare = tuple(result.model_copy(update={"samples": ()}) for result in results.experiments)
    older = results.model_copy(update={"experiments": bare, "images": {}})
    for result in older.experiments:
        key = f"{result.id}-confused"
        wrong = result.score.total - result.score.correct
        said = f"these are the 12 most confident of {wrong} errors" if wrong > 12 else f"these are all {wrong} errors"
        assert said in describe(older)[key].caption
        probabilities = [text for text in sheets(older)[key].texts() if re.fullmatch(r"(> )?\d+\.\d %", text)]
        assert len(probabilities) == min(wrong, 12)


def test_ids_do_not_clash_between_figures(figures: dict[str, Figure]) -> None:
    ids = [element.get("id") for figure in figures.values() for element in ET.fromstring(figure.svg).iter()]
    named = [name for name in ids if name is not None]
    assert len(named) == len(set(named))
