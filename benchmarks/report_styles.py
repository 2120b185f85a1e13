"""Reports as students write them, from the same facts: prose, tables, LaTeX, bullets, Indian grouping and others."""

from collections.abc import Callable, Sequence

from report_facts import Experiment, Facts, Layer

Style = Callable[[Facts], str]
COLAB = "https://colab.research.google.com/drive/1AbCdEfGhIjKlMnOp?usp=sharing"
CLOSING = f"""
## Assumptions

We assume that all pooling windows are 2x2.

## References

1. PyTorch documentation.

## Colab Link

{COLAB}
"""


def indian(number: int) -> str:
    """Group digits as 11,070 and 1,00,000."""
    head, tail = str(number)[:-3], str(number)[-3:]
    parts = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return ",".join([*parts, tail])


def product(layer: Layer, sign: str) -> str:
    """The working of a layer: ``(1*7*7*16) + 16``."""
    factors = sign.join(str(factor) for factor in layer.factors)
    return f"({factors}) + {layer.bias}" if layer.bias is not None else f"({factors})"


def markdown_table(head: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def history_rows(experiment: Experiment) -> list[list[object]]:
    """Rows of the table of epochs, accuracies in percent."""
    return [
        [n, f"{e.train_loss:.4f}", f"{e.train_accuracy:.2f}", f"{e.test_loss:.4f}", f"{e.test_correct / 100:.2f}"]
        for n, e in enumerate(experiment.history, 1)
    ]


def bullets(facts: Facts) -> str:
    """Bullets under headings, as the course's own example has them; Markdown."""
    out = [f"# Deep Learning Assignment 1\n\nA. Student ({facts.roll})\n"]
    for number, e in enumerate(facts.experiments, 1):
        out.append(f"## Experiment {number}: {e.classes}-Class Classification\n\n### Dataset\n")
        if number == 1:
            out.append(
                f"The MNIST dataset was used, with {facts.train_images // 1000}k images for training and "
                f"{facts.test_images // 1000}k images for testing.\n"
            )
        else:
            out.append("The classes were combined as follows:\n")
            out += [f"- Class {i}: {{{', '.join(map(str, g))}}}" for i, g in enumerate(facts.groups, 1)]
        out.append("\n### Training Configuration\n")
        remainder = facts.remainders[3] if facts.number % 2 else facts.remainders[2]
        divisor = 3 if facts.number % 2 else 2
        out.append(
            f"- Batch Size: Determined by roll number (Batch Size = {facts.batch}, as ${facts.number}\\%{divisor}={remainder}$)"
        )
        out.append(
            f"- Optimizer: {facts.optimizer}\n- Loss Function: {facts.loss.title()}\n- Training Epochs: {facts.epochs}\n"
        )
        out.append("### Results\n")
        out.append(f"- Test accuracy: {e.accuracy}%\n- Correctly classified: {e.correct} of 10000 test images\n")
        out.append("Confusion Matrix\n")
        out.append(markdown_table(["", *range(len(e.matrix))], [[i, *row] for i, row in enumerate(e.matrix)]))
        out.append("## Manual Calculation of Trainable Parameters:\n")
        for layer in e.layers:
            out.append(f"### {layer.name}:\n")
            if layer.kernel:
                out.append(
                    f"- Input channels: {layer.inputs}\n- Kernel size: {layer.kernel}x{layer.kernel}\n- Output channels: {layer.outputs}"
                )
            out.append(f"- Trainable parameters = ${product(layer, ' * ')} = {layer.result:,}$\n")
        out.append("## Summary:\n")
        terms = " + ".join(f"{term:,}" for term in e.total_terms)
        out.append(
            f"- Total Trainable Parameters = ${terms} = {e.total:,}$\n- Total Non-trainable Parameters = {e.non_trainable}\n"
        )
    return "\n".join(out) + CLOSING


def prose(facts: Facts) -> str:
    """Paragraphs of running text; Markdown."""
    names = ("first", "second", "third")
    out = [f"# Report on Assignment 1\n\nRoll number: {facts.roll}\n"]
    out.append(
        f"We used MNIST, which has {facts.train_images:,} training images and {facts.test_images:,} test images of 28x28 pixels. "
        f"The last three digits of the roll number give {facts.number}; since {facts.number} mod 2 = {facts.remainders[2]} and "
        f"{facts.number} mod 3 = {facts.remainders[3]}, the batch size is {facts.batch}. The networks were trained for {facts.epochs} epochs "
        f"with the {facts.optimizer} optimizer. The loss function is {facts.loss}.\n"
    )
    for number, e in enumerate(facts.experiments, 1):
        out.append(f"## Experiment {number}\n")
        if number == 2:
            pieces = [
                f"class {i} contains the digits {', '.join(map(str, g[:-1]))} and {g[-1]}"
                for i, g in enumerate(facts.groups, 1)
            ]
            out.append(f"The ten digits are merged into four classes: {'; '.join(pieces)}.\n")
        out.append("The parameters were counted by hand. ")
        for name, layer in zip(names, e.layers[:3], strict=True):
            out.append(
                f"The {name} convolution layer has {product(layer, '×')} = {layer.result:,} trainable parameters."
            )
        last = e.layers[3]
        out.append(f"The fully connected layer has {product(last, '×')} = {last.result:,} parameters.")
        out.append(
            f"In total the network has {e.total:,} trainable parameters. There are {e.non_trainable} non-trainable parameters.\n"
        )
        out.append(
            f"On the test set the network classifies {e.correct:,} of 10,000 images correctly, so the test accuracy is {e.accuracy} %. "
            f"The highest test accuracy was {e.best_accuracy} % after epoch {e.best_epoch}.\n"
        )
        out.append(
            "The confusion matrix is:\n\n```\n"
            + "\n".join(" ".join(f"{c:5d}" for c in row) for row in e.matrix)
            + "\n```\n"
        )
        out.append("Accuracy and loss per epoch:\n")
        out.append(
            markdown_table(
                ["Epoch", "Train loss", "Train accuracy (%)", "Test loss", "Test accuracy (%)"], history_rows(e)
            )
        )
    return "\n".join(out) + CLOSING


def tables(facts: Facts) -> str:
    """Everything in tables; Markdown."""
    out = [f"# CSL7590 Assignment 1\n\n**Name:** A. Student  \n**Roll No:** {facts.roll}\n\n## Setup\n"]
    out.append(
        markdown_table(
            ["Setting", "Value"],
            [
                ["Training images", f"{facts.train_images:,}"],
                ["Test images", f"{facts.test_images:,}"],
                [
                    "Batch size",
                    f"{facts.batch} ({facts.number} % 2 = {facts.remainders[2]}, {facts.number} % 3 = {facts.remainders[3]})",
                ],
                ["Epochs", facts.epochs],
                ["Optimizer", facts.optimizer],
                ["Loss function", facts.loss],
            ],
        )
    )
    for number, e in enumerate(facts.experiments, 1):
        out.append(f"## Experiment {number} ({e.classes} classes)\n")
        if number == 2:
            out.append(
                markdown_table(
                    ["New class", "Digits"],
                    [[f"Class {i}", "{" + ", ".join(map(str, g)) + "}"] for i, g in enumerate(facts.groups, 1)],
                )
            )
        rows: list[list[object]] = [[layer.name, product(layer, "·"), f"{layer.result:,}"] for layer in e.layers]
        out.append("### Parameters\n")
        out.append(
            markdown_table(["Layer", "Working", "Trainable parameters"], [*rows, ["**Total**", "", f"**{e.total:,}**"]])
        )
        out.append(f"Non-trainable parameters: {e.non_trainable}\n")
        out.append("### Results\n")
        out.append(
            markdown_table(
                ["Metric", "Value"],
                [["Test accuracy", f"{e.accuracy} %"], ["Correct test images", f"{e.correct} / 10000"]],
            )
        )
        out.append("### Accuracy and loss per epoch\n")
        out.append(markdown_table(["Epoch", "Train Loss", "Train Acc", "Test Loss", "Test Acc"], history_rows(e)))
        out.append("### Confusion matrix\n")
        out.append(
            markdown_table(["True \\ Predicted", *range(len(e.matrix))], [[i, *row] for i, row in enumerate(e.matrix)])
        )
        out.append("### Per-class scores\n")
        out.append(
            markdown_table(
                ["Class", "Precision", "Recall", "Support"],
                [[i, e.precisions[i], e.recalls[i], e.supports[i]] for i in range(e.classes)],
            )
        )
    return "\n".join(out) + CLOSING


def latex(facts: Facts) -> str:
    """LaTeX source."""
    out = [
        "\\documentclass{article}\n\\begin{document}\n\\title{Deep Learning: Assignment 1}\n"
        + f"\\author{{A. Student, {facts.roll}}}\n\\maketitle\n"
    ]
    out.append("\\section{Data and training}")
    out.append(
        f"MNIST has {facts.train_images:,} training images and {facts.test_images:,} test images.".replace(",", "{,}")
    )
    out.append(
        f"Since ${facts.number} \\bmod 2 = {facts.remainders[2]}$ and ${facts.number} \\bmod 3 = {facts.remainders[3]}$, the batch size is ${facts.batch}$."
    )
    out.append(f"Optimizer: {facts.optimizer}. Loss function: {facts.loss}. Number of epochs: {facts.epochs}.\n")
    for number, e in enumerate(facts.experiments, 1):
        out.append(f"\\section{{Experiment {number}: {e.classes}-class classification}}")
        if number == 2:
            out.append("\\begin{itemize}")
            out += [f"\\item Class {i} = \\{{{', '.join(map(str, g))}\\}}" for i, g in enumerate(facts.groups, 1)]
            out.append("\\end{itemize}")
        out.append("\\subsection{Trainable parameters}")
        for layer in e.layers:
            working = product(layer, " \\times ")
            out.append(f"\\paragraph{{{layer.name}}}\n\\[ {working} = {layer.result:,} \\]".replace(",", "{,}"))
        terms = " + ".join(f"{term:,}" for term in e.total_terms)
        out.append(f"\\subsection{{Totals}}\nTotal trainable parameters: ${terms} = {e.total:,}$.".replace(",", "{,}"))
        out.append(f"Total non-trainable parameters: ${e.non_trainable}$.\n")
        out.append("\\subsection{Results}")
        out.append(f"The test accuracy is ${e.correct}/10000 = {e.fraction}$, that is {e.accuracy}\\%.\n")
        out.append("\\subsection{Confusion matrix}\n\\begin{tabular}{" + "r" * e.classes + "}")
        out += [" & ".join(map(str, row)) + " \\\\" for row in e.matrix]
        out.append("\\end{tabular}\n")
    out.append(
        f"\\section{{Assumptions}}\nWe assume $2 \\times 2$ pooling.\n\\section{{References}}\nPyTorch.\n\\section{{Colab link}}\n{COLAB}\n\\end{{document}}"
    )
    return "\n".join(out)


def word(facts: Facts) -> str:
    """Plain text as Word exports it, with Indian grouping."""
    out = [f"Deep Learning Assignment 1\nName: A. Student\nRoll Number: {facts.roll}\n"]
    out.append(
        f"Dataset: MNIST with {indian(facts.train_images)} training images and {indian(facts.test_images)} testing images."
    )
    out.append(
        f"Batch size = {facts.batch} because {facts.number} % 2 = {facts.remainders[2]} and {facts.number} % 3 = {facts.remainders[3]}"
    )
    out.append(f"Optimizer = {facts.optimizer}\nLoss = {facts.loss}\nTrained for {facts.epochs} epochs\n")
    for number, e in enumerate(facts.experiments, 1):
        out.append(f"EXPERIMENT {number}\n")
        if number == 2:
            out += [f"• Class {i} – ({', '.join(map(str, g))})" for i, g in enumerate(facts.groups, 1)]
        out.append("Calculation of parameters")
        for n, layer in enumerate(e.layers, 1):
            label = f"Conv {n}" if n < 4 else "FC"
            out.append(f"• {label}: {product(layer, ' x ')} = {indian(layer.result)} parameters")
        terms = " + ".join(indian(term) for term in e.total_terms)
        out.append(
            f"• Total trainable parameters = {terms}\n= {indian(e.total)}\n• Total non-trainable parameters = {e.non_trainable}\n"
        )
        out.append(f"Final test accuracy: {e.accuracy}% ({indian(e.correct)} correct out of {indian(10_000)})\n")
        out.append("Confusion matrix (rows are true classes)")
        out += ["\t".join(map(str, row)) for row in e.matrix]
        out.append("")
    out.append(f"Assumptions: pooling is 2 x 2.\nReferences: PyTorch documentation.\nColab: {COLAB}\n")
    return "\n".join(out)


STYLES: dict[str, tuple[Style, str]] = {
    "bullets": (bullets, "markdown"),
    "prose": (prose, "markdown"),
    "tables": (tables, "markdown"),
    "latex": (latex, "text"),
    "word": (word, "text"),
}
