"""Verdicts on short texts, on whole reports in the styles of real ones, and on the shared cases."""

import os
from pathlib import Path

import pytest

from reportgen.assignment.bundled import load_spec
from reportgen.documents.reading import SUFFIXES, parse_document
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Item, Ledger, Quantity, Rule, Verdict
from tests import HERE
from tests.judged import FOUR, TEN, broken, ledger
from tests.verification.beside import beside, code

ASSIGNMENT = load_spec("csl7590-a1")
CASES = HERE / "cases"
SHARED = os.environ.get("REPORTGEN_CASES")
needs_shared = pytest.mark.skipif(not SHARED, reason="REPORTGEN_CASES names no folder of cases")


def examined(path: Path, content: bytes | None = None, assignment: str = "csl7590-a1") -> Ledger:
    content = path.read_bytes() if content is None else content
    return judge(parse_document(content, path.name, SUFFIXES[path.suffix]), load_spec(assignment), None, content)


def shared(name: str, assignment: str = "csl7590-a1") -> Ledger:
    return examined(Path(SHARED or "") / "documents" / name, None, assignment)


def numbers(found: Ledger, verdict: Verdict) -> list[str]:
    return [claim.found for claim in found.of(verdict) if claim.number is not None]


def test_the_course_s_own_style_of_report() -> None:
    found = examined(CASES / "M23CSE023.md")
    assert (found.roll, found.answers, found.contradicted, found.deviating) == ("M23CSE023", True, (), ())
    results = [c.found for c in found.verified if c.rule is Rule.ARITHMETIC and c.quantity is Quantity.LAYER_PARAMETERS]
    assert results == ["800", "3,208", "292"] * 2
    assert [c.experiment for c in found.verified if c.quantity is Quantity.NON_TRAINABLE_PARAMETERS] == [
        *["experiment-1"] * 2,
        *["experiment-2"] * 2,
    ]
    assert [(c.found, c.quantity) for c in found.verified if c.quantity is Quantity.BATCH_SIZE and c.fact] == [
        ("20", Quantity.BATCH_SIZE)
    ]
    assert [c.expected for c in found.claims if c.rule is Rule.NO_VALUE] == [
        "(676·10) + 10 = 6,770",
        "800 + 3,208 + 292 + 6,770 = 11,070",
        "(676·4) + 4 = 2,708",
        "800 + 3,208 + 292 + 2,708 = 7,008",
    ]
    assert [(entry.item, entry.experiment) for entry in found.missing] == [
        (Item.TOTAL_PARAMETERS, "experiment-1"),
        (Item.ACCURACY, "experiment-1"),
        (Item.TOTAL_PARAMETERS, "experiment-2"),
        (Item.ACCURACY, "experiment-2"),
        (Item.RESULT, "bonus"),
        (Item.ASSUMPTIONS, None),
        (Item.REFERENCES, None),
    ]
    assert (found.exit_code(), found.exit_code(strict=True)) == (0, 1)


@pytest.mark.parametrize("name", ["prose.md", "tables.md", "latex.tex", "word.txt", "letter.txt", "page.html"])
def test_reports_that_are_right_are_not_accused(name: str) -> None:
    found = examined(CASES / name)
    assert found.contradicted == ()
    assert len(found.verified) >= 20
    assert not broken(found)


@pytest.mark.parametrize(
    ("name", "right", "wrong", "verdict", "quantity"),
    [
        ("prose.md", "= 3,208 trainable", "= 3,209 trainable", "contradicted", "layer-parameters"),
        ("prose.md", "99 mod 3 = 0", "99 mod 3 = 1", "contradicted", None),
        ("latex.tex", "9666/10000 = 0.9666", "9666/10000 = 0.9566", "contradicted", None),
        ("word.txt", "= 6,770 parameters", "= 6,777 parameters", "contradicted", None),
        ("letter.txt", "6,770 = 11,070", "6,770 = 11,170", "contradicted", None),
        ("prose.md", "the batch size is 16", "the batch size is 32", "deviates", "batch-size"),
        ("prose.md", "with the Adam optimizer", "with the SGD optimizer", "deviates", "optimizer"),
        ("prose.md", "(16×5×5×8) + 8 = 3,208", "(9×5×5×8) + 8 = 1,808", "deviates", "network"),
    ],
)
def test_a_fault_is_found_and_named(name: str, right: str, wrong: str, verdict: str, quantity: str | None) -> None:
    text = (CASES / name).read_text(encoding="utf-8")
    assert text.count(right) >= 1
    found = examined(CASES / name, text.replace(right, wrong, 1).encode())
    told = {claim.quantity.value for claim in found.of(Verdict(verdict))}
    assert told
    assert quantity is None or quantity in told
    assert not broken(found)


@pytest.mark.parametrize(
    "text",
    [
        "For comparison, LeNet-5 has 61,706 parameters.",
        "Batch size 32 belongs to even roll numbers.",
        "At first we tried 5 epochs with SGD.",
        "LeCun et al. report 99.2 % on MNIST.",
        "If the kernel were 9×9, the layer would have 1,312 parameters.",
        "The accuracy must be at least 90 %.",
        "It is not 97 %.",
        "CIFAR-10 has 50,000 training images.",
    ],
)
def test_a_true_sentence_about_something_else_accuses_nobody(text: str) -> None:
    whole = (CASES / "prose.md").read_text(encoding="utf-8")
    for place in ("## Experiment 1\n", "## Experiment 2\n"):
        found = examined(CASES / "prose.md", whole.replace(place, f"{place}\n{text}\n", 1).encode())
        assert (found.contradicted, found.deviating) == ((), ())


def test_sums_in_every_notation() -> None:
    right = "floor((28 - 3)/2) + 1 = 13, ⌈7/2⌉ = 4, 17 // 5 = 3, 3,14 * 2 = 6,28 and 60000/64 ≈ 938"
    assert ledger(right).contradicted == ()
    wrong = ledger("Sum for LeNet-5 = 156 + 2416 + 48120 + 10164 + 850 = 61606")
    assert [(claim.found, claim.expected) for claim in wrong.contradicted] == [("61606", "61,706")]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        # the product's result is where the next side goes on: a step, and no claim that both sides are equal
        ("FC1: 30120 = 250 X 120 = 30,000 + 120 bias", []),
        ("FC1: 30121 = 250 X 120 = 30,000 + 120", ["30121"]),
        # a remark in brackets before the sum: which of its numbers is wrong can't be told
        ("6 filters X kernel size 9 i.e.(3 X 3) = 54 + 6 bias = 60", []),
        ("Conv1: 801 = (1*7*7*16)+16", ["801"]),
        ("Conv1: (1*7*7*16)+16 = 801", ["801"]),
        ("Conv1: (1*7*7*16)+16 = 784 + 17", []),
    ],
)
def test_only_the_number_that_a_sum_refutes_is_wrong(text: str, wrong: list[str]) -> None:
    assert [claim.found for claim in ledger(f"# Notes\n\n{text}\n").contradicted] == wrong


def test_an_accuracy_is_held_against_the_matrix_beside_it() -> None:
    text = "# Experiment 1: 10-Class Classification\n\nThe test accuracy is {}.\n\n" + TEN
    right = [claim.rule for claim in ledger(text.format("97.64 %")).verified if claim.quantity is Quantity.ACCURACY]
    assert right == [Rule.MATRIX]
    four = ledger("# Experiment 2: 4-Class Classification\n\nThe test accuracy is 97.44 %.\n\n" + FOUR)
    assert [c.experiment for c in four.verified if c.quantity is Quantity.ACCURACY] == ["experiment-2"]


def test_a_summary_proves_its_rows_and_its_total() -> None:
    text = (
        "```\nLayer (type)   Output Shape   Param #\n============\nConv2d-1   [-1, 4, 26, 26]   {}\n"
        "Flatten-2   [-1, 2704]   0\nLinear-3   [-1, 10]   27,050\n============\n"
        "Total params: 27,090\nTrainable params: 27,090\nNon-trainable params: 0\n```\n"
    )
    assert ledger(text.format("40")).contradicted == ()
    assert [claim.rule for claim in ledger(text.format("41")).contradicted] == [Rule.SUMMARY_ROW]
    assert [claim.rule for claim in ledger(text.format("44")).contradicted] == [Rule.SUMMARY_TOTAL]


def test_sentences_against_a_table() -> None:
    table = (
        "\n\n| Model | Test accuracy | Parameters |\n|---|---|---|\n| Alpha | 91.2 | 1,000 |\n| Beta | 93.4 | 4,100 |\n"
        "| Gamma | 92.0 | 2,000 |\n"
    )
    assert not ledger("Beta has the highest test accuracy." + table).contradicted
    assert [c.rule for c in ledger("Gamma has the highest test accuracy." + table).contradicted] == [Rule.COMPARISON]
    assert not ledger("Gamma has the highest test accuracy among small models." + table).contradicted
    twice = "# Gamma\n\nIt has twice the parameters of Alpha." + table
    assert not ledger(twice).contradicted
    assert [c.rule for c in ledger(twice.replace("# Gamma", "# Beta")).contradicted] == [Rule.COMPARISON]


def test_a_loss_that_is_too_low_for_its_accuracy() -> None:
    line = "Epoch 1: val loss={}, accuracy=61.88%\n\n"
    matrix = "Confusion matrix:\n\n[[914 344]\n [357 885]]\n"
    found = ledger(line.format("0.0078") + matrix)
    assert [claim.rule for claim in found.contradicted] == [Rule.LOSS_FLOOR]
    assert not ledger(line.format("0.7078") + matrix).contradicted
    assert not ledger(line.format("0.0078")).contradicted  # which loss it is isn't told


def test_what_an_error_costs_hangs_on_the_loss_that_the_text_or_the_code_has() -> None:
    line = "Epoch 1: val loss={}, accuracy=60.07%\n"
    entropy = "The loss is categorical cross-entropy.\n\n" + line.format(0.1)
    assert [claim.rule for claim in ledger(entropy).contradicted] == [Rule.LOSS_FLOOR]
    for other in (
        "Binary cross-entropy over 36 outputs.",
        "Cross-entropy for a multi-label problem.",
        "Cross-entropy with class weights (class_weight).",
        "Cross-entropy with gradient accumulation over 8 steps.",
    ):
        assert not ledger(other + "\n\n" + line.format(0.005)).contradicted
    for loss, rules in (("BCEWithLogitsLoss", []), ("CrossEntropyLoss", [Rule.LOSS_FLOOR])):
        program = f"from torch import nn\ncriterion = nn.{loss}()\n"
        assert [claim.rule for claim in beside(line.format(0.1), code(train_py=program)).contradicted] == rules


def test_the_accuracy_of_one_batch_says_nothing_of_the_loss_of_an_epoch() -> None:
    entropy = "The loss is categorical cross-entropy.\n\n"
    assert not ledger(entropy + "Epoch 1: loss=0.1, batch accuracy=0.59375\n").contradicted
    keras = "Epoch 1/5\n\n32/32 - 2s - loss: 0.1000 - accuracy: 0.59375 - val_loss: 0.1000\n"
    assert [claim.rule for claim in ledger(entropy + keras).contradicted] == [Rule.LOSS_FLOOR]


def test_a_report_of_another_course_is_held_against_nothing_of_the_assignment() -> None:
    text = b"# Sorting\n\nWe trained for 3 epochs with SGD and batch size 7; the accuracy was 51 %."
    found = judge(parse_document(text, "x.md"), ASSIGNMENT)
    assert (found.answers, found.missing, found.contradicted, found.deviating) == (False, (), (), ())
    assert "another assignment" in found.notes[0].text
    none = judge(parse_document(text, "x.md"), None)
    assert (none.answers, none.assignment, none.notes) == (True, None, ())


def test_loss_that_flattens_at_the_floor_of_a_double_softmax_is_noted() -> None:
    rows = "\n".join(f"| {n} | {1.52 - 0.005 * n:.4f} | {96 + 0.2 * n:.2f} |" for n in range(1, 11))
    found = ledger(f"# Experiment 1\n\n| Epoch | Test loss | Test accuracy |\n|---|---|---|\n{rows}\n")
    assert any("softmax was applied twice" in note.text for note in found.notes)


def test_a_document_without_text_is_unverifiable_once() -> None:
    found = ledger("")
    assert [claim.verdict for claim in found.claims] == [Verdict.UNVERIFIABLE]
    assert (found.exit_code(), found.exit_code(strict=True)) == (3, 3)


@needs_shared
@pytest.mark.parametrize(
    ("name", "assignment", "wrong"),
    [
        ("m01_whole_images.md", "csl7590-a1", []),
        ("m02_long_log.ipynb", "csl7590-a1", []),
        ("m04_class_report.md", "csl7590-a1", ["0.97"]),
        ("m06_name.md", "lenet5", []),
        ("n01_report.md", "csl7590-a1", []),
        ("n02_report.md", "csl7590-a1", ["61606"]),
        ("n04_report.md", "lenet5", []),
        ("n05_report.md", "lenet5", []),
        ("n07_report.md", "lenet5", []),
        ("g1_float32.md", "csl7590-a1", []),
        ("g2_cifar_matrix.md", "csl7590-a1", []),
        ("g3_keras_batchnorm.md", "csl7590-a1", []),
        ("g4_torchsummary_row.txt", "csl7590-a1", ["7,242"]),
        ("g5_space_thousands.md", "csl7590-a1", []),
        ("g6_floor.md", "csl7590-a1", []),
    ],
)
def test_shared_cases(name: str, assignment: str, wrong: list[str]) -> None:
    found = shared(name, assignment)
    assert numbers(found, Verdict.CONTRADICTED) == wrong
    assert not broken(found)


@needs_shared
def test_what_shared_cases_prove() -> None:
    assert numbers(shared("n01_report.md"), Verdict.VERIFIED)[-1] == "36,120"
    assert {"490", "49,200"} <= set(numbers(shared("n04_report.md", "lenet5"), Verdict.VERIFIED))
    assert "820" in numbers(shared("n05_report.md", "lenet5"), Verdict.VERIFIED)
    assert shared("n07_report.md", "lenet5").roll is None
    assert "69.63%" in numbers(shared("g2_cifar_matrix.md"), Verdict.VERIFIED)


def test_a_number_said_twice_is_no_proof_of_itself() -> None:
    text = "# Results\n\nThe test accuracy is 91.37 %.\n\n# Conclusion\n\nIt reaches a test accuracy of 91.37 %.\n"
    told = [claim for claim in ledger(text).claims if claim.found == "91.37%"]
    assert [claim.verdict for claim in told] == [Verdict.UNVERIFIABLE] * 2
    assert [claim.rule for claim in told] == [Rule.REPEATED] * 2
    assert told[0].how == "said again at line 7"
