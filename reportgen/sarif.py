"""What was found in files, for editors and continuous integration: SARIF 2.1.0."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import reportgen


class Result(NamedTuple):
    """One finding."""

    rule: str
    level: Literal["error", "warning", "note", "none"]
    kind: Literal["fail", "review", "pass"]
    text: str
    file: str
    line: int | None
    """Line of the file, counted from 1; None where it has no lines, as a page or a cell of a notebook."""
    where: str = ""
    """The place in words."""


def sarif(command: str, rules: Sequence[str], results: Sequence[Result]) -> dict[str, Any]:
    """Write findings as SARIF 2.1.0.

    Args:
        command: what found them, as ``reportgen verify``.
        rules: names of all rules that there are findings of.
        results: the findings.
    """
    driver = {"name": command, "version": reportgen.__version__, "rules": [{"id": rule} for rule in rules]}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [_result(one) for one in results]}],
    }


def _result(one: Result) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": Path(one.file).as_posix()}}
    if one.line is not None:
        physical["region"] = {"startLine": one.line}
    location = {"physicalLocation": physical, **({"message": {"text": one.where}} if one.where else {})}
    return {
        "ruleId": one.rule,
        "level": one.level,
        "kind": one.kind,
        "message": {"text": one.text},
        "locations": [location],
    }
