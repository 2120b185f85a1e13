import re
import xml.etree.ElementTree as ET

import pytest

from reportgen.assignment.counting import count
from reportgen.assignment.layers import AnyLayer, BatchNorm2d, Conv2d, Linear, ReLU
from reportgen.rendering import formulas


def _said(formula: str) -> str:
    return " ".join("".join(ET.fromstring(formula).itertext()).split())


@pytest.mark.parametrize(
    "text",
    ["(16·5·5·8) + 8 = 3,208", "676·10 = 6,760", "2·16 = 32", "((4/2)·3·3·8) + 8 = 152", "1,024"],
)
def test_a_worked_count_keeps_its_text_to_the_sign(text: str) -> None:
    assert _said(formulas.derivation(text)) == f"= {text}"


def test_numbers_are_upright_and_signs_are_operators() -> None:
    root = ET.fromstring(formulas.derivation("(16·5) + 8 = 88"))
    assert [element.text for element in root.iter("mn")] == ["16", "5", "8", "88"]
    assert [element.text for element in root.iter("mo")] == ["=", "(", "·", ")", "+", "="]
    assert root.get("alttext") == "equals open bracket 16 times 5 close bracket plus 8 equals 88"


@pytest.mark.parametrize("text", ["2 × 3", "16·5 <b>", "x = 3", "2 = 2; rm"])
def test_what_is_no_worked_count_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="is no part of a worked count"):
        formulas.derivation(text)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (Conv2d(out_channels=16, kernel_size=(7, 7)), "P = (Cin·kh·kw·Cout) + Cout"),
        (Conv2d(out_channels=16, kernel_size=(7, 7), bias=False), "P = Cin·kh·kw·Cout"),
        (Conv2d(out_channels=16, kernel_size=(7, 7), groups=2), "P = (Cing·kh·kw·Cout) + Cout"),
        (Linear(out_features=10), "P = (nin·nout) + nout"),
        (Linear(out_features=10, bias=False), "P = nin·nout"),
        (BatchNorm2d(), "P = 2·C"),
    ],
)
def test_every_layer_with_parameters_has_its_general_form(layer: AnyLayer, said: str) -> None:
    formula = formulas.parameters(layer)
    assert _said(formula) == said
    assert len(ET.fromstring(formula).findall(".//mfrac")) == (getattr(layer, "groups", 1) > 1)


def test_layers_without_parameters_have_no_formula() -> None:
    assert formulas.parameters(ReLU()) == formulas.parameters(BatchNorm2d(affine=False)) == ""


def test_the_symbols_of_the_layers_that_are_there_are_explained() -> None:
    layers = (Conv2d(out_channels=4, kernel_size=(3, 3), groups=2), BatchNorm2d(), ReLU())
    said = " ".join(_said(f"<p>{sentence}</p>") for sentence in formulas.symbols(layers))
    assert "Cin input channels (divided by g, the number of groups)" in said
    assert "each of C channels" in said
    assert "fully connected" not in said
    assert "groups" not in " ".join(formulas.symbols((Conv2d(out_channels=4, kernel_size=(3, 3)),)))


def test_biases_are_spoken_of_where_layers_have_them() -> None:
    with_bias, without = Linear(out_features=2), Linear(out_features=2, bias=False)
    assert formulas.symbols((with_bias,))[0].endswith("outputs, and a bias for each output.")
    assert formulas.symbols((without,))[0].endswith("outputs.")
    assert formulas.symbols((with_bias, without))[0].endswith("and a bias for each output where it has biases.")
    convolution = Conv2d(out_channels=4, kernel_size=(3, 3), bias=False)
    assert "bias" not in formulas.symbols((convolution,))[0]


def test_the_general_form_has_as_many_factors_as_the_count_worked_out() -> None:
    layer = Conv2d(out_channels=8, kernel_size=(5, 5))
    worked = count((layer,), (16, 9, 9)).layers[0].derivation
    assert _said(formulas.parameters(layer)).count("·") == worked.count("·")


def test_measures_are_well_formed_and_read_in_words() -> None:
    found = {measure.name: measure for measure in formulas.measures()}
    assert list(found) == ["Accuracy", "95 % Wilson interval", "Loss", "Precision", "Recall", "F1"]
    for measure in found.values():
        spoken = ET.fromstring(measure.formula).get("alttext")
        assert spoken
        assert not re.search(r"[+=·∑√−±<>]", spoken)
    wilson = ET.fromstring(found["95 % Wilson interval"].formula)
    assert len(wilson.findall(".//msqrt")) == 1
    assert len(wilson.findall(".//mfrac")) == 1
