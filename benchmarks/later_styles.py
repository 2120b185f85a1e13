"""More styles: HTML, a notebook, questions and answers, a letter. Held out at first (72 % found), in sight since then."""

import json

from report_facts import Facts
from report_styles import COLAB, Style, history_rows, product


def html(facts: Facts) -> str:
    """A page as a word processor exports it."""

    def row(cells: list[object], tag: str = "td") -> str:
        return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"

    out = [
        f"<html><head><title>A1</title></head><body><h1>Assignment 1</h1><p>Submitted by: A. Student, {facts.roll}</p>"
    ]
    out.append(
        f"<p>The MNIST dataset was loaded ({facts.train_images:,} training samples, {facts.test_images:,} testing samples). "
        f"Batch size: {facts.batch}. Here {facts.number} mod 2 = {facts.remainders[2]} and {facts.number} mod 3 = {facts.remainders[3]}.</p>"
    )
    out.append(
        f"<ul><li>Optimizer: {facts.optimizer}</li><li>Loss: {facts.loss}</li><li>Epochs: {facts.epochs}</li></ul>"
    )
    for number, e in enumerate(facts.experiments, 1):
        out.append(f"<h2>Experiment {number}: {e.classes} classes</h2>")
        if number == 2:
            out.append(
                "<table>"
                + row(["Class", "Labels"], "th")
                + "".join(
                    row([f"Class {i}", "{" + ", ".join(map(str, g)) + "}"]) for i, g in enumerate(facts.groups, 1)
                )
                + "</table>"
            )
        out.append("<h3>Trainable parameters</h3><ol>")
        out += [f"<li>{layer.name}: {product(layer, ' &times; ')} = <b>{layer.result:,}</b></li>" for layer in e.layers]
        out.append(
            f"</ol><p>Total trainable parameters: {' + '.join(f'{t:,}' for t in e.total_terms)} = <b>{e.total:,}</b></p>"
        )
        out.append(f"<p>Total non-trainable parameters: {e.non_trainable}</p>")
        out.append(
            f"<h3>Results</h3><p>Accuracy on the test set: <b>{e.accuracy}%</b> ({e.correct} out of 10000 correct).</p>"
        )
        out.append(
            "<table>"
            + row(["Epoch", "Train loss", "Train acc", "Test loss", "Test acc"], "th")
            + "".join(map(row, history_rows(e)))
            + "</table>"
        )
        out.append(f"<p>The best test accuracy, {e.best_accuracy}%, was reached in epoch {e.best_epoch}.</p>")
        out.append("<h3>Confusion matrix</h3><table>" + "".join(row(list(cells)) for cells in e.matrix) + "</table>")
    out.append(
        f"<h2>Assumptions</h2><p>None but 2x2 pooling.</p><h2>References</h2><p>PyTorch</p><p>{COLAB}</p></body></html>"
    )
    return "\n".join(out)


def notebook(facts: Facts) -> str:
    """A notebook with Markdown cells and printed outputs."""
    cells: list[dict[str, object]] = []

    def markdown(*lines: str) -> None:
        cells.append({"cell_type": "markdown", "metadata": {}, "source": "\n".join(lines)})

    def printed(text: str) -> None:
        stream = {"output_type": "stream", "name": "stdout", "text": text}
        cells.append({"cell_type": "code", "metadata": {}, "execution_count": None, "source": "", "outputs": [stream]})

    markdown(f"# DL Assignment 1\n\nRoll no. {facts.roll}", "")
    markdown(
        "## Setup",
        f"MNIST: {facts.train_images} images for training, {facts.test_images} images for testing.  ",
        f"A = {facts.number}; A % 2: $ {facts.number} \\% 2 = {facts.remainders[2]} $; A % 3: $ {facts.number} \\% 3 = {facts.remainders[3]} $. So batch size = {facts.batch}.",
        f"\n{facts.optimizer} optimizer; loss function: {facts.loss}; number of epochs = {facts.epochs}",
    )
    for number, e in enumerate(facts.experiments, 1):
        markdown(f"## Experiment {number}")
        if number == 2:
            markdown(*[f"* Class {i} → {{{', '.join(map(str, g))}}}" for i, g in enumerate(facts.groups, 1)])
        markdown(
            "### Parameters\n",
            *[f"* **{layer.name}** $ {product(layer, '*')} = {layer.result} $" for layer in e.layers],
        )
        markdown(f"**Total trainable parameters = {e.total}**, non-trainable parameters = {e.non_trainable}")
        printed(f"Test accuracy: {e.accuracy}%\nCorrect: {e.correct}/10000\n")
        rows = "\n ".join("[" + " ".join(f"{cell:4d}" for cell in cells_) + "]" for cells_ in e.matrix)
        printed(f"[{rows}]\n")
        lines = ["              precision    recall  f1-score   support", ""]
        lines += [
            f"           {i}     {float(e.precisions[i]):.4f}    {e.recalls[i]}    {2 * float(e.precisions[i]) * float(e.recalls[i]) / (float(e.precisions[i]) + float(e.recalls[i])):.2f}      {e.supports[i]:4d}"
            for i in range(e.classes)
        ]
        printed("\n".join(lines) + "\n")
    markdown(f"## Assumptions\nPooling 2x2\n\n## References\nPyTorch docs\n\n{COLAB}")
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})


def questions(facts: Facts) -> str:
    """Questions and answers in plain text."""
    out = [f"ROLL NO: {facts.roll}\nAssignment-1 answers\n"]
    out.append(
        f"Q1. Which data did you use?\nAns: MNIST, {facts.train_images} train images and {facts.test_images} test images.\n"
    )
    out.append(
        f"Q2. Which batch size?\nAns: {facts.number}%2={facts.remainders[2]}, {facts.number}%3={facts.remainders[3]}. Therefore batch size = {facts.batch}\n"
    )
    out.append(
        f"Q3. Which optimizer, loss and number of epochs?\nAns: Optimizer: {facts.optimizer}, Loss: {facts.loss}, Epochs: {facts.epochs}\n"
    )
    for number, e in enumerate(facts.experiments, 1):
        out.append(f"Exp {number} ({e.classes} class problem)\n")
        if number == 2:
            out += [f"class {i}: {g}" for i, g in enumerate(facts.groups, 1)]
        out.append("\nQ. Find the number of trainable parameters.\nAns:")
        names = ("1st conv layer", "2nd conv layer", "3rd conv layer", "output layer")
        out += [f"{name} = {product(layer, '*')} = {layer.result}" for name, layer in zip(names, e.layers, strict=True)]
        out.append(f"Total = {'+'.join(map(str, e.total_terms))} = {e.total} trainable parameters")
        out.append(f"Non trainable parameters = {e.non_trainable}\n")
        out.append(
            f"Q. Report the accuracy.\nAns: We got {e.accuracy}% test accuracy, i.e. {e.correct}/10000 = {e.fraction}\n"
        )
        out.append("Q. Give the confusion matrix.\nAns:")
        out += [" ".join(map(str, cells)) for cells in e.matrix]
        out.append("")
    out.append(f"Assumptions: pooling 2*2\nReference: pytorch.org\nColab: {COLAB}")
    return "\n".join(out)


def letter(facts: Facts) -> str:
    """A report that tells a story."""
    numbers = ("One", "Two")
    out = [
        f"Dear examiner,\n\nmy roll number is {facts.roll}. I worked with MNIST: {facts.train_images:,} images to train on, {facts.test_images:,} images to test on."
    ]
    out.append(
        f"My number is {facts.number}. As {facts.number} mod 2 = {facts.remainders[2]} and {facts.number} mod 3 = {facts.remainders[3]}, I used a batch size of {facts.batch}."
    )
    out.append(f"I trained each network for {facts.epochs} epochs with {facts.optimizer} as the optimizer.\n")
    for number, e in enumerate(facts.experiments):
        out.append(f"Experiment {numbers[number]}\n")
        if number == 1:
            out.append(
                "The new classes are "
                + ", ".join(f"class {i} = {{{', '.join(map(str, g))}}}" for i, g in enumerate(facts.groups, 1))
                + ".\n"
            )
        parts = [f"{layer.name.lower()} {product(layer, ' × ')} = {layer.result:,}" for layer in e.layers]
        out.append(
            f"I counted the parameters of every layer: {'; '.join(parts)}. Adding up, {' + '.join(f'{t:,}' for t in e.total_terms)} = {e.total:,} trainable parameters in total, and {e.non_trainable} non-trainable parameters.\n"
        )
        out.append(
            f"Of the 10,000 test images {e.correct:,} were classified correctly, a test accuracy of {e.accuracy} per cent. The confusion matrix reads\n"
        )
        out += [", ".join(map(str, cells)) for cells in e.matrix]
        out.append("")
    out.append(f"I assumed 2×2 pooling. Resources: the PyTorch documentation. My notebook: {COLAB}\n\nYours sincerely")
    return "\n".join(out)


LATER_STYLES: dict[str, tuple[Style, str]] = {
    "html": (html, "html"),
    "notebook": (notebook, "notebook"),
    "questions": (questions, "text"),
    "letter": (letter, "text"),
}
