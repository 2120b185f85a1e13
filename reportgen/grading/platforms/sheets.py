"""CSV tables as spreadsheets and learning platforms read and write them."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportgen.errors import UnreadableError

_BOM = b"\xef\xbb\xbf"
_ENCODINGS = ("utf-8", "utf-16", "cp1252")
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a cell for a formula, or for another cell."""


@dataclass(frozen=True)
class Sheet:
    """A table with a head, and how it was written."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    encoding: str = "utf-8"
    bom: bool = False
    delimiter: str = ","
    newline: str = "\n"


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: one that could be gets an apostrophe before it."""
    return f"'{cell}" if cell.startswith(_STARTS) else cell


def plain(cell: str) -> str:
    """A cell as it was before `neutral`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_STARTS) else cell


def read_sheet(content: bytes, name: str) -> Sheet:
    """Read a CSV table.

    Args:
        content: the file's bytes; UTF-8, UTF-16 or Windows-1252.
        name: the file's name, for messages.

    Raises:
        UnreadableError: it is no CSV table, or has rows and no head.
    """
    text, encoding = _decode(content, name)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)]
    except csv.Error as error:
        raise UnreadableError(f"{name} is no CSV table: {error}. Download it anew from the platform.") from None
    if not rows or not any(rows[0]):
        raise UnreadableError(f"{name} has no head. Download it anew from the platform.")
    newline = "\r\n" if first.endswith("\r") else "\n"
    return Sheet(rows[0], tuple(rows[1:]), encoding, content.startswith(_BOM), delimiter, newline)


def write_sheet(sheet: Sheet) -> bytes:
    """Write a CSV table as it was read."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sheet.delimiter, lineterminator=sheet.newline)
    writer.writerow(sheet.head)
    writer.writerows(sheet.rows)
    return (_BOM if sheet.bom else b"") + text.getvalue().encode(sheet.encoding)


def put(row: Sequence[str], column: int, cell: str) -> tuple[str, ...]:
    """A row with another cell in a column; a row that is too short is filled up."""
    longer = [*row, *[""] * (column + 1 - len(row))]
    longer[column] = cell
    return tuple(longer)


def _decode(content: bytes, name: str) -> tuple[str, str]:
    if content.startswith(_BOM):
        content = content[len(_BOM) :]
    for encoding in _ENCODINGS:
        if encoding == "utf-16" and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise UnreadableError(f"{name} is no text in UTF-8, UTF-16 or Windows-1252. Save it as UTF-8.")
