"""True sentences about a table are never accused, false ones are found; in several languages and formats."""

import json

import pytest

from reportgen.documents.reading import SUFFIXES, parse_document
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Claim, Rule, Verdict

HEAD = ("Model", "Parameters", "Test accuracy", "Test loss", "Time (s)")
ROWS = (
    ("Alpha", "12,000", "91.2 %", "0.310", "40"),
    ("Beta", "47,500", "93.4 %", "0.221", "95"),
    ("Gamma Net", "24,100", "92.0 %", "0.265", "61"),
    ("Delta-2", "6,100", "88.7 %", "0.402", "22"),
)
TRUE = (
    "Beta has the highest test accuracy.",
    "Beta achieves the best accuracy of all models.",
    "The highest test accuracy was achieved by Beta.",
    "The best accuracy, 93.4 %, belongs to Beta.",
    "Beta has the lowest test loss.",
    "Beta reaches the lowest loss of 0.221.",
    "Delta-2 has the worst accuracy.",
    "Delta-2 has the highest loss.",
    "Delta-2 has the fewest parameters.",
    "Beta has the most parameters.",
    "Beta is the largest network.",
    "Delta-2 is the smallest model.",
    "Delta-2 is the fastest model.",
    "Beta is the slowest network.",
    "Beta is the most accurate model.",
    "Gamma Net has the second highest accuracy.",
    "Gamma Net is the second largest network.",
    "Alpha has the third best test accuracy.",
    "Beta and Gamma Net rank in the top 2 for accuracy.",
    "Gamma Net ranks in the top 3 for accuracy.",
    "Beta has nearly twice the parameters of Gamma Net.",
    "Gamma Net has twice as many parameters as Alpha.",
    "Gamma Net has about twice the parameters of Alpha.",
    "Compared to Alpha, Gamma Net has twice the parameters.",
    "Delta-2 has half the parameters of Alpha.",
    "Alpha has roughly half the parameters of Gamma Net.",
    "Beta has 3.96 times the parameters of Alpha.",
    "Beta has more than three times the parameters of Alpha.",
    "Beta has less than twice the parameters of Gamma Net.",
    "The more parameters a model has, the higher the accuracy.",
    "The larger the network, the lower the loss.",
    "Beta has a higher accuracy than Gamma Net.",
    "Beta is better than Alpha.",
    "Beta outperforms Alpha.",
    "Delta-2 is faster than Alpha.",
    "Beta is larger than Alpha.",
    "Alpha has fewer parameters than Beta.",
    "Beta has 35,500 more parameters than Alpha.",
    "Beta is 2.2 points better than Alpha in accuracy.",
    "Beta has a 1.4 % higher accuracy than Gamma Net.",
    "Delta-2 has 49 % fewer parameters than Alpha.",
    "Beta hat eine höhere Genauigkeit als Alpha.",
    "Alpha hat weniger Parameter als Beta.",
    "Beta es mejor que Alpha.",
    "Beta hat die höchste Genauigkeit.",
    "Delta-2 hat die wenigsten Parameter.",
    "Beta erreicht die beste Genauigkeit aller Modelle.",
    "Gamma Net hat doppelt so viele Parameter wie Alpha.",
    "Beta hat knapp doppelt so viele Parameter wie Gamma Net.",
    "Delta-2 hat den höchsten Verlust.",
    "Beta a la meilleure exactitude.",
    "Beta a la perte la plus faible.",
    "Gamma Net a deux fois plus de paramètres que Alpha.",
    "Delta-2 a la perte la plus élevée.",
    "Beta tiene la mejor exactitud.",
    "Delta-2 tiene la pérdida más alta.",
    "Gamma Net tiene el doble de parámetros que Alpha.",
    "Delta-2 obtiene la peor exactitud de todos los modelos.",
    "Beta ha la migliore accuratezza.",
    "Beta ha la perdita più bassa.",
    "Gamma Net ha il doppio dei parametri di Alpha.",
    "Beta的准确率最高。",
    "Delta-2的参数最少。",
    "Beta取得了最高的准确率。",
    "Betaの正解率が最も高い。",
    "Betaは最高の正解率を達成した。",
    "Beta는 가장 높은 정확도를 달성했다.",
)
"""Each must be proved or left alone."""
NARROWED = (
    "Alpha has the best accuracy for its size.",
    "Alpha has the best accuracy for its number of parameters.",
    "Of Alpha and Delta-2, Alpha has the highest accuracy.",
    "We first look at Alpha, Delta-2 and Gamma Net. Gamma Net has the highest accuracy.",
    "Compared to Delta-2, Alpha has the highest accuracy.",
    "Alpha had the highest accuracy so far.",
    "Alpha got the best score.",
    "Alpha is the smallest network that reaches 91 %.",
    "Alpha is the smallest network which reaches 91 %.",
    "Alpha es el modelo más pequeño que alcanza 91 %.",
    "Alpha has the fewest trainable parameters.",
    "Beta has twice the trainable parameters of Alpha.",
    "Each layer of Beta has twice the parameters of Alpha.",
    "Alpha is the largest of the three.",
    "Alpha obtained the highest accuracy in the second run.",
    "Alpha has the lowest number of parameters in its group.",
    "Alpha is the fastest model to train.",
    "Alpha is better than Beta.",
    "Overall, Alpha outperforms Beta.",
    "Alpha has the highest accuracy with many samples.",
    "Alpha's encoder has the fewest parameters.",
    "Alpha has a lower loss than Beta in the first epochs.",
    "Alpha has the highest accuracy over time.",
    "The best of Alpha and Delta-2 in accuracy is Alpha.",
    "Alpha has the highest accuracy among the small models.",
    "Without dropout Alpha has the highest accuracy.",
    "Alpha has the highest accuracy on CIFAR-10.",
    "Alpha has the highest accuracy at epoch 3.",
    "If it were trained longer, Alpha would have the highest accuracy.",
    "We expected that Alpha has the highest accuracy.",
    "Initially, Alpha had the highest accuracy.",
    "In the literature, Alpha has the highest accuracy.",
    "Alpha does not have the highest accuracy.",
    "Alpha has one of the highest accuracies.",
    "Alpha has the highest accuracy per second.",
    "Alpha has the highest validation accuracy.",
    "A quantized Alpha has the highest accuracy.",
    "Alpha-XL has the highest accuracy.",
    "Non-Alpha networks have the highest accuracy.",
    "Alpha has the highest accuracy after Beta.",
    "Apart from Beta and Gamma Net, Alpha has the highest accuracy.",
    "The highest accuracy is needed where Alpha fails.",
    "Alpha is fast, and the highest accuracy is 93.4 %.",
    "Alpha has the highest precision.",
    "Alpha is better than Beta on small images of cats.",
    "Alpha can be better than Beta.",
    "Alpha converges better than Beta.",
    "Alpha is outperformed by Beta in speed.",
    "Alpha would outperform Beta.",
    "A larger Alpha is better than Beta.",
    "Alpha generalises better than Beta.",
    "More training makes Alpha better than Beta.",
    "Alpha needs more memory than Beta.",
    "Without dropout, Alpha outperforms Beta.",
    "Without dropout, Alpha has the highest accuracy.",
    "With dropout, Alpha has the highest accuracy.",
    "On CIFAR-10, Alpha has the highest accuracy.",
    "At epoch 3, Alpha has the highest accuracy.",
    "For small batches, Alpha has the highest accuracy.",
    "Among the small networks, Alpha has the highest accuracy.",
    "If trained longer, Alpha has the highest accuracy.",
    "Ohne Dropout hat Alpha die höchste Genauigkeit.",
    "Alpha hat die höchste Genauigkeit der kleinen Netze.",
    "Parmi les petits réseaux, Alpha a la meilleure exactitude.",
    "Sin dropout, Alpha tiene la mejor exactitud.",
    "除Beta以外，Alpha的准确率最高。",
    "Alpha has the highest accuracy of 99.1 %.",
    "The convolutions of Beta have twice the parameters of Alpha.",
    "We ran Beta twice, and the parameters of Alpha three times.",
    "Beta could have twice the parameters of Alpha.",
    "Twice the parameters of Alpha would be too many for Beta.",
    "The highest accuracy drop is that of Alpha.",
    "Alpha has the best trade-off of accuracy and parameters.",
    "The larger the batch, the lower the accuracy.",
)
"""Each may be true: something that the table doesn't tell narrows it down."""
FALSE = (
    "Gamma Net has the highest test accuracy.",
    "Alpha achieves the best accuracy of all models.",
    "The highest test accuracy was achieved by Alpha.",
    "Gamma Net has the lowest test loss.",
    "Alpha has the worst accuracy.",
    "Alpha has the fewest parameters.",
    "Gamma Net has the most parameters.",
    "Gamma Net is the largest network.",
    "Alpha is the smallest model.",
    "Alpha is the fastest model.",
    "Gamma Net is the most accurate model.",
    "Alpha has the second highest accuracy.",
    "Alpha is the second largest network.",
    "Delta-2 ranks in the top 3 for accuracy.",
    "Beta has nearly twice the parameters of Alpha.",
    "Compared to Alpha, Beta has twice the parameters.",
    "Beta has the same number of parameters as Gamma Net.",
    "Delta-2 has roughly the same number of parameters as Alpha.",
    "Gamma Net has half the parameters of Alpha.",
    "Beta has 5.2 times the parameters of Alpha.",
    "Beta has less than twice the parameters of Alpha.",
    "Gamma Net has more than three times the parameters of Alpha.",
    "The more parameters a model has, the lower the time.",
    "Alpha has a higher accuracy than Gamma Net.",
    "Alpha is better than Beta in test accuracy.",
    "Alpha outperforms Beta in accuracy.",
    "Beta is faster than Alpha.",
    "Alpha is larger than Beta.",
    "Beta has fewer parameters than Alpha.",
    "Beta has 12,000 more parameters than Alpha.",
    "Beta is 6 points better than Alpha in accuracy.",
    "Delta-2 has 80 % fewer parameters than Alpha.",
    "Alpha hat eine höhere Genauigkeit als Beta.",
    "Alpha es mejor que Beta en exactitud.",
    "Gamma Net hat die höchste Genauigkeit.",
    "Alpha hat die wenigsten Parameter.",
    "Beta hat doppelt so viele Parameter wie Alpha.",
    "Gamma Net a la meilleure exactitude.",
    "Alpha a la perte la plus faible.",
    "Beta a deux fois plus de paramètres que Alpha.",
    "Gamma Net tiene la mejor exactitud.",
    "Alpha tiene la pérdida más alta.",
    "Alpha ha la migliore accuratezza.",
    "Beta ha il doppio dei parametri di Alpha.",
    "Alpha的准确率最高。",
    "Alphaは最高の正解率を達成した。",
    "Alpha는 가장 높은 정확도를 달성했다.",
)


def page(sentence: str, kind: str, head: tuple[str, ...] = HEAD, rows: tuple[tuple[str, ...], ...] = ROWS) -> bytes:
    if kind in {"md", "ipynb"}:
        lines = [head, ("---",) * len(head), *rows]
        text = f"# Results\n\n{sentence}\n\n" + "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"
        if kind == "md":
            return text.encode()
        cell = {"cell_type": "markdown", "metadata": {}, "source": text}
        return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}).encode()
    if kind == "html":
        table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
        top = "".join(f"<th>{cell}</th>" for cell in head)
        return (
            f"<html><body><h1>Results</h1><p>{sentence}</p><table><tr>{top}</tr>{table}</table></body></html>".encode()
        )
    table = "\n".join(" & ".join(row).replace("%", "\\%") + r" \\" for row in (head, *rows))
    frame = f"\\begin{{tabular}}{{{'l' * len(head)}}}\n{table}\n\\end{{tabular}}"
    said = sentence.replace("%", "\\%")
    start = "\\documentclass{article}\\begin{document}\n\\section{Results}"
    return f"{start}\n{said}\n\n{frame}\n\\end{{document}}".encode()


def compared(content: bytes, kind: str = "md") -> list[Claim]:
    found = judge(parse_document(content, f"x.{kind}", SUFFIXES[f".{kind}"]), None, None, content)
    accused = [claim for claim in found.contradicted if claim.rule is not Rule.COMPARISON]
    assert not accused
    return [claim for claim in found.claims if claim.rule is Rule.COMPARISON]


def verdicts(sentence: str, kind: str = "md") -> set[Verdict]:
    return {claim.verdict for claim in compared(page(sentence, kind), kind)}


@pytest.mark.parametrize("kind", ["md", "html", "tex", "ipynb"])
@pytest.mark.parametrize("sentence", TRUE)
def test_what_is_true_is_proved(sentence: str, kind: str) -> None:
    assert verdicts(sentence, kind) == {Verdict.VERIFIED}


@pytest.mark.parametrize("sentence", NARROWED)
def test_what_may_be_true_of_something_else_is_left_alone(sentence: str) -> None:
    assert not verdicts(sentence) & {Verdict.CONTRADICTED, Verdict.VERIFIED}


@pytest.mark.parametrize("kind", ["md", "html", "tex", "ipynb"])
@pytest.mark.parametrize("sentence", FALSE)
def test_what_is_false_is_found(sentence: str, kind: str) -> None:
    assert verdicts(sentence, kind) == {Verdict.CONTRADICTED}


RATES = (
    ("Learning rate", "Validation accuracy"),
    (("0.1", "0.8094"), ("0.01", "0.8204"), ("0.001", "0.6685"), ("1", "0.4721")),
)


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("The best configuration, in terms of validation accuracy, is eta = 0.01, as the table shows.", "verified"),
        ("The best configuration, regarding validation accuracy, is η = 0.1.", "contradicted"),
        ("A learning rate of 0.01 gives the best validation accuracy.", "verified"),
        ("A learning rate of 0.1 gives the best validation accuracy.", "contradicted"),
        ("Mit einer Lernrate von 0.01 hat das Modell die höchste Genauigkeit.", "verified"),
        ("A learning rate of 0.1 gives the best test accuracy.", None),
        ("A batch size of 1 gives the best validation accuracy.", None),
        ("The best and worst learning rates in validation accuracy are 0.01 and 1, respectively.", "verified"),
        ("The best and worst learning rates in validation accuracy are 1 and 0.01, respectively.", "contradicted"),
    ],
)
def test_rows_that_are_named_by_a_setting(sentence: str, said: str | None) -> None:
    for kind in ("md", "html", "tex"):
        found = {claim.verdict.value for claim in compared(page(sentence, kind, *RATES), kind)}
        assert found & {"verified", "contradicted"} == ({said} if said else set()), kind


def test_a_table_of_another_section_refutes_nothing() -> None:
    table = page("", "md").decode().partition("\n\n\n\n")[2]
    said = "Alpha has the highest test accuracy."
    for heading, verdict in (("Results on the other data", "unverifiable"), ("Conclusion", "contradicted")):
        text = f"# Results\n\n{table}\n\n# {heading}\n\n{said}\n"
        assert [claim.verdict.value for claim in compared(text.encode())] == [verdict], heading


def test_all_tables_must_refute_a_sentence() -> None:
    again = tuple(
        (*row[:2], accuracy, *row[3:]) for row, accuracy in zip(ROWS, ("95.0", "93.0", "92.0", "91.0"), strict=True)
    )
    text = page("Alpha has the highest test accuracy.", "md") + page("", "md", HEAD, again).replace(b"# Results", b"")
    assert [claim.verdict.value for claim in compared(text)] == ["verified"]
