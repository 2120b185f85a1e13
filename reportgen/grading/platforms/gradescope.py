"""Gradescope: the results of one submission, and the archive that has Gradescope run reportgen on each.

Schema: https://gradescope-autograders.readthedocs.io/en/latest/specs/. Gradescope adds up the scores of the tests, a
test a criterion. A criterion that a person has to decide scores what it gives whatever is decided, and its output says
how much more it can give; the whole is then hidden from the student until the marks are published. A submission that
could not be read has no score at all, so that Gradescope asks for a person: it is never a zero.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator

from reportgen.errors import UsageError
from reportgen.grading.dossiers import Finding
from reportgen.grading.marks.marks import CriterionMark, Decision, Marks, Outcome
from reportgen.grading.platforms.gradebook import show_points, show_range

_VISIBLE = "visible"
_LATER = "after_published"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SETUP = """\
#!/usr/bin/env bash
# Installs reportgen where Gradescope builds the image; needs the internet, once.
set -euo pipefail
apt-get update
apt-get install -y --no-install-recommends python3-venv
python3 -m venv /opt/uv
/opt/uv/bin/pip install uv
/opt/uv/bin/uv venv --python 3.12 /opt/reportgen
/opt/uv/bin/uv pip install --python /opt/reportgen/bin/python "/autograder/source/{wheel}"
"""
_RUN = """\
#!/usr/bin/env bash
# Marks one submission. Runs no line of its code.
set -euo pipefail
/opt/reportgen/bin/reportgen grade /autograder/submission \\
    --assignment /autograder/source/assignment.toml --gradescope /autograder/results/results.json
"""


def gradescope_results(marks: Marks) -> bytes:
    """The ``results.json`` of one submission."""
    if not marks.criteria:
        why = "; ".join(marks.problems) or "no file in it could be read"
        return _dump({"output": f"The submission could not be read: {why}.", "visibility": _LATER, "tests": []})
    open_criteria = [one for one in marks.criteria if one.outcome is Outcome.UNDECIDED]
    points = sum(one.points for one in marks.criteria)
    output = f"{show_range(marks.least, marks.most)} of {show_points(points)} points."
    if open_criteria:
        texts = ", ".join(one.id for one in open_criteria)
        output += f" This is not final. A person decides: {texts}."
    return _dump(
        {
            "output": output,
            "visibility": _LATER if open_criteria else _VISIBLE,
            "tests": [_test(one, _LATER if open_criteria else _VISIBLE) for one in marks.criteria],
        }
    )


def autograder_zip(wheel: bytes, wheel_name: str, assignment: bytes) -> bytes:
    """The archive to upload as Gradescope's autograder: it installs reportgen and marks each submission.

    Args:
        wheel: reportgen's wheel.
        wheel_name: its file name, which says its version.
        assignment: the assignment's TOML file.

    Raises:
        UsageError: the name is not that of a wheel of reportgen.
    """
    if not re.fullmatch(r"reportgen-[\w.+!]+-[\w.]+-[\w.]+-[\w.]+\.whl", wheel_name, re.ASCII):
        raise UsageError(f"{wheel_name!r} is no wheel of reportgen: expected reportgen-VERSION-py3-none-any.whl")
    files = {
        "setup.sh": (_SETUP.format(wheel=wheel_name).encode(), 0o755),
        "run_autograder": (_RUN.encode(), 0o755),
        "assignment.toml": (assignment, 0o644),
        wheel_name: (wheel, 0o644),
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, (content, mode) in files.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type, info.create_system, info.external_attr = (
                zipfile.ZIP_DEFLATED,
                3,
                (0o100000 | mode) << 16,
            )
            packed.writestr(info, content)
    return archive.getvalue()


def _dump(results: dict[str, object]) -> bytes:
    return (json.dumps(results, ensure_ascii=False, indent=1) + "\n").encode()


def _test(criterion: CriterionMark, visibility: str) -> dict[str, object]:
    return {
        "name": f"{criterion.id}: {criterion.text}",
        "score": criterion.least,
        "max_score": criterion.points,
        "output": "\n".join(_lines(criterion)),
        "output_format": "text",
        "visibility": visibility,
    }


def _lines(criterion: CriterionMark) -> Iterator[str]:
    if criterion.override is not None:
        yield f"A person decided: {show_points(criterion.override.points)}. {criterion.override.comment}".strip()
        return
    if criterion.least != criterion.most:
        yield f"{show_range(criterion.least, criterion.most)} of {show_points(criterion.points)}: a person decides."
    for decision in criterion.decisions:
        yield from _explain(decision)


def _explain(decision: Decision) -> Iterator[str]:
    yield f"{decision.check}: {decision.outcome}"
    for finding in decision.findings:
        yield f"  {_say(finding)}"


def _say(finding: Finding) -> str:
    where = ", ".join(part for part in (finding.file, str(finding.place)) if part)
    parts = [finding.reason + (f" ({where})" if where else "")]
    if finding.found is not None:
        parts.append(f"found: {finding.found}")
    if finding.expected is not None:
        parts.append(f"right: {finding.expected}")
    return "; ".join(parts)
