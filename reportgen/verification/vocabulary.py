"""The words of the field, read once from `vocabulary.toml`: terms, splits, modalities, and what claims nothing."""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
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


_BEFORE, _BEHIND = r"(?<![^\W\d_])", r"(?![^\W\d_])"
"""A digit may touch a word (``10epochs``), a letter may not."""
_CHOICE = ("(", "[")


@dataclass(frozen=True)
class _Section:
    """A section made ready for one walk over a text: which words can begin with which character."""

    starts: re.Pattern[str]
    """Where a word can begin."""
    firsts: frozenset[str]
    """The characters with which a word begins for certain."""
    words: tuple[tuple[int, str], ...]
    """The number of an entry and a word of it, in their order."""
    signs: re.Pattern[str]
    ids: tuple[str, ...]
    """The entry's id of each of the groups ``g0``, ``g1``, …"""


@cache
def _section(name: str) -> _Section:
    own = entries()[name]
    words = [(index, word) for index, entry in enumerate(own) for word in entry.get("words", ())]
    signs = [(index, sign) for index, entry in enumerate(own) for sign in entry.get("signs", ())]
    # what begins with a choice (``(?:el|la)…``) may stand anywhere
    firsts = sorted({word[0].lower() for _, word in words if word[0] not in _CHOICE})
    anywhere = any(word[0] in _CHOICE for _, word in words)
    marks = "".join(re.escape(first) for first in firsts if not first.isalpha())
    letter = rf"{_BEFORE}[^\W\d_]" + (f"|[{marks}]" if marks else "")
    return _Section(
        re.compile(rf"{_BEFORE}\S" if anywhere else letter),
        frozenset(firsts),
        tuple(words),
        _joined(signs, "", ""),
        tuple(str(entry["id"]) for entry in own),
    )


@cache  # only for characters that begin a word of the text: compiling all took a third of a short report's time
def _beginning(section: str, first: str) -> re.Pattern[str]:
    """The words that can begin with a character; with "" those that can begin with any."""
    return _joined([one for one in _section(section).words if one[1][0].lower() in (first, *_CHOICE)])


def _joined(pieces: Sequence[tuple[int, str]], before: str = _BEFORE, behind: str = _BEHIND) -> re.Pattern[str]:
    """One pattern of all pieces in their order, with a group for each entry."""
    groups = [
        f"(?P<g{index}>{'|'.join(piece for _, piece in own)})" for index, own in groupby(pieces, key=lambda one: one[0])
    ]
    return re.compile(f"{before}(?:{'|'.join(groups)}){behind}" if groups else "(?!)", re.I)


def entry_pattern(entry: dict[str, Any]) -> re.Pattern[str]:
    """The pattern of one entry."""
    if "pattern" in entry:
        return re.compile(entry["pattern"], re.I)
    words = rf"{_BEFORE}(?:{'|'.join(entry['words'])}){_BEHIND}"
    return re.compile("|".join((words, *entry.get("signs", ()))), re.I)


@lru_cache(maxsize=4096)
def find(section: str, text: str) -> tuple[Found, ...]:
    """Find the words of a section in a text, in the order in which they stand; the first of the file where two begin.

    Patterns are tried only where a word begins, and only those that can begin with its first character.
    """
    own = _section(section)
    found: list[Found] = []
    at = 0
    while start := own.starts.search(text, at):
        first = start[0].lower()
        match = _beginning(section, first if first in own.firsts else "").match(text, start.start())
        if match:
            found.append(Found(match.start(), match.end(), own.ids[int(str(match.lastgroup)[1:])]))
        at = match.end() if match else start.end()
    if text.isascii():
        return tuple(found)
    found += [Found(m.start(), m.end(), own.ids[int(str(m.lastgroup)[1:])]) for m in own.signs.finditer(text)]
    found.sort(key=lambda one: one.start)
    return tuple(one for at, one in enumerate(found) if not at or one.start >= found[at - 1].end)


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


def is_one_of_several(text: str, start: int, end: int) -> bool:
    """Tell whether the word at ``start`` numbers one of several things by the number that ends at ``end``."""
    match = _one_of_several().match(text, start)
    return match is not None and match.end() >= end


@cache
def _one_of_several() -> re.Pattern[str]:
    return entry_pattern(next(entry for entry in entries()["silent"] if entry["id"] == "one of several"))


def nearest(found: Sequence[Found], starts: Sequence[int], at: int, floor: int) -> Found | None:
    """Return the last of the words that starts before ``at`` and not before ``floor``; ``starts`` are theirs."""
    index = bisect_left(starts, at) - 1
    return found[index] if index >= 0 and found[index].start >= floor else None


@cache
def layers() -> dict[str, str]:
    """Pattern of the words for each type of layer."""
    return {str(entry["id"]): "|".join(entry["words"]) for entry in entries()["layer"]}
