from pathlib import Path

import pytest

from reportgen.assignment.bundled import load_spec
from reportgen.documents.blocks import Place
from reportgen.documents.reading import SUFFIXES, parse_document
from reportgen.errors import UsageError
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.report import from_ledger
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Claim, Ledger, Missing, Note, Verdict
from tests import HERE

CASES = HERE / "cases"
CSL = load_spec("csl7590-a1")
FAULT, UNDECIDED, MET, NOTE = FindingKind.FAULT, FindingKind.UNDECIDED, FindingKind.MET, FindingKind.NOTE
RIGHT, WRONG, OPEN = Verdict.VERIFIED, Verdict.CONTRADICTED, Verdict.UNVERIFIABLE


def claim(
    kind: str,
    verdict: Verdict,
    experiment: str | None = None,
    *,
    text: str = "",
    rule: str = "a rule",
    line: int = 1,
    expected: str | None = None,
    found: str | None = None,
    deviation: bool = False,
    decide: str | None = None,
) -> Claim:
    return Claim(
        kind=kind,
        verdict=verdict,
        place=Place(line=line),
        text=text,
        rule=rule,
        experiment=experiment,
        expected=expected,
        found=found,
        deviation=deviation,
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


def test_a_wrong_batch_size_with_its_wrong_way_is_one_fault() -> None:
    findings = case("letter.txt")
    faults = [key for key in findings if key[2] is FAULT]
    assert ("batch-size", None, FAULT) in faults
    assert [key for key in findings if key[0] == "batch-size"] == [("batch-size", None, FAULT)]
    assert findings["accuracy", "experiment-1", MET].reason
    assert findings["classes", "experiment-2", MET].reason == "all 4 classes are the assignment's"


@pytest.mark.parametrize(
    ("kind", "check", "experiment"),
    [
        ("batch-size", "batch-size", None),
        ("optimizer", "optimizer", None),
        ("loss", "loss", None),
        ("epochs", "epochs", None),
        ("class-group", "classes", "experiment-2"),
        ("confusion-matrix", "confusion-matrix", "experiment-1"),
        ("total", "total-parameters", "experiment-1"),
        ("non-trainable", "non-trainable", "experiment-2"),
        ("test-accuracy", "accuracy", "experiment-1"),
        ("correct-images", "accuracy", "experiment-2"),
    ],
)
def test_what_is_contradicted_is_a_fault_once(kind: str, check: str, experiment: str | None) -> None:
    wrong = [claim(kind, WRONG, experiment, line=line, found=str(line), expected="7") for line in (1, 2)]
    assert found(*wrong, claim(kind, RIGHT, experiment)) == {(check, experiment): [FAULT]}
    (finding,) = [one for one in from_ledger(ledger(*wrong), CSL) if one.check == check and one.kind is FAULT]
    assert (finding.expected, finding.found, finding.place, finding.file) == ("7", "1", Place(line=1), "r.pdf")
    assert "1 more" in finding.reason


@pytest.mark.parametrize("kind", ["batch-size", "optimizer", "loss", "epochs", "colab-link"])
def test_settings_are_met_by_a_right_claim_and_undecided_by_an_open_one(kind: str) -> None:
    assert found(claim(kind, OPEN), claim(kind, RIGHT)) == {(kind, None): [MET]}
    assert found(claim(kind, OPEN, decide="the roll number")) == {(kind, None): [UNDECIDED]}
    assert found() == {}


def test_a_wrong_remainder_alone_is_a_note() -> None:
    assert found(claim("remainder", WRONG), claim("batch-size", RIGHT)) == {("batch-size", None): [NOTE, MET]}
    assert found(claim("arithmetic", WRONG, text="23 % 3 = 1")) == {("batch-size", None): [NOTE]}


def test_a_wrong_sum_is_a_fault_of_what_it_is_about() -> None:
    assert found(claim("arithmetic", WRONG, "experiment-1", text="(8*3*3*4) + 4 = 299")) == {
        ("layer-counts", "experiment-1"): [FAULT]
    }
    assert found(claim("arithmetic", WRONG, text="800 + 3,208 + 292 = 5,000")) == {("total-parameters", None): [FAULT]}
    same = claim("layer-count", WRONG, "experiment-1", expected="292", found="299")
    assert found(claim("arithmetic", WRONG, "experiment-1", text="(8*3*3*4) + 4 = 299"), same) == {
        ("layer-counts", "experiment-1"): [FAULT]
    }


def test_slips_in_the_content_are_for_a_person_and_altered_reports_are_faults() -> None:
    assert found(claim("class-score", WRONG, "experiment-1"), claim("dataset", WRONG, line=2)) == {
        ("content", None): [UNDECIDED, UNDECIDED]
    }
    assert found(claim("arithmetic", WRONG, text="9770/10000 = 0.9771")) == {("content", None): [UNDECIDED]}
    altered = [claim("printed-number", WRONG, line=line) for line in (1, 2, 3)]
    assert found(*altered) == {("content", None): [FAULT]}


def test_a_slip_in_a_layer_that_two_experiments_share_is_one_fault() -> None:
    wrong = [
        claim("layer-count", WRONG, experiment, line=line, expected="292", found="299")
        for line, experiment in enumerate(("experiment-1", "experiment-2", None), 1)
    ]
    assert found(*wrong) == {("layer-counts", "experiment-1"): [FAULT]}
    two = [claim("layer-count", WRONG, expected=right, found="1", line=5) for right in ("292", "2,708")]
    assert found(*two) == {("layer-counts", "experiment-1"): [FAULT], ("layer-counts", "experiment-2"): [FAULT]}


def test_a_total_that_a_wrong_layer_makes_wrong_is_no_second_fault() -> None:
    layer = claim("layer-count", WRONG, "experiment-1", expected="3,208", found="3,308")
    total = claim("total", WRONG, "experiment-1", expected="11,070", found="11,170")
    assert found(layer, total)["total-parameters", "experiment-1"] == [UNDECIDED]
    other = claim("total", WRONG, "experiment-1", expected="11,070", found="11,171")
    assert found(layer, other)["total-parameters", "experiment-1"] == [FAULT]
    wordless = claim("total", WRONG, "experiment-1")
    assert found(layer, wordless)["total-parameters", "experiment-1"] == [FAULT]


def test_an_accuracy_by_a_wrong_matrix_is_undecided() -> None:
    matrix = claim("confusion-matrix", WRONG, "experiment-1")
    accuracy = claim("test-accuracy", WRONG, "experiment-1", rule="the diagonal of the printed confusion matrix")
    assert found(matrix, accuracy)["accuracy", "experiment-1"] == [UNDECIDED]
    assert found(accuracy)["accuracy", "experiment-1"] == [FAULT]


def test_the_experiment_is_told_by_the_rule_where_the_claim_does_not() -> None:
    named = claim("test-accuracy", WRONG, rule="the numbers beside it are Experiment 2's: 9,771 of 10,000 images")
    assert found(named) == {("accuracy", "experiment-2"): [FAULT]}
    both = claim("test-accuracy", WRONG, rule="Experiment 1 and Experiment 2")
    assert found(both) == {("accuracy", None): [FAULT]}


def test_an_accuracy_is_met_by_a_matrix_and_not_by_words_alone() -> None:
    matrix = claim("confusion-matrix", RIGHT, "experiment-1")
    beside = claim("test-accuracy", RIGHT, "experiment-1", rule="a table of epochs or of classes has it")
    assert found(matrix, beside)["accuracy", "experiment-1"] == [MET]
    assert found(beside)["accuracy", "experiment-1"] == [UNDECIDED]
    assert found(claim("test-accuracy", OPEN, "experiment-1"))["accuracy", "experiment-1"] == [UNDECIDED]
    by_matrix = claim("test-accuracy", RIGHT, "experiment-1", rule="the printed confusion matrix: 9,838 of 10,000")
    assert found(by_matrix)["accuracy", "experiment-1"] == [MET]


@pytest.mark.parametrize(
    ("kind", "check"), [("total", "total-parameters"), ("non-trainable",) * 2, ("confusion-matrix",) * 2]
)
def test_numbers_of_an_experiment_are_met_or_undecided(kind: str, check: str) -> None:
    assert found(claim(kind, OPEN, "experiment-1"), claim(kind, RIGHT, "experiment-1"))[check, "experiment-1"] == [MET]
    assert found(claim(kind, OPEN, "experiment-1"))[check, "experiment-1"] == [UNDECIDED]
    assert (check, "experiment-1") not in found(claim(kind, RIGHT, "experiment-2"))


def test_classes_are_met_only_by_all_groups() -> None:
    groups = [claim("class-group", RIGHT, "experiment-2", expected=text) for text in ("{0, 6}", "{1, 7}", "{4, 9}")]
    assert found(*groups) == {}
    assert found(*groups, claim("class-group", RIGHT, "experiment-2", expected="{2, 3, 5, 8}")) == {
        ("classes", "experiment-2"): [MET]
    }


def test_another_network_counted_right_is_one_deviation() -> None:
    claims = [
        claim("architecture", OPEN, "experiment-1", deviation=True, decide="the code", found="9×9"),
        claim("layer-count", RIGHT, "experiment-1", deviation=True, found="1,312", expected="800 by the assignment"),
        claim("total", RIGHT, "experiment-1", deviation=True, found="11,582", expected="11,070 by the assignment"),
    ]
    assert found(*claims) == {
        ("network", "experiment-1"): [FAULT],
        ("total-parameters", "experiment-1"): [MET],
    }
    assert found(claims[0]) == {("network", "experiment-1"): [UNDECIDED]}


@pytest.mark.parametrize(("epochs", "kind"), [("12", MET), ("8", FAULT)])
def test_more_epochs_than_asked_are_no_fault(epochs: str, kind: FindingKind) -> None:
    deviating = claim("epochs", RIGHT, "bonus", deviation=True, expected="10 by the assignment", found=epochs)
    assert found(deviating) == {("epochs", "bonus"): [kind]}
    unsure = claim("epochs", OPEN, deviation=True, expected="10", found="12", decide="whether more are allowed")
    assert found(unsure) == {("epochs", None): [UNDECIDED]}


def test_notes_and_reports_without_text_are_passed_on() -> None:
    note = Note(text="the file is named otherwise", place=Place(), experiment="bonus")
    findings = from_ledger(ledger(claim("text", OPEN), notes=(note,)), CSL)
    assert [(one.check, one.experiment, one.kind) for one in findings if one.check == "content"] == [
        ("content", "bonus", NOTE),
        ("content", None, UNDECIDED),
    ]


def test_a_roll_number_of_another_course_is_an_error() -> None:
    with pytest.raises(UsageError):
        from_ledger(ledger().model_copy(update={"roll": "meera07"}), CSL)
