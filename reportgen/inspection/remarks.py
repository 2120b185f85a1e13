"""One thing that a reader remarks in a program, and how sure it is."""

from dataclasses import dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """What a finding says of its check."""

    FAULT = "fault"
    UNDECIDED = "undecided"
    MET = "met"
    NOTE = "note"


@dataclass(frozen=True)
class Remark:
    """What a check says of a line of a program; its network tells which training it is about."""

    check: str
    """Name of the check, one of `reportgen.inspection.checks.RULES` or of a rubric's."""
    reason: str
    """What stands there and why it matters, in a sentence."""
    line: int
    model: object = None
    """The network that it is about; None where it is about the whole program."""
    kind: FindingKind = FindingKind.FAULT
    usual: str = ""
    """What would be usual instead."""
