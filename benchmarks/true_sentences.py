"""True sentences about something else, and how to put one into a report without changing what the report says.

Each is true beside every right report of the bundled assignment: it is about another network, another data set, a rule,
a trial that isn't reported, a plan, a machine. All were written before their author had read the checker's word lists.
"""

import html
import json
import re
from dataclasses import dataclass

PLACES = ("start", "between", "list", "table", "caption", "footnote")
"""Where a sentence can stand."""
_SPECIAL = {"%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "×": r"$\times$", "·": r"$\cdot$", "{": r"\{", "}": r"\}"}


@dataclass(frozen=True)
class Sentence:
    """One true sentence."""

    modality: str
    text: str


SENTENCES = (
    Sentence("compared", "For comparison, LeNet-5 as it is usually implemented has 61,706 trainable parameters."),
    Sentence(
        "compared", "VGG-16 needs 138,357,544 parameters, 1,792 of them in its first convolution (3·3·3·64 + 64)."
    ),
    Sentence(
        "compared",
        "A perceptron with one hidden layer of 128 units would have 784 × 128 + 128 + 128 × 10 + 10 = 101,770 weights.",
    ),
    Sentence("compared", "ResNet-18 for ImageNet has about 11.7 M parameters, a thousand times as many as ours."),
    Sentence(
        "rule quoted",
        "The handout says: batch size 32 belongs to even roll numbers, and 16 to odd ones divisible by 3.",
    ),
    Sentence(
        "rule quoted",
        "By the rules of the course, a late submission loses 10 % of its marks for each of the first 3 days.",
    ),
    Sentence("rule quoted", 'The task sheet reads: "If A % 2 == 0, then the batch size is 32."'),
    Sentence(
        "earlier trial",
        "A first trial with SGD and a batch size of 64 reached 91.20 % after 3 epochs and is not reported here.",
    ),
    Sentence(
        "earlier trial",
        "Before the pooling was corrected, the flattened vector had 784 entries and the last layer 7,850 weights.",
    ),
    Sentence(
        "earlier trial", "In an early version the learning rate was 0.1, and the loss stayed at 2.303 from epoch 1 on."
    ),
    Sentence(
        "hypothetical", "If the kernels of the first layer were 5×5, it would have 1·5·5·16 + 16 = 416 parameters."
    ),
    Sentence("hypothetical", "With 20 epochs instead, training would have taken twice as long."),
    Sentence(
        "hypothetical", "Guessing at random would be right for about 1,000 of 10,000 images, an accuracy of 10 %."
    ),
    Sentence("hypothetical", "Had we used all 70,000 images for training, there would be no test set left."),
    Sentence("negated", "We did not use RMSprop, nor a batch size of 128, nor 50 epochs."),
    Sentence("negated", "The accuracy is not 99.7 %, as some tutorials promise."),
    Sentence("negated", "No layer has as many as 5,000 parameters without being fully connected."),
    Sentence("of others", "LeCun et al. (1998) report an error rate of 0.95 % on the test set for LeNet-5."),
    Sentence(
        "of others", "Krizhevsky, Sutskever and Hinton trained for roughly 90 cycles on 1.2 million images with SGD."
    ),
    Sentence("of others", "A friend in another group got 97.31 % with Adagrad and a batch size of 256."),
    Sentence("of others", "Wan et al. (2013) report an error of 0.21 % with DropConnect."),
    Sentence("planned", "In future work we will train for 100 epochs with AdamW and a batch size of 512."),
    Sentence(
        "planned", "Next, a network with 32 and 64 channels (18,816 parameters in its convolutions) will be tried."
    ),
    Sentence("planned", "Later we want to reach 99.5 % with an ensemble of 5 networks."),
    Sentence("machine", "Training ran on a Tesla T4 with 15,102 MiB under CUDA 12.1 and torch 2.1.0, at 1,590 MHz."),
    Sentence(
        "machine", "The demo is served at http://localhost:8000/predict and was last started on 14 March 2024 at 10:45."
    ),
    Sentence("machine", "The notebook took 7 min 12 s and used 1,024 MB of memory; its file has 11,071 bytes."),
    Sentence("another data set", "CIFAR-10 has 50,000 training and 10,000 test images of 32×32 pixels in 3 channels."),
    Sentence(
        "another data set", "EMNIST Letters has 124,800 training images in 26 classes, and SVHN has 73,257 and 26,032."
    ),
    Sentence("another data set", "On Fashion-MNIST the same code reached 88.40 % after 10 epochs."),
    Sentence("another data set", "The original NIST collection has more than 800,000 images of 3,600 writers."),
    Sentence(
        "another grouping",
        "Another natural grouping would have been even digits {0, 2, 4, 6, 8} against odd digits {1, 3, 5, 7, 9}.",
    ),
    Sentence(
        "another grouping",
        "One could also have put {1, 4, 7} into one class and the 7 other digits into a second, for 2 classes.",
    ),
    Sentence(
        "another grouping",
        "Grouped by holes, the digits would fall into {8}, {0, 4, 6, 9} and {1, 2, 3, 5, 7}: 3 classes.",
    ),
    Sentence("question", "Would a batch size of 8 or 15 epochs have changed the accuracy by more than 0.5 points?"),
    Sentence("question", "Why do textbooks use 60,000 parameters where 5,000 would do?"),
)


def insert(report: str, kind: str, sentence: str, place: str, turn: int) -> str:
    """Put a sentence into a report.

    Args:
        report: text of the file; of a PDF, the HTML that it is printed from.
        kind: md, txt, tex, html, pdf or ipynb.
        sentence: plain text.
        place: one of `PLACES`.
        turn: chooses among the boundaries between paragraphs.
    """
    if kind == "ipynb":
        notebook = json.loads(report)
        at = _at(list(range(1, len(notebook["cells"]) + 1)), place, turn)
        cell = {"cell_type": "markdown", "metadata": {}, "source": _piece("md", sentence, place)}
        notebook["cells"].insert(at, cell)
        return json.dumps(notebook)
    at = _at(_boundaries(report, kind), place, turn)
    gap = "\n" if kind in ("html", "pdf") else "\n\n"
    return report[:at].rstrip("\n") + gap + _piece(kind, sentence, place) + gap + report[at:].lstrip("\n")


def _at(boundaries: list[int], place: str, turn: int) -> int:
    if place == "start":
        return boundaries[0]
    if place == "footnote":
        return boundaries[-1]
    return boundaries[turn % len(boundaries)]


def _boundaries(report: str, kind: str) -> list[int]:
    """Places between two paragraphs, where a new one splits neither a table nor a listing."""
    if kind in ("html", "pdf"):
        ends = [match.end() for match in re.finditer(r"</(?:p|h1|h2|h3|table|ul|ol)>", report)]
        return [end for end in ends if _outside(report[:end])]
    if kind == "tex":
        heads = [match.start() for match in re.finditer(r"^\\(?:sub)*section\b", report, re.M)]
        return [*heads, report.rindex(r"\end{document}")] if r"\end{document}" in report else [*heads, len(report)]
    blanks = [match.end() for match in re.finditer(r"\n[ \t]*\n", report)]
    free = [end for end in blanks if kind != "md" or report[:end].count("\n```") % 2 == 0]
    return [*free, len(report)]


def _outside(before: str) -> bool:
    return all(
        len(re.findall(rf"<{tag}\b", before)) == before.count(f"</{tag}>")
        for tag in ("table", "ul", "ol", "pre", "figure", "dl", "head", "p")
    )


def _piece(kind: str, sentence: str, place: str) -> str:
    if kind in ("html", "pdf"):
        said = html.escape(sentence, quote=False)
        return {
            "list": f"<ul>\n<li>{said}</li>\n</ul>",
            "table": f"<table>\n<tr><th>Remark</th></tr>\n<tr><td>{said}</td></tr>\n</table>",
            "caption": f"<figure>\n<figcaption>{said}</figcaption>\n</figure>",
            "footnote": f"<p><small>* {said}</small></p>",
        }.get(place, f"<p>{said}</p>")
    if kind == "tex":
        said = "".join(_SPECIAL.get(sign, sign) for sign in sentence)
        return {
            "list": f"\\begin{{itemize}}\n\\item {said}\n\\end{{itemize}}",
            "table": f"\\begin{{tabular}}{{l}}\nRemark \\\\\n{said} \\\\\n\\end{{tabular}}",
            "caption": f"\\begin{{figure}}\n\\caption{{{said}}}\n\\end{{figure}}",
            "footnote": f"A remark.\\footnote{{{said}}}",
        }.get(place, said)
    if kind == "md":
        said = sentence.replace("*", r"\*")
        return {
            "list": f"- {said}",
            "table": f"| Remark |\n|---|\n| {said} |",
            "caption": f"![A picture](remark.png)\n*{said}*",
            "footnote": f"A remark.[^remark]\n\n[^remark]: {said}",
        }.get(place, said)
    return {"list": f"- {sentence}", "table": f"Remark\t{sentence}", "footnote": f"* {sentence}"}.get(place, sentence)
