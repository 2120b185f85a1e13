"""More styles: slides, a thesis, a mail, a table of everything. Held out at first (69 % found), in sight since then."""

from report_facts import Facts
from report_styles import COLAB, Style, history_rows, indian, markdown_table, product

CDOT = " \\cdot "


def slides(facts: Facts) -> str:
    """Slides in Markdown, one thought a bullet."""
    out = [
        f"# Assignment 1\n\n{facts.roll}\n\n---\n\n# Data\n\n* {facts.train_images // 1000}K training images\n* {facts.test_images // 1000}K test images\n"
    ]
    out.append(
        f"---\n\n# Hyperparameters\n\n* batch size → {facts.batch}\n* {facts.number} % 2 = {facts.remainders[2]}\n* {facts.number} % 3 = {facts.remainders[3]}"
    )
    out.append(f"* optimiser: {facts.optimizer}\n* loss: {facts.loss}\n* epochs: {facts.epochs}\n")
    for number, e in enumerate(facts.experiments, 1):
        out.append(f"---\n\n# Experiment {number}: parameters\n")
        out += [f"* {layer.name} → {product(layer, ' × ')} = **{layer.result:,}**" for layer in e.layers]
        out.append(f"* Total trainable → **{e.total:,}**\n* Total non-trainable → **{e.non_trainable}**\n")
        out.append(
            f"---\n\n# Experiment {number}: results\n\n* Test accuracy → **{e.accuracy}%**\n* {e.correct:,} of 10,000 images right\n"
        )
        if number == 2:
            out += [f"* Class {i} = {{{', '.join(map(str, g))}}}" for i, g in enumerate(facts.groups, 1)]
        out.append("\nConfusion matrix:\n")
        out.append(
            markdown_table(["true/pred", *range(len(e.matrix))], [[f"**{i}**", *row] for i, row in enumerate(e.matrix)])
        )
    return (
        "\n".join(out) + f"\n---\n\n# Assumptions\n\n* 2×2 pooling\n\n# References\n\n* PyTorch\n\n# Colab\n\n{COLAB}\n"
    )


def thesis(facts: Facts) -> str:
    """Numbered sections and long sentences in LaTeX."""
    words = ("first", "second", "third")
    out = [
        f"\\title{{Handwritten digits}}\\author{{{facts.roll}}}\n\\section{{Introduction}}\nWe train on the {facts.train_images:,} training images of MNIST and test on its {facts.test_images:,} test images."
    ]
    out.append(
        f"The remainder of {facts.number} by 2 is ${facts.number} \\bmod 2 = {facts.remainders[2]}$ and by 3 it is ${facts.number} \\bmod 3 = {facts.remainders[3]}$; hence we use a batch size of {facts.batch}."
    )
    out.append(f"We use the {facts.optimizer} optimizer and train for {facts.epochs} epochs.\n")
    for number, e in enumerate(facts.experiments, 1):
        out.append(f"\\section{{Experiment {number}}}")
        if number == 2:
            out.append(
                "Labels are merged: "
                + "; ".join(
                    f"class {i} comprises $\\{{{', '.join(map(str, g))}\\}}$" for i, g in enumerate(facts.groups, 1)
                )
                + ".\n"
            )
        out.append("\\subsection{Number of parameters}")
        for word, layer in zip(words, e.layers[:3], strict=True):
            out.append(
                f"For the {word} convolutional layer we obtain\n\\begin{{equation}}\nN_{{{word}}} = {product(layer, CDOT)} = {layer.result}\n\\end{{equation}}"
            )
        last = e.layers[3]
        out.append(f"and for the output layer $N_{{out}} = {product(last, CDOT)} = {last.result}$.\n")
        terms = " + ".join(str(term) for term in e.total_terms)
        out.append(
            f"The total number of trainable parameters is therefore ${terms} = {e.total}$, while {e.non_trainable} parameters are non-trainable.\n"
        )
        out.append(
            f"\\subsection{{Results}}\nThe network attains a test accuracy of {e.accuracy}\\,\\% ({e.correct} correctly classified images)."
        )
        out.append(
            "\\begin{table}\n\\begin{tabular}{lrrrr}\nEpoch & Train loss & Train accuracy & Test loss & Test accuracy \\\\ \\hline"
        )
        out += [" & ".join(map(str, row)) + " \\\\" for row in history_rows(e)]
        out.append(
            f"\\end{{tabular}}\n\\end{{table}}\nThe best test accuracy of {e.best_accuracy}\\,\\% is seen in epoch {e.best_epoch}.\n"
        )
        out.append("The confusion matrix is\n\\[ \\begin{pmatrix}")
        out += [" & ".join(map(str, row)) + " \\\\" for row in e.matrix]
        out.append("\\end{pmatrix} \\]\n")
    return "\n".join(out) + f"\\section{{Assumptions}} Pooling.\n\\section{{References}} PyTorch.\n\\url{{{COLAB}}}\n"


def mail(facts: Facts) -> str:
    """A hasty mail in plain text."""
    out = [
        f"Hi,\n\nplease find my assignment 1 below ({facts.roll}).\n\nmnist, {facts.train_images} train / {facts.test_images} test samples"
    ]
    out.append(
        f"batch_size={facts.batch} ({facts.number}%2={facts.remainders[2]}, {facts.number}%3={facts.remainders[3]}), optimizer={facts.optimizer}, epochs={facts.epochs}\n"
    )
    for number, e in enumerate(facts.experiments, 1):
        out.append(f"== exp {number} ==")
        if number == 2:
            out.append(
                "classes: " + "  ".join(f"class {i}={{{','.join(map(str, g))}}}" for i, g in enumerate(facts.groups, 1))
            )
        names = ("conv1", "conv2", "conv3", "fc")
        out += [f"{name}: {product(layer, '*')} = {layer.result}" for name, layer in zip(names, e.layers, strict=True)]
        out.append(f"total params: {e.total}\nnon-trainable params: {e.non_trainable}")
        out.append(f"test acc: {e.accuracy}% ({e.correct}/10000)")
        out.append("confusion matrix:\n" + "\n".join(str(row) for row in e.matrix) + "\n")
    return "\n".join(out) + f"assumptions: none besides 2x2 pooling\nreferences: pytorch docs\n{COLAB}\n\nbye"


def grid(facts: Facts) -> str:
    """Both experiments side by side in tables, Indian grouping; Markdown."""
    one, two = facts.experiments
    out = [f"# Report ({facts.roll})\n"]
    out.append(
        markdown_table(
            ["Item", "Value"],
            [
                ["Training images", indian(facts.train_images)],
                ["Testing images", indian(facts.test_images)],
                ["Batch size", facts.batch],
                ["Optimizer", facts.optimizer],
                ["Loss function", facts.loss],
                ["Number of epochs", facts.epochs],
            ],
        )
    )
    out.append(
        f"\n{facts.number} mod 2 = {facts.remainders[2]}, {facts.number} mod 3 = {facts.remainders[3]}\n\n## Trainable parameters\n"
    )
    rows: list[list[object]] = [
        [a.name, indian(a.result), indian(b.result)] for a, b in zip(one.layers, two.layers, strict=True)
    ]
    out.append(
        markdown_table(
            ["Layer", "Experiment 1", "Experiment 2"], [*rows, ["Total", indian(one.total), indian(two.total)]]
        )
    )
    out.append("\n## Results\n")
    out.append(
        markdown_table(
            ["Measure", "Experiment 1", "Experiment 2"],
            [
                ["Test accuracy", f"{one.accuracy}%", f"{two.accuracy}%"],
                ["Non-trainable parameters", one.non_trainable, two.non_trainable],
            ],
        )
    )
    out.append(
        "\n" + "\n".join(f"- Class {i}: {{{', '.join(map(str, g))}}}" for i, g in enumerate(facts.groups, 1)) + "\n"
    )
    for number, e in enumerate(facts.experiments, 1):
        out.append(f"\n## Confusion matrix of Experiment {number}\n")
        out.append(markdown_table(["", *range(len(e.matrix))], [[i, *row] for i, row in enumerate(e.matrix)]))
    return "\n".join(out) + f"\n## Assumptions\n\n2x2 pooling\n\n## References\n\nPyTorch\n\n{COLAB}\n"


SECOND_STYLES: dict[str, tuple[Style, str]] = {
    "slides": (slides, "markdown"),
    "thesis": (thesis, "text"),
    "mail": (mail, "text"),
    "grid": (grid, "markdown"),
}
