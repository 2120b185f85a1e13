from pathlib import Path

import pytest

from reportgen.assignment.bundled import load_spec
from reportgen.documents.blocks import Place
from reportgen.documents.reading import SUFFIXES, parse_document
from reportgen.errors import UsageError
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.report import from_ledger
from reportgen.verification.judge import judge
from reportgen.verification.ledger import (
    Claim,
    Fact,
    Ledger,
    Missing,
    Note,
    Number,
    Quantity,
    Rule,
    Scope,
    Source,
    Verdict,
)
from tests import HERE

CASES = HERE / "cases"
CSL = load_spec("csl7590-a1")
FAULT, UNDECIDED, MET, NOTE = FindingKind.FAULT, FindingKind.UNDECIDED, FindingKind.MET, FindingKind.NOTE
RIGHT, WRONG, OPEN, OTHERWISE = Verdict.VERIFIED, Verdict.CONTRADICTED, Verdict.UNVERIFIABLE, Verdict.DEVIATES


Q = Quantity


def claim(
    quantity: Quantity,
    verdict: Verdict,
    experiment: str | None = None,
    *,
    text: str = "",
    how: str = "a rule",
    rule: Rule = Rule.ASSIGNMENT,
    line: int = 1,
    expected: str | None = None,
    found: str | None = None,
    decide: str | None = None,
) -> Claim:
    return Claim(
        quantity=quantity,
        verdict=verdict,
        rule=rule,
        place=Place(line=line),
        text=text,
        scope=Scope(experiment=experiment),
        number=Number(printed=found, value=found.replace(",", "")) if found is not None else None,
        fact=Fact(value=expected, source=Source.ARITHMETIC) if expected is not None else None,
        how=how,
        decide=decide,
    )


def ledger(*claims: Claim, missing: tuple[Missing, ...] = (), notes: tuple[Note, ...] = ()) -> Ledger:
    return Ledger(
        source="r.pdf",
        kind="pdf",
        digest="0",
        assignment=CSL.id,
        roll=None,
        claims=claims,
        missing=missing,
        notes=notes,
    )


def found(*claims: Claim) -> dict[tuple[str, str | None], list[FindingKind]]:
    result: dict[tuple[str, str | None], list[FindingKind]] = {}
    for finding in from_ledger(ledger(*claims), CSL):
        if finding.check not in {"assumptions", "references"} and "no right working" not in finding.reason:
            result.setdefault((finding.check, finding.experiment), []).append(finding.kind)
    return result


def case(name: str) -> dict[tuple[str, str | None, FindingKind], Finding]:
    content = (CASES / name).read_bytes()
    document = parse_document(content, name, SUFFIXES[Path(name).suffix])
    findings = from_ledger(judge(document, CSL, "M23CSE023", content), CSL, document.text)
    return {(finding.check, finding.experiment, finding.kind): finding for finding in findings}


def test_the_real_report_has_its_faults_and_no_others() -> None:
    findings = case("M23CSE023.md")
    assert {key[:2] for key in findings if key[2] is FAULT} == {
        ("total-parameters", "experiment-1"),
        ("total-parameters", "experiment-2"),
        ("accuracy", "experiment-1"),
        ("accuracy", "experiment-2"),
        ("techniques", "bonus"),
        ("assumptions", None),
        ("references", None),
    }
    assert {key[:2] for key in findings if key[2] is MET} == {
        ("batch-size", None),
        ("optimizer", None),
        ("loss", None),
        ("epochs", None),
        ("colab-link", None),
        ("classes", "experiment-2"),
        ("non-trainable", "experiment-1"),
        ("non-trainable", "experiment-2"),
    }
    layers = findings["layer-counts", "experiment-1", UNDECIDED]
    assert layers.expected == "Fully Connected Output Layer: (676·10) + 10 = 6,770"
    assert layers.place.line == 87
    total = findings["total-parameters", "experiment-2", FAULT]
    assert (total.expected, total.found) == ("800 + 3,208 + 292 + 2,708 = 7,008", "no number")
    assert {finding.file for finding in findings.values()} == {"M23CSE023.md"}


def test_a_report_in_prose_has_its_accuracy_and_its_classes() -> None:
    findings = case("letter.txt")
    assert findings["batch-size", None, FAULT].found == "16"
    assert findings["accuracy", "experiment-1", MET].reason
    assert findings["classes", "experiment-2", MET].reason == "all 4 classes are the assignment's"


@pytest.mark.parametrize(
    ("quantity", "check", "experiment"),
    [
        (Q.CONFUSION_MATRIX, "confusion-matrix", "experiment-1"),
        (Q.TOTAL_PARAMETERS, "total-parameters", "experiment-1"),
        (Q.NON_TRAINABLE_PARAMETERS, "non-trainable", "experiment-2"),
        (Q.ACCURACY, "accuracy", "experiment-1"),
        (Q.IMAGES_RIGHT, "accuracy", "experiment-2"),
    ],
)
def test_what_is_contradicted_is_a_fault_once(quantity: Quantity, check: str, experiment: str | None) -> None:
    wrong = [claim(quantity, WRONG, experiment, line=line, found=str(line), expected="7") for line in (1, 2)]
    assert found(*wrong, claim(quantity, RIGHT, experiment)) == {(check, experiment): [FAULT]}
    (finding,) = [one for one in from_ledger(ledger(*wrong), CSL) if one.check == check and one.kind is FAULT]
    assert (finding.expected, finding.found, finding.place, finding.file) == ("7", "1", Place(line=1), "r.pdf")
    assert "1 more" in finding.reason


SETTINGS = [
    (Q.BATCH_SIZE, "batch-size"),
    (Q.OPTIMIZER, "optimizer"),
    (Q.LOSS_FUNCTION, "loss"),
    (Q.EPOCHS, "epochs"),
    (Q.LINK, "colab-link"),
]


@pytest.mark.parametrize(("quantity", "check"), SETTINGS)
def test_settings_are_met_undecided_or_a_fault(quantity: Quantity, check: str) -> None:
    assert found(claim(quantity, OPEN), claim(quantity, RIGHT)) == {(check, None): [MET]}
    assert found(claim(quantity, OPEN, decide="the roll number")) == {(check, None): [UNDECIDED]}
    assert found(claim(quantity, OTHERWISE, expected="10", found="7")) == {(check, None): [FAULT]}
    assert found() == {}


def test_a_wrong_remainder_is_a_note() -> None:
    slip = claim(Q.BATCH_SIZE, WRONG, rule=Rule.ARITHMETIC)
    assert found(slip) == {("batch-size", None): [NOTE]}


def test_slips_in_the_content_are_for_a_person_and_altered_reports_are_faults() -> None:
    assert found(claim(Q.RECALL, WRONG, "experiment-1"), claim(Q.DATA_SIZE, WRONG, line=2)) == {
        ("content", None): [UNDECIDED, UNDECIDED]
    }
    altered = [claim(Q.PRINTED_NUMBER, WRONG, line=line, rule=Rule.OWN_TEXT) for line in (1, 2, 3)]
    assert found(*altered) == {("content", None): [FAULT]}


def test_a_slip_in_a_layer_that_two_experiments_share_is_one_fault() -> None:
    wrong = [
        claim(Q.LAYER_PARAMETERS, WRONG, experiment, line=line, expected="292", found="299")
        for line, experiment in enumerate(("experiment-1", "experiment-2", None), 1)
    ]
    assert found(*wrong) == {("layer-counts", "experiment-1"): [FAULT]}
    two = [claim(Q.LAYER_PARAMETERS, WRONG, expected=right, found="1", line=5) for right in ("292", "2,708")]
    assert found(*two) == {("layer-counts", "experiment-1"): [FAULT], ("layer-counts", "experiment-2"): [FAULT]}


def test_a_total_that_a_wrong_layer_makes_wrong_is_no_second_fault() -> None:
    layer = claim(Q.LAYER_PARAMETERS, WRONG, "experiment-1", expected="3,208", found="3,308")
    total = claim(Q.TOTAL_PARAMETERS, WRONG, "experiment-1", expected="11,070", found="11,170")
    assert found(layer, total)["total-parameters", "experiment-1"] == [UNDECIDED]
    other = claim(Q.TOTAL_PARAMETERS, WRONG, "experiment-1", expected="11,070", found="11,171")
    assert found(layer, other)["total-parameters", "experiment-1"] == [FAULT]


def test_an_accuracy_by_a_wrong_matrix_is_undecided() -> None:
    matrix = claim(Q.CONFUSION_MATRIX, WRONG, "experiment-1", rule=Rule.MATRIX)
    accuracy = claim(Q.ACCURACY, WRONG, "experiment-1", rule=Rule.MATRIX)
    assert found(matrix, accuracy)["accuracy", "experiment-1"] == [UNDECIDED]
    assert found(accuracy)["accuracy", "experiment-1"] == [FAULT]


def test_an_accuracy_is_met_by_a_matrix_and_not_by_words_alone() -> None:
    by_matrix = claim(Q.ACCURACY, RIGHT, "experiment-1", rule=Rule.MATRIX, found="98.38")
    assert found(by_matrix)["accuracy", "experiment-1"] == [MET]
    beside = claim(Q.ACCURACY, OPEN, "experiment-1", rule=Rule.REPEATED, found="98.38")
    assert found(beside)["accuracy", "experiment-1"] == [UNDECIDED]


@pytest.mark.parametrize(
    ("quantity", "check"),
    [
        (Q.TOTAL_PARAMETERS, "total-parameters"),
        (Q.NON_TRAINABLE_PARAMETERS, "non-trainable"),
        (Q.CONFUSION_MATRIX, "confusion-matrix"),
    ],
)
def test_numbers_of_an_experiment_are_met_or_undecided(quantity: Quantity, check: str) -> None:
    rule = Rule.MATRIX
    right, open_claim = (claim(quantity, verdict, "experiment-1", rule=rule) for verdict in (RIGHT, OPEN))
    assert found(open_claim, right)[check, "experiment-1"] == [MET]
    assert found(open_claim)[check, "experiment-1"] == [UNDECIDED]
    assert (check, "experiment-1") not in found(claim(quantity, RIGHT, "experiment-2", rule=rule))


def test_classes_are_met_only_by_all_groups() -> None:
    groups = [claim(Q.CLASS_GROUP, RIGHT, "experiment-2", expected=text) for text in ("{0, 6}", "{1, 7}", "{4, 9}")]
    assert found(*groups) == {}
    assert found(*groups, claim(Q.CLASS_GROUP, RIGHT, "experiment-2", expected="{2, 3, 5, 8}")) == {
        ("classes", "experiment-2"): [MET]
    }


def test_another_network_is_one_fault() -> None:
    other = [claim(Q.NETWORK, OTHERWISE, "experiment-1", line=line, expected="11,070") for line in (1, 2)]
    assert found(*other) == {("network", "experiment-1"): [FAULT]}


@pytest.mark.parametrize(("epochs", "kind"), [("12", MET), ("8", FAULT)])
def test_more_epochs_than_asked_are_no_fault(epochs: str, kind: FindingKind) -> None:
    assert found(claim(Q.EPOCHS, OTHERWISE, "bonus", expected="10", found=epochs)) == {("epochs", "bonus"): [kind]}


def test_notes_and_reports_without_text_are_passed_on() -> None:
    note = Note(text="the file is named otherwise", place=Place(), experiment="bonus")
    findings = from_ledger(ledger(claim(Q.TEXT, OPEN, rule=Rule.NO_TEXT), notes=(note,)), CSL)
    assert [(one.check, one.experiment, one.kind) for one in findings if one.check == "content"] == [
        ("content", "bonus", NOTE),
        ("content", None, UNDECIDED),
    ]


def test_a_roll_number_of_another_course_is_an_error() -> None:
    with pytest.raises(UsageError):
        from_ledger(ledger().model_copy(update={"roll": "meera07"}), CSL)
