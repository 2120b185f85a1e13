"""What a report of ours says of itself proves only that it holds together, and takes nothing back."""

import re

import pytest

from reportgen.assignment.spec import Assignment
from reportgen.documents.reading import parse_document
from reportgen.own_reports.check import judge_report
from reportgen.own_reports.evaluated import Answered, judge_weights
from reportgen.own_reports.reprinted import expected_page
from reportgen.results.schema import Results
from reportgen.verification.ledger import Ledger
from tests.own_reports.test_check import ASSIGNMENT, RESULTS, printed


def judged(page: str, name: str = "M23CSE023.html", assignment: Assignment = ASSIGNMENT) -> Ledger:
    content = page.encode()
    return judge_report(parse_document(content, name, "html"), assignment, None, content)


def of_version(version: str) -> Results:
    return RESULTS.model_copy(update={"reportgen": version})


@pytest.mark.slow
def test_what_another_version_worded_otherwise_is_unverifiable_not_wrong() -> None:
    worded = ASSIGNMENT.model_copy(update={"title": "Another Title"})
    page = expected_page(of_version("0.0.9"))
    reworded = re.sub(r"(?<=<p>)[^<]*\d[^<]*(?=</p>)", "Of this the older templates said 12 things in 3 words.", page)
    assert reworded != page
    ledger = judged(reworded, assignment=worded)
    assert ledger.contradicted == ()
    said = {claim.quantity.value: claim.decide for claim in ledger.unverifiable}
    assert "0.0.9" in str(said["results"])
    assert "printed-number" in said


def test_a_number_printed_to_more_places_by_another_version_is_not_wrong() -> None:
    accuracy = f"{RESULTS.experiments[0].score.accuracy:.2%}".rstrip("%")
    page = expected_page(of_version("0.0.9"))
    assert accuracy in page
    assert judged(page.replace(accuracy, f"{accuracy}0")).contradicted == ()


@pytest.mark.slow
def test_a_version_said_by_the_document_takes_no_contradiction_back() -> None:
    accuracy = f"{RESULTS.experiments[0].score.accuracy:.2%}".rstrip("%")
    wrong = judged(expected_page(of_version("0.0.9")).replace(accuracy, "99.99")).contradicted
    assert {(claim.found, claim.expected) for claim in wrong} == {("99.99", accuracy)}


def test_measured_numbers_are_open_until_the_weights_are_given() -> None:
    ledger = judged(printed())
    opened = [claim for claim in ledger.unverifiable if claim.quantity == "weights"]
    assert [claim.experiment for claim in opened] == [result.id for result in RESULTS.experiments]
    assert all("--weights" in str(claim.decide) for claim in opened)
    result = RESULTS.experiments[0]
    after = judge_weights(ledger, result, Answered(result.weights_digest, (), result.test_loss))
    assert [
        claim.verdict for claim in after.claims if claim.scope.experiment == result.id and claim.rule == "own-weights"
    ] == ["verified"]


@pytest.mark.slow
def test_results_from_elsewhere_are_said() -> None:
    (roll,) = judged(printed(), "M23CSE024.html").deviating
    assert (roll.found, roll.expected) == ("M23CSE023", "M23CSE024")
    moved = RESULTS.experiments[0].model_copy(update={"seed": 5})
    page = expected_page(RESULTS.model_copy(update={"experiments": (moved, *RESULTS.experiments[1:])}))
    assert [claim.found for claim in judged(page).deviating] == ["5"]
    assert judged(printed()).deviating == ()
