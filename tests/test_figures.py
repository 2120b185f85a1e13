import re
import xml.etree.ElementTree as ET

import pytest

from reportgen.experiment import Computed
from reportgen.figures import Figure, draw
from reportgen.templates import bundled_templates


@pytest.fixture(scope="module")
def figures(computed: Computed) -> dict[str, Figure]:
    return draw(computed.results, bundled_templates() / "fonts")


def _texts(figure: Figure) -> list[str]:
    return [
        "".join(element.itertext()) for element in ET.fromstring(figure.svg).iter("{http://www.w3.org/2000/svg}text")
    ]


def test_each_experiment_has_curves_and_a_confusion_matrix(figures: dict[str, Figure]) -> None:
    for key in ("experiment-1", "experiment-2", "bonus"):
        assert {f"{key}-curves", f"{key}-confusion"} <= figures.keys()


def test_a_confusion_matrix_prints_its_counts_as_text(figures: dict[str, Figure], computed: Computed) -> None:
    for result in computed.results.experiments:
        number = len(result.score.classes)
        counts = [text for text in _texts(figures[f"{result.id}-confusion"]) if re.fullmatch(r"[\d,]+", text)]
        cells = [int(text.replace(",", "")) for text in counts]
        matrix = [cell for row in result.score.confusion for cell in row]
        ticks = [] if number == 4 else [*range(10), *range(10)]
        assert sorted(cells) == sorted(matrix + ticks)


def test_alternative_texts_state_the_finding(figures: dict[str, Figure], computed: Computed) -> None:
    result = computed.results.experiment("experiment-2")
    accuracy = f"{100 * result.score.accuracy:.2f} %"
    assert accuracy in figures["experiment-2-confusion"].alt
    assert f"{100 * result.history[-1].test_accuracy:.2f} %" in figures["experiment-2-curves"].alt
    for figure in figures.values():
        title = ET.fromstring(figure.svg).find("{*}title")
        assert title is not None
        assert title.text == figure.alt


def test_curves_are_told_apart_without_colour(figures: dict[str, Figure]) -> None:
    root = ET.fromstring(figures["bonus-curves"].svg)
    dashes = {
        element.get("stroke-dasharray", "solid")
        for element in root.iter("{http://www.w3.org/2000/svg}path")
        if element.get("stroke-width") == "1.5"
    }
    assert len(dashes) == 3
    assert {"training", "validation", "test"} <= set(_texts(figures["bonus-curves"]))


def test_the_same_results_give_the_same_bytes(figures: dict[str, Figure], computed: Computed) -> None:
    again = draw(computed.results, bundled_templates() / "fonts")
    assert {key: figure.svg for key, figure in again.items()} == {key: figure.svg for key, figure in figures.items()}


def test_no_errors_no_figure_of_errors(computed: Computed) -> None:
    results = computed.results
    flawless = tuple(result.model_copy(update={"mistaken": ()}) for result in results.experiments)
    drawn = draw(results.model_copy(update={"experiments": flawless}), bundled_templates() / "fonts")
    assert not [key for key in drawn if key.endswith("-mistaken")]


def test_ids_do_not_clash_between_figures(figures: dict[str, Figure]) -> None:
    ids = [element.get("id") for figure in figures.values() for element in ET.fromstring(figure.svg).iter()]
    named = [name for name in ids if name is not None]
    assert len(named) == len(set(named))
