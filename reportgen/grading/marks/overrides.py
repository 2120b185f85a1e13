"""A person's decisions on single criteria, read from CSV or TOML; they survive every new run."""

import csv
import io
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reportgen.assignment.plan import fits
from reportgen.assignment.spec import Assignment
from reportgen.errors import UnreadableError
from reportgen.grading.marks.marks import Override
from reportgen.grading.platforms.sheets import neutral, plain

_TABLE = re.compile(r"\s*\[\[\s*override\s*\]\]")
_POINTS = re.compile(r"[+-]?\d{1,6}(?:\.\d{1,6}|,\d{1,2})?", re.ASCII)
_MOST_POINTS = 1e6
COLUMNS = ("roll", "criterion", "points", "comment")
OPEN = "open"
"""Instead of points: what was decided before is taken back."""


@dataclass(frozen=True)
class _Row:
    where: str
    """``line 3``; ``override[2]`` where the line can't be told."""
    values: Mapping[str, object]
    strict: bool = False
    """Unknown keys are mistakes; columns that a teacher adds to a table are not."""


def read_overrides(
    content: bytes, name: str, assignment: Assignment, rolls: Collection[str]
) -> dict[tuple[str, str], Override | None]:
    """Read decisions, by roll number (or a submission's id) and criterion; None for what is to be open again.

    Args:
        content: the file's bytes: CSV with a head, or TOML with tables ``[[override]]``.
        name: the file's name, for messages; one that ends in ``.toml`` is read as TOML.
        assignment: has the rubric.
        rolls: the roll numbers and ids of the submissions.

    Raises:
        UnreadableError: it can't be read, or has mistakes; all of them are listed, each with its line.
    """
    mistakes: list[str] = []
    found: dict[tuple[str, str], Override | None] = {}
    first: dict[tuple[str, str], str] = {}
    points = {criterion.id: criterion.points for criterion in assignment.rubric}
    by_name = {shown.lower(): roll for roll in rolls for shown in (roll, neutral(roll))}
    try:
        rows = list((_toml_rows if name.lower().endswith(".toml") else _csv_rows)(content))
    except UnicodeDecodeError:
        raise UnreadableError(f"{name} can't be read: it is not UTF-8 text. Save it as UTF-8.") from None
    except (ValueError, csv.Error) as error:
        raise UnreadableError(f"{name} can't be read: {error}. Write a new one with the template.") from None
    for row in rows:
        roll, criterion = str(row.values.get("roll", "")).strip(), str(row.values.get("criterion", "")).strip()
        wrong = list(_mistakes(row, roll, criterion, points, by_name, assignment))
        key = (by_name.get(roll.lower(), roll), criterion)
        if not wrong and key in first:
            wrong = [f"{roll} and {criterion} stand already in {first[key]}; keep one of them"]
        mistakes += [f"{row.where}: {what}" for what in wrong]
        first.setdefault(key, row.where)
        if not wrong:
            number = _number(row.values.get("points"))
            comment = plain(str(row.values.get("comment") or "").strip())
            found[key] = None if number is None else Override(points=number, comment=comment)
    if mistakes:
        count = f"{len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''}"
        raise UnreadableError("\n".join([f"{name}: {count} in the decisions", *(f"  {one}" for one in mistakes)]))
    return found


def overrides_template(
    assignment: Assignment, rolls: Sequence[str], decided: Mapping[tuple[str, str], Override]
) -> bytes:
    """A CSV file to fill in: a row for each student and criterion, with what is decided; the others decide nothing."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for roll in rolls:
        for criterion in assignment.rubric:
            override = decided.get((roll, criterion.id))
            filled = (f"{override.points:g}", neutral(override.comment)) if override else ("", "")
            writer.writerow((neutral(roll), criterion.id, *filled))
    return text.getvalue().encode()


class _FormError(ValueError):
    """The file's form is wrong, so that no row of it can be read."""


def _csv_rows(content: bytes) -> Iterator[_Row]:
    text = content.decode("utf-8-sig")
    first = text.partition("\n")[0]
    delimiter = ";" if ";" in first and "," not in first else ","  # as Excel writes it in much of Europe
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    head = [name.strip().lower() for name in reader.fieldnames or ()]
    if not {*COLUMNS[:3]} <= {*head}:
        raise _FormError(f"its first line needs the columns {', '.join(COLUMNS)}, got {', '.join(head) or 'nothing'}")
    reader.fieldnames = head
    for values in reader:
        extra = values.pop(None, None)
        if extra and any(extra):
            yield _Row(f"line {reader.line_num}", {**values, "extra": extra})
        elif any(value and value.strip() for key, value in values.items() if key in {"points", "comment"}):
            yield _Row(f"line {reader.line_num}", values)


def _toml_rows(content: bytes) -> Iterator[_Row]:
    text = content.decode("utf-8-sig")
    tables = tomllib.loads(text)
    entries = tables.pop("override", [])
    if tables or not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _FormError("it needs tables [[override]] and nothing else")
    heads = [number for number, line in enumerate(text.splitlines(), 1) if _TABLE.match(line)]
    for index, entry in enumerate(entries):
        where = f"line {heads[index]}" if len(heads) == len(entries) else f"override[{index}]"
        yield _Row(where, entry, strict=True)


def _mistakes(
    row: _Row,
    roll: str,
    criterion: str,
    points: Mapping[str, float],
    rolls: Mapping[str, str],
    assignment: Assignment,
) -> Iterator[str]:
    if "extra" in row.values:
        yield f"more cells than columns: {row.values['extra']!r}. Put a comment with commas in quotation marks"
    unknown = sorted({*row.values} - {*COLUMNS, "extra"})
    if unknown and row.strict:
        yield f"unknown key {', '.join(unknown)}; known: {', '.join(COLUMNS)}"
    if roll.lower() not in rolls:
        form = "" if fits(assignment.roll, roll) else f", and it does not look like {assignment.roll.example}"
        yield f"no submission of {roll!r}{form}"
    if criterion not in points:
        yield f"no criterion {criterion!r} in the rubric; there are: {', '.join(points)}"
    number = _number(row.values.get("points"))
    if str(row.values.get("points")).strip().lower() == OPEN:
        return
    if number is None:
        got = row.values.get("points")
        yield f"points need a number such as 7, 7.5 or 7,5, or {OPEN} to take a decision back; got {got!r}"
    elif number < 0:
        yield f"points need 0 or more, got {number:g}"
    elif criterion in points and number > points[criterion]:
        yield f"{criterion} gives {points[criterion]:g} points at most, got {number:g}"


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        # "1,000" is a thousand to one reader and 1 to another, "1_0" is 10 to Python alone: neither is guessed
        return float(value.strip().replace(",", ".")) if _POINTS.fullmatch(value.strip()) else None
    return float(value) if abs(value) < _MOST_POINTS else None
