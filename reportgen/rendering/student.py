"""What stands on a report's cover: who and when, checked."""

import re
from datetime import UTC, datetime

from reportgen.errors import UsageError
from reportgen.results.schema import Student

_LONGEST = 200
"""Characters that a name, a date or a link may have."""


def present(source_date_epoch: str | None) -> datetime:
    """The present, or the moment of ``SOURCE_DATE_EPOCH`` (seconds since 1970, UTC).

    Raises:
        UsageError: it is no number of seconds.
    """
    if source_date_epoch is None:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(source_date_epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH takes seconds since 1970, got {source_date_epoch!r}") from None


def make_student(roll: str, name: str, date: str, colab: str, moment: datetime) -> Student:
    """Check what goes on the cover; without a date it is that of ``moment``, such as 25 January 2024.

    Raises:
        UsageError: a text has control characters or is too long, or the link is none of the web.
    """
    for option, text in (("--name", name), ("--date", date), ("--colab", colab)):
        if not text.isprintable() or len(text) > _LONGEST:
            raise UsageError(f"{option} takes printable text of at most {_LONGEST} characters, got {text[:40]!r}")
    if colab and not re.fullmatch(r"https?://[^\s<>\"]+\.[^\s<>\"]+", colab):
        raise UsageError(f"--colab takes a link that starts with https:// (or http://), got {colab!r}")
    return Student(roll=roll, name=" ".join(name.split()), date=date or f"{moment.day} {moment:%B %Y}", colab=colab)
