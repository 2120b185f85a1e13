"""Claims and verdicts on short texts, and on whole reports in the styles of real ones."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.assignment.bundled import load_spec
from reportgen.documents.blocks import DocumentKind
from reportgen.documents.reading import SUFFIXES, parse_document
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Claim, Ledger, Verdict
from tests import HERE

ASSIGNMENT = load_spec("csl7590-a1")
CASES = HERE / "cases"
ROLL = "M23CSE023"


def ledger(text: str, kind: DocumentKind = "markdown", roll: str = ROLL) -> Ledger:
    content = text.encode()
    return judge(parse_document(content, f"{roll}.md", kind), ASSIGNMENT, None, content)


def case(name: str) -> Ledger:
    return examined(name, (CASES / name).read_bytes())


def examined(name: str, content: bytes) -> Ledger:
    return judge(parse_document(content, name, SUFFIXES[Path(name).suffix]), ASSIGNMENT, None, content)


def only(found: Ledger, kind: str) -> list[Claim]:
    return [claim for claim in found.claims if claim.kind == kind]


def test_the_course_s_own_style_of_report() -> None:
    found = case("M23CSE023.md")
    assert found.roll == "M23CSE023"
    assert found.contradicted == ()
    assert [(claim.text, claim.verdict) for claim in only(found, "arithmetic")] == [("23%3=2", Verdict.VERIFIED)]
    assert [(claim.found, claim.verdict) for claim in only(found, "batch-size")] == [("20", Verdict.VERIFIED)]
    counts = only(found, "layer-count")
    assert [claim.found for claim in counts] == ["800", "3,208", "292"] * 2
    assert all(claim.verdict is Verdict.VERIFIED and "the sum is right" in claim.rule for claim in counts)
    assert [claim.expected for claim in only(found, "symbol")] == [
        "6,770 by the spec",
        "11,070 by the spec",
        "2,708 by the spec",
        "7,008 by the spec",
    ]
    assert all(claim.verdict is Verdict.UNVERIFIABLE for claim in only(found, "symbol"))
    assert [claim.experiment for claim in only(found, "non-trainable")] == ["experiment-1"] * 2 + ["experiment-2"] * 2
    assert [claim.verdict for claim in only(found, "colab-link")] == [Verdict.VERIFIED]
    assert [(entry.what, entry.experiment) for entry in found.missing] == [
        ("the total number of trainable parameters", "experiment-1"),
        ("the accuracy", "experiment-1"),
        ("the total number of trainable parameters", "experiment-2"),
        ("the accuracy", "experiment-2"),
        ("a result of Bonus: Performance Improvement", "bonus"),
        ("assumptions", None),
        ("references", None),
    ]
    assert found.exit_code() == 0
    assert found.exit_code(strict=True) == 1


@pytest.mark.parametrize("name", ["prose.md", "tables.md", "latex.tex", "word.txt", "letter.txt", "page.html"])
def test_reports_that_are_right_are_not_accused(name: str) -> None:
    found = case(name)
    assert found.contradicted == ()
    assert len(found.verified) >= 20


@pytest.mark.parametrize(
    ("name", "right", "wrong", "kind"),
    [
        ("prose.md", "= 3,208 trainable", "= 3,209 trainable", "arithmetic"),
        ("prose.md", "(16×5×5×8) + 8 = 3,208", "(5×5×8) + 8 = 208", "layer-count"),
        ("prose.md", "(16×5×5×8) + 8 = 3,208", "(16×5×5×8) = 3,200", "layer-count"),
        ("prose.md", "network has 11,070", "network has 4,300", "total"),
        ("prose.md", "the batch size is 16", "the batch size is 32", "batch-size"),
        ("prose.md", "There are 0 non-trainable", "There are 56 non-trainable", "non-trainable"),
        ("prose.md", "test accuracy is 96.66 %", "test accuracy is 96.67 %", "test-accuracy"),
        ("prose.md", "9,666 of 10,000", "9,667 of 10,000", "correct-images"),
        ("prose.md", "60,000 training images", "50,000 training images", "dataset"),
        (
            "prose.md",
            "class 3 contains the digits 2, 3, 8 and 5",
            "class 3 contains the digits 2, 3, 8 and 9",
            "class-group",
        ),
        ("prose.md", "with the Adam optimizer", "with the SGD optimizer", "optimizer"),
        ("prose.md", "trained for 10 epochs", "trained for 7 epochs", "epochs"),
        ("prose.md", "99 mod 3 = 0", "99 mod 3 = 1", "arithmetic"),
        ("latex.tex", "11{,}070", "11{,}170", "arithmetic"),
        ("latex.tex", "9666/10000 = 0.9666", "9666/10000 = 0.9566", "arithmetic"),
        ("word.txt", "= 6,770 parameters", "= 6,777 parameters", "arithmetic"),
        ("tables.md", "| **Total** |  | **11,070** |", "| **Total** |  | **7,008** |", "table-total"),
        ("tables.md", "| 0.9742 | 1009 |", "| 0.9842 | 1009 |", "class-score"),
        ("letter.txt", "a test accuracy of 96.66", "a test accuracy of 97.93", "test-accuracy"),
        ("page.html", "<td>947</td>", "<td>957</td>", "confusion-matrix"),
    ],
)
def test_a_fault_is_found_and_named(name: str, right: str, wrong: str, kind: str) -> None:
    text = (CASES / name).read_text(encoding="utf-8")
    assert text.count(right) >= 1
    found = examined(name, text.replace(right, wrong, 1).encode())
    assert kind in {claim.kind for claim in found.contradicted}


def test_a_network_that_is_another_but_counted_right_is_a_deviation() -> None:
    found = ledger(
        "# Experiment 1\n\n## Convolution Layer 1\n\n- Kernel size: 5x5\n- Output channels: 16\n"
        "- Trainable parameters = (1*5*5*16)+16 = 416\n"
    )
    assert found.contradicted == ()
    (count,) = only(found, "layer-count")
    assert count.deviation
    assert count.verdict is Verdict.VERIFIED
    assert any(claim.deviation for claim in only(found, "architecture"))


def test_a_count_that_contradicts_the_stated_kernel_is_a_fault() -> None:
    found = ledger(
        "# Experiment 1\n\n## Convolution Layer 1\n\n- Kernel size: 7x7\n- Trainable parameters = (1*5*5*16)+16 = 416\n"
    )
    assert [claim.kind for claim in found.contradicted] == ["layer-count"]


def test_the_other_experiment_s_matrix_is_contradicted() -> None:
    matrix = ((1888, 16, 11, 23), (22, 2118, 11, 12), (35, 32, 3801, 40), (12, 22, 20, 1937))
    rows = "\n".join("| " + " | ".join(map(str, row)) + " |" for row in matrix)
    found = ledger(f"# Experiment 1\n\nConfusion matrix\n\n| a | b | c | d |\n|---|---|---|---|\n{rows}\n")
    assert "4×4 confusion matrix under Experiment 1" in found.contradicted[0].text


def test_sizes_of_a_layer_are_no_counts() -> None:
    found = ledger(
        "# Experiment 1\n\n| Layer | Settings | Trainable parameters |\n|---|---|---|\n"
        "| Convolution Layer 1 | 1 → 16 channels, kernel 7×7 | 800 |\n"
    )
    assert found.contradicted == ()
    assert [claim.found for claim in only(found, "layer-count")] == ["800"]


def test_without_a_roll_number_the_batch_size_is_unverifiable() -> None:
    found = judge(parse_document(b"Batch size: 20", "x.md"), ASSIGNMENT)
    assert [(claim.kind, claim.verdict) for claim in found.claims if claim.kind == "batch-size"] == [
        ("batch-size", Verdict.UNVERIFIABLE)
    ]


def test_an_expression_too_large_is_unverifiable() -> None:
    found = ledger("9**9**9**9 = 5 and then 1/0 = 3")
    assert [claim.verdict for claim in found.claims if claim.kind == "arithmetic"] == [Verdict.UNVERIFIABLE] * 2


def test_a_document_without_text_is_unverifiable_once() -> None:
    found = ledger("")
    assert [claim.verdict for claim in found.claims] == [Verdict.UNVERIFIABLE]
    assert (found.exit_code(), found.exit_code(strict=True)) == (0, 1)


def test_loss_that_flattens_at_the_floor_of_a_double_softmax_is_noted() -> None:
    rows = "\n".join(f"| {n} | {1.52 - 0.005 * n:.4f} | {96 + 0.2 * n:.2f} |" for n in range(1, 11))
    found = ledger(f"# Experiment 1\n\n| Epoch | Test loss | Test accuracy |\n|---|---|---|\n{rows}\n")
    assert any("softmax was applied twice" in note.text for note in found.notes)
    short = ledger("# Experiment 1\n\n| Epoch | Test loss | Test accuracy |\n|---|---|---|\n| 1 | 1.46 | 97.31 |\n")
    assert any("softmax was applied twice" in note.text for note in short.notes)


def test_an_accuracy_that_no_number_of_images_gives() -> None:
    found = ledger("# Experiment 1\n\nThe test accuracy is 97.315 %.")
    assert [claim.kind for claim in found.contradicted] == ["test-accuracy"]


@given(st.text(max_size=400))
def test_arbitrary_text_never_crashes(text: str) -> None:
    ledger(text)


PIECES = st.sampled_from(
    [
        "Experiment 1",
        "Experiment 2",
        "Bonus",
        "# ",
        "\n",
        "\n\n",
        "- ",
        "Convolution Layer 2",
        "Trainable parameters",
        "Total",
        "= ",
        ": ",
        " + ",
        " * ",
        "16",
        "5",
        "8",
        "3,208",
        "(",
        ")",
        "97.31 %",
        "accuracy",
        "test",
        "Epoch",
        "Confusion matrix",
        "",
        " 1 ",
        " 2 ",
        "",
        "---",
        "",
        "980 0 1",
        "Class 1",
        "{0, 6}",
        "Batch size",
        "23%3",
        "fc_x",
        "²",
        "/0",
        "≈",
    ]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=40))
def test_scraps_of_reports_never_crash(pieces: list[str]) -> None:
    ledger("".join(pieces))
