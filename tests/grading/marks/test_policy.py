from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.assignment.bundled import load_spec
from reportgen.assignment.spec import Assignment, Criterion
from reportgen.grading.dossiers import Dossier, Finding, FindingKind
from reportgen.grading.marks.marks import CriterionMark, Marks, Outcome, Override
from reportgen.grading.marks.policy import mark, share

CSL = load_spec("csl7590-a1")
FAULT, UNDECIDED, MET, NOTE = FindingKind.FAULT, FindingKind.UNDECIDED, FindingKind.MET, FindingKind.NOTE


def finding(check: str, kind: FindingKind, experiment: str | None = None) -> Finding:
    return Finding(check=check, kind=kind, experiment=experiment, reason=f"{check} is {kind}")


def marked(*findings: Finding, **overrides: float) -> Marks:
    given = {("M23CSE023", key.replace("_", "-")): Override(points=value) for key, value in overrides.items()}
    return mark(Dossier(id="M23CSE023", roll="M23CSE023", findings=findings), CSL, given)


def criterion(marks: Marks, key: str) -> CriterionMark:
    return next(one for one in marks.criteria if one.id == key)


def points(marks: Marks, key: str) -> tuple[float, float, Outcome]:
    one = criterion(marks, key)
    return one.least, one.most, one.outcome


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([MET], (15, 15, Outcome.MET)),
        ([FAULT], (0, 0, Outcome.NOT_MET)),
        ([UNDECIDED], (0, 15, Outcome.UNDECIDED)),
        ([], (0, 15, Outcome.UNDECIDED)),
        ([NOTE], (0, 15, Outcome.UNDECIDED)),
        ([MET, NOTE], (15, 15, Outcome.MET)),
        ([MET, UNDECIDED], (0, 15, Outcome.UNDECIDED)),
        ([MET, UNDECIDED, FAULT], (0, 0, Outcome.NOT_MET)),
    ],
)
def test_a_check_is_decided_by_its_worst_finding(
    kinds: list[FindingKind], expected: tuple[float, float, Outcome]
) -> None:
    findings = [finding("network", kind, "experiment-1") for kind in kinds]
    assert points(marked(*findings, finding("loss", MET)), "exp1-network") == expected


def test_the_points_of_a_criterion_are_shared_among_its_checks() -> None:
    marks = marked(
        finding("batch-size", MET), finding("optimizer", FAULT), finding("loss", MET), finding("epochs", MET)
    )
    assert points(marks, "exp1-training") == (6, 8, Outcome.UNDECIDED)
    marks = marked(
        *(finding(name, MET) for name in ("batch-size", "loss", "epochs", "data-split")), finding("optimizer", FAULT)
    )
    assert points(marks, "exp1-training") == (8, 8, Outcome.PARTLY)


def test_findings_of_another_experiment_do_not_count() -> None:
    marks = marked(finding("curves", MET, "experiment-2"))
    assert points(marks, "exp1-curves") == (0, 10, Outcome.UNDECIDED)
    assert points(marks, "exp2-curves") == (8, 8, Outcome.MET)


def test_findings_about_the_whole_count_in_each_experiment() -> None:
    marks = marked(finding("curves", FAULT))
    assert [points(marks, f"exp{n}-curves")[1] for n in (1, 2)] == [0, 0]


def test_the_report_takes_findings_of_all_experiments() -> None:
    marks = marked(finding("accuracy", MET, "experiment-1"), finding("accuracy", FAULT, "experiment-2"))
    assert points(marks, "report-content") == (0, 3, Outcome.UNDECIDED)


def test_evidence_stands_faults_first_and_says_where_nothing_was_found() -> None:
    marks = marked(finding("network", NOTE), finding("network", MET), finding("network", FAULT))
    (decision,) = criterion(marks, "exp1-network").decisions
    assert [one.kind for one in decision.findings] == [FAULT, MET, NOTE]
    (decision,) = criterion(marks, "exp1-curves").decisions
    assert "nothing was found that decides whether" in decision.findings[0].reason
    assert decision.findings[0].experiment == "experiment-1"


def test_findings_that_no_criterion_asks_for_are_notes() -> None:
    softmax = finding("softmax-before-loss", FAULT, "experiment-1")
    elsewhere = finding("optimizer", FAULT, "experiment-2")
    marks = marked(softmax, finding("network", MET), elsewhere)
    assert marks.notes == (softmax, elsewhere)
    assert marks.most == 100


def test_a_persons_decision_wins() -> None:
    marks = marked(finding("network", FAULT), exp1_network=15, exp1_curves=4, exp1_confusion=0)
    assert points(marks, "exp1-network") == (15, 15, Outcome.MET)
    assert points(marks, "exp1-curves") == (4, 4, Outcome.PARTLY)
    assert points(marks, "exp1-confusion") == (0, 0, Outcome.NOT_MET)
    assert criterion(marks, "exp1-curves").override == Override(points=4)
    assert criterion(marks, "exp1-network").decisions[0].outcome is Outcome.NOT_MET


def test_decisions_on_other_students_do_not_count() -> None:
    dossier = Dossier(id="M23CSE001", roll="M23CSE001", findings=(finding("network", MET),))
    marks = mark(dossier, CSL, {("M23CSE023", "exp1-network"): Override(points=0)})
    assert points(marks, "exp1-network")[0] == 15


def test_a_submission_that_could_not_be_read_has_no_marks_and_no_zero() -> None:
    dossier = Dossier(id="x", findings=(finding("files", FAULT),), problems=("x.pdf: encrypted",))
    marks = mark(dossier, CSL, {})
    assert (marks.readable, marks.criteria, marks.problems) == (False, (), ("x.pdf: encrypted",))
    assert marks.notes == dossier.findings


def test_a_person_can_mark_a_submission_that_could_not_be_read() -> None:
    marks = mark(Dossier(id="x"), CSL, {("x", "exp1-network"): Override(points=15)})
    assert not marks.readable
    assert (marks.least, marks.most) == (15, 100)


def test_a_criterion_without_checks_is_for_a_person() -> None:
    rubric = (Criterion(id="style", part="report", points=100, text="Style"),)
    spec: Assignment = CSL.model_copy(update={"rubric": rubric})
    marks = mark(Dossier(id="x", findings=(finding("network", MET),)), spec, {})
    assert points(marks, "style") == (0, 100, Outcome.UNDECIDED)


@given(st.integers(1, 40_000), st.integers(1, 12))
def test_shares_add_up_exactly_and_are_nearly_equal(hundredths: int, checks: int) -> None:
    points = hundredths / 100
    shares = share(points, checks)
    assert sum(shares) == Fraction(str(points))
    assert min(shares) >= 0
    assert max(shares) - min(shares) <= Fraction(1, 2)
    if hundredths % 25 == 0 and hundredths >= 25 * checks:
        assert all(one % Fraction(1, 4) == 0 for one in shares)


@given(st.lists(st.tuples(st.sampled_from(["network", "curves", "loss"]), st.sampled_from(FindingKind)), min_size=1))
def test_marks_stay_between_nothing_and_everything(found: list[tuple[str, FindingKind]]) -> None:
    marks = marked(*(finding(check, kind) for check, kind in found))
    assert 0 <= marks.least <= marks.most <= 100
    for one in marks.criteria:
        assert (one.least == one.most) is (one.outcome is not Outcome.UNDECIDED)
