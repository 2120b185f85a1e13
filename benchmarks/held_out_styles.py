"""Styles of reports that verify was never tuned on: minutes, a lab form in HTML, a printed summary, a notebook of notes."""

import json

from report_facts import Facts
from report_styles import COLAB, Style, markdown_table, product


def minutes(facts: Facts) -> str:
    """Numbered points with points under them; Markdown."""
    out = [
        f"# Assignment 1, Deep Learning\n\nStudent: A. Student, {facts.roll}\n\n1. Data\n   1. MNIST, train set: {facts.train_images:,} images\n   2. test set: {facts.test_images:,} images"
    ]
    out.append(
        f"2. Settings\n   1. Batch size is {facts.batch}, since {facts.number} % 2 = {facts.remainders[2]} and {facts.number} % 3 = {facts.remainders[3]}\n   2. Optimizer is {facts.optimizer}\n   3. Loss is {facts.loss}\n   4. Number of epochs is {facts.epochs}\n"
    )
    for number, e in enumerate(facts.experiments, 1):
        out.append(f"## Experiment {number}\n")
        if number == 2:
            out += [f"{i}. Class {i} consists of {{{', '.join(map(str, g))}}}" for i, g in enumerate(facts.groups, 1)]
        out.append("\nParameters of each layer:\n")
        out += [
            f"{i}. {layer.name}\n   - trainable parameters: {product(layer, ' * ')} = {layer.result}"
            for i, layer in enumerate(e.layers, 1)
        ]
        out.append(
            f"\nThe total comes to {' + '.join(map(str, e.total_terms))} = {e.total} trainable parameters. Non-trainable parameters: {e.non_trainable}.\n"
        )
        out.append(
            f"Result: {e.accuracy} % accuracy on the test set, {e.correct} of 10000 images are classified correctly.\n"
        )
        out.append(
            "Confusion matrix:\n\n    "
            + "\n    ".join(" ".join(f"{cell:>4}" for cell in row) for row in e.matrix)
            + "\n"
        )
    return "\n".join(out) + f"\n## Assumptions\n\nPooling windows are 2x2.\n\n## References\n\nPyTorch\n\n{COLAB}\n"


def form(facts: Facts) -> str:
    """A lab form in HTML with definition lists."""
    out = [
        f"<html><body><h1>Lab form</h1><dl><dt>Roll number</dt><dd>{facts.roll}</dd><dt>Training images</dt><dd>{facts.train_images}</dd>"
    ]
    out.append(
        f"<dt>Remainders</dt><dd>{facts.number} mod 2 = {facts.remainders[2]}, {facts.number} mod 3 = {facts.remainders[3]}</dd></dl>"
    )
    out.append(
        f"<p>Batch size = {facts.batch}<br>Optimizer = {facts.optimizer}<br>Loss function = {facts.loss}<br>Epochs = {facts.epochs}</p>"
    )
    for number, e in enumerate(facts.experiments, 1):
        out.append(f"<h2>Experiment {number}</h2>")
        if number == 2:
            out.append(
                "<p>"
                + "<br>".join(f"Class {i}: digits {', '.join(map(str, g))}" for i, g in enumerate(facts.groups, 1))
                + "</p>"
            )
        out.append("<table><thead><tr><th>Layer</th><th>Calculation</th><th>Parameters</th></tr></thead><tbody>")
        out += [
            f"<tr><td>{layer.name}</td><td>{product(layer, ' × ')}</td><td>{layer.result:,}</td></tr>"
            for layer in e.layers
        ]
        out.append(
            f"</tbody><tfoot><tr><td>Total trainable</td><td></td><td>{e.total:,}</td></tr><tr><td>Total non-trainable</td><td></td><td>{e.non_trainable}</td></tr></tfoot></table>"
        )
        out.append(
            f"<p>Test accuracy = {e.correct} / 10000 = {e.fraction} = {e.accuracy} %</p><h3>Confusion matrix</h3><pre>"
        )
        out.append("\n".join("\t".join(map(str, row)) for row in e.matrix) + "</pre>")
    out.append(
        f"<h2>Assumptions and references</h2><p>2×2 pooling. PyTorch.</p><p><a href='{COLAB}'>Colab</a></p></body></html>"
    )
    return "\n".join(out)


def printed(facts: Facts) -> str:
    """What a program prints, with some words around it; plain text."""
    out = [
        f"Assignment 1 by {facts.roll}",
        "=" * 30,
        f"train images: {facts.train_images}, test images: {facts.test_images}",
    ]
    out.append(
        f"{facts.number} % 2 = {facts.remainders[2]}\n{facts.number} % 3 = {facts.remainders[3]}\nbatch size: {facts.batch}\nepochs: {facts.epochs}\noptimizer: {facts.optimizer}\n"
    )
    for number, e in enumerate(facts.experiments, 1):
        out.append(f"--- Experiment {number} ---\n")
        if number == 2:
            out += [f"class {i}: ({', '.join(map(str, g))})" for i, g in enumerate(facts.groups, 1)]
        out += [f"{layer.name:<24}{layer.result:>10,} params   # {product(layer, '*')}" for layer in e.layers]
        out.append(f"{'Total params:':<24}{e.total:>10,}\n{'Non-trainable params:':<24}{e.non_trainable:>10,}\n")
        out.append(
            f"final test accuracy: {e.fraction} ({e.correct}/10000)\n\nconfusion matrix\n"
            + "\n".join("".join(f"{cell:6d}" for cell in row) for row in e.matrix)
            + "\n"
        )
    return "\n".join(out) + f"assumptions: 2x2 pooling\nreferences: pytorch\ncolab: {COLAB}\n"


def notes(facts: Facts) -> str:
    """Short notes in the Markdown cells of a notebook."""
    texts = [
        f"**{facts.roll}**, assignment 1",
        f"- train on {facts.train_images // 1000}k images, test on {facts.test_images // 1000}k images\n- {facts.number} % 2 = {facts.remainders[2]}, {facts.number} % 3 = {facts.remainders[3]} ⇒ batch size {facts.batch}\n- {facts.optimizer} optimizer, {facts.epochs} training epochs",
    ]
    for number, e in enumerate(facts.experiments, 1):
        texts.append(f"# Experiment {number}")
        if number == 2:
            texts.append("\n".join(f"- class {i}: {{{', '.join(map(str, g))}}}" for i, g in enumerate(facts.groups, 1)))
        names = ("first conv layer", "second conv layer", "third conv layer", "fully connected layer")
        texts.append(
            "## Parameters\n\n"
            + "\n".join(
                f"- {name}: ${product(layer, '·')} = {layer.result:,}$"
                for name, layer in zip(names, e.layers, strict=True)
            )
        )
        texts.append(f"Altogether {e.total:,} trainable parameters and {e.non_trainable} non-trainable parameters.")
        texts.append(
            f"The accuracy on the test images is **{e.accuracy} %**; {10_000 - e.correct:,} of 10,000 images are misclassified."
        )
        texts.append(
            markdown_table(["", *range(len(e.matrix))], [[f"true {i}", *row] for i, row in enumerate(e.matrix)])
        )
    texts.append(f"## Assumptions\n\n2x2 pooling\n\n## References\n\nPyTorch\n\n{COLAB}")
    cells = [{"cell_type": "markdown", "metadata": {}, "source": text} for text in texts]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})


HELD_OUT_STYLES: dict[str, tuple[Style, str]] = {
    "minutes": (minutes, "markdown"),
    "form": (form, "html"),
    "printed": (printed, "text"),
    "notes": (notes, "notebook"),
}
