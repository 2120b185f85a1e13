import xml.etree.ElementTree as ET

import pytest

from reportgen.rendering import mathml
from reportgen.rendering.mathml import (
    applied,
    formula,
    fraction,
    number,
    root,
    row,
    sign,
    squared,
    total,
    variable,
    word,
)


def test_every_sign_has_a_reading() -> None:
    assert {sign(mark).spoken for mark in mathml.SIGNS} == {
        "plus",
        "minus",
        "plus or minus",
        "equals",
        "times",
        "over",
    }
    with pytest.raises(KeyError):
        sign("!")


def test_structures_are_read_with_their_ends() -> None:
    term = fraction(squared(variable("z")), root(row(variable("n"), sign("+"), number("1"))))
    assert term.spoken == "the fraction z squared over the square root of n plus 1, end of root, end of fraction"
    assert total(variable("i"), variable("q")).spoken == "the sum over i of q"


def test_an_index_of_words_is_upright() -> None:
    element = ET.fromstring(variable("C", "in").markup)
    assert [(child.tag, child.text) for child in element] == [("mi", "C"), ("mtext", "in")]


def test_words_are_escaped_in_the_markup_and_in_the_reading() -> None:
    element = ET.fromstring(formula(word('a < "b"')))
    assert element.get("alttext") == 'a < "b"'
    assert "".join(element.itertext()) == 'a < "b"'


def test_a_function_stands_apart_from_what_it_is_taken_of() -> None:
    term = applied(word("ln", "the natural logarithm of"), variable("q"))
    element = ET.fromstring(formula(term))
    assert "".join(element.itertext()) == "ln q"  # to copy
    assert [child.tag for child in element[0]] == ["mi", "mspace", "mi"]  # a browser drops the space
    assert term.spoken == "the natural logarithm of q"
