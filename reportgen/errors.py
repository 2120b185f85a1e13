"""Every exception that reportgen raises on purpose, with its exit code.

::

    ReportgenError            70  never raised itself
    ├── UsageError             2  an option or a roll number that can't be right
    ├── UnreadableError        3  an input that can't be read or isn't valid
    │   ├── SpecError             an assignment spec; lists every mistake at once
    │   └── ResultsError          a results.json
    ├── DataError              4  no data set, or a damaged one
    ├── OutputError            5  the output can't be written; nothing is half-written
    ├── CountMismatchError     6  the counts of a network disagree between sources
    ├── TemplateError          7  a template is broken; gives its file and line
    ├── PdfError               8  the PDF can't be made; the HTML was written
    ├── TrainingError          9  training diverged: a loss that is not a number
    ├── BusyError             10  another build works in the output folder
    └── MissingExtraError     11  what was asked for needs libraries that are not installed; names the extra

Exit code 0 is success, 1 a check that found something, 130 an interruption (Ctrl-C), and 70 an internal
failure, which is a bug of reportgen and never a fault of the input.
"""

from collections.abc import Sequence


class ReportgenError(Exception):
    """A failure with one clear message for the user and a documented exit code."""

    exit_code = 70


class UsageError(ReportgenError):
    """An option or a roll number that can't be right."""

    exit_code = 2


class UnreadableError(ReportgenError):
    """An input that can't be read or isn't valid."""

    exit_code = 3


class SpecError(UnreadableError):
    """An assignment spec with mistakes: ``mistakes`` holds all of them, each ``path: what``."""

    def __init__(self, source: str, mistakes: Sequence[str]) -> None:
        self.source = source
        self.mistakes = tuple(mistakes)
        count = len(self.mistakes)
        head = f"{source}: {count} mistake{'s' if count != 1 else ''} in the assignment spec"
        super().__init__("\n".join([head, *(f"  {mistake}" for mistake in self.mistakes)]))


class ResultsError(UnreadableError):
    """A results.json that can't be read or isn't valid."""


class DataError(ReportgenError):
    """No data set is to be had, or the one found is damaged."""

    exit_code = 4


class OutputError(ReportgenError):
    """The output can't be written; what stood there before still stands."""

    exit_code = 5


class CountMismatchError(ReportgenError):
    """The counts of a network disagree between sources."""

    exit_code = 6


class TemplateError(ReportgenError):
    """A template is broken."""

    exit_code = 7


class PdfError(ReportgenError):
    """The PDF can't be made."""

    exit_code = 8


class TrainingError(ReportgenError):
    """Training diverged."""

    exit_code = 9


class BusyError(ReportgenError):
    """Another process works in the output folder."""

    exit_code = 10


class MissingExtraError(ReportgenError):
    """What was asked for needs libraries of an extra that is not installed."""

    exit_code = 11
