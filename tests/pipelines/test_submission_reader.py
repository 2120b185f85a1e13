"""The process that reads submissions: what it is asked and what it answers."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.grading.dossiers import Dossier
from reportgen.grading.intake.archives import Entry, Leftover
from reportgen.grading.intake.submissions import Submission
from reportgen.grading.reading import read_submission
from reportgen.pipelines.submission_reader import packed, packed_entry, unpacked
from reportgen.sandbox.process import Limits, ReadingProcess
from tests.coded import ASSIGNMENT, ROLL, SUBMISSION

NAMES = st.text(st.characters(exclude_characters="/\0"), min_size=1)
ENTRIES = st.builds(Entry, NAMES, NAMES.map(Path), st.lists(NAMES, max_size=3).map(tuple), st.integers(0))
LEFTOVERS = st.builds(Leftover, NAMES, st.text(), st.booleans())


@pytest.fixture(scope="module")
def reader() -> Iterator[ReadingProcess]:
    """A reading process for the bundled assignment."""
    setup = {"assignment": ASSIGNMENT.model_dump(mode="json")}
    with closing(
        ReadingProcess("reportgen.pipelines.submission_reader", lambda: setup, Limits(seconds=60, mebibytes=1536))
    ) as process:
        yield process


@pytest.fixture
def submission(tmp_path: Path) -> Submission:
    path = tmp_path / f"{ROLL}.py"
    path.write_text(SUBMISSION, encoding="utf-8")
    return Submission(ROLL, ROLL, (Entry(path.name, path, (), len(SUBMISSION)),), (Leftover("x.doc", "not read"),))


@given(
    st.builds(
        Submission,
        NAMES,
        st.none() | NAMES,
        st.lists(ENTRIES, max_size=3).map(tuple),
        st.lists(LEFTOVERS, max_size=3).map(tuple),
    )
)
def test_a_submission_survives_the_way_to_the_process(submission: Submission) -> None:
    assert unpacked(json.loads(json.dumps(packed(submission)))) == submission


def test_a_name_that_is_no_text_survives_the_way(reader: ReadingProcess, tmp_path: Path) -> None:
    path = tmp_path / "caf\udce9.py"
    path.write_text("# M23CSE023\n", encoding="utf-8")
    assert reader.ask({"text": packed_entry(Entry(path.name, path))}) == {"text": "# M23CSE023\n"}


@pytest.mark.slow
def test_the_dossier_is_that_of_this_process(reader: ReadingProcess, submission: Submission) -> None:
    answer = reader.ask(packed(submission))
    assert Dossier.model_validate(answer["dossier"]) == read_submission(submission, ASSIGNMENT).dossier
    assert answer["crops"] == {}
