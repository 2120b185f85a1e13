"""The words of the field, read once from `vocabulary.toml`: terms, splits, modalities, and what claims nothing."""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Found:
    """A word of the vocabulary where it stands in a text."""

    start: int
    end: int
    id: str


@cache
def entries() -> dict[str, list[dict[str, Any]]]:
    """All entries by section, as they stand in the file."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def pattern(section: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """One pattern for a whole section, and the entry's id of each of its groups ``g0``, ``g1``, …"""
    pieces, ids = [], []
    for index, entry in enumerate(entries()[section]):
        pieces.append(rf"(?P<g{index}>{_body(entry)})")
        ids.append(str(entry["id"]))
    return re.compile("|".join(pieces), re.I), tuple(ids)


def _body(entry: dict[str, Any]) -> str:
    if "pattern" in entry:
        return str(entry["pattern"])
    # a digit may touch a word (``10epochs``), a letter may not
    words = rf"(?<![^\W\d_])(?:{'|'.join(entry['words'])})(?![^\W\d_])"
    return "|".join((words, *entry.get("signs", ())))


def entry_pattern(entry: dict[str, Any]) -> re.Pattern[str]:
    """The pattern of one entry."""
    return re.compile(_body(entry), re.I)


def find(section: str, text: str) -> list[Found]:
    """Find the words of a section in a text, in the order in which they stand."""
    return list(_find(section, text))


@lru_cache(maxsize=8192)
def _find(section: str, text: str) -> tuple[Found, ...]:
    compiled, ids = pattern(section)
    return tuple(
        Found(match.start(), match.end(), ids[int(str(match.lastgroup)[1:])])
        for match in compiled.finditer(text)
        if match.lastgroup
    )


@cache
def _silent() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?<![^\W_])(?:{entry['pattern']})", re.I) for entry in entries()["silent"])


def find_silent(text: str) -> list[Found]:
    """Find the spans of a text whose numbers claim nothing: dates, versions, addresses, numbers of figures."""
    found = [
        Found(match.start(), match.end(), str(entry["id"]))
        for entry, compiled in zip(entries()["silent"], _silent(), strict=True)
        for match in compiled.finditer(text)
    ]
    return sorted(found, key=lambda one: (one.start, -one.end))


def nearest(found: Sequence[Found], starts: Sequence[int], at: int, floor: int) -> Found | None:
    """Return the last of the words that starts before ``at`` and not before ``floor``; ``starts`` are theirs."""
    index = bisect_left(starts, at) - 1
    return found[index] if index >= 0 and found[index].start >= floor else None


@cache
def layers() -> dict[str, str]:
    """Pattern of the words for each type of layer."""
    return {str(entry["id"]): "|".join(entry["words"]) for entry in entries()["layer"]}
