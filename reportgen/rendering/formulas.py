"""The formulas of a report: what a layer's parameters are counted by, and what the measures are computed by."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reportgen.assignment.layers import AnyLayer, BatchNorm2d, Conv2d, Linear
from reportgen.rendering.mathml import (
    Term,
    applied,
    bracket,
    bracketed,
    formula,
    fraction,
    number,
    product,
    root,
    row,
    sign,
    squared,
    total,
    variable,
    word,
)

_C_IN, _C_OUT = variable("C", "in"), variable("C", "out")
_N_IN, _N_OUT = variable("n", "in"), variable("n", "out")
_HEIGHT, _WIDTH = variable("k", "h"), variable("k", "w")
SYMBOL = formula(variable("P"))
"""The symbol of a layer's number of parameters."""
_PIECE = re.compile(r"(?P<number>\d(?:[\d,.]*\d)?)|(?P<bracket>[()])|(?P<sign>[+=·/])|\s+")


@dataclass(frozen=True)
class Measure:
    """A measure that a report prints, and how it is computed."""

    name: str
    formula: Markup
    meaning: Markup


def derivation(text: str) -> Markup:
    """Typeset a count worked out, ``(16·5·5·8) + 8 = 3,208``, as the next step of an equation: it starts with ``=``.

    Raises:
        ValueError: the text has something else than numbers, brackets and signs.
    """
    terms = [sign("=")]
    at = 0
    while at < len(text):
        match = _PIECE.match(text, at)
        if match is None:
            raise ValueError(f"{text[at:]!r} is no part of a worked count")
        at = match.end()
        if match["number"]:
            terms.append(number(match["number"]))
        elif match["bracket"]:
            terms.append(bracket(match["bracket"]))
        elif match["sign"]:
            terms.append(sign(match["sign"]))
    return formula(row(*terms))


def parameters(layer: AnyLayer) -> Markup:
    """The general form of the number of a layer's parameters, P = …; empty for a layer that has none."""
    match layer:
        case Conv2d():
            inputs = _C_IN if layer.groups == 1 else fraction(_C_IN, variable("g"))
            return _parameters(product(inputs, _HEIGHT, _WIDTH, _C_OUT), _C_OUT if layer.bias else None)
        case Linear():
            return _parameters(product(_N_IN, _N_OUT), _N_OUT if layer.bias else None)
        case BatchNorm2d():
            return _parameters(product(number("2"), variable("C")), None) if layer.affine else Markup("")
    return Markup("")


def _parameters(weights: Term, biases: Term | None) -> Markup:
    counted = row(bracketed(weights), sign("+"), biases) if biases else weights
    return formula(row(variable("P"), sign("="), counted))


def symbols(layers: Sequence[AnyLayer]) -> list[Markup]:
    """What the symbols of `parameters` stand for: a sentence each for the kinds of layers that are there."""
    sentences = []
    convolutions = [layer for layer in layers if isinstance(layer, Conv2d)]
    if convolutions:
        grouped = (
            Markup(" (divided by {g}, the number of groups)").format(g=formula(variable("g")))
            if any(layer.groups > 1 for layer in convolutions)
            else ""
        )
        sentences.append(
            Markup(
                "A convolution has a weight for each of {inputs} input channels{grouped}, each place of its kernel of "
                "height {height} and width {width} and each of {outputs} output channels{biases}."
            ).format(
                inputs=formula(_C_IN),
                grouped=grouped,
                height=formula(_HEIGHT),
                width=formula(_WIDTH),
                outputs=formula(_C_OUT),
                biases=_biases(convolutions, "output channel"),
            )
        )
    connected = [layer for layer in layers if isinstance(layer, Linear)]
    if connected:
        sentences.append(
            Markup(
                "A fully connected layer has a weight for each pair of one of {inputs} inputs and one of {outputs} "
                "outputs{biases}."
            ).format(inputs=formula(_N_IN), outputs=formula(_N_OUT), biases=_biases(connected, "output"))
        )
    if any(isinstance(layer, BatchNorm2d) and layer.affine for layer in layers):
        sentences.append(
            Markup("Batch normalization has a scale and a shift for each of {channels} channels.").format(
                channels=formula(variable("C"))
            )
        )
    return sentences


def _biases(layers: Sequence[Conv2d | Linear], each: str) -> str:
    if not any(layer.bias for layer in layers):
        return ""
    return f", and a bias for each {each}{'' if all(layer.bias for layer in layers) else ' where it has biases'}"


def measures() -> list[Measure]:
    """The measures of a classification, in the order in which a report first uses them."""
    share, z, images = variable("p"), variable("z"), variable("n")
    hits, false_alarms, missed = word("TP"), word("FP"), word("FN")
    precision, recall = word("precision"), word("recall")
    one, two = number("1"), number("2")
    over = sign("/")
    variance = row(
        *(share, bracketed(row(one, sign("−"), share)), over, images),
        sign("+"),
        *(squared(z), over, number("4"), squared(images)),
    )
    bounds = row(share, sign("+"), squared(z), over, two, images, sign("±"), z, root(variance))
    return [
        Measure(
            "Accuracy",
            formula(row(share, sign("="), fraction(word("right"), images))),
            Markup("The share of the {n} test images that get their true class.").format(n=formula(images)),
        ),
        Measure(
            "95 % Wilson interval",
            formula(fraction(bounds, row(one, sign("+"), squared(z), over, images))),
            Markup(
                "The accuracies that agree with the {p} seen, with {z} = 1.96. It holds near 100 % as well, where the "
                "common interval fails."
            ).format(p=formula(share), z=formula(z)),
        ),
        Measure(
            "Loss",
            formula(
                row(
                    sign("−"),
                    fraction(one, images),
                    total(variable("i"), applied(word("ln", "the natural logarithm of"), _indexed("q", "i"))),
                )
            ),
            Markup("The cross-entropy in nats; {q} is the probability given to the true class of image {i}.").format(
                q=formula(_indexed("q", "i")), i=formula(variable("i"))
            ),
        ),
        Measure(
            "Precision",
            formula(fraction(hits, row(hits, sign("+"), false_alarms))),
            Markup("Of the images said to be of a class (true and false positives), the share that are."),
        ),
        Measure(
            "Recall",
            formula(fraction(hits, row(hits, sign("+"), missed))),
            Markup("Of the images of a class (true positives and false negatives), the share that were found."),
        ),
        Measure(
            "F1",
            formula(fraction(product(two, precision, recall), row(precision, sign("+"), recall))),
            Markup("The harmonic mean of precision and recall."),
        ),
    ]


def _indexed(letter: str, index: str) -> Term:
    return Term(f"<msub><mi>{letter}</mi><mi>{index}</mi></msub>", f"{letter} {index}")
