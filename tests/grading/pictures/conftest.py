import pytest

from reportgen.assignment.spec import Assignment
from reportgen.verification.facts.subject import Subject, make_subject
from tests.grading.pictures.illustrated import ROLL


@pytest.fixture(scope="session")
def subject(assignment: Assignment) -> Subject:
    """What a report for the bundled assignment is about."""
    return make_subject(assignment, ROLL)
