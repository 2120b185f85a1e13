import pytest

from reportgen.assignment.bundled import load_spec
from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.missing_parts import find_missing
from reportgen.verification.facts.subject import make_subject
from reportgen.verification.ledger import Claim, Item, Ledger, Missing, Number, Quantity, Rule, Scope, Verdict

CSL = load_spec("csl7590-a1")
SUBJECT = make_subject(CSL, "M23CSE023")
FILLER = "\n".join(["The network was trained on a fast machine and it learned the digits well."] * 12)
TOTAL = Missing(
    item=Item.TOTAL_PARAMETERS,
    what="the total number of trainable parameters",
    experiment="experiment-1",
    place=Place(line=3),
    evidence="no total is given",
)
ACCURACY = Missing(
    item=Item.ACCURACY, what="the accuracy", experiment="experiment-1", place=Place(), evidence="none is stated"
)
RESULT = Missing(
    item=Item.RESULT,
    what="a result of Bonus: Performance Improvement",
    experiment="bonus",
    place=Place(),
    evidence="no figure",
)
BONUS = Missing(
    item=Item.EXPERIMENT,
    what="Bonus: Performance Improvement",
    experiment="bonus",
    place=Place(),
    evidence="no heading",
)
ASSUMPTIONS = Missing(item=Item.ASSUMPTIONS, what="assumptions", place=Place(), evidence="no word of an assumption")
REFERENCES = Missing(item=Item.REFERENCES, what="references", place=Place(), evidence="no references are named")
LINK = Missing(
    item=Item.LINK, what="the link of the Colab notebook", place=Place(), evidence="no such link in the text"
)


def findings(
    text: str, *missing: Missing, claims: tuple[Claim, ...] = (), problems: tuple[str, ...] = ()
) -> list[Finding]:
    ledger = Ledger(
        source="r.pdf",
        kind="pdf",
        digest="0",
        assignment=CSL.id,
        claims=claims,
        missing=missing,
        problems=problems,
    )
    return list(find_missing(ledger, SUBJECT, text))


def kind(check: str, text: str, *missing: Missing, filler: str = FILLER) -> FindingKind:
    (one,) = [finding for finding in findings(f"{filler}\n{text}", *missing) if finding.check == check]
    return one.kind


CASES = [
    ("total-parameters", TOTAL, ["", "Conv 1 has 800 parameters and conv 2 has 3,208.", "60,000 images, 2024"]),
    ("accuracy", ACCURACY, ["", "23%3 = 2, so the batch size is 20", "Dropout of 0.2 was used"]),
    ("techniques", RESULT, ["Dropout helps.\n" + "\n".join(["more"] * 5) + "\nThe accuracy is 98.1 %."]),
    ("techniques", BONUS, [""]),
    ("assumptions", ASSUMPTIONS, [""]),
    ("references", REFERENCES, ["", "It saves computational resources.", "https://colab.research.google.com/drive/1"]),
    ("colab-link", LINK, [""]),
]
EXCUSES = [
    ("total-parameters", TOTAL, ["The total is 11 070.", "In all 11,170 weights.", "Σ = 11{,}070", "params: 12345"]),
    ("accuracy", ACCURACY, ["We got 97.3 %.", "It reached 0.973.", "9,730 of 10,000 are right.", "97 percent"]),
    (
        "techniques",
        RESULT,
        ["With dropout it reached 98.4 %.", "bonus | 0.984", "The accuracy was 98.45\nwith dropout"],
    ),
    ("techniques", BONUS, ["We added dropout.", "Weight decay was tried.", "How to avoid overfitting"]),
    ("assumptions", ASSUMPTIONS, ["The handout does not give the window.", "We chose a stride of 1."]),
    ("references", REFERENCES, ["See https://pytorch.org.", "as in the lecture", "as in [1]"]),
    ("colab-link", LINK, ["Colab: here"]),
]


@pytest.mark.parametrize(
    ("check", "missing", "text"), [(check, missing, text) for check, missing, texts in CASES for text in texts]
)
def test_what_the_text_has_nowhere_is_a_fault(check: str, missing: Missing, text: str) -> None:
    assert kind(check, text, missing) is FindingKind.FAULT


@pytest.mark.parametrize(
    ("check", "missing", "text"), [(check, missing, text) for check, missing, texts in EXCUSES for text in texts]
)
def test_what_may_be_worded_otherwise_is_for_a_person(check: str, missing: Missing, text: str) -> None:
    assert kind(check, text, missing) is FindingKind.UNDECIDED


@pytest.mark.parametrize(("check", "missing"), [(check, missing) for check, missing, _ in CASES])
def test_nothing_is_missing_for_sure_from_a_text_that_is_short_or_not_read_whole(check: str, missing: Missing) -> None:
    assert kind(check, "", missing, filler="Few words.") is FindingKind.UNDECIDED
    (one,) = [one for one in findings(FILLER, missing, problems=("page 3 was not read",)) if one.check == check]
    assert one.kind is FindingKind.UNDECIDED


def test_a_missing_total_says_what_is_right() -> None:
    (one,) = [finding for finding in findings(FILLER, TOTAL) if finding.check == "total-parameters"]
    assert (one.expected, one.found) == ("800 + 3,208 + 292 + 6,770 = 11,070", "no number")
    assert (one.experiment, one.place) == ("experiment-1", Place(line=3))


def test_a_total_that_a_right_sum_gives_is_not_missing() -> None:
    claim = Claim(
        quantity=Quantity.TOTAL_PARAMETERS,
        verdict=Verdict.VERIFIED,
        rule=Rule.ARITHMETIC,
        place=Place(line=9),
        text="800 + 3,208 + 292 + 6,770 = 11,070",
        number=Number(printed="11,070", value="11070"),
    )
    (one,) = [one for one in findings(FILLER, TOTAL, claims=(claim,)) if one.check == "total-parameters"]
    assert (one.kind, one.place) == (FindingKind.MET, Place(line=9))


@pytest.mark.parametrize(
    ("check", "text", "line"),
    [
        ("assumptions", "We assume a stride of 1.", "We assume a stride of 1."),
        ("assumptions", "7. Assumptions", "7. Assumptions"),
        ("references", "8. References\n[1] A book", "8. References"),
        ("references", "See Kingma et al.", "See Kingma et al."),
        ("references", "the PyTorch documentation", "the PyTorch documentation"),
    ],
)
def test_what_the_text_surely_gives_is_met(check: str, text: str, line: str) -> None:
    (one,) = [one for one in findings(f"{FILLER}\n{text}\nend") if one.check == check]
    assert (one.kind, one.text) == (FindingKind.MET, line)


def test_works_that_are_named_meet_the_check_though_no_heading_stands_above() -> None:
    assert kind("references", "Kingma et al., ICLR 2015", REFERENCES) is FindingKind.MET


@pytest.mark.parametrize("check", ["assumptions", "references"])
def test_what_is_only_spoken_of_is_for_a_person(check: str) -> None:
    (one,) = [one for one in findings(FILLER) if one.check == check]
    assert one.kind is FindingKind.UNDECIDED


def test_figures_are_for_those_who_read_them() -> None:
    missing = [
        Missing(item=item, what=item.value, experiment="experiment-1", place=Place(), evidence="neither")
        for item in (Item.CONFUSION_MATRIX, Item.CURVES)
    ]
    claims = tuple(
        Claim(
            quantity=quantity,
            verdict=Verdict.UNVERIFIABLE,
            rule=Rule.NO_REFERENT,
            place=Place(),
            text="",
            how="no figure follows",
            scope=Scope(experiment="experiment-2"),
        )
        for quantity in (Quantity.CURVES, Quantity.CONFUSION_MATRIX, Quantity.FIGURE)
    )
    found = findings(FILLER, *missing, claims=claims)
    assert {(one.check, one.experiment, one.kind) for one in found if one.check in {"curves", "confusion-matrix"}} == {
        (check, experiment, FindingKind.UNDECIDED)
        for check in ("curves", "confusion-matrix")
        for experiment in ("experiment-1", "experiment-2")
    }
    assert len(found) == 6


def test_an_experiment_without_heading_is_for_a_person() -> None:
    title = CSL.experiments[0].title
    missing = Missing(
        item=Item.EXPERIMENT, what=title, experiment="experiment-1", place=Place(), evidence="no heading names it"
    )
    assert kind("content", "", missing) is FindingKind.UNDECIDED


def test_an_assignment_that_asks_for_no_sources_has_no_such_finding() -> None:
    report = CSL.report.model_copy(update={"assumptions": (), "references": ()})
    subject = make_subject(CSL.model_copy(update={"report": report}), None)
    ledger = Ledger(source="r.pdf", kind="pdf", digest="0", assignment=CSL.id, claims=())
    assert list(find_missing(ledger, subject, FILLER)) == []


@pytest.mark.parametrize(
    "text", ["1" * 100_000, "000 " * 50_000, "\n" * 200_000, "9, " * 50_000, "total " + "7" * 5_000]
)
def test_texts_made_to_be_slow_or_large_are_read(text: str) -> None:
    assert len(findings(f"{FILLER}\n{text}", TOTAL, ACCURACY, RESULT, REFERENCES)) >= 4
