import io
import json
import subprocess
import zipfile
from typing import Any

import pytest

from reportgen.documents.blocks import Place
from reportgen.errors import UsageError
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.marks.marks import CriterionMark, Decision, Marks, Outcome, Override
from reportgen.grading.platforms.gradescope import autograder_zip, gradescope_results

WHEEL = "reportgen-0.1.0-py3-none-any.whl"
FINDING = Finding(
    check="total-parameters",
    kind=FindingKind.FAULT,
    file="r.pdf",
    place=Place(page=5, line=2),
    reason="the total is wrong",
    expected="11,070",
    found="11,080",
)


def criterion(key: str, least: float, most: float, override: Override | None = None) -> CriterionMark:
    undecided = Outcome.UNDECIDED if least != most else Outcome.NOT_MET
    return CriterionMark(
        id=key,
        part="report",
        text=f"Text of {key}.",
        points=10,
        least=least,
        most=most,
        outcome=undecided,
        decisions=(Decision(check="total-parameters", outcome=undecided, findings=(FINDING,)),),
        override=override,
    )


def results(*criteria: CriterionMark, problems: tuple[str, ...] = ()) -> dict[str, Any]:
    marks = Marks(id="a", roll=None, readable=bool(criteria), criteria=criteria, problems=problems)
    loaded: dict[str, Any] = json.loads(gradescope_results(marks))
    return loaded


def test_a_decided_submission_shows_a_test_a_criterion() -> None:
    found = results(criterion("a", 7.5, 7.5), criterion("b", 0, 0))
    assert found["visibility"] == "visible"
    assert found["output"] == "7.5 of 20 points."
    assert [(test["score"], test["max_score"], test["visibility"]) for test in found["tests"]] == [
        (7.5, 10, "visible"),
        (0, 10, "visible"),
    ]
    assert found["tests"][0]["name"] == "a: Text of a."
    assert found["tests"][0]["output"].splitlines() == [
        "total-parameters: not met",
        "  the total is wrong (r.pdf, page 5, line 2); found: 11,080; right: 11,070",
    ]


def test_what_is_undecided_scores_its_least_and_is_hidden_until_published() -> None:
    found = results(criterion("a", 3, 5), criterion("b", 10, 10))
    assert found["visibility"] == "after_published"
    assert "13–15 of 20" in found["output"]
    assert "A person decides: a." in found["output"]
    assert {test["visibility"] for test in found["tests"]} == {"after_published"}
    assert [test["score"] for test in found["tests"]] == [3, 10]
    assert found["tests"][0]["output"].startswith("3–5 of 10: a person decides.")


def test_a_persons_decision_is_told_with_its_comment() -> None:
    found = results(criterion("a", 4, 4, Override(points=4, comment="See the mail.")))
    assert found["tests"][0]["output"] == "A person decided: 4. See the mail."


def test_what_could_not_be_read_has_no_score() -> None:
    found = results(problems=("r.pdf: encrypted",))
    assert "score" not in found
    assert found["tests"] == []
    assert found["output"] == "The submission could not be read: r.pdf: encrypted."
    assert "no file" in results()["output"]


def test_keys_are_those_of_gradescopes_schema() -> None:
    found = results(criterion("a", 3, 5))
    assert set(found) <= {"score", "execution_time", "output", "visibility", "stdout_visibility", "tests", "extra_data"}
    known = {"score", "max_score", "status", "name", "number", "output", "output_format", "tags", "visibility"}
    assert all(set(test) <= known for test in found["tests"])


def test_the_autograder_installs_the_wheel_and_runs_grade() -> None:
    content = autograder_zip(b"wheel", WHEEL, b'id = "a"')
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {info.filename: (archive.read(info), info.external_attr >> 16) for info in archive.infolist()}
    assert set(files) == {"setup.sh", "run_autograder", "assignment.toml", WHEEL}
    assert files[WHEEL][0] == b"wheel"
    assert files["assignment.toml"][0] == b'id = "a"'
    for name in ("setup.sh", "run_autograder"):
        script, mode = files[name]
        assert mode & 0o111 == 0o111
        assert script.startswith(b"#!/usr/bin/env bash\n")
        subprocess.run(["bash", "-n"], input=script, check=True)
    assert WHEEL.encode() in files["setup.sh"][0]
    assert b"[build]" not in files["setup.sh"][0]  # marking needs neither torch nor Pango
    assert b"torch" not in files["setup.sh"][0]
    assert b"pango" not in files["setup.sh"][0]
    assert b"reportgen grade /autograder/submission" in files["run_autograder"][0]


def test_equal_inputs_make_equal_archives() -> None:
    assert autograder_zip(b"wheel", WHEEL, b"x") == autograder_zip(b"wheel", WHEEL, b"x")


@pytest.mark.parametrize(
    "name", ["other-1.0-py3-none-any.whl", "reportgen.zip", f'a"; rm -r /; "{WHEEL}', f"../{WHEEL}"]
)
def test_other_wheels_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no wheel of reportgen"):
        autograder_zip(b"", name, b"")
