"""The handout's rule of what is handed in: one file of each kind, named like the roll number, and nothing else."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from reportgen.assignment.spec import Assignment
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.intake.names import submitted_name
from reportgen.grading.intake.submissions import Submission

_KINDS = {".ipynb": "a notebook", ".zip": "a zip archive", ".docx": "a Word document", ".doc": "a Word document"}
_PARSED = 4 * 2**20
"""Bytes of a file that is parsed to tell whether it is a notebook."""
_ONLINE_TEXT = "onlinetext.html"
"""Moodle's own copy of what was typed into its text field."""


def check_files(submission: Submission, assignment: Assignment, contents: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Hold a submission's files against the assignment's rule; nothing where it has none.

    Args:
        submission: one student's files.
        assignment: says what is handed in.
        contents: the bytes of the files that could be read, by the entry's name.
    """
    rule = assignment.submission
    if rule is None:
        return ()
    findings: list[Finding] = []
    names = [entry.name for entry in submission.files] + [extra.name for extra in submission.extra]
    for ending in rule.files:
        own = [name for name in names if _ending(name) == ending]
        findings += _count(own, ending)
        for name in own:
            findings += _check_name(name, submission.roll, assignment)
            findings += _check_content(name, contents.get(name))
    for name in names:
        ending, base = _ending(name), _base(name)
        if ending not in rule.files and base != _ONLINE_TEXT:
            what = _KINDS.get(ending, f"a file {ending}" if ending else "a file of another kind")
            findings.append(_fault(base, f"{what} was handed in", f"{_listed(rule.files)} and nothing else", base))
    if not any(finding.kind in {FindingKind.FAULT, FindingKind.UNDECIDED} for finding in findings):
        reason = f"{_listed(rule.files)}, each once, named like the roll number"
        findings.append(Finding(check="files", kind=FindingKind.MET, reason=reason))
    return tuple(findings)


def _count(own: Sequence[str], ending: str) -> Iterator[Finding]:
    if not own:
        yield _fault("", f"no file {ending} was handed in", f"one file {ending}", None)
    elif len(own) > 1:
        names = ", ".join(_base(name) for name in own)
        yield _fault("", f"{len(own)} files {ending} were handed in", f"one file {ending}", names)


def _check_name(name: str, roll: str | None, assignment: Assignment) -> Iterator[Finding]:
    path = PurePosixPath(submitted_name(name, assignment))
    if roll is None:
        reason = "no roll number was found, so the name can't be held against it"
        yield Finding(check="files", kind=FindingKind.UNDECIDED, file=_base(name), reason=reason, found=path.name)
    elif path.stem == roll:
        return
    elif path.stem.lower() == roll.lower():
        yield _note(name, "the case of the letters in its name is another", f"{roll}{path.suffix}", path.name)
    elif roll.lower() in path.stem.lower():
        reason = "its name holds more than the roll number; an export may have added that"
        yield _note(name, reason, f"{roll}{path.suffix}", path.name)
    else:
        yield _fault(_base(name), "it is not named like the roll number", f"{roll}{path.suffix}", path.name)


def _check_content(name: str, content: bytes | None) -> Iterator[Finding]:
    """Tell a file that is of another kind than its name says."""
    if content is None:
        return
    ending = _ending(name)
    if ending == ".py" and is_notebook(content):
        yield _fault(_base(name), "it is a notebook renamed to .py", "plain Python", "a notebook's JSON")
    elif content.startswith(b"PK\3\4"):
        found = "a zip archive, or a document of an office program"
        yield _fault(_base(name), f"it is not what its name says: {found}", f"a file {ending}", found)


def is_notebook(content: bytes) -> bool:
    """Tell whether bytes are those of a Jupyter notebook, whatever the file is called."""
    head = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"{") or b'"cells"' not in content:
        return False
    if len(content) > _PARSED:  # parsing takes many times the memory
        return b'"cell_type"' in content and b'"nbformat"' in content
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(parsed, dict) and isinstance(parsed.get("cells"), list)


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _base(name: str) -> str:
    return PurePosixPath(name).name


def _listed(endings: Sequence[str]) -> str:
    return " and ".join(f"one {ending}" for ending in endings)


def _fault(file: str, reason: str, expected: str, found: str | None) -> Finding:
    return Finding(check="files", kind=FindingKind.FAULT, file=file, reason=reason, expected=expected, found=found)


def _note(name: str, reason: str, expected: str, found: str) -> Finding:
    return Finding(
        check="files", kind=FindingKind.NOTE, file=_base(name), reason=reason, expected=expected, found=found
    )
